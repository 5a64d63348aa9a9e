/*
 * The site: its bays, their deadlines, and the making of records. Runs on the loop's thread. An
 * unchanged reading costs a few comparisons; debounce deadlines stand in a heap; silence is looked
 * for once a second over all bays, which is cheaper than keeping a deadline that every reading
 * would move; suspicion, whose limits are hours, once a minute and whenever the bay itself does
 * something.
 */
#include "daemon/core/site.h"

#include <assert.h>
#include <stdlib.h>

#include "daemon/base/memory.h"
#include "daemon/core/bay.h"
#include "daemon/core/deadlines.h"

static const int64_t look_ms = 1000;
static const int64_t judge_ms = 60000;
static const int64_t step_ms = 2000; /* what NTP slews does not come near it in one go */

struct site {
    const struct site_plan *plan;
    struct bay *bays;
    struct bay_lot *lots;
    enum device_state *devices;
    struct deadlines *debounces;
    mono_ms look;           /* the next look for silent bays */
    mono_ms judge;          /* the next judgement of all bays */
    int64_t utc_minus_mono; /* as of the last step */
    bool clock_known;
    mono_ms stepped;     /* when the wall clock was last found moved */
    bool time_uncertain; /* as told by site_time_quality() */
};

/* What is under way for one bay: where records go, and the moment. */
struct visit {
    struct site *site;
    uint32_t index;
    struct bay *bay;
    struct now now;
    struct record_sink out;
    bool inferred; /* of the reading under way */
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

static struct visit visit_of(struct site *site, uint32_t index, struct now now,
                             struct record_sink out)
{
    assert(index < site->plan->bays_count);
    return (struct visit){
        .site = site, .index = index, .bay = &site->bays[index], .now = now, .out = out};
}

/* Tells what a step has changed: what became or ceased to be suspect, then what the world sees. */
static void tell(const struct visit *visit, mono_ms at, enum bay_reason cause)
{
    unsigned judged = bay_judge(visit->bay, visit->now.mono);
    struct bay_change change;

    for (unsigned bit = 1; judged && bit < BAY_CONDITIONS_END; bit <<= 1) {
        struct record record = {.kind = RECORD_BAY_HEALTH,
                                .bay_health = {.bay = visit->index,
                                               .condition = (enum bay_condition)bit,
                                               .on = visit->bay->conditions & bit}};
        if (judged & bit)
            emit(visit->site, &record, visit->now.mono, visit->now, visit->out);
    }
    if (bay_tell(visit->bay, at, cause, &change)) {
        struct record record = {.kind = RECORD_BAY_CHANGED,
                                .bay_changed = {.bay = visit->index,
                                                .from = change.from,
                                                .to = change.to,
                                                .reason = change.reason,
                                                .inferred = visit->inferred}};
        emit(visit->site, &record, change.at, visit->now, visit->out);
    }
}

/* Takes the steps that came due before now, so that the outcome does not depend on when we look. */
static void catch_up(const struct visit *visit)
{
    mono_ms at;

    while (bay_due(visit->bay, visit->now.mono, &at))
        tell(visit, at, BAY_BY_READING);
}

static void set_deadline(const struct visit *visit)
{
    deadlines_set(visit->site->debounces, visit->index, bay_deadline(visit->bay));
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
    struct visit visit = visit_of(site, reading->bay, now, out);

    check_clock(site, now, out);
    if (bay_repeats(visit.bay, reading->sensed, now.mono))
        return;
    catch_up(&visit);
    bay_sense(visit.bay, reading->sensed, now.mono);
    visit.inferred = reading->inferred;
    tell(&visit, now.mono, BAY_BY_READING);
    set_deadline(&visit);
}

void site_silence(struct site *site, uint32_t bay, int64_t limit_ms)
{
    assert(bay < site->plan->bays_count);
    site->bays[bay].silence_ms = limit_ms;
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

void site_device_note(struct site *site, uint32_t device, const char *reason, struct now now,
                      struct record_sink out)
{
    assert(device < site->plan->devices_count);
    struct record record = {.kind = RECORD_DEVICE_HEALTH,
                            .device_health = {.device = device, .state = site->devices[device]}};

    check_clock(site, now, out);
    text_copy(record.device_health.reason, sizeof record.device_health.reason, reason);
    emit(site, &record, now.mono, now, out);
}

static void end_debounces(struct site *site, struct now now, struct record_sink out)
{
    uint32_t index;

    while (mono_reached(now.mono, deadlines_first(site->debounces, &index))) {
        struct visit visit = visit_of(site, index, now, out);
        catch_up(&visit);
        set_deadline(&visit);
    }
}

static void look_for_silence(struct site *site, struct now now, struct record_sink out)
{
    for (uint32_t i = 0; i < site->plan->bays_count; i++) {
        if (!bay_overdue(&site->bays[i], now.mono))
            continue;
        struct visit visit = visit_of(site, i, now, out);
        catch_up(&visit);
        set_deadline(&visit);
    }
}

static void judge_all(struct site *site, struct now now, struct record_sink out)
{
    for (uint32_t i = 0; i < site->plan->bays_count; i++) {
        struct visit visit = visit_of(site, i, now, out);
        tell(&visit, now.mono, BAY_BY_SUSPICION);
    }
}

void site_tick(struct site *site, struct now now, struct record_sink out)
{
    check_clock(site, now, out);
    end_debounces(site, now, out);
    if (mono_reached(now.mono, site->look)) {
        look_for_silence(site, now, out);
        site->look = mono_after(now.mono, look_ms);
    }
    if (mono_reached(now.mono, site->judge)) {
        judge_all(site, now, out);
        site->judge = mono_after(now.mono, judge_ms);
    }
}

mono_ms site_next(const struct site *site)
{
    return mono_earlier(site->look, deadlines_first(site->debounces, NULL));
}

bool site_out_of_service(struct site *site, uint32_t bay, bool out_of_service, const char *actor,
                         const char *reason, struct now now, struct record_sink out)
{
    struct visit visit = visit_of(site, bay, now, out);
    struct record record = {.kind = RECORD_OPERATOR};

    check_clock(site, now, out);
    catch_up(&visit);
    if (!bay_serve(visit.bay, out_of_service, now.mono))
        return false;
    text_copy(record.operator_act.act, sizeof record.operator_act.act,
              out_of_service ? "out_of_service" : "back_in_service");
    text_copy(record.operator_act.subject, sizeof record.operator_act.subject,
              site->plan->bays[bay].id);
    text_copy(record.operator_act.actor, sizeof record.operator_act.actor, actor);
    text_copy(record.operator_act.reason, sizeof record.operator_act.reason, reason);
    emit(site, &record, now.mono, now, out);
    tell(&visit, now.mono, BAY_BY_OPERATOR);
    set_deadline(&visit);
    return true;
}

void site_retell_bay(struct site *site, uint32_t bay, enum bay_state durable, unsigned conditions,
                     struct now now, struct record_sink out)
{
    struct visit visit = visit_of(site, bay, now, out);

    assert(durable < BAY_STATES && conditions < BAY_CONDITIONS_END);
    catch_up(&visit);
    visit.bay->told = durable;
    visit.bay->conditions = (uint8_t)conditions;
    tell(&visit, now.mono, BAY_BY_READING);
    set_deadline(&visit);
}

void site_time_quality(struct site *site, bool uncertain)
{
    site->time_uncertain = uncertain;
}
