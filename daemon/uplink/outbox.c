/* The outbox: its making, its account, and what a person does with it. See outbox.h. */
#include "daemon/uplink/outbox.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/uplink/outbox_inside.h"

/* The longest body fits wherever the ring of bodies begins. */
enum { BODY_USUAL = 256, BODIES_LEAST = 2 * (RECORD_BODY_MAX + 1) };

static void restore(struct outbox *outbox, const struct outbox_progress *restored)
{
    bool same = restored->kinds == outbox->rules.kinds;

    outbox->since = same ? restored->since : restored->through + 1;
    outbox->settled = same ? restored->delivered : 0;
    outbox->changed = !same;
    outbox->cursor = outbox->newest = restored->through;
    for (size_t i = 0; i < restored->marks_count; i++) {
        const struct outbox_mark *mark = &restored->marks[i];
        bool aside = mark->state == OUTBOX_RETRY || mark->state == OUTBOX_DEAD;
        if (mark->seq > outbox->newest)
            outbox->newest = mark->seq;
        if (aside || mark->seq > restored->through)
            marks_restore(&outbox->marks, mark);
        if (mark->state == OUTBOX_DROPPED && mark->seq >= outbox->since)
            outbox->dropped++;
    }
}

struct outbox *outbox_create(const struct outbox_rules *rules,
                             const struct outbox_progress *restored)
{
    struct outbox *outbox = memory_new(1, sizeof *outbox);
    size_t marks = rules->marks > restored->marks_count ? rules->marks : restored->marks_count;

    assert(rules->rows >= 2 && (rules->rows & (rules->rows - 1)) == 0);
    outbox->rules = *rules;
    outbox->slots = memory_new(rules->rows + SIDE_SLOTS, sizeof *outbox->slots);
    outbox->bodies_size = (uint64_t)BODY_USUAL * rules->rows;
    if (outbox->bodies_size < BODIES_LEAST)
        outbox->bodies_size = BODIES_LEAST;
    outbox->bodies = memory_new(outbox->bodies_size, 1);
    outbox->side_bodies = memory_new(SIDE_SLOTS, sizeof *outbox->side_bodies);
    outbox->told = memory_new(marks, sizeof *outbox->told);
    if (rules->ahead)
        outbox->behind_keys = memory_new(BEHIND_KEYS, sizeof *outbox->behind_keys);
    marks_init(&outbox->marks, marks);
    restore(outbox, restored);
    return outbox;
}

void outbox_destroy(struct outbox *outbox)
{
    if (!outbox)
        return;
    marks_fini(&outbox->marks);
    free(outbox->behind_keys);
    free(outbox->told);
    free(outbox->side_bodies);
    free(outbox->bodies);
    free(outbox->slots);
    free(outbox);
}

size_t outbox_retry(struct outbox *outbox, uint64_t seq, mono_ms now)
{
    size_t concerned = 0;

    for (size_t i = 0; i < outbox->marks.count; i++) {
        struct mark *mark = &outbox->marks.rows[i];
        bool aside = mark->kept.state == OUTBOX_DEAD || mark->kept.state == OUTBOX_RETRY;
        if (!aside || mark->flying || (seq && mark->kept.seq != seq))
            continue;
        mark->kept.attempts = 0;
        if (mark->kept.state == OUTBOX_DEAD)
            marks_set_state(&outbox->marks, mark, OUTBOX_RETRY);
        marks_set_due(&outbox->marks, mark, now);
        concerned++;
    }
    outbox->changed = outbox->changed || concerned > 0;
    return concerned;
}

size_t outbox_drop(struct outbox *outbox, uint64_t seq, const char *reason)
{
    size_t concerned = 0;

    for (size_t i = 0; i < outbox->marks.count; i++) {
        struct mark *mark = &outbox->marks.rows[i];
        bool aside = mark->kept.state == OUTBOX_DEAD || mark->kept.state == OUTBOX_RETRY;
        if (!aside || mark->flying || (seq && mark->kept.seq != seq))
            continue;
        text_copy(mark->kept.reason, sizeof mark->kept.reason, reason);
        marks_set_state(&outbox->marks, mark, OUTBOX_DROPPED);
        if (mark->kept.seq >= outbox->since)
            outbox->dropped++;
        concerned++;
    }
    outbox->changed = outbox->changed || concerned > 0;
    return concerned;
}

