/* The store when its file is not what it was: an older copy put back, damage, a torn note. */
#include "tests/unit/store_world.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "daemon/store/sql.h"

struct losses {
    uint64_t records, count;
    char reason[RECORD_BODY_MAX];
};

static bool count_loss(void *arg, const struct store_row *row)
{
    struct losses *losses = arg;
    const char *count = row->kind == RECORD_LOSS ? strstr(row->body, "\"count\":") : NULL;

    if (!count)
        return true;
    losses->records++;
    losses->count += strtoull(count + strlen("\"count\":"), NULL, 10);
    snprintf(losses->reason, sizeof losses->reason, "%.*s", (int)row->body_size, row->body);
    return true;
}

static struct losses losses_of(struct store *store)
{
    struct losses losses = {.records = 0};
    struct err err;

    assert_true(store_read(store, 1, 100000, count_loss, &losses, &err));
    return losses;
}

static void acknowledge(struct store *store, uint64_t through)
{
    struct outbox_progress progress = {
        .uplink = "city", .kinds = 1, .since = 1, .through = through, .delivered = through};
    struct store_batch batch = {.progress = &progress, .progress_count = 1};
    struct err err;

    assert_true(store_commit(store, &batch, &err));
}

/* The database's path is $DB. */
static void run_command(const struct world *world, const char *command)
{
    setenv("DB", world->path, 1);
    assert_int_equal(system(command), 0);
}

static struct store *open_service(const struct world *world)
{
    struct err err;
    struct store *store = store_open_or_begin(world->path, &err);

    if (!store)
        fail_msg("%s", err.text);
    return store;
}

/* A world of 100 records, a copy of the file with those, and 50 more, all acknowledged. */
static struct world *world_with_copy(uint64_t seed)
{
    struct world *world = world_create(seed);
    struct store *store = world_open(world, STORE_WRITE);

    world_live(world, store, 100);
    acknowledge(store, 100);
    store_close(store);
    run_command(world, "cp $DB $DB.old");
    store = world_open(world, STORE_WRITE);
    world_live(world, store, 50);
    acknowledge(store, 150);
    store_close(store);
    return world;
}

static void an_older_copy_that_was_put_back_is_noticed_and_declared(void **state)
{
    (void)state;
    struct world *world = world_with_copy(1);
    struct store_head before, after;

    struct store *store = world_open(world, STORE_WRITE);
    store_head(store, &before);
    store_close(store);
    run_command(world, "mv $DB.old $DB");
    store = world_open(world, STORE_WRITE);
    store_head(store, &after);
    struct losses losses = losses_of(store);
    assert_int_equal(losses.records, 1);
    assert_int_equal(losses.count, 50);
    assert_non_null(strstr(losses.reason, "platforms have record 150"));
    assert_string_not_equal(before.lineage, after.lineage);
    store_close(store);
    store = world_open(world, STORE_WRITE); /* it is declared once */
    assert_int_equal(losses_of(store).records, 1);
    store_close(store);
    world_destroy(world);
}

static void a_history_that_went_another_way_is_noticed(void **state)
{
    (void)state;
    struct world *world = world_with_copy(2);

    /* The copy grows past what was acknowledged before anybody looks. */
    run_command(world, "mv $DB-acknowledged $DB-hidden");
    run_command(world, "mv $DB.old $DB");
    struct store *store = world_open(world, STORE_WRITE);
    world_live(world, store, 80);
    store_close(store);
    run_command(world, "mv $DB-hidden $DB-acknowledged");
    store = world_open(world, STORE_WRITE);
    assert_int_equal(losses_of(store).records, 1);
    store_close(store);
    world_destroy(world);
}

static void a_torn_note_of_what_was_acknowledged_counts_as_none(void **state)
{
    (void)state;
    struct world *world = world_with_copy(3);

    run_command(world, "printf 9 | dd of=$DB-acknowledged conv=notrunc 2>$DB.dd");
    struct store *store = world_open(world, STORE_WRITE);
    assert_int_equal(losses_of(store).records, 0);
    store_close(store);
    world_destroy(world);
}

static void rewrite(const struct world *world, const char *text)
{
    struct err err;
    struct sql *sql = sql_open(world->path, SQL_COPY, &err);

    assert_non_null(sql);
    if (!sql_run(sql, text, &err))
        fail_msg("%s", err.text);
    sql_close(sql);
}

