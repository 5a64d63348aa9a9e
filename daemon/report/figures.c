/* The table of figures, and what is worked out from them. See figures.h. */
#include "daemon/report/figures.h"

#include <assert.h>
#include <string.h>

#include "daemon/core/lane_words.h"
#include "daemon/core/stay_words.h"

static const char *const classes[VEHICLE_CLASSES] = {
    "small",      "medium", "large",    "nev",  "nev_large", "disabled", "diesel",
    "motorcycle", "police", "military", "fire", "ambulance", "rescue"};
static const struct words class_words = WORDS(classes);

static const struct figure_row rows[FIGURES] = {
    [FIGURE_ENTRIES] = {"volumes", "entries", UNIT_COUNT, &class_words},
    [FIGURE_EXITS] = {"volumes", "exits", UNIT_COUNT, &class_words},
    [FIGURE_PRESENT_START] = {"volumes", "present_start", UNIT_COUNT, &class_words},
    [FIGURE_OPENED] = {"volumes", "stays_opened", UNIT_COUNT, &class_words},
    [FIGURE_REOPENED] = {"volumes", "stays_reopened", UNIT_COUNT, &class_words},
    [FIGURE_CLOSED] = {"volumes", "stays_closed", UNIT_COUNT, &class_words},
    [FIGURE_PRESENT_END] = {"volumes", "present_end", UNIT_COUNT, &class_words},
    [FIGURE_OUTCOMES] = {"volumes", "outcomes", UNIT_COUNT, &stay_outcome_words},
    [FIGURE_PASSAGES] = {"volumes", "passages", UNIT_COUNT, &passage_kind_words},
    [FIGURE_OPENINGS] = {"volumes", "openings", UNIT_COUNT, &lane_cause_words},
    [FIGURE_COMMANDS] = {"volumes", "command_results", UNIT_COUNT, &command_result_words},
    [FIGURE_CORRECTIONS] = {"volumes", "corrections", UNIT_COUNT, &stay_change_words},
    [FIGURE_ENTRY_MISSING] = {"volumes", "entry_missing", UNIT_COUNT, NULL},
    [FIGURE_EXIT_MISSING] = {"volumes", "exit_missing", UNIT_COUNT, NULL},
    [FIGURE_OVERSTAYED] = {"volumes", "overstayed", UNIT_COUNT, NULL},
    [FIGURE_READS] = {"volumes", "plate_reads", UNIT_COUNT, NULL},
    [FIGURE_RECEIVABLE] = {"money", "receivable", UNIT_FEN, NULL},
    [FIGURE_RELIEF_PASS] = {"money", "relief_pass", UNIT_FEN, NULL},
    [FIGURE_RELIEF_CLASS] = {"money", "relief_class", UNIT_FEN, NULL},
    [FIGURE_RELIEF_COUPON] = {"money", "relief_coupon", UNIT_FEN, NULL},
    [FIGURE_RELIEF_OTHER] = {"money", "relief_other", UNIT_FEN, NULL},
    [FIGURE_PAYABLE] = {"money", "payable", UNIT_FEN, NULL},
    [FIGURE_SETTLED] = {"money", "settled", UNIT_FEN, NULL},
    [FIGURE_OVERPAID] = {"money", "overpaid", UNIT_FEN, NULL},
    [FIGURE_RECEIVED_INSIDE] = {"channels", "received_inside", UNIT_FEN, &pay_channel_words},
    [FIGURE_RECEIVED_EXIT] = {"channels", "received_exit", UNIT_FEN, &pay_channel_words},
    [FIGURE_RECEIVED_ARREARS] = {"channels", "received_arrears", UNIT_FEN, &pay_channel_words},
    [FIGURE_RECEIVED] = {"channels", "received", UNIT_FEN, &pay_channel_words},
    [FIGURE_REFUNDS] = {"channels", "refunds", UNIT_FEN, &pay_channel_words},
    [FIGURE_NET] = {"channels", "net", UNIT_FEN, &pay_channel_words},
    [FIGURE_FEE] = {"channels", "channel_fee", UNIT_FEN, &pay_channel_words},
    [FIGURE_EXPECTED] = {"channels", "expected_settlement", UNIT_FEN, &pay_channel_words},
    [FIGURE_PAYMENTS] = {"channels", "payments", UNIT_COUNT, &pay_channel_words},
    [FIGURE_REFUNDED] = {"channels", "refunds_count", UNIT_COUNT, &pay_channel_words},
    [FIGURE_PREPAID_START] = {"balances", "prepaid_start", UNIT_FEN, NULL},
    [FIGURE_PREPAID_END] = {"balances", "prepaid_end", UNIT_FEN, NULL},
    [FIGURE_REFUNDS_AFTER] = {"balances", "refunds_after_exit", UNIT_FEN, NULL},
    [FIGURE_ARREARS_START] = {"balances", "arrears_start", UNIT_FEN, NULL},
    [FIGURE_ARREARS_OPENED] = {"balances", "arrears_opened", UNIT_FEN, NULL},
    [FIGURE_ARREARS_COLLECTED] = {"balances", "arrears_collected", UNIT_FEN, NULL},
    [FIGURE_ARREARS_WITHDRAWN] = {"balances", "arrears_withdrawn", UNIT_FEN, NULL},
    [FIGURE_ARREARS_END] = {"balances", "arrears_end", UNIT_FEN, NULL},
    [FIGURE_ARREARS_STAYS] = {"balances", "arrears_stays", UNIT_COUNT, NULL},
    [FIGURE_CHECK_PRESENT] = {"checks", "present", UNIT_COUNT, NULL},
    [FIGURE_CHECK_OUTCOMES] = {"checks", "outcomes", UNIT_COUNT, NULL},
    [FIGURE_CHECK_PAYABLE] = {"checks", "payable", UNIT_FEN, NULL},
    [FIGURE_CHECK_SETTLED] = {"checks", "settled", UNIT_FEN, NULL},
    [FIGURE_CHECK_RECEIVED] = {"checks", "received", UNIT_FEN, NULL},
    [FIGURE_CHECK_PREPAID] = {"checks", "prepaid", UNIT_FEN, NULL},
    [FIGURE_CHECK_ARREARS] = {"checks", "arrears", UNIT_FEN, NULL},
    [FIGURE_TURNOVER] = {"indicators", "turnover", UNIT_PER_BAY_DAY, NULL},
    [FIGURE_UTILISATION] = {"indicators", "utilisation", UNIT_RATIO, NULL},
    [FIGURE_AVERAGE_STAY] = {"indicators", "average_stay", UNIT_SECONDS, NULL},
    [FIGURE_PEAK] = {"indicators", "peak_present", UNIT_RATIO, NULL},
    [FIGURE_PEAK_BAYS] = {"indicators", "peak_bays", UNIT_RATIO, NULL},
    [FIGURE_ONLINE] = {"indicators", "devices_online", UNIT_RATIO, NULL},
    [FIGURE_TIMELY] = {"indicators", "upload_timely", UNIT_RATIO, NULL, true},
    [FIGURE_COMPLETE] = {"indicators", "upload_complete", UNIT_RATIO, NULL, true},
    [FIGURE_ENTRY_KNOWN] = {"indicators", "entry_known", UNIT_RATIO, NULL},
    [FIGURE_PAID_RATE] = {"indicators", "paid", UNIT_RATIO, NULL},
    [FIGURE_ARREARS_RATE] = {"indicators", "arrears", UNIT_RATIO, NULL},
    [FIGURE_SHARED_BAYS] = {"indicators", "shared_bays_open", UNIT_RATIO, NULL},
    [FIGURE_SHARED_HOURS] = {"indicators", "shared_hours_kept", UNIT_RATIO, NULL},
};

