/* A barrier map: the mistakes that it is refused for, what a short or foreign answer says, which
 * way the boom goes by which evidence, and when it rests. Rules of barrier.c and barrier_proof.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sensors/lane/barrier.h"

enum { BITS = 2, WORDS = 3, TRAVEL_MS = 8000, BEGIN_MS = 100000, PAUSE_MS = 1000 };

/* Bits at 0 … 15, words at 100 … 109, and modes at 200 … 203. */
static const struct barrier_map whole = {
    .name = "whole",
    .polls = {{BITS, 0, 16, 100}, {WORDS, 100, 10, 100}, {WORDS, 200, 4, 0}},
    .polls_count = 3,
    .state = {{.function = WORDS, .address = 100}, .shift = 4, .mask = 0x0F},
    .codes = {{1, BARRIER_OPEN, false}, {2, BARRIER_CLOSED, false}, {3, BARRIER_STOPPED, true}},
    .codes_count = 3,
    .position = {{.function = WORDS, .address = 101}, .mask = 0xFFFF},
    .position_closed = 10,
    .position_open = 110,
    .position_unknown = 999,
    .error = {{.function = WORDS, .address = 102}, .mask = 0xFFFF},
    .operations = {.function = WORDS, .address = 103},
    .temperature = {.function = WORDS, .address = 105},
    .inputs = {[BARRIER_LIMIT_OPEN] = {.function = BITS, .address = 0},
               [BARRIER_LIMIT_CLOSED] = {.function = BITS, .address = 1}},
    .held = {.function = BITS, .address = 8},
    .locked = {.function = BITS, .address = 9},
    .relays = {{.function = BITS, .address = 10}},
    .relays_ms = 1000,
    .relays_count = 1,
    .modes = {.function = WORDS, .address = 200},
    .modes_count = 4,
    .commands = {[BARRIER_DO_OPEN] = {{{5, 1, 0xFF00, 0}}, 1},
                 [BARRIER_DO_CLOSE] = {{{5, 2, 0xFF00, 0}}, 1},
                 [BARRIER_DO_STOP] = {{{5, 3, 0xFF00, 0}}, 1}},
    .prove = true,
    .travel_ms = TRAVEL_MS,
    .stale_ms = 1000,
};

static void assert_refused(const struct barrier_map *map, const char *words)
{
    struct err err = {.text = ""};

    assert_false(barrier_map_check(map, &err));
    if (!strstr(err.text, words))
        fail_msg("\"%s\" does not say \"%s\"", err.text, words);
}

#define REFUSED(words, ...)             \
    do {                                \
        struct barrier_map map = whole; \
        map.__VA_ARGS__;                \
        assert_refused(&map, words);    \
    } while (0)

static void each_mistake_of_a_map_is_named(void **state)
{
    static const char too_much[] = "allowed: 125 registers or 2000 bits";
    struct err err;

    (void)state;
    assert_true(barrier_map_check(&whole, &err));
    REFUSED("polls is missing", polls_count = 0);
    REFUSED(too_much, polls[1].function = 0);
    REFUSED(too_much, polls[1].function = 5);
    REFUSED(too_much, polls[1].count = 0);
    REFUSED(too_much, polls[1].count = 126);
    REFUSED(too_much, polls[0].count = 2001);
    REFUSED(too_much, polls[1].address = 65527);
    REFUSED(too_much, polls[2].period_ms = -1);
    REFUSED("poll 3 asks", polls[2].count = 0);
    REFUSED("states is missing", codes_count = 0);
    REFUSED("prove needs a state", state.place.function = 0);
    REFUSED("prove needs a state and a stop", commands[BARRIER_DO_STOP].count = 0);
    REFUSED("open is missing", commands[BARRIER_DO_OPEN].count = 0);
    REFUSED("hold and release go together", commands[BARRIER_DO_HOLD].count = 1);
    REFUSED("hold and release go together", commands[BARRIER_DO_RELEASE].count = 1);
    REFUSED("stands at function 2 address 16", inputs[BARRIER_LIMIT_OPEN].address = 16);
    REFUSED("a relay stands at", relays[0].address = 99);
    REFUSED("state stands at function 3 address 99", state.place.address = 99);
    REFUSED("state stands at function 4", state.place.function = 4);
    REFUSED("position stands at", position.place.address = 110);
    REFUSED("error stands at", error.place.address = 110);
    REFUSED("operations stands at function 3 address 109", operations.address = 109);
    REFUSED("temperature stands at", temperature.address = 110);
    REFUSED("held stands at", held.address = 16);
    REFUSED("locked stands at", locked.address = 16);
    REFUSED("modes stands at", modes.address = 201);
}

