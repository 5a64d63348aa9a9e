/* The event streams. See events.h. */
#include "daemon/serve/events.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/serve/health.h"

enum {
    TICK_MS = 2000,
    ROOM = 16 * 1024,    /* of a client's outgoing text, beside the two longest events: */
    ROOM_PER_ZONE = 512, /* a lot's vacancy, with all zones, */
    ROOM_PER_LINK = 512  /* and the status, with all buses and uplinks */
};

enum topic {
    TOPIC_STATUS,
    TOPIC_VACANCY,
    TOPIC_LANE,
    TOPIC_UPLINK,
    TOPIC_BUS,
    TOPIC_DEVICE,
    TOPIC_BAY,
    TOPICS
};

/* In the order in which they are sent. */
static const struct {
    const char *event;
    live_write_fn *write;
} topics[TOPICS] = {
    [TOPIC_STATUS] = {"status", health_write_status},
    [TOPIC_VACANCY] = {"vacancy", live_vacancy},
    [TOPIC_LANE] = {"lane", live_lane},
    [TOPIC_UPLINK] = {"uplink", live_uplink},
    [TOPIC_BUS] = {"bus", live_bus},
    [TOPIC_DEVICE] = {"device", live_device},
    [TOPIC_BAY] = {"bay", live_bay},
};

/* Which things of one topic have changed; looked through from `cursor` round, so that those at the
 * front cannot starve those behind them. */
struct changes {
    uint64_t *bits;
    uint32_t count, set, cursor;
};

struct client {
    struct http_exchange *exchange; /* NULL: place is free */
    struct events *events;
    struct changes changes[TOPICS];
    struct text out;
    size_t sent; /* of `out` */
};

struct events {
    const struct live *live;
    struct loop_timer *timer;
    struct uplink_status *uplinks; /* as last told */
    struct bus_stats *buses;       /* likewise */
    struct client clients[EVENTS_CLIENTS_MAX];
    uint32_t open;
};

static void tick(void *arg);

struct events *events_create(struct loop *loop, const struct live *live)
{
    struct events *events = memory_new(1, sizeof *events);

    events->live = live;
    events->uplinks = memory_new(live->source.uplinks_count + 1, sizeof *events->uplinks);
    events->buses = memory_new(live->source.buses_count + 1, sizeof *events->buses);
    events->timer = loop_timer(loop, tick, events);
    return events;
}

static void client_release(struct client *client)
{
    for (int t = 0; t < TOPICS; t++)
        free(client->changes[t].bits);
    free(client->out.bytes);
    memset(client, 0, sizeof *client);
}

void events_destroy(struct events *events)
{
    if (!events)
        return;
    for (size_t i = 0; i < EVENTS_CLIENTS_MAX; i++)
        client_release(&events->clients[i]);
    loop_timer_destroy(events->timer);
    free(events->buses);
    free(events->uplinks);
    free(events);
}

static void changes_init(struct changes *changes, uint32_t count, bool all)
{
    changes->bits = memory_new(count / 64 + 1, sizeof *changes->bits);
    changes->count = count;
    if (!all)
        return;
    for (uint32_t i = 0; i < count; i++)
        changes->bits[i / 64] |= UINT64_C(1) << i % 64;
    changes->set = count;
}

static void changes_add(struct changes *changes, uint32_t index)
{
    uint64_t bit = UINT64_C(1) << index % 64;

    changes->set += !(changes->bits[index / 64] & bit);
    changes->bits[index / 64] |= bit;
}

static void changes_remove(struct changes *changes, uint32_t index)
{
    changes->bits[index / 64] &= ~(UINT64_C(1) << index % 64);
    changes->set--;
}

/* The next that has changed, at or after the cursor, round the end; there is one. */
static uint32_t changes_next(struct changes *changes)
{
    uint32_t i = changes->cursor < changes->count ? changes->cursor : 0;

    for (;;) {
        if (i % 64 == 0 && changes->bits[i / 64] == 0)
            i += 64;
        else if (changes->bits[i / 64] >> i % 64 & 1)
            return i;
        else
            i++;
        if (i >= changes->count)
            i = 0;
    }
}

/* False, with `out` as before, when the event does not fit. */
static bool write_event(struct client *client, enum topic topic, uint32_t index, struct now now)
{
    struct text *out = &client->out;
    size_t before = out->used;

    text_add(out, "event: %s\ndata: ", topics[topic].event);
    topics[topic].write(client->events->live, now, index, out);
    text_add(out, "\n\n");
    if (!out->overflow)
        return true;
    out->used = before;
    out->bytes[before] = '\0';
    out->overflow = false;
    return false;
}

