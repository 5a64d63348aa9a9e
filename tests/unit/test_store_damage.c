/* The store and rows that are not as it wrote them: each is refused or told by its number, and what
 * need not be believed is not. */
#include "tests/unit/store_world.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "daemon/base/clock.h"
#include "daemon/store/audit.h"
#include "daemon/store/inside.h"
#include "daemon/store/projections.h"
#include "daemon/store/store_orphans.h"
#include "daemon/store/store_stays.h"

/* Other hands on the file, also while it is open. */
static void meddle(const struct world *world, const char *text)
{
    struct err err;
    struct sql *sql = sql_open(world->path, SQL_WRITE, &err);

    if (!sql ||
        !sql_run(sql, "PRAGMA foreign_keys=OFF; PRAGMA ignore_check_constraints=ON", &err) ||
        !sql_run(sql, text, &err))
        fail_msg("%s", err.text);
    sql_close(sql);
}

/* A file with `records` records that was closed in order. */
static struct world *world_of(uint64_t seed, size_t records)
{
    struct world *world = world_create(seed);
    struct store *store = world_open(world, STORE_WRITE);

    world_live(world, store, records);
    store_close(store);
    return world;
}

static void assert_refused(const struct world *world, const char *words)
{
    struct err err;

    assert_null(store_open(world->path, STORE_WRITE, &err));
    if (!strstr(err.text, words))
        fail_msg("\"%s\" does not say \"%s\"", err.text, words);
}

static bool see(void *arg, const struct store_row *row)
{
    (void)row;
    ++*(size_t *)arg;
    return true;
}

static void assert_unreadable(struct store *store, const char *words)
{
    struct err err;
    size_t seen = 0;

    assert_false(store_read(store, 1, 10, see, &seen, &err));
    if (!strstr(err.text, words))
        fail_msg("\"%s\" does not say \"%s\"", err.text, words);
}

/* Beyond what a start follows. */
static void an_old_record_that_is_damaged_is_refused_when_it_is_read(void **state)
{
    struct world *world = world_of(1, 1100);

    (void)state;
    meddle(world, "UPDATE journal SET kind = 'levitation' WHERE seq = 1");
    struct store *store = world_open(world, STORE_WRITE);
    assert_unreadable(store, "does not know the kind \"levitation\"");
    meddle(world, "UPDATE journal SET kind = 'gateway', hash = x'00' WHERE seq = 1");
    assert_unreadable(store, "its hash is damaged");
    struct record record;
    struct err err;
    assert_false(
        store_prune(store, (utc_ms){world->at_ms}, (utc_ms){world->at_ms}, 10, &record, &err));
    assert_non_null(strstr(err.text, "a hash is damaged; run parkctl audit"));
    store_close(store);
    world_destroy(world);
}

static void a_chain_without_its_beginning_is_refused(void **state)
{
    struct world *world = world_of(2, 1100);

    (void)state;
    meddle(world, "UPDATE journal SET hash = x'00' WHERE seq = 100");
    assert_refused(world, "record 100 is missing");
    meddle(world, "DELETE FROM journal WHERE seq = 100");
    assert_refused(world, "record 100 is missing");
    world_destroy(world);
}

static void a_file_that_does_not_say_what_it_is_is_refused(void **state)
{
    struct world *world = world_of(3, 20);

    (void)state;
    meddle(world, "UPDATE meta SET anchor_hash = x'00'");
    assert_refused(world, "it does not say what it is");
    meddle(world, "DELETE FROM meta");
    assert_refused(world, "it does not say what it is");
    world_destroy(world);
}

static void a_journal_that_is_gone_goes_on_behind_its_anchor(void **state)
{
    struct world *world = world_of(4, 20);

    (void)state;
    meddle(world, "UPDATE meta SET anchor_seq = 20, anchor_hash = (SELECT hash FROM journal WHERE "
                  "seq = 20), projected = 900; DELETE FROM journal");
    struct store *store = world_open(world, STORE_WRITE);
    assert_int_equal(world_head(store), 20);
    world_live(world, store, 5);
    assert_int_equal(world_head(store), 25);
    store_close(store);
    store_close(world_open(world, STORE_WRITE));
    world_destroy(world);
}

static void a_table_that_is_damaged_is_found_after_a_power_cut(void **state)
{
    struct world *world = world_of(5, 20);

    (void)state;
    meddle(world, "UPDATE meta SET one = 2");
    store_close(world_open(world, STORE_WRITE));
    meddle(world, "UPDATE meta SET clean = 0");
    assert_refused(world, "table meta is damaged");
    world_destroy(world);
}

static void a_schema_that_never_was_is_refused_and_an_older_one_is_not_read(void **state)
{
    struct world *world = world_of(6, 20);
    struct err err;

    (void)state;
    meddle(world, "PRAGMA user_version=-1");
    assert_refused(world, "its schema is -1");
    meddle(world, "PRAGMA user_version=2");
    assert_null(store_open(world->path, STORE_READ, &err));
    assert_non_null(strstr(err.text, "start parkd once"));
    world_destroy(world);
}

static void note_breach(void *arg, const struct audit_finding *finding)
{
    char *breaches = arg;

    if (!finding->good)
        strcat(strcat(breaches, finding->name), " ");
}

static void assert_breaches(const struct world *world, const char *names)
{
    char found[512] = "";
    size_t count;
    struct err err;

    assert_true(audit_run(world->path, note_breach, found, &count, &err));
    assert_string_equal(found, names);
}

