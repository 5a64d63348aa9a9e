/*
 * long: the whole vocabulary of a tariff in one place.
 *
 * A tariff as data: what daemon/config/tariff_reader fills in from config/tariffs/, what
 * tariff_proof() checks and tariff_price() evaluates. The numbers (§) are the steps of the order of
 * evaluation in parkd-tariff(7). Plain data that never changes once prepared; texts and arrays are
 * borrowed from whoever built it. Times are seconds, money is minor units of the currency. `line`
 * is where the file says it.
 */
#ifndef CORE_TARIFF_RULES_H
#define CORE_TARIFF_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/core/money.h"
#include "daemon/core/vehicle.h"

enum {
    TARIFF_WINDOWS = 16, /* of one part */
    TARIFF_STEPS = 16,   /* of one window */
    TARIFF_PARTS = 4,    /* the ordinary rules and alternatives */
    TARIFF_FLATS = 64,   /* flat steps of one part */
    TARIFF_COUNTED = 8,  /* steps of one part that limit their units */
    TARIFF_NONE = -1     /* no cap */
};

/* What a day is: a plain weekday unless the calendar says otherwise. Sets of days are bits. */
enum tariff_day { TARIFF_MONDAY, TARIFF_SUNDAY = 6, TARIFF_HOLIDAY, TARIFF_MAKEUP, TARIFF_DAYS };
#define TARIFF_DAY_BIT(day) (1u << (day))
#define TARIFF_DAYS_ALL (TARIFF_DAY_BIT(TARIFF_DAYS) - 1)
#define TARIFF_DAYS_WORK (0x1fu | TARIFF_DAY_BIT(TARIFF_MAKEUP))
#define TARIFF_DAYS_WEEKEND 0x60u

/* §9. Which part of a unit counts as a whole one: any, a full one, or more than `tail_s`. */
enum tariff_round { TARIFF_ROUND_UP, TARIFF_ROUND_DOWN, TARIFF_ROUND_TAIL };

/* §9. Steps add up: each is charged for its own stretch of the clock. */
struct tariff_step {
    int64_t to_s;   /* up to this reading of the clock; 0: for ever */
    int64_t unit_s; /* length of a unit; 0: a flat amount as soon as the step is entered */
    int64_t price_fen;
    enum tariff_round round;
    int64_t tail_s;
    int64_t max_units; /* 0: no limit */
    int32_t key;       /* flat steps with the same key > 0 are one: charged once */
    bool once_a_stay;  /* a flat that no new cycle or window charges again */
    uint32_t line;
    uint8_t flat, counted; /* places in the evaluator's memory; set by tariff_prepare() */
};

enum tariff_window_kind { TARIFF_CHARGED, TARIFF_OVERSTAY, TARIFF_FREE, TARIFF_CLOSED };

/* §8. A span of the day. One that ends at or before its beginning goes on into the next day and
 * belongs to the day on which it begins. */
struct tariff_window {
    enum tariff_window_kind kind;
    uint32_t days;
    uint32_t classes;
    int32_t from_s, to_s;        /* of the day, to_s up to 24 h */
    int32_t first_day, last_day; /* only on these dates (civil days); last < first: on any */
    int32_t priority;            /* the higher one wins */
    struct tariff_step *steps;
    uint32_t steps_count;
    int64_t cap_fen, cap_s, cap_units; /* §10; TARIFF_NONE */
    uint32_t line;
    bool continuous; /* the whole day, day after day, as one; set by tariff_prepare() */
};

enum tariff_clock { TARIFF_CLOCK_STAY, TARIFF_CLOCK_CYCLE, TARIFF_CLOCK_WINDOW };
enum tariff_straddle { TARIFF_SPLIT, TARIFF_CARRY };
enum tariff_cycle {
    TARIFF_CYCLE_STAY,
    TARIFF_CYCLE_ROLLING,
    TARIFF_CYCLE_DAY,
    TARIFF_CYCLE_WINDOW
};
enum tariff_anchor { TARIFF_FROM_CHARGE, TARIFF_FROM_ENTRY };

enum tariff_cap_per { TARIFF_PER_CYCLE, TARIFF_PER_STAY };
enum tariff_cap_of { TARIFF_CAP_MONEY, TARIFF_CAP_UNITS, TARIFF_CAP_SECONDS, TARIFF_CAP_FULL };

/* §11 and §12. `TARIFF_CAP_FULL` is no limit but the price of a whole cycle. */
struct tariff_cap {
    enum tariff_cap_per per;
    enum tariff_cap_of of;
    uint32_t classes;
    int64_t first, last; /* which cycles, from 1; last 0: all that follow */
    int64_t value;
    uint32_t line;
};

