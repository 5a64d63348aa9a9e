/*
 * Rows and cells. See rows.h. Lines are found before their encoding is looked at: no byte of a GBK
 * or GB 18030 character beyond the first is a line feed, a comma or a quote.
 */
#include "daemon/reconcile/rows.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/charset.h"
#include "daemon/base/memory.h"

enum { BLOCK_SIZE = 65536, BLANKS_MAX = 1000, ROW_LINES_MAX = 64 };

enum encoding { ENCODING_ASCII, ENCODING_UTF8, ENCODING_GBK };

struct rows {
    const struct source *source;
    struct crypto_stream *digest;
    char separator;         /* 0 until the first row that is no remark */
    bool whole;             /* no table: each row is one cell */
    enum encoding encoding; /* of the first line that says so */
    uint32_t line;          /* lines taken */
    char block[BLOCK_SIZE];
    size_t block_size, block_used;
    char *bytes; /* the row; room for ROWS_BYTES_MAX and a NUL */
    size_t size;
    char *converted; /* the same in UTF-8, where it was GBK */
};

struct rows *rows_create(const struct source *source)
{
    struct rows *rows = memory_new(1, sizeof *rows);

    rows->source = source;
    rows->digest = crypto_stream_begin();
    rows->bytes = memory_new(ROWS_BYTES_MAX + 1, 1);
    return rows;
}

void rows_destroy(struct rows *rows)
{
    if (!rows)
        return;
    if (rows->digest)
        crypto_stream_end(rows->digest);
    free(rows->converted);
    free(rows->bytes);
    free(rows);
}

struct hash rows_digest(struct rows *rows)
{
    struct hash hash = crypto_stream_end(rows->digest);

    rows->digest = NULL;
    return hash;
}

static enum rows_got wrong(const struct rows *rows, const char *what, struct err *err)
{
    err_set(err, "%s:%u: %s", rows->source->name, rows->line, what);
    return ROWS_WRONG;
}

/* Makes sure that a byte is there, unless the source has ended. */
static enum rows_got fill(struct rows *rows, struct err *err)
{
    if (rows->block_used < rows->block_size)
        return ROWS_ROW;
    int64_t got = rows->source->read(rows->source->arg, rows->block, BLOCK_SIZE, err);
    if (got < 0) {
        err_prefix(err, "%s:%u", rows->source->name, rows->line + 1);
        return ROWS_WRONG;
    }
    rows->block_used = 0;
    rows->block_size = (size_t)got;
    crypto_stream_add(rows->digest, rows->block, rows->block_size);
    return got ? ROWS_ROW : ROWS_END;
}

/* Appends one line with its line feed. */
static enum rows_got take_line(struct rows *rows, struct err *err)
{
    enum rows_got got = fill(rows, err);
    size_t before = rows->size;

    if (got == ROWS_ROW)
        rows->line++;
    for (bool more = true; more && got == ROWS_ROW;) {
        const char *from = rows->block + rows->block_used;
        size_t left = rows->block_size - rows->block_used;
        const char *end = memchr(from, '\n', left);
        size_t part = end ? (size_t)(end - from) + 1 : left;

        if (part > ROWS_BYTES_MAX - rows->size)
            return wrong(rows, "the row is longer than 64 kB; this is no statement", err);
        memcpy(rows->bytes + rows->size, from, part);
        rows->size += part;
        rows->block_used += part;
        more = !end && (got = fill(rows, err)) == ROWS_ROW;
    }
    rows->bytes[rows->size] = '\0';
    return got == ROWS_END && rows->size > before ? ROWS_ROW : got;
}

static bool is_blank(const char *text)
{
    return text[strspn(text, " \t\r\n")] == '\0';
}

static void find_separator(struct rows *rows)
{
    static const char candidates[] = ",\t;|";
    size_t most = 0;

    rows->whole = rows->bytes[0] == '{' || rows->bytes[0] == '<';
    rows->separator = candidates[0];
    for (const char *c = candidates; *c; c++) {
        size_t count = 0;

        for (size_t i = 0; i < rows->size; i++)
            count += rows->bytes[i] == *c;
        if (count > most) {
            most = count;
            rows->separator = *c;
        }
    }
}

/* Whether a cell that began with a quote has not ended yet. */
static bool is_open(const struct rows *rows)
{
    bool open = false, begins = true;

    if (rows->whole || strchr("#`", rows->bytes[0]) || !memchr(rows->bytes, '"', rows->size))
        return false;
    for (const char *at = rows->bytes; *at; at++) {
        if (*at == '"' && (open || begins))
            open = !open;
        else if (!open && (*at == rows->separator || *at == '`' || *at == ' ' || *at == '\t'))
            begins = *at == rows->separator || begins;
        else
            begins = false;
    }
    return open;
}

