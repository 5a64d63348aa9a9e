/* Slots, the platform's clock, heartbeats and vacancy. See dispatch.h for the numbered rules. */
#include "daemon/uplink/dispatch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/uplink/dispatch_day.h"

enum {
    BEAT_AGAIN_MAX_MS = 15000, /* a heartbeat that failed is tried again within this */
    REASON_SIZE = 400
};

static void say(struct dispatch *dispatch, enum dispatch_lane lane, const char *reason)
{
    dispatch->setup.hooks.say(dispatch->setup.hooks.arg, lane, reason);
}

void dispatch_unsaid(struct adapter_request *request)
{
    text_init(&request->target, request->target.bytes, request->target.size);
    text_init(&request->headers, request->headers.bytes, request->headers.size);
    text_init(&request->body, request->body.bytes, request->body.size);
}

/* ---- contexts ---- */

const struct uplink_lot *dispatch_lot(const struct dispatch *dispatch, uint32_t lot)
{
    const struct uplink_settings *settings = dispatch->setup.settings;

    for (uint32_t i = 0; i < settings->lots_count; i++)
        if (settings->lots[i].lot == lot)
            return &settings->lots[i];
    return NULL;
}

struct adapter_context dispatch_context(struct dispatch *dispatch, const struct uplink_lot *lot,
                                        struct now now)
{
    const struct dispatch_setup *setup = &dispatch->setup;

    if (lot)
        setup->hooks.counts(setup->hooks.arg, lot->lot, &dispatch->counts[lot->lot]);
    return (struct adapter_context){
        .plan = setup->plan,
        .settings = setup->settings,
        .now = now.utc,
        .platform_now = {now.utc.ms + dispatch->status.offset_ms},
        .counts = dispatch->counts,
        .berths = dispatch->berths,
    };
}

/* The answer was made somewhere between sending and now. */
static void learn_clock(struct dispatch *dispatch, uint32_t slot, utc_ms platform, struct now now)
{
    int64_t way_ms = (now.mono.ms - dispatch->sent[slot].mono.ms) / 2;

    dispatch->status.offset_ms = platform.ms - (now.utc.ms - way_ms);
    dispatch->status.offset_known = true;
}

/* ---- heartbeats ---- */

static int64_t beat_ms(const struct dispatch *dispatch)
{
    int64_t asked_ms = dispatch->setup.settings->heartbeat_ms;

    return asked_ms ? asked_ms : dispatch->city->heartbeat_ms;
}

static bool fill_beat(struct dispatch *dispatch, struct now now, struct adapter_request *ret)
{
    const struct uplink_settings *settings = dispatch->setup.settings;
    struct err err = {.text = ""};

    if (!dispatch->city->heartbeat || !dispatch_may(dispatch, LANE_OF_BEATS, now.mono))
        return false;
    for (uint32_t i = 0; i < settings->lots_count; i++) {
        if (!mono_reached(now.mono, dispatch->beats[i]) && !dispatch->clock_wanted)
            continue;
        const struct uplink_lot *lot = &settings->lots[i];
        struct adapter_context context = dispatch_context(dispatch, lot, now);

        dispatch->beats[i] = mono_after(now.mono, beat_ms(dispatch));
        dispatch->beat_lot = i;
        if (dispatch->city->heartbeat(&context, lot, ret, &err))
            return true;
        dispatch_unsaid(ret);
        say(dispatch, LANE_OF_BEATS, err.text);
    }
    return false;
}

/* Soon again, but not so soon that a dead platform is flooded. */
static void beat_failed(struct dispatch *dispatch, const char *reason, struct now now)
{
    struct lane_state *lane = &dispatch->lanes[LANE_OF_BEATS];

    dispatch_wait(dispatch, LANE_OF_BEATS, 0, now.mono);
    lane->not_before = mono_earlier(lane->not_before, mono_after(now.mono, BEAT_AGAIN_MAX_MS));
    dispatch->beats[dispatch->beat_lot] = now.mono;
    say(dispatch, LANE_OF_BEATS, reason);
}

