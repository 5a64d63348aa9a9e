/* The schedule of a bus, in virtual time. The numbers are the rules of poller.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "sensors/bay/modbus_map.h"
#include "sensors/bus/blocks.h"
#include "sensors/bus/poller.h"

enum { DEVICES_MAX = 32, SECOND_US = 1000000 };

static const uint32_t bays[128];

/* A line of like devices, and how each of them behaves. */
struct rig {
    struct modbus_map map;
    struct device_settings devices[DEVICES_MAX];
    struct bus_settings settings;
    struct poller *poller;
    int64_t now_us;
    int64_t good_us, silent_us; /* what a request costs */
    enum link_outcome outcome[DEVICES_MAX];
    enum device_state state[DEVICES_MAX];
    uint32_t asked[DEVICES_MAX];
    int64_t last_us[DEVICES_MAX], longest_us[DEVICES_MAX]; /* between good answers */
};

static struct modbus_map bits_map(void)
{
    struct modbus_map map;
    modbus_map_defaults(&map);
    map.inputs = 128;
    map.state = (struct modbus_place){.function = 2, .stride = 1};
    return map;
}

static void rig_start(struct rig *rig, uint32_t count)
{
    rig->settings = (struct bus_settings){.id = "line",
                                          .type = BUS_RTU,
                                          .backoff_max_ms = 60000,
                                          .devices = rig->devices,
                                          .devices_count = count};
    for (uint32_t n = 0; n < count; n++)
        rig->devices[n] = (struct device_settings){
            .index = n, .unit = n + 1, .map = &rig->map, .bays = bays, .inputs = 16};
    rig->now_us = 5 * SECOND_US;
    rig->poller = poller_create(&rig->settings, 1, rig->now_us);
}

/* Lets the poller work until then. */
static void rig_run(struct rig *rig, int64_t until_us)
{
    struct poller_job job;
    int64_t due_us;
    while (rig->now_us < until_us) {
        if (!poller_next(rig->poller, rig->now_us, &job, &due_us)) {
            assert_true(due_us > rig->now_us);
            rig->now_us = due_us < until_us ? due_us : until_us;
            continue;
        }
        uint32_t n = job.device;
        int64_t start_us = rig->now_us;
        enum link_outcome outcome = rig->outcome[n];
        rig->now_us += outcome == LINK_SILENT ? rig->silent_us : rig->good_us;
        rig->state[n] = poller_done(rig->poller, &job, outcome, start_us, rig->now_us);
        rig->asked[n]++;
        if (outcome == LINK_GOOD && rig->last_us[n] &&
            start_us - rig->last_us[n] > rig->longest_us[n])
            rig->longest_us[n] = start_us - rig->last_us[n];
        if (outcome == LINK_GOOD)
            rig->last_us[n] = start_us;
    }
}

static struct rig *rig_new(void)
{
    struct rig *rig = calloc(1, sizeof *rig);
    rig->map = bits_map();
    rig->good_us = 10000;
    rig->silent_us = 1000000;
    return rig;
}

static void rig_free(struct rig *rig)
{
    poller_destroy(rig->poller);
    free(rig);
}

static void assert_block(const struct block *block, uint8_t function, uint16_t address,
                         uint16_t count)
{
    assert_int_equal(block->function, function);
    assert_int_equal(block->address, address);
    assert_int_equal(block->count, count);
}

static void adjacent_values_are_read_in_one_request(void **state)
{
    (void)state;
    struct modbus_map map = bits_map();
    struct device_settings device = {.map = &map, .bays = bays, .inputs = 16};
    struct block *blocks;
    map.state = (struct modbus_place){.function = 2, .address = 1, .stride = 2};
    map.fault = (struct modbus_place){.function = 2, .address = 0, .stride = 2};
    assert_int_equal(blocks_of(&device, &blocks), 1);
    assert_block(&blocks[0], 2, 0, 32);
    free(blocks);
}