/* What platforms have is long gone from here, or cannot be compared: nothing is missed. */
static void what_was_acknowledged_and_pruned_is_not_behind(void **state)
{
    (void)state;
    struct world *world = world_create(40);
    struct store *store = world_open(world, STORE_WRITE);
    struct record record;
    struct err err;

    world_live(world, store, 1200);
    acknowledge(store, 50);
    acknowledge(store, 40); /* an older word is none */
    store_close(store);
    run_command(world, "cp $DB-acknowledged $DB-kept");
    rewrite(world, "UPDATE uplink SET through = 1200");
    store = world_open(world, STORE_WRITE);
    assert_true(
        store_prune(store, (utc_ms){world->at_ms}, (utc_ms){world->at_ms}, 100, &record, &err));
    assert_int_equal(record.retention.count, 100);
    acknowledge(store, 60); /* which is not there any more */
    store_close(store);
    run_command(world, "mv $DB-kept $DB-acknowledged");
    store = world_open(world, STORE_WRITE);
    assert_int_equal(losses_of(store).records, 0);
    store_close(store);
    world_destroy(world);
}

static void what_was_acknowledged_and_cannot_be_read_is_not_behind(void **state)
{
    (void)state;
    struct world *world = world_create(41);
    struct store *store = world_open(world, STORE_WRITE);

    world_live(world, store, 1200);
    acknowledge(store, 50);
    store_close(store);
    rewrite(world, "UPDATE journal SET hash = x'00' WHERE seq = 50");
    store = world_open(world, STORE_WRITE);
    assert_int_equal(world_head(store), 1200);
    store_close(store);
    world_destroy(world);
}

static bool aside_is_there(const struct world *world)
{
    DIR *folder = opendir(world->folder);
    struct dirent *entry;
    bool found = false;

    while ((entry = readdir(folder)))
        found = found || strstr(entry->d_name, ".damaged-");
    closedir(folder);
    return found;
}

/* Zeroes a stretch of the closed file. */
static void damage(const struct world *world, off_t from, size_t size)
{
    char zeros[4096] = "";
    int fd = open(world->path, O_WRONLY);

    assert_true(fd >= 0 && size <= sizeof zeros);
    assert_int_equal(pwrite(fd, zeros, size, from), size);
    close(fd);
}

/* As the store thread does when a call finds damage in what no start looks at. */
static void mark_suspect(const struct world *world)
{
    run_command(world, "touch $DB-suspect");
}

static void a_sound_file_under_suspicion_is_kept(void **state)
{
    (void)state;
    struct world *world = world_with_copy(9);

    mark_suspect(world);
    struct store *store = open_service(world);
    assert_int_equal(world_head(store), 150);
    assert_false(aside_is_there(world));
    store_close(store);
    assert_int_not_equal(access(strcat(world->path, "-suspect"), F_OK), 0);
    world_destroy(world);
}

static void a_damaged_file_is_set_aside_and_a_fresh_one_declares_the_loss(void **state)
{
    (void)state;
    struct stat about;

    for (int part = 0; part < 3; part++) { /* the head, a page within, a page near the end */
        struct world *world = world_with_copy(10 + (uint64_t)part);
        stat(world->path, &about);
        damage(world, about.st_size / 1024 / 3 * part * 1024, part ? 2048 : 100);
        mark_suspect(world);
        struct store *store = open_service(world);
        assert_true(aside_is_there(world));
        struct losses losses = losses_of(store);
        assert_int_equal(losses.records, 1);
        assert_true(losses.count >= 1);
        assert_non_null(strstr(losses.reason, ".damaged-"));
        world->count = 0;
        world_live(world, store, 30);
        store_close(store);
        world_destroy(world);
    }
}

static void open_refused(const struct world *world, const char *words)
{
    struct err err;

    assert_null(store_open_or_begin(world->path, &err));
    if (!strstr(err.text, words))
        fail_msg("\"%s\" does not say \"%s\"", err.text, words);
    assert_false(aside_is_there(world));
}

static void what_is_not_ours_is_left_where_it_is(void **state)
{
    (void)state;
    struct world *world = world_create(20);

    run_command(world, "echo somebody keeps letters here, and long ones at that >$DB");
    open_refused(world, "this is no database");
    run_command(world, "rm $DB-acknowledged && mkdir $DB-acknowledged");
    mark_suspect(world);
    open_refused(world, "cannot be opened; check its owner");
    run_command(world, "rm $DB && mkdir $DB && rmdir $DB-acknowledged");
    open_refused(world, "cannot be opened");
    run_command(world, "rmdir $DB");
    strcat(world->path, "/parkd.db");
    open_refused(world, "check that the folder exists");
    world_destroy(world);
}

static void an_empty_file_under_suspicion_is_begun(void **state)
{
    (void)state;
    struct world *world = world_create(21);

    run_command(world, ": >$DB");
    mark_suspect(world);
    struct store *store = open_service(world);
    assert_int_equal(world_head(store), 0);
    assert_false(aside_is_there(world));
    store_close(store);
    world_destroy(world);
}

