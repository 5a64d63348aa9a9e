/* Plates in the file: tokens, sealed texts, epochs that are erased; and what each class keeps. */
#include "tests/unit/yard_world.h"

#include "daemon/store/audit.h"
#include "daemon/store/inside.h"
#include "daemon/store/store_stays.h"

#define DAY_MS INT64_C(86400000)
enum { EVENTS = 150, BYTES = 4 * 1024 * 1024 };

static struct yard_world *yard_create(uint64_t seed)
{
    struct yard_world *yard = calloc(1, sizeof *yard);

    yard->world = world_create(seed);
    return yard;
}

static void yard_destroy(struct yard_world *yard)
{
    world_destroy(yard->world);
    free(yard);
}

static void live(struct yard_world *yard, struct store *store, int events)
{
    for (int i = 0; i < events; i++) {
        yard_happen(yard);
        world_commit(yard->world, store);
    }
}

static void ignore(void *arg, const struct audit_finding *finding)
{
    (void)arg;
    if (!finding->good)
        printf("rule %d, %s: %s\n", finding->rule, finding->name, finding->text);
}

static void assert_proved(const struct world *world)
{
    char root[128];
    size_t breaches = 1;
    struct err err;

    snprintf(root, sizeof root, "%s-root", world->path);
    assert_true(audit_run_rooted(world->path, root, ignore, NULL, &breaches, &err));
    assert_int_equal(breaches, 0);
}

static bool file_holds(const char *path, const char *ending, const char *word)
{
    char name[128], *bytes = malloc(BYTES);

    snprintf(name, sizeof name, "%s%s", path, ending);
    FILE *file = fopen(name, "rb");
    size_t size = file ? fread(bytes, 1, BYTES, file) : 0;
    if (file)
        fclose(file);
    bool found = memmem(bytes, size, word, strlen(word));
    free(bytes);
    return found;
}

static int64_t number(const struct world *world, const char *query)
{
    struct err err;
    struct sql *sql = sql_open(world->path, SQL_READ, &err);
    int64_t value = 0;

    if (!sql || !sql_number(sql, query, &value, &err))
        fail_msg("%s", err.text);
    sql_close(sql);
    return value;
}

struct count {
    size_t plates, tokens, rows, money, lanes;
};

static bool count_row(void *arg, const struct store_row *row)
{
    struct count *count = arg;

    count->rows++;
    count->plates += strstr(row->body, "\"plate\":\"皖A") != NULL;
    count->tokens += strstr(row->body, "\"plate\":\"~") != NULL;
    count->money += row->kind == RECORD_STAY_CLOSED || row->kind == RECORD_PAYMENT;
    count->lanes += row->kind == RECORD_PASSAGE || row->kind == RECORD_COMMAND;
    return true;
}

static struct count count_all(struct store *store)
{
    struct count count = {.rows = 0};
    struct err err;

    assert_true(store_read(store, 1, SIZE_MAX >> 1, count_row, &count, &err));
    return count;
}

static struct count count_standing(struct store *store, utc_ms since)
{
    struct count count = {.rows = 0};
    struct err err;

    assert_true(store_standing(store, since, count_row, &count, &err));
    return count;
}

static void no_plate_stands_in_the_file_and_readers_with_the_keys_have_them_all(void **state)
{
    (void)state;
    struct yard_world *yard = yard_create(41);
    struct store *store = world_open(yard->world, STORE_WRITE);
    char keys[128], away[140];

    live(yard, store, EVENTS);
    assert_false(file_holds(yard->world->path, "", "皖A0"));
    assert_false(file_holds(yard->world->path, "-wal", "皖A0"));
    store_close(store);
    assert_false(file_holds(yard->world->path, "", "皖A0"));
    store = world_open(yard->world, STORE_READ);
    struct count with = count_all(store);
    store_close(store);
    assert_true(with.plates > EVENTS / 2);
    assert_int_equal(with.tokens, 0);

    snprintf(keys, sizeof keys, "%s-keys", yard->world->path);
    snprintf(away, sizeof away, "%s-away", keys);
    assert_int_equal(rename(keys, away), 0);
    store = world_open(yard->world, STORE_READ);
    struct count without = count_all(store);
    store_close(store);
    assert_int_equal(without.plates, 0);
    assert_int_equal(without.tokens, with.plates);
    assert_int_equal(rename(away, keys), 0);
    assert_proved(yard->world);
    yard_destroy(yard);
}

