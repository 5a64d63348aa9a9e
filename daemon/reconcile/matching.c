/* The course of matching: one channel after another, then the shifts. See matching.h. */
#include "daemon/reconcile/matching.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/core/civil.h"
#include "daemon/reconcile/matching_inside.h"

struct matching {
    const struct matching_input *input;
    struct difference *differences;
    const struct pay_order **matched;
    struct matching_coupon *coupons;
    struct matching_shift *shifts;
    struct matching_settlement *settlements;
    uint32_t differences_count, matched_count, coupons_count, shifts_count, settlements_count;
    uint32_t unchecked;
    int64_t unchecked_fen;
};

void *matching_add(void *items, uint32_t *count, size_t size)
{
    char **list = items;

    if ((*count & (*count - 1)) == 0) /* full at each power of two */
        *list = memory_grow(*list, *count ? (size_t)*count * 2 : 1, size);
    return memset(*list + (*count)++ * size, 0, size);
}

struct difference *matching_difference(struct matching *match, const struct difference *difference)
{
    struct difference *to =
        matching_add(&match->differences, &match->differences_count, sizeof *to);
    int32_t age = civil_day(match->input->now_local_s) - civil_day(difference->at_local_s);

    *to = *difference;
    to->age_days = age > 0 ? age : 0;
    if (to->state != DIFFERENCE_OPEN)
        to->at_risk_fen = 0;
    return to;
}

void matching_note_matched(struct matching *match, const struct pay_order *order)
{
    const struct pay_order **to = matching_add(&match->matched, &match->matched_count, sizeof *to);

    *to = order;
}

void matching_note_coupon(struct matching *match, struct matching_coupon coupon)
{
    struct matching_coupon *to = matching_add(&match->coupons, &match->coupons_count, sizeof *to);

    *to = coupon;
}

struct matching_settlement *matching_new_settlement(struct matching *match, const char *channel)
{
    struct matching_settlement *to =
        matching_add(&match->settlements, &match->settlements_count, sizeof *to);

    to->channel = channel;
    return to;
}

struct matching_shift *matching_new_shift(struct matching *match)
{
    return matching_add(&match->shifts, &match->shifts_count, sizeof(struct matching_shift));
}

bool matching_is_paid(const struct pay_order *order)
{
    return order->status == PAY_ORDER_PAID || order->status == PAY_ORDER_REFUNDED;
}

bool matching_is_of(const struct pay_order *order, const struct side *side)
{
    return strcmp(order->channel, side->channel) == 0;
}

bool matching_is_near_edge(const struct side *side, int64_t at_local_s)
{
    int64_t from_s = (int64_t)side->input->day * CIVIL_DAY_S;

    return (!side->has_after && at_local_s >= from_s + CIVIL_DAY_S - MATCHING_EDGE_S) ||
           (!side->has_before && at_local_s < from_s + MATCHING_EDGE_S);
}

static int compare_items(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    int order = strcmp(x->line->order, y->line->order);

    if (order)
        return order;
    if (x->line->at_local_s != y->line->at_local_s)
        return x->line->at_local_s < y->line->at_local_s ? -1 : 1;
    return (x->line->number > y->line->number) - (x->line->number < y->line->number);
}

static int compare_transactions(const void *a, const void *b)
{
    return strcmp((*(struct item *const *)a)->line->transaction,
                  (*(struct item *const *)b)->line->transaction);
}

static bool is_trade_bill(const struct bill *bill, const char *channel)
{
    return !bill->same_as && strcmp(bill->facts.channel, channel) == 0 &&
           (!bill->facts.layout || bill->facts.layout->sort == LAYOUT_TRADES);
}

static void collect_items(struct side *side)
{
    const struct matching_input *input = side->input;
    uint32_t room = 0;

    for (uint32_t b = 0; b < bills_count(input->bills); b++)
        room += bills_at(input->bills, b)->lines_count;
    side->items = memory_new(room + 1, sizeof *side->items);
    for (uint32_t b = 0; b < bills_count(input->bills); b++) {
        const struct bill *bill = bills_at(input->bills, b);

        if (!is_trade_bill(bill, side->channel))
            continue;
        side->has_before = side->has_before || bill->facts.day < input->day;
        side->has_after = side->has_after || bill->facts.day > input->day;
        for (uint32_t i = 0; i < bill->lines_count; i++)
            side->items[side->count++] =
                (struct item){.line = &bill->lines[i], .day = bill->facts.day};
    }
    qsort(side->items, side->count, sizeof *side->items, compare_items);
}

static void index_items(struct side *side)
{
    const struct pay_orders *orders = side->input->orders;

    side->by_transaction = memory_new(side->count + 1, sizeof(struct item *));
    side->claims = memory_new(orders->count + 1, sizeof *side->claims);
    for (uint32_t i = 0; i < side->count; i++) {
        struct item *item = &side->items[i];
        const struct pay_order *order = pay_orders_find(orders, item->line->order);

        item->order = order && matching_is_of(order, side) ? order : NULL;
        if (item->line->kind == LINE_PAYMENT)
            side->by_transaction[side->payments++] = item;
    }
    qsort(side->by_transaction, side->payments, sizeof(struct item *), compare_transactions);
}

