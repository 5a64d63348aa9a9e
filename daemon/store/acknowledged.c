/* The newest acknowledged record, beside the database. See acknowledged.h. */
#include "daemon/store/acknowledged.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/crypto.h"
#include "daemon/base/memory.h"

/* "SEQ ID CHECK\n", filled up with spaces: one write of one sector. */
enum { LINE_SIZE = 128, CHECK_SIZE = 8 };

/* So that a torn or meddled line is known. */
static void check_of(uint64_t seq, const char *id, char hex[2 * CHECK_SIZE + 1])
{
    const struct crypto_part parts[] = {{&seq, sizeof seq}, {id, strlen(id)}};
    struct hash hash = crypto_sha256(parts, 2);

    crypto_hex(hash.bytes, CHECK_SIZE, hex);
}

static void read_line(struct acknowledged *acknowledged)
{
    char line[LINE_SIZE + 1] = "", id[RECORD_ID_SIZE], told[2 * CHECK_SIZE + 1],
                          check[2 * CHECK_SIZE + 1];
    uint64_t seq;

    if (pread(acknowledged->fd, line, LINE_SIZE, 0) != LINE_SIZE ||
        sscanf(line, "%" SCNu64 " %32[0-9a-f] %16[0-9a-f]", &seq, id, told) != 3)
        return;
    check_of(seq, id, check);
    if (strcmp(check, told) != 0)
        return;
    acknowledged->seq = seq;
    memcpy(acknowledged->id, id, sizeof id);
}

bool acknowledged_open(struct acknowledged *acknowledged, const char *database, struct err *err)
{
    char *path = memory_format("%s-acknowledged", database);

    *acknowledged =
        (struct acknowledged){.fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (acknowledged->fd < 0)
        err_errno(err, "\"%s\" cannot be opened; check its owner", path);
    else
        read_line(acknowledged);
    free(path);
    return acknowledged->fd >= 0;
}

bool acknowledged_read(struct acknowledged *ret, const char *database)
{
    char *path = memory_format("%s-acknowledged", database);

    *ret = (struct acknowledged){.fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
    free(path);
    if (ret->fd >= 0)
        read_line(ret);
    acknowledged_close(ret);
    return ret->id[0];
}

void acknowledged_close(struct acknowledged *acknowledged)
{
    if (acknowledged->fd >= 0)
        close(acknowledged->fd);
    acknowledged->fd = -1;
}

void acknowledged_write(struct acknowledged *acknowledged, uint64_t seq, const char *id)
{
    char line[LINE_SIZE + 1], check[2 * CHECK_SIZE + 1];

    check_of(seq, id, check);
    int size = snprintf(line, sizeof line, "%" PRIu64 " %s %s", seq, id, check);
    memset(line + size, ' ', LINE_SIZE - (size_t)size);
    line[LINE_SIZE - 1] = '\n';
    acknowledged->seq = seq;
    memcpy(acknowledged->id, id, RECORD_ID_SIZE);
    ssize_t put = pwrite(acknowledged->fd, line, LINE_SIZE, 0);
    (void)put;
}
