/* Barriers on a whole bus: its thread, a board behind a port, and what the loop is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "sensors/bay/modbus_map.h"
#include "sensors/lane/barriers.h"
#include "sensors/sign/sign.h"
#include "tests/unit/board_peer.h"

enum { PATIENCE_MS = 20000, LOAD = 30, COMMANDS = 200 };

struct rig {
    struct barrier_map map;
    struct modbus_map bays_map;
    struct device_settings devices[LOAD + 1]; /* the barrier first */
    struct bus_settings settings;
    struct board_peer *peer;
    struct loop *loop;
    struct loop_timer *patience;
    struct bus *bus;
    struct barrier now;
    struct bus_result result;
    unsigned told, results, readings;
    bool (*wanted)(const struct rig *rig);
    unsigned wanted_count;
    int64_t first_us;
};

static const uint32_t bays[1] = {0};

static void check(struct rig *rig)
{
    if (rig->wanted(rig))
        loop_stop(rig->loop, 0);
}

static void on_barrier(void *arg, uint32_t barrier, const struct barrier *now)
{
    struct rig *rig = arg;
    assert_int_equal(barrier, 5);
    rig->now = *now;
    rig->told++;
    check(rig);
}

static void on_result(void *arg, uint32_t barrier, const struct bus_result *result)
{
    struct rig *rig = arg;
    assert_int_equal(barrier, 5);
    rig->result = *result;
    rig->results++;
    check(rig);
}

static void on_reading(void *arg, const struct reading *reading)
{
    struct rig *rig = arg;
    (void)reading;
    rig->readings++;
    check(rig);
}

static void on_device(void *arg, uint32_t device, enum device_state state, const char *reason)
{
    (void)arg, (void)device, (void)state, (void)reason;
}

static void on_patience(void *arg)
{
    loop_stop(((struct rig *)arg)->loop, 1);
}

static void rig_init(struct rig *rig, const char *driver, uint32_t load, int64_t answer_us)
{
    struct barrier_options options = barriers_defaults();
    if (strncmp(driver, "relay", 5) == 0)
        options.open = 1, options.stop = 2, options.close = 3;
    if (strcmp(driver, "relay-board") == 0)
        options.inputs[BARRIER_PRESENCE_LOOP] = 0;
    options.pulse_ms = 100;
    *rig = (struct rig){0};
    barriers_find(driver)->build(&options, &rig->map);
    modbus_map_defaults(&rig->bays_map);
    rig->bays_map.state = (struct modbus_place){.function = 3, .stride = 1};
    rig->bays_map.occupied = (struct modbus_test){MODBUS_AT_LEAST, 0xffff, 2};
    rig->devices[0] = (struct device_settings){
        .unit = 1, .barrier_map = &rig->map, .barrier = 5, .response_ms = 200};
    for (uint32_t n = 1; n <= load; n++)
        rig->devices[n] = (struct device_settings){.index = n,
                                                   .unit = n + 1,
                                                   .map = &rig->bays_map,
                                                   .bays = bays,
                                                   .inputs = 1,
                                                   .poll_ms = 10};
    rig->settings = (struct bus_settings){.id = "gates",
                                          .type = BUS_TCP,
                                          .connect_ms = 500,
                                          .backoff_max_ms = 1000,
                                          .devices = rig->devices,
                                          .devices_count = load + 1};
    rig->loop = loop_create(NULL);
    rig->patience = loop_timer(rig->loop, on_patience, rig);
    rig->peer = board_start(&rig->settings, answer_us);
}

static void rig_run(struct rig *rig)
{
    struct err err;
    struct bus_hooks hooks = {.arg = rig,
                              .reading = on_reading,
                              .device = on_device,
                              .barrier = on_barrier,
                              .result = on_result};
    rig->bus = bus_create(&rig->settings, rig->loop, &hooks, &err);
    assert_non_null(rig->bus);
}

static void rig_start(struct rig *rig, const char *driver, uint32_t load, int64_t answer_us)
{
    rig_init(rig, driver, load, answer_us);
    rig_run(rig);
}

static void rig_end(struct rig *rig)
{
    bus_destroy(rig->bus);
    if (rig->peer)
        board_stop(rig->peer);
    loop_timer_destroy(rig->patience);
    loop_destroy(rig->loop);
}

