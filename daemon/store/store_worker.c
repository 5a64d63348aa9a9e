/* The loop's side of the store thread. See store_worker.h. */
#include "daemon/store/store_worker.h"

#include <assert.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/memory.h"
#include "daemon/store/store_thread.h"

enum {
    PROGRESS_WAIT_MS = 1000,
    SEND_RETRY_MS = 50,
    SPARES = 4 /* batches kept for reuse: one that gathers, one under way, two pages */
};

struct store_worker {
    struct store_settings settings;
    struct store_hooks hooks;
    struct store_thread_settings thread_settings;
    struct worker *thread;
    struct loop_watch *watch;
    struct loop_timer *timer; /* when what gathers is to go */
    struct loop_turn *turn;   /* the same, when it is to wait for no more than the turn's end */
    struct batch *queue;      /* the last one gathers; those before it are full */
    struct batch *gather;
    bool due;             /* the time of what gathers has come */
    bool hurried;         /* the timer runs for a record, not only for progress */
    bool under_way;       /* the thread has a batch */
    struct batch *reads;  /* not handed over yet: the thread is far behind */
    bool troubled;        /* the caller was told so */
    bool thread_troubled; /* the thread said so */
    struct batch *spares;
    size_t spares_count;
    struct store_loss loss;
    struct store_worker_stats stats;
};

static struct batch *take_spare(struct store_worker *worker)
{
    struct batch *batch = worker->spares;

    if (!batch)
        return batch_create();
    worker->spares = batch->next;
    worker->spares_count--;
    batch->next = NULL;
    return batch;
}

static void give_spare(struct store_worker *worker, struct batch *batch)
{
    if (worker->spares_count == SPARES) {
        batch_destroy(batch);
        return;
    }
    batch_clear(batch);
    batch->next = worker->spares;
    worker->spares = batch;
    worker->spares_count++;
}

/* Hands the oldest batch over when its time has come and the thread has none. */
static void flush(struct store_worker *worker)
{
    struct batch *batch = worker->queue;

    if (!batch || worker->under_way || !worker->due)
        return;
    struct store_request request = {.type = STORE_DO_COMMIT, .batch = batch};
    struct batch *next = batch->next;
    batch_seal(batch);
    batch->next = NULL; /* the queue's link is the loop's, the batch is now the thread's */
    if (!worker_send(worker->thread, &request, sizeof request)) {
        batch->next = next;
        loop_timer_after(worker->timer, SEND_RETRY_MS);
        return;
    }
    worker->queue = next;
    worker->under_way = true;
    if (batch == worker->gather)
        worker->gather = NULL;
    if (!next) {
        worker->due = worker->hurried = false;
        loop_timer_stop(worker->timer);
    }
}

static void time_has_come(void *arg)
{
    struct store_worker *worker = arg;

    worker->due = true;
    flush(worker);
}

static void turn_has_ended(void *arg)
{
    struct store_worker *worker = arg;

    if (worker->hurried && worker->settings.gather_ms <= 0)
        time_has_come(worker);
}

static struct batch *gathering(struct store_worker *worker)
{
    if (!worker->gather) {
        worker->gather = take_spare(worker);
        batch_append(&worker->queue, worker->gather);
    }
    return worker->gather;
}

/* At the bound, and from then on until the caller has recorded the loss. */
static bool must_drop(const struct store_worker *worker, enum record_kind kind)
{
    return worker->loss.count ||
           (worker->stats.waiting >= STORE_WAITING_MAX && kind != RECORD_LOSS);
}

static void drop(struct store_worker *worker, utc_ms at)
{
    struct err err;

    worker->loss.to = at;
    if (worker->loss.count++)
        return;
    worker->loss.from = at;
    if (worker->troubled)
        return;
    worker->troubled = true;
    err_set(&err,
            "store: %d records wait for the disk, more are dropped and counted; look why it is so "
            "slow",
            STORE_WAITING_MAX);
    worker->hooks.trouble(worker->hooks.arg, &err);
}

