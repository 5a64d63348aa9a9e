/*
 * Stays from bays, for road sections and open lots: a bay that becomes occupied is a vehicle that
 * came, one that becomes free a vehicle that left. A bay that is silent or out of service for a
 * while splits no stay; when the vehicle is gone afterwards, it left when it was last known to be
 * there: what is not proved is not charged. Loop's thread.
 */
#include "daemon/core/stays_inside.h"

static const struct stay *arrive(struct stays *stays, uint32_t bay, utc_ms at,
                                 struct record_sink out)
{
    struct stay_arrival arrival = {
        .lot = plan_lot(stays->plan, bay), .bay = bay, .lane = PLAN_NONE, .at = at};
    char id[IDENT_SIZE];

    stays_arrive(stays, &arrival, out, id);
    return stays_find(stays, id);
}

/* One that was too short was no parking. */
static void leave(struct stays *stays, const struct stay *stay, utc_ms at, struct record_sink out)
{
    struct stay_departure departure = {.lane = PLAN_NONE, .at = at};
    int64_t settle_ms = stays->plan->lots[stay->lot].policy.bay_settle_ms;

    text_copy(departure.stay, sizeof departure.stay, stay->id);
    if (at.ms - stay->entered.ms < settle_ms) {
        departure.forced = true;
        departure.outcome = OUTCOME_VOID;
        text_copy(departure.reason, sizeof departure.reason, "too short to be parking");
    }
    stays_leave(stays, &departure, out);
}

/* One that came and went before anybody told of it. */
static void visit(struct stays *stays, uint32_t bay, utc_ms from, utc_ms until,
                  struct record_sink out)
{
    const struct stay *stay = arrive(stays, bay, from, out);

    if (stay) /* else no place was left for it, as is recorded */
        leave(stays, stay, until, out);
}

static void changed(struct stays *stays, const struct record *record, utc_ms doubt,
                    struct record_sink out)
{
    uint32_t bay = record->bay_changed.bay;
    const struct stay *stay = stays_on_bay(stays, bay);

    if (record->bay_changed.to == BAY_OCCUPIED && !stay)
        arrive(stays, bay, record->at, out);
    if (record->bay_changed.to == BAY_FREE && stay)
        leave(stays, stay, doubt.ms > stay->entered.ms ? doubt : record->at, out);
}

static void amend(struct stays *stays, const struct stay *stay, enum stay_change change,
                  utc_ms entered, utc_ms at, struct record_sink out)
{
    struct record_stay_amended amended = {.change = change, .entered = entered};
    const char *why;

    text_copy(amended.stay, sizeof amended.stay, stay->id);
    text_copy(amended.actor, sizeof amended.actor, "sensor");
    text_copy(amended.reason, sizeof amended.reason, "a late message of the bay");
    stays_amend(stays, &amended, at, out, &why);
}

/* The bay was free from `from` to `until`, within a stay: two vehicles, or one that left sooner. */
static void was_free(struct stays *stays, const struct stay *stay, utc_ms from, utc_ms until,
                     struct record_sink out)
{
    bool closed = stay->closed;
    utc_ms left = stay->left;
    uint32_t bay = stay->bay;

    if (closed)
        amend(stays, stay, STAY_REVERTED, stay->entered, until, out);
    leave(stays, stay, from, out);
    if (closed && until.ms >= left.ms)
        return;
    if (closed)
        visit(stays, bay, until, left, out);
    else
        arrive(stays, bay, until, out);
}

/* The bay was occupied from `from` to `until`: a vehicle came sooner, or came and went unseen. */
static void was_occupied(struct stays *stays, uint32_t bay, utc_ms from, utc_ms until,
                         struct record_sink out)
{
    const struct stay *stay = stays_on_bay(stays, bay);

    if (stay && stay->entered.ms <= from.ms)
        return;
    if (stay && stay->entered.ms <= until.ms) {
        amend(stays, stay, STAY_ENTRY, from, until, out);
        return;
    }
    visit(stays, bay, from, until, out);
}

/* The stay on the bay, or that left it last, within which `from` lies. */
static const struct stay *around(const struct stays *stays, uint32_t bay, utc_ms from)
{
    const struct stay *stay = stays_on_bay(stays, bay);
    uint32_t last = stays->bays[bay].last;

    if (stay && stay->entered.ms < from.ms)
        return stay;
    const struct stay *left = last ? &stays->slots[last - 1].stay : NULL;
    return !stay && left && left->entered.ms < from.ms && from.ms < left->left.ms &&
                   left->outcome != OUTCOME_VOID
               ? left
               : NULL;
}

static void late(struct stays *stays, const struct record *record, struct record_sink out)
{
    uint32_t bay = record->bay_amended.bay;
    utc_ms from = record->at, until = record->bay_amended.until;
    const struct stay *stay = around(stays, bay, from);

    if (until.ms <= from.ms)
        return;
    if (record->bay_amended.state == BAY_FREE && stay)
        was_free(stays, stay, from, until, out);
    if (record->bay_amended.state == BAY_OCCUPIED && !stay)
        was_occupied(stays, bay, from, until, out);
}

void stays_bay(struct stays *stays, const struct record *bay, struct record_sink out)
{
    bool amended = bay->kind == RECORD_BAY_AMENDED;
    uint32_t index = amended ? bay->bay_amended.bay : bay->bay_changed.bay;

    if (!amended && bay->kind != RECORD_BAY_CHANGED)
        return;
    stays_apply(stays, bay);
    if (stays->plan->lots[plan_lot(stays->plan, index)].policy.stays != STAYS_FROM_BAYS)
        return;
    if (amended)
        late(stays, bay, out);
    else
        changed(stays, bay, stays->bays[index].doubt, out);
}
