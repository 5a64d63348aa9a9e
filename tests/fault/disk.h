/*
 * A disk that can lose its power. Beside each file of the program under test it keeps what would be
 * found on the platter: what was synced, and the list of what was written since. At a cut every
 * later operation fails; disk_restore() then writes back the synced state with some of the rest,
 * sector by sector. It also lets the N-th operation of a kind fail, once or from then on.
 *
 * It sits below SQLite as a VFS (disk_vfs.c) and below the calls that the store makes itself
 * (disk_calls.c, through the linker's --wrap). One per process, used by one thread.
 *
 * After a failed sync the kernel may call pages clean that are not on the disk (Rebello et al.,
 * "Can Applications Recover from fsync Failures?", ATC 2020): here they never get there unless they
 * are written again.
 */
#ifndef TESTS_FAULT_DISK_H
#define TESTS_FAULT_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum disk_operation { DISK_READ, DISK_WRITE, DISK_SYNC, DISK_OPEN, DISK_NAME, DISK_OPERATIONS };

struct disk;
struct image; /* one file, as it would be found */

/* Becomes SQLite's default VFS. `seed` decides what survives. */
struct disk *disk_create(uint64_t seed);
void disk_destroy(struct disk *disk);
const char *disk_operation_name(enum disk_operation operation);

/* The power goes with the `operation`-th change (write, sync, name) from now on; 0: it stays. */
void disk_cut_after(struct disk *disk, uint64_t changes);
bool disk_is_cut(const struct disk *disk);
/* The power is back: the files are what survived. No file may be open. */
void disk_restore(struct disk *disk);

/* The nth operation of this kind from now on fails, and with `sticky` each after it; 0: none. */
void disk_fail(struct disk *disk, enum disk_operation operation, uint64_t nth, bool sticky);
bool disk_has_failed(const struct disk *disk); /* the failure that was asked for has come */

/* Lies about syncs, as a cheap card does: nothing is durable before it is by chance. */
void disk_lies(struct disk *disk, bool lies);

/* Forgets all files, which the caller has removed. */
void disk_forget(struct disk *disk);

/* For the VFS and the wrapped calls. Each change is told before it is made; false: it fails. */
bool disk_allows(struct disk *disk, enum disk_operation operation);
struct image *disk_image(struct disk *disk, const char *path, bool make);
bool disk_write(struct disk *disk, struct image *image, int64_t offset, const void *bytes,
                size_t size);
bool disk_truncate(struct disk *disk, struct image *image, int64_t size);
/* `names`: with it the names in its folder become durable. */
bool disk_sync(struct disk *disk, struct image *image, bool names);
bool disk_sync_names(struct disk *disk);
bool disk_remove(struct disk *disk, struct image *image);
bool disk_rename(struct disk *disk, struct image *image, const char *to);

#endif
