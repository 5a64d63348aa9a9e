/* View: tallies, rule 2, and the JSON that the world is shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/core/view.h"
#include "tests/unit/small_site.h"

static const utc_ms at = {1795316526123}; /* 2026-11-22T03:02:06.123Z */

static uint32_t change(struct view *view, uint32_t bay, enum bay_state to, uint64_t seq)
{
    struct record record = {
        .kind = RECORD_BAY_CHANGED,
        .at = at,
        .bay_changed = {
            .bay = bay, .from = view_bay(view, bay)->state, .to = to, .reason = BAY_BY_READING}};
    return view_apply(view, &record, seq);
}

static uint32_t suspect(struct view *view, uint32_t bay, enum bay_condition condition, bool on)
{
    struct record record = {.kind = RECORD_BAY_HEALTH,
                            .at = at,
                            .bay_health = {.bay = bay, .condition = condition, .on = on}};
    return view_apply(view, &record, 99);
}

static void assert_tally(const struct tally *t, const uint32_t expected[5])
{
    assert_int_equal(t->capacity, expected[0]);
    assert_int_equal(t->free, expected[1]);
    assert_int_equal(t->occupied, expected[2]);
    assert_int_equal(t->unknown, expected[3]);
    assert_int_equal(t->out_of_service, expected[4]);
}

static void a_new_view_knows_nothing(void **state)
{
    struct small_site site;
    small_site_init(&site);
    struct view *view = view_create(&site.plan);

    (void)state;
    assert_tally(view_lot(view, 0), (uint32_t[]){4, 0, 0, 4, 0});
    assert_tally(view_lot(view, 1), (uint32_t[]){2, 0, 0, 2, 0});
    assert_tally(view_zone(view, 1), (uint32_t[]){2, 0, 0, 2, 0});
    assert_tally(view_lot_class(view, 0, BAY_ORDINARY), (uint32_t[]){2, 0, 0, 2, 0});
    assert_tally(view_lot_class(view, 0, BAY_CHARGING), (uint32_t[]){1, 0, 0, 1, 0});
    assert_tally(view_lot_class(view, 1, BAY_RESERVED), (uint32_t[]){0, 0, 0, 0, 0});
    assert_int_equal(view_bay(view, A_001)->seq, 0);
    assert_int_equal(view_device(view, 1)->state, DEVICE_NEW);
    view_destroy(view);
    view_destroy(NULL);
}

static void a_change_moves_one_bay_in_every_tally(void **state)
{
    struct small_site site;
    small_site_init(&site);
    struct view *view = view_create(&site.plan);

    (void)state;
    assert_int_equal(change(view, A_003, BAY_FREE, 1), A_003);
    assert_int_equal(change(view, A_001, BAY_OCCUPIED, 2), A_001);
    assert_int_equal(change(view, A_004, BAY_OUT_OF_SERVICE, 3), A_004);
    assert_tally(view_lot(view, 0), (uint32_t[]){4, 1, 1, 1, 1});
    assert_tally(view_lot(view, 1), (uint32_t[]){2, 0, 0, 2, 0});
    assert_tally(view_zone(view, 0), (uint32_t[]){2, 0, 1, 1, 0});
    assert_tally(view_zone(view, 1), (uint32_t[]){2, 1, 0, 0, 1});
    assert_tally(view_lot_class(view, 0, BAY_ACCESSIBLE), (uint32_t[]){1, 1, 0, 0, 0});
    assert_int_equal(view_bay(view, A_001)->seq, 2);
    assert_int_equal(view_bay(view, A_001)->since.ms, at.ms);
    assert_int_equal(change(view, A_003, BAY_OCCUPIED, 4), A_003);
    assert_tally(view_zone(view, 1), (uint32_t[]){2, 0, 1, 0, 1});
    view_destroy(view);
}

