/* The exceptions of an outbox, sorted by seq. See marks.h. */
#include "daemon/uplink/marks.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"

void marks_init(struct marks *marks, size_t capacity)
{
    *marks = (struct marks){.capacity = capacity, .next_due = MONO_NEVER};
    marks->rows = memory_new(capacity, sizeof *marks->rows);
}

void marks_fini(struct marks *marks)
{
    free(marks->rows);
}

/* The place of the first row with a seq not below `seq`. */
static size_t place(const struct marks *marks, uint64_t seq)
{
    size_t low = 0, high = marks->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (marks->rows[middle].kept.seq < seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct mark *marks_find(const struct marks *marks, uint64_t seq)
{
    size_t at = place(marks, seq);

    return at < marks->count && marks->rows[at].kept.seq == seq ? &marks->rows[at] : NULL;
}

/* Keeps the counts while `mark` enters (+1) or leaves (-1) its state. */
static void count(struct marks *marks, const struct mark *mark, int by)
{
    marks->stale = true;
    if (mark->kept.state == OUTBOX_DEAD)
        marks->dead += (size_t)by;
    if (mark->kept.state != OUTBOX_RETRY)
        return;
    marks->waiting += (size_t)by;
    if (mark->unread)
        marks->unread += (size_t)by;
    else
        marks->waits[mark->key % MARKS_BUCKETS] += (uint16_t)by;
}

struct mark *marks_add(struct marks *marks, uint64_t seq, uint64_t key)
{
    size_t at = place(marks, seq);

    if (marks->count == marks->capacity)
        return NULL;
    assert(at == marks->count || marks->rows[at].kept.seq != seq);
    memmove(&marks->rows[at + 1], &marks->rows[at], (marks->count - at) * sizeof *marks->rows);
    marks->count++;
    struct mark *mark = &marks->rows[at];
    *mark = (struct mark){.kept = {.seq = seq, .state = OUTBOX_RETRY}, .key = key, .changed = true};
    count(marks, mark, 1);
    return mark;
}

void marks_restore(struct marks *marks, const struct outbox_mark *from)
{
    assert(marks->count < marks->capacity);
    assert(!marks->count || marks->rows[marks->count - 1].kept.seq < from->seq);
    struct mark *mark = &marks->rows[marks->count++];
    *mark = (struct mark){.kept = *from, .unread = from->state == OUTBOX_RETRY};
    count(marks, mark, 1);
}

void marks_set_state(struct marks *marks, struct mark *mark, enum outbox_state state)
{
    count(marks, mark, -1);
    mark->kept.state = state;
    mark->flying = false;
    mark->changed = true;
    if (state != OUTBOX_RETRY)
        mark->unread = false;
    count(marks, mark, 1);
}

void marks_set_due(struct marks *marks, struct mark *mark, mono_ms due)
{
    mark->due = due;
    marks->stale = true;
}

void marks_set_flying(struct marks *marks, struct mark *mark, bool flying)
{
    mark->flying = flying;
    marks->stale = true;
}

void marks_resolve(struct marks *marks, struct mark *mark, uint64_t key, utc_ms at)
{
    count(marks, mark, -1);
    mark->unread = false;
    mark->key = key;
    mark->at = at;
    count(marks, mark, 1);
}

uint64_t marks_blocker(const struct marks *marks, uint64_t key, uint64_t before)
{
    if (!key || !marks->waits[key % MARKS_BUCKETS])
        return 0;
    for (size_t i = 0; i < marks->count && marks->rows[i].kept.seq < before; i++) {
        const struct mark *mark = &marks->rows[i];
        if (mark->kept.state == OUTBOX_RETRY && mark->key == key)
            return mark->kept.seq;
    }
    return 0;
}

static bool free_to_go(const struct marks *marks, const struct mark *mark)
{
    return mark->kept.state == OUTBOX_RETRY && !mark->flying && !mark->unread &&
           !marks_blocker(marks, mark->key, mark->kept.seq);
}

mono_ms marks_next_due(struct marks *marks)
{
    if (!marks->stale)
        return marks->next_due;
    marks->stale = false;
    marks->next_due = MONO_NEVER;
    for (size_t i = 0; i < marks->count; i++) {
        const struct mark *mark = &marks->rows[i];
        if (mark->due.ms < marks->next_due.ms && free_to_go(marks, mark))
            marks->next_due = mark->due;
    }
    return marks->next_due;
}

bool marks_is_due(const struct marks *marks, const struct mark *mark, mono_ms now)
{
    return mono_reached(now, mark->due) && free_to_go(marks, mark);
}

struct mark *marks_due(const struct marks *marks, mono_ms now)
{
    size_t i = 0;

    while (!marks_is_due(marks, &marks->rows[i], now)) {
        i++;
        assert(i < marks->count); /* marks_next_due() has seen one */
    }
    return &marks->rows[i];
}

struct mark *marks_unread(const struct marks *marks)
{
    size_t i = 0;

    if (!marks->unread)
        return NULL;
    while (!marks->rows[i].unread) {
        i++;
        assert(i < marks->count);
    }
    return &marks->rows[i];
}

size_t marks_collect(struct marks *marks, uint64_t cursor, struct outbox_mark *ret)
{
    size_t kept = 0, told = 0;

    for (size_t i = 0; i < marks->count; i++) {
        struct mark *mark = &marks->rows[i];
        bool aside = mark->kept.state == OUTBOX_RETRY || mark->kept.state == OUTBOX_DEAD;
        if (mark->changed)
            ret[told++] = mark->kept;
        mark->changed = false;
        if (aside || mark->kept.seq > cursor)
            marks->rows[kept++] = *mark;
    }
    marks->count = kept;
    return told;
}
