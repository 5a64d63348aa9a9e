/* Decimal amounts. See decimal.h. */
#include "daemon/core/decimal.h"

#include <assert.h>
#include <stdio.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Takes in one digit; false beyond what is believed. */
static bool push(int64_t *value, char digit)
{
    *value = *value * 10 + (digit - '0');
    return *value <= DECIMAL_MOST;
}

/* The digits before the point, plain or in groups of three; NULL when they are not that. */
static const char *parse_whole(const char *text, int64_t *value)
{
    int in_group = 0;
    bool grouped = false;

    if (!is_digit(*text))
        return NULL;
    for (; is_digit(*text) || *text == ','; text++) {
        if (*text != ',') {
            in_group++;
            if (!push(value, *text) || (grouped && in_group > 3))
                return NULL;
            continue;
        }
        if (in_group == 0 || in_group > 3 || (grouped && in_group != 3))
            return NULL;
        grouped = true;
        in_group = 0;
    }
    return grouped && in_group != 3 ? NULL : text;
}

bool decimal_parse(const char *text, int places, int64_t *ret)
{
    bool negative = *text == '-';
    int64_t value = 0;

    assert(places >= 0 && places <= DECIMAL_PLACES_MAX);
    text = parse_whole(text + (*text == '-' || *text == '+'), &value);
    if (!text || (*text == '.' && !is_digit(text[1])))
        return false;
    text += *text == '.';
    for (; places > 0; places--)
        if (!push(&value, is_digit(*text) ? *text++ : '0'))
            return false;
    while (*text == '0')
        text++;
    if (*text)
        return false;
    *ret = negative ? -value : value;
    return true;
}

char *decimal_text(int64_t value, int places, char text[DECIMAL_TEXT])
{
    uint64_t positive = value < 0 ? 0 - (uint64_t)value : (uint64_t)value, part = 1;

    for (int i = 0; i < places; i++)
        part *= 10;
    if (places)
        snprintf(text, DECIMAL_TEXT, "%s%llu.%0*llu", value < 0 ? "-" : "",
                 (unsigned long long)(positive / part), places,
                 (unsigned long long)(positive % part));
    else
        snprintf(text, DECIMAL_TEXT, "%lld", (long long)value);
    return text;
}
