/*
 * What is done when a simulated day is over, with the code that parkctl runs: days are closed, some
 * of them late, and supplemented where something was told since; the statements are reconciled day
 * by day, again when the next bill has come; what stands behind the figures is listed. Each is
 * compared with what was done and planted: everything found, in its class, and nothing more.
 */
/* long: an evening's work and its comparison are read together */
#ifndef TESTS_MONTH_EVENING_H
#define TESTS_MONTH_EVENING_H

#include "daemon/config/statement_map.h"
#include "daemon/core/closing.h"
#include "daemon/reconcile/ledger.h"
#include "daemon/reconcile/texts.h"
#include "daemon/report/closed.h"
#include "daemon/report/lists.h"
#include "daemon/report/orders.h"
#include "tests/simulate/month_bills.h"

enum {
    EVENING_AGAIN = 2, /* evenings after its own on which a day is reconciled once more */
    EVENING_KEY = 200,
    EVENING_TOLD = 40 /* what is wrong is told so often */
};

struct evening_day {
    struct difference *known;
    uint32_t known_count;
};

struct evening {
    struct month *month;
    const char *path;
    struct report_clock clock;
    struct statement_maps *maps;
    struct texts *texts;
    struct evening_day days[MONTH_DAYS];
    struct closing closing;
    int32_t closed, supplements; /* days; late reports about some of them */
    uint32_t compared, wrong;
    uint32_t found[DIFFERENCE_CLASSES];
    int64_t risk_fen[DIFFERENCE_CLASSES];
};

