/* Device maps: what the registers of real devices mean. Captures stand beside the vendor's words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sensors/bay/modbus_map.h"

enum { NO_READING = -1 };

static const struct modbus_tuning untuned;

/* Procon LD120 manual V3.0 (2005): input register 30002, bit 0 fault, bit 1 detect; 40010/40011
 * count, most significant word first. Address base 1, so 30002 is 1 on the wire. */
static struct modbus_map ld120(void)
{
    struct modbus_map map;
    modbus_map_defaults(&map);
    map.state = (struct modbus_place){.function = 4, .address = 1, .in_word = true, .bit = 1};
    map.fault = (struct modbus_place){.function = 4, .address = 1, .in_word = true, .bit = 0};
    map.counter = (struct modbus_counter){.place = {.function = 3, .address = 9}, .wide = true};
    map.max_words = 8;
    return map;
}

/* Procon LD220 manual: discrete inputs 10001/2 loop 1 fault/detect, 10003/4 loop 2. */
static struct modbus_map ld220(void)
{
    struct modbus_map map;
    modbus_map_defaults(&map);
    map.inputs = 2;
    map.state = (struct modbus_place){.function = 2, .address = 1, .stride = 2};
    map.fault = (struct modbus_place){.function = 2, .address = 0, .stride = 2};
    return map;
}

/* DFRobot SEN0310 wiki: register 5 distance in cm. */
static struct modbus_map sen0310(void)
{
    struct modbus_map map;
    modbus_map_defaults(&map);
    map.state = (struct modbus_place){.function = 3, .address = 5};
    map.occupied.compare = MODBUS_NONE;
    map.distance = (struct modbus_distance){.mm_per_count = 10,
                                            .threshold_mm = 1500,
                                            .hysteresis_mm = 200,
                                            .invalid = {0, 65535},
                                            .invalid_count = 2,
                                            .frozen_ms = 3600000};
    map.temperature.place = (struct modbus_place){.function = 3, .address = 6};
    return map;
}

/* A concentrator that holds one bay a register: 0 free, 1 occupied. */
static struct modbus_map words(void)
{
    struct modbus_map map;
    modbus_map_defaults(&map);
    map.inputs = 125;
    map.state = (struct modbus_place){.function = 4, .address = 100, .stride = 1};
    map.occupied = (struct modbus_test){MODBUS_EQUAL, 0xffff, 1};
    map.free = (struct modbus_test){MODBUS_EQUAL, 0xffff, 0};
    return map;
}

struct answer {
    uint8_t function;
    uint16_t address, count;
    uint8_t data[8];
};

static int decode(const struct modbus_map *map, struct modbus_input *input, uint32_t n,
                  const struct answer *answer, int64_t now_ms)
{
    struct modbus_block block = {.function = answer->function,
                                 .address = answer->address,
                                 .count = answer->count,
                                 .data = answer->data,
                                 .size = answer->function <= 2 ? (answer->count + 7u) / 8
                                                               : 2u * answer->count};
    enum sensed sensed;
    if (!modbus_map_decode(map, &untuned, &block, n, (mono_ms){now_ms}, input, &sensed))
        return NO_READING;
    return (int)sensed;
}

static void a_loop_detector_tells_state_and_fault_in_one_word(void **state)
{
    (void)state;
    static const struct {
        uint8_t low;
        enum sensed sensed;
    } rows[] = {{0x00, SENSED_FREE},  {0x02, SENSED_OCCUPIED}, {0x01, SENSED_FAULT},
                {0x03, SENSED_FAULT}, {0x32, SENSED_OCCUPIED}, {0x11, SENSED_FAULT}};
    struct modbus_map map = ld120();
    assert_true(modbus_map_check(&map, NULL));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct modbus_input input = {0};
        struct answer answer = {4, 1, 1, {0x01, rows[i].low}};
        assert_int_equal(decode(&map, &input, 0, &answer, 0), rows[i].sensed);
    }
}

static void a_dual_detector_keeps_its_loops_apart(void **state)
{
    (void)state;
    struct modbus_map map = ld220();
    struct modbus_input input[2] = {{0}};
    struct answer answer = {2, 0, 4, {0x06}}; /* loop 1 detects, loop 2 is faulty */
    assert_true(modbus_map_check(&map, NULL));
    assert_int_equal(decode(&map, &input[0], 0, &answer, 0), SENSED_OCCUPIED);
    assert_int_equal(decode(&map, &input[1], 1, &answer, 0), SENSED_FAULT);
}

