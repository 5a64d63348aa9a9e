/* Free time, factors and reliefs of a tariff file. See parkd-tariff(7) for the keys. */
#include "daemon/config/tariff_fields.h"

enum { MINUTE_S = 60, PRICE_MAX = 100000000, MINUTES_MAX = 527040, PARTS = 1000 };

struct free_draft {
    struct tariff_free rule;
    const struct reader_node *classes, *except;
    bool inclusive;
};

static const struct option_choice modes[] = {{"threshold", TARIFF_THRESHOLD},
                                             {"deduct", TARIFF_DEDUCT},
                                             {"reenter", TARIFF_REENTER},
                                             {NULL, 0}};
static const struct option_choice scopes[] = {
    {"stay", TARIFF_EACH_STAY}, {"first_of_day", TARIFF_FIRST_OF_DAY}, {NULL, 0}};
static const struct option_choice free_clocks[] = {
    {"stay", TARIFF_FREE_STAY}, {"window", TARIFF_FREE_WINDOW}, {NULL, 0}};

const struct option_table tariff_free_table = {
    "free",
    (const struct option[]){
        {.key = "classes",
         .type = OPTION_LIST,
         OPTION_AT(struct free_draft, classes),
         .min = 1,
         .max = 20,
         .meaning = "Classes of vehicles that it holds for; all."},
        {.key = "except",
         .type = OPTION_LIST,
         OPTION_AT(struct free_draft, except),
         .min = 1,
         .max = 20,
         .meaning = "Classes that it does not hold for."},
        {.key = "minutes",
         .type = OPTION_WHOLE,
         .required = true,
         OPTION_AT(struct free_draft, rule.limit_s),
         .min = 1,
         .max = MINUTES_MAX,
         .scale = MINUTE_S,
         .meaning = "How long; of several rules the longest is granted."},
        {.key = "inclusive",
         .type = OPTION_BOOL,
         OPTION_AT(struct free_draft, inclusive),
         .otherwise = true,
         .meaning = "A stay of exactly this length is free."},
        {.key = "mode",
         .type = OPTION_CHOICE,
         OPTION_AT(struct free_draft, rule.mode),
         .choices = modes,
         .meaning = "A longer stay is charged from the entry (threshold), from the end of the free "
                    "time (deduct), or as if it had just entered then (reenter)."},
        {.key = "scope",
         .type = OPTION_CHOICE,
         OPTION_AT(struct free_draft, rule.scope),
         .choices = scopes,
         .meaning = "Each stay, or the first of the day at the lot."},
        {.key = "clock",
         .type = OPTION_CHOICE,
         OPTION_AT(struct free_draft, rule.clock),
         .choices = free_clocks,
         .meaning = "What is measured: the stay, or its time in windows."},
        {.key = NULL},
    },
};

struct share_draft {
    struct tariff_share share;
    const struct reader_node *classes, *except;
    int64_t percent;
};

const struct option_table tariff_factor_table = {
    "factor",
    (const struct option[]){
        {.key = "classes",
         .type = OPTION_LIST,
         OPTION_AT(struct share_draft, classes),
         .min = 1,
         .max = 20,
         .meaning = "Classes of vehicles that it holds for; all."},
        {.key = "except",
         .type = OPTION_LIST,
         OPTION_AT(struct share_draft, except),
         .min = 1,
         .max = 20,
         .meaning = "Classes that it does not hold for."},
        {.key = "times",
         .type = OPTION_WHOLE,
         .required = true,
         OPTION_AT(struct share_draft, share.number),
         .max = PARTS,
         .meaning = "The price times this,"},
        {.key = "over",
         .type = OPTION_WHOLE,
         OPTION_AT(struct share_draft, share.part),
         .min = 1,
         .max = PARTS,
         .otherwise = 1,
         .meaning = "divided by this."},
        {.key = NULL},
    },
};

const struct option_table tariff_relief_table = {
    "relief",
    (const struct option[]){
        {.key = "classes",
         .type = OPTION_LIST,
         OPTION_AT(struct share_draft, classes),
         .min = 1,
         .max = 20,
         .meaning = "Classes of vehicles that it holds for; all."},
        {.key = "except",
         .type = OPTION_LIST,
         OPTION_AT(struct share_draft, except),
         .min = 1,
         .max = 20,
         .meaning = "Classes that it does not hold for."},
        {.key = "percent",
         .type = OPTION_WHOLE,
         OPTION_AT(struct share_draft, percent),
         .max = 100,
         .meaning = "So much of the price is left out."},
        {.key = "minus",
         .type = OPTION_WHOLE,
         OPTION_AT(struct share_draft, share.minus_fen),
         .max = PRICE_MAX,
         .meaning = "Minor units that are taken off a stay."},
        {.key = NULL},
    },
};

void tariff_free_read(const struct reader_node *node, struct tariff_free *rule,
                      const struct option_context *context)
{
    struct free_draft draft = {.inclusive = true};

    option_defaults(&tariff_free_table, &draft);
    option_apply(&tariff_free_table, node, &draft, context);
    *rule = draft.rule;
    rule->exclusive = !draft.inclusive;
    rule->classes = tariff_fields_classes_but(draft.classes, draft.except, context);
    rule->line = tariff_fields_line(node);
}

static void read_share(const struct option_table *table, const struct reader_node *node,
                       struct share_draft *draft, const struct option_context *context)
{
    option_defaults(table, draft);
    option_apply(table, node, draft, context);
    draft->share.classes = tariff_fields_classes_but(draft->classes, draft->except, context);
    draft->share.line = tariff_fields_line(node);
}

void tariff_factor_read(const struct reader_node *node, struct tariff_share *factor,
                        const struct option_context *context)
{
    struct share_draft draft = {.percent = 0};

    read_share(&tariff_factor_table, node, &draft, context);
    *factor = draft.share;
}

void tariff_relief_read(const struct reader_node *node, struct tariff_share *relief,
                        const struct option_context *context)
{
    struct share_draft draft = {.percent = 0};

    read_share(&tariff_relief_table, node, &draft, context);
    *relief = draft.share;
    relief->number = 100 - draft.percent;
    relief->part = 100;
}
