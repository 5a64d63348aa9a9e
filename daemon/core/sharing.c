/*
 * Off-peak sharing of bays. Windows are evaluated anew each time; what is remembered is only what
 * was told, so that each event is told once, also after a restart. Loop's thread.
 */
#include "daemon/core/sharing.h"

#include <stdlib.h>

#include "daemon/base/memory.h"
#include "daemon/core/lot_hours.h"

enum { MINUTE_MS = 60000 };

/* What was told of one lot. */
struct told {
    bool open, closing, short_of;
};

struct sharing {
    const struct site_plan *plan;
    const struct civil_zone *zone;
    struct told *lots;
};

void sharing_evaluate(const struct lot_policy *policy, const struct civil_zone *zone, utc_ms at,
                      struct sharing_now *ret)
{
    const struct tariff_calendar *calendar = policy->tariff ? policy->tariff->calendar : NULL;
    struct lot_day day = lot_hours_day(zone, calendar, at);
    int64_t minute_ms = at.ms - (at.ms % MINUTE_MS + MINUTE_MS) % MINUTE_MS;

    *ret = (struct sharing_now){.closing = true};
    for (uint32_t i = 0; i < policy->sharing_count; i++) {
        const struct lot_sharing *window = &policy->sharing[i];
        int32_t left_min = lot_hours_left(&window->hours, &day);
        int64_t until_ms = minute_ms + (int64_t)left_min * MINUTE_MS;

        if (left_min == 0)
            continue;
        ret->open = true;
        ret->closing = ret->closing && left_min <= window->closing_min;
        ret->promised += window->bays;
        if (until_ms > ret->until.ms)
            ret->until.ms = until_ms;
    }
    ret->closing = ret->closing && ret->open;
}

/* Of the open windows: bays that are promised and in service, each zone by itself. */
static uint32_t available(const struct sharing *sharing, uint32_t lot, const uint32_t *in_service,
                          utc_ms at)
{
    const struct site_plan *plan = sharing->plan;
    const struct lot_policy *policy = &plan->lots[lot].policy;
    const struct tariff_calendar *calendar = policy->tariff ? policy->tariff->calendar : NULL;
    struct lot_day day = lot_hours_day(sharing->zone, calendar, at);
    uint32_t sum = 0;

    for (uint32_t i = 0; i < policy->sharing_count; i++) {
        const struct lot_sharing *window = &policy->sharing[i];
        uint32_t there = 0;

        if (lot_hours_left(&window->hours, &day) == 0)
            continue;
        for (uint32_t zone = 0; zone < plan->zones_count; zone++)
            if (plan->zones[zone].lot == lot && (window->zone == PLAN_NONE || window->zone == zone))
                there += in_service[zone];
        sum += there < window->bays ? there : window->bays;
    }
    return sum;
}

struct sharing *sharing_create(const struct site_plan *plan, const struct civil_zone *zone)
{
    struct sharing *sharing = memory_new(1, sizeof *sharing);

    sharing->plan = plan;
    sharing->zone = zone;
    sharing->lots = memory_new(plan->lots_count + 1, sizeof *sharing->lots);
    return sharing;
}

void sharing_destroy(struct sharing *sharing)
{
    if (!sharing)
        return;
    free(sharing->lots);
    free(sharing);
}

void sharing_apply(struct sharing *sharing, const struct record *record)
{
    if (record->kind != RECORD_SHARING)
        return;
    struct told *told = &sharing->lots[record->sharing.lot];

    switch (record->sharing.event) {
    case SHARING_OPENED:
        *told = (struct told){.open = true};
        break;
    case SHARING_CLOSED:
        *told = (struct told){0};
        break;
    case SHARING_CLOSING:
        told->closing = true;
        break;
    case SHARING_SHORT:
        told->short_of = true;
        break;
    default: /* an overstay is the stay's own */
        break;
    }
}

/* What is under way for one lot. */
struct visit {
    struct sharing *sharing;
    struct stays *stays;
    uint32_t lot;
    struct record record; /* without its event */
    struct record_sink out;
};

static void tell(struct visit *visit, enum sharing_event event)
{
    visit->record.sharing.event = event;
    visit->out.put(visit->out.arg, &visit->record);
    sharing_apply(visit->sharing, &visit->record);
    stays_apply(visit->stays, &visit->record);
}

static bool mark(void *arg, const struct stay *stay)
{
    struct visit *visit = arg;

    if (stay->closed || stay->lot != visit->lot || stay->kind != STAY_SHARED || stay->overstayed)
        return true;
    text_copy(visit->record.sharing.stay, IDENT_SIZE, stay->id);
    tell(visit, SHARING_OVERSTAY);
    visit->record.sharing.stay[0] = '\0';
    return true;
}

static void look(struct visit *visit, const struct sharing_now *now, uint32_t open)
{
    const struct told *told = &visit->sharing->lots[visit->lot];

    if (now->open && !told->open)
        tell(visit, SHARING_OPENED);
    if (now->closing && !told->closing)
        tell(visit, SHARING_CLOSING);
    if (now->open && open < now->promised && !told->short_of)
        tell(visit, SHARING_SHORT);
    if (!now->open && told->open)
        tell(visit, SHARING_CLOSED);
    if (!now->open && stays_of_kind(visit->stays, visit->lot, STAY_SHARED) > 0)
        stays_each(visit->stays, mark, visit);
}

void sharing_tick(struct sharing *sharing, struct stays *stays, const uint32_t *in_service,
                  utc_ms at, struct record_sink out)
{
    for (uint32_t lot = 0; lot < sharing->plan->lots_count; lot++) {
        struct sharing_now now;

        if (sharing->plan->lots[lot].policy.sharing_count == 0)
            continue;
        sharing_evaluate(&sharing->plan->lots[lot].policy, sharing->zone, at, &now);
        uint32_t open = available(sharing, lot, in_service, at);
        struct visit visit = {.sharing = sharing,
                              .stays = stays,
                              .lot = lot,
                              .out = out,
                              .record = {.kind = RECORD_SHARING,
                                         .at = at,
                                         .sharing = {.lot = lot,
                                                     .zone = PLAN_NONE,
                                                     .promised = now.promised,
                                                     .open = open,
                                                     .until = now.until}}};
        look(&visit, &now, open);
    }
}

int64_t sharing_free(const struct sharing *sharing, const struct stays *stays, uint32_t lot,
                     const uint32_t *in_service, utc_ms at, bool *ret_closing)
{
    struct sharing_now now;

    sharing_evaluate(&sharing->plan->lots[lot].policy, sharing->zone, at, &now);
    *ret_closing = now.closing;
    if (!now.open)
        return -1;
    int64_t left = (int64_t)available(sharing, lot, in_service, at) -
                   (int64_t)stays_of_kind(stays, lot, STAY_SHARED);
    return left > 0 ? left : 0;
}
