/*
 * An uplink: its outbox, its stale state and its carrier on the loop. Whatever happens wakes it; at
 * the end of the turn it reads what the outbox is behind with and sends what can be sent.
 */
#include "daemon/uplink/uplink.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/crash.h"
#include "daemon/base/crypto.h"
#include "daemon/base/log.h"
#include "daemon/base/memory.h"
#include "daemon/uplink/carrier.h"
#include "daemon/uplink/city.h"

enum {
    PROGRESS_MS = 100,
    MARKS_MAX = 4096,
    ROWS_MIN = 512,
    RETRY_MS = 1000,
    LINES_A_MINUTE = 10,
    TARGET_SIZE = 1024,
    HEADERS_SIZE = 1024
};

/* ---- shared with the carriers ---- */

void uplink_wake(struct uplink *uplink)
{
    uplink->awake = true;
}

void uplink_say(struct uplink *uplink, enum lane lane, const char *trouble)
{
    static const char *const names[LANES] = {"records", "vacancy",  "heartbeat",
                                             "day",     "pictures", "orders"};
    char *known = uplink->trouble[lane];

    if (strncmp(known, trouble, LANE_TROUBLE_SIZE - 1) == 0)
        return;
    text_copy(known, LANE_TROUBLE_SIZE, trouble);
    if (!log_allow(&uplink->said[lane], clock_mono(), LINES_A_MINUTE))
        return;
    if (known[0])
        log_warning("uplink \"%s\": %s: %s", uplink->settings->name, names[lane], known);
    else
        log_info("uplink \"%s\": %s go through again", uplink->settings->name, names[lane]);
}

const struct text *uplink_lot_json(struct uplink *uplink, uint32_t lot)
{
    text_init(&uplink->state, uplink->state.bytes, uplink->state.size);
    uplink->source.lot(uplink->source.arg, lot, &uplink->state);
    return &uplink->state;
}

const struct text *uplink_bay_json(struct uplink *uplink, uint32_t bay)
{
    text_init(&uplink->state, uplink->state.bytes, uplink->state.size);
    uplink->source.bay(uplink->source.arg, bay, &uplink->state);
    return &uplink->state;
}

static void text_new(struct text *text, size_t size)
{
    text_init(text, memory_new(size, 1), size);
}

void carrier_request_init(struct adapter_request *request, size_t body_size)
{
    text_new(&request->target, TARGET_SIZE);
    text_new(&request->headers, HEADERS_SIZE);
    text_new(&request->body, body_size);
}

void carrier_request_fini(struct adapter_request *request)
{
    free(request->target.bytes);
    free(request->headers.bytes);
    free(request->body.bytes);
}

void carrier_request_clear(struct adapter_request *request)
{
    text_init(&request->target, request->target.bytes, request->target.size);
    text_init(&request->headers, request->headers.bytes, request->headers.size);
    text_init(&request->body, request->body.bytes, request->body.size);
    request->method = NULL;
    request->retained = false;
}

struct adapter_context carrier_context(const struct uplink *uplink)
{
    return (struct adapter_context){
        .plan = uplink->source.plan, .settings = uplink->settings, .now = clock_utc()};
}

/* ---- its turns ---- */

static void hand_over_progress(struct uplink *uplink)
{
    struct outbox_progress progress = {.uplink = ""};

    text_copy(progress.uplink, sizeof progress.uplink, uplink->settings->name);
    crash_point("before_mark");
    if (outbox_progress(uplink->outbox, &progress))
        uplink->source.progress(uplink->source.arg, &progress);
}

static void on_progress_timer(void *arg)
{
    struct uplink *uplink = arg;

    uplink->progress_armed = false;
    hand_over_progress(uplink);
    if (outbox_full(uplink->outbox))
        uplink_wake(uplink);
}