static void rule_2_holds_after_any_changes(void **state)
{
    struct small_site site;
    small_site_init(&site);
    struct view *view = view_create(&site.plan);
    unsigned seed = 3;

    (void)state;
    print_message("seed %u\n", seed);
    for (uint64_t seq = 1; seq < 20000; seq++) {
        change(view, (uint32_t)rand_r(&seed) % SMALL_BAYS,
               (enum bay_state)(rand_r(&seed) % BAY_STATES), seq);
        for (uint32_t lot = 0; lot < 2; lot++) {
            uint32_t count[BAY_STATES] = {0}, capacity = 0;
            for (uint32_t bay = 0; bay < SMALL_BAYS; bay++) {
                if (plan_lot(&site.plan, bay) != lot)
                    continue;
                count[view_bay(view, bay)->state]++;
                capacity++;
            }
            assert_tally(view_lot(view, lot),
                         (uint32_t[]){capacity, count[BAY_FREE], count[BAY_OCCUPIED],
                                      count[BAY_UNKNOWN], count[BAY_OUT_OF_SERVICE]});
        }
    }
    view_destroy(view);
}

static void a_restored_view_equals_the_one_that_was_saved(void **state)
{
    struct small_site site;
    small_site_init(&site);
    struct view *view = view_create(&site.plan), *again = view_create(&site.plan);

    (void)state;
    change(view, A_001, BAY_OCCUPIED, 7);
    suspect(view, A_001, BAY_FLAPPING, true);
    change(view, B_002, BAY_OUT_OF_SERVICE, 8);
    for (uint32_t bay = 0; bay < SMALL_BAYS; bay++)
        view_restore_bay(again, bay, view_bay(view, bay));
    for (uint32_t bay = 0; bay < SMALL_BAYS; bay++)
        assert_memory_equal(view_bay(view, bay), view_bay(again, bay), sizeof(struct view_bay));
    for (uint32_t zone = 0; zone < 3; zone++)
        assert_memory_equal(view_zone(view, zone), view_zone(again, zone), sizeof(struct tally));
    view_destroy(view);
    view_destroy(again);
}

static void other_records_change_no_bay(void **state)
{
    struct small_site site;
    small_site_init(&site);
    struct view *view = view_create(&site.plan);
    struct record device = {
        .kind = RECORD_DEVICE_HEALTH, .at = at, .device_health = {1, DEVICE_OFFLINE, "timeout"}};
    struct record step = {.kind = RECORD_CLOCK_STEP, .at = at};

    (void)state;
    assert_int_equal(view_apply(view, &device, 1), PLAN_NONE);
    assert_int_equal(view_apply(view, &step, 2), PLAN_NONE);
    assert_int_equal(view_device(view, 1)->state, DEVICE_OFFLINE);
    assert_string_equal(view_device(view, 1)->reason, "timeout");
    assert_int_equal(view_device(view, 1)->since.ms, at.ms);
    view_destroy(view);
}

static void quality_says_how_much_is_known(void **state)
{
    (void)state;
    assert_string_equal(tally_quality(&(struct tally){4, 2, 1, 0, 1}), "good");
    assert_string_equal(tally_quality(&(struct tally){4, 1, 1, 1, 1}), "partial");
    assert_string_equal(tally_quality(&(struct tally){4, 0, 0, 3, 1}), "unknown");
    assert_string_equal(tally_quality(&(struct tally){4, 0, 0, 0, 4}), "good");
}

