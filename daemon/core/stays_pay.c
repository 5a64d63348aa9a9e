/*
 * Orders, payments and refunds as people and platforms ask for them. Money that has moved is taken
 * in wherever it can be laid to a stay: late, too much, or for an order that a newer one has
 * replaced. Loop's thread.
 */
#include <string.h>

#include "daemon/core/stays_inside.h"

/* Above any fee: more is a mistake of whoever tells it. */
static const int64_t most_fen = INT64_C(1000000000000);

/* Arrears: what it came to when it left. */
static void price_arrears(const struct stay *stay, struct stay_price *ret)
{
    int64_t owed = stay_arrears(stay);

    *ret = (struct stay_price){.money = stay->money,
                               .received_fen = stay->received_fen,
                               .due_fen = owed > 0 ? owed : 0,
                               .overstayed = stay->overstayed};
}

/* The order that stands demands the same, and still holds. */
static bool stands(const struct stay *stay, const struct stay_price *price, utc_ms at)
{
    return stay->order[0] && stay->due_fen == price->due_fen &&
           (stay->closed || at.ms < stay->order_until.ms);
}

static void demand(struct stays *stays, const struct stay *stay, const struct stay_price *price,
                   utc_ms at, struct record_sink out)
{
    struct record record = {.kind = RECORD_ORDER,
                            .at = at,
                            .order = {.lot = stay->lot,
                                      .money = price->money,
                                      .received_fen = price->received_fen,
                                      .due_fen = price->due_fen,
                                      .until = price->until,
                                      .final = stay->closed,
                                      .entered = stay->entered}};

    text_copy(record.order.stay, IDENT_SIZE, stay->id);
    text_copy(record.order.plate, PLATE_SIZE, stay->plate);
    ident_next(stays->ident, at, record.order.order);
    stays_emit(stays, &record, out);
}

bool stays_order(struct stays *stays, const char *stay, utc_ms at, struct record_sink out,
                 struct stay_price *ret)
{
    const struct stay *of = stays_find(stays, stay);

    if (!of)
        return false;
    if (of->closed)
        price_arrears(of, ret);
    else
        stays_price_now(stays, of, at, NULL, ret);
    if (ret->due_fen == 0)
        return true;
    if (stands(of, ret, at)) {
        ret->until = of->order_until;
        return true;
    }
    if (!of->closed)
        ret->until = stays_price_until(stays, of, at);
    demand(stays, of, ret, at, out);
    return true;
}

static const struct stay *stay_of(const struct stays *stays, const struct money_in *money)
{
    const struct stays_slot *slot = money->stay[0]    ? stays_keep_find(stays, money->stay)
                                    : money->order[0] ? stays_money_ordered(stays, money->order)
                                                      : NULL;

    return slot ? &slot->stay : NULL;
}

static const char *why_not(const struct stays *stays, const struct stay *stay,
                           const struct money_in *money)
{
    if (money->amount_fen <= 0 || money->amount_fen > most_fen)
        return "the amount is not above nothing, or above any fee";
    if (!stay)
        return "no such stay or order is known; look it up and name its stay";
    if (stay->payments_count >= STAY_PAYMENTS)
        return "the stay has had too many payments; give this one back";
    if (money->shift[0] && !stays_shift_of(stays, money->shift, ""))
        return "the shift is not open";
    return NULL;
}

/* With this payment nothing is due any more: free to leave until then; 0: something is. */
static utc_ms leave_by(const struct stays *stays, const struct stay *stay,
                       const struct money_in *money)
{
    int64_t window_ms = stays->plan->lots[stay->lot].policy.leave_ms;
    bool held = stay->order[0] && money->at.ms < stay->order_until.ms;
    struct stay_price price;

    if (held && money->amount_fen >= stay->due_fen)
        return (utc_ms){money->at.ms + window_ms};
    stays_price_now(stays, stay, money->at, NULL, &price);
    return price.manual || price.due_fen > money->amount_fen ? (utc_ms){0}
                                                             : (utc_ms){money->at.ms + window_ms};
}

