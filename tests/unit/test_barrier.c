/* Barrier boards: every frame as the makers' papers have it, what polls mean, the check at the
 * start. The state's rules are those of barrier.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sensors/bus/frame.h"
#include "sensors/lane/barriers.h"

struct rig {
    struct barrier_map map;
    struct barrier_memory memory;
    int64_t now_ms;
};

static struct barrier_options options_of(const char *driver)
{
    struct barrier_options options = barriers_defaults();
    if (strncmp(driver, "relay", 5) == 0)
        options.open = 0, options.stop = 1, options.close = 2;
    return options;
}

static void rig_build(struct rig *rig, const char *driver, const struct barrier_options *options)
{
    struct err err = {.text = ""};
    *rig = (struct rig){.now_ms = 100000};
    barriers_find(driver)->build(options, &rig->map);
    if (!barrier_map_check(&rig->map, &err))
        fail_msg("%s: %s", driver, err.text);
    barrier_begin(&rig->map, &rig->memory);
}

static mono_ms now_of(const struct rig *rig)
{
    return (mono_ms){rig->now_ms};
}

static const struct barrier *look(struct rig *rig)
{
    barrier_tick(&rig->map, now_of(rig), &rig->memory);
    return &rig->memory.now;
}

/* Poll `n` is answered with these words (or, of tables 1 and 2, bits as bytes). */
static const struct barrier *hear(struct rig *rig, int n, const uint16_t *words, size_t count)
{
    const struct barrier_poll *poll = &rig->map.polls[n];
    uint8_t data[250] = {0};
    for (size_t i = 0; i < count; i++) {
        data[poll->function <= 2 ? i : 2 * i] =
            (uint8_t)(poll->function <= 2 ? words[i] : words[i] >> 8);
        if (poll->function > 2)
            data[2 * i + 1] = (uint8_t)words[i];
    }
    struct modbus_block block = {.function = poll->function,
                                 .address = poll->address,
                                 .count = poll->count,
                                 .data = data,
                                 .size = poll->function <= 2 ? (poll->count + 7u) / 8
                                                             : 2u * poll->count};
    barrier_decode(&rig->map, &block, now_of(rig), &rig->memory);
    return look(rig);
}

#define HEAR(rig, n, ...)                         \
    hear(rig, n, (const uint16_t[]){__VA_ARGS__}, \
         sizeof((const uint16_t[]){__VA_ARGS__}) / sizeof(uint16_t))

static void assert_frame(const struct frame_request *request, const char *hex)
{
    uint8_t bytes[FRAME_MAX];
    char text[3 * FRAME_MAX] = "";
    size_t size = frame_encode(FRAME_RTU, request, bytes);
    for (size_t i = 0; i < size; i++)
        sprintf(text + 3 * i, "%02X%s", bytes[i], i + 1 < size ? " " : "");
    assert_string_equal(text, hex);
}

static void assert_write(const struct barrier_map *map, enum barrier_action action, int n,
                         uint8_t unit, const char *hex)
{
    const struct barrier_write *write = &barrier_encode(map, action)->writes[n];
    assert_true(barrier_encode(map, action)->count > n);
    assert_frame(&(struct frame_request){.unit = unit,
                                         .function = write->function,
                                         .address = write->address,
                                         .value = write->value,
                                         .raw = true},
                 hex);
}

static void assert_poll(const struct barrier_map *map, int n, const char *hex)
{
    const struct barrier_poll *poll = &map->polls[n];
    assert_frame(
        &(struct frame_request){
            .unit = 1, .function = poll->function, .address = poll->address, .count = poll->count},
        hex);
}