static void a_plate_has_one_token_in_an_epoch_and_another_in_the_next(void **state)
{
    (void)state;
    struct yard_world *yard = yard_create(42);
    struct store *store = world_open(yard->world, STORE_WRITE);
    struct record read = {.kind = RECORD_PLATE_READ};

    strcpy(read.plate_read.plate, "皖A00007");
    for (int i = 0; i < 10; i++) {
        if (i == 5)
            yard->world->at_ms += 31 * DAY_MS;
        world_add(yard->world, read);
        world_commit(yard->world, store);
    }
    store_close(store);
    assert_int_equal(number(yard->world, "SELECT count(DISTINCT body->>'plate') FROM journal"), 2);
    assert_int_equal(number(yard->world, "SELECT count(*) FROM plate"), 2);
    yard_destroy(yard);
}

static bool has_plate(void *arg, const struct store_stay *stay)
{
    (*(int *)arg)++;
    assert_non_null(strstr(stay->plate, "皖A00003"));
    return true;
}

static void stays_are_found_by_their_plate(void **state)
{
    (void)state;
    struct yard_world *yard = yard_create(43);
    struct store *store = world_open(yard->world, STORE_WRITE);
    struct record opened = {.kind = RECORD_STAY_OPENED, .stay_opened = {0, PLAN_NONE, PLAN_NONE}};
    struct store_stay_filter filter = {.plate = "皖A00003"};
    struct err err;
    int count = 0;

    for (uint32_t i = 0; i < 12; i++) {
        yard_id(opened.stay_opened.stay, 'S', i);
        yard_plate(opened.stay_opened.plate, i % 6);
        yard->world->at_ms += 10 * DAY_MS;
        world_add(yard->world, opened);
    }
    world_commit(yard->world, store);
    store_close(store);
    store = world_open(yard->world, STORE_READ);
    assert_true(store_stays(store, &filter, has_plate, &count, &err));
    assert_int_equal(count, 2);
    store_close(store);
    yard_destroy(yard);
}

static size_t erase(const struct world *world, struct store *store, int64_t keep_ms)
{
    struct record record;
    size_t erased = 0;
    struct err err;

    do {
        if (!store_erase_plates(store, (utc_ms){world->at_ms - keep_ms}, (utc_ms){world->at_ms},
                                &record, &err))
            fail_msg("%s", err.text);
        erased += record.seal.erased[0] != '\0';
    } while (record.seal.erased[0]);
    return erased;
}

static void an_erased_epoch_takes_its_plates_and_leaves_chain_money_and_what_stands(void **state)
{
    (void)state;
    struct yard_world *yard = yard_create(44);
    struct world *world = yard->world;
    struct store *store = world_open(world, STORE_WRITE);

    live(yard, store, EVENTS);
    for (int i = 0; i < 10; i++)
        world_add(world,
                  (struct record){.kind = RECORD_PLATE_READ, .plate_read = {.plate = "皖A77777"}});
    world_commit(world, store);
    struct count before = count_all(store);
    utc_ms since = {world->at_ms + 1000};
    struct count standing = count_standing(store, since);
    world->at_ms += 31 * DAY_MS;
    live(yard, store, 1); /* the next epoch */
    world_add(world, (struct record){.kind = RECORD_PLATE_READ, .plate_read = {.plate = "皖B1"}});
    world_commit(world, store);
    assert_int_equal(erase(world, store, 2 * DAY_MS), 0); /* it ended just now */
    world->at_ms += 3 * DAY_MS;
    assert_int_equal(erase(world, store, 2 * DAY_MS), 1);
    assert_int_equal(erase(world, store, 2 * DAY_MS), 0); /* the newest never goes */

    struct count after = count_all(store);
    assert_true(after.tokens >= 10);
    assert_true(after.plates < before.plates);
    struct count stands = count_standing(store, (utc_ms){INT64_MAX});
    assert_true(stands.plates > 0);
    assert_true(standing.plates >= stands.plates);
    store_close(store);
    assert_proved(world);
    assert_int_equal(number(world, "SELECT count(*) FROM latest JOIN facts USING(seq) WHERE "
                                   "latest.kind = 'list' AND body->>'plate' NOT IN (SELECT token "
                                   "FROM plate)"),
                     0);
    assert_int_equal(number(world, "SELECT count(*) FROM stay JOIN stay_fact USING(stay) JOIN "
                                   "facts ON facts.seq = stay_fact.seq WHERE stands AND "
                                   "coalesce(body->>'plate', '') <> '' AND body->>'plate' NOT IN "
                                   "(SELECT token FROM plate)"),
                     0);
    yard_destroy(yard);
}

static void list(struct world *world, struct store *store, const char *plate, bool on)
{
    struct record record = {.kind = RECORD_LIST, .list = {.lot = PLAN_NONE, .on = on}};

    strcpy(record.list.plate, plate);
    world_add(world, record);
    world_commit(world, store);
}