static void pump(struct uplink *uplink)
{
    mono_ms now = clock_mono();
    uint64_t from;
    uint32_t limit;

    uplink->awake = false;
    mono_ms next = uplink->carrier->pump(uplink->carrying, now);
    if (outbox_wants(uplink->outbox, now, &from, &limit))
        uplink->source.read(uplink->source.arg, uplink->index, from, limit);
    next = mono_earlier(next, outbox_next(uplink->outbox));
    if (next.ms < MONO_NEVER.ms)
        loop_timer_after(uplink->timer, next.ms - now.ms);
    if (!uplink->progress_armed)
        loop_timer_after(uplink->progress_timer, PROGRESS_MS);
    uplink->progress_armed = true;
}

static void on_turn(void *arg)
{
    struct uplink *uplink = arg;

    if (uplink->awake)
        pump(uplink);
}

static void on_timer(void *arg)
{
    uplink_wake(arg);
}

/* ---- its life ---- */

static uint32_t due_kinds(const struct uplink_settings *settings)
{
    const struct adapter *adapter = settings->adapter;

    if (adapter->city)
        return settings->kinds & adapter->city->kinds;
    return adapter->records ? settings->kinds : 0;
}

static struct outbox *make_outbox(const struct uplink_settings *settings,
                                  const struct outbox_progress *restored)
{
    struct outbox_rules rules = {
        .kinds = due_kinds(settings),
        .rows = ROWS_MIN,
        .marks = MARKS_MAX,
        .ahead = settings->adapter->city != NULL,
        .pipelined = settings->adapter->transport == ADAPTER_MQTT,
        .attempts_max = settings->attempts_max,
        .retry_ms = RETRY_MS,
        .retry_max_ms = settings->backoff_max_ms,
        .subject = outbox_subject,
    };

    while (rules.rows < settings->window * 2)
        rules.rows *= 2;
    crypto_random(&rules.seed, sizeof rules.seed);
    return outbox_create(&rules, restored);
}

static bool check(const struct uplink_settings *settings, struct url *ret, struct err *err)
{
    static const char *const schemes[] = {[ADAPTER_HTTP] = "http", [ADAPTER_MQTT] = "mqtt"};
    const char *scheme = schemes[settings->adapter->transport];

    if (!url_parse(settings->url, ret, err))
        return err_prefix(err, "uplink \"%s\"", settings->name);
    if (strncmp(ret->scheme, scheme, strlen(scheme)) != 0)
        return err_set(err, "uplink \"%s\": protocol \"%s\" needs %ss://, not %s://",
                       settings->name, settings->adapter->name, scheme, ret->scheme);
    return true;
}

struct uplink *uplink_create(const struct uplink_settings *settings, uint32_t index,
                             struct loop *loop, const struct uplink_source *source,
                             const struct outbox_progress *restored, struct err *err)
{
    static const struct carrier *const carriers[] = {
        [ADAPTER_HTTP] = &carrier_http, [ADAPTER_MQTT] = &carrier_mqtt};
    const struct adapter *adapter = settings->adapter;
    struct url url;

    assert(settings->window > 0);
    if (!check(settings, &url, err))
        return NULL;
    struct uplink *uplink = memory_new(1, sizeof *uplink);
    *uplink =
        (struct uplink){.settings = settings,
                        .index = index,
                        .loop = loop,
                        .source = *source,
                        .url = url,
                        .carrier = adapter->city ? &carrier_city : carriers[adapter->transport]};
    uplink->outbox = make_outbox(settings, restored);
    uplink->stale = stale_create(source->plan, settings->vacancy_refresh_ms);
    pace_init(&uplink->pace, settings->requests_per_s, clock_mono());
    text_new(&uplink->state, STATE_MAX);
    uplink->timer = loop_timer(loop, on_timer, uplink);
    uplink->progress_timer = loop_timer(loop, on_progress_timer, uplink);
    uplink->turn = loop_after_turn(loop, on_turn, uplink);
    uplink_wake(uplink);
    loop_timer_after(uplink->timer, 0);
    uplink->carrying = uplink->carrier->create(uplink, err);
    if (!uplink->carrying) {
        err_prefix(err, "uplink \"%s\"", settings->name);
        uplink_destroy(uplink);
        return NULL;
    }
    return uplink;
}

