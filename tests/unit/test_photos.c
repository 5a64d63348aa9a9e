/* The folder of pictures: sealed on the disk, bounded, erased by age, whole after any end. */
/* long: the folder and its thread are tried on the same bench */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/core/text.h"
#include "daemon/store/photos_worker.h"

static const char *const uplinks[] = {"north.city", "south"};
static const utc_ms noon = {1795348800000};

enum { HOUR_MS = 3600 * 1000, PATH = 256, JPEG = 5000 };

struct bench {
    char folder[PATH], key[PATH], dir[PATH];
    struct photos_settings settings;
    struct photos *photos;
    uint8_t jpeg[JPEG];
};

static void reopen(struct bench *bench, utc_ms now)
{
    struct err err;

    photos_close(bench->photos);
    bench->photos = photos_open(&bench->settings, uplinks, 2, now, &err);
    assert_non_null(bench->photos);
}

static int set_up(void **state)
{
    static struct bench bench;

    memset(&bench, 0, sizeof bench);
    snprintf(bench.dir, sizeof bench.dir, "/tmp/parkd-photos-XXXXXX");
    assert_non_null(mkdtemp(bench.dir));
    snprintf(bench.folder, sizeof bench.folder, "%.200s/photos", bench.dir);
    snprintf(bench.key, sizeof bench.key, "%.200s/key", bench.dir);
    bench.settings = (struct photos_settings){.folder = bench.folder,
                                              .key_file = bench.key,
                                              .keep_ms = 24 * HOUR_MS,
                                              .bytes_max = 1024 * 1024,
                                              .photo_max = 100000,
                                              .count_max = 10};
    for (int i = 0; i < JPEG; i++)
        bench.jpeg[i] = "\xff\xd8\xff\xe0parkd picture"[i % 17];
    reopen(&bench, noon);
    *state = &bench;
    return 0;
}

typedef void file_fn(const char *path, const char *name, void *arg);

static void each_file(const char *folder, file_fn *fn, void *arg)
{
    DIR *files = opendir(folder);

    assert_non_null(files);
    for (struct dirent *file; (file = readdir(files)) != NULL;) {
        char path[2 * PATH + 256];

        snprintf(path, sizeof path, "%s/%s", folder, file->d_name);
        if (file->d_name[0] != '.')
            fn(path, file->d_name, arg);
    }
    closedir(files);
}

static void remove_file(const char *path, const char *name, void *arg)
{
    (void)name;
    (void)arg;
    unlink(path);
}

static int tear_down(void **state)
{
    struct bench *bench = *state;

    photos_close(bench->photos);
    each_file(bench->folder, remove_file, NULL);
    rmdir(bench->folder);
    unlink(bench->key);
    rmdir(bench->dir);
    return 0;
}

static struct photo_about about(unsigned n, int64_t at_ms)
{
    struct photo_about a = {.at = {noon.ms + at_ms}, .colour = PLATE_BLUE};

    snprintf(a.id, sizeof a.id, "%032x", n);
    snprintf(a.digest, sizeof a.digest, "%024x", n);
    text_copy(a.lane, sizeof a.lane, "in-1");
    text_copy(a.plate, sizeof a.plate, "京A12345");
    return a;
}

static bool keep(struct bench *bench, unsigned n, int64_t at_ms, size_t size)
{
    const struct crypto_part jpeg = {bench->jpeg, size};
    struct photo_about a = about(n, at_ms);
    struct err err;

    return photos_keep(bench->photos, &a, &jpeg, (utc_ms){noon.ms + at_ms}, &err);
}

static struct photo_claim claim(uint32_t uplink, const char *stay, int64_t at_ms)
{
    struct photo_claim c = {.uplink = uplink, .at = {noon.ms + at_ms}};

    text_copy(c.stay, sizeof c.stay, stay);
    text_copy(c.lane, sizeof c.lane, "in-1");
    text_copy(c.plate, sizeof c.plate, "京A12345");
    return c;
}

static bool claims(struct bench *bench, uint32_t uplink, const char *stay, int64_t at_ms)
{
    const struct photo_claim c = claim(uplink, stay, at_ms);

    return photos_claim(bench->photos, &c);
}

static struct photos_figures figures(const struct bench *bench)
{
    struct photos_figures f;

    photos_figures(bench->photos, &f);
    return f;
}

/* What is next for the uplink, as its number; 0: nothing. */
static unsigned next(struct bench *bench, uint32_t uplink)
{
    struct photo photo;
    unsigned n = 0;

    if (!photos_next(bench->photos, uplink, &photo))
        return 0;
    assert_memory_equal(photo.jpeg, bench->jpeg, photo.size);
    assert_int_equal(sscanf(photo.about.id, "%x", &n), 1);
    free((void *)photo.jpeg);
    return n;
}

/* ---- sealed ---- */

