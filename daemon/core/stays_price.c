/*
 * What a stay comes to (rule 12). The tariff is asked once for what is payable, and once more for
 * each kind of relief that bears on the stay, without it; reliefs are the differences, in this
 * order: pass, class, coupon, other (frozen time). So the chain adds up whatever the tariff says.
 * Pure; any thread.
 */
#include <string.h>

#include "daemon/core/stays_inside.h"

enum { SPANS = 16, EARLIER = 32, EARLIER_S = 2 * CIVIL_DAY_S, HOLDS_S = 7 * CIVIL_DAY_S };

/* What an ordinary vehicle of the size is, of which the class's relief is counted. */
static const enum vehicle_class ordinary[VEHICLE_CLASSES] = {
    [VEHICLE_SMALL] = VEHICLE_SMALL,     [VEHICLE_MEDIUM] = VEHICLE_MEDIUM,
    [VEHICLE_LARGE] = VEHICLE_LARGE,     [VEHICLE_NEV] = VEHICLE_SMALL,
    [VEHICLE_NEV_LARGE] = VEHICLE_LARGE, [VEHICLE_DISABLED] = VEHICLE_SMALL,
    [VEHICLE_DIESEL] = VEHICLE_DIESEL,   [VEHICLE_MOTORCYCLE] = VEHICLE_MOTORCYCLE,
    [VEHICLE_POLICE] = VEHICLE_SMALL,    [VEHICLE_MILITARY] = VEHICLE_SMALL,
    [VEHICLE_FIRE] = VEHICLE_LARGE,      [VEHICLE_AMBULANCE] = VEHICLE_SMALL,
    [VEHICLE_RESCUE] = VEHICLE_LARGE,
};

/* A stay prepared for the tariff. */
struct question {
    const struct stay *of;
    const struct tariff_book *book;
    struct tariff_stay stay;
    struct tariff_span passes[SPANS], frozen[STAY_FREEZES];
    uint32_t passes_count, frozen_count;
    struct tariff_payment paid[STAY_PAYMENTS]; /* less what was refunded of each */
    uint32_t paid_count;
    struct tariff_earlier earlier[EARLIER];
    bool exempt;
};

/* Reliefs that a price takes into account; each level those before it, too. */
enum level { LEVEL_NONE, LEVEL_PASS, LEVEL_CLASS, LEVEL_COUPON, LEVEL_ALL };

static int64_t floor_s(int64_t ms)
{
    return ms / 1000 - (ms % 1000 < 0);
}

/* Rounded up, so that taking the step back never gives a later moment than the true one. */
static int64_t step_s(int64_t ms)
{
    return -floor_s(-ms);
}

/* Keeps `spans` ascending and within the stay. */
static uint32_t add_span(struct tariff_span *spans, uint32_t count, struct tariff_span span,
                         int64_t end_s)
{
    uint32_t at = count;

    if (span.to_s > end_s)
        span.to_s = end_s;
    if (span.from_s >= span.to_s)
        return count;
    for (; at > 0 && spans[at - 1].from_s > span.from_s; at--)
        spans[at] = spans[at - 1];
    spans[at] = span;
    return count + 1;
}

static void collect_spans(const struct stays *stays, struct question *q)
{
    const struct stay *stay = q->of;
    struct tariff_span found[SPANS];
    uint32_t count = stays_lists_passes(stays, stay, found, SPANS);
    int64_t end_s = q->stay.exit_s + CIVIL_DAY_S * 366; /* also for a quote; far from overflow */

    for (uint32_t i = 0; i < count; i++)
        q->passes_count = add_span(q->passes, q->passes_count, found[i], end_s);
    for (uint32_t i = 0; i < stay->frozen_count; i++)
        q->frozen_count = add_span(q->frozen, q->frozen_count, stay->frozen[i], end_s);
}

static void collect_paid(struct question *q)
{
    for (const struct stay_payment *p = q->of->payments; p && q->paid_count < STAY_PAYMENTS;
         p = p->next)
        if (p->fen > p->refunded_fen)
            q->paid[q->paid_count++] =
                (struct tariff_payment){floor_s(p->at.ms), p->fen - p->refunded_fen};
}

static bool bears_on(const struct stay *other, const struct stay *stay)
{
    return other->closed && other->lot == stay->lot && other->outcome != OUTCOME_VOID &&
           other->entered.ms < stay->entered.ms &&
           other->left.ms > stay->entered.ms - EARLIER_S * INT64_C(1000) &&
           strcmp(other->plate, stay->plate) == 0;
}

