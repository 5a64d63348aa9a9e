/* The key file. See keys.h. */
#include "daemon/store/keys.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/crash.h"
#include "daemon/base/log.h"
#include "daemon/base/memory.h"
#include "daemon/store/keys_root.h"

enum { SLOT_BYTES = 8192 };
#define EPOCH_MS (KEYS_EPOCH_DAYS * INT64_C(86400000))

/* A copy as it lies in the file; of this machine alone, so in its own byte order. */
struct slot {
    char magic[16];
    uint64_t generation;
    uint64_t sealing; /* 0: beside a backup, without the ratchet's secret */
    struct ratchet ratchet;
    uint64_t newest_epoch, epochs_count;
    struct key_epoch epochs[KEYS_EPOCHS];
    struct hash check; /* over all of the above */
};

static const char magic[16] = "parkd keys 1";

_Static_assert(sizeof(struct slot) <= SLOT_BYTES, "a copy outgrows its place");

static struct hash check_of(const struct slot *slot)
{
    return crypto_sha256(&(struct crypto_part){slot, offsetof(struct slot, check)}, 1);
}

/* What was found of a copy; one that the disk does not give is not one that is damaged. */
enum found { FOUND_NOTHING = 0, FOUND_WHOLE = 1, FOUND_UNREAD = 2 };

static enum found read_slot(int fd, int index, struct slot *ret)
{
    size_t done = 0;
    ssize_t part;

    do {
        part = pread(fd, (char *)ret + done, sizeof *ret - done,
                     (off_t)index * SLOT_BYTES + (off_t)done);
        done += part > 0 ? (size_t)part : 0;
    } while (part > 0 && done < sizeof *ret);
    if (part < 0)
        return FOUND_UNREAD;
    if (done < sizeof *ret || memcmp(ret->magic, magic, sizeof magic) != 0 ||
        ret->epochs_count > KEYS_EPOCHS)
        return FOUND_NOTHING;
    struct hash check = check_of(ret);
    return memcmp(&check, &ret->check, sizeof check) ? FOUND_NOTHING : FOUND_WHOLE;
}

static void take_slot(struct keys *keys, const struct slot *slot)
{
    keys->generation = slot->generation;
    keys->fresh = !slot->sealing;
    keys->ratchet = slot->ratchet;
    keys->newest_epoch = slot->newest_epoch;
    keys->epochs_count = slot->epochs_count;
    memcpy(keys->epochs, slot->epochs, sizeof keys->epochs);
}

/* The newer of the copies that are whole: one suffices. `ret_same`: there is no other. */
static enum found load(struct keys *keys, bool *ret_same)
{
    struct slot *slots = memory_new(2, sizeof *slots);
    enum found found[2] = {read_slot(keys->fd, 0, &slots[0]), read_slot(keys->fd, 1, &slots[1])};
    bool whole[2] = {found[0] == FOUND_WHOLE, found[1] == FOUND_WHOLE};
    int best = !whole[0] || (whole[1] && slots[1].generation > slots[0].generation);

    if (whole[best])
        take_slot(keys, &slots[best]);
    *ret_same = whole[0] && whole[1] && slots[0].generation == slots[1].generation;
    crypto_wipe(slots, 2 * sizeof *slots);
    free(slots);
    return whole[best] ? FOUND_WHOLE : found[0] | found[1];
}

static bool write_slots(int fd, const struct slot *slot, const char *path, struct err *err)
{
    for (int i = 0; i < 2; i++) {
        errno = ENOSPC; /* why less than all is written */
        if (pwrite(fd, slot, sizeof *slot, (off_t)i * SLOT_BYTES) != (ssize_t)sizeof *slot ||
            fdatasync(fd))
            return err_errno(err, "key file \"%s\": cannot be written", path);
        crash_point("in_keys");
    }
    return true;
}

static bool write_all(const struct keys *keys, int fd, const char *path, bool sealing,
                      struct err *err)
{
    struct slot *slot = memory_new(1, sizeof *slot);

    memcpy(slot->magic, magic, sizeof magic);
    slot->generation = keys->generation;
    slot->sealing = sealing;
    if (sealing)
        slot->ratchet = keys->ratchet;
    slot->newest_epoch = keys->newest_epoch;
    slot->epochs_count = keys->epochs_count;
    memcpy(slot->epochs, keys->epochs, sizeof slot->epochs);
    slot->check = check_of(slot);
    bool good = write_slots(fd, slot, path, err);
    crypto_wipe(slot, sizeof *slot);
    free(slot);
    return good;
}

bool keys_save(struct keys *keys, struct err *err)
{
    keys->generation++;
    return write_all(keys, keys->fd, keys->path, true, err);
}

