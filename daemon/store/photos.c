/* The folder of pictures. See photos.h for the numbered rules. */
#include "daemon/store/photos.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "daemon/base/memory.h"
#include "daemon/core/match.h"
#include "daemon/core/text.h"

/* Rule 3: a vehicle may wait for its payment between read and passage; clocks differ a little. */
enum { WAITED_MS = 60 * 60 * 1000, SAID_MS = 5 * 60 * 1000, SLACK_MS = 2 * 60 * 1000 };
enum { NOT_OF = MATCH_EDIT + 1 };

enum { MARK = 160, HEX = 32 /* digits of an id */ };

struct entry {
    struct photo_about about;
    char stay[IDENT_SIZE]; /* of those who are owed it */
    bool exit;
    uint32_t owed; /* a bit an uplink */
    uint64_t size;
};

struct photos {
    struct photos_settings settings;
    const char *const *uplinks;
    uint32_t uplinks_count;
    struct key key;
    int folder;
    struct entry *entries; /* in no order; one more than the bound while the folder is read */
    uint32_t count;
    struct photos_figures figures;
};

/* ---- marks: who is owed what ---- */

static const char *mark_name(const struct photos *photos, const struct entry *entry,
                             uint32_t uplink, char ret[MARK])
{
    snprintf(ret, MARK, "%s.%s.%s.%s", entry->about.id, entry->stay, entry->exit ? "out" : "in",
             photos->uplinks[uplink]);
    return ret;
}

static void set_owed(struct photos *photos, struct entry *entry, uint32_t uplink)
{
    if (entry->owed & UINT32_C(1) << uplink)
        return;
    entry->owed |= UINT32_C(1) << uplink;
    photos->figures.owed[uplink]++;
}

static void clear_owed(struct photos *photos, struct entry *entry, uint32_t uplink)
{
    char mark[MARK];

    if (!(entry->owed & UINT32_C(1) << uplink))
        return;
    unlinkat(photos->folder, mark_name(photos, entry, uplink, mark), 0);
    entry->owed &= ~(UINT32_C(1) << uplink);
    photos->figures.owed[uplink]--;
}

/* ---- what goes ---- */

static void erase(struct photos *photos, struct entry *entry)
{
    char name[PHOTO_NAME];

    photos->figures.lost += entry->owed != 0;
    for (uint32_t u = 0; u < photos->uplinks_count; u++)
        clear_owed(photos, entry, u);
    unlinkat(photos->folder, photo_file_name(entry->about.id, name), 0);
    photos->figures.bytes -= entry->size;
    photos->figures.count--;
    *entry = photos->entries[--photos->count];
}

static struct entry *oldest(struct photos *photos)
{
    struct entry *found = NULL;

    for (uint32_t i = 0; i < photos->count; i++)
        if (!found || photos->entries[i].about.at.ms < found->about.at.ms)
            found = &photos->entries[i];
    return found;
}

/* Also one from the far future: a clock that was wrong must not keep it for ever. */
static bool is_aged(const struct photos *photos, const struct photo_about *about, utc_ms now)
{
    return about->at.ms < now.ms - photos->settings.keep_ms ||
           about->at.ms > now.ms + photos->settings.keep_ms;
}

static void erase_aged(struct photos *photos, utc_ms now)
{
    for (uint32_t i = photos->count; i-- > 0;)
        if (is_aged(photos, &photos->entries[i].about, now)) {
            photos->figures.aged++;
            erase(photos, &photos->entries[i]);
        }
}

