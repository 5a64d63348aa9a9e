/*
 * One MQTT connection, from an attempt to its loss, over libmosquitto. It holds a bounded window of
 * unacknowledged messages and knows what each acknowledgement is for. Whoever owns it watches its
 * descriptor and makes another one after a loss; what was in flight is then sent again. May move
 * between threads as long as one uses it at a time.
 */
/* long: the two directions of one connection */
#ifndef UPLINK_MQTT_H
#define UPLINK_MQTT_H

#include "daemon/base/loop.h"
#include "daemon/core/text.h"
#include "daemon/uplink/uplink.h"

enum { MQTT_WINDOW_MAX = 1000 };

/* A message on a topic that we subscribed to. Borrowed for the call. */
struct mqtt_message {
    const char *topic;
    const char *bytes;
    size_t size;
    bool retained; /* kept by the broker, not sent just now */
};

/* Its acknowledgement, and all later ones, wait for mqtt_release(). Must not call back into mqtt.
 */
typedef void mqtt_received_fn(void *arg, const struct mqtt_message *message);

struct mqtt_subscription {
    const char *const *topics;  /* with QoS 1; the broker keeps what comes while we are away */
    uint32_t count, needed;     /* a broker that refuses the others is good enough */
    mqtt_received_fn *received; /* `arg` is the connection's */
};

struct mqtt_settings {
    const char *host; /* name or IP literal; a TLS certificate must be valid for exactly this */
    uint16_t port;
    const char *client_id, *username, *password; /* the last two may be NULL */
    const struct tls_settings *tls;              /* NULL: plain TCP */
    uint32_t window;                             /* 1 … MQTT_WINDOW_MAX */
    int64_t timeout_ms;                          /* from the attempt to the broker's CONNACK */
    int64_t backoff_max_ms;
    const char *will_topic, *will_body;           /* retained; the broker says it when we vanish */
    const struct mqtt_subscription *subscription; /* NULL: publishes only */
};

/* An acknowledgement of the message with this ticket. Must not call back into mqtt. */
typedef void mqtt_delivered_fn(void *arg, uint64_t ticket);

enum mqtt_family { MQTT_ANY, MQTT_IPV4, MQTT_IPV6, MQTT_FAMILIES };

struct mqtt;

/* Borrows the settings for its life. NULL with err: a setting is wrong. */
struct mqtt *mqtt_create(const struct mqtt_settings *settings, mqtt_delivered_fn *delivered,
                         void *arg, struct err *err);
void mqtt_destroy(struct mqtt *mqtt); /* abrupt; takes NULL */

/* Begins to connect. Blocks for a look-up when the host is a name; not for the connection. */
bool mqtt_connect(struct mqtt *mqtt, enum mqtt_family family, struct err *err);
int mqtt_fd(const struct mqtt *mqtt);
unsigned mqtt_events(const struct mqtt *mqtt); /* what to watch it for, after each call below */

/* Something happened on the descriptor. False with err: lost. */
bool mqtt_advance(struct mqtt *mqtt, unsigned events, struct err *err);
/* Once a second: keeps the connection alive. False with err: lost. */
bool mqtt_tick(struct mqtt *mqtt, struct err *err);
bool mqtt_connected(const struct mqtt *mqtt); /* the broker accepted us */

bool mqtt_refused(const struct mqtt *mqtt); /* it does not let us read one of the topics */

/* How many more messages fit into the window; 0 while not connected. */
uint32_t mqtt_room(const struct mqtt *mqtt);
/* Queues a message with QoS 1; copies. False when there is no room, or the connection broke. */
bool mqtt_publish(struct mqtt *mqtt, const char *topic, const struct text *body, bool retained,
                  uint64_t ticket);
/* Writes what was queued. False with err: lost. */
bool mqtt_flush(struct mqtt *mqtt, struct err *err);
/* What was received is durable: lets its acknowledgements go. False with err: lost. */
bool mqtt_release(struct mqtt *mqtt, struct err *err);
/* Before mqtt_destroy(): waits up to limit_ms for what is in flight, then says goodbye. */
void mqtt_goodbye(struct mqtt *mqtt, int64_t limit_ms);

#endif
