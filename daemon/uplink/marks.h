/*
 * The exceptions of an outbox: records that the stream has passed without delivering them, because
 * they wait for another attempt, for an earlier record of their subject, or for a person. Pure;
 * owned by one outbox; memory is taken in marks_create() only, bounded by its capacity.
 */
#ifndef UPLINK_MARKS_H
#define UPLINK_MARKS_H

#include "daemon/store/store.h"

struct mark {
    struct outbox_mark kept; /* what is persisted */
    uint64_t key;            /* of its subject; 0: no order among others */
    mono_ms due;             /* OUTBOX_RETRY: the next attempt */
    utc_ms at;               /* of the record; 0 until it has been read again */
    bool unread;             /* restored: its subject is not known yet */
    bool flying;             /* loaded, or on its way */
    bool changed;            /* to be persisted */
};

enum { MARKS_BUCKETS = 1024 };

struct marks {
    struct mark *rows; /* by seq */
    size_t count, capacity;
    size_t dead, waiting;          /* rows in OUTBOX_DEAD and OUTBOX_RETRY */
    size_t unread;                 /* waiting rows whose subject is not known yet */
    uint16_t waits[MARKS_BUCKETS]; /* waiting rows by subject: the fast "none" */
    bool stale;                    /* `next_due` is to be computed again */
    mono_ms next_due;
};

void marks_init(struct marks *marks, size_t capacity);
void marks_fini(struct marks *marks);

/* Takes over a persisted exception; the rows come in order of seq. */
void marks_restore(struct marks *marks, const struct outbox_mark *from);

/* NULL when there is none. */
struct mark *marks_find(const struct marks *marks, uint64_t seq);
/* A new row in OUTBOX_RETRY for a seq that has none; NULL when the table is full. The pointer is
 * good until the next add or marks_forget(). */
struct mark *marks_add(struct marks *marks, uint64_t seq, uint64_t key);
void marks_set_state(struct marks *marks, struct mark *mark, enum outbox_state state);
void marks_set_due(struct marks *marks, struct mark *mark, mono_ms due);
void marks_set_flying(struct marks *marks, struct mark *mark, bool flying);
/* The subject of a restored row has become known. */
void marks_resolve(struct marks *marks, struct mark *mark, uint64_t key, utc_ms at);

/* An earlier record (seq below `before`) of the subject waits. 0: none. */
uint64_t marks_blocker(const struct marks *marks, uint64_t key, uint64_t before);
/* It waits, its time has come, and nothing earlier of its subject holds it back. */
bool marks_is_due(const struct marks *marks, const struct mark *mark, mono_ms now);
/* When the next waiting row comes due that nothing earlier of its subject holds back. */
mono_ms marks_next_due(struct marks *marks);
/* The first row that is due now; NULL when there is none. */
struct mark *marks_due(const struct marks *marks, mono_ms now);
/* The first row that was restored and not read again yet; NULL when there is none. */
struct mark *marks_unread(const struct marks *marks);

/* Copies what changed to `ret` (room for the capacity), and forgets rows that are delivered or
 * dropped and that the stream has passed (seq up to `cursor`). The number copied. */
size_t marks_collect(struct marks *marks, uint64_t cursor, struct outbox_mark *ret);

#endif
