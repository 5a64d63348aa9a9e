/*
 * An uplink to a city's platform over HTTPS: moves what dispatch.h hands out, each slot over a call
 * of its own, so that no business waits for another. All on the loop's thread.
 */
#include <stdlib.h>

#include "daemon/base/clock.h"
#include "daemon/base/crypto.h"
#include "daemon/base/memory.h"
#include "daemon/uplink/carrier.h"
#include "daemon/uplink/dispatch.h"
#include "daemon/uplink/http.h"

/* Of all but pictures. One of those is in Base64 once or twice, beside the text that it is put
 * into. */
enum { BODY_MAX = 16 * 1024, PHOTO_TIMES = 4 };

struct city_call_slot {
    struct city_carrier *carrier;
    uint32_t slot;
    struct http_call *call;
    struct adapter_request request;
};

struct city_carrier {
    struct uplink *uplink;
    struct http_settings settings;
    struct http *http;
    struct record_reader *reader;
    struct dispatch *dispatch;
    struct city_call_slot slots[DISPATCH_SLOTS];
    uint32_t slots_count;                 /* as many as the configuration allows under way */
    bool photo_asked;                     /* the pictures' thread has the photo slot's request */
    struct adapter_context photo_context; /* of that attempt */
};

static void on_say(void *arg, enum dispatch_lane lane, const char *trouble)
{
    static const enum lane lanes[DISPATCH_LANES] = {[LANE_OF_RECORDS] = LANE_RECORDS,
                                                    [LANE_OF_STATE] = LANE_STATE,
                                                    [LANE_OF_BEATS] = LANE_BEAT,
                                                    [LANE_OF_CHECK] = LANE_DAY,
                                                    [LANE_OF_PHOTOS] = LANE_PHOTO};
    struct city_carrier *carrier = arg;

    uplink_say(carrier->uplink, lanes[lane], trouble);
}

static void on_counts(void *arg, uint32_t lot, struct city_counts *ret)
{
    struct city_carrier *carrier = arg;

    carrier->uplink->source.counts(carrier->uplink->source.arg, lot, ret);
}

static void on_record(void *arg, const struct record *record)
{
    struct city_carrier *carrier = arg;

    carrier->uplink->source.record(carrier->uplink->source.arg, record);
}

static void on_taken(void *arg, const struct record *record)
{
    struct uplink *uplink = ((struct city_carrier *)arg)->uplink;

    uplink->source.taken(uplink->source.arg, uplink->index, record);
}

static void on_settled(void *arg, const char *photo)
{
    struct uplink *uplink = ((struct city_carrier *)arg)->uplink;

    uplink->source.settled(uplink->source.arg, uplink->index, photo);
}

static void on_done(void *arg, const struct http_reply *reply)
{
    struct city_call_slot *slot = arg;
    struct city_carrier *carrier = slot->carrier;
    struct adapter_reply given = {.status = reply->status,
                                  .retry_after_ms = reply->retry_after_ms,
                                  .date = reply->date,
                                  .body = reply->body,
                                  .size = reply->size,
                                  .too_long = reply->too_long};

    uplink_wake(carrier->uplink);
    dispatch_answer(carrier->dispatch, slot->slot, &given, reply->trouble, clock_now());
}

/* The lot of the lane that the picture was taken at, as the platform knows it. */
static const struct uplink_lot *photo_lot(const struct adapter_context *context, const char *lane)
{
    const struct uplink_settings *settings = context->settings;
    uint32_t n = plan_find_lane(context->plan, lane);

    for (uint32_t i = 0; n != PLAN_NONE && i < settings->lots_count; i++)
        if (settings->lots[i].lot == context->plan->lanes[n].lot)
            return &settings->lots[i];
    return NULL;
}

/* On the pictures' thread: ciphers of a whole picture take a while. */
static bool make_photo(void *arg, const struct photo *photo, struct err *err)
{
    struct city_carrier *carrier = arg;
    const struct adapter_context *context = &carrier->photo_context;
    struct adapter_request *request = &carrier->slots[DISPATCH_PHOTO].request;
    const struct city_photo given = {.lot = photo_lot(context, photo->about.lane),
                                     .id = photo->about.id,
                                     .stay = photo->stay,
                                     .plate = photo->about.plate,
                                     .colour = photo->about.colour,
                                     .exit = photo->exit,
                                     .at = photo->about.at,
                                     .jpeg = photo->jpeg,
                                     .size = photo->size};

    if (!given.lot)
        return err_set(err, "a picture of lane \"%s\", which is none of these lots any more",
                       photo->about.lane);
    if (!context->settings->adapter->city->photo(context, &given, request, err))
        return false;
    return (!request->body.overflow && !request->target.overflow && !request->headers.overflow) ||
           err_set(err, "a picture of %zu bytes is longer than a request may be", photo->size);
}

static void look_for_photo(struct city_carrier *carrier, struct now now)
{
    const struct uplink_source *source = &carrier->uplink->source;

    if (carrier->photo_asked || !dispatch_photo_may(carrier->dispatch, now))
        return;
    carrier_request_clear(&carrier->slots[DISPATCH_PHOTO].request);
    carrier->photo_context = dispatch_photo_context(carrier->dispatch, now);
    carrier->photo_asked = source->photo(source->arg, carrier->uplink->index, make_photo, carrier);
}

