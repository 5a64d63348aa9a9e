/* Ids. See ident.h. */
#include "daemon/core/ident.h"

static void digits(char *to, int count, uint64_t value)
{
    static const char base32[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; /* no I, L, O, U */

    for (int i = count - 1; i >= 0; i--, value >>= 5)
        to[i] = base32[value & 31];
}

void ident_next(struct ident *ident, utc_ms now, char ret[IDENT_SIZE])
{
    if (now.ms > ident->last_ms) {
        ident->last_ms = now.ms;
        ident->counter = 0;
    }
    digits(ret, 9, (uint64_t)ident->last_ms);
    digits(ret + 9, 4, ident->counter++);
    digits(ret + 13, 7, ident->tag);
    ret[20] = '\0';
}
