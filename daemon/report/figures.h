/*
 * The figures of a lot (or of several, added up) over a stretch of time: one struct, from which
 * each form of a report is written and its digest is taken. A figure is a row of one table:
 * section, key, unit, and the words of the family that it is told by (class, outcome, channel …).
 * All but ratios and peaks add up over lots. Plain data; what is not known is REPORT_UNKNOWN, never
 * 0.
 */
/* long: the figures of a report are read as one page */
#ifndef REPORT_FIGURES_H
#define REPORT_FIGURES_H

#include "daemon/base/crypto.h"
#include "daemon/core/civil.h"
#include "daemon/core/record.h"
#include "daemon/core/words.h"

#define REPORT_UNKNOWN INT64_MIN

enum figure {
    /* volumes */
    FIGURE_ENTRIES, /* vehicles of passages */
    FIGURE_EXITS,
    FIGURE_PRESENT_START, /* stays */
    FIGURE_OPENED,
    FIGURE_REOPENED, /* an exit that did not happen */
    FIGURE_CLOSED,
    FIGURE_PRESENT_END,
    FIGURE_OUTCOMES,
    FIGURE_PASSAGES,
    FIGURE_OPENINGS,
    FIGURE_COMMANDS,
    FIGURE_CORRECTIONS,
    FIGURE_ENTRY_MISSING,
    FIGURE_EXIT_MISSING,
    FIGURE_OVERSTAYED,
    FIGURE_READS,
    /* money of the stays that ended */
    FIGURE_RECEIVABLE,
    FIGURE_RELIEF_PASS,
    FIGURE_RELIEF_CLASS,
    FIGURE_RELIEF_COUPON,
    FIGURE_RELIEF_OTHER,
    FIGURE_PAYABLE,
    FIGURE_SETTLED,  /* received for them until they left, refunds taken off */
    FIGURE_OVERPAID, /* of that, more than was payable */
    /* money that moved, by channel */
    FIGURE_RECEIVED_INSIDE,
    FIGURE_RECEIVED_EXIT,
    FIGURE_RECEIVED_ARREARS,
    FIGURE_RECEIVED,
    FIGURE_REFUNDS,
    FIGURE_NET,
    FIGURE_FEE,
    FIGURE_EXPECTED,
    FIGURE_PAYMENTS, /* how many */
    FIGURE_REFUNDED, /* how many */
    /* received before the stay ended */
    FIGURE_PREPAID_START,
    FIGURE_PREPAID_END,
    FIGURE_REFUNDS_AFTER, /* given back after the stay had ended */
    FIGURE_ARREARS_START,
    FIGURE_ARREARS_OPENED,
    FIGURE_ARREARS_COLLECTED,
    FIGURE_ARREARS_WITHDRAWN, /* of exits that did not happen */
    FIGURE_ARREARS_END,
    FIGURE_ARREARS_STAYS, /* stays that left owing */
    /* each is 0, or something does not add up */
    FIGURE_CHECK_PRESENT,
    FIGURE_CHECK_OUTCOMES,
    FIGURE_CHECK_PAYABLE,
    FIGURE_CHECK_SETTLED,
    FIGURE_CHECK_RECEIVED,
    FIGURE_CHECK_PREPAID,
    FIGURE_CHECK_ARREARS,
    /* numerator and denominator */
    FIGURE_TURNOVER,
    FIGURE_UTILISATION,
    FIGURE_AVERAGE_STAY,
    FIGURE_PEAK,
    FIGURE_PEAK_BAYS,
    FIGURE_ONLINE,
    FIGURE_TIMELY,
    FIGURE_COMPLETE,
    FIGURE_ENTRY_KNOWN,
    FIGURE_PAID_RATE,
    FIGURE_ARREARS_RATE,
    FIGURE_SHARED_BAYS,
    FIGURE_SHARED_HOURS,
    FIGURES
};

enum figure_unit { UNIT_COUNT, UNIT_FEN, UNIT_RATIO, UNIT_PER_BAY_DAY, UNIT_SECONDS };

struct figure_row {
    const char *section, *key; /* "money", "receivable" */
    enum figure_unit unit;
    const struct words *family; /* NULL: one number */
    bool moves;                 /* goes on changing once the period is over: in no digest */
};
const struct figure_row *figure_row(enum figure figure);
uint32_t figure_width(enum figure figure); /* numbers of it: the family's count, 2 of a ratio, 1 */

enum {
    FIGURE_WIDTH = 16,
    REPORT_QUARTERS = 96,
    REPORT_HOURS = 24,
    REPORT_LENGTHS = 10,
    REPORT_LOT_SIZE = RECORD_WORD
};
extern const int32_t report_length_minutes[REPORT_LENGTHS]; /* each bar begins there */

struct report_figures {
    char lot[REPORT_LOT_SIZE]; /* "": all of them */
    int64_t values[FIGURES][FIGURE_WIDTH];
    int64_t present_ms[REPORT_QUARTERS], bays_ms[REPORT_QUARTERS]; /* stays, occupied bays */
    int64_t covered_ms[REPORT_QUARTERS];                           /* of the time of day */
    int64_t entries[REPORT_HOURS], exits[REPORT_HOURS];
    int64_t lengths[REPORT_LENGTHS];
    int64_t heat_ms[CIVIL_WEEK_DAYS][REPORT_HOURS], heat_covered_ms[CIVIL_WEEK_DAYS][REPORT_HOURS];
    int64_t bays;    /* that sensors told of */
    int64_t records; /* that the figures were made from */
};

int64_t figure_sum(const struct report_figures *figures, enum figure figure); /* of its family */
void figures_finish(struct report_figures *figures); /* what follows from the others; checks */

/* Every number once, in the order of the table: "money.received.wechat", with its unit. */
typedef void figure_fn(void *arg, const struct figure_row *row, const char *word, int64_t value);
void figures_each(const struct report_figures *figures, figure_fn *fn, void *arg);

/* Of the canonical figures: "section.key.word=value\n" of each, curves and all. */
struct hash figures_digest(const struct report_figures *figures, uint32_t count);

#endif