static void a_map_without_state_and_proof_is_whole(void **state)
{
    struct barrier_map map = whole;
    struct err err;

    (void)state;
    map.prove = false;
    map.state.place.function = 0;
    map.codes_count = 0;
    assert_true(barrier_map_check(&map, &err));
    map.prove = true;
    assert_refused(&map, "prove needs a state");
}

struct rig {
    struct barrier_map map;
    struct barrier_memory memory;
    int64_t now_ms;
};

static struct rig rig_of(const struct barrier_map *map)
{
    struct rig rig = {.map = *map, .now_ms = BEGIN_MS};

    barrier_begin(&rig.map, &rig.memory);
    return rig;
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

/* Poll `n` is answered with so many of its bytes. */
static const struct barrier *hear_bytes(struct rig *rig, int n, const uint8_t *bytes, size_t size)
{
    const struct barrier_poll *poll = &rig->map.polls[n];
    struct modbus_block block = {.function = poll->function,
                                 .address = poll->address,
                                 .count = poll->count,
                                 .data = bytes,
                                 .size = size};

    barrier_decode(&rig->map, &block, now_of(rig), &rig->memory);
    return look(rig);
}

static const struct barrier *hear_bits(struct rig *rig, uint16_t bits)
{
    return hear_bytes(rig, 0, (const uint8_t[]){(uint8_t)bits, (uint8_t)(bits >> 8)}, 2);
}

struct figures {
    uint16_t state, position, error, high, low, temperature;
};

static const struct barrier *hear_words(struct rig *rig, struct figures figures, size_t size)
{
    const uint16_t all[10] = {figures.state, figures.position, figures.error,
                              figures.high,  figures.low,      figures.temperature};
    uint8_t bytes[20];

    for (int i = 0; i < 20; i++)
        bytes[i] = (uint8_t)(i % 2 ? all[i / 2] : all[i / 2] >> 8);
    return hear_bytes(rig, 1, bytes, size);
}

static const struct barrier *hear_modes(struct rig *rig)
{
    return hear_bytes(rig, 2, (const uint8_t[8]){0}, 8);
}

enum { STATE_OPEN = 0x10, STATE_CLOSED = 0x20, STATE_STOPPED = 0x30 };

/* Everything is heard, the boom is closed. */
static struct rig heard_rig(const struct barrier_map *map)
{
    struct rig rig = rig_of(map);