static void city_photo(void *arg, const char *id, const struct err *err)
{
    struct city_carrier *carrier = arg;
    struct city_call_slot *slot = &carrier->slots[DISPATCH_PHOTO];

    carrier->photo_asked = false;
    if (!id) {
        dispatch_photo_none(carrier->dispatch);
    } else if (err) {
        dispatch_photo_refused(carrier->dispatch, id, err->text);
    } else {
        dispatch_photo_sent(carrier->dispatch, id, clock_now());
        http_call_start(slot->call, slot->request.method, carrier->uplink->settings->url,
                        &slot->request.target, &slot->request.headers, &slot->request.body);
    }
}

static mono_ms city_pump(void *arg, mono_ms now)
{
    struct city_carrier *carrier = arg;
    struct uplink *uplink = carrier->uplink;
    struct dispatch_status status;
    struct now moment = clock_now();
    uint64_t from;
    uint32_t limit;

    for (uint32_t i = 0; i < carrier->slots_count; i++) {
        struct city_call_slot *slot = &carrier->slots[i];

        if (i == DISPATCH_PHOTO || http_call_busy(slot->call))
            continue;
        carrier_request_clear(&slot->request);
        if (dispatch_fill(carrier->dispatch, i, moment, &slot->request))
            http_call_start(slot->call, slot->request.method, uplink->settings->url,
                            &slot->request.target, &slot->request.headers, &slot->request.body);
    }
    look_for_photo(carrier, moment);
    if (dispatch_day_wants(carrier->dispatch, &from, &limit))
        uplink->source.look(uplink->source.arg, uplink->index, from, limit);
    dispatch_status(carrier->dispatch, &status);
    uplink->connected = status.connected;
    uplink->last_delivery = status.last_delivery;
    uplink->vacancies_sent = status.vacancies_sent;
    return dispatch_next(carrier->dispatch, now);
}

static void city_status(const void *carrying, struct uplink_status *ret)
{
    const struct city_carrier *carrier = carrying;
    struct dispatch_status status;

    dispatch_status(carrier->dispatch, &status);
    ret->connected = status.connected;
    ret->clock_known = status.offset_known;
    ret->clock_ahead_ms = status.offset_ms;
    ret->last_heartbeat = status.last_beat;
    ret->photos = carrier->uplink->source.photo && carrier->uplink->settings->adapter->city->photo;
    ret->photos_sent = status.photos_sent;
    ret->photos_refused = status.photos_refused;
}

static void city_looked(void *arg, const struct store_row *rows, size_t count, bool end)
{
    struct city_carrier *carrier = arg;

    dispatch_day_page(carrier->dispatch, rows, count, end);
}

static bool city_check(void *arg, const char *lot, int32_t day)
{
    struct city_carrier *carrier = arg;

    return dispatch_check(carrier->dispatch, lot, day);
}

/* ---- its life ---- */

static void city_destroy(void *arg)
{
    struct city_carrier *carrier = arg;

    for (uint32_t i = 0; i < carrier->slots_count; i++)
        http_call_destroy(carrier->slots[i].call);
    http_destroy(carrier->http);
    dispatch_destroy(carrier->dispatch);
    for (uint32_t i = 0; i < carrier->slots_count; i++)
        carrier_request_fini(&carrier->slots[i].request);
    record_read_destroy(carrier->reader);
    free(carrier);
}

static void make_slots(struct city_carrier *carrier)
{
    const struct uplink_settings *settings = carrier->uplink->settings;
    const size_t photo_max = carrier->uplink->source.photo ? settings->adapter->city->photo_max : 0;
    uint32_t flights = settings->window < DISPATCH_FLIGHTS ? settings->window : DISPATCH_FLIGHTS;

    carrier->slots_count = DISPATCH_RECORDS + flights;
    for (uint32_t i = 0; i < carrier->slots_count; i++) {
        struct city_call_slot *slot = &carrier->slots[i];

        *slot = (struct city_call_slot){.carrier = carrier, .slot = i};
        slot->call = http_call_create(carrier->http, on_done, slot);
        carrier_request_init(&slot->request,
                             BODY_MAX + (i == DISPATCH_PHOTO ? PHOTO_TIMES * photo_max : 0));
    }
}

static void make_dispatch(struct city_carrier *carrier)
{
    struct uplink *uplink = carrier->uplink;
    struct dispatch_setup setup = {
        .settings = uplink->settings,
        .plan = uplink->source.plan,
        .reader = carrier->reader,
        .outbox = uplink->outbox,
        .stale = uplink->stale,
        .hooks = {.arg = carrier,
                  .counts = on_counts,
                  .say = on_say,
                  .record = on_record,
                  .taken = uplink->source.taken ? on_taken : NULL,
                  .settled = on_settled},
    };

    crypto_random(&setup.seed, sizeof setup.seed);
    carrier->dispatch = dispatch_create(&setup, clock_now());
}

static void *city_create(struct uplink *uplink, struct err *err)
{
    const struct uplink_settings *settings = uplink->settings;
    struct city_carrier *carrier = memory_new(1, sizeof *carrier);

    carrier->uplink = uplink;
    carrier->settings = (struct http_settings){.tls = &settings->tls,
                                               .token = settings->token,
                                               .token_head = settings->adapter->token_head,
                                               .timeout_ms = settings->timeout_ms,
                                               .connections = DISPATCH_SLOTS};
    carrier->reader = record_read_create(uplink->source.plan);
    make_dispatch(carrier);
    carrier->http = http_create(&carrier->settings, uplink->loop, err);
    if (!carrier->http) {
        city_destroy(carrier);
        return NULL;
    }
    make_slots(carrier);
    return carrier;
}

const struct carrier carrier_city = {
    .create = city_create,
    .destroy = city_destroy,
    .pump = city_pump,
    .status = city_status,
    .looked = city_looked,
    .check = city_check,
    .photo = city_photo,
};
