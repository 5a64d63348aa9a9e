/* Bay: rules B1 to B5, B10 and B11 of bay.h by their numbers, and restoring. */
#include "tests/unit/bay_bench.h"

static void b1_a_bay_never_heard_is_unknown(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){0}, 5000);
    drive(&b, "..........", "uuuuuuuuuu");
    assert_int_equal(b.changes, 0);
}

static void b1_a_bay_takes_its_first_reading_at_once(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){.debounce_occupied_ms = 5000}, 0);
    drive(&b, ".O", "uo");
    assert_int_equal(b.last.from, BAY_UNKNOWN);
    assert_int_equal(b.last.reason, BAY_BY_READING);
    assert_int_equal(b.last.at.ms, start_ms + 1000);
}

static void b2_without_debounce_a_reading_is_taken_at_once(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){0}, 0);
    drive(&b, "FFOOFO", "ffoofo");
    assert_int_equal(b.changes, 4);
}

static void b2_a_bay_stays_free_until_occupied_has_held(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){.debounce_occupied_ms = 3000}, 0);
    drive(&b, "FFOOOO", "fffffo");
    assert_int_equal(b.changes, 2);
    assert_int_equal(b.last.at.ms, start_ms + 2000); /* the first of these readings */
}

static void b2_a_change_needs_no_second_reading(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){.debounce_occupied_ms = 3000}, 0);
    drive(&b, "FO....", "ffffoo");
}

static void b2_a_bay_stays_occupied_while_readings_flicker(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){.debounce_free_ms = 3000}, 0);
    drive(&b, "OFFOFOFFOFFO", "oooooooooooo");
    assert_int_equal(b.changes, 1);
}

static void b2_each_direction_has_its_own_debounce(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){.debounce_occupied_ms = 1000, .debounce_free_ms = 4000}, 0);
    drive(&b, "FOOFFFFFF", "ffoooooff");
}

static void b2_a_contrary_reading_after_the_end_makes_two_changes(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){.debounce_occupied_ms = 3000}, 0);
    drive(&b, "FO", "ff");
    b.now.ms += 60000; /* nobody looked meanwhile */
    hear(&b, SENSED_FREE);
    assert_int_equal(face(&b), 'f');
    assert_int_equal(b.changes, 3);
}

static void b2_a_change_is_not_dated_before_the_one_that_it_follows(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){.debounce_occupied_ms = 5000}, 0);
    drive(&b, "FO", "ff");
    wait_ms(&b, 1000);
    bay_serve(&b.bay, true, b.now);
    settle_up(&b, b.now, BAY_BY_OPERATOR);
    bay_serve(&b.bay, false, b.now);
    settle_up(&b, b.now, BAY_BY_OPERATOR);
    assert_int_equal(face(&b), 'f');
    int64_t returned_ms = b.now.ms;
    wait_ms(&b, 5000);
    assert_int_equal(face(&b), 'o');
    assert_int_equal(b.last.at.ms, returned_ms);
}

static void b3_a_bay_that_comes_back_takes_the_sensed_state_at_once(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){.debounce_occupied_ms = 9000, .debounce_free_ms = 9000},
               2000);
    drive(&b, "F...OXXFX.X...O", "fffuouufuuuuuuo");
}

static void b4_a_silent_bay_becomes_unknown_and_never_free(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){0}, 3000);
    drive(&b, "O.......", "oooouuuu");
    assert_int_equal(b.last.reason, BAY_BY_SILENCE);
    assert_int_equal(b.last.at.ms, start_ms + 3000);
    assert_int_equal(b.changes, 2);
}

static void b4_a_reading_at_the_limit_is_in_time(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){0}, 3000);
    drive(&b, "O..O..O", "ooooooo");
    b.now.ms += 2001;
    hear(&b, SENSED_OCCUPIED); /* one millisecond late: was unknown, is back */
    assert_int_equal(face(&b), 'o');
    assert_int_equal(b.changes, 3);
}

static void b4_silence_forgets_a_debounce_under_way(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){.debounce_occupied_ms = 6000}, 3000);
    drive(&b, "FO.........", "fffffuuuuuu");
    assert_int_equal(bay_deadline(&b.bay).ms, MONO_NEVER.ms);
}

static void b4_silence_that_came_before_the_debounce_ended_is_told_alone(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){.debounce_occupied_ms = 6000}, 3000);
    drive(&b, "FO", "ff");
    wait_ms(&b, 60000); /* both are over when somebody looks */
    assert_int_equal(face(&b), 'u');
    assert_int_equal(b.changes, 2);
    assert_int_equal(b.last.at.ms, start_ms + 4000);
}

