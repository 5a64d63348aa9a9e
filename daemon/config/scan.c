/* One pass over a line, a state for what is open. See scan.h. */
#include "daemon/config/scan.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* What libconfig takes as part of a name or a number. */
static bool is_word(char c)
{
    return isalnum((unsigned char)c) || (c && strchr("_*.+-", c));
}

/* Does the word stand for a whole number? `ret_suffix`: it ends with L. */
static bool is_whole(const char *word, size_t size, bool *ret_suffix)
{
    size_t i = word[0] == '+' || word[0] == '-';
    bool hex = size - i > 2 && word[i] == '0' && (word[i + 1] == 'x' || word[i + 1] == 'X');
    size_t first = i + (hex ? 2 : 0);

    for (i = first; i < size; i++)
        if (hex ? !isxdigit((unsigned char)word[i]) : !isdigit((unsigned char)word[i]))
            break;
    if (i == first)
        return false;
    *ret_suffix = i < size;
    return i == size || strspn(word + i, "L") >= size - i;
}

enum width { FITS, WANTS_SUFFIX, TOO_LARGE };

static enum width width_of(const char *word, size_t size)
{
    char digits[40];
    bool suffix;

    if (!is_whole(word, size, &suffix))
        return FITS;
    if (size >= sizeof digits)
        return TOO_LARGE;
    memcpy(digits, word, size);
    digits[size] = '\0';
    errno = 0;
    bool hex = strpbrk(digits, "xX") != NULL;
    long long value = strtoll(digits, NULL, hex ? 16 : 10);
    if (errno == ERANGE)
        return TOO_LARGE;
    return suffix || (value >= INT32_MIN && value <= INT32_MAX) ? FITS : WANTS_SUFFIX;
}

static size_t word_size(const char *at, const char *end)
{
    const char *p = at;

    while (p < end && is_word(*p))
        p++;
    return (size_t)(p - at);
}

/* Where the text or comment that is open ends, or the end of the line. */
static const char *skip_open(enum scan_state *state, const char *at, const char *end)
{
    for (; at < end; at++) {
        if (*state == SCAN_TEXT && *at == '\\') {
            at++;
        } else if (*state == SCAN_TEXT ? *at == '"'
                                       : at[0] == '*' && end - at > 1 && at[1] == '/') {
            at += *state == SCAN_TEXT ? 1 : 2;
            *state = SCAN_PLAIN;
            return at;
        }
    }
    return end;
}

bool scan_line(enum scan_state *state, const char *line, size_t size, scan_out_fn *out, void *arg)
{
    const char *at = line, *end = line + size, *told = line;
    bool ok = true;

    while (at < end) {
        size_t word = word_size(at, end);
        if (*state != SCAN_PLAIN) {
            at = skip_open(state, at, end);
        } else if (word > 0) {
            enum width width = width_of(at, word);
            at += word;
            ok = ok && width != TOO_LARGE;
            if (width == WANTS_SUFFIX) {
                out(arg, told, (size_t)(at - told));
                out(arg, "L", 1);
                told = at;
            }
        } else if (*at == '#' || (*at == '/' && end - at > 1 && at[1] == '/')) {
            break;
        } else if (*at == '/' && end - at > 1 && at[1] == '*') {
            *state = SCAN_COMMENT;
            at += 2;
        } else {
            if (*at == '"')
                *state = SCAN_TEXT;
            at++;
        }
    }
    out(arg, told, (size_t)(end - told));
    return ok;
}

/* Bytes of the sequence that begins with `first`, and the least and greatest second byte that keep
 * out overlong forms, surrogates and what lies above U+10FFFF (RFC 3629, section 4). */
static size_t sequence(uint8_t first, uint8_t *ret_least, uint8_t *ret_most)
{
    *ret_least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    *ret_most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (first < 0x80)
        return first ? 1 : 0;
    if (first >= 0xc2 && first <= 0xdf)
        return 2;
    if (first >= 0xe0 && first <= 0xef)
        return 3;
    return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

size_t scan_utf8(const char *bytes, size_t size)
{
    const uint8_t *b = (const uint8_t *)bytes;
    size_t i = 0;

    while (i < size) {
        uint8_t least, most;
        size_t length = sequence(b[i], &least, &most);
        if (length == 0 || length > size - i)
            return i;
        for (size_t k = 1; k < length; k++)
            if (b[i + k] < (k == 1 ? least : 0x80) || b[i + k] > (k == 1 ? most : 0xbf))
                return i;
        i += length;
    }
    return size;
}
