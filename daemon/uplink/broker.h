/*
 * A broker that we want to be connected to: attempts with back-off, for ever. Never blocks the
 * loop: a host name is looked up on a worker thread. What is in flight when the connection is lost
 * is forgotten: the owner publishes it again.
 */
#ifndef UPLINK_BROKER_H
#define UPLINK_BROKER_H

#include "daemon/uplink/mqtt.h"

struct broker_hooks {
    void *arg;
    void (*connected)(void *arg); /* before the first ready() of a connection */
    void (*ready)(void *arg);     /* there may be room: publish now, then broker_flush() */
    mqtt_delivered_fn *delivered; /* must not call back into broker */
    /* The connection, or an attempt at one, has failed; `reason` says what to look at. */
    void (*lost)(void *arg, const char *reason);
};

struct broker;

/* Borrows the settings for its life. The first attempt is made in the loop's next turn. */
struct broker *broker_create(const struct mqtt_settings *settings, struct loop *loop,
                             const struct broker_hooks *hooks, struct err *err);
/* Waits up to half a second for what is in flight; also for a look-up under way. Takes NULL. */
void broker_destroy(struct broker *broker);

/* As of mqtt.h; nothing has room while there is no connection. */
uint32_t broker_room(const struct broker *broker);
bool broker_refused(const struct broker *broker);
bool broker_publish(struct broker *broker, const char *topic, const struct text *body,
                    bool retained, uint64_t ticket);
void broker_flush(struct broker *broker);   /* may call lost() */
void broker_release(struct broker *broker); /* as mqtt_release(); may call lost() */

#endif
