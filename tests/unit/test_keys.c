/* The key file and the root key: what is damaged, missing or not taken by the disk, and their
 * bounds. */
#include "tests/unit/store_world.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "daemon/store/keys.h"
#include "daemon/store/keys_root.h"

enum { SLOT = 8192 };
#define DAY_MS (INT64_C(86400) * 1000)

static const char *beside(const struct world *world, const char *ending)
{
    static char paths[4][160];
    static unsigned next;
    char *path = paths[next++ % 4];

    snprintf(path, sizeof paths[0], "%s%s", world->path, ending);
    return path;
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static struct keys *open_keys(const struct world *world, bool writes)
{
    struct keys *keys = calloc(1, sizeof *keys);
    struct err err;

    if (!writes)
        keys_read(keys, world->path);
    else if (!keys_open(keys, world->path, &err))
        fail_msg("%s", err.text);
    return keys;
}

static void close_keys(struct keys *keys)
{
    keys_close(keys);
    free(keys);
}

static void limit_files(rlim_t bytes)
{
    struct rlimit limit;

    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
}

/* Other hands on one of the two copies. */
static void damage(const struct world *world, int copy)
{
    int fd = open(beside(world, "-keys"), O_WRONLY);

    assert_int_equal(pwrite(fd, "x", 1, (off_t)copy * SLOT + 100), 1);
    close(fd);
}

static void one_damaged_copy_is_made_up_for_by_the_other(void **state)
{
    (void)state;
    for (int copy = 0; copy < 2; copy++) {
        struct world *world = world_create((uint64_t)copy);
        struct keys *keys = open_keys(world, true);
        struct ratchet ratchet = keys->ratchet;
        close_keys(keys);
        damage(world, copy);
        keys = open_keys(world, true);
        assert_memory_equal(&keys->ratchet, &ratchet, sizeof ratchet);
        close_keys(keys);
        damage(world, !copy); /* the first one is whole again */
        keys = open_keys(world, false);
        assert_true(keys->fd >= 0);
        assert_memory_equal(&keys->ratchet, &ratchet, sizeof ratchet);
        close_keys(keys);
        world_destroy(world);
    }
}

static void flip(const struct world *world, off_t at)
{
    int fd = open(beside(world, "-keys"), O_RDWR);
    uint8_t byte;

    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= 0x80;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

/* Its first word, a count that is beyond all bounds (at 87), keys, the check at the end. */
static void no_byte_of_the_keys_changes_unnoticed(void **state)
{
    struct world *world = world_create(11);
    struct keys *keys = open_keys(world, true);
    struct stat about;

    (void)state;
    assert_int_equal(fstat(keys->fd, &about), 0);
    close_keys(keys);
    for (off_t at = 0; at < about.st_size - SLOT; at += 29)
        for (int again = 0; again < 2; again++) {
            flip(world, at);
            flip(world, at + SLOT);
            keys = open_keys(world, false);
            assert_int_equal(keys->fd >= 0, again);
            close_keys(keys);
        }
    world_destroy(world);
}

static void an_end_between_the_copies_leaves_the_newer_one(void **state)
{
    struct world *world = world_create(3);
    struct keys *keys = open_keys(world, true);
    char older[SLOT];
    int fd = open(beside(world, "-keys"), O_RDWR);

    (void)state;
    assert_int_equal(pread(fd, older, SLOT, SLOT) > 0, 1);
    struct stat about;
    fstat(fd, &about);
    size_t size = (size_t)about.st_size - SLOT;
    ratchet_step(&keys->ratchet);
    struct err err;
    assert_true(keys_save(keys, &err));
    close_keys(keys);
    for (int copy = 1; copy >= 0; copy--) { /* as if the other one had come first, too */
        assert_int_equal(pwrite(fd, older, size, (off_t)copy * SLOT), size);
        keys = open_keys(world, true);
        assert_int_equal(keys->ratchet.epoch, 1);
        close_keys(keys);
    }
    close(fd);
    world_destroy(world);
}

static void two_damaged_copies_are_begun_anew_by_a_writer_and_unread_by_a_reader(void **state)
{
    struct world *world = world_create(4);
    struct keys *keys = open_keys(world, true);

    (void)state;
    close_keys(keys);
    damage(world, 0);
    damage(world, 1);
    keys = open_keys(world, false);
    assert_int_equal(keys->fd, -1);
    struct err err;
    assert_true(keys_copy(keys, beside(world, ".copy"), &err)); /* there is nothing to copy */
    close_keys(keys);
    keys = open_keys(world, true);
    assert_true(keys->fresh);
    close_keys(keys);
    world_destroy(world);
}

/* A pipe opens as a file does, and gives nothing of what is asked for, as a disk that fails. */
static void keys_that_cannot_be_read_are_not_begun_anew(void **state)
{
    struct world *world = world_create(11);
    struct keys keys;
    struct err err;

    (void)state;
    assert_int_equal(mkfifo(beside(world, "-keys"), 0600), 0);
    assert_false(keys_open(&keys, world->path, &err));
    assert_non_null(strstr(err.text, "cannot be read"));
    assert_int_equal(access(beside(world, "-root"), F_OK), -1);
    keys_close(&keys);
    world_destroy(world);
}

/* As a power cut leaves it, or a kill, that comes while it is written. */
static void half_a_root_is_in_nobodys_way(void **state)
{
    struct world *world = world_create(12);
    struct key root, again;
    struct err err;

    (void)state;
    write_file(beside(world, "-root.part"), "0011");
    assert_true(keys_root_begin(world->path, &root, &err));
    assert_int_equal(access(beside(world, "-root.part"), F_OK), -1);
    assert_true(keys_root_read(beside(world, "-root"), &again, &err));
    assert_memory_equal(&root, &again, sizeof root);
    world_destroy(world);
}

static void a_key_file_that_is_no_file_is_refused(void **state)
{
    struct world *world = world_create(5);
    struct keys keys;
    struct err err;

    (void)state;
    assert_int_equal(symlink("elsewhere", beside(world, "-keys")), 0);
    assert_false(keys_open(&keys, world->path, &err));
    assert_non_null(strstr(err.text, "cannot be opened; check its owner"));
    keys_close(&keys);
    keys_read(&keys, world->path);
    assert_int_equal(keys.fd, -1);
    keys_close(&keys);
    world_destroy(world);
}

static void keys_that_the_disk_does_not_take_are_not_in_use(void **state)
{
    struct world *world = world_create(6);
    struct keys *keys = open_keys(world, true);
    const struct key_epoch *epoch;
    struct err err;

    (void)state;
    limit_files(SLOT + 100); /* the second copy fails */
    assert_false(keys_epoch_for(keys, (utc_ms){0}, &epoch, &err));
    assert_non_null(strstr(err.text, "cannot be written"));
    assert_int_equal(keys->epochs_count, 0);
    assert_false(keys_copy(keys, beside(world, ".copy"), &err));
    limit_files(RLIM_INFINITY);
    assert_true(keys_epoch_for(keys, (utc_ms){0}, &epoch, &err));
    assert_int_equal(epoch->id, 1);
    assert_int_equal(mkdir(beside(world, ".folder-keys"), 0700), 0);
    assert_false(keys_copy(keys, beside(world, ".folder"), &err));
    assert_non_null(strstr(err.text, "cannot be created"));
    rmdir(beside(world, ".folder-keys"));
    close_keys(keys);
    limit_files(100);
    world->path[strlen(world->path) - 1] = 'x'; /* another database, of which nothing is written */
    struct keys none;
    assert_false(keys_open(&none, world->path, &err));
    limit_files(RLIM_INFINITY);
    keys_close(&none);
    world_destroy(world);
}

static void an_epoch_has_its_time_also_by_a_clock_that_was_wrong(void **state)
{
    struct world *world = world_create(7);
    struct keys *keys = open_keys(world, true);
    const struct key_epoch *first, *other;
    int64_t now = 1000 * DAY_MS;
    struct err err;
    utc_ms ended;

    (void)state;
    assert_true(keys_epoch_for(keys, (utc_ms){now}, &first, &err));
    assert_false(keys_epoch_ended(keys, first->id, &ended));
    assert_true(keys_epoch_for(keys, (utc_ms){now + 29 * DAY_MS}, &other, &err));
    assert_int_equal(other->id, 1);
    assert_true(keys_epoch_for(keys, (utc_ms){now + 300 * DAY_MS}, &other, &err)); /* ahead */
    assert_int_equal(other->id, 2);
    assert_true(keys_epoch_for(keys, (utc_ms){now + 31 * DAY_MS}, &other, &err)); /* put right */
    assert_int_equal(other->id, 3);
    assert_true(keys_epoch_ended(keys, 1, &ended));
    assert_int_equal(ended.ms, now + 300 * DAY_MS);
    assert_true(keys_epoch_ended(keys, 2, &ended));
    assert_int_equal(ended.ms, now + 31 * DAY_MS);
    assert_false(keys_epoch_ended(keys, 9, &ended));
    assert_null(keys_epoch(keys, 9));
    assert_true(keys_destroy_epoch(keys, 9, &err)); /* it is gone already */
    assert_true(keys_destroy_epoch(keys, 2, &err));
    assert_null(keys_epoch(keys, 2));
    assert_int_equal(keys->epochs_count, 2);
    close_keys(keys);
    keys = open_keys(world, true);
    assert_int_equal(keys->epochs_count, 2);
    assert_non_null(keys_epoch(keys, 3));
    close_keys(keys);
    world_destroy(world);
}

static void at_the_bound_the_last_epoch_goes_on(void **state)
{
    struct world *world = world_create(8);
    struct keys *keys = open_keys(world, true);
    const struct key_epoch *epoch = NULL;
    struct err err;

    (void)state;
    for (int64_t i = 0; i < KEYS_EPOCHS + 3; i++)
        assert_true(keys_epoch_for(keys, (utc_ms){31 * i * DAY_MS}, &epoch, &err));
    assert_int_equal(keys->epochs_count, KEYS_EPOCHS);
    assert_int_equal(epoch->id, KEYS_EPOCHS);
    close_keys(keys);
    world_destroy(world);
}

static void the_root_is_a_credential_or_lies_beside_or_is_made(void **state)
{
    static const char digits[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    struct world *world = world_create(9);
    struct key root, again;
    struct err err;
    char text[100];

    (void)state;
    setenv("CREDENTIALS_DIRECTORY", world->folder, 1);
    assert_true(keys_root_begin(world->path, &root, &err)); /* none is given: it is made */
    assert_true(keys_root_begin(world->path, &again, &err));
    assert_memory_equal(&root, &again, sizeof root);
    snprintf(text, sizeof text, "%s/parkd-root-key", world->folder);
    write_file(text, digits);
    assert_true(keys_root_begin(world->path, &again, &err));
    assert_int_equal(again.bytes[1], 0x11);
    unlink(text);
    unsetenv("CREDENTIALS_DIRECTORY");
    write_file(beside(world, "-root"), "letters\n");
    assert_false(keys_root_begin(world->path, &root, &err));
    assert_non_null(strstr(err.text, "it is not 64 hex digits"));
    unlink(beside(world, "-root"));
    assert_int_equal(mkdir(beside(world, "-root"), 0700), 0);
    assert_false(keys_root_begin(world->path, &root, &err));
    assert_non_null(strstr(err.text, "cannot be read"));
    rmdir(beside(world, "-root"));
    assert_false(keys_root_read(beside(world, "-root"), &root, &err));
    assert_non_null(strstr(err.text, "cannot be opened"));
    world_destroy(world);
}

static void a_root_that_cannot_be_given_out_is_not_used(void **state)
{
    struct world *world = world_create(10);
    struct keys keys;
    struct key root;
    struct err err;

    (void)state;
    limit_files(20);
    assert_false(keys_root_begin(world->path, &root, &err));
    limit_files(RLIM_INFINITY);
    assert_non_null(strstr(err.text, "cannot be written"));
    assert_int_equal(access(beside(world, "-root"), F_OK), -1);
    assert_int_equal(access(beside(world, "-root.part"), F_OK), -1);
    assert_int_equal(mkdir(beside(world, "-root.part"), 0700), 0);
    assert_false(keys_open(&keys, world->path, &err));
    assert_non_null(strstr(err.text, "cannot be created"));
    rmdir(beside(world, "-root.part"));
    keys_close(&keys);
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_damaged_copy_is_made_up_for_by_the_other),
        cmocka_unit_test(no_byte_of_the_keys_changes_unnoticed),
        cmocka_unit_test(an_end_between_the_copies_leaves_the_newer_one),
        cmocka_unit_test(two_damaged_copies_are_begun_anew_by_a_writer_and_unread_by_a_reader),
        cmocka_unit_test(keys_that_cannot_be_read_are_not_begun_anew),
        cmocka_unit_test(half_a_root_is_in_nobodys_way),
        cmocka_unit_test(a_key_file_that_is_no_file_is_refused),
        cmocka_unit_test(keys_that_the_disk_does_not_take_are_not_in_use),
        cmocka_unit_test(an_epoch_has_its_time_also_by_a_clock_that_was_wrong),
        cmocka_unit_test(at_the_bound_the_last_epoch_goes_on),
        cmocka_unit_test(the_root_is_a_credential_or_lies_beside_or_is_made),
        cmocka_unit_test(a_root_that_cannot_be_given_out_is_not_used),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
