/*
 * The calls that the store makes itself, beside SQLite (a backup is synced and gets its name): the
 * linker's --wrap leads them here. Files that the disk does not know go on to the C library.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/fault/disk_vfs.h"

int __real_fdatasync(int fd);
int __real_fsync(int fd);
int __real_unlink(const char *path);
int __real_rename(const char *from, const char *to);
int __wrap_fdatasync(int fd);
int __wrap_fsync(int fd);
int __wrap_unlink(const char *path);
int __wrap_rename(const char *from, const char *to);

static struct image *known(const char *path)
{
    return disk_current() ? disk_image(disk_current(), path, false) : NULL;
}

static int fail(void)
{
    errno = EIO;
    return -1;
}

int __wrap_fdatasync(int fd)
{
    char link[64], path[PATH_MAX];

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof path - 1);
    path[size > 0 ? size : 0] = '\0';
    struct image *image = known(path);
    if (!image)
        return __real_fdatasync(fd);
    return disk_sync(disk_current(), image, false) ? 0 : fail();
}

/* Only folders are synced so. */
int __wrap_fsync(int fd)
{
    if (!disk_current())
        return __real_fsync(fd);
    return disk_sync_names(disk_current()) ? 0 : fail();
}

int __wrap_unlink(const char *path)
{
    struct image *image = known(path);

    if (image && !disk_remove(disk_current(), image))
        return fail();
    return __real_unlink(path);
}

int __wrap_rename(const char *from, const char *to)
{
    struct image *image = known(from);

    if (image && !disk_rename(disk_current(), image, to))
        return fail();
    return __real_rename(from, to);
}