static void a_plate_comes_off_its_list_when_the_key_of_its_token_is_long_gone(void **state)
{
    (void)state;
    struct yard_world *yard = yard_create(45);
    struct world *world = yard->world;
    struct store *store = world_open(world, STORE_WRITE);
    utc_ms never = {INT64_MAX};

    list(world, store, "皖A00001", true);
    list(world, store, "皖A00002", true);
    for (int i = 0; i < 3; i++) { /* it is carried over more than once */
        world->at_ms += 40 * DAY_MS;
        list(world, store, (const char *[]){"皖C1", "皖C2", "皖C3"}[i], true);
        world->at_ms += 10 * DAY_MS;
        assert_int_equal(erase(world, store, DAY_MS), 1);
    }
    assert_int_equal(count_standing(store, never).plates, 2);
    list(world, store, "皖A00001", false);
    assert_int_equal(count_standing(store, never).plates, 1);
    store_close(store);
    assert_int_equal(number(world, "SELECT count(*) FROM latest WHERE kind = 'list'"), 4);
    assert_proved(world);
    yard_destroy(yard);
}

static void a_plate_that_an_uplink_has_yet_to_get_is_not_erased(void **state)
{
    (void)state;
    struct yard_world *yard = yard_create(46);
    struct world *world = yard->world;
    struct store *store = world_open(world, STORE_WRITE);
    struct record read = {.kind = RECORD_PLATE_READ, .plate_read = {.plate = "皖A00001"}};
    struct outbox_progress progress;
    struct err err;

    assert_true(store_progress(store, "city", &progress, &err));
    world_add(world, read);
    world->at_ms += 31 * DAY_MS;
    world_add(world, read);
    world_commit(world, store);
    world->at_ms += 31 * DAY_MS;
    assert_int_equal(erase(world, store, DAY_MS), 1);
    assert_int_equal(count_all(store).plates, 2);
    store_close(store);
    yard_destroy(yard);
}

static size_t prune(const struct world *world, struct store *store)
{
    struct record record;
    struct err err;

    if (!store_prune(store, (utc_ms){world->at_ms - DAY_MS}, (utc_ms){world->at_ms}, 50, &record,
                     &err))
        fail_msg("%s", err.text);
    return record.retention.count;
}

static void money_is_held_when_the_rest_has_gone_and_goes_in_its_time(void **state)
{
    (void)state;
    struct yard_world *yard = yard_create(47);
    struct world *world = yard->world;
    struct store *store = world_open(world, STORE_WRITE);

    store_keep(store, (const int64_t[STORE_CLASSES]){[STORE_LANES] = 30, [STORE_MONEY] = 3650});
    world_live(world, store, EVENTS);
    live(yard, store, EVENTS);
    struct count whole = count_all(store);
    world->at_ms += 2 * DAY_MS;
    live(yard, store, 5);
    while (prune(world, store))
        ;
    struct count first = count_all(store);
    assert_true(first.money >= whole.money && first.lanes >= whole.lanes);
    assert_true(first.rows < whole.rows);
    world->at_ms += 40 * DAY_MS;
    live(yard, store, 5);
    while (prune(world, store))
        ;
    struct count second = count_all(store);
    assert_true(second.money >= whole.money);
    assert_true(second.lanes < whole.lanes);
    store_close(store);
    assert_proved(world);

    store = world_open(world, STORE_WRITE);
    store_keep(store, (const int64_t[STORE_CLASSES]){[STORE_LANES] = 30, [STORE_MONEY] = 3650});
    world->at_ms += 3700 * DAY_MS;
    live(yard, store, 5);
    while (prune(world, store))
        ;
    assert_true(count_all(store).money < whole.money);
    store_close(store);
    assert_proved(world);
    yard_destroy(yard);
}

static void assert_shown(struct store *store, const char *body, const char *expected)
{
    struct store_row row = {.body = body, .body_size = strlen(body)};
    struct err err;

    assert_true(plates_show(store->plates, &row, &err));
    assert_string_equal(row.body, expected);
    assert_int_equal(row.body_size, strlen(expected));
}

