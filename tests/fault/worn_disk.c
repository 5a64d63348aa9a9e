/*
 * A worn disk under the real daemon, as a shared object that is preloaded: each sync takes as long
 * as PARKD_SYNC_MS says, and while the file that PARKD_READ_ONLY names is there, no write is taken,
 * as after the kernel has made the disk read-only.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t offset);

static void be_slow(void)
{
    const char *text = getenv("PARKD_SYNC_MS");
    long ms = text ? atol(text) : 0;
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

    nanosleep(&time, NULL);
}

int fdatasync(int fd)
{
    be_slow();
    return (int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd)
{
    be_slow();
    return (int)syscall(SYS_fsync, fd);
}

/* Databases are written by this call alone. */
ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t offset)
{
    const char *mark = getenv("PARKD_READ_ONLY");

    if (mark && access(mark, F_OK) == 0) {
        errno = EROFS;
        return -1;
    }
    return syscall(SYS_pwrite64, fd, bytes, size, offset);
}
