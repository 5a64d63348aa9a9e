/*
 * SQLite's VFS over the disk: each call is told to the model first and then made by the default
 * VFS on a real file, which is what the program sees. Real syncs are left out; the model keeps what
 * is durable. Memory that SQLite maps (the -shm file) is no part of a disk.
 */
#include "tests/fault/disk_vfs.h"

#include <assert.h>
#include <sqlite3.h>
#include <string.h>

struct disk_file {
    sqlite3_file base;
    struct image *image; /* NULL: a temporary file */
    bool names;          /* a log: SQLite syncs its folder with it */
    sqlite3_file *real;
};

/* SQLite has one list of VFS for the process, so there is one disk for the process. */
static sqlite3_vfs shim;

static struct disk *disk_of_shim(void)
{
    return shim.pAppData;
}

static sqlite3_vfs *below(void)
{
    return sqlite3_vfs_find("unix");
}

static struct disk_file *of(sqlite3_file *file)
{
    return (struct disk_file *)file;
}

static int file_close(sqlite3_file *file)
{
    return of(file)->real->pMethods->xClose(of(file)->real);
}

static int file_read(sqlite3_file *file, void *bytes, int size, sqlite3_int64 offset)
{
    if (of(file)->image && !disk_allows(disk_of_shim(), DISK_READ))
        return SQLITE_IOERR_READ;
    return of(file)->real->pMethods->xRead(of(file)->real, bytes, size, offset);
}

static int file_write(sqlite3_file *file, const void *bytes, int size, sqlite3_int64 offset)
{
    struct disk_file *own = of(file);

    if (own->image && !disk_write(disk_of_shim(), own->image, offset, bytes, (size_t)size))
        return SQLITE_IOERR_WRITE;
    return own->real->pMethods->xWrite(own->real, bytes, size, offset);
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    struct disk_file *own = of(file);

    if (own->image && !disk_truncate(disk_of_shim(), own->image, size))
        return SQLITE_IOERR_TRUNCATE;
    return own->real->pMethods->xTruncate(own->real, size);
}

static int file_sync(sqlite3_file *file, int flags)
{
    struct disk_file *own = of(file);

    (void)flags;
    if (own->image && !disk_sync(disk_of_shim(), own->image, own->names))
        return SQLITE_IOERR_FSYNC;
    return SQLITE_OK;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *ret)
{
    return of(file)->real->pMethods->xFileSize(of(file)->real, ret);
}

static int file_lock(sqlite3_file *file, int lock)
{
    return of(file)->real->pMethods->xLock(of(file)->real, lock);
}

static int file_unlock(sqlite3_file *file, int lock)
{
    return of(file)->real->pMethods->xUnlock(of(file)->real, lock);
}

static int file_reserved(sqlite3_file *file, int *ret)
{
    return of(file)->real->pMethods->xCheckReservedLock(of(file)->real, ret);
}

static int file_control(sqlite3_file *file, int operation, void *arg)
{
    return of(file)->real->pMethods->xFileControl(of(file)->real, operation, arg);
}

static int file_sector(sqlite3_file *file)
{
    return of(file)->real->pMethods->xSectorSize(of(file)->real);
}

static int file_traits(sqlite3_file *file)
{
    return of(file)->real->pMethods->xDeviceCharacteristics(of(file)->real);
}

static int file_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **ret)
{
    if (!disk_allows(disk_of_shim(), DISK_OPEN))
        return SQLITE_IOERR_SHMOPEN;
    return of(file)->real->pMethods->xShmMap(of(file)->real, page, size, extend, ret);
}

static int file_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    return of(file)->real->pMethods->xShmLock(of(file)->real, offset, count, flags);
}

static void file_shm_barrier(sqlite3_file *file)
{
    of(file)->real->pMethods->xShmBarrier(of(file)->real);
}

static int file_shm_unmap(sqlite3_file *file, int remove)
{
    return of(file)->real->pMethods->xShmUnmap(of(file)->real, remove);
}

/* Version 2: without xFetch, so that nothing is mapped behind our back. */
static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_traits,
    .xShmMap = file_shm_map,
    .xShmLock = file_shm_lock,
    .xShmBarrier = file_shm_barrier,
    .xShmUnmap = file_shm_unmap,
};

static int vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *ret)
{
    struct disk_file *own = of(file);

    *own = (struct disk_file){.real = (sqlite3_file *)(own + 1)};
    if (!disk_allows(vfs->pAppData, DISK_OPEN))
        return SQLITE_CANTOPEN;
    int code = below()->xOpen(below(), path, own->real, flags, ret);
    if (code != SQLITE_OK)
        return code;
    own->base.pMethods = &methods;
    own->names = flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL);
    if (path)
        own->image = disk_image(vfs->pAppData, path, true);
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int sync_folder)
{
    struct disk *disk = vfs->pAppData;
    struct image *image = disk_image(disk, path, false);

    if (image && !disk_remove(disk, image))
        return SQLITE_IOERR_DELETE;
    if (image && sync_folder && !disk_sync_names(disk))
        return SQLITE_IOERR_DIR_FSYNC;
    return below()->xDelete(below(), path, 0);
}

void disk_vfs_register(struct disk *disk)
{
    shim = *below();
    shim.pNext = NULL;
    shim.zName = "disk";
    shim.szOsFile = (int)sizeof(struct disk_file) + below()->szOsFile;
    shim.pAppData = disk;
    shim.xOpen = vfs_open;
    shim.xDelete = vfs_delete;
    int code = sqlite3_vfs_register(&shim, 1);
    assert(code == SQLITE_OK);
    (void)code;
}

void disk_vfs_unregister(void)
{
    sqlite3_vfs_unregister(&shim);
    shim.pAppData = NULL;
}

struct disk *disk_current(void)
{
    return disk_of_shim();
}