static void answer_beat(struct dispatch *dispatch, enum adapter_verdict verdict, const char *reason,
                        struct now now)
{
    dispatch->clock_wanted = false;
    if (verdict != ADAPTER_DELIVERED && verdict != ADAPTER_DUPLICATE) {
        beat_failed(dispatch, reason, now);
        return;
    }
    dispatch->status.beats++;
    dispatch->status.last_beat = now.utc;
    dispatch_well(dispatch, LANE_OF_BEATS);
}

/* ---- vacancy ---- */

static bool fill_state(struct dispatch *dispatch, struct now now, struct adapter_request *ret)
{
    uint32_t lot;
    struct err err;

    if (!dispatch->city->vacancy || !dispatch_may(dispatch, LANE_OF_STATE, now.mono) ||
        !pace_peek(&dispatch->pace, now.mono))
        return false;
    while (stale_take_lot(dispatch->setup.stale, now.mono, &lot)) {
        const struct uplink_lot *known = dispatch_lot(dispatch, lot);
        if (!known)
            continue;
        struct adapter_context context = dispatch_context(dispatch, known, now);
        dispatch->state_lot = lot;
        if (dispatch->city->vacancy(&context, known, ret, &err)) {
            pace_take(&dispatch->pace, now.mono);
            return true;
        }
        dispatch_unsaid(ret);
        say(dispatch, LANE_OF_STATE, err.text);
    }
    return false;
}

static void answer_state(struct dispatch *dispatch, enum adapter_verdict verdict,
                         const char *reason, int64_t retry_after_ms, struct now now)
{
    if (verdict == ADAPTER_DELIVERED || verdict == ADAPTER_DUPLICATE) {
        dispatch->status.vacancies_sent++;
        dispatch_well(dispatch, LANE_OF_STATE);
        return;
    }
    say(dispatch, LANE_OF_STATE, reason);
    if (verdict == ADAPTER_REFUSED)
        return; /* goes on with the next change */
    stale_lot(dispatch->setup.stale, dispatch->state_lot);
    dispatch->clock_wanted = dispatch->clock_wanted || verdict == ADAPTER_CLOCK;
    if (verdict == ADAPTER_STOP)
        dispatch_stop(dispatch, LANE_OF_STATE, now.mono);
    else
        dispatch_wait(dispatch, LANE_OF_STATE, retry_after_ms, now.mono);
}

/* ---- slots ---- */

bool dispatch_fill(struct dispatch *dispatch, uint32_t slot, struct now now,
                   struct adapter_request *ret)
{
    bool filled = false;

    assert(slot < DISPATCH_SLOTS);
    if (slot == DISPATCH_BEAT)
        filled = fill_beat(dispatch, now, ret);
    else if (slot == DISPATCH_STATE)
        filled = fill_state(dispatch, now, ret);
    else if (slot == DISPATCH_CHECK)
        filled = dispatch_day_fill(dispatch, now, ret);
    else if (slot != DISPATCH_PHOTO)
        filled =
            dispatch_records_fill(dispatch, &dispatch->flights[slot - DISPATCH_RECORDS], now, ret);
    if (filled)
        dispatch->sent[slot] = now;
    return filled;
}

/* Rule 6. */
static void heard(struct dispatch *dispatch, bool answered, mono_ms now)
{
    if (answered && dispatch->silent) {
        stale_all(dispatch->setup.stale);
        dispatch_wait_is_over(dispatch, now);
    }
    dispatch->silent = !answered;
    dispatch->status.connected = answered;
}

