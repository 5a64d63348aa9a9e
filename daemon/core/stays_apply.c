/*
 * The fold: what each record makes of the stays. The same live and at the start. A record about a
 * stay that is not known (any more) changes nothing. Loop's thread.
 */
#include <assert.h>
#include <string.h>

#include "daemon/core/stays_inside.h"

static void opened(struct stays *stays, const struct record *record)
{
    const struct record_stay_opened *r = &record->stay_opened;
    struct stays_slot *slot = stays_keep_find(stays, r->stay) ? NULL : stays_keep_new(stays);

    if (!slot)
        return;
    slot->stay = (struct stay){.lot = r->lot,
                               .bay = r->bay,
                               .lane = r->lane,
                               .colour = r->colour,
                               .class = r->class,
                               .kind = r->kind,
                               .entered = record->at,
                               .entry_missing = r->entry_missing,
                               .time_uncertain = record->time_uncertain};
    text_copy(slot->stay.id, sizeof slot->stay.id, r->stay);
    text_copy(slot->stay.plate, sizeof slot->stay.plate, r->plate);
    stays_keep_place(stays, slot);
}

static void closed(struct stays *stays, const struct record *record)
{
    const struct record_stay_closed *r = &record->stay_closed;
    struct stays_slot *slot = stays_keep_find(stays, r->stay);

    if (!slot)
        return;
    stays_keep_displace(stays, slot);
    slot->stay.closed = true;
    slot->stay.left = record->at;
    slot->stay.outcome = r->outcome;
    slot->stay.money = r->money;
    slot->stay.class = r->class;
    slot->stay.kind = r->kind;
    slot->stay.overstayed = r->overstayed;
    stays_keep_place(stays, slot);
}

/* Evacuation: one span that is open is closed by the next; when there is no room for a further one
 * the last goes on, in the driver's favour. */
static void freeze(struct stay *stay, int64_t from_ms, int64_t until_ms)
{
    struct tariff_span *last = stay->frozen_count ? &stay->frozen[stay->frozen_count - 1] : NULL;
    int64_t from_s = from_ms / 1000;
    int64_t to_s = until_ms == 0 ? INT64_MAX : (until_ms + 999) / 1000;

    if (last && (last->to_s == INT64_MAX || stay->frozen_count == STAY_FREEZES))
        last->to_s = to_s;
    else
        stay->frozen[stay->frozen_count++] = (struct tariff_span){from_s, to_s};
}

/* Rule 11: one that is inside remembers by how much the clock was moved, and its time to leave goes
 * on by the clock that is. What it has settled stays settled as the clock was then. */
static void follow_clock(const struct stays *stays, struct stays_slot *slot)
{
    struct stay *stay = &slot->stay;
    int64_t step_ms = stays->clock_ms - slot->clock_base_ms;
    int64_t moved_ms = step_ms - stay->clock_step_ms;

    stay->clock_step_ms = step_ms;
    if (stay->leave_by.ms != 0)
        stay->leave_by.ms += moved_ms;
}

static void change(struct stays *stays, struct stays_slot *slot, const struct record *record)
{
    const struct record_stay_amended *r = &record->stay_amended;
    struct stay *stay = &slot->stay;

    switch (r->change) {
    case STAY_PLATE:
        text_copy(stay->plate, sizeof stay->plate, r->plate);
        break;
    case STAY_CLASS:
        stay->class = r->class;
        break;
    case STAY_ENTRY:
    case STAY_MERGED:
        stay->entered = r->entered;
        stay->entry_missing = false;
        break;
    case STAY_KIND:
        stay->kind = r->kind;
        break;
    case STAY_REVERTED:
        stay->closed = false;
        follow_clock(stays, slot);
        break;
    case STAY_FROZEN:
        freeze(stay, record->at.ms, r->until.ms);
        break;
    case STAY_PARKED:
        stay->bay = r->bay;
        break;
    case STAY_CHANGES:
        assert(!"no change");
    }
}

static void amended(struct stays *stays, const struct record *record)
{
    struct stays_slot *slot = stays_keep_find(stays, record->stay_amended.stay);

    if (!slot)
        return;
    stays_keep_displace(stays, slot);
    change(stays, slot, record);
    stays_keep_place(stays, slot);
}

static void coupon(struct stays *stays, const struct record *record)
{
    const struct record_coupon *r = &record->coupon;
    struct stays_slot *slot = stays_keep_find(stays, r->stay);

    if (!slot || slot->stay.coupons_count == TARIFF_COUPONS)
        return;
    uint32_t at = slot->stay.coupons_count++;
    slot->stay.coupons[at] = (struct tariff_coupon){(enum tariff_coupon_kind)r->kind, r->value};
    text_copy(slot->coupon_ids[at], RECORD_WORD, r->coupon);
}

static void clock_step(struct stays *stays, const struct record *record)
{
    stays->clock_ms += record->clock_step.delta_ms;
    for (uint32_t n = stays->open.count ? stays->open.first : INDEX_END; n != INDEX_END;
         n = stays->slots[n].after) {
        follow_clock(stays, &stays->slots[n]);
        stays->slots[n].stay.time_uncertain = true;
    }
}

static void sharing(struct stays *stays, const struct record *record)
{
    struct stays_slot *slot = stays_keep_find(stays, record->sharing.stay);

    if (slot && record->sharing.event == SHARING_OVERSTAY)
        slot->stay.overstayed = true;
}

/* From when on it is not known that the vehicle on the bay is still there; kept until one is. */
static void bay_changed(struct stays *stays, const struct record *record)
{
    struct stays_bay *bay = &stays->bays[record->bay_changed.bay];
    enum bay_state to = record->bay_changed.to;

    if (to == BAY_OCCUPIED)
        bay->doubt = (utc_ms){0};
    else if (to != BAY_FREE && bay->doubt.ms == 0)
        bay->doubt = record->at;
}

typedef void fold_fn(struct stays *stays, const struct record *record);
static fold_fn *const folds[RECORD_KINDS] = {
    [RECORD_STAY_OPENED] = opened,
    [RECORD_STAY_CLOSED] = closed,
    [RECORD_STAY_AMENDED] = amended,
    [RECORD_ORDER] = stays_money_order,
    [RECORD_PAYMENT] = stays_money_payment,
    [RECORD_REFUND] = stays_money_refund,
    [RECORD_COUPON] = coupon,
    [RECORD_LIST] = stays_lists_apply,
    [RECORD_SHIFT] = stays_shift_apply,
    [RECORD_SHARING] = sharing,
    [RECORD_CLOCK_STEP] = clock_step,
    [RECORD_BAY_CHANGED] = bay_changed,
};

void stays_apply(struct stays *stays, const struct record *record)
{
    assert(record->kind < RECORD_KINDS);
    if (folds[record->kind])
        folds[record->kind](stays, record);
}
