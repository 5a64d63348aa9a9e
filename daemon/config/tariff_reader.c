/*
 * A tariff file: one version of one tariff. Its keys stand in the tables here and in
 * tariff_part_reader.c and tariff_window_reader.c; see tariff_reader.h.
 */
#include "daemon/config/tariff_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/crypto.h"
#include "daemon/base/memory.h"
#include "daemon/config/tariff_fields.h"

enum {
    MINUTE_S = 60,
    WHOLE_DAY_S = 86400,
    PRICE_MAX = 100000000,
    MINUTES_MAX = 527040, /* a year */
    ITEMS_MAX = 32
};

struct tariff_draft {
    struct tariff tariff;
    const struct reader_node *exempt, *free, *alternatives, *factors, *reliefs, *same_as;
    const char *valid_from, *missing_open;
    struct tariff_part_draft rules;
};

static const struct option_choice changes[] = {{"entry", TARIFF_BY_ENTRY},
                                               {"payment", TARIFF_BY_PAYMENT},
                                               {"split", TARIFF_SPLIT_AT_CHANGE},
                                               {"retro", TARIFF_RETRO},
                                               {NULL, 0}};
static const struct option_choice seconds[] = {{"keep", TARIFF_SECONDS_KEEP},
                                               {"down", TARIFF_SECONDS_DOWN},
                                               {"inward", TARIFF_SECONDS_INWARD},
                                               {NULL, 0}};
static const struct option_choice missings[] = {
    {"manual", TARIFF_MISSING_MANUAL},       {"first_step", TARIFF_MISSING_FIRST_STEP},
    {"fixed", TARIFF_MISSING_FIXED},         {"cap", TARIFF_MISSING_CAP},
    {"from_open", TARIFF_MISSING_FROM_OPEN}, {NULL, 0}};
static const struct option_choice leaves[] = {
    {"same_stay", TARIFF_SAME_STAY}, {"new_stay", TARIFF_NEW_STAY}, {NULL, 0}};
static const struct option_choice combines[] = {
    {"best", TARIFF_BEST}, {"sum", TARIFF_SUM}, {NULL, 0}};
static const struct option_choice plates[] = {
    {"none", TARIFF_PLATE_NONE}, {"day", TARIFF_PLATE_DAY}, {"24h", TARIFF_PLATE_24H}, {NULL, 0}};
static const struct option_choice modes[] = {
    {"half_up", MONEY_HALF_UP}, {"up", MONEY_UP}, {"down", MONEY_DOWN}, {NULL, 0}};

