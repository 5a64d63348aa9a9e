/*
 * The checks. Tables of members; every member is required unless its row says otherwise.
 */
#include "tests/parksim/city_check.h"

#include <ctype.h>
#include <string.h>

enum { RECORDS_MAX = 1000, ID_DIGITS = 32 };

typedef bool check_fn(const json_t *value);

struct member {
    const char *name;
    check_fn *check;
    bool optional;
};

static bool is_text(const json_t *value)
{
    return json_is_string(value) && json_string_length(value) > 0;
}

static bool is_count(const json_t *value)
{
    return json_is_integer(value) && json_integer_value(value) >= 0;
}

static bool is_seq(const json_t *value)
{
    return json_is_integer(value) && json_integer_value(value) > 0;
}

static bool is_list(const json_t *value)
{
    return json_is_array(value);
}

static bool is_container(const json_t *value)
{
    return json_is_array(value) || json_is_object(value);
}

/* RFC 3339 in UTC with exactly three decimals. */
static bool is_time(const json_t *value)
{
    static const char form[] = "0000-00-00T00:00:00.000Z";
    const char *text = json_string_value(value);
    if (!text || strlen(text) != sizeof form - 1)
        return false;
    for (size_t i = 0; form[i]; i++) {
        if (form[i] == '0' ? !isdigit((unsigned char)text[i]) : text[i] != form[i])
            return false;
    }
    return memcmp(text + 5, "12", 2) <= 0 && memcmp(text + 8, "31", 2) <= 0 &&
           memcmp(text + 11, "23", 2) <= 0 && memcmp(text + 14, "59", 2) <= 0;
}

static bool is_id(const json_t *value)
{
    const char *text = json_string_value(value);
    return text && strlen(text) == ID_DIGITS && strspn(text, "0123456789abcdef") == ID_DIGITS;
}

static bool is_word_of(const json_t *value, const char *const *words)
{
    for (; json_is_string(value) && *words; words++) {
        if (strcmp(*words, json_string_value(value)) == 0)
            return true;
    }
    return false;
}

static bool is_quality(const json_t *value)
{
    static const char *const words[] = {"good", "partial", "unknown", NULL};
    return is_word_of(value, words);
}

static bool is_state(const json_t *value)
{
    static const char *const words[] = {"unknown", "free", "occupied", "out_of_service", NULL};
    return is_word_of(value, words);
}

/* Vehicles inside: an interval, and the most likely number in it. */
static bool is_estimate(const json_t *value)
{
    static const char *const sources[] = {"none", "flow", "bays", "plates", NULL};
    const json_t *inside = json_object_get(value, "inside");
    const json_t *low = json_object_get(value, "low"), *high = json_object_get(value, "high");
    const json_t *confidence = json_object_get(value, "confidence");
    return is_count(inside) && is_count(low) && is_count(high) && is_count(confidence) &&
           json_integer_value(low) <= json_integer_value(inside) &&
           json_integer_value(inside) <= json_integer_value(high) &&
           json_integer_value(confidence) <= 100 &&
           is_word_of(json_object_get(value, "source"), sources);
}

static bool is_type(const json_t *value)
{
    static const char *const words[] = {
        "gateway",     "bay_changed", "bay_health",  "device_health", "clock_step",  "operator",
        "loss",        "retention",   "bay_amended", "plate_read",    "decision",    "command",
        "outcome",     "passage",     "lane",        "opening",       "stay_opened", "stay_amended",
        "stay_closed", "order",       "payment",     "refund",        "coupon",      "list",
        "shift",       "occupancy",   "sharing",     "platform",      "day_check",   "report",
        "seal",        "difference",  NULL};
    return is_word_of(value, words);
}

static const struct member tally_members[] = {
    {"capacity", is_count, false},       {"free", is_count, false},
    {"occupied", is_count, false},       {"unknown", is_count, false},
    {"out_of_service", is_count, false}, {NULL, NULL, false}};

static const struct member zone_members[] = {{"id", is_text, false},
                                             {"name", is_text, false},
                                             {"capacity", is_count, false},
                                             {"free", is_count, false},
                                             {"occupied", is_count, false},
                                             {"unknown", is_count, false},
                                             {"out_of_service", is_count, false},
                                             {NULL, NULL, false}};