static void a_held_record_without_whole_hashes_is_named_by_the_audit(void **state)
{
    struct world *world = world_of(7, 20);

    (void)state;
    meddle(world,
           "INSERT INTO held SELECT *, x'00', 0 FROM journal WHERE kind <> 'bay_changed' LIMIT 1");
    assert_breaches(world, "held ");
    meddle(world, "UPDATE held SET before = hash, hash = x'00'");
    assert_breaches(world, "held ");
    meddle(world, "DELETE FROM held; UPDATE meta SET anchor_hash = x'00'");
    assert_breaches(world, "chain ");
    world_destroy(world);
}

static void kinds_of_another_version_are_passed_over_in_an_account(void **state)
{
    struct world *world = world_of(8, 20);
    struct store *store = world_open(world, STORE_WRITE);
    struct outbox_progress progress;
    struct err err;

    (void)state;
    assert_true(store_progress(store, "city", &progress, &err));
    meddle(world, "UPDATE uplink SET kinds = 'gateway,levitation'");
    assert_true(store_progress(store, "city", &progress, &err));
    assert_int_equal(progress.kinds, 1u << RECORD_GATEWAY);
    store_close(store);
    world_destroy(world);
}

static void only_what_has_a_latest_is_asked_for_it(void **state)
{
    (void)state;
    assert_non_null(projections_latest(RECORD_BAY_CHANGED));
    assert_null(projections_latest(RECORD_GATEWAY));
}

static bool stop(void *arg, const struct store_stay *stay)
{
    (void)stay;
    ++*(size_t *)arg;
    return false;
}

static void stay_of(struct world *world, const char *id, enum vehicle_class class)
{
    struct record record = {.kind = RECORD_STAY_OPENED};

    record.stay_opened.bay = record.stay_opened.lane = PLAN_NONE;
    record.stay_opened.class = class;
    text_copy(record.stay_opened.stay, sizeof record.stay_opened.stay, id);
    text_copy(record.stay_opened.plate, sizeof record.stay_opened.plate, id);
    world_add(world, record);
}

static void stays_are_told_until_somebody_has_enough(void **state)
{
    struct world *world = world_create(9);
    struct store *store = world_open(world, STORE_WRITE);
    static struct orphan_witness witnesses[STORE_WITNESSES];
    static struct orphans orphans;
    struct store_stay_filter filter = {.lot = NULL};
    size_t seen = 0;
    struct err err;

    (void)state;
    stay_of(world, "S1", VEHICLE_LARGE);
    stay_of(world, "S2", VEHICLE_SMALL);
    world_commit(world, store);
    store_close(store);
    meddle(world, "UPDATE stay SET class = 'sledge' WHERE stay = 'S2'");
    store = world_open(world, STORE_READ);
    assert_true(store_stays(store, &filter, stop, &seen, &err));
    assert_int_equal(seen, 1);
    assert_true(store_orphans(store, "A", &orphans, witnesses, &err));
    assert_int_equal(orphans.entries_count, 2);
    assert_int_equal(orphans.entries[1].class, VEHICLE_LARGE);
    assert_int_equal(orphans.entries[0].class, VEHICLE_SMALL); /* of one that nobody knows */
    store_close(store);
    world_destroy(world);
}

static void what_lies_beside_the_database_must_be_files(void **state)
{
    struct world *world = world_create(10);
    struct store *store;
    char path[128];

    (void)state;
    snprintf(path, sizeof path, "%s-acknowledged", world->path);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_refused(world, "cannot be opened; check its owner");
    rmdir(path);
    FILE *file = fopen(path, "w"); /* a line of the right length that says nothing */
    fprintf(file, "%127s\n", "nothing");
    fclose(file);
    store = world_open(world, STORE_WRITE);
    snprintf(path, sizeof path, "%s-suspect", world->path);
    assert_int_equal(symlink("elsewhere", path), 0);
    store_suspect(store); /* not through a link: the next start does not look closer */
    store_close(store);
    snprintf(path, sizeof path, "%s/elsewhere", world->folder);
    assert_int_equal(access(path, F_OK), -1);
    world_destroy(world);
}

static void allow_files(rlim_t count)
{
    struct rlimit limit;

    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = count;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static void with_too_few_files_a_start_says_so_each_time(void **state)
{
    struct world *world = world_create(11);
    struct store *store = NULL;
    rlim_t first = (rlim_t)dup(0), count;
    struct rlimit before;
    struct err err;

    (void)state;
    close((int)first);
    getrlimit(RLIMIT_NOFILE, &before);
    for (count = first; !store && count < first + 20; count++) {
        allow_files(count);
        err.text[0] = '\0';
        store = store_open(world->path, STORE_WRITE, &err);
        allow_files(before.rlim_cur);
        assert_true(store || err.text[0]);
    }
    assert_true(count > first + 2);
    assert_non_null(store);
    store_close(store);
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_old_record_that_is_damaged_is_refused_when_it_is_read),
        cmocka_unit_test(a_chain_without_its_beginning_is_refused),
        cmocka_unit_test(a_file_that_does_not_say_what_it_is_is_refused),
        cmocka_unit_test(a_journal_that_is_gone_goes_on_behind_its_anchor),
        cmocka_unit_test(a_table_that_is_damaged_is_found_after_a_power_cut),
        cmocka_unit_test(a_schema_that_never_was_is_refused_and_an_older_one_is_not_read),
        cmocka_unit_test(a_held_record_without_whole_hashes_is_named_by_the_audit),
        cmocka_unit_test(kinds_of_another_version_are_passed_over_in_an_account),
        cmocka_unit_test(only_what_has_a_latest_is_asked_for_it),
        cmocka_unit_test(stays_are_told_until_somebody_has_enough),
        cmocka_unit_test(what_lies_beside_the_database_must_be_files),
        cmocka_unit_test(with_too_few_files_a_start_says_so_each_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