static void the_frames_of_a_came_gard_are_those_of_its_paper(void **state)
{
    (void)state;
    struct rig rig;
    struct barrier_options options = options_of("came-gard");
    rig_build(&rig, "came-gard", &options);
    assert_poll(&rig.map, 0, "01 03 00 64 00 0A 84 12");
    assert_write(&rig.map, BARRIER_DO_OPEN, 0, 1, "01 05 00 01 FF 00 DD FA");
    assert_write(&rig.map, BARRIER_DO_STOP, 0, 1, "01 05 00 00 FF 00 8C 3A");
    assert_write(&rig.map, BARRIER_DO_CLOSE, 0, 1, "01 05 00 03 FF 00 7C 3A");
    assert_false(barrier_can(&rig.map, BARRIER_DO_HOLD));
    options.base = 1;
    rig_build(&rig, "came-gard", &options);
    assert_poll(&rig.map, 0, "01 03 00 65 00 0A D5 D2");
    assert_write(&rig.map, BARRIER_DO_OPEN, 0, 1, "01 05 00 02 FF 00 2D FA");
    assert_write(&rig.map, BARRIER_DO_STOP, 0, 1, "01 05 00 01 FF 00 DD FA");
    assert_write(&rig.map, BARRIER_DO_CLOSE, 0, 1, "01 05 00 04 FF 00 CD FB");
}

static void the_frames_of_a_relay_board_are_those_of_its_makers_wiki(void **state)
{
    (void)state;
    struct rig rig;
    struct barrier_options options = options_of("relay-board");
    options.pulse_ms = 700;
    options.hold = 7;
    rig_build(&rig, "relay-board", &options);
    assert_poll(&rig.map, 0, "01 02 00 00 00 08 79 CC");
    assert_poll(&rig.map, 1, "01 01 00 00 00 08 3D CC");
    assert_poll(&rig.map, 2, "01 03 10 00 00 08 40 CC");
    assert_write(&rig.map, BARRIER_DO_OPEN, 0, 1, "01 05 02 00 00 07 8D B0");
    assert_write(&rig.map, BARRIER_DO_HOLD, 0, 1, "01 05 02 07 02 58 7D 29");
    assert_write(&rig.map, BARRIER_DO_RELEASE, 0, 1, "01 05 00 07 00 00 7C 0B");
    /* A combined entry and exit on another board: another order. */
    options.open = 4, options.stop = 5, options.close = 3, options.pulse_ms = 500;
    rig_build(&rig, "relay-board", &options);
    assert_int_equal(barrier_encode(&rig.map, BARRIER_DO_OPEN)->writes[0].address, 0x0204);
    assert_int_equal(barrier_encode(&rig.map, BARRIER_DO_STOP)->writes[0].address, 0x0205);
    assert_int_equal(barrier_encode(&rig.map, BARRIER_DO_CLOSE)->writes[0].address, 0x0203);
    assert_int_equal(barrier_encode(&rig.map, BARRIER_DO_CLOSE)->writes[0].value, 5);
}

static void the_plate_is_switched_with_0100_and_let_go_again(void **state)
{
    (void)state;
    struct rig rig;
    struct barrier_options options = options_of("relay-plate");
    options.open = 1;
    rig_build(&rig, "relay-plate", &options);
    assert_write(&rig.map, BARRIER_DO_OPEN, 0, 1, "01 05 00 01 01 00 9D 9A");
    assert_write(&rig.map, BARRIER_DO_OPEN, 1, 1, "01 05 00 01 00 00 9C 0A");
    assert_int_equal(barrier_encode(&rig.map, BARRIER_DO_OPEN)->writes[0].wait_ms, 500);
    assert_false(barrier_can(&rig.map, BARRIER_DO_HOLD));
}

static void no_base_lets_a_write_reach_the_board_reset(void **state)
{
    (void)state;
    for (int32_t base = 0; base <= 1; base++) {
        struct rig rig;
        struct barrier_options options = options_of("came-gard");
        options.base = base;
        rig_build(&rig, "came-gard", &options);
        for (int a = 0; a < BARRIER_ACTIONS; a++)
            for (int w = 0; w < barrier_encode(&rig.map, a)->count; w++) {
                const struct barrier_write *write = &barrier_encode(&rig.map, a)->writes[w];
                assert_int_equal(write->function, 5);
                assert_true(write->address <= 4); /* the reset is 7 on one base, 8 on the other */
            }
        assert_true(rig.map.wrong_base.address <= 4);
    }
}

