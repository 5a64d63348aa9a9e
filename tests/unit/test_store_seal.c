/* Seals of the chain: what the root key proves, and what who has the gateway cannot do. */
#include "tests/unit/store_world.h"

#include "daemon/store/audit.h"
#include "daemon/store/chain.h"
#include "daemon/store/keys.h"
#include "daemon/store/keys_root.h"
#include "daemon/store/ratchet.h"
#include "daemon/store/sql.h"

enum { KEYS_ROOM = 32768 };

struct found {
    size_t breaches;
    char text[4096]; /* of what is not good, a line each; and of the seals in any case */
};

static void collect(void *arg, const struct audit_finding *finding)
{
    struct found *found = arg;
    size_t used = strlen(found->text);

    if (!finding->good || !strcmp(finding->name, "seals"))
        snprintf(found->text + used, sizeof found->text - used, "%s: %s\n", finding->name,
                 finding->text);
}

static struct found audit(const struct world *world, const char *root)
{
    struct found found = {.breaches = 0};
    struct err err;

    if (!audit_run_rooted(world->path, root, collect, &found, &found.breaches, &err))
        fail_msg("%s", err.text);
    return found;
}

static const char *beside(const struct world *world, const char *ending)
{
    static char path[128];

    snprintf(path, sizeof path, "%s%s", world->path, ending);
    return path;
}

static void assert_told(const struct found *found, size_t breaches, const char *words)
{
    if (found->breaches != breaches || !strstr(found->text, words))
        fail_msg("%zu breaches, and not \"%s\":\n%s", found->breaches, words, found->text);
}

static void seal(struct world *world, struct store *store)
{
    struct record record;
    struct err err;

    if (!store_seal(store, (utc_ms){world->at_ms}, &record, &err))
        fail_msg("%s", err.text);
}

/* `seals` seals, `each` records before each, and as many behind the last. */
static struct world *sealed_world(uint64_t seed, int seals, size_t each)
{
    struct world *world = world_create(seed);
    struct store *store = world_open(world, STORE_WRITE);

    for (int i = 0; i < seals; i++) {
        world_live(world, store, each);
        seal(world, store);
    }
    world_live(world, store, each);
    store_close(store);
    return world;
}

static size_t read_file(const char *path, char bytes[KEYS_ROOM])
{
    FILE *file = fopen(path, "rb");

    assert_non_null(file);
    size_t size = fread(bytes, 1, KEYS_ROOM, file);
    fclose(file);
    return size;
}

