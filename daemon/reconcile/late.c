/* Late money. See late.h. */
#include "daemon/reconcile/late.h"

#include <stdlib.h>
#include <string.h>

/* What the lines that are about it come to. */
struct heard {
    const struct statement_line *line; /* the first; NULL: none is */
    int64_t fen;
};

typedef bool about_fn(const struct difference *known, const struct statement_line *line);

static bool pays(const struct difference *known, const struct statement_line *line)
{
    return line->kind == LINE_PAYMENT && strcmp(line->order, known->order) == 0;
}

static bool gives_back(const struct difference *known, const struct statement_line *line)
{
    return line->kind == LINE_REFUND && strcmp(line->order, known->order) == 0;
}

static bool undoes(const struct difference *known, const struct statement_line *line)
{
    return line->kind == LINE_REFUND && strcmp(line->transaction, known->transaction) == 0;
}

/* Which lines answer a difference, and what they then say. */
static const struct {
    about_fn *about;
    bool by_order; /* else by the channel's number */
    const char *why;
} answers[DIFFERENCE_CLASSES][2] = {
    /* of a payment, of a refund */
    [DIFFERENCE_GATEWAY_ONLY] = {{pays, true, "in the bill of the neighbouring day"}},
    [DIFFERENCE_LATE] = {{pays, true, "in the bill of the neighbouring day"},
                         {gives_back, true, "refunded in the bill of a neighbouring day"}},
    [DIFFERENCE_REFUND_MISSING] = {{gives_back, true, "refunded in the bill of a neighbouring day"},
                                   {gives_back, true,
                                    "refunded in the bill of a neighbouring day"}},
    [DIFFERENCE_CHANNEL_ONLY] = {{undoes, false, "the channel has refunded it"}},
    [DIFFERENCE_DUPLICATE] = {{undoes, false, "the channel has refunded it"}},
};

static struct heard listen(const struct difference *known, const struct bills *bills,
                           about_fn *about)
{
    struct heard heard = {.fen = 0};

    for (uint32_t b = 0; b < bills_count(bills); b++) {
        const struct bill *bill = bills_at(bills, b);

        if (bill->same_as || strcmp(bill->facts.channel, known->channel) != 0 ||
            !bill->facts.layout || bill->facts.layout->sort != LAYOUT_TRADES)
            continue;
        for (uint32_t i = 0; i < bill->lines_count; i++) {
            if (!about(known, &bill->lines[i]))
                continue;
            heard.line = heard.line ? heard.line : &bill->lines[i];
            heard.fen += bill->lines[i].amount_fen;
        }
    }
    return heard;
}

bool late_answer(const struct difference *known, const struct bills *bills, struct difference *ret)
{
    about_fn *about = answers[known->class][known->of_refund].about;
    bool by_order = answers[known->class][known->of_refund].by_order;

    if (known->state != DIFFERENCE_OPEN || !about ||
        !*(by_order ? known->order : known->transaction))
        return false;
    struct heard heard = listen(known, bills, about);
    if (!heard.line)
        return false;
    int64_t due = by_order ? known->gateway_fen : known->channel_fen;
    *ret = *known;
    if (by_order) {
        ret->class = due == heard.fen ? DIFFERENCE_LATE : DIFFERENCE_AMOUNT_MISMATCH;
        ret->of_refund = about == gives_back;
        ret->channel_order = heard.line->order;
        ret->transaction = heard.line->transaction;
        ret->refund = heard.line->refund;
        ret->channel_fen = heard.fen;
    }
    ret->state = due == heard.fen ? DIFFERENCE_AUTO_RESOLVED : DIFFERENCE_OPEN;
    ret->at_risk_fen = by_order ? llabs(due - heard.fen) : due - heard.fen;
    ret->why = ret->state == DIFFERENCE_AUTO_RESOLVED ? answers[known->class][known->of_refund].why
                                                      : "the amounts differ: compare both";
    if (ret->at_risk_fen < 0)
        ret->at_risk_fen = 0;
    return true;
}
