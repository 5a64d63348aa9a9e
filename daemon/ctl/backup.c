/*
 * parkctl backup: copies the database, checked and whole. The daemon does it from the connection
 * that writes, so that the copy is not begun again at every commit; with --db, for a daemon that
 * is not running, it is done here.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/core/text.h"
#include "daemon/ctl/client.h"
#include "daemon/ctl/commands.h"
#include "daemon/ctl/progress.h"
#include "daemon/store/store.h"

enum { BODY_SIZE = 2 * PATH_MAX };

static bool show(void *arg, int done, int total)
{
    (void)arg;
    progress_show(total ? "copying" : "checking the copy …", done, total);
    return true;
}

static bool copy_here(const struct ctl *ctl, const char *path, struct err *err)
{
    struct store *store = store_open(ctl->db, STORE_READ, err);

    if (!store)
        return false;
    bool done = store_backup(store, path, show, NULL, err);
    progress_end();
    store_close(store);
    return done;
}

static bool ask_daemon(const struct ctl *ctl, const char *path, struct err *err)
{
    char bytes[BODY_SIZE];
    struct text body;

    text_init(&body, bytes, sizeof bytes);
    text_add(&body, "{");
    text_json_pair(&body, "path", path);
    text_add(&body, "}");
    progress_show("the gateway copies …", 0, 0);
    bool done = client_post(ctl, "/api/v1/backup", bytes, err);
    progress_end();
    return done;
}

enum ctl_exit backup_command(const struct ctl *ctl)
{
    char path[PATH_MAX], here[PATH_MAX] = "";
    struct err err;

    if (ctl->words_count != 1 || !*ctl->words[0])
        return ctl_wrong_use(ctl, "give the file to write");
    if (ctl->words[0][0] != '/' && !getcwd(here, sizeof here)) {
        err_errno(&err, "the current directory has no name; give a path from /");
        return ctl_refused(ctl, &err);
    }
    /* The daemon stands in another directory. */
    int size = snprintf(path, sizeof path, "%s%s%s", here, *here ? "/" : "", ctl->words[0]);
    if (size < 0 || (size_t)size >= sizeof path)
        return ctl_wrong_use(ctl, "the path is too long");
    if (!(ctl->db_given ? copy_here(ctl, path, &err) : ask_daemon(ctl, path, &err)))
        return ctl_refused(ctl, &err);
    if (!ctl->json)
        printf("%s is a whole copy; parkctl audit --db %s proves it\n", path, path);
    else if (ctl->db_given)
        puts("{\"done\":true}");
    return CTL_DONE;
}
