/*
 * What a stay costs, from the outside: §1 times, §2 class, and §19 what is due. The steps between
 * are in tariff_pieces.c (§3, §4, §13), tariff_free.c (§5, §6), tariff_run.c (§7, §10 to §12),
 * tariff_walk.c (§8), tariff_step.c (§9), tariff_repeat.c (§7) and tariff_finish.c (§14 to §18).
 */
#include "daemon/core/tariff_run.h"

static const int64_t longest_s = INT64_C(36525) * CIVIL_DAY_S; /* a hundred years */

const char *tariff_verdict_text(enum tariff_verdict verdict)
{
    static const char *const texts[TARIFF_VERDICTS] = {
        [TARIFF_PRICED] = "priced",
        [TARIFF_BACKWARDS] = "the exit is before the entry; correct the times of the stay",
        [TARIFF_TOO_LONG] = "the stay is longer than a hundred years; correct its times",
        [TARIFF_COUPONS_MANY] = "there are more than four coupons; leave some out",
        [TARIFF_MANUAL] = "no entry is known and the tariff leaves the price to the staff",
    };

    return texts[verdict];
}

void tariff_note(const struct tariff_job *job, const struct tariff_note *note)
{
    if (!job->trace)
        return;
    struct tariff_note copy = *note;
    if (copy.adds.part == 0)
        copy.adds = money_of(0);
    tariff_trace_add(job->trace, &copy);
}

static void note_mark(const struct tariff_job *job, enum tariff_note_kind kind, int64_t a,
                      int64_t b)
{
    tariff_note(job,
                &(struct tariff_note){
                    .kind = kind, .from_s = job->entry_s, .to_s = job->exit_s, .a = a, .b = b});
}

static int64_t minute(int64_t at_s)
{
    return at_s - (at_s % 60 + 60) % 60;
}

/* §1 #2: which seconds count. */
static void cut_seconds(struct tariff_job *job, enum tariff_seconds seconds)
{
    if (seconds == TARIFF_SECONDS_KEEP)
        return;
    job->entry_s = minute(job->entry_s + (seconds == TARIFF_SECONDS_INWARD ? 59 : 0));
    job->exit_s = minute(job->exit_s);
    if (job->exit_s < job->entry_s)
        job->exit_s = job->entry_s;
    note_mark(job, TARIFF_NOTE_SECONDS, 0, 0);
}

/* §1 #21: the price of a stay whose entry nobody saw. */
static struct money missing_price(const struct tariff_job *job, const struct tariff *version)
{
    const struct tariff_part *part = &version->parts[0];
    int64_t fen = version->missing_fen;

    if (version->missing == TARIFF_MISSING_FIRST_STEP)
        fen = part->first_fen[job->class];
    if (version->missing == TARIFF_MISSING_CAP)
        fen = part->cap_fen[job->class];
    tariff_note(job, &(struct tariff_note){.kind = TARIFF_NOTE_MISSING,
                                           .from_s = job->exit_s,
                                           .to_s = job->exit_s,
                                           .a = version->missing,
                                           .adds = money_of(fen)});
    return tariff_multiplied(job, version, fen);
}

/* §2 #24: one class for the whole stay. */
static bool exempt(struct tariff_job *job, const struct tariff *version)
{
    enum vehicle_class seen = job->stay->class;

    job->class = (enum vehicle_class)version->same_as[seen];
    job->classes = VEHICLE_BIT(job->class) | job->stay->also;
    note_mark(job, TARIFF_NOTE_CLASS, seen, job->class);
    if (!(version->exempt & (VEHICLE_BIT(seen) | job->classes)))
        return false;
    note_mark(job, TARIFF_NOTE_EXEMPT, seen, 0);
    return true;
}

/* §8 #28: where days differ, each year that the stay touches needs its calendar. */
static void look_for_years(const struct tariff_job *job, const struct tariff *version)
{
    const struct tariff_calendar *calendar = job->book->calendar;
    const struct civil_zone *zone = job->book->zone;

    if (version->parts[0].every_day[job->class])
        return;
    int32_t year = civil_date(civil_day(civil_local_s(zone, job->entry_s))).year;
    int32_t last = civil_date(civil_day(civil_local_s(zone, job->exit_s))).year;
    for (uint32_t i = 0; year <= last; year++) {
        while (i < calendar->years_count && calendar->years[i] < year)
            i++;
        if (i < calendar->years_count && calendar->years[i] == year)
            continue;
        job->fee->unknown_year = year;
        note_mark(job, TARIFF_NOTE_YEAR, year, 0);
        return;
    }
}