static void a_came_gard_tells_state_position_counter_and_temperature(void **state)
{
    (void)state;
    struct rig rig;
    struct barrier_options options = options_of("came-gard");
    options.inputs[BARRIER_CLOSING_LOOP] = 3;
    rig_build(&rig, "came-gard", &options);
    const struct barrier *now = HEAR(&rig, 0, 32, 40, 0, 0, 0x0002, 0x0001, 0, 0, 8, 0xFFF6);
    assert_int_equal(now->state, BARRIER_OPENING);
    assert_int_equal(now->quality, BARRIER_OBSERVED);
    assert_int_equal(now->position_percent, 40);
    assert_int_equal(now->operations, 65538); /* low word first */
    assert_int_equal(now->temperature, -100);
    assert_int_equal(now->inputs[BARRIER_CLOSING_LOOP], SIGNAL_ON);
    assert_int_equal(now->inputs[BARRIER_LIMIT_OPEN], SIGNAL_OFF);
    assert_int_equal(now->inputs[BARRIER_PRESENCE_LOOP], SIGNAL_NOT_WIRED);
    now = HEAR(&rig, 0, 16, 255, 2, 7, 0, 0, 0, 0, 0, 21);
    assert_int_equal(now->state, BARRIER_OPEN);
    assert_int_equal(now->position_percent, -1);
    assert_int_equal(now->inputs[BARRIER_LIMIT_OPEN], SIGNAL_ON);
    assert_int_equal(now->error_code, 7);
    assert_non_null(strstr(now->error, "error 7"));
}

static void each_state_of_the_paper_has_one_meaning_and_all_others_none(void **state)
{
    (void)state;
    static const enum barrier_state meant[] = {
        [16] = BARRIER_OPEN,    [17] = BARRIER_CLOSED,  [18] = BARRIER_STOPPED,
        [19] = BARRIER_STOPPED, [32] = BARRIER_OPENING, [33] = BARRIER_CLOSING,
        [34] = BARRIER_OPENING};
    struct rig rig;
    struct barrier_options options = options_of("came-gard");
    rig_build(&rig, "came-gard", &options);
    for (uint32_t raw = 0; raw <= UINT16_MAX; raw++) {
        enum barrier_state want = raw < 35 ? meant[raw] : BARRIER_UNKNOWN;
        assert_int_equal(HEAR(&rig, 0, (uint16_t)raw, 255)->state, want);
    }
}

static void a_barrier_not_heard_is_stale_and_its_loops_are_unknown(void **state)
{
    (void)state;
    struct rig rig;
    struct barrier_options options = options_of("came-gard");
    options.inputs[BARRIER_CLOSING_LOOP] = 3;
    rig_build(&rig, "came-gard", &options);
    assert_int_equal(look(&rig)->quality, BARRIER_STALE);
    HEAR(&rig, 0, 17, 0, 0, 0, 0, 0, 0, 0, 8, 20);
    rig.now_ms += 1000;
    assert_int_equal(look(&rig)->quality, BARRIER_OBSERVED);
    rig.now_ms += 1;
    assert_int_equal(look(&rig)->quality, BARRIER_STALE);
    assert_int_equal(look(&rig)->state, BARRIER_CLOSED); /* the last known: B1 */
    assert_int_equal(look(&rig)->inputs[BARRIER_CLOSING_LOOP], SIGNAL_UNKNOWN);
}

static struct rig relay_rig(bool limits)
{
    struct rig rig;
    struct barrier_options options = options_of("relay-board");
    if (limits) {
        options.inputs[BARRIER_LIMIT_OPEN] = 0;
        options.inputs[BARRIER_LIMIT_CLOSED] = 1;
    }
    options.inputs[BARRIER_PRESENCE_LOOP] = 2;
    options.inputs[BARRIER_PHOTOCELL] = 3;
    options.inverted[BARRIER_PHOTOCELL] = true;
    rig_build(&rig, "relay-board", &options);
    HEAR(&rig, 1, 0);
    HEAR(&rig, 2, 0, 0, 0, 0, 0, 0, 0, 0);
    return rig;
}

