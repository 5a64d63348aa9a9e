/* The windows of a tariff file and their steps. See parkd-tariff(7) for the keys. */
#include "daemon/config/tariff_fields.h"

enum {
    MINUTE_S = 60,
    WHOLE_DAY_S = 86400,
    PRICE_MAX = 100000000,
    MINUTES_MAX = 527040, /* a year */
    UNITS_MAX = 1000000
};

static const struct option_choice rounds[] = {
    {"up", TARIFF_ROUND_UP}, {"down", TARIFF_ROUND_DOWN}, {"tail", TARIFF_ROUND_TAIL}, {NULL, 0}};

static const struct option_table step_table = {
    "step",
    (const struct option[]){
        {.key = "to",
         .type = OPTION_WHOLE,
         OPTION_AT(struct tariff_step, to_s),
         .min = 1,
         .max = MINUTES_MAX,
         .scale = MINUTE_S,
         .meaning = "Minutes of the clock up to which this step charges; the last has none."},
        {.key = "unit",
         .type = OPTION_WHOLE,
         OPTION_AT(struct tariff_step, unit_s),
         .min = 1,
         .max = MINUTES_MAX,
         .scale = MINUTE_S,
         .meaning = "Minutes of a unit; without it the price is charged once."},
        {.key = "price",
         .type = OPTION_WHOLE,
         .required = true,
         OPTION_AT(struct tariff_step, price_fen),
         .max = PRICE_MAX,
         .meaning = "Minor units of the currency, for each unit or for the step."},
        {.key = "round",
         .type = OPTION_CHOICE,
         OPTION_AT(struct tariff_step, round),
         .choices = rounds,
         .meaning = "A begun unit counts (up), a full one only (down), or more than the tail."},
        {.key = "tail",
         .type = OPTION_WHOLE,
         OPTION_AT(struct tariff_step, tail_s),
         .min = 1,
         .max = MINUTES_MAX,
         .scale = MINUTE_S,
         .meaning = "Minutes of a last unit that are not counted, with round \"tail\"."},
        {.key = "max_units",
         .type = OPTION_WHOLE,
         OPTION_AT(struct tariff_step, max_units),
         .min = 1,
         .max = UNITS_MAX,
         .meaning = "No more units than this are charged."},
        {.key = "key",
         .type = OPTION_WHOLE,
         OPTION_AT(struct tariff_step, key),
         .min = 1,
         .max = 1000,
         .meaning = "Flat steps with the same key are charged once."},
        {.key = "once_a_stay",
         .type = OPTION_BOOL,
         OPTION_AT(struct tariff_step, once_a_stay),
         .meaning = "A flat step that no new cycle or window charges again."},
        {.key = NULL},
    },
};

struct window_draft {
    struct tariff_window window;
    const struct reader_node *classes, *except, *days, *steps;
    const char *from, *to, *first_day, *last_day;
    int64_t cap_min;
};

static const struct option_choice kinds[] = {{"charged", TARIFF_CHARGED},
                                             {"overstay", TARIFF_OVERSTAY},
                                             {"free", TARIFF_FREE},
                                             {"closed", TARIFF_CLOSED},
                                             {NULL, 0}};

