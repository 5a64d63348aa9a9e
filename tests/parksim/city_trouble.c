/*
 * The troubles' commands.
 */
#include "tests/parksim/city_trouble.h"

#include <stdio.h>
#include <string.h>

#include "tests/parksim/sim.h"

/* The count behind a mode's other words; without one it lasts. */
static bool read_left(const char *word, int64_t *ret)
{
    *ret = -1;
    return !word || sim_number(word, 1, 1000000, ret);
}

static const char *set_fail(struct city_trouble *t, char **words)
{
    static const char allowed[] = "fail STATUS [N], or fail STATUS retry-after S [N]";
    char *count = words[2];
    t->retry_after_s = 0;
    if (!words[1] || !sim_number(words[1], 400, 599, &t->status))
        return allowed;
    if (count && strcmp(count, "retry-after") == 0) {
        if (!words[3] || !sim_number(words[3], 0, 3600, &t->retry_after_s))
            return allowed;
        count = words[4];
    }
    return read_left(count, &t->left) ? NULL : allowed;
}

static const char *set_slow(struct city_trouble *t, char **words)
{
    if (!words[1] || !sim_number(words[1], 1, 600000, &t->delay_ms) ||
        !read_left(words[2], &t->left))
        return "slow MS [N]";
    return NULL;
}

static const char *set_plain(struct city_trouble *t, char **words)
{
    return read_left(words[1], &t->left) ? NULL : "a number of requests, or nothing";
}

static const char *set_refuse(struct city_trouble *t, char **words)
{
    if (!words[1] || strlen(words[1]) >= sizeof t->refuse)
        return "refuse TYPE|SEQ";
    memcpy(t->refuse, words[1], strlen(words[1]) + 1);
    return NULL;
}

static const char *set_retry(struct city_trouble *t, char **words)
{
    return words[1] && sim_number(words[1], 0, 1000000, &t->retry_items) ? NULL : "retry N";
}

static const char *set_chaos(struct city_trouble *t, char **words)
{
    int64_t seed = 1;
    if (!words[1] || !sim_number(words[1], 0, 100, &t->chaos_percent) ||
        (words[2] && !sim_number(words[2], 0, INT64_MAX, &seed)))
        return "chaos PERCENT [SEED]";
    t->random.state = (uint64_t)seed;
    return NULL;
}

static const char *set_ok(struct city_trouble *t, char **words)
{
    (void)words;
    *t = (struct city_trouble){.mode = TROUBLE_NONE};
    return NULL;
}

static const struct row {
    const char *name;
    enum trouble_mode mode; /* NONE: leaves the mode */
    const char *(*set)(struct city_trouble *t, char **words);
} rows[] = {
    {"fail", TROUBLE_STATUS, set_fail},        {"hang", TROUBLE_HANG, set_plain},
    {"reset", TROUBLE_RESET, set_plain},       {"drop-answer", TROUBLE_DROP_ANSWER, set_plain},
    {"bad-body", TROUBLE_BAD_BODY, set_plain}, {"slow", TROUBLE_SLOW, set_slow},
    {"refuse", TROUBLE_NONE, set_refuse},      {"retry", TROUBLE_NONE, set_retry},
    {"chaos", TROUBLE_NONE, set_chaos},        {"ok", TROUBLE_NONE, set_ok},
};

const char *city_trouble_set(struct city_trouble *trouble, char **words)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].name, words[0]) != 0)
            continue;
        struct city_trouble next = *trouble;
        const char *wrong = rows[i].set(&next, words);
        if (wrong)
            return wrong;
        *trouble = next;
        if (rows[i].mode != TROUBLE_NONE)
            trouble->mode = rows[i].mode;
        return NULL;
    }
    return "no such trouble";
}

enum trouble_mode city_trouble_next(struct city_trouble *trouble)
{
    static const enum trouble_mode modes[] = {TROUBLE_STATUS, TROUBLE_RESET, TROUBLE_DROP_ANSWER,
                                              TROUBLE_BAD_BODY};
    static const int64_t statuses[] = {429, 500, 502, 503};
    enum trouble_mode mode = trouble->mode;

    if (trouble->chaos_percent > 0 &&
        sim_random_below(&trouble->random, 100) < (uint32_t)trouble->chaos_percent) {
        mode = modes[sim_random_below(&trouble->random, 4)];
        if (mode == TROUBLE_STATUS)
            trouble->status = statuses[sim_random_below(&trouble->random, 4)];
        trouble->retry_after_s = 0;
        return mode;
    }
    if (mode != TROUBLE_NONE && trouble->left > 0 && --trouble->left == 0)
        trouble->mode = TROUBLE_NONE;
    return mode;
}

bool city_trouble_refuses(const struct city_trouble *trouble, const json_t *record)
{
    char seq[24];
    const char *type = json_string_value(json_object_get(record, "type"));
    snprintf(seq, sizeof seq, "%lld",
             (long long)json_integer_value(json_object_get(record, "seq")));
    return *trouble->refuse &&
           (strcmp(trouble->refuse, seq) == 0 || (type && strcmp(trouble->refuse, type) == 0));
}