/* The row in UTF-8; NULL with err. */
static char *decode(struct rows *rows, struct err *err)
{
    bool ascii = true;

    free(rows->converted);
    rows->converted = NULL;
    for (size_t i = 0; i < rows->size && ascii; i++)
        ascii = (unsigned char)rows->bytes[i] < 0x80;
    if (ascii)
        return rows->bytes;
    bool utf8 = charset_is_utf8(rows->bytes, rows->size);
    if (rows->encoding == ENCODING_ASCII)
        rows->encoding = utf8 ? ENCODING_UTF8 : ENCODING_GBK;
    if (rows->encoding == ENCODING_UTF8) {
        if (!utf8)
            wrong(rows, "these bytes are not UTF-8 as those before; download the file again", err);
        return utf8 ? rows->bytes : NULL;
    }
    size_t size = rows->size;
    rows->converted = charset_from_gbk(rows->bytes, size, &size);
    if (!rows->converted)
        wrong(rows, "these bytes are neither UTF-8 nor GBK; download the file again", err);
    return rows->converted;
}

static char *trim(char *cell, char *end)
{
    while (end > cell && strchr(" \t\r\n", end[-1]))
        end--;
    *end = '\0';
    while (*cell == ' ' || *cell == '\t')
        cell++;
    return cell + (*cell == '`');
}

/* Takes the quotes from a cell that begins with one, in place; returns what follows it. */
static char *unquote(char *cell, char separator)
{
    char *to = cell;

    for (cell++; *cell && !(cell[0] == '"' && cell[1] != '"'); cell++) {
        *to++ = *cell;
        cell += *cell == '"';
    }
    cell += strcspn(cell, (char[]){separator, '\n', '\0'});
    char *next = *cell == separator ? cell + 1 : NULL;
    *to = '\0';
    return next;
}

/* The separator that ends the cell, or the end of the row. */
static char *cell_end(const struct rows *rows, char *cell, bool ticked)
{
    for (;; cell++) {
        cell += strcspn(cell, (char[]){rows->separator, '\0'});
        if (!*cell || !ticked || cell[1] == '`')
            return cell;
    }
}

static bool split(const struct rows *rows, char *text, struct row *row)
{
    bool ticked = *text == '`';

    row->cells_count = 0;
    if (rows->whole || *text == '#') {
        row->cells[row->cells_count++] = trim(text, text + strlen(text));
        return true;
    }
    while (text && row->cells_count < ROWS_CELLS_MAX) {
        char *quote = text + strspn(text, " \t`");
        char *end = cell_end(rows, text, ticked);
        char *next = *end ? end + 1 : NULL;

        if (!ticked && *quote == '"') {
            next = unquote(quote, rows->separator);
            end = quote + strlen(quote);
            text = quote;
        }
        row->cells[row->cells_count++] = trim(text, end);
        text = next;
    }
    return !text;
}

/* One row as bytes: a line, or several where a quoted cell goes on. */
static enum rows_got take_row(struct rows *rows, struct err *err)
{
    static const char mark[] = "\xef\xbb\xbf";
    enum rows_got got = take_line(rows, err);

    if (got != ROWS_ROW)
        return got;
    if (rows->line == 1 && strncmp(rows->bytes, mark, 3) == 0) {
        rows->encoding = ENCODING_UTF8;
        memmove(rows->bytes, rows->bytes + 3, rows->size - 2);
        rows->size -= 3;
    }
    if (!rows->separator && rows->bytes[0] != '#' && !is_blank(rows->bytes))
        find_separator(rows);
    for (int lines = 1; got == ROWS_ROW && is_open(rows); lines++) {
        if (lines == ROW_LINES_MAX)
            return wrong(rows, "a quoted cell goes on for too long; download the file again", err);
        got = take_line(rows, err);
    }
    if (got == ROWS_END)
        return wrong(rows, "a quoted cell does not end; the file is cut off", err);
    if (got == ROWS_ROW && memchr(rows->bytes, '\0', rows->size))
        return wrong(rows, "a byte is zero; this is no text", err);
    return got;
}

enum rows_got rows_next(struct rows *rows, struct row *ret, struct err *err)
{
    int blanks = 0;

    do {
        if (blanks++ == BLANKS_MAX)
            return wrong(rows, "a thousand empty lines; this is no statement", err);
        rows->size = 0;
        uint32_t line = rows->line + 1;
        enum rows_got got = take_row(rows, err);
        if (got != ROWS_ROW)
            return got;
        ret->line = line;
    } while (is_blank(rows->bytes));
    char *text = decode(rows, err);
    if (!text)
        return ROWS_WRONG;
    if (!split(rows, text, ret))
        return wrong(rows, "the row has more than 64 cells; this is no statement", err);
    return ROWS_ROW;
}
