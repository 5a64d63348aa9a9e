/*
 * The totals of a statement against the sums of its rows, to the last decimal. The signs of refunds
 * and returned fees are written either way, so what is compared is the distance from zero.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/decimal.h"
#include "daemon/reconcile/inside.h"

enum { NAME_SIZE = 64, FEE_PLACES = 3 };

static int64_t distance(int64_t value)
{
    return value < 0 ? -value : value;
}

/* What the rows come to; a count times a thousand, so that both are compared alike. */
static int64_t sum_of(const struct statement_facts *facts, const struct layout_total *total)
{
    int64_t sum = 0;

    for (unsigned kind = 0; kind < LINE_KINDS; kind++) {
        if (!(total->kinds >> kind & 1))
            continue;
        sum += total->field == FIELD_COUNT ? (int64_t)facts->counts[kind] * STATEMENT_MFEN
                                           : facts->sums_mfen[kind][total->field];
    }
    return distance(sum);
}

static bool compare(struct reading *reading, const struct row *row, size_t index, const char *cell,
                    struct err *err)
{
    const struct layout_total *total = &reading->layout->totals[index];
    const struct statement_facts *facts = reading->facts;
    bool count = total->field == FIELD_COUNT;
    int places = (count ? 0 : reading->layout->places) + FEE_PLACES;
    int64_t value, sum = sum_of(facts, total);
    char text[DECIMAL_TEXT];

    if (!decimal_parse(cell, places, &value))
        return reading_wrong(reading, row, err,
                             "total \"%s\" is \"%.40s\", no number; download the file again",
                             total->name, cell);
    if (distance(value) != sum &&
        !(total->field == FIELD_FEE && distance(value) == distance(facts->fee_mfen)))
        return reading_wrong(reading, row, err,
                             "total \"%s\" is %.40s, the rows come to %s; download the file again",
                             total->name, cell, decimal_text(sum, places, text));
    reading->totals_seen |= 1u << index;
    return true;
}

static int find(const struct layout *layout, const char *name)
{
    for (size_t i = 0; i < layout->totals_count; i++)
        if (strcmp(layout->totals[i].name, name) == 0)
            return (int)i;
    return COLUMN_NONE;
}

static bool take_headed(struct reading *reading, const struct row *row, bool *ret_taken,
                        struct err *err)
{
    if (reading->totals_next) {
        if (row->cells_count != reading->cells_count)
            return reading_wrong(reading, row, err,
                                 "%u totals under %u headers; the file is cut off, download it "
                                 "again",
                                 row->cells_count, reading->cells_count);
        for (uint32_t c = 0; c < row->cells_count; c++)
            if (reading->totals_at[c] != COLUMN_NONE &&
                !compare(reading, row, (size_t)reading->totals_at[c], row->cells[c], err))
                return false;
        reading->totals_next = false;
        reading->totals_done = true;
        *ret_taken = true;
    } else if (find(reading->layout, row->cells[0]) != COLUMN_NONE) {
        for (uint32_t c = 0; c < row->cells_count; c++)
            reading->totals_at[c] = find(reading->layout, row->cells[c]);
        reading->cells_count = row->cells_count;
        reading->totals_next = *ret_taken = true;
    }
    return true;
}

/* "#交易合计：4笔，商家实收共44.00元，商家优惠共3.00元": each part by its name. */
static bool take_hash(struct reading *reading, const struct row *row, bool *ret_taken,
                      struct err *err)
{
    static const char colon[] = "：", comma[] = "，", together[] = "共", yuan[] = "元",
                      pieces[] = "笔";
    char name[NAME_SIZE];
    char *part = strstr(row->cells[0], colon);
    int size = part ? (int)(part - row->cells[0]) : 0;

    snprintf(name, sizeof name, "%.*s/", size, row->cells[0]);
    if (!part || find(reading->layout, name) == COLUMN_NONE)
        return true;
    *ret_taken = true;
    for (part += strlen(colon); part;) {
        char *next = strstr(part, comma);

        if (next)
            *next = '\0';
        char *amount = strstr(part, together);
        char *unit = strstr(amount ? amount : part, amount ? yuan : pieces);
        if (!unit)
            return reading_wrong(reading, row, err,
                                 "the totals are cut off; download the file again");
        *unit = '\0';
        snprintf(name, sizeof name, "%.*s/%.*s", size, row->cells[0],
                 amount ? (int)(amount - part) : 0, part);
        int index = find(reading->layout, name);
        if (index != COLUMN_NONE &&
            !compare(reading, row, (size_t)index, amount ? amount + strlen(together) : part, err))
            return false;
        part = next ? next + strlen(comma) : NULL;
    }
    return true;
}

/* A row in the columns of the others, such as 合计. */
static bool take_row(struct reading *reading, const struct row *row, bool *ret_taken,
                     struct err *err)
{
    struct statement_facts *facts = reading->facts;

    if (strcmp(row->cells[0], reading->layout->totals_word) != 0)
        return true;
    *ret_taken = true;
    if (row->cells_count != reading->cells_count)
        return reading_wrong(reading, row, err, "the totals are cut off; download the file again");
    for (int field = FIELD_PAID_COUNT; field < FIELDS; field++) {
        int64_t value, sum = 0;

        if (reading->at[field] == COLUMN_NONE || !*row->cells[reading->at[field]])
            continue;
        if (!line_amount(reading, row, (enum field)field, &value, err))
            return false;
        for (unsigned kind = 0; kind < LINE_KINDS; kind++)
            sum += facts->sums_mfen[kind][field];
        facts->whole_mfen[field] = value;
        if (distance(value) != distance(sum))
            return reading_wrong(reading, row, err,
                                 "the total is %s, the rows come to %lld.%03lld fen; download the "
                                 "file again",
                                 row->cells[reading->at[field]], (long long)(sum / STATEMENT_MFEN),
                                 (long long)(distance(sum) % STATEMENT_MFEN));
    }
    facts->whole_payments = (uint64_t)(facts->whole_mfen[FIELD_PAID_COUNT] / STATEMENT_MFEN);
    facts->whole_refunds = (uint64_t)(facts->whole_mfen[FIELD_REFUND_COUNT] / STATEMENT_MFEN);
    reading->totals_done = true;
    return true;
}

bool totals_take(struct reading *reading, const struct row *row, bool *ret_taken, struct err *err)
{
    static bool (*const takes[])(struct reading *, const struct row *, bool *, struct err *) = {
        [LAYOUT_TOTALS_HEADED] = take_headed,
        [LAYOUT_TOTALS_HASH] = take_hash,
        [LAYOUT_TOTALS_ROW] = take_row,
    };

    *ret_taken = false;
    if (row->cells[0][0] == '#' && reading->layout->last &&
        strstr(row->cells[0], reading->layout->last))
        reading->last_done = true;
    if (reading->layout->totals_form == LAYOUT_TOTALS_NONE)
        return true;
    return takes[reading->layout->totals_form](reading, row, ret_taken, err);
}

bool totals_complete(const struct reading *reading, const struct row *last, struct err *err)
{
    const struct layout *layout = reading->layout;
    bool complete = !layout->last || reading->last_done;

    if (layout->totals_form == LAYOUT_TOTALS_HEADED || layout->totals_form == LAYOUT_TOTALS_ROW)
        complete = complete && reading->totals_done;
    for (size_t i = 0; i < layout->totals_count; i++)
        complete = complete && (!layout->totals[i].required || reading->totals_seen >> i & 1);
    return complete || reading_wrong(reading, last, err,
                                     "the file ends without its totals; it is cut off, download "
                                     "it again");
}
