/* Batches. See batch.h. */
#include "daemon/store/batch.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"

/* More than this is given back after use. */
enum { QUIET_ROWS = 2048, QUIET_BYTES = 1024 * 1024 };

struct batch *batch_create(void)
{
    return memory_new(1, sizeof(struct batch));
}

static void drop_marks(struct batch *batch)
{
    for (size_t i = 0; i < batch->progress_count; i++)
        free(batch->progress[i].marks);
    batch->progress_count = 0;
}

void batch_destroy(struct batch *batch)
{
    if (!batch)
        return;
    drop_marks(batch);
    free(batch->progress);
    free(batch->bodies);
    free(batch->records);
    free(batch->rows);
    free(batch);
}

void batch_destroy_all(struct batch *first)
{
    while (first) {
        struct batch *next = first->next;
        batch_destroy(first);
        first = next;
    }
}

void batch_clear(struct batch *batch)
{
    drop_marks(batch);
    batch->next = NULL;
    batch->rows_count = batch->bodies_used = 0;
    batch->end = false;
    if (batch->rows_room <= QUIET_ROWS && batch->bodies_room <= QUIET_BYTES)
        return;
    free(batch->rows);
    free(batch->records);
    free(batch->bodies);
    batch->rows = NULL;
    batch->records = NULL;
    batch->bodies = NULL;
    batch->rows_room = batch->bodies_room = 0;
}

void batch_add(struct batch *batch, const struct store_row *row, const struct record *record)
{
    if (batch->rows_count == batch->rows_room) {
        batch->rows_room = batch->rows_room ? 2 * batch->rows_room : 64;
        batch->rows = memory_grow(batch->rows, batch->rows_room, sizeof *batch->rows);
        batch->records = memory_grow(batch->records, batch->rows_room, sizeof *batch->records);
    }
    while (batch->bodies_used + row->body_size + 1 > batch->bodies_room) {
        batch->bodies_room = batch->bodies_room ? 2 * batch->bodies_room : 16 * 1024;
        batch->bodies = memory_grow(batch->bodies, batch->bodies_room, 1);
    }
    memcpy(batch->bodies + batch->bodies_used, row->body, row->body_size);
    batch->bodies[batch->bodies_used + row->body_size] = '\0';
    batch->bodies_used += row->body_size + 1;
    batch->rows[batch->rows_count] = *row;
    if (record)
        batch->records[batch->rows_count] = *record;
    batch->rows_count++;
}

void batch_seal(struct batch *batch)
{
    const char *body = batch->bodies;

    for (size_t i = 0; i < batch->rows_count; i++) {
        batch->rows[i].body = body;
        body += batch->rows[i].body_size + 1;
    }
}

static void merge_mark(struct outbox_progress *into, const struct outbox_mark *mark)
{
    for (size_t i = 0; i < into->marks_count; i++)
        if (into->marks[i].seq == mark->seq) {
            into->marks[i] = *mark;
            return;
        }
    into->marks = memory_grow(into->marks, into->marks_count + 1, sizeof *into->marks);
    into->marks[into->marks_count++] = *mark;
}

static struct outbox_progress *find_progress(struct batch *batch, const char *uplink)
{
    for (size_t i = 0; i < batch->progress_count; i++)
        if (!strcmp(batch->progress[i].uplink, uplink))
            return &batch->progress[i];
    if (batch->progress_count == batch->progress_room) {
        batch->progress_room = batch->progress_room ? 2 * batch->progress_room : 4;
        batch->progress =
            memory_grow(batch->progress, batch->progress_room, sizeof *batch->progress);
    }
    struct outbox_progress *fresh = &batch->progress[batch->progress_count++];
    *fresh = (struct outbox_progress){.kinds = 0};
    return fresh;
}

void batch_progress(struct batch *batch, const struct outbox_progress *progress)
{
    struct outbox_progress *into = find_progress(batch, progress->uplink);
    struct outbox_mark *marks = into->marks;
    size_t count = into->marks_count;

    *into = *progress;
    into->marks = marks;
    into->marks_count = count;
    for (size_t i = 0; i < progress->marks_count; i++)
        merge_mark(into, &progress->marks[i]);
}

void batch_append(struct batch **queue, struct batch *batch)
{
    while (*queue)
        queue = &(*queue)->next;
    *queue = batch;
}
