/*
 * Payments: which line is the payment of which order, and what is left over on either side. An
 * order belongs to the day on which the gateway had it paid; a line to the day of its bill. A
 * difference is told on the day of its order, or of its line when there is no order.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/core/civil.h"
#include "daemon/reconcile/matching_inside.h"

enum { SUFFIX_MAX = 4, NUMBER_SIZE = 80 };

static bool is_todays(const struct side *side, const struct pay_order *order)
{
    return civil_day(order->paid_local_s) == side->input->day;
}

/* Of several payments of an order, the one whose number the gateway knows, else the first. */
static void choose_payments(struct side *side)
{
    for (uint32_t i = 0; i < side->count; i++) {
        struct item *item = &side->items[i];

        if (item->line->kind != LINE_PAYMENT || !item->order || !matching_is_paid(item->order))
            continue;
        struct claim *claim = &side->claims[item->order - side->input->orders->items];
        bool known = strcmp(item->order->transaction, item->line->transaction) == 0;
        if (claim->payment && !known)
            continue;
        if (claim->payment)
            claim->payment->stands = false;
        claim->payment = item;
        item->stands = true;
    }
}

/* Refunds go to the payment that they name; what one that does not stand has got back is off its
 * risk. */
static void credit_refunds(struct side *side)
{
    for (uint32_t i = 0; i < side->count; i++) {
        struct item *item = &side->items[i];
        uint32_t low = 0, high = side->payments;

        if (item->line->kind != LINE_REFUND)
            continue;
        while (low < high) {
            uint32_t middle = low + (high - low) / 2;

            if (strcmp(side->by_transaction[middle]->line->transaction, item->line->transaction) <
                0)
                low = middle + 1;
            else
                high = middle;
        }
        for (; low < side->payments && !item->used; low++) {
            struct item *payment = side->by_transaction[low];

            if (strcmp(payment->line->transaction, item->line->transaction) != 0)
                break;
            if (payment->stands)
                continue;
            payment->refunded_fen += item->line->amount_fen;
            item->used = true;
        }
    }
}

/* "GW…5R" is another try for GW…5: a number of ours with a short ending that begins with no digit.
 */
static const struct pay_order *find_tried_before(const struct side *side, const char *number)
{
    char known[NUMBER_SIZE];
    size_t size = strlen(number);

    for (size_t suffix = 1; suffix <= SUFFIX_MAX && suffix < size && size < sizeof known;
         suffix++) {
        char first = number[size - suffix];

        memcpy(known, number, size - suffix);
        known[size - suffix] = '\0';
        const struct pay_order *order =
            first >= '0' && first <= '9' ? NULL : pay_orders_find(side->input->orders, known);
        if (order && matching_is_of(order, side) && matching_is_paid(order))
            return order;
    }
    return NULL;
}

/* Another order of the same stay that was paid for the same amount. */
static const struct pay_order *find_sibling(const struct side *side, const struct pay_order *order)
{
    const struct pay_orders *orders = side->input->orders;

    for (uint32_t i = 0; i < orders->count && *order->stay; i++) {
        const struct pay_order *other = &orders->items[i];

        if (other != order && matching_is_paid(other) && strcmp(other->stay, order->stay) == 0 &&
            other->payable_fen == order->payable_fen)
            return other;
    }
    return NULL;
}

/* A payment that stands for no order: money that nobody waits for. */
static void tell_left_over(struct side *side, const struct item *item)
{
    const struct statement_line *line = item->line;
    const struct pay_order *order = item->order, *sibling;
    struct difference difference = {
        .class = DIFFERENCE_CHANNEL_ONLY,
        .channel = side->channel,
        .order = "",
        .channel_order = line->order,
        .transaction = line->transaction,
        .refund = "",
        .gateway_fen = MATCHING_NO_AMOUNT,
        .channel_fen = line->amount_fen,
        .at_risk_fen = line->amount_fen - item->refunded_fen,
        .at_local_s = line->at_local_s,
        .why = "book it to a stay, or refund it",
    };

    if (order && !matching_is_paid(order)) {
        sibling = find_sibling(side, order);
        difference.class = sibling ? DIFFERENCE_DUPLICATE : DIFFERENCE_STATUS_MISMATCH;
        difference.order = sibling ? sibling->number : order->number;
        difference.gateway_fen = sibling ? MATCHING_NO_AMOUNT : 0;
        difference.why =
            sibling ? "refund it: the stay is paid" : "paid at the channel, not here: book it";
    } else if (order || (order = find_tried_before(side, line->order))) {
        difference.class = DIFFERENCE_DUPLICATE;
        difference.order = order->number;
        difference.why = "refund it: the order is paid";
    }
    if (difference.at_risk_fen <= 0) {
        difference.state = DIFFERENCE_AUTO_RESOLVED;
        difference.why = "the channel has refunded it";
    }
    matching_difference(side->match, &difference);
}

static struct difference of_order(const struct side *side, const struct pay_order *order)
{
    return (struct difference){
        .channel = side->channel,
        .order = order->number,
        .channel_order = "",
        .transaction = order->transaction,
        .refund = "",
        .gateway_fen = order->paid_fen,
        .channel_fen = MATCHING_NO_AMOUNT,
        .at_risk_fen = order->paid_fen,
        .at_local_s = order->paid_local_s,
    };
}

/* An order of the day that is paid here, and in no bill that is given. */
static void tell_unpaid(struct side *side, const struct pay_order *order)
{
    struct difference difference = of_order(side, order);
    bool near = matching_is_near_edge(side, order->paid_local_s);

    difference.class = near ? DIFFERENCE_LATE : DIFFERENCE_GATEWAY_ONLY;
    difference.why = near ? "at the edge of the day: look at the neighbouring bill"
                          : "no money came: reverse it to unpaid";
    matching_difference(side->match, &difference);
}

/* An order of the day and its payment. */
static void tell_pair(struct side *side, const struct pay_order *order, const struct item *item)
{
    struct difference difference = of_order(side, order);
    int64_t apart = order->paid_fen - item->line->amount_fen;

    difference.channel_order = item->line->order;
    difference.transaction = item->line->transaction;
    difference.channel_fen = item->line->amount_fen;
    if (apart) {
        difference.class = DIFFERENCE_AMOUNT_MISMATCH;
        difference.at_risk_fen = apart < 0 ? -apart : apart;
        difference.why = "compare the order's amount with the trace of its price";
        matching_difference(side->match, &difference);
    } else if (item->day != side->input->day) {
        difference.class = DIFFERENCE_LATE;
        difference.state = DIFFERENCE_AUTO_RESOLVED;
        difference.why = "in the bill of the neighbouring day";
        matching_difference(side->match, &difference);
    } else if (item->line->coupon_fen || item->line->discount_fen) {
        matching_note_coupon(side->match, (struct matching_coupon){order, item->line});
    }
}

void matching_payments(struct side *side)
{
    const struct pay_orders *orders = side->input->orders;

    choose_payments(side);
    credit_refunds(side);
    for (uint32_t i = 0; i < side->count; i++) {
        const struct item *item = &side->items[i];

        if (item->line->kind == LINE_PAYMENT && item->day == side->input->day && !item->stands)
            tell_left_over(side, item);
    }
    for (uint32_t i = 0; i < orders->count; i++) {
        const struct pay_order *order = &orders->items[i];
        const struct item *payment = side->claims[i].payment;

        if (!matching_is_of(order, side) || !matching_is_paid(order) || !is_todays(side, order))
            continue;
        if (payment)
            tell_pair(side, order, payment);
        else
            tell_unpaid(side, order);
    }
}