static void b4_without_a_limit_a_bay_is_never_silent(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){0}, 0);
    drive(&b, "O", "o");
    wait_ms(&b, 1000 * hour_ms);
    assert_int_equal(face(&b), 'o');
}

static void b5_a_fault_is_unknown_at_once_and_forgets_a_debounce(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){.debounce_occupied_ms = 2000}, 0);
    drive(&b, "FOXXXX", "ffuuuu");
    assert_int_equal(b.last.reason, BAY_BY_FAULT);
    drive(&b, "FF", "ff");
}

static void b10_out_of_service_hides_what_goes_on_underneath(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){0}, 2000);
    drive(&b, "F", "f");
    assert_true(bay_serve(&b.bay, true, b.now));
    assert_false(bay_serve(&b.bay, true, b.now));
    drive(&b, "FOX...O", "sssssss");
    assert_int_equal(b.changes, 2);
    assert_true(bay_serve(&b.bay, false, b.now));
    settle_up(&b, b.now, BAY_BY_OPERATOR);
    assert_int_equal(face(&b), 'o');
    assert_int_equal(b.last.reason, BAY_BY_OPERATOR);
    assert_int_equal(b.lot.arrivals, 0);
}

static void b11_what_is_repeated_is_told_once(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){0}, 3000);
    drive(&b, "FFFOOOXXX.......XXOO", "fffooouuuuuuuuuuuuoo");
    assert_int_equal(b.changes, 4); /* fault, silence and fault again are one unknown */
}

static void a_restored_bay_goes_on_as_it_was(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){.stuck_occupied_ms = hour_ms, .debounce_free_ms = 2000},
               10000);
    bay_restore(&b.bay, BAY_OCCUPIED, (mono_ms){start_ms - hour_ms + 3000}, 0, b.now);
    drive(&b, "OOF", "ooo");
    assert_int_equal(b.changes, 0);
    drive(&b, "OO", "oo");
    assert_int_equal(b.bay.conditions, BAY_STUCK_OCCUPIED);
}

static void a_restored_bay_that_stays_silent_becomes_unknown(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){0}, 3000);
    bay_restore(&b.bay, BAY_FREE, (mono_ms){0}, 0, b.now);
    drive(&b, ".......", "ffffuuu");
}

static void a_restored_bay_out_of_service_returns_unknown_until_heard(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){0}, 3000);
    bay_restore(&b.bay, BAY_OUT_OF_SERVICE, (mono_ms){0}, 0, b.now);
    drive(&b, "......", "ssssss");
    bay_serve(&b.bay, false, b.now);
    drive(&b, "..O", "uuo");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(b1_a_bay_never_heard_is_unknown),
        cmocka_unit_test(b1_a_bay_takes_its_first_reading_at_once),
        cmocka_unit_test(b2_without_debounce_a_reading_is_taken_at_once),
        cmocka_unit_test(b2_a_bay_stays_free_until_occupied_has_held),
        cmocka_unit_test(b2_a_change_needs_no_second_reading),
        cmocka_unit_test(b2_a_bay_stays_occupied_while_readings_flicker),
        cmocka_unit_test(b2_each_direction_has_its_own_debounce),
        cmocka_unit_test(b2_a_contrary_reading_after_the_end_makes_two_changes),
        cmocka_unit_test(b2_a_change_is_not_dated_before_the_one_that_it_follows),
        cmocka_unit_test(b3_a_bay_that_comes_back_takes_the_sensed_state_at_once),
        cmocka_unit_test(b4_a_silent_bay_becomes_unknown_and_never_free),
        cmocka_unit_test(b4_a_reading_at_the_limit_is_in_time),
        cmocka_unit_test(b4_silence_forgets_a_debounce_under_way),
        cmocka_unit_test(b4_silence_that_came_before_the_debounce_ended_is_told_alone),
        cmocka_unit_test(b4_without_a_limit_a_bay_is_never_silent),
        cmocka_unit_test(b5_a_fault_is_unknown_at_once_and_forgets_a_debounce),
        cmocka_unit_test(b10_out_of_service_hides_what_goes_on_underneath),
        cmocka_unit_test(b11_what_is_repeated_is_told_once),
        cmocka_unit_test(a_restored_bay_goes_on_as_it_was),
        cmocka_unit_test(a_restored_bay_that_stays_silent_becomes_unknown),
        cmocka_unit_test(a_restored_bay_out_of_service_returns_unknown_until_heard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
