/* long: one act after another, a few lines each, and their table */
/*
 * What people do to lanes, stays and money (serve/acts.h): each act is a record, and is answered
 * once it is durable. What the core refuses is told in its own words.
 */
#include <stdio.h>
#include <string.h>

#include "daemon/gateway_lanes.h"

enum { HOLD_MAX_MS = 7 * 86400000 };

/* One act under way. */
struct acting {
    struct gateway *g;
    const struct serve_request *request;
    const struct serve_words *words;
    struct now now;
    struct record_sink out;
    const char *why;          /* of a refusal */
    char json[RECORD_PHRASE]; /* the answer */
};

static bool refused(struct acting *a, const char *why)
{
    a->why = why;
    return false;
}

static bool given(const struct acting *a, enum serve_word word)
{
    return a->words->given & SERVE_GIVEN(word);
}

static void say(struct acting *a, const char *key, const char *value)
{
    struct text out;

    text_init(&out, a->json, sizeof a->json);
    text_add(&out, "{");
    text_json_pair(&out, key, value);
    text_add(&out, "}");
}

/* 1. Lanes. */

static void fill_act(const struct acting *a, enum lane_operation operation, struct lane_act *ret)
{
    *ret = (struct lane_act){.operation = operation, .cause = CAUSE_OPERATOR};
    text_copy(ret->actor, sizeof ret->actor, a->request->actor.name);
    text_copy(ret->reason, sizeof ret->reason, a->words->reason);
}

static bool lane_act_on(struct acting *a, enum lane_operation operation)
{
    uint32_t lane = plan_find_lane(&a->g->config->plan, a->request->subject);
    struct lane_act act;

    if (lane == PLAN_NONE)
        return refused(a, "there is no such lane; list them with: parkctl lanes");
    fill_act(a, operation, &act);
    return yard_act(a->g->yard, lane, &act, a->now, &a->why);
}

static bool lane_open(struct acting *a)
{
    return lane_act_on(a, LANE_DO_OPEN);
}
static bool lane_release(struct acting *a)
{
    return lane_act_on(a, LANE_DO_RELEASE);
}
static bool lane_close(struct acting *a)
{
    return lane_act_on(a, LANE_DO_CLOSE);
}
static bool lane_reset(struct acting *a)
{
    return lane_act_on(a, LANE_DO_RESET);
}
static bool lane_out(struct acting *a)
{
    return lane_act_on(a, LANE_DO_OUT_OF_SERVICE);
}
static bool lane_in(struct acting *a)
{
    return lane_act_on(a, LANE_DO_IN_SERVICE);
}

/* A hold is a lease: it ends by itself. */
static bool lane_hold(struct acting *a)
{
    uint32_t lane = plan_find_lane(&a->g->config->plan, a->request->subject);
    struct lane_act act;

    if (lane == PLAN_NONE)
        return refused(a, "there is no such lane; list them with: parkctl lanes");
    fill_act(a, LANE_DO_HOLD, &act);
    act.until =
        given(a, WORD_UNTIL) ? a->words->until : (utc_ms){a->now.utc.ms + a->words->for_s * 1000};
    if (act.until.ms <= a->now.utc.ms || act.until.ms > a->now.utc.ms + HOLD_MAX_MS)
        return refused(a, "a hold ends within a week, and not before it begins");
    return yard_act(a->g->yard, lane, &act, a->now, &a->why);
}

static bool lane_approve(struct acting *a)
{
    uint32_t lane = plan_find_lane(&a->g->config->plan, a->request->subject);
    struct lane_decision decision = {
        .verdict = a->words->deny ? DECISION_DENY : DECISION_ALLOW,
        .cause = CAUSE_OPERATOR,
    };

    if (lane == PLAN_NONE)
        return refused(a, "there is no such lane; list them with: parkctl lanes");
    text_copy(decision.plate, sizeof decision.plate, a->words->plate);
    text_copy(decision.stay, sizeof decision.stay, a->words->stay);
    text_copy(decision.actor, sizeof decision.actor, a->request->actor.name);
    text_copy(decision.words, sizeof decision.words, a->words->reason);
    return yard_approve(a->g->yard, lane, &decision, a->now, &a->why);
}

