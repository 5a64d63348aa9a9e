/* Orders of platforms: the rules that stand before an act, and the acts as a table. See executor.h.
 */
#include "daemon/uplink/executor.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/core/asked.h"

enum { MINUTE_MS = 60000 };

struct executor {
    const struct site_plan *plan;
    struct yard *yard;
    struct asked *asked;
};

/* One order under way. */
struct asking {
    struct executor *executor;
    const struct executor_case *it;
    const struct city_order *order;
    struct record record; /* of it, as far as it is filled in */
    uint32_t lane;
    char actor[RECORD_WORD]; /* "uplink:actor", so that nobody is taken for a local one */
    bool again;              /* the payment was known by its transaction */
    const char *why;
};

static bool refused(struct asking *a, const char *why)
{
    a->why = why;
    return false;
}

/* ---- rules 1 to 3 ---- */

/* What comes back from the journal as it went in. */
static bool is_id(const char *id)
{
    size_t size = 0;

    while (id[size] > ' ' && id[size] <= '~')
        size++;
    return size > 0 && id[size] == '\0';
}

static uint32_t find_lane(const struct asking *a)
{
    const struct uplink_settings *from = a->it->from;

    for (uint32_t i = 0; i < from->places_count; i++)
        if (strcmp(from->places[i].code, a->order->lane) == 0)
            return plan_find_lane(a->executor->plan, from->places[i].id);
    return plan_find_lane(a->executor->plan, a->order->lane);
}

enum needs { NEEDS_LANE = 1, NEEDS_WHO = 2, NEEDS_WHY = 4, NEEDS_END = 8, NEEDS_PLATE = 16 };

static bool says_all(struct asking *a, unsigned needs)
{
    const struct city_order *order = a->order;

    if (needs & NEEDS_LANE) {
        a->lane = find_lane(a);
        if (a->lane == PLAN_NONE)
            return refused(a, "there is no such lane");
        text_copy(a->record.platform.subject, RECORD_PHRASE, a->executor->plan->lanes[a->lane].id);
    }
    if (needs & NEEDS_WHO && !*order->actor)
        return refused(a, "it needs an actor: who asks");
    if (needs & NEEDS_WHY && !*order->note)
        return refused(a, "it needs a reason");
    if (needs & NEEDS_END && !order->not_after.ms)
        return refused(a, "it needs not_after: until when it may be done");
    if (needs & NEEDS_PLATE && !*a->record.platform.plate)
        return refused(a, "it needs a number plate");
    return true;
}

static bool in_time(struct asking *a, bool opens)
{
    int64_t ahead_ms = a->order->not_after.ms - a->it->now.utc.ms;

    if (!a->order->not_after.ms)
        return true;
    if (a->it->time_uncertain && a->order->act != PLATFORM_PAID)
        return refused(a, "the gateway's clock is not known to be right: not_after means nothing");
    if (ahead_ms < 0)
        return refused(a, "too late: its not_after has passed");
    if (opens && ahead_ms > EXECUTOR_AHEAD_MS)
        return refused(a, "not_after of an opening lies 10 seconds ahead at most");
    return ahead_ms <= EXECUTOR_WEEK_MS ||
           refused(a, "not_after lies more than a week ahead; give one that is nearer");
}

static bool loops_are_heard(struct asking *a)
{
    struct lane_view view;

    lane_view(yard_lane(a->executor->yard, a->lane), &view);
    if (a->executor->plan->lanes[a->lane].barrier == PLAN_NONE)
        return true; /* a camera's relay: nothing of ours could be heard */
    return (view.barrier.quality != BOOM_STALE &&
            a->it->now.mono.ms - view.barrier.at.ms <= EXECUTOR_FRESH_MS) ||
           refused(a, "the loops were not heard within a second");
}

static bool may_open(struct asking *a)
{
    const struct lane_plan *lane = &a->executor->plan->lanes[a->lane];
    utc_ms now = a->it->now.utc, since = {now.ms - MINUTE_MS};

    if (lane->orders_per_min == 0)
        return refused(a, "platforms may not open this lane");
    if (asked_openings(a->executor->asked, lane->id, since, now) >= lane->orders_per_min)
        return refused(a, "the lane was opened too often in this minute");
    return loops_are_heard(a);
}

/* ---- acts ---- */

static void fill_act(const struct asking *a, enum lane_operation operation, struct lane_act *ret)
{
    *ret = (struct lane_act){
        .operation = operation, .cause = CAUSE_PLATFORM, .until = a->order->until};
    text_copy(ret->actor, sizeof ret->actor, a->actor);
    text_copy(ret->reason, sizeof ret->reason, a->order->note);
}

static const enum lane_operation operations[PLATFORM_ACTS] = {
    [PLATFORM_OPEN] = LANE_DO_OPEN,
    [PLATFORM_HOLD] = LANE_DO_HOLD,
    [PLATFORM_RELEASE] = LANE_DO_RELEASE,
};

