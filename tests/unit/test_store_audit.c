/* The audit: what is sound passes, each kind of fault is named by its rule. */
#include "tests/unit/store_world.h"

#include "daemon/store/audit.h"
#include "daemon/store/sql.h"

enum { FINDINGS_MAX = 32 };

struct audit {
    struct audit_finding findings[FINDINGS_MAX];
    char names[FINDINGS_MAX][64];
    size_t count, breaches;
};

static void collect(void *arg, const struct audit_finding *finding)
{
    struct audit *audit = arg;
    size_t i = audit->count++;

    assert_true(i < FINDINGS_MAX);
    audit->findings[i] = *finding;
    text_copy(audit->names[i], sizeof audit->names[i], finding->name);
    audit->findings[i].name = NULL; /* was lent for the call */
}

static struct audit run(const struct world *world)
{
    struct audit audit = {.count = 0};
    struct err err;

    if (!audit_run(world->path, collect, &audit, &audit.breaches, &err))
        fail_msg("%s", err.text);
    return audit;
}

static const struct audit_finding *find(const struct audit *audit, int rule, const char *name)
{
    for (size_t i = 0; i < audit->count; i++)
        if (audit->findings[i].rule == rule && !strcmp(audit->names[i], name))
            return &audit->findings[i];
    fail_msg("no finding for rule %d, %s", rule, name);
    return NULL;
}

/* Exactly this is broken, and `words` says what. */
static void assert_breach(const struct world *world, int rule, const char *name, const char *words)
{
    struct audit audit = run(world);
    const struct audit_finding *finding = find(&audit, rule, name);

    for (size_t i = 0; i < audit.count; i++)
        if (!audit.findings[i].good)
            printf("rule %d, %s: %s\n", audit.findings[i].rule, audit.names[i],
                   audit.findings[i].text);
    assert_int_equal(audit.breaches, 1);
    assert_false(finding->good);
    assert_non_null(strstr(finding->text, words));
}

static void meddle(const struct world *world, const char *text)
{
    struct err err;
    struct sql *sql = sql_open(world->path, SQL_COPY, &err);

    if (!sql || !sql_run(sql, text, &err))
        fail_msg("%s", err.text);
    sql_close(sql);
}

/* A park with some history and an uplink that has delivered most of it. */
static struct store *live(struct world *world)
{
    struct store *store = world_open(world, STORE_WRITE);
    struct outbox_mark mark = {.seq = 20, .state = OUTBOX_DEAD, .reason = "422"};
    struct outbox_progress progress = {.uplink = "city",
                                       .kinds = UINT32_MAX >> (32 - RECORD_KINDS),
                                       .since = 1,
                                       .through = 100,
                                       .delivered = 99,
                                       .marks = &mark,
                                       .marks_count = 1};
    struct store_batch batch = {.progress = &progress, .progress_count = 1};
    struct err err;

    world_live(world, store, 150);
    if (!store_commit(store, &batch, &err))
        fail_msg("%s", err.text);
    return store;
}

static void a_sound_database_passes_every_rule(void **state)
{
    (void)state;
    struct world *world = world_create(1);

    store_close(live(world));
    struct audit audit = run(world);
    assert_int_equal(audit.breaches, 0);
    assert_non_null(strstr(find(&audit, 13, "chain")->text, "150 records from 1 to 150, head "));
    assert_non_null(strstr(find(&audit, 2, "vacancy")->text, "of 4 zones and 2 lots"));
    assert_non_null(strstr(find(&audit, 4, "changes")->text, "each begins where"));
    assert_string_equal(find(&audit, 14, "uplink city")->text,
                        "150 due = 99 delivered + 50 pending + 1 set aside + 0 declared lost");
    assert_true(find(&audit, 0, "pages")->good);
    assert_true(find(&audit, 0, "references")->good);
    world_destroy(world);
}

static void it_can_be_proved_while_the_daemon_writes(void **state)
{
    (void)state;
    struct world *world = world_create(2);
    struct store *store = live(world);

    for (int i = 0; i < 20; i++) {
        world_live(world, store, 37);
        assert_int_equal(run(world).breaches, 0);
        if (i == 10)
            assert_true(store_rebuild(store, NULL));
    }
    store_close(store);
    world_destroy(world);
}

