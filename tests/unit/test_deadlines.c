/* Deadlines: the heap against a plain search. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "daemon/core/deadlines.h"

static void the_earliest_comes_first_whatever_is_set_moved_or_removed(void **state)
{
    enum { THINGS = 50, STEPS = 100000 };
    struct deadlines *deadlines = deadlines_create(THINGS);
    int64_t at[THINGS];
    unsigned seed = 11;

    (void)state;
    print_message("seed %u\n", seed);
    for (int i = 0; i < THINGS; i++)
        at[i] = INT64_MAX;
    for (int step = 0; step < STEPS; step++) {
        uint32_t thing = (uint32_t)rand_r(&seed) % THINGS, first = THINGS;
        at[thing] = rand_r(&seed) % 3 ? rand_r(&seed) % 1000 : INT64_MAX;
        deadlines_set(deadlines, thing, (mono_ms){at[thing]});

        int64_t least = INT64_MAX;
        for (int i = 0; i < THINGS; i++)
            least = at[i] < least ? at[i] : least;
        assert_int_equal(deadlines_first(deadlines, &first).ms, least);
        if (least == INT64_MAX)
            assert_int_equal(first, THINGS);
        else
            assert_int_equal(at[first], least);
    }
    deadlines_destroy(deadlines);
}

static void there_is_no_first_of_none(void **state)
{
    struct deadlines *deadlines = deadlines_create(2);

    (void)state;
    assert_int_equal(deadlines_first(deadlines, NULL).ms, MONO_NEVER.ms);
    deadlines_set(deadlines, 1, MONO_NEVER);
    deadlines_set(deadlines, 1, (mono_ms){5});
    deadlines_set(deadlines, 1, MONO_NEVER);
    assert_int_equal(deadlines_first(deadlines, NULL).ms, MONO_NEVER.ms);
    deadlines_destroy(deadlines);
    deadlines_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_earliest_comes_first_whatever_is_set_moved_or_removed),
        cmocka_unit_test(there_is_no_first_of_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
