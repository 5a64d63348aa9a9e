/*
 * The inside of an uplink, and what carries its requests: the same order, pacing and bookkeeping
 * over MQTT (carrier_mqtt.c) and over HTTPS (carrier_http.c). Seen by these and uplink.c only.
 */
#ifndef UPLINK_CARRIER_H
#define UPLINK_CARRIER_H

#include "daemon/base/log.h"
#include "daemon/uplink/adapter.h"
#include "daemon/uplink/outbox.h"
#include "daemon/uplink/pace.h"
#include "daemon/uplink/stale.h"
#include "daemon/uplink/url.h"

/* What may be in trouble on its own. */
enum lane { LANE_RECORDS, LANE_STATE, LANE_BEAT, LANE_DAY, LANE_PHOTO, LANE_ORDERS, LANES };

enum { LANE_TROUBLE_SIZE = 400, STATE_MAX = 64 * 1024 };

struct uplink {
    const struct uplink_settings *settings;
    uint32_t index;
    struct loop *loop;
    struct uplink_source source;
    struct url url;
    struct outbox *outbox;
    struct stale *stale;
    struct pace pace;
    const struct carrier *carrier;
    void *carrying;
    struct loop_timer *timer, *progress_timer;
    struct loop_turn *turn;
    bool awake;          /* there is something to do at the end of this turn */
    bool progress_armed; /* progress_timer runs */
    bool connected;
    char trouble[LANES][LANE_TROUBLE_SIZE]; /* empty when well */
    struct log_limit said[LANES];
    utc_ms last_delivery;
    uint64_t vacancies_sent;
    struct text state; /* memory for one lot's or bay's JSON */
};

struct carrier {
    void *(*create)(struct uplink *uplink, struct err *err); /* NULL on failure */
    /* Ends what is under way; what was delivered meanwhile is told to the outbox. */
    void (*destroy)(void *carrying);
    /* Sends what can be sent now. Returns when it wants to be asked again, at the latest. */
    mono_ms (*pump)(void *carrying, mono_ms now);
    /* What only some know; may be NULL. */
    void (*status)(const void *carrying, struct uplink_status *ret);
    void (*looked)(void *carrying, const struct store_row *rows, size_t count, bool end);
    bool (*check)(void *carrying, const char *lot, int32_t day);
    void (*photo)(void *carrying, const char *id, const struct err *err);
};

extern const struct carrier carrier_mqtt, carrier_http, carrier_city;

/* Asks for a pump at the end of this turn. */
void uplink_wake(struct uplink *uplink);
/* What a lane suffers from, "" when it works; logged when it changes. */
void uplink_say(struct uplink *uplink, enum lane lane, const char *trouble);
/* The durable JSON of a lot or bay, good until the next call. */
const struct text *uplink_lot_json(struct uplink *uplink, uint32_t lot);
const struct text *uplink_bay_json(struct uplink *uplink, uint32_t bay);

/* Memory for requests: made once, emptied for each. */
void carrier_request_init(struct adapter_request *request, size_t body_size);
void carrier_request_fini(struct adapter_request *request);
void carrier_request_clear(struct adapter_request *request);
struct adapter_context carrier_context(const struct uplink *uplink);

#endif
