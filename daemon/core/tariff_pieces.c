/*
 * §3 versions, §4 pieces, §13 factor: which rules price which stretch of a stay, and their sum.
 */
#include "daemon/core/tariff_run.h"

static const struct tariff *version_at(const struct tariff_book *book, int64_t at_s)
{
    int32_t day = civil_day(civil_local_s(book->zone, at_s));
    uint32_t i = book->versions_count - 1;

    while (i > 0 && book->versions[i]->valid_from > day)
        i--;
    return book->versions[i];
}

/* When the next version after the one at `at_s` comes into force; INT64_MAX: none. */
static int64_t change_after(const struct tariff_book *book, int64_t at_s)
{
    for (uint32_t i = 1; i < book->versions_count; i++) {
        int64_t from_s = civil_utc_s(book->zone, book->versions[i]->valid_from, 0);

        if (from_s > at_s)
            return from_s;
    }
    return INT64_MAX;
}

/* #26: the version in force at the exit says what becomes of a stay that began before it. */
const struct tariff *tariff_version_of(const struct tariff_job *job)
{
    const struct tariff *last = version_at(job->book, job->exit_s);

    switch (last->change) {
    case TARIFF_BY_ENTRY:
        return version_at(job->book, job->entry_s);
    case TARIFF_BY_PAYMENT:
        return job->stay->payments_count == 0 ? last
                                              : version_at(job->book, job->stay->payments[0].at_s);
    default: /* TARIFF_SPLIT_AT_CHANGE finishes by the last one too */
        return last;
    }
}

/* §13: the first factor that applies. */
struct money tariff_multiplied(const struct tariff_job *job, const struct tariff *version,
                               int64_t fen)
{
    struct money before = money_of(fen);

    for (uint32_t i = 0; i < version->factors_count; i++) {
        const struct tariff_share *factor = &version->factors[i];

        if (!(factor->classes & VEHICLE_BIT(job->class)))
            continue;
        struct money after = money_times(before, factor->number, factor->part);
        tariff_note(job, &(struct tariff_note){.kind = TARIFF_NOTE_FACTOR,
                                               .from_s = job->entry_s,
                                               .to_s = job->exit_s,
                                               .a = factor->number,
                                               .b = factor->part,
                                               .adds = money_minus(after, before)});
        return after;
    }
    return before;
}

/* A stretch without a pass or payment within: §5 to §13, in one go or cut where versions change. */
static struct money stretch_price(const struct tariff_job *job, const struct tariff *version,
                                  struct tariff_piece piece, bool free_time)
{
    bool split = version->change == TARIFF_SPLIT_AT_CHANGE;
    struct money sum = money_of(0);

    piece.version = split ? version_at(job->book, piece.from_s) : version;
    const struct tariff_part *part = tariff_part_of(job, &piece, piece.version);
    int64_t at_s = tariff_free_until(job, &piece, part, free_time);
    while (at_s < piece.to_s) {
        const struct tariff *now = split ? version_at(job->book, at_s) : version;
        int64_t until_s = split ? change_after(job->book, at_s) : piece.to_s;

        if (until_s > piece.to_s)
            until_s = piece.to_s;
        if (now != piece.version)
            part = tariff_part_of(job, &piece, now);
        tariff_note(
            job, &(struct tariff_note){
                     .kind = TARIFF_NOTE_VERSION, .from_s = at_s, .to_s = until_s, .tariff = now});
        int64_t fen = tariff_run(job, part, (struct tariff_span){at_s, until_s}, piece.from_s);
        sum = money_plus(sum, tariff_multiplied(job, now, fen));
        at_s = until_s;
    }
    return sum;
}

/* §4 #25: a pass cuts the stay; what lies under it (and its days of grace) is free. */
static struct money span_price(const struct tariff_job *job, const struct tariff *version,
                               struct tariff_span span, bool free_time)
{
    struct money sum = money_of(0);
    int64_t at_s = span.from_s;

    for (uint32_t i = 0; i < job->stay->passes_count; i++) {
        struct tariff_span pass = job->stay->passes[i];

        pass.to_s += version->pass_grace_s;
        if (pass.from_s < at_s)
            pass.from_s = at_s;
        if (pass.to_s > span.to_s)
            pass.to_s = span.to_s;
        if (pass.to_s <= pass.from_s)
            continue;
        if (at_s < pass.from_s)
            sum = money_plus(sum, stretch_price(job, version,
                                                (struct tariff_piece){NULL, at_s, pass.from_s},
                                                free_time));
        tariff_note(job, &(struct tariff_note){
                             .kind = TARIFF_NOTE_PASS, .from_s = pass.from_s, .to_s = pass.to_s});
        at_s = pass.to_s;
        free_time = version->pass_rest_free;
    }
    if (at_s < span.to_s)
        sum =
            money_plus(sum, stretch_price(job, version,
                                          (struct tariff_piece){NULL, at_s, span.to_s}, free_time));
    return sum;
}

/* §6 #44: nothing is charged beyond the maximum stay but what the tariff asks for it. */
static struct money limited_price(const struct tariff_job *job, const struct tariff *version,
                                  struct tariff_span span, bool free_time)
{
    int64_t end_s = span.from_s + version->max_stay_s;
    bool over = version->max_stay_s > 0 && span.to_s > end_s;

    if (!over)
        return span_price(job, version, span, free_time);
    job->fee->overstayed = true;
    tariff_note(job, &(struct tariff_note){.kind = TARIFF_NOTE_MAX_STAY,
                                           .from_s = end_s,
                                           .to_s = span.to_s,
                                           .a = version->max_stay_s,
                                           .adds = money_of(version->overstay_fen)});
    span.to_s = end_s;
    return money_plus(money_of(version->overstay_fen), span_price(job, version, span, free_time));
}

/* §4 #31: what has been paid for in full, with time left to leave, is settled; a longer stay is
 * priced as a whole again, or goes on as another stay when that time is over. */
struct money tariff_stay_price(const struct tariff_job *job, const struct tariff *version)
{
    struct tariff_job silent = *job;
    struct tariff_span span = {job->entry_s, job->exit_s};
    struct money sum = money_of(0);
    int64_t paid_fen = 0;

    silent.trace = NULL;
    for (uint32_t i = 0; i < job->stay->payments_count; i++) {
        const struct tariff_payment *payment = &job->stay->payments[i];
        struct tariff_span until = {span.from_s, payment->at_s};
        int64_t out_s = payment->at_s + version->leave_s;
        bool first = span.from_s == job->entry_s;

        paid_fen += payment->fen;
        if (payment->at_s < span.from_s || payment->at_s >= job->exit_s)
            continue;
        struct money then = money_plus(sum, limited_price(&silent, version, until, first));
        bool leaves = job->exit_s <= out_s;
        if (paid_fen < tariff_finish(&silent, version, then) ||
            !(leaves || version->leave == TARIFF_NEW_STAY))
            continue;
        sum = money_plus(sum, limited_price(job, version, until, first));
        tariff_note(
            job, &(struct tariff_note){.kind = leaves ? TARIFF_NOTE_SETTLED : TARIFF_NOTE_NEW_STAY,
                                       .from_s = payment->at_s,
                                       .to_s = leaves ? job->exit_s : out_s});
        if (leaves)
            return sum;
        span.from_s = out_s;
    }
    return money_plus(sum, limited_price(job, version, span, span.from_s == job->entry_s));
}
