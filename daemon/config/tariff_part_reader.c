/*
 * The part of a tariff file that says how time becomes money: the clock, cycles, windows and caps.
 * See parkd-tariff(7) for the keys.
 */
#include "daemon/config/tariff_fields.h"

enum {
    MINUTE_S = 60,
    HOUR_S = 3600,
    PRICE_MAX = 100000000,
    MINUTES_MAX = 527040, /* a year */
    UNITS_MAX = 1000000
};

struct cap_draft {
    struct tariff_cap cap;
    const struct reader_node *classes, *except;
    int64_t of[TARIFF_CAP_FULL + 1];
};

static const struct option_choice pers[] = {
    {"cycle", TARIFF_PER_CYCLE}, {"stay", TARIFF_PER_STAY}, {NULL, 0}};

static const struct option_table cap_table = {
    "cap",
    (const struct option[]){
        {.key = "per",
         .type = OPTION_CHOICE,
         OPTION_AT(struct cap_draft, cap.per),
         .choices = pers,
         .meaning = "What it limits."},
        {.key = "classes",
         .type = OPTION_LIST,
         OPTION_AT(struct cap_draft, classes),
         .min = 1,
         .max = 20,
         .meaning = "Classes of vehicles that it holds for; all."},
        {.key = "except",
         .type = OPTION_LIST,
         OPTION_AT(struct cap_draft, except),
         .min = 1,
         .max = 20,
         .meaning = "Classes that it does not hold for."},
        {.key = "first",
         .type = OPTION_WHOLE,
         OPTION_AT(struct cap_draft, cap.first),
         .min = 1,
         .max = UNITS_MAX,
         .otherwise = 1,
         .meaning = "The first cycle that it holds for."},
        {.key = "last",
         .type = OPTION_WHOLE,
         OPTION_AT(struct cap_draft, cap.last),
         .min = 0,
         .max = UNITS_MAX,
         .meaning = "The last one; 0: all that follow."},
        {.key = "money",
         .type = OPTION_WHOLE,
         OPTION_AT(struct cap_draft, of[TARIFF_CAP_MONEY]),
         .max = PRICE_MAX,
         .otherwise = TARIFF_NONE,
         .meaning = "At most this much."},
        {.key = "units",
         .type = OPTION_WHOLE,
         OPTION_AT(struct cap_draft, of[TARIFF_CAP_UNITS]),
         .min = 1,
         .max = UNITS_MAX,
         .otherwise = TARIFF_NONE,
         .meaning = "At most so many units; a flat step is one."},
        {.key = "minutes",
         .type = OPTION_WHOLE,
         OPTION_AT(struct cap_draft, of[TARIFF_CAP_SECONDS]),
         .min = 1,
         .max = MINUTES_MAX,
         .otherwise = TARIFF_NONE,
         .meaning = "Longer counts as this long."},
        {.key = "whole",
         .type = OPTION_WHOLE,
         OPTION_AT(struct cap_draft, of[TARIFF_CAP_FULL]),
         .max = PRICE_MAX,
         .otherwise = TARIFF_NONE,
         .meaning = "No limit: a whole cycle costs exactly this much."},
        {.key = NULL},
    },
};

static const struct option_choice cycles[] = {{"stay", TARIFF_CYCLE_STAY},
                                              {"rolling", TARIFF_CYCLE_ROLLING},
                                              {"day", TARIFF_CYCLE_DAY},
                                              {"window", TARIFF_CYCLE_WINDOW},
                                              {NULL, 0}};
static const struct option_choice anchors[] = {
    {"charge", TARIFF_FROM_CHARGE}, {"entry", TARIFF_FROM_ENTRY}, {NULL, 0}};
static const struct option_choice clocks[] = {{"stay", TARIFF_CLOCK_STAY},
                                              {"cycle", TARIFF_CLOCK_CYCLE},
                                              {"window", TARIFF_CLOCK_WINDOW},
                                              {NULL, 0}};
static const struct option_choice straddles[] = {
    {"split", TARIFF_SPLIT}, {"carry", TARIFF_CARRY}, {NULL, 0}};
enum { GAP_NONE, GAP_FREE, GAP_CLOSED };
static const struct option_choice gaps[] = {
    {"none", GAP_NONE}, {"free", GAP_FREE}, {"closed", GAP_CLOSED}, {NULL, 0}};