static void write_file(const char *path, const char *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

static void meddle(const struct world *world, const char *text)
{
    struct err err;
    struct sql *sql = sql_open(world->path, SQL_COPY, &err);

    if (!sql || !sql_run(sql, text, &err))
        fail_msg("%s", err.text);
    sql_close(sql);
}

static void the_root_key_proves_every_seal(void **state)
{
    (void)state;
    struct world *world = sealed_world(31, 5, 40);
    struct found found = audit(world, beside(world, "-root"));

    assert_told(&found, 0, "5 of epochs 0 to 4, through record 204, each proved by the root key");
    found = audit(world, NULL);
    assert_told(&found, 0, "in order; to prove them give --root-key");
    write_file(beside(world, "-other"),
               "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n", 65);
    found = audit(world, beside(world, "-other"));
    assert_told(&found, 1, "records 1 to 40 are not what was sealed in epoch 0");
    world_destroy(world);
}

static void nothing_new_is_not_sealed_again(void **state)
{
    (void)state;
    struct world *world = sealed_world(32, 1, 10);
    struct store *store = world_open(world, STORE_WRITE);
    struct record record;
    struct err err;

    seal(world, store);
    uint64_t head = world_head(store);
    assert_true(store_seal(store, (utc_ms){1}, &record, &err));
    assert_int_equal(record.seal.through_seq, 0);
    assert_int_equal(world_head(store), head);
    store_close(store);
    world_destroy(world);
}

/* What an attacker would do: another body, and every hash behind it made to fit. */
static void rewrite(const struct world *world, uint64_t seq, const char *change)
{
    struct err err;
    struct sql *sql = sql_open(world->path, SQL_COPY, &err);
    char text[256];

    assert_non_null(sql);
    snprintf(text, sizeof text, "UPDATE journal SET %s WHERE seq = %d", change, (int)seq);
    assert_true(sql_run(sql, text, &err));
    struct statement *select =
        sql_prepare(sql, "SELECT seq, at_ms, body, kind FROM journal WHERE seq = ?1", &err);
    struct statement *update =
        sql_prepare(sql, "UPDATE journal SET hash = ?2 WHERE seq = ?1", &err);
    struct statement *before = sql_prepare(sql, "SELECT hash FROM journal WHERE seq = ?1", &err);
    struct hash hash;

    sql_bind_int(before, 1, (int64_t)seq - 1);
    assert_int_equal(sql_step(before, &err), SQL_ROW);
    assert_true(chain_hash(before, 0, &hash));
    sql_finalize(before);
    for (;; seq++) {
        sql_bind_int(select, 1, (int64_t)seq);
        if (sql_step(select, &err) != SQL_ROW)
            break;
        struct store_row row = {.seq = seq, .at = {sql_int(select, 1)}};
        row.body = sql_text(select, 2, &row.body_size);
        hash = chain_next(&hash, &row, sql_text(select, 3, NULL));
        sql_reset(select);
        sql_bind_int(update, 1, (int64_t)seq);
        sql_bind_blob(update, 2, hash.bytes, sizeof hash.bytes);
        assert_true(sql_do(update, &err));
    }
    sql_finalize(update);
    sql_finalize(select);
    sql_close(sql);
}

static const char another_version[] =
    "kind = 'gateway', body = '{\"type\":\"gateway\",\"at\":\"2026-"
    "11-22T03:02:06.123Z\",\"event\":\"started\",\"version\":"
    "\"9\"}'";

static void who_has_the_gateway_cannot_rewrite_what_was_sealed_before(void **state)
{
    (void)state;
    struct world *world = world_create(33);
    struct store *store = world_open(world, STORE_WRITE);

    for (int i = 0; i < 3; i++) {
        for (int r = 0; r < 30; r++)
            world_add(world, (struct record){.kind = RECORD_GATEWAY, .gateway = {"started", "1"}});
        world_commit(world, store);
        seal(world, store);
    }
    store_close(store);
    rewrite(world, 40, another_version);
    struct found found =
        audit(world, NULL); /* every hash fits, and nobody without the root knows */
    assert_int_equal(found.breaches, 0);
    found = audit(world, beside(world, "-root"));
    assert_told(&found, 1, "records 31 to 61 are not what was sealed in epoch 1");

    /* Nor by a seal with the key that is there. */
    struct keys keys;
    char change[160], hex[HASH_HEX_SIZE];
    struct err err;
    struct chain at = {.seq = 61};
    keys_read(&keys, world->path);
    assert_int_equal(keys.ratchet.epoch, 3);
    struct sql *sql = sql_open(world->path, SQL_READ, &err);
    struct statement *select = sql_prepare(sql, "SELECT hash FROM journal WHERE seq = 61", &err);
    assert_int_equal(sql_step(select, &err), SQL_ROW);
    assert_true(chain_hash(select, 0, &at.hash));
    sql_finalize(select);
    sql_close(sql);
    keys.ratchet.epoch = 1;
    struct hash forged = ratchet_seal(&keys.ratchet, &at);
    keys_close(&keys);
    snprintf(change, sizeof change, "body = json_set(body, '$.seal', '%s')",
             crypto_hex(forged.bytes, sizeof forged.bytes, hex));
    rewrite(world, 62, change);
    found = audit(world, beside(world, "-root"));
    assert_told(&found, 1, "records 31 to 61 are not what was sealed in epoch 1");
    world_destroy(world);
}

static void the_older_secret_is_nowhere_in_the_key_file(void **state)
{
    (void)state;
    struct world *world = sealed_world(34, 0, 10);
    static char bytes[KEYS_ROOM];
    struct key root;
    struct err err;

    assert_true(keys_root_read(beside(world, "-root"), &root, &err));
    struct ratchet ratchet = ratchet_begin(&root);
    size_t size = read_file(beside(world, "-keys"), bytes);
    assert_non_null(memmem(bytes, size, &ratchet.secret, sizeof ratchet.secret));
    struct store *store = world_open(world, STORE_WRITE);
    seal(world, store);
    store_close(store);
    size = read_file(beside(world, "-keys"), bytes);
    assert_null(memmem(bytes, size, &ratchet.secret, sizeof ratchet.secret));
    assert_null(memmem(bytes, size, &root, sizeof root));
    ratchet_step(&ratchet);
    assert_non_null(memmem(bytes, size, &ratchet.secret, sizeof ratchet.secret));
    world_destroy(world);
}

static void an_end_between_the_seal_and_the_step_is_made_up_for(void **state)
{
    (void)state;
    struct world *world = sealed_world(35, 2, 20);
    static char bytes[KEYS_ROOM], after[KEYS_ROOM];
    size_t size = read_file(beside(world, "-keys"), bytes);
    struct store *store = world_open(world, STORE_WRITE);

    seal(world, store);
    store_close(store);
    write_file(beside(world, "-keys"), bytes, size); /* as if it had not been written */
    store = world_open(world, STORE_WRITE);
    assert_int_equal(world_head(store), 63);
    size = read_file(beside(world, "-keys"), after);
    assert_memory_not_equal(bytes, after, size);
    world_live(world, store, 20);
    seal(world, store);
    store_close(store);
    struct found found = audit(world, beside(world, "-root"));
    assert_told(&found, 0, "4 of epochs 0 to 3");

    /* The same after one copy in the file: the other is brought after it. */
    memcpy(bytes, after, size / 2);
    write_file(beside(world, "-keys"), bytes, size);
    store_close(world_open(world, STORE_WRITE));
    found = audit(world, beside(world, "-root"));
    assert_int_equal(found.breaches, 0);
    world_destroy(world);
}

static void keys_that_are_lost_are_begun_anew_and_that_is_told(void **state)
{
    (void)state;
    struct world *world = sealed_world(36, 2, 20);

    char root[128];
    snprintf(root, sizeof root, "%s", beside(world, "-first"));
    assert_int_equal(rename(beside(world, "-root"), root), 0);
    assert_int_equal(unlink(beside(world, "-keys")), 0);
    struct store *store = world_open(world, STORE_WRITE);
    assert_int_equal(world_head(store), 63);
    world_live(world, store, 5);
    store_close(store);
    struct found found = audit(world, NULL);
    assert_told(&found, 0, "keys began anew 1 times, last at record 63");
    found = audit(world, root);
    assert_told(&found, 1, "(record 63)");
    world_destroy(world);
}

static void an_audit_whose_root_key_is_not_there_says_so(void **state)
{
    struct world *world = sealed_world(39, 1, 5);
    struct found found = {.breaches = 7};
    struct err err;

    (void)state;
    assert_false(
        audit_run_rooted(world->path, "/nonexistent/root", collect, &found, &found.breaches, &err));
    assert_non_null(strstr(err.text, "root key \"/nonexistent/root\": cannot be opened"));
    world_destroy(world);
}

static void what_is_no_seal_of_ours_is_named(void **state)
{
    static const char *const changes[] = {"'$.epoch', 2000000", "'$.seal', '00'", "'$.next', ''",
                                          "'$.through_seq', 3"};
    char change[96];

    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct world *world = sealed_world(40, 1, 10);

        snprintf(change, sizeof change, "body = json_set(body, %s)", changes[i]);
        rewrite(world, 11, change);
        struct found found = audit(world, NULL);
        assert_told(&found, 1, "record 11 is no seal of what stands before it");
        world_destroy(world);
    }
}

