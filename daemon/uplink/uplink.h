/*
 * An uplink: one connection to one platform. It is told what became durable and which vacancy is
 * stale, and delivers both: vacancy first and newest-wins, records in order, each once by its own
 * key. All on the loop's thread. What it needs of the gateway stands in struct uplink_source.
 */
#ifndef UPLINK_UPLINK_H
#define UPLINK_UPLINK_H

#include "daemon/base/loop.h"
#include "daemon/core/text.h"
#include "daemon/store/store.h"

struct adapter; /* adapter.h: how a platform's protocol is spoken; one row in adapters.c */

struct tls_settings {
    const char *ca_file;   /* NULL: the system's store */
    const char *cert_file; /* client certificate and key, both or none */
    const char *key_file;
    const char *pins; /* "sha256//A;sha256//B" or NULL */
};

struct uplink_settings {
    const char *name; /* unique; the key of its delivery state */
    const struct adapter *adapter;
    const char *url;                 /* https://…, http://127.0.0.1… or mqtt(s)://host:port */
    const char *username, *password; /* MQTT; NULL for none */
    const char *token;               /* bearer token, already read from its file; NULL for none */
    struct tls_settings tls;
    uint32_t kinds;             /* bits of record kinds to deliver */
    uint32_t window;            /* MQTT: unacknowledged messages; HTTP: records a request */
    int64_t vacancy_refresh_ms; /* send unchanged vacancy again after this */
    int64_t timeout_ms;
    int64_t backoff_max_ms;
    double requests_per_s; /* rate limit towards the platform; 0 none */
    uint32_t attempts_max; /* then the record is set aside; 0: only what the platform refuses */
};

/* What an uplink asks of the gateway. */
struct uplink_source {
    void *arg;
    const struct site_plan *plan;
    void (*read)(void *arg, uint32_t uplink, uint64_t from, uint32_t limit); /* → uplink_page() */
    void (*progress)(void *arg, const struct outbox_progress *progress);     /* persist soon */
    void (*lot)(void *arg, uint32_t lot, struct text *out);                  /* durable vacancy */
    void (*bay)(void *arg, uint32_t bay, struct text *out);                  /* durable bay state */
};

struct uplink_status {
    bool connected;
    char trouble[RECORD_PHRASE];       /* why not, in words, with the next step; empty when well */
    uint64_t delivered, pending, dead; /* records */
    uint64_t through, head;
    utc_ms last_delivery;
    utc_ms oldest_pending; /* 0 when none */
    uint64_t vacancies_sent;
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
/* The durable state of a bay (and so of its lot) has changed. */
void uplink_bay_changed(struct uplink *uplink, uint32_t bay);

void uplink_status(const struct uplink *uplink, struct uplink_status *ret);

/* Operator: send set-aside record `seq` again (0: all), or give it up (recorded by the caller). The
 * number of records concerned. */
size_t uplink_retry(struct uplink *uplink, uint64_t seq);
size_t uplink_drop(struct uplink *uplink, uint64_t seq);
/* Set-aside and waiting records, by seq. */
typedef void uplink_mark_fn(void *arg, const struct outbox_mark *mark);
void uplink_each_mark(const struct uplink *uplink, uplink_mark_fn *fn, void *arg);

#endif