static const struct option_table tariff_table = {
    "tariff",
    (const struct option[]){
        {.key = "id",
         .type = OPTION_ID,
         .required = true,
         OPTION_AT(struct tariff_draft, tariff.id),
         .meaning = "As the file is named."},
        {.key = "version",
         .type = OPTION_TEXT,
         .required = true,
         OPTION_AT(struct tariff_draft, tariff.version),
         .min = 1,
         .max = 31,
         .meaning = "What this version is called, such as the date of the decree."},
        {.key = "name",
         .type = OPTION_NAME,
         .required = true,
         OPTION_AT(struct tariff_draft, tariff.name),
         .min = 1,
         .max = 100,
         .meaning = "What people read, in English."},
        {.key = "name_zh",
         .type = OPTION_NAME,
         .required = true,
         OPTION_AT(struct tariff_draft, tariff.name_zh),
         .min = 1,
         .max = 100,
         .meaning = "The same in Chinese."},
        {.key = "source",
         .type = OPTION_TEXT,
         .required = true,
         OPTION_AT(struct tariff_draft, tariff.source),
         .min = 1,
         .max = 500,
         .meaning = "Where the rules are published."},
        {.key = "reading",
         .type = OPTION_TEXT,
         OPTION_AT(struct tariff_draft, tariff.reading),
         .max = 1000,
         .meaning = "What the source leaves open, and how it is read here."},
        {.key = "currency",
         .type = OPTION_TEXT,
         OPTION_AT(struct tariff_draft, tariff.currency),
         .min = 3,
         .max = 3,
         .text = "CNY",
         .meaning = "ISO 4217."},
        {.key = "exponent",
         .type = OPTION_WHOLE,
         OPTION_AT(struct tariff_draft, tariff.exponent),
         .max = 4,
         .otherwise = 2,
         .meaning = "Digits of the minor unit."},
        {.key = "zone",
         .type = OPTION_TEXT,
         OPTION_AT(struct tariff_draft, tariff.zone),
         .min = 1,
         .max = 63,
         .text = "Asia/Shanghai",
         .meaning = "IANA time zone."},
        {.key = "calendar",
         .type = OPTION_ID,
         OPTION_AT(struct tariff_draft, tariff.calendar),
         .meaning = "Calendar of public holidays."},
        {.key = "valid_from",
         .type = OPTION_TEXT,
         OPTION_AT(struct tariff_draft, valid_from),
         .max = 10,
         .meaning = "The first day of this version; without it, always was."},
        {.key = "change",
         .type = OPTION_CHOICE,
         OPTION_AT(struct tariff_draft, tariff.change),
         .choices = changes,
         .meaning = "What becomes of stays that began under the version before."},
        {.key = "may_fall",
         .type = OPTION_BOOL,
         OPTION_AT(struct tariff_draft, tariff.may_fall),
         .meaning = "A longer stay may cost less."},
        {.key = "same_as",
         .type = OPTION_LIST,
         OPTION_AT(struct tariff_draft, same_as),
         .min = 1,
         .max = ITEMS_MAX,
         .meaning = "Classes that count as another."},
        {.key = "exempt",
         .type = OPTION_LIST,
         OPTION_AT(struct tariff_draft, exempt),
         .min = 1,
         .max = 20,
         .meaning = "Classes that pay nothing."},
        {.key = "seconds",
         .type = OPTION_CHOICE,
         OPTION_AT(struct tariff_draft, tariff.seconds),
         .choices = seconds,
         .meaning = "Count, are cut from both times, or from the stay at both ends."},
        {.key = "missing",
         .type = OPTION_CHOICE,
         OPTION_AT(struct tariff_draft, tariff.missing),
         .choices = missings,
         .meaning = "The price when no entry is known."},
        {.key = "missing_price",
         .type = OPTION_WHOLE,
         OPTION_AT(struct tariff_draft, tariff.missing_fen),
         .max = PRICE_MAX,
         .meaning = "Of missing \"fixed\"."},
        {.key = "missing_open",
         .type = OPTION_TEXT,
         OPTION_AT(struct tariff_draft, missing_open),
         .max = 5,
         .meaning = "Time of day of the opening, of missing \"from_open\"."},
        {.key = "pass_rest_free",
         .type = OPTION_BOOL,
         OPTION_AT(struct tariff_draft, tariff.pass_rest_free),
         .meaning = "What lies after a pass has free time of its own."},
        {.key = "pass_grace_days",
         .type = OPTION_WHOLE,
         OPTION_AT(struct tariff_draft, tariff.pass_grace_s),
         .max = 366,
         .scale = WHOLE_DAY_S,
         .meaning = "A pass goes on for so long."},
        {.key = "leave_minutes",
         .type = OPTION_WHOLE,
         OPTION_AT(struct tariff_draft, tariff.leave_s),
         .max = MINUTES_MAX,
         .scale = MINUTE_S,
         .otherwise = 15,
         .meaning = "Time to leave after paying."},
        {.key = "leave",
         .type = OPTION_CHOICE,
         OPTION_AT(struct tariff_draft, tariff.leave),
         .choices = leaves,
         .meaning = "Who leaves later goes on with the stay, or begins anew."},
        {.key = "max_stay",
         .type = OPTION_WHOLE,
         OPTION_AT(struct tariff_draft, tariff.max_stay_s),
         .max = MINUTES_MAX,
         .scale = MINUTE_S,
         .meaning = "Minutes after which nothing more is charged by time; 0: none."},
        {.key = "overstay_price",
         .type = OPTION_WHOLE,
         OPTION_AT(struct tariff_draft, tariff.overstay_fen),
         .max = PRICE_MAX,
         .meaning = "Added once beyond max_stay."},
        {.key = "free",
         .type = OPTION_LIST,
         OPTION_AT(struct tariff_draft, free),
         .min = 1,
         .max = ITEMS_MAX,
         .members = &tariff_free_table,
         .meaning = "Free time."},
        {.key = "rules",
         .type = OPTION_GROUP,
         .required = true,
         OPTION_AT(struct tariff_draft, rules),
         .members = &tariff_part_table,
         .meaning = "How time becomes money."},
        {.key = "alternatives",
         .type = OPTION_LIST,
         OPTION_AT(struct tariff_draft, alternatives),
         .min = 1,
         .max = TARIFF_PARTS - 1,
         .members = &tariff_alternative_table,
         .meaning = "Other rules for whole stays, by their entry and exit."},
        {.key = "factors",
         .type = OPTION_LIST,
         OPTION_AT(struct tariff_draft, factors),
         .min = 1,
         .max = ITEMS_MAX,
         .members = &tariff_factor_table,
         .meaning = "Multiples of the price; the first that applies."},
        {.key = "reliefs",
         .type = OPTION_LIST,
         OPTION_AT(struct tariff_draft, reliefs),
         .min = 1,
         .max = ITEMS_MAX,
         .members = &tariff_relief_table,
         .meaning = "Reductions by class."},
        {.key = "combine",
         .type = OPTION_CHOICE,
         OPTION_AT(struct tariff_draft, tariff.combine),
         .choices = combines,
         .meaning = "The best relief, or all."},
        {.key = "plate_max",
         .type = OPTION_WHOLE,
         OPTION_AT(struct tariff_draft, tariff.plate_fen),
         .max = PRICE_MAX,
         .meaning = "Shared by all stays of a plate,"},
        {.key = "plate_per",
         .type = OPTION_CHOICE,
         OPTION_AT(struct tariff_draft, tariff.plate_per),
         .choices = plates,
         .meaning = "for each calendar day, or each 24 hours."},
        {.key = "money_step",
         .type = OPTION_WHOLE,
         OPTION_AT(struct tariff_draft, tariff.money_step),
         .min = 1,
         .max = PRICE_MAX,
         .otherwise = 1,
         .meaning = "The fee is a multiple of this,"},
        {.key = "money_mode",
         .type = OPTION_CHOICE,
         OPTION_AT(struct tariff_draft, tariff.money_mode),
         .choices = modes,
         .meaning = "rounded so."},
        {.key = NULL},
    },
};