/* A change of bay 7 as a confused program might record it. */
static void confuse(struct world *world, struct store *store, enum bay_state from,
                    enum bay_state to)
{
    world_add(world, (struct record){.kind = RECORD_BAY_CHANGED,
                                     .bay_changed = {7, from, to, BAY_BY_READING}});
    world_commit(world, store);
}

static void a_change_that_begins_elsewhere_is_named(void **state)
{
    (void)state;
    struct world *world = world_create(3);
    struct store *store = live(world);

    confuse(world, store, world->states[7], BAY_FREE == world->states[7] ? BAY_OCCUPIED : BAY_FREE);
    assert_int_equal(run(world).breaches, 0);
    confuse(world, store, BAY_UNKNOWN, BAY_OUT_OF_SERVICE);
    assert_breach(world, 4, "changes", "first record 152");
    store_close(store);
    world_destroy(world);
}

static void a_change_to_the_same_state_is_named(void **state)
{
    (void)state;
    struct world *world = world_create(4);
    struct store *store = live(world);

    confuse(world, store, world->states[7], world->states[7]);
    assert_breach(world, 4, "changes", "first record 151");
    store_close(store);
    world_destroy(world);
}

static void history_may_have_a_gap_where_a_loss_was_recorded(void **state)
{
    (void)state;
    struct world *world = world_create(5);
    struct store *store = live(world);
    struct record loss = {.kind = RECORD_LOSS, .loss = {.what = "records", .count = 3}};

    confuse(world, store, world->states[7], BAY_FREE == world->states[7] ? BAY_OCCUPIED : BAY_FREE);
    world_add(world, loss);
    confuse(world, store, BAY_UNKNOWN, BAY_OUT_OF_SERVICE);
    assert_int_equal(run(world).breaches, 0);
    confuse(world, store, BAY_UNKNOWN, BAY_FREE); /* not twice */
    assert_breach(world, 4, "changes", "first record 154");
    store_close(store);
    world_destroy(world);
}

/* A change in words that no plan of ours makes. */
static void write_change(struct store *store, const char *zone, const char *bay, const char *from,
                         const char *to)
{
    char body[RECORD_BODY_MAX];
    struct store_row row = {.at.ms = 1795316526123, .kind = RECORD_BAY_CHANGED, .body = body};
    struct store_batch batch = {.rows = &row, .rows_count = 1};
    struct err err;

    row.body_size = (size_t)snprintf(
        body, sizeof body,
        "{\"type\":\"bay_changed\",\"lot\":\"%.1s\",\"zone\":\"%s\",\"bay\":\"%s\","
        "\"from\":\"%s\",\"to\":\"%s\",\"reason\":\"reading\"}",
        zone, zone, bay, from, to);
    assert_true(store_commit(store, &batch, &err));
}

static void many_bays_are_counted_wherever_they_move(void **state)
{
    (void)state;
    struct world *world = world_create(15);
    struct store *store = world_open(world, STORE_WRITE);
    char bay[16];

    for (int i = 0; i < 200; i++) {
        snprintf(bay, sizeof bay, "b%d", i);
        write_change(store, "A1", bay, "unknown", "free");
    }
    write_change(store, "A2", "b7", "free", "occupied"); /* the plan was changed */
    write_change(store, "B1", "b8", "free", "occupied");
    assert_int_equal(run(world).breaches, 0);
    store_close(store);
    world_destroy(world);
}

/* The lot "A/B" with its zone "C", and the lot "A" with its zone "B/C": one name of a zone. */
static void a_bay_that_moves_to_another_lot_is_counted_there(void **state)
{
    static const char *const lots[] = {"A/B", "A"}, *const zones[] = {"C", "B/C"};
    struct world *world = world_create(17);
    struct store *store = world_open(world, STORE_WRITE);

    (void)state;
    for (int i = 0; i < 2; i++) {
        world->lots[0].id = lots[i];
        world->zones[0].id = zones[i];
        world_add(world,
                  (struct record){.kind = RECORD_BAY_CHANGED,
                                  .bay_changed = {0, i ? BAY_FREE : BAY_UNKNOWN,
                                                  i ? BAY_OCCUPIED : BAY_FREE, BAY_BY_READING}});
        world_commit(world, store);
    }
    struct audit audit = run(world);
    assert_int_equal(audit.breaches, 0);
    assert_non_null(strstr(find(&audit, 2, "vacancy")->text, "2 lots"));
    store_close(store);
    world_destroy(world);
}

