/*
 * §5 Alternatives and §6 free time: by which part a stretch is priced, and from when.
 */
#include "daemon/core/tariff_run.h"

/* §5 #14: both ends of the stay decide. */
static bool alternative_holds(const struct tariff_job *job, const struct tariff_piece *piece,
                              const struct tariff_alternative *other)
{
    const struct civil_zone *zone = job->book->zone;
    int64_t local_s = civil_local_s(zone, piece->from_s);
    int32_t day = civil_day(local_s), second = civil_second_of_day(local_s);
    bool after = second >= other->entry_from_s, before = second < other->entry_to_s;
    bool wraps = other->entry_to_s <= other->entry_from_s;

    return (other->classes & VEHICLE_BIT(job->class)) &&
           (other->days & TARIFF_DAY_BIT(tariff_day(job->book->calendar, day))) &&
           (wraps ? after || before : after && before) &&
           piece->to_s < civil_utc_s(zone, day + other->exit_days, other->exit_to_s);
}

const struct tariff_part *tariff_part_of(const struct tariff_job *job,
                                         const struct tariff_piece *piece,
                                         const struct tariff *version)
{
    for (uint32_t i = 0; i < version->alternatives_count; i++) {
        const struct tariff_alternative *other = &version->alternatives[i];

        if (!alternative_holds(job, piece, other))
            continue;
        tariff_note(job, &(struct tariff_note){.kind = TARIFF_NOTE_ALTERNATIVE,
                                               .from_s = piece->from_s,
                                               .to_s = piece->to_s,
                                               .a = i + 1});
        return &version->parts[other->part];
    }
    return &version->parts[0];
}

/* #5: decided at the entry, by the earlier stays that began on the same local day. */
static bool first_of_day(const struct tariff_job *job)
{
    const struct civil_zone *zone = job->book->zone;
    int32_t day = civil_day(civil_local_s(zone, job->entry_s));

    for (uint32_t i = 0; i < job->stay->earlier_count; i++) {
        int64_t entry_s = job->stay->earlier[i].entry_s;

        if (entry_s < job->entry_s && civil_day(civil_local_s(zone, entry_s)) == day)
            return false;
    }
    return true;
}

/* The most favourable rule: the longest. NULL when there is none. */
static const struct tariff_free *best_rule(const struct tariff_job *job,
                                           const struct tariff *version, bool reenter)
{
    const struct tariff_free *best = NULL;

    for (uint32_t i = 0; i < version->frees_count; i++) {
        const struct tariff_free *rule = &version->frees[i];

        if (!(rule->classes & job->classes) || (rule->mode == TARIFF_REENTER && !reenter) ||
            (rule->scope == TARIFF_FIRST_OF_DAY && !first_of_day(job)))
            continue;
        if (!best || rule->limit_s > best->limit_s)
            best = rule;
    }
    return best;
}

/* When `seconds` of the rule's time have gone by since the piece began; INT64_MAX: not within it.
 */
static int64_t reached(const struct tariff_job *job, const struct tariff_piece *piece,
                       const struct tariff_part *part, enum tariff_free_clock clock,
                       int64_t seconds)
{
    struct tariff_walk walk;
    struct tariff_segment segment;

    if (clock == TARIFF_FREE_STAY)
        return piece->to_s - piece->from_s < seconds ? INT64_MAX : piece->from_s + seconds;
    tariff_walk_start(&walk, job->book, part, job->class, piece->from_s);
    for (int64_t at_s = piece->from_s; at_s < piece->to_s; at_s = segment.until_s) {
        tariff_walk_at(&walk, at_s, &segment);
        if (segment.until_s > piece->to_s)
            segment.until_s = piece->to_s;
        if (!segment.window)
            continue;
        if (segment.until_s - at_s >= seconds)
            return at_s + seconds;
        seconds -= segment.until_s - at_s;
    }
    return INT64_MAX;
}

static void note_free(const struct tariff_job *job, enum tariff_note_kind kind,
                      struct tariff_span span, int64_t limit_s)
{
    tariff_note(job, &(struct tariff_note){
                         .kind = kind, .from_s = span.from_s, .to_s = span.to_s, .a = limit_s});
}

static int64_t apply(const struct tariff_job *job, const struct tariff_piece *piece,
                     const struct tariff_part *part, const struct tariff_free *rule)
{
    struct tariff_span all = {piece->from_s, piece->to_s};
    bool threshold = rule->mode == TARIFF_THRESHOLD;
    /* #1: a threshold is passed one second after its limit, or at it where that is charged. */
    int64_t until_s =
        reached(job, piece, part, rule->clock, rule->limit_s + (threshold && !rule->exclusive));

    if (until_s == INT64_MAX || (!threshold && until_s == piece->to_s)) {
        note_free(job, TARIFF_NOTE_FREE, all, rule->limit_s);
        return piece->to_s;
    }
    if (threshold) {
        note_free(job, TARIFF_NOTE_FREE_SPENT, all, rule->limit_s);
        return piece->from_s;
    }
    note_free(job, TARIFF_NOTE_FREE_CUT, (struct tariff_span){piece->from_s, until_s},
              rule->limit_s);
    return until_s;
}

static int64_t coupons_s(const struct tariff_stay *stay)
{
    int64_t seconds = 0;

    for (uint32_t i = 0; i < stay->coupons_count; i++)
        if (stay->coupons[i].kind == TARIFF_COUPON_TIME)
            seconds += stay->coupons[i].value;
    return seconds;
}

int64_t tariff_free_until(const struct tariff_job *job, const struct tariff_piece *piece,
                          const struct tariff_part *part, bool free_time)
{
    const struct tariff_free *rule = free_time ? best_rule(job, piece->version, true) : NULL;
    struct tariff_piece rest = *piece;
    int64_t coupon_s = coupons_s(job->stay);

    if (rule)
        rest.from_s = apply(job, piece, part, rule);
    if (rule && rule->mode == TARIFF_REENTER && rest.from_s < rest.to_s) {
        rule = best_rule(job, piece->version, false);
        if (rule)
            rest.from_s = apply(job, &rest, part, rule);
    }
    if (coupon_s > 0 && rest.from_s < rest.to_s) {
        note_free(job, TARIFF_NOTE_COUPON_TIME,
                  (struct tariff_span){rest.from_s, rest.from_s + coupon_s}, coupon_s);
        rest.from_s += coupon_s;
    }
    return rest.from_s;
}