static bool lane_ticket(struct acting *a)
{
    uint32_t lane = plan_find_lane(&a->g->config->plan, a->request->subject);
    struct serve_request note = *a->request;

    if (lane == PLAN_NONE)
        return refused(a, "there is no such lane; list them with: parkctl lanes");
    if (!yard_may_ticket(a->g->yard, lane, a->words->ticket, &a->why))
        return false;
    text_copy(note.reason, sizeof note.reason, a->words->ticket);
    gateway_note_act(a->g, "ticket", &note);
    return yard_ticket(a->g->yard, lane, a->words->ticket, a->now, &a->why);
}

/* Lanes of the place: a lane, those of a lot, or all. */
static bool at_place(const struct acting *a, uint32_t lane)
{
    const struct lane_plan *plan = &a->g->config->plan.lanes[lane];
    const char *place = a->words->place;

    return !*place || !strcmp(plan->id, place) ||
           !strcmp(a->g->config->plan.lots[plan->lot].id, place);
}

static bool evacuation(struct acting *a, enum lane_operation operation)
{
    struct lane_act act;
    uint32_t lanes = 0;

    fill_act(a, operation, &act);
    act.cause = CAUSE_EVACUATION;
    for (uint32_t lane = 0; lane < a->g->config->plan.lanes_count; lane++)
        if (at_place(a, lane))
            lanes += yard_act(a->g->yard, lane, &act, a->now, &a->why);
    if (lanes == 0)
        return a->why ? false
                      : refused(a, "no lane is there; name a lot or a lane, or nothing for all");
    snprintf(a->json, sizeof a->json, "{\"lanes\":%u}", lanes);
    return true;
}

static bool evacuate(struct acting *a)
{
    return evacuation(a, LANE_DO_EVACUATE);
}
static bool evacuation_ends(struct acting *a)
{
    return evacuation(a, LANE_DO_EVACUATION_ENDS);
}

/* 2. Stays. */

static bool stay_open(struct acting *a)
{
    struct stay_arrival arrival = {
        .lot = plan_find_lot(&a->g->config->plan, a->words->lot),
        .bay = given(a, WORD_BAY) ? plan_find_bay(&a->g->config->plan, a->words->bay) : PLAN_NONE,
        .lane = PLAN_NONE,
        .class = a->words->class,
        .entry_missing = !given(a, WORD_ENTERED),
        .at = given(a, WORD_ENTERED) ? a->words->entered : a->now.utc,
    };
    struct serve_request note;
    char stay[IDENT_SIZE];

    if (arrival.lot == PLAN_NONE)
        return refused(a, "there is no such lot; list them with: parkctl lots");
    if (given(a, WORD_BAY) && arrival.bay == PLAN_NONE)
        return refused(a, "there is no such bay; list them with: parkctl bays");
    if (arrival.at.ms > a->now.utc.ms)
        return refused(a, "it cannot have come later than now");
    text_copy(arrival.plate, sizeof arrival.plate, a->words->plate);
    if (stays_by_plate(yard_stays(a->g->yard), arrival.lot, arrival.plate))
        return refused(a, "a stay of this plate is open in the lot already");
    note = *a->request;
    text_copy(note.reason, sizeof note.reason, a->words->reason);
    gateway_note_act(a->g, "stay_open", &note);
    stays_arrive(yard_stays(a->g->yard), &arrival, a->out, stay);
    say(a, "stay", stay);
    return true;
}

static bool amend(struct acting *a, struct record_stay_amended *change)
{
    text_copy(change->stay, sizeof change->stay, a->request->subject);
    text_copy(change->actor, sizeof change->actor, a->request->actor.name);
    text_copy(change->reason, sizeof change->reason, a->words->reason);
    return stays_amend(yard_stays(a->g->yard), change, a->now.utc, a->out, &a->why);
}

/* Several words are several corrections, each with its record; the first that is refused ends it.
 */