static void requests_keep_the_devices_limits(void **state)
{
    (void)state;
    struct modbus_map map = bits_map();
    struct device_settings device = {.map = &map, .bays = bays, .inputs = 20};
    struct block *blocks;
    map.state = (struct modbus_place){.function = 4, .address = 100, .stride = 1};
    map.counter =
        (struct modbus_counter){.place = {.function = 3, .address = 0, .stride = 2}, .wide = true};
    map.max_words = 7;
    assert_int_equal(blocks_of(&device, &blocks), 3 + 7);
    assert_block(&blocks[0], 4, 100, 7);
    assert_block(&blocks[1], 4, 107, 7);
    assert_block(&blocks[2], 4, 114, 6);
    for (int i = 0; i < 6; i++)
        assert_block(&blocks[3 + i], 3, (uint16_t)(6 * i), 6); /* two words are never parted */
    assert_block(&blocks[9], 3, 36, 4);
    free(blocks);
}

static void a_hole_is_spanned_only_where_the_map_allows_it(void **state)
{
    (void)state;
    struct modbus_map map = bits_map();
    struct device_settings device = {.map = &map, .bays = bays, .inputs = 3};
    struct block *blocks;
    map.state = (struct modbus_place){.function = 3, .address = 10, .stride = 3};
    assert_int_equal(blocks_of(&device, &blocks), 3);
    free(blocks);
    map.max_hole = 2;
    assert_int_equal(blocks_of(&device, &blocks), 1);
    assert_block(&blocks[0], 3, 10, 7);
    free(blocks);
}

static void inputs_without_a_bay_are_not_read(void **state)
{
    (void)state;
    const uint32_t some[] = {PLAN_NONE, 4, PLAN_NONE, PLAN_NONE};
    struct modbus_map map = bits_map();
    struct device_settings device = {.map = &map, .bays = some, .inputs = 4};
    struct block *blocks;
    assert_int_equal(blocks_of(&device, &blocks), 1);
    assert_block(&blocks[0], 2, 1, 1);
    free(blocks);
}

static void polls_are_spread_over_the_period(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    struct poller_job job;
    rig_start(rig, 10);
    for (int i = 0; i < 10; i++) {
        int64_t due_us;
        while (!poller_next(rig->poller, rig->now_us, &job, &due_us))
            rig->now_us = due_us;
        assert_int_equal(rig->now_us, 5 * SECOND_US + i * SECOND_US / 10);
        poller_done(rig->poller, &job, LINK_GOOD, rig->now_us, rig->now_us);
    }
    rig_free(rig);
}

static void each_device_is_polled_once_a_period(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig_start(rig, 32);
    rig_run(rig, rig->now_us + 60 * SECOND_US);
    for (int n = 0; n < 32; n++) {
        assert_in_range(rig->asked[n], 59, 61);
        assert_in_range(rig->longest_us[n], SECOND_US - 20000, SECOND_US + 20000);
    }
    rig_free(rig);
}

static void a_slow_line_goes_round_evenly(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig->good_us = 100000; /* 3.2 s a round, 1 s asked for */
    rig_start(rig, 32);
    rig->devices[7].poll_ms = 100; /* and one that wants more than its share */
    rig_run(rig, rig->now_us + 320 * SECOND_US);
    for (int n = 0; n < 32; n++) {
        assert_in_range(rig->asked[n], 99, 101);
        assert_in_range(rig->longest_us[n], 3000000, 3300000);
    }
    assert_in_range(poller_cycle_us(rig->poller), 3100000, 3300000);
    rig_free(rig);
}

static void a_failed_request_is_repeated_and_then_the_device_is_offline(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    struct poller_job job;
    int64_t due_us;
    rig_start(rig, 1);
    rig_run(rig, rig->now_us + 3 * SECOND_US);
    assert_int_equal(rig->state[0], DEVICE_ONLINE);
    for (int i = 0; i < 3; i++) {
        while (!poller_next(rig->poller, rig->now_us, &job, &due_us))
            rig->now_us = due_us;
        enum device_state now =
            poller_done(rig->poller, &job, LINK_SILENT, rig->now_us, rig->now_us + 500000);
        rig->now_us += 500000;
        assert_int_equal(now, i < 2 ? DEVICE_ONLINE : DEVICE_OFFLINE);
    }
    rig_free(rig);
}

