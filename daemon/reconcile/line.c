/* One row of data: its words, numbers and time, checked, as a line. */
#include <stdlib.h>
#include <string.h>

#include "daemon/core/civil.h"
#include "daemon/core/decimal.h"
#include "daemon/reconcile/inside.h"

enum { TEXT_MAX = 64, RATE_PLACES = 4, RATE_MOST_PPM = 1000000 };

static const char *cell(const struct reading *reading, const struct row *row, enum field field)
{
    return reading->at[field] == COLUMN_NONE ? "" : row->cells[reading->at[field]];
}

static const char *header_of(const struct reading *reading, enum field field)
{
    for (size_t i = 0; i < reading->layout->columns_count; i++)
        if (reading->layout->columns[i].field == field)
            return reading->layout->columns[i].names[0];
    return "";
}

static bool is_required(const struct reading *reading, enum field field)
{
    for (size_t i = 0; i < reading->layout->columns_count; i++)
        if (reading->layout->columns[i].field == field)
            return reading->layout->columns[i].required;
    return false;
}

bool line_time(const char *picture, const char *text, int64_t *ret_s)
{
    static const char letters[] = "YMDhms";
    int values[6] = {0};
    int32_t day;

    for (; *picture; picture++, text++) {
        const char *letter = strchr(letters, *picture);

        if (letter && (*text < '0' || *text > '9'))
            return false;
        if (!letter && *text != *picture)
            return false;
        if (letter)
            values[letter - letters] = values[letter - letters] * 10 + (*text - '0');
    }
    struct civil_date date = {values[0], values[1], values[2]};
    if (*text || date.month < 1 || date.month > 12 || date.day < 1 || values[3] > 23 ||
        values[4] > 59 || values[5] > 59)
        return false;
    day = civil_days(date);
    if (civil_date(day).month != date.month)
        return false;
    *ret_s = (int64_t)day * CIVIL_DAY_S + values[3] * 3600 + values[4] * 60 + values[5];
    return true;
}

bool line_amount(const struct reading *reading, const struct row *row, enum field field,
                 int64_t *ret_mfen, struct err *err)
{
    const char *text = cell(reading, row, field);
    int places = (field >= FIELD_AMOUNTS ? reading->layout->places : 0) + 3; /* to mfen */

    *ret_mfen = 0;
    if (!*text && !is_required(reading, field))
        return true;
    if (!decimal_parse(text, places, ret_mfen))
        return reading_wrong(reading, row, err,
                             "\"%s\" is \"%.40s\", no amount; download the file again",
                             header_of(reading, field), text);
    if (field != FIELD_FEE && *ret_mfen % STATEMENT_MFEN)
        return reading_wrong(reading, row, err,
                             "\"%s\" is \"%.40s\", no whole number of fen; download the file again",
                             header_of(reading, field), text);
    return true;
}

/* The kind of a row by the words in it. */
static bool kind_of(const struct reading *reading, const struct row *row, enum line_kind *ret,
                    struct err *err)
{
    const struct layout *layout = reading->layout;
    static const enum field fields[] = {FIELD_KIND, FIELD_REFUND_STATE};

    if (reading->at[FIELD_KIND] == COLUMN_NONE) {
        *ret = cell(reading, row, FIELD_AMOUNT)[0] == '-' ? LINE_REFUND : LINE_PAYMENT;
        return true;
    }
    for (size_t f = 0; f < 2; f++) {
        const char *text = cell(reading, row, fields[f]);
        size_t i = 0;

        if (f == 1 && (*ret != LINE_REFUND || reading->at[FIELD_REFUND_STATE] == COLUMN_NONE))
            break;
        while (i < layout->words_count &&
               (layout->words[i].field != fields[f] || strcmp(layout->words[i].word, text) != 0))
            i++;
        if (i == layout->words_count)
            return reading_wrong(reading, row, err,
                                 "\"%s\" is \"%.40s\", which %s does not know; ask the channel "
                                 "what it means",
                                 header_of(reading, fields[f]), text, layout->id);
        *ret = layout->words[i].kind;
    }
    return true;
}

static bool text_of(const struct reading *reading, const struct row *row, enum field field,
                    const char **ret, struct err *err)
{
    const char *text = cell(reading, row, field);

    if (strlen(text) > TEXT_MAX)
        return reading_wrong(reading, row, err, "\"%s\" is longer than %d bytes",
                             header_of(reading, field), TEXT_MAX);
    if (!*text && is_required(reading, field) && field != FIELD_REFUND)
        return reading_wrong(reading, row, err, "\"%s\" is empty; download the file again",
                             header_of(reading, field));
    *ret = field == FIELD_REFUND && strcmp(text, "0") == 0 ? "" : text; /* WeChat's "none" */
    return true;
}

/* "0.60%" */
static bool rate_of(const struct reading *reading, const struct row *row, int32_t *ret,
                    struct err *err)
{
    char *text = (char *)cell(reading, row, FIELD_RATE);
    size_t size = strlen(text);
    int64_t rate;

    *ret = STATEMENT_RATE_NONE;
    if (!size)
        return true;
    bool percent = text[size - 1] == '%';
    if (percent)
        text[size - 1] = '\0';
    if (!percent || !decimal_parse(text, RATE_PLACES, &rate) || rate < 0 || rate > RATE_MOST_PPM)
        return reading_wrong(reading, row, err, "\"%s\" is no rate such as 0.60%%",
                             header_of(reading, FIELD_RATE));
    *ret = (int32_t)rate;
    return true;
}

