/* The ballast. See ballast.h. */
#include "daemon/store/ballast.h"

#include <assert.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "daemon/base/log.h"
#include "daemon/base/memory.h"

/* Full: SQLite needs room for a transaction and its log. Room: so that it is not given up at once.
 */
enum { FULL_BYTES = 1024 * 1024, ROOM_TIMES = 4 };

struct ballast {
    char *path;
    int64_t size;
    bool held;
};

struct ballast *ballast_create(const char *database, int64_t size)
{
    struct ballast *ballast = memory_new(1, sizeof *ballast);
    struct stat about;

    ballast->path = memory_format("%s-ballast", database);
    ballast->size = size;
    ballast->held = stat(ballast->path, &about) == 0 && about.st_size >= size;
    ballast_keep(ballast);
    return ballast;
}

void ballast_destroy(struct ballast *ballast)
{
    if (!ballast)
        return;
    free(ballast->path);
    free(ballast);
}

/* What an ordinary user may still take. */
static int64_t room(const struct ballast *ballast)
{
    struct statvfs disk;
    char *slash = strrchr(ballast->path, '/');

    assert(slash); /* a database has a whole path */
    *slash = '\0';
    int failed = statvfs(ballast->path[0] ? ballast->path : "/", &disk);
    *slash = '/';
    return failed ? INT64_MAX : (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
}

void ballast_keep(struct ballast *ballast)
{
    if (ballast->held || !ballast->size || room(ballast) / ROOM_TIMES < ballast->size)
        return;
    int fd = open(ballast->path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return;
    ballast->held = posix_fallocate(fd, 0, ballast->size) == 0;
    close(fd);
    if (!ballast->held)
        unlink(ballast->path);
}

bool ballast_release(struct ballast *ballast)
{
    if (!ballast->held || room(ballast) >= FULL_BYTES || unlink(ballast->path))
        return false;
    ballast->held = false;
    log_warning("store: the disk is full; the ballast of %" PRId64 " MB was given up, records are "
                "written for as long as that lasts; free space on the disk",
                ballast->size / (1024 * 1024));
    return true;
}