void store_worker_add(struct store_worker *worker, const struct record *record, const char *body,
                      size_t body_size)
{
    struct store_row row = {
        .at = record->at, .kind = record->kind, .body = body, .body_size = body_size};

    assert(body_size > 0 && body_size <= RECORD_BODY_MAX);
    if (must_drop(worker, record->kind)) {
        drop(worker, record->at);
        return;
    }
    struct batch *batch = gathering(worker);
    batch_add(batch, &row, record);
    worker->stats.waiting++;
    if (!worker->hurried && !worker->due) {
        worker->hurried = true;
        loop_timer_after(worker->timer, worker->settings.gather_ms);
    }
    if (batch->rows_count >= worker->settings.batch_records) {
        worker->gather = NULL; /* it stays in the queue; the next record begins another */
        worker->hurried = false;
        worker->due = true;
        flush(worker);
    }
}

void store_worker_progress(struct store_worker *worker, const struct outbox_progress *progress)
{
    bool alone = !worker->queue;

    batch_progress(gathering(worker), progress);
    assert(!alone || (!worker->hurried && !worker->due));
    if (alone)
        loop_timer_after(worker->timer, PROGRESS_WAIT_MS);
}

static void send_reads(struct store_worker *worker)
{
    while (worker->reads) {
        struct batch *page = worker->reads;
        struct store_request request = {.type = STORE_DO_READ, .batch = page};

        worker->reads = page->next;
        page->next = NULL;
        if (!worker_send(worker->thread, &request, sizeof request)) {
            page->next = worker->reads;
            worker->reads = page;
            return; /* tried again with the thread's next answer */
        }
    }
}

void store_worker_read(struct store_worker *worker, uint32_t tag, uint64_t from, uint32_t limit)
{
    struct batch *page = take_spare(worker);

    page->tag = tag;
    page->from = from;
    page->limit = limit;
    batch_append(&worker->reads, page);
    send_reads(worker);
}

void store_worker_backup(struct store_worker *worker, uint32_t tag, const char *path)
{
    struct store_request request = {.type = STORE_DO_BACKUP, .tag = tag, .path = memory_text(path)};
    struct err err;

    if (worker_send(worker->thread, &request, sizeof request))
        return;
    free(request.path);
    err_set(&err, "backup \"%s\": the disk is too slow to begin one now; try again later", path);
    worker->hooks.done(worker->hooks.arg, tag, &err);
}

bool store_worker_loss(struct store_worker *worker, struct store_loss *ret)
{
    if (!worker->loss.count)
        return false;
    *ret = worker->loss;
    worker->loss = (struct store_loss){0};
    return true;
}

void store_worker_stats(const struct store_worker *worker, struct store_worker_stats *ret)
{
    *ret = worker->stats;
}

static void tell_committed(struct store_worker *worker, const struct store_answer *answer)
{
    struct batch *batch = answer->batch;

    worker->stats.last_commit = clock_mono();
    worker->stats.head_seq = answer->head_seq;
    worker->stats.records += batch->rows_count;
    if (batch->rows_count)
        worker->hooks.committed(worker->hooks.arg, batch->rows, batch->records, batch->rows_count);
    give_spare(worker, batch);
}

static void did_commit(struct store_worker *worker, const struct store_answer *answer)
{
    struct store_worker_stats *stats = &worker->stats;

    stats->batches++;
    stats->waiting -= answer->batch->rows_count;
    stats->last_commit_us = answer->took_us;
    if (stats->worst_commit_us < stats->last_commit_us)
        stats->worst_commit_us = stats->last_commit_us;
    worker->under_way = false;
    /* Full batches wait for nothing; what gathers, for its own time. */
    assert(worker->due || !worker->queue || worker->queue == worker->gather);
    flush(worker);
    tell_committed(worker, answer);
}

/* The thread's troubles, and ours when it is only slow. */
static void tell_trouble(struct store_worker *worker, const struct err *err)
{
    worker->troubled = err != NULL;
    worker->hooks.trouble(worker->hooks.arg, err);
}

static void take_commit(struct store_worker *worker, const struct store_answer *answer)
{
    did_commit(worker, answer);
    if (worker->loss.count && !worker->thread_troubled)
        tell_trouble(worker, NULL);
}

static void take_page(struct store_worker *worker, const struct store_answer *answer)
{
    struct batch *page = answer->batch;

    worker->hooks.page(worker->hooks.arg, page->tag, page->rows, page->rows_count, page->end);
    give_spare(worker, page);
}

static void take_task(struct store_worker *worker, const struct store_answer *answer)
{
    worker->hooks.done(worker->hooks.arg, answer->tag, &answer->err);
}

