/*
 * What platforms order: executor.h does it, here its answer waits until the records of it are
 * durable. While the disk takes no records nothing is begun.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/gateway_inside.h"

/* Orders whose answers wait for the disk, of all uplinks; what is more is asked to come again. */
enum { ORDERS_MAX = 256, LINES_A_MINUTE = 10 };

struct waiting_order {
    platform_said_fn *said;
    void *arg;
    struct platform_said what;
    const char *uplink; /* the configuration's */
    char id[sizeof((struct city_order *)0)->id];
    uint64_t after; /* answer when so many records are durable */
};

struct gateway_platform {
    struct executor *executor;
    struct waiting_order waiting[ORDERS_MAX]; /* oldest first */
    uint32_t count;
    struct log_limit lines;
};

void gateway_platform_create(struct gateway *g)
{
    g->platform = memory_new(1, sizeof *g->platform);
    g->platform->executor = executor_create(&g->config->plan, g->yard);
}

void gateway_platform_destroy(struct gateway *g)
{
    executor_destroy(g->platform->executor);
    free(g->platform);
}

void gateway_platform_restore(struct gateway *g, const struct record *record, uint64_t seq)
{
    executor_restore(g->platform->executor, record, seq);
}

void gateway_platform_kept(struct gateway *g, const struct record *record, uint64_t seq)
{
    executor_kept(g->platform->executor, record, seq);
}

static const struct uplink_settings *find_settings(const struct gateway *g, const char *uplink)
{
    const struct uplink_settings *settings = g->config->uplinks;

    while (strcmp(settings->name, uplink) != 0)
        settings++; /* an order comes by one of them */
    return settings;
}

static void log_order(struct gateway *g, const char *uplink, const struct city_order *order,
                      const struct platform_said *what)
{
    if (!*what->why || !log_allow(&g->platform->lines, gateway_now(g).mono, LINES_A_MINUTE))
        return;
    log_warning("uplink \"%s\": order \"%s\" (%s) was %s: %s", uplink, order->id,
                words_name(&platform_act_words, (int)order->act),
                what->later ? "not judged" : "refused", what->why);
}

static struct platform_said not_now(const char *why)
{
    struct platform_said what = {.verdict = PLATFORM_REFUSED, .later = true};

    text_copy(what.why, sizeof what.why, why);
    return what;
}

void gateway_platform(struct gateway *g, const char *uplink, const struct city_order *order,
                      platform_said_fn *said, void *arg)
{
    struct gateway_platform *platform = g->platform;
    const struct uplink_settings *from = find_settings(g, uplink);
    struct waiting_order waiting = {.said = said, .arg = arg, .uplink = from->name};
    struct executor_case it = {
        .from = from, .order = order, .now = gateway_now(g), .time_uncertain = g->time_uncertain};

    if (*g->store_trouble || platform->count == ORDERS_MAX)
        waiting.what = not_now("the disk takes no records; ask again with the same id");
    else
        executor_take(platform->executor, &it, &waiting.what);
    log_order(g, uplink, order, &waiting.what);
    if (waiting.what.later) {
        said(arg, &waiting.what);
        return;
    }
    waiting.after = g->added;
    text_copy(waiting.id, sizeof waiting.id, order->id);
    platform->waiting[platform->count++] = waiting;
    gateway_platform_durable(g); /* what was judged long ago needs no waiting */
}

/* Each is off the list before its sender is told: it may order anew at once. */
static struct waiting_order take_first(struct gateway_platform *platform)
{
    struct waiting_order first = platform->waiting[0];

    memmove(platform->waiting, platform->waiting + 1,
            --platform->count * sizeof platform->waiting[0]);
    return first;
}

void gateway_platform_durable(struct gateway *g)
{
    struct gateway_platform *platform = g->platform;

    while (platform->count > 0 && platform->waiting[0].after <= g->durable) {
        struct waiting_order first = take_first(platform);
        first.what.seq = executor_seq(platform->executor, first.uplink, first.id);
        first.said(first.arg, &first.what);
    }
}

void gateway_platform_later(struct gateway *g, const char *why)
{
    struct platform_said what = not_now(why);

    while (g->platform->count > 0) {
        struct waiting_order first = take_first(g->platform);
        first.said(first.arg, &what);
    }
}
