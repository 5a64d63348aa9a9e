/* Column maps by the option tables, as layouts. See statement_map.h. */
#include "daemon/config/statement_map.h"

#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/config/arena.h"
#include "daemon/config/option.h"
#include "daemon/config/reader.h"

#include <stdlib.h>

enum { WORDS_MAX = 32, MOST = 64 };

/* A map as it is written. */
struct map_draft {
    const char *id, *channel, *time, *currency, *totals_word;
    int32_t places;
    const char *columns[FIELDS];
    const struct reader_node *payment, *refund, *refund_failed;
};

struct statement_maps {
    struct arena *memory;
    const struct layout *list[STATEMENT_MAPS_MAX + 1];
    uint32_t count;
};

static const struct option_choice moneys[] = {{"yuan", 2}, {"fen", 0}, {NULL, 0}};

#define COLUMN(name, of, must, means)                                                     \
    {                                                                                     \
        .key = name, .type = OPTION_TEXT, .required = must,                               \
        OPTION_AT(struct map_draft, columns[of]), .min = 1, .max = MOST, .meaning = means \
    }

static const struct option_table column_table = {
    "columns",
    (const struct option[]){
        COLUMN("time", FIELD_TIME, true, "When the channel had it done."),
        COLUMN("order", FIELD_ORDER, true, "Our order number."),
        COLUMN("transaction", FIELD_TRANSACTION, true, "The channel's number."),
        COLUMN("kind", FIELD_KIND, false,
               "Payment or refund, by words; without it an amount below 0 is a refund."),
        COLUMN("refund", FIELD_REFUND, false, "Number of the refund."),
        COLUMN("currency", FIELD_CURRENCY, false, "Currency."),
        COLUMN("rate", FIELD_RATE, false, "The fee's rate, such as 0.60%."),
        COLUMN("amount", FIELD_AMOUNT, true, "Amount of the order."),
        COLUMN("settled", FIELD_SETTLED, false, "What is settled of it."),
        COLUMN("coupon", FIELD_COUPON, false, "Paid by the channel's coupon."),
        COLUMN("discount", FIELD_DISCOUNT, false, "Paid by the merchant's coupon."),
        COLUMN("refund_amount", FIELD_REFUND_AMOUNT, false, "Amount of a refund."),
        COLUMN("refund_settled", FIELD_REFUND_SETTLED, false, "What is settled of a refund."),
        COLUMN("fee", FIELD_FEE, false, "The channel's fee."),
        {.key = NULL},
    },
};

#define WORDS(name, member, means)                                                       \
    {                                                                                    \
        .key = name, .type = OPTION_LIST, OPTION_AT(struct map_draft, member), .min = 1, \
        .max = WORDS_MAX, .meaning = means                                               \
    }

static const struct option_table word_table = {
    "words",
    (const struct option[]){
        WORDS("payment", payment, "A row that is a payment."),
        WORDS("refund", refund, "A row that is a refund."),
        WORDS("refund_failed", refund_failed, "A refund that did not happen."),
        {.key = NULL},
    },
};

static const struct option_table map_table = {
    "column map",
    (const struct option[]){
        {.key = "id",
         .type = OPTION_ID,
         .required = true,
         OPTION_AT(struct map_draft, id),
         .meaning = "Name of the map."},
        {.key = "channel",
         .type = OPTION_ID,
         .required = true,
         OPTION_AT(struct map_draft, channel),
         .meaning = "The orders' channel."},
        {.key = "money",
         .type = OPTION_CHOICE,
         OPTION_AT(struct map_draft, places),
         .choices = moneys,
         .otherwise = 2,
         .meaning = "Unit of amounts."},
        {.key = "time_format",
         .type = OPTION_TEXT,
         OPTION_AT(struct map_draft, time),
         .min = 8,
         .max = MOST,
         .text = "YYYY-MM-DD hh:mm:ss",
         .meaning = "How times are written: Y M D h m s stand for digits."},
        {.key = "currency_is",
         .type = OPTION_TEXT,
         OPTION_AT(struct map_draft, currency),
         .min = 1,
         .max = MOST,
         .text = "CNY",
         .meaning = "What the currency's column must say."},
        {.key = "totals_word",
         .type = OPTION_TEXT,
         OPTION_AT(struct map_draft, totals_word),
         .min = 1,
         .max = MOST,
         .meaning = "First cell of the row of totals that ends the file."},
        {.key = "columns",
         .type = OPTION_GROUP,
         .required = true,
         .members = &column_table,
         .meaning = "Headers of the file."},
        {.key = "words",
         .type = OPTION_GROUP,
         .members = &word_table,
         .meaning = "Words of the kind's column."},
        {.key = NULL},
    },
};

