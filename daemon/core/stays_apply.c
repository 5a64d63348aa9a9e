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
    text_copy(slot->stay.ticket, sizeof slot->stay.ticket, r->ticket);
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

typedef void change_fn(const struct stays *stays, struct stays_slot *slot,
                       const struct record *record);

static void take_plate(const struct stays *stays, struct stays_slot *slot,
                       const struct record *record)
{
    (void)stays;
    text_copy(slot->stay.plate, sizeof slot->stay.plate, record->stay_amended.plate);
}

static void take_class(const struct stays *stays, struct stays_slot *slot,
                       const struct record *record)
{
    (void)stays;
    slot->stay.class = record->stay_amended.class;
}

static void take_entry(const struct stays *stays, struct stays_slot *slot,
                       const struct record *record)
{
    (void)stays;
    slot->stay.entered = record->stay_amended.entered;
    slot->stay.entry_missing = false;
}

static void take_kind(const struct stays *stays, struct stays_slot *slot,
                      const struct record *record)
{
    (void)stays;
    slot->stay.kind = record->stay_amended.kind;
}

static void come_back(const struct stays *stays, struct stays_slot *slot,
                      const struct record *record)
{
    (void)record;
    slot->stay.closed = false;
    follow_clock(stays, slot);
}

static void take_frozen(const struct stays *stays, struct stays_slot *slot,
                        const struct record *record)
{
    (void)stays;
    freeze(&slot->stay, record->at.ms, record->stay_amended.until.ms);
}

static void take_bay(const struct stays *stays, struct stays_slot *slot,
                     const struct record *record)
{
    (void)stays;
    slot->stay.bay = record->stay_amended.bay;
}

static change_fn *const changes[STAY_CHANGES] = {
    [STAY_PLATE] = take_plate,   [STAY_CLASS] = take_class,  [STAY_ENTRY] = take_entry,
    [STAY_KIND] = take_kind,     [STAY_MERGED] = take_entry, [STAY_REVERTED] = come_back,
    [STAY_FROZEN] = take_frozen, [STAY_PARKED] = take_bay,
};

static void amended(struct stays *stays, const struct record *record)
{
    struct stays_slot *slot = stays_keep_find(stays, record->stay_amended.stay);

    if (!slot)
        return;
    assert(record->stay_amended.change < STAY_CHANGES);
    stays_keep_displace(stays, slot);
    changes[record->stay_amended.change](stays, slot, record);
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