void uplink_destroy(struct uplink *uplink)
{
    if (!uplink)
        return;
    if (uplink->carrying) {
        uplink->carrier->destroy(uplink->carrying);
        hand_over_progress(uplink);
    }
    loop_after_turn_stop(uplink->turn);
    loop_timer_destroy(uplink->progress_timer);
    loop_timer_destroy(uplink->timer);
    free(uplink->state.bytes);
    stale_destroy(uplink->stale);
    outbox_destroy(uplink->outbox);
    free(uplink);
}

/* ---- what it is told ---- */

void uplink_fresh(struct uplink *uplink, const struct store_row *rows, size_t count)
{
    outbox_fresh(uplink->outbox, rows, count);
    uplink_wake(uplink);
}

void uplink_page(struct uplink *uplink, const struct store_row *rows, size_t count, bool end)
{
    outbox_page(uplink->outbox, rows, count, end, clock_mono());
    uplink_wake(uplink);
}

void uplink_looked(struct uplink *uplink, const struct store_row *rows, size_t count, bool end)
{
    if (uplink->carrier->looked)
        uplink->carrier->looked(uplink->carrying, rows, count, end);
    uplink_wake(uplink);
}

bool uplink_check(struct uplink *uplink, const char *lot, int32_t day)
{
    uplink_wake(uplink);
    return uplink->carrier->check && uplink->carrier->check(uplink->carrying, lot, day);
}

void uplink_photo(struct uplink *uplink, const char *id, const struct err *err)
{
    if (uplink->carrier->photo)
        uplink->carrier->photo(uplink->carrying, id, err);
    uplink_wake(uplink);
}

void uplink_bay_changed(struct uplink *uplink, uint32_t bay)
{
    stale_bay(uplink->stale, bay);
    uplink_wake(uplink);
}

void uplink_lot_changed(struct uplink *uplink, uint32_t lot)
{
    stale_lot(uplink->stale, lot);
    uplink_wake(uplink);
}

size_t uplink_retry(struct uplink *uplink, uint64_t seq)
{
    uplink_wake(uplink);
    return outbox_retry(uplink->outbox, seq, clock_mono());
}

size_t uplink_drop(struct uplink *uplink, uint64_t seq)
{
    uplink_wake(uplink);
    return outbox_drop(uplink->outbox, seq, "given up by an operator");
}

void uplink_each_mark(const struct uplink *uplink, uplink_mark_fn *fn, void *arg)
{
    outbox_each_mark(uplink->outbox, fn, arg);
}

static const char *full_text(const struct uplink *uplink)
{
    return outbox_full(uplink->outbox)
               ? "too many records are set aside; see `parkctl outbox list`, retry or drop them"
               : "";
}

void uplink_status(const struct uplink *uplink, struct uplink_status *ret)
{
    const char *trouble = full_text(uplink);
    struct outbox_counts counts;

    for (int lane = 0; !trouble[0] && lane < LANES; lane++)
        trouble = uplink->trouble[lane];
    outbox_counts(uplink->outbox, &counts);
    *ret = (struct uplink_status){
        .connected = uplink->connected,
        .delivered = counts.delivered,
        .pending = counts.pending,
        .dead = counts.dead,
        .through = counts.through,
        .head = counts.head,
        .last_delivery = uplink->last_delivery,
        .oldest_pending = counts.oldest,
        .vacancies_sent = uplink->vacancies_sent,
    };
    text_copy(ret->trouble, sizeof ret->trouble, trouble);
    if (uplink->carrier->status)
        uplink->carrier->status(uplink->carrying, ret);
}
