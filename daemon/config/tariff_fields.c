/* Sets of classes and days, times and dates of tariff files. See tariff_fields.h. */
#include "daemon/config/tariff_fields.h"

#include <string.h>

#include "daemon/config/suggest.h"
#include "daemon/core/civil.h"

struct word {
    const char *name;
    uint32_t bits;
};

static const struct word days[] = {
    {"all", TARIFF_DAYS_ALL},
    {"work", TARIFF_DAYS_WORK},
    {"weekend", TARIFF_DAYS_WEEKEND},
    {"holiday", TARIFF_DAY_BIT(TARIFF_HOLIDAY)},
    {"makeup", TARIFF_DAY_BIT(TARIFF_MAKEUP)},
    {"mon", TARIFF_DAY_BIT(0)},
    {"tue", TARIFF_DAY_BIT(1)},
    {"wed", TARIFF_DAY_BIT(2)},
    {"thu", TARIFF_DAY_BIT(3)},
    {"fri", TARIFF_DAY_BIT(4)},
    {"sat", TARIFF_DAY_BIT(5)},
    {"sun", TARIFF_DAY_BIT(6)},
    {NULL, 0},
};

/* The bits of one word, 0 when it is none. */
static uint32_t day_bits(const char *name)
{
    for (const struct word *word = days; word->name; word++)
        if (strcmp(word->name, name) == 0)
            return word->bits;
    return 0;
}

static uint32_t class_bits(const char *name)
{
    enum vehicle_class class;

    if (strcmp(name, "all") == 0)
        return VEHICLE_ALL;
    return vehicle_parse(name, &class) ? VEHICLE_BIT(class) : 0;
}

static void tell_allowed_days(struct text *out)
{
    for (const struct word *word = days; word->name; word++)
        text_add(out, "%s%s", word == days ? "" : ", ", word->name);
}

static void tell_allowed_classes(struct text *out)
{
    text_add(out, "all");
    for (int class = 0; class < VEHICLE_CLASSES; class ++)
        text_add(out, ", %s", vehicle_name((enum vehicle_class) class));
}

static uint32_t bits_of(const struct reader_node *list, uint32_t (*bits)(const char *name),
                        void (*tell_allowed)(struct text *out),
                        const struct option_context *context)
{
    uint32_t all = 0;

    for (uint32_t i = 0; i < reader_size(list); i++) {
        const struct reader_node *item = reader_item(list, i);
        uint32_t found = reader_type(item) == READER_TEXT ? bits(reader_text(item)) : 0;
        char bytes[300];
        struct text allowed;

        all |= found;
        if (found)
            continue;
        text_init(&allowed, bytes, sizeof bytes);
        tell_allowed(&allowed);
        mistake_add(context->mistakes, reader_place(item), "%s: %s is not known; allowed: %s",
                    reader_key(list),
                    reader_type(item) == READER_TEXT ? reader_text(item) : "what stands here",
                    bytes);
    }
    return all;
}

uint32_t tariff_fields_classes(const struct reader_node *list, uint32_t otherwise,
                               const struct option_context *context)
{
    return list ? bits_of(list, class_bits, tell_allowed_classes, context) : otherwise;
}

uint32_t tariff_fields_days(const struct reader_node *list, const struct option_context *context)
{
    return list ? bits_of(list, day_bits, tell_allowed_days, context) : TARIFF_DAYS_ALL;
}

int32_t tariff_fields_time(const char *text, int32_t otherwise_s, const struct reader_node *at,
                           const struct option_context *context)
{
    int32_t second = otherwise_s;

    if (text && !civil_time_parse(text, &second))
        mistake_add(context->mistakes, reader_place(at),
                    "\"%.20s\" is no time of day; allowed: \"00:00\" to \"24:00\"", text);
    return second;
}

int32_t tariff_fields_date(const char *text, int32_t otherwise, const struct reader_node *at,
                           const struct option_context *context)
{
    int32_t day = otherwise;

    if (text && !civil_date_parse(text, &day))
        mistake_add(context->mistakes, reader_place(at),
                    "\"%.20s\" is no date; allowed: one that exists, such as \"2024-02-29\"", text);
    return day;
}

void *tariff_fields_array(const struct reader_node *list, size_t size, uint32_t *ret_count,
                          const struct option_context *context)
{
    *ret_count = reader_size(list);
    return *ret_count ? arena_new(context->memory, *ret_count, size) : NULL;
}

uint32_t tariff_fields_line(const struct reader_node *node)
{
    return reader_place(node).line;
}
