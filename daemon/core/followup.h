/* long: the rules stand where every reader looks first */
/*
 * What becomes of one thing that was asked of a radio sensor: a recalibration, a parameter. The
 * sensor listens only after it has spoken, hours apart, and every station on the way may lose it;
 * this follows it to its end. Pure; memory is the caller's. Rules (tests and manual use the same
 * numbers):
 *
 *  F1 One is under way at a time for a device. It is sent when the record of it is durable, and
 *     once for each attempt: what the broker may have is never sent again without an answer.
 *  F2 Forward only: asked, queued (the server has it), sent (on the air), acknowledged (the sensor
 *     has it), done; whatever tells of a later station passes over the ones before it.
 *  F3 A sensor that answers by a frame of its own is believed by that frame alone.
 *  F4 Sent and not acknowledged within FOLLOWUP_UPLINKS messages of the sensor, or refused on the
 *     way: it is sent again, FOLLOWUP_ATTEMPTS times in all.
 *  F5 Each wait has an end: FOLLOWUP_BROKER_MS for the broker, elsewhere the time in which the
 *     sensor should have been heard. It ends as failed, with the next step in words.
 *  F6 A recalibration is done when the next message after the acknowledgement says free; it has
 *     failed when that says occupied, over a bay that a person had called empty.
 *  F7 After a restart one that had not ended is unknown; it is not sent again.
 */
#ifndef CORE_FOLLOWUP_H
#define CORE_FOLLOWUP_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/core/units.h"

enum followup_state {
    FOLLOWUP_NONE,
    FOLLOWUP_ASKED,
    FOLLOWUP_QUEUED,
    FOLLOWUP_SENT,
    FOLLOWUP_ACKNOWLEDGED,
    FOLLOWUP_DONE,
    FOLLOWUP_FAILED,
    FOLLOWUP_UNKNOWN, /* F7 */
    FOLLOWUP_STATES
};

/* What is heard of it from the network. */
enum followup_news {
    FOLLOWUP_IS_QUEUED, /* the broker or the server took it */
    FOLLOWUP_IS_SENT,
    FOLLOWUP_IS_ACKED,   /* LoRaWAN's own acknowledgement */
    FOLLOWUP_IS_REFUSED, /* not acknowledged, or not scheduled: another attempt may help */
    FOLLOWUP_IS_GIVEN_UP /* by the server, for good */
};

enum {
    FOLLOWUP_ATTEMPTS = 3,
    FOLLOWUP_UPLINKS = 3,
    FOLLOWUP_BROKER_MS = 60000,
    FOLLOWUP_SETTLE_MS = 2000 /* F6: the acknowledgement's own message is not yet the proof */
};

struct followup {
    enum followup_state state;
    bool recalibrates; /* F6 */
    bool must_answer;  /* F3 */
    bool handed;       /* F1: this attempt is out of our hands */
    uint8_t attempts, uplinks;
    int64_t uplink_ms; /* the sensor is heard at least so often */
    struct now since;  /* of the state */
    const char *words; /* of a failure: why, and the next step; constant */
};

/* An uplink of the sensor that is news. */
struct followup_uplink {
    bool answers; /* it is the frame that answers */
    bool failed;  /* and says that it did not work */
    bool tells;   /* it carries the state: */
    bool occupied;
};

/* False: one is under way. */
bool followup_ask(struct followup *f, bool recalibrates, bool must_answer, int64_t uplink_ms,
                  struct now now);
/* It is to be handed to the broker now; then followup_handed(). */
bool followup_wants_sending(const struct followup *f);
void followup_handed(struct followup *f);

/* Each returns whether the state is another one now. */
bool followup_news(struct followup *f, enum followup_news news, struct now now);
bool followup_heard(struct followup *f, const struct followup_uplink *uplink, struct now now);
bool followup_tick(struct followup *f, struct now now);

bool followup_ended(const struct followup *f);
bool followup_state_parse(const char *name, enum followup_state *ret);
const char *followup_state_name(enum followup_state state); /* "acknowledged" */
/* What stands before it now, in words. */
const char *followup_words(const struct followup *f);

#endif
