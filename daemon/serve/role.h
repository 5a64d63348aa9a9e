/*
 * What a person may do. On the control socket it is said by the groups that the kernel names of the
 * process at the other end (no password, no name that a client could give itself); over TCP nobody
 * is more than a viewer. Each route names the least role that it takes (api.c), so that a command's
 * role is one word in one table.
 */
#ifndef SERVE_ROLE_H
#define SERVE_ROLE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "daemon/core/record.h"

/* Each may what the ones before it may. */
enum role {
    ROLE_UNSAID,     /* a route that names none takes installers only */
    ROLE_ANYONE,     /* no token, no group: the page itself, whether we live */
    ROLE_VIEWER,     /* looks */
    ROLE_ATTENDANT,  /* works the lot: bays, lanes, stays */
    ROLE_SUPERVISOR, /* corrects what is counted and owed */
    ROLE_INSTALLER,  /* everything */
    ROLES
};

const char *role_name(enum role role); /* "viewer" */

/* The group of each role, by name; NULL: none. A role whose group is not there has no members. */
struct role_groups {
    const char *names[ROLES];
};

/* The same, looked up once. */
struct role_ids {
    bool known[ROLES];
    gid_t ids[ROLES];
};

struct role_ids role_look_up(const struct role_groups *groups);

/* Who is at the other end of a local connection. False when the kernel does not say. */
struct role_peer {
    char name[RECORD_WORD]; /* user name, or "uid N" */
    enum role role;
};

bool role_of_peer(const struct role_ids *ids, int fd, struct role_peer *ret);

/* The highest role of a user: root and we ourselves install; otherwise by `groups`. Pure. */
enum role role_of(const struct role_ids *ids, uid_t user, const gid_t *groups, size_t count);

#endif
