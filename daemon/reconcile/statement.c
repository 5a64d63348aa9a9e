/* The course of reading one statement: lines before the header, header, rows, totals, end. */
#include "daemon/reconcile/statement.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "daemon/core/civil.h"
#include "daemon/reconcile/inside.h"

enum { ANSWER_ROWS = 16 };

bool reading_wrong(const struct reading *reading, const struct row *row, struct err *err,
                   const char *format, ...)
{
    char what[ERR_TEXT_SIZE];
    va_list args;

    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    return err_set(err, "%s:%u: %s", reading->source->name, row->line, what);
}

/* The only day that a file's name holds, as 20240313 or 2024-03-13; else STATEMENT_NO_DAY. */
static int32_t name_day(const char *name)
{
    const char *base = strrchr(name, '/');
    int32_t found = STATEMENT_NO_DAY;

    for (const char *at = base ? base : name; *at; at++) {
        int64_t at_s;
        char digits[11] = "";

        if (!isdigit((unsigned char)*at) || (at > name && isdigit((unsigned char)at[-1])))
            continue;
        size_t size = strspn(at, "0123456789");
        snprintf(digits, sizeof digits, "%.*s", size == 4 ? 10 : 8, at);
        if (!(size == 8 && line_time("YYYYMMDD", digits, &at_s)) &&
            !(size == 4 && !isdigit((unsigned char)at[strnlen(at, 10)]) &&
              line_time("YYYY-MM-DD", digits, &at_s)))
            continue;
        if (found != STATEMENT_NO_DAY && found != civil_day(at_s))
            return STATEMENT_NO_DAY;
        found = civil_day(at_s);
    }
    return found;
}

/* "#起始日期：[2024年03月13日 00:00:00]   终止日期：[2024年03月14日 00:00:00]": one day. */
static bool take_stated_day(struct reading *reading, const struct row *row, struct err *err)
{
    static const char picture[] = "YYYY年MM月DD日 hh:mm:ss";
    const char *from = strstr(row->cells[0], "起始日期");
    const char *until = strstr(row->cells[0], "终止日期");
    const char *places[] = {from ? strchr(from, '[') : NULL, until ? strchr(until, '[') : NULL};
    int64_t at_s[2];

    if (!from || !until)
        return true;
    for (size_t i = 0; i < 2; i++) {
        char text[sizeof picture] = "";

        if (places[i])
            snprintf(text, sizeof text, "%.*s", (int)strcspn(places[i] + 1, "]"), places[i] + 1);
        if (!line_time(picture, text, &at_s[i]))
            return reading_wrong(reading, row, err, "no days that can be read; download it again");
    }
    if (at_s[1] - at_s[0] != CIVIL_DAY_S || civil_second_of_day(at_s[0]) != 0)
        return reading_wrong(reading, row, err,
                             "the statement is not of one whole day; download the daily one");
    reading->facts->day = civil_day(at_s[0]);
    return true;
}

/* Whether the file is no statement but the channel's word that there is none. */
static bool is_no_bill(struct reading *reading, struct rows *rows, struct row *row)
{
    const char *channel = NULL;

    if (row->cells[0][0] != '<' && row->cells[0][0] != '{')
        return false;
    for (int i = 0; i < ANSWER_ROWS && !channel; i++) {
        for (uint32_t c = 0; c < row->cells_count && !channel; c++)
            channel = layout_no_bill(row->cells[c]);
        if (!channel && rows_next(rows, row, NULL) != ROWS_ROW) {
            row->cells_count = 0; /* they were borrowed until now */
            break;
        }
    }
    reading->facts->channel = channel;
    return channel;
}

static bool take(struct reading *reading, struct rows *rows, struct row *row, struct err *err)
{
    bool hash = row->cells[0][0] == '#', taken = false;

    if (!reading->layout && hash)
        return take_stated_day(reading, row, err);
    if (!reading->layout)
        return is_no_bill(reading, rows, row) || header_take(reading, row, err);
    if (!totals_take(reading, row, &taken, err))
        return false;
    if (taken || hash)
        return true;
    if (reading->totals_done || reading->totals_seen || reading->last_done)
        return reading_wrong(reading, row, err,
                             "a row behind the totals; the file was put together, download it "
                             "again");
    return line_take(reading, row, err);
}

/* Behind the rows. */
static bool finish(struct reading *reading, struct rows *rows, const struct row *last,
                   struct err *err)
{
    struct statement_facts *facts = reading->facts;
    struct row unread = {.line = last->line + 1};

    while (!reading->layout && rows_next(rows, &unread, NULL) == ROWS_ROW)
        continue; /* the digest is of all bytes */
    struct hash hash = rows_digest(rows);
    crypto_hex(hash.bytes, sizeof hash.bytes, facts->digest);
    if (!reading->layout && !facts->channel)
        return reading_wrong(reading, last, err, "the file is empty; download it again");
    if (reading->layout && !totals_complete(reading, last, err))
        return false;
    if (facts->day == STATEMENT_NO_DAY)
        facts->day = name_day(reading->source->name);
    return true;
}

bool statement_read(const struct statement_reader *reader, const struct source *source,
                    struct statement_facts *ret, struct err *err)
{
    struct statement_facts facts = {.day = STATEMENT_NO_DAY};
    struct reading reading = {.reader = reader, .source = source, .facts = &facts};
    struct rows *rows = rows_create(source);
    struct row row = {.line = 1};
    enum rows_got got = ROWS_WRONG;
    bool good = true;

    while (good && !facts.channel && (got = rows_next(rows, &row, err)) == ROWS_ROW)
        good = take(&reading, rows, &row, err);
    while (good && reading.layout && (got = rows_next(rows, &row, err)) == ROWS_ROW)
        good = take(&reading, rows, &row, err);
    good = good && (got != ROWS_WRONG) && finish(&reading, rows, &row, err);
    rows_destroy(rows);
    if (good)
        *ret = facts;
    return good;
}
