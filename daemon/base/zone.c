/*
 * Zone files (RFC 8536, "TZif"): a header and a block of 32-bit times, then, from version 2 on, the
 * same with 64-bit times, then a line with the rule for all later times, as POSIX writes TZ
 * (zone_rule.c). Only the 64-bit block is used. See zone.h.
 *
 *   0  "TZif"  4 version  5 fifteen zero bytes
 *  20  isutcnt isstdcnt leapcnt timecnt typecnt charcnt, 32 bits each, big-endian
 *  44  timecnt times; timecnt type numbers, 8 bits; typecnt × (offset 32, is_dst 8, name 8); …
 */
#include "daemon/base/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/base/zone_rule.h"

enum {
    HEADER_SIZE = 44,
    FILE_MAX = 65536,
    TIMES_MAX = 2000,
    TYPE_SIZE = 6,
    LEAP_SIZE = 12,
    NAME_MAX_SIZE = 63,
    RULE_FROM_YEAR = 1900, /* earlier is what no table has left open */
    RULE_UNTIL_YEAR = 2200
};

/* The begin of RULE_FROM_YEAR and the end of RULE_UNTIL_YEAR. */
static const int64_t rule_from_s = -2208988800, rule_until_s = 7289654400;

struct zone {
    struct civil_zone civil;
    int64_t *at_s;
    int32_t *offset_s;
};

struct block {
    uint32_t isut, isstd, leap, times, types, chars;
    const unsigned char *body;
    size_t size;
};

static uint32_t big32(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
           (uint32_t)bytes[3];
}

static int64_t big64(const unsigned char *bytes)
{
    return (int64_t)((uint64_t)big32(bytes) << 32 | big32(bytes + 4));
}

/* One header with its block; `width` bytes a time. False when it does not fit. */
static bool read_block(const unsigned char *bytes, size_t size, size_t width, struct block *ret)
{
    if (size < HEADER_SIZE || memcmp(bytes, "TZif", 4) != 0)
        return false;
    struct block block = {
        big32(bytes + 20), big32(bytes + 24), big32(bytes + 28),   big32(bytes + 32),
        big32(bytes + 36), big32(bytes + 40), bytes + HEADER_SIZE, 0};
    if (block.isut > 256 || block.isstd > 256 || block.leap > 1000 || block.times > TIMES_MAX ||
        block.types < 1 || block.types > 256 || block.chars > 1000)
        return false;
    block.size = block.times * (width + 1) + block.types * TYPE_SIZE + block.chars +
                 block.leap * (width + LEAP_SIZE - 8) + block.isstd + block.isut;
    if (block.size > size - HEADER_SIZE)
        return false;
    *ret = block;
    return true;
}

static void append(struct zone *zone, int64_t at_s, int32_t offset_s)
{
    size_t n = zone->civil.count++;

    zone->at_s = memory_grow(zone->at_s, n + 1, sizeof *zone->at_s);
    zone->offset_s = memory_grow(zone->offset_s, n + 2, sizeof *zone->offset_s);
    zone->at_s[n] = at_s;
    zone->offset_s[n + 1] = offset_s;
}

/* Takes in the 64-bit block; false when a time or a type is out of its order or range. */
static bool take_times(struct zone *zone, const struct block *block)
{
    const unsigned char *types = block->body + block->times * 8;
    const unsigned char *rows = types + block->times;

    zone->offset_s = memory_new(1, sizeof *zone->offset_s);
    zone->offset_s[0] = (int32_t)big32(rows);
    for (uint32_t i = 0; i < block->times; i++) {
        int64_t at_s = big64(block->body + i * 8);

        if (types[i] >= block->types || (i > 0 && at_s <= zone->at_s[i - 1]))
            return false;
        append(zone, at_s, (int32_t)big32(rows + types[i] * TYPE_SIZE));
    }
    for (size_t i = 0; i <= zone->civil.count; i++)
        if (zone->offset_s[i] <= -CIVIL_DAY_S || zone->offset_s[i] >= CIVIL_DAY_S)
            return false;
    return true;
}

/* The changes of the rule after the last one of the table, wherever that says it lies. */
static void take_rule(struct zone *zone, const struct zone_rule *rule)
{
    size_t n = zone->civil.count;
    int64_t last_s = n ? zone->at_s[n - 1] : INT64_MIN;

    if (!rule->changes || last_s >= rule_until_s)
        return;
    int32_t year = last_s < rule_from_s ? RULE_FROM_YEAR : civil_date(civil_day(last_s)).year;
    for (; year <= RULE_UNTIL_YEAR; year++) {
        struct zone_change changes[2];

        zone_rule_year(rule, year, changes);
        for (int i = 0; i < 2; i++)
            if (changes[i].at_s > last_s)
                append(zone, changes[i].at_s, changes[i].offset_s);
    }
}

/* The line between two line ends behind the block. */
static bool read_footer(const unsigned char *bytes, size_t size, struct zone_rule *ret)
{
    const unsigned char *end = size > 1 ? memchr(bytes + 1, '\n', size - 1) : NULL;
    char text[ZONE_RULE_TEXT] = "";

    if (!end || bytes[0] != '\n' || (size_t)(end - bytes) > sizeof text)
        return false;
    memcpy(text, bytes + 1, (size_t)(end - bytes) - 1);
    return zone_rule_parse(text, ret);
}

struct zone *zone_parse(const unsigned char *bytes, size_t size, struct err *err)
{
    struct block old, block;
    struct zone_rule rule;
    struct zone *zone = memory_new(1, sizeof *zone);

    if (!read_block(bytes, size, 4, &old) || bytes[4] < '2')
        goto bad;
    const unsigned char *second = old.body + old.size;
    if (!read_block(second, size - (size_t)(second - bytes), 8, &block) ||
        !take_times(zone, &block))
        goto bad;
    const unsigned char *footer = block.body + block.size;
    if (!read_footer(footer, size - (size_t)(footer - bytes), &rule))
        goto bad;
    take_rule(zone, &rule);
    zone->civil.at_s = zone->at_s;
    zone->civil.offset_s = zone->offset_s;
    return zone;
bad:
    zone_close(zone);
    err_set(err, "this is no zone file of version 2 or later; install the package tzdata anew");
    return NULL;
}

static bool is_name(const char *name)
{
    size_t size = strlen(name);

    return size > 0 && size <= NAME_MAX_SIZE && name[0] != '/' && !strstr(name, "..") &&
           strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/") ==
               size;
}

struct zone *zone_open(const char *folder, const char *name, struct err *err)
{
    unsigned char bytes[FILE_MAX];

    if (!is_name(name)) {
        err_set(err, "\"%.60s\" is no time zone; allowed: an IANA name such as Asia/Shanghai",
                name);
        return NULL;
    }
    char *path = memory_format("%s/%s", folder, name);
    FILE *file = fopen(path, "re");
    size_t size = file ? fread(bytes, 1, sizeof bytes, file) : 0;
    struct zone *zone = NULL;
    if (!file)
        err_errno(err, "time zone %s: cannot read %s; install the package tzdata", name, path);
    else
        zone = zone_parse(bytes, size, err);
    if (file && !zone)
        err_prefix(err, "time zone %s: %s", name, path);
    if (file)
        fclose(file);
    free(path);
    return zone;
}

void zone_close(struct zone *zone)
{
    if (!zone)
        return;
    free(zone->at_s);
    free(zone->offset_s);
    free(zone);
}

const struct civil_zone *zone_civil(const struct zone *zone)
{
    return &zone->civil;
}
