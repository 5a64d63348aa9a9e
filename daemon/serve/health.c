/* Health. See health.h. */
#include "daemon/serve/health.h"

#include <stdio.h>

#include "daemon/base/clock.h"
#include "daemon/serve/routes.h"

enum {
    /* A platform may be away for this long before somebody should look: shorter outages heal
     * themselves and lose nothing. */
    PENDING_MAX_MS = 10 * 60 * 1000,
    STORE_WAITING_MAX = 10000, /* records in memory; about a second of the disk's best pace */
    DEVICES_SILENT_MAX_PERCENT = 10,
    UNCLOSED_MAX_MS = 36 * 3600 * 1000
};

struct check {
    const struct live *live;
    struct now now;
    health_fn *fn;
    void *arg;
    bool all_ok;
};

static void tell(struct check *check, const struct health_finding *finding)
{
    check->all_ok = check->all_ok && finding->ok;
    if (check->fn)
        check->fn(check->arg, finding);
}

static void check_buses(struct check *check)
{
    const struct serve_source *source = &check->live->source;

    for (uint32_t b = 0; b < source->buses_count; b++) {
        struct health_finding finding = {.kind = "bus", .name = source->buses[b].id};
        struct bus_stats stats;

        source->bus(source->arg, b, &stats);
        finding.ok = stats.open;
        text_copy(finding.words, sizeof finding.words, stats.open ? "open" : stats.trouble);
        if (!finding.words[0])
            text_copy(finding.words, sizeof finding.words, "not open yet");
        tell(check, &finding);
    }
}

static void check_devices(struct check *check)
{
    const struct serve_source *source = &check->live->source;
    uint32_t all = source->plan->devices_count, silent = 0;
    struct health_finding finding = {.kind = "devices"};

    for (uint32_t d = 0; d < all; d++)
        silent += view_device(source->view, d)->state != DEVICE_ONLINE;
    finding.ok = silent * 100ull <= all * (unsigned long long)DEVICES_SILENT_MAX_PERCENT;
    snprintf(finding.words, sizeof finding.words, "%u of %u answer%s", all - silent, all,
             finding.ok ? "" : "; parkctl devices says which do not");
    tell(check, &finding);
}

static void check_store(struct check *check)
{
    const struct serve_source *source = &check->live->source;
    struct health_finding finding = {.kind = "store"};
    struct serve_store store = {0};

    source->store(source->arg, &store);
    finding.ok = !store.trouble[0] && store.waiting <= STORE_WAITING_MAX;
    if (store.trouble[0])
        text_copy(finding.words, sizeof finding.words, store.trouble);
    else
        snprintf(finding.words, sizeof finding.words, "%llu records wait for the disk",
                 (unsigned long long)store.waiting);
    tell(check, &finding);
}

static void check_uplinks(struct check *check)
{
    const struct serve_source *source = &check->live->source;

    for (uint32_t u = 0; u < source->uplinks_count; u++) {
        struct health_finding finding = {.kind = "uplink", .name = source->uplinks[u].name};
        struct uplink_status status;

        source->uplink(source->arg, u, &status);
        finding.ok = status.oldest_pending.ms == 0 ||
                     check->now.utc.ms - status.oldest_pending.ms <= PENDING_MAX_MS;
        snprintf(
            finding.words, sizeof finding.words, "%s, %llu records pending, %llu set aside%s%s",
            status.connected ? "connected" : "not connected", (unsigned long long)status.pending,
            (unsigned long long)status.dead, status.trouble[0] ? ": " : "", status.trouble);
        tell(check, &finding);
    }
}