/* §7 to §12: what the clock, the windows and the caps are. */
struct tariff_part {
    enum tariff_clock clock;
    enum tariff_straddle straddle;
    enum tariff_cycle cycle;
    enum tariff_anchor anchor;
    int64_t cycle_s; /* of a rolling cycle */
    int32_t reset_s; /* of a day's cycle: the time of day at which it begins */
    bool gap_closed; /* hours without a window: closed; else free. Said, never assumed: */
    bool gap_said;
    struct tariff_window *windows;
    uint32_t windows_count;
    struct tariff_cap *caps;
    uint32_t caps_count;
    uint32_t line;
    /* Set by tariff_prepare(): */
    uint32_t windows_of[VEHICLE_CLASSES]; /* bits of windows */
    bool every_day[VEHICLE_CLASSES];      /* all days are alike */
    bool priorities;                      /* a window may interrupt another */
    int64_t longest_to_s;                 /* beyond this reading only open steps are left */
    int64_t nth;                          /* from this cycle on, caps are alike */
    int64_t first_fen[VEHICLE_CLASSES];   /* §1: price of the first step */
    int64_t cap_fen[VEHICLE_CLASSES];     /* §1: the first cap on money */
};

/* §5. Another part for a whole stay: by when it begins and ends. */
struct tariff_alternative {
    uint32_t classes, days;           /* days: of the entry */
    int32_t entry_from_s, entry_to_s; /* time of day of the entry; over midnight where to ≤ from */
    int32_t exit_days, exit_to_s; /* exit before this time of so many days after the entry's day */
    uint32_t part;
    uint32_t line;
};

enum tariff_free_mode { TARIFF_THRESHOLD, TARIFF_DEDUCT, TARIFF_REENTER };
enum tariff_free_scope { TARIFF_EACH_STAY, TARIFF_FIRST_OF_DAY };
enum tariff_free_clock { TARIFF_FREE_STAY, TARIFF_FREE_WINDOW };

/* §6. The longest that applies is granted. */
struct tariff_free {
    uint32_t classes;
    int64_t limit_s;
    bool exclusive; /* a stay of exactly the limit is charged */
    enum tariff_free_mode mode;
    enum tariff_free_scope scope;
    enum tariff_free_clock clock; /* what is measured: the stay, or its time inside windows */
    uint32_t line;
};

/* §13 factor and §14 relief: amount × number / part − minus_fen. */
struct tariff_share {
    uint32_t classes;
    int64_t number, part;
    int64_t minus_fen;
    uint32_t line;
};

enum tariff_combine { TARIFF_BEST, TARIFF_SUM };
enum tariff_change { TARIFF_BY_ENTRY, TARIFF_BY_PAYMENT, TARIFF_SPLIT_AT_CHANGE, TARIFF_RETRO };
enum tariff_seconds { TARIFF_SECONDS_KEEP, TARIFF_SECONDS_DOWN, TARIFF_SECONDS_INWARD };
enum tariff_missing {
    TARIFF_MISSING_MANUAL,
    TARIFF_MISSING_FIRST_STEP,
    TARIFF_MISSING_FIXED,
    TARIFF_MISSING_CAP,
    TARIFF_MISSING_FROM_OPEN
};
enum tariff_leave { TARIFF_SAME_STAY, TARIFF_NEW_STAY };
enum tariff_plate_per { TARIFF_PLATE_NONE, TARIFF_PLATE_DAY, TARIFF_PLATE_24H };

struct tariff {
    const char *id, *name, *name_zh, *version, *source, *reading, *currency, *zone, *calendar;
    const char *hash;   /* of the file's bytes */
    int32_t exponent;   /* digits behind the point */
    int32_t valid_from; /* civil day, INT32_MIN: always was; in force from its first second */
    enum tariff_change change;
    bool may_fall;                     /* declared: a longer stay may cost less */
    uint32_t same_as[VEHICLE_CLASSES]; /* §2: the class that stands for this one */
    uint32_t exempt;
    enum tariff_seconds seconds;
    enum tariff_missing missing;
    int64_t missing_fen;
    int32_t missing_open_s;
    bool pass_rest_free; /* the part of a stay outside a pass has free time */
    int64_t pass_grace_s;
    int64_t leave_s;
    enum tariff_leave leave;
    int64_t max_stay_s, overstay_fen; /* 0: none */
    struct tariff_free *frees;
    uint32_t frees_count;
    struct tariff_part parts[TARIFF_PARTS]; /* [0]: the ordinary rules */
    uint32_t parts_count;
    struct tariff_alternative *alternatives;
    uint32_t alternatives_count;
    struct tariff_share *factors; /* the first that applies */
    uint32_t factors_count;
    struct tariff_share *reliefs;
    uint32_t reliefs_count;
    enum tariff_combine combine;
    enum tariff_plate_per plate_per;
    int64_t plate_fen;
    int64_t money_step;
    enum money_mode money_mode;
};

/* Fills in what the evaluator looks up; after tariff_proof() has found no mistake. */
void tariff_prepare(struct tariff *tariff);

/* Told each mistake with its line; "what is wrong, what is allowed". */
typedef void tariff_mistake_fn(void *arg, uint32_t line, const char *text);

/* Proves that the rules say one price for every stay; true when there was nothing to tell. */
bool tariff_proof(const struct tariff *tariff, tariff_mistake_fn *mistake, void *arg);

#endif