static void matching_channel(struct matching *match, const struct matching_input *input,
                             const char *channel)
{
    struct side side = {.match = match, .input = input, .channel = channel};

    collect_items(&side);
    index_items(&side);
    matching_payments(&side);
    matching_refunds(&side);
    matching_fees(&side);
    matching_settlement(&side);
    free(side.claims);
    free(side.by_transaction);
    free(side.items);
}

/* Whether a trade bill of the day itself is there, or the word that there is none. */
static bool is_covered(const struct matching_input *input, const char *channel)
{
    for (uint32_t i = 0; i < bills_count(input->bills); i++) {
        const struct bill *bill = bills_at(input->bills, i);

        if (is_trade_bill(bill, channel) && bill->facts.day == input->day)
            return true;
    }
    return false;
}

static bool check_bills(const struct matching_input *input, struct err *err)
{
    char day[CIVIL_DATE_TEXT], other[CIVIL_DATE_TEXT];

    for (uint32_t i = 0; i < bills_count(input->bills); i++) {
        const struct bill *bill = bills_at(input->bills, i);
        int32_t distance = bill->facts.day - input->day;

        civil_date_text(input->day, day);
        if (distance < -MATCHING_DAYS_BEFORE || distance > MATCHING_DAYS_AFTER)
            return err_set(err,
                           "%s:1: the statement is of %s; give those of %s and of the days after "
                           "it",
                           bill->name, civil_date_text(bill->facts.day, other), day);
        if (!is_covered(input, bill->facts.channel))
            return err_set(err, "%s:1: of %s there is no trade bill of %s; give that, too",
                           bill->name, bill->facts.channel, day);
    }
    return true;
}

static void matching_channels(struct matching *match, const struct matching_input *input)
{
    for (uint32_t i = 0; i < bills_count(input->bills); i++) {
        const char *channel = bills_at(input->bills, i)->facts.channel;
        uint32_t first = 0;

        while (strcmp(bills_at(input->bills, first)->facts.channel, channel) != 0)
            first++;
        if (first == i)
            matching_channel(match, input, channel);
    }
}

static void count_unchecked(struct matching *match, const struct matching_input *input)
{
    for (uint32_t i = 0; i < input->orders->count; i++) {
        const struct pay_order *order = &input->orders->items[i];

        if (!matching_is_paid(order) || civil_day(order->paid_local_s) != input->day ||
            strcmp(order->channel, "cash") == 0 || is_covered(input, order->channel))
            continue;
        match->unchecked++;
        match->unchecked_fen += order->paid_fen;
    }
}

static int compare_differences(const void *a, const void *b)
{
    const struct difference *x = a, *y = b;
    int order = strcmp(x->channel, y->channel);

    order = order ? order : (int)x->class - (int)y->class;
    order = order ? order : strcmp(x->order, y->order);
    order = order ? order : strcmp(x->channel_order, y->channel_order);
    order = order ? order : strcmp(x->transaction, y->transaction);
    order = order ? order : strcmp(x->refund, y->refund);
    return order ? order : (x->at_local_s > y->at_local_s) - (x->at_local_s < y->at_local_s);
}

struct matching *matching_run(const struct matching_input *input, struct err *err)
{
    if (!check_bills(input, err))
        return NULL;
    struct matching *match = memory_new(1, sizeof *match);
    match->input = input;
    matching_channels(match, input);
    matching_cash(match, input);
    count_unchecked(match, input);
    match->input = NULL;
    if (match->differences_count)
        qsort(match->differences, match->differences_count, sizeof *match->differences,
              compare_differences);
    return match;
}

void matching_destroy(struct matching *match)
{
    if (!match)
        return;
    free(match->settlements);
    free(match->shifts);
    free(match->coupons);
    free(match->matched);
    free(match->differences);
    free(match);
}

const struct difference *matching_differences(const struct matching *match, uint32_t *ret_count)
{
    *ret_count = match->differences_count;
    return match->differences;
}

void matching_settle(struct matching *match, uint32_t index, const struct difference *known)
{
    match->differences[index].state = known->state;
    match->differences[index].at_risk_fen = known->at_risk_fen;
    match->differences[index].why = known->why;
}

const struct pay_order *const *matching_matched(const struct matching *match, uint32_t *ret_count)
{
    *ret_count = match->matched_count;
    return match->matched;
}

const struct matching_coupon *matching_coupons(const struct matching *match, uint32_t *ret_count)
{
    *ret_count = match->coupons_count;
    return match->coupons;
}

const struct matching_shift *matching_shifts(const struct matching *match, uint32_t *ret_count)
{
    *ret_count = match->shifts_count;
    return match->shifts;
}

const struct matching_settlement *matching_settlements(const struct matching *match,
                                                       uint32_t *ret_count)
{
    *ret_count = match->settlements_count;
    return match->settlements;
}

uint32_t matching_unchecked(const struct matching *match, int64_t *ret_fen)
{
    *ret_fen = match->unchecked_fen;
    return match->unchecked;
}
