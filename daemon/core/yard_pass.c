/*
 * What a passage does to stays. The passage is the one record of the physical fact (rule 6);
 * whether a stay begins or ends with it depends on the lot, the direction, and what was decided
 * before.
 */
#include <string.h>

#include "daemon/core/yard_inside.h"

struct passing {
    struct yard *yard;
    uint32_t lane;
    struct record_passage *passage;
    struct lane_case open; /* what was decided; vehicle empty: nothing */
    utc_ms at;
};

static void arrive(const struct passing *p, uint32_t lot)
{
    struct stay_arrival arrival = {
        .lot = lot,
        .bay = PLAN_NONE,
        .lane = p->lane,
        .colour = p->passage->colour,
        .class = p->passage->class,
        .at = p->at,
    };
    const struct stay *inside = stays_by_plate(p->yard->stays, lot, p->passage->plate);

    /* The re-open window: it had come in a moment ago, and this is the same arrival. */
    if (inside && p->open.reason == DECIDED_REOPEN) {
        text_copy(p->passage->stay, sizeof p->passage->stay, inside->id);
        return;
    }
    text_copy(arrival.plate, sizeof arrival.plate, p->passage->plate);
    text_copy(arrival.passage, sizeof arrival.passage, p->passage->passage);
    text_copy(arrival.ticket, sizeof arrival.ticket, p->open.ticket);
    stays_arrive(p->yard->stays, &arrival, yard_sink(p->yard), p->passage->stay);
}

/* The one open stay whose plate is the same but for the camera's usual mistakes; NULL: none, or
 * more than one. */
static const struct stay *only_near(const struct passing *p, uint32_t lot)
{
    uint32_t most = p->yard->plan->lots[lot].policy.plate_distance, within = 0;
    struct stay_near near[STAYS_NEAR];
    uint32_t count = stays_near(p->yard->stays, lot, p->passage->plate, near);

    while (within < count && near[within].distance <= most)
        within++;
    return within == 1 ? near[0].stay : NULL;
}

/* The stay that leaves: as decided, else by its plate; PASSAGE of a stranger has none, unless the
 * lot lets strangers out with a stay of their own. */
static bool find_stay(const struct passing *p, uint32_t lot, char ret[IDENT_SIZE])
{
    struct stays *stays = p->yard->stays;
    const struct stay *stay = NULL;

    if (*p->open.stay)
        stay = stays_find(stays, p->open.stay);
    if (!stay && *p->passage->plate)
        stay = stays_by_plate(stays, lot, p->passage->plate);
    if (!stay && *p->passage->plate)
        stay = only_near(p, lot);
    if (stay)
        text_copy(ret, IDENT_SIZE, stay->id);
    return stay != NULL;
}

/* A car that nobody saw come in: its stay begins and ends here, and says so. */
static void arrive_unseen(const struct passing *p, uint32_t lot, char ret[IDENT_SIZE])
{
    struct stay_arrival arrival = {
        .lot = lot,
        .bay = PLAN_NONE,
        .lane = PLAN_NONE,
        .colour = p->passage->colour,
        .class = p->passage->class,
        .entry_missing = true,
        .at = p->at,
    };

    text_copy(arrival.plate, sizeof arrival.plate, p->passage->plate);
    stays_arrive(p->yard->stays, &arrival, yard_sink(p->yard), ret);
}

/* Let out by a person, or by the fire alarm, with something to pay: released, with who and why. Who
 * had paid was only identified, and leaves as any other. */
static void release(const struct passing *p, struct stay_departure *departure)
{
    bool by_person = p->passage->cause == CAUSE_OPERATOR || p->passage->cause == CAUSE_PLATFORM;
    struct stay_price price;

    if ((!by_person && p->passage->cause != CAUSE_EVACUATION) ||
        !stays_price(p->yard->stays, departure->stay, p->at, NULL, &price) ||
        (price.due_fen <= 0 && !price.manual))
        return;
    departure->forced = true;
    departure->outcome = OUTCOME_RELEASED;
    text_copy(departure->actor, sizeof departure->actor, p->open.actor);
    text_copy(departure->reason, sizeof departure->reason,
              by_person && *p->open.words ? p->open.words
                                          : lane_cause_words.names[p->passage->cause]);
}

