/* Both sides of the photo thread. See photos_worker.h. */
#include "daemon/store/photos_worker.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/memory.h"
#include "daemon/base/worker.h"
#include "daemon/core/text.h"

enum { TICK_MS = 30000, AGAIN_MS = 60000, LINES_A_MINUTE = 2 };

/* What the thread is asked. A pointer in it moves with it. */
struct photos_ask {
    enum { ASK_KEEP, ASK_CLAIM, ASK_NEXT, ASK_SETTLE, ASK_LOOK } type;
    uint32_t source; /* of KEEP; the uplink of NEXT and SETTLE */
    struct photo_about about;
    void *jpeg;
    size_t size;
    struct photo_claim claim;
    photo_prepare_fn *prepare;
    void *arg;
};

struct photos_told {
    enum { TOLD_KEPT, TOLD_NEXT, TOLD_FIGURES } type;
    uint32_t source;
    bool good;
    size_t size;
    char id[PHOTO_ID]; /* empty: none */
    struct err err;
    struct photos_figures figures;
    char trouble[256];
};

/* The thread's own. */
struct photos_thread {
    struct photos_settings settings;
    const char *const *uplinks;
    uint32_t uplinks_count;
    struct photos *photos; /* NULL: the folder or the key is in trouble */
    mono_ms again;         /* then it is looked at again */
    char trouble[256];
};

struct photos_worker {
    struct photos_thread thread; /* the thread's alone once it runs */
    struct photos_worker_hooks hooks;
    struct worker *worker;
    struct loop_watch *watch;
    size_t waiting; /* bytes handed over */
    struct photos_worker_figures figures;
    struct log_limit lines;
};

/* ---- the thread ---- */

static void open_photos(struct photos_thread *thread, bool looks)
{
    struct err err;

    if (thread->photos || (!looks && !mono_reached(clock_mono(), thread->again)))
        return;
    thread->photos =
        photos_open(&thread->settings, thread->uplinks, thread->uplinks_count, clock_utc(), &err);
    thread->again =
        mono_after(clock_mono(), thread->settings.again_ms ? thread->settings.again_ms : AGAIN_MS);
    text_copy(thread->trouble, sizeof thread->trouble, thread->photos ? "" : err.text);
}

static void do_keep(struct photos_thread *thread, const struct photos_ask *ask,
                    struct photos_told *ret)
{
    const struct crypto_part jpeg = {ask->jpeg, ask->size};

    ret->type = TOLD_KEPT;
    ret->size = ask->size;
    ret->good =
        thread->photos && photos_keep(thread->photos, &ask->about, &jpeg, clock_utc(), &ret->err);
    if (!thread->photos)
        text_copy(ret->err.text, sizeof ret->err.text, thread->trouble);
    free(ask->jpeg);
}

static void do_next(struct photos_thread *thread, const struct photos_ask *ask,
                    struct photos_told *ret)
{
    struct photo photo;

    ret->type = TOLD_NEXT;
    if (!thread->photos || !photos_next(thread->photos, ask->source, &photo))
        return;
    text_copy(ret->id, sizeof ret->id, photo.about.id);
    ret->good = ask->prepare(ask->arg, &photo, &ret->err);
    free((void *)photo.jpeg);
}

static void carry_out(struct photos_thread *thread, const struct photos_ask *ask,
                      struct photos_told *ret)
{
    if (ask->type == ASK_KEEP)
        do_keep(thread, ask, ret);
    else if (ask->type == ASK_NEXT)
        do_next(thread, ask, ret);
    else if (ask->type == ASK_CLAIM && thread->photos)
        photos_claim(thread->photos, &ask->claim);
    else if (ask->type == ASK_SETTLE && thread->photos)
        photos_settle(thread->photos, ask->source, ask->about.id);
    else if (thread->photos)
        photos_tick(thread->photos, clock_utc());
}

static void run(struct port *port, void *arg)
{
    struct photos_thread *thread = arg;
    struct photos_ask ask = {.type = ASK_LOOK};

    do {
        struct photos_told told = {.type = TOLD_FIGURES, .source = ask.source};

        open_photos(thread, ask.type == ASK_LOOK);
        carry_out(thread, &ask, &told);
        if (thread->photos)
            photos_figures(thread->photos, &told.figures);
        text_copy(told.trouble, sizeof told.trouble, thread->trouble);
        port_send(port, &told, sizeof told);
        ask = (struct photos_ask){.type = ASK_LOOK}; /* when nothing else is asked for so long */
    } while (port_receive(port, &ask, sizeof ask, TICK_MS) != PORT_CLOSED);
    photos_close(thread->photos);
}