static void a_seal_behind_a_gap_is_named(void **state)
{
    struct world *world = sealed_world(41, 1, 10);

    (void)state;
    meddle(world, "DELETE FROM journal WHERE seq = 10");
    struct found found = audit(world, NULL);
    if (!found.breaches || !strstr(found.text, "before the seal 11 a record is missing"))
        fail_msg("%s", found.text);
    world_destroy(world);
}

/* Who had the key of an epoch and sealed anew with it cannot have it follow the commitment. */
static void a_seal_that_does_not_follow_what_was_committed_to_is_named(void **state)
{
    struct world *world = sealed_world(42, 2, 10);
    char change[160], hex[HASH_HEX_SIZE];
    struct chain at = {.seq = 21};
    struct key root;
    struct err err;

    (void)state;
    memset(hex, '7', sizeof hex - 1);
    hex[sizeof hex - 1] = '\0';
    snprintf(change, sizeof change, "body = json_set(body, '$.next', '%s')", hex);
    rewrite(world, 11, change);
    assert_true(keys_root_read(beside(world, "-root"), &root, &err));
    struct ratchet ratchet = ratchet_begin(&root);
    ratchet_step(&ratchet);
    struct sql *sql = sql_open(world->path, SQL_READ, &err);
    struct statement *select = sql_prepare(sql, "SELECT hash FROM journal WHERE seq = 21", &err);
    assert_int_equal(sql_step(select, &err), SQL_ROW);
    assert_true(chain_hash(select, 0, &at.hash));
    sql_finalize(select);
    sql_close(sql);
    struct hash forged = ratchet_seal(&ratchet, &at);
    snprintf(change, sizeof change, "body = json_set(body, '$.seal', '%s')",
             crypto_hex(forged.bytes, sizeof forged.bytes, hex));
    rewrite(world, 22, change);
    struct found found = audit(world, beside(world, "-root"));
    assert_told(&found, 1, "records 11 to 21 are not what was sealed in epoch 1");
    world_destroy(world);
}

