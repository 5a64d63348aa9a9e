/* The rules of counter.h. Pure; runs where its caller runs. */
#include "daemon/core/counter.h"

#include <assert.h>

#include "daemon/core/sensor.h"

void counter_init(struct counter *counter, enum counter_way way, bool pair)
{
    assert(pair || way != COUNTER_BOTH);
    *counter = (struct counter){.way = way, .pair = pair};
}

void counter_restore(struct counter *counter, uint32_t side, uint32_t count)
{
    counter->sides[side].known = true;
    counter->sides[side].count = count;
}

/* C1 to C4: takes the report in; what passed is added to what waits. */
static void take(struct counter_side *side, const struct counter_report *report)
{
    uint32_t vehicles = 0;

    if (report->reset) {
        vehicles = report->count;
        side->quality = COUNTER_RESET;
    } else if (side->known) {
        vehicles = sensor_count_delta(side->count, report->count);
        if (report->missed && side->quality == COUNTER_EXACT)
            side->quality = COUNTER_GAP;
    }
    side->known = true;
    side->count = report->count;
    if (!vehicles)
        return;
    if (report->missed) /* C5 */
        vehicles -= side->told_for < vehicles ? side->told_for : vehicles;
    side->told_for = 0;
    if (!vehicles)
        return;
    if (!side->counted)
        side->at = report->at;
    side->counted = true;
    side->vehicles += vehicles;
}

/* C6 */
static enum counter_way way_of(const struct counter *counter)
{
    const struct counter_side *front = &counter->sides[0], *back = &counter->sides[1];

    if (counter->way != COUNTER_BOTH)
        return counter->way;
    if (!front->counted || !back->counted || front->at.utc.ms == back->at.utc.ms)
        return COUNTER_BOTH;
    return front->at.utc.ms < back->at.utc.ms ? COUNTER_IN : COUNTER_OUT;
}

static bool tell(struct counter *counter, struct counter_passage *ret)
{
    struct counter_side *front = &counter->sides[0], *back = &counter->sides[1];
    const struct counter_side *larger = back->vehicles > front->vehicles ? back : front;
    const struct counter_side *last =
        back->counted && (!front->counted || back->at.utc.ms > front->at.utc.ms) ? back : front;

    *ret = (struct counter_passage){.way = way_of(counter),
                                    .quality = larger->quality,
                                    .vehicles = larger->vehicles,
                                    .at = last->at};
    for (uint32_t i = 0; i <= counter->pair; i++) {
        struct counter_side *side = &counter->sides[i];
        side->misses += !side->counted;
        side->told_for += side->counted ? 0 : ret->vehicles;
        side->counted = false;
        side->vehicles = 0;
        if (side == larger)
            side->quality = COUNTER_EXACT;
    }
    return true;
}

bool counter_hear(struct counter *counter, uint32_t side, const struct counter_report *report,
                  struct counter_passage *ret)
{
    assert(side <= counter->pair);
    take(&counter->sides[side], report);
    for (uint32_t i = 0; i <= counter->pair; i++)
        if (!counter->sides[i].counted)
            return false;
    return tell(counter, ret);
}

bool counter_tick(struct counter *counter, mono_ms now, struct counter_passage *ret)
{
    for (uint32_t i = 0; i <= counter->pair; i++)
        if (counter->sides[i].counted &&
            mono_reached(now, mono_after(counter->sides[i].at.mono, COUNTER_PAIR_MS)))
            return tell(counter, ret);
    return false;
}

const char *counter_quality_name(enum counter_quality quality)
{
    static const char *const names[COUNTER_QUALITIES] = {
        [COUNTER_EXACT] = "exact", [COUNTER_GAP] = "gap", [COUNTER_RESET] = "reset"};

    assert(quality < COUNTER_QUALITIES);
    return names[quality];
}
