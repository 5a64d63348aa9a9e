/*
 * The loop's side of a bus: takes the thread's messages, decodes answers with the device's map and
 * hands out readings. Here, and only here, trouble of a bus is logged.
 */
#include "sensors/bus/bus.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/memory.h"
#include "daemon/core/text.h"
#include "sensors/bay/modbus_map.h"
#include "sensors/bus/bus_thread.h"
#include "sensors/bus/station.h"
#include "sensors/sign/sign.h"

/* Messages taken in one turn, so that a fast bus does not keep the others waiting. */
enum { TURN_MESSAGES = 32, TROUBLE_LINES_A_MINUTE = 6, BARRIERS_TICK_MS = 100 };

struct bus_device {
    const struct device_settings *settings;
    struct modbus_tuning tuning;
    struct modbus_input *inputs;
    struct station *station; /* a barrier; else NULL */
    struct sign sign;
    struct bus_device_stats stats;
};

struct bus {
    const struct bus_settings *settings;
    struct bus_hooks hooks;
    struct worker *worker;
    struct loop_watch *watch;
    struct loop_timer *tick; /* NULL: no barriers */
    struct bus_device *devices;
    struct bus_stats stats;
    struct log_limit limit;
};

static void set_state(struct bus *bus, struct bus_device *device, enum device_state state,
                      const char *reason)
{
    if (device->stats.state == state)
        return;
    device->stats.state = state;
    bus->hooks.device(bus->hooks.arg, device->stats.device, state, reason);
}

static void count(struct bus_device_stats *stats, const struct bus_message *message)
{
    switch (message->answer.outcome) {
    case LINK_GOOD:
        stats->answers++;
        stats->last_answer = message->at;
        stats->turnaround_us += (message->answer.turnaround_us - stats->turnaround_us) /
                                (stats->answers < 8 ? (int64_t)stats->answers : 8);
        return;
    case LINK_REFUSED:
        stats->exceptions++;
        stats->last_answer = message->at;
        break;
    case LINK_SILENT:
        stats->timeouts++;
        break;
    case LINK_WRONG:
        stats->refused++;
        stats->errors++;
        break;
    case LINK_LOST:
    case LINK_STOPPED:
        stats->errors++;
        break;
    }
    text_copy(stats->last_error, sizeof stats->last_error, message->answer.reason);
}

static void decode_input(struct bus *bus, struct bus_device *device,
                         const struct modbus_block *block, uint32_t n, mono_ms at)
{
    struct modbus_input *input = &device->inputs[n];
    uint64_t passages = input->passages, missed = input->missed;
    struct reading reading = {.bay = device->settings->bays[n]};
    if (reading.bay == PLAN_NONE)
        return;
    bool is_reading = modbus_map_decode(device->settings->map, &device->tuning, block, n, at, input,
                                        &reading.sensed);
    device->stats.passages += input->passages - passages;
    device->stats.missed += input->missed - missed;
    if (is_reading)
        bus->hooks.reading(bus->hooks.arg, &reading);
}

static void decode(struct bus *bus, struct bus_device *device, const struct bus_message *message)
{
    const struct modbus_map *map = device->settings->map;
    const struct modbus_block block = {.function = message->request.function,
                                       .address = message->request.address,
                                       .count = message->request.count,
                                       .data = message->answer.data,
                                       .size = message->answer.size};
    if (message->answer.outcome != LINK_GOOD) {
        for (uint32_t n = 0; n < device->settings->inputs; n++)
            modbus_map_lost(map, &block, n, &device->inputs[n]);
        return;
    }
    if (!message->trusted)
        return;
    for (uint32_t n = 0; n < device->settings->inputs; n++)
        decode_input(bus, device, &block, n, message->at);
    if (modbus_map_temperature(map, &block, &device->stats.temperature))
        device->stats.has_temperature = true;
}

static bool send_order(struct bus *bus, struct order *order, uint32_t device)
{
    int64_t now_us = clock_mono_us();
    order->command.device = device;
    order->queued_us = now_us;
    if (order->command.not_after_us == 0)
        order->command.not_after_us = now_us + BUS_COMMAND_LIFE_MS * 1000LL;
    return worker_send(bus->worker, order, sizeof *order);
}

/* After anything that may have changed what is known of a barrier. */
static void tend(struct bus *bus, uint32_t n, mono_ms at)
{
    struct bus_device *device = &bus->devices[n];
    struct station *station = device->station;
    struct order order;
    if (station_tick(station, at) && bus->hooks.barrier)
        bus->hooks.barrier(bus->hooks.arg, device->settings->barrier, &station->memory.now);
    if (station_prove(station, at, &order))
        station->proving = send_order(bus, &order, n);
}

