/* A ring of orders, the oldest forgotten first. See asked.h. */
#include "daemon/core/asked.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"

struct order {
    char uplink[RECORD_WORD];
    char id[sizeof((struct record_platform *)0)->id]; /* empty: no order */
    char lane[RECORD_WORD];                           /* that it opened; empty: none */
    struct asked_verdict verdict;
    utc_ms at;
};

struct asked {
    struct order orders[ASKED_MAX];
    uint32_t next;
};

struct asked *asked_create(void)
{
    return memory_new(1, sizeof(struct asked));
}

void asked_destroy(struct asked *asked)
{
    free(asked);
}

static bool opens(const struct record_platform *r)
{
    return r->verdict == PLATFORM_DONE && (r->act == PLATFORM_OPEN || r->act == PLATFORM_HOLD);
}

void asked_apply(struct asked *asked, const struct record *record, uint64_t seq)
{
    const struct record_platform *r = &record->platform;
    struct order *order = &asked->orders[asked->next];

    if (record->kind != RECORD_PLATFORM || !*r->id)
        return;
    asked->next = (asked->next + 1) % ASKED_MAX;
    *order = (struct order){.verdict = {.verdict = r->verdict, .seq = seq}, .at = record->at};
    text_copy(order->uplink, sizeof order->uplink, r->uplink);
    text_copy(order->id, sizeof order->id, r->id);
    text_copy(order->lane, sizeof order->lane, opens(r) ? r->subject : "");
    text_copy(order->verdict.reason, sizeof order->verdict.reason, r->reason);
}

static const struct order *find(const struct asked *asked, const char *uplink, const char *id)
{
    for (uint32_t i = 0; i < ASKED_MAX && *asked->orders[i].id; i++)
        if (strcmp(asked->orders[i].id, id) == 0 && strcmp(asked->orders[i].uplink, uplink) == 0)
            return &asked->orders[i];
    return NULL;
}

void asked_kept(struct asked *asked, const struct record *record, uint64_t seq)
{
    const struct record_platform *r = &record->platform;
    const struct order *order =
        record->kind == RECORD_PLATFORM ? find(asked, r->uplink, r->id) : NULL;

    if (order)
        asked->orders[order - asked->orders].verdict.seq = seq;
}

bool asked_before(const struct asked *asked, const char *uplink, const char *id,
                  struct asked_verdict *ret)
{
    const struct order *order = find(asked, uplink, id);

    if (order)
        *ret = order->verdict;
    return order != NULL;
}

static bool within(const struct order *order, utc_ms since, utc_ms now)
{
    return order->at.ms > since.ms && order->at.ms <= now.ms;
}

uint32_t asked_orders(const struct asked *asked, const char *uplink, utc_ms since, utc_ms now)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < ASKED_MAX && *asked->orders[i].id; i++)
        count +=
            within(&asked->orders[i], since, now) && strcmp(asked->orders[i].uplink, uplink) == 0;
    return count;
}

uint32_t asked_openings(const struct asked *asked, const char *lane, utc_ms since, utc_ms now)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < ASKED_MAX && *asked->orders[i].id; i++)
        count += within(&asked->orders[i], since, now) && strcmp(asked->orders[i].lane, lane) == 0;
    return count;
}
