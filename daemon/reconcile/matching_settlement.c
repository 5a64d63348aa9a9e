/*
 * Fees against their rate, order by order; and what the account did against what the trade bill
 * says that it must do: settled amounts less refunds less fees, transaction by transaction where
 * there is a bill of movements, else as one sum.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/core/civil.h"
#include "daemon/reconcile/matching_inside.h"

/* A channel rounds the fee of each order to a fen; that of a part given back it may round away. */
enum { PAYMENT_TOLERANCE = 500, REFUND_TOLERANCE = 1000 }; /* thousandths of a fen */

static int64_t round_fen(int64_t mfen)
{
    return (llabs(mfen) + STATEMENT_MFEN / 2) / STATEMENT_MFEN * (mfen < 0 ? -1 : 1);
}

/* What is at risk is never shown as less than it is. */
static int64_t round_up_fen(int64_t mfen)
{
    return (llabs(mfen) + STATEMENT_MFEN - 1) / STATEMENT_MFEN;
}

static void check_fee(struct side *side, const struct statement_line *line)
{
    bool refund = line->kind == LINE_REFUND;
    int64_t due_mfen = line->settled_fen * line->rate_ppm / 1000;
    int64_t apart = llabs(line->fee_mfen) - due_mfen;

    if (llabs(apart) <= (refund ? REFUND_TOLERANCE : PAYMENT_TOLERANCE))
        return;
    int64_t due_fen = round_fen(due_mfen), fee_fen = round_fen(llabs(line->fee_mfen));
    matching_difference(side->match, &(struct difference){
                                         .class = DIFFERENCE_FEE,
                                         .channel = side->channel,
                                         .order = "",
                                         .channel_order = line->order,
                                         .transaction = line->transaction,
                                         .refund = line->refund,
                                         .gateway_fen = due_fen,
                                         .channel_fen = fee_fen,
                                         .at_risk_fen = round_up_fen(llabs(line->fee_mfen) -
                                                                     due_fen * STATEMENT_MFEN),
                                         .at_local_s = line->at_local_s,
                                         .why = "the fee is not rate times amount: ask the channel",
                                     });
}

void matching_fees(struct side *side)
{
    for (uint32_t i = 0; i < side->count; i++) {
        const struct item *item = &side->items[i];

        if (item->day == side->input->day && item->line->rate_ppm != STATEMENT_RATE_NONE &&
            item->line->kind <= LINE_REFUND)
            check_fee(side, item->line);
    }
}

/* One transaction: what the trade bill says and what the account did. */
struct movement {
    const struct statement_line *line;
    int64_t expected_mfen, moved_mfen;
};

struct movements {
    struct movement *items;
    uint32_t count;
};

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct movement *)a)->line->transaction,
                  ((const struct movement *)b)->line->transaction);
}

static void add_trades(struct side *side, struct movements *to, struct matching_settlement *sum)
{
    for (uint32_t i = 0; i < side->count; i++) {
        const struct statement_line *line = side->items[i].line;
        bool refund = line->kind == LINE_REFUND;

        if (side->items[i].day != side->input->day || line->kind > LINE_REFUND)
            continue;
        struct movement *movement = matching_add(&to->items, &to->count, sizeof *movement);
        movement->line = line;
        movement->expected_mfen =
            line->settled_fen * (refund ? -STATEMENT_MFEN : STATEMENT_MFEN) - line->fee_mfen;
        sum->fee_mfen += line->fee_mfen;
        sum->expected_mfen += movement->expected_mfen;
        *(refund ? &sum->refunds_fen : &sum->receivable_fen) += line->settled_fen;
    }
}

static void add_flows(const struct bill *bill, struct movements *to,
                      struct matching_settlement *sum)
{
    for (uint32_t i = 0; i < bill->lines_count; i++) {
        const struct statement_line *line = &bill->lines[i];
        int64_t mfen =
            line->amount_fen * (line->kind == LINE_OUT ? -STATEMENT_MFEN : STATEMENT_MFEN);

        *(line->of_trade ? &sum->moved_mfen : &sum->other_mfen) += mfen;
        if (!line->of_trade)
            continue;
        struct movement *movement = matching_add(&to->items, &to->count, sizeof *movement);
        movement->line = line;
        movement->moved_mfen = mfen;
    }
}

static void tell(struct side *side, const struct statement_line *line, int64_t expected_mfen,
                 int64_t moved_mfen)
{
    matching_difference(
        side->match,
        &(struct difference){
            .class = DIFFERENCE_SETTLEMENT,
            .channel = side->channel,
            .order = "",
            .channel_order = line ? line->order : "",
            .transaction = line ? line->transaction : "",
            .refund = "",
            .gateway_fen = round_fen(expected_mfen),
            .channel_fen = round_fen(moved_mfen),
            .at_risk_fen = round_up_fen(expected_mfen - moved_mfen),
            .at_local_s = line ? line->at_local_s : (int64_t)side->input->day * CIVIL_DAY_S,
            .why = "the account did not move as the bill says: ask the "
                   "channel",
        });
}

/* Each transaction's movements side by side. */
static void compare_movements(struct side *side, struct movements *all)
{
    if (all->count)
        qsort(all->items, all->count, sizeof *all->items, compare);
    for (uint32_t i = 0; i < all->count;) {
        const struct statement_line *line = all->items[i].line;
        int64_t expected = 0, moved = 0;
        uint32_t first = i;

        for (; i < all->count && compare(&all->items[first], &all->items[i]) == 0; i++) {
            expected += all->items[i].expected_mfen;
            moved += all->items[i].moved_mfen;
        }
        if (expected != moved)
            tell(side, line, expected, moved);
    }
}

void matching_settlement(struct side *side)
{
    struct matching_settlement *sum = matching_new_settlement(side->match, side->channel);
    const struct bills *bills = side->input->bills;
    struct movements all = {NULL, 0};
    bool by_sum = false;

    add_trades(side, &all, sum);
    for (uint32_t i = 0; i < bills_count(bills); i++) {
        const struct bill *bill = bills_at(bills, i);
        const struct layout *layout = bill->facts.layout;

        if (!layout || layout->sort == LAYOUT_TRADES || bill->same_as ||
            bill->facts.day != side->input->day || strcmp(layout->channel, side->channel) != 0)
            continue;
        sum->proved = true;
        by_sum = by_sum || layout->sort == LAYOUT_SUMMARY;
        if (layout->sort == LAYOUT_SUMMARY)
            sum->moved_mfen += bill->facts.whole_mfen[FIELD_NET];
        else
            add_flows(bill, &all, sum);
    }
    if (by_sum && sum->moved_mfen != sum->expected_mfen)
        tell(side, NULL, sum->expected_mfen, sum->moved_mfen);
    else if (sum->proved && !by_sum)
        compare_movements(side, &all);
    free(all.items);
}