const struct option_table tariff_part_table = {
    "tariff",
    (const struct option[]){
        {.key = "cycle",
         .type = OPTION_CHOICE,
         OPTION_AT(struct tariff_part_draft, part.cycle),
         .choices = cycles,
         .meaning = "When charging begins anew."},
        {.key = "cycle_hours",
         .type = OPTION_WHOLE,
         OPTION_AT(struct tariff_part_draft, part.cycle_s),
         .min = 1,
         .max = 8784,
         .scale = HOUR_S,
         .otherwise = 24,
         .meaning = "Length of a rolling cycle."},
        {.key = "cycle_from",
         .type = OPTION_CHOICE,
         OPTION_AT(struct tariff_part_draft, part.anchor),
         .choices = anchors,
         .meaning = "A rolling cycle counts from the entry or from the charge."},
        {.key = "cycle_reset",
         .type = OPTION_TEXT,
         OPTION_AT(struct tariff_part_draft, reset),
         .max = 5,
         .meaning = "Time of day at which the cycle of a day begins; 00:00."},
        {.key = "clock",
         .type = OPTION_CHOICE,
         OPTION_AT(struct tariff_part_draft, part.clock),
         .choices = clocks,
         .meaning = "How long the clock of the steps goes on."},
        {.key = "straddle",
         .type = OPTION_CHOICE,
         OPTION_AT(struct tariff_part_draft, part.straddle),
         .choices = straddles,
         .meaning = "A unit over the end of a window is split or carried."},
        {.key = "gap",
         .type = OPTION_CHOICE,
         OPTION_AT(struct tariff_part_draft, gap),
         .choices = gaps,
         .meaning = "What hours without a window are."},
        {.key = "windows",
         .type = OPTION_LIST,
         OPTION_AT(struct tariff_part_draft, windows),
         .min = 1,
         .max = TARIFF_WINDOWS,
         .members = &tariff_window_table,
         .meaning = "Hours and their steps."},
        {.key = "caps",
         .type = OPTION_LIST,
         OPTION_AT(struct tariff_part_draft, caps),
         .min = 1,
         .max = 32,
         .members = &cap_table,
         .meaning = "Limits of a cycle or a stay."},
        {.key = NULL},
    },
};

static void read_cap(const struct reader_node *node, struct tariff_cap *cap,
                     const struct option_context *context)
{
    struct cap_draft draft = {.of = {0}};
    int said = 0;

    option_defaults(&cap_table, &draft);
    option_apply(&cap_table, node, &draft, context);
    *cap = draft.cap;
    cap->line = tariff_fields_line(node);
    cap->classes = tariff_fields_classes_but(draft.classes, draft.except, context);
    for (int of = 0; of <= TARIFF_CAP_FULL; of++) {
        if (draft.of[of] == TARIFF_NONE)
            continue;
        cap->of = (enum tariff_cap_of)of;
        cap->value = draft.of[of] * (of == TARIFF_CAP_SECONDS ? MINUTE_S : 1);
        said++;
    }
    if (said != 1)
        mistake_add(context->mistakes, reader_place(node),
                    "cap: says %d limits; allowed: one of money, units, minutes, whole", said);
}

void tariff_part_build(const struct tariff_part_draft *draft, const struct reader_node *group,
                       struct tariff_part *part, const struct option_context *context)
{
    *part = draft->part;
    part->line = tariff_fields_line(group);
    part->reset_s = tariff_fields_time(draft->reset, 0, group, context);
    part->gap_said = draft->gap != GAP_NONE;
    part->gap_closed = draft->gap == GAP_CLOSED;
    part->windows =
        tariff_fields_array(draft->windows, sizeof *part->windows, &part->windows_count, context);
    for (uint32_t i = 0; i < part->windows_count; i++)
        tariff_window_read(reader_item(draft->windows, i), &part->windows[i], context);
    part->caps = tariff_fields_array(draft->caps, sizeof *part->caps, &part->caps_count, context);
    for (uint32_t i = 0; i < part->caps_count; i++)
        read_cap(reader_item(draft->caps, i), &part->caps[i], context);
}
