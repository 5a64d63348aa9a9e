/* Fields of a canonical record. See body.h. */
#include "daemon/report/body.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_SIZE = 48, WORD_SIZE = 48 };

/* Where the value of `key` begins; NULL when there is none. */
static const char *find(const char *body, const char *key)
{
    char pattern[KEY_SIZE];
    int size = snprintf(pattern, sizeof pattern, "\"%s\":", key);
    const char *at = strstr(body, pattern);

    return at ? at + size : NULL;
}

bool body_has(const char *body, const char *key)
{
    return find(body, key) != NULL;
}

void body_text(const char *body, const char *key, char *ret, size_t size)
{
    const char *at = find(body, key);
    size_t used = 0;

    if (at && *at == '"')
        for (at++; *at && *at != '"' && used + 1 + (*at == '\\') < size; at++) {
            if (*at == '\\' && at[1])
                ret[used++] = *at++;
            ret[used++] = *at;
        }
    ret[used] = '\0';
}

int64_t body_int(const char *body, const char *key, int64_t otherwise)
{
    const char *at = find(body, key);

    return at && (*at == '-' || (*at >= '0' && *at <= '9')) ? strtoll(at, NULL, 10) : otherwise;
}

bool body_flag(const char *body, const char *key)
{
    const char *at = find(body, key);

    return at && strncmp(at, "true", strlen("true")) == 0;
}

utc_ms body_time(const char *body, const char *key, utc_ms otherwise)
{
    char text[WORD_SIZE];

    body_text(body, key, text, sizeof text);
    utc_parse(text, &otherwise);
    return otherwise;
}

int body_word(const char *body, const char *key, const struct words *words)
{
    char text[WORD_SIZE];
    int word = -1;

    body_text(body, key, text, sizeof text);
    words_parse(words, text, &word);
    return word;
}