bool keys_copy(const struct keys *keys, const char *database, struct err *err)
{
    if (keys->fd < 0)
        return true;
    char *path = memory_format("%s-keys", database);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool good = fd >= 0 ? write_all(keys, fd, path, false, err)
                        : err_errno(err, "key file \"%s\": cannot be created", path);
    if (fd >= 0)
        close(fd);
    free(path);
    return good;
}

static bool begin(struct keys *keys, const char *database, struct err *err)
{
    struct key root;

    if (!keys_root_begin(database, &root, err))
        return false;
    keys->ratchet = ratchet_begin(&root);
    crypto_wipe(&root, sizeof root);
    keys->fresh = true;
    return keys_save(keys, err);
}

static bool open_writing(struct keys *keys, const char *database, struct err *err)
{
    bool same;

    keys->fd = open(keys->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (keys->fd < 0)
        return err_errno(err, "key file \"%s\": cannot be opened; check its owner", keys->path);
    enum found found = load(keys, &same);
    if (found == FOUND_UNREAD) /* new keys would be the end of those in there */
        return err_errno(err, "key file \"%s\": cannot be read; look at the disk", keys->path);
    if (found == FOUND_WHOLE && !keys->fresh)
        return same || keys_save(keys, err); /* what an end in between left is destroyed */
    if (found == FOUND_NOTHING && lseek(keys->fd, 0, SEEK_END) > SLOT_BYTES)
        log_error("store: the key file \"%s\" is damaged; plates of before stay sealed, and new "
                  "keys are made; put a copy of it back if there is one",
                  keys->path);
    return begin(keys, database, err);
}

bool keys_open(struct keys *keys, const char *database, struct err *err)
{
    *keys = (struct keys){.fd = -1, .path = memory_format("%s-keys", database)};
    return open_writing(keys, database, err);
}

void keys_read(struct keys *keys, const char *database)
{
    bool same;

    *keys = (struct keys){.fd = -1, .path = memory_format("%s-keys", database)};
    keys->fd = open(keys->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (keys->fd >= 0 && load(keys, &same) != FOUND_WHOLE) {
        close(keys->fd);
        keys->fd = -1;
    }
}

void keys_close(struct keys *keys)
{
    if (keys->fd >= 0)
        close(keys->fd);
    free(keys->path);
    crypto_wipe(keys, sizeof *keys);
    keys->fd = -1;
}

/* A clock that was wrong for a while must not make it the newest for ever. */
static bool has_had_its_time(const struct key_epoch *epoch, utc_ms at)
{
    return at.ms >= epoch->begun_ms + EPOCH_MS || at.ms < epoch->begun_ms - EPOCH_MS;
}

bool keys_epoch_for(struct keys *keys, utc_ms at, const struct key_epoch **ret, struct err *err)
{
    uint64_t count = keys->epochs_count;

    assert(keys->fd >= 0);
    if (!count || (count < KEYS_EPOCHS && has_had_its_time(&keys->epochs[count - 1], at))) {
        struct key_epoch *epoch = &keys->epochs[count];

        *epoch = (struct key_epoch){.id = keys->newest_epoch + 1, .begun_ms = at.ms};
        crypto_random(&epoch->key, sizeof epoch->key);
        keys->epochs_count++;
        keys->newest_epoch++;
        if (!keys_save(keys, err)) { /* not in use yet: the next try makes it again */
            keys->epochs_count--;
            keys->newest_epoch--;
            return false;
        }
    }
    *ret = &keys->epochs[keys->epochs_count - 1];
    return true;
}

const struct key_epoch *keys_epoch(const struct keys *keys, uint64_t id)
{
    for (uint64_t i = 0; i < keys->epochs_count; i++)
        if (keys->epochs[i].id == id)
            return &keys->epochs[i];
    return NULL;
}

/* By the first that began behind it; an epoch of a clock that was ahead ended with the next. */
bool keys_epoch_ended(const struct keys *keys, uint64_t id, utc_ms *ret)
{
    const struct key_epoch *epoch = keys_epoch(keys, id);
    const struct key_epoch *end = keys->epochs + keys->epochs_count;

    if (!epoch || epoch + 1 == end)
        return false;
    *ret = (utc_ms){epoch[1].begun_ms};
    for (const struct key_epoch *later = epoch + 1; later < end; later++)
        if (later->begun_ms >= epoch->begun_ms) {
            *ret = (utc_ms){later->begun_ms};
            break;
        }
    return true;
}

bool keys_destroy_epoch(struct keys *keys, uint64_t id, struct err *err)
{
    for (uint64_t i = 0; i < keys->epochs_count; i++) {
        if (keys->epochs[i].id != id)
            continue;
        keys->epochs_count--;
        memmove(&keys->epochs[i], &keys->epochs[i + 1],
                (keys->epochs_count - i) * sizeof *keys->epochs);
        crypto_wipe(&keys->epochs[keys->epochs_count], sizeof *keys->epochs);
        return keys_save(keys, err);
    }
    return true;
}
