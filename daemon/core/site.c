/*
 * The site: its bays, their deadlines, and the making of records. Runs on the loop's thread. An
 * unchanged reading costs a few comparisons; debounce deadlines stand in a heap; silence and
 * suspicion are looked for once a second over all bays, which is cheaper than keeping a deadline
 * that every reading would move.
 */
#include "daemon/core/site.h"

#include <assert.h>
#include <stdlib.h>

#include "daemon/base/memory.h"
#include "daemon/core/bay.h"
#include "daemon/core/deadlines.h"

static const int64_t round_ms = 1000;
static const int64_t step_ms = 2000; /* what NTP slews does not come near it in one go */

struct site {
    const struct site_plan *plan;
    struct bay *bays;
    struct bay_lot *lots;
    enum device_state *devices;
    struct deadlines *debounces;
    mono_ms round;          /* the next look at all bays */
    int64_t utc_minus_mono; /* as of the last step */
    bool clock_known;
    mono_ms stepped;     /* when the wall clock was last found moved */
    bool time_uncertain; /* as told by site_time_quality() */
};

/* What is under way for one bay: where records go, and the moment. */
struct turn {
    struct site *site;
    uint32_t index;
    struct bay *bay;
    struct now now;
    struct record_sink out;
};

struct site *site_create(const struct site_plan *plan)
{
    struct site *site = memory_new(1, sizeof *site);

    site->plan = plan;
    site->bays = memory_new(plan->bays_count, sizeof *site->bays);
    site->lots = memory_new(plan->lots_count, sizeof *site->lots);
    site->devices = memory_new(plan->devices_count, sizeof *site->devices);
    site->debounces = deadlines_create(plan->bays_count);
    for (uint32_t i = 0; i < plan->lots_count; i++)
        site->lots[i].rules = &plan->lots[i].rules;
    for (uint32_t i = 0; i < plan->bays_count; i++) {
        struct bay_lot *lot = &site->lots[plan_lot(plan, i)];
        lot->bays++;
        bay_init(&site->bays[i], lot, plan->bays[i].silence_ms);
    }
    return site;
}

void site_destroy(struct site *site)
{
    if (!site)
        return;
    deadlines_destroy(site->debounces);
    free(site->devices);
    free(site->lots);
    free(site->bays);
    free(site);
}

/* Emits `record`, which happened at `at`. The date is counted back from now on the clock that never
 * steps; where the wall clock was moved in between, nobody knows what it showed then. */
static void emit(const struct site *site, struct record *record, mono_ms at, struct now now,
                 struct record_sink out)
{
    record->at.ms = now.utc.ms - (now.mono.ms - at.ms);
    record->time_uncertain = site->time_uncertain || at.ms < site->stepped.ms;
    out.put(out.arg, record);
}

static void check_clock(struct site *site, struct now now, struct record_sink out)
{
    int64_t utc_minus_mono = now.utc.ms - now.mono.ms;
    int64_t delta_ms = utc_minus_mono - site->utc_minus_mono;

    if (site->clock_known && delta_ms <= step_ms && delta_ms >= -step_ms)
        return;
    if (site->clock_known) {
        struct record record = {.kind = RECORD_CLOCK_STEP, .clock_step.delta_ms = delta_ms};
        emit(site, &record, now.mono, now, out);
        site->stepped = now.mono;
    }
    site->clock_known = true;
    site->utc_minus_mono = utc_minus_mono;
}

static struct turn turn_of(struct site *site, uint32_t index, struct now now,
                           struct record_sink out)
{
    assert(index < site->plan->bays_count);
    return (struct turn){site, index, &site->bays[index], now, out};
}

/* Tells what a step has changed: what became or ceased to be suspect, then what the world sees. */
static void tell(const struct turn *turn, mono_ms at, enum bay_reason cause)
{
    unsigned judged = bay_judge(turn->bay, turn->now.mono);
    struct bay_change change;

    for (unsigned bit = 1; judged && bit < BAY_CONDITIONS_END; bit <<= 1) {
        struct record record = {.kind = RECORD_BAY_HEALTH,
                                .bay_health = {.bay = turn->index,
                                               .condition = (enum bay_condition)bit,
                                               .on = turn->bay->conditions & bit}};
        if (judged & bit)
            emit(turn->site, &record, turn->now.mono, turn->now, turn->out);
    }
    if (bay_tell(turn->bay, at, cause, &change)) {
        struct record record = {
            .kind = RECORD_BAY_CHANGED,
            .bay_changed = {
                .bay = turn->index, .from = change.from, .to = change.to, .reason = change.reason}};
        emit(turn->site, &record, change.at, turn->now, turn->out);
    }
}

