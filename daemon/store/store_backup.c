/* Backup while the daemon works. See store.h. */
#include "daemon/store/store.h"

#include <assert.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/crash.h"
#include "daemon/base/memory.h"
#include "daemon/store/inside.h"

/* A step must not keep a commit waiting: 128 KB are 13 ms on a card that writes 10 MB a second;
 * 1,000 links of the chain are followed in 3 ms. */
enum { STEP_PAGES = 128, STEP_LINKS = 1000 };

struct backup {
    struct store *store;
    struct sql *copy;
    int fd; /* of the copy, to sync it */
    store_between_fn *between;
    void *arg;
};

static bool go_on(const struct backup *backup, int done, int total, struct err *err)
{
    crash_point("in_backup");
    if (!backup->between || backup->between(backup->arg, done, total))
        return true;
    return err_set(err, "backup: given up before it was whole");
}

static bool sync_copy(const struct backup *backup, struct err *err)
{
    if (!fdatasync(backup->fd))
        return true;
    return err_errno(err, "backup: the copy cannot be synced");
}

/* Each step is synced, so that no large sync waits at the end. */
static bool copy_pages(struct backup *backup, struct err *err)
{
    struct sql_copy *copy = sql_copy_begin(backup->store->sql, backup->copy, err);
    int left = 1, total = 0;
    bool good = copy != NULL;

    while (good && left > 0)
        good = sql_copy_step(copy, STEP_PAGES, &left, &total, err) && sync_copy(backup, err) &&
               go_on(backup, total - left, total, err);
    sql_copy_end(copy);
    return good;
}

/* Follows the whole chain of the copy, in steps: SQLite's own check of a large file is one step. */
static bool check_copy(struct backup *backup, struct err *err)
{
    struct chain at;
    int64_t head;
    struct statement *anchor =
        sql_prepare(backup->copy, "SELECT anchor_seq, anchor_hash FROM meta", err);

    if (!anchor)
        return false;
    enum sql_step step = sql_step(anchor, err);
    bool good = step == SQL_ROW && chain_hash(anchor, 1, &at.hash);
    at.seq = good ? (uint64_t)sql_int(anchor, 0) : 0;
    sql_finalize(anchor);
    if (!good && step != SQL_FAILED)
        err_set(err, "it does not say where its chain begins");
    if (!good || !sql_number(backup->copy, "SELECT coalesce(max(seq), 0) FROM journal", &head, err))
        return err_prefix(err, "backup: the copy cannot be read");
    while (at.seq < (uint64_t)head) {
        uint64_t before = at.seq;
        if (!chain_follow(backup->copy, &at, STEP_LINKS, err))
            return err_prefix(err, "backup: the copy is not good, look at the disks");
        assert(at.seq > before); /* else the chain was not followed */
        if (!go_on(backup, 0, 0, err))
            return false;
    }
    return true;
}

/* A private file, new, so that nothing half done ever has the name of a backup. */
static bool fill(struct backup *backup, const char *path, struct err *err)
{
    backup->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (backup->fd < 0)
        return err_errno(err, "backup \"%s\": cannot be created", path);
    backup->copy = sql_open(path, SQL_COPY, err);
    bool good = backup->copy && copy_pages(backup, err) &&
                sql_run(backup->copy, "PRAGMA journal_mode=OFF", err) &&
                sql_run(backup->copy, "UPDATE meta SET copied = 1, clean = 1", err) &&
                check_copy(backup, err);
    sql_close(backup->copy);
    good = good && sync_copy(backup, err);
    close(backup->fd);
    return good;
}

static bool give_name(const char *from, const char *to, struct err *err)
{
    if (!rename(from, to))
        return true;
    return err_errno(err, "backup \"%s\": cannot get its name", to);
}

static bool sync_folder(const char *path, struct err *err)
{
    char *copy = memory_text(path);
    int folder = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(copy);
    bool good = folder >= 0 && !fsync(folder);
    if (!good)
        err_errno(err,
                  "backup \"%s\": is there and whole, but a power cut may take it: its folder "
                  "cannot be synced",
                  path);
    if (folder >= 0)
        close(folder);
    return good;
}

/* Where they are to be had, the keys first: a copy that has its name can be read. Those of an
 * earlier backup are replaced only now, by keys that read it as well. */
static bool put_in_place(const char *part, const char *path, struct err *err)
{
    char *part_keys = memory_format("%s-keys", part), *keys = memory_format("%s-keys", path);
    bool had_keys = !access(keys, F_OK);
    bool good = access(part_keys, F_OK) || give_name(part_keys, keys, err);

    crash_point("before_backup_name");
    if (good && !give_name(part, path, err)) {
        if (!had_keys)
            unlink(keys);
        good = false;
    }
    crash_point("after_backup_name");
    free(part_keys);
    free(keys);
    return good && sync_folder(path, err);
}

static void remove_parts(const char *part)
{
    char *keys = memory_format("%s-keys", part);

    unlink(part);
    unlink(keys);
    free(keys);
}

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* The database's own name, or one as the files beside it have ("parkd.db-wal"), in its folder: it
 * would take the place of what is being written. */
static bool is_taken(const char *database, const char *path)
{
    char *own = memory_text(database), *other = memory_text(path);
    struct stat here = {0}, there = {0};
    size_t size = strlen(name_of(database));
    const char *name = name_of(path);

    stat(dirname(own), &here);
    stat(dirname(other), &there);
    free(own);
    free(other);
    return here.st_dev == there.st_dev && here.st_ino == there.st_ino &&
           !strncmp(name, name_of(database), size) && (!name[size] || name[size] == '-');
}

bool store_backup(struct store *store, const char *path, store_between_fn *between, void *arg,
                  struct err *err)
{
    struct backup backup = {.store = store, .fd = -1, .between = between, .arg = arg};

    if (is_taken(store->path, path))
        return err_set(err, "backup \"%s\": that is a file of the database itself; give another",
                       path);
    char *part = memory_format("%s.part", path);
    remove_parts(part); /* of one that did not come to its end */
    bool good = fill(&backup, part, err) && keys_copy(&store->keys, part, err) &&
                put_in_place(part, path, err);
    if (!good)
        remove_parts(part);
    free(part);
    return good;
}
