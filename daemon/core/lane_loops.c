/*
 * The loops of a lane: edges without chatter, in the order in which they came, and their health
 * (notes of the field: stuck on, stuck off, chatter, crosstalk). A loop that is not believed is as
 * good as not wired for what is decided and counted; for safety it still counts. Pure.
 */
#include "daemon/core/lane_inside.h"

enum {
    CHATTER_LIMIT = 10, /* short pulses within the window */
    CHATTER_WINDOW_MS = 60000,
    TOGETHER_MS = 60, /* two loops that rise so near each other see one and the same thing */
    TOGETHER_LIMIT = 3,
    READS_ALONE = 3,
    ECHOES = 4
};

static const unsigned wiring[LANE_LOOPS] = {LANE_HAS_PRESENCE, LANE_HAS_CLOSING};

bool lane_loops_believed(const struct lane *lane, int loop)
{
    return lane->loops[loop].wired && !lane->loops[loop].suspect;
}

bool lane_loops_noisy(const struct lane *lane)
{
    return lane->loops[LANE_ON_PRESENCE].noisy || lane->loops[LANE_ON_CLOSING].noisy;
}

bool lane_loops_under(const struct lane *lane)
{
    return lane->loops[LANE_ON_CLOSING].raw || lane->loops[LANE_ON_CLOSING].on;
}

void lane_loops_doubt(struct lane *lane, int loop, const char *why)
{
    lane->loops[loop].suspect = true;
    lane->loops[loop].why = why;
}

static bool due(const struct lane *lane, int loop, struct now now)
{
    const struct lane_loop *l = &lane->loops[loop];

    return l->raw != l->on && now.mono.ms - l->raw_since.ms >= lane->is->times.chatter;
}

/* Of two edges at one moment: as a vehicle makes them that drives the lane's way. */
static int first_due(const struct lane *lane, struct now now)
{
    const struct lane_loop *p = &lane->loops[LANE_ON_PRESENCE];
    const struct lane_loop *c = &lane->loops[LANE_ON_CLOSING];
    bool p_due = due(lane, LANE_ON_PRESENCE, now), c_due = due(lane, LANE_ON_CLOSING, now);

    if (p_due && c_due && c->raw_since.ms < p->raw_since.ms)
        return LANE_ON_CLOSING;
    if (p_due && c_due && c->raw_since.ms == p->raw_since.ms && c->raw && !p->raw)
        return LANE_ON_CLOSING;
    return p_due ? LANE_ON_PRESENCE : c_due ? LANE_ON_CLOSING : LANE_LOOPS;
}

/* A stuck or dead loop that moves again is believed again. */
static void heal(struct lane *lane, int loop)
{
    struct lane_loop *l = &lane->loops[loop];

    if (l->shorts >= CHATTER_LIMIT || l->echoes >= ECHOES ||
        (loop == LANE_ON_CLOSING && lane->together >= TOGETHER_LIMIT))
        return;
    l->suspect = false;
    l->why = NULL;
}

static void crosstalk(struct lane *lane, int loop)
{
    const struct lane_loop *p = &lane->loops[LANE_ON_PRESENCE];
    const struct lane_loop *c = &lane->loops[LANE_ON_CLOSING];
    int64_t apart_ms = c->changed.ms - p->changed.ms;

    if (loop != LANE_ON_CLOSING || !c->on || !p->on || !lane_watch_closed(lane))
        return;
    lane->together = apart_ms > -TOGETHER_MS && apart_ms < TOGETHER_MS ? lane->together + 1 : 0;
    if (lane->together >= TOGETHER_LIMIT)
        lane_loops_doubt(lane, LANE_ON_CLOSING, "closing loop follows the presence loop");
}

/* Only the loop had told of a vehicle that was not read. */
static void never_there(struct lane *lane)
{
    if (lane->front.vehicle.id[0] && !lane->front.vehicle.has_read)
        lane_vehicle_forget(lane, false);
}

static void rises(struct lane *lane, int loop)
{
    struct lane_loop *l = &lane->loops[loop];

    if (!l->echoed)
        l->echoes = 0;
    l->echoed = false;
    if (lane->hooks.rose)
        lane->hooks.rose(lane->hooks.arg, lane->index, wiring[loop], l->changed);
}

void lane_echoes(struct lane *lane, unsigned loop)
{
    static const char *const why[LANE_LOOPS] = {
        "presence loop follows a loop of another lane; look at its detector",
        "closing loop follows a loop of another lane; look at its detector"};

    for (int i = 0; i < LANE_LOOPS; i++) {
        struct lane_loop *l = &lane->loops[i];
        if (wiring[i] != loop || l->echoed)
            continue;
        l->echoed = true;
        if (++l->echoes < ECHOES)
            continue;
        lane_loops_doubt(lane, i, why[i]);
        if (i == LANE_ON_PRESENCE)
            never_there(lane);
    }
}