static bool stay_amend(struct acting *a)
{
    struct record_stay_amended plate = {.change = STAY_PLATE}, class = {.change = STAY_CLASS},
                               entry = {.change = STAY_ENTRY}, bay = {.change = STAY_PARKED};

    text_copy(plate.plate, sizeof plate.plate, a->words->plate);
    class.class = a->words->class;
    entry.entered = a->words->entered;
    bay.bay = given(a, WORD_BAY) ? plan_find_bay(&a->g->config->plan, a->words->bay) : PLAN_NONE;
    if (given(a, WORD_BAY) && bay.bay == PLAN_NONE)
        return refused(a, "there is no such bay; list them with: parkctl bays");
    return (!given(a, WORD_PLATE) || amend(a, &plate)) &&
           (!given(a, WORD_CLASS) || amend(a, &class)) &&
           (!given(a, WORD_ENTERED) || amend(a, &entry)) && (!given(a, WORD_BAY) || amend(a, &bay));
}

static bool stay_close(struct acting *a)
{
    struct stay_departure departure = {
        .lane = PLAN_NONE, .at = a->now.utc, .forced = true, .outcome = a->words->outcome};

    if (departure.outcome != OUTCOME_RELEASED && departure.outcome != OUTCOME_VOID)
        return refused(a, "by hand a stay ends as released or void; money decides the others");
    text_copy(departure.stay, sizeof departure.stay, a->request->subject);
    text_copy(departure.actor, sizeof departure.actor, a->request->actor.name);
    text_copy(departure.reason, sizeof departure.reason, a->words->reason);
    return stays_leave(yard_stays(a->g->yard), &departure, a->out) != OUTCOMES ||
           refused(a, "no such stay is open; list them with: parkctl stay list");
}

static bool stay_merge(struct acting *a)
{
    struct stay_pairing pairing = {.at = a->now.utc};

    text_copy(pairing.entry, sizeof pairing.entry, a->request->subject);
    text_copy(pairing.exit, sizeof pairing.exit, a->words->stay);
    text_copy(pairing.actor, sizeof pairing.actor, a->request->actor.name);
    text_copy(pairing.reason, sizeof pairing.reason, a->words->reason);
    return stays_pair(yard_stays(a->g->yard), &pairing, a->out, &a->why);
}

static bool stay_coupon(struct acting *a)
{
    struct record_coupon coupon = {.kind = a->words->kind, .value = a->words->value};

    text_copy(coupon.stay, sizeof coupon.stay, a->request->subject);
    text_copy(coupon.coupon, sizeof coupon.coupon, a->words->coupon);
    text_copy(coupon.issuer, sizeof coupon.issuer, a->words->issuer);
    text_copy(coupon.actor, sizeof coupon.actor, a->request->actor.name);
    return stays_coupon(yard_stays(a->g->yard), &coupon, a->now.utc, a->out, &a->why);
}

/* 3. Money. */

/* The subject is a stay or an order; money names what it was given. */
static void name_debt(struct acting *a, struct money_in *money)
{
    const struct stay *stay = stays_find(yard_stays(a->g->yard), a->request->subject);

    if (stay)
        text_copy(money->stay, sizeof money->stay, stay->id);
    else
        text_copy(money->order, sizeof money->order, a->request->subject);
}

static bool pay(struct acting *a)
{
    struct money_in money = {
        .amount_fen = a->words->amount_fen, .channel = a->words->channel, .at = a->now.utc};
    bool again;

    name_debt(a, &money);
    text_copy(money.transaction, sizeof money.transaction, a->words->transaction);
    text_copy(money.shift, sizeof money.shift, a->words->shift);
    text_copy(money.actor, sizeof money.actor, a->request->actor.name);
    if (!yard_pay(a->g->yard, &money, a->now, &again, &a->why))
        return false;
    snprintf(a->json, sizeof a->json, "{\"done\":true,\"again\":%s}", again ? "true" : "false");
    return true;
}

