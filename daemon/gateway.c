/* long: the way of a reading through the gateway is read as one page */
/* The gateway: builds the parts, and the way of a reading through them. See gateway.h. */
#include "daemon/gateway.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/crash.h"
#include "daemon/base/memory.h"
#include "daemon/gateway_cameras.h"
#include "daemon/gateway_lanes.h"
#include "daemon/gateway_photos.h"

enum { TICK_MS = 1000 };

/* Tags of reads: an uplink's index; with this bit for a look back at a day. */
#define LOOK UINT32_C(0x80000000)

/* 1. In: the core makes records of what the field says; they gather in the store's batch. */

static void put_record(void *arg, const struct record *record)
{
    struct gateway *g = arg;
    char bytes[RECORD_BODY_MAX + 1];
    struct text body;

    text_init(&body, bytes, sizeof bytes);
    record_encode(record, &g->config->plan, &body);
    store_worker_add(g->store, record, body.bytes, body.used);
    g->added++;
}

struct record_sink gateway_sink(struct gateway *g)
{
    return (struct record_sink){.put = put_record, .arg = g};
}

static void put_site_record(void *arg, const struct record *record)
{
    struct gateway *g = arg;

    put_record(g, record);
    yard_witness(g->yard, record, gateway_now(g));
}

struct record_sink gateway_site_sink(struct gateway *g)
{
    return (struct record_sink){.put = put_site_record, .arg = g};
}

struct now gateway_now(struct gateway *g)
{
    if (!g->now_known)
        g->now = clock_now();
    g->now_known = true;
    return g->now;
}

static void on_reading(void *arg, const struct reading *reading)
{
    struct gateway *g = arg;

    crash_point("received");
    site_reading(g->site, reading, gateway_now(g), gateway_site_sink(g));
}

static void on_device(void *arg, uint32_t device, enum device_state state, const char *reason)
{
    struct gateway *g = arg;

    log_info("device \"%s\": %s, %s", g->config->plan.devices[device].id, device_state_name(state),
             reason);
    site_device(g->site, device, state, reason, gateway_now(g), gateway_site_sink(g));
}

static void on_tick(void *arg)
{
    struct gateway *g = arg;
    struct now now = gateway_now(g);

    gateway_judge_clock(g);
    site_tick(g->site, now, gateway_site_sink(g));
    yard_tick(g->yard, now);
    gateway_tick_networks(g, now);
    gateway_cameras_tick(g, now);
    gateway_calls_tick(g, now.mono);
    gateway_show_signs(g);
    gateway_watchdog(g, now.mono);
    loop_timer_after(g->tick, TICK_MS);
}

static void on_soon(void *arg)
{
    struct gateway *g = arg;

    g->soon_at = MONO_NEVER;
    site_tick(g->site, gateway_now(g), gateway_site_sink(g));
    yard_tick(g->yard, gateway_now(g));
}

/* The core's deadlines (debounce, a lane's times) may come before the next second. */
static void after_turn(void *arg)
{
    struct gateway *g = arg;
    mono_ms next = mono_earlier(site_next(g->site), yard_next(g->yard));

    g->now_known = false;
    gateway_release_networks(g); /* of messages that made no record */
    gateway_cameras_release(g);
    if (next.ms == g->soon_at.ms)
        return;
    g->soon_at = next;
    if (next.ms == MONO_NEVER.ms)
        loop_timer_stop(g->soon);
    else
        loop_timer_after(g->soon, next.ms - clock_mono().ms);
}

/* 2. Durable: only now may the world be told (journal before tell). */

/* The worker's own records (retention, seals) are told of too, but nobody waits for them. */
static size_t count_ours(const struct store_row *rows, size_t count)
{
    size_t ours = 0;

    for (size_t i = 0; i < count; i++)
        ours += rows[i].kind != RECORD_RETENTION && rows[i].kind != RECORD_SEAL;
    return ours;
}

/* After a loss, once what was kept is durable: what the world believes is brought up to what is so.
 */
static void retell(struct gateway *g)
{
    struct now now = clock_now();

    g->retell = false;
    for (uint32_t bay = 0; bay < g->config->plan.bays_count; bay++) {
        const struct view_bay *shown = view_bay(g->view, bay);
        site_retell_bay(g->site, bay, shown->state, shown->conditions, now, gateway_site_sink(g));
    }
}

/* The disk takes records again. What was dropped at the bound meanwhile is declared (rule 17). */
static void declare_loss(struct gateway *g)
{
    struct record record = gateway_record(g, RECORD_LOSS);
    struct store_loss loss;

    if (!store_worker_loss(g->store, &loss))
        return;
    log_error("store: %llu records were dropped while the disk took none; a loss record says so",
              (unsigned long long)loss.count);
    gateway_answer_all(g, "the disk took no records; see with parkctl status, then try again");
    gateway_platform_later(g, "the disk took no records; ask again with the same id");
    gateway_cameras_lost(g);
    g->added -= loss.count;
    g->retell = true;
    text_copy(record.loss.what, sizeof record.loss.what, "records");
    text_copy(record.loss.reason, sizeof record.loss.reason, g->store_trouble);
    record.loss.count = loss.count;
    record.loss.from = loss.from;
    record.loss.to = loss.to;
    put_record(g, &record);
}