void dispatch_answer(struct dispatch *dispatch, uint32_t slot, const struct adapter_reply *reply,
                     const char *trouble, struct now now)
{
    char bytes[REASON_SIZE];
    struct text reason;
    struct city_said said;

    text_init(&reason, bytes, sizeof bytes);
    enum adapter_verdict verdict = dispatch_judge(dispatch, reply, trouble, &said, &reason);
    heard(dispatch, reply->status != 0, now.mono);
    if (said.platform_time.ms && verdict == ADAPTER_DELIVERED)
        learn_clock(dispatch, slot, said.platform_time, now);
    else if (reply->date.ms && verdict == ADAPTER_CLOCK)
        learn_clock(dispatch, slot, reply->date, now); /* also of a heartbeat that was too old */
    if (slot == DISPATCH_BEAT)
        answer_beat(dispatch, verdict, bytes, now);
    else if (slot == DISPATCH_STATE)
        answer_state(dispatch, verdict, bytes, reply->retry_after_ms, now);
    else if (slot == DISPATCH_CHECK)
        dispatch_day_answer(dispatch, reply, verdict, bytes, now);
    else if (slot == DISPATCH_PHOTO)
        dispatch_photo_answer(dispatch, verdict, bytes, reply->retry_after_ms, now);
    else
        dispatch_records_answer(dispatch, &dispatch->flights[slot - DISPATCH_RECORDS], verdict,
                                bytes, reply->retry_after_ms, now);
}

/* What is due already waits for something else: a lane that may not go yet, an answer, or room. */
static mono_ms sooner(mono_ms next, mono_ms at, mono_ms now)
{
    return mono_reached(now, at) ? next : mono_earlier(next, at);
}

mono_ms dispatch_next(const struct dispatch *dispatch, mono_ms now)
{
    mono_ms next = sooner(MONO_NEVER, stale_next(dispatch->setup.stale), now);

    for (uint32_t i = 0; dispatch->city->heartbeat && i < dispatch->setup.settings->lots_count; i++)
        next = sooner(next, dispatch->beats[i], now);
    for (int lane = 0; lane < DISPATCH_LANES; lane++)
        if (!dispatch_may(dispatch, lane, now))
            next = sooner(next, dispatch_wait_next(dispatch, lane, now), now);
    next = sooner(next, pace_next(&dispatch->pace), now);
    return sooner(next, pace_next(&dispatch->backfill), now);
}

bool dispatch_check(struct dispatch *dispatch, const char *lot, int32_t day)
{
    const struct uplink_settings *settings = dispatch->setup.settings;
    bool known = false;

    for (uint32_t i = 0; dispatch->city->check && i < settings->lots_count && !known; i++) {
        known = strcmp(dispatch->setup.plan->lots[settings->lots[i].lot].id, lot) == 0;
        if (known)
            dispatch_day_begin(dispatch, i, day);
    }
    return known;
}

void dispatch_status(const struct dispatch *dispatch, struct dispatch_status *ret)
{
    *ret = dispatch->status;
}

/* ---- its life ---- */

/* Where nothing was ever sent, the platform believes each bay free. */
static uint8_t *make_berths(const struct dispatch_setup *setup)
{
    uint8_t *berths = memory_new(setup->plan->bays_count + 1, sizeof *berths);
    struct outbox_counts counts;

    outbox_counts(setup->outbox, &counts);
    memset(berths, counts.through == 0 ? CITY_BERTH_LEFT : CITY_BERTH_UNSURE,
           setup->plan->bays_count);
    return berths;
}

struct dispatch *dispatch_create(const struct dispatch_setup *setup, struct now now)
{
    struct dispatch *dispatch = memory_new(1, sizeof *dispatch);

    assert(setup->settings->adapter->city);
    dispatch->setup = *setup;
    dispatch->city = setup->settings->adapter->city;
    dispatch->counts = memory_new(setup->plan->lots_count + 1, sizeof *dispatch->counts);
    dispatch->beats = memory_new(setup->settings->lots_count + 1, sizeof *dispatch->beats);
    dispatch->berths = make_berths(setup);
    dispatch->day = dispatch_day_create(setup->settings);
    pace_init(&dispatch->pace, setup->settings->requests_per_s, now.mono);
    pace_init(&dispatch->backfill, setup->settings->backfill_per_s, now.mono);
    return dispatch;
}

void dispatch_destroy(struct dispatch *dispatch)
{
    if (!dispatch)
        return;
    for (int i = 0; i < DISPATCH_FLIGHTS; i++)
        if (dispatch->flights[i].busy)
            outbox_release(dispatch->setup.outbox, dispatch->flights[i].ticket);
    dispatch_day_destroy(dispatch->day);
    free(dispatch->beats);
    free(dispatch->berths);
    free(dispatch->counts);
    free(dispatch);
}