static void a_schema_of_the_future_is_no_damage(void **state)
{
    (void)state;
    struct world *world = world_with_copy(22);

    rewrite(world, "PRAGMA user_version=99");
    mark_suspect(world);
    open_refused(world, "its schema is 99");
    world_destroy(world);
}

/* So that the journal may hold what it must not. */
static void forget_rule(const struct world *world, const char *rule, const char *other)
{
    char text[256];

    snprintf(text, sizeof text,
             "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql = replace(sql, '%s', '%s') "
             "WHERE name = 'journal'",
             rule, other);
    rewrite(world, text);
}

/* Whatever is wrong with it is said, in the log as in the record. */
static void rows_that_break_the_rules_of_the_file_are_damage(void **state)
{
    static const char *const faults[] = {
        "UPDATE journal SET kind = NULL WHERE seq = 70",
        "UPDATE meta SET anchor_hash = x'00'",
        "DELETE FROM meta",
        "DELETE FROM journal WHERE seq = 70",
    };

    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct world *world = world_with_copy(23 + i);

        forget_rule(world, "kind TEXT NOT NULL", "kind TEXT");
        rewrite(world, faults[i]);
        forget_rule(world, "kind TEXT,", "kind TEXT NOT NULL,");
        mark_suspect(world);
        struct store *store = open_service(world);
        if (!aside_is_there(world))
            fail_msg("%s", faults[i]);
        assert_int_equal(losses_of(store).records, 1);
        store_close(store);
        world_destroy(world);
    }
}

/* The names that the next seconds would give are taken by folders. */
static void take_names(const struct world *world, const char *ending)
{
    char command[160];

    snprintf(command, sizeof command,
             "t=$(date +%%s); for i in 0 1 2 3 4 5 6 7; do mkdir $DB.damaged-$((t + i))%s; done",
             ending);
    run_command(world, command);
}

static void a_damaged_file_that_cannot_be_moved_stops_the_start(void **state)
{
    (void)state;
    struct world *world = world_with_copy(30);
    struct err err;

    rewrite(world, "DELETE FROM journal WHERE seq = 70");
    mark_suspect(world);
    take_names(world, "");
    assert_null(store_open_or_begin(world->path, &err));
    assert_non_null(strstr(err.text, "cannot be set aside"));
    run_command(world, "rmdir $DB.damaged-*");
    world_destroy(world);
}

static void what_lies_beside_a_damaged_file_follows_it_as_far_as_it_can(void **state)
{
    (void)state;
    struct world *world = world_with_copy(31);

    rewrite(world, "DELETE FROM journal WHERE seq = 70");
    mark_suspect(world);
    take_names(world, "-suspect");
    struct store *store = open_service(world);
    assert_int_equal(losses_of(store).records, 1);
    store_close(store);
    run_command(world, "rmdir $DB.damaged-*-suspect");
    world_destroy(world);
}

static void without_a_note_every_record_of_a_damaged_file_counts_as_lost(void **state)
{
    (void)state;
    struct world *world = world_with_copy(32);

    rewrite(world, "DELETE FROM journal WHERE seq = 70");
    mark_suspect(world);
    run_command(world, "rm $DB-acknowledged && mkdir $DB-acknowledged");
    struct store *store = open_service(world);
    assert_int_equal(losses_of(store).count, 150);
    store_close(store);
    run_command(world, "rmdir $DB.damaged-*-acknowledged");
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_older_copy_that_was_put_back_is_noticed_and_declared),
        cmocka_unit_test(a_history_that_went_another_way_is_noticed),
        cmocka_unit_test(what_was_acknowledged_and_pruned_is_not_behind),
        cmocka_unit_test(what_was_acknowledged_and_cannot_be_read_is_not_behind),
        cmocka_unit_test(a_torn_note_of_what_was_acknowledged_counts_as_none),
        cmocka_unit_test(a_sound_file_under_suspicion_is_kept),
        cmocka_unit_test(a_damaged_file_is_set_aside_and_a_fresh_one_declares_the_loss),
        cmocka_unit_test(what_is_not_ours_is_left_where_it_is),
        cmocka_unit_test(an_empty_file_under_suspicion_is_begun),
        cmocka_unit_test(a_schema_of_the_future_is_no_damage),
        cmocka_unit_test(rows_that_break_the_rules_of_the_file_are_damage),
        cmocka_unit_test(a_damaged_file_that_cannot_be_moved_stops_the_start),
        cmocka_unit_test(what_lies_beside_a_damaged_file_follows_it_as_far_as_it_can),
        cmocka_unit_test(without_a_note_every_record_of_a_damaged_file_counts_as_lost),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