bool stays_pay(struct stays *stays, const struct money_in *money, struct record_sink out,
               bool *ret_again, const char **ret_why)
{
    const struct stay *stay = stay_of(stays, money);
    const struct stays_shift *shift = stays_shift_of(stays, money->shift, money->actor);
    struct record record = {.kind = RECORD_PAYMENT, .at = money->at};
    struct record_payment *r = &record.payment;

    *ret_again = stays_money_known(stays, money->channel, money->transaction, false) != NULL;
    *ret_why = *ret_again ? NULL : why_not(stays, stay, money);
    if (*ret_again || *ret_why)
        return *ret_again;
    *r = (struct record_payment){
        .lot = stay->lot,
        .amount_fen = money->amount_fen,
        .channel = money->channel,
        .when = stay->closed ? PAID_AFTER : (money->at_exit ? PAID_AT_EXIT : PAID_INSIDE),
        .entered = stay->entered,
        .billed = stay->billed,
        .receivable_fen = stay->closed ? stay->money.receivable_fen : stay->receivable_fen,
        .payable_fen = stay->closed ? stay->money.payable_fen : stay->payable_fen};
    if (!stay->closed)
        r->leave_by = leave_by(stays, stay, money);
    text_copy(r->stay, sizeof r->stay, stay->id);
    text_copy(r->order, sizeof r->order, money->order[0] ? money->order : stay->order);
    text_copy(r->plate, sizeof r->plate, stay->plate);
    text_copy(r->transaction, sizeof r->transaction, money->transaction);
    text_copy(r->shift, sizeof r->shift, shift ? shift->shift : "");
    text_copy(r->actor, sizeof r->actor, money->actor);
    ident_next(stays->ident, money->at, r->payment);
    stays_emit(stays, &record, out);
    return true;
}

static const char *why_no_refund(const struct stays *stays, const struct stays_payment *payment,
                                 const struct money_back *money)
{
    if (!payment || payment->payment.fen < 0)
        return "no such payment is known; name the payment that is given back";
    if (money->amount_fen <= 0 ||
        money->amount_fen > payment->payment.fen - payment->payment.refunded_fen)
        return "more than is left of this payment, or nothing; give back what was paid at most";
    if (stays->slots[payment->slot].stay.payments_count >= STAY_PAYMENTS)
        return "the stay has had too many payments and refunds";
    if (money->shift[0] && !stays_shift_of(stays, money->shift, ""))
        return "the shift is not open";
    if (!money->reason[0])
        return "a refund needs a reason";
    return NULL;
}

bool stays_refund(struct stays *stays, const struct money_back *money, struct record_sink out,
                  bool *ret_again, const char **ret_why)
{
    const struct stays_payment *payment = stays_money_find(stays, money->payment);
    const struct stays_shift *shift = stays_shift_of(stays, money->shift, money->actor);
    struct record record = {.kind = RECORD_REFUND, .at = money->at};
    struct record_refund *r = &record.refund;

    *ret_again = payment && stays_money_known(stays, payment->payment.channel, money->transaction,
                                              true) != NULL;
    *ret_why = *ret_again ? NULL : why_no_refund(stays, payment, money);
    if (*ret_again || *ret_why)
        return *ret_again;
    const struct stay *stay = &stays->slots[payment->slot].stay;
    *r = (struct record_refund){
        .lot = stay->lot, .amount_fen = money->amount_fen, .channel = payment->payment.channel};
    text_copy(r->stay, sizeof r->stay, stay->id);
    text_copy(r->order, sizeof r->order, payment->payment.order);
    text_copy(r->payment, sizeof r->payment, payment->payment.payment);
    text_copy(r->transaction, sizeof r->transaction, money->transaction);
    text_copy(r->shift, sizeof r->shift, shift ? shift->shift : "");
    text_copy(r->actor, sizeof r->actor, money->actor);
    text_copy(r->reason, sizeof r->reason, money->reason);
    ident_next(stays->ident, money->at, r->refund);
    stays_emit(stays, &record, out);
    return true;
}
