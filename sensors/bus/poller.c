/* The schedule; the numbers in comments are the rules of poller.h. */
#include "sensors/bus/poller.h"

#include <assert.h>
#include <stdlib.h>

#include "daemon/base/memory.h"
#include "daemon/core/backoff.h"
#include "daemon/core/random.h"
#include "sensors/bay/modbus_map.h"
#include "sensors/bus/blocks.h"
#include "sensors/lane/barrier.h"

enum { BACKOFF_BASE_MS = 1000, DEAD_SHARE = 40, BARRIER_PERIOD_MS = 100, SIGN_RESPONSE_MS = 500 };
enum { HURRIED = 0 }; /* due before all others, once */

/* How a barrier wants to be treated: missed once is enough to say so. */
static const struct modbus_map barriers = {.retries = 1, .background_ms = 1000};

/* Rule 6. */
enum step { STEP_PROBE, STEP_SETUP, STEP_POLL };

struct due_block {
    struct block block;
    int64_t due_us;
    int64_t read_us; /* when it was last read; 0 never */
    uint32_t refusals;
};

struct due_device {
    const struct device_settings *settings;
    const struct modbus_map *map; /* of a barrier: one that says nothing */
    struct due_block *blocks;
    uint32_t blocks_count;
    enum device_state state;
    enum step step;
    uint8_t setup_done;
    uint32_t failures;
    uint32_t failed_block; /* rule 4 */
    int64_t hold_us;       /* after a failure, or until values are good: not before */
    int64_t trigger_us;    /* maps with a trigger: when it is due */
    bool triggered;        /* and the reads after it are still to come */
};

struct poller {
    const struct bus_settings *settings;
    struct due_device *devices;
    uint32_t last; /* served last: rule 2 */
    uint32_t dead;
    uint64_t random;
    int64_t cycle_us;
    uint64_t cycles;
};

/* How often a device is polled. */
static int64_t period_ms(const struct bus_settings *settings, const struct device_settings *device)
{
    static const int64_t periods[][2] = {[MODBUS_POLL_FAST] = {250, 100}, /* serial, TCP */
                                         [MODBUS_POLL_NORMAL] = {1000, 200},
                                         [MODBUS_POLL_SLOW] = {5000, 5000}};
    if (device->poll_ms || !device->map)
        return device->poll_ms ? device->poll_ms : BARRIER_PERIOD_MS;
    return periods[device->map->poll][settings->type == BUS_TCP];
}

int64_t poller_response_ms(const struct device_settings *device)
{
    if (device->response_ms)
        return device->response_ms;
    if (device->barrier_map)
        return device->barrier_map->response_ms;
    return device->map ? device->map->response_ms : SIGN_RESPONSE_MS;
}

static int64_t block_period_us(const struct poller *poller, const struct due_device *device,
                               const struct due_block *block)
{
    if (block->block.period_ms)
        return 1000 * block->block.period_ms;
    return 1000 * (block->block.background ? device->map->background_ms
                                           : period_ms(poller->settings, device->settings));
}

static bool has_trigger(const struct due_device *device)
{
    return device->map->trigger.function != 0;
}

/* Rule 3: device n of N begins n/N of its period later. */
static void spread(struct poller *poller, int64_t now_us)
{
    uint32_t count = poller->settings->devices_count;
    for (uint32_t n = 0; n < count; n++) {
        struct due_device *device = &poller->devices[n];
        int64_t period_us = period_ms(poller->settings, device->settings) * 1000;
        device->hold_us = device->trigger_us = now_us + period_us * n / count;
        for (uint32_t i = 0; i < device->blocks_count; i++)
            device->blocks[i].due_us =
                device->hold_us + period_us / count * i / device->blocks_count;
    }
}

struct poller *poller_create(const struct bus_settings *settings, uint64_t seed, int64_t now_us)
{
    struct poller *poller = memory_new(1, sizeof *poller);
    poller->settings = settings;
    poller->random = seed;
    poller->devices = memory_new(settings->devices_count, sizeof *poller->devices);
    for (uint32_t n = 0; n < settings->devices_count; n++) {
        struct due_device *device = &poller->devices[n];
        struct block *blocks;
        device->settings = &settings->devices[n];
        device->map = device->settings->map ? device->settings->map : &barriers;
        device->blocks_count = device->settings->map ? blocks_of(device->settings, &blocks)
                                                     : blocks_of_barriers(settings, n, &blocks);
        device->blocks = memory_new(device->blocks_count, sizeof *device->blocks);
        for (uint32_t i = 0; i < device->blocks_count; i++)
            device->blocks[i].block = blocks[i];
        free(blocks);
    }
    spread(poller, now_us);
    return poller;
}

void poller_destroy(struct poller *poller)
{
    if (!poller)
        return;
    for (uint32_t n = 0; n < poller->settings->devices_count; n++)
        free(poller->devices[n].blocks);
    free(poller->devices);
    free(poller);
}