/* The lot goes on with the last stay of a plate that nobody saw come in again: its exit did not
 * happen. */
static void go_on(const struct passing *p, const struct stay *stay)
{
    struct record_stay_amended change = {.change = STAY_REVERTED};
    const char *why;

    text_copy(change.stay, sizeof change.stay, stay->id);
    text_copy(change.reason, sizeof change.reason, "at the exit again, no entry since");
    stays_amend(p->yard->stays, &change, p->at, yard_sink(p->yard), &why);
}

/* The re-open window: it had left a moment ago, and this is the same departure. */
static bool left_just_now(const struct passing *p, uint32_t lot)
{
    const char *plate = p->passage->plate;
    const struct stay *last =
        p->open.reason == DECIDED_REOPEN && !stays_by_plate(p->yard->stays, lot, plate)
            ? stays_last(p->yard->stays, lot, plate)
            : NULL;

    if (last)
        text_copy(p->passage->stay, sizeof p->passage->stay, last->id);
    return last != NULL;
}

static void leave(const struct passing *p, uint32_t lot)
{
    struct stay_departure departure = {.lane = p->lane, .at = p->at};

    if (left_just_now(p, lot))
        return;
    if (!find_stay(p, lot, departure.stay)) {
        if (!*p->passage->plate)
            return;
        arrive_unseen(p, lot, departure.stay);
    }
    const struct stay *stay = stays_find(p->yard->stays, departure.stay);

    text_copy(p->passage->stay, sizeof p->passage->stay, departure.stay);
    if (stay && stay->closed)
        go_on(p, stay);
    text_copy(departure.passage, sizeof departure.passage, p->passage->passage);
    release(p, &departure);
    stays_leave(p->yard->stays, &departure, yard_sink(p->yard));
}

static void one_lot(const struct passing *p, uint32_t lot, enum lane_direction direction)
{
    if (lot == PLAN_NONE || p->yard->plan->lots[lot].policy.stays != STAYS_FROM_LANES)
        return;
    if (direction == LANE_IN)
        arrive(p, lot);
    else
        leave(p, lot);
}

/* What was decided of it; for one without a plate that the lane let through before a restart, what
 * was decided then. Once. */
static void take_case(struct passing *p)
{
    struct yard_lane *lane = &p->yard->lanes[p->lane];
    bool before = !*p->passage->plate && lane->before.verdict == DECISION_ALLOW &&
                  *lane->before.vehicle && p->at.ms <= lane->before_until.ms;

    if (*lane->first.vehicle && *p->passage->plate &&
        strcmp(lane->open.plate, p->passage->plate) != 0 &&
        strcmp(lane->first.plate, p->passage->plate) == 0) {
        p->open = lane->first; /* the next one was asked about while it was under the boom */
        lane->first = lane->before = (struct lane_case){0};
        return;
    }
    p->open = before ? lane->before : lane->open;
    if (before)
        text_copy(p->passage->plate, sizeof p->passage->plate, p->open.plate);
    lane->open = lane->before = lane->first = (struct lane_case){0};
}

void yard_passed(void *arg, uint32_t lane, struct record_passage *passage, utc_ms at)
{
    struct yard *yard = arg;
    struct record record = {.kind = RECORD_PASSAGE, .at = at};
    struct passing p = {.yard = yard, .lane = lane, .passage = passage, .at = at};

    if (passage->kind == PASSAGE_ORDINARY)
        take_case(&p);
    if (passage->kind != PASSAGE_COUNTED)
        one_lot(&p, yard->plan->lanes[lane].lot, passage->direction);
    record.passage = *passage;
    yard_emit(yard, &record);
}
