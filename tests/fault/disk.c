/* The model of a disk. See disk.h. */
#include "tests/fault/disk.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/memory.h"
#include "tests/fault/disk_vfs.h"
#include "tests/simulate/seeded.h"

enum { SECTOR = 512 };

/* How much of what was not synced survives a cut. */
enum survival { NOTHING, ALL, SOME_WRITES, SOME_SECTORS, SURVIVALS };

struct change {
    int64_t offset;
    size_t size;
    uint8_t *bytes; /* NULL: the file is cut to `offset` */
};

struct image {
    struct image *next;
    char *path;
    uint8_t *bytes; /* durable */
    size_t size;
    struct change *changes; /* since */
    size_t count, room;
    bool named;           /* the name is durable, or that it is gone */
    bool gone;            /* removed */
    struct image *former; /* what a rename replaced, until the name is durable */
};

struct failure {
    uint64_t left; /* operations until it comes; 0 none */
    bool sticky, come;
};

struct disk {
    struct seeded random;
    struct image *images;
    struct failure failures[DISK_OPERATIONS];
    uint64_t cut_in; /* changes until the power goes; 0 never */
    bool cut, lies;
};

const char *disk_operation_name(enum disk_operation operation)
{
    static const char *const names[] = {"read", "write", "sync", "open", "name"};

    return names[operation];
}

struct disk *disk_create(uint64_t seed)
{
    struct disk *disk = memory_new(1, sizeof *disk);

    disk->random = seeded_from(seed);
    disk_vfs_register(disk);
    return disk;
}

static void clear_changes(struct image *image)
{
    for (size_t i = 0; i < image->count; i++)
        free(image->changes[i].bytes);
    image->count = 0;
}

static void free_image(struct image *image)
{
    if (!image)
        return;
    free_image(image->former);
    clear_changes(image);
    free(image->changes);
    free(image->bytes);
    free(image->path);
    free(image);
}

void disk_forget(struct disk *disk)
{
    while (disk->images) {
        struct image *image = disk->images;
        disk->images = image->next;
        free_image(image);
    }
}

void disk_destroy(struct disk *disk)
{
    disk_vfs_unregister();
    disk_forget(disk);
    free(disk);
}

void disk_cut_after(struct disk *disk, uint64_t changes)
{
    disk->cut_in = changes;
    disk->cut = false;
}

bool disk_is_cut(const struct disk *disk)
{
    return disk->cut;
}

void disk_lies(struct disk *disk, bool lies)
{
    disk->lies = lies;
}

void disk_fail(struct disk *disk, enum disk_operation operation, uint64_t nth, bool sticky)
{
    memset(disk->failures, 0, sizeof disk->failures);
    disk->failures[operation] = (struct failure){.left = nth, .sticky = sticky};
}

bool disk_has_failed(const struct disk *disk)
{
    for (int i = 0; i < DISK_OPERATIONS; i++)
        if (disk->failures[i].come)
            return true;
    return false;
}

bool disk_allows(struct disk *disk, enum disk_operation operation)
{
    struct failure *failure = &disk->failures[operation];
    bool changes = operation == DISK_WRITE || operation == DISK_SYNC || operation == DISK_NAME;

    if (changes && disk->cut_in && !--disk->cut_in)
        disk->cut = true;
    if (disk->cut)
        return false;
    if (failure->come && failure->sticky)
        return false;
    if (!failure->left || --failure->left)
        return true;
    failure->come = true;
    return false;
}

/* What lies there already, from before the disk was watched, is durable. By the C library's
 * streams, here and below: the calls beneath them are wrapped (disk_calls.c). */
static void read_in(struct image *image)
{
    FILE *file = fopen(image->path, "rbe");
    struct stat about;

    if (!file)
        return;
    if (!fstat(fileno(file), &about) && about.st_size > 0) {
        image->size = (size_t)about.st_size;
        image->bytes = memory_new(image->size, 1);
        size_t got = fread(image->bytes, 1, image->size, file);
        assert(got == image->size);
        (void)got;
        image->named = true;
    }
    fclose(file);
}

static void note(struct image *image, struct change change)
{
    if (image->count == image->room) {
        image->room = image->room ? 2 * image->room : 64;
        image->changes = memory_grow(image->changes, image->room, sizeof *image->changes);
    }
    image->changes[image->count++] = change;
}

struct image *disk_image(struct disk *disk, const char *path, bool make)
{
    for (struct image *image = disk->images; image; image = image->next) {
        if (strcmp(image->path, path) != 0)
            continue;
        if (image->gone && make) { /* created again */
            image->gone = image->named = false;
            note(image, (struct change){.offset = 0});
        }
        return image->gone ? NULL : image;
    }
    if (!make)
        return NULL;
    struct image *image = memory_new(1, sizeof *image);
    image->path = memory_text(path);
    read_in(image);
    image->next = disk->images;
    disk->images = image;
    return image;
}

