/* The outbox: rows come in, from fresh commits or from pages of the journal. See outbox.h. */
#include <assert.h>
#include <string.h>

#include "daemon/uplink/outbox_inside.h"

enum { STREAM_PAGE = 256 };

static bool is_due(const struct outbox *outbox, const struct store_row *row)
{
    return (outbox->rules.kinds >> row->kind & 1) && row->seq >= outbox->since;
}

static uint64_t subject(const struct outbox *outbox, const struct store_row *row)
{
    return outbox->rules.subject ? outbox->rules.subject(row) : 0;
}

static uint64_t room(const struct outbox *outbox)
{
    return outbox->rules.rows - (outbox->tail - outbox->head);
}

/* Where in the ring of bodies a body goes, its NUL included, and not round the end. */
static uint64_t body_place(const struct outbox *outbox, size_t size)
{
    uint64_t left = outbox->bodies_size - outbox->bodies_tail % outbox->bodies_size;

    return outbox->bodies_tail + (size <= left ? 0 : left);
}

static bool has_room(const struct outbox *outbox, const struct store_row *row)
{
    uint64_t end = body_place(outbox, row->body_size + 1) + row->body_size + 1;

    return room(outbox) && end - outbox->bodies_head <= outbox->bodies_size;
}

/* Half of the rows and half of the bodies: then a page is worth its reading. */
static bool has_room_for_page(const struct outbox *outbox)
{
    return room(outbox) * 2 >= outbox->rules.rows &&
           (outbox->bodies_tail - outbox->bodies_head) * 2 <= outbox->bodies_size;
}

void outbox_fill(const struct outbox *outbox, struct slot *slot, const struct store_row *row,
                 char *body)
{
    assert(row->body_size <= RECORD_BODY_MAX);
    slot->state = SLOT_READY;
    slot->delivered = false;
    slot->row = *row;
    slot->key = subject(outbox, row);
    memcpy(body, row->body, row->body_size);
    body[row->body_size] = '\0';
    slot->row.body = body;
}

/* Puts a due row at the end of the ring. Before a restart it may have been set aside ahead of
 * `through`: then only its place is kept. */
static void append(struct outbox *outbox, const struct store_row *row)
{
    struct slot *slot = outbox_ring(outbox, outbox->tail++);
    struct mark *mark = marks_find(&outbox->marks, row->seq);
    uint64_t place = body_place(outbox, row->body_size + 1);

    outbox_fill(outbox, slot, row, outbox->bodies + place % outbox->bodies_size);
    slot->body_end = outbox->bodies_tail = place + row->body_size + 1;
    if (mark && mark->unread)
        marks_resolve(&outbox->marks, mark, slot->key, row->at);
    if (mark) {
        slot->state = SLOT_DONE;
        slot->delivered = mark->kept.state == OUTBOX_DELIVERED;
    }
    if (outbox->counted && row->seq >= outbox->counted) {
        outbox->behind--;
        outbox_behind_remove(outbox, slot->key);
    }
}

/* The next row of the journal. False when it is due and the ring is full. */
static bool look_at(struct outbox *outbox, const struct store_row *row)
{
    bool wanted = is_due(outbox, row);

    if (wanted && !has_room(outbox, row))
        return false;
    if (wanted)
        append(outbox, row);
    outbox->cursor = row->seq;
    if (outbox->cursor >= outbox->newest) {
        outbox->counted = 0;
        outbox_behind_clear(outbox);
    }
    outbox_advance(outbox);
    outbox->changed = true;
    return true;
}

void outbox_fresh(struct outbox *outbox, const struct store_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct store_row *row = &rows[i];
        if (row->seq > outbox->newest)
            outbox->newest = row->seq;
        if (row->seq <= outbox->cursor)
            continue; /* a page has brought it already */
        if (row->seq == outbox->cursor + 1 && look_at(outbox, row))
            continue;
        if (!outbox->counted)
            outbox->counted = row->seq;
        assert(row->seq >= outbox->counted); /* they come in order */
        if (!is_due(outbox, row))
            continue;
        outbox->behind++;
        if (outbox->rules.ahead)
            outbox_go_ahead(outbox, row, subject(outbox, row));
        outbox_behind_add(outbox, subject(outbox, row));
    }
}

/* A row that waits outside of the stream: its subject becomes known, and it is loaded when due. */
static void look_again(struct outbox *outbox, const struct store_row *row, mono_ms now)
{
    struct mark *mark = marks_find(&outbox->marks, row->seq);

    if (mark && mark->unread)
        marks_resolve(&outbox->marks, mark, subject(outbox, row), row->at);
    if (!mark || outbox->side_used == SIDE_SLOTS || !marks_is_due(&outbox->marks, mark, now))
        return;
    struct slot *side = &outbox->slots[outbox->rules.rows], *slot = side;
    while (slot->state != SLOT_EMPTY)
        slot++;
    outbox_fill(outbox, slot, row, outbox->side_bodies[slot - side].bytes);
    marks_set_flying(&outbox->marks, mark, true);
    outbox->side_used++;
    outbox->side_ready++;
}

/* An exception whose record the journal no longer holds. */
static void check_asked(struct outbox *outbox, const struct store_row *rows, size_t count)
{
    struct mark *mark = marks_find(&outbox->marks, outbox->asked);

    if (!mark || mark->kept.state != OUTBOX_RETRY || (count > 0 && rows[0].seq == outbox->asked))
        return;
    text_copy(mark->kept.reason, sizeof mark->kept.reason, "the journal no longer holds it");
    marks_set_state(&outbox->marks, mark, OUTBOX_DEAD);
}

void outbox_page(struct outbox *outbox, const struct store_row *rows, size_t count, bool end,
                 mono_ms now)
{
    bool more = true;

    for (size_t i = 0; i < count; i++) {
        if (rows[i].seq > outbox->newest)
            outbox->newest = rows[i].seq;
        if (outbox->asked)
            look_again(outbox, &rows[i], now);
        else if (rows[i].seq > outbox->cursor)
            more = more && look_at(outbox, &rows[i]);
    }
    if (outbox->asked)
        check_asked(outbox, rows, count);
    outbox->reading = false;
    if (end && more && !outbox->asked) {
        outbox->complete = true;
        if (outbox->newest == outbox->known)
            outbox->newest = outbox->cursor; /* what we had heard of is not there */
    }
}

/* Exceptions first: until the subjects of restored ones are known, nothing may pass them. */
bool outbox_wants(struct outbox *outbox, mono_ms now, uint64_t *ret_from, uint32_t *ret_limit)
{
    const struct mark *mark = marks_unread(&outbox->marks);
    bool behind = outbox->cursor < outbox->newest || !outbox->complete;

    if (outbox->reading)
        return false;
    if (!mark && outbox->side_used < SIDE_SLOTS &&
        mono_reached(now, marks_next_due(&outbox->marks)))
        mark = marks_due(&outbox->marks, now);
    if (!mark && (!behind || !has_room_for_page(outbox)))
        return false;
    uint64_t limit = mark ? SIDE_SLOTS : room(outbox);
    outbox->reading = true;
    outbox->known = outbox->newest;
    outbox->asked = mark ? mark->kept.seq : 0;
    *ret_from = mark ? mark->kept.seq : outbox->cursor + 1;
    *ret_limit = limit < STREAM_PAGE ? (uint32_t)limit : STREAM_PAGE;
    return true;
}

mono_ms outbox_next(struct outbox *outbox)
{
    bool can_load = !outbox->reading && outbox->side_used < SIDE_SLOTS;

    return can_load ? marks_next_due(&outbox->marks) : MONO_NEVER;
}