static uint32_t earliest_block(const struct due_device *device)
{
    uint32_t best = 0;
    for (uint32_t i = 1; i < device->blocks_count; i++)
        if (device->blocks[i].due_us < device->blocks[best].due_us)
            best = i;
    return best;
}

/* What the device needs next, and from when on. */
static int64_t next_of(const struct due_device *device, enum poller_kind *ret_kind,
                       uint32_t *ret_block)
{
    *ret_kind = POLLER_READ;
    *ret_block = device->failed_block;
    if (device->blocks_count == 0)
        return INT64_MAX;
    if (device->step == STEP_PROBE)
        return device->hold_us;
    if (device->step == STEP_SETUP) {
        *ret_kind = POLLER_SETUP;
        return device->failures ? device->hold_us : 0; /* rule 1 */
    }
    if (has_trigger(device) && !device->triggered) {
        *ret_kind = POLLER_TRIGGER;
        return device->trigger_us > device->hold_us ? device->trigger_us : device->hold_us;
    }
    if (device->failures)
        return device->hold_us;
    *ret_block = earliest_block(device);
    int64_t due_us = device->blocks[*ret_block].due_us;
    return due_us > device->hold_us ? due_us : device->hold_us;
}

static struct frame_request write_request(uint32_t unit, const struct modbus_write *write)
{
    return (struct frame_request){.unit = (uint8_t)unit,
                                  .function = write->function,
                                  .address = write->address,
                                  .value = write->value};
}

static void make_job(const struct poller *poller, uint32_t n, enum poller_kind kind, uint32_t block,
                     struct poller_job *ret)
{
    const struct due_device *device = &poller->devices[n];
    const struct device_settings *settings = device->settings;
    const struct modbus_map *map = device->map;
    const struct block *read = &device->blocks[block].block;
    *ret = (struct poller_job){.device = n,
                               .kind = kind,
                               .block = block,
                               .response_ms = poller_response_ms(settings),
                               .trusted = device->step == STEP_POLL ||
                                          (map->setup_count == 0 && !has_trigger(device))};
    if (kind == POLLER_SETUP)
        ret->request = write_request(settings->unit, &map->setup[device->setup_done]);
    else if (kind == POLLER_TRIGGER)
        ret->request = write_request(settings->unit, &map->trigger);
    else
        ret->request = (struct frame_request){.unit = (uint8_t)settings->unit,
                                              .function = read->function,
                                              .address = read->address,
                                              .count = read->count};
}

bool poller_next(struct poller *poller, int64_t now_us, struct poller_job *ret, int64_t *ret_due_us)
{
    uint32_t count = poller->settings->devices_count, best = 0, best_block = 0;
    enum poller_kind best_kind = POLLER_READ;
    int64_t best_due_us = INT64_MAX;
    for (uint32_t i = 1; i <= count; i++) {
        uint32_t n = (poller->last + i) % count, block;
        enum poller_kind kind;
        int64_t due_us = next_of(&poller->devices[n], &kind, &block);
        if (due_us >= best_due_us)
            continue;
        best_due_us = due_us;
        best = n;
        best_kind = kind;
        best_block = block;
    }
    *ret_due_us = best_due_us;
    if (best_due_us > now_us)
        return false;
    poller->last = best;
    make_job(poller, best, best_kind, best_block, ret);
    return true;
}

static int64_t later(int64_t a_us, int64_t b_us)
{
    return a_us > b_us ? a_us : b_us;
}

static void set_state(struct poller *poller, struct due_device *device, enum device_state state)
{
    poller->dead += (state == DEVICE_OFFLINE) - (device->state == DEVICE_OFFLINE);
    device->state = state;
}

static void begin_polling(struct poller *poller, struct due_device *device, int64_t from_us)
{
    for (uint32_t i = 0; i < device->blocks_count; i++)
        if (device->blocks[i].block.once)
            device->blocks[i].due_us = from_us;
    device->step = STEP_POLL;
    device->triggered = false;
    device->trigger_us = device->hold_us = from_us;
    for (uint32_t i = 0; i < device->blocks_count; i++)
        device->blocks[i].due_us = later(device->blocks[i].due_us, from_us);
    set_state(poller, device, DEVICE_ONLINE);
}

/* The reads that follow a trigger have all come back. */
static bool round_is_over(const struct due_device *device)
{
    for (uint32_t i = 0; i < device->blocks_count; i++)
        if (!device->blocks[i].block.background && device->blocks[i].due_us != INT64_MAX)
            return false;
    return true;
}

static void read_done(struct poller *poller, struct due_device *device, struct due_block *block,
                      int64_t now_us)
{
    int64_t period_us = block_period_us(poller, device, block);
    block->refusals = 0;
    if (block->due_us == HURRIED)
        block->due_us = now_us + period_us;
    else
        block->due_us =
            block->due_us == INT64_MAX ? now_us : later(block->due_us + period_us, now_us);
    if (block->block.once)
        block->due_us = INT64_MAX;
    if (!block->block.background) {
        if (block->read_us)
            poller->cycle_us = now_us - block->read_us;
        block->read_us = now_us;
        if (has_trigger(device) && device->triggered) {
            block->due_us = INT64_MAX;
            device->triggered = !round_is_over(device);
        }
        poller->cycles += block == device->blocks && device == poller->devices;
    }
}