/* Rule 4: with several blocks it is the one that failed which is asked again. */
static void what_failed_is_asked_again_before_anything_else_of_that_device(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    struct poller_job first, job;
    int64_t due_us;
    rig->map.max_bits = 4; /* four requests a device */
    rig_start(rig, 1);
    rig_run(rig, rig->now_us + 3 * SECOND_US);
    do {
        rig_run(rig, rig->now_us + 1);
        while (!poller_next(rig->poller, rig->now_us, &first, &due_us))
            rig->now_us = due_us;
    } while (first.block != 2);
    rig->now_us += 3 * SECOND_US; /* all four are overdue */
    poller_done(rig->poller, &first, LINK_SILENT, rig->now_us - 500000, rig->now_us);
    assert_true(poller_next(rig->poller, rig->now_us, &job, &due_us));
    assert_int_equal(job.request.address, first.request.address);
    rig_free(rig);
}

static void a_dead_device_is_tried_ever_less_often_but_at_least_each_minute(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig_start(rig, 1);
    rig->outcome[0] = LINK_SILENT;
    rig_run(rig, rig->now_us + 600 * SECOND_US);
    assert_int_equal(rig->state[0], DEVICE_OFFLINE);
    assert_in_range(rig->asked[0], 3 + 9, 3 + 20);
    rig->outcome[0] = LINK_GOOD;
    rig_run(rig, rig->now_us + 61 * SECOND_US);
    assert_int_equal(rig->state[0], DEVICE_ONLINE);
    rig_free(rig);
}

/* Reads of the living 31 in the first minute of the death, on a line that is always busy. */
static uint32_t reads_of_the_living(bool one_is_dead)
{
    struct rig *rig = rig_new();
    uint32_t reads = 0;
    rig->good_us = 35000;
    rig_start(rig, 32);
    rig_run(rig, rig->now_us + 60 * SECOND_US);
    rig->outcome[5] = one_is_dead ? LINK_SILENT : LINK_GOOD;
    for (int n = 0; n < 32; n++)
        rig->asked[n] = 0;
    rig_run(rig, rig->now_us + 60 * SECOND_US);
    for (int n = 0; n < 32; n++)
        reads += n == 5 ? 0 : rig->asked[n];
    rig_free(rig);
    return reads;
}

static void one_dead_device_of_32_costs_the_others_at_most_a_twentieth(void **state)
{
    (void)state;
    uint32_t whole = reads_of_the_living(false), less = reads_of_the_living(true);
    print_message("%u reads with all alive, %u with one dead\n", whole, less);
    assert_true(less * 100 >= whole * 95);
}

static void a_device_is_online_only_when_its_set_up_is_written(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    struct poller_job job;
    int64_t due_us;
    rig->map.setup[0] = (struct modbus_write){6, 8, 0};
    rig->map.setup[1] = (struct modbus_write){5, 1, 1};
    rig->map.setup_count = 2;
    rig->map.settle_ms = 200;
    rig_start(rig, 1);
    assert_true(poller_next(rig->poller, rig->now_us, &job, &due_us));
    assert_int_equal(job.kind, POLLER_READ);
    assert_false(job.trusted);
    assert_int_equal(poller_done(rig->poller, &job, LINK_GOOD, rig->now_us, rig->now_us),
                     DEVICE_NEW);
    assert_true(poller_next(rig->poller, rig->now_us, &job, &due_us));
    assert_int_equal(job.request.function, 6);
    poller_done(rig->poller, &job, LINK_GOOD, rig->now_us, rig->now_us);
    assert_true(poller_next(rig->poller, rig->now_us, &job, &due_us));
    assert_int_equal(job.request.function, 5);
    assert_int_equal(poller_done(rig->poller, &job, LINK_GOOD, rig->now_us, rig->now_us),
                     DEVICE_ONLINE);
    assert_false(poller_next(rig->poller, rig->now_us, &job, &due_us));
    assert_true(due_us >= rig->now_us + 200000);
    assert_true(poller_next(rig->poller, due_us, &job, &due_us));
    assert_true(job.trusted);
    rig_free(rig);
}

static void a_device_that_refuses_its_set_up_stays_offline(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig->map.setup[0] = (struct modbus_write){6, 8, 0};
    rig->map.setup_count = 1;
    rig_start(rig, 1);
    for (int i = 0; i < 40; i++) {
        struct poller_job job;
        int64_t due_us;
        while (!poller_next(rig->poller, rig->now_us, &job, &due_us))
            rig->now_us = due_us;
        enum link_outcome outcome = job.kind == POLLER_SETUP ? LINK_REFUSED : LINK_GOOD;
        assert_int_not_equal(poller_done(rig->poller, &job, outcome, rig->now_us, rig->now_us),
                             DEVICE_ONLINE);
    }
    assert_true(rig->now_us > 120 * SECOND_US); /* and does so less and less often */
    rig_free(rig);
}

