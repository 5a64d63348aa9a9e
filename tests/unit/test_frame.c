/* Modbus frames: what is sent, and which answers are believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sensors/bus/frame.h"

static const struct frame_request read_three = {
    .unit = 17, .function = 3, .address = 0x6b, .count = 3, .transaction = 0x1234};

/* "Modbus Application Protocol V1.1b3" 6.3: read 3 holding registers from 0x6B, answer 022B 0000
 * 0064; the RTU form with unit 0x11 has the well-known checksums 7687 and C8BA. */
static const uint8_t rtu_request[] = {0x11, 0x03, 0x00, 0x6b, 0x00, 0x03, 0x76, 0x87};
static const uint8_t rtu_answer[] = {0x11, 0x03, 0x06, 0x02, 0x2b, 0x00,
                                     0x00, 0x00, 0x64, 0xc8, 0xba};
static const uint8_t tcp_request[] = {0x12, 0x34, 0, 0, 0, 6, 0x11, 0x03, 0x00, 0x6b, 0x00, 0x03};
static const uint8_t tcp_answer[] = {0x12, 0x34, 0,    0,    0,    9,    0x11, 0x03,
                                     0x06, 0x02, 0x2b, 0x00, 0x00, 0x00, 0x64};

static void requests_are_encoded_as_the_specification_shows(void **state)
{
    (void)state;
    uint8_t out[FRAME_MAX];
    assert_int_equal(frame_encode(FRAME_RTU, &read_three, out), sizeof rtu_request);
    assert_memory_equal(out, rtu_request, sizeof rtu_request);
    assert_int_equal(frame_encode(FRAME_TCP, &read_three, out), sizeof tcp_request);
    assert_memory_equal(out, tcp_request, sizeof tcp_request);
}

static void writes_are_encoded_as_the_specification_shows(void **state)
{
    (void)state;
    static const struct {
        struct frame_request request;
        uint8_t body[9];
        size_t size;
    } rows[] = {
        {{.unit = 1, .function = 5, .address = 172, .value = 1}, {1, 5, 0, 0xac, 0xff, 0}, 6},
        {{.unit = 1, .function = 5, .address = 172, .value = 0}, {1, 5, 0, 0xac, 0, 0}, 6},
        {{.unit = 1, .function = 6, .address = 1, .value = 3}, {1, 6, 0, 1, 0, 3}, 6},
        {{.unit = 1, .function = 16, .address = 1, .value = 10}, {1, 16, 0, 1, 0, 1, 2, 0, 10}, 9},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t out[FRAME_MAX];
        assert_int_equal(frame_encode(FRAME_TCP, &rows[i].request, out), 6 + rows[i].size);
        assert_memory_equal(out + 6, rows[i].body, rows[i].size);
    }
}

static void a_good_answer_is_believed_once_it_is_complete(void **state)
{
    (void)state;
    struct frame_answer answer = {0};
    for (size_t size = 0; size < sizeof rtu_answer; size++)
        assert_int_equal(frame_check(FRAME_RTU, &read_three, rtu_answer, size, &answer),
                         FRAME_MORE);
    for (size_t size = 0; size < sizeof tcp_answer; size++)
        assert_int_equal(frame_check(FRAME_TCP, &read_three, tcp_answer, size, &answer),
                         FRAME_MORE);
    assert_null(answer.data);
    assert_int_equal(frame_check(FRAME_RTU, &read_three, rtu_answer, sizeof rtu_answer, &answer),
                     FRAME_GOOD);
    assert_ptr_equal(answer.data, rtu_answer + 3);
    assert_int_equal(answer.size, 6);
    assert_int_equal(frame_check(FRAME_TCP, &read_three, tcp_answer, sizeof tcp_answer, &answer),
                     FRAME_GOOD);
    assert_ptr_equal(answer.data, tcp_answer + 9);
    assert_int_equal(frame_answer_size(FRAME_RTU, &read_three), sizeof rtu_answer);
    assert_int_equal(frame_answer_size(FRAME_TCP, &read_three), sizeof tcp_answer);
}

