/*
 * Distance of plates. One row of the table of an edit distance (Levenshtein) over characters, where
 * a replacement costs what the camera's mistake is worth. Pure; any thread.
 */
#include "daemon/core/match.h"

#include <stdbool.h>
#include <string.h>

#include "daemon/core/plate.h"

/* Patent CN114092928A names the first five; 1 I L, G 6, 7 T and U V are commonly reported too. */
static const char *const confusable[] = {"0DQO", "B8", "2Z", "5S", "A4", "1IL", "G6", "7T", "UV"};

/* Decodes what plate_normal() has left: valid UTF-8, or bytes that count as characters. */
static uint32_t characters(const char *text, uint32_t ret[PLATE_SIZE])
{
    uint32_t count = 0;

    for (const unsigned char *p = (const unsigned char *)text; *p && count < PLATE_SIZE; p++) {
        if ((*p & 0xc0) == 0x80 && count > 0)
            ret[count - 1] = ret[count - 1] << 8 | *p;
        else
            ret[count++] = *p;
    }
    return count;
}

static bool in_set(const char *set, uint32_t c)
{
    return c < 0x80 && strchr(set, (int)c) != NULL;
}

static uint32_t replacement(uint32_t a, uint32_t b)
{
    if (a == b)
        return MATCH_SAME;
    if (a == '?' || b == '?')
        return MATCH_UNREAD;
    for (size_t i = 0; i < sizeof confusable / sizeof confusable[0]; i++)
        if (in_set(confusable[i], a) && in_set(confusable[i], b))
            return MATCH_CONFUSABLE;
    return MATCH_EDIT;
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* The next row of the table; returns its least entry. */
static uint32_t next_row(uint32_t row[PLATE_SIZE + 1], uint32_t c, const uint32_t *b,
                         uint32_t count)
{
    uint32_t diagonal = row[0];
    uint32_t best = row[0] += MATCH_EDIT;

    for (uint32_t j = 0; j < count; j++) {
        uint32_t above = row[j + 1];
        uint32_t edited = least(above, row[j]) + MATCH_EDIT;

        row[j + 1] = least(edited, diagonal + replacement(c, b[j]));
        best = least(best, row[j + 1]);
        diagonal = above;
    }
    return best;
}

uint32_t match_distance(const char *a, const char *b, uint32_t bound)
{
    uint32_t left[PLATE_SIZE], right[PLATE_SIZE], row[PLATE_SIZE + 1];
    uint32_t rows = characters(a, left), columns = characters(b, right);
    uint32_t longer = rows > columns ? rows - columns : columns - rows;

    if (longer * MATCH_EDIT >= bound)
        return bound;
    for (uint32_t j = 0; j <= columns; j++)
        row[j] = j * MATCH_EDIT;
    for (uint32_t i = 0; i < rows; i++)
        if (next_row(row, left[i], right, columns) >= bound)
            return bound;
    return least(row[columns], bound);
}