/* What others may still take of the disk. */
static int64_t room(const struct photos *photos)
{
    struct statvfs disk;

    return fstatvfs(photos->folder, &disk) ? INT64_MAX
                                           : (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
}

/* Rule 2; false: there is no room though everything went. */
static bool make_room(struct photos *photos, uint64_t size)
{
    const struct photos_settings *settings = &photos->settings;
    const uint64_t most = (uint64_t)settings->bytes_max;

    while (photos->count &&
           (photos->figures.bytes + size > most || photos->count >= settings->count_max ||
            room(photos) - (int64_t)size < settings->free_bytes)) {
        photos->figures.crowded++;
        erase(photos, oldest(photos));
    }
    return size <= most && room(photos) - (int64_t)size >= settings->free_bytes;
}

/* ---- what comes ---- */

static void add(struct photos *photos, const struct photo_about *about, uint64_t size)
{
    photos->entries[photos->count++] = (struct entry){.about = *about, .size = size};
    photos->figures.count++;
    photos->figures.bytes += size;
}

static struct entry *find(struct photos *photos, const char *id)
{
    for (uint32_t i = 0; i < photos->count; i++)
        if (!strcmp(photos->entries[i].about.id, id))
            return &photos->entries[i];
    return NULL;
}

bool photos_keep(struct photos *photos, const struct photo_about *about,
                 const struct crypto_part *jpeg, utc_ms now, struct err *err)
{
    const uint64_t size = jpeg->size + PHOTO_HEAD; /* what seals add is little */
    bool good = true;

    erase_aged(photos, now);
    if (find(photos, about->id))
        return true;
    if (is_aged(photos, about, now))
        good = err_set(err, "photos: a picture is older than pictures are kept");
    else if ((int64_t)jpeg->size > photos->settings.photo_max)
        good = err_set(err, "photos: a picture of %zu bytes; set the camera to smaller ones",
                       jpeg->size);
    else if (!make_room(photos, size))
        good = err_set(err, "photos: less than %" PRId64 " MB are free on the disk; none is kept",
                       photos->settings.free_bytes / (1024 * 1024));
    good = good && photo_file_write(photos->folder, &photos->key, about, jpeg, err);
    if (good)
        add(photos, about, size);
    photos->figures.kept += good;
    photos->figures.refused += !good;
    return good;
}

void photos_tick(struct photos *photos, utc_ms now)
{
    erase_aged(photos, now);
    make_room(photos, 0);
}

/* ---- who is owed what ---- */

/* How far the picture is from being the stay's, 0: it is; NOT_OF: it cannot be. A person may have
 * put the plate right, or said it where the camera had read none. */
static uint32_t distance(const struct entry *entry, const struct photo_claim *claim)
{
    int64_t before_ms = claim->at.ms - entry->about.at.ms;
    bool said = *claim->plate && !*entry->about.plate;

    if (*entry->stay && (strcmp(entry->stay, claim->stay) || entry->exit != claim->exit))
        return NOT_OF; /* it is another one's */
    if (before_ms > (said ? SAID_MS : WAITED_MS) || before_ms < -SLACK_MS ||
        strcmp(entry->about.lane, claim->lane) != 0)
        return NOT_OF;
    return said ? MATCH_EDIT : match_distance(entry->about.plate, claim->plate, NOT_OF);
}

static struct entry *find_of(struct photos *photos, const struct photo_claim *claim)
{
    struct entry *found = NULL;
    uint32_t nearest = NOT_OF;

    for (uint32_t i = 0; i < photos->count; i++) {
        struct entry *entry = &photos->entries[i];
        uint32_t far = distance(entry, claim);

        if (far < nearest || (found && far == nearest && entry->about.at.ms > found->about.at.ms)) {
            found = entry;
            nearest = far;
        }
    }
    return found;
}

bool photos_claim(struct photos *photos, const struct photo_claim *claim)
{
    struct entry *found = find_of(photos, claim);
    char mark[MARK];

    photos->figures.missing[claim->uplink] += !found;
    if (!found)
        return false;
    memcpy(found->stay, claim->stay, sizeof found->stay);
    found->exit = claim->exit;
    int fd = openat(photos->folder, mark_name(photos, found, claim->uplink, mark),
                    O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0)
        close(fd);
    set_owed(photos, found, claim->uplink);
    return true;
}

static struct entry *next_of(struct photos *photos, uint32_t uplink)
{
    struct entry *found = NULL;

    for (uint32_t i = 0; i < photos->count; i++) {
        struct entry *entry = &photos->entries[i];

        if (entry->owed & UINT32_C(1) << uplink &&
            (!found || entry->about.at.ms < found->about.at.ms))
            found = entry;
    }
    return found;
}

bool photos_next(struct photos *photos, uint32_t uplink, struct photo *ret)
{
    struct entry *entry;

    while ((entry = next_of(photos, uplink)) != NULL) {
        *ret = (struct photo){.about = entry->about, .exit = entry->exit};
        memcpy(ret->stay, entry->stay, sizeof ret->stay);
        ret->jpeg = photo_file_body(photos->folder, &photos->key, entry->about.id, &ret->size);
        if (ret->jpeg)
            return true;
        photos->figures.spoilt++;
        erase(photos, entry);
    }
    return false;
}

void photos_settle(struct photos *photos, uint32_t uplink, const char *id)
{
    struct entry *entry = find(photos, id);

    if (entry)
        clear_owed(photos, entry, uplink);
}

void photos_figures(const struct photos *photos, struct photos_figures *ret)
{
    *ret = photos->figures;
}

/* ---- opening ---- */

typedef void seen_fn(struct photos *photos, const char *name);

/* False: what is in the folder is not known, so that nothing may be taken for gone. */
static bool each_file(struct photos *photos, seen_fn *seen, struct err *err)
{
    int fd = openat(photos->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *files = fd < 0 ? NULL : fdopendir(fd);

    if (!files) {
        err_errno(err, "photos: the folder %s cannot be read", photos->settings.folder);
        if (fd >= 0)
            close(fd);
        return false;
    }
    for (struct dirent *file; (file = readdir(files)) != NULL;)
        if (file->d_name[0] != '.')
            seen(photos, file->d_name);
    closedir(files);
    return true;
}

/* Nothing is touched that has no name of ours. */
static bool is_ours(const char *name)
{
    return strspn(name, "0123456789abcdef") == HEX && name[HEX] == '.';
}

static void see_photo(struct photos *photos, const char *name)
{
    struct photo_about about;
    uint64_t size;

    if (is_ours(name) && !strcmp(name + HEX, ".new")) {
        photos->figures.spoilt++;
        unlinkat(photos->folder, name, 0);
    } else if (is_ours(name) && !strcmp(name + HEX, ".photo")) {
        enum photo_state state = photo_file_head(photos->folder, &photos->key, name, &about, &size);

        if (state == PHOTO_WHOLE) {
            add(photos, &about, size);
            if (photos->count > photos->settings.count_max) { /* which is lower than it was */
                photos->figures.crowded++;
                erase(photos, oldest(photos));
            }
        } else if (state == PHOTO_NOT_WHOLE) {
            photos->figures.spoilt++;
            unlinkat(photos->folder, name, 0);
        }
    }
}

/* ID.STAY.in.UPLINK; an uplink's name may hold dots. A mark of a picture or an uplink that has gone
 * goes too. */
static void see_mark(struct photos *photos, const char *name)
{
    char id[PHOTO_ID], stay[IDENT_SIZE], way[4], photo[PHOTO_NAME];
    int used = 0;

    if (!is_ours(name) ||
        sscanf(name, "%35[0-9a-f].%23[0-9A-Z].%3[a-z].%n", id, stay, way, &used) != 3 || !used)
        return;
    struct entry *entry = find(photos, id);
    for (uint32_t u = 0; entry && u < photos->uplinks_count; u++)
        if (!strcmp(photos->uplinks[u], name + used)) {
            memcpy(entry->stay, stay, sizeof entry->stay);
            entry->exit = !strcmp(way, "out");
            set_owed(photos, entry, u);
            return;
        }
    /* Not that of a picture that is there and could not be read. */
    if (entry || faccessat(photos->folder, photo_file_name(id, photo), F_OK, 0))
        unlinkat(photos->folder, name, 0);
}

static bool open_folder(struct photos *photos, struct err *err)
{
    const char *path = photos->settings.folder;

    if (mkdir(path, 0700) && errno != EEXIST)
        return err_errno(err, "photos: the folder %s cannot be made", path);
    photos->folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (photos->folder >= 0)
        return true;
    return err_errno(err, "photos: the folder %s cannot be opened", path);
}

struct photos *photos_open(const struct photos_settings *settings, const char *const uplinks[],
                           uint32_t uplinks_count, utc_ms now, struct err *err)
{
    struct photos *photos = memory_new(1, sizeof *photos);

    *photos = (struct photos){.settings = *settings, .uplinks = uplinks, .folder = -1};
    photos->uplinks_count = uplinks_count < PHOTO_UPLINKS ? uplinks_count : PHOTO_UPLINKS;
    photos->entries = memory_new(settings->count_max + 1, sizeof *photos->entries);
    if (!open_folder(photos, err) || !photo_key(settings->key_file, &photos->key, err) ||
        !each_file(photos, see_photo, err) || !each_file(photos, see_mark, err)) {
        photos_close(photos);
        return NULL;
    }
    photos_tick(photos, now);
    return photos;
}

void photos_close(struct photos *photos)
{
    if (!photos)
        return;
    crypto_wipe(&photos->key, sizeof photos->key);
    if (photos->folder >= 0)
        close(photos->folder);
    free(photos->entries);
    free(photos);
}
