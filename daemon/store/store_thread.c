/*
 * The store's thread. One turn: take a message, commit, read, and one small step of whatever is
 * slow (retention, checkpoint). A backup runs its turns between its own steps.
 */
#include "daemon/store/store_thread.h"

#include <stdlib.h>

#include "daemon/base/clock.h"
#include "daemon/base/crash.h"
#include "daemon/store/ballast.h"

enum {
    RETRY_FIRST_MS = 200,
    RETRY_MOST_MS = 5000,
    IDLE_MS = 5000,
    BETWEEN_MS = 2, /* rest between the steps of what is slow */
    PRUNE_RECORDS = 500,
    SEAL_RECORDS = 8192, /* a key seals so many, or those of an hour */
    SEAL_MS = 3600 * 1000,
    STOP_TRIES = 3,
    STOP_RETRY_MS = 1000
};
#define DAY_MS (INT64_C(24) * 3600 * 1000)

/* What can fail by itself: when the disk is full it can still be read. */
enum task { COMMIT, READ, TIDY, TASKS };

struct retry {
    bool failing;
    int64_t delay_ms;
    mono_ms at;
};

struct thread {
    struct store *store;
    struct port *port;
    int64_t keep_days, keep_plates_days;
    struct ballast *ballast;
    struct batch *commits; /* in order */
    struct batch *reads;
    struct retry retries[TASKS];
    mono_ms prune_at; /* the next step of retention */
    mono_ms seal_at, erase_at;
    int64_t seal_ms;
    bool damaged;
    bool in_backup;
    bool stopping; /* asked to, or the loop has gone */
};

static void answer(struct thread *thread, struct store_answer answer)
{
    struct store_head head;

    store_head(thread->store, &head);
    answer.head_seq = head.seq;
    port_send(thread->port, &answer, sizeof answer); /* the loop listens until we have ended */
}

static bool troubled(const struct thread *thread)
{
    for (int i = 0; i < TASKS; i++)
        if (thread->retries[i].failing)
            return true;
    return false;
}

/* Told once; then the task waits, longer each time. */
static void fail(struct thread *thread, enum task task, const struct err *err)
{
    struct retry *retry = &thread->retries[task];

    if (ballast_release(thread->ballast))
        return; /* tried again at once */
    bool known = troubled(thread);

    retry->delay_ms = retry->failing ? 2 * retry->delay_ms : RETRY_FIRST_MS;
    if (retry->delay_ms > RETRY_MOST_MS)
        retry->delay_ms = RETRY_MOST_MS;
    retry->failing = true;
    retry->at = mono_after(clock_mono(), retry->delay_ms);
    bool damaged = !thread->damaged && store_is_damaged(thread->store);
    if (damaged) {
        thread->damaged = true;
        store_suspect(thread->store);
    }
    if (!known || damaged)
        answer(thread,
               (struct store_answer){.type = STORE_TROUBLE, .damaged = damaged, .err = *err});
}

static void well(struct thread *thread, enum task task)
{
    if (!thread->retries[task].failing)
        return;
    thread->retries[task] = (struct retry){.failing = false};
    if (!troubled(thread))
        answer(thread, (struct store_answer){.type = STORE_WELL});
}

static int64_t until(mono_ms moment)
{
    int64_t left = moment.ms - clock_mono().ms;

    return left > 0 ? left : 0;
}

static bool may_try(const struct thread *thread, enum task task)
{
    return !until(thread->retries[task].at);
}

static bool commit_first(struct thread *thread, struct err *err)
{
    struct batch *batch = thread->commits;
    struct store_batch whole = {batch->rows, batch->rows_count, batch->progress,
                                batch->progress_count};
    int64_t start_us = clock_mono_us();

    crash_point("before_commit");
    if (!store_commit(thread->store, &whole, err))
        return false;
    crash_point(batch->progress_count ? "after_mark" : "after_commit");
    thread->commits = batch->next;
    answer(thread, (struct store_answer){.type = STORE_DID_COMMIT,
                                         .batch = batch,
                                         .took_us = (uint64_t)(clock_mono_us() - start_us)});
    return true;
}