    hear_modes(&rig);
    hear_bits(&rig, 0x02);
    hear_words(&rig, (struct figures){.state = STATE_CLOSED, .position = 10}, 20);
    return rig;
}

static void an_answer_that_is_short_says_only_what_it_holds(void **state)
{
    struct rig rig = heard_rig(&whole);
    const struct figures all = {STATE_OPEN, 60, 7, 1, 2, 21};

    (void)state;
    const struct barrier *now = hear_words(&rig, all, 8);
    assert_int_equal(rig.memory.read, BARRIER_OPEN);
    assert_int_equal(now->position_percent, 50);
    assert_int_equal(now->error_code, 7);
    assert_int_equal(now->operations, 0); /* half of it is none */
    assert_int_equal(now->temperature, 0);
    now = hear_words(&rig, all, 20);
    assert_int_equal(now->operations, 65538);
    assert_int_equal(now->temperature, 210);
    hear_bytes(&rig, 0, (const uint8_t[]){0x01}, 1);
    assert_true(rig.memory.on[BARRIER_LIMIT_OPEN]);
    hear_bytes(&rig, 0, NULL, 0);
    assert_true(rig.memory.on[BARRIER_LIMIT_OPEN]); /* as it was */
}

static void an_answer_to_another_question_changes_nothing(void **state)
{
    static const uint8_t bytes[32];
    static const struct modbus_block others[] = {
        {.function = 4, .address = 100, .count = 10, .data = bytes, .size = 20},
        {.function = WORDS, .address = 101, .count = 10, .data = bytes, .size = 20},
        {.function = WORDS, .address = 100, .count = 9, .data = bytes, .size = 18},
    };
    struct rig rig = heard_rig(&whole);
    struct barrier_memory before = rig.memory;

    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        barrier_decode(&rig.map, &others[i], (mono_ms){BEGIN_MS + 1}, &rig.memory);
    assert_memory_equal(&rig.memory, &before, sizeof before);
}

static void a_position_out_of_its_range_is_unknown(void **state)
{
    static const struct {
        uint16_t raw;
        int percent;
    } rows[] = {{10, 0}, {110, 100}, {35, 25}, {111, -1}, {8, -1}, {999, -1}};
    struct rig rig = heard_rig(&whole);

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(
            hear_words(&rig, (struct figures){STATE_OPEN, rows[i].raw}, 20)->position_percent,
            rows[i].percent);
    rig.map.position_open = rig.map.position_closed; /* both ends are one: none is known */
    assert_int_equal(hear_words(&rig, (struct figures){STATE_OPEN, 10}, 20)->position_percent, -1);
}

static void a_device_that_holds_or_locks_the_boom_is_told(void **state)
{
    struct rig rig = heard_rig(&whole);

    (void)state;
    assert_int_equal(hear_bits(&rig, 0x0002)->hold, BARRIER_NOT_HELD);
    assert_int_equal(hear_bits(&rig, 0x0102)->hold, BARRIER_HELD_OPEN);
    assert_int_equal(hear_bits(&rig, 0x0302)->hold, BARRIER_DEVICE_LOCKED);
}

static void a_map_that_nobody_has_seen_work_is_never_ready(void **state)
{
    struct barrier_map map = whole;

    (void)state;
    map.unproven = true;
    map.prove = false;
    struct rig rig = heard_rig(&map);
    assert_false(look(&rig)->ready);
    assert_non_null(strstr(look(&rig)->not_ready, "template"));
    map.unproven = false;
    rig = heard_rig(&map);
    assert_true(look(&rig)->ready);
}

static void a_switch_against_the_state_or_the_other_is_a_fault(void **state)
{
    static const struct {
        uint16_t bits, state;
        enum barrier_state told;
    } rows[] = {{0x01, STATE_OPEN, BARRIER_OPEN},     {0x01, STATE_CLOSED, BARRIER_FAULT},
                {0x02, STATE_OPEN, BARRIER_FAULT},    {0x02, STATE_CLOSED, BARRIER_CLOSED},
                {0x03, STATE_STOPPED, BARRIER_FAULT}, {0x00, STATE_STOPPED, BARRIER_STOPPED},
                {0x00, 0xF0, BARRIER_UNKNOWN}};
    struct rig rig = heard_rig(&whole);

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        hear_bits(&rig, rows[i].bits);
        const struct barrier *now = hear_words(&rig, (struct figures){.state = rows[i].state}, 20);
        assert_int_equal(now->state, rows[i].told);
        assert_int_equal(now->quality, BARRIER_OBSERVED);
        assert_int_equal(!*now->error, rows[i].told != BARRIER_FAULT);
    }
}

/* Without a state register: which switches are wired, which was on and left, the last command and
 * its outcome, and how long ago. long: a row each */