static void states_that_nobody_knows_are_named(void **state)
{
    (void)state;
    struct world *world = world_create(16);
    struct store *store = world_open(world, STORE_WRITE);

    write_change(store, "A1", "b1", "levitating", "free");
    write_change(store, "A1", "b2", "free", "levitating");
    write_change(store, "A1", "b3", "unknown", "free");
    struct audit audit = run(world);
    assert_int_equal(audit.breaches, 2);
    assert_non_null(strstr(find(&audit, 4, "changes")->text, "2 do not begin"));
    assert_false(find(&audit, 2, "vacancy")->good); /* nor does what was made of them add up */
    store_close(store);
    world_destroy(world);
}

static void a_projection_that_is_not_what_the_journal_says_is_noticed(void **state)
{
    (void)state;
    static const char *const changes[] = {
        "UPDATE bay SET since_ms = since_ms + 1 WHERE bay = (SELECT min(bay) FROM bay)",
        "DELETE FROM device WHERE device = (SELECT min(device) FROM device)",
        "INSERT INTO bay_condition VALUES('bay-000', 'haunted', 1, 0, 1)",
    };

    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct world *world = world_create(10 + i);
        store_close(live(world));
        meddle(world, changes[i]);
        assert_breach(world, 13, "projections", "not what the journal says");
        world_destroy(world);
    }
}

static void a_record_that_was_held_back_from_pruning_is_proved_too(void **state)
{
    (void)state;
    struct world *world = world_create(14);
    struct store *store = world_open(world, STORE_WRITE);
    struct record record;
    struct err err;

    world_live(world, store, 300);
    /* In two steps: the hash before the first of a step stands in the anchor only. */
    for (int step = 0; step < 2; step++)
        assert_true(
            store_prune(store, (utc_ms){world->at_ms}, (utc_ms){world->at_ms}, 120, &record, &err));
    store_close(store);
    assert_int_equal(run(world).breaches, 0);
    meddle(world, "UPDATE held SET at_ms = at_ms + 1 WHERE kind = 'device_health' AND seq = "
                  "(SELECT min(seq) FROM held WHERE kind = 'device_health')");
    struct audit audit = run(world);
    assert_false(find(&audit, 13, "held")->good);
    world_destroy(world);
}

/* A bay's change that an uplink has set aside stays while those after it go. */
static void a_record_held_for_an_uplink_alone_begins_no_history(void **state)
{
    (void)state;
    struct world *world = world_create(11);
    struct store *store = world_open(world, STORE_WRITE);
    enum bay_state from = BAY_UNKNOWN;
    struct outbox_progress progress;
    struct record record;
    struct err err;

    assert_true(store_progress(store, "city", &progress, &err));
    for (int change = 0; change < 6; change++) {
        enum bay_state to = (enum bay_state)((from + 1) % BAY_STATES);
        world_add(world, (struct record){.kind = RECORD_BAY_CHANGED,
                                         .bay_changed = {0, from, to, BAY_BY_READING}});
        from = to;
    }
    world_commit(world, store);
    struct outbox_mark marks[] = {{.seq = 2, .state = OUTBOX_DEAD, .attempts = 3, .reason = "no"},
                                  {.seq = 4, .state = OUTBOX_DEAD, .attempts = 3, .reason = "no"}};
    progress = (struct outbox_progress){.uplink = "city",
                                        .kinds = 1 << RECORD_BAY_CHANGED,
                                        .since = 1,
                                        .through = 6,
                                        .delivered = 4,
                                        .marks = marks,
                                        .marks_count = 2};
    struct store_batch batch = {.progress = &progress, .progress_count = 1};
    assert_true(store_commit(store, &batch, &err));
    utc_ms now = {world->at_ms};
    assert_true(store_prune(store, now, now, 4, &record, &err));
    assert_int_equal(record.retention.count, 4);
    store_close(store);
    assert_int_equal(run(world).breaches, 0);
    world_destroy(world);
}

static void deliveries_that_do_not_add_up_are_named(void **state)
{
    (void)state;
    static const char *const changes[] = {
        "UPDATE uplink SET delivered = delivered - 1",
        "UPDATE uplink SET through = through + 1",
        "DELETE FROM outbox",
    };

    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct world *world = world_create(20 + i);
        store_close(live(world));
        meddle(world, changes[i]);
        assert_breach(world, 14, "uplink city", "150 due but");
        world_destroy(world);
    }
}