static void on_committed(void *arg, const struct store_row *rows, const struct record *records,
                         size_t count)
{
    struct gateway *g = arg;

    crash_point("before_tell");
    for (size_t i = 0; i < count; i++) {
        gateway_tell(g, &records[i], rows[i].seq);
        gateway_photos_durable(g, &records[i]);
        gateway_camera_lists_durable(g, &records[i]);
        gateway_platform_kept(g, &records[i], rows[i].seq);
    }
    for (uint32_t u = 0; u < g->uplinks_count; u++)
        uplink_fresh(g->uplinks[u], rows, count);
    gateway_unnamed_due(g, rows, count);
    g->durable += count_ours(rows, count);
    gateway_answer_durable(g);
    gateway_platform_durable(g);
    gateway_lanes_durable(g);
    gateway_cameras_durable(g);
    gateway_cameras_release(g);
    gateway_release_networks(g);
    gateway_show_signs(g);
    if (g->retell && g->durable == g->added)
        retell(g);
}

static void on_page(void *arg, uint32_t tag, const struct store_row *rows, size_t count, bool end)
{
    struct gateway *g = arg;

    if (tag & LOOK)
        uplink_looked(g->uplinks[tag & ~LOOK], rows, count, end);
    else
        uplink_page(g->uplinks[tag], rows, count, end);
}

static void on_done(void *arg, uint32_t tag, const struct err *err)
{
    (void)tag; /* a backup is the only thing that we ask for */
    gateway_backup_done(arg, err);
}

static void on_trouble(void *arg, const struct err *err)
{
    struct gateway *g = arg;

    if (err)
        log_error("store: %s; records are kept in memory and tried again", err->text);
    else
        log_info("store: works again");
    if (!err)
        declare_loss(g);
    else
        gateway_platform_later(g, "the disk takes no records; ask again with the same id");
    text_copy(g->store_trouble, sizeof g->store_trouble, err ? err->text : "");
    gateway_photos_disk(g);
}

/* 3. Out: what an uplink may ask for. */

static void on_uplink_read(void *arg, uint32_t uplink, uint64_t from, uint32_t limit)
{
    struct gateway *g = arg;

    store_worker_read(g->store, uplink, from, limit);
}

static void on_uplink_look(void *arg, uint32_t uplink, uint64_t from, uint32_t limit)
{
    struct gateway *g = arg;

    store_worker_read(g->store, uplink | LOOK, from, limit);
}

static void on_uplink_progress(void *arg, const struct outbox_progress *progress)
{
    struct gateway *g = arg;

    store_worker_progress(g->store, progress);
}

static void on_uplink_lot(void *arg, uint32_t lot, struct text *out)
{
    struct gateway *g = arg;

    gateway_vacancy(g, lot, clock_utc(), out);
}

static void on_uplink_bay(void *arg, uint32_t bay, struct text *out)
{
    struct gateway *g = arg;

    view_bay_json(g->view, bay, out);
}

static void on_uplink_order(void *arg, uint32_t uplink, const struct city_order *order,
                            platform_said_fn *said, void *said_arg)
{
    struct gateway *g = arg;

    gateway_platform(g, g->config->uplinks[uplink].name, order, said, said_arg);
}

/* 4. Building, in the order in which a part needs the ones before it. */

static bool start_uplinks(struct gateway *g, const struct outbox_progress *restored,
                          struct err *err)
{
    const struct uplink_source source = {
        .arg = g,
        .plan = &g->config->plan,
        .read = on_uplink_read,
        .progress = on_uplink_progress,
        .look = on_uplink_look,
        .record = put_record,
        .lot = on_uplink_lot,
        .bay = on_uplink_bay,
        .counts = gateway_on_counts,
        .taken = g->photos ? gateway_photos_taken : NULL,
        .photo = g->photos ? gateway_photos_next : NULL,
        .settled = gateway_photos_settled,
        .order = on_uplink_order,
    };

    for (uint32_t u = 0; u < g->config->uplinks_count; u++) {
        const struct uplink_settings *settings = &g->config->uplinks[u];

        g->uplinks[u] = uplink_create(settings, u, g->loop, &source, &restored[u], err);
        if (!g->uplinks[u])
            return err_prefix(err, "uplink \"%s\"", settings->name);
        g->uplinks_count++;
    }
    return true;
}