/* Takes the steps that came due before now, so that the outcome does not depend on when we look. */
static void catch_up(const struct turn *turn)
{
    mono_ms at;

    while (bay_due(turn->bay, turn->now.mono, &at))
        tell(turn, at, BAY_BY_READING);
}

static void set_deadline(const struct turn *turn)
{
    deadlines_set(turn->site->debounces, turn->index, bay_deadline(turn->bay));
}

void site_restore_bay(struct site *site, uint32_t bay, enum bay_state state, utc_ms since,
                      unsigned conditions, struct now now)
{
    assert(bay < site->plan->bays_count);
    int64_t age_ms = now.utc.ms > since.ms ? now.utc.ms - since.ms : 0;

    bay_restore(&site->bays[bay], state, (mono_ms){now.mono.ms - age_ms}, conditions, now.mono);
}

void site_restore_device(struct site *site, uint32_t device, enum device_state state)
{
    assert(device < site->plan->devices_count && state < DEVICE_STATES);
    site->devices[device] = state;
}

void site_reading(struct site *site, const struct reading *reading, struct now now,
                  struct record_sink out)
{
    struct turn turn = turn_of(site, reading->bay, now, out);

    check_clock(site, now, out);
    if (bay_repeats(turn.bay, reading->sensed, now.mono))
        return;
    catch_up(&turn);
    bay_sense(turn.bay, reading->sensed, now.mono);
    tell(&turn, now.mono, BAY_BY_READING);
    set_deadline(&turn);
}

void site_device(struct site *site, uint32_t device, enum device_state state, const char *reason,
                 struct now now, struct record_sink out)
{
    assert(device < site->plan->devices_count && state < DEVICE_STATES);
    struct record record = {.kind = RECORD_DEVICE_HEALTH,
                            .device_health = {.device = device, .state = state}};

    check_clock(site, now, out);
    if (site->devices[device] == state)
        return;
    site->devices[device] = state;
    text_copy(record.device_health.reason, sizeof record.device_health.reason, reason);
    emit(site, &record, now.mono, now, out);
}

void site_tick(struct site *site, struct now now, struct record_sink out)
{
    uint32_t index;

    check_clock(site, now, out);
    while (mono_reached(now.mono, deadlines_first(site->debounces, &index))) {
        struct turn turn = turn_of(site, index, now, out);
        catch_up(&turn);
        set_deadline(&turn);
    }
    if (!mono_reached(now.mono, site->round))
        return;
    site->round = mono_after(now.mono, round_ms);
    for (uint32_t i = 0; i < site->plan->bays_count; i++) {
        struct turn turn = turn_of(site, i, now, out);
        catch_up(&turn);
        tell(&turn, now.mono, BAY_BY_SUSPICION);
        set_deadline(&turn);
    }
}

mono_ms site_next(const struct site *site)
{
    return mono_earlier(site->round, deadlines_first(site->debounces, NULL));
}

bool site_out_of_service(struct site *site, uint32_t bay, bool out_of_service, const char *actor,
                         const char *reason, struct now now, struct record_sink out)
{
    struct turn turn = turn_of(site, bay, now, out);
    struct record record = {.kind = RECORD_OPERATOR};

    check_clock(site, now, out);
    catch_up(&turn);
    if (!bay_serve(turn.bay, out_of_service, now.mono))
        return false;
    text_copy(record.operator_act.act, sizeof record.operator_act.act,
              out_of_service ? "out_of_service" : "back_in_service");
    text_copy(record.operator_act.subject, sizeof record.operator_act.subject,
              site->plan->bays[bay].id);
    text_copy(record.operator_act.actor, sizeof record.operator_act.actor, actor);
    text_copy(record.operator_act.reason, sizeof record.operator_act.reason, reason);
    emit(site, &record, now.mono, now, out);
    tell(&turn, now.mono, BAY_BY_OPERATOR);
    set_deadline(&turn);
    return true;
}

void site_time_quality(struct site *site, bool uncertain)
{
    site->time_uncertain = uncertain;
}