static void no_reading_is_made_before_the_fault_bit_is_known(void **state)
{
    (void)state;
    struct modbus_map map = ld220();
    struct modbus_input input = {0};
    struct answer state_only = {2, 1, 1, {0x01}}, fault_only = {2, 0, 1, {0x00}};
    struct modbus_block lost = {.function = 2, .address = 0, .count = 1};
    assert_int_equal(decode(&map, &input, 0, &state_only, 0), NO_READING);
    assert_int_equal(decode(&map, &input, 0, &fault_only, 0), NO_READING);
    assert_int_equal(decode(&map, &input, 0, &state_only, 0), SENSED_OCCUPIED);
    modbus_map_lost(&map, &lost, 0, &input);
    assert_int_equal(decode(&map, &input, 0, &state_only, 0), NO_READING);
}

static void a_distance_needs_the_hysteresis_to_become_free(void **state)
{
    (void)state;
    static const struct {
        uint16_t cm;
        enum sensed sensed;
    } rows[] = {{210, SENSED_FREE},     {150, SENSED_FREE},  {149, SENSED_OCCUPIED},
                {169, SENSED_OCCUPIED}, {170, SENSED_FREE},  {160, SENSED_FREE},
                {0, SENSED_FAULT},      {160, SENSED_FREE},  {65535, SENSED_FAULT},
                {40, SENSED_OCCUPIED},  {65534, SENSED_FREE}};
    struct modbus_map map = sen0310();
    struct modbus_input input = {0};
    assert_true(modbus_map_check(&map, NULL));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct answer answer = {3, 5, 1, {(uint8_t)(rows[i].cm >> 8), (uint8_t)(rows[i].cm & 255)}};
        assert_int_equal(decode(&map, &input, 0, &answer, 0), rows[i].sensed);
    }
}

static void a_distance_that_never_moves_is_a_fault(void **state)
{
    (void)state;
    struct modbus_map map = sen0310();
    struct modbus_input input = {0};
    struct answer same = {3, 5, 1, {0, 200}}, moved = {3, 5, 1, {0, 201}};
    assert_int_equal(decode(&map, &input, 0, &same, 1000), SENSED_FREE);
    assert_int_equal(decode(&map, &input, 0, &same, 3600999), SENSED_FREE);
    assert_int_equal(decode(&map, &input, 0, &same, 3601000), SENSED_FAULT);
    assert_int_equal(decode(&map, &input, 0, &moved, 3601001), SENSED_FREE);
    assert_int_equal(decode(&map, &input, 0, &same, 3601002), SENSED_FREE);
}

static void a_device_may_have_its_own_threshold(void **state)
{
    (void)state;
    struct modbus_map map = sen0310();
    struct modbus_input input = {0};
    struct modbus_tuning tuning = {.threshold_mm = 1000, .hysteresis_mm = 50};
    static const uint8_t cm_140[] = {0, 140};
    struct modbus_block block = {
        .function = 3, .address = 5, .count = 1, .data = cm_140, .size = 2};
    enum sensed sensed;
    assert_true(modbus_map_decode(&map, &tuning, &block, 0, (mono_ms){0}, &input, &sensed));
    assert_int_equal(sensed, SENSED_FREE);
}

static void a_value_that_means_nothing_is_a_fault(void **state)
{
    (void)state;
    struct modbus_map map = words();
    struct modbus_input input = {0};
    static const enum sensed expected[] = {SENSED_FREE, SENSED_OCCUPIED, SENSED_FAULT,
                                           SENSED_FAULT};
    struct answer answer = {4, 100, 4, {0, 0, 0, 1, 0, 2, 0x80, 1}};
    for (uint32_t n = 0; n < 4; n++)
        assert_int_equal(decode(&map, &input, n, &answer, 0), expected[n]);
    assert_int_equal(decode(&map, &input, 4, &answer, 0), NO_READING);
}