const struct option_table tariff_window_table = {
    "window",
    (const struct option[]){
        {.key = "kind",
         .type = OPTION_CHOICE,
         OPTION_AT(struct window_draft, window.kind),
         .choices = kinds,
         .meaning = "What the time in it is."},
        {.key = "classes",
         .type = OPTION_LIST,
         OPTION_AT(struct window_draft, classes),
         .min = 1,
         .max = 20,
         .meaning = "Classes of vehicles that it holds for; all."},
        {.key = "except",
         .type = OPTION_LIST,
         OPTION_AT(struct window_draft, except),
         .min = 1,
         .max = 20,
         .meaning = "Classes that it does not hold for."},
        {.key = "days",
         .type = OPTION_LIST,
         OPTION_AT(struct window_draft, days),
         .min = 1,
         .max = 20,
         .meaning = "Days on which it begins; all."},
        {.key = "from",
         .type = OPTION_TEXT,
         OPTION_AT(struct window_draft, from),
         .max = 5,
         .meaning = "Time of day at which it begins; 00:00."},
        {.key = "to",
         .type = OPTION_TEXT,
         OPTION_AT(struct window_draft, to),
         .max = 5,
         .meaning = "Time of day at which it ends, on the next day where not after \"from\"."},
        {.key = "first_day",
         .type = OPTION_TEXT,
         OPTION_AT(struct window_draft, first_day),
         .max = 10,
         .meaning = "Only from this date on."},
        {.key = "last_day",
         .type = OPTION_TEXT,
         OPTION_AT(struct window_draft, last_day),
         .max = 10,
         .meaning = "Only up to this date."},
        {.key = "priority",
         .type = OPTION_WHOLE,
         OPTION_AT(struct window_draft, window.priority),
         .max = 100,
         .meaning = "Of windows that overlap the highest holds."},
        {.key = "steps",
         .type = OPTION_LIST,
         OPTION_AT(struct window_draft, steps),
         .min = 1,
         .max = TARIFF_STEPS,
         .members = &step_table,
         .meaning = "What is charged, by the clock; in ascending order."},
        {.key = "cap",
         .type = OPTION_WHOLE,
         OPTION_AT(struct window_draft, window.cap_fen),
         .max = PRICE_MAX,
         .otherwise = TARIFF_NONE,
         .meaning = "At most this much each time that it is entered."},
        {.key = "cap_minutes",
         .type = OPTION_WHOLE,
         OPTION_AT(struct window_draft, cap_min),
         .min = 1,
         .max = MINUTES_MAX,
         .otherwise = TARIFF_NONE,
         .meaning = "Longer counts as this long, each time."},
        {.key = "cap_units",
         .type = OPTION_WHOLE,
         OPTION_AT(struct window_draft, window.cap_units),
         .min = 1,
         .max = UNITS_MAX,
         .otherwise = TARIFF_NONE,
         .meaning = "At most so many units each time."},
        {.key = NULL},
    },
};

uint32_t tariff_fields_classes_but(const struct reader_node *classes,
                                   const struct reader_node *except,
                                   const struct option_context *context)
{
    return tariff_fields_classes(classes, VEHICLE_ALL, context) &
           ~tariff_fields_classes(except, 0, context);
}

static void read_step(const struct reader_node *node, struct tariff_step *step,
                      const struct option_context *context)
{
    option_defaults(&step_table, step);
    option_apply(&step_table, node, step, context);
    step->line = tariff_fields_line(node);
    if ((step->round == TARIFF_ROUND_TAIL) != (step->tail_s > 0))
        mistake_add(context->mistakes, reader_place(node),
                    "step: \"tail\" and round \"tail\" belong together");
}

void tariff_window_read(const struct reader_node *node, struct tariff_window *window,
                        const struct option_context *context)
{
    struct window_draft draft = {.cap_min = 0};

    option_defaults(&tariff_window_table, &draft);
    option_apply(&tariff_window_table, node, &draft, context);
    *window = draft.window;
    window->line = tariff_fields_line(node);
    window->classes = tariff_fields_classes_but(draft.classes, draft.except, context);
    window->days = tariff_fields_days(draft.days, context);
    window->from_s = tariff_fields_time(draft.from, 0, node, context);
    window->to_s = tariff_fields_time(draft.to, WHOLE_DAY_S, node, context);
    if (draft.first_day || draft.last_day) {
        window->first_day = tariff_fields_date(draft.first_day, INT32_MIN, node, context);
        window->last_day = tariff_fields_date(draft.last_day, INT32_MAX, node, context);
    } else {
        window->first_day = 0;
        window->last_day = -1; /* before the first: on any date */
    }
    window->cap_s = draft.cap_min == TARIFF_NONE ? TARIFF_NONE : draft.cap_min * MINUTE_S;
    window->steps =
        tariff_fields_array(draft.steps, sizeof *window->steps, &window->steps_count, context);
    for (uint32_t i = 0; i < window->steps_count; i++)
        read_step(reader_item(draft.steps, i), &window->steps[i], context);
    if (window->from_s == WHOLE_DAY_S)
        mistake_add(context->mistakes, reader_place(node),
                    "window: begins at 24:00; allowed: \"00:00\" to \"23:59\"");
}
