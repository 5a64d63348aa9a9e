/*
 * Pictures on a worn disk: of all that the folder of pictures does with files
 * (daemon/store/photos.h) the N-th call fails, is interrupted or does half, for each N until the
 * acts pass untouched, once and from then on. What says that it kept a picture has it, what cannot
 * says why, nothing half written is taken for whole, and what an uplink is owed it gets or finds
 * among those that were lost. Afterwards the folder opens with what it has.
 *
 *   fault_pictures [--quick] [--seed N] [--results FILE]
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/core/text.h"
#include "daemon/store/photos.h"
#include "tests/fault/refusal.h"
#include "tests/fault/run.h"

enum { FIRST = 3, MORE = 2, JPEG = 3000, UPLINK = 0, PATH = 128, HOUR_MS = 3600 * 1000 };

static const char *const uplinks[] = {"city"};
static const utc_ms noon = {1795348800000};

struct scene {
    char folder[PATH], key[PATH];
    struct photos_settings settings;
    uint8_t jpeg[JPEG];
    uint64_t kept, got, runs, failed;
};

static struct photo_about about(unsigned n)
{
    struct photo_about a = {.at = {noon.ms + n * 1000}, .lane = "in-1", .plate = "京A12345"};

    snprintf(a.id, sizeof a.id, "%032x", n);
    return a;
}

/* Keeps pictures from `first` on, and owes each; how many were kept. What is refused says why. */
static uint64_t keep(struct scene *scene, struct photos *photos, unsigned first, unsigned count)
{
    uint64_t kept = 0;

    for (unsigned n = first; n < first + count; n++) {
        struct photo_about a = about(n);
        struct photo_claim claim = {.uplink = UPLINK, .at = a.at};
        struct err err = {.text = ""};
        bool good =
            photos_keep(photos, &a, &(struct crypto_part){scene->jpeg, JPEG - n}, noon, &err);

        assert_true(good || err.text[0]);
        snprintf(claim.stay, sizeof claim.stay, "S%u", n);
        text_copy(claim.lane, sizeof claim.lane, a.lane);
        text_copy(claim.plate, sizeof claim.plate, a.plate);
        kept += good && photos_claim(photos, &claim);
    }
    return kept;
}

/* All that the uplink is owed; each is as it was given. */
static uint64_t send_all(struct scene *scene, struct photos *photos)
{
    struct photo photo;
    uint64_t sent = 0;
    unsigned n;

    for (; photos_next(photos, UPLINK, &photo); sent++) {
        assert_int_equal(sscanf(photo.about.id, "%x", &n), 1);
        assert_int_equal(photo.size, JPEG - n);
        assert_memory_equal(photo.jpeg, scene->jpeg, photo.size);
        free((void *)photo.jpeg);
        photos_settle(photos, UPLINK, photo.about.id);
    }
    return sent;
}

static struct photos *open_folder(const struct scene *scene, struct err *err)
{
    return photos_open(&scene->settings, uplinks, 1, noon, err);
}

static void empty(struct scene *scene)
{
    DIR *folder = opendir(scene->folder);
    struct dirent *entry;

    while (folder && (entry = readdir(folder)))
        unlinkat(dirfd(folder), entry->d_name, 0);
    if (folder)
        closedir(folder);
    rmdir(scene->folder);
    unlink(scene->key);
}

/* A folder as a restart finds it: some that are owed, and one half written. */
static void begin(struct scene *scene, bool fresh)
{
    char path[PATH + 64];
    struct err err;

    empty(scene);
    if (fresh)
        return;
    struct photos *photos = open_folder(scene, &err);
    assert_non_null(photos);
    assert_int_equal(keep(scene, photos, 1, FIRST), FIRST);
    photos_close(photos);
    snprintf(path, sizeof path, "%s/%032x.new", scene->folder, 99);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
}

struct position {
    enum refused what;
    uint64_t nth;
    bool sticky, fresh;
};

/* Opens, keeps more, sends, ends; then all is well again and the rest is sent. */
static bool one(struct scene *scene, const struct position *at)
{
    struct photos_figures figures = {0}, after;
    struct err err = {.text = ""};
    uint64_t owed = at->fresh ? 0 : FIRST, got = 0;

    begin(scene, at->fresh);
    refusal_arm(at->what, at->nth, at->sticky);
    struct photos *photos = open_folder(scene, &err);
    if (photos) {
        owed += keep(scene, photos, FIRST + 1, MORE);
        got = send_all(scene, photos);
        photos_figures(photos, &figures);
        photos_close(photos);
    }
    bool came = refusal_came(), told = photos || err.text[0];
    refusal_disarm();

    photos = open_folder(scene, &err);
    bool good = told && photos;
    if (photos) {
        got += send_all(scene, photos);
        photos_figures(photos, &after);
        good = good && !after.owed[UPLINK] && got + figures.lost + figures.spoilt >= owed &&
               (came || (got == owed && figures.spoilt == !at->fresh));
        photos_close(photos);
    }
    if (!good && scene->failed < 10)
        printf("%s %d, call %" PRIu64 "%s: owed %" PRIu64 ", got %" PRIu64 ", spoilt %" PRIu64
               ": %s\n",
               at->fresh ? "begin" : "go on", at->what, at->nth,
               at->sticky ? " and from then on" : "", owed, got, figures.spoilt, err.text);
    scene->runs++;
    scene->failed += !good;
    scene->kept += owed;
    scene->got += got;
    return came;
}

static void sweep(struct scene *scene, bool fresh)
{
    for (int what = REFUSE_CALL; what < REFUSED; what++)
        for (int sticky = 0; sticky <= (what == REFUSE_CALL); sticky++) {
            struct position at = {(enum refused)what, 1, sticky, fresh};

            while (one(scene, &at))
                at.nth++;
            printf("%s, %s%s: %" PRIu64 " positions\n", fresh ? "begin" : "go on",
                   (const char *[]){"", "fails", "is interrupted", "does half"}[what],
                   sticky ? ", from then on" : "", at.nth - 1);
        }
}

int main(int argc, char **argv)
{
    struct run run = run_parse(argc, argv, 1, 1);
    static struct scene scene;
    char top[] = "/tmp/parkd-pictures-XXXXXX";

    assert_non_null(mkdtemp(top));
    snprintf(scene.folder, sizeof scene.folder, "%s/photos", top);
    snprintf(scene.key, sizeof scene.key, "%s/key", top);
    scene.settings = (struct photos_settings){.folder = scene.folder,
                                              .key_file = scene.key,
                                              .keep_ms = 24 * HOUR_MS,
                                              .bytes_max = 1024 * 1024,
                                              .photo_max = 2 * JPEG,
                                              .count_max = 100};
    for (int i = 0; i < JPEG; i++)
        scene.jpeg[i] = (uint8_t)((uint64_t)i * run.seed >> 3);
    sweep(&scene, true);
    sweep(&scene, false);
    empty(&scene);
    rmdir(top);
    printf("%" PRIu64 " runs; of %" PRIu64 " pictures %" PRIu64 " were sent\n", scene.runs,
           scene.kept, scene.got);
    run_result(&run, &(struct run_row){"pictures on a worn disk",
                                       "each call on their files; once and for good", scene.runs,
                                       scene.kept, scene.kept - scene.got, 0});
    return run_end(&run, scene.runs - scene.failed, scene.failed);
}