static bool lane_would(struct asking *a)
{
    struct lane_act act;

    if (a->order->until.ms > a->it->now.utc.ms + EXECUTOR_WEEK_MS)
        return refused(a, "a hold ends within a week");
    fill_act(a, operations[a->order->act], &act);
    return yard_may(a->executor->yard, a->lane, &act, a->it->now, &a->why);
}

static bool lane_does(struct asking *a)
{
    struct lane_act act;

    fill_act(a, operations[a->order->act], &act);
    return yard_act(a->executor->yard, a->lane, &act, a->it->now, &a->why);
}

/* The stay where it is known, by its id or its ticket; else the order, else what it is called. */
static void name_debt(struct asking *a, struct money_in *money)
{
    const struct city_order *order = a->order;
    const struct stays *stays = yard_stays(a->executor->yard);
    const struct stay *stay = stays_find(stays, order->stay);

    if (!stay)
        stay = stays_by_ticket(stays, order->ticket);
    if (stay || !*order->order)
        text_copy(money->stay, sizeof money->stay, stay ? stay->id : order->stay);
    text_copy(money->order, sizeof money->order, order->order);
    text_copy(a->record.platform.subject, RECORD_PHRASE, stay ? stay->id : order->order);
}

/* Exactly what came, wherever it can be laid to a stay. */
static bool paid(struct asking *a)
{
    const char *number = *a->order->transaction ? a->order->transaction : a->order->id;
    struct money_in money = {
        .amount_fen = a->order->amount_fen, .channel = a->order->channel, .at = a->it->now.utc};

    if (strlen(number) >= sizeof money.transaction)
        return refused(a, "it needs a transaction of at most 47 bytes, to be told apart by");
    name_debt(a, &money);
    text_copy(money.transaction, sizeof money.transaction, number);
    text_copy(money.actor, sizeof money.actor, a->actor);
    return yard_pay(a->executor->yard, &money, a->it->now, &a->again, &a->why);
}

static bool list(struct asking *a)
{
    const struct city_order *order = a->order;
    struct record_list change = {.list = order->list,
                                 .on = order->act == PLATFORM_LIST_ADD,
                                 .lot = order->lot ? order->lot->lot : PLAN_NONE,
                                 .from = order->from,
                                 .until = order->until};

    if (!order->lot && *order->lot_id) {
        change.lot = plan_find_lot(a->executor->plan, order->lot_id);
        if (change.lot == PLAN_NONE)
            return refused(a, "there is no such lot");
    }
    text_copy(a->record.platform.subject, RECORD_PHRASE,
              words_name(&list_kind_words, (int)order->list));
    text_copy(change.plate, sizeof change.plate, a->record.platform.plate);
    text_copy(change.actor, sizeof change.actor, a->actor);
    text_copy(change.reason, sizeof change.reason, order->note);
    return yard_list(a->executor->yard, &change, a->it->now, &a->why);
}

/* What the lane and who waits there say against it is said before it is recorded. */
static bool ticket_would(struct asking *a)
{
    char bytes[RECORD_PHRASE];
    struct text subject;

    text_init(&subject, bytes, sizeof bytes);
    text_add(&subject, "%s %s", a->executor->plan->lanes[a->lane].id, a->order->ticket);
    text_copy(a->record.platform.subject, RECORD_PHRASE, bytes);
    return yard_may_ticket(a->executor->yard, a->lane, a->order->ticket, &a->why);
}

static bool ticket_does(struct asking *a)
{
    return yard_ticket(a->executor->yard, a->lane, a->order->ticket, a->it->now, &a->why);
}

/* Rule 5. */
static bool take_note(struct asking *a)
{
    return *a->order->note || refused(a, "the notice says nothing");
}

static const struct {
    unsigned needs;
    bool opens;
    bool (*would)(struct asking *a); /* NULL: see `does`. Else rule 4: recorded before it is done */
    bool (*does)(struct asking *a);
} acts[PLATFORM_ACTS] = {
    [PLATFORM_PAID] = {0, false, NULL, paid},
    [PLATFORM_LIST_ADD] = {NEEDS_PLATE, false, NULL, list},
    [PLATFORM_LIST_REMOVE] = {NEEDS_PLATE, false, NULL, list},
    [PLATFORM_OPEN] = {NEEDS_LANE | NEEDS_WHO | NEEDS_WHY | NEEDS_END, true, lane_would, lane_does},
    [PLATFORM_TARIFF] = {0, false, NULL, take_note},
    [PLATFORM_HOLD] = {NEEDS_LANE | NEEDS_WHO | NEEDS_WHY | NEEDS_END, true, lane_would, lane_does},
    [PLATFORM_RELEASE] = {NEEDS_LANE | NEEDS_WHO | NEEDS_WHY | NEEDS_END, false, lane_would,
                          lane_does},
    [PLATFORM_TICKET] = {NEEDS_LANE | NEEDS_END, false, ticket_would, ticket_does},
};