static void limit_switches_tell_the_ends_and_time_the_way_between_them(void **state)
{
    (void)state;
    struct rig rig = relay_rig(true);
    const struct barrier *now = HEAR(&rig, 0, 0x02 | 0x08);
    assert_int_equal(now->state, BARRIER_CLOSED);
    assert_int_equal(now->quality, BARRIER_OBSERVED);
    assert_int_equal(now->inputs[BARRIER_PHOTOCELL], SIGNAL_OFF);
    assert_int_equal(HEAR(&rig, 0, 0x06)->inputs[BARRIER_PHOTOCELL], SIGNAL_ON);
    assert_int_equal(now->inputs[BARRIER_PRESENCE_LOOP], SIGNAL_ON);
    barrier_asked(BARRIER_DO_OPEN, COMMAND_ACCEPTED, now_of(&rig), &rig.memory);
    now = HEAR(&rig, 0, 0x08);
    assert_int_equal(now->state, BARRIER_OPENING);
    assert_int_equal(now->quality, BARRIER_INFERRED);
    assert_int_equal(HEAR(&rig, 0, 0x09)->state, BARRIER_OPEN);
    assert_int_equal(HEAR(&rig, 0, 0x0B)->state, BARRIER_FAULT);
    assert_non_null(strstr(now->error, "wiring"));
}

static void a_boom_that_reaches_no_limit_has_stopped(void **state)
{
    (void)state;
    struct rig rig = relay_rig(true);
    HEAR(&rig, 0, 0x02);
    barrier_asked(BARRIER_DO_OPEN, COMMAND_ACCEPTED, now_of(&rig), &rig.memory);
    rig.now_ms += 500;
    assert_int_equal(HEAR(&rig, 0, 0)->state, BARRIER_OPENING);
    rig.now_ms += 7600;
    HEAR(&rig, 1, 0);
    assert_int_equal(HEAR(&rig, 0, 0)->state, BARRIER_STOPPED);
}

static void a_remote_control_is_seen_by_the_limit_that_is_left(void **state)
{
    (void)state;
    struct rig rig = relay_rig(true);
    HEAR(&rig, 0, 0x02);
    assert_int_equal(HEAR(&rig, 0, 0x00)->state, BARRIER_OPENING);
    assert_int_equal(look(&rig)->quality, BARRIER_INFERRED);
}

static void without_limit_switches_the_state_is_inferred_or_unobservable(void **state)
{
    (void)state;
    struct rig rig = relay_rig(false);
    const struct barrier *now = HEAR(&rig, 0, 0);
    assert_int_equal(now->state, BARRIER_UNKNOWN);
    assert_int_equal(now->quality, BARRIER_UNOBSERVABLE);
    barrier_asked(BARRIER_DO_OPEN, COMMAND_REFUSED, now_of(&rig), &rig.memory);
    assert_int_equal(look(&rig)->state, BARRIER_UNKNOWN);
    barrier_asked(BARRIER_DO_OPEN, COMMAND_ACCEPTED, now_of(&rig), &rig.memory);
    assert_int_equal(look(&rig)->state, BARRIER_OPENING);
    rig.now_ms += 8001;
    HEAR(&rig, 1, 0);
    assert_int_equal(HEAR(&rig, 0, 0)->state, BARRIER_OPEN);
    assert_int_equal(look(&rig)->quality, BARRIER_INFERRED);
    barrier_asked(BARRIER_DO_CLOSE, COMMAND_UNKNOWN, now_of(&rig), &rig.memory);
    assert_int_equal(look(&rig)->state, BARRIER_UNKNOWN);
    assert_int_equal(look(&rig)->quality, BARRIER_UNOBSERVABLE);
}

