/*
 * Distance = letters added, lost, changed or swapped with their neighbour (optimal string
 * alignment). Near enough: at most 2, and less than half of the typed word.
 */
#include "daemon/config/suggest.h"

#include <string.h>

enum { WORD_MAX = 40, NEAR = 2 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t distance(const char *a, const char *b)
{
    size_t rows[3][WORD_MAX + 1], m = strlen(a), n = strlen(b);

    if (m > WORD_MAX || n > WORD_MAX)
        return WORD_MAX;
    for (size_t j = 0; j <= n; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= m; i++) {
        size_t *now = rows[i % 3], *before = rows[(i + 2) % 3], *earlier = rows[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= n; j++) {
            now[j] =
                least(least(before[j], now[j - 1]) + 1, before[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least(now[j], earlier[j - 2] + 1);
        }
    }
    return rows[m % 3][n];
}

void suggest_offer(struct suggest *search, const char *word)
{
    size_t d = distance(search->typed, word);

    if (d <= NEAR && 2 * d < strlen(search->typed) && (!search->nearest || d < search->distance)) {
        search->nearest = word;
        search->distance = d;
    }
}
