/*
 * Putting right what is recorded of a stay, and coupons. The first account stays in its own record
 * (rule 13). Each change is a row: what it asks for, and what it fills in. Loop's thread.
 */
#include <string.h>

#include "daemon/core/stays_inside.h"

/* Why `change` may not be; NULL: it may. It fills in what follows from the stay. */
typedef const char *check_fn(const struct stays *stays, const struct stay *stay,
                             struct record_stay_amended *change, utc_ms at);

static const char *plate(const struct stays *stays, const struct stay *stay,
                         struct record_stay_amended *change, utc_ms at)
{
    (void)stays, (void)at;
    if (!change->plate[0])
        return "no plate is given; name the right one";
    return strcmp(change->plate, stay->plate) == 0 ? "the stay has this plate already" : NULL;
}

static const char *class(const struct stays *stays, const struct stay *stay,
                         struct record_stay_amended *change, utc_ms at)
{
    (void)stays, (void)at;
    return change->class == stay->class ? "the stay has this class already" : NULL;
}

static const char *entry(const struct stays *stays, const struct stay *stay,
                         struct record_stay_amended *change, utc_ms at)
{
    (void)stays, (void)stay;
    return change->entered.ms > at.ms ? "the entry cannot lie in the future" : NULL;
}

static const char *kind(const struct stays *stays, const struct stay *stay,
                        struct record_stay_amended *change, utc_ms at)
{
    (void)stays, (void)at;
    return change->kind == stay->kind ? "the stay is of this kind already" : NULL;
}

static const char *merged(const struct stays *stays, const struct stay *stay,
                          struct record_stay_amended *change, utc_ms at)
{
    const struct stay *other = stays_find(stays, change->other);

    (void)at;
    if (!other || other == stay || other->lot != stay->lot)
        return "the other stay is not known in this lot; name it";
    if (other->payments_count > 0)
        return "the other stay has had money; merge this one into it, or give the money back first";
    if (other->closed && other->outcome == OUTCOME_VOID)
        return "the other stay is void already";
    change->entered = stay->entered;
    if (stay->entry_missing || (!other->entry_missing && other->entered.ms < stay->entered.ms))
        change->entered = other->entered;
    return NULL;
}

static const char *reverted(const struct stays *stays, const struct stay *stay,
                            struct record_stay_amended *change, utc_ms at)
{
    (void)stays, (void)change, (void)at;
    return stay->closed ? NULL : "the stay is open; there is no exit to revert";
}

static const char *frozen(const struct stays *stays, const struct stay *stay,
                          struct record_stay_amended *change, utc_ms at)
{
    (void)stays, (void)stay;
    return change->until.ms != 0 && change->until.ms <= at.ms
               ? "the free time ends before it begins"
               : NULL;
}

static const char *parked(const struct stays *stays, const struct stay *stay,
                          struct record_stay_amended *change, utc_ms at)
{
    (void)at;
    if (change->bay != PLAN_NONE &&
        (change->bay >= stays->plan->bays_count || plan_lot(stays->plan, change->bay) != stay->lot))
        return "the bay is not of this lot";
    return NULL;
}

static const struct {
    check_fn *check;
    bool closed; /* also of a stay that has left */
} changes[STAY_CHANGES] = {
    [STAY_PLATE] = {plate, true},    [STAY_CLASS] = {class, false},
    [STAY_ENTRY] = {entry, false},   [STAY_KIND] = {kind, false},
    [STAY_MERGED] = {merged, false}, [STAY_REVERTED] = {reverted, true},
    [STAY_FROZEN] = {frozen, false}, [STAY_PARKED] = {parked, false},
};

/* What a change does not speak of stays as it is. */
static void fill(const struct stay *stay, struct record_stay_amended *r)
{
    r->lot = stay->lot;
    if (r->change == STAY_PLATE)
        text_copy(r->plate_was, sizeof r->plate_was, stay->plate);
    else
        text_copy(r->plate, sizeof r->plate, stay->plate);
    if (r->change != STAY_CLASS)
        r->class = stay->class;
    if (r->change != STAY_KIND)
        r->kind = stay->kind;
    if (r->change != STAY_ENTRY && r->change != STAY_MERGED)
        r->entered = stay->entered;
    if (r->change != STAY_PARKED)
        r->bay = stay->bay;
}

static void emit(struct stays *stays, const struct stay *stay,
                 const struct record_stay_amended *change, utc_ms at, struct record_sink out)
{
    struct record record = {.kind = RECORD_STAY_AMENDED, .at = at, .stay_amended = *change};

    fill(stay, &record.stay_amended);
    stays_emit(stays, &record, out);
}

/* The other account of a merged vehicle ends as void: there was no such stay. */
static void void_other(struct stays *stays, const struct record_stay_amended *merge, utc_ms at,
                       struct record_sink out)
{
    const struct stay *other = stays_find(stays, merge->other);
    struct stay_departure departure = {.at = other->closed ? other->left : at,
                                       .lane = PLAN_NONE,
                                       .forced = true,
                                       .outcome = OUTCOME_VOID};
    struct record_stay_amended revert = {.change = STAY_REVERTED};

    text_copy(departure.stay, sizeof departure.stay, merge->other);
    text_copy(departure.actor, sizeof departure.actor, merge->actor);
    text_copy(departure.reason, sizeof departure.reason,
              "merged with the other stay of the vehicle");
    text_copy(revert.stay, sizeof revert.stay, merge->other);
    text_copy(revert.actor, sizeof revert.actor, merge->actor);
    text_copy(revert.reason, sizeof revert.reason, departure.reason);
    if (other->closed)
        emit(stays, other, &revert, at, out);
    stays_leave(stays, &departure, out);
}

bool stays_amend(struct stays *stays, const struct record_stay_amended *change, utc_ms at,
                 struct record_sink out, const char **ret_why)
{
    const struct stay *stay = stays_find(stays, change->stay);
    struct record_stay_amended filled = *change;

    *ret_why = NULL;
    if (!stay)
        *ret_why = "no such stay is known";
    else if (stay->closed && !changes[change->change].closed)
        *ret_why = "the stay has left; revert its exit, put it right, and close it again";
    else
        *ret_why = changes[change->change].check(stays, stay, &filled, at);
    if (*ret_why)
        return false;
    emit(stays, stay, &filled, at, out);
    if (change->change == STAY_MERGED)
        void_other(stays, change, at, out);
    return true;
}

static const char *why_no_coupon(const struct stays_slot *slot, const struct record_coupon *coupon)
{
    if (!slot || slot->stay.closed)
        return "no such stay is open";
    if (slot->stay.coupons_count == TARIFF_COUPONS)
        return "the stay has as many coupons as one may have";
    if (coupon->value <= 0 || (coupon->kind == COUPON_PERCENT && coupon->value > 100))
        return "the coupon's value is not above nothing, or more than a hundred percent";
    for (uint32_t i = 0; i < slot->stay.coupons_count; i++)
        if (coupon->coupon[0] && strcmp(slot->coupon_ids[i], coupon->coupon) == 0)
            return "the stay has this coupon already";
    return NULL;
}

bool stays_coupon(struct stays *stays, const struct record_coupon *coupon, utc_ms at,
                  struct record_sink out, const char **ret_why)
{
    const struct stays_slot *slot = stays_keep_find(stays, coupon->stay);
    struct record record = {.kind = RECORD_COUPON, .at = at, .coupon = *coupon};

    *ret_why = why_no_coupon(slot, coupon);
    if (*ret_why)
        return false;
    record.coupon.lot = slot->stay.lot;
    stays_emit(stays, &record, out);
    return true;
}
