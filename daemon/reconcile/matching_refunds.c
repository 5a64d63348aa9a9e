/*
 * Refunds: what the gateway gave back for an order against what the channel did; and which orders
 * agree in all. Runs behind matching_payments.c.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/core/civil.h"
#include "daemon/reconcile/matching_inside.h"

static void gather(struct side *side)
{
    for (uint32_t i = 0; i < side->count; i++) {
        struct item *item = &side->items[i];

        if (item->line->kind != LINE_REFUND || item->used || !item->order)
            continue;
        struct claim *claim = &side->claims[item->order - side->input->orders->items];
        if (!claim->refund || (item->day == side->input->day && claim->refund_today_fen == 0))
            claim->refund = item;
        if (item->day == side->input->day)
            claim->refund_today_fen += item->line->amount_fen;
        else
            claim->refund_near_fen += item->line->amount_fen;
        item->used = true;
    }
}

static void tell_unknown(struct side *side, const struct item *item)
{
    matching_difference(side->match, &(struct difference){
                                         .class = DIFFERENCE_REFUND_UNKNOWN,
                                         .channel = side->channel,
                                         .order = "",
                                         .channel_order = item->line->order,
                                         .transaction = item->line->transaction,
                                         .refund = item->line->refund,
                                         .gateway_fen = MATCHING_NO_AMOUNT,
                                         .channel_fen = item->line->amount_fen,
                                         .at_risk_fen = item->line->amount_fen,
                                         .at_local_s = item->line->at_local_s,
                                         .why = "given back without us: book the refund",
                                     });
}

/* Whether the order's refund is expected in the bill of this day; one without a time of its own
 * is, on the day of the payment. */
static bool is_due(const struct side *side, const struct pay_order *order)
{
    int64_t at_s = order->refunded_local_s == PAY_ORDER_NO_TIME ? order->paid_local_s
                                                                : order->refunded_local_s;

    return civil_day(at_s) == side->input->day;
}

/* What there is to say of the order's refunds on this day; false when both sides agree. */
static bool judge(const struct side *side, const struct pay_order *order, const struct claim *claim,
                  struct difference *ret)
{
    int64_t ours = order->refund_fen, today = claim->refund_today_fen,
            all = today + claim->refund_near_fen;
    bool due = is_due(side, order), timed = order->refunded_local_s != PAY_ORDER_NO_TIME;

    if (today && !ours) {
        ret->class = DIFFERENCE_STATUS_MISMATCH;
        ret->at_risk_fen = today;
        ret->why = "paid here, refunded at the channel: book the refund";
        return true;
    }
    if (!due && (timed || today <= ours))
        return false; /* told on the day that it is due, or a part of an older order's */
    if (ours == today)
        return false;
    ret->class = DIFFERENCE_AMOUNT_MISMATCH;
    ret->at_risk_fen = llabs(ours - all);
    ret->why = "the refunds differ: compare both";
    if (ours == all) {
        ret->class = DIFFERENCE_LATE;
        ret->state = DIFFERENCE_AUTO_RESOLVED;
        ret->why = "refunded in the bill of a neighbouring day";
    } else if (!all) {
        bool near = timed && matching_is_near_edge(side, order->refunded_local_s);

        ret->class = near ? DIFFERENCE_LATE : DIFFERENCE_REFUND_MISSING;
        ret->why = near ? "at the edge of the day: look at the neighbouring bill"
                        : "the channel gave nothing back: refund it there";
    }
    return true;
}

/* An order of the day without any money is told as that, and not as a refund as well. */
static bool is_void_of_money(const struct side *side, const struct pay_order *order,
                             const struct claim *claim)
{
    return !claim->payment && !claim->refund && civil_day(order->paid_local_s) == side->input->day;
}

/* True when all is well. */
static bool check_order(struct side *side, const struct pay_order *order, const struct claim *claim)
{
    const struct statement_line *line = claim->refund ? claim->refund->line : NULL;
    struct difference difference = {
        .of_refund = true,
        .channel = side->channel,
        .order = order->number,
        .channel_order = line ? line->order : "",
        .transaction = line ? line->transaction : order->transaction,
        .refund = line ? line->refund : "",
        .gateway_fen = order->refund_fen,
        .channel_fen = line ? claim->refund_today_fen + claim->refund_near_fen : MATCHING_NO_AMOUNT,
        .at_local_s = order->refunded_local_s == PAY_ORDER_NO_TIME ? order->paid_local_s
                                                                   : order->refunded_local_s,
    };

    if (is_void_of_money(side, order, claim) || !judge(side, order, claim, &difference))
        return true;
    matching_difference(side->match, &difference);
    return false;
}

void matching_refunds(struct side *side)
{
    const struct pay_orders *orders = side->input->orders;
    int32_t day = side->input->day;

    gather(side);
    for (uint32_t i = 0; i < side->count; i++) {
        const struct item *item = &side->items[i];

        if (item->line->kind == LINE_REFUND && !item->used && item->day == day)
            tell_unknown(side, item);
    }
    for (uint32_t i = 0; i < orders->count; i++) {
        const struct pay_order *order = &orders->items[i];
        const struct item *payment = side->claims[i].payment;

        if (!matching_is_of(order, side) || !matching_is_paid(order))
            continue;
        bool good = check_order(side, order, &side->claims[i]);
        if (good && civil_day(order->paid_local_s) == day && payment && payment->day == day &&
            payment->line->amount_fen == order->paid_fen)
            matching_note_matched(side->match, order);
    }
}
