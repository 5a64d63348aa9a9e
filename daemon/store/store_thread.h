/*
 * The store's thread: what it is asked and what it answers. A pointer in a message moves with it,
 * and comes back with the answer. Inside of the store worker only.
 */
#ifndef STORE_STORE_THREAD_H
#define STORE_STORE_THREAD_H

#include "daemon/base/worker.h"
#include "daemon/store/batch.h"

enum store_request_type {
    STORE_DO_COMMIT, /* a batch → STORE_DID_COMMIT */
    STORE_DO_READ,   /* an empty batch with tag, from, limit → STORE_DID_READ */
    STORE_DO_BACKUP, /* a path → STORE_DID_TASK */
    STORE_DO_STOP    /* a queue of batches, or NULL → STORE_DID_STOP, and nothing more */
};

struct store_request {
    enum store_request_type type;
    uint32_t tag;
    struct batch *batch;
    char *path;
};

enum store_answer_type {
    STORE_DID_COMMIT,
    STORE_DID_OWN, /* a batch that the thread made: a retention record */
    STORE_DID_READ,
    STORE_DID_TASK, /* err.text is empty when it went well */
    STORE_TROUBLE,  /* the batch is kept and tried again */
    STORE_WELL,
    STORE_DID_STOP /* `batch`: what could not be written, with err */
};

struct store_answer {
    enum store_answer_type type;
    uint32_t tag;
    struct batch *batch;
    uint64_t took_us;
    uint64_t head_seq;
    bool damaged; /* STORE_TROUBLE: the file is; only a start that sets it aside helps */
    struct err err;
};

/* What the thread starts with; it closes the store. Lives as long as the worker. */
struct store_thread_settings {
    struct store *store;
    const char *path; /* of the database */
    int64_t keep_days, keep_plates_days, ballast_bytes, seal_ms;
};

worker_main_fn store_thread;

#endif