/* One byte of the good TCP answer replaced. */
static void each_wrong_field_of_a_tcp_answer_is_named(void **state)
{
    (void)state;
    static const struct {
        size_t at;
        uint8_t value;
        enum frame_verdict verdict;
    } rows[] = {
        {0, 0x13, FRAME_BAD_TRANSACTION}, {1, 0x35, FRAME_BAD_TRANSACTION}, /* B3 */
        {2, 1, FRAME_BAD_PROTOCOL},       {3, 7, FRAME_BAD_PROTOCOL},       /* B5 */
        {4, 1, FRAME_BAD_LENGTH},         {5, 10, FRAME_BAD_LENGTH},        /* B6 */
        {6, 0x12, FRAME_BAD_UNIT},                                          /* B4 */
        {7, 4, FRAME_BAD_FUNCTION},       {8, 4, FRAME_BAD_LENGTH},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t bytes[sizeof tcp_answer];
        struct frame_answer answer;
        memcpy(bytes, tcp_answer, sizeof bytes);
        bytes[rows[i].at] = rows[i].value;
        assert_int_equal(frame_check(FRAME_TCP, &read_three, bytes, sizeof bytes, &answer),
                         rows[i].verdict);
    }
}

static size_t with_crc(uint8_t *bytes, size_t size)
{
    uint16_t crc = frame_crc(bytes, size);
    bytes[size] = (uint8_t)crc;
    bytes[size + 1] = (uint8_t)(crc >> 8);
    return size + 2;
}

static void exceptions_are_told_by_their_code(void **state)
{
    (void)state;
    for (int code = 0; code < 256; code++) {
        uint8_t bytes[8] = {0x11, 0x83, (uint8_t)code};
        size_t size = with_crc(bytes, 3);
        struct frame_answer answer = {0};
        bool named = code >= 1 && code <= 11 && code != 9;
        assert_int_equal(frame_check(FRAME_RTU, &read_three, bytes, size, &answer),
                         named ? FRAME_EXCEPTION : FRAME_BAD_CODE);
        assert_int_equal(answer.exception, named ? code : 0);
    }
}

static void an_exception_to_another_function_is_no_answer(void **state)
{
    (void)state;
    uint8_t bytes[8] = {0x11, 0x84, 2};
    struct frame_answer answer;
    size_t size = with_crc(bytes, 3);
    assert_int_equal(frame_check(FRAME_RTU, &read_three, bytes, size, &answer), FRAME_BAD_FUNCTION);
}

static void a_write_is_confirmed_only_by_its_own_address_and_value(void **state)
{
    (void)state;
    struct frame_request coil = {.unit = 1, .function = 5, .address = 172, .value = 1};
    uint8_t bytes[8] = {1, 5, 0, 172, 0xff, 0};
    struct frame_answer answer;
    assert_int_equal(frame_check(FRAME_RTU, &coil, bytes, with_crc(bytes, 6), &answer), FRAME_GOOD);
    coil.address = 173;
    assert_int_equal(frame_check(FRAME_RTU, &coil, bytes, 8, &answer), FRAME_BAD_ECHO);
    coil.address = 172;
    coil.value = 0;
    assert_int_equal(frame_check(FRAME_RTU, &coil, bytes, 8, &answer), FRAME_BAD_ECHO);
}

/* 24 inputs from 0x0300 on: the question 11 02 03 10 00 18 reads as three bytes of values. */
static void an_echoed_question_in_the_form_of_its_answer_is_not_taken(void **state)
{
    (void)state;
    struct frame_request inputs = {.unit = 0x11, .function = 2, .address = 0x310, .count = 24};
    uint8_t bytes[FRAME_MAX];
    struct frame_answer answer;

    for (int kind = FRAME_RTU; kind <= FRAME_TCP; kind++) {
        size_t size = frame_encode((enum frame_kind)kind, &inputs, bytes);
        assert_int_equal(frame_check((enum frame_kind)kind, &inputs, bytes, size, &answer),
                         FRAME_QUESTION);
    }
}

static void an_old_answer_in_front_of_the_right_one_is_not_taken(void **state)
{
    (void)state;
    uint8_t bytes[2 * sizeof rtu_answer];
    struct frame_answer answer;
    memcpy(bytes, rtu_answer, sizeof rtu_answer);
    memcpy(bytes + sizeof rtu_answer, rtu_answer, sizeof rtu_answer);
    assert_int_equal(frame_check(FRAME_RTU, &read_three, bytes, sizeof bytes, &answer),
                     FRAME_TRAILING);
}