static uint32_t add_earlier(struct tariff_earlier *list, uint32_t count, struct tariff_earlier one)
{
    uint32_t at = count;

    for (; at > 0 && list[at - 1].entry_s > one.entry_s; at--)
        list[at] = list[at - 1];
    list[at] = one;
    return count + 1;
}

/* Of the same plate and lot, for maxima and free time of a day. */
static void collect_earlier(const struct stays *stays, struct question *q)
{
    const struct stay *stay = q->of;
    uint64_t hash = stays_index_hash(stay->plate, stay->lot);
    uint32_t count = 0;

    for (uint32_t n = stays_index_first(&stays->by_plate, hash);
         n != INDEX_END && count < EARLIER && stay->plate[0];
         n = stays_index_next(&stays->by_plate, n)) {
        const struct stay *other = &stays->slots[n].stay;

        if (strcmp(other->id, stay->id) != 0 && bears_on(other, stay))
            count = add_earlier(q->earlier, count,
                                (struct tariff_earlier){floor_s(other->entered.ms),
                                                        floor_s(other->left.ms),
                                                        other->money.payable_fen});
    }
    q->stay.earlier = q->earlier;
    q->stay.earlier_count = count;
}

static void prepare(const struct stays *stays, const struct stay *stay, utc_ms at,
                    struct question *q)
{
    const struct lot_policy *policy = &stays->plan->lots[stay->lot].policy;
    bool leaving = stay->leave_by.ms != 0 && at.ms <= stay->leave_by.ms;

    *q = (struct question){
        .of = stay,
        .book = policy->tariff,
        .exempt = policy->exempt & VEHICLE_BIT(stay->class) ||
                  stays_lists_has(stays, PLATES_EXEMPT, stay->lot, stay->plate, at),
        .stay = {.entry_s = floor_s(stay->entered.ms),
                 .exit_s = floor_s(leaving ? stay->settled.ms : at.ms),
                 .entry_missing = stay->entry_missing,
                 .clock_step_s = step_s(leaving ? stay->settled_step_ms : stay->clock_step_ms)}};
    collect_spans(stays, q);
    collect_paid(q);
    collect_earlier(stays, q);
}

/* Only payments that settled all bear on the price without a relief, and they settle it too:
 * otherwise time that was paid for would count as relief. */
static uint32_t settling(const struct question *q, struct tariff_payment ret[STAY_PAYMENTS])
{
    static const int64_t plenty_fen = INT64_C(1000000000000);
    uint32_t count = 0;

    for (const struct stay_payment *p = q->of->payments; p && count < STAY_PAYMENTS; p = p->next)
        if (p->settled && p->fen > p->refunded_fen)
            ret[count++] = (struct tariff_payment){floor_s(p->at.ms), plenty_fen};
    return count;
}

/* A question at one level, with the arrays that it points into. */
struct asked {
    struct tariff_stay stay;
    struct tariff_span spans[SPANS + STAY_FREEZES];
    struct tariff_payment paid[STAY_PAYMENTS];
};

static void put_question(const struct question *q, enum level level, struct asked *ret)
{
    struct tariff_stay *stay = &ret->stay;
    bool all = level == LEVEL_ALL;

    *stay = q->stay;
    stay->class = level >= LEVEL_CLASS ? q->of->class : ordinary[q->of->class];
    stay->passes = ret->spans;
    for (uint32_t i = 0; i < q->passes_count && level >= LEVEL_PASS; i++)
        stay->passes_count = add_span(ret->spans, stay->passes_count, q->passes[i], INT64_MAX);
    for (uint32_t i = 0; i < q->frozen_count && all; i++)
        stay->passes_count = add_span(ret->spans, stay->passes_count, q->frozen[i], INT64_MAX);
    stay->coupons = q->of->coupons;
    stay->coupons_count = level >= LEVEL_COUPON ? q->of->coupons_count : 0;
    stay->payments = all ? q->paid : ret->paid;
    stay->payments_count = all ? q->paid_count : settling(q, ret->paid);
}

static enum tariff_verdict ask(const struct question *q, enum level level,
                               struct tariff_trace *trace, struct tariff_fee *ret)
{
    struct asked asked;

    put_question(q, level, &asked);
    enum tariff_verdict verdict = tariff_price(q->book, &asked.stay, trace, ret);
    if (verdict != TARIFF_BACKWARDS)
        return verdict;
    asked.stay.exit_s = asked.stay.entry_s; /* the clock went back further than the stay is long */
    return tariff_price(q->book, &asked.stay, trace, ret);
}

