/*
 * What the fields of a request may be: a row a field. A member that no row names is a breach, as is
 * one that stands twice. Written from the published protocols. Pure.
 */
#ifndef PARKSIM_CITY_RULES_H
#define PARKSIM_CITY_RULES_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "tests/parksim/city_book.h"

enum { RULE_WHAT = 160 };

enum rule_form {
    RULE_INT,  /* from `low` to `high` */
    RULE_TEXT, /* not empty, at most `high` characters when that is not 0 */
    RULE_ANY,  /* a text, perhaps empty */
    RULE_KEY,  /* 1 … 32 of [0-9A-Za-z_-] */
    RULE_TIME, /* "2026-11-22 11:02:06" */
    RULE_DATE, /* "2026-11-22" */
    RULE_JPEG  /* Base64 of a JPEG of at most `high` bytes */
};

struct city_rule {
    const char *name; /* NULL ends */
    enum rule_form form;
    int64_t low, high;
    bool optional;
};

#define RULE_MONEY RULE_INT, 0, 1000000000
#define RULE_COUNT RULE_INT, 0, 1000000
#define RULE_MILLIS RULE_INT, INT64_C(1500000000000), INT64_C(4000000000000)

/* A document that is an object and names no member twice; NULL with `what`. New reference. */
json_t *city_rules_read(const char *bytes, size_t size, char what[RULE_WHAT]);
bool city_rules_check(const json_t *object, const struct city_rule *rules, char what[RULE_WHAT]);

const char *city_rules_text(const json_t *object, const char *name); /* "" when there is none */
int64_t city_rules_int(const json_t *object, const char *name);
/* Milliseconds of a RULE_TIME, which is UTC+8. */
int64_t city_rules_time(const json_t *object, const char *name);

/* A copy without what changes from attempt to attempt: `volatile_names` ends with NULL. New
 * reference. */
json_t *city_rules_fact(const json_t *object, const char *const *volatile_names);

#endif