static void run_until(struct rig *rig, bool (*wanted)(const struct rig *rig))
{
    rig->wanted = wanted;
    loop_timer_after(rig->patience, PATIENCE_MS);
    if (loop_run(rig->loop, NULL) != 0)
        fail_msg("gave up: %u told, %u results, \"%s\"", rig->told, rig->results,
                 rig->now.not_ready);
}

static bool is_ready(const struct rig *rig)
{
    return rig->now.ready && rig->now.quality != BARRIER_STALE;
}

static bool has_readings(const struct rig *rig)
{
    return rig->readings >= rig->wanted_count;
}

static bool has_results(const struct rig *rig)
{
    return rig->results >= rig->wanted_count;
}

static void command(struct rig *rig, enum barrier_action action, enum command_outcome want)
{
    struct err err = {.text = ""};
    static uint64_t id;
    struct bus_command command = {.id = ++id, .action = action};
    if (!bus_command(rig->bus, &command, &err))
        fail_msg("%s", err.text);
    rig->wanted_count = rig->results + 1;
    run_until(rig, has_results);
    assert_int_equal(rig->result.command.id, id);
    assert_int_equal(rig->result.outcome, want);
}

/* How often the board was written, and what last. */
static unsigned writes_of(struct rig *rig, struct board_asked *ret_last)
{
    struct board_asked asked;
    unsigned writes = 0;
    while (board_next(rig->peer, &asked))
        if (asked.function == 5) {
            writes++;
            *ret_last = asked;
        }
    return writes;
}

static void a_command_is_written_once_and_timed(void **state)
{
    (void)state;
    struct rig rig;
    struct board_asked asked;
    rig_start(&rig, "relay-board", 0, 0);
    run_until(&rig, is_ready);
    command(&rig, BARRIER_DO_OPEN, COMMAND_ACCEPTED);
    assert_int_equal(writes_of(&rig, &asked), 1);
    assert_int_equal(asked.address, 0x0201);
    assert_int_equal(asked.value, 1);
    assert_true(rig.result.queued_us <= rig.result.written_us);
    assert_true(rig.result.written_us <= rig.result.answered_us);
    rig_end(&rig);
}

static bool heard_again(const struct rig *rig)
{
    return rig->now.heard.ms * 1000 >= rig->first_us && rig->now.quality != BARRIER_STALE;
}

static void a_lost_answer_is_unknown_read_back_and_never_repeated(void **state)
{
    (void)state;
    struct rig rig;
    struct board_asked asked;
    static const enum board_fault faults[] = {BOARD_LOSES, BOARD_GARBLES};
    for (int i = 0; i < 2; i++) {
        rig_start(&rig, "relay-board", 0, 0);
        run_until(&rig, is_ready);
        board_fault(rig.peer, faults[i]);
        command(&rig, BARRIER_DO_CLOSE, COMMAND_UNKNOWN);
        rig.first_us = clock_mono_us() + 300000; /* long enough for a second one to be seen */
        run_until(&rig, heard_again);
        assert_int_equal(writes_of(&rig, &asked), 1);
        rig_end(&rig);
    }
}

static void a_refusal_is_a_refusal(void **state)
{
    (void)state;
    struct rig rig;
    rig_start(&rig, "relay-board", 0, 0);
    run_until(&rig, is_ready);
    board_fault(rig.peer, BOARD_REFUSES);
    command(&rig, BARRIER_DO_OPEN, COMMAND_REFUSED);
    assert_string_equal(rig.result.reason, "exception 4");
    command(&rig, BARRIER_DO_OPEN, COMMAND_ACCEPTED);
    rig_end(&rig);
}

static bool is_stale(const struct rig *rig)
{
    return rig->now.quality == BARRIER_STALE;
}

static void a_bus_that_is_down_sends_nothing_and_says_so(void **state)
{
    (void)state;
    struct rig rig;
    rig_start(&rig, "relay-board", 0, 0);
    run_until(&rig, is_ready);
    board_stop(rig.peer);
    rig.peer = NULL;
    run_until(&rig, is_stale);
    assert_int_equal(rig.now.inputs[BARRIER_PRESENCE_LOOP], SIGNAL_UNKNOWN);
    command(&rig, BARRIER_DO_OPEN, COMMAND_NOT_SENT);
    assert_int_equal(rig.result.written_us, 0);
    rig_end(&rig);
}

