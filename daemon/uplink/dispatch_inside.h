/* long: what its files share is read on one page */
/* The inside of a dispatch: dispatch.c (slots, clock, heartbeats, vacancy), dispatch_wait.c,
 * dispatch_judge.c (what an answer means), dispatch_records.c, dispatch_photo.c. Seen by these
 * only. */
#ifndef UPLINK_DISPATCH_INSIDE_H
#define UPLINK_DISPATCH_INSIDE_H

#include "daemon/uplink/dispatch.h"

enum { DISPATCH_PHOTO_ID = 36 };

/* What one kind of business waits for. */
struct lane_state {
    mono_ms not_before, since; /* it waits */
    uint32_t failures;         /* in a row */
    uint64_t known;            /* the newest record when it began to wait */
    bool silent;               /* because no answer came */
    bool asked;                /* by the platform, or for a person: not sooner */
    bool probing;              /* rule 8: one record is under way all the same */
};

/* A record under way. */
struct flight {
    bool busy, under_way; /* it has a record; a request of it is out */
    uint32_t ticket;
    uint32_t step, steps;
    const struct uplink_lot *lot;
    struct city_counts counts; /* as of sending */
    struct record record;
};

/* The picture under way. */
struct photo_flight {
    char id[DISPATCH_PHOTO_ID]; /* empty: none */
    bool none;                  /* the last look found none, and no stay was taken since */
    char failed[DISPATCH_PHOTO_ID];
    utc_ms failed_at;
    uint32_t failures; /* of that one, while the platform was well otherwise */
};

struct dispatch_day; /* dispatch_day.h */

struct dispatch {
    struct dispatch_setup setup;
    const struct city *city;
    struct lane_state lanes[DISPATCH_LANES];
    struct city_counts *counts; /* by lot of the plan */
    uint8_t *berths;            /* enum city_berth by bay of the plan */
    struct now sent[DISPATCH_SLOTS];
    struct flight flights[DISPATCH_FLIGHTS];
    bool unknown_form;            /* the last answer was none of this protocol */
    mono_ms *beats;               /* when the next is due, by lot of the settings */
    uint32_t beat_lot, state_lot; /* under way */
    struct pace pace, backfill;
    bool clock_wanted; /* rule 5 */
    uint32_t clock_tries;
    uint32_t broken; /* records in a row that the platform broke on */
    bool silent;     /* no answer came lately: rule 6 */
    struct dispatch_day *day;
    struct photo_flight photo;
    struct dispatch_status status;
};

/* What an answer comes to. `ret_reason` is of everything but delivered. */
enum adapter_verdict dispatch_judge(const struct dispatch *dispatch,
                                    const struct adapter_reply *reply, const char *trouble,
                                    struct city_said *ret, struct text *ret_reason);

/* What could not be said leaves nothing behind for what is said next. */
void dispatch_unsaid(struct adapter_request *request);

/* Of this attempt, with counts of the lot, or of none (NULL). */
struct adapter_context dispatch_context(struct dispatch *dispatch, const struct uplink_lot *lot,
                                        struct now now);
bool dispatch_may(const struct dispatch *dispatch, enum dispatch_lane lane, mono_ms now);
void dispatch_wait(struct dispatch *dispatch, enum dispatch_lane lane, int64_t floor_ms,
                   mono_ms now);
void dispatch_stop(struct dispatch *dispatch, enum dispatch_lane lane, mono_ms now);
/* The platform answers again: who waited because it did not need not wait longer. */
void dispatch_wait_is_over(struct dispatch *dispatch, mono_ms now);
/* A record may go now: rule 8, and one alone while the platform seems to be away. */
bool dispatch_may_send(const struct dispatch *dispatch, mono_ms now, bool *ret_probing);
/* Of a lane that waits: when it may go. */
mono_ms dispatch_wait_next(const struct dispatch *dispatch, enum dispatch_lane lane, mono_ms now);
void dispatch_well(struct dispatch *dispatch, enum dispatch_lane lane);
const struct uplink_lot *dispatch_lot(const struct dispatch *dispatch, uint32_t lot);

/* The record has been taken. */
void dispatch_photo_taken(struct dispatch *dispatch, const struct record *record);
void dispatch_photo_answer(struct dispatch *dispatch, enum adapter_verdict verdict,
                           const char *reason, int64_t retry_after_ms, struct now now);

bool dispatch_records_fill(struct dispatch *dispatch, struct flight *flight, struct now now,
                           struct adapter_request *ret);
void dispatch_records_answer(struct dispatch *dispatch, struct flight *flight,
                             enum adapter_verdict verdict, const char *reason,
                             int64_t retry_after_ms, struct now now);

#endif