/* "medium is large": the item of a list of pairs. */
static void read_same_as(const struct reader_node *list, struct tariff *tariff,
                         const struct option_context *context)
{
    for (uint32_t class = 0; class < VEHICLE_CLASSES; class ++)
        tariff->same_as[class] = class;
    for (uint32_t i = 0; i < reader_size(list); i++) {
        const struct reader_node *pair = reader_item(list, i);
        enum vehicle_class from, to;

        if (reader_type(pair) == READER_LIST && reader_size(pair) == 2 &&
            reader_type(reader_item(pair, 0)) == READER_TEXT &&
            reader_type(reader_item(pair, 1)) == READER_TEXT &&
            vehicle_parse(reader_text(reader_item(pair, 0)), &from) &&
            vehicle_parse(reader_text(reader_item(pair, 1)), &to))
            tariff->same_as[from] = to;
        else
            mistake_add(context->mistakes, reader_place(pair),
                        "same_as: this is no pair of classes; allowed: (\"medium\", \"large\")");
    }
}

/* What stands in lists. */
static void read_lists(const struct tariff_draft *draft, struct tariff *tariff,
                       const struct option_context *context)
{
    tariff->exempt = tariff_fields_classes(draft->exempt, 0, context);
    read_same_as(draft->same_as, tariff, context);
    tariff->frees =
        tariff_fields_array(draft->free, sizeof *tariff->frees, &tariff->frees_count, context);
    for (uint32_t i = 0; i < tariff->frees_count; i++)
        tariff_free_read(reader_item(draft->free, i), &tariff->frees[i], context);
    tariff->factors = tariff_fields_array(draft->factors, sizeof *tariff->factors,
                                          &tariff->factors_count, context);
    for (uint32_t i = 0; i < tariff->factors_count; i++)
        tariff_factor_read(reader_item(draft->factors, i), &tariff->factors[i], context);
    tariff->reliefs = tariff_fields_array(draft->reliefs, sizeof *tariff->reliefs,
                                          &tariff->reliefs_count, context);
    for (uint32_t i = 0; i < tariff->reliefs_count; i++)
        tariff_relief_read(reader_item(draft->reliefs, i), &tariff->reliefs[i], context);
    tariff->alternatives = tariff_fields_array(draft->alternatives, sizeof *tariff->alternatives,
                                               &tariff->alternatives_count, context);
    for (uint32_t i = 0; i < tariff->alternatives_count; i++)
        tariff_alternative_read(reader_item(draft->alternatives, i), tariff, i, context);
}