void outbox_each_mark(const struct outbox *outbox,
                      void (*fn)(void *arg, const struct outbox_mark *mark), void *arg)
{
    for (size_t i = 0; i < outbox->marks.count; i++) {
        const struct mark *mark = &outbox->marks.rows[i];
        if (mark->kept.state == OUTBOX_DEAD || mark->kept.state == OUTBOX_RETRY)
            fn(arg, &mark->kept);
    }
}

/* Rows of the journal that are due and not in memory. While what lies before the first fresh row
 * has not been read yet, its length is the upper bound. */
static uint64_t not_loaded(const struct outbox *outbox)
{
    uint64_t unread_to = outbox->counted ? outbox->counted - 1 : outbox->newest;

    return outbox->behind + (unread_to > outbox->cursor ? unread_to - outbox->cursor : 0);
}

static utc_ms older(utc_ms a, utc_ms b)
{
    return !a.ms || (b.ms && b.ms < a.ms) ? b : a;
}

static void count_mark(const struct outbox *outbox, const struct mark *mark,
                       struct outbox_counts *ret)
{
    if (mark->kept.seq < outbox->since)
        return;                            /* of an account that was closed */
    if (mark->kept.seq > outbox->cursor) { /* counted as not loaded */
        ret->dropped -= mark->kept.state == OUTBOX_DROPPED;
        return;
    }
    ret->dead += mark->kept.state == OUTBOX_DEAD;
    ret->pending += mark->kept.state == OUTBOX_RETRY;
    if (mark->kept.state == OUTBOX_RETRY)
        ret->oldest = older(ret->oldest, mark->at);
}

void outbox_counts(const struct outbox *outbox, struct outbox_counts *ret)
{
    *ret = (struct outbox_counts){
        .delivered = outbox->settled,
        .pending = not_loaded(outbox),
        .dropped = outbox->dropped,
        .through = outbox_through(outbox),
        .head = outbox->newest,
    };
    for (uint64_t at = outbox->head; at < outbox->tail; at++) {
        const struct slot *slot = outbox_ring(outbox, at);
        ret->delivered += slot->state == SLOT_DONE && slot->delivered;
        ret->pending += slot->state != SLOT_DONE;
        if (slot->state != SLOT_DONE)
            ret->oldest = older(ret->oldest, slot->row.at);
    }
    for (size_t i = 0; i < outbox->marks.count; i++)
        count_mark(outbox, &outbox->marks.rows[i], ret);
}

uint64_t outbox_newest(const struct outbox *outbox)
{
    return outbox->newest;
}

bool outbox_full(const struct outbox *outbox)
{
    return outbox->full;
}

bool outbox_progress(struct outbox *outbox, struct outbox_progress *ret)
{
    if (!outbox->changed)
        return false;
    outbox->changed = false;
    ret->kinds = outbox->rules.kinds;
    ret->since = outbox->since;
    ret->through = outbox_through(outbox);
    ret->delivered = outbox->settled;
    ret->marks = outbox->told;
    ret->marks_count = marks_collect(&outbox->marks, outbox->cursor, outbox->told);
    return true;
}

/* The value of `"key":"…"` in a canonical body, hashed (FNV-1a); 0 when it has no such member.
 * Quotes inside of strings are escaped, so the pattern is never part of a value. */
static uint64_t hash_member(const struct store_row *row, const char *pattern)
{
    const char *at = memmem(row->body, row->body_size, pattern, strlen(pattern));
    const char *end = row->body + row->body_size;
    uint64_t hash = 14695981039346656037u;

    if (!at)
        return 0;
    for (const char *c = at; c < end && (c < at + strlen(pattern) || *c != '"'); c++)
        hash = (hash ^ (uint8_t)*c) * 1099511628211u;
    return hash;
}

uint64_t outbox_subject(const struct store_row *row)
{
    static const char *const patterns[] = {"\"stay\":\"", "\"bay\":\"", "\"device\":\""};
    uint64_t hash = 0;

    for (size_t i = 0; !hash && i < sizeof patterns / sizeof *patterns; i++)
        hash = hash_member(row, patterns[i]);
    return hash;
}