static void a_triggered_device_is_read_when_its_measurement_is_done(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    struct poller_job job;
    int64_t due_us, trigger_us = 0;
    int reads = 0, triggers = 0;
    rig->map.trigger = (struct modbus_write){6, 8, 12};
    rig->map.settle_ms = 100;
    rig_start(rig, 1);
    while (rig->now_us < 15 * SECOND_US) {
        while (!poller_next(rig->poller, rig->now_us, &job, &due_us))
            rig->now_us = due_us;
        if (job.kind == POLLER_TRIGGER) {
            triggers++;
            trigger_us = rig->now_us;
        } else if (job.trusted) {
            reads++;
            assert_int_equal(rig->now_us - trigger_us, 100000);
        }
        poller_done(rig->poller, &job, LINK_GOOD, rig->now_us, rig->now_us);
    }
    assert_in_range(triggers, 10, 11);
    assert_in_range(reads, 9, 11);
    rig_free(rig);
}

static void refused_counts_make_no_device_offline(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    int counts = 0, states = 0;
    rig->map.counter.place = (struct modbus_place){.function = 3, .address = 9, .stride = 1};
    rig->map.background_ms = 1000;
    rig_start(rig, 1);
    while (rig->now_us < 65 * SECOND_US) {
        struct poller_job job;
        int64_t due_us;
        while (!poller_next(rig->poller, rig->now_us, &job, &due_us))
            rig->now_us = due_us;
        bool count = job.request.function == 3;
        counts += count;
        states += !count;
        assert_int_equal(poller_done(rig->poller, &job, count ? LINK_REFUSED : LINK_GOOD,
                                     rig->now_us, rig->now_us),
                         DEVICE_ONLINE);
    }
    assert_in_range(states, 59, 61);
    assert_in_range(counts, 3, 10);
    rig_free(rig);
}

static void after_a_lost_link_all_devices_are_tried_again(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig_start(rig, 32);
    rig_run(rig, rig->now_us + 3 * SECOND_US);
    poller_link_down(rig->poller);
    rig->now_us += 100 * SECOND_US;
    poller_link_up(rig->poller, rig->now_us);
    for (int n = 0; n < 32; n++)
        rig->state[n] = DEVICE_OFFLINE;
    rig_run(rig, rig->now_us + 2 * SECOND_US);
    for (int n = 0; n < 32; n++)
        assert_int_equal(rig->state[n], DEVICE_ONLINE);
    rig_free(rig);
}

static void a_bus_without_devices_has_nothing_to_do(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    struct poller_job job;
    int64_t due_us;
    rig_start(rig, 0);
    assert_false(poller_next(rig->poller, rig->now_us, &job, &due_us));
    assert_true(due_us == INT64_MAX);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adjacent_values_are_read_in_one_request),
        cmocka_unit_test(requests_keep_the_devices_limits),
        cmocka_unit_test(a_hole_is_spanned_only_where_the_map_allows_it),
        cmocka_unit_test(inputs_without_a_bay_are_not_read),
        cmocka_unit_test(polls_are_spread_over_the_period),
        cmocka_unit_test(each_device_is_polled_once_a_period),
        cmocka_unit_test(a_slow_line_goes_round_evenly),
        cmocka_unit_test(a_failed_request_is_repeated_and_then_the_device_is_offline),
        cmocka_unit_test(what_failed_is_asked_again_before_anything_else_of_that_device),
        cmocka_unit_test(a_dead_device_is_tried_ever_less_often_but_at_least_each_minute),
        cmocka_unit_test(one_dead_device_of_32_costs_the_others_at_most_a_twentieth),
        cmocka_unit_test(a_device_is_online_only_when_its_set_up_is_written),
        cmocka_unit_test(a_device_that_refuses_its_set_up_stays_offline),
        cmocka_unit_test(a_triggered_device_is_read_when_its_measurement_is_done),
        cmocka_unit_test(refused_counts_make_no_device_offline),
        cmocka_unit_test(after_a_lost_link_all_devices_are_tried_again),
        cmocka_unit_test(a_bus_without_devices_has_nothing_to_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