/* §19 #30: never below 0; what was paid too much is owed to the driver. */
static void settle(const struct tariff_job *job, struct tariff_fee *fee)
{
    int64_t paid_fen = 0;

    for (uint32_t i = 0; i < job->stay->payments_count; i++)
        paid_fen += job->stay->payments[i].fen;
    fee->due_fen = fee->fen > paid_fen ? fee->fen - paid_fen : 0;
    fee->credit_fen = paid_fen > fee->fen ? paid_fen - fee->fen : 0;
    if (paid_fen > 0)
        note_mark(job, TARIFF_NOTE_PAID, paid_fen, 0);
}

/* One stay between two known moments; §2 to §19. */
static enum tariff_verdict price_between(struct tariff_job *job, struct tariff_span span,
                                         struct tariff_fee *fee)
{
    *job = (struct tariff_job){.book = job->book,
                               .stay = job->stay,
                               .trace = job->trace,
                               .entry_s = span.from_s,
                               .exit_s = span.to_s,
                               .fee = fee};
    *fee = (struct tariff_fee){.version = tariff_version_of(job)};
    if (job->exit_s < job->entry_s)
        return TARIFF_BACKWARDS;
    if (job->exit_s - job->entry_s > longest_s)
        return TARIFF_TOO_LONG;
    if (job->stay->coupons_count > TARIFF_COUPONS)
        return TARIFF_COUPONS_MANY;
    cut_seconds(job, fee->version->seconds);
    if (!exempt(job, fee->version)) {
        look_for_years(job, fee->version);
        bool guess = job->stay->entry_missing && fee->version->missing != TARIFF_MISSING_FROM_OPEN;
        struct money sum =
            guess ? missing_price(job, fee->version) : tariff_stay_price(job, fee->version);
        fee->fen = tariff_finish(job, fee->version, sum);
    }
    settle(job, fee);
    return TARIFF_PRICED;
}

/* §1 #21: the last opening before the exit, or the exit itself where only the price is guessed. */
static int64_t assumed_entry(const struct tariff_book *book, const struct tariff_stay *stay)
{
    struct tariff_job job = {
        .book = book, .stay = stay, .entry_s = stay->exit_s, .exit_s = stay->exit_s};
    const struct tariff *version = tariff_version_of(&job);

    if (version->missing != TARIFF_MISSING_FROM_OPEN)
        return stay->exit_s;
    int32_t day = civil_day(civil_local_s(book->zone, stay->exit_s));
    int64_t open_s = civil_utc_s(book->zone, day, version->missing_open_s);
    return open_s < stay->exit_s ? open_s
                                 : civil_utc_s(book->zone, day - 1, version->missing_open_s);
}

/* §1 #19: a clock that was moved makes three readings of one stay: as written, and with either end
 * put right. The cheapest counts, so that a step never raises a fee. */
static struct tariff_span cheapest(const struct tariff_book *book, const struct tariff_stay *stay,
                                   struct tariff_span written)
{
    struct tariff_span readings[] = {
        written,
        {written.from_s + stay->clock_step_s, written.to_s},
        {written.from_s, written.to_s - stay->clock_step_s},
    };
    struct tariff_span best = written;
    int64_t best_fen = INT64_MAX;

    for (size_t i = 0; i < sizeof readings / sizeof readings[0]; i++) {
        struct tariff_job job = {.book = book, .stay = stay};
        struct tariff_fee fee;

        if (price_between(&job, readings[i], &fee) == TARIFF_PRICED && fee.fen < best_fen) {
            best_fen = fee.fen;
            best = readings[i];
        }
    }
    return best;
}

enum tariff_verdict tariff_price(const struct tariff_book *book, const struct tariff_stay *stay,
                                 struct tariff_trace *trace, struct tariff_fee *ret)
{
    struct tariff_span span = {stay->entry_s, stay->exit_s};
    struct tariff_job job = {.book = book, .stay = stay, .trace = trace};
    struct tariff_fee fee;

    if (trace)
        trace->count = 0;
    if (stay->entry_missing)
        span.from_s = assumed_entry(book, stay);
    if (stay->clock_step_s != 0 && !stay->entry_missing)
        span = cheapest(book, stay, span);
    if (stay->clock_step_s != 0)
        tariff_note(&job, &(struct tariff_note){.kind = TARIFF_NOTE_CLOCK,
                                                .from_s = span.from_s,
                                                .to_s = span.to_s,
                                                .a = stay->clock_step_s});
    enum tariff_verdict verdict = price_between(&job, span, &fee);
    if (verdict != TARIFF_PRICED)
        return verdict;
    if (stay->entry_missing && fee.version->missing == TARIFF_MISSING_MANUAL)
        return TARIFF_MANUAL;
    *ret = fee;
    return TARIFF_PRICED;
}