static void a_command_whose_time_is_over_is_not_sent(void **state)
{
    (void)state;
    struct rig rig;
    struct board_asked asked;
    struct bus_command late = {.id = 9, .action = BARRIER_DO_OPEN, .not_after_us = 1};
    rig_start(&rig, "relay-board", 0, 0);
    run_until(&rig, is_ready);
    assert_true(bus_command(rig.bus, &late, NULL));
    rig.wanted_count = 1;
    run_until(&rig, has_results);
    assert_int_equal(rig.result.outcome, COMMAND_NOT_SENT);
    assert_string_equal(rig.result.reason, "too late");
    assert_int_equal(writes_of(&rig, &asked), 0);
    rig_end(&rig);
}

static bool is_told_three_times_more(const struct rig *rig)
{
    return rig->told >= rig->wanted_count;
}

static void a_barrier_at_rest_is_told_twice_a_second(void **state)
{
    (void)state;
    struct rig rig;
    rig_start(&rig, "relay-board", 0, 0);
    run_until(&rig, is_ready);
    int64_t start_us = clock_mono_us();
    rig.wanted_count = rig.told + 2;
    run_until(&rig, is_told_three_times_more);
    int64_t took_ms = (clock_mono_us() - start_us) / 1000;
    assert_in_range(took_ms, 750, 1750);
    rig_end(&rig);
}

static bool is_present(const struct rig *rig)
{
    return rig->now.inputs[BARRIER_PRESENCE_LOOP] == SIGNAL_ON;
}

static void a_loop_is_told_within_two_polls(void **state)
{
    (void)state;
    struct rig rig;
    rig_start(&rig, "relay-board", 0, 0);
    run_until(&rig, is_ready);
    int64_t start_us = clock_mono_us();
    board_bits(rig.peer, 1);
    run_until(&rig, is_present);
    assert_in_range(clock_mono_us() - start_us, 0, 400000);
    rig_end(&rig);
}

static bool is_refused(const struct rig *rig)
{
    return strstr(rig->now.not_ready, "control mode 2") != NULL;
}

static void a_wrong_control_mode_refuses_every_command(void **state)
{
    (void)state;
    struct rig rig;
    struct err err;
    struct bus_command open = {.action = BARRIER_DO_OPEN};
    rig_start(&rig, "relay-board", 0, 2000);
    board_word(rig.peer, 0x1001, 2);
    run_until(&rig, is_refused);
    assert_false(bus_command(rig.bus, &open, &err));
    assert_non_null(strstr(err.text, "relay 1"));
    open.action = BARRIER_DO_HOLD; /* no relay for it */
    assert_false(bus_command(rig.bus, &open, &err));
    rig_end(&rig);
}

static void the_plates_relay_is_let_go_even_when_that_answer_is_lost(void **state)
{
    (void)state;
    struct rig rig;
    struct board_asked asked = {0};
    unsigned writes = 0;
    rig_start(&rig, "relay-plate", 0, 0);
    run_until(&rig, is_ready);
    command(&rig, BARRIER_DO_OPEN, COMMAND_ACCEPTED);
    board_fault(rig.peer, BOARD_LOSES); /* the release */
    rig.first_us = clock_mono_us() + 1200000;
    run_until(&rig, heard_again);
    struct board_asked all[8];
    while (board_next(rig.peer, &asked))
        if (asked.function == 5 && writes < 8)
            all[writes++] = asked;
    assert_int_equal(writes, 3);
    assert_int_equal(all[0].value, 0x0100);
    assert_int_equal(all[1].value, 0);
    assert_int_equal(all[2].value, 0);
    assert_true(all[1].at_us - all[0].at_us >= 95000);
    rig_end(&rig);
}

static void a_came_gard_is_proved_before_it_is_commanded(void **state)
{
    (void)state;
    struct rig rig;
    struct err err;
    struct board_asked asked;
    struct bus_command open = {.action = BARRIER_DO_OPEN};
    rig_start(&rig, "came-gard", 0, 0);
    board_word(rig.peer, 100, 17);
    assert_false(bus_command(rig.bus, &open, &err));
    assert_non_null(strstr(err.text, "base"));
    run_until(&rig, is_ready);
    assert_int_equal(writes_of(&rig, &asked), 1);
    assert_int_equal(asked.address, 0); /* STOP */
    command(&rig, BARRIER_DO_OPEN, COMMAND_ACCEPTED);
    rig_end(&rig);
}

static bool is_disproved(const struct rig *rig)
{
    return strstr(rig->now.not_ready, "option base") != NULL;
}

