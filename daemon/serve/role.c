/* Roles of local users. See role.h. */
#include "daemon/serve/role.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    NAMES_SIZE = 4096,
    GROUPS_MAX = 512 /* of one user; who is in more is judged by the first of his groups alone */
};

static const char *const names[ROLES] = {
    [ROLE_UNSAID] = "unsaid",         [ROLE_ANYONE] = "anyone",
    [ROLE_VIEWER] = "viewer",         [ROLE_ATTENDANT] = "attendant",
    [ROLE_SUPERVISOR] = "supervisor", [ROLE_INSTALLER] = "installer",
};

const char *role_name(enum role role)
{
    return names[role];
}

struct role_ids role_look_up(const struct role_groups *groups)
{
    struct role_ids ids = {.known = {false}};
    char space[NAMES_SIZE];
    struct group group, *found;

    for (int role = ROLE_VIEWER; role < ROLES; role++) {
        found = NULL;
        if (groups->names[role])
            getgrnam_r(groups->names[role], &group, space, sizeof space, &found);
        ids.known[role] = found != NULL;
        ids.ids[role] = found ? found->gr_gid : 0;
    }
    return ids;
}

static bool in_group(gid_t id, const gid_t *groups, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (groups[i] == id)
            return true;
    }
    return false;
}

enum role role_of(const struct role_ids *ids, uid_t user, const gid_t *groups, size_t count)
{
    if (user == 0 || user == geteuid())
        return ROLE_INSTALLER;
    for (int role = ROLE_INSTALLER; role >= ROLE_VIEWER; role--) {
        if (ids->known[role] && in_group(ids->ids[role], groups, count))
            return (enum role)role;
    }
    return ROLE_ANYONE;
}

/* The groups that the process had when it connected: no look-up, and nothing that could change
 * under our eyes. */
static size_t groups_of(int fd, gid_t first, gid_t groups[GROUPS_MAX])
{
    socklen_t size = (GROUPS_MAX - 1) * sizeof groups[0];

    groups[0] = first;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups + 1, &size) < 0)
        return 1;
    return 1 + size / sizeof groups[0];
}

static void name_user(uid_t user, char *name, size_t size)
{
    char space[NAMES_SIZE];
    struct passwd entry, *found = NULL;

    getpwuid_r(user, &entry, space, sizeof space, &found);
    if (found)
        snprintf(name, size, "%s", found->pw_name);
    else
        snprintf(name, size, "uid %u", (unsigned)user);
}

bool role_of_peer(const struct role_ids *ids, int fd, struct role_peer *ret)
{
    gid_t groups[GROUPS_MAX];
    struct ucred peer;
    socklen_t size = sizeof peer;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
        return false;
    name_user(peer.uid, ret->name, sizeof ret->name);
    ret->role = role_of(ids, peer.uid, groups, groups_of(fd, peer.gid, groups));
    return true;
}
