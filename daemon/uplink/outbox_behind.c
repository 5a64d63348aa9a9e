/*
 * Subjects of records that have come and that the stream has not loaded yet: one that is not among
 * them has nothing that a fresh record could overtake. A bounded table, exact while it fits: one
 * that does not, and what lies before the first fresh record, make it unsure, until all is loaded.
 * See rule 5 of outbox.h.
 */
#include <string.h>

#include "daemon/uplink/outbox_inside.h"

enum { FULL = BEHIND_KEYS / 4 * 3 };

/* The place of the key, or the empty one where it would stand. Keys leave no holes: a count that
 * falls to 0 keeps its place until all is loaded. */
static struct behind_key *place_of(const struct outbox *outbox, uint64_t key)
{
    size_t at = key % BEHIND_KEYS;

    while (outbox->behind_keys[at].key && outbox->behind_keys[at].key != key)
        at = (at + 1) % BEHIND_KEYS;
    return &outbox->behind_keys[at];
}

void outbox_behind_add(struct outbox *outbox, uint64_t key)
{
    struct behind_key *place = outbox->behind_keys && key ? place_of(outbox, key) : NULL;

    if (!place)
        return;
    if (!place->key && outbox->behind_used == FULL) {
        outbox->behind_unsure = true;
        return;
    }
    outbox->behind_used += !place->key;
    place->key = key;
    place->count++;
}

void outbox_behind_remove(struct outbox *outbox, uint64_t key)
{
    struct behind_key *place = outbox->behind_keys && key ? place_of(outbox, key) : NULL;

    if (place && place->count)
        place->count--;
}

void outbox_behind_clear(struct outbox *outbox)
{
    if (outbox->behind_used)
        memset(outbox->behind_keys, 0, BEHIND_KEYS * sizeof *outbox->behind_keys);
    outbox->behind_used = 0;
    outbox->behind_unsure = false;
}

static bool in_stream(const struct outbox *outbox, uint64_t key)
{
    for (uint64_t at = outbox->head; at < outbox->tail; at++) {
        const struct slot *slot = outbox_ring(outbox, at);

        if (slot->key == key && slot->state != SLOT_DONE)
            return true;
    }
    return false;
}

bool outbox_behind_has(const struct outbox *outbox, uint64_t key)
{
    bool known = outbox->complete && outbox->counted <= outbox->cursor + 1;

    return !known || outbox->behind_unsure || place_of(outbox, key)->count ||
           in_stream(outbox, key);
}
