/*
 * A small car park that makes records for the tests of the store: bays that come and go as a seed
 * says, in a folder of their own that is removed at the end. Functions are static inline so that a
 * test needs no second file.
 */
/* long: one small world, used whole by each test of the store */
#ifndef TESTS_STORE_WORLD_H
#define TESTS_STORE_WORLD_H

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/store/store.h"

enum { WORLD_BAYS = 40, WORLD_DEVICES = 4, WORLD_LANES = 4, WORLD_ROWS = 256 };

struct world {
    char folder[64], path[96];
    struct site_plan plan;
    struct lot_plan lots[2];
    struct zone_plan zones[4];
    struct bay_plan bays[WORLD_BAYS];
    struct device_plan devices[WORLD_DEVICES];
    struct lane_plan lanes[WORLD_LANES];
    char names[WORLD_BAYS + WORLD_DEVICES][16];
    enum bay_state states[WORLD_BAYS];
    unsigned conditions[WORLD_BAYS];
    uint64_t seed;
    int64_t at_ms; /* of the next record */
    /* the batch that is being filled */
    struct store_row rows[WORLD_ROWS];
    struct record records[WORLD_ROWS];
    char bodies[WORLD_ROWS][RECORD_BODY_MAX + 1];
    size_t count;
};

static inline uint32_t world_random(struct world *world, uint32_t below)
{
    world->seed = world->seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(world->seed >> 33) % below;
}

static inline struct world *world_create(uint64_t seed)
{
    struct world *world = calloc(1, sizeof *world);

    printf("seed %llu\n", (unsigned long long)seed);
    world->seed = seed;
    world->at_ms = 1795316526123;
    snprintf(world->folder, sizeof world->folder, "/tmp/parkd-store-XXXXXX");
    assert_non_null(mkdtemp(world->folder));
    snprintf(world->path, sizeof world->path, "%s/parkd.db", world->folder);
    world->plan = (struct site_plan){
        "S", "Site", "UTC",      world->lots,   world->zones, world->bays, world->devices,
        2,   4,      WORLD_BAYS, WORLD_DEVICES, "CN"};
    world->plan.lanes = world->lanes;
    world->plan.lanes_count = WORLD_LANES;
    for (uint32_t i = 0; i < WORLD_LANES; i++)
        world->lanes[i] =
            (struct lane_plan){.id = (const char *[]){"A-in", "A-out", "B-in", "B-out"}[i],
                               .lot = i / 2,
                               .direction = i % 2 ? LANE_OUT : LANE_IN};
    world->lots[0].id = "A";
    world->lots[1].id = "B";
    for (uint32_t i = 0; i < 4; i++)
        world->zones[i] =
            (struct zone_plan){(const char *[]){"A1", "A2", "B1", "B2"}[i], "", i / 2};
    for (uint32_t i = 0; i < WORLD_BAYS; i++) {
        snprintf(world->names[i], sizeof world->names[i], "bay-%03u", i);
        world->bays[i] = (struct bay_plan){.id = world->names[i], .zone = i / (WORLD_BAYS / 4)};
    }
    for (uint32_t i = 0; i < WORLD_DEVICES; i++) {
        char *name = world->names[WORLD_BAYS + i];
        snprintf(name, sizeof world->names[0], "device-%u", i);
        world->devices[i] = (struct device_plan){name, "bus"};
    }
    return world;
}

static inline void world_destroy(struct world *world)
{
    DIR *folder = opendir(world->folder);
    struct dirent *entry;

    while (folder && (entry = readdir(folder)))
        unlinkat(dirfd(folder), entry->d_name, 0);
    if (folder)
        closedir(folder);
    rmdir(world->folder);
    free(world);
}

/* Adds `record` to the batch; its time is the world's, a second on. */
static inline void world_add(struct world *world, struct record record)
{
    size_t i = world->count++;
    struct text body;

    assert_true(i < WORLD_ROWS);
    record.at.ms = world->at_ms;
    world->at_ms += 1000;
    text_init(&body, world->bodies[i], sizeof world->bodies[i]);
    record_encode(&record, &world->plan, &body);
    world->records[i] = record;
    world->rows[i] = (struct store_row){
        .at = record.at, .kind = record.kind, .body = body.bytes, .body_size = body.used};
}

static inline void world_bay_change(struct world *world)
{
    uint32_t bay = world_random(world, WORLD_BAYS);
    enum bay_state from = world->states[bay];
    enum bay_state to =
        (enum bay_state)((from + 1 + world_random(world, BAY_STATES - 1)) % BAY_STATES);

    world->states[bay] = to;
    world_add(world, (struct record){.kind = RECORD_BAY_CHANGED,
                                     .bay_changed = {bay, from, to, BAY_BY_READING}});
}

/* One record of a random kind, mostly bays that change. */
static inline void world_happen(struct world *world)
{
    uint32_t bay = world_random(world, WORLD_BAYS);
    struct record record = {.kind = RECORD_BAY_HEALTH};

    switch (world_random(world, 10)) {
    case 0:
        record.bay_health.bay = bay;
        record.bay_health.condition = world_random(world, 2) ? BAY_FLAPPING : BAY_STUCK_FREE;
        world->conditions[bay] ^= record.bay_health.condition;
        record.bay_health.on = world->conditions[bay] & record.bay_health.condition;
        break;
    case 1:
        record.kind = RECORD_DEVICE_HEALTH;
        record.device_health.device = bay % WORLD_DEVICES;
        record.device_health.state = world_random(world, 2) ? DEVICE_ONLINE : DEVICE_OFFLINE;
        strcpy(record.device_health.reason, "timeout");
        break;
    case 2:
        record.kind = RECORD_GATEWAY;
        strcpy(record.gateway.event, "started");
        strcpy(record.gateway.version, "1");
        break;
    default:
        world_bay_change(world);
        return;
    }
    world_add(world, record);
}

static inline struct store *world_open(const struct world *world, enum store_mode mode)
{
    struct err err;
    struct store *store = store_open(world->path, mode, &err);

    if (!store)
        fail_msg("%s", err.text);
    return store;
}

/* Commits the batch and empties it. */
static inline void world_commit(struct world *world, struct store *store)
{
    struct store_batch batch = {.rows = world->rows, .rows_count = world->count};
    struct err err;

    if (!store_commit(store, &batch, &err))
        fail_msg("%s", err.text);
    world->count = 0;
}

/* `records` records in batches of random sizes. */
static inline void world_live(struct world *world, struct store *store, size_t records)
{
    while (records > 0) {
        size_t batch = 1 + world_random(world, 20);

        for (; batch > 0 && records > 0; batch--, records--)
            world_happen(world);
        world_commit(world, store);
    }
}

static inline uint64_t world_head(const struct store *store)
{
    struct store_head head;

    store_head(store, &head);
    return head.seq;
}

#endif
