/* What the configuration says of an uplink. Plain data, built once by daemon/config. */
#ifndef UPLINK_SETTINGS_H
#define UPLINK_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

struct adapter; /* adapter.h: how a platform's protocol is spoken; one row in adapters.c */

struct tls_settings {
    const char *ca_file;   /* NULL: the system's store */
    const char *cert_file; /* client certificate and key, both or none */
    const char *key_file;
    const char *pins; /* "sha256//A;sha256//B" or NULL */
};

struct crypto_key;

/* A lot as the platform knows it. What is NULL here is the uplink's own. */
struct uplink_lot {
    uint32_t lot;                 /* in the plan */
    const char *code;             /* osStoreCode, parkingCode, parkCode */
    const char *account;          /* access_id, accessID, appkey */
    const char *secret;           /* shared with the platform, already read from its file */
    const struct crypto_key *key; /* our private key */
    const struct crypto_key *platform_key; /* the platform's public key */
    const char *address; /* for its registration; NULL: it is not ours to register */
    bool monthly;        /* it sells passes */
};

/* What the platform calls a lane or a bay of ours. */
struct uplink_place {
    const char *id, *code;
};

struct uplink_code {
    int64_t code; /* of the platform */
    int means;    /* enum adapter_verdict */
};

struct uplink_settings {
    const char *name; /* unique; the key of its delivery state */
    const struct adapter *adapter;
    const char *url;                 /* url.h */
    const char *username, *password; /* MQTT; NULL for none */
    const char *token;               /* bearer token, already read from its file; NULL for none */
    struct tls_settings tls;
    const char *tenant, *service_path; /* ngsi: part of the broker; NULL: its default */
    const char *entity_prefix;         /* ngsi, datex: before our ids; "" for none */
    const char *context;               /* ngsi-ld: address of the @context */
    bool bays;                         /* HTTP: tell the state of bays, not of lots alone */
    uint32_t kinds;                    /* bits of record kinds to deliver; none is allowed */
    uint32_t window;                   /* MQTT: unacknowledged messages; HTTP: records a request */
    int64_t vacancy_refresh_ms;        /* send unchanged vacancy again after this */
    int64_t timeout_ms;
    int64_t backoff_max_ms;
    double requests_per_s;             /* rate limit towards the platform; 0 none */
    const struct uplink_lot *lots;     /* city platforms: those that it is told of */
    const struct uplink_place *places; /* lanes and bays that have a code of their own */
    const struct uplink_code *codes;   /* that mean something else here */
    const char *operator_code;         /* who runs the lots, where a platform asks; NULL */
    uint32_t lots_count, places_count, codes_count;
    bool token_upper;              /* xuzhou: the hex of tokens */
    const char *picture_url;       /* xuzhou: somebody serves the pictures there; NULL */
    const char *calls_path;        /* that the platform calls us at; NULL: it does not */
    const char *const *calls_from; /* addresses that it calls from; none: any */
    uint32_t calls_from_count;
    double backfill_per_s;   /* records older than a minute in a second; 0 no limit */
    int64_t heartbeat_ms;    /* 0: the adapter's */
    bool commands;           /* MQTT: the platform may give orders */
    uint32_t orders_per_min; /* that the platform may give */
    uint32_t attempts_max;   /* then the record is set aside; 0: only what the platform refuses */
};

#endif