static bool refund(struct acting *a)
{
    struct money_back money = {.amount_fen = a->words->amount_fen, .at = a->now.utc};
    bool again;

    text_copy(money.payment, sizeof money.payment, a->request->subject);
    text_copy(money.transaction, sizeof money.transaction, a->words->transaction);
    text_copy(money.shift, sizeof money.shift, a->words->shift);
    text_copy(money.actor, sizeof money.actor, a->request->actor.name);
    text_copy(money.reason, sizeof money.reason, a->words->reason);
    if (!stays_refund(yard_stays(a->g->yard), &money, a->out, &again, &a->why))
        return false;
    snprintf(a->json, sizeof a->json, "{\"done\":true,\"again\":%s}", again ? "true" : "false");
    return true;
}

static bool list(struct acting *a, bool on)
{
    struct record_list change = {
        .list = a->words->list,
        .on = on,
        .lot = given(a, WORD_LOT) ? plan_find_lot(&a->g->config->plan, a->words->lot) : PLAN_NONE,
        .bays = (uint32_t)a->words->bays,
        .from = a->words->from,
        .until = a->words->until,
    };

    if (given(a, WORD_LOT) && change.lot == PLAN_NONE)
        return refused(a, "there is no such lot; list them with: parkctl lots");
    if (!plate_normal(a->request->subject, change.plate) || !*change.plate)
        return refused(a, "this is not a number plate");
    text_copy(change.group, sizeof change.group, a->words->group);
    text_copy(change.actor, sizeof change.actor, a->request->actor.name);
    text_copy(change.reason, sizeof change.reason, a->words->reason);
    return yard_list(a->g->yard, &change, a->now, &a->why);
}

static bool list_add(struct acting *a)
{
    return list(a, true);
}
static bool list_remove(struct acting *a)
{
    return list(a, false);
}

static bool shift(struct acting *a, enum shift_event event)
{
    struct record_shift change = {
        .event = event,
        .lot = given(a, WORD_LOT) ? plan_find_lot(&a->g->config->plan, a->words->lot) : PLAN_NONE,
        .float_fen = a->words->float_fen,
        .counted_fen = a->words->counted_fen,
    };
    char id[IDENT_SIZE];

    if (given(a, WORD_LOT) && change.lot == PLAN_NONE)
        return refused(a, "there is no such lot; list them with: parkctl lots");
    if (event == SHIFT_CLOSED)
        text_copy(change.shift, sizeof change.shift, a->request->subject);
    text_copy(change.cashier, sizeof change.cashier, a->words->cashier);
    text_copy(change.witness, sizeof change.witness, a->words->witness);
    text_copy(change.denominations, sizeof change.denominations, a->words->denominations);
    text_copy(change.reason, sizeof change.reason, a->words->reason);
    if (!stays_shift(yard_stays(a->g->yard), &change, a->now.utc, a->out, id, &a->why))
        return false;
    say(a, "shift", id);
    return true;
}

static bool shift_open(struct acting *a)
{
    return shift(a, SHIFT_OPENED);
}
static bool shift_close(struct acting *a)
{
    return shift(a, SHIFT_CLOSED);
}

static bool occupancy(struct acting *a)
{
    uint32_t lot = plan_find_lot(&a->g->config->plan, a->request->subject);

    if (lot == PLAN_NONE)
        return refused(a, "there is no such lot; list them with: parkctl lots");
    return yard_declare(a->g->yard, lot, a->words->inside, a->words->sure, a->request->actor.name,
                        a->now, &a->why);
}

static bool report_close(struct acting *a)
{
    struct record record = {.kind = RECORD_REPORT, .at = a->now.utc};
    struct record_report *report = &record.report;

    report->from = a->words->from;
    report->to = a->words->until;
    report->through = a->words->through;
    text_copy(report->day, sizeof report->day, a->request->subject);
    text_copy(report->zone, sizeof report->zone, a->words->timezone);
    text_copy(report->fees, sizeof report->fees, a->words->fees);
    text_copy(report->sums, sizeof report->sums, a->words->sums);
    text_copy(report->uploads, sizeof report->uploads, a->words->uploads);
    text_copy(report->digest, sizeof report->digest, a->words->digest);
    text_copy(report->actor, sizeof report->actor, a->request->actor.name);
    if (!closing_report(&a->g->closing, a->now.utc, report, &a->why))
        return false;
    closing_apply(&a->g->closing, &record);
    struct record_sink sink = gateway_sink(a->g);
    sink.put(sink.arg, &record);
    snprintf(a->json, sizeof a->json, "{\"number\":%lld,\"event\":\"%s\"}",
             (long long)report->number, words_name(&closing_event_words, report->event));
    return true;
}