static void packed_bits_run_on_into_the_next_word(void **state)
{
    (void)state;
    struct modbus_map map = words();
    struct modbus_input input = {0};
    struct answer answer = {3, 7, 2, {0x80, 0x01, 0x00, 0x02}};
    map.inputs = 32;
    map.free.compare = MODBUS_NONE;
    map.state =
        (struct modbus_place){.function = 3, .address = 7, .in_word = true, .bit_stride = 1};
    assert_true(modbus_map_check(&map, NULL));
    for (uint32_t n = 0; n < 32; n++) {
        bool occupied = n == 0 || n == 15 || n == 17;
        assert_int_equal(decode(&map, &input, n, &answer, 0),
                         occupied ? SENSED_OCCUPIED : SENSED_FREE);
    }
    map.state.high_first = true;
    for (uint32_t n = 0; n < 32; n++) {
        bool occupied = n == 0 || n == 15 || n == 30;
        assert_int_equal(decode(&map, &input, n, &answer, 0),
                         occupied ? SENSED_OCCUPIED : SENSED_FREE);
    }
}

static void an_inverted_bit_is_occupied_when_it_is_0(void **state)
{
    (void)state;
    struct modbus_map map = ld220();
    struct modbus_input input = {0};
    struct answer answer = {2, 0, 2, {0x00}};
    map.occupied = (struct modbus_test){MODBUS_EQUAL, 0xffff, 0};
    assert_int_equal(decode(&map, &input, 0, &answer, 0), SENSED_OCCUPIED);
}

static void a_masked_field_is_compared(void **state)
{
    (void)state;
    static const struct {
        enum modbus_compare compare;
        uint8_t value;
        enum sensed sensed;
    } rows[] = {{MODBUS_AT_LEAST, 0x5f, SENSED_OCCUPIED},  {MODBUS_AT_LEAST, 0x4f, SENSED_FREE},
                {MODBUS_AT_MOST, 0x5f, SENSED_OCCUPIED},   {MODBUS_AT_MOST, 0x60, SENSED_FREE},
                {MODBUS_NOT_EQUAL, 0x4f, SENSED_OCCUPIED}, {MODBUS_NOT_EQUAL, 0x5f, SENSED_FREE}};
    struct modbus_map map = words();
    map.free.compare = MODBUS_NONE;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct modbus_input input = {0};
        struct answer answer = {4, 100, 1, {0, rows[i].value}};
        map.occupied = (struct modbus_test){rows[i].compare, 0xf0, 0x50};
        assert_int_equal(decode(&map, &input, 0, &answer, 0), rows[i].sensed);
    }
}

/* State, then count, as two answers. */
static void tell(const struct modbus_map *map, struct modbus_input *input, bool occupied,
                 uint32_t count)
{
    struct answer sensed = {4, 1, 1, {0, occupied ? 2 : 0}};
    struct answer counted = {
        3,
        9,
        2,
        {(uint8_t)(count >> 24), (uint8_t)(count >> 16), (uint8_t)(count >> 8), (uint8_t)count}};
    decode(map, input, 0, &sensed, 0);
    decode(map, input, 0, &counted, 0);
}

static void the_counter_tells_passages_missed_between_polls(void **state)
{
    (void)state;
    struct modbus_map map = ld120();
    struct modbus_input input = {0};
    tell(&map, &input, false, 70000);
    tell(&map, &input, true, 70001);
    tell(&map, &input, false, 70001);
    assert_int_equal(input.missed, 0);
    tell(&map, &input, true, 70004);
    assert_int_equal(input.passages, 4);
    assert_int_equal(input.missed, 2);
}

static void a_counter_that_counts_the_departure_misses_nothing(void **state)
{
    (void)state;
    struct modbus_map map = ld120();
    struct modbus_input input = {0};
    tell(&map, &input, false, 5);
    tell(&map, &input, true, 5);
    tell(&map, &input, false, 6);
    assert_int_equal(input.passages, 1);
    assert_int_equal(input.missed, 0);
}

static void a_smaller_count_wraps_or_begins_again(void **state)
{
    (void)state;
    static const struct {
        bool wide;
        enum modbus_decrease decrease;
        uint32_t maximum, from, to, passages;
    } rows[] = {
        {true, MODBUS_WRAPS, 0, 4294967294u, 1, 3}, {true, MODBUS_RESETS, 0, 4294967294u, 1, 1},
        {true, MODBUS_WRAPS, 9999, 9998, 1, 3},     {true, MODBUS_WRAPS, 0, 1000, 2, 2},
        {false, MODBUS_WRAPS, 0, 65535, 0, 1},      {false, MODBUS_WRAPS, 99, 12345, 7, 7},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct modbus_map map = ld120();
        struct modbus_input input = {0};
        map.counter.wide = true;
        map.counter.decrease = rows[i].decrease;
        map.counter.maximum = rows[i].maximum;
        if (!rows[i].wide) {
            map.counter.wide = false;
            map.counter.place.address = 10; /* the low word of tell() */
        }
        tell(&map, &input, false, rows[i].from);
        tell(&map, &input, false, rows[i].to);
        assert_int_equal(input.passages, rows[i].passages);
    }
}

