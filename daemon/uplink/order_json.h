/*
 * Orders of a platform as JSON, of our own protocol: one object an order, its id stands in the
 * topic. Every word is checked for its form, length and range; a word that is not known, or not for
 * this act, is refused, so that nobody believes it was heeded. parkd-orders(7) is for people,
 * command.schema.json and reply.schema.json for programs. Pure.
 */
#ifndef UPLINK_ORDER_JSON_H
#define UPLINK_ORDER_JSON_H

#include "daemon/uplink/city.h"

enum { ORDER_JSON_MAX = 4096 };

/* False says which word is missing, unknown, or out of its form. */
bool order_json_read(const struct city_call *call, struct city_order *ret, struct err *err);

/* Appends what is said of an order at this time. */
void order_json_reply(const char *id, const struct platform_said *said, utc_ms at,
                      struct text *out);

#endif