static void a_relay_linked_to_an_input_keeps_the_barrier_from_being_used(void **state)
{
    (void)state;
    struct rig rig = relay_rig(true);
    assert_true(HEAR(&rig, 0, 2)->ready);
    const struct barrier *now = HEAR(&rig, 2, 0, 0, 1, 0, 0, 0, 0, 0);
    assert_false(now->ready);
    assert_non_null(strstr(now->not_ready, "relay 2 is in control mode 1"));
    barrier_begin(&rig.map, &rig.memory);
    assert_false(look(&rig)->ready); /* not read yet */
}

static void a_button_held_down_is_told(void **state)
{
    (void)state;
    struct rig rig = relay_rig(true);
    HEAR(&rig, 1, 1);
    rig.now_ms += 2400;
    assert_string_equal(HEAR(&rig, 1, 1)->error, "");
    rig.now_ms += 200;
    assert_non_null(strstr(HEAR(&rig, 1, 1)->error, "relay 0"));
    assert_string_equal(HEAR(&rig, 1, 0)->error, "");
}

/* Runs the check against a board with this true base; what it writes goes into `touched`. */
static enum barrier_proof prove(int32_t configured, int32_t true_base, bool *ret_moved)
{
    struct rig rig;
    struct barrier_options options = options_of("came-gard");
    options.base = configured;
    rig_build(&rig, "came-gard", &options);
    *ret_moved = false;
    for (int i = 0; i < 100; i++) {
        bool shifted = configured != true_base;
        if (shifted && configured == 0)
            HEAR(&rig, 0, 0, 17, 0, 0); /* an unused register, then the state as a position */
        else
            HEAR(&rig, 0, shifted ? 0 : 17, 0);
        const struct barrier_write *write = barrier_proof_next(&rig.map, now_of(&rig), &rig.memory);
        if (write) {
            bool exists = write->address >= true_base;
            *ret_moved |= write->address > true_base;
            barrier_proof_answer(&rig.map, exists ? COMMAND_ACCEPTED : COMMAND_REFUSED,
                                 now_of(&rig), &rig.memory);
        }
        rig.now_ms += 100;
    }
    return rig.memory.proof;
}

static void only_the_right_base_is_proved_and_nothing_moves_meanwhile(void **state)
{
    (void)state;
    bool moved;
    for (int32_t configured = 0; configured <= 1; configured++)
        for (int32_t true_base = 0; true_base <= 1; true_base++) {
            bool right = configured == true_base;
            assert_int_equal(prove(configured, true_base, &moved) == PROOF_GIVEN, right);
            assert_false(moved);
        }
}

/* Registers and coils need not be off by the same. */
static void a_board_that_takes_the_coil_before_its_first_has_another_base(void **state)
{
    (void)state;
    struct rig rig;
    struct barrier_options options = options_of("came-gard");
    options.base = 1;
    rig_build(&rig, "came-gard", &options);
    HEAR(&rig, 0, 17, 0);
    const struct barrier_write *write = barrier_proof_next(&rig.map, now_of(&rig), &rig.memory);
    assert_int_equal(write->address, 0);
    barrier_proof_answer(&rig.map, COMMAND_ACCEPTED, now_of(&rig), &rig.memory);
    assert_false(look(&rig)->ready);
    assert_non_null(strstr(look(&rig)->not_ready, "base"));
    assert_null(barrier_proof_next(&rig.map, now_of(&rig), &rig.memory));
}