static void look_for(const char *path, const char *name, void *arg)
{
    static const char *const plain[] = {"\xff\xd8\xff", "parkd picture", "京A", "in-1"};
    static char bytes[65536];
    int *files = arg;
    FILE *file = fopen(path, "rb");

    assert_non_null(file);
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        assert_null(memmem(bytes, size, plain[i], strlen(plain[i])));
    *files += strstr(name, ".photo") != NULL;
}

static void nothing_of_a_picture_can_be_read_on_the_disk(void **state)
{
    struct bench *bench = *state;
    struct stat status;
    int files = 0;

    for (unsigned n = 1; n <= 5; n++)
        assert_true(keep(bench, n, n, JPEG));
    each_file(bench->folder, look_for, &files);
    assert_int_equal(files, 5);
    assert_int_equal(stat(bench->key, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
}

static void a_picture_comes_back_as_it_was_given_also_after_a_restart(void **state)
{
    struct bench *bench = *state;
    struct photo photo;

    assert_true(keep(bench, 7, 0, 1234));
    assert_true(claims(bench, 1, "STAY1", 1000));
    for (int i = 0; i < 2; i++) {
        assert_true(photos_next(bench->photos, 1, &photo));
        assert_int_equal(photo.size, 1234);
        assert_memory_equal(photo.jpeg, bench->jpeg, 1234);
        assert_string_equal(photo.stay, "STAY1");
        assert_string_equal(photo.about.plate, "京A12345");
        assert_int_equal(photo.about.colour, PLATE_BLUE);
        assert_int_equal(photo.about.at.ms, noon.ms);
        assert_false(photo.exit);
        free((void *)photo.jpeg);
        reopen(bench, noon);
    }
    assert_int_equal(figures(bench).owed[1], 1);
    assert_int_equal(figures(bench).owed[0], 0);
}

static void another_key_opens_none_and_they_are_removed(void **state)
{
    struct bench *bench = *state;

    keep(bench, 1, 0, JPEG);
    unlink(bench->key);
    reopen(bench, noon);
    assert_int_equal(figures(bench).count, 0);
    assert_int_equal(figures(bench).spoilt, 1);
}

static void a_key_that_everyone_can_read_is_refused_and_so_is_what_is_no_key(void **state)
{
    struct bench *bench = *state;
    struct err err;

    chmod(bench->key, 0644);
    assert_null(photos_open(&bench->settings, uplinks, 2, noon, &err));
    assert_non_null(strstr(err.text, "chmod 600"));
    chmod(bench->key, 0600);
    assert_int_equal(truncate(bench->key, 10), 0);
    assert_null(photos_open(&bench->settings, uplinks, 2, noon, &err));
    assert_non_null(strstr(err.text, "is no key"));
}

/* With the next step in each case. */
static void what_stands_in_the_place_of_the_key_is_told(void **state)
{
    struct bench *bench = *state;
    struct photos_settings settings = bench->settings;
    char beneath[PATH + 8];
    struct err err;
    FILE *file;

    file = fopen(bench->key, "w");
    assert_non_null(file);
    for (int i = 0; i < 70; i++)
        fputc('x', file);
    fclose(file);
    assert_null(photos_open(&settings, uplinks, 2, noon, &err));
    assert_non_null(strstr(err.text, "remove it and a new one is made"));
    snprintf(beneath, sizeof beneath, "%s/key", bench->key);
    settings.key_file = beneath;
    assert_null(photos_open(&settings, uplinks, 2, noon, &err));
    assert_non_null(strstr(err.text, "cannot be read"));
    unlink(bench->key);
    assert_int_equal(mkdir(bench->key, 0700), 0);
    settings.key_file = bench->key;
    assert_null(photos_open(&settings, uplinks, 2, noon, &err));
    assert_non_null(strstr(err.text, "is no key"));
    rmdir(bench->key);
}

static void a_folder_that_is_a_file_is_told(void **state)
{
    struct bench *bench = *state;
    struct photos_settings settings = bench->settings;
    struct err err;

    settings.folder = bench->key;
    assert_null(photos_open(&settings, uplinks, 2, noon, &err));
    assert_non_null(strstr(err.text, "cannot be opened"));
}

static void a_folder_that_cannot_be_made_is_told(void **state)
{
    struct bench *bench = *state;
    struct photos_settings settings = bench->settings;
    struct err err;

    settings.folder = "/proc/none/photos";
    assert_null(photos_open(&settings, uplinks, 2, noon, &err));
    assert_non_null(strstr(err.text, "cannot be made"));
    settings.folder = bench->folder;
    settings.key_file = "/proc/none/key";
    assert_null(photos_open(&settings, uplinks, 2, noon, &err));
    assert_non_null(strstr(err.text, "cannot be made"));
}

/* ---- leftovers ---- */

static void cut(const char *path, const char *name, void *arg)
{
    struct stat status;
    off_t *size = arg;

    if (strstr(name, ".photo") && !stat(path, &status)) {
        assert_int_equal(truncate(path, *size), 0);
        *size = status.st_size;
    }
}

static void a_half_written_file_is_never_taken_for_whole(void **state)
{
    struct bench *bench = *state;
    off_t sizes[] = {0, 5, 14, 300, 554, 560, 600, 5000};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        off_t size = sizes[i];

        assert_true(keep(bench, 1, 0, JPEG));
        assert_true(claims(bench, 0, "STAY1", 0));
        each_file(bench->folder, cut, &size);
        reopen(bench, noon);
        assert_int_equal(next(bench, 0), 0);
        assert_int_equal(figures(bench).spoilt, 1);
        assert_int_equal(figures(bench).count, 0);
    }
}

static void path_of(const struct bench *bench, unsigned n, char ret[2 * PATH])
{
    snprintf(ret, 2 * PATH, "%s/%032x.photo", bench->folder, n);
}

/* Sealed with the key, and by a hand that is not ours. */
static void forge(const struct bench *bench, unsigned n, const char *head)
{
    enum { MAGIC = 14, SEALED = PHOTO_HEAD + CRYPTO_SEAL_OVERHEAD };
    uint8_t bytes[MAGIC + SEALED + CRYPTO_SEAL_OVERHEAD + 10] = "parkd photo 1\n";
    char path[2 * PATH], plain[PHOTO_HEAD], name[PHOTO_NAME + 8];
    struct key key;
    struct err err;

    memset(plain, ' ', sizeof plain);
    memcpy(plain, head, strlen(head));
    assert_true(photo_key(bench->key, &key, &err));
    snprintf(name, sizeof name, "%032x.photo head", n);
    crypto_seal(&key, &(struct crypto_part){plain, sizeof plain},
                &(struct crypto_part){name, strlen(name)}, bytes + MAGIC);
    path_of(bench, n, path);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, sizeof bytes, file), sizeof bytes);
    fclose(file);
}