static bool take_row(void *arg, const struct store_row *row)
{
    batch_add(arg, row, NULL);
    return true;
}

static bool read_first(struct thread *thread, struct err *err)
{
    struct batch *page = thread->reads;
    struct store_head head;

    page->rows_count = page->bodies_used = 0; /* of a try that failed */
    if (!store_read(thread->store, page->from, page->limit, take_row, page, err))
        return false;
    thread->reads = page->next;
    batch_seal(page);
    store_head(thread->store, &head);
    page->end =
        page->rows_count ? page->rows[page->rows_count - 1].seq == head.seq : page->from > head.seq;
    answer(thread, (struct store_answer){.type = STORE_DID_READ, .tag = page->tag, .batch = page});
    return true;
}

static void work(struct thread *thread)
{
    struct err err;

    while (thread->commits && may_try(thread, COMMIT)) {
        if (commit_first(thread, &err))
            well(thread, COMMIT);
        else
            fail(thread, COMMIT, &err);
    }
    while (thread->reads && may_try(thread, READ)) {
        if (read_first(thread, &err))
            well(thread, READ);
        else
            fail(thread, READ, &err);
    }
}

/* A record of the store's own goes to the loop like any that was committed, so that nobody misses
 * it. */
static void tell_own(struct thread *thread, const struct record *record)
{
    struct batch *batch = batch_create();
    struct store_head head;
    char body[RECORD_BODY_MAX + 1];
    struct text text;

    store_head(thread->store, &head);
    text_init(&text, body, sizeof body);
    record_encode(record, NULL, &text);
    struct store_row row = {.seq = head.seq,
                            .at = record->at,
                            .kind = record->kind,
                            .body = text.bytes,
                            .body_size = text.used};
    crypto_hex(head.hash.bytes, (RECORD_ID_SIZE - 1) / 2, row.id);
    batch_add(batch, &row, record);
    batch_seal(batch);
    answer(thread, (struct store_answer){.type = STORE_DID_OWN, .batch = batch});
}

static bool prune(struct thread *thread, struct err *err)
{
    struct now now = clock_now();
    struct record record;

    if (thread->keep_days <= 0 || !mono_reached(now.mono, thread->prune_at))
        return true;
    utc_ms before = {now.utc.ms - crash_number("keep_ms", thread->keep_days * DAY_MS)};
    if (!store_prune(thread->store, before, now.utc, PRUNE_RECORDS, &record, err))
        return false;
    if (record.retention.count) {
        crash_point("after_prune");
        tell_own(thread, &record);
    }
    bool more = record.retention.count == PRUNE_RECORDS;
    thread->prune_at =
        mono_after(now.mono, more ? BETWEEN_MS : crash_number("prune_again_ms", DAY_MS));
    return true;
}

static bool seal(struct thread *thread, struct err *err)
{
    struct now now = clock_now();
    struct record record;

    bool due = mono_reached(now.mono, thread->seal_at);

    if ((int64_t)store_unsealed(thread->store) <
        (due ? 1 : crash_number("seal_records", SEAL_RECORDS)))
        return true;
    if (!store_seal(thread->store, now.utc, &record, err))
        return false;
    tell_own(thread, &record);
    thread->seal_at = mono_after(now.mono, thread->seal_ms);
    return true;
}

/* One epoch a step. */
static bool erase_plates(struct thread *thread, struct err *err)
{
    struct now now = clock_now();
    struct record record;

    if (thread->keep_plates_days <= 0 || !mono_reached(now.mono, thread->erase_at))
        return true;
    utc_ms before = {now.utc.ms - thread->keep_plates_days * DAY_MS};
    if (!store_erase_plates(thread->store, before, now.utc, &record, err))
        return false;
    bool erased = record.seal.erased[0];
    if (erased)
        tell_own(thread, &record);
    thread->erase_at = mono_after(now.mono, erased ? BETWEEN_MS : DAY_MS);
    return true;
}