static int64_t fee_of(const struct question *q)
{
    struct tariff_fee fee = {.fen = INT64_MAX};

    ask(q, LEVEL_ALL, NULL, &fee);
    return fee.fen;
}

/* Spans that cost nothing cut a stay into pieces, and each piece begins its units anew: where that
 * would be dearer they are left out. A relief never raises a fee. */
static void leave_out(struct question *q, uint32_t *spans_count)
{
    uint32_t count = *spans_count;

    if (count == 0)
        return;
    int64_t with_fen = fee_of(q);
    *spans_count = 0;
    if (with_fen <= fee_of(q))
        *spans_count = count;
}

/* What the price is without the reliefs above `level`; at least what it is with them. */
static int64_t without(const struct question *q, enum level level, bool bears, int64_t with_fen)
{
    struct tariff_fee fee;

    if (!bears || ask(q, level, NULL, &fee) != TARIFF_PRICED || fee.fen < with_fen)
        return with_fen;
    return fee.fen;
}

static void make_chain(const struct question *q, int64_t fee_fen, struct money_chain *ret)
{
    bool other_class = ordinary[q->of->class] != q->of->class;
    int64_t coupon_fen = without(q, LEVEL_COUPON, q->frozen_count > 0, fee_fen);
    int64_t class_fen = without(q, LEVEL_CLASS, q->of->coupons_count > 0, coupon_fen);
    int64_t pass_fen = without(q, LEVEL_PASS, other_class, class_fen);
    int64_t full_fen = without(q, LEVEL_NONE, q->passes_count > 0, pass_fen);

    *ret = (struct money_chain){.receivable_fen = full_fen,
                                .relief_pass_fen = full_fen - pass_fen,
                                .relief_class_fen = pass_fen - class_fen,
                                .relief_coupon_fen = class_fen - coupon_fen,
                                .relief_other_fen = coupon_fen - fee_fen,
                                .payable_fen = fee_fen};
    if (!q->exempt)
        return;
    *ret = (struct money_chain){.receivable_fen = full_fen,
                                .relief_pass_fen = full_fen - pass_fen,
                                .relief_class_fen = pass_fen};
}

void stays_price_now(const struct stays *stays, const struct stay *stay, utc_ms at,
                     struct tariff_trace *trace, struct stay_price *ret)
{
    const struct lot_policy *policy = &stays->plan->lots[stay->lot].policy;
    struct tariff_fee fee;
    struct question q;

    *ret = (struct stay_price){.received_fen = stay->received_fen, .overstayed = stay->overstayed};
    if (!policy->tariff)
        return;
    prepare(stays, stay, at, &q);
    leave_out(&q, &q.frozen_count);
    leave_out(&q, &q.passes_count);
    if (ask(&q, LEVEL_ALL, trace, &fee) != TARIFF_PRICED) {
        ret->manual = true;
        return;
    }
    make_chain(&q, fee.fen, &ret->money);
    ret->due_fen = ret->money.payable_fen > stay->received_fen
                       ? ret->money.payable_fen - stay->received_fen
                       : 0;
    ret->overstayed = ret->overstayed || fee.overstayed;
    text_copy(ret->tariff, sizeof ret->tariff,
              policy->tariff_id ? policy->tariff_id : fee.version->id);
    text_copy(ret->version, sizeof ret->version, fee.version->version);
}

utc_ms stays_price_until(const struct stays *stays, const struct stay *stay, utc_ms at)
{
    int64_t until_s = INT64_MAX, last_s = floor_s(at.ms) + HOLDS_S;
    struct tariff_fee fee;
    struct question q;
    struct asked asked;

    if (at.ms <= stay->leave_by.ms)
        return stay->leave_by;
    prepare(stays, stay, at, &q);
    leave_out(&q, &q.frozen_count);
    leave_out(&q, &q.passes_count);
    put_question(&q, LEVEL_ALL, &asked);
    tariff_quote(q.book, &asked.stay, &fee, &until_s); /* without a price it never changes */
    return (utc_ms){(until_s < last_s ? until_s : last_s) * 1000};
}

bool stays_price(const struct stays *stays, const char *stay, utc_ms at, struct tariff_trace *trace,
                 struct stay_price *ret)
{
    const struct stays_slot *slot = stays_keep_find(stays, stay);

    if (!slot)
        return false;
    stays_price_now(stays, &slot->stay, at, trace, ret);
    return true;
}
