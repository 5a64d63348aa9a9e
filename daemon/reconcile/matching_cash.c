/*
 * Cash: what each shift should hold against what was counted. By the gateway's own account of its
 * drawer, where it kept one: that knows what was given back out of it for an order of another
 * shift.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/core/civil.h"
#include "daemon/reconcile/matching_inside.h"

static struct matching_shift *find(struct matching *match, const char *operator, const char * shift)
{
    uint32_t count;
    const struct matching_shift *shifts = matching_shifts(match, &count);

    for (uint32_t i = 0; i < count; i++)
        if (strcmp(shifts[i].operator, operator) == 0 && strcmp(shifts[i].shift, shift) == 0)
            return (struct matching_shift *)&shifts[i];
    struct matching_shift *added = matching_new_shift(match);
    *added = (struct matching_shift){
        .operator= operator, .shift = shift, .counted_fen = MATCHING_NO_AMOUNT};
    return added;
}

static int compare(const void *a, const void *b)
{
    const struct matching_shift *x = a, *y = b;
    int order = strcmp(x->operator, y->operator);

    return order ? order : strcmp(x->shift, y->shift);
}

static void tell(struct matching *match, const struct matching_input *input,
                 const struct matching_shift *shift)
{
    bool counted = shift->counted_fen != MATCHING_NO_AMOUNT;
    int64_t apart = (counted ? shift->counted_fen : 0) - shift->system_fen;

    if (!apart)
        return;
    matching_difference(match,
                        &(struct difference){
                            .class = apart > 0 ? DIFFERENCE_CASH_OVER : DIFFERENCE_CASH_SHORT,
                            .channel = "cash",
                            .order = shift->operator,
                            .channel_order = shift->shift,
                            .transaction = "",
                            .refund = "",
                            .gateway_fen = shift->system_fen,
                            .channel_fen = counted ? shift->counted_fen : MATCHING_NO_AMOUNT,
                            .at_risk_fen = llabs(apart),
                            .at_local_s = (int64_t)input->day * CIVIL_DAY_S,
                            .why = counted ? "count again, then the supervisor signs"
                                           : "the shift was not counted: count it",
                        });
}

void matching_cash(struct matching *match, const struct matching_input *input)
{
    bool booked = false;
    uint32_t count;

    for (uint32_t i = 0; i < input->orders->count; i++) {
        const struct pay_order *order = &input->orders->items[i];

        if (strcmp(order->channel, "cash") != 0 || !matching_is_paid(order) ||
            civil_day(order->paid_local_s) != input->day)
            continue;
        struct matching_shift *shift = find(match, order->operator, order->shift);
        shift->orders++;
        shift->system_fen += order->paid_fen - order->refund_fen;
    }
    for (uint32_t i = 0; i < input->counts_count; i++) {
        const struct cash_count *cash = &input->counts[i];
        struct matching_shift *shift = find(match, cash->operator, cash->shift);
        int64_t before = shift->counted_fen == MATCHING_NO_AMOUNT ? 0 : shift->counted_fen;

        shift->counted_fen = before + cash->counted_fen + cash->dropped_fen - cash->float_fen;
        if (cash->booked)
            shift->system_fen = cash->system_fen;
        booked = booked || cash->booked;
    }
    const struct matching_shift *shifts = matching_shifts(match, &count);
    if (count)
        qsort((void *)shifts, count, sizeof *shifts, compare);
    for (uint32_t i = 0; input->counts && i < count; i++)
        if (!booked || shifts[i].counted_fen != MATCHING_NO_AMOUNT) /* else it is still open */
            tell(match, input, &shifts[i]);
}
