/*
 * A batch as it goes between loop and store thread: records with their bodies and uplinks'
 * progress, or a page of rows that was asked for. Owned by whoever holds the pointer. Its memory
 * grows to what is needed and is used again. Inside of the store worker only.
 */
#ifndef STORE_BATCH_H
#define STORE_BATCH_H

#include "daemon/store/store.h"

struct batch {
    struct batch *next; /* in a queue */
    struct store_row *rows;
    struct record *records; /* beside the rows; not filled in a page */
    size_t rows_count, rows_room;
    char *bodies;
    size_t bodies_used, bodies_room;
    struct outbox_progress *progress; /* their marks are the batch's */
    size_t progress_count, progress_room;
    /* A page: what was asked for, and whether nothing newer is in the journal. */
    uint32_t tag, limit;
    uint64_t from;
    bool end;
};

struct batch *batch_create(void);
void batch_destroy(struct batch *batch); /* takes NULL */
void batch_destroy_all(struct batch *first);

/* Empties it, and gives back memory beyond what a quiet day needs. */
void batch_clear(struct batch *batch);

/* Copies; `record` may be NULL in a page. */
void batch_add(struct batch *batch, const struct store_row *row, const struct record *record);
/* Merges with what is there of the same uplink: the newer wins. Copies. */
void batch_progress(struct batch *batch, const struct outbox_progress *progress);

/* Lets the rows point to their bodies, once nothing more is added. */
void batch_seal(struct batch *batch);

void batch_append(struct batch **queue, struct batch *batch);

#endif
