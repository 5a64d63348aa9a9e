/* Rules of zones in POSIX form. See zone_rule.h. */
#include "daemon/base/zone_rule.h"

#include "daemon/core/civil.h"

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* "CET" or "<+08>"; false when there is no name. */
static bool skip_name(const char **at)
{
    const char *p = *at;

    if (*p == '<') {
        while (*p && *p != '>')
            p++;
        if (*p != '>')
            return false;
        p++;
    } else {
        while (is_letter(*p))
            p++;
    }
    if (p - *at < 3)
        return false;
    *at = p;
    return true;
}

static bool read_number(const char **at, int32_t max, int32_t *ret)
{
    const char *p = *at;
    int32_t value = 0;

    while (*p >= '0' && *p <= '9' && value <= max)
        value = value * 10 + (*p++ - '0');
    if (p == *at || value > max)
        return false;
    *ret = value;
    *at = p;
    return true;
}

/* "[+-]hh[:mm[:ss]]" in seconds. */
static bool read_time(const char **at, int32_t *ret_s)
{
    const char *p = *at;
    int32_t sign = *p == '-' ? -1 : 1, parts[3] = {0};

    if (*p == '-' || *p == '+')
        p++;
    if (!read_number(&p, 167, &parts[0]))
        return false;
    for (int i = 1; i < 3 && *p == ':'; i++) {
        p++;
        if (!read_number(&p, 59, &parts[i]))
            return false;
    }
    *ret_s = sign * (parts[0] * 3600 + parts[1] * 60 + parts[2]);
    *at = p;
    return true;
}

static bool skip(const char **at, char c)
{
    if (**at != c)
        return false;
    (*at)++;
    return true;
}

/* ",M3.5.0[/time]" */
static bool read_day(const char **at, struct zone_rule_day *ret)
{
    ret->second = 2 * 3600;
    return skip(at, ',') && skip(at, 'M') && read_number(at, 12, &ret->month) && ret->month > 0 &&
           skip(at, '.') && read_number(at, 5, &ret->week) && ret->week > 0 && skip(at, '.') &&
           read_number(at, 6, &ret->weekday) && (!skip(at, '/') || read_time(at, &ret->second));
}

bool zone_rule_parse(const char *text, struct zone_rule *ret)
{
    struct zone_rule rule = {0};
    const char *at = text;

    if (*at) {
        if (!skip_name(&at) || !read_time(&at, &rule.offset_s))
            return false;
        rule.offset_s = -rule.offset_s; /* POSIX counts west of Greenwich */
        rule.changes = skip_name(&at);
    }
    if (rule.changes) {
        rule.summer_s = -rule.offset_s - 3600;
        if (*at != ',' && !read_time(&at, &rule.summer_s))
            return false;
        rule.summer_s = -rule.summer_s;
        if (!read_day(&at, &rule.to_summer) || !read_day(&at, &rule.to_winter))
            return false;
    }
    if (*at)
        return false;
    *ret = rule;
    return true;
}

static int64_t moment(const struct zone_rule_day *rule, int32_t year, int32_t offset_s)
{
    int32_t first = civil_days((struct civil_date){year, rule->month, 1});
    int32_t next =
        civil_days((struct civil_date){year + rule->month / 12, rule->month % 12 + 1, 1});
    int32_t from_sunday = (civil_weekday(first) + 1) % CIVIL_WEEK_DAYS;
    int32_t day = first + (rule->weekday - from_sunday + CIVIL_WEEK_DAYS) % CIVIL_WEEK_DAYS +
                  (rule->week - 1) * CIVIL_WEEK_DAYS;

    if (day >= next)
        day -= CIVIL_WEEK_DAYS;
    return (int64_t)day * CIVIL_DAY_S + rule->second - offset_s;
}

void zone_rule_year(const struct zone_rule *rule, int32_t year, struct zone_change ret[2])
{
    struct zone_change summer = {moment(&rule->to_summer, year, rule->offset_s), rule->summer_s};
    struct zone_change winter = {moment(&rule->to_winter, year, rule->summer_s), rule->offset_s};
    bool north = summer.at_s < winter.at_s;

    ret[0] = north ? summer : winter;
    ret[1] = north ? winter : summer;
}
