/*
 * The streams of /api/v1/events. What a client is owed is not a queue of messages but a set of
 * things that have changed since it was last told, so its memory is fixed when it opens, and a slow
 * client gets fewer, newer states. One that takes nothing at all for the server's idle time is cut
 * off and may come again. Vacancy goes first: it is never behind a backlog of bays.
 *
 * Events: "status" (every TICK_MS, and so the heartbeat), "vacancy", "lane", "uplink", "bus",
 * "device", "bay"; the data are the objects of the API.
 */
#ifndef SERVE_EVENTS_H
#define SERVE_EVENTS_H

#include "daemon/serve/http.h"
#include "daemon/serve/live.h"

struct events;

enum { EVENTS_CLIENTS_MAX = 24 };

struct events *events_create(struct loop *loop, const struct live *live); /* borrows both */
void events_destroy(struct events *events); /* after the servers; takes NULL */

/* Answers the exchange with a stream, which begins with everything if `snapshot`. False when there
 * are EVENTS_CLIENTS_MAX already: nothing has been answered. */
bool events_open(struct events *events, struct http_exchange *exchange, bool snapshot);
void events_closed(struct events *events, struct http_exchange *exchange); /* also if not ours */

void events_bay(struct events *events, uint32_t bay); /* and the vacancy of its lot */
void events_lot(struct events *events, uint32_t lot);
void events_lane(struct events *events, uint32_t lane);
void events_device(struct events *events, uint32_t device);

#endif