struct proof_teller {
    struct mistakes *mistakes;
    uint32_t file;
};

static void tell(void *arg, uint32_t line, const char *text)
{
    struct proof_teller *teller = arg;

    mistake_add(teller->mistakes, (struct place){teller->file, line}, "%s", text);
}

/* Which bytes a fee was computed by: SHA-256 of the file. */
static const char *hash_of(const char *path, struct arena *memory)
{
    char *bytes = NULL, *hex = arena_new(memory, HASH_HEX_SIZE, 1);
    size_t size = 0;
    FILE *file = fopen(path, "re");

    while (file && !feof(file) && !ferror(file)) {
        bytes = memory_grow(bytes, size + BUFSIZ, 1);
        size += fread(bytes + size, 1, BUFSIZ, file);
    }
    struct crypto_part part = {bytes, size};
    struct hash hash = crypto_sha256(&part, 1);
    crypto_hex(hash.bytes, HASH_SIZE, hex);
    if (file)
        fclose(file);
    free(bytes);
    return hex;
}

struct tariff *tariff_reader_read(const char *path, struct arena *memory, struct mistakes *mistakes)
{
    struct option_context context = {memory, mistakes};
    struct tariff_draft draft = {.free = NULL};
    size_t before = mistake_count(mistakes);
    struct reader *reader = reader_open(path, mistakes);
    struct tariff *tariff = arena_new(memory, 1, sizeof *tariff);

    if (!reader)
        return NULL;
    const struct reader_node *root = reader_root(reader);
    option_defaults(&tariff_table, &draft);
    option_apply(&tariff_table, root, &draft, &context);
    *tariff = draft.tariff;
    tariff->parts_count = 1;
    tariff->valid_from = tariff_fields_date(draft.valid_from, INT32_MIN, root, &context);
    tariff->missing_open_s = tariff_fields_time(draft.missing_open, 0, root, &context);
    tariff->hash = hash_of(path, memory);
    read_lists(&draft, tariff, &context);
    if (reader_member(root, "rules"))
        tariff_part_build(&draft.rules, reader_member(root, "rules"), &tariff->parts[0], &context);
    if (mistake_count(mistakes) == before) {
        struct proof_teller teller = {mistakes, reader_place(root).file};
        if (tariff_proof(tariff, tell, &teller))
            tariff_prepare(tariff);
    }
    reader_close(reader);
    return mistake_count(mistakes) == before ? tariff : NULL;
}
