/*
 * A site small enough to count on the fingers, for the tests of the core: lot A with zones A1 (two
 * ordinary bays) and A2 (one accessible, one charging), lot B with zone B1 (two ordinary bays); an
 * entry and an exit of A.
 */
#ifndef UNIT_SMALL_SITE_H
#define UNIT_SMALL_SITE_H

#include "daemon/core/plan.h"

enum { A_001, A_002, A_003, A_004, B_001, B_002, SMALL_BAYS };
enum { A_IN, A_OUT, SMALL_LANES };

struct small_site {
    struct lot_plan lots[2];
    struct zone_plan zones[3];
    struct bay_plan bays[SMALL_BAYS];
    struct device_plan devices[2];
    struct lane_plan lanes[SMALL_LANES];
    struct site_plan plan;
};

/* Every bay is silent after ten seconds; no other rule is on. */
static inline void small_site_init(struct small_site *s)
{
    *s = (struct small_site){
        .lots = {{.id = "A", .name = "North"}, {.id = "B", .name = "South \"2\""}},
        .zones = {{"A1", "Row 1", 0}, {"A2", "Row 2", 0}, {"B1", "Row 3", 1}},
        .bays =
            {{.id = "A-001", .zone = 0, .device = 0, .silence_ms = 10000},
             {.id = "A-002", .zone = 0, .device = 0, .silence_ms = 10000},
             {.id = "A-003", .zone = 1, .device = 1, .silence_ms = 10000, .class = BAY_ACCESSIBLE},
             {.id = "A-004", .zone = 1, .device = 1, .silence_ms = 10000, .class = BAY_CHARGING},
             {.id = "B-001", .zone = 2, .device = PLAN_NONE, .silence_ms = 10000},
             {.id = "B-002", .zone = 2, .device = PLAN_NONE, .silence_ms = 10000}},
        .devices = {{"node-1", "line-1"}, {"node-2", "line-1"}},
        .lanes = {{.id = "A-in", .name = "Entry", .outer = PLAN_NONE, .opposite = PLAN_NONE},
                  {.id = "A-out",
                   .name = "Exit",
                   .outer = PLAN_NONE,
                   .opposite = PLAN_NONE,
                   .direction = LANE_OUT}},
    };
    s->plan = (struct site_plan){.id = "demo",
                                 .name = "Demo",
                                 .zone = "Asia/Shanghai",
                                 .lots = s->lots,
                                 .zones = s->zones,
                                 .bays = s->bays,
                                 .devices = s->devices,
                                 .lots_count = 2,
                                 .zones_count = 3,
                                 .bays_count = SMALL_BAYS,
                                 .devices_count = 2,
                                 .lanes = s->lanes,
                                 .lanes_count = SMALL_LANES};
}

#endif
