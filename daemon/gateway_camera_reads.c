/*
 * Plate reads: what tells one from one that comes again, its picture, and whether its answer may
 * open. See gateway_cameras.h.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/crypto_text.h"
#include "daemon/base/memory.h"
#include "daemon/gateway_cameras.h"
#include "daemon/gateway_photos.h"

enum { EVENT_BYTES = 16, IMAGE_BYTES = 12 };

/* A picture as it came, out of its Base64. */
struct picture {
    const void *bytes; /* NULL: none */
    size_t size;
    void *decoded; /* owned: what Base64 held, or NULL */
};

/* 1. What tells a message from one that comes again. */

static void digest(const void *bytes, size_t size, size_t shown, char *ret)
{
    struct hash hash = crypto_sha256(&(struct crypto_part){bytes, size}, 1);

    crypto_hex(hash.bytes, shown, ret);
}

/* A camera that gives neither event nor time is known by the bytes that it sends. */
void camera_reads_name(struct camera_incoming *in)
{
    char key[PLATE_KEY];

    if (in->message.kind == CAMERA_READ && plate_read_key(&in->message.read, key))
        digest(key, strlen(key), EVENT_BYTES, in->wait.event);
    else
        digest(in->request->bytes, in->request->size, EVENT_BYTES, in->wait.event);
}

/* 2. Its picture. */

/* The largest: the vehicle, not the plate cut out of it. */
static const struct plate_image *best_image(const struct plate_read *read)
{
    const struct plate_image *best = NULL;

    for (uint32_t i = 0; i < read->images_count; i++)
        if (read->images[i].size && (!best || read->images[i].size > best->size))
            best = &read->images[i];
    return best;
}

static struct picture picture_of(const struct camera_incoming *in)
{
    const struct plate_image *image = best_image(&in->message.read);
    struct picture picture = {.bytes = NULL};

    if (!image)
        return picture;
    picture.bytes = in->request->bytes + image->offset;
    picture.size = image->size;
    if (!image->base64)
        return picture;
    size_t room = image->size / 4 * 3 + 3, size = 0;
    picture.decoded = memory_new(1, room);
    if (crypto_base64_decode(picture.bytes, picture.size, picture.decoded, room, &size)) {
        picture.bytes = picture.decoded;
        picture.size = size;
    }
    return picture;
}

/* The record holds the picture's digest, so that one that a platform or a person shows can be
 * proved to be it, whether it is kept or not. */
static void name_picture(struct camera_incoming *in, const struct picture *picture)
{
    struct plate_read *read = &in->message.read;

    read->images_count = picture->bytes != NULL;
    if (picture->bytes)
        digest(picture->bytes, picture->size, IMAGE_BYTES, read->images[0].name);
}

/* 3. What is to be done. */

/* The boom is up for somebody. */
static bool is_up(enum lane_state state)
{
    static const enum lane_state up[] = {LANE_OPEN_WAIT, LANE_PASSING, LANE_PASSED,
                                         LANE_TAILGATE,  LANE_HELD,    LANE_EVACUATE};

    for (size_t i = 0; i < sizeof up / sizeof *up; i++)
        if (up[i] == state)
            return true;
    return false;
}

/* Whether an order may still come that goes with this read's answer: not when the vehicle was
 * refused or waits, nor when another one's read speaks at the lane. */
static bool may_open(const struct camera_incoming *in)
{
    struct gateway *g = in->g;
    enum decision_verdict verdict = g->cameras->verdict[in->config->lane];
    struct lane_view view;

    lane_view(yard_lane(g->yard, in->config->lane), &view);
    if (!(g->config->plan.lanes[in->config->lane].wiring & LANE_CAMERA_PULSES) ||
        !camera_answer_opens(in->config->family) || is_up(view.state) ||
        (*view.vehicle.id && !camera_wait_is_of(&in->wait, &view.vehicle)))
        return false;
    return verdict == DECISIONS || verdict == DECISION_ALLOW;
}

static void count(struct camera_incoming *in, bool recorded, bool fresh)
{
    struct camera_live *live = &in->g->cameras->live[in->camera];
    const struct plate_read *read = &in->message.read;

    if (!recorded) {
        live->repeated++;
        return;
    }
    live->reads++;
    live->stored += read->offline;
    live->late += !fresh && !read->offline;
    if (read->offline || read->time.source == CLOCK_NONE || read->time.doubtful)
        return;
    live->lag_known = true;
    live->lag_ms = gateway_now(in->g).utc.ms - read->time.at.ms;
}

void camera_reads_take(struct camera_incoming *in)
{
    struct gateway *g = in->g;
    struct plate_read *read = &in->message.read;
    struct picture picture = picture_of(in);
    uint64_t added = g->added;

    if (!*read->device)
        text_copy(read->device, sizeof read->device, in->config->id);
    camera_reads_name(in);
    name_picture(in, &picture);
    g->cameras->verdict[in->config->lane] = DECISIONS;
    bool fresh = yard_read(g->yard, in->config->lane, read, in->wait.event, gateway_now(g));
    in->wait.may_open = fresh && may_open(in);
    count(in, g->added != added, fresh);
    if (picture.bytes && g->added != added)
        gateway_photos_offer(g, in->camera, in->wait.event, picture.bytes, picture.size);
    free(picture.decoded);
}