static void the_plate_before_and_the_plate_after_an_amendment_are_both_hidden(void **state)
{
    struct world *world = world_create(48);
    struct store *store = world_open(world, STORE_WRITE);
    struct record amended = {.kind = RECORD_STAY_AMENDED,
                             .stay_amended = {.stay = "S1",
                                              .bay = PLAN_NONE,
                                              .change = STAY_PLATE,
                                              .plate = "皖A00001",
                                              .plate_was = "皖A00002"}};

    (void)state;
    world_add(world, amended);
    world_commit(world, store);
    assert_int_equal(count_all(store).plates, 1);
    store_close(store);
    assert_int_equal(number(world, "SELECT count(*) FROM journal WHERE body->>'plate' GLOB '~*' "
                                   "AND body->>'plate_was' GLOB '~*'"),
                     1);
    assert_int_equal(number(world, "SELECT count(*) FROM plate"), 2);
    world_destroy(world);
}

static void what_is_no_body_of_ours_is_told_as_it_is(void **state)
{
    static const char *const bodies[] = {
        "",
        "{}",
        "{\"x\":1,\"plate",
        "{\"x\":1,\"plates\":\"many of them\"}",
        "{\"x\":1,\"plate_weight\":\"much\"}",
        "{\"x\":1,\"plate_was",
        "{\"x\":1,\"plate\":\"皖A0",
        "{\"x\":1,\"plate\":\"皖A0\\",
        "{\"x\":1,\"plate\":\"\\\"皖A\\\"\",\"y\":2}",
        "{\"x\":1,\"plate\":\"~00112233445566778899aabb\"}",
        "{\"x\":1,\"plate\":\"twenty-five bytes, no sign\"}",
    };
    struct world *world = world_create(49);
    struct store *store = world_open(world, STORE_WRITE);
    static const char start[] = "{\"x\":1,\"plate\":\"y\"}";
    static char large[PLATE_BODY_SIZE + 8];
    const char *text;
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        assert_shown(store, bodies[i], bodies[i]);
    memset(large, 'x', sizeof large - 1);
    memcpy(large, start, sizeof start - 1);
    assert_shown(store, large, large);
    assert_true(plates_resolve(store->plates, "~x", &text, &err));
    assert_string_equal(text, "~x");
    store_close(store);
    world_destroy(world);
}

/* The token of the one plate that there is. */
static void token_of_plate(const struct world *world, char ret[PLATE_TOKEN_SIZE])
{
    struct err err;
    struct sql *sql = sql_open(world->path, SQL_READ, &err);
    struct statement *select = sql_prepare(sql, "SELECT token FROM plate", &err);

    assert_int_equal(sql_step(select, &err), SQL_ROW);
    snprintf(ret, PLATE_TOKEN_SIZE, "%s", sql_text(select, 0, NULL));
    sql_finalize(select);
    sql_close(sql);
}

/* Some hundred plates in one body, which is none of ours, outgrow what is held for it. */
static void a_body_that_outgrows_its_place_is_told_with_its_tokens(void **state)
{
    struct world *world = world_create(50);
    struct store *store = world_open(world, STORE_WRITE);
    struct record read = {.kind = RECORD_PLATE_READ};
    char body[PLATE_BODY_SIZE], token[PLATE_TOKEN_SIZE];
    size_t used = 0;

    (void)state;
    for (size_t i = 0; i + 1 < sizeof read.plate_read.plate; i++)
        read.plate_read.plate[i] = '"'; /* two bytes each, as JSON has it */
    world_add(world, read);
    world_commit(world, store);
    token_of_plate(world, token);
    used += (size_t)snprintf(body, sizeof body, "{\"x\":1");
    while (used + 40 < sizeof body)
        used += (size_t)snprintf(body + used, sizeof body - used, ",\"plate\":\"%s\"", token);
    snprintf(body + used, sizeof body - used, "}");
    assert_shown(store, body, body);
    store_close(store);
    world_destroy(world);
}

static void meddle(const struct world *world, const char *text)
{
    struct err err;
    struct sql *sql = sql_open(world->path, SQL_COPY, &err);

    if (!sql || !sql_run(sql, text, &err))
        fail_msg("%s", err.text);
    sql_close(sql);
}

static void a_sealed_plate_that_is_damaged_stays_a_token(void **state)
{
    static const char *const changes[] = {"UPDATE plate SET sealed = zeroblob(1000)",
                                          "UPDATE plate SET sealed = zeroblob(40)",
                                          "UPDATE plate SET sealed = x''"};

    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct yard_world *yard = yard_create(51);
        struct world *world = yard->world;
        struct store *store = world_open(world, STORE_WRITE);

        list(world, store, "皖A00001", true);
        store_close(store);
        meddle(world, changes[i]);
        store = world_open(world, STORE_WRITE);
        struct count count = count_all(store);
        assert_int_equal(count.tokens, 1);
        assert_int_equal(count.plates, 0);
        store_close(store);
        assert_proved(world);
        yard_destroy(yard);
    }
}