/* A day that was not closed is told, and no reason to take the gateway for unfit. */
static void check_reports(struct check *check)
{
    const struct serve_source *source = &check->live->source;
    struct health_finding finding = {.kind = "reports"};
    struct serve_store store = {0};
    char at[UTC_TEXT_SIZE];

    source->store(source->arg, &store);
    bool ever = store.closed_until.ms;
    utc_ms since = ever ? store.closed_until : source->started;
    finding.ok = check->now.utc.ms - since.ms <= UNCLOSED_MAX_MS;
    if (!check->fn || (!ever && finding.ok))
        return;
    if (ever)
        snprintf(finding.words, sizeof finding.words, "business days are closed until %s%s",
                 utc_text(store.closed_until, at),
                 finding.ok ? "" : "; see journalctl -u parkd-report");
    else
        snprintf(finding.words, sizeof finding.words,
                 "no business day was ever closed; systemctl enable --now parkd-report.timer, or "
                 "see journalctl -u parkd-report");
    check->fn(check->arg, &finding);
}

bool health_check(const struct live *live, struct now now, health_fn *fn, void *arg)
{
    struct check check = {.live = live, .now = now, .fn = fn, .arg = arg, .all_ok = true};

    check_buses(&check);
    check_devices(&check);
    check_store(&check);
    check_uplinks(&check);
    check_reports(&check);
    return check.all_ok;
}

static void write_finding(void *arg, const struct health_finding *finding)
{
    struct text *out = arg;

    text_comma(out);
    text_add(out, "{");
    text_json_pair(out, "kind", finding->kind);
    text_json_pair(out, "name", finding->name);
    text_json_bool(out, "ok", finding->ok);
    text_json_pair(out, "words", finding->words);
    text_add(out, "}");
}

static void write_store(const struct live *live, struct text *out)
{
    struct serve_store store = {0};

    live->source.store(live->source.arg, &store);
    text_add(out, ",\"store\":{");
    text_json_int(out, "head", (int64_t)store.head_seq);
    text_json_int(out, "waiting", (int64_t)store.waiting);
    text_json_int(out, "commits", (int64_t)store.commits);
    text_json_int(out, "last_commit_us", (int64_t)store.last_commit_us);
    text_json_int(out, "worst_commit_us", (int64_t)store.worst_commit_us);
    text_json_pair(out, "trouble", store.trouble[0] ? store.trouble : NULL);
    text_add(out, "}");
}

static void write_status(const struct live *live, struct now now, struct text *out)
{
    const struct site_plan *plan = live->source.plan;

    text_json_pair(out, "site", plan->id);
    text_json_pair(out, "name", plan->name);
    text_json_pair(out, "time_zone", plan->zone);
    text_json_pair(out, "version", PARKD_VERSION);
    live_time(out, "now", now.utc);
    live_time(out, "started", live->source.started);
    text_json_int(out, "lots", plan->lots_count);
    text_json_int(out, "bays", plan->bays_count);
    text_json_int(out, "devices", plan->devices_count);
    write_store(live, out);
    text_json_bool(out, "ready", health_check(live, now, NULL, NULL));
    text_add(out, ",\"checks\":[");
    health_check(live, now, write_finding, out);
    text_add(out, "]");
}

void health_write_status(const struct live *live, struct now now, uint32_t index, struct text *out)
{
    (void)index;
    text_add(out, "{");
    write_status(live, now, out);
    text_add(out, "}");
}

void health_status(struct api_call *call)
{
    text_add(&call->out, "{");
    write_status(call->live, call->now, &call->out);
    text_add(&call->out, ",\"uplinks\":[");
    for (uint32_t u = 0; u < call->live->source.uplinks_count; u++) {
        text_comma(&call->out);
        live_uplink(call->live, call->now, u, &call->out);
    }
    text_add(&call->out, "]}\n");
}

/* Only a loop that turns can say so. */
void health_alive(struct api_call *call)
{
    call->type = "text/plain; charset=utf-8";
    text_add(&call->out, "alive\n");
}

static void write_line(void *arg, const struct health_finding *finding)
{
    struct text *out = arg;

    text_add(out, "%s: %s%s%s%s%s\n", finding->ok ? "ok" : "NOT OK", finding->kind,
             finding->name ? " \"" : "", finding->name ? finding->name : "",
             finding->name ? "\": " : ": ", finding->words);
}

void health_ready(struct api_call *call)
{
    call->type = "text/plain; charset=utf-8";
    if (!health_check(call->live, call->now, write_line, &call->out))
        call->status = 503;
}
