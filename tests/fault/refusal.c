/* Calls that are refused. See refusal.h. */
#include "tests/fault/refusal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static struct {
    enum refused what;
    uint64_t left; /* calls until the one that fails; 0: none does */
    bool sticky, came;
    const sqlite3_stmt *stepping; /* its first row was given */
} refusal;

void refusal_arm(enum refused what, uint64_t nth, bool sticky)
{
    refusal.what = what;
    refusal.left = nth;
    refusal.sticky = sticky;
    refusal.came = false;
    refusal.stepping = NULL;
}

void refusal_disarm(void)
{
    refusal.left = 0;
    refusal.sticky = false;
}

bool refusal_came(void)
{
    return refusal.came;
}

static bool refuse(enum refused what)
{
    if (refusal.what != what)
        return false;
    if (refusal.came)
        return refusal.sticky;
    if (!refusal.left || --refusal.left > 0)
        return false;
    refusal.came = true;
    return true;
}

/* ---- SQLite's ---- */

int __real_sqlite3_prepare_v3(sqlite3 *db, const char *text, int size, unsigned flags,
                              sqlite3_stmt **ret, const char **ret_tail);
int __wrap_sqlite3_prepare_v3(sqlite3 *db, const char *text, int size, unsigned flags,
                              sqlite3_stmt **ret, const char **ret_tail);
int __real_sqlite3_exec(sqlite3 *db, const char *text, int (*fn)(void *, int, char **, char **),
                        void *arg, char **ret_message);
int __wrap_sqlite3_exec(sqlite3 *db, const char *text, int (*fn)(void *, int, char **, char **),
                        void *arg, char **ret_message);
int __real_sqlite3_step(sqlite3_stmt *statement);
int __wrap_sqlite3_step(sqlite3_stmt *statement);

int __wrap_sqlite3_prepare_v3(sqlite3 *db, const char *text, int size, unsigned flags,
                              sqlite3_stmt **ret, const char **ret_tail)
{
    return __real_sqlite3_prepare_v3(db, refuse(REFUSE_STATEMENT) ? "refused" : text, size, flags,
                                     ret, ret_tail);
}

int __wrap_sqlite3_exec(sqlite3 *db, const char *text, int (*fn)(void *, int, char **, char **),
                        void *arg, char **ret_message)
{
    return __real_sqlite3_exec(db, refuse(REFUSE_STATEMENT) ? "refused" : text, fn, arg,
                               ret_message);
}

static int interrupt(void *arg)
{
    (void)arg;
    return 1;
}

/* The first row and the second are moments to fail at; one of the further ones is like another. */
int __wrap_sqlite3_step(sqlite3_stmt *statement)
{
    bool further = refusal.stepping == statement && sqlite3_stmt_busy(statement);
    sqlite3 *db = sqlite3_db_handle(statement);

    refusal.stepping = sqlite3_stmt_busy(statement) ? statement : NULL;
    if (further || !refuse(REFUSE_STATEMENT))
        return __real_sqlite3_step(statement);
    sqlite3_progress_handler(db, 1, interrupt, NULL);
    int code = __real_sqlite3_step(statement);
    sqlite3_progress_handler(db, 0, NULL, NULL);
    return code;
}

/* ---- the C library's ---- */

static bool fails(void)
{
    if (!refuse(REFUSE_CALL))
        return false;
    errno = EIO;
    return true;
}

/* How much of `size` is done; -1: nothing, with errno. */
static ssize_t share(size_t size)
{
    if (fails())
        return -1;
    if (refuse(REFUSE_SIGNAL)) {
        errno = EINTR;
        return -1;
    }
    return (ssize_t)(size > 1 && refuse(REFUSE_HALF) ? size / 2 : size);
}

ssize_t __real_read(int fd, void *bytes, size_t size);
ssize_t __wrap_read(int fd, void *bytes, size_t size);
ssize_t __real_write(int fd, const void *bytes, size_t size);
ssize_t __wrap_write(int fd, const void *bytes, size_t size);
ssize_t __real_pread64(int fd, void *bytes, size_t size, off64_t at);
ssize_t __wrap_pread64(int fd, void *bytes, size_t size, off64_t at);
ssize_t __real_pwrite64(int fd, const void *bytes, size_t size, off64_t at);
ssize_t __wrap_pwrite64(int fd, const void *bytes, size_t size, off64_t at);
int __real_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);
int __real_openat64(int folder, const char *path, int flags, ...);
int __wrap_openat64(int folder, const char *path, int flags, ...);
int __real_close(int fd);
int __wrap_close(int fd);
int __real_fstat64(int fd, struct stat *ret);
int __wrap_fstat64(int fd, struct stat *ret);
int __real_fstatvfs64(int fd, struct statvfs *ret);
int __wrap_fstatvfs64(int fd, struct statvfs *ret);
int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __real_renameat(int from_folder, const char *from, int to_folder, const char *to);
int __wrap_renameat(int from_folder, const char *from, int to_folder, const char *to);
DIR *__real_fdopendir(int fd);
DIR *__wrap_fdopendir(int fd);

ssize_t __wrap_read(int fd, void *bytes, size_t size)
{
    ssize_t part = share(size);

    return part < 0 ? part : __real_read(fd, bytes, (size_t)part);
}

ssize_t __wrap_write(int fd, const void *bytes, size_t size)
{
    ssize_t part = share(size);

    return part < 0 ? part : __real_write(fd, bytes, (size_t)part);
}

ssize_t __wrap_pread64(int fd, void *bytes, size_t size, off64_t at)
{
    ssize_t part = share(size);

    return part < 0 ? part : __real_pread64(fd, bytes, (size_t)part, at);
}

ssize_t __wrap_pwrite64(int fd, const void *bytes, size_t size, off64_t at)
{
    ssize_t part = share(size);

    return part < 0 ? part : __real_pwrite64(fd, bytes, (size_t)part, at);
}

static mode_t mode_of(int flags, va_list arguments)
{
    return flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
}

int __wrap_open64(const char *path, int flags, ...)
{
    va_list arguments;

    va_start(arguments, flags);
    mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return fails() ? -1 : __real_open64(path, flags, mode);
}

int __wrap_openat64(int folder, const char *path, int flags, ...)
{
    va_list arguments;

    va_start(arguments, flags);
    mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return fails() ? -1 : __real_openat64(folder, path, flags, mode);
}

/* The descriptor is gone in any case. */
int __wrap_close(int fd)
{
    int code = __real_close(fd);

    return fails() ? -1 : code;
}

int __wrap_fstat64(int fd, struct stat *ret)
{
    return fails() ? -1 : __real_fstat64(fd, ret);
}

int __wrap_fstatvfs64(int fd, struct statvfs *ret)
{
    return fails() ? -1 : __real_fstatvfs64(fd, ret);
}

int __wrap_rename(const char *from, const char *to)
{
    return fails() ? -1 : __real_rename(from, to);
}

int __wrap_renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    return fails() ? -1 : __real_renameat(from_folder, from, to_folder, to);
}

DIR *__wrap_fdopendir(int fd)
{
    return fails() ? NULL : __real_fdopendir(fd);
}

/* No power is cut here: these stand before the C library's, SQLite's own syncs among them, so that
 * a sweep takes seconds. */
int fdatasync(int fd)
{
    (void)fd;
    return fails() ? -1 : 0;
}

int fsync(int fd)
{
    (void)fd;
    return fails() ? -1 : 0;
}
