/* A whole bus: its thread, a device behind a line, and what the loop is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "sensors/bay/modbus_map.h"
#include "sensors/bus/bus.h"
#include "tests/unit/faulty_peer.h"

enum { INPUTS = 4, PATIENCE_MS = 20000, BUSES_MAX = 100 };

/* The peer's word at address A holds A: with addresses 0 … 3 and "occupied is at least 2", inputs
 * 2 and 3 are occupied. */
static const uint32_t bays[INPUTS] = {10, 11, 12, PLAN_NONE};

struct rig {
    struct modbus_map map;
    struct device_settings device;
    struct bus_settings settings;
    struct peer *peer;
    struct loop *loop;
    struct loop_timer *patience;
    struct bus *bus;
    enum device_state state;
    char reason[RECORD_WORD];
    unsigned readings, wrong, changes;
    /* The loop stops when this many readings have come, or the device is so. */
    unsigned wanted_readings;
    enum device_state wanted_state;
    bool wants_state;
};

static void check(struct rig *rig)
{
    if (rig->wants_state ? rig->state == rig->wanted_state : rig->readings >= rig->wanted_readings)
        loop_stop(rig->loop, 0);
}

static void on_reading(void *arg, const struct reading *reading)
{
    struct rig *rig = arg;
    rig->readings++;
    rig->wrong += reading->bay < 10 || reading->bay > 12 ||
                  reading->sensed != (reading->bay == 12 ? SENSED_OCCUPIED : SENSED_FREE) ||
                  rig->state != DEVICE_ONLINE;
    check(rig);
}

static void on_device(void *arg, uint32_t device, enum device_state state, const char *reason)
{
    struct rig *rig = arg;
    assert_int_equal(device, 7);
    assert_int_not_equal(rig->state, state);
    rig->state = state;
    rig->changes++;
    strcpy(rig->reason, reason);
    check(rig);
}

static void on_patience(void *arg)
{
    struct rig *rig = arg;
    loop_stop(rig->loop, 1);
}

static void rig_init(struct rig *rig, enum bus_type type)
{
    *rig = (struct rig){0};
    modbus_map_defaults(&rig->map);
    rig->map.inputs = INPUTS;
    rig->map.state = (struct modbus_place){.function = 3, .stride = 1};
    rig->map.occupied = (struct modbus_test){MODBUS_AT_LEAST, 0xffff, 2};
    rig->map.response_ms = 100;
    rig->device = (struct device_settings){
        .index = 7, .unit = 254, .map = &rig->map, .bays = bays, .inputs = INPUTS, .poll_ms = 20};
    rig->settings = (struct bus_settings){.id = "line",
                                          .type = type,
                                          .baud = 115200,
                                          .parity = 'N',
                                          .stop_bits = 1,
                                          .connect_ms = 500,
                                          .backoff_max_ms = 1000,
                                          .devices = &rig->device,
                                          .devices_count = 1};
    rig->loop = loop_create(NULL);
    rig->patience = loop_timer(rig->loop, on_patience, rig);
}

static void rig_start(struct rig *rig, enum bus_type type)
{
    struct err err;
    rig_init(rig, type);
    rig->peer = peer_start(&rig->settings);
    struct bus_hooks hooks = {.arg = rig, .reading = on_reading, .device = on_device};
    rig->bus = bus_create(&rig->settings, rig->loop, &hooks, &err);
    assert_non_null(rig->bus);
}

static void run(struct rig *rig)
{
    loop_timer_after(rig->patience, PATIENCE_MS);
    if (loop_run(rig->loop, NULL) != 0)
        fail_msg("gave up: device state %d, %u readings", rig->state, rig->readings);
}

static void run_until_readings(struct rig *rig, unsigned count)
{
    rig->wants_state = false;
    rig->wanted_readings = rig->readings + count;
    run(rig);
}

static void run_until_state(struct rig *rig, enum device_state state)
{
    rig->wants_state = true;
    rig->wanted_state = state;
    if (rig->state != state)
        run(rig);
}

static void rig_stop(struct rig *rig)
{
    bus_destroy(rig->bus);
    if (rig->peer)
        peer_stop(rig->peer);
    loop_timer_destroy(rig->patience);
    loop_destroy(rig->loop);
    assert_int_equal(rig->wrong, 0);
}

static void readings_come_over_every_kind_of_link(void **state)
{
    (void)state;
    for (enum bus_type type = BUS_RTU; type <= BUS_RTU_OVER_TCP; type++) {
        struct rig rig;
        struct bus_stats stats;
        struct bus_device_stats device;
        rig_start(&rig, type);
        run_until_readings(&rig, 30);
        bus_stats(rig.bus, &stats);
        bus_device_stats(rig.bus, 0, &device);
        assert_int_equal(rig.changes, 1);
        assert_string_equal(rig.reason, "answers");
        assert_true(stats.open);
        assert_int_equal(stats.opened, 1);
        assert_int_equal(device.state, DEVICE_ONLINE);
        assert_in_range(device.answers, 10, 11);
        assert_int_equal(bus_devices(rig.bus), 1);
        assert_true(stats.heard.ms > clock_mono().ms - 5000);
        rig_stop(&rig);
    }
}

static void one_fault_gives_no_wrong_reading_and_no_change(void **state)
{
    (void)state;
    for (enum bus_type type = BUS_RTU; type <= BUS_RTU_OVER_TCP; type++) {
        struct rig rig;
        struct bus_device_stats device;
        rig_start(&rig, type);
        run_until_readings(&rig, 3);
        for (enum fault fault = FAULT_SILENT; fault <= FAULT_ECHO; fault++) {
            peer_fault(rig.peer, fault);
            run_until_readings(&rig, 9);
        }
        bus_device_stats(rig.bus, 0, &device);
        assert_int_equal(rig.changes, 1);
        assert_true(device.refused > 0);
        assert_true(device.timeouts > 0);
        rig_stop(&rig);
    }
}