/* The sum is changed, and not the row: who writes through the store keeps them in step. */
static void what_no_chain_covers_is_proved_by_its_sums(void **state)
{
    static const char *const tables[] = {"meta", "uplink", "outbox"};

    (void)state;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        struct world *world = world_create(9);
        char change[64], words[64];

        store_close(live(world));
        snprintf(change, sizeof change, "UPDATE %s SET sum = sum + 1", tables[i]);
        snprintf(words, sizeof words, "of table %s are not as they were written", tables[i]);
        meddle(world, change);
        assert_breach(world, 0, "sums", words);
        world_destroy(world);
    }
}

static void an_object_of_the_schema_that_is_another_is_noticed(void **state)
{
    struct world *world = world_create(9);

    (void)state;
    store_close(live(world));
    meddle(world, "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql = replace(sql, '-- of "
                  "this', '-- of thxs') WHERE name = 'meta'");
    assert_breach(world, 0, "schema", "not as this version makes it");
    world_destroy(world);
}

static void a_lost_reference_is_noticed(void **state)
{
    (void)state;
    struct world *world = world_create(30);

    store_close(live(world));
    meddle(world, "PRAGMA foreign_keys=OFF; DELETE FROM uplink");
    assert_breach(world, 0, "references", "outbox");
    world_destroy(world);
}

static void flip_bytes(struct world *world, unsigned count)
{
    FILE *file = fopen(world->path, "r+");

    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    uint32_t size = (uint32_t)ftell(file);
    for (unsigned i = 0; i < count; i++) {
        long at = (long)world_random(world, size);
        fseek(file, at, SEEK_SET);
        int byte = fgetc(file);
        fseek(file, at, SEEK_SET);
        fputc(byte ^ (int)(1 + world_random(world, 255)), file);
    }
    fclose(file);
}

/* Nothing in a file can do more than be refused. */
static void a_damaged_file_is_refused_or_named_but_never_crashes(void **state)
{
    (void)state;
    unsigned refused = 0, named = 0;

    for (uint64_t seed = 100; seed < 140; seed++) {
        struct world *world = world_create(seed);
        struct audit audit = {.count = 0};
        struct err err = {""};

        store_close(live(world));
        flip_bytes(world, 200);
        if (!audit_run(world->path, collect, &audit, &audit.breaches, &err))
            refused++;
        else if (audit.breaches)
            named++;
        struct store *store = store_open(world->path, STORE_WRITE, &err);
        if (store) {
            struct store_batch batch = {.rows = world->rows, .rows_count = 1};
            world_bay_change(world);
            store_commit(store, &batch, &err); /* may or may not succeed */
            store_close(store);
        }
        world_destroy(world);
    }
    assert_int_equal(refused + named, 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sound_database_passes_every_rule),
        cmocka_unit_test(it_can_be_proved_while_the_daemon_writes),
        cmocka_unit_test(a_change_that_begins_elsewhere_is_named),
        cmocka_unit_test(a_change_to_the_same_state_is_named),
        cmocka_unit_test(history_may_have_a_gap_where_a_loss_was_recorded),
        cmocka_unit_test(many_bays_are_counted_wherever_they_move),
        cmocka_unit_test(a_bay_that_moves_to_another_lot_is_counted_there),
        cmocka_unit_test(states_that_nobody_knows_are_named),
        cmocka_unit_test(a_projection_that_is_not_what_the_journal_says_is_noticed),
        cmocka_unit_test(a_record_that_was_held_back_from_pruning_is_proved_too),
        cmocka_unit_test(a_record_held_for_an_uplink_alone_begins_no_history),
        cmocka_unit_test(deliveries_that_do_not_add_up_are_named),
        cmocka_unit_test(what_no_chain_covers_is_proved_by_its_sums),
        cmocka_unit_test(an_object_of_the_schema_that_is_another_is_noticed),
        cmocka_unit_test(a_lost_reference_is_noticed),
        cmocka_unit_test(a_damaged_file_is_refused_or_named_but_never_crashes),
    };

    return cmocka_run_group_tests_name("store audit", tests, NULL, NULL);
}
