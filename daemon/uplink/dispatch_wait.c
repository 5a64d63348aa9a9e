/*
 * Waiting for a platform that does not take what it is sent: longer and longer, each kind of
 * business for itself. Rules 6 and 8 of dispatch.h.
 */
#include "daemon/core/backoff.h"
#include "daemon/core/random.h"
#include "daemon/uplink/dispatch_inside.h"

enum {
    BACKOFF_MS = 1000,
    BACKOFF_FLOOR_MS = 100,
    PROBE_MS = 4000, /* rule 8: with an answer that times out, within the 10 s that cities ask */
    AWAY = 3         /* failures in a row: it is no single answer that was lost */
};

bool dispatch_may(const struct dispatch *dispatch, enum dispatch_lane lane, mono_ms now)
{
    return mono_reached(now, dispatch->lanes[lane].not_before);
}

static void begin(struct dispatch *dispatch, enum dispatch_lane lane, int64_t delay_ms, mono_ms now)
{
    struct lane_state *state = &dispatch->lanes[lane];

    state->not_before = mono_after(now, delay_ms);
    state->since = now;
    state->known = outbox_newest(dispatch->setup.outbox);
    state->silent = dispatch->silent;
}

void dispatch_wait(struct dispatch *dispatch, enum dispatch_lane lane, int64_t floor_ms,
                   mono_ms now)
{
    struct lane_state *state = &dispatch->lanes[lane];

    if (!mono_reached(now, state->not_before) && !state->probing)
        return; /* another answer of the same moment */
    int64_t least_ms = floor_ms > BACKOFF_FLOOR_MS ? floor_ms : BACKOFF_FLOOR_MS;
    /* One lost answer is no outage. */
    int64_t delay_ms =
        state->failures++ == 0 && floor_ms <= 0
            ? least_ms
            : backoff_after_ms(least_ms, BACKOFF_MS, dispatch->setup.settings->backoff_max_ms,
                               state->failures - 2, random_next(&dispatch->setup.seed));
    begin(dispatch, lane, delay_ms, now);
    state->asked = floor_ms > 0;
    state->probing = false;
    if (lane == LANE_OF_RECORDS && state->failures >= AWAY)
        outbox_open(dispatch->setup.outbox, false);
}

void dispatch_stop(struct dispatch *dispatch, enum dispatch_lane lane, mono_ms now)
{
    begin(dispatch, lane, dispatch->setup.settings->backoff_max_ms, now);
    dispatch->lanes[lane].asked = true;
    dispatch->lanes[lane].probing = false;
    if (lane == LANE_OF_RECORDS)
        outbox_open(dispatch->setup.outbox, false);
}

void dispatch_well(struct dispatch *dispatch, enum dispatch_lane lane)
{
    struct lane_state *state = &dispatch->lanes[lane];

    if (state->probing)
        state->not_before = state->since;
    state->failures = 0;
    state->probing = false;
    if (lane == LANE_OF_RECORDS)
        outbox_open(dispatch->setup.outbox, true);
    dispatch->setup.hooks.say(dispatch->setup.hooks.arg, lane, "");
}

void dispatch_wait_is_over(struct dispatch *dispatch, mono_ms now)
{
    for (int lane = 0; lane < DISPATCH_LANES; lane++) {
        struct lane_state *state = &dispatch->lanes[lane];

        if (!mono_reached(now, state->not_before) && state->silent && !state->asked)
            state->not_before = now;
    }
}

static bool has_news(const struct dispatch *dispatch)
{
    const struct lane_state *state = &dispatch->lanes[LANE_OF_RECORDS];

    return !state->asked && outbox_newest(dispatch->setup.outbox) > state->known;
}

static bool all_quiet(const struct dispatch *dispatch)
{
    for (int i = 0; i < DISPATCH_FLIGHTS; i++)
        if (dispatch->flights[i].under_way)
            return false;
    return true;
}

bool dispatch_may_send(const struct dispatch *dispatch, mono_ms now, bool *ret_probing)
{
    const struct lane_state *state = &dispatch->lanes[LANE_OF_RECORDS];
    bool may = dispatch_may(dispatch, LANE_OF_RECORDS, now);

    *ret_probing = !may && !state->probing && has_news(dispatch) &&
                   mono_reached(now, mono_after(state->since, PROBE_MS));
    if (!may && !*ret_probing)
        return false;
    return (may && state->failures < AWAY) || all_quiet(dispatch);
}

mono_ms dispatch_wait_next(const struct dispatch *dispatch, enum dispatch_lane lane, mono_ms now)
{
    const struct lane_state *state = &dispatch->lanes[lane];
    mono_ms probe = mono_after(state->since, PROBE_MS);

    if (lane != LANE_OF_RECORDS || state->probing || !has_news(dispatch) ||
        mono_reached(now, probe))
        return state->not_before;
    return mono_earlier(state->not_before, probe);
}