static void stop_is_not_tried_while_the_boom_moves_or_its_state_is_unknown(void **state)
{
    (void)state;
    static const uint16_t moving[] = {0, 3, 18, 32, 33, 34, 99};
    struct rig rig;
    struct barrier_options options = options_of("came-gard");
    for (size_t i = 0; i < sizeof moving / sizeof *moving; i++) {
        rig_build(&rig, "came-gard", &options);
        HEAR(&rig, 0, moving[i], 50);
        if (moving[i] != 18) /* it rests half-way */
            assert_null(barrier_proof_next(&rig.map, now_of(&rig), &rig.memory));
        HEAR(&rig, 0, 17, 0);
        assert_non_null(barrier_proof_next(&rig.map, now_of(&rig), &rig.memory));
        rig.now_ms += 5000;
        look(&rig); /* stale */
        assert_null(barrier_proof_next(&rig.map, now_of(&rig), &rig.memory));
    }
}

static void a_stop_that_moves_the_boom_proves_the_base_wrong(void **state)
{
    (void)state;
    struct rig rig;
    struct barrier_options options = options_of("came-gard");
    rig_build(&rig, "came-gard", &options);
    HEAR(&rig, 0, 17, 0);
    barrier_proof_answer(&rig.map, COMMAND_ACCEPTED, now_of(&rig), &rig.memory);
    rig.now_ms += 300;
    assert_false(HEAR(&rig, 0, 32, 10)->ready);
    rig.now_ms += 5000;
    assert_false(HEAR(&rig, 0, 17, 0)->ready);
    assert_int_equal(rig.memory.proof, PROOF_FAILED);
}

static void a_partial_opening_after_a_command_proves_the_base_wrong(void **state)
{
    (void)state;
    struct rig rig;
    struct barrier_options options = options_of("came-gard");
    rig_build(&rig, "came-gard", &options);
    rig.memory.proof = PROOF_GIVEN;
    assert_true(HEAR(&rig, 0, 34, 20)->ready); /* a person's own button */
    barrier_asked(BARRIER_DO_CLOSE, COMMAND_ACCEPTED, now_of(&rig), &rig.memory);
    assert_false(HEAR(&rig, 0, 34, 20)->ready);
}

static void a_map_whose_place_no_poll_reads_is_refused(void **state)
{
    (void)state;
    struct rig rig;
    struct err err;
    struct barrier_options options = options_of("came-gard");
    rig_build(&rig, "came-gard", &options);
    rig.map.operations.address = 109; /* its second word is 110 */
    assert_false(barrier_map_check(&rig.map, &err));
    assert_non_null(strstr(err.text, "operations"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_frames_of_a_came_gard_are_those_of_its_paper),
        cmocka_unit_test(the_frames_of_a_relay_board_are_those_of_its_makers_wiki),
        cmocka_unit_test(the_plate_is_switched_with_0100_and_let_go_again),
        cmocka_unit_test(no_base_lets_a_write_reach_the_board_reset),
        cmocka_unit_test(a_came_gard_tells_state_position_counter_and_temperature),
        cmocka_unit_test(each_state_of_the_paper_has_one_meaning_and_all_others_none),
        cmocka_unit_test(a_barrier_not_heard_is_stale_and_its_loops_are_unknown),
        cmocka_unit_test(limit_switches_tell_the_ends_and_time_the_way_between_them),
        cmocka_unit_test(a_boom_that_reaches_no_limit_has_stopped),
        cmocka_unit_test(a_remote_control_is_seen_by_the_limit_that_is_left),
        cmocka_unit_test(without_limit_switches_the_state_is_inferred_or_unobservable),
        cmocka_unit_test(a_relay_linked_to_an_input_keeps_the_barrier_from_being_used),
        cmocka_unit_test(a_button_held_down_is_told),
        cmocka_unit_test(only_the_right_base_is_proved_and_nothing_moves_meanwhile),
        cmocka_unit_test(a_board_that_takes_the_coil_before_its_first_has_another_base),
        cmocka_unit_test(stop_is_not_tried_while_the_boom_moves_or_its_state_is_unknown),
        cmocka_unit_test(a_stop_that_moves_the_boom_proves_the_base_wrong),
        cmocka_unit_test(a_partial_opening_after_a_command_proves_the_base_wrong),
        cmocka_unit_test(a_map_whose_place_no_poll_reads_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
