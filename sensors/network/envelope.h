/*
 * What a network server wraps around a sensor's frame, read into one form, and what it wants around
 * a frame to a sensor. A message is an uplink, another event of the device, or refused with its
 * reason. Plain data; pure. Text is copied; the decoded object is borrowed from the document.
 */
/* long: both directions of a server, and all that a message may hold */
#ifndef SENSORS_NETWORK_ENVELOPE_H
#define SENSORS_NETWORK_ENVELOPE_H

#include "daemon/base/json.h"
#include "daemon/core/text.h"
#include "daemon/core/units.h"
#include "sensors/downlinks.h"

enum envelope_kind {
    ENVELOPE_UPLINK,
    ENVELOPE_JOINED,  /* the device has a new session */
    ENVELOPE_QUEUED,  /* a downlink waits in the server */
    ENVELOPE_SENT,    /* a downlink has gone on the air */
    ENVELOPE_ACKED,   /* a confirmed downlink was acknowledged */
    ENVELOPE_UNACKED, /* it was not, or the server gave it up */
    ENVELOPE_TROUBLE, /* the server complains of the device; `trouble` says of what */
    ENVELOPE_OTHER,   /* of no use to us: location, integration, a simulated uplink */
    ENVELOPE_KINDS
};

enum { ENVELOPE_TOPICS = 8, ENVELOPE_TOPIC = 128 };
enum { ENVELOPE_EUI = 17, ENVELOPE_TEXT = 72, ENVELOPE_TIME = 40, ENVELOPE_JSON_MAX = 65536 };

struct envelope {
    enum envelope_kind kind;
    char dev_eui[ENVELOPE_EUI]; /* 16 lower-case hex digits; empty where the server tells none */
    char device_id[ENVELOPE_TEXT], application_id[ENVELOPE_TEXT];
    char deduplication_id[ENVELOPE_TEXT]; /* the server's own, where it makes one */
    char session[ENVELOPE_TEXT];          /* f_cnt counts within it */
    int32_t port;                         /* -1: not told */
    int64_t counter;                      /* f_cnt; -1: not told */
    bool confirmed;
    uint8_t payload[REPORT_FRAME_MAX];
    size_t payload_size;
    const struct json *object; /* decoded by the server, or NULL */
    char network_time[ENVELOPE_TIME], application_time[ENVELOPE_TIME]; /* as written */
    utc_ms at; /* the first, else the second */
    bool timed;
    uint32_t gateways;
    int32_t rssi_dbm, snr_centi; /* the best of them; REPORT_NONE none */
    int32_t battery_percent;     /* as the server last heard; REPORT_NONE none */
    char trouble[ENVELOPE_TEXT];
    char downlink_id[ENVELOPE_TEXT]; /* which downlink it tells of; empty where that is not told */
};

struct envelope_downlink {
    const struct downlink_frame *frame;
    const char *dev_eui;
    const char *id; /* a UUID: the server tells it again in `downlink_id` */
    bool confirmed; /* the device shall acknowledge */
};

/* A server: reads one message of it. The topic may be NULL: then it is taken for an uplink. */
struct network_format {
    const char *name; /* "tts-v3": also what parkctl decode --envelope names it by */
    enum refusal (*read)(const char *topic, const struct json *body, struct envelope *ret);
    const char *topics[ENVELOPE_TOPICS]; /* of uplinks, then of other events; with wildcards */
    /* A downlink goes to ENVELOPE_DEVICE_PARTS of its uplinks' topic and one of these: for the
     * first attempt, and for those that take its place. */
    const char *down, *down_again;
    void (*write_down)(const struct envelope_downlink *down, struct text *body);
};

enum { ENVELOPE_DEVICE_PARTS = 4 };

extern const struct network_format tts_format, chirpstack_format, chirpstack_v3_format;

/* NULL when there is none. "tts" and "chirpstack" mean their newest. */
const struct network_format *network_find(const char *name);

#endif
