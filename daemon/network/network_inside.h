/*
 * A network's own state, shared by its files only: network.c (its life and its connection),
 * network_hear.c (what comes in), network_ask.c (what goes out), network_show.c (what people see).
 * Everything runs on the loop's thread.
 */
#ifndef NETWORK_NETWORK_INSIDE_H
#define NETWORK_NETWORK_INSIDE_H

#include "daemon/base/log.h"
#include "daemon/base/zone.h"
#include "daemon/network/asks.h"
#include "daemon/network/member.h"
#include "daemon/network/network.h"
#include "daemon/uplink/broker.h"
#include "daemon/uplink/url.h"

enum { NETWORK_CLIENT_ID = 128, NETWORK_LINES_A_MINUTE = 6 };

struct network {
    const struct network_settings *settings;
    const struct site_plan *plan;
    struct network_hooks hooks;
    struct url url;
    char client_id[NETWORK_CLIENT_ID];
    struct mqtt_subscription subscription;
    struct mqtt_settings mqtt;
    struct broker *broker;
    struct zone *zone;
    struct member *members; /* as settings->sensors */
    struct member **by_address;
    struct member **by_bay; /* NULL where another network, a bus or nothing senses it */
    struct network_stranger strangers[NETWORK_STRANGERS];
    bool connected, holds;
    char trouble[RECORD_PHRASE];
    uint64_t messages, refused;
    struct log_limit lines;
    struct asks asks;
};

/* network_hear.c: a message of the broker, and the order in which members are looked for. */
mqtt_received_fn network_received;
int network_compare_address(const void *a, const void *b);
void network_set_state(struct network *network, struct member *member, enum device_state state,
                       const char *reason);

/* network_ask.c: sends what may be sent; what events and uplinks mean for what was asked. */
void network_send(struct network *network);
void network_delivered(struct network *network, uint64_t ticket);
void network_tell_asks(struct network *network, struct member *member,
                       const struct envelope *envelope);
void network_heard_asks(struct network *network, struct member *member,
                        const struct report *report);
/* The state of the device was recorded: says once more what of it is under way. */
void network_note_ask(struct network *network, const struct member *member);
void network_tick_asks(struct network *network, struct now now);

#endif