/* Of two that are wanted one cannot be opened: it goes with its epoch, and holds up nothing. */
static void a_damaged_plate_does_not_keep_its_epoch_from_being_erased(void **state)
{
    struct yard_world *yard = yard_create(52);
    struct world *world = yard->world;
    struct store *store = world_open(world, STORE_WRITE);

    (void)state;
    list(world, store, "皖A00001", true);
    list(world, store, "皖A00002", true);
    world->at_ms += 40 * DAY_MS;
    list(world, store, "皖B1", true);
    store_close(store);
    meddle(world, "UPDATE plate SET sealed = zeroblob(40) WHERE token = (SELECT body->>'plate' "
                  "FROM journal WHERE seq = 1)");
    store = world_open(world, STORE_WRITE);
    world->at_ms += 10 * DAY_MS;
    assert_int_equal(erase(world, store, DAY_MS), 1);
    struct count count = count_standing(store, (utc_ms){INT64_MAX});
    assert_int_equal(count.plates, 1);
    assert_int_equal(count.tokens, 1);
    list(world, store, "皖A00002", false); /* the other one was carried over */
    assert_int_equal(count_standing(store, (utc_ms){INT64_MAX}).plates, 0);
    store_close(store);
    assert_int_equal(number(world, "SELECT count(*) FROM latest WHERE kind = 'list'"), 2);
    assert_proved(world);
    yard_destroy(yard);
}

/* Rows that no version of ours wrote: a token that is too long, and one that nothing opens. */
static void a_list_is_changed_also_where_the_table_of_plates_holds_what_is_none(void **state)
{
    struct yard_world *yard = yard_create(53);
    struct world *world = yard->world;
    struct store *store = world_open(world, STORE_WRITE);

    (void)state;
    list(world, store, "皖A00001", true);
    store_close(store);
    meddle(world, "INSERT INTO plate(token, epoch, moved, sealed) VALUES"
                  "('~00112233445566778899aabbccddeeff', 1, 1, zeroblob(40)),"
                  "('~ffffffffffffffffffffffff', 77, 1, zeroblob(40))");
    store = world_open(world, STORE_WRITE);
    list(world, store, "皖A00002", true);
    list(world, store, "皖A00001", false);
    assert_int_equal(count_standing(store, (utc_ms){INT64_MAX}).plates, 1);
    store_close(store);
    assert_proved(world);
    yard_destroy(yard);
}

/* Ten years of months, none erased: the last key goes on. */
static void beyond_the_last_epoch_plates_go_on_with_its_key(void **state)
{
    struct world *world = world_create(11);
    const struct key_epoch *epoch = NULL;
    struct keys keys;
    struct err err;

    (void)state;
    assert_true(keys_open(&keys, world->path, &err));
    for (int64_t month = 0; month < KEYS_EPOCHS + 2; month++)
        assert_true(
            keys_epoch_for(&keys, (utc_ms){month * KEYS_EPOCH_DAYS * DAY_MS}, &epoch, &err));
    assert_int_equal(keys.epochs_count, KEYS_EPOCHS);
    assert_int_equal(epoch->id, KEYS_EPOCHS);
    keys_close(&keys);
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_plate_stands_in_the_file_and_readers_with_the_keys_have_them_all),
        cmocka_unit_test(a_plate_has_one_token_in_an_epoch_and_another_in_the_next),
        cmocka_unit_test(stays_are_found_by_their_plate),
        cmocka_unit_test(an_erased_epoch_takes_its_plates_and_leaves_chain_money_and_what_stands),
        cmocka_unit_test(a_plate_comes_off_its_list_when_the_key_of_its_token_is_long_gone),
        cmocka_unit_test(a_plate_that_an_uplink_has_yet_to_get_is_not_erased),
        cmocka_unit_test(money_is_held_when_the_rest_has_gone_and_goes_in_its_time),
        cmocka_unit_test(the_plate_before_and_the_plate_after_an_amendment_are_both_hidden),
        cmocka_unit_test(what_is_no_body_of_ours_is_told_as_it_is),
        cmocka_unit_test(a_body_that_outgrows_its_place_is_told_with_its_tokens),
        cmocka_unit_test(a_sealed_plate_that_is_damaged_stays_a_token),
        cmocka_unit_test(a_damaged_plate_does_not_keep_its_epoch_from_being_erased),
        cmocka_unit_test(a_list_is_changed_also_where_the_table_of_plates_holds_what_is_none),
        cmocka_unit_test(beyond_the_last_epoch_plates_go_on_with_its_key),
    };

    return cmocka_run_group_tests_name("plates", tests, NULL, NULL);
}