static bool put_difference(struct acting *a, const struct record_difference *difference)
{
    struct record record = {.kind = RECORD_DIFFERENCE, .at = a->now.utc, .difference = *difference};
    struct record_sink sink = gateway_sink(a->g);

    differences_apply(a->g->differences, &record);
    sink.put(sink.arg, &record);
    return true;
}

static bool difference_note(struct acting *a)
{
    struct record_difference found = a->words->difference;
    bool again;

    if (strlen(a->request->subject) >= sizeof found.difference)
        return refused(a, "this is no difference's id");
    text_copy(found.difference, sizeof found.difference, a->request->subject);
    if (!given(a, WORD_HERE))
        found.gateway_fen = RECORD_NO_AMOUNT;
    if (!given(a, WORD_THERE))
        found.channel_fen = RECORD_NO_AMOUNT;
    text_copy(found.statement, sizeof found.statement, a->words->digest);
    text_copy(found.actor, sizeof found.actor, a->request->actor.name);
    text_copy(found.reason, sizeof found.reason, a->words->reason);
    if (!differences_note(a->g->differences, &found, &again, &a->why))
        return false;
    snprintf(a->json, sizeof a->json, "{\"done\":true,\"again\":%s}", again ? "true" : "false");
    return again || put_difference(a, &found);
}

static bool difference_close(struct acting *a)
{
    struct record_difference change = {.state = DIFFERENCE_RESOLVED};

    text_copy(change.difference, sizeof change.difference, a->request->subject);
    text_copy(change.actor, sizeof change.actor, a->request->actor.name);
    text_copy(change.reason, sizeof change.reason, a->words->reason);
    return differences_close(a->g->differences, &change, &a->why) && put_difference(a, &change);
}

static bool (*const acts[SERVE_ACTS])(struct acting *a) = {
    [ACT_LANE_OPEN] = lane_open,
    [ACT_LANE_HOLD] = lane_hold,
    [ACT_LANE_RELEASE] = lane_release,
    [ACT_LANE_CLOSE] = lane_close,
    [ACT_LANE_RESET] = lane_reset,
    [ACT_LANE_OUT] = lane_out,
    [ACT_LANE_IN] = lane_in,
    [ACT_LANE_APPROVE] = lane_approve,
    [ACT_LANE_TICKET] = lane_ticket,
    [ACT_EVACUATE] = evacuate,
    [ACT_EVACUATION_ENDS] = evacuation_ends,
    [ACT_STAY_OPEN] = stay_open,
    [ACT_STAY_AMEND] = stay_amend,
    [ACT_STAY_CLOSE] = stay_close,
    [ACT_STAY_MERGE] = stay_merge,
    [ACT_STAY_COUPON] = stay_coupon,
    [ACT_PAY] = pay,
    [ACT_REFUND] = refund,
    [ACT_LIST_ADD] = list_add,
    [ACT_LIST_REMOVE] = list_remove,
    [ACT_SHIFT_OPEN] = shift_open,
    [ACT_SHIFT_CLOSE] = shift_close,
    [ACT_OCCUPANCY] = occupancy,
    [ACT_REPORT] = report_close,
    [ACT_DIFFERENCE] = difference_note,
    [ACT_DIFFERENCE_CLOSE] = difference_close,
};

void gateway_act(struct gateway *g, const struct serve_request *request, struct serve_reply *reply)
{
    struct acting a = {
        .g = g,
        .request = request,
        .words = &request->words,
        .now = gateway_now(g),
        .out = yard_sink(g->yard),
        .json = "{\"done\":true}",
    };

    if (acts[request->act](&a))
        gateway_answer_later(g, reply, a.json);
    else
        gateway_refuse(reply, GATEWAY_CONFLICT, "%s", a.why ? a.why : "it cannot be done now");
}
