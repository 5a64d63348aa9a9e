/*
 * The keys of a database, in a file beside it ("DATABASE-keys", mode 0600) and never in it: the
 * present secret of the ratchet and the keys of the epochs in which plates were sealed. A copy of
 * the database, or a backup, says nothing about plates without it.
 *
 * The file holds all of it twice. Each write replaces both copies, one after the other, each
 * synced: a power cut leaves one that is whole, and nothing of an older key stays where it was.
 * Owned by the store; its thread. Inside of daemon/store and its tests only.
 */
#ifndef STORE_KEYS_H
#define STORE_KEYS_H

#include "daemon/base/err.h"
#include "daemon/core/units.h"
#include "daemon/store/ratchet.h"

/* Ten years of months. At the bound no new epoch begins. */
enum { KEYS_EPOCHS = 128, KEYS_EPOCH_DAYS = 30 };

struct key_epoch {
    uint64_t id; /* from 1 on; never used again */
    int64_t begun_ms;
    struct key key;
};

struct keys {
    int fd;     /* -1: none to be had; then nothing below is set */
    bool fresh; /* the ratchet was begun by this opening */
    char *path;
    uint64_t generation;
    struct ratchet ratchet;
    uint64_t newest_epoch; /* id */
    uint64_t epochs_count;
    struct key_epoch epochs[KEYS_EPOCHS]; /* oldest first */
};

/* For a writer: makes the file when there is none, and the root with it (keys_root.h). One that is
 * damaged is made anew; one that the disk does not give is left alone, and that is a failure. */
bool keys_open(struct keys *keys, const char *database, struct err *err);
/* For a reader, to whom it does not matter why there is none. */
void keys_read(struct keys *keys, const char *database);
void keys_close(struct keys *keys); /* after either; wipes them */

/* Writes what is in memory and thereby destroys what was in the file. */
bool keys_save(struct keys *keys, struct err *err);

/* Beside a backup: what its plates are read with, and no secret of the ratchet. */
bool keys_copy(const struct keys *keys, const char *database, struct err *err);

/* The epoch for plates that are written at `at`: the newest, or a new one, durable, when that has
 * had its time. */
bool keys_epoch_for(struct keys *keys, utc_ms at, const struct key_epoch **ret, struct err *err);
const struct key_epoch *keys_epoch(const struct keys *keys, uint64_t id); /* NULL: erased */
/* When it ceased to be used; false for the newest. */
bool keys_epoch_ended(const struct keys *keys, uint64_t id, utc_ms *ret);
bool keys_destroy_epoch(struct keys *keys, uint64_t id, struct err *err);

#endif