static void vacancy_is_exactly_this(void **state)
{
    struct small_site site;
    small_site_init(&site);
    struct view *view = view_create(&site.plan);
    char bytes[2048];
    struct text t;

    (void)state;
    change(view, A_001, BAY_FREE, 1);
    change(view, A_002, BAY_OCCUPIED, 2);
    change(view, A_003, BAY_FREE, 3);
    text_init(&t, bytes, sizeof bytes);
    view_vacancy(view, 0, at, &t);
    assert_string_equal(
        bytes,
        "{\"lot\":\"A\",\"as_of\":\"2026-11-22T03:02:06.123Z\",\"capacity\":4,\"free\":2,"
        "\"occupied\":1,\"unknown\":1,\"out_of_service\":0,\"quality\":\"partial\",\"zones\":["
        "{\"id\":\"A1\",\"name\":\"Row 1\",\"capacity\":2,\"free\":1,\"occupied\":1,\"unknown\":0,"
        "\"out_of_service\":0},"
        "{\"id\":\"A2\",\"name\":\"Row 2\",\"capacity\":2,\"free\":1,\"occupied\":0,\"unknown\":1,"
        "\"out_of_service\":0}],\"classes\":["
        "{\"class\":\"ordinary\",\"capacity\":2,\"free\":1,\"occupied\":1,\"unknown\":0,"
        "\"out_of_service\":0},"
        "{\"class\":\"accessible\",\"capacity\":1,\"free\":1,\"occupied\":0,\"unknown\":0,"
        "\"out_of_service\":0},"
        "{\"class\":\"charging\",\"capacity\":1,\"free\":0,\"occupied\":0,\"unknown\":1,"
        "\"out_of_service\":0}]}");

    text_init(&t, bytes, sizeof bytes);
    view_vacancy(view, 1, at, &t);
    assert_string_equal(
        bytes,
        "{\"lot\":\"B\",\"as_of\":\"2026-11-22T03:02:06.123Z\",\"capacity\":2,\"free\":0,"
        "\"occupied\":0,\"unknown\":2,\"out_of_service\":0,\"quality\":\"unknown\",\"zones\":["
        "{\"id\":\"B1\",\"name\":\"Row 3\",\"capacity\":2,\"free\":0,\"occupied\":0,\"unknown\":2,"
        "\"out_of_service\":0}]}");
    view_destroy(view);
}

static void a_bay_is_shown_exactly_so(void **state)
{
    struct small_site site;
    small_site_init(&site);
    struct view *view = view_create(&site.plan);
    char bytes[512];
    struct text t;

    (void)state;
    text_init(&t, bytes, sizeof bytes);
    view_bay_json(view, B_001, &t);
    assert_string_equal(bytes,
                        "{\"lot\":\"B\",\"zone\":\"B1\",\"bay\":\"B-001\",\"class\":\"ordinary\","
                        "\"state\":\"unknown\",\"reason\":\"silence\",\"since\":null,"
                        "\"suspect\":[],\"device\":null}");

    change(view, A_003, BAY_OCCUPIED, 1);
    assert_int_equal(suspect(view, A_003, BAY_FLAPPING, true), A_003);
    suspect(view, A_003, BAY_STUCK_FREE, true);
    suspect(view, A_003, BAY_STUCK_OCCUPIED, true);
    suspect(view, A_003, BAY_STUCK_FREE, false);
    text_init(&t, bytes, sizeof bytes);
    view_bay_json(view, A_003, &t);
    assert_string_equal(bytes,
                        "{\"lot\":\"A\",\"zone\":\"A2\",\"bay\":\"A-003\",\"class\":\"accessible\","
                        "\"state\":\"occupied\",\"reason\":\"reading\","
                        "\"since\":\"2026-11-22T03:02:06.123Z\","
                        "\"suspect\":[\"flapping\",\"stuck_occupied\"],\"device\":\"node-2\"}");
    view_destroy(view);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_view_knows_nothing),
        cmocka_unit_test(a_change_moves_one_bay_in_every_tally),
        cmocka_unit_test(rule_2_holds_after_any_changes),
        cmocka_unit_test(a_restored_view_equals_the_one_that_was_saved),
        cmocka_unit_test(other_records_change_no_bay),
        cmocka_unit_test(quality_says_how_much_is_known),
        cmocka_unit_test(vacancy_is_exactly_this),
        cmocka_unit_test(a_bay_is_shown_exactly_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
