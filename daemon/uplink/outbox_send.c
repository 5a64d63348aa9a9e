/* The outbox: rows go out, and what becomes of them. See outbox.h for the numbered rules. */
#include "daemon/core/backoff.h"
#include "daemon/core/random.h"
#include "daemon/core/text.h"
#include <assert.h>

#include "daemon/uplink/outbox_inside.h"

static uint16_t *flying(struct outbox *outbox, const struct slot *slot)
{
    return &outbox->flying[slot->key % SUBJECT_BUCKETS];
}

void outbox_advance(struct outbox *outbox)
{
    while (outbox->head < outbox->tail && outbox_ring(outbox, outbox->head)->state == SLOT_DONE) {
        struct slot *slot = outbox_ring(outbox, outbox->head++);
        slot->state = SLOT_EMPTY;
        outbox->bodies_head = slot->body_end;
        outbox->settled += slot->delivered;
        outbox->changed = true;
    }
    if (outbox->next < outbox->head)
        outbox->next = outbox->head;
}

static void launch(struct outbox *outbox, struct slot *slot)
{
    slot->state = SLOT_FLYING;
    if (slot->key)
        ++*flying(outbox, slot);
}

/* Its subject waits for an earlier record: it leaves the stream and waits with it. */
static bool join_queue(struct outbox *outbox, struct slot *slot, uint64_t earlier)
{
    struct mark *mark = marks_add(&outbox->marks, slot->row.seq, slot->key);
    struct text reason;

    if (!mark) {
        outbox->full = true;
        return false;
    }
    mark->at = slot->row.at;
    text_init(&reason, mark->kept.reason, sizeof mark->kept.reason);
    text_add(&reason, "waits for record %llu of the same subject", (unsigned long long)earlier);
    slot->state = SLOT_DONE;
    return true;
}

/* Takes the row at `position` if it may go. False when the stream has to stop here. */
static bool take_one(struct outbox *outbox, uint64_t position, uint32_t **ret_ticket)
{
    struct slot *slot = outbox_ring(outbox, position);

    if (slot->state != SLOT_READY)
        return true;
    if (slot->key && !outbox->rules.pipelined && *flying(outbox, slot))
        return true; /* goes after the one under way */
    uint64_t earlier = marks_blocker(&outbox->marks, slot->key, slot->row.seq);
    if (earlier)
        return join_queue(outbox, slot, earlier);
    launch(outbox, slot);
    *(*ret_ticket)++ = (uint32_t)(slot - outbox->slots);
    return true;
}

static size_t take_stream(struct outbox *outbox, size_t limit, uint32_t *ret_tickets)
{
    uint32_t *end = ret_tickets;

    outbox->full = outbox->full && outbox->marks.count == outbox->marks.capacity;
    if (outbox->full || outbox->marks.unread)
        return 0;
    for (uint64_t at = outbox->next; at < outbox->tail && (size_t)(end - ret_tickets) < limit; at++)
        if (!take_one(outbox, at, &end))
            break;
    while (outbox->next < outbox->tail && outbox_ring(outbox, outbox->next)->state != SLOT_READY)
        outbox->next++;
    outbox_advance(outbox);
    return (size_t)(end - ret_tickets);
}

/* Another row of its subject is before it. */
static bool follows(const struct outbox *outbox, uint64_t position)
{
    uint64_t key = outbox_ring(outbox, position)->key;

    for (uint64_t at = outbox->next; key && at < position; at++)
        if (outbox_ring(outbox, at)->state == SLOT_READY && outbox_ring(outbox, at)->key == key)
            return true;
    return false;
}

bool outbox_take_since(struct outbox *outbox, utc_ms since, uint32_t *ret_ticket)
{
    for (uint64_t at = outbox->next; at < outbox->tail && !outbox->marks.unread; at++) {
        struct slot *slot = outbox_ring(outbox, at);

        if (slot->state != SLOT_READY || slot->row.at.ms < since.ms ||
            (slot->key && *flying(outbox, slot)) || follows(outbox, at) ||
            marks_blocker(&outbox->marks, slot->key, slot->row.seq))
            continue;
        launch(outbox, slot);
        *ret_ticket = (uint32_t)(slot - outbox->slots);
        return true;
    }
    return false;
}

static size_t take_side(struct outbox *outbox, size_t limit, uint32_t *ret_tickets)
{
    size_t taken = 0;

    for (uint32_t i = 0; outbox->side_ready && taken < limit; i++) {
        assert(i < SIDE_SLOTS);
        struct slot *slot = &outbox->slots[outbox->rules.rows + i];
        if (slot->state != SLOT_READY)
            continue;
        launch(outbox, slot);
        outbox->side_ready--;
        ret_tickets[taken++] = (uint32_t)(slot - outbox->slots);
    }
    return taken;
}

bool outbox_take_ahead(struct outbox *outbox, uint32_t *ret_ticket)
{
    return take_side(outbox, 1, ret_ticket) == 1;
}

/* A request carries rows of one sort; the two sorts take turns. */
size_t outbox_take(struct outbox *outbox, size_t limit, uint32_t *ret_tickets)
{
    size_t taken = 0;

    if (outbox->side_turn)
        taken = take_side(outbox, limit, ret_tickets);
    if (!taken)
        taken = take_stream(outbox, limit, ret_tickets);
    if (!taken && !outbox->side_turn)
        taken = take_side(outbox, limit, ret_tickets);
    outbox->side_turn = !outbox->side_turn;
    return taken;
}