static void tidy(struct thread *thread, bool idle)
{
    struct err err;

    if (thread->commits || !may_try(thread, TIDY))
        return;
    if (idle && !troubled(thread))
        ballast_keep(thread->ballast);
    if (prune(thread, &err) && seal(thread, &err) && erase_plates(thread, &err) &&
        store_tidy(thread->store, idle, &err))
        well(thread, TIDY);
    else
        fail(thread, TIDY, &err);
}

static int64_t wait_ms(const struct thread *thread)
{
    bool pending[TASKS] = {
        [COMMIT] = thread->commits, [READ] = thread->reads, [TIDY] = thread->keep_days > 0};
    int64_t wait = IDLE_MS;

    for (int i = 0; i < TASKS; i++) {
        int64_t left = until(thread->retries[i].at);

        if (i == TIDY && left < until(thread->prune_at))
            left = until(thread->prune_at);
        if (pending[i] && left < wait)
            wait = left;
    }
    return wait;
}

static bool turn_in_backup(void *arg, int done, int total);

static void back_up(struct thread *thread, const struct store_request *request)
{
    struct store_answer did = {.type = STORE_DID_TASK, .tag = request->tag};

    if (thread->in_backup) {
        err_set(&did.err, "backup \"%s\": another one is under way; try again later",
                request->path);
    } else {
        thread->in_backup = true;
        if (store_backup(thread->store, request->path, turn_in_backup, thread, &did.err))
            did.err.text[0] = '\0';
        thread->in_backup = false;
    }
    free(request->path);
    answer(thread, did);
}

static void take_commit(struct thread *thread, const struct store_request *request)
{
    batch_append(&thread->commits, request->batch);
}

static void take_read(struct thread *thread, const struct store_request *request)
{
    batch_append(&thread->reads, request->batch);
}

static void take_stop(struct thread *thread, const struct store_request *request)
{
    take_commit(thread, request);
    thread->stopping = true;
}

static void (*const takes[])(struct thread *thread, const struct store_request *request) = {
    [STORE_DO_COMMIT] = take_commit,
    [STORE_DO_READ] = take_read,
    [STORE_DO_BACKUP] = back_up,
    [STORE_DO_STOP] = take_stop,
};

static void turn(struct thread *thread, int64_t wait)
{
    struct store_request request;
    enum port_event event = port_receive(thread->port, &request, sizeof request, wait);

    if (event == PORT_CLOSED)
        thread->stopping = true;
    if (event == PORT_MESSAGE)
        takes[request.type](thread, &request);
    work(thread);
    if (!thread->stopping)
        tidy(thread, event == PORT_TIMEOUT && !thread->in_backup);
}

static bool turn_in_backup(void *arg, int done, int total)
{
    struct thread *thread = arg;

    (void)done;
    (void)total;
    turn(thread, BETWEEN_MS);
    return !thread->stopping;
}

/* Writes what is left, though not for ever: a full disk must not keep the machine from going down.
 */
static void stop(struct thread *thread)
{
    struct store_answer did = {.type = STORE_DID_STOP};
    struct store_request none;

    for (int i = 0; thread->commits && i < STOP_TRIES; i++) {
        if (i > 0) /* nothing comes any more: a pause */
            port_receive(thread->port, &none, sizeof none, STOP_RETRY_MS);
        while (thread->commits && commit_first(thread, &did.err))
            ;
    }
    did.batch = thread->commits;
    answer(thread, did);
    batch_destroy_all(thread->reads);
    store_close(thread->store);
}

void store_thread(struct port *port, void *arg)
{
    const struct store_thread_settings *settings = arg;
    struct thread thread = {.store = settings->store,
                            .port = port,
                            .keep_days = settings->keep_days,
                            .keep_plates_days = settings->keep_plates_days,
                            .seal_ms = settings->seal_ms ? settings->seal_ms : SEAL_MS,
                            .ballast = ballast_create(settings->path, settings->ballast_bytes)};

    thread.seal_at = mono_after(clock_mono(), thread.seal_ms);
    while (!thread.stopping)
        turn(&thread, wait_ms(&thread));
    stop(&thread);
    ballast_destroy(thread.ballast);
}