/* ---- the loop ---- */

static void say_trouble(struct photos_worker *worker, const char *trouble)
{
    if (*trouble && strcmp(trouble, worker->figures.trouble) != 0)
        log_error("%s; pictures are not kept until then", trouble);
    else if (!*trouble && *worker->figures.trouble)
        log_info("photos: pictures are kept again");
    text_copy(worker->figures.trouble, sizeof worker->figures.trouble, trouble);
}

static void take(struct photos_worker *worker, const struct photos_told *told)
{
    const struct photos_worker_hooks *hooks = &worker->hooks;
    const struct err *err = told->good ? NULL : &told->err;

    worker->figures.photos = told->figures;
    say_trouble(worker, told->trouble);
    if (told->type == TOLD_KEPT) {
        worker->waiting -= told->size;
        if (err && !*told->trouble && log_allow(&worker->lines, clock_mono(), LINES_A_MINUTE))
            log_warning("%s", err->text);
        hooks->kept(hooks->arg, told->source, told->good, err);
    } else if (told->type == TOLD_NEXT) {
        hooks->next(hooks->arg, told->source, *told->id ? told->id : NULL, err);
    }
}

static void on_told(void *arg, unsigned events)
{
    struct photos_worker *worker = arg;
    struct photos_told told;

    (void)events;
    while (worker_receive(worker->worker, &told, sizeof told))
        take(worker, &told);
}

struct photos_worker *photos_worker_create(const struct photos_settings *settings,
                                           const char *const uplinks[], uint32_t uplinks_count,
                                           struct loop *loop,
                                           const struct photos_worker_hooks *hooks, struct err *err)
{
    struct photos_worker *worker = memory_new(1, sizeof *worker);

    worker->hooks = *hooks;
    worker->thread = (struct photos_thread){
        .settings = *settings, .uplinks = uplinks, .uplinks_count = uplinks_count};
    worker->worker = worker_create("photos", run, &worker->thread, err);
    if (worker->worker)
        worker->watch =
            loop_watch(loop, worker_fd(worker->worker), LOOP_READ, on_told, worker, err);
    if (worker->watch)
        return worker;
    photos_worker_destroy(worker);
    return NULL;
}

void photos_worker_destroy(struct photos_worker *worker)
{
    if (!worker)
        return;
    loop_unwatch(worker->watch);
    worker_destroy(worker->worker);
    free(worker);
}

static bool ask(struct photos_worker *worker, const struct photos_ask *what)
{
    return worker_send(worker->worker, what, sizeof *what);
}

bool photos_worker_keep(struct photos_worker *worker, uint32_t source,
                        const struct photo_about *about, void *jpeg, size_t size)
{
    const struct photos_ask what = {
        .type = ASK_KEEP, .source = source, .about = *about, .jpeg = jpeg, .size = size};

    if (worker->waiting + size > PHOTOS_WAITING_MAX || !ask(worker, &what)) {
        worker->figures.dropped++;
        free(jpeg);
        return false;
    }
    worker->waiting += size;
    return true;
}

bool photos_worker_claim(struct photos_worker *worker, const struct photo_claim *claim)
{
    return ask(worker, &(struct photos_ask){.type = ASK_CLAIM, .claim = *claim});
}

bool photos_worker_next(struct photos_worker *worker, uint32_t uplink, photo_prepare_fn *prepare,
                        void *arg)
{
    return ask(worker, &(struct photos_ask){
                           .type = ASK_NEXT, .source = uplink, .prepare = prepare, .arg = arg});
}

bool photos_worker_settle(struct photos_worker *worker, uint32_t uplink, const char *id)
{
    struct photos_ask what = {.type = ASK_SETTLE, .source = uplink};

    text_copy(what.about.id, sizeof what.about.id, id);
    return ask(worker, &what);
}

void photos_worker_look(struct photos_worker *worker)
{
    ask(worker, &(struct photos_ask){.type = ASK_LOOK});
}

void photos_worker_figures(const struct photos_worker *worker, struct photos_worker_figures *ret)
{
    *ret = worker->figures;
}