struct statement_maps *statement_maps_create(void)
{
    struct statement_maps *maps = memory_new(1, sizeof *maps);

    maps->memory = arena_create();
    return maps;
}

void statement_maps_destroy(struct statement_maps *maps)
{
    if (!maps)
        return;
    arena_destroy(maps->memory);
    free(maps);
}

const struct layout *const *statement_maps_list(const struct statement_maps *maps)
{
    return maps->list;
}

static void put_columns(const struct map_draft *draft, struct layout *layout, struct arena *memory)
{
    struct layout_column *columns = arena_new(memory, FIELDS, sizeof *columns);

    for (int field = 0; field < FIELDS; field++)
        if (draft->columns[field])
            columns[layout->columns_count++] = (struct layout_column){
                (enum field)field, true, {arena_text(memory, draft->columns[field])}};
    layout->columns = columns;
}

static void put_words(const struct map_draft *draft, struct layout *layout,
                      const struct option_context *context)
{
    const struct reader_node *const lists[] = {draft->payment, draft->refund, draft->refund_failed};
    struct layout_word *words = arena_new(context->memory, 3 * WORDS_MAX, sizeof *words);

    for (unsigned kind = LINE_PAYMENT; kind <= LINE_REFUND_FAILED; kind++) {
        for (uint32_t i = 0; i < reader_size(lists[kind]) && i < WORDS_MAX; i++) {
            const struct reader_node *node = reader_item(lists[kind], i);

            if (reader_type(node) != READER_TEXT)
                mistake_add(context->mistakes, reader_place(node),
                            "words: this is no text; allowed: what the column says, in quotes");
            else
                words[layout->words_count++] =
                    (struct layout_word){FIELD_KIND, arena_text(context->memory, reader_text(node)),
                                         (enum line_kind)kind};
        }
    }
    layout->words = words;
}

/* What the rows of the option table cannot say. */
static void check(const struct map_draft *draft, const struct reader_node *root,
                  struct mistakes *mistakes)
{
    bool kind = draft->columns[FIELD_KIND];

    if (kind && (!draft->payment || !draft->refund))
        mistake_add(mistakes, reader_place(root),
                    "columns.kind needs words.payment and words.refund; allowed: a list of words "
                    "each");
    if (!kind && (draft->payment || draft->refund || draft->refund_failed))
        mistake_add(mistakes, reader_place(root),
                    "words stand for nothing without columns.kind; allowed: the header of that "
                    "column");
}

static const struct layout *read_map(struct statement_maps *maps, const char *path,
                                     struct mistakes *mistakes)
{
    struct option_context context = {maps->memory, mistakes};
    struct map_draft draft = {.id = NULL};
    struct layout *layout = arena_new(maps->memory, 1, sizeof *layout);
    struct reader *reader = reader_open(path, mistakes);

    if (!reader)
        return NULL;
    option_defaults(&map_table, &draft);
    option_apply(&map_table, reader_root(reader), &draft, &context);
    if (mistake_count(mistakes) == 0)
        check(&draft, reader_root(reader), mistakes);
    put_columns(&draft, layout, maps->memory);
    put_words(&draft, layout, &context);
    layout->id = arena_text(maps->memory, draft.id);
    layout->channel = arena_text(maps->memory, draft.channel);
    layout->time = arena_text(maps->memory, draft.time);
    layout->currency = arena_text(maps->memory, draft.currency);
    layout->totals_word = arena_text(maps->memory, draft.totals_word);
    layout->places = draft.places;
    layout->totals_form = draft.totals_word ? LAYOUT_TOTALS_ROW : LAYOUT_TOTALS_NONE;
    reader_close(reader);
    return layout;
}

/* Keeps the first of what mistake_tell() tells. */
static void keep_first(void *arg, const char *line)
{
    struct err *err = arg;

    if (err && err->text[0] == '\0')
        err_set(err, "%s", line);
}

bool statement_maps_read(struct statement_maps *maps, const char *path, struct err *err)
{
    struct mistakes *mistakes = mistake_create();
    const struct layout *layout = read_map(maps, path, mistakes);
    bool good = layout && mistake_count(mistakes) == 0;

    if (good && maps->count == STATEMENT_MAPS_MAX)
        good = err_set(err, "%s: more than %d column maps", path, STATEMENT_MAPS_MAX);
    else if (good)
        maps->list[maps->count++] = layout;
    else if (err) {
        err->text[0] = '\0';
        mistake_tell(mistakes, keep_first, err);
    }
    mistake_destroy(mistakes);
    return good;
}