static void the_way_follows_the_last_evidence_for_as_long_as_the_travel_takes(void **state)
{
    enum { NONE = BARRIER_ACTIONS, BOTH = 3, SOON = 10, LATE = TRAVEL_MS + 10 };
    static const struct {
        int wired;     /* bit 0: the open switch, bit 1: the closed one */
        uint16_t left; /* the bits that were on before */
        int asked;
        enum command_outcome outcome;
        int64_t ago_ms;
        enum barrier_state told;
    } rows[] = {
        {BOTH, 0x02, NONE, 0, SOON, BARRIER_OPENING},
        {BOTH, 0x01, NONE, 0, SOON, BARRIER_CLOSING},
        {BOTH, 0x02, NONE, 0, LATE, BARRIER_STOPPED},
        {BOTH, 0x01, NONE, 0, LATE, BARRIER_STOPPED},
        {2, 0x02, NONE, 0, LATE, BARRIER_OPEN},
        {1, 0x01, NONE, 0, LATE, BARRIER_CLOSED},
        {BOTH, 0, NONE, 0, SOON, BARRIER_STOPPED},
        {1, 0, NONE, 0, SOON, BARRIER_UNKNOWN},
        {2, 0, NONE, 0, SOON, BARRIER_UNKNOWN},
        {0, 0, NONE, 0, SOON, BARRIER_UNKNOWN},
        {0, 0, BARRIER_DO_OPEN, COMMAND_ACCEPTED, SOON, BARRIER_OPENING},
        {0, 0, BARRIER_DO_HOLD, COMMAND_ACCEPTED, SOON, BARRIER_OPENING},
        {0, 0, BARRIER_DO_OPEN, COMMAND_ACCEPTED, LATE, BARRIER_OPEN},
        {1, 0, BARRIER_DO_OPEN, COMMAND_ACCEPTED, LATE, BARRIER_STOPPED},
        {0, 0, BARRIER_DO_CLOSE, COMMAND_ACCEPTED, SOON, BARRIER_CLOSING},
        {0, 0, BARRIER_DO_CLOSE, COMMAND_ACCEPTED, LATE, BARRIER_CLOSED},
        {2, 0, BARRIER_DO_CLOSE, COMMAND_ACCEPTED, LATE, BARRIER_STOPPED},
        {0, 0, BARRIER_DO_STOP, COMMAND_ACCEPTED, LATE, BARRIER_STOPPED},
        {0, 0, BARRIER_DO_RELEASE, COMMAND_ACCEPTED, SOON, BARRIER_UNKNOWN},
        {0, 0, BARRIER_DO_OPEN, COMMAND_UNKNOWN, SOON, BARRIER_UNKNOWN},
        {BOTH, 0, BARRIER_DO_OPEN, COMMAND_UNKNOWN, SOON, BARRIER_UNKNOWN},
        {BOTH, 0, BARRIER_DO_OPEN, COMMAND_UNKNOWN, LATE, BARRIER_STOPPED},
        {BOTH, 0, BARRIER_DO_OPEN, COMMAND_NOT_SENT, SOON, BARRIER_STOPPED},
        {BOTH, 0, BARRIER_DO_OPEN, COMMAND_REFUSED, SOON, BARRIER_STOPPED},
        {BOTH, 0x02, BARRIER_DO_CLOSE, COMMAND_ACCEPTED, SOON, BARRIER_CLOSING},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct barrier_map map = whole;
        map.state.place.function = 0;
        map.prove = false;
        for (int n = 0; n < 2; n++)
            if (!(rows[i].wired & 1 << n))
                map.inputs[n ? BARRIER_LIMIT_CLOSED : BARRIER_LIMIT_OPEN].function = 0;
        struct rig rig = rig_of(&map);
        hear_modes(&rig);
        hear_words(&rig, (struct figures){0}, 20);
        hear_bits(&rig, rows[i].left);
        if (rows[i].asked != NONE)
            barrier_asked((enum barrier_action)rows[i].asked, rows[i].outcome, now_of(&rig),
                          &rig.memory);
        hear_bits(&rig, 0);
        rig.now_ms += rows[i].ago_ms;
        hear_words(&rig, (struct figures){0}, 20);
        const struct barrier *now = hear_bits(&rig, 0);
        if (now->state != rows[i].told)
            fail_msg("row %zu: %d", i, now->state);
        assert_int_equal(now->quality,
                         now->state == BARRIER_UNKNOWN ? BARRIER_UNOBSERVABLE : BARRIER_INFERRED);
    }
}