static struct slot *landed(struct outbox *outbox, uint32_t ticket)
{
    assert(ticket < outbox->rules.rows + SIDE_SLOTS);
    struct slot *slot = &outbox->slots[ticket];
    assert(slot->state == SLOT_FLYING);
    if (slot->key)
        --*flying(outbox, slot);
    return slot;
}

static bool in_ring(const struct outbox *outbox, const struct slot *slot)
{
    return slot < &outbox->slots[outbox->rules.rows];
}

const struct store_row *outbox_row(const struct outbox *outbox, uint32_t ticket)
{
    return &outbox->slots[ticket].row;
}

uint32_t outbox_attempts(const struct outbox *outbox, uint32_t ticket)
{
    const struct mark *mark = marks_find(&outbox->marks, outbox->slots[ticket].row.seq);

    return mark ? mark->kept.attempts : 0;
}

/* The slot is done with. */
static void leave(struct outbox *outbox, struct slot *slot)
{
    outbox->changed = true;
    if (in_ring(outbox, slot)) {
        slot->state = SLOT_DONE;
        outbox_advance(outbox);
        return;
    }
    slot->state = SLOT_EMPTY;
    outbox->side_used--;
}

static void stay(struct outbox *outbox, struct slot *slot)
{
    slot->state = SLOT_READY;
    if (!in_ring(outbox, slot)) {
        outbox->side_ready++;
        return;
    }
    uint64_t index = (uint64_t)(slot - outbox->slots);
    uint64_t position = outbox->head + ((index - outbox->head) & (outbox->rules.rows - 1));
    if (position < outbox->next)
        outbox->next = position;
}

void outbox_release(struct outbox *outbox, uint32_t ticket)
{
    stay(outbox, landed(outbox, ticket));
}

void outbox_release_all(struct outbox *outbox)
{
    for (uint32_t i = 0; i < outbox->rules.rows + SIDE_SLOTS; i++) {
        if (outbox->slots[i].state == SLOT_FLYING)
            outbox_release(outbox, i);
    }
}

/* Counts an exception that was delivered: at once, or when `through` passes its place in the ring.
 */
static void count_delivered(struct outbox *outbox, uint64_t seq)
{
    uint64_t at = outbox->head;

    if (seq <= outbox_through(outbox)) {
        outbox->settled += seq >= outbox->since;
        return;
    }
    while (at < outbox->tail && outbox_ring(outbox, at)->row.seq != seq)
        at++;
    if (at < outbox->tail)
        outbox_ring(outbox, at)->delivered = true;
}

void outbox_delivered(struct outbox *outbox, uint32_t ticket)
{
    struct slot *slot = landed(outbox, ticket);

    slot->delivered = true;
    if (!in_ring(outbox, slot)) {
        struct mark *mark = marks_find(&outbox->marks, slot->row.seq);
        marks_set_state(&outbox->marks, mark, OUTBOX_DELIVERED);
        count_delivered(outbox, slot->row.seq);
    }
    leave(outbox, slot);
}

/* The exception of a row that was not taken. NULL: the table is full, and the row stays. */
static struct mark *set_aside(struct outbox *outbox, struct slot *slot, const char *reason)
{
    struct mark *mark = in_ring(outbox, slot) ? marks_add(&outbox->marks, slot->row.seq, slot->key)
                                              : marks_find(&outbox->marks, slot->row.seq);

    if (!mark) {
        outbox->full = true;
        stay(outbox, slot);
        return NULL;
    }
    mark->kept.attempts++;
    mark->at = slot->row.at;
    mark->changed = true;
    text_copy(mark->kept.reason, sizeof mark->kept.reason, reason);
    marks_set_flying(&outbox->marks, mark, false);
    leave(outbox, slot);
    return mark;
}

void outbox_later(struct outbox *outbox, uint32_t ticket, mono_ms now, int64_t retry_after_ms,
                  const char *reason)
{
    struct mark *mark = set_aside(outbox, landed(outbox, ticket), reason);

    if (!mark)
        return;
    if (outbox->rules.attempts_max && mark->kept.attempts >= outbox->rules.attempts_max) {
        marks_set_state(&outbox->marks, mark, OUTBOX_DEAD);
        return;
    }
    int64_t floor_ms = retry_after_ms > 0 ? retry_after_ms : 0;
    int64_t delay_ms =
        backoff_after_ms(floor_ms, outbox->rules.retry_ms, outbox->rules.retry_max_ms,
                         mark->kept.attempts - 1, random_next(&outbox->rules.seed));
    marks_set_due(&outbox->marks, mark, mono_after(now, delay_ms));
}

void outbox_refused(struct outbox *outbox, uint32_t ticket, const char *reason)
{
    struct mark *mark = set_aside(outbox, landed(outbox, ticket), reason);

    if (mark)
        marks_set_state(&outbox->marks, mark, OUTBOX_DEAD);
}

uint64_t outbox_through(const struct outbox *outbox)
{
    return outbox->head == outbox->tail ? outbox->cursor
                                        : outbox_ring(outbox, outbox->head)->row.seq - 1;
}
