/* long: what an uplink asks and is told, on one page */
/*
 * An uplink: one connection to one platform. It is told what became durable and which vacancy is
 * stale, and delivers both: vacancy first and newest-wins, records in order, each once by its own
 * key. All on the loop's thread.
 */
/* long: what an uplink is told, asks and says, on one page */
#ifndef UPLINK_UPLINK_H
#define UPLINK_UPLINK_H

#include "daemon/base/loop.h"
#include "daemon/core/text.h"
#include "daemon/store/photos_worker.h"
#include "daemon/store/store.h"
#include "daemon/uplink/settings.h"

struct city_counts; /* city.h */
struct city_order;

/* What came of an order of the platform. */
struct platform_said {
    enum platform_verdict verdict;
    bool again;              /* judged before: the first verdict */
    bool later;              /* not judged, nothing is remembered: ask again with the same id */
    char why[RECORD_PHRASE]; /* empty: done */
    uint64_t seq;            /* of its record; 0: it has none */
};
/* Called exactly once for an order, on the loop's thread. */
typedef void platform_said_fn(void *arg, const struct platform_said *said);

/* What an uplink asks of the gateway. */
struct uplink_source {
    void *arg;
    const struct site_plan *plan;
    void (*read)(void *arg, uint32_t uplink, uint64_t from, uint32_t limit); /* → uplink_page() */
    void (*progress)(void *arg, const struct outbox_progress *progress);     /* persist soon */
    void (*lot)(void *arg, uint32_t lot, struct text *out);                  /* durable vacancy */
    void (*bay)(void *arg, uint32_t bay, struct text *out);                  /* durable bay state */
    void (*look)(void *arg, uint32_t uplink, uint64_t from, uint32_t limit); /* → uplink_looked() */
    void (*record)(void *arg, const struct record *record);                  /* to be kept */
    void (*counts)(void *arg, uint32_t lot, struct city_counts *ret);        /* of the same */
    /* Pictures; NULL: none are kept. The platform has taken a stay's entry or exit; one that it is
     * owed is to be made into a request on the pictures' thread → uplink_photo(), false: not now;
     * this one is owed no longer. */
    void (*taken)(void *arg, uint32_t uplink, const struct record *record);
    bool (*photo)(void *arg, uint32_t uplink, photo_prepare_fn *prepare, void *prepare_arg);
    void (*settled)(void *arg, uint32_t uplink, const char *photo);
    /* To be carried out; `said` is told once that is durable, perhaps at once. */
    void (*order)(void *arg, uint32_t uplink, const struct city_order *order,
                  platform_said_fn *said, void *said_arg);
};

struct uplink_status {
    bool connected;
    char trouble[RECORD_PHRASE];       /* why not, in words, with the next step; empty when well */
    uint64_t delivered, pending, dead; /* records */
    uint64_t through, head;
    utc_ms last_delivery;
    utc_ms oldest_pending; /* 0 when none */
    uint64_t vacancies_sent;
    bool clock_known; /* of the platform, as its answers tell it */
    int64_t clock_ahead_ms;
    utc_ms last_heartbeat; /* 0: none, or the platform asks for none */
    bool photos;           /* it is sent pictures */
    uint64_t photos_sent, photos_refused;
};

struct uplink;

/* `index` is its place among the uplinks (the tag of reads). Copies `restored`. Never blocks: a
 * platform that cannot be reached is retried, not an error. */
struct uplink *uplink_create(const struct uplink_settings *settings, uint32_t index,
                             struct loop *loop, const struct uplink_source *source,
                             const struct outbox_progress *restored, struct err *err);
/* Says goodbye (MQTT: offline status), hands over its last progress, frees. Takes NULL. */
void uplink_destroy(struct uplink *uplink);

/* Records that have just become durable, in order of seq. */
void uplink_fresh(struct uplink *uplink, const struct store_row *rows, size_t count);
/* The answer to source->read. */
void uplink_page(struct uplink *uplink, const struct store_row *rows, size_t count, bool end);
/* The answer to source->look. */
void uplink_looked(struct uplink *uplink, const struct store_row *rows, size_t count, bool end);
/* The answer to source->photo: `id` NULL: none is owed; err: that one cannot be sent. */
void uplink_photo(struct uplink *uplink, const char *id, const struct err *err);
/* Compares that day of a lot with the platform, now; false: it cannot be. */
bool uplink_check(struct uplink *uplink, const char *lot, int32_t day);
/* The durable state of a bay (and so of its lot) has changed. */
void uplink_bay_changed(struct uplink *uplink, uint32_t bay);
void uplink_lot_changed(struct uplink *uplink, uint32_t lot); /* the vehicles in it, no bay */

void uplink_status(const struct uplink *uplink, struct uplink_status *ret);

/* Operator: send set-aside record `seq` again (0: all), or give it up (recorded by the caller). How
 * many it concerned. */
size_t uplink_retry(struct uplink *uplink, uint64_t seq);
size_t uplink_drop(struct uplink *uplink, uint64_t seq);
typedef void uplink_mark_fn(void *arg, const struct outbox_mark *mark);
void uplink_each_mark(const struct uplink *uplink, uplink_mark_fn *fn, void *arg); /* by seq */

#endif