/* Barriers that share a unit share its answers. */
static void take_barriers(struct bus *bus, const struct bus_message *message)
{
    uint32_t unit = bus->devices[message->device].settings->unit;
    const struct modbus_block block = {.function = message->request.function,
                                       .address = message->request.address,
                                       .count = message->request.count,
                                       .data = message->answer.data,
                                       .size = message->answer.size};
    for (uint32_t n = message->device; n < bus->settings->devices_count; n++) {
        struct bus_device *device = &bus->devices[n];
        if (!device->station || device->settings->unit != unit)
            continue;
        count(&device->stats, message);
        set_state(bus, device, message->state, message->answer.reason);
        if (message->answer.outcome == LINK_GOOD)
            station_block(device->station, &block, message->at);
        tend(bus, n, message->at);
    }
}

static void take_answer(struct bus *bus, const struct bus_message *message)
{
    assert(message->device < bus->settings->devices_count);
    struct bus_device *device = &bus->devices[message->device];
    if (device->station) {
        take_barriers(bus, message);
        return;
    }
    count(&device->stats, message);
    set_state(bus, device, message->state, message->answer.reason);
    decode(bus, device, message);
}

/* Writes what is due on a sign. */
static void paint(struct bus *bus, uint32_t n, mono_ms at)
{
    struct bus_device *device = &bus->devices[n];
    const struct device_settings *settings = device->settings;
    struct order order = {.kind = ORDER_SIGN};
    if (sign_next(&device->sign, settings->sign_map, (uint8_t)settings->unit, settings->refresh_ms,
                  at, &order.sign))
        send_order(bus, &order, n);
}

static void take_painted(struct bus *bus, const struct bus_message *message)
{
    const struct bus_result *result = &message->done.result;
    struct bus_device *device = &bus->devices[result->command.device];
    bool answered = result->outcome == COMMAND_ACCEPTED || result->outcome == COMMAND_REFUSED;
    sign_written(&device->sign, result->outcome == COMMAND_ACCEPTED);
    device->stats.answers += answered;
    device->stats.exceptions += result->outcome == COMMAND_REFUSED;
    device->stats.timeouts += result->outcome == COMMAND_UNKNOWN;
    if (answered)
        device->stats.last_answer = message->at;
    if (result->outcome != COMMAND_ACCEPTED)
        text_copy(device->stats.last_error, sizeof device->stats.last_error, result->reason);
    set_state(bus, device, result->outcome == COMMAND_ACCEPTED ? DEVICE_ONLINE : DEVICE_OFFLINE,
              result->reason);
    paint(bus, result->command.device, message->at);
}

static void take_done(struct bus *bus, const struct bus_message *message)
{
    const struct bus_result *result = &message->done.result;
    uint32_t n = result->command.device;
    struct bus_device *device = &bus->devices[n];
    if (message->kind == BUS_STUCK) {
        log_error("bus \"%s\": unit %u: the relay pressed for %s could not be let go (%s); look at "
                  "the board",
                  bus->settings->id, device->settings->unit,
                  barrier_action_name(result->command.action), result->reason);
        return;
    }
    if (message->done.kind == ORDER_SIGN) {
        take_painted(bus, message);
        return;
    }
    station_result(device->station, result, message->done.proof, message->at);
    if (!message->done.proof && bus->hooks.result)
        bus->hooks.result(bus->hooks.arg, device->settings->barrier, result);
    tend(bus, n, message->at);
}

static void on_tick(void *arg)
{
    struct bus *bus = arg;
    mono_ms now = clock_mono();
    for (uint32_t n = 0; n < bus->settings->devices_count; n++)
        if (bus->devices[n].station)
            tend(bus, n, now);
        else if (bus->devices[n].settings->sign_map)
            paint(bus, n, now);
    loop_timer_after(bus->tick, BARRIERS_TICK_MS);
}

static void take_link(struct bus *bus, const struct bus_message *message)
{
    bool open = message->kind == BUS_LINK_UP;
    bool news = open != bus->stats.open || strcmp(bus->stats.trouble, message->trouble) != 0;
    bus->stats.open = open;
    bus->stats.opened += open;
    text_copy(bus->stats.trouble, sizeof bus->stats.trouble, message->trouble);
    if (news && log_allow(&bus->limit, message->at, TROUBLE_LINES_A_MINUTE)) {
        if (open)
            log_info("bus \"%s\": open", bus->settings->id);
        else
            log_warning("bus \"%s\": %s", bus->settings->id, message->trouble);
    }
    for (uint32_t n = 0; !open && n < bus->settings->devices_count; n++)
        set_state(bus, &bus->devices[n], DEVICE_OFFLINE, "bus is down");
}