/* A write that fails, or during which the power goes, may have reached the disk. */
bool disk_write(struct disk *disk, struct image *image, int64_t offset, const void *bytes,
                size_t size)
{
    bool was_cut = disk->cut;
    bool good = disk_allows(disk, DISK_WRITE);
    struct change change = {offset, size, memory_new(size, 1)};

    if (was_cut) {
        free(change.bytes);
        return false;
    }
    memcpy(change.bytes, bytes, size);
    note(image, change);
    return good;
}

bool disk_truncate(struct disk *disk, struct image *image, int64_t size)
{
    bool was_cut = disk->cut;
    bool good = disk_allows(disk, DISK_WRITE);

    if (!was_cut)
        note(image, (struct change){.offset = size});
    return good;
}

static void resize(struct image *image, size_t size)
{
    image->bytes = memory_grow(image->bytes, size, 1);
    if (size > image->size)
        memset(image->bytes + image->size, 0, size - image->size);
    image->size = size;
}

static void apply(struct image *image, const struct change *change, size_t from, size_t size)
{
    size_t at = (size_t)change->offset + from;

    if (!change->bytes) {
        resize(image, (size_t)change->offset);
        return;
    }
    if (at + size > image->size)
        resize(image, at + size);
    memcpy(image->bytes + at, change->bytes + from, size);
}

static void settle(struct image *image)
{
    for (size_t i = 0; i < image->count; i++)
        apply(image, &image->changes[i], 0, image->changes[i].size);
    clear_changes(image);
}

static void settle_names(struct disk *disk)
{
    for (struct image *image = disk->images; image; image = image->next) {
        image->named = true;
        free_image(image->former);
        image->former = NULL;
    }
}

bool disk_sync(struct disk *disk, struct image *image, bool names)
{
    if (!disk_allows(disk, DISK_SYNC)) {
        if (!disk->cut)
            clear_changes(image);
        return false;
    }
    if (disk->lies)
        return true;
    settle(image);
    if (names)
        settle_names(disk);
    return true;
}

bool disk_sync_names(struct disk *disk)
{
    if (!disk_allows(disk, DISK_SYNC))
        return false;
    if (!disk->lies)
        settle_names(disk);
    return true;
}

bool disk_remove(struct disk *disk, struct image *image)
{
    if (!disk_allows(disk, DISK_NAME))
        return false;
    image->gone = true;
    image->named = false;
    return true;
}

bool disk_rename(struct disk *disk, struct image *image, const char *to)
{
    if (!disk_allows(disk, DISK_NAME))
        return false;
    for (struct image **at = &disk->images; *at; at = &(*at)->next) {
        struct image *old = *at;
        if (strcmp(old->path, to) != 0)
            continue;
        *at = old->next;
        old->next = NULL;
        free_image(image->former);
        image->former = old;
        break;
    }
    free(image->path);
    image->path = memory_text(to);
    image->named = false;
    return true;
}

static bool chance(struct disk *disk)
{
    return seeded_below(&disk->random, 2);
}

/* Sectors of the file, not of the write: what reaches the disk is whole sectors. */
static void survive_sectors(struct disk *disk, struct image *image, const struct change *change)
{
    size_t from = 0;

    while (from < change->size) {
        size_t end = SECTOR - ((size_t)change->offset + from) % SECTOR + from;
        if (end > change->size)
            end = change->size;
        if (chance(disk))
            apply(image, change, from, end - from);
        from = end;
    }
}

static void survive(struct disk *disk, struct image *image)
{
    enum survival survival = (enum survival)seeded_below(&disk->random, SURVIVALS);

    for (size_t i = 0; i < image->count && survival != NOTHING; i++) {
        const struct change *change = &image->changes[i];

        if (survival == SOME_SECTORS && change->bytes)
            survive_sectors(disk, image, change);
        else if (survival == ALL || chance(disk))
            apply(image, change, 0, change->size);
    }
    clear_changes(image);
}

static void write_out(const struct image *image, const char *path)
{
    FILE *file = fopen(path, "wbe");

    assert(file);
    size_t put = fwrite(image->bytes, 1, image->size, file);
    assert(put == image->size);
    (void)put;
    fclose(file);
}

/* A name that was not made durable may be there, or what it named before, or nothing. */
static void restore_file(struct disk *disk, const struct image *image)
{
    struct image *found = (struct image *)(uintptr_t)image;
    bool there = !image->gone;

    if (!image->named && chance(disk)) {
        found = image->former;
        there = image->gone || found;
        if (image->gone)
            found = (struct image *)(uintptr_t)image;
    }
    unlink(image->path);
    if (!there || !found)
        return;
    survive(disk, found);
    write_out(found, image->path);
}

void disk_restore(struct disk *disk)
{
    char shared[4096];

    disk->cut_in = 0;
    disk->cut = false;
    memset(disk->failures, 0, sizeof disk->failures);
    for (const struct image *image = disk->images; image; image = image->next) {
        restore_file(disk, image);
        snprintf(shared, sizeof shared, "%s-shm", image->path);
        unlink(shared);
    }
    disk_forget(disk);
}
