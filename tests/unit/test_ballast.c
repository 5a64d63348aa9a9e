/* The ballast: held while there is room, given up when there is none, and nothing else is. */
#include "tests/unit/store_world.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "daemon/store/ballast.h"

enum { MEGABYTE = 1024 * 1024 };

static int64_t size_of(const struct world *world)
{
    char path[128];
    struct stat about;

    snprintf(path, sizeof path, "%s-ballast", world->path);
    return stat(path, &about) == 0 ? about.st_size : -1;
}

static void without_a_size_there_is_none(void **state)
{
    struct world *world = world_create(1);
    struct ballast *ballast = ballast_create(world->path, 0);

    (void)state;
    assert_int_equal(size_of(world), -1);
    assert_false(ballast_release(ballast));
    ballast_destroy(ballast);
    ballast_destroy(NULL);
    world_destroy(world);
}

static void it_is_kept_over_a_restart_and_made_whole_when_it_is_too_small(void **state)
{
    struct world *world = world_create(2);
    struct ballast *ballast = ballast_create(world->path, MEGABYTE);

    (void)state;
    assert_int_equal(size_of(world), MEGABYTE);
    assert_false(ballast_release(ballast)); /* there is room */
    ballast_destroy(ballast);
    ballast = ballast_create(world->path, MEGABYTE);
    ballast_destroy(ballast);
    ballast = ballast_create(world->path, 2 * MEGABYTE);
    assert_int_equal(size_of(world), 2 * MEGABYTE);
    ballast_destroy(ballast);
    world_destroy(world);
}

static void it_is_no_larger_than_a_quarter_of_the_room(void **state)
{
    struct world *world = world_create(3);

    (void)state;
    ballast_destroy(ballast_create(world->path, INT64_MAX / 8));
    assert_int_equal(size_of(world), -1);
    ballast_destroy(ballast_create("/parkd-of-no-folder", INT64_MAX / 8));
    world_destroy(world);
}

static void a_folder_that_is_gone_holds_none(void **state)
{
    (void)state;
    struct ballast *ballast = ballast_create("/nonexistent/parkd.db", MEGABYTE);

    assert_false(ballast_release(ballast));
    ballast_destroy(ballast);
}

static void one_that_the_disk_does_not_take_whole_is_removed(void **state)
{
    struct world *world = world_create(4);
    struct rlimit limit;

    (void)state;
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = 4096;
    setrlimit(RLIMIT_FSIZE, &limit);
    struct ballast *ballast = ballast_create(world->path, MEGABYTE);
    limit.rlim_cur = RLIM_INFINITY;
    setrlimit(RLIMIT_FSIZE, &limit);
    assert_int_equal(size_of(world), -1);
    ballast_keep(ballast);
    assert_int_equal(size_of(world), MEGABYTE);
    ballast_destroy(ballast);
    world_destroy(world);
}

/* A disk of our own, in a namespace of our own: where the machine gives none, nothing is shown. */
static bool small_disk(const struct world *world)
{
    if (unshare(geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWUSER | CLONE_NEWNS))
        return false;
    return !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
           !mount("tmpfs", world->folder, "tmpfs", 0, "size=12m,mode=0700");
}

static void fill_disk(const struct world *world)
{
    static const char zeros[65536];
    char path[128];

    snprintf(path, sizeof path, "%s/filler", world->folder);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    while (write(fd, zeros, sizeof zeros) > 0)
        ;
    close(fd);
}

static void a_full_disk_gets_it_back_once(void **state)
{
    struct world *world = world_create(5);
    char path[128];

    (void)state;
    if (!small_disk(world)) {
        world_destroy(world);
        skip();
    }
    struct ballast *ballast = ballast_create(world->path, 2 * MEGABYTE);
    assert_int_equal(size_of(world), 2 * MEGABYTE);
    fill_disk(world);
    assert_true(ballast_release(ballast));
    assert_int_equal(size_of(world), -1);
    assert_false(ballast_release(ballast));
    ballast_keep(ballast); /* not at once again: the room is needed */
    assert_int_equal(size_of(world), -1);
    snprintf(path, sizeof path, "%s/filler", world->folder);
    unlink(path);
    ballast_keep(ballast);
    assert_int_equal(size_of(world), 2 * MEGABYTE);
    fill_disk(world);
    snprintf(path, sizeof path, "%s-ballast", world->path);
    unlink(path); /* other hands were quicker */
    fill_disk(world);
    assert_false(ballast_release(ballast));
    ballast_destroy(ballast);
    umount(world->folder);
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_size_there_is_none),
        cmocka_unit_test(it_is_kept_over_a_restart_and_made_whole_when_it_is_too_small),
        cmocka_unit_test(it_is_no_larger_than_a_quarter_of_the_room),
        cmocka_unit_test(a_folder_that_is_gone_holds_none),
        cmocka_unit_test(one_that_the_disk_does_not_take_whole_is_removed),
        cmocka_unit_test(a_full_disk_gets_it_back_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
