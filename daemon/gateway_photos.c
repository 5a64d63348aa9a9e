/* Pictures between cameras, their thread and the uplinks. See gateway_photos.h. */
#include "daemon/gateway_photos.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/gateway_cameras.h"

/* Pictures whose records are not durable yet. At the bound a picture is dropped, and counted. */
enum { HELD_MAX = 32, HELD_BYTES_MAX = 16 * 1024 * 1024 };

struct held_photo {
    void *bytes; /* NULL: free */
    size_t size;
    uint32_t camera;
    char event[CAMERA_EVENT];
    uint64_t age;
};

struct gateway_photos {
    struct photos_worker *worker;
    const char **uplinks; /* their names */
    struct held_photo held[HELD_MAX];
    size_t held_bytes;
    uint64_t ages;
};

static void let_go(struct gateway_photos *photos, struct held_photo *held)
{
    photos->held_bytes -= held->size;
    free(held->bytes);
    *held = (struct held_photo){.bytes = NULL};
}

static void drop(struct gateway *g, uint32_t camera, const char *why)
{
    struct camera_live *live = &g->cameras->live[camera];

    live->photos_dropped++;
    live->photo_dropped_at = gateway_now(g).mono;
    text_copy(live->photo_why, sizeof live->photo_why, why);
}

static const char TOO_MANY[] = "pictures come faster than the disk takes them; look why it is slow";

/* A free place, or that of the oldest: its record was lost with the disk. */
static struct held_photo *place(struct gateway *g)
{
    struct gateway_photos *photos = g->photos;
    struct held_photo *oldest = photos->held;

    for (int i = 0; i < HELD_MAX; i++) {
        if (!photos->held[i].bytes)
            return &photos->held[i];
        if (photos->held[i].age < oldest->age)
            oldest = &photos->held[i];
    }
    drop(g, oldest->camera, TOO_MANY);
    let_go(photos, oldest);
    return oldest;
}

/* Why the picture is not even looked at, or NULL. Platforms take JPEG alone. */
static const char *unfit(const struct gateway *g, const void *bytes, size_t size)
{
    if (size <= 3 || memcmp(bytes, "\xff\xd8\xff", 3) != 0)
        return "its pictures are no JPEG, and not kept; set it to JPEG";
    if ((int64_t)size > g->config->photos.photo_max)
        return "its pictures are larger than photos.photo_kb, and not kept; set it to smaller ones";
    return g->photos->held_bytes + size > HELD_BYTES_MAX ? TOO_MANY : NULL;
}

void gateway_photos_offer(struct gateway *g, uint32_t camera, const char *event, const void *bytes,
                          size_t size)
{
    struct gateway_photos *photos = g->photos;
    const char *why = photos ? unfit(g, bytes, size) : NULL;

    if (why)
        drop(g, camera, why);
    if (!photos || why)
        return;
    struct held_photo *held = place(g);
    *held = (struct held_photo){
        .bytes = memory_new(1, size), .size = size, .camera = camera, .age = ++photos->ages};
    memcpy(held->bytes, bytes, size);
    text_copy(held->event, sizeof held->event, event);
    photos->held_bytes += size;
}

static void keep(struct gateway *g, struct held_photo *held, const struct record *record)
{
    const struct record_plate_read *read = &record->plate_read;
    struct photo_about about = {.at = record->at, .colour = read->colour};

    text_copy(about.id, sizeof about.id, read->event);
    text_copy(about.digest, sizeof about.digest, read->images);
    text_copy(about.lane, sizeof about.lane, g->config->plan.lanes[read->lane].id);
    text_copy(about.plate, sizeof about.plate, read->plate);
    if (!photos_worker_keep(g->photos->worker, held->camera, &about, held->bytes, held->size))
        drop(g, held->camera, TOO_MANY);
    held->bytes = NULL; /* the worker's now, or gone */
    let_go(g->photos, held);
}