const int32_t report_length_minutes[REPORT_LENGTHS] = {0,   15,  30,  60,   120,
                                                       240, 480, 720, 1440, 2880};

const struct figure_row *figure_row(enum figure figure)
{
    assert(figure < FIGURES);
    return &rows[figure];
}

static bool is_ratio(enum figure_unit unit)
{
    return unit == UNIT_RATIO || unit == UNIT_PER_BAY_DAY || unit == UNIT_SECONDS;
}

uint32_t figure_width(enum figure figure)
{
    const struct figure_row *row = figure_row(figure);

    if (is_ratio(row->unit))
        return 2;
    return row->family ? (uint32_t)row->family->count : 1;
}

/* Unknown swallows what it is added to. */
static int64_t plus(int64_t a, int64_t b)
{
    return a == REPORT_UNKNOWN || b == REPORT_UNKNOWN ? REPORT_UNKNOWN : a + b;
}

static int64_t minus(int64_t a, int64_t b)
{
    return a == REPORT_UNKNOWN || b == REPORT_UNKNOWN ? REPORT_UNKNOWN : a - b;
}

int64_t figure_sum(const struct report_figures *figures, enum figure figure)
{
    int64_t sum = 0;

    for (uint32_t i = 0; i < figure_width(figure); i++)
        sum = plus(sum, figures->values[figure][i]);
    return sum;
}

static void derive_channels(struct report_figures *figures)
{
    int64_t(*v)[FIGURE_WIDTH] = figures->values;

    for (int c = 0; c < PAY_CHANNELS; c++) {
        v[FIGURE_NET][c] = minus(v[FIGURE_RECEIVED][c], v[FIGURE_REFUNDS][c]);
        v[FIGURE_EXPECTED][c] = minus(v[FIGURE_NET][c], v[FIGURE_FEE][c]);
    }
}