/* ---- one order ---- */

static void note(struct asking *a, enum platform_verdict verdict)
{
    struct record_sink out = yard_sink(a->executor->yard);
    struct record_platform *r = &a->record.platform;

    r->verdict = verdict;
    text_copy(r->reason, sizeof r->reason, verdict == PLATFORM_REFUSED && a->why ? a->why : "");
    out.put(out.arg, &a->record);
    asked_apply(a->executor->asked, &a->record, 0);
}

static bool stands(struct asking *a)
{
    enum platform_act act = a->order->act;

    return says_all(a, acts[act].needs) && in_time(a, acts[act].opens) &&
           (!acts[act].opens || may_open(a));
}

static enum platform_verdict judge(struct asking *a)
{
    enum platform_act act = a->order->act;
    enum platform_verdict verdict = PLATFORM_REFUSED;

    if (stands(a) && acts[act].would && acts[act].would(a)) {
        note(a, PLATFORM_DONE);
        acts[act].does(a);
        return PLATFORM_DONE;
    }
    if (!a->why && acts[act].does(a))
        verdict = a->again ? PLATFORM_AGAIN : PLATFORM_DONE;
    note(a, verdict);
    return verdict;
}

static void fill_record(struct asking *a)
{
    const struct city_order *order = a->order;
    struct record_platform *r = &a->record.platform;

    a->record = (struct record){.kind = RECORD_PLATFORM, .at = a->it->now.utc};
    r->act = order->act;
    r->not_after = order->not_after;
    text_copy(r->uplink, sizeof r->uplink, a->it->from->name);
    text_copy(r->id, sizeof r->id, order->id);
    text_copy(r->actor, sizeof r->actor, order->actor);
    text_copy(r->note, sizeof r->note, order->note);
    plate_normal(order->plate, r->plate);
}

static void name_actor(struct asking *a)
{
    char bytes[2 * RECORD_WORD + 1];
    struct text text;

    text_init(&text, bytes, sizeof bytes);
    text_add(&text, "%s%s%s", a->it->from->name, *a->order->actor ? ":" : "", a->order->actor);
    text_copy(a->actor, sizeof a->actor, bytes);
}

static bool busy(const struct executor *executor, const struct executor_case *it)
{
    utc_ms since = {it->now.utc.ms - MINUTE_MS};

    return asked_orders(executor->asked, it->from->name, since, it->now.utc) >=
           it->from->orders_per_min;
}

static void say(struct platform_said *ret, enum platform_verdict verdict, const char *why)
{
    ret->verdict = verdict;
    text_copy(ret->why, sizeof ret->why, why ? why : "");
}

void executor_take(struct executor *executor, const struct executor_case *it,
                   struct platform_said *ret)
{
    struct asking a = {.executor = executor, .it = it, .order = it->order};
    struct asked_verdict before;

    *ret = (struct platform_said){.verdict = PLATFORM_REFUSED};
    if (!is_id(it->order->id)) {
        say(ret, PLATFORM_REFUSED, "an order needs an id of printable characters");
    } else if (asked_before(executor->asked, it->from->name, it->order->id, &before)) {
        say(ret, before.verdict, before.reason);
        ret->again = true;
    } else if (busy(executor, it)) {
        say(ret, PLATFORM_REFUSED, "too many orders in a minute; ask again with the same id");
        ret->later = true;
    } else {
        fill_record(&a);
        name_actor(&a);
        say(ret, judge(&a), NULL);
        text_copy(ret->why, sizeof ret->why, ret->verdict == PLATFORM_REFUSED ? a.why : "");
        ret->again = ret->verdict == PLATFORM_AGAIN;
    }
}

/* ---- its life ---- */

struct executor *executor_create(const struct site_plan *plan, struct yard *yard)
{
    struct executor *executor = memory_new(1, sizeof *executor);

    *executor = (struct executor){.plan = plan, .yard = yard, .asked = asked_create()};
    return executor;
}

void executor_destroy(struct executor *executor)
{
    if (!executor)
        return;
    asked_destroy(executor->asked);
    free(executor);
}

void executor_restore(struct executor *executor, const struct record *record, uint64_t seq)
{
    asked_apply(executor->asked, record, seq);
}

void executor_kept(struct executor *executor, const struct record *record, uint64_t seq)
{
    asked_kept(executor->asked, record, seq);
}

uint64_t executor_seq(const struct executor *executor, const char *uplink, const char *id)
{
    struct asked_verdict before = {.seq = 0};

    asked_before(executor->asked, uplink, id, &before);
    return before.seq;
}