void gateway_photos_durable(struct gateway *g, const struct record *record)
{
    if (!g->photos || record->kind != RECORD_PLATE_READ)
        return;
    for (int i = 0; i < HELD_MAX; i++) {
        struct held_photo *held = &g->photos->held[i];

        if (held->bytes && !strcmp(held->event, record->plate_read.event)) {
            keep(g, held, record);
            return;
        }
    }
}

void gateway_photos_disk(struct gateway *g)
{
    if (g->photos)
        photos_worker_look(g->photos->worker);
}

/* ---- the thread's answers ---- */

static void on_kept(void *arg, uint32_t camera, bool kept, const struct err *err)
{
    struct gateway *g = arg;

    if (kept)
        g->cameras->live[camera].photos_kept++;
    else
        drop(g, camera, err->text);
}

static void on_next(void *arg, uint32_t uplink, const char *id, const struct err *err)
{
    struct gateway *g = arg;

    if (uplink < g->uplinks_count)
        uplink_photo(g->uplinks[uplink], id, err);
}

/* ---- what uplinks ask ---- */

/* The claim of a stay that came or went by a lane; false: there is no picture of it to be had. */
static bool claim_of(const struct gateway *g, const struct record *record, struct photo_claim *ret)
{
    const struct record_stay_opened *opened = &record->stay_opened;
    const struct record_stay_closed *closed = &record->stay_closed;
    bool exit = record->kind == RECORD_STAY_CLOSED;
    uint32_t lane = exit ? closed->lane : opened->lane;

    if (lane == PLAN_NONE || (!exit && opened->entry_missing))
        return false;
    ret->exit = exit;
    ret->at = record->at;
    text_copy(ret->stay, sizeof ret->stay, exit ? closed->stay : opened->stay);
    text_copy(ret->plate, sizeof ret->plate, exit ? closed->plate : opened->plate);
    text_copy(ret->lane, sizeof ret->lane, g->config->plan.lanes[lane].id);
    return true;
}

void gateway_photos_taken(void *arg, uint32_t uplink, const struct record *record)
{
    struct gateway *g = arg;
    struct photo_claim claim = {.uplink = uplink};

    if (g->photos && claim_of(g, record, &claim))
        photos_worker_claim(g->photos->worker, &claim);
}

bool gateway_photos_next(void *arg, uint32_t uplink, photo_prepare_fn *prepare, void *prepare_arg)
{
    struct gateway *g = arg;

    return g->photos && photos_worker_next(g->photos->worker, uplink, prepare, prepare_arg);
}

void gateway_photos_settled(void *arg, uint32_t uplink, const char *photo)
{
    struct gateway *g = arg;

    if (g->photos)
        photos_worker_settle(g->photos->worker, uplink, photo);
}

bool gateway_photos_show(const struct gateway *g, struct photos_worker_figures *ret)
{
    if (g->photos)
        photos_worker_figures(g->photos->worker, ret);
    return g->photos != NULL;
}

/* ---- building ---- */

bool gateway_photos_start(struct gateway *g, struct err *err)
{
    const struct photos_worker_hooks hooks = {.arg = g, .kept = on_kept, .next = on_next};
    const struct config *config = g->config;

    if (!config->photos.folder)
        return true;
    g->photos = memory_new(1, sizeof *g->photos);
    g->photos->uplinks = memory_new(config->uplinks_count + 1, sizeof *g->photos->uplinks);
    for (uint32_t u = 0; u < config->uplinks_count; u++)
        g->photos->uplinks[u] = config->uplinks[u].name;
    g->photos->worker = photos_worker_create(&config->photos, g->photos->uplinks,
                                             config->uplinks_count, g->loop, &hooks, err);
    return g->photos->worker != NULL;
}

void gateway_photos_stop(struct gateway *g)
{
    if (!g->photos)
        return;
    photos_worker_destroy(g->photos->worker);
    for (int i = 0; i < HELD_MAX; i++)
        free(g->photos->held[i].bytes);
    free(g->photos->uplinks);
    free(g->photos);
    g->photos = NULL;
}
