/*
 * The calls that the store makes itself, beside SQLite: a backup is synced and gets its name; keys,
 * the root key and the note of what platforms acknowledged are files of its own. The linker's
 * --wrap leads them here. Files that the disk does not know go on to the C library.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/fault/disk_vfs.h"

int __real_open64(const char *path, int flags, ...);
ssize_t __real_read(int fd, void *bytes, size_t size);
ssize_t __real_pread64(int fd, void *bytes, size_t size, off_t offset);
ssize_t __real_write(int fd, const void *bytes, size_t size);
ssize_t __real_pwrite64(int fd, const void *bytes, size_t size, off_t offset);
int __real_fdatasync(int fd);
int __real_fsync(int fd);
int __real_unlink(const char *path);
int __real_rename(const char *from, const char *to);
int __wrap_open64(const char *path, int flags, ...);
ssize_t __wrap_read(int fd, void *bytes, size_t size);
ssize_t __wrap_pread64(int fd, void *bytes, size_t size, off_t offset);
ssize_t __wrap_write(int fd, const void *bytes, size_t size);
ssize_t __wrap_pwrite64(int fd, const void *bytes, size_t size, off_t offset);
int __wrap_fdatasync(int fd);
int __wrap_fsync(int fd);
int __wrap_unlink(const char *path);
int __wrap_rename(const char *from, const char *to);

static struct image *known(const char *path)
{
    return disk_current() ? disk_image(disk_current(), path, false) : NULL;
}

static struct image *known_fd(int fd)
{
    char link[64], path[PATH_MAX];

    if (!disk_current())
        return NULL;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof path - 1);
    path[size > 0 ? size : 0] = '\0';
    return known(path);
}

static int fail(void)
{
    errno = EIO;
    return -1;
}

/* The database is SQLite's, and a lock holds nothing. */
static bool is_own(const char *path)
{
    static const char *const endings[] = {"-keys", "-root", "-root.part", "-acknowledged",
                                          "-suspect"};
    size_t size = strlen(path);

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t end = strlen(endings[i]);
        if (size > end && !strcmp(path + size - end, endings[i]))
            return true;
    }
    return false;
}

int __wrap_open64(const char *path, int flags, ...)
{
    struct disk *disk = disk_current();
    mode_t mode = 0;
    va_list words;

    va_start(words, flags);
    if (flags & O_CREAT)
        mode = va_arg(words, mode_t);
    va_end(words);
    if (!disk || !is_own(path))
        return __real_open64(path, flags, mode);
    if (!disk_allows(disk, DISK_OPEN))
        return fail();
    if (flags & O_CREAT || access(path, F_OK) == 0) {
        struct image *image = disk_image(disk, path, true); /* before it is cut to nothing */
        if (flags & O_TRUNC && !disk_truncate(disk, image, 0))
            return fail();
    }
    return __real_open64(path, flags, mode);
}

ssize_t __wrap_read(int fd, void *bytes, size_t size)
{
    if (known_fd(fd) && !disk_allows(disk_current(), DISK_READ))
        return fail();
    return __real_read(fd, bytes, size);
}

ssize_t __wrap_pread64(int fd, void *bytes, size_t size, off_t offset)
{
    if (known_fd(fd) && !disk_allows(disk_current(), DISK_READ))
        return fail();
    return __real_pread64(fd, bytes, size, offset);
}

ssize_t __wrap_write(int fd, const void *bytes, size_t size)
{
    struct image *image = known_fd(fd);

    if (image && !disk_write(disk_current(), image, lseek(fd, 0, SEEK_CUR), bytes, size))
        return fail();
    return __real_write(fd, bytes, size);
}

ssize_t __wrap_pwrite64(int fd, const void *bytes, size_t size, off_t offset)
{
    struct image *image = known_fd(fd);

    if (image && !disk_write(disk_current(), image, offset, bytes, size))
        return fail();
    return __real_pwrite64(fd, bytes, size, offset);
}

int __wrap_fdatasync(int fd)
{
    struct image *image = known_fd(fd);

    if (!image)
        return __real_fdatasync(fd);
    return disk_sync(disk_current(), image, false) ? 0 : fail();
}

/* What is no file of ours is a folder. */
int __wrap_fsync(int fd)
{
    struct image *image = known_fd(fd);

    if (image)
        return disk_sync(disk_current(), image, false) ? 0 : fail();
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
