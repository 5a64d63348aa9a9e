/* A backup that cannot be made says why, leaves nothing behind and harms nothing. */
#include "tests/unit/store_world.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "daemon/store/inside.h"

enum { NOBODY = 65534 };

struct scene {
    struct world *world;
    struct store *store;
    char path[128];
    int steps, give_up_at; /* 0: never */
    bool checking;         /* give up while the copy is checked */
};

static struct scene scene_of(uint64_t seed, size_t records)
{
    struct scene scene = {.world = world_create(seed)};

    snprintf(scene.path, sizeof scene.path, "%s/copy.db", scene.world->folder);
    scene.store = world_open(scene.world, STORE_WRITE);
    world_live(scene.world, scene.store, records);
    return scene;
}

static void end(struct scene *scene)
{
    store_close(scene->store);
    world_destroy(scene->world);
}

static bool go_on(void *arg, int done, int total)
{
    struct scene *scene = arg;

    (void)done;
    return scene->checking ? total > 0 : ++scene->steps != scene->give_up_at;
}

static bool is_there(const char *path, const char *ending)
{
    char name[160];

    snprintf(name, sizeof name, "%s%s", path, ending);
    return access(name, F_OK) == 0;
}

/* Refused; what is in the way of the keys stays there. */
static void assert_refused_but(struct scene *scene, const char *words)
{
    struct err err;

    assert_false(store_backup(scene->store, scene->path, go_on, scene, &err));
    if (!strstr(err.text, words))
        fail_msg("\"%s\" does not say \"%s\"", err.text, words);
    assert_false(is_there(scene->path, ".part"));
}

static void assert_refused(struct scene *scene, const char *words)
{
    assert_refused_but(scene, words);
    assert_false(is_there(scene->path, ".part-keys"));
}

static void one_that_nobody_waits_for_is_made_in_one_go(void **state)
{
    struct scene scene = scene_of(1, 300);
    struct err err;

    (void)state;
    assert_true(store_backup(scene.store, scene.path, NULL, NULL, &err));
    assert_true(is_there(scene.path, ""));
    end(&scene);
}

static void one_that_is_given_up_leaves_nothing(void **state)
{
    struct scene scene = scene_of(2, 2500);

    (void)state;
    scene.give_up_at = 1;
    assert_refused(&scene, "given up before it was whole");
    scene.checking = true;
    assert_refused(&scene, "given up before it was whole");
    assert_false(is_there(scene.path, ""));
    assert_false(is_there(scene.path, "-keys"));
    end(&scene);
}

static void a_name_that_is_a_folder_is_no_place_for_it(void **state)
{
    struct scene scene = scene_of(3, 50);
    char file[160];

    (void)state;
    assert_int_equal(mkdir(scene.path, 0700), 0);
    assert_refused(&scene, "cannot get its name");
    assert_false(is_there(scene.path, "-keys"));
    snprintf(file, sizeof file, "%s-keys", scene.path);
    close(creat(file, 0600)); /* of whom, it does not know */
    assert_refused(&scene, "cannot get its name");
    assert_true(is_there(scene.path, "-keys"));
    unlink(file);
    rmdir(scene.path);
    assert_int_equal(mkdir(file, 0700), 0);
    assert_refused(&scene, "cannot get its name");
    assert_false(is_there(scene.path, ""));
    rmdir(file);
    snprintf(file, sizeof file, "%s.part-keys", scene.path);
    assert_int_equal(mkdir(file, 0700), 0);
    assert_refused_but(&scene, "key file");
    rmdir(file);
    end(&scene);
}

/* A slip of the hand: it would take the place of what is being written. */
static void the_database_and_its_files_are_no_place_for_it(void **state)
{
    static const char *const endings[] = {"", "-keys", "-root", "-lock", "-wal"};
    struct scene scene = scene_of(10, 50);
    struct stat before, after;

    (void)state;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        snprintf(scene.path, sizeof scene.path, "%s/./parkd.db%s", scene.world->folder, endings[i]);
        assert_int_equal(stat(scene.path, &before), 0);
        assert_refused(&scene, "a file of the database itself");
        assert_int_equal(stat(scene.path, &after), 0);
        assert_true(before.st_ino == after.st_ino && before.st_size == after.st_size);
    }
    snprintf(scene.path, sizeof scene.path, "%s/parkd.db2", scene.world->folder);
    struct err err;
    assert_true(store_backup(scene.store, scene.path, NULL, NULL, &err));
    end(&scene);
}

static ino_t file_of(const struct scene *scene, const char *ending)
{
    struct stat is;
    char name[160];

    snprintf(name, sizeof name, "%s%s", scene->path, ending);
    assert_int_equal(stat(name, &is), 0);
    return is.st_ino;
}

/* The plates of the last backup stay readable: its keys are not written over, they are replaced
 * when the next copy and its keys are whole. */