/* All amounts into the sums; `ret` holds them by field. */
static bool sum_up(struct reading *reading, const struct row *row, enum line_kind kind,
                   int64_t ret[FIELDS], struct err *err)
{
    for (int field = FIELD_PAID_COUNT; field < FIELDS; field++) {
        ret[field] = 0;
        if (reading->at[field] == COLUMN_NONE)
            continue;
        if (!line_amount(reading, row, (enum field)field, &ret[field], err))
            return false;
        if (__builtin_add_overflow(reading->facts->sums_mfen[kind][field], ret[field],
                                   &reading->facts->sums_mfen[kind][field]))
            return reading_wrong(reading, row, err, "the sums are beyond belief");
    }
    reading->facts->counts[kind]++;
    return true;
}

static int64_t fen(const int64_t mfen[FIELDS], enum field field)
{
    return llabs(mfen[field]) / STATEMENT_MFEN;
}

/* Amounts of a refund may stand in columns of their own or in those of the payment. */
static void put_amounts(const struct reading *reading, const int64_t mfen[FIELDS],
                        struct statement_line *line)
{
    bool refund = line->kind == LINE_REFUND || line->kind == LINE_REFUND_FAILED;
    bool own = refund && reading->at[FIELD_REFUND_SETTLED] != COLUMN_NONE;
    enum field amount = own ? FIELD_REFUND_AMOUNT : FIELD_AMOUNT;
    enum field settled = own ? FIELD_REFUND_SETTLED : FIELD_SETTLED;

    /* The older layout does not say of what a fee is the rate where a coupon paid a part. */
    if (reading->at[amount] == COLUMN_NONE && mfen[FIELD_COUPON])
        line->rate_ppm = STATEMENT_RATE_NONE;
    amount = reading->at[amount] == COLUMN_NONE ? settled : amount;
    settled = reading->at[settled] == COLUMN_NONE ? amount : settled;
    line->amount_fen = fen(mfen, amount);
    line->settled_fen = fen(mfen, settled);
    line->coupon_fen = fen(mfen, FIELD_COUPON);
    line->discount_fen = fen(mfen, FIELD_DISCOUNT);
    line->fee_mfen = llabs(mfen[FIELD_FEE]) * (refund ? -1 : 1);
}

static bool is_of_trade(const struct reading *reading, const struct row *row)
{
    const char *const *word = reading->layout->business;

    while (word && *word && strcmp(*word, cell(reading, row, FIELD_BUSINESS)) != 0)
        word++;
    return word && *word;
}

/* The day of the first row, or that which the file states, is that of all. */
static bool check_day(struct reading *reading, const struct row *row, int64_t at_s, struct err *err)
{
    char day[CIVIL_DATE_TEXT], other[CIVIL_DATE_TEXT];

    if (reading->facts->day == STATEMENT_NO_DAY)
        reading->facts->day = civil_day(at_s);
    if (civil_day(at_s) == reading->facts->day)
        return true;
    return reading_wrong(
        reading, row, err, "the row is of %s, the statement of %s; give one statement a day",
        civil_date_text(civil_day(at_s), day), civil_date_text(reading->facts->day, other));
}

bool line_take(struct reading *reading, const struct row *row, struct err *err)
{
    const struct layout *layout = reading->layout;
    struct statement_line line = {.number = row->line, .kind = LINE_PAYMENT};
    int64_t mfen[FIELDS];

    if (row->cells_count != reading->cells_count)
        return reading_wrong(reading, row, err,
                             "%u cells under %u headers; the row is cut off or broken, download "
                             "the file again",
                             row->cells_count, reading->cells_count);
    if (layout->sort == LAYOUT_SUMMARY)
        return sum_up(reading, row, LINE_PAYMENT, mfen, err);
    if (!kind_of(reading, row, &line.kind, err) ||
        !text_of(reading, row, FIELD_ORDER, &line.order, err) ||
        !text_of(reading, row, FIELD_TRANSACTION, &line.transaction, err) ||
        !text_of(reading, row, FIELD_REFUND, &line.refund, err) ||
        !rate_of(reading, row, &line.rate_ppm, err) || !sum_up(reading, row, line.kind, mfen, err))
        return false;
    if (!line_time(layout->time, cell(reading, row, FIELD_TIME), &line.at_local_s))
        return reading_wrong(reading, row, err, "\"%.40s\" is no time as %s",
                             cell(reading, row, FIELD_TIME), layout->time);
    if (layout->currency && reading->at[FIELD_CURRENCY] != COLUMN_NONE &&
        strcmp(cell(reading, row, FIELD_CURRENCY), layout->currency) != 0)
        return reading_wrong(reading, row, err, "currency \"%.40s\"; only %s is reconciled",
                             cell(reading, row, FIELD_CURRENCY), layout->currency);
    if (!check_day(reading, row, line.at_local_s, err))
        return false;
    line.of_trade = is_of_trade(reading, row);
    put_amounts(reading, mfen, &line);
    if (__builtin_add_overflow(reading->facts->fee_mfen, line.fee_mfen, &reading->facts->fee_mfen))
        return reading_wrong(reading, row, err, "the fees are beyond belief");
    if (reading->reader->line)
        reading->reader->line(reading->reader->arg, &line);
    return true;
}
