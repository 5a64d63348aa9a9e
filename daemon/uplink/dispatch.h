/*
 * The order of business with a city's platform: which request goes next, and what its answer means.
 * Pure: it is given the time and the answers and hands out requests; a carrier moves the bytes
 * (carrier_city.c), a simulation passes months in seconds. Memory is taken in dispatch_create()
 * only. Owned by one uplink.
 *
 *   1. Each kind of business has slots of its own, so that a heartbeat or fresh vacancy never waits
 *      for a record, and a record never for a day's check.
 *   2. A record is sent by each slot alone; another of its subject waits until it is answered, an
 *      exit so for its own entry. Nobody else waits (outbox.h).
 *   3. What just happened goes before what is older than a minute, unless that is of its own stay;
 *      what is older is sent at a pace of its own.
 *   4. What codes mean: the configuration's table, then the adapter's; what stands in neither, an
 *      answer that is none, a broken connection: again later.
 *   5. A platform that says "request expired" is asked for its time first.
 *   6. After silence the platform is told the state of every lot at once, and nobody waits on
 *      because of it.
 *   7. A picture goes after its stay's record, and only while no record is ready to go: fresh ones
 *      and back-fill go before all pictures. One at a time; what fails too often is given up.
 *   8. However long records wait for a platform that does not answer: what happens meanwhile has
 * one of them tried, at most every few seconds.
 */
/* long: the rules stand with the calls */
#ifndef UPLINK_DISPATCH_H
#define UPLINK_DISPATCH_H

#include "daemon/store/record_read.h"
#include "daemon/uplink/city.h"
#include "daemon/uplink/outbox.h"
#include "daemon/uplink/pace.h"
#include "daemon/uplink/stale.h"

enum {
    DISPATCH_BEAT,  /* heartbeats */
    DISPATCH_STATE, /* vacancy */
    DISPATCH_CHECK, /* a day, compared */
    DISPATCH_PHOTO, /* filled by the carrier: dispatch_photo_…() */
    DISPATCH_RECORDS,
    DISPATCH_FLIGHTS = 16, /* records under way at once, at most */
    DISPATCH_SLOTS = DISPATCH_RECORDS + DISPATCH_FLIGHTS
};

/* What may be in trouble on its own. */
enum dispatch_lane {
    LANE_OF_RECORDS,
    LANE_OF_STATE,
    LANE_OF_BEATS,
    LANE_OF_CHECK,
    LANE_OF_PHOTOS,
    DISPATCH_LANES
};

struct dispatch_hooks {
    void *arg;
    void (*counts)(void *arg, uint32_t lot, struct city_counts *ret); /* durable, as of now */
    /* What a lane suffers from, "" when it works. May be told the same again. */
    void (*say)(void *arg, enum dispatch_lane lane, const char *trouble);
    void (*record)(void *arg, const struct record *record); /* to be kept: a day's verdict */
    /* A stay's entry or exit has been taken, its picture may follow; the picture is owed no longer.
     * NULL: there are no pictures. */
    void (*taken)(void *arg, const struct record *record);
    void (*settled)(void *arg, const char *photo);
};

struct dispatch_setup {
    const struct uplink_settings *settings;
    const struct site_plan *plan;
    const struct record_reader *reader;
    struct outbox *outbox;
    struct stale *stale;
    struct dispatch_hooks hooks;
    uint64_t seed; /* of the jitter of waiting */
};

struct dispatch;

/* Copies the setup, borrows what it points to. */
struct dispatch *dispatch_create(const struct dispatch_setup *setup, struct now now);
/* Gives back to the outbox what is under way. Takes NULL. */
void dispatch_destroy(struct dispatch *dispatch);

/* Writes the next request of a slot that has none under way into `ret`, emptied by the caller;
 * false: none now. */
bool dispatch_fill(struct dispatch *dispatch, uint32_t slot, struct now now,
                   struct adapter_request *ret);
/* Its answer; status 0: none came, `trouble` says why. */
void dispatch_answer(struct dispatch *dispatch, uint32_t slot, const struct adapter_reply *reply,
                     const char *trouble, struct now now);
/* When dispatch_fill() should be asked again though nothing has happened. */
mono_ms dispatch_next(const struct dispatch *dispatch, mono_ms now);

/* A day's check reads the journal: true when a page is wanted; the answer comes back. */
bool dispatch_day_wants(struct dispatch *dispatch, uint64_t *ret_from, uint32_t *ret_limit);
void dispatch_day_page(struct dispatch *dispatch, const struct store_row *rows, size_t count,
                       bool end);
/* Compares that day now; false: no such lot is told there, or the platform compares no days. */
bool dispatch_check(struct dispatch *dispatch, const char *lot, int32_t day);

/* Pictures. Whether one should be looked for now; what was found: none, one that is on its way (its
 * answer comes as that of DISPATCH_PHOTO), one that the adapter refuses. */
bool dispatch_photo_may(struct dispatch *dispatch, struct now now);
struct adapter_context dispatch_photo_context(struct dispatch *dispatch, struct now now);
void dispatch_photo_none(struct dispatch *dispatch);
void dispatch_photo_sent(struct dispatch *dispatch, const char *photo, struct now now);
void dispatch_photo_refused(struct dispatch *dispatch, const char *photo, const char *why);

struct dispatch_status {
    bool connected;
    bool offset_known;
    int64_t offset_ms; /* the platform's clock less ours */
    utc_ms last_delivery, last_beat;
    uint64_t vacancies_sent, beats;
    uint64_t photos_sent, photos_refused;
};
void dispatch_status(const struct dispatch *dispatch, struct dispatch_status *ret);

#endif