static void stop_is_tried_only_where_the_boom_rests_for_certain(void **state)
{
    static const struct {
        struct figures figures;
        uint16_t bits;
        bool tried;
    } rows[] = {
        {{STATE_CLOSED, 10}, 0, true},  {{STATE_CLOSED, 15}, 0, true},
        {{STATE_CLOSED, 16}, 0, false}, {{STATE_CLOSED, 999}, 0, true},
        {{STATE_OPEN, 110}, 0, true},   {{STATE_OPEN, 105}, 0, true},
        {{STATE_OPEN, 104}, 0, false},  {{STATE_OPEN, 999}, 0, true},
        {{STATE_STOPPED, 50}, 0, true}, {{0xF0, 10}, 0, false},
        {{STATE_CLOSED, 10}, 1, false}, /* the switches say something else */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rig rig = heard_rig(&whole);

        hear_bits(&rig, rows[i].bits);
        hear_words(&rig, rows[i].figures, 20);
        const struct barrier_write *write = barrier_proof_next(&rig.map, now_of(&rig), &rig.memory);
        assert_int_equal(write != NULL, rows[i].tried);
        if (write)
            assert_int_equal(write->address, 3);
    }
}

static void a_trial_that_may_not_have_arrived_is_made_again_after_a_pause(void **state)
{
    static const enum command_outcome lost[] = {COMMAND_UNKNOWN, COMMAND_NOT_SENT};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct rig rig = heard_rig(&whole);

        barrier_proof_answer(&rig.map, lost[i], now_of(&rig), &rig.memory);
        assert_int_equal(rig.memory.proof, PROOF_WANTED);
        rig.now_ms += PAUSE_MS - 1;
        assert_null(barrier_proof_next(&rig.map, now_of(&rig), &rig.memory));
        rig.now_ms += 1;
        assert_non_null(barrier_proof_next(&rig.map, now_of(&rig), &rig.memory));
    }
}

static void a_refused_stop_proves_the_addresses_wrong(void **state)
{
    struct rig rig = heard_rig(&whole);

    (void)state;
    barrier_proof_answer(&rig.map, COMMAND_REFUSED, now_of(&rig), &rig.memory);
    assert_int_equal(rig.memory.proof, PROOF_FAILED);
    assert_non_null(strstr(look(&rig)->not_ready, "does not answer as it must"));
}

static void what_is_heard_before_the_trial_or_stale_is_no_proof(void **state)
{
    struct rig rig = heard_rig(&whole);

    (void)state;
    rig.now_ms += 10;
    barrier_proof_answer(&rig.map, COMMAND_ACCEPTED, now_of(&rig), &rig.memory);
    rig.now_ms += 500;
    look(&rig);
    assert_int_equal(rig.memory.proof, PROOF_STOPPED); /* heard before */
    rig.now_ms += 5000;
    hear_words(&rig, (struct figures){STATE_CLOSED, 10}, 20);
    assert_int_equal(look(&rig)->quality, BARRIER_STALE); /* its switches are not heard */
    assert_int_equal(rig.memory.proof, PROOF_STOPPED);
    hear_bits(&rig, 0x02);
    assert_int_equal(rig.memory.proof, PROOF_GIVEN);
    assert_true(look(&rig)->ready);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_mistake_of_a_map_is_named),
        cmocka_unit_test(a_map_without_state_and_proof_is_whole),
        cmocka_unit_test(an_answer_that_is_short_says_only_what_it_holds),
        cmocka_unit_test(an_answer_to_another_question_changes_nothing),
        cmocka_unit_test(a_position_out_of_its_range_is_unknown),
        cmocka_unit_test(a_device_that_holds_or_locks_the_boom_is_told),
        cmocka_unit_test(a_map_that_nobody_has_seen_work_is_never_ready),
        cmocka_unit_test(a_switch_against_the_state_or_the_other_is_a_fault),
        cmocka_unit_test(the_way_follows_the_last_evidence_for_as_long_as_the_travel_takes),
        cmocka_unit_test(stop_is_tried_only_where_the_boom_rests_for_certain),
        cmocka_unit_test(a_trial_that_may_not_have_arrived_is_made_again_after_a_pause),
        cmocka_unit_test(a_refused_stop_proves_the_addresses_wrong),
        cmocka_unit_test(what_is_heard_before_the_trial_or_stale_is_no_proof),
    };

    return cmocka_run_group_tests_name("barrier map", tests, NULL, NULL);
}
