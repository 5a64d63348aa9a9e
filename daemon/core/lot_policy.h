/*
 * Whom a lot takes, for how much, and what it does in doubt. Plain data of the configuration; part
 * of struct lot_plan.
 */
#ifndef CORE_LOT_POLICY_H
#define CORE_LOT_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/core/vehicle.h"

struct tariff_book; /* tariff.h */

/* Where stays come from. */
enum stay_source { STAYS_NONE, STAYS_FROM_LANES, STAYS_FROM_BAYS };

/* A second entry of a car that is inside. */
enum passback { PASSBACK_OFF, PASSBACK_SOFT /* let in, and record */, PASSBACK_HARD };

/* An exit that no stay is known for. */
enum no_entry { NO_ENTRY_ASK, NO_ENTRY_LET_OUT, NO_ENTRY_LAST /* go on with its last stay */ };

enum { LOT_HOURS = 8, LOT_SHARED = 14 };

/* Of a day of the week in the site's zone, from midnight; `to` may lie after it (next morning). */
struct lot_hours {
    uint8_t days; /* bit 0 Monday … bit 6 Sunday, bit 7 holidays */
    int32_t from_min, to_min;
};

/* Who may come in when: hours of the classes; none stated: always. */
struct lot_window {
    uint32_t classes;
    struct lot_hours hours;
};

/* Off-peak sharing (错时共享): in these hours `bays` of the lot, or of one zone, are public. */
struct lot_sharing {
    uint32_t zone; /* PLAN_NONE: of the lot */
    uint32_t bays;
    struct lot_hours hours;
    int32_t closing_min; /* no new car in the last minutes */
};

struct lot_policy {
    enum stay_source stays;
    const struct tariff_book *tariff; /* NULL: nothing is charged */
    const char *tariff_id;
    uint32_t spaces;           /* of vehicles inside at most, by count; 0: its bays in service */
    uint32_t refuse_when_full; /* classes that a full lot refuses */
    uint32_t exempt;           /* classes that do not pay and always pass */
    enum passback passback;
    enum no_entry no_entry;
    int64_t reopen_ms;       /* the same car again: open, no new record */
    int64_t leave_ms;        /* after a payment */
    int64_t same_side_ms;    /* read at the lane beside it so shortly before: not its own read */
    uint32_t plate_distance; /* at most so far is still the same plate, in tenths of a character;
                                0: exactly */
    bool block_arrears;      /* arrears: a person decides; else only recorded */
    bool pay_at_exit;        /* the exit waits for the payment; else it leaves and owes */
    int64_t bay_settle_ms;   /* stays from bays: shorter ones are no parking */
    int64_t adjust_limit;    /* occupancy: more vehicles are not booked without a person */
    struct lot_window windows[LOT_HOURS];
    uint32_t windows_count;
    struct lot_sharing sharing[LOT_SHARED];
    uint32_t sharing_count;
};

#endif