void lane_loops_seen(struct lane *lane)
{
    for (int i = 0; i < LANE_LOOPS; i++) {
        lane->loops[i].echoed = false;
        lane->loops[i].echoes = 0;
    }
}

void lane_loops_settle(struct lane *lane, struct now now)
{
    for (int loop; (loop = first_due(lane, now)) != LANE_LOOPS;) {
        struct lane_loop *l = &lane->loops[loop];
        int64_t ago_ms = now.mono.ms - l->raw_since.ms;
        struct now at = {l->raw_since, {now.utc.ms - ago_ms}};

        bool was_suspect = l->suspect;
        l->on = l->raw;
        l->changed = l->raw_since;
        if (l->on)
            rises(lane, loop);
        crosstalk(lane, loop);
        if (was_suspect)
            heal(lane, loop);
        if (was_suspect && loop == LANE_ON_CLOSING && !l->on)
            lane_step_fire(lane, LANE_BACKED, now); /* it was stuck: nobody's trailing edge */
        else if (!l->suspect || l->echoes < ECHOES)
            lane_passage_edge(lane, loop, at, now);
    }
}

static void feed(struct lane *lane, int loop, bool raw, struct now now)
{
    struct lane_loop *l = &lane->loops[loop];

    if (now.mono.ms - l->shorts_from.ms > CHATTER_WINDOW_MS) {
        l->noisy = l->shorts >= CHATTER_LIMIT;
        l->shorts_from = now.mono;
        l->shorts = 0;
    }
    if (raw == l->raw)
        return;
    if (raw == l->on && ++l->shorts >= CHATTER_LIMIT)
        l->noisy = true;
    l->raw = raw;
    l->raw_since = now.mono;
}

void lane_loops_feed(struct lane *lane, const struct boom *barrier, struct now now)
{
    unsigned wired = barrier->wired, inputs = barrier->inputs & wired;
    unsigned closing = BOOM_CLOSING_LOOP | BOOM_PHOTOCELL;
    struct lane_loop *p = &lane->loops[LANE_ON_PRESENCE], *c = &lane->loops[LANE_ON_CLOSING];

    lane_loops_settle(lane, now);
    p->wired = (lane->is->wiring & LANE_HAS_PRESENCE) && (wired & BOOM_PRESENCE);
    c->wired = (lane->is->wiring & LANE_HAS_CLOSING) && (wired & closing);
    feed(lane, LANE_ON_PRESENCE, p->wired && (inputs & BOOM_PRESENCE), now);
    feed(lane, LANE_ON_CLOSING, c->wired && (inputs & closing), now);
    if (lane->silent_start) {
        p->on = p->raw;
        c->on = c->raw;
        p->raw_since = p->changed = c->raw_since = c->changed = now.mono;
        lane->silent_start = false;
        lane_passage_seen_first(lane, now);
    }
    if (p->raw || c->raw)
        lane->clear_since = MONO_NEVER;
    else if (lane->clear_since.ms == MONO_NEVER.ms)
        lane->clear_since = now.mono;
}

/* Stuck on, with the boom down: nothing can stand under it, and nobody waits so long. */
static mono_ms stuck_at(const struct lane *lane, int loop)
{
    const struct lane_loop *l = &lane->loops[loop];
    bool down = lane_watch_closed(lane) || !(lane->is->wiring & LANE_HAS_LIMITS);

    if (!l->wired || !l->on || l->suspect || !down)
        return MONO_NEVER;
    return mono_after(l->changed, lane->is->times.loop_stuck);
}

void lane_loops_judge(struct lane *lane, struct now now)
{
    if (mono_reached(now.mono, stuck_at(lane, LANE_ON_CLOSING)))
        lane_passage_distrust(lane, now);
    if (!mono_reached(now.mono, stuck_at(lane, LANE_ON_PRESENCE)))
        return;
    lane_loops_doubt(lane, LANE_ON_PRESENCE, "presence loop stuck on");
    never_there(lane);
}

mono_ms lane_loops_next(const struct lane *lane)
{
    mono_ms next = MONO_NEVER;

    for (int i = 0; i < LANE_LOOPS; i++) {
        const struct lane_loop *l = &lane->loops[i];
        if (l->raw != l->on)
            next = mono_earlier(next, mono_after(l->raw_since, lane->is->times.chatter));
        next = mono_earlier(next, stuck_at(lane, i));
    }
    return next;
}

/* Reads, and never anything on the presence loop: it sees nothing. While nobody hears of the loops
 * that says nothing of them. */
void lane_loops_read_alone(struct lane *lane)
{
    if (lane->heard && lane_loops_believed(lane, LANE_ON_PRESENCE) &&
        ++lane->reads_alone >= READS_ALONE)
        lane_loops_doubt(lane, LANE_ON_PRESENCE, "presence loop sees nothing");
}