static void take_trouble(struct store_worker *worker, const struct store_answer *answer)
{
    worker->thread_troubled = true;
    tell_trouble(worker, &answer->err);
    if (answer->damaged)
        worker->hooks.damaged(worker->hooks.arg, &answer->err);
}

static void take_well(struct store_worker *worker, const struct store_answer *answer)
{
    (void)answer;
    worker->thread_troubled = false;
    tell_trouble(worker, NULL);
}

/* STORE_DID_STOP is the last, and awaited by stop_thread(). */
static void (*const takes[])(struct store_worker *worker, const struct store_answer *answer) = {
    [STORE_DID_COMMIT] = take_commit, [STORE_DID_OWN] = tell_committed,
    [STORE_DID_READ] = take_page,     [STORE_DID_TASK] = take_task,
    [STORE_TROUBLE] = take_trouble,   [STORE_WELL] = take_well,
};

static void on_answers(void *arg, unsigned events)
{
    struct store_worker *worker = arg;
    struct store_answer answer;

    (void)events;
    while (worker_receive(worker->thread, &answer, sizeof answer))
        takes[answer.type](worker, &answer);
    send_reads(worker);
    flush(worker);
}

struct store_worker *store_worker_create(struct store *store, const struct store_settings *settings,
                                         struct loop *loop, const struct store_hooks *hooks,
                                         struct err *err)
{
    struct store_worker *worker = memory_new(1, sizeof *worker);
    struct store_head head;

    assert(settings->batch_records > 0);
    store_head(store, &head);
    worker->settings = *settings;
    worker->hooks = *hooks;
    worker->thread_settings = (struct store_thread_settings){
        store, settings->path, settings->keep_days, settings->keep_plates_days,
        settings->ballast_mb * 1024 * 1024};
    worker->thread_settings.seal_ms = settings->seal_ms;
    store_keep(
        store,
        (const int64_t[STORE_CLASSES]){
            [STORE_LANES] = settings->keep_lanes_days, [STORE_MONEY] = settings->keep_money_days});
    worker->stats.head_seq = head.seq;
    worker->stats.last_commit = clock_mono();
    worker->thread = worker_create("store", store_thread, &worker->thread_settings, err);
    if (!worker->thread) {
        store_close(store);
        free(worker);
        return NULL;
    }
    worker->timer = loop_timer(loop, time_has_come, worker);
    worker->turn = loop_after_turn(loop, turn_has_ended, worker);
    worker->watch = loop_watch(loop, worker_fd(worker->thread), LOOP_READ, on_answers, worker, err);
    if (!worker->watch) {
        store_worker_destroy(worker);
        return NULL;
    }
    return worker;
}

/* Asks the thread to write the rest and waits for its last answer. Its batch
 * is what it could not write. */
static void stop_thread(struct store_worker *worker, struct store_answer *ret_last)
{
    struct store_request request = {.type = STORE_DO_STOP, .batch = worker->queue};
    struct pollfd wait = {.fd = worker_fd(worker->thread), .events = POLLIN};
    bool asked = false;

    for (struct batch *batch = worker->queue; batch; batch = batch->next)
        batch_seal(batch);
    worker->queue = NULL;
    do {
        asked = asked || worker_send(worker->thread, &request, sizeof request);
        poll(&wait, 1, asked ? -1 : SEND_RETRY_MS);
        while (worker_receive(worker->thread, ret_last, sizeof *ret_last) &&
               ret_last->type != STORE_DID_STOP)
            batch_destroy(ret_last->batch); /* NULL where there is none */
    } while (ret_last->type != STORE_DID_STOP);
}

void store_worker_destroy(struct store_worker *worker)
{
    struct store_answer last = {.type = STORE_TROUBLE};
    uint64_t lost = 0;

    if (!worker)
        return;
    stop_thread(worker, &last);
    for (const struct batch *batch = last.batch; batch; batch = batch->next)
        lost += batch->rows_count;
    if (lost)
        log_error("store: %" PRIu64 " records could not be written before the end: %s", lost,
                  last.err.text);
    batch_destroy_all(last.batch);
    loop_unwatch(worker->watch);
    loop_after_turn_stop(worker->turn);
    loop_timer_destroy(worker->timer);
    worker_destroy(worker->thread);
    batch_destroy_all(worker->reads);
    batch_destroy_all(worker->spares);
    free(worker);
}