static int64_t relief(const struct report_figures *figures)
{
    int64_t sum = 0;

    for (enum figure f = FIGURE_RELIEF_PASS; f <= FIGURE_RELIEF_OTHER; f++)
        sum = plus(sum, figures->values[f][0]);
    return sum;
}

static int64_t received(const struct report_figures *figures)
{
    return plus(figure_sum(figures, FIGURE_RECEIVED_INSIDE),
                figure_sum(figures, FIGURE_RECEIVED_EXIT));
}

/* Each side of every arrow was counted on its own: what stands here is their difference. */
static void check(struct report_figures *figures)
{
    int64_t(*v)[FIGURE_WIDTH] = figures->values;
    int64_t inside =
        plus(figure_sum(figures, FIGURE_PRESENT_START),
             plus(figure_sum(figures, FIGURE_OPENED), figure_sum(figures, FIGURE_REOPENED)));
    int64_t paid = plus(v[FIGURE_PREPAID_START][0], received(figures));
    int64_t given = minus(figure_sum(figures, FIGURE_REFUNDS), v[FIGURE_REFUNDS_AFTER][0]);
    int64_t owed = plus(v[FIGURE_ARREARS_START][0], v[FIGURE_ARREARS_OPENED][0]);

    v[FIGURE_CHECK_PRESENT][0] = minus(minus(inside, figure_sum(figures, FIGURE_CLOSED)),
                                       figure_sum(figures, FIGURE_PRESENT_END));
    v[FIGURE_CHECK_OUTCOMES][0] =
        minus(minus(figure_sum(figures, FIGURE_CLOSED), figure_sum(figures, FIGURE_REOPENED)),
              figure_sum(figures, FIGURE_OUTCOMES));
    v[FIGURE_CHECK_PAYABLE][0] =
        minus(minus(v[FIGURE_RECEIVABLE][0], relief(figures)), v[FIGURE_PAYABLE][0]);
    v[FIGURE_CHECK_SETTLED][0] =
        minus(minus(plus(v[FIGURE_SETTLED][0],
                         minus(v[FIGURE_ARREARS_OPENED][0], v[FIGURE_ARREARS_WITHDRAWN][0])),
                    v[FIGURE_OVERPAID][0]),
              v[FIGURE_PAYABLE][0]);
    v[FIGURE_CHECK_RECEIVED][0] =
        minus(plus(received(figures), figure_sum(figures, FIGURE_RECEIVED_ARREARS)),
              figure_sum(figures, FIGURE_RECEIVED));
    v[FIGURE_CHECK_PREPAID][0] =
        minus(minus(minus(paid, given), v[FIGURE_SETTLED][0]), v[FIGURE_PREPAID_END][0]);
    v[FIGURE_CHECK_ARREARS][0] =
        minus(minus(minus(owed, v[FIGURE_ARREARS_COLLECTED][0]), v[FIGURE_ARREARS_WITHDRAWN][0]),
              v[FIGURE_ARREARS_END][0]);
}

void figures_finish(struct report_figures *figures)
{
    int64_t(*v)[FIGURE_WIDTH] = figures->values;

    derive_channels(figures);
    v[FIGURE_TURNOVER][0] = figure_sum(figures, FIGURE_OPENED);
    v[FIGURE_ENTRY_KNOWN][1] = figure_sum(figures, FIGURE_OPENED);
    v[FIGURE_ENTRY_KNOWN][0] = minus(v[FIGURE_ENTRY_KNOWN][1], v[FIGURE_ENTRY_MISSING][0]);
    v[FIGURE_PAID_RATE][0] = minus(v[FIGURE_SETTLED][0], v[FIGURE_OVERPAID][0]);
    v[FIGURE_PAID_RATE][1] = v[FIGURE_PAYABLE][0];
    v[FIGURE_ARREARS_RATE][0] = minus(v[FIGURE_ARREARS_OPENED][0], v[FIGURE_ARREARS_WITHDRAWN][0]);
    v[FIGURE_ARREARS_RATE][1] = v[FIGURE_PAYABLE][0];
    check(figures);
}

void figures_each(const struct report_figures *figures, figure_fn *fn, void *arg)
{
    static const char *const parts[] = {"of", "in"}; /* numerator, denominator */

    for (enum figure f = 0; f < FIGURES; f++)
        for (uint32_t i = 0; i < figure_width(f); i++) {
            const struct words *family = rows[f].family;
            const char *word = family                 ? words_name(family, (int)i)
                               : figure_width(f) == 2 ? parts[i]
                                                      : "";

            fn(arg, &rows[f], word, figures->values[f][i]);
        }
}
