/*
 * What sections about parking share: the drafts that tables fill, and how they become a lot's
 * policy and the plan of lanes.
 */
#ifndef CONFIG_SECTION_PARKING_H
#define CONFIG_SECTION_PARKING_H

#include "daemon/config/sections.h"

/* The group `parking` of a lot, as its table reads it. */
struct parking_draft {
    struct lot_policy policy;
    int32_t stays, passback, no_entry;
    const struct reader_node *refuse_when_full, *exempt, *windows, *sharing;
};
extern const struct option_table parking_table;

/* Works out the policy of plan.lots[lot]; `group` is the lot's, which may have no `parking`. After
 * its zones. */
void parking_take(struct draft *draft, const struct reader_node *group, uint32_t lot,
                  const struct parking_draft *from);

/* Opens the site's zone and, where lots name tariffs, the library. After the lots. */
void parking_tariffs(struct draft *draft);

extern const struct option_table lane_table;
void section_lanes(struct draft *draft);          /* after lots; fills plan.lanes */
void section_lanes_barriers(struct draft *draft); /* after buses and barriers */

extern const struct option_table counter_table;
/* After lanes and networks; fills counters, and plan.lanes behind those of the lanes. */
void section_counters(struct draft *draft);

#endif