static void words_of_a_count_come_in_either_order(void **state)
{
    (void)state;
    struct modbus_map map = ld120();
    struct modbus_input input = {0};
    struct answer first = {3, 9, 2, {0, 5, 0, 1}}, second = {3, 9, 2, {0, 6, 0, 1}};
    map.counter.low_word_first = true;
    decode(&map, &input, 0, &first, 0);
    assert_int_equal(input.count, 65541);
    decode(&map, &input, 0, &second, 0);
    assert_int_equal(input.passages, 1);
}

static void a_comparison_holds_at_its_bound(void **state)
{
    (void)state;
    static const struct {
        enum modbus_compare compare;
        uint8_t raw;
        enum sensed sensed;
    } rows[] = {{MODBUS_EQUAL, 7, SENSED_OCCUPIED},    {MODBUS_EQUAL, 8, SENSED_FREE},
                {MODBUS_NOT_EQUAL, 7, SENSED_FREE},    {MODBUS_NOT_EQUAL, 8, SENSED_OCCUPIED},
                {MODBUS_AT_LEAST, 7, SENSED_OCCUPIED}, {MODBUS_AT_LEAST, 6, SENSED_FREE},
                {MODBUS_AT_MOST, 7, SENSED_OCCUPIED},  {MODBUS_AT_MOST, 8, SENSED_FREE},
                {MODBUS_NONE, 7, SENSED_FREE}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct modbus_map map = words();
        struct modbus_input input = {0};
        struct answer told = {4, 100, 1, {0, rows[i].raw}};
        map.occupied = (struct modbus_test){rows[i].compare, 0xffff, 7};
        map.free.compare = MODBUS_NONE;
        assert_int_equal(decode(&map, &input, 0, &told, 0), rows[i].sensed);
    }
}

static void a_read_that_failed_forgets_the_faults_that_it_would_have_told(void **state)
{
    (void)state;
    static const struct {
        uint8_t function;
        uint16_t address, count;
        bool known;
    } rows[] = {
        {4, 1, 1, false}, {4, 0, 2, false}, {4, 0, 1, true}, {4, 2, 9, true}, {3, 1, 1, true}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct modbus_map map = ld120();
        struct modbus_input input = {.fault_known = true};
        struct modbus_block block = {
            .function = rows[i].function, .address = rows[i].address, .count = rows[i].count};
        modbus_map_lost(&map, &block, 0, &input);
        assert_int_equal(input.fault_known, rows[i].known);
    }
}

static void a_temperature_below_zero_is_signed(void **state)
{
    (void)state;
    struct modbus_map map = sen0310();
    static const uint8_t cold[] = {0xff, 0x85};
    struct modbus_block block = {.function = 3, .address = 6, .count = 1, .data = cold, .size = 2};
    int32_t decidegrees;
    assert_true(modbus_map_temperature(&map, &block, &decidegrees));
    assert_int_equal(decidegrees, -123);
    block.address = 7;
    assert_false(modbus_map_temperature(&map, &block, &decidegrees));
}

static void a_short_block_gives_no_reading(void **state)
{
    (void)state;
    struct modbus_map map = words();
    struct modbus_input input = {0};
    static const uint8_t byte[] = {0};
    struct modbus_block block = {
        .function = 4, .address = 100, .count = 4, .data = byte, .size = 1};
    enum sensed sensed;
    assert_false(modbus_map_decode(&map, &untuned, &block, 0, (mono_ms){0}, &input, &sensed));
}