static void without_its_keys_the_order_of_the_seals_is_still_proved(void **state)
{
    struct world *world = sealed_world(43, 2, 10);
    struct store *store = world_open(world, STORE_WRITE);
    struct world copy = *world;
    struct err err;

    (void)state;
    snprintf(copy.path, sizeof copy.path, "%s/copy.db", world->folder);
    assert_true(store_backup(store, copy.path, NULL, NULL, &err)); /* no secret lies beside it */
    store_close(store);
    struct found found = audit(&copy, NULL);
    assert_told(&found, 0, "the key file is not to be had");
    assert_int_equal(unlink(beside(world, "-keys")), 0);
    found = audit(world, beside(world, "-root"));
    assert_told(&found, 0, "each proved by the root key; the key file is not to be had");
    world_destroy(world);
}

static void put_keys(const struct world *from, const struct world *to)
{
    static char bytes[KEYS_ROOM];
    size_t size = read_file(beside(from, "-keys"), bytes);

    write_file(beside(to, "-keys"), bytes, size);
}

/* Of the same epoch, so that only the commitment tells it. */
static void the_key_file_of_another_gateway_is_noticed_and_does_not_seal_in_silence(void **state)
{
    struct world *world = sealed_world(44, 2, 10), *other = sealed_world(45, 2, 10);

    (void)state;
    put_keys(other, world);
    struct found found = audit(world, NULL);
    assert_told(&found, 1,
                "the key file does not hold the key that the newest seal, record 22, commits to");
    struct store *store = world_open(world, STORE_WRITE);
    assert_int_equal(world_head(store), 33); /* a seal of its own says from where */
    store_close(store);
    found = audit(world, beside(world, "-root"));
    assert_told(&found, 1, "records 22 to 32 are not what was sealed in epoch 2");
    world_destroy(other);
    world_destroy(world);
}

static void a_database_put_back_beside_its_newer_keys_goes_on_with_them(void **state)
{
    struct world *world = sealed_world(46, 1, 10), older = *world;
    static char keys[KEYS_ROOM];
    struct store *store = world_open(world, STORE_WRITE);
    struct err err;

    (void)state;
    snprintf(older.path, sizeof older.path, "%s/older.db", world->folder);
    assert_true(store_backup(store, older.path, NULL, NULL, &err));
    for (int i = 0; i < 2; i++) {
        world_live(world, store, 5);
        seal(world, store);
    }
    store_close(store);
    size_t size = read_file(beside(world, "-keys"), keys);
    write_file(beside(&older, "-keys"), keys, size);
    store = world_open(&older, STORE_WRITE);
    world_live(world, store, 5);
    seal(world, store); /* of epoch 3, behind one of epoch 0 */
    store_close(store);
    struct found found = audit(&older, beside(world, "-root"));
    assert_told(&found, 0, "2 of epochs 0 to 3");
    assert_told(&found, 0, "keys began anew 1 times");
    world_destroy(world);
}

/* Deriving as many keys would keep the start for days. */
static void a_seal_of_an_epoch_beyond_reason_does_not_hold_up_the_start(void **state)
{
    struct world *world = sealed_world(47, 1, 10);

    (void)state;
    rewrite(world, 11, "body = json_set(body, '$.epoch', 4000000000000000000)");
    struct store *store = world_open(world, STORE_WRITE);
    store_close(store);
    struct found found = audit(world, NULL);
    assert_told(&found, 1, "record 11 is no seal");
    world_destroy(world);
}

