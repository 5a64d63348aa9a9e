/*
 * The pictures on a thread of their own: nothing of them is ever in front of a record. All on the
 * loop's thread except the inside and photo_prepare_fn. What is handed over and not yet written is
 * bounded by PHOTOS_WAITING_MAX; beyond it a picture is dropped and counted.
 */
#ifndef STORE_PHOTOS_WORKER_H
#define STORE_PHOTOS_WORKER_H

#include "daemon/base/loop.h"
#include "daemon/store/photos.h"

enum { PHOTOS_WAITING_MAX = 16 * 1024 * 1024 };

/* Called on the worker's thread, where the costly making of a request belongs: it may touch only
 * what it was given. False with err: the picture cannot be sent there, ever. */
typedef bool photo_prepare_fn(void *arg, const struct photo *photo, struct err *err);

struct photos_worker_hooks {
    void *arg;
    /* `source`: as given to photos_worker_keep(). */
    void (*kept)(void *arg, uint32_t source, bool kept, const struct err *err);
    /* The answer to photos_worker_next(). `id` NULL: none is owed. err: it cannot be sent. */
    void (*next)(void *arg, uint32_t uplink, const char *id, const struct err *err);
};

struct photos_worker;

/* Copies settings and hooks, borrows their texts and the uplinks' names. */
struct photos_worker *photos_worker_create(const struct photos_settings *settings,
                                           const char *const uplinks[], uint32_t uplinks_count,
                                           struct loop *loop,
                                           const struct photos_worker_hooks *hooks,
                                           struct err *err);
/* Writes what was handed over, then stops; calls no hook any more. Takes NULL. */
void photos_worker_destroy(struct photos_worker *worker);

/* Takes `jpeg`, from malloc(). False: dropped at the bound. */
bool photos_worker_keep(struct photos_worker *worker, uint32_t source,
                        const struct photo_about *about, void *jpeg, size_t size);
/* Each false: the thread is far behind, and nothing was asked. */
bool photos_worker_claim(struct photos_worker *worker, const struct photo_claim *claim);
bool photos_worker_next(struct photos_worker *worker, uint32_t uplink, photo_prepare_fn *prepare,
                        void *arg);
bool photos_worker_settle(struct photos_worker *worker, uint32_t uplink, const char *id);
/* The disk may be short, or well again: looks at once. */
void photos_worker_look(struct photos_worker *worker);

struct photos_worker_figures {
    struct photos_figures photos; /* as of the last answer */
    char trouble[256];            /* why none are kept, with the next step; empty when well */
    uint64_t dropped;             /* at the bound of those that wait */
};
void photos_worker_figures(const struct photos_worker *worker, struct photos_worker_figures *ret);

#endif