/* Each mistake made in a good map, and a word of the message that it must give. long: a row each */
static void a_mistake_is_told_in_words(void **state)
{
    (void)state;
    struct modbus_map good = ld120(), map;
    struct err err;
    assert_true(modbus_map_check(&good, &err));
#define MISTAKE(change, word)                   \
    map = good;                                 \
    map.change;                                 \
    assert_false(modbus_map_check(&map, &err)); \
    assert_non_null(strstr(err.text, word))
    MISTAKE(inputs = 0, "inputs");
    MISTAKE(max_words = 126, "max_words is 126; allowed are 1 to 125");
    MISTAKE(max_words = 1, "counter");
    MISTAKE(state.function = 5, "state");
    MISTAKE(state.function = 0, "state is missing");
    MISTAKE(state.bit = 16, "bits 0 to 15");
    MISTAKE(inputs = 2, "share a value");
    MISTAKE(occupied.compare = MODBUS_NONE, "occupied is missing");
    MISTAKE(distance.mm_per_count = 10, "distance");
    MISTAKE(faulty.compare = MODBUS_NONE, "fault");
    MISTAKE(occupied.mask = 0; map.occupied.operand = 1, "never be equal");
    MISTAKE(counter.place.address = 65535, "65536");
    MISTAKE(counter.place.function = 2, "whole words");
    MISTAKE(setup[0].function = 3; map.setup_count = 1, "does not write");
    MISTAKE(setup_count = 9, "setup");
    MISTAKE(response_ms = 0, "response_ms");
    MISTAKE(state.function = 2, "function 2 has no words; leave out the bit");
    MISTAKE(inputs = 2; map.state.bit_stride = 16; map.counter.place.stride = 2, "bits 0 to 15");
    MISTAKE(state.address = 65535; map.state.bit = 15; map.state.bit_stride = 1; map.inputs = 2;
            map.counter.place.stride = 2, "state: input 2 would stand at address 65536");
    MISTAKE(counter.place.in_word = true, "whole words");
    MISTAKE(counter.place.function = 1, "whole words");
    MISTAKE(counter.wide = false; map.counter.maximum = 65536, "a maximum of 65536 needs 32 bits");
    MISTAKE(fault.function = 5, "fault: function 5 does not read");
    MISTAKE(temperature.place.function = 5, "temperature: function 5 does not read");
    MISTAKE(occupied.compare = MODBUS_AT_MOST + 1, "occupied: no such comparison");
    MISTAKE(free.compare = MODBUS_AT_MOST + 1, "free: no such comparison");
    MISTAKE(faulty.compare = MODBUS_AT_MOST + 1, "fault: no such comparison");
    MISTAKE(trigger.function = 3, "trigger: function 3 does not write");
    MISTAKE(trigger = ((struct modbus_write){5, 0, 2}), "trigger: a coil is 0 or 1, not 2");
    good.trigger = (struct modbus_write){5, 0, 1};
    good.setup[0] = (struct modbus_write){6, 0, 500};
    good.setup[1] = (struct modbus_write){16, 0, 500};
    good.setup_count = 2;
    assert_true(modbus_map_check(&good, &err));
    good.inputs = 2; /* one bit of fault for both, and packed bits of state */
    good.state.bit_stride = 1;
    good.fault.stride = 0;
    good.counter.place.stride = 2;
    assert_true(modbus_map_check(&good, &err));
    good.fault.stride = 1;
    assert_true(modbus_map_check(&good, &err));
#undef MISTAKE
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_loop_detector_tells_state_and_fault_in_one_word),
        cmocka_unit_test(a_dual_detector_keeps_its_loops_apart),
        cmocka_unit_test(no_reading_is_made_before_the_fault_bit_is_known),
        cmocka_unit_test(a_distance_needs_the_hysteresis_to_become_free),
        cmocka_unit_test(a_distance_that_never_moves_is_a_fault),
        cmocka_unit_test(a_device_may_have_its_own_threshold),
        cmocka_unit_test(a_value_that_means_nothing_is_a_fault),
        cmocka_unit_test(packed_bits_run_on_into_the_next_word),
        cmocka_unit_test(an_inverted_bit_is_occupied_when_it_is_0),
        cmocka_unit_test(a_masked_field_is_compared),
        cmocka_unit_test(the_counter_tells_passages_missed_between_polls),
        cmocka_unit_test(a_counter_that_counts_the_departure_misses_nothing),
        cmocka_unit_test(a_smaller_count_wraps_or_begins_again),
        cmocka_unit_test(words_of_a_count_come_in_either_order),
        cmocka_unit_test(a_comparison_holds_at_its_bound),
        cmocka_unit_test(a_read_that_failed_forgets_the_faults_that_it_would_have_told),
        cmocka_unit_test(a_temperature_below_zero_is_signed),
        cmocka_unit_test(a_short_block_gives_no_reading),
        cmocka_unit_test(a_mistake_is_told_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