static const struct member vacancy_members[] = {{"lot", is_text, false},
                                                {"as_of", is_time, false},
                                                {"capacity", is_count, false},
                                                {"free", is_count, false},
                                                {"occupied", is_count, false},
                                                {"unknown", is_count, false},
                                                {"out_of_service", is_count, false},
                                                {"quality", is_quality, false},
                                                {"zones", is_list, false},
                                                {"classes", is_container, true},
                                                {"estimate", is_estimate, true},
                                                {NULL, NULL, false}};

static const struct member envelope_members[] = {{"site", is_text, false},
                                                 {"records", is_list, false},
                                                 {"count", is_count, true},
                                                 {"head", is_id, true},
                                                 {NULL, NULL, false}};

static const struct member record_members[] = {{"seq", is_seq, false},
                                               {"id", is_id, false},
                                               {"type", is_type, false},
                                               {"at", is_time, false},
                                               {NULL, NULL, false}};

static const struct member bay_changed_members[] = {
    {"lot", is_text, false},   {"zone", is_text, false}, {"bay", is_text, false},
    {"from", is_state, false}, {"to", is_state, false},  {"reason", is_text, false},
    {NULL, NULL, false}};

static bool has_members(const json_t *object, const struct member *members)
{
    for (const struct member *m = members; m->name; m++) {
        const json_t *value = json_object_get(object, m->name);
        if (value ? !m->check(value) : !m->optional)
            return false;
    }
    return json_is_object(object);
}

static bool has_only(json_t *object, const struct member *members)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        const struct member *m = members;
        while (m->name && strcmp(m->name, key) != 0)
            m++;
        if (!m->name)
            return false;
    }
    return true;
}

static json_int_t count(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static bool adds_up(const json_t *tally)
{
    return count(tally, "free") + count(tally, "occupied") + count(tally, "unknown") +
               count(tally, "out_of_service") ==
           count(tally, "capacity");
}

/* The zones together are the lot. */
static bool zones_add_up(const json_t *body)
{
    const json_t *zones = json_object_get(body, "zones");
    for (const struct member *m = tally_members; m->name; m++) {
        json_int_t sum = 0;
        size_t i;
        const json_t *zone;
        json_array_foreach(zones, i, zone) sum += count(zone, m->name);
        if (json_array_size(zones) && sum != count(body, m->name))
            return false;
    }
    return true;
}

const char *city_check_vacancy(const json_t *body, const char *lot)
{
    size_t i;
    json_t *zone;
    if (!has_members(body, vacancy_members))
        return "a member of the vacancy is missing or of a wrong type";
    if (!has_only((json_t *)body, vacancy_members))
        return "the vacancy has a member that is not known";
    if (strcmp(json_string_value(json_object_get(body, "lot")), lot) != 0)
        return "the lot in the body is not the one in the address";
    if (!adds_up(body))
        return "free + occupied + unknown + out_of_service is not the lot's capacity";
    json_array_foreach(json_object_get(body, "zones"), i, zone)
    {
        if (!has_members(zone, zone_members) || !has_only(zone, zone_members))
            return "a member of a zone is missing, not known or of a wrong type";
        if (!adds_up(zone))
            return "free + occupied + unknown + out_of_service is not the zone's capacity";
    }
    return zones_add_up(body) ? NULL : "the zones together are not the lot";
}

const char *city_check_envelope(const json_t *body)
{
    if (!has_members(body, envelope_members))
        return "site and records are needed";
    if (!has_only((json_t *)body, envelope_members))
        return "the envelope has a member that is not known";
    size_t size = json_array_size(json_object_get(body, "records"));
    if (size < 1 || size > RECORDS_MAX)
        return "1 to 1000 records are allowed";
    return NULL;
}

const char *city_check_record(const json_t *record)
{
    if (!has_members(record, record_members))
        return "seq, id, type or at is missing or of a wrong type";
    const char *type = json_string_value(json_object_get(record, "type"));
    if (strcmp(type, "bay_changed") == 0 && !has_members(record, bay_changed_members))
        return "a member of bay_changed is missing or of a wrong type";
    return NULL;
}