/* ---- 100,000 damaged answers ---- */

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static size_t random_answer(uint32_t *seed, enum frame_kind kind, struct frame_request *request,
                            uint8_t *bytes)
{
    uint8_t body[FRAME_MAX];
    *request = (struct frame_request){.unit = (uint8_t)(1 + next_random(seed) % 255),
                                      .function = (uint8_t)(1 + next_random(seed) % 4),
                                      .count = (uint16_t)(1 + next_random(seed) % 125),
                                      .transaction = (uint16_t)next_random(seed)};
    size_t values = request->function <= 2 ? (request->count + 7u) / 8 : 2u * request->count;
    body[0] = request->unit;
    body[1] = request->function;
    body[2] = (uint8_t)values;
    for (size_t i = 0; i < values; i++)
        body[3 + i] = (uint8_t)next_random(seed);
    if (kind == FRAME_RTU) {
        memcpy(bytes, body, 3 + values);
        return with_crc(bytes, 3 + values);
    }
    uint8_t head[] = {(uint8_t)(request->transaction >> 8), (uint8_t)request->transaction, 0, 0,
                      (uint8_t)((3 + values) >> 8),         (uint8_t)(3 + values)};
    memcpy(bytes, head, 6);
    memcpy(bytes + 6, body, 3 + values);
    return 9 + values;
}

/* Flips bits, cuts, lengthens, or puts random bytes in place of some. Returns the new size. */
static size_t damage(uint32_t *seed, uint8_t *bytes, size_t size)
{
    switch (next_random(seed) % 4) {
    case 0:
        bytes[next_random(seed) % size] ^= (uint8_t)(1u << next_random(seed) % 8);
        return size;
    case 1:
        return next_random(seed) % size;
    case 2:
        bytes[size] = (uint8_t)next_random(seed);
        return size + 1;
    default:
        for (int i = 0; i < 4; i++)
            bytes[next_random(seed) % size] = (uint8_t)next_random(seed);
        return size;
    }
}

static void no_damaged_serial_answer_is_believed(void **state)
{
    (void)state;
    uint32_t seed = getenv("SEED") ? (uint32_t)strtoul(getenv("SEED"), NULL, 0) : 20261122;
    unsigned equal = 0, multiple = 0;
    print_message("seed %u\n", seed);
    for (int i = 0; i < 100000; i++) {
        uint8_t good[FRAME_MAX + 8], bytes[FRAME_MAX + 8];
        struct frame_request request;
        struct frame_answer answer;
        size_t size = random_answer(&seed, FRAME_RTU, &request, good);
        memcpy(bytes, good, sizeof bytes);
        size_t damaged = damage(&seed, bytes, size);
        if (frame_check(FRAME_RTU, &request, bytes, damaged, &answer) != FRAME_GOOD)
            continue;
        if (damaged == size && memcmp(good, bytes, size) == 0)
            equal++; /* the random bytes were the old ones */
        else
            multiple++; /* more than three flipped bits may have the same checksum: 1 in 65,536 */
    }
    print_message("%u undamaged, %u with a true checksum\n", equal, multiple);
    assert_in_range(multiple, 0, 5);
}

static void a_damaged_tcp_answer_is_believed_only_with_all_fields_right(void **state)
{
    (void)state;
    uint32_t seed = getenv("SEED") ? (uint32_t)strtoul(getenv("SEED"), NULL, 0) : 20261122;
    print_message("seed %u\n", seed);
    for (int i = 0; i < 100000; i++) {
        uint8_t good[FRAME_MAX + 8], bytes[FRAME_MAX + 8];
        struct frame_request request;
        struct frame_answer answer;
        size_t size = random_answer(&seed, FRAME_TCP, &request, good);
        memcpy(bytes, good, sizeof bytes);
        size_t damaged = damage(&seed, bytes, size);
        if (frame_check(FRAME_TCP, &request, bytes, damaged, &answer) == FRAME_GOOD) {
            /* TCP itself guards the values; every field around them must be whole. */
            assert_int_equal(damaged, size);
            assert_memory_equal(bytes, good, 9);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_encoded_as_the_specification_shows),
        cmocka_unit_test(writes_are_encoded_as_the_specification_shows),
        cmocka_unit_test(a_good_answer_is_believed_once_it_is_complete),
        cmocka_unit_test(each_wrong_field_of_a_tcp_answer_is_named),
        cmocka_unit_test(exceptions_are_told_by_their_code),
        cmocka_unit_test(an_exception_to_another_function_is_no_answer),
        cmocka_unit_test(a_write_is_confirmed_only_by_its_own_address_and_value),
        cmocka_unit_test(an_echoed_question_in_the_form_of_its_answer_is_not_taken),
        cmocka_unit_test(an_old_answer_in_front_of_the_right_one_is_not_taken),
        cmocka_unit_test(no_damaged_serial_answer_is_believed),
        cmocka_unit_test(a_damaged_tcp_answer_is_believed_only_with_all_fields_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
