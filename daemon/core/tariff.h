/*
 * What a stay costs, and why. A pure function of the tariff, the stay and the calendar: the same in
 * gives the same out for ever. The order of evaluation is numbered (§1 to §19) in parkd-tariff(7),
 * in the code and in the tests alike. No allocation; nothing is kept.
 */
#ifndef CORE_TARIFF_H
#define CORE_TARIFF_H

#include "daemon/core/civil.h"
#include "daemon/core/tariff_rules.h"
#include "daemon/core/tariff_stay.h"
#include "daemon/core/tariff_trace.h"

/* Dates that are not what their weekday says; civil days, ascending. */
struct tariff_calendar {
    const int32_t *holidays, *workdays;
    uint32_t holidays_count, workdays_count;
    const int32_t *years; /* those that it knows, ascending */
    uint32_t years_count;
};

/* One tariff in all its versions, by `valid_from`, and what is needed to read its rules. */
struct tariff_book {
    const struct tariff *const *versions;
    uint32_t versions_count;
    const struct civil_zone *zone;
    const struct tariff_calendar *calendar;
};

enum tariff_verdict {
    TARIFF_PRICED,
    TARIFF_BACKWARDS,    /* exit before entry */
    TARIFF_TOO_LONG,     /* over a hundred years */
    TARIFF_COUPONS_MANY, /* more than TARIFF_COUPONS */
    TARIFF_MANUAL,       /* no entry is known and the tariff leaves the price to staff */
    TARIFF_VERDICTS
};

struct tariff_fee {
    int64_t fen;                  /* what the stay costs */
    int64_t due_fen;              /* less what is paid; never below 0 */
    int64_t credit_fen;           /* paid beyond the fee: to be given back */
    const struct tariff *version; /* by which it is finished */
    int32_t unknown_year;         /* days were taken as weekdays: no calendar of it; 0: none */
    bool overstayed;              /* beyond the maximum stay */
};

/* `trace` may be NULL. `ret` is set when priced. */
enum tariff_verdict tariff_price(const struct tariff_book *book, const struct tariff_stay *stay,
                                 struct tariff_trace *trace, struct tariff_fee *ret);

/* The price now (`stay->exit_s`), and the moment from which it is another; INT64_MAX when it stays
 * the same for a week. */
enum tariff_verdict tariff_quote(const struct tariff_book *book, const struct tariff_stay *stay,
                                 struct tariff_fee *ret, int64_t *ret_until_s);

const char *tariff_verdict_text(enum tariff_verdict verdict);

/* What kind of day `day` is. */
enum tariff_day tariff_day(const struct tariff_calendar *calendar, int32_t day);

#endif