/* Everything of a row that the chain covers, at a random byte. */
#define AT "(SELECT at FROM kept)"
#define NEXT(text)                                                                                 \
    text " = substr(" text ", 1, " AT " % length(" text ")) || char(unicode(substr(" text          \
         ", 1 + " AT " % length(" text "), 1)) + 1) || substr(" text ", 2 + " AT " % length(" text \
         "))"
static const char *const changes[] = {NEXT("body"), NEXT("kind"),
                                      "at_ms = at_ms + (1 << (" AT " % 40))"};

static void each_changed_byte_of_the_journal_is_noticed(void **state)
{
    (void)state;
    struct world *world = sealed_world(37, 3, 15);
    char text[1024], words[64];

    for (int i = 0; i < 150; i++) {
        uint32_t seq = 1 + world_random(world, 63), at = world_random(world, 4096);

        snprintf(text, sizeof text,
                 "CREATE TABLE kept AS SELECT *, %u AS at FROM journal WHERE seq = %u; "
                 "UPDATE journal SET %s WHERE seq = %u",
                 at, seq, changes[i % 3], seq);
        meddle(world, text);
        struct found found = audit(world, NULL);
        snprintf(words, sizeof words, "chain: record %u is not as it was written", seq);
        if (!found.breaches || !strstr(found.text, words))
            fail_msg("seq %u: %s\nis not noticed:\n%s", seq, text, found.text);
        snprintf(text, sizeof text,
                 "UPDATE journal SET (at_ms, kind, body) = (SELECT at_ms, kind, body FROM kept) "
                 "WHERE seq = %u; DROP TABLE kept",
                 seq);
        meddle(world, text);
    }
    struct found found = audit(world, beside(world, "-root"));
    assert_int_equal(found.breaches, 0);
    world_destroy(world);
}

static void what_a_platform_acknowledged_and_is_gone_is_noticed(void **state)
{
    (void)state;
    struct world *world = sealed_world(38, 1, 20);
    struct store *store = world_open(world, STORE_WRITE);
    struct outbox_progress progress = {.uplink = "city", .kinds = ~0u, .since = 1, .through = 41};
    struct store_batch batch = {.progress = &progress, .progress_count = 1};
    struct err err;

    assert_true(store_commit(store, &batch, &err));
    store_close(store);
    assert_int_equal(audit(world, NULL).breaches > 0, true); /* delivered is not counted: rule 14 */
    meddle(world, "DELETE FROM uplink");
    assert_int_equal(audit(world, NULL).breaches, 0);
    meddle(world, "DELETE FROM journal WHERE seq > 40");
    struct found found = audit(world, NULL);
    if (!strstr(found.text, "acknowledged: a platform acknowledged record 41"))
        fail_msg("%s", found.text);
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_root_key_proves_every_seal),
        cmocka_unit_test(nothing_new_is_not_sealed_again),
        cmocka_unit_test(who_has_the_gateway_cannot_rewrite_what_was_sealed_before),
        cmocka_unit_test(the_older_secret_is_nowhere_in_the_key_file),
        cmocka_unit_test(an_end_between_the_seal_and_the_step_is_made_up_for),
        cmocka_unit_test(keys_that_are_lost_are_begun_anew_and_that_is_told),
        cmocka_unit_test(an_audit_whose_root_key_is_not_there_says_so),
        cmocka_unit_test(what_is_no_seal_of_ours_is_named),
        cmocka_unit_test(a_seal_behind_a_gap_is_named),
        cmocka_unit_test(a_seal_that_does_not_follow_what_was_committed_to_is_named),
        cmocka_unit_test(without_its_keys_the_order_of_the_seals_is_still_proved),
        cmocka_unit_test(the_key_file_of_another_gateway_is_noticed_and_does_not_seal_in_silence),
        cmocka_unit_test(a_database_put_back_beside_its_newer_keys_goes_on_with_them),
        cmocka_unit_test(a_seal_of_an_epoch_beyond_reason_does_not_hold_up_the_start),
        cmocka_unit_test(each_changed_byte_of_the_journal_is_noticed),
        cmocka_unit_test(what_a_platform_acknowledged_and_is_gone_is_noticed),
    };

    return cmocka_run_group_tests_name("seals", tests, NULL, NULL);
}
