/* long: what its files share is read on one page */
/*
 * The inside of an outbox: a ring of rows in the order of the journal (the stream), a few side
 * slots for rows that are sent again, and the table of exceptions (marks.h). Seen by outbox.c,
 * outbox_feed.c (rows come in), outbox_send.c (rows go out), outbox_ahead.c (out of order) and
 * outbox_behind.c (what is not loaded) only.
 */
#ifndef UPLINK_OUTBOX_INSIDE_H
#define UPLINK_OUTBOX_INSIDE_H

#include "daemon/uplink/marks.h"
#include "daemon/uplink/outbox.h"

enum { SIDE_SLOTS = 32, SUBJECT_BUCKETS = 1024, AHEAD_KEYS = 1024, BEHIND_KEYS = 8192 };

enum slot_state { SLOT_EMPTY, SLOT_READY, SLOT_FLYING, SLOT_DONE };

struct slot {
    enum slot_state state;
    bool delivered; /* SLOT_DONE: not set aside */
    uint64_t key;
    struct store_row row;
    uint64_t body_end; /* in the ring of bodies */
};

struct side_body {
    char bytes[RECORD_BODY_MAX + 1];
};

struct behind_key {
    uint64_t key; /* 0: none */
    uint32_t count;
};

struct outbox {
    struct outbox_rules rules;
    struct slot *slots;        /* the ring, then the side slots */
    uint64_t head, next, tail; /* positions in the ring: oldest, oldest that may be ready, end */
    /* Bodies of the rows in the ring, each in one piece: a ring of bytes, because most bodies are
     * far shorter than the longest. */
    char *bodies;
    uint64_t bodies_size, bodies_head, bodies_tail;
    struct side_body *side_bodies;
    uint32_t side_used, side_ready;
    bool side_turn;
    uint64_t ahead[AHEAD_KEYS]; /* subjects whose first record went ahead, newest over oldest */
    uint32_t ahead_next;
    bool ahead_closed;              /* nothing goes ahead: outbox_open() */
    struct behind_key *behind_keys; /* outbox_behind.c; NULL where nothing goes ahead */
    uint32_t behind_used;
    bool behind_unsure;
    uint16_t flying[SUBJECT_BUCKETS]; /* rows under way by subject, for a transport without order */
    struct marks marks;
    struct outbox_mark *told; /* outbox_progress()'s memory */
    bool full;                /* rule 4: a row could not be set aside */

    uint64_t cursor; /* every row up to here has been looked at */
    uint64_t newest; /* the highest seq heard of */
    bool complete;   /* the journal has been read to its end once */
    uint64_t
        counted; /* rows from this seq on that are not loaded are counted in `behind`; 0 none */
    uint64_t behind;
    bool reading;   /* a page is under way */
    uint64_t known; /* `newest` when it was asked for */
    uint64_t asked; /* the exception that it is for; 0: the stream */

    uint64_t since;
    uint64_t settled; /* delivered, of those that `through` has passed */
    uint64_t dropped;
    bool changed;
};

static inline struct slot *outbox_ring(const struct outbox *outbox, uint64_t position)
{
    return &outbox->slots[position & (outbox->rules.rows - 1)];
}

/* Copies the row into the slot, its body to `body`. */
void outbox_fill(const struct outbox *outbox, struct slot *slot, const struct store_row *row,
                 char *body);
/* A fresh row that the stream has not come to: it goes now if it may. */
void outbox_go_ahead(struct outbox *outbox, const struct store_row *row, uint64_t key);

/* A row was counted as behind; one of these was loaded; all were. */
void outbox_behind_add(struct outbox *outbox, uint64_t key);
void outbox_behind_remove(struct outbox *outbox, uint64_t key);
void outbox_behind_clear(struct outbox *outbox);
/* A row of the subject may still wait in the stream, or behind it. */
bool outbox_behind_has(const struct outbox *outbox, uint64_t key);

/* Passes over what is done at the head of the ring. */
void outbox_advance(struct outbox *outbox);
uint64_t outbox_through(const struct outbox *outbox); /* every due row up to it is accounted for */

#endif
