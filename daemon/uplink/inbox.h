/*
 * Orders that a broker has handed over, from their arrival to their replies. Acknowledgements wait
 * until all that came is durable or refused; so an order that we do not live to judge comes again.
 * INBOX_MAX at a time: what is more is not answered, and its platform asks again. Loop's thread;
 * one connection's (carrier_mqtt.c).
 */
#ifndef UPLINK_INBOX_H
#define UPLINK_INBOX_H

#include "daemon/uplink/broker.h"
#include "daemon/uplink/carrier.h"

enum { INBOX_MAX = 256 };

struct inbox;

/* Borrows the uplink, whose adapter knows orders. NULL with err: the site's id is no topic. */
struct inbox *inbox_create(struct uplink *uplink, struct err *err);
void inbox_destroy(struct inbox *inbox); /* takes NULL; none may still wait for its verdict */

/* What to subscribe to; and what comes by it. Does not call back into mqtt. */
const char *inbox_topic(const struct inbox *inbox);
void inbox_receive(struct inbox *inbox, const struct mqtt_message *message);

/* Lets acknowledgements go when they may, then sends the replies for which there is room;
 * `request` is memory for one of them. */
void inbox_pump(struct inbox *inbox, struct broker *broker, struct adapter_request *request);

/* The connection is gone: what came by it comes again and is answered then. */
void inbox_lost(struct inbox *inbox);

#endif
