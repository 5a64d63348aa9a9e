/* Finding devices on a line that nobody has described yet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "sensors/bus/probe.h"
#include "tests/unit/faulty_peer.h"

enum { FIRST = 5, LAST = 7 };

/* The peer's word at address A holds A, and it answers to every unit and only with words. */
struct rig {
    struct modbus_map words, bits;
    const struct modbus_map *maps[2];
    struct probe_settings settings;
    struct peer *peer;
    enum fault faults[256]; /* by unit */
    uint32_t asked, total, give_up_at;
    uint32_t found[256]; /* maps that fit, by unit; + 100 for "fits no map" */
    uint32_t occupied;
};

static bool on_progress(void *arg, const struct probe_framing *framing, uint32_t unit,
                        uint32_t done, uint32_t total)
{
    struct rig *rig = arg;
    assert_true(done < total);
    assert_true(framing->baud > 0);
    rig->asked++;
    rig->total = total;
    peer_fault(rig->peer, rig->faults[unit]);
    return unit != rig->give_up_at;
}

static void on_found(void *arg, const struct probe_found *found)
{
    struct rig *rig = arg;
    if (!found->map) {
        rig->found[found->unit] += 100;
        return;
    }
    assert_string_equal(found->map->name, "words");
    assert_int_equal(found->inputs, 8);
    rig->found[found->unit]++;
    rig->occupied = 0;
    for (uint32_t n = 0; n < found->inputs; n++)
        rig->occupied += found->sensed[n] == SENSED_OCCUPIED;
}

static void rig_start(struct rig *rig, enum bus_type type)
{
    memset(rig, 0, sizeof *rig);
    modbus_map_defaults(&rig->words);
    rig->words.name = "words";
    rig->words.inputs = 8;
    rig->words.state = (struct modbus_place){.function = 3, .stride = 1};
    rig->words.occupied = (struct modbus_test){MODBUS_AT_LEAST, 0xffff, 3};
    rig->bits = rig->words;
    rig->bits.name = "bits";
    rig->bits.inputs = 24;
    rig->bits.state.function = 2;
    rig->bits.factory_unit = 254;
    rig->maps[0] = &rig->words;
    rig->maps[1] = &rig->bits;
    rig->settings =
        (struct probe_settings){.line = {.id = "probe", .type = type, .connect_ms = 500},
                                .first_unit = FIRST,
                                .last_unit = LAST,
                                .response_ms = 60,
                                .maps = rig->maps,
                                .maps_count = 2};
    rig->peer = peer_start(&rig->settings.line);
}

static uint32_t run(struct rig *rig)
{
    struct probe_hooks hooks = {rig, on_progress, on_found};
    uint32_t units;
    struct err err;
    if (!probe_run(&rig->settings, &hooks, &units, &err))
        fail_msg("%s", err.text);
    return units;
}

static void units_that_answer_are_read_with_the_maps_that_fit(void **state)
{
    (void)state;
    for (enum bus_type type = BUS_RTU; type <= BUS_RTU_OVER_TCP; type++) {
        struct rig rig;
        rig_start(&rig, type);
        rig.faults[FIRST] = FAULT_SILENT;
        rig.faults[254] = FAULT_GARBAGE;
        assert_int_equal(run(&rig), 2);
        assert_int_equal(rig.found[FIRST], 0);
        assert_int_equal(rig.found[6], 1);
        assert_int_equal(rig.found[LAST], 1);
        assert_int_equal(rig.found[254], 0);
        assert_int_equal(rig.occupied, 5);
        assert_int_equal(rig.asked, 4); /* the first framing found something */
        peer_stop(rig.peer);
    }
}

static void an_exception_is_a_sign_of_life_unless_a_gateway_sends_it(void **state)
{
    (void)state;
    struct rig rig;
    rig_start(&rig, BUS_TCP);
    rig.settings.maps_count = 0;
    rig.faults[FIRST] = FAULT_EXCEPTION + 2;
    rig.faults[6] = FAULT_EXCEPTION + 10;
    rig.faults[LAST] = FAULT_EXCEPTION + 11;
    assert_int_equal(run(&rig), 1);
    assert_int_equal(rig.found[FIRST], 100);
    peer_stop(rig.peer);
}

static void a_silent_line_is_tried_in_each_framing(void **state)
{
    (void)state;
    static const struct probe_framing framings[] = {{9600, 'N', 1}, {19200, 'E', 1}};
    struct rig rig;
    rig_start(&rig, BUS_RTU);
    rig.settings.framings = framings;
    rig.settings.framings_count = 2;
    for (int unit = 0; unit < 256; unit++)
        rig.faults[unit] = FAULT_SILENT;
    assert_int_equal(run(&rig), 0);
    assert_int_equal(rig.asked, 8);
    assert_int_equal(rig.total, 8);
    peer_stop(rig.peer);
}

static void a_probe_can_be_given_up(void **state)
{
    (void)state;
    struct rig rig;
    rig_start(&rig, BUS_TCP);
    rig.give_up_at = 6;
    assert_int_equal(run(&rig), 1);
    assert_int_equal(rig.asked, 2);
    peer_stop(rig.peer);
}

static void a_line_that_cannot_be_opened_is_told(void **state)
{
    (void)state;
    struct rig rig;
    struct probe_hooks hooks = {&rig, on_progress, on_found};
    struct err err;
    uint32_t units = 77;
    rig_start(&rig, BUS_RTU);
    rig.settings.line.path = "/dev/serial/by-id/usb-none";
    assert_false(probe_run(&rig.settings, &hooks, &units, &err));
    assert_non_null(strstr(err.text, "plug the adapter in"));
    assert_int_equal(units, 77);
    peer_stop(rig.peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units_that_answer_are_read_with_the_maps_that_fit),
        cmocka_unit_test(an_exception_is_a_sign_of_life_unless_a_gateway_sends_it),
        cmocka_unit_test(a_silent_line_is_tried_in_each_framing),
        cmocka_unit_test(a_probe_can_be_given_up),
        cmocka_unit_test(a_line_that_cannot_be_opened_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
