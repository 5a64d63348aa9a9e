/*
 * An adapter: how one platform's protocol is spoken. Constant data and pure functions: durable
 * facts in, requests out; a platform's answer in, a verdict out; it opens and keeps nothing. Order,
 * pacing, retry and bookkeeping are the uplink's and the same for all of them. It is given
 * canonical JSON (record.h, view.h). Requests are made anew for each attempt, because some
 * platforms sign the moment of sending; a record's key never changes. Adding one: its file, its row
 * in adapters.c, its manual page, its test data.
 */
/* long: all that an adapter may be asked, on one page */
#ifndef UPLINK_ADAPTER_H
#define UPLINK_ADAPTER_H
#include "daemon/uplink/uplink.h"

struct city_call; /* city.h */

enum adapter_transport { ADAPTER_HTTP, ADAPTER_MQTT };

struct adapter_context {
    const struct site_plan *plan;
    const struct uplink_settings *settings;
    utc_ms now;          /* of this attempt */
    utc_ms platform_now; /* the same by the platform's clock, as far as its answers told */
    const struct city_counts *counts; /* city.h: by lot of the plan, as of this attempt */
    const uint8_t *berths; /* enum city_berth by bay of the plan; NULL: nothing is known */
};

/* Filled by an encoder into the uplink's memory. */
struct adapter_request {
    const char *method;  /* HTTP: constant text, "PUT" */
    struct text target;  /* HTTP: what follows the URL, "/v1/records"; MQTT: the topic */
    struct text headers; /* HTTP: "Name: value\n" each; the bearer token is added by the uplink */
    struct text body;
    bool retained; /* MQTT */
};

struct adapter_reply {
    int status;             /* HTTP status; MQTT never asks */
    int64_t retry_after_ms; /* Retry-After, or -1 */
    utc_ms date;            /* of the answer, to a second; 0: not said */
    const char *body;
    size_t size;
    bool too_long; /* an answer came that is longer than is taken; no body */
};

enum adapter_verdict {
    ADAPTER_DELIVERED, /* taken */
    ADAPTER_DUPLICATE, /* held already under this key: counts as delivered */
    ADAPTER_RETRY,     /* not now: again after a back-off */
    ADAPTER_STOP,      /* credentials or configuration: the uplink stops, says so, tries slowly */
    ADAPTER_REFUSED,   /* never: this record is set aside with the reason */
    ADAPTER_SPLIT,     /* the batch was refused whole: look for the record in halves */
    ADAPTER_FAILED,    /* the platform broke on it, perhaps because of one of the records */
    ADAPTER_EACH,      /* of a batch: see the items */
    ADAPTER_CLOCK      /* the platform's clock differs: learn it, then again at once */
};

struct adapter_answer {
    enum adapter_verdict verdict;
    int64_t retry_after_ms;     /* -1: the platform named no time */
    char reason[RECORD_PHRASE]; /* of everything but delivered */
};

/* Lots and bays whose state is told in one request. */
struct adapter_fact {
    bool is_bay;
    uint32_t index; /* in the plan */
};
struct adapter_state {
    const struct adapter_fact *facts; /* in the order of the request */
    size_t count;
    struct adapter_answer *items; /* as `facts`; read only after ADAPTER_EACH */
};

struct adapter {
    const char *name; /* the configuration's word */
    enum adapter_transport transport;
    const char *const *keys; /* of uplinks, that not all have: "token_file", …; NULL ends */
    bool located;            /* says where each lot is */
    uint32_t batch_max;      /* records in one request, at most; MQTT 1, no records 0 */
    const struct city *city; /* city.h: one request a record; no batches then. NULL: batches */
    size_t body_max;         /* bytes of one request of records, at most */
    const char *token_head;  /* HTTP: "X-Auth-Token: "; NULL: Authorization: Bearer */

    /* HTTP with state of several lots and bays in one request: `open` and `close` write what stands
     * around what `lot` and `bay` append. */
    uint32_t state_max; /* so many in a request; 0: one lot, and neither open nor close */
    size_t state_size;  /* bytes of such a request, at most */
    bool snapshot;      /* a request always tells all, however little has changed */
    void (*open)(const struct adapter_context *context, struct adapter_request *ret);
    void (*close)(const struct adapter_context *context, struct adapter_request *ret);
    void (*classify_state)(const struct adapter_context *context, const struct adapter_reply *reply,
                           const struct adapter_state *state, struct adapter_answer *ret);

    /* Encoders return false with err when the fact cannot be said in this protocol; a record is
     * then set aside. NULL: the platform does not take it. */
    bool (*online)(const struct adapter_context *context, bool online, struct adapter_request *ret,
                   struct err *err); /* MQTT: status topic and last will */
    bool (*lot)(const struct adapter_context *context, uint32_t lot, const struct text *vacancy,
                struct adapter_request *ret, struct err *err);
    bool (*bay)(const struct adapter_context *context, uint32_t bay, const struct text *state,
                struct adapter_request *ret, struct err *err);
    bool (*records)(const struct adapter_context *context, const struct store_row *rows,
                    size_t count, struct adapter_request *ret, struct err *err);

    /* MQTT, orders of the platform: the topics they come by, with a wildcard; one that came, as far
     * as it is one (city.h: path is the end of its topic); what is said of it. NULL: none come. */
    bool (*orders)(const struct adapter_context *context, struct adapter_request *ret,
                   struct err *err);
    bool (*order)(const struct adapter_context *context, const struct city_call *call,
                  struct city_order *ret, struct err *err);
    bool (*reply)(const struct adapter_context *context, const char *id,
                  const struct platform_said *said, struct adapter_request *ret, struct err *err);

    /* The answer to `records` (count > 0) or, without classify_state, to a lot (count 0).
     * `ret_items` is in the order of `rows`, read only after ADAPTER_EACH. MQTT: NULL, the PUBACK
     * is the answer. */
    void (*classify)(const struct adapter_reply *reply, const struct store_row *rows, size_t count,
                     struct adapter_answer *ret, struct adapter_answer *ret_items);
};

const struct adapter *adapter_by_name(const char *name); /* NULL when there is none */
void adapter_names(struct text *out); /* appends "json, mqtt, …", for a message */

#endif
