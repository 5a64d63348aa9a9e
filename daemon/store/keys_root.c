/* The root key. See keys_root.h. */
#include "daemon/store/keys_root.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/log.h"
#include "daemon/base/memory.h"

enum { LINE_SIZE = 2 * KEY_SIZE + 1 };

static bool read_line(int fd, const char *path, struct key *ret, struct err *err)
{
    char line[LINE_SIZE + 2] = "";
    ssize_t size = read(fd, line, sizeof line - 1);

    if (size < 0)
        return err_errno(err, "root key \"%s\": cannot be read", path);
    line[strcspn(line, "\r\n")] = '\0';
    bool good = crypto_unhex(line, ret->bytes, sizeof ret->bytes);
    crypto_wipe(line, sizeof line);
    if (good)
        return true;
    return err_set(err, "root key \"%s\": it is not 64 hex digits in one line", path);
}

bool keys_root_read(const char *path, struct key *ret, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return err_errno(err, "root key \"%s\": cannot be opened", path);
    bool good = read_line(fd, path, ret, err);
    close(fd);
    return good;
}

static bool fill(int fd, const struct key *key)
{
    char line[LINE_SIZE];

    crypto_hex(key->bytes, sizeof key->bytes, line);
    line[LINE_SIZE - 1] = '\n';
    errno = ENOSPC; /* why less than all is written */
    bool good = write(fd, line, sizeof line) == (ssize_t)sizeof line && !fsync(fd);
    crypto_wipe(line, sizeof line);
    return good;
}

static bool write_part(const char *path, struct key *ret, struct err *err)
{
    unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0)
        return err_errno(err, "root key \"%s\": cannot be created", path);
    crypto_random(ret, sizeof *ret);
    bool good = fill(fd, ret);
    if (!good)
        err_errno(err, "root key \"%s\": cannot be written", path);
    close(fd);
    return good;
}

/* It has its name only when all of it is on the disk: half a key would be in the way of each
 * further start. */
static bool write_new(const char *path, struct key *ret, struct err *err)
{
    char *part = memory_format("%s.part", path);
    bool good = write_part(part, ret, err);

    if (good && rename(part, path))
        good = err_errno(err, "root key \"%s\": cannot get its name", path);
    if (!good)
        unlink(part);
    else
        log_info("store: the root key for audits is in \"%s\": take it to whoever audits, and "
                 "remove it here; it is not needed again",
                 path);
    free(part);
    return good;
}

bool keys_root_begin(const char *database, struct key *ret, struct err *err)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    char *credential = folder ? memory_format("%s/parkd-root-key", folder) : NULL;
    char *beside = memory_format("%s-root", database);
    bool good;

    if (credential && access(credential, F_OK) == 0)
        good = keys_root_read(credential, ret, err);
    else if (access(beside, F_OK) == 0)
        good = keys_root_read(beside, ret, err);
    else
        good = write_new(beside, ret, err);
    free(beside);
    free(credential);
    return good;
}
