/* The parts of a multipart body. Pure. See multipart.h. */
#include "sensors/lane/multipart.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { BOUNDARY_MAX = 74, DELIMITER_SIZE = BOUNDARY_MAX + 5 }; /* RFC 2046 allows 70 */

struct scan {
    const char *body;
    size_t size;
    char delimiter[DELIMITER_SIZE]; /* "--" and the boundary */
    size_t delimiter_size;
};

/* The value of `key` in a header's value: boundary=x, name="x". False when there is none or it does
 * not fit. */
static bool parameter_of(const char *header, const char *key, char *ret, size_t size)
{
    size_t key_size = strlen(key);

    for (const char *at = header; (at = strchr(at, ';'));) {
        at += 1 + strspn(at + 1, " \t");
        if (strncasecmp(at, key, key_size) != 0 || at[key_size] != '=')
            continue;
        at += key_size + 1;
        bool quoted = *at == '"';
        at += quoted;
        size_t length = strcspn(at, quoted ? "\"" : "; \t");
        if (length >= size)
            return false;
        memcpy(ret, at, length);
        ret[length] = '\0';
        return true;
    }
    return false;
}

/* The next delimiter that begins a line, from `from` on; the body's size when there is none. */
static size_t find_delimiter(const struct scan *scan, size_t from)
{
    while (from < scan->size) {
        const char *at =
            memmem(scan->body + from, scan->size - from, scan->delimiter, scan->delimiter_size);
        if (!at)
            break;
        size_t found = (size_t)(at - scan->body);
        if (found == 0 || scan->body[found - 1] == '\n')
            return found;
        from = found + 1;
    }
    return scan->size;
}

static void take_header(const char *line, size_t length, struct multipart_part *part,
                        size_t *ret_length)
{
    static const char disposition[] = "Content-Disposition:", type[] = "Content-Type:",
                      content_length[] = "Content-Length:";
    char text[MULTIPART_HEAD];

    if (length >= sizeof text)
        return;
    memcpy(text, line, length);
    text[length] = '\0';
    if (!strncasecmp(text, disposition, sizeof disposition - 1)) {
        parameter_of(text, "name", part->name, sizeof part->name);
        parameter_of(text, "filename", part->filename, sizeof part->filename);
    } else if (!strncasecmp(text, type, sizeof type - 1)) {
        const char *value = text + sizeof type - 1 + strspn(text + sizeof type - 1, " \t");
        if (strlen(value) < sizeof part->content_type)
            memcpy(part->content_type, value, strlen(value) + 1);
    } else if (!strncasecmp(text, content_length, sizeof content_length - 1)) {
        *ret_length = strtoul(text + sizeof content_length - 1, NULL, 10);
    }
}

/* Reads the headers at `at`; returns where the content begins, or 0 when they have no end. */
static size_t take_headers(const struct scan *scan, size_t at, struct multipart_part *part,
                           size_t *ret_length)
{
    size_t limit = scan->size - at > MULTIPART_HEAD ? at + MULTIPART_HEAD : scan->size;

    while (at < limit) {
        const char *line = scan->body + at;
        const char *stop = memchr(line, '\n', limit - at);
        if (!stop)
            return 0;
        size_t length = (size_t)(stop - line);
        at += length + 1;
        if (length && line[length - 1] == '\r')
            length--;
        if (!length)
            return at;
        take_header(line, length, part, ret_length);
    }
    return 0;
}

/* A picture may hold the delimiter by chance; a length is believed when one follows it. */
static bool length_holds(const struct scan *scan, size_t offset, size_t length)
{
    size_t at = offset + length;

    if (!length || length >= scan->size - offset)
        return false;
    at += scan->body[at] == '\r';
    at += at < scan->size && scan->body[at] == '\n';
    return scan->size - at >= scan->delimiter_size &&
           !memcmp(scan->body + at, scan->delimiter, scan->delimiter_size);
}

static bool start(const char *content_type, const char *body, size_t size, struct scan *ret)
{
    char boundary[BOUNDARY_MAX];

    *ret = (struct scan){.body = body, .size = size};
    memcpy(ret->delimiter, "--", 2);
    if (parameter_of(content_type, "boundary", boundary, sizeof boundary) && *boundary) {
        memcpy(ret->delimiter + 2, boundary, strlen(boundary) + 1);
    } else {
        size_t length = 0;
        while (length < size && body[length] != '\r' && body[length] != '\n')
            length++;
        if (length < 3 || length == size || length >= sizeof ret->delimiter ||
            memcmp(body, "--", 2) != 0)
            return false;
        memcpy(ret->delimiter, body, length);
    }
    ret->delimiter_size = strlen(ret->delimiter);
    return true;
}

bool multipart_read(const char *content_type, const char *body, size_t size,
                    struct multipart_part ret[MULTIPART_PARTS], size_t *ret_count)
{
    struct scan scan;
    size_t count = 0;

    if (!start(content_type, body, size, &scan))
        return false;
    for (size_t at = find_delimiter(&scan, 0); at < size && count < MULTIPART_PARTS;) {
        struct multipart_part part = {0};
        size_t told = 0;

        at += scan.delimiter_size;
        if (size - at >= 2 && !memcmp(body + at, "--", 2))
            break;
        const char *stop = memchr(body + at, '\n', size - at);
        if (!stop)
            break;
        part.offset = take_headers(&scan, (size_t)(stop + 1 - body), &part, &told);
        if (!part.offset)
            return false;
        at = find_delimiter(&scan,
                            part.offset + (length_holds(&scan, part.offset, told) ? told : 0));
        part.size = at - part.offset;
        if (at < size && part.size)
            part.size -= part.size > 1 && body[at - 2] == '\r' ? 2 : 1;
        ret[count++] = part;
    }
    *ret_count = count;
    return count > 0;
}
