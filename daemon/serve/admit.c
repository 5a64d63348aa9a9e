/* The door. See admit.h. */
#include "daemon/serve/admit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/serve/guard.h"
#include "daemon/serve/listener.h"
#include "daemon/serve/refusals.h"

struct admit {
    const struct live *live;
    struct role_ids roles;
    char *token; /* NULL: none is asked for */
    struct budget_guesses guesses;
    struct refusals *refusals;
};

struct admit *admit_create(const struct serve_settings *settings, struct loop *loop,
                           const struct live *live)
{
    struct admit *admit = memory_new(1, sizeof *admit);

    admit->live = live;
    admit->roles = role_look_up(&settings->groups);
    admit->token = memory_text(settings->token);
    admit->refusals = refusals_create(
        loop, &(struct refusals_hooks){live->source.arg, live->source.now, live->source.refused});
    return admit;
}

void admit_destroy(struct admit *admit)
{
    if (!admit)
        return;
    refusals_destroy(admit->refusals);
    if (admit->token)
        explicit_bzero(admit->token, strlen(admit->token));
    free(admit->token);
    free(admit);
}

bool admit_connection(struct admit *admit, int fd)
{
    struct role_peer peer = {.name = "unknown", .role = ROLE_ANYONE};

    if (role_of_peer(&admit->roles, fd, &peer) && peer.role > ROLE_ANYONE)
        return true;
    refusals_note(admit->refusals, peer.name, "the control socket", "a member of no role's group");
    return false;
}

/* Refuses for good, and has it recorded. Nothing that the client chose goes into the record. */
static void turn_away(struct admit *admit, const struct visit *visit, int status, const char *error,
                      const char *hint)
{
    const char *what = visit->path ? visit->path : "an unknown path";

    refusals_note(admit->refusals, visit->actor->name, what, error);
    api_turn_down(visit->exchange, status, error, hint);
}

/* What only TCP clients have to show; guard.h says why. False: it has been refused. */
static bool let_in(struct admit *admit, const struct visit *visit)
{
    const char *host = http_exchange_header(visit->exchange, "Host");
    const char *origin = http_exchange_header(visit->exchange, "Origin");

    if (!guard_host(host))
        turn_away(admit, visit, 403, "this Host is not served",
                  "use the gateway's address (as http://127.0.0.1:PORT/), not a name");
    else if (!guard_origin(origin, visit->scheme, host))
        turn_away(admit, visit, 403, "requests of other web pages are not served",
                  "read the API from a program, or open the gateway's own page");
    else
        return true;
    return false;
}

/* A token makes a viewer. A wrong one is not even compared once there were too many from there.
 * False: it has been refused. */
static bool know_by_token(struct admit *admit, const struct visit *visit,
                          const struct budget_address *from)
{
    const char *header = http_exchange_header(visit->exchange, "Authorization");
    mono_ms now = admit->live->source.now(admit->live->source.arg).mono;

    visit->actor->role = admit->token ? ROLE_ANYONE : ROLE_VIEWER;
    if (!admit->token || !header)
        return true;
    if (!budget_may_guess(&admit->guesses, from, now)) {
        turn_away(admit, visit, 429, "too many wrong tokens from this address",
                  "wait some minutes");
        return false;
    }
    if (guard_token(header, admit->token)) {
        visit->actor->role = ROLE_VIEWER;
        return true;
    }
    budget_guessed_wrong(&admit->guesses, from, now);
    turn_away(admit, visit, 401, "the token is wrong", "send Authorization: Bearer TOKEN");
    return false;
}

static bool know(struct admit *admit, const struct visit *visit)
{
    int fd = http_exchange_socket(visit->exchange);
    struct serve_actor *actor = visit->actor;
    struct role_peer peer = {.name = "unknown", .role = ROLE_ANYONE};
    struct budget_address from;

    if (visit->scheme) {
        listener_peer(fd, &from, actor->name, sizeof actor->name);
        return let_in(admit, visit) && know_by_token(admit, visit, &from);
    }
    role_of_peer(&admit->roles, fd, &peer);
    actor->role = peer.role;
    text_copy(actor->name, sizeof actor->name, peer.name);
    return true;
}

/* Whether the role is enough. False: it has been refused. */
static bool permit(struct admit *admit, const struct visit *visit)
{
    enum role least = visit->least;
    char hint[RECORD_PHRASE], error[RECORD_PHRASE];

    if (visit->actor->role >= least)
        return true;
    snprintf(error, sizeof error, "this needs the role %s; you are %s", role_name(least),
             role_name(visit->actor->role));
    snprintf(hint, sizeof hint, "have the installer add you to the group of serve.%ss",
             role_name(least));
    if (!visit->scheme)
        turn_away(admit, visit, 403, error, hint);
    else if (least > ROLE_VIEWER)
        turn_away(admit, visit, 403, "commands are taken on the control socket only",
                  "use parkctl on the gateway");
    else
        api_turn_down(visit->exchange, 401, "a token is needed",
                      "send Authorization: Bearer TOKEN");
    return false;
}

bool admit_request(struct admit *admit, const struct visit *visit)
{
    return know(admit, visit) && permit(admit, visit);
}
