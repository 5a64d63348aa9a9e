/*
 * Makes a database as large as years would: cars that came and left on all bays of parksim's field,
 * through the store, so that its chain, projections and accounts are real. At the end all bays are
 * free, and an uplink has the newest records still to deliver.
 *
 * Usage: bench_fill DATABASE MEGABYTES BAYS BAYS_A_ZONE UPLINK PENDING
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/base/clock.h"
#include "daemon/base/memory.h"
#include "daemon/store/store.h"

enum { GROUP = 5000, STEP_MS = 20, NAME_SIZE = 12, MEGABYTE = 1000000 };

struct fill {
    struct site_plan plan;
    struct lot_plan lot;
    struct store *store;
    struct store_row rows[GROUP];
    char bodies[GROUP][RECORD_BODY_MAX];
    uint64_t made;
    utc_ms at;
};

static void die(const char *why)
{
    fprintf(stderr, "bench_fill: %s\n", why);
    exit(1);
}

static void plan_init(struct site_plan *plan, struct lot_plan *lot, uint32_t bays, uint32_t each)
{
    char *names = memory_new(2 * (size_t)bays, NAME_SIZE);

    lot->id = "A";
    *plan = (struct site_plan){.lots = lot,
                               .lots_count = 1,
                               .zones = memory_new(bays, sizeof *plan->zones),
                               .zones_count = (bays + each - 1) / each,
                               .bays = memory_new(bays, sizeof *plan->bays),
                               .bays_count = bays};
    for (uint32_t i = 0; i < bays; i++) {
        char *name = names + 2 * (size_t)i * NAME_SIZE, *zone = name + NAME_SIZE;
        snprintf(name, NAME_SIZE, "A-%04u", i + 1);
        snprintf(zone, NAME_SIZE, "A%u", i / each + 1);
        plan->bays[i] = (struct bay_plan){.id = name, .zone = i / each};
        plan->zones[i / each].id = zone;
    }
}

/* The next change: rounds over the bays, each time all the other way. */
static void make(struct fill *fill, struct store_row *ret, char *body)
{
    uint32_t bays = fill->plan.bays_count;
    bool arrives = fill->made / bays % 2;
    struct record record = {.kind = RECORD_BAY_CHANGED,
                            .at = fill->at,
                            .bay_changed = {.bay = (uint32_t)(fill->made % bays),
                                            .from = arrives ? BAY_FREE : BAY_OCCUPIED,
                                            .to = arrives ? BAY_OCCUPIED : BAY_FREE,
                                            .reason = BAY_BY_READING}};
    struct text text;

    if (fill->made < bays)
        record.bay_changed.from = BAY_UNKNOWN;
    text_init(&text, body, RECORD_BODY_MAX);
    record_encode(&record, &fill->plan, &text);
    *ret = (struct store_row){
        .at = record.at, .kind = record.kind, .body = body, .body_size = text.used};
    fill->made++;
    fill->at.ms += STEP_MS;
}

static void commit(struct fill *fill, struct outbox_progress *progress)
{
    struct store_batch batch = {.rows = fill->rows};
    struct err err;

    for (; batch.rows_count < GROUP; batch.rows_count++)
        make(fill, &fill->rows[batch.rows_count], fill->bodies[batch.rows_count]);
    if (progress) {
        batch.progress = progress;
        batch.progress_count = 1;
    }
    if (!store_commit(fill->store, &batch, &err) || !store_tidy(fill->store, false, &err) ||
        !store_tidy(fill->store, false, &err))
        die(err.text);
}

static void run(struct fill *fill, uint64_t bytes, const char *path, const char *uplink,
                uint64_t pending)
{
    struct outbox_progress progress = {.kinds = UINT32_MAX >> (32 - RECORD_KINDS), .since = 1};
    uint64_t pair = 2 * (uint64_t)fill->plan.bays_count;
    struct stat status = {.st_size = 0};
    struct err err;

    /* Enough for the size and the backlog, and then up to a round after which all are free. */
    while ((uint64_t)status.st_size < bytes || fill->made < pending ||
           fill->made % pair != pair / 2) {
        commit(fill, NULL);
        stat(path, &status);
    }
    snprintf(progress.uplink, sizeof progress.uplink, "%s", uplink);
    progress.through = progress.delivered = fill->made - pending;
    struct store_batch batch = {.progress = &progress, .progress_count = 1};
    if (!store_commit(fill->store, &batch, &err))
        die(err.text);
}

int main(int argc, char **argv)
{
    struct fill *fill = memory_new(1, sizeof *fill);
    struct err err;

    if (argc != 7)
        die("usage: bench_fill DATABASE MEGABYTES BAYS BAYS_A_ZONE UPLINK PENDING");
    uint64_t bytes = strtoull(argv[2], NULL, 10) * MEGABYTE;
    uint64_t pending = strtoull(argv[6], NULL, 10);
    plan_init(&fill->plan, &fill->lot, (uint32_t)atoi(argv[3]), (uint32_t)atoi(argv[4]));
    if (fill->plan.bays_count % GROUP)
        die("the bays must be a multiple of 5,000");
    /* They end about now: bytes / 300 is near enough to how many there will be. */
    fill->at.ms = clock_utc().ms - (int64_t)(bytes / 300 + pending) * STEP_MS;
    fill->store = store_open(argv[1], STORE_WRITE, &err);
    if (!fill->store)
        die(err.text);
    run(fill, bytes, argv[1], argv[5], pending);
    store_close(fill->store);
    printf("%llu records\n", (unsigned long long)fill->made);
    return 0;
}
