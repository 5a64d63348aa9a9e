/* What the fields of a request may be. See city_rules.h. */
#include "tests/parksim/city_rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/parksim/city_seal.h"

json_t *city_rules_read(const char *bytes, size_t size, char what[RULE_WHAT])
{
    json_error_t error;
    json_t *document = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, &error);

    if (!json_is_object(document)) {
        snprintf(what, RULE_WHAT, "no JSON object: %.100s", document ? "" : error.text);
        json_decref(document);
        return NULL;
    }
    return document;
}

static bool is_key(const char *text)
{
    size_t size = strspn(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-");
    return size > 0 && size <= 32 && !text[size];
}

/* What strftime() would write, and nothing else. */
static bool parse_time(const char *text, bool with_clock, struct tm *ret)
{
    char again[32];

    memset(ret, 0, sizeof *ret);
    const char *end = strptime(text, with_clock ? "%Y-%m-%d %H:%M:%S" : "%Y-%m-%d", ret);
    if (!end || *end)
        return false;
    if (with_clock)
        strftime(again, sizeof again, "%Y-%m-%d %H:%M:%S", ret);
    else
        strftime(again, sizeof again, "%Y-%m-%d", ret);
    return strcmp(again, text) == 0;
}

static size_t characters(const char *text)
{
    size_t count = 0;

    for (; *text; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

static bool is_jpeg(const char *text, int64_t most)
{
    size_t size;
    unsigned char *bytes = city_seal_base64(text, strlen(text), &size);
    bool good = bytes && size > 2 && bytes[0] == 0xff && bytes[1] == 0xd8 && (int64_t)size <= most;

    free(bytes);
    return good;
}

static bool fits(const struct city_rule *rule, const json_t *value)
{
    const char *text = json_string_value(value);
    struct tm tm;

    if (rule->form == RULE_INT)
        return json_is_integer(value) && json_integer_value(value) >= rule->low &&
               json_integer_value(value) <= rule->high;
    if (!text)
        return false;
    switch (rule->form) {
    case RULE_TEXT:
        return *text && (rule->high == 0 || characters(text) <= (size_t)rule->high);
    case RULE_KEY:
        return is_key(text);
    case RULE_TIME:
        return parse_time(text, true, &tm);
    case RULE_DATE:
        return parse_time(text, false, &tm);
    case RULE_JPEG:
        return is_jpeg(text, rule->high);
    default:
        return true;
    }
}

static const struct city_rule *rule_of(const struct city_rule *rules, const char *name)
{
    while (rules->name && strcmp(rules->name, name) != 0)
        rules++;
    return rules->name ? rules : NULL;
}

bool city_rules_check(const json_t *object, const struct city_rule *rules, char what[RULE_WHAT])
{
    const char *name;
    json_t *value;

    for (const struct city_rule *rule = rules; rule->name; rule++)
        if (!rule->optional && !json_object_get(object, rule->name)) {
            snprintf(what, RULE_WHAT, "%s is missing", rule->name);
            return false;
        }
    json_object_foreach((json_t *)object, name, value)
    {
        const struct city_rule *rule = rule_of(rules, name);
        if (rule && fits(rule, value))
            continue;
        snprintf(what, RULE_WHAT, "%s %s", name,
                 rule ? "has a value that is not allowed" : "is not known");
        return false;
    }
    return true;
}

const char *city_rules_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

int64_t city_rules_int(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

int64_t city_rules_time(const json_t *object, const char *name)
{
    struct tm tm;

    if (!parse_time(city_rules_text(object, name), true, &tm))
        return 0;
    return ((int64_t)timegm(&tm) - 8 * 3600) * 1000;
}

json_t *city_rules_fact(const json_t *object, const char *const *volatile_names)
{
    json_t *fact = json_deep_copy(object);

    for (; *volatile_names; volatile_names++)
        json_object_del(fact, *volatile_names);
    return fact;
}
