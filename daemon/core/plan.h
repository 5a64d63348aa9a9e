/*
 * The plan of a site: its lots, zones, bays, devices and lanes as the configuration states them.
 * Plain data, built once by daemon/config and borrowed by everyone; nothing in it changes while the
 * gateway runs. Lots, zones, bays, devices and lanes are known by their index in these arrays; ids
 * are unique per array.
 */
/* long: a site's plan is read as one page */
#ifndef CORE_PLAN_H
#define CORE_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/core/lane_plan.h"
#include "daemon/core/lot_policy.h"
#include "daemon/core/units.h"

enum bay_class { BAY_ORDINARY, BAY_ACCESSIBLE, BAY_CHARGING, BAY_RESERVED, BAY_CLASSES };

/* How readings of a lot's bays become its state; see bay.h for the numbered rules. Zero turns a
 * rule off. */
struct bay_rules {
    int64_t debounce_occupied_ms; /* a new "occupied" must hold this long */
    int64_t debounce_free_ms;     /* a new "free" must hold this long */
    int32_t flapping_per_hour;    /* the sensor turns more often than this in an hour: flapping */
    int64_t stuck_occupied_ms;    /* occupied for longer is suspect */
    int64_t stuck_free_ms;        /* free for longer, while the lot turns over, is suspect */
    int32_t stuck_turnover;       /* "turns over": this many arrivals per bay meanwhile; 0: any */
    bool suspect_is_unknown;      /* a suspect bay counts as unknown */
};

struct lot_plan {
    const char *id;
    const char *name;
    struct bay_rules rules;
    bool on_street; /* a row of bays along a road, not a car park */
    bool located;
    double latitude, longitude; /* WGS-84, when located */
    struct lot_policy policy;
};

struct zone_plan {
    const char *id;
    const char *name;
    uint32_t lot;
};

struct bay_plan {
    const char *id;
    uint32_t zone;
    uint32_t device;    /* the device that senses it, or PLAN_NONE */
    int64_t silence_ms; /* not heard for longer: unknown; 0 never */
    enum bay_class class;
};

struct device_plan {
    const char *id;
    const char *bus;
};

#define PLAN_NONE UINT32_MAX

struct civil_zone;      /* civil.h */
struct tariff_calendar; /* tariff.h */

struct site_plan {
    const char *id;
    const char *name;
    const char *zone; /* IANA time zone, "Asia/Shanghai" */
    struct lot_plan *lots;
    struct zone_plan *zones; /* in the order of the file, so those of one lot are adjacent */
    struct bay_plan *bays;   /* likewise those of one zone */
    struct device_plan *devices;
    uint32_t lots_count, zones_count, bays_count, devices_count;
    const char *country;     /* two letters of ISO 3166, "CN" */
    struct lane_plan *lanes; /* in the order of the file */
    uint32_t lanes_count;
    const struct civil_zone *civil;         /* of `zone`; NULL: UTC */
    const struct tariff_calendar *calendar; /* holidays; NULL: none is known */
    bool clock_trusted;                     /* the machine's clock is right without NTP */
};

const char *bay_class_name(enum bay_class class); /* "ordinary", "accessible", … */
uint32_t plan_lot(const struct site_plan *plan, uint32_t bay);

/* By id; PLAN_NONE when there is none, also of NULL. Linear: for what people ask and files say. */
uint32_t plan_find_lot(const struct site_plan *plan, const char *id);
uint32_t plan_find_lane(const struct site_plan *plan, const char *id);
uint32_t plan_find_bay(const struct site_plan *plan, const char *id);

#endif