static bool start_buses(struct gateway *g, struct err *err)
{
    const struct bus_hooks hooks = {
        .arg = g,
        .reading = on_reading,
        .device = on_device,
        .barrier = gateway_on_barrier,
        .result = gateway_on_barrier_result,
    };

    for (uint32_t b = 0; b < g->config->buses_count; b++) {
        g->buses[b] = bus_create(&g->config->buses[b], g->loop, &hooks, err);
        if (!g->buses[b])
            return err_prefix(err, "bus \"%s\"", g->config->buses[b].id);
    }
    return true;
}

/* Opens the store, reads what is durable, and moves the store to its worker. */
static bool start_store(struct gateway *g, struct outbox_progress *ret_progress, struct err *err)
{
    const struct store_hooks hooks = {
        .arg = g,
        .committed = on_committed,
        .page = on_page,
        .done = on_done,
        .trouble = on_trouble,
        .damaged = gateway_on_damaged,
    };
    struct store *store = store_open_or_begin(g->config->store.path, err);

    if (!store)
        return false;
    if (!gateway_restore(g, store, ret_progress, err)) {
        store_close(store);
        return false;
    }
    g->store = store_worker_create(store, &g->config->store, g->loop, &hooks, err);
    return g->store != NULL;
}

static void note_gateway(struct gateway *g, const char *event)
{
    struct record record = gateway_record(g, RECORD_GATEWAY);

    text_copy(record.gateway.event, sizeof record.gateway.event, event);
    text_copy(record.gateway.version, sizeof record.gateway.version, PARKD_VERSION);
    put_record(g, &record);
}

static bool start(struct gateway *g, struct err *err)
{
    uint32_t count = g->config->uplinks_count;
    struct outbox_progress *progress = memory_new(count, sizeof *progress);
    bool ok = start_store(g, progress, err);

    crash_point("restored");
    if (ok) {
        gateway_judge_clock(g);
        note_gateway(g, "started");
        yard_started(g->yard, gateway_now(g)); /* its first records go to the store */
    }
    ok = ok && gateway_photos_start(g, err) && start_uplinks(g, progress, err) &&
         gateway_start_networks(g, err) && gateway_cameras_start(g, err) &&
         gateway_start_serve(g, err) && start_buses(g, err) && gateway_calls_start(g, err);
    for (uint32_t u = 0; u < count; u++)
        free(progress[u].marks);
    free(progress);
    return ok;
}

struct gateway *gateway_create(const struct config *config, struct loop *loop, struct err *err)
{
    struct gateway *g = memory_new(1, sizeof *g);

    g->config = config;
    g->loop = loop;
    g->started = clock_utc();
    g->soon_at = MONO_NEVER;
    g->site = site_create(&config->plan);
    g->view = view_create(&config->plan);
    g->differences = differences_create();
    gateway_lanes_create(g);
    gateway_platform_create(g);
    g->buses = memory_new(config->buses_count, sizeof(struct bus *));
    g->networks = memory_new(config->networks_count, sizeof(struct network *));
    g->shown = gateway_shown_buses(config);
    g->uplinks = memory_new(config->uplinks_count, sizeof(struct uplink *));
    g->timekeeper = timekeeper_create(loop);
    g->tick = loop_timer(loop, on_tick, g);
    g->soon = loop_timer(loop, on_soon, g);
    if (!start(g, err)) {
        gateway_destroy(g);
        return NULL;
    }
    g->turn = loop_after_turn(loop, after_turn, g);
    loop_timer_after(g->tick, TICK_MS);
    return g;
}

void gateway_destroy(struct gateway *g)
{
    if (!g)
        return;
    crash_point("stopping");
    loop_after_turn_stop(g->turn);
    for (uint32_t b = 0; b < g->config->buses_count; b++) {
        bus_destroy(g->buses[b]); /* NULL where the start failed before it */
        g->buses[b] = NULL;       /* what still becomes durable shows on no sign */
    }
    gateway_stop_networks(g);
    gateway_photos_stop(g);
    gateway_cameras_stop(g);
    gateway_answer_all(g, "parkd stops; see with parkctl whether it was done when it is back");
    gateway_platform_later(g, "the gateway stops; ask again with the same id");
    gateway_calls_stop(g);
    serve_destroy(g->serve);
    g->serve = NULL;
    if (g->store)
        note_gateway(g, "stopped");
    while (g->uplinks_count > 0)
        uplink_destroy(g->uplinks[--g->uplinks_count]);
    store_worker_destroy(g->store);
    loop_timer_destroy(g->soon);
    loop_timer_destroy(g->tick);
    timekeeper_destroy(g->timekeeper);
    gateway_unnamed_free(g);
    free(g->uplinks);
    gateway_free_shown(g->config, g->shown);
    free(g->networks);
    free(g->buses);
    gateway_platform_destroy(g);
    gateway_lanes_destroy(g);
    differences_destroy(g->differences);
    view_destroy(g->view);
    site_destroy(g->site);
    free(g);
}
