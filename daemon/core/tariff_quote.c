/*
 * A quote: the price at a moment and until when it holds. The moment of the next price is searched,
 * not derived, so that no rule is written down twice: by halving where a fee never falls, minute by
 * minute where the tariff says that it may.
 */
#include "daemon/core/tariff.h"

enum { HORIZON_S = 7 * CIVIL_DAY_S, MINUTE_S = 60 };

static int64_t fee_at(const struct tariff_book *book, struct tariff_stay stay, int64_t exit_s)
{
    struct tariff_fee fee = {.fen = 0};

    stay.exit_s = exit_s;
    tariff_price(book, &stay, NULL, &fee);
    return fee.fen;
}

/* The first moment after `same_s` with another fee; `other_s` has one. */
static int64_t halve(const struct tariff_book *book, const struct tariff_stay *stay, int64_t same_s,
                     int64_t other_s)
{
    int64_t fen = fee_at(book, *stay, same_s);

    while (other_s - same_s > 1) {
        int64_t middle = same_s + (other_s - same_s) / 2;

        if (fee_at(book, *stay, middle) == fen)
            same_s = middle;
        else
            other_s = middle;
    }
    return other_s;
}

enum tariff_verdict tariff_quote(const struct tariff_book *book, const struct tariff_stay *stay,
                                 struct tariff_fee *ret, int64_t *ret_until_s)
{
    enum tariff_verdict verdict = tariff_price(book, stay, NULL, ret);

    if (verdict != TARIFF_PRICED)
        return verdict;
    int64_t pace_s = ret->version->may_fall || book->versions_count > 1 ? MINUTE_S : HORIZON_S;
    int64_t end_s = stay->exit_s + HORIZON_S;
    *ret_until_s = INT64_MAX;
    for (int64_t at_s = stay->exit_s; at_s < end_s; at_s += pace_s) {
        if (fee_at(book, *stay, at_s + pace_s) == ret->fen)
            continue;
        *ret_until_s = halve(book, stay, at_s, at_s + pace_s);
        break;
    }
    return TARIFF_PRICED;
}
