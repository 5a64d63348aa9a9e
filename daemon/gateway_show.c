/* What people are shown: serve's way to look at the live state. Reads only. */
#include "daemon/base/clock.h"
#include "daemon/gateway_cameras.h"
#include "daemon/gateway_photos.h"

static struct now show_now(void *arg)
{
    (void)arg;
    return clock_now();
}

static void show_bus(void *arg, uint32_t bus, struct bus_stats *ret)
{
    struct gateway *g = arg;

    if (bus < g->config->buses_count)
        bus_stats(g->buses[bus], ret);
    else
        network_stats(g->networks[bus - g->config->buses_count], ret);
}

static void show_device(void *arg, uint32_t bus, uint32_t n, struct bus_device_stats *ret)
{
    struct gateway *g = arg;

    if (bus < g->config->buses_count)
        bus_device_stats(g->buses[bus], n, ret);
    else
        network_device_stats(g->networks[bus - g->config->buses_count], n, ret);
}

static bool show_stranger(void *arg, uint32_t index, struct text *out)
{
    struct gateway *g = arg;

    for (uint32_t n = 0; n < g->config->networks_count; n++) {
        uint32_t count = 0;
        while (network_stranger(g->networks[n], count))
            count++;
        if (index < count) {
            strangers_json(network_stranger(g->networks[n], index), g->config->networks[n].id, out);
            return true;
        }
        index -= count;
    }
    return false;
}

static bool show_counted(void *arg, uint32_t lot, struct serve_counted *ret)
{
    return gateway_counters_show(arg, lot, ret);
}

static void show_uplink(void *arg, uint32_t uplink, struct uplink_status *ret)
{
    struct gateway *g = arg;

    uplink_status(g->uplinks[uplink], ret);
}

static void show_marks(void *arg, uint32_t uplink, uplink_mark_fn *fn, void *fn_arg)
{
    struct gateway *g = arg;

    uplink_each_mark(g->uplinks[uplink], fn, fn_arg);
}

static void show_store(void *arg, struct serve_store *ret)
{
    struct gateway *g = arg;
    struct store_worker_stats stats;

    store_worker_stats(g->store, &stats);
    *ret = (struct serve_store){
        .head_seq = stats.head_seq,
        .waiting = stats.waiting,
        .commits = stats.batches,
        .last_commit_us = stats.last_commit_us,
        .worst_commit_us = stats.worst_commit_us,
        .closed_until = g->closing.until,
    };
    text_copy(ret->trouble, sizeof ret->trouble, g->store_trouble);
}

static bool show_photos(void *arg, struct photos_worker_figures *ret)
{
    return gateway_photos_show(arg, ret);
}

bool gateway_start_serve(struct gateway *g, struct err *err)
{
    const struct serve_source source = {
        .arg = g,
        .plan = &g->config->plan,
        .view = g->view,
        .started = g->started,
        .buses = g->shown,
        .buses_count = g->config->buses_count + g->config->networks_count,
        .uplinks = g->config->uplinks,
        .uplinks_count = g->config->uplinks_count,
        .now = show_now,
        .bus = show_bus,
        .device = show_device,
        .uplink = show_uplink,
        .marks = show_marks,
        .stranger = show_stranger,
        .counted = show_counted,
        .store = show_store,
        .camera = gateway_show_camera,
        .cameras_count = g->config->cameras_count,
        .photos = show_photos,
        .vacancy = gateway_vacancy,
        .lane = gateway_show_lane,
        .stays = gateway_show_stays,
        .quote = gateway_show_quote,
        .lists = gateway_show_lists,
        .request = gateway_request,
        .refused = gateway_refused,
    };

    g->serve = serve_create(&g->config->serve, g->loop, &source, err);
    return g->serve != NULL;
}