static void what_is_sealed_with_the_key_and_is_no_picture_goes(void **state)
{
    struct bench *bench = *state;

    forge(bench, 1, "no words of ours");
    forge(bench, 2, "{\"at\":1,\"id\":\"00000000000000000000000000000003\"}");
    reopen(bench, noon);
    assert_int_equal(figures(bench).count, 0);
    assert_int_equal(figures(bench).spoilt, 2);
}

static void overwrite(const char *path, const char *name, void *arg)
{
    int fd = open(path, O_WRONLY);

    (void)name;
    (void)arg;
    assert_int_equal(pwrite(fd, "other", 5, 0), 5);
    close(fd);
}

static void widen(const char *path, const char *name, void *arg)
{
    (void)name;
    (void)arg;
    assert_int_equal(truncate(path, 17 * 1024 * 1024), 0);
}

static void a_file_of_another_kind_or_beyond_any_size_goes(void **state)
{
    struct bench *bench = *state;

    assert_true(keep(bench, 1, 0, JPEG));
    each_file(bench->folder, overwrite, NULL);
    reopen(bench, noon);
    assert_int_equal(figures(bench).spoilt, 1);
    assert_true(keep(bench, 1, 0, JPEG));
    each_file(bench->folder, widen, NULL);
    reopen(bench, noon);
    assert_int_equal(figures(bench).spoilt, 1);
    assert_int_equal(figures(bench).count, 0);
}

static void a_folder_with_the_name_of_a_picture_is_none(void **state)
{
    struct bench *bench = *state;
    char path[2 * PATH];

    path_of(bench, 1, path);
    assert_int_equal(mkdir(path, 0700), 0);
    reopen(bench, noon);
    assert_int_equal(figures(bench).count, 0);
    assert_int_equal(figures(bench).spoilt, 1);
    rmdir(path);
}

