/*
 * What a city's platform asks beyond adapter.h: one request a record (or several), signatures,
 * heartbeats, the platform's own clock, the comparison of a day, pictures, and what it sends us.
 * Constant data and pure functions. Which request goes when, what a code means after all (the
 * configuration may say otherwise), and who is told, is the uplink's (carrier_city.c). A function
 * that is NULL: the platform has no such thing.
 *
 *   1. A request is made anew for each attempt: times of sending, signatures and counts are those
 *      of the attempt; keys and event times are the record's.
 *   2. Times in a request and in a signature are context->platform_now: our clock set right by the
 *      platform's answers.
 *   3. Counts are absolute, and come from context->counts at the moment of sending.
 */
/* long: all that a city's adapter may be asked, on one page */
#ifndef UPLINK_CITY_H
#define UPLINK_CITY_H

#include "daemon/uplink/adapter.h"

enum { CITY_DATE = 11 };

/* Of one lot, as of the attempt. free + occupied + unknown + out_of_service = capacity. */
struct city_counts {
    uint32_t capacity, free, occupied, unknown, out_of_service;
};

/* What the platform was told last of a bay that has no stays of its own. */
enum city_berth { CITY_BERTH_UNSURE, CITY_BERTH_LEFT, CITY_BERTH_TAKEN };

/* A record on its way. */
struct city_item {
    const struct store_row *row;  /* its seq and its id, made once */
    const struct record *record;  /* read back from its body */
    const struct uplink_lot *lot; /* the lot of the record, as the platform knows it */
};

/* A picture of a plate read, no longer than the adapter's photo_max. */
struct city_photo {
    const struct uplink_lot *lot;
    const char *id;   /* of the picture: made once, [0-9A-Za-z_-], at most 32 */
    const char *stay; /* that it belongs to */
    const char *plate;
    enum plate_colour colour;
    bool exit;
    utc_ms at;
    const void *jpeg;
    size_t size;
};

/* What an answer says, before anyone judges it. */
struct city_said {
    bool parsed;  /* it is this protocol's form of an answer */
    int64_t code; /* the platform's own */
    char message[RECORD_PHRASE];
    utc_ms platform_time; /* 0: not told */
    char lot_code[64];    /* that the platform has given the lot; empty: not told */
};

/* What a code means, unless the configuration says otherwise. The last row has word NULL. A code
 * that stands nowhere: ADAPTER_RETRY. */
struct city_code {
    int64_t code;
    enum adapter_verdict means;
    const char *word; /* "signature wrong": for the operator, with the next step where one helps */
};

/* A day of one lot against what the platform holds of it. Ids are stay ids. */
enum city_check { CITY_COUNTS, CITY_ENTRIES, CITY_EXITS, CITY_CHECKS };
struct city_day {
    const struct uplink_lot *lot;
    char date[CITY_DATE];    /* "2026-11-21", the site's day */
    uint32_t entries, exits; /* that we hold */
};
struct city_held {
    bool entries_differ, exits_differ;       /* set by CITY_COUNTS */
    void (*id)(void *arg, const char *stay); /* the others call it for each that it holds */
    void *arg;
};

/* A request before anything else is told. */
struct city_setup {
    const struct uplink_lot *lot;
    uint32_t step;
    bool change; /* it was told before */
};

/* What a platform asks of us. */
struct city_call {
    const char *path;  /* of the request, whole, without its query; it may be signed */
    const char *token; /* of the query; NULL: none */
    const char *body;
    size_t size;
};
struct city_order {
    enum platform_act act;
    char id[64];                  /* the platform's own: the same id is the same order */
    utc_ms not_after;             /* 0: not told */
    const struct uplink_lot *lot; /* or NULL */
    char plate[PLATE_SIZE];
    char stay[IDENT_SIZE], order[IDENT_SIZE], ticket[IDENT_SIZE];
    char transaction[RECORD_TRANSACTION];
    int64_t amount_fen;
    enum pay_channel channel;
    enum list_kind list;
    utc_ms from, until;
    char lane[RECORD_WORD];   /* our id of it, or the platform's (city_place) */
    char lot_id[RECORD_WORD]; /* where `lot` is NULL: ours; empty: every lot, or none */
    char actor[RECORD_WORD];  /* who asks there; empty: not told */
    char note[RECORD_PHRASE]; /* why */
};

struct city {
    uint32_t kinds;       /* bits of record kinds that the platform is told of */
    int64_t heartbeat_ms; /* unless the configuration says otherwise */
    const struct city_code *codes;
    const char *const *needs;      /* of each lot: "account", "key_file", …; NULL ends */
    const char *const *call_needs; /* of each lot beside those, when the platform calls */

    /* So many requests for the record, sent in order, each when the one before was taken; 0: the
     * platform is not told of it. After a restart they go again from the first. */
    uint32_t (*steps)(const struct adapter_context *context, const struct city_item *item);
    bool (*record)(const struct adapter_context *context, const struct city_item *item,
                   uint32_t step, struct adapter_request *ret, struct err *err);
    bool counting; /* records carry counts: one that arrives late tells old ones */
    bool (*heartbeat)(const struct adapter_context *context, const struct uplink_lot *lot,
                      struct adapter_request *ret, struct err *err);
    bool (*vacancy)(const struct adapter_context *context, const struct uplink_lot *lot,
                    struct adapter_request *ret, struct err *err);
    /* So many requests set a lot up, in order; `read` tells the code that it is given. */
    uint32_t (*setup_steps)(const struct adapter_context *context, const struct uplink_lot *lot);
    bool (*setup)(const struct adapter_context *context, const struct city_setup *setup,
                  struct adapter_request *ret, struct err *err);
    size_t photo_max; /* bytes of a JPEG */
    bool (*photo)(const struct adapter_context *context, const struct city_photo *photo,
                  struct adapter_request *ret, struct err *err);
    /* Any answer with a body, whatever its HTTP status. */
    void (*read)(const struct adapter_reply *reply, struct city_said *ret);

    /* Day's end, between `check_from_min` and `check_to_min`, minutes of the site's day. `checked`:
     * the answer that `read` has found good. */
    int32_t check_from_min, check_to_min;
    bool (*check)(const struct adapter_context *context, const struct city_day *day,
                  enum city_check what, struct adapter_request *ret, struct err *err);
    bool (*checked)(const struct adapter_reply *reply, enum city_check what, struct city_held *held,
                    struct err *err);

    /* From the platform: signature and form (city_call.h). `*ret_signed` says whether it is the
     * platform's, also where it is refused for its form. `answer` is what it is told; `why` NULL:
     * done. */
    bool (*receive)(const struct adapter_context *context, const struct city_call *call,
                    struct city_order *ret, bool *ret_signed, struct err *err);
    void (*answer)(const char *why, struct text *out);
};

/* For adapters: how the platform calls a lane or a bay of ours; without a row, our own id. */
const char *city_place(const struct adapter_context *context, const char *id);
const struct city_counts *city_counts(const struct adapter_context *context,
                                      const struct uplink_lot *lot);
/* May be a key there: at most 32 characters of [0-9A-Za-z_-]. */
bool city_key_valid(const char *key);

#endif