static void refill(struct client *client)
{
    const struct serve_source *source = &client->events->live->source;
    struct now now = source->now(source->arg);

    text_init(&client->out, client->out.bytes, client->out.size);
    client->sent = 0;
    for (int t = 0; t < TOPICS; t++) {
        struct changes *changes = &client->changes[t];

        while (changes->set > 0) {
            uint32_t index = changes_next(changes);

            if (!write_event(client, (enum topic)t, index, now))
                return;
            changes_remove(changes, index);
            changes->cursor = index + 1;
        }
    }
}

static ssize_t fill(void *arg, char *bytes, size_t size)
{
    struct client *client = arg;

    if (client->sent == client->out.used)
        refill(client);
    size_t left = client->out.used - client->sent;
    size_t part = left < size ? left : size;
    memcpy(bytes, client->out.bytes + client->sent, part);
    client->sent += part;
    return (ssize_t)part;
}

bool events_open(struct events *events, struct http_exchange *exchange, bool snapshot)
{
    const struct serve_source *source = &events->live->source;
    const uint32_t counts[TOPICS] = {[TOPIC_STATUS] = 1,
                                     [TOPIC_VACANCY] = source->plan->lots_count,
                                     [TOPIC_LANE] = source->lane ? source->plan->lanes_count : 0,
                                     [TOPIC_UPLINK] = source->uplinks_count,
                                     [TOPIC_BUS] = source->buses_count,
                                     [TOPIC_DEVICE] = source->plan->devices_count,
                                     [TOPIC_BAY] = source->plan->bays_count};
    struct client *client = events->clients;
    size_t room = ROOM + (size_t)ROOM_PER_ZONE * source->plan->zones_count +
                  (size_t)ROOM_PER_LINK * (source->buses_count + source->uplinks_count);

    if (events->open == EVENTS_CLIENTS_MAX)
        return false;
    while (client->exchange)
        client++;
    client->exchange = exchange;
    client->events = events;
    for (int t = 0; t < TOPICS; t++)
        changes_init(&client->changes[t], counts[t], snapshot || t == TOPIC_STATUS);
    text_init(&client->out, memory_new(1, room), room);
    if (events->open++ == 0)
        tick(events);
    http_exchange_stream(exchange, "text/event-stream", fill, client);
    return true;
}

void events_closed(struct events *events, struct http_exchange *exchange)
{
    for (size_t i = 0; i < EVENTS_CLIENTS_MAX; i++) {
        if (events->clients[i].exchange != exchange)
            continue;
        client_release(&events->clients[i]);
        if (--events->open == 0)
            loop_timer_stop(events->timer);
    }
}

static void tell(struct events *events, enum topic topic, uint32_t index)
{
    for (size_t i = 0; events->open > 0 && i < EVENTS_CLIENTS_MAX; i++) {
        struct client *client = &events->clients[i];

        if (!client->exchange)
            continue;
        changes_add(&client->changes[topic], index);
        http_exchange_wake(client->exchange);
    }
}

void events_bay(struct events *events, uint32_t bay)
{
    const struct site_plan *plan = events->live->source.plan;

    tell(events, TOPIC_BAY, bay);
    tell(events, TOPIC_VACANCY, plan->zones[plan->bays[bay].zone].lot);
}

void events_lot(struct events *events, uint32_t lot)
{
    tell(events, TOPIC_VACANCY, lot);
}

void events_lane(struct events *events, uint32_t lane)
{
    tell(events, TOPIC_LANE, lane);
}

void events_device(struct events *events, uint32_t device)
{
    tell(events, TOPIC_DEVICE, device);
}

/* Links are looked at, because nobody tells of them. */
static void look_at_uplinks(struct events *events)
{
    const struct serve_source *source = &events->live->source;

    for (uint32_t u = 0; u < source->uplinks_count; u++) {
        struct uplink_status *old = &events->uplinks[u], new;

        source->uplink(source->arg, u, &new);
        if (old->connected != new.connected || old->delivered != new.delivered ||
            old->pending != new.pending || old->dead != new.dead ||
            strcmp(old->trouble, new.trouble) != 0)
            tell(events, TOPIC_UPLINK, u);
        *old = new;
    }
}

static void look_at_buses(struct events *events)
{
    const struct serve_source *source = &events->live->source;

    for (uint32_t b = 0; b < source->buses_count; b++) {
        struct bus_stats *old = &events->buses[b], new;

        source->bus(source->arg, b, &new);
        if (old->open != new.open || strcmp(old->trouble, new.trouble) != 0)
            tell(events, TOPIC_BUS, b);
        *old = new;
    }
}

static void tick(void *arg)
{
    struct events *events = arg;

    look_at_uplinks(events);
    look_at_buses(events);
    tell(events, TOPIC_STATUS, 0);
    loop_timer_after(events->timer, TICK_MS);
}
