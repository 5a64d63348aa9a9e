/*
 * §14 to §18: from the price to the fee. Relief, percent coupons, amount coupons, the plate's
 * shared maximum, and one rounding at the end. Each stops at 0.
 */
#include "daemon/core/tariff_run.h"

static void take(const struct tariff_job *job, struct money *sum, struct money to,
                 struct tariff_note note)
{
    if (money_compare(to, money_of(0)) < 0)
        to = money_of(0);
    note.from_s = job->entry_s;
    note.to_s = job->exit_s;
    note.adds = money_minus(to, *sum);
    tariff_note(job, &note);
    *sum = to;
}

static struct money shared(struct money sum, const struct tariff_share *share)
{
    return money_minus(money_times(sum, share->number, share->part), money_of(share->minus_fen));
}

/* §14 #33: the best one, or all in the order of the tariff. */
static void relieve(const struct tariff_job *job, const struct tariff *version, struct money *sum)
{
    const struct tariff_share *best = NULL;

    for (uint32_t i = 0; i < version->reliefs_count; i++) {
        const struct tariff_share *relief = &version->reliefs[i];

        if (!(relief->classes & job->classes))
            continue;
        if (version->combine == TARIFF_SUM)
            take(job, sum, shared(*sum, relief), (struct tariff_note){.kind = TARIFF_NOTE_RELIEF});
        else if (!best || money_compare(shared(*sum, relief), shared(*sum, best)) < 0)
            best = relief;
    }
    if (best)
        take(job, sum, shared(*sum, best), (struct tariff_note){.kind = TARIFF_NOTE_RELIEF});
}

/* §15 before §16, each in the order given. */
static void redeem(const struct tariff_job *job, enum tariff_coupon_kind kind, struct money *sum)
{
    for (uint32_t i = 0; i < job->stay->coupons_count; i++) {
        const struct tariff_coupon *coupon = &job->stay->coupons[i];

        if (coupon->kind != kind)
            continue;
        take(job, sum,
             kind == TARIFF_COUPON_PERCENT ? money_times(*sum, 100 - coupon->value, 100)
                                           : money_minus(*sum, money_of(coupon->value)),
             (struct tariff_note){.kind = TARIFF_NOTE_COUPON, .a = coupon->value, .b = kind});
    }
}

/* How many days, or begun 24 hours, the stay touches. */
static int64_t days_of(const struct tariff_job *job, const struct tariff *version)
{
    const struct civil_zone *zone = job->book->zone;

    if (version->plate_per == TARIFF_PLATE_24H)
        return (job->exit_s - job->entry_s + CIVIL_DAY_S - 1) / CIVIL_DAY_S;
    return civil_day(civil_local_s(zone, job->exit_s)) -
           civil_day(civil_local_s(zone, job->entry_s)) + 1;
}

/* What the plate's earlier stays have cost since the day, or the 24 hours, of this entry began. */
static int64_t spent_fen(const struct tariff_job *job, const struct tariff *version)
{
    const struct civil_zone *zone = job->book->zone;
    int32_t day = civil_day(civil_local_s(zone, job->entry_s));
    int64_t since_s = version->plate_per == TARIFF_PLATE_24H ? job->entry_s - CIVIL_DAY_S
                                                             : civil_utc_s(zone, day, 0);
    int64_t fen = 0;

    for (uint32_t i = 0; i < job->stay->earlier_count; i++)
        if (job->stay->earlier[i].exit_s > since_s)
            fen += job->stay->earlier[i].fen;
    return fen;
}

/* §17 */
static void limit_plate(const struct tariff_job *job, const struct tariff *version,
                        struct money *sum)
{
    if (version->plate_per == TARIFF_PLATE_NONE)
        return;
    struct money left =
        money_of(version->plate_fen * days_of(job, version) - spent_fen(job, version));
    if (money_compare(*sum, left) > 0)
        take(job, sum, left,
             (struct tariff_note){.kind = TARIFF_NOTE_PLATE, .a = version->plate_fen});
}

int64_t tariff_finish(const struct tariff_job *job, const struct tariff *version, struct money sum)
{
    relieve(job, version, &sum);
    redeem(job, TARIFF_COUPON_PERCENT, &sum);
    redeem(job, TARIFF_COUPON_AMOUNT, &sum);
    limit_plate(job, version, &sum);

    int64_t fen = money_round(sum, version->money_step, version->money_mode);
    if (money_compare(sum, money_of(fen)) != 0)
        take(job, &sum, money_of(fen),
             (struct tariff_note){.kind = TARIFF_NOTE_ROUND, .a = version->money_step});
    return fen;
}
