/* Alternatives of a tariff file: other rules for whole stays. See parkd-tariff(7) for the keys. */
#include "daemon/config/tariff_fields.h"

enum { WHOLE_DAY_S = 86400 };

struct alternative_draft {
    struct tariff_alternative when;
    const struct reader_node *classes, *days;
    const char *entry_from, *entry_to, *exit_before;
    struct tariff_part_draft rules;
};

const struct option_table tariff_alternative_table = {
    "alternative",
    (const struct option[]){
        {.key = "classes",
         .type = OPTION_LIST,
         OPTION_AT(struct alternative_draft, classes),
         .min = 1,
         .max = 20,
         .meaning = "Classes of vehicles that it holds for; all."},
        {.key = "days",
         .type = OPTION_LIST,
         OPTION_AT(struct alternative_draft, days),
         .min = 1,
         .max = 20,
         .meaning = "Days of the entry; all."},
        {.key = "entry_from",
         .type = OPTION_TEXT,
         OPTION_AT(struct alternative_draft, entry_from),
         .max = 5,
         .meaning = "The entry is not before this time of day."},
        {.key = "entry_to",
         .type = OPTION_TEXT,
         OPTION_AT(struct alternative_draft, entry_to),
         .max = 5,
         .meaning = "The entry is before this time of day."},
        {.key = "exit_before",
         .type = OPTION_TEXT,
         .required = true,
         OPTION_AT(struct alternative_draft, exit_before),
         .max = 5,
         .meaning = "The exit is before this time of day,"},
        {.key = "exit_days",
         .type = OPTION_WHOLE,
         OPTION_AT(struct alternative_draft, when.exit_days),
         .max = 366,
         .meaning = "of so many days after that of the entry."},
        {.key = "rules",
         .type = OPTION_GROUP,
         .required = true,
         OPTION_AT(struct alternative_draft, rules),
         .members = &tariff_part_table,
         .meaning = "What then holds."},
        {.key = NULL},
    },
};

void tariff_alternative_read(const struct reader_node *node, struct tariff *tariff, uint32_t index,
                             const struct option_context *context)
{
    struct alternative_draft draft = {.classes = NULL};
    struct tariff_alternative *other = &tariff->alternatives[index];

    option_defaults(&tariff_alternative_table, &draft);
    option_apply(&tariff_alternative_table, node, &draft, context);
    *other = draft.when;
    other->line = tariff_fields_line(node);
    other->classes = tariff_fields_classes(draft.classes, VEHICLE_ALL, context);
    other->days = tariff_fields_days(draft.days, context);
    other->entry_from_s = tariff_fields_time(draft.entry_from, 0, node, context);
    other->entry_to_s = tariff_fields_time(draft.entry_to, WHOLE_DAY_S, node, context);
    other->exit_to_s = tariff_fields_time(draft.exit_before, 0, node, context);
    other->part = tariff->parts_count++;
    tariff_part_build(&draft.rules, node, &tariff->parts[other->part], context);
}