static void the_last_backup_keeps_its_keys_until_the_next_is_whole(void **state)
{
    struct scene scene = scene_of(9, 50);
    char file[160];
    struct err err;

    (void)state;
    assert_true(store_backup(scene.store, scene.path, NULL, NULL, &err));
    const ino_t copy = file_of(&scene, ""), keys = file_of(&scene, "-keys");
    snprintf(file, sizeof file, "%s.part-keys", scene.path);
    assert_int_equal(mkdir(file, 0700), 0); /* the keys cannot be written */
    assert_refused_but(&scene, "key file");
    assert_true(copy == file_of(&scene, "") && keys == file_of(&scene, "-keys"));
    rmdir(file);
    assert_true(store_backup(scene.store, scene.path, NULL, NULL, &err));
    assert_true(copy != file_of(&scene, "") && keys != file_of(&scene, "-keys"));
    assert_false(is_there(scene.path, ".part-keys"));
    end(&scene);
}

static void a_name_without_a_folder_is_one_of_the_working_folder(void **state)
{
    struct scene scene = scene_of(9, 50);
    char was[4096], folder[160];
    struct err err;

    (void)state;
    snprintf(folder, sizeof folder, "%s", scene.path);
    *strrchr(folder, '/') = '\0';
    assert_non_null(getcwd(was, sizeof was));
    assert_int_equal(chdir(folder), 0);
    assert_true(store_backup(scene.store, strrchr(scene.path, '/') + 1, NULL, NULL, &err));
    assert_false(store_backup(scene.store, strrchr(scene.world->path, '/') + 1, NULL, NULL, &err));
    assert_non_null(strstr(err.text, "of the database itself"));
    assert_int_equal(chdir(was), 0);
    assert_true(is_there(scene.path, ""));
    end(&scene);
}

/* The newest backup stays what it was when the next one finds damage. */
static void damage_is_not_backed_up(void **state)
{
    static const char *const faults[] = {
        "UPDATE meta SET anchor_hash = x'00'",
        "UPDATE journal SET hash = x'00' WHERE seq = 7",
        "DELETE FROM meta",
    };
    static const char *const words[] = {"it does not say where its chain begins",
                                        "record 7 is not as it was written",
                                        "it does not say where its chain begins"};

    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct scene scene = scene_of(4 + i, 50);
        struct err err;

        assert_true(store_backup(scene.store, scene.path, NULL, NULL, &err));
        assert_true(sql_run(scene.store->sql, faults[i], &err));
        assert_refused(&scene, words[i]);
        assert_true(is_there(scene.path, ""));
        end(&scene);
    }
}

/* Written to, but not to be looked into: it cannot be synced by its name. */
static void a_folder_that_cannot_be_opened_is_told(void **state)
{
    struct scene scene = scene_of(8, 50);
    char folder[160];

    (void)state;
    snprintf(folder, sizeof folder, "%s/closed", scene.world->folder);
    assert_int_equal(mkdir(folder, 0300), 0);
    chmod(scene.world->folder, 0755);
    if (geteuid() == 0) { /* who may look everywhere */
        assert_int_equal(chown(folder, NOBODY, NOBODY), 0);
        assert_int_equal(seteuid(NOBODY), 0);
    }
    snprintf(scene.path, sizeof scene.path, "%s/copy.db", folder);
    assert_refused(&scene, "its folder cannot be synced");
    assert_int_equal(seteuid(getuid()), 0);
    chmod(folder, 0700);
    unlink(scene.path);
    rmdir(folder);
    end(&scene);
}

/* Its plates stay tokens there as here. */
static void where_the_keys_are_not_to_be_had_the_copy_is_made_without_them(void **state)
{
    struct world *world = world_create(77);
    struct store *store = world_open(world, STORE_WRITE);
    char path[128], keys[140];
    struct err err = {.text = ""};

    (void)state;
    world_live(world, store, 50);
    store_close(store);
    snprintf(keys, sizeof keys, "%s-keys", world->path);
    assert_int_equal(unlink(keys), 0);
    store = world_open(world, STORE_READ);
    snprintf(path, sizeof path, "%s/copy.db", world->folder);
    if (!store_backup(store, path, NULL, NULL, &err))
        fail_msg("%s", err.text);
    store_close(store);
    snprintf(keys, sizeof keys, "%s-keys", path);
    assert_int_equal(access(keys, F_OK), -1);
    snprintf(world->path, sizeof world->path, "%s", path);
    store = world_open(world, STORE_READ);
    assert_int_equal(world_head(store), 50);
    store_close(store);
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_the_keys_are_not_to_be_had_the_copy_is_made_without_them),
        cmocka_unit_test(one_that_nobody_waits_for_is_made_in_one_go),
        cmocka_unit_test(one_that_is_given_up_leaves_nothing),
        cmocka_unit_test(a_name_that_is_a_folder_is_no_place_for_it),
        cmocka_unit_test(the_database_and_its_files_are_no_place_for_it),
        cmocka_unit_test(the_last_backup_keeps_its_keys_until_the_next_is_whole),
        cmocka_unit_test(a_name_without_a_folder_is_one_of_the_working_folder),
        cmocka_unit_test(damage_is_not_backed_up),
        cmocka_unit_test(a_folder_that_cannot_be_opened_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
