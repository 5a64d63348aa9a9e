/* The disk (disk.h) as SQLite sees it: a VFS in front of the default one. */
#ifndef TESTS_FAULT_DISK_VFS_H
#define TESTS_FAULT_DISK_VFS_H

#include "tests/fault/disk.h"

void disk_vfs_register(struct disk *disk);
void disk_vfs_unregister(void);

/* The registered disk, for the wrapped calls; NULL when there is none. */
struct disk *disk_current(void);

#endif
