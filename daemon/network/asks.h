/*
 * What was asked of a network's sensors and is followed up: a bounded list, at most one of a
 * sensor. One that has ended stays to be shown until its place is needed. Pure; memory is the
 * caller's.
 */
#ifndef NETWORK_ASKS_H
#define NETWORK_ASKS_H

#include "daemon/base/err.h"
#include "daemon/core/followup.h"
#include "daemon/core/record.h"
#include "daemon/network/member.h"

enum { NETWORK_ASKS = 32, ASK_ID = 37 /* a UUID's */ };

struct ask {
    struct member *member; /* NULL: the place is free */
    struct followup followup;
    char what[RECORD_WORD];
    struct downlink_frame frame;
    enum report_event answer; /* the frame that answers; 0 none */
    char id[ASK_ID];          /* its last digit counts the attempts */
    bool durable;             /* the record of it is: it may be sent */
};

struct asks {
    struct ask list[NETWORK_ASKS];
};

/* Of this sensor, or NULL. */
struct ask *asks_of(struct asks *asks, const struct member *member);

/* A place for one of this sensor, emptied: its own, a free one, or that of the one that ended
 * first. NULL with err: one is under way, or all places are. */
struct ask *asks_place(struct asks *asks, struct member *member, struct err *err);

/* Whether `id` is of an attempt at it; a server that tells none cannot be asked for more. */
bool asks_is(const struct ask *ask, const char *id);

/* The word for a record: "sent: recalibrate". And back: false when `word` is no such. */
void asks_word(const struct ask *ask, char ret[RECORD_WORD]);
bool asks_parse(const char *word, enum followup_state *ret_state, const char **ret_what);

#endif