static inline void evening_wrong(struct evening *e, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static inline void evening_wrong(struct evening *e, const char *format, ...)
{
    va_list args;

    if (e->wrong++ >= EVENING_TOLD)
        return;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
}

static inline void evening_same(struct evening *e, const char *what, int64_t got, int64_t expected)
{
    e->compared++;
    if (got != expected)
        evening_wrong(e, "%s: %" PRId64 ", the truth is %" PRId64 "\n", what, got, expected);
}

static inline struct report_source *evening_open(const struct evening *e)
{
    struct err err;
    struct report_source *source = report_open(e->path, &err);

    if (!source)
        month_die(err.text);
    return source;
}

/* Reconciliation --------------------------------------------------------------------------- */

/* A difference as one line, to be sorted and compared. */
static inline void evening_key(char ret[EVENING_KEY], const struct difference *d)
{
    snprintf(ret, EVENING_KEY,
             "%s %s order=%s other=%s here=%" PRId64 " there=%" PRId64 " %s risk=%" PRId64,
             difference_class_text(d->class), d->channel, d->order, d->channel_order,
             d->gateway_fen == MATCHING_NO_AMOUNT ? -1 : d->gateway_fen,
             d->channel_fen == MATCHING_NO_AMOUNT ? -1 : d->channel_fen,
             difference_state_text(d->state), d->at_risk_fen);
}

static inline struct difference evening_expected(const struct planted *p, int32_t evening)
{
    bool closed = evening >= p->closes;
    bool unseen = p->class == DIFFERENCE_LATE && !closed;

    return (struct difference){.class = p->class,
                               .state = closed ? DIFFERENCE_AUTO_RESOLVED : DIFFERENCE_OPEN,
                               .channel = p->channel,
                               .order = p->order,
                               .channel_order = unseen ? "" : p->other,
                               .gateway_fen = p->here_fen,
                               .channel_fen = closed ? p->there_fen : p->there_before_fen,
                               .at_risk_fen = closed ? 0 : p->at_risk_fen};
}

static int evening_compare_keys(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* Found against planted: two sorted lists of lines. */
static inline void evening_compare(struct evening *e, int32_t day, int32_t evening)
{
    const struct month_bank *bank = e->month->bank;
    const struct evening_day *of = &e->days[day];
    uint32_t planted_count = 0, f = 0, p = 0;
    char(*found)[EVENING_KEY] = memory_new(of->known_count + 1, EVENING_KEY);
    char(*planted)[EVENING_KEY] = memory_new(bank->planted_count + 1, EVENING_KEY);

    for (uint32_t i = 0; i < of->known_count; i++)
        evening_key(found[i], &of->known[i]);
    for (uint32_t i = 0; i < bank->planted_count; i++)
        if (bank->planted[i].day == day) {
            struct difference expected = evening_expected(&bank->planted[i], evening);
            evening_key(planted[planted_count++], &expected);
        }
    qsort(found, of->known_count, EVENING_KEY, evening_compare_keys);
    qsort(planted, planted_count, EVENING_KEY, evening_compare_keys);
    while (f < of->known_count || p < planted_count) {
        int order = f == of->known_count ? 1
                    : p == planted_count ? -1
                                         : strcmp(found[f], planted[p]);

        e->compared++;
        if (order)
            evening_wrong(e, "day %d, evening %d: %s: %s\n", day, evening,
                          order < 0 ? "invented" : "not found", order < 0 ? found[f] : planted[p]);
        f += order <= 0;
        p += order >= 0;
    }
    free(planted);
    free(found);
}

/* What the account of a channel did, against its own lines. */
static inline void evening_settlement(struct evening *e, int32_t day,
                                      const struct matching_settlement *sum)
{
    int channel = 0;
    int64_t in = 0, back = 0, fee = 0, off = 0;

    words_parse(&pay_channel_words, sum->channel, &channel);
    const struct bank_day *of = &e->month->bank->days[channel][day];
    for (uint32_t i = 0; i < of->count; i++) {
        const struct bank_line *l = &of->lines[i];

        if (l->failed)
            continue;
        *(l->back ? &back : &in) += bill_settled(l);
        fee += bill_fee(l);
        off += l->flow_off_fen;
    }
    evening_same(e, "settled", sum->receivable_fen, in);
    evening_same(e, "given back", sum->refunds_fen, back);
    evening_same(e, "fees", sum->fee_mfen, fee * STATEMENT_MFEN);
    evening_same(e, "expected", sum->expected_mfen, (in - back - fee) * STATEMENT_MFEN);
    evening_same(e, "moved", sum->moved_mfen,
                 sum->proved ? (in - back - fee + off) * STATEMENT_MFEN : 0);
}

/* What is found is put beside what is known of the day, and kept. */
static inline void evening_keep(struct evening *e, int32_t day, const struct matching *match)
{
    struct evening_day *of = &e->days[day];
    uint32_t count;
    struct ledger_lists lists = {.known = of->known, .known_count = of->known_count};

    lists.found = matching_differences(match, &lists.found_count);
    struct ledger_entry *entries =
        memory_new(lists.known_count + lists.found_count + 1, sizeof *entries);
    count = ledger_merge(&lists, entries);
    struct difference *known = memory_new(count + 1, sizeof *known);
    for (uint32_t i = 0; i < count; i++) {
        known[i] = entries[i].difference;
        known[i].channel = texts_keep(e->texts, known[i].channel);
        known[i].order = texts_keep(e->texts, known[i].order);
        known[i].channel_order = texts_keep(e->texts, known[i].channel_order);
        known[i].transaction = texts_keep(e->texts, known[i].transaction);
        known[i].refund = texts_keep(e->texts, known[i].refund);
    }
    free(entries);
    free(of->known);
    of->known = known;
    of->known_count = count;
}

static inline void evening_match(struct evening *e, struct report_source *source, int32_t day,
                                 int32_t evening)
{
    struct bills *bills = bills_create(statement_maps_list(e->maps));
    int32_t first = (int32_t)((e->month->begin_ms + ZONE_MS) / DAY_MS);
    struct report_orders orders = {source, e->clock.zone,
                                   period_days(&e->clock, first + day - MATCHING_DAYS_BEFORE,
                                               1 + MATCHING_DAYS_BEFORE + MATCHING_DAYS_AFTER)};
    struct matching_input input = {
        .day = first + day,
        .now_local_s = (int64_t)(first + evening + 1) * CIVIL_DAY_S + 34200,
        .bills = bills,
    };
    struct pay_order_source order_source = report_orders(&orders);
    struct cash_count *counts = NULL;
    uint32_t count = 0, matched;
    struct err err;

    for (int32_t d = day ? day - 1 : 0; d <= evening && d <= day + MATCHING_DAYS_AFTER; d++)
        bills_of_day(e->month, d, bills);
    struct pay_orders *ours = pay_orders_collect(&order_source, &err);
    orders.period = period_days(&e->clock, first + day, 1);
    if (!ours || !report_shifts(&orders, &counts, &count, &err))
        month_die(err.text);
    input.orders = ours;
    input.counts = counts;
    input.counts_count = count;
    struct matching *match = matching_run(&input, &err);
    if (!match)
        month_die(err.text);
    const struct matching_settlement *sums = matching_settlements(match, &count);
    for (uint32_t i = 0; i < count; i++)
        evening_settlement(e, day, &sums[i]);
    int64_t agreed = 0;
    const struct pay_order *const *each = matching_matched(match, &matched);
    for (uint32_t i = 0; i < matched; i++)
        agreed += each[i]->paid_fen;
    if (evening > day) /* what was told the next morning is known */
        evening_same(e, "fen that agree", agreed, e->month->bank->agreed_fen[day]);
    evening_keep(e, day, match);
    matching_destroy(match);
    report_shifts_free(counts, input.counts_count);
    pay_orders_destroy(ours);
    bills_destroy(bills);
    evening_compare(e, day, evening);
}

/* Days are closed ---------------------------------------------------------------------------- */

static inline void evening_report(struct evening *e, struct report_source *source, int32_t day,
                                  bool supplement)
{
    int32_t first = (int32_t)((e->month->begin_ms + ZONE_MS) / DAY_MS);
    struct report_ask ask = {.period = period_days(&e->clock, first + day, 1),
                             .zone = e->clock.zone};
    struct record record = {.kind = RECORD_REPORT};
    struct record_report *closing = &record.report;
    const char *why;
    char digest[HASH_HEX_SIZE];
    struct err err;

    ask.until = ask.period.to;
    struct report *report = report_make(source, &ask, &err);
    if (!report)
        month_die(err.text);
    report_digest(report, digest);
    record.at.ms = e->month->begin_ms + (int64_t)(day + 1) * DAY_MS + 4 * HOUR_MS;
    closing->from = ask.period.from;
    closing->to = ask.period.to;
    closing->through = (int64_t)report->through;
    civil_date_text(first + day, closing->day);
    strcpy(closing->zone, "Asia/Shanghai");
    report_sums(&report->all, closing->sums);
    strcpy(closing->digest, digest);
    strcpy(closing->actor, "parkd-report");
    if (!closing_report(&e->closing, record.at, closing, &why))
        month_die(why);
    evening_same(e, "a supplement", closing->event == CLOSING_SUPPLEMENT, supplement);
    closing_apply(&e->closing, &record);
    month_put(e->month, &record);
    report_destroy(report);
}

/* Whether the figures of a closed day are others than those that were closed. */
static inline bool evening_has_news(struct evening *e, struct report_source *source,
                                    const struct report_closed *closed)
{
    struct report_ask ask = {
        .period = {.days = 1, .from = closed->report.from, .to = closed->report.to},
        .zone = e->clock.zone,
        .until = closed->report.to};
    char digest[HASH_HEX_SIZE];
    struct err err;
    struct report *report = report_make(source, &ask, &err);

    if (!report)
        month_die(err.text);
    report_digest(report, digest);
    report_destroy(report);
    return strcmp(digest, closed->report.digest) != 0;
}

/* As parkctl report close does: first what was told of closed days, then those that are not. */
static inline void evening_close(struct evening *e, int32_t evening)
{
    struct report_source *source = evening_open(e);
    struct report_closed *all = NULL;
    uint32_t count = 0;
    char day[CIVIL_DATE_TEXT];
    struct err err;

    if (!report_closed_all(source, &all, &count, &err))
        month_die(err.text);
    for (int32_t d = 0; d < e->closed; d++) {
        civil_date_text((int32_t)((e->month->begin_ms + ZONE_MS) / DAY_MS) + d, day);
        bool news = evening_has_news(e, source, report_closed_day(all, count, day));

        evening_same(e, "a closed day that has news", news, e->month->bank->news[d]);
        if (news) {
            evening_report(e, source, d, true);
            e->supplements++;
        }
        e->month->bank->news[d] = false;
    }
    for (; e->closed <= evening; e->closed++) {
        evening_report(e, source, e->closed, false);
        e->month->bank->news[e->closed] = false;
    }
    free(all);
    report_close(source);
    month_commit(e->month);
}

/* What stands behind the figures ------------------------------------------------------------- */

struct evening_list {
    struct evening *evening;
    int64_t counts[16][MONTH_LOTS];
    int64_t over_fen;
};

static const struct {
    const char *finding;
    size_t at; /* in the book; that is what was done */
} evening_findings[] = {
    {"left without money", offsetof(struct month_book, left_owing)},
    {"exit without an entry", offsetof(struct month_book, entry_missing)},
    {"stay ended by hand", offsetof(struct month_book, by_hand)},
    {"tailgate", offsetof(struct month_book, tailgates)},
    {"opened by a person", offsetof(struct month_book, openings[CAUSE_OPERATOR])},
    {"opening that nobody asked for", offsetof(struct month_book, openings[CAUSE_UNASKED])},
};
enum { EVENING_FINDINGS = sizeof evening_findings / sizeof *evening_findings };

static inline bool evening_finding(void *arg, const struct list_cell *cells, uint32_t count)
{
    struct evening_list *list = arg;
    size_t which = 0;

    while (which < EVENING_FINDINGS && strcmp(evening_findings[which].finding, cells[3].text))
        which++;
    if (count < 5 || which == EVENING_FINDINGS || !*cells[4].text)
        evening_wrong(list->evening, "invented: %s of %s, record %" PRId64 "\n", cells[3].text,
                      cells[4].text, cells[1].number);
    else
        list->counts[which][cells[4].text[0] - 'A']++;
    return true;
}

static inline bool evening_row(void *arg, const struct list_cell *cells, uint32_t count)
{
    struct evening_list *list = arg;

    (void)count;
    list->counts[0][cells[2].text[0] - 'A']++;
    return true;
}

static inline bool evening_shift(void *arg, const struct list_cell *cells, uint32_t count)
{
    struct evening_list *list = arg;

    list->over_fen += count > 9 ? cells[9].number : 0;
    return evening_row(arg, cells, count);
}

static inline void evening_run_list(struct evening_list *list, struct report_source *source,
                                    enum report_list which, int32_t day)
{
    static list_fn *const takes[REPORT_LISTS] = {[LIST_SHIFTS] = evening_shift,
                                                 [LIST_OPENINGS] = evening_row,
                                                 [LIST_CORRECTIONS] = evening_row,
                                                 [LIST_CHECK] = evening_finding};
    struct evening *e = list->evening;
    struct report_period period =
        period_days(&e->clock, (int32_t)((e->month->begin_ms + ZONE_MS) / DAY_MS) + day, 1);
    struct err err;

    *list = (struct evening_list){.evening = e};
    if (!list_run(source, which, &period, NULL, takes[which], list, &err))
        month_die(err.text);
}

static inline void evening_lists(struct evening *e, struct report_source *source, int32_t day)
{
    struct evening_list list = {.evening = e};
    int64_t apart = 0;

    evening_run_list(&list, source, LIST_CHECK, day);
    for (uint32_t lot = 0; lot < MONTH_LOTS; lot++)
        for (size_t i = 0; i < EVENING_FINDINGS; i++)
            evening_same(e, evening_findings[i].finding, list.counts[i][lot],
                         *(const int64_t *)((const char *)&e->month->books[lot][day] +
                                            evening_findings[i].at));
    evening_run_list(&list, source, LIST_OPENINGS, day);
    for (uint32_t lot = 0; lot < MONTH_LOTS; lot++)
        evening_same(e, "openings listed", list.counts[0][lot],
                     e->month->books[lot][day].openings[CAUSE_OPERATOR] +
                         e->month->books[lot][day].openings[CAUSE_UNASKED]);
    evening_run_list(&list, source, LIST_CORRECTIONS, day);
    for (uint32_t lot = 0; lot < MONTH_LOTS; lot++)
        evening_same(e, "corrections listed", list.counts[0][lot],
                     e->month->books[lot][day].by_hand);
    evening_run_list(&list, source, LIST_SHIFTS, day);
    for (uint32_t i = 0; i < e->month->bank->planted_count; i++) {
        const struct planted *p = &e->month->bank->planted[i];
        apart += p->day == day && !strcmp(p->channel, "cash") ? p->there_fen - p->here_fen : 0;
    }
    evening_same(e, "cash over or short", list.over_fen, apart);
    for (uint32_t lot = 0; lot < MONTH_LOTS; lot++)
        evening_same(e, "shifts listed", list.counts[0][lot], 1);
}

/* A whole evening. */
static inline void evening_work(struct evening *e, int32_t evening)
{
    bool late = evening + 1 < e->month->days && month_below(e->month, 4) == 0;

    month_bank_strangers(e->month, evening);
    month_commit(e->month);
    struct report_source *source = evening_open(e);
    for (int32_t day = evening < EVENING_AGAIN ? 0 : evening - EVENING_AGAIN; day <= evening; day++)
        evening_match(e, source, day, evening);
    evening_lists(e, source, evening);
    report_close(source);
    if (!late)
        evening_close(e, evening);
}

/* What was found in the month, by class. */
static inline void evening_tell(struct evening *e)
{
    uint32_t planted[DIFFERENCE_CLASSES] = {0};

    for (uint32_t i = 0; i < e->month->bank->planted_count; i++)
        planted[e->month->bank->planted[i].class] +=
            e->month->bank->planted[i].day < e->month->days;
    for (int32_t day = 0; day < e->month->days; day++)
        for (uint32_t i = 0; i < e->days[day].known_count; i++) {
            e->found[e->days[day].known[i].class]++;
            e->risk_fen[e->days[day].known[i].class] += e->days[day].known[i].at_risk_fen;
        }
    for (int class = 0; class < DIFFERENCE_CLASSES; class ++)
        printf("%-16s planted %4u, found %4u, at risk %" PRId64 " fen\n",
               difference_class_text((enum difference_class) class), planted[class],
               e->found[class], e->risk_fen[class]);
    printf("%d days closed, %d supplements\n", e->closed, e->supplements);
}

static inline struct evening *evening_create(struct month *month, const char *path,
                                             const struct civil_zone *zone)
{
    struct evening *e = memory_new(1, sizeof *e);
    struct err err;

    e->month = month;
    e->path = path;
    e->clock.zone = zone;
    e->texts = texts_create();
    e->maps = statement_maps_create();
    month->bank = memory_new(1, sizeof *month->bank);
    if (!statement_maps_read(e->maps, "config/statements/unionpay-qr.conf", &err))
        month_die(err.text);
    return e;
}

static inline void evening_destroy(struct evening *e)
{
    struct month_bank *bank = e->month->bank;

    for (int channel = 0; channel < PAY_CHANNELS; channel++)
        for (int32_t day = 0; day < MONTH_DAYS; day++)
            free(bank->days[channel][day].lines);
    for (int32_t day = 0; day < MONTH_DAYS; day++)
        free(e->days[day].known);
    free(bank->planted);
    free(bank);
    texts_destroy(e->texts);
    statement_maps_destroy(e->maps);
    free(e);
}

#endif