static void on_messages(void *arg, unsigned events)
{
    struct bus *bus = arg;
    struct bus_message message;
    (void)events;
    for (int i = 0; i < TURN_MESSAGES && worker_receive(bus->worker, &message, sizeof message);
         i++) {
        bus->stats.heard = message.at;
        bus->stats.requests = message.requests;
        bus->stats.cycles = message.cycles;
        bus->stats.cycle_us = message.cycle_us;
        if (message.kind == BUS_ANSWER)
            take_answer(bus, &message);
        else if (message.kind == BUS_RESULT || message.kind == BUS_STUCK)
            take_done(bus, &message);
        else if (message.kind != BUS_ALIVE)
            take_link(bus, &message);
    }
}

static void create_devices(struct bus *bus)
{
    bus->devices = memory_new(bus->settings->devices_count, sizeof *bus->devices);
    for (uint32_t n = 0; n < bus->settings->devices_count; n++) {
        const struct device_settings *settings = &bus->settings->devices[n];
        struct bus_device *device = &bus->devices[n];
        assert(settings->inputs <= MODBUS_MAP_INPUTS);
        device->settings = settings;
        device->tuning = (struct modbus_tuning){.threshold_mm = settings->threshold,
                                                .hysteresis_mm = settings->hysteresis};
        device->inputs = memory_new(settings->inputs, sizeof *device->inputs);
        if (settings->barrier_map) {
            device->station = memory_new(1, sizeof *device->station);
            station_init(device->station, settings);
        }
        device->stats.device = settings->index;
        device->stats.state = DEVICE_NEW;
    }
}

struct bus *bus_create(const struct bus_settings *settings, struct loop *loop,
                       const struct bus_hooks *hooks, struct err *err)
{
    struct bus *bus = memory_new(1, sizeof *bus);
    bus->settings = settings;
    bus->hooks = *hooks;
    create_devices(bus);
    text_copy(bus->stats.trouble, sizeof bus->stats.trouble, "not opened yet");
    bus->worker = worker_create(settings->id, bus_thread_run, (void *)settings, err);
    if (bus->worker)
        bus->watch = loop_watch(loop, worker_fd(bus->worker), LOOP_READ, on_messages, bus, err);
    if (!bus->watch) {
        err_prefix(err, "bus \"%s\"", settings->id);
        bus_destroy(bus);
        return NULL;
    }
    for (uint32_t n = 0; n < settings->devices_count && !bus->tick; n++)
        if (bus->devices[n].station || settings->devices[n].sign_map)
            bus->tick = loop_timer(loop, on_tick, bus);
    if (bus->tick)
        loop_timer_after(bus->tick, BARRIERS_TICK_MS);
    return bus;
}

void bus_destroy(struct bus *bus)
{
    if (!bus)
        return;
    loop_timer_destroy(bus->tick);
    loop_unwatch(bus->watch);
    worker_destroy(bus->worker);
    for (uint32_t n = 0; n < bus->settings->devices_count; n++) {
        free(bus->devices[n].station);
        free(bus->devices[n].inputs);
    }
    free(bus->devices);
    free(bus);
}

void bus_stats(const struct bus *bus, struct bus_stats *ret)
{
    *ret = bus->stats;
}

uint32_t bus_devices(const struct bus *bus)
{
    return bus->settings->devices_count;
}

void bus_device_stats(const struct bus *bus, uint32_t n, struct bus_device_stats *ret)
{
    assert(n < bus->settings->devices_count);
    *ret = bus->devices[n].stats;
}

bool bus_command(struct bus *bus, const struct bus_command *command, struct err *err)
{
    struct order order;
    assert(command->device < bus->settings->devices_count);
    const struct station *station = bus->devices[command->device].station;
    assert(station);
    if (!station_order(station, command, &order, err))
        return false;
    if (!send_order(bus, &order, command->device))
        return err_set(err, "bus \"%s\" is behind; try again", bus->settings->id);
    return true;
}

void bus_sign(struct bus *bus, uint32_t n, const struct sign_value *value)
{
    assert(n < bus->settings->devices_count && bus->settings->devices[n].sign_map);
    sign_show(&bus->devices[n].sign, value);
    paint(bus, n, clock_mono());
}
