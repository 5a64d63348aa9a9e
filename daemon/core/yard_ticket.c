/*
 * Vehicles without a plate: a ticket or a QR id stands for it. Who prints or scans it (a platform,
 * an attendant) names the lane where the vehicle waits.
 */
#include <string.h>

#include "daemon/core/match.h"
#include "daemon/core/yard_inside.h"

/* What cities take as a key, so that it may stand for the stay there, too. */
static bool is_ticket(const char *ticket)
{
    static const char alphabet[] =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-";
    size_t size = strspn(ticket, alphabet);

    return size > 0 && size < IDENT_SIZE && !ticket[size];
}

/* Given at another entry a moment ago, and not yet that of a stay. */
static bool is_given(const struct yard *yard, uint32_t lane, const char *ticket)
{
    for (uint32_t i = 0; i < yard->plan->lanes_count; i++)
        if (i != lane && *yard->lanes[i].open.vehicle &&
            yard->plan->lanes[i].direction == LANE_IN &&
            strcmp(yard->lanes[i].open.ticket, ticket) == 0)
            return true;
    return false;
}

static const char *why_not_in(const struct yard *yard, uint32_t lane, const char *plate,
                              const char *ticket)
{
    if (*plate)
        return "the vehicle has a number plate and needs no ticket";
    if (stays_by_ticket(yard->stays, ticket) || is_given(yard, lane, ticket))
        return "this ticket is of another vehicle that is inside";
    return NULL;
}

static const char *why_not_out(const struct yard *yard, uint32_t lane, const char *plate,
                               const char *ticket)
{
    uint32_t lot = yard->plan->lanes[lane].lot;
    const struct stay *stay = stays_of_ticket(yard->stays, lot, ticket);
    const struct stay *own = stays_by_plate(yard->stays, lot, plate);
    uint32_t most = yard->plan->lots[lot].policy.plate_distance;

    if (!stay)
        return "no open stay of this lot has this ticket";
    if (own && own != stay)
        return "the vehicle is known by its plate, and this ticket is another's";
    if (*plate && *stay->plate && match_distance(plate, stay->plate, most + 1) > most)
        return "this ticket is of a vehicle with another plate";
    return NULL;
}

bool yard_may_ticket(const struct yard *yard, uint32_t lane, const char *ticket,
                     const char **ret_why)
{
    bool in = yard->plan->lanes[lane].direction == LANE_IN;
    const struct lane_case *open = &yard->lanes[lane].open;
    struct lane_view view;
    const char *plate;

    lane_view(yard->lanes[lane].lane, &view);
    plate = decide_plate(yard->plan, lane, &view.vehicle);
    *ret_why = NULL;
    if (!is_ticket(ticket))
        *ret_why = "a ticket has 1 to 23 characters of 0-9 A-Z a-z _ -";
    else if (!*view.vehicle.id || !view.vehicle.present)
        *ret_why = "no vehicle is at the lane";
    else if (strcmp(open->vehicle, view.vehicle.id) == 0 && open->verdict == DECISION_ALLOW)
        *ret_why = "the vehicle at the lane may pass already";
    else
        *ret_why = (in ? why_not_in : why_not_out)(yard, lane, plate, ticket);
    return !*ret_why;
}

bool yard_ticket(struct yard *yard, uint32_t lane, const char *ticket, struct now now,
                 const char **ret_why)
{
    struct lane_view view;

    yard->now = now;
    if (!yard_may_ticket(yard, lane, ticket, ret_why))
        return false;
    lane_view(yard->lanes[lane].lane, &view);
    yard_ask_with(yard, lane, &view.vehicle, ticket);
    return true;
}
