/*
 * The outbox of one uplink: which records are still to be delivered, which may be sent now, and
 * what became of each. It holds a window of rows, filled from fresh commits or, when it is behind,
 * from pages of the journal. Pure; owned by one uplink; memory is taken in outbox_create() only.
 *   1. Records go in the order of seq; two of the same subject are never reordered.
 *   2. One that the platform does not take now is set aside with a time for the next attempt; one
 *      that it will never take, with the reason. Neither holds up another subject.
 *   3. due = delivered + pending + dead + dropped, always.
 *   4. The bound: at most `marks` records are set aside. At the bound the stream waits, nothing is
 *      lost, and outbox_full() says so until some are delivered, retried or dropped by a person.
 *   5. With `ahead`, a fresh record passes a backlog when nothing older of its subject is in it.
 */
/* long: rules and calls are read together */
#ifndef UPLINK_OUTBOX_H
#define UPLINK_OUTBOX_H

#include "daemon/store/store.h"

/* What a record is about, as a hash; 0 when it is in order with no other. */
typedef uint64_t outbox_subject_fn(const struct store_row *row);
outbox_subject_fn outbox_subject; /* stay, else bay, else device of the body */

struct outbox_rules {
    uint32_t kinds;        /* bits of record kinds that are due */
    uint32_t rows;         /* rows in memory; a power of two */
    uint32_t marks;        /* records set aside, at most */
    bool ahead;            /* rule 5 */
    bool pipelined;        /* the transport keeps order: a subject may fly more than once */
    uint32_t attempts_max; /* then a record is set aside for good; 0: never */
    int64_t retry_ms, retry_max_ms;
    outbox_subject_fn *subject; /* NULL: no order among subjects */
    uint64_t seed;              /* of the jitter */
};

struct outbox;
/* Copies `restored`. When `rules->kinds` differs from it, the account begins anew behind `through`;
 * what was set aside stays. */
struct outbox *outbox_create(const struct outbox_rules *rules,
                             const struct outbox_progress *restored);
void outbox_destroy(struct outbox *outbox); /* takes NULL */

/* Records that became durable, in order of seq. Copies what it keeps. */
void outbox_fresh(struct outbox *outbox, const struct store_row *rows, size_t count);
/* True when rows have to be read from the journal; the answer is given to outbox_page(). One read
 * is under way at a time. */
bool outbox_wants(struct outbox *outbox, mono_ms now, uint64_t *ret_from, uint32_t *ret_limit);
void outbox_page(struct outbox *outbox, const struct store_row *rows, size_t count, bool end,
                 mono_ms now);

/* Takes up to `limit` records to send now, in order. A ticket is good until its record is
 * delivered, later, refused or released: exactly one of them. */
size_t outbox_take(struct outbox *outbox, size_t limit, uint32_t *ret_tickets);
/* Likewise one that goes ahead of the stream, or again. */
bool outbox_take_ahead(struct outbox *outbox, uint32_t *ret_ticket);
/* Likewise one of the stream that was made since then, before all that are older, unless it follows
 * one of them. */
bool outbox_take_since(struct outbox *outbox, utc_ms since, uint32_t *ret_ticket);
/* Rule 5 holds while the platform takes records: what comes while it does not is the backlog. */
void outbox_open(struct outbox *outbox, bool open);
uint64_t outbox_newest(const struct outbox *outbox); /* the highest seq heard of */
/* When the next one of the stream was made; 0: none is ready. */
utc_ms outbox_ready_at(const struct outbox *outbox);
uint32_t outbox_attempts(const struct outbox *outbox, uint32_t ticket); /* that failed before */
const struct store_row *outbox_row(const struct outbox *outbox, uint32_t ticket);
void outbox_delivered(struct outbox *outbox, uint32_t ticket);
void outbox_later(struct outbox *outbox, uint32_t ticket, mono_ms now, int64_t retry_after_ms,
                  const char *reason); /* retry_after_ms: the platform's wish, or -1 */
void outbox_refused(struct outbox *outbox, uint32_t ticket, const char *reason);
void outbox_release(struct outbox *outbox, uint32_t ticket); /* not sent, or not known */
void outbox_release_all(struct outbox *outbox);

/* When outbox_wants() will want something of itself, or MONO_NEVER. */
mono_ms outbox_next(struct outbox *outbox);

/* A person's word on what is set aside: seq, or 0 for all. The number concerned. */
size_t outbox_retry(struct outbox *outbox, uint64_t seq, mono_ms now);
size_t outbox_drop(struct outbox *outbox, uint64_t seq, const char *reason);
/* A record that was delivered goes once more, in order of its subject: the platform has lost it. */
bool outbox_again(struct outbox *outbox, uint64_t seq, uint64_t subject, mono_ms now);
void outbox_each_mark(const struct outbox *outbox,
                      void (*fn)(void *arg, const struct outbox_mark *mark), void *arg);

struct outbox_counts {
    uint64_t delivered, pending, dead, dropped;
    uint64_t through, head;
    utc_ms oldest; /* 0: nothing is pending */
};
void outbox_counts(const struct outbox *outbox, struct outbox_counts *ret);
bool outbox_full(const struct outbox *outbox); /* rule 4 */

/* What is to be persisted since the last call; false when nothing changed. `ret->uplink` is left
 * alone; `ret->marks` is good until the next call. */
bool outbox_progress(struct outbox *outbox, struct outbox_progress *ret);

#endif
