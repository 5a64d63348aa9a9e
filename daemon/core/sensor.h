/* long: the rules stand where every reader looks first */
/*
 * The order of one sensor's messages: what of them is news, what history, what an echo. Networks
 * repeat, reorder, lose and keep messages; this decides what the bay is told. Pure; memory is the
 * caller's. Rules (tests and manual use the same numbers):
 *
 *  S1 A message is known by its session and counter, where it has none by its time. The same again
 *     is an echo and changes nothing, whoever sends it again.
 *  S2 A message after the newest is the present: each of its states is told, in their order, dated
 *     at the network's time. Clocks of devices and gateways are not asked.
 *  S3 A message before the newest is late: it may amend history, never the present.
 *  S4 Another session, a start of the device whose counter fell back, and a counter that fell back
 *     and stays there (SENSOR_FELL_MS) open a new epoch, in which counting begins anew. What comes
 *     of the epoch before is late.
 *  S5 The first message after our own start is compared by its time with the bay's last recorded
 *     change: what is not newer has been recorded before.
 *  S6 A state other than the known one that a message does not announce as a change is adopted
 *     and marked inferred: the message that told of it was lost.
 *  S7 A message that says how long the state before it had lasted reveals what was lost: the same
 *     state again means that the opposite lay between; a state before that began long after the one
 *     we know means that the bay had been left and taken again. Both are told, dated back and
 *     marked inferred, when counters confirm that messages are missing (or have nothing to say).
 *  S8 A late state between two that agree with each other but not with it is a stay that nobody was
 *     told of: it is reported for the record.
 *  S9 A message that the broker retained is a state with an age: what it says is told as of its
 *     own time, like any other, and marked inferred.
 */
#ifndef CORE_SENSOR_H
#define CORE_SENSOR_H

#include "daemon/core/reading.h"
#include "daemon/core/units.h"

enum {
    SENSOR_PAST = 16,        /* messages remembered for S8 */
    SENSOR_STEPS = 96,       /* states in a message, and those inferred before them */
    SENSOR_FELL_MS = 3600000 /* a late message of an ordinary network is younger than that */
};

enum sensor_verdict { SENSOR_NEWS, SENSOR_LATE, SENSOR_ECHO, SENSOR_VERDICTS };

struct sensor_message {
    uint64_t session; /* a digest of the session's id; 0 none */
    int64_t counter;  /* -1 none */
    utc_ms at;        /* of the network server */
    bool startup;     /* the device has (re)started, or joined */
    bool change;      /* sent because of a change, not in due course */
    bool retained;
    const bool *occupied; /* `states` of them, in order */
    uint32_t states;
    int32_t previous_ms;       /* S7; -1 not told */
    int32_t previous_error_ms; /* it may have lasted longer by so much; -1: by anything */
};

struct sensor_step {
    enum sensed sensed;
    utc_ms at;
    bool inferred;
};

/* What a message comes to. */
struct sensor_outcome {
    enum sensor_verdict verdict;
    bool new_epoch;
    int64_t missed; /* messages that the counters say are missing */
    struct sensor_step steps[SENSOR_STEPS];
    uint32_t steps_count;
    bool amends; /* S8: the bay was `amended` from `from` until `until` */
    enum sensed amended;
    utc_ms from, until;
};

struct sensor_past {
    int64_t counter;
    utc_ms at;
    bool occupied;
    bool told; /* what lay between it and the one before has been inferred already */
};

struct sensor {
    uint64_t session, former_session;
    int64_t newest;   /* counter; -1: none of this epoch yet */
    uint64_t seen;    /* bit n: the counter newest - n was heard */
    utc_ms newest_at; /* the latest time told by a message */
    utc_ms epoch_at;
    bool known, occupied;
    utc_ms since, confirmed; /* of the known state: its begin, and when it was told last */
    struct sensor_past past[SENSOR_PAST];
    uint32_t past_count;
    bool fell; /* one message with a counter that fell back was heard: S4 waits for a second */
    int64_t fell_to;
};

void sensor_init(struct sensor *sensor);

/* S5: what was last recorded of its bay. */
void sensor_restore(struct sensor *sensor, bool occupied, utc_ms since);

void sensor_hear(struct sensor *sensor, const struct sensor_message *message,
                 struct sensor_outcome *ret);

/* The bay's threshold on a distance, with what was known before: nearer than `threshold_mm` is
 * occupied, from threshold + hysteresis on free, in between as before (nothing known: free). */
bool sensor_near(int32_t distance_mm, int32_t threshold_mm, int32_t hysteresis_mm, bool before);

/* How many vehicles passed between two values of a 7-bit counter. */
uint32_t sensor_count_delta(uint32_t before, uint32_t now);

#endif
