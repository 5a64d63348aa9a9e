/*
 * Orders, payments and refunds as recorded: what a stay has received, and how each is found again
 * when it is told twice. Loop's thread.
 */
#include <string.h>

#include "daemon/core/stays_inside.h"

static uint64_t transaction_hash(enum pay_channel channel, const char *transaction, bool refund)
{
    return stays_index_hash(transaction, (uint64_t)channel * 2 + refund);
}

static uint32_t number_of(const struct stays *stays, const struct stays_payment *payment)
{
    return (uint32_t)(payment - stays->payments);
}

struct stays_payment *stays_money_find(const struct stays *stays, const char *payment)
{
    uint64_t hash = stays_index_hash(payment, 0);

    for (uint32_t n = stays_index_first(&stays->by_payment, hash); n != INDEX_END;
         n = stays_index_next(&stays->by_payment, n))
        if (strcmp(stays->payments[n].payment.payment, payment) == 0)
            return &stays->payments[n];
    return NULL;
}

const struct stays_payment *stays_money_known(const struct stays *stays, enum pay_channel channel,
                                              const char *transaction, bool refund)
{
    uint64_t hash = transaction_hash(channel, transaction, refund);

    for (uint32_t n = stays_index_first(&stays->by_transaction, hash);
         n != INDEX_END && transaction[0]; n = stays_index_next(&stays->by_transaction, n)) {
        const struct stay_payment *payment = &stays->payments[n].payment;

        if (payment->channel == channel && (payment->fen < 0) == refund &&
            strcmp(payment->transaction, transaction) == 0)
            return &stays->payments[n];
    }
    return NULL;
}

/* A place for one more movement; older stays make room for it. */
static struct stays_payment *take(struct stays *stays, const struct stays_slot *slot)
{
    uint32_t number = stays_keep_take(&stays->free_payments);

    while (number == INDEX_END && !slot->stay.closed && stays_keep_forget(stays))
        number = stays_keep_take(&stays->free_payments);
    return number == INDEX_END ? NULL : &stays->payments[number];
}

static void append(struct stay *stay, struct stays_payment *added, struct stays *stays)
{
    const struct stay_payment *last = stay->payments;

    stay->payments_count++;
    if (!last) {
        stay->payments = &added->payment;
        return;
    }
    while (last->next)
        last = last->next;
    stays_money_find(stays, last->payment)->payment.next = &added->payment;
}

static void keep(struct stays *stays, struct stays_slot *slot, struct stay_payment payment)
{
    struct stays_payment *kept = take(stays, slot);

    if (!kept)
        return;
    *kept = (struct stays_payment){payment, (uint32_t)(slot - stays->slots)};
    uint32_t number = number_of(stays, kept);
    stays_index_put(&stays->by_payment, stays_index_hash(payment.payment, 0), number);
    stays_index_put(&stays->by_transaction,
                    transaction_hash(payment.channel, payment.transaction, payment.fen < 0),
                    number);
    append(&slot->stay, kept, stays);
}

/* A closed stay moves between those that owe and those that do not. */
static void receive(struct stays *stays, struct stays_slot *slot, int64_t fen)
{
    if (slot->stay.closed)
        stays_keep_displace(stays, slot);
    slot->stay.received_fen += fen;
    if (slot->stay.closed)
        stays_keep_place(stays, slot);
}

void stays_money_order(struct stays *stays, const struct record *record)
{
    const struct record_order *r = &record->order;
    struct stays_slot *slot = stays_keep_find(stays, r->stay);
    uint32_t number = stays->orders_next;
    struct stays_order *order = &stays->orders[number];

    if (!slot)
        return;
    if (order->order[0])
        stays_index_drop(&stays->by_order, stays_index_hash(order->order, 0), number);
    text_copy(order->order, sizeof order->order, r->order);
    text_copy(order->stay, sizeof order->stay, r->stay);
    stays_index_put(&stays->by_order, stays_index_hash(order->order, 0), number);
    stays->orders_next = (number + 1) % stays->free_payments.room;
    text_copy(slot->stay.order, sizeof slot->stay.order, r->order);
    slot->stay.due_fen = r->due_fen;
    slot->stay.order_until = r->until;
    slot->stay.billed = record->at;
    slot->stay.receivable_fen = r->money.receivable_fen;
    slot->stay.payable_fen = r->money.payable_fen;
}

struct stays_slot *stays_money_ordered(const struct stays *stays, const char *order)
{
    uint64_t hash = stays_index_hash(order, 0);

    for (uint32_t n = stays_index_first(&stays->by_order, hash); n != INDEX_END;
         n = stays_index_next(&stays->by_order, n))
        if (strcmp(stays->orders[n].order, order) == 0)
            return stays_keep_find(stays, stays->orders[n].stay);
    return NULL;
}

void stays_money_payment(struct stays *stays, const struct record *record)
{
    const struct record_payment *r = &record->payment;
    struct stays_slot *slot = stays_keep_find(stays, r->stay);
    struct stay_payment payment = {.at = record->at,
                                   .fen = r->amount_fen,
                                   .channel = r->channel,
                                   .settled = r->leave_by.ms != 0};

    if (r->channel == CHANNEL_CASH)
        stays_shift_cash(stays, r->shift, r->amount_fen);
    if (!slot)
        return;
    text_copy(payment.payment, sizeof payment.payment, r->payment);
    text_copy(payment.order, sizeof payment.order, r->order);
    text_copy(payment.transaction, sizeof payment.transaction, r->transaction);
    keep(stays, slot, payment);
    receive(stays, slot, r->amount_fen);
    slot->stay.due_fen -= slot->stay.due_fen < r->amount_fen ? slot->stay.due_fen : r->amount_fen;
    if (r->leave_by.ms > slot->stay.leave_by.ms) {
        slot->stay.leave_by = r->leave_by;
        slot->stay.settled = record->at;
        slot->stay.settled_step_ms = slot->stay.clock_step_ms;
    }
}

void stays_money_refund(struct stays *stays, const struct record *record)
{
    const struct record_refund *r = &record->refund;
    struct stays_slot *slot = stays_keep_find(stays, r->stay);
    struct stays_payment *of = stays_money_find(stays, r->payment);
    struct stay_payment refund = {.at = record->at, .fen = -r->amount_fen, .channel = r->channel};

    if (r->channel == CHANNEL_CASH)
        stays_shift_cash(stays, r->shift, -r->amount_fen);
    if (!slot)
        return;
    if (of)
        of->payment.refunded_fen += r->amount_fen;
    text_copy(refund.payment, sizeof refund.payment, r->refund);
    text_copy(refund.order, sizeof refund.order, r->order);
    text_copy(refund.transaction, sizeof refund.transaction, r->transaction);
    keep(stays, slot, refund);
    receive(stays, slot, -r->amount_fen);
    slot->stay.leave_by = slot->stay.settled = (utc_ms){0}; /* what is paid must be asked anew */
}

void stays_money_forget(struct stays *stays, struct stays_slot *slot)
{
    const struct stay_payment *next;

    for (const struct stay_payment *p = slot->stay.payments; p; p = next) {
        struct stays_payment *kept = stays_money_find(stays, p->payment);
        uint32_t number = number_of(stays, kept);

        next = p->next;
        stays_index_drop(&stays->by_payment, stays_index_hash(p->payment, 0), number);
        stays_index_drop(&stays->by_transaction,
                         transaction_hash(p->channel, p->transaction, p->fen < 0), number);
        stays_keep_give(&stays->free_payments, number);
    }
}
