/* Suspicion: rules B6 to B9 of bay.h by their numbers, and what B10 makes of them. */
#include "tests/unit/bay_bench.h"

static void b6_many_turns_in_an_hour_are_flapping_until_half_are_left(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){.flapping_per_hour = 4}, 0);
    drive(&b, "FOFOF", "fofof"); /* four turns */
    assert_int_equal(b.bay.conditions, 0);
    drive(&b, "O", "o");
    assert_int_equal(b.bay.conditions, BAY_FLAPPING);
    wait_ms(&b, hour_ms / 2);
    hear(&b, SENSED_FREE);
    hear(&b, SENSED_OCCUPIED);
    wait_ms(&b, hour_ms / 2); /* the first five have left, two are in */
    assert_int_equal(b.bay.conditions, 0);
    assert_int_equal(face(&b), 'o');
}

static void b6_turns_that_debounce_swallows_count_too(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){.debounce_occupied_ms = 3000, .flapping_per_hour = 4}, 0);
    drive(&b, "FOFOFO", "ffffff");
    assert_int_equal(b.bay.conditions, BAY_FLAPPING);
    assert_int_equal(b.changes, 1);
}

static void b6_the_hour_moves_on_with_the_clock(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){.flapping_per_hour = 4}, 0);
    for (int i = 0; i < 100; i++) { /* 4 turns each hour, for ever */
        hear(&b, i % 2 ? SENSED_OCCUPIED : SENSED_FREE);
        wait_ms(&b, hour_ms / 4);
        assert_int_equal(b.bay.conditions, 0);
    }
}

static void b7_a_bay_occupied_for_long_is_suspect_until_it_is_free(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){.stuck_occupied_ms = hour_ms}, 0);
    hear(&b, SENSED_OCCUPIED);
    wait_ms(&b, hour_ms - 1);
    assert_int_equal(b.bay.conditions, 0);
    wait_ms(&b, 1);
    assert_int_equal(b.bay.conditions, BAY_STUCK_OCCUPIED);
    assert_int_equal(face(&b), 'o');
    hear(&b, SENSED_FAULT);
    hear(&b, SENSED_OCCUPIED);
    assert_int_equal(b.bay.conditions, BAY_STUCK_OCCUPIED);
    hear(&b, SENSED_FREE);
    assert_int_equal(b.bay.conditions, 0);
}

static void b8_a_free_bay_is_suspect_only_while_the_lot_turns_over(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){.stuck_free_ms = hour_ms, .stuck_turnover = 2}, 0);
    hear(&b, SENSED_FREE);
    wait_ms(&b, 100 * hour_ms); /* a night in which nobody came */
    assert_int_equal(b.bay.conditions, 0);
    b.lot.arrivals += 19;
    pass(&b);
    assert_int_equal(b.bay.conditions, 0);
    b.lot.arrivals++;
    pass(&b);
    assert_int_equal(b.bay.conditions, BAY_STUCK_FREE);
    hear(&b, SENSED_OCCUPIED);
    assert_int_equal(b.bay.conditions, 0);
    assert_int_equal(b.lot.arrivals, 21);
}

static void b8_its_clock_starts_anew_after_silence(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){.stuck_free_ms = hour_ms}, 10000);
    hear(&b, SENSED_FREE);
    wait_ms(&b, 2 * hour_ms); /* silent: does not become suspect */
    hear(&b, SENSED_FREE);
    assert_int_equal(b.bay.conditions, 0);
    for (int i = 0; i < 360; i++) {
        wait_ms(&b, 10000);
        hear(&b, SENSED_FREE);
    }
    assert_int_equal(b.bay.conditions, BAY_STUCK_FREE);
}

static void b8_only_a_free_bay_that_fills_is_an_arrival(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){0}, 2000);
    drive(&b, "OX.O....O", "ouuooouuo");
    assert_int_equal(b.lot.arrivals, 0);
    drive(&b, "F....O", "fffuuo");
    assert_int_equal(b.lot.arrivals, 1);
}

static void b9_where_the_lot_says_so_a_suspect_bay_is_unknown(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){.stuck_occupied_ms = hour_ms, .suspect_is_unknown = true}, 0);
    hear(&b, SENSED_OCCUPIED);
    wait_ms(&b, hour_ms);
    assert_int_equal(face(&b), 'u');
    assert_int_equal(b.last.reason, BAY_BY_SUSPICION);
    hear(&b, SENSED_FREE);
    assert_int_equal(face(&b), 'f');
    assert_int_equal(b.last.reason, BAY_BY_READING);
}

static void b9_a_bay_that_calmed_down_is_told_by_suspicion(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){.flapping_per_hour = 2, .suspect_is_unknown = true}, 0);
    drive(&b, "FOFOF", "fofuu");
    wait_ms(&b, 2 * hour_ms);
    assert_int_equal(face(&b), 'f');
    assert_int_equal(b.last.reason, BAY_BY_SUSPICION);
}

static void b10_a_return_to_service_forgives(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){.flapping_per_hour = 2, .stuck_occupied_ms = hour_ms}, 0);
    drive(&b, "FOFOFO", "fofofo");
    wait_ms(&b, hour_ms);
    drive(&b, "FOFO", "fofo");
    assert_int_equal(b.bay.conditions, BAY_FLAPPING);
    bay_serve(&b.bay, true, b.now);
    pass(&b);
    assert_int_equal(b.bay.conditions, 0);
    bay_serve(&b.bay, false, b.now);
    drive(&b, "F", "f");
    assert_int_equal(b.bay.conditions, 0); /* the turns before do not count any more */
    drive(&b, "O", "o");
    bay_serve(&b.bay, true, b.now);
    wait_ms(&b, 10 * hour_ms);
    assert_int_equal(b.bay.conditions, 0);
    bay_serve(&b.bay, false, b.now);
    wait_ms(&b, hour_ms - 1);
    assert_int_equal(b.bay.conditions, 0);
    wait_ms(&b, 1);
    assert_int_equal(b.bay.conditions, BAY_STUCK_OCCUPIED);
}

static void a_restored_flapping_bay_has_an_hour_to_prove_itself(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){.flapping_per_hour = 4}, 0);
    bay_restore(&b.bay, BAY_FREE, (mono_ms){0}, BAY_FLAPPING, b.now);
    wait_ms(&b, hour_ms / 2);
    assert_int_equal(b.bay.conditions, BAY_FLAPPING);
    wait_ms(&b, hour_ms / 2);
    assert_int_equal(b.bay.conditions, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(b6_many_turns_in_an_hour_are_flapping_until_half_are_left),
        cmocka_unit_test(b6_turns_that_debounce_swallows_count_too),
        cmocka_unit_test(b6_the_hour_moves_on_with_the_clock),
        cmocka_unit_test(b7_a_bay_occupied_for_long_is_suspect_until_it_is_free),
        cmocka_unit_test(b8_a_free_bay_is_suspect_only_while_the_lot_turns_over),
        cmocka_unit_test(b8_its_clock_starts_anew_after_silence),
        cmocka_unit_test(b8_only_a_free_bay_that_fills_is_an_arrival),
        cmocka_unit_test(b9_where_the_lot_says_so_a_suspect_bay_is_unknown),
        cmocka_unit_test(b9_a_bay_that_calmed_down_is_told_by_suspicion),
        cmocka_unit_test(b10_a_return_to_service_forgives),
        cmocka_unit_test(a_restored_flapping_bay_has_an_hour_to_prove_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
