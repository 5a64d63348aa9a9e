/* The list of what was asked. Pure. See asks.h. */
#include "daemon/network/asks.h"

#include <stdio.h>
#include <string.h>

struct ask *asks_of(struct asks *asks, const struct member *member)
{
    for (int i = 0; i < NETWORK_ASKS; i++)
        if (asks->list[i].member == member)
            return &asks->list[i];
    return NULL;
}

/* A free place, else that of the one that ended first. */
static struct ask *make_room(struct asks *asks)
{
    struct ask *oldest = NULL;

    for (int i = 0; i < NETWORK_ASKS; i++) {
        struct ask *ask = &asks->list[i];

        if (!ask->member)
            return ask;
        if (followup_ended(&ask->followup) &&
            (!oldest || ask->followup.since.mono.ms < oldest->followup.since.mono.ms))
            oldest = ask;
    }
    return oldest;
}

struct ask *asks_place(struct asks *asks, struct member *member, struct err *err)
{
    struct ask *ask = asks_of(asks, member);

    if (ask && !followup_ended(&ask->followup)) {
        err_set(err, "%s is under way (%s: %s); wait for its end", ask->what,
                followup_state_name(ask->followup.state), followup_words(&ask->followup));
        return NULL;
    }
    if (!ask)
        ask = make_room(asks);
    if (ask)
        *ask = (struct ask){.member = member};
    else
        err_set(err, "%d sensors of this network are being asked already; wait for one to end",
                NETWORK_ASKS);
    return ask;
}

bool asks_is(const struct ask *ask, const char *id)
{
    return !id[0] || (strlen(id) == ASK_ID - 1 && !strncmp(ask->id, id, ASK_ID - 2));
}

void asks_word(const struct ask *ask, char ret[RECORD_WORD])
{
    snprintf(ret, RECORD_WORD, "%s: %s", followup_state_name(ask->followup.state), ask->what);
}

bool asks_parse(const char *word, enum followup_state *ret_state, const char **ret_what)
{
    const char *colon = strstr(word, ": ");
    char name[RECORD_WORD] = "";

    if (!colon || (size_t)(colon - word) >= sizeof name)
        return false;
    memcpy(name, word, (size_t)(colon - word));
    *ret_what = colon + 2;
    return followup_state_parse(name, ret_state);
}
