/* The store when its file is not what it was: an older copy put back, damage, a torn note. */
#include "tests/unit/store_world.h"

#include <fcntl.h>
#include <sys/stat.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_older_copy_that_was_put_back_is_noticed_and_declared),
        cmocka_unit_test(a_history_that_went_another_way_is_noticed),
        cmocka_unit_test(a_torn_note_of_what_was_acknowledged_counts_as_none),
        cmocka_unit_test(a_sound_file_under_suspicion_is_kept),
        cmocka_unit_test(a_damaged_file_is_set_aside_and_a_fresh_one_declares_the_loss),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