static void a_came_gard_with_another_base_is_never_commanded(void **state)
{
    (void)state;
    struct rig rig;
    struct err err;
    struct bus_command open = {.action = BARRIER_DO_OPEN};
    rig_start(&rig, "came-gard", 0, 0);
    board_first_coil(rig.peer, 1);
    board_word(rig.peer, 100, 17);
    run_until(&rig, is_disproved);
    assert_false(bus_command(rig.bus, &open, &err));
    rig_end(&rig);
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Thirty devices that are always due, each answer 2 ms: the line is never at rest. */
static void a_command_waits_for_one_request_at_most(void **state)
{
    (void)state;
    struct rig rig;
    int64_t waits_us[COMMANDS];
    rig_start(&rig, "relay-board", LOAD, 2000);
    run_until(&rig, is_ready);
    unsigned before = rig.readings;
    for (int i = 0; i < COMMANDS; i++) {
        command(&rig, BARRIER_DO_STOP, COMMAND_ACCEPTED);
        waits_us[i] = rig.result.written_us - rig.result.queued_us;
        rig.wanted_count = rig.readings + 5;
        run_until(&rig, has_readings);
    }
    qsort(waits_us, COMMANDS, sizeof *waits_us, compare);
    printf("queued to written, a line of %d devices at its limit: p50 %lld us, p99 %lld us, max "
           "%lld us; %u readings meanwhile\n",
           LOAD, (long long)waits_us[COMMANDS / 2], (long long)waits_us[COMMANDS * 99 / 100],
           (long long)waits_us[COMMANDS - 1], rig.readings - before);
    assert_true(waits_us[COMMANDS / 2] < 5000);
    assert_true(rig.readings > before); /* the bays do not starve */
    rig_end(&rig);
}

static bool is_painted(const struct rig *rig)
{
    struct bus_device_stats stats;
    bus_device_stats(rig->bus, 1, &stats);
    return stats.answers >= rig->wanted_count;
}

/* The sign is the second device; the board in its place takes its writes. */
static void a_sign_shows_the_last_of_many_changes_and_few_of_them(void **state)
{
    (void)state;
    static const struct sign_map map = {
        .function = 6, .address = 9, .form = SIGN_NUMBER, .width = 4, .unknown_value = 0xFFFF};
    struct rig rig;
    struct board_asked asked = {0};
    rig_init(&rig, "relay-board", 1, 20000);
    rig.devices[1] =
        (struct device_settings){.index = 1, .unit = 9, .sign_map = &map, .refresh_ms = 60000};
    rig_run(&rig);
    run_until(&rig, is_ready);
    for (uint32_t free = 1; free <= 100; free++)
        bus_sign(rig.bus, 1, &(struct sign_value){true, free});
    command(&rig, BARRIER_DO_OPEN, COMMAND_ACCEPTED); /* not behind a hundred signs */
    assert_in_range(rig.result.written_us - rig.result.queued_us, 0, 150000);
    rig.wanted_count = 1;
    run_until(&rig, is_painted);
    rig.first_us = clock_mono_us() + 300000;
    run_until(&rig, heard_again);
    unsigned writes = 0;
    uint16_t shown = 0;
    while (board_next(rig.peer, &asked))
        if (asked.function == 6) {
            writes++;
            shown = asked.value;
        }
    assert_in_range(writes, 1, 5);
    assert_int_equal(shown, 100);
    rig_end(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_command_is_written_once_and_timed),
        cmocka_unit_test(a_lost_answer_is_unknown_read_back_and_never_repeated),
        cmocka_unit_test(a_refusal_is_a_refusal),
        cmocka_unit_test(a_bus_that_is_down_sends_nothing_and_says_so),
        cmocka_unit_test(a_command_whose_time_is_over_is_not_sent),
        cmocka_unit_test(a_barrier_at_rest_is_told_twice_a_second),
        cmocka_unit_test(a_loop_is_told_within_two_polls),
        cmocka_unit_test(a_wrong_control_mode_refuses_every_command),
        cmocka_unit_test(the_plates_relay_is_let_go_even_when_that_answer_is_lost),
        cmocka_unit_test(a_came_gard_is_proved_before_it_is_commanded),
        cmocka_unit_test(a_came_gard_with_another_base_is_never_commanded),
        cmocka_unit_test(a_command_waits_for_one_request_at_most),
        cmocka_unit_test(a_sign_shows_the_last_of_many_changes_and_few_of_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
