/* Statements in memory. See bills.h. */
#include "daemon/reconcile/bills.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/core/civil.h"
#include "daemon/reconcile/texts.h"

enum { FIRST_ROOM = 256 };

struct bills {
    const struct layout *const *extra;
    struct texts *texts;
    struct bill items[BILLS_MAX];
    uint32_t count;
};

struct bills *bills_create(const struct layout *const *extra)
{
    struct bills *bills = memory_new(1, sizeof *bills);

    bills->extra = extra;
    bills->texts = texts_create();
    return bills;
}

void bills_destroy(struct bills *bills)
{
    if (!bills)
        return;
    for (uint32_t i = 0; i < bills->count; i++)
        free(bills->items[i].lines);
    texts_destroy(bills->texts);
    free(bills);
}

uint32_t bills_count(const struct bills *bills)
{
    return bills->count;
}

const struct bill *bills_at(const struct bills *bills, uint32_t index)
{
    return &bills->items[index];
}

void bills_default_day(struct bills *bills, int32_t day)
{
    for (uint32_t i = 0; i < bills->count; i++)
        if (bills->items[i].facts.day == STATEMENT_NO_DAY)
            bills->items[i].facts.day = day;
}

/* A statement while it comes in. */
struct draft {
    struct texts *texts;
    struct statement_line *lines;
    uint32_t count, room;
    bool full;
};

static void keep(void *arg, const struct statement_line *line)
{
    struct draft *draft = arg;

    draft->full = draft->full || draft->count == STATEMENT_LINES_MAX;
    if (draft->full)
        return;
    if (draft->count == draft->room) {
        draft->room = draft->room ? draft->room * 2 : FIRST_ROOM;
        draft->lines = memory_grow(draft->lines, draft->room, sizeof *draft->lines);
    }
    struct statement_line *to = &draft->lines[draft->count++];
    *to = *line;
    to->order = texts_keep(draft->texts, line->order);
    to->transaction = texts_keep(draft->texts, line->transaction);
    to->refund = texts_keep(draft->texts, line->refund);
}

/* What makes a line the same in two statements. */
static int compare_keys(const void *a, const void *b)
{
    const struct statement_line *x = *(const struct statement_line *const *)a;
    const struct statement_line *y = *(const struct statement_line *const *)b;
    int order = strcmp(x->transaction, y->transaction);

    order = order ? order : strcmp(x->refund, y->refund);
    return order ? order : (int)x->kind - (int)y->kind;
}

static const struct statement_line **sort_keys(const struct bill *bill)
{
    const struct statement_line **keys = memory_new(bill->lines_count + 1, sizeof *keys);

    for (uint32_t i = 0; i < bill->lines_count; i++)
        keys[i] = &bill->lines[i];
    qsort(keys, bill->lines_count, sizeof *keys, compare_keys);
    return keys;
}

/* How many of the lines stand in the other, too. */
static uint32_t count_shared(const struct bill *bill, const struct bill *other)
{
    const struct statement_line **keys = sort_keys(other);
    uint32_t shared = 0;

    for (uint32_t i = 0; i < bill->lines_count; i++) {
        const struct statement_line *line = &bill->lines[i];

        shared += bsearch(&line, keys, other->lines_count, sizeof *keys, compare_keys) != NULL;
    }
    free(keys);
    return shared;
}

/* Two statements of a day may be those of two accounts, or of payments and of refunds: then they
 * have no line in common. The same rows in another form are the same statement. */
static bool settle_with(struct bill *bill, const struct bill *before, struct err *err)
{
    char day[CIVIL_DATE_TEXT];

    /* Bills without rows are alike on all days. */
    if (strcmp(bill->facts.digest, before->facts.digest) == 0 &&
        bill->facts.day == before->facts.day) {
        bill->same_as = before->name;
        return true;
    }
    if (!bill->facts.layout || bill->facts.layout != before->facts.layout ||
        bill->facts.day != before->facts.day)
        return true;
    if (bill->facts.layout->sort == LAYOUT_SUMMARY) { /* it has no rows of its own */
        bool same = memcmp(bill->facts.whole_mfen, before->facts.whole_mfen,
                           sizeof bill->facts.whole_mfen) == 0;

        bill->same_as = same ? before->name : NULL;
        return true;
    }
    uint32_t shared = count_shared(bill, before);
    if (shared && shared == bill->lines_count && shared == before->lines_count &&
        bill->facts.fee_mfen == before->facts.fee_mfen) {
        bill->same_as = before->name;
        return true;
    }
    return shared == 0 ||
           err_set(err,
                   "%s: %u of its %u rows stand in %s of the same day (%s), too; give the newer "
                   "one only",
                   bill->name, shared, bill->lines_count, before->name,
                   civil_date_text(bill->facts.day, day));
}

bool bills_take_source(struct bills *bills, const struct source *source, struct err *err)
{
    struct draft draft = {.texts = bills->texts};
    struct statement_reader reader = {bills->extra, keep, &draft};
    struct bill bill = {.name = texts_keep(bills->texts, source->name)};
    bool good = statement_read(&reader, source, &bill.facts, err);

    if (good && draft.full)
        good = err_set(err, "%s: more than %d rows; this is no day of one site", source->name,
                       STATEMENT_LINES_MAX);
    if (good && bills->count == BILLS_MAX)
        good = err_set(err, "%s: more than %d statements at once", source->name, BILLS_MAX);
    bill.lines = draft.lines;
    bill.lines_count = draft.count;
    for (uint32_t i = 0; good && i < bills->count && !bill.same_as; i++)
        if (!bills->items[i].same_as)
            good = settle_with(&bill, &bills->items[i], err);
    if (!good)
        free(draft.lines);
    else
        bills->items[bills->count++] = bill;
    return good;
}

static bool take_source(void *arg, const struct source *source, struct err *err)
{
    return bills_take_source(arg, source, err);
}

bool bills_take(struct bills *bills, const char *path, struct err *err)
{
    uint32_t before = bills->count;
    bool good = source_each(path, take_source, bills, err);

    while (!good && bills->count > before)
        free(bills->items[--bills->count].lines);
    return good;
}