/* What it says before its set-up is written may be stale: neither that nor the write is a reading.
 */
static void a_device_gives_readings_only_after_its_set_up(void **state)
{
    (void)state;
    struct rig rig;
    struct bus_device_stats device;
    rig_init(&rig, BUS_TCP);
    rig.map.setup[0] = (struct modbus_write){6, 8, 0};
    rig.map.setup_count = 1;
    rig.peer = peer_start(&rig.settings);
    struct bus_hooks hooks = {.arg = &rig, .reading = on_reading, .device = on_device};
    rig.bus = bus_create(&rig.settings, rig.loop, &hooks, NULL);
    run_until_readings(&rig, 9);
    bus_device_stats(rig.bus, 0, &device);
    assert_int_equal(rig.readings, 3 * (device.answers - 2));
    rig_stop(&rig);
}

static void a_host_that_goes_takes_its_devices_along(void **state)
{
    (void)state;
    struct rig rig;
    struct bus_stats stats;
    rig_start(&rig, BUS_TCP);
    run_until_state(&rig, DEVICE_ONLINE);
    peer_unplug(rig.peer);
    run_until_state(&rig, DEVICE_OFFLINE);
    assert_string_equal(rig.reason, "bus is down");
    bus_stats(rig.bus, &stats);
    assert_false(stats.open);
    assert_non_null(strstr(stats.trouble, "does not accept a connection"));
    rig_stop(&rig);
}

static void an_adapter_comes_back_by_itself(void **state)
{
    (void)state;
    struct rig rig;
    char link[] = "/tmp/test_bus_XXXXXX", path[64];
    struct bus_settings again = {.type = BUS_RTU};
    rig_init(&rig, BUS_RTU);
    assert_non_null(mkdtemp(link));
    snprintf(path, sizeof path, "%s/adapter", link);
    rig.peer = peer_start(&rig.settings);
    assert_int_equal(symlink(rig.settings.path, path), 0);
    rig.settings.path = path; /* as /dev/serial/by-id is a link to the node of the day */
    struct bus_hooks hooks = {.arg = &rig, .reading = on_reading, .device = on_device};
    rig.bus = bus_create(&rig.settings, rig.loop, &hooks, NULL);
    run_until_state(&rig, DEVICE_ONLINE);
    unlink(path);
    peer_unplug(rig.peer);
    run_until_state(&rig, DEVICE_OFFLINE);
    struct peer *second = peer_start(&again);
    assert_int_equal(symlink(again.path, path), 0);
    run_until_state(&rig, DEVICE_ONLINE);
    run_until_readings(&rig, 3);
    unlink(path);
    rmdir(link);
    rig_stop(&rig);
    peer_stop(second);
}

static void a_port_that_is_not_there_is_no_error(void **state)
{
    (void)state;
    struct rig rig;
    struct bus_stats stats;
    rig_init(&rig, BUS_RTU);
    rig.settings.path = "/dev/serial/by-id/usb-none";
    struct bus_hooks hooks = {.arg = &rig, .reading = on_reading, .device = on_device};
    rig.bus = bus_create(&rig.settings, rig.loop, &hooks, NULL);
    assert_non_null(rig.bus);
    run_until_state(&rig, DEVICE_OFFLINE);
    bus_stats(rig.bus, &stats);
    assert_non_null(strstr(stats.trouble, "plug the adapter in"));
    rig_stop(&rig);
}

static void a_bus_ends_at_once_though_its_device_is_silent(void **state)
{
    (void)state;
    struct rig rig;
    rig_init(&rig, BUS_TCP);
    rig.map.response_ms = 10000;
    rig.peer = peer_start(&rig.settings);
    struct bus_hooks hooks = {.arg = &rig, .reading = on_reading, .device = on_device};
    rig.bus = bus_create(&rig.settings, rig.loop, &hooks, NULL);
    run_until_readings(&rig, 3);
    peer_fault(rig.peer, FAULT_SILENT);
    int64_t start_us = clock_mono_us();
    bus_destroy(rig.bus);
    assert_true(clock_mono_us() - start_us < 2000000);
    rig.bus = NULL;
    rig_stop(&rig);
}

/* A hundred buses without devices: threads that wait and nothing else. */
static void a_hundred_idle_buses_are_cheap(void **state)
{
    (void)state;
    static struct bus *buses[BUSES_MAX];
    struct rig rig;
    rig_init(&rig, BUS_RTU);
    rig.settings.path = "/dev/serial/by-id/usb-none";
    struct bus_hooks hooks = {.arg = &rig, .reading = on_reading, .device = on_device};
    rig.settings.devices_count = 0;
    for (int i = 0; i < BUSES_MAX; i++)
        assert_non_null(buses[i] = bus_create(&rig.settings, rig.loop, &hooks, NULL));
    int64_t start_us = clock_mono_us();
    for (int i = 0; i < BUSES_MAX; i++)
        bus_destroy(buses[i]);
    assert_true(clock_mono_us() - start_us < 5000000);
    rig_stop(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readings_come_over_every_kind_of_link),
        cmocka_unit_test(one_fault_gives_no_wrong_reading_and_no_change),
        cmocka_unit_test(a_device_gives_readings_only_after_its_set_up),
        cmocka_unit_test(a_host_that_goes_takes_its_devices_along),
        cmocka_unit_test(an_adapter_comes_back_by_itself),
        cmocka_unit_test(a_port_that_is_not_there_is_no_error),
        cmocka_unit_test(a_bus_ends_at_once_though_its_device_is_silent),
        cmocka_unit_test(a_hundred_idle_buses_are_cheap),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
