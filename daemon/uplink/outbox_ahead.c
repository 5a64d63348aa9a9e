/*
 * What goes outside of the stream: records that a platform has lost, and fresh ones that go ahead
 * of a backlog, by rule 5 of outbox.h. One that is the first of its subject has nothing to wait
 * for, nor has one of whose subject nothing is in the backlog; one whose subject went ahead follows
 * it; every other waits for the stream, where what it must not pass stands.
 */
#include "daemon/uplink/outbox_inside.h"

static bool is_first(const struct store_row *row)
{
    return row->kind == RECORD_STAY_OPENED;
}

static bool went_ahead(const struct outbox *outbox, uint64_t key)
{
    for (uint32_t i = 0; i < AHEAD_KEYS; i++)
        if (outbox->ahead[i] == key)
            return true;
    return false;
}

static void note_ahead(struct outbox *outbox, uint64_t key)
{
    if (!went_ahead(outbox, key))
        outbox->ahead[outbox->ahead_next++ % AHEAD_KEYS] = key;
}

/* One that stays in the backlog: what comes after it of its subject must not pass it. */
static void stay_behind(struct outbox *outbox, uint64_t key)
{
    for (uint32_t i = 0; i < AHEAD_KEYS; i++)
        if (outbox->ahead[i] == key)
            outbox->ahead[i] = 0;
}

static bool may_go_ahead(const struct outbox *outbox, const struct store_row *row, uint64_t key)
{
    const struct marks *marks = &outbox->marks;

    return key && !outbox->ahead_closed && marks->count * 2 < marks->capacity &&
           !marks_find(marks, row->seq) &&
           (is_first(row) || went_ahead(outbox, key) || !outbox_behind_has(outbox, key));
}

void outbox_open(struct outbox *outbox, bool open)
{
    outbox->ahead_closed = !open;
}

static struct slot *free_side(struct outbox *outbox)
{
    struct slot *slot = &outbox->slots[outbox->rules.rows];

    if (outbox->side_used == SIDE_SLOTS)
        return NULL;
    while (slot->state != SLOT_EMPTY)
        slot++;
    return slot;
}

void outbox_go_ahead(struct outbox *outbox, const struct store_row *row, uint64_t key)
{
    struct marks *marks = &outbox->marks;

    if (!may_go_ahead(outbox, row, key)) {
        stay_behind(outbox, key);
        return;
    }
    note_ahead(outbox, key);
    bool blocked = marks_blocker(marks, key, row->seq) != 0;
    struct mark *mark = marks_add(marks, row->seq, key);
    struct slot *slot = blocked ? NULL : free_side(outbox);

    mark->at = row->at;
    text_copy(mark->kept.reason, sizeof mark->kept.reason, "goes ahead of older records");
    marks_set_due(marks, mark, (mono_ms){0}); /* read from the journal when it may go */
    if (!slot)
        return;
    outbox_fill(outbox, slot, row,
                outbox->side_bodies[slot - &outbox->slots[outbox->rules.rows]].bytes);
    marks_set_flying(marks, mark, true);
    outbox->side_used++;
    outbox->side_ready++;
}

bool outbox_again(struct outbox *outbox, uint64_t seq, uint64_t subject, mono_ms now)
{
    struct mark *mark = seq <= outbox_through(outbox) ? marks_find(&outbox->marks, seq) : NULL;

    if (seq > outbox_through(outbox) || (mark && mark->kept.state == OUTBOX_RETRY))
        return false;
    if (mark)
        return outbox_retry(outbox, seq, now) > 0;
    mark = marks_add(&outbox->marks, seq, subject);
    if (!mark)
        return false;
    text_copy(mark->kept.reason, sizeof mark->kept.reason, "the platform has lost it");
    marks_set_due(&outbox->marks, mark, now);
    outbox->settled -= seq >= outbox->since;
    outbox->changed = true;
    return true;
}

utc_ms outbox_ready_at(const struct outbox *outbox)
{
    for (uint64_t at = outbox->next; at < outbox->tail; at++) {
        const struct slot *slot = outbox_ring(outbox, at);

        if (slot->state == SLOT_READY)
            return slot->row.at;
    }
    return (utc_ms){0};
}