static void a_picture_that_other_hands_removed_is_counted_and_the_next_one_sent(void **state)
{
    struct bench *bench = *state;
    char path[2 * PATH];

    assert_true(keep(bench, 1, 0, JPEG));
    assert_true(claims(bench, 0, "STAY1", 0));
    assert_true(keep(bench, 2, 1000, JPEG));
    assert_true(claims(bench, 0, "STAY2", 1000));
    path_of(bench, 1, path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(next(bench, 0), 2);
    assert_int_equal(figures(bench).spoilt, 1);
    assert_int_equal(figures(bench).lost, 1);
    assert_int_equal(figures(bench).count, 1);
}

static void count_file(const char *path, const char *name, void *arg)
{
    (void)path;
    (void)name;
    ++*(int *)arg;
}

static void touch(const struct bench *bench, const char *name)
{
    char path[2 * PATH];
    int fd;

    snprintf(path, sizeof path, "%s/%s", bench->folder, name);
    fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    close(fd);
}

static void leftovers_go_and_files_of_others_stay(void **state)
{
    struct bench *bench = *state;
    int files = 0;

    touch(bench, "00000000000000000000000000000001.new");
    touch(bench, "00000000000000000000000000000002.photo");
    touch(bench, "00000000000000000000000000000003.STAY1.in.south");
    touch(bench, "parkd.db");
    touch(bench, "notes.photo");
    touch(bench, "short.new");
    touch(bench, "00000000000000000000000000000004x.photo");
    touch(bench, "00000000000000000000000000000005.STAY1.in"); /* for whom is not said */
    assert_true(keep(bench, 9, 0, JPEG));
    touch(bench, "00000000000000000000000000000009.STAY1.out.gone");
    reopen(bench, noon);
    each_file(bench->folder, count_file, &files);
    assert_int_equal(files, 6);
    assert_int_equal(figures(bench).count, 1);
    assert_int_equal(next(bench, 0), 0);
}

/* ---- bounds ---- */

static void at_the_bound_of_their_number_the_oldest_goes(void **state)
{
    struct bench *bench = *state;

    for (unsigned n = 1; n <= 12; n++) {
        char stay[16];

        assert_true(keep(bench, n, n * 1000, 100));
        snprintf(stay, sizeof stay, "STAY%u", n);
        assert_true(claims(bench, 0, stay, n * 1000));
    }
    assert_int_equal(figures(bench).count, 10);
    assert_int_equal(figures(bench).crowded, 2);
    assert_int_equal(figures(bench).lost, 2);
    assert_int_equal(figures(bench).owed[0], 10);
    assert_int_equal(next(bench, 0), 3);
}

static void a_smaller_bound_is_kept_from_the_start(void **state)
{
    struct bench *bench = *state;

    for (unsigned n = 1; n <= 5; n++)
        assert_true(keep(bench, n, n, JPEG));
    assert_true(claims(bench, 0, "STAY5", 5));
    photos_settle(bench->photos, 0, about(5, 0).id);
    assert_true(claims(bench, 0, "STAY4", 4));
    assert_true(claims(bench, 0, "STAY3", 4));
    bench->settings.count_max = 3;
    reopen(bench, noon);
    assert_int_equal(figures(bench).count, 2); /* and room for another one */
    assert_int_equal(figures(bench).crowded, 3);
    assert_int_equal(figures(bench).owed[0], 1);
    assert_int_equal(next(bench, 0), 4);
}

static void one_that_is_larger_than_all_may_be_is_not_kept(void **state)
{
    struct bench *bench = *state;

    bench->settings.bytes_max = 1000;
    reopen(bench, noon);
    assert_true(keep(bench, 1, 0, 100));
    assert_false(keep(bench, 2, 0, JPEG));
    assert_int_equal(figures(bench).refused, 1);
}

static void at_the_bound_of_their_bytes_the_oldest_goes(void **state)
{
    struct bench *bench = *state;

    bench->settings.bytes_max = 20000;
    reopen(bench, noon);
    for (unsigned n = 1; n <= 5; n++)
        assert_true(keep(bench, n, n, JPEG));
    assert_true(figures(bench).bytes <= 20000);
    assert_int_equal(figures(bench).count, 3);
    bench->settings.photo_max = 4000;
    reopen(bench, noon);
    assert_false(keep(bench, 6, 6, JPEG));
    assert_int_equal(figures(bench).refused, 1);
}

static void pictures_go_when_the_disk_is_short(void **state)
{
    struct bench *bench = *state;

    assert_true(keep(bench, 1, 0, JPEG));
    bench->settings.free_bytes = INT64_MAX / 2;
    reopen(bench, noon);
    assert_int_equal(figures(bench).count, 0);
    assert_int_equal(figures(bench).crowded, 1);
    assert_false(keep(bench, 2, 0, JPEG));
    assert_int_equal(figures(bench).refused, 1);
}

static void a_picture_is_erased_by_age_whoever_is_owed_it(void **state)
{
    struct bench *bench = *state;
    int files = 0;

    assert_true(keep(bench, 1, 0, JPEG));
    assert_true(keep(bench, 2, HOUR_MS, JPEG));
    assert_true(claims(bench, 0, "STAY1", 0));
    photos_tick(bench->photos, (utc_ms){noon.ms + 24 * HOUR_MS + 1});
    assert_int_equal(figures(bench).aged, 1);
    assert_int_equal(figures(bench).lost, 1);
    assert_int_equal(figures(bench).owed[0], 0);
    reopen(bench, (utc_ms){noon.ms + 26 * HOUR_MS});
    assert_int_equal(figures(bench).count, 0);
    each_file(bench->folder, count_file, &files);
    assert_int_equal(files, 0);
    assert_false(keep(bench, 3, 0, JPEG) && figures(bench).count == 0);
}

static void one_that_is_too_old_or_not_yet_made_is_not_kept(void **state)
{
    struct bench *bench = *state;
    const struct crypto_part jpeg = {bench->jpeg, JPEG};
    struct photo_about a = about(1, 0);
    struct err err;

    assert_false(photos_keep(bench->photos, &a, &jpeg, (utc_ms){noon.ms + 25 * HOUR_MS}, &err));
    assert_false(photos_keep(bench->photos, &a, &jpeg, (utc_ms){noon.ms - 25 * HOUR_MS}, &err));
    assert_int_equal(figures(bench).count, 0);
}

static void a_clock_that_was_ahead_keeps_none_for_ever(void **state)
{
    struct bench *bench = *state;

    assert_true(keep(bench, 1, 100 * (int64_t)HOUR_MS, JPEG));
    photos_tick(bench->photos, noon);
    assert_int_equal(figures(bench).aged, 1);
}

static void the_same_read_is_kept_once(void **state)
{
    struct bench *bench = *state;

    assert_true(keep(bench, 1, 0, JPEG));
    assert_true(keep(bench, 1, 0, JPEG));
    assert_int_equal(figures(bench).count, 1);
    assert_int_equal(figures(bench).kept, 1);
}

/* ---- whose it is ---- */

static void a_stay_gets_the_last_picture_before_it_of_its_lane_and_plate(void **state)
{
    struct bench *bench = *state;
    struct photo_claim other = claim(0, "STAY9", 2000);

    assert_true(keep(bench, 1, 0, JPEG));
    assert_true(keep(bench, 2, 1000, JPEG));
    assert_true(keep(bench, 3, 30 * 60 * 1000, JPEG));
    text_copy(other.plate, sizeof other.plate, "京A98765");
    assert_false(photos_claim(bench->photos, &other));
    other = claim(0, "STAY9", 2000);
    text_copy(other.lane, sizeof other.lane, "in-2");
    assert_false(photos_claim(bench->photos, &other));
    assert_false(claims(bench, 0, "STAY9", 20 * HOUR_MS));
    assert_int_equal(figures(bench).missing[0], 3);
    assert_true(claims(bench, 0, "STAY1", 2000));
    assert_int_equal(next(bench, 0), 2);
    assert_true(claims(bench, 1, "STAY1", 2000));
    assert_int_equal(next(bench, 1), 2);
}

static void keep_of(struct bench *bench, unsigned n, int64_t at_ms, const char *plate)
{
    const struct crypto_part jpeg = {bench->jpeg, 100};
    struct photo_about a = about(n, at_ms);
    struct err err;

    text_copy(a.plate, sizeof a.plate, plate);
    assert_true(photos_keep(bench->photos, &a, &jpeg, (utc_ms){noon.ms + at_ms}, &err));
}

static void a_plate_that_a_person_put_right_keeps_its_picture(void **state)
{
    struct bench *bench = *state;

    keep_of(bench, 1, 0, "京A12345");
    keep_of(bench, 2, 1000, "京A12349"); /* one character, and later */
    keep_of(bench, 3, 2000, "京A1Z3A5"); /* two that cameras mistake */
    keep_of(bench, 4, 3000, "");
    assert_true(claims(bench, 0, "STAY1", 4000));
    assert_int_equal(next(bench, 0), 1);
    photos_settle(bench->photos, 0, about(1, 0).id);
    assert_true(claims(bench, 0, "STAY2", 4000));
    assert_int_equal(next(bench, 0), 3);
    photos_settle(bench->photos, 0, about(3, 0).id);
    assert_true(claims(bench, 0, "STAY3", 4000)); /* said by a person, or misread: the newer one */
    assert_int_equal(next(bench, 0), 4);
    photos_settle(bench->photos, 0, about(4, 0).id);
    assert_true(claims(bench, 0, "STAY4", 4000));
    assert_int_equal(next(bench, 0), 2);
    keep_of(bench, 5, HOUR_MS, "");
    assert_false(claims(bench, 0, "STAY5", HOUR_MS + 6 * 60 * 1000));
}

static void a_picture_is_never_sent_for_two_stays(void **state)
{
    struct bench *bench = *state;

    assert_true(keep(bench, 1, 0, JPEG));
    assert_true(claims(bench, 0, "STAY1", 1000));
    assert_true(claims(bench, 0, "STAY1", 1000)); /* the record went twice */
    assert_false(claims(bench, 0, "STAY2", 2000));
    assert_int_equal(figures(bench).owed[0], 1);
}

static void entry_and_exit_of_a_stay_have_a_picture_each(void **state)
{
    struct bench *bench = *state;
    struct photo_claim out = claim(0, "STAY1", 9000);
    struct photo photo;

    out.exit = true;
    assert_true(keep(bench, 1, 0, JPEG));
    assert_true(claims(bench, 0, "STAY1", 1000));
    assert_false(photos_claim(bench->photos, &out)); /* that one shows how it came in */
    assert_true(keep(bench, 2, 8000, JPEG));
    assert_true(photos_claim(bench->photos, &out));
    photos_settle(bench->photos, 0, about(1, 0).id);
    reopen(bench, noon);
    assert_true(photos_next(bench->photos, 0, &photo));
    assert_true(photo.exit);
    assert_string_equal(photo.about.id, about(2, 0).id);
    free((void *)photo.jpeg);
}

static void a_stay_without_a_plate_gets_the_picture_on_which_none_was_read(void **state)
{
    struct bench *bench = *state;
    struct photo_claim unread = claim(0, "STAY1", 3000);

    unread.plate[0] = '\0';
    keep_of(bench, 1, 0, "京A12345");
    assert_false(photos_claim(bench->photos, &unread));
    keep_of(bench, 2, 1000, "");
    assert_true(photos_claim(bench->photos, &unread));
    assert_int_equal(next(bench, 0), 2);
}

static void of_two_that_are_as_near_the_later_one_is_it_however_they_came(void **state)
{
    struct bench *bench = *state;

    keep_of(bench, 1, 2000, "京A12345");
    keep_of(bench, 2, 1000, "京A12345");
    assert_true(claims(bench, 0, "STAY1", 3000));
    assert_int_equal(next(bench, 0), 1);
}

static void what_is_settled_is_owed_no_more_also_after_a_restart(void **state)
{
    struct bench *bench = *state;

    assert_true(keep(bench, 1, 0, JPEG));
    assert_true(keep(bench, 2, 5 * HOUR_MS, JPEG));
    assert_true(claims(bench, 0, "STAY1", 0));
    assert_true(claims(bench, 1, "STAY1", 0));
    assert_true(claims(bench, 0, "STAY2", 5 * HOUR_MS));
    assert_int_equal(next(bench, 0), 1);
    photos_settle(bench->photos, 0, about(1, 0).id);
    photos_settle(bench->photos, 0, "unknown");
    assert_int_equal(next(bench, 0), 2);
    reopen(bench, noon);
    assert_int_equal(next(bench, 0), 2);
    assert_int_equal(next(bench, 1), 1);
    assert_int_equal(figures(bench).count, 2);
}

/* ---- its thread ---- */

struct side {
    struct loop *loop;
    struct photos_worker *worker;
    const struct bench *bench;
    int kept, nexts, goal;
    bool good;
    char id[PHOTO_ID];
    char why[ERR_TEXT_SIZE];
    size_t prepared;
};

static void on_kept(void *arg, uint32_t source, bool kept, const struct err *err)
{
    struct side *side = arg;

    assert_int_equal(source, 3);
    side->good = kept;
    text_copy(side->why, sizeof side->why, err ? err->text : "");
    if (++side->kept + side->nexts == side->goal)
        loop_stop(side->loop, 0);
}

static void on_next(void *arg, uint32_t uplink, const char *id, const struct err *err)
{
    struct side *side = arg;

    assert_int_equal(uplink, 1);
    text_copy(side->id, sizeof side->id, id ? id : "none");
    text_copy(side->why, sizeof side->why, err ? err->text : "");
    if (side->kept + ++side->nexts == side->goal)
        loop_stop(side->loop, 0);
}

static bool prepare(void *arg, const struct photo *photo, struct err *err)
{
    struct side *side = arg;

    side->prepared = photo->size;
    assert_memory_equal(photo->jpeg, side->bench->jpeg, photo->size);
    return photo->size < 1000 || err_set(err, "too large");
}

static void hand_over(struct side *side, unsigned n, size_t size)
{
    struct photo_about a = about(n, 0);
    void *jpeg = malloc(size);

    a.at = clock_utc();
    memcpy(jpeg, side->bench->jpeg, size);
    assert_true(photos_worker_keep(side->worker, 3, &a, jpeg, size));
}

static void run(struct side *side, int goal)
{
    struct err err;

    side->goal = side->kept + side->nexts + goal;
    assert_int_equal(loop_run(side->loop, &err), 0);
}

static void start(struct side *side, struct bench *bench)
{
    const struct photos_worker_hooks hooks = {.arg = side, .kept = on_kept, .next = on_next};
    struct err err;

    *side = (struct side){.bench = bench, .loop = loop_create(&err)};
    side->worker = photos_worker_create(&bench->settings, uplinks, 2, side->loop, &hooks, &err);
    assert_non_null(side->worker);
}

static void the_thread_keeps_and_prepares_what_is_owed(void **state)
{
    struct bench *bench = *state;
    struct photos_worker_figures told;
    struct side side;

    start(&side, bench);
    hand_over(&side, 1, 500);
    struct photo_claim c = claim(1, "STAY1", 0);
    c.at = clock_utc();
    assert_true(photos_worker_claim(side.worker, &c));
    assert_true(photos_worker_next(side.worker, 1, prepare, &side));
    run(&side, 2);
    assert_true(side.good);
    assert_string_equal(side.id, about(1, 0).id);
    assert_int_equal(side.prepared, 500);
    assert_true(photos_worker_settle(side.worker, 1, side.id));
    assert_true(photos_worker_next(side.worker, 1, prepare, &side));
    run(&side, 1);
    assert_string_equal(side.id, "none");
    photos_worker_figures(side.worker, &told);
    assert_int_equal(told.photos.kept, 1);
    assert_int_equal(told.photos.owed[1], 0);
    photos_worker_destroy(side.worker);
    loop_destroy(side.loop);
}

static void what_cannot_be_sent_is_told_and_what_stops_is_written_first(void **state)
{
    struct bench *bench = *state;
    struct side side;

    start(&side, bench);
    hand_over(&side, 1, 2000);
    struct photo_claim c = claim(1, "STAY1", 0);
    c.at = clock_utc();
    photos_worker_claim(side.worker, &c);
    photos_worker_next(side.worker, 1, prepare, &side);
    run(&side, 2);
    assert_string_equal(side.why, "too large");
    hand_over(&side, 2, 2000);
    photos_worker_destroy(side.worker);
    loop_destroy(side.loop);
    reopen(bench, clock_utc());
    assert_int_equal(figures(bench).count, 2);
}

static void without_a_folder_the_thread_refuses_and_says_why(void **state)
{
    struct bench *bench = *state;
    struct photos_worker_figures told;
    struct side side;

    bench->settings.folder = "/proc/none/photos";
    start(&side, bench);
    hand_over(&side, 1, 500);
    run(&side, 1);
    assert_false(side.good);
    assert_non_null(strstr(side.why, "cannot be made"));
    photos_worker_look(side.worker);
    photos_worker_figures(side.worker, &told);
    assert_non_null(strstr(told.trouble, "cannot be made"));
    photos_worker_destroy(side.worker);
    loop_destroy(side.loop);
}

/* As when somebody has mounted the disk. */
static void come_back(char *folder)
{
    *strrchr(folder, '/') = '\0';
    assert_int_equal(mkdir(folder, 0700), 0);
    folder[strlen(folder)] = '/';
}

static void stop_and_remove(struct side *side, char *folder)
{
    photos_worker_destroy(side->worker);
    loop_destroy(side->loop);
    each_file(folder, remove_file, NULL);
    rmdir(folder);
    *strrchr(folder, '/') = '\0';
    rmdir(folder);
}

static void without_a_folder_nothing_is_owed_until_there_is_one_again(void **state)
{
    struct bench *bench = *state;
    struct photos_worker_figures told;
    struct photo_claim c = claim(1, "STAY1", 0);
    char folder[PATH];
    struct side side;

    snprintf(folder, sizeof folder, "%.200s/later/photos", bench->dir);
    bench->settings.folder = folder;
    start(&side, bench);
    assert_true(photos_worker_claim(side.worker, &c));
    assert_true(photos_worker_settle(side.worker, 1, about(1, 0).id));
    assert_true(photos_worker_next(side.worker, 1, prepare, &side));
    run(&side, 1);
    assert_string_equal(side.id, "none");
    photos_worker_figures(side.worker, &told);
    assert_non_null(strstr(told.trouble, "cannot be made"));
    come_back(folder);
    photos_worker_look(side.worker);
    hand_over(&side, 1, 500);
    run(&side, 1);
    assert_true(side.good);
    photos_worker_figures(side.worker, &told);
    assert_string_equal(told.trouble, "");
    assert_int_equal(told.photos.kept, 1);
    stop_and_remove(&side, folder);
}

static void a_folder_that_is_back_is_found_after_a_while_by_itself(void **state)
{
    struct bench *bench = *state;
    char folder[PATH];
    struct side side;
    unsigned tries = 0;

    snprintf(folder, sizeof folder, "%.200s/later/photos", bench->dir);
    bench->settings.folder = folder;
    bench->settings.again_ms = 20;
    start(&side, bench);
    hand_over(&side, 1, 500);
    run(&side, 1);
    assert_false(side.good);
    come_back(folder);
    while (!side.good && ++tries < 1000) {
        hand_over(&side, 1 + tries, 500);
        run(&side, 1);
        poll(NULL, 0, 1);
    }
    assert_true(side.good);
    stop_and_remove(&side, folder);
}

static void each_picture_that_is_too_large_is_told(void **state)
{
    struct bench *bench = *state;
    struct photos_worker_figures told;
    struct side side;

    bench->settings.photo_max = 1000;
    start(&side, bench);
    for (unsigned n = 1; n <= 4; n++)
        hand_over(&side, n, 2000);
    run(&side, 4);
    assert_false(side.good);
    assert_non_null(strstr(side.why, "set the camera to smaller ones"));
    photos_worker_figures(side.worker, &told);
    assert_int_equal(told.photos.refused, 4);
    photos_worker_destroy(side.worker);
    loop_destroy(side.loop);
}

/* The loop reads no answers: the thread waits, and then so does what it is asked. */
static void what_a_thread_that_is_far_behind_is_asked_is_refused(void **state)
{
    enum { MANY = 100000 };
    struct bench *bench = *state;
    struct photos_worker_figures told;
    struct photo_claim c = claim(1, "STAY1", 0);
    struct photo_about a = about(1, 0);
    struct side side;
    int asked = 0;

    start(&side, bench);
    while (asked < MANY && photos_worker_claim(side.worker, &c))
        asked++;
    assert_in_range(asked, 1, MANY - 1);
    for (bool kept = true; kept;) /* the thread may still have taken one */
        kept = photos_worker_keep(side.worker, 3, &a, calloc(1, 100), 100);
    photos_worker_figures(side.worker, &told);
    assert_int_equal(told.dropped, 1);
    photos_worker_destroy(side.worker);
    loop_destroy(side.loop);
}

static void with_too_few_descriptors_no_thread_is_started(void **state)
{
    const struct photos_worker_hooks hooks = {.kept = on_kept};
    struct bench *bench = *state;
    struct photos_worker *worker = NULL;
    struct rlimit before, few;
    int refused = 0, first = dup(0);
    struct err err;
    struct loop *loop = loop_create(&err);

    close(first);
    getrlimit(RLIMIT_NOFILE, &before);
    for (rlim_t count = (rlim_t)first; !worker && count < (rlim_t)first + 20; count++) {
        few = (struct rlimit){count, before.rlim_max};
        setrlimit(RLIMIT_NOFILE, &few);
        err.text[0] = '\0';
        worker = photos_worker_create(&bench->settings, uplinks, 2, loop, &hooks, &err);
        setrlimit(RLIMIT_NOFILE, &before);
        assert_true(worker || err.text[0]);
        refused += !worker;
    }
    assert_non_null(worker);
    assert_true(refused >= 2);
    photos_worker_destroy(worker);
    photos_worker_destroy(NULL);
    loop_destroy(loop);
}

static void more_than_may_wait_is_dropped_and_counted(void **state)
{
    struct bench *bench = *state;
    struct photos_worker_figures told;
    struct photo_about a = about(1, 0);
    struct side side;

    start(&side, bench);
    assert_false(photos_worker_keep(side.worker, 3, &a, malloc(1), PHOTOS_WAITING_MAX + 1));
    photos_worker_figures(side.worker, &told);
    assert_int_equal(told.dropped, 1);
    photos_worker_destroy(side.worker);
    loop_destroy(side.loop);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_of_a_picture_can_be_read_on_the_disk),
        TEST(a_picture_comes_back_as_it_was_given_also_after_a_restart),
        TEST(another_key_opens_none_and_they_are_removed),
        TEST(a_key_that_everyone_can_read_is_refused_and_so_is_what_is_no_key),
        TEST(what_stands_in_the_place_of_the_key_is_told),
        TEST(a_folder_that_is_a_file_is_told),
        TEST(a_folder_that_cannot_be_made_is_told),
        TEST(a_half_written_file_is_never_taken_for_whole),
        TEST(what_is_sealed_with_the_key_and_is_no_picture_goes),
        TEST(a_file_of_another_kind_or_beyond_any_size_goes),
        TEST(a_folder_with_the_name_of_a_picture_is_none),
        TEST(a_picture_that_other_hands_removed_is_counted_and_the_next_one_sent),
        TEST(leftovers_go_and_files_of_others_stay),
        TEST(a_smaller_bound_is_kept_from_the_start),
        TEST(one_that_is_larger_than_all_may_be_is_not_kept),
        TEST(at_the_bound_of_their_number_the_oldest_goes),
        TEST(at_the_bound_of_their_bytes_the_oldest_goes),
        TEST(pictures_go_when_the_disk_is_short),
        TEST(a_picture_is_erased_by_age_whoever_is_owed_it),
        TEST(one_that_is_too_old_or_not_yet_made_is_not_kept),
        TEST(a_clock_that_was_ahead_keeps_none_for_ever),
        TEST(the_same_read_is_kept_once),
        TEST(a_stay_gets_the_last_picture_before_it_of_its_lane_and_plate),
        TEST(a_plate_that_a_person_put_right_keeps_its_picture),
        TEST(a_picture_is_never_sent_for_two_stays),
        TEST(entry_and_exit_of_a_stay_have_a_picture_each),
        TEST(a_stay_without_a_plate_gets_the_picture_on_which_none_was_read),
        TEST(of_two_that_are_as_near_the_later_one_is_it_however_they_came),
        TEST(what_is_settled_is_owed_no_more_also_after_a_restart),
        TEST(the_thread_keeps_and_prepares_what_is_owed),
        TEST(what_cannot_be_sent_is_told_and_what_stops_is_written_first),
        TEST(without_a_folder_the_thread_refuses_and_says_why),
        TEST(without_a_folder_nothing_is_owed_until_there_is_one_again),
        TEST(a_folder_that_is_back_is_found_after_a_while_by_itself),
        TEST(each_picture_that_is_too_large_is_told),
        TEST(what_a_thread_that_is_far_behind_is_asked_is_refused),
        TEST(with_too_few_descriptors_no_thread_is_started),
        TEST(more_than_may_wait_is_dropped_and_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
