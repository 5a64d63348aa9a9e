/*
 * The rule of a zone for all later years, as POSIX writes TZ: "CET-1CEST,M3.5.0,M10.5.0/3". Pure.
 */
#ifndef BASE_ZONE_RULE_H
#define BASE_ZONE_RULE_H

#include <stdbool.h>
#include <stdint.h>

enum { ZONE_RULE_TEXT = 128 };

/* The `week`-th (5: the last) `weekday` (0 Sunday) of `month`, at this local time. */
struct zone_rule_day {
    int32_t month, week, weekday, second;
};

struct zone_rule {
    int32_t offset_s, summer_s;
    bool changes; /* there is a summer time */
    struct zone_rule_day to_summer, to_winter;
};

/* False, with `ret` untouched, for what is not of this form. An empty text is UTC. */
bool zone_rule_parse(const char *text, struct zone_rule *ret);

struct zone_change {
    int64_t at_s;
    int32_t offset_s; /* from then on */
};

/* The two changes of a year, the earlier first. */
void zone_rule_year(const struct zone_rule *rule, int32_t year, struct zone_change ret[2]);

#endif