static void trigger_done(struct poller *poller, struct due_device *device, int64_t now_us)
{
    int64_t period_us = period_ms(poller->settings, device->settings) * 1000;
    device->trigger_us = later(device->trigger_us + period_us, now_us);
    device->triggered = true;
    for (uint32_t i = 0; i < device->blocks_count; i++)
        if (!device->blocks[i].block.background)
            device->blocks[i].due_us = now_us + device->map->settle_ms * 1000;
}

static void succeed(struct poller *poller, struct due_device *device, const struct poller_job *job,
                    int64_t now_us)
{
    const struct modbus_map *map = device->map;
    if (device->step == STEP_POLL)
        device->failures = 0;
    if (job->kind == POLLER_READ)
        read_done(poller, device, &device->blocks[job->block], now_us);
    if (job->kind == POLLER_TRIGGER)
        trigger_done(poller, device, now_us);
    if (job->kind == POLLER_SETUP)
        device->setup_done++;
    if (device->step == STEP_PROBE) {
        device->step = STEP_SETUP;
        device->setup_done = 0;
        device->hold_us = now_us;
    }
    if (device->step == STEP_SETUP && device->setup_done == map->setup_count) {
        device->failures = 0;
        device->failed_block = 0;
        begin_polling(poller, device, now_us + (map->setup_count ? map->settle_ms * 1000 : 0));
    }
}

/* Rule 5. `lost_us` is the time that the attempt took from the others. */
static int64_t wait_us(struct poller *poller, uint32_t attempt, int64_t lost_us)
{
    int64_t max_ms = poller->settings->backoff_max_ms;
    int64_t wait_ms = attempt < 20 ? (int64_t)BACKOFF_BASE_MS << attempt : max_ms;
    int64_t fair_ms = lost_us * DEAD_SHARE * poller->dead / 1000;
    if (poller->dead < poller->settings->devices_count && fair_ms > wait_ms)
        wait_ms = fair_ms;
    if (wait_ms > max_ms)
        wait_ms = max_ms;
    int64_t jitter_ms = wait_ms / 4 + 1;
    return 1000 * (wait_ms - jitter_ms +
                   backoff_ms(jitter_ms, jitter_ms, 0, random_next(&poller->random)));
}

static void fail(struct poller *poller, struct due_device *device, const struct poller_job *job,
                 int64_t lost_us, int64_t now_us)
{
    uint32_t retries = device->map->retries;
    device->failures++;
    device->failed_block = job->block;
    device->hold_us = now_us;
    if (device->failures <= retries && device->state != DEVICE_OFFLINE)
        return; /* rule 4 */
    set_state(poller, device, DEVICE_OFFLINE);
    device->step = STEP_PROBE;
    device->failed_block = 0;
    uint32_t attempt = device->failures > retries ? device->failures - retries - 1 : 0;
    if (device->map == &barriers)
        attempt = 0; /* someone stands before it */
    device->hold_us = now_us + wait_us(poller, attempt, lost_us);
}

enum device_state poller_done(struct poller *poller, const struct poller_job *job,
                              enum link_outcome outcome, int64_t start_us, int64_t now_us)
{
    assert(job->device < poller->settings->devices_count);
    struct due_device *device = &poller->devices[job->device];
    struct due_block *block = &device->blocks[job->block];
    if (outcome == LINK_GOOD) {
        succeed(poller, device, job, now_us);
    } else if (outcome == LINK_REFUSED && job->kind == POLLER_READ && block->block.background) {
        device->failures = 0; /* rule 7 */
        block->due_us =
            now_us + block_period_us(poller, device, block) + wait_us(poller, block->refusals++, 0);
    } else {
        fail(poller, device, job, now_us - start_us, now_us);
    }
    return device->state;
}

void poller_hurry(struct poller *poller, uint32_t unit)
{
    for (uint32_t n = 0; n < poller->settings->devices_count; n++) {
        struct due_device *device = &poller->devices[n];
        for (uint32_t i = 0; device->settings->unit == unit && i < device->blocks_count; i++)
            if (!device->blocks[i].block.once)
                device->blocks[i].due_us = HURRIED;
    }
}

void poller_link_down(struct poller *poller)
{
    for (uint32_t n = 0; n < poller->settings->devices_count; n++) {
        struct due_device *device = &poller->devices[n];
        set_state(poller, device, DEVICE_OFFLINE);
        device->step = STEP_PROBE;
        device->failures = device->failed_block = 0;
    }
}

void poller_link_up(struct poller *poller, int64_t now_us)
{
    spread(poller, now_us);
}

int64_t poller_cycle_us(const struct poller *poller)
{
    return poller->cycle_us;
}

uint64_t poller_cycles(const struct poller *poller)
{
    return poller->cycles;
}
