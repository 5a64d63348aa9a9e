/* Site: records out of readings, ticks and commands; dates across clock steps; deadlines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/core/site.h"
#include "tests/unit/small_site.h"

static const int64_t utc_0_ms = 1795316400000; /* what the wall clock shows at mono 0 */

enum { KEPT = 64 };

struct bench {
    struct small_site small;
    struct site *site;
    struct now now;
    struct record kept[KEPT];
    size_t count;
    struct record_sink out;
};

static void keep(void *arg, const struct record *record)
{
    struct bench *b = arg;

    assert_true(b->count < KEPT);
    b->kept[b->count++] = *record;
}

static void bench_init(struct bench *b, struct bay_rules rules)
{
    memset(b, 0, sizeof *b);
    small_site_init(&b->small);
    b->small.lots[0].rules = b->small.lots[1].rules = rules;
    b->site = site_create(&b->small.plan);
    b->now = (struct now){{5000}, {utc_0_ms + 5000}};
    b->out = (struct record_sink){keep, b};
}

static void later(struct bench *b, int64_t ms)
{
    b->now.mono.ms += ms;
    b->now.utc.ms += ms;
}

static void hear(struct bench *b, uint32_t bay, enum sensed sensed)
{
    site_reading(b->site, &(struct reading){bay, sensed}, b->now, b->out);
}

static void tick(struct bench *b)
{
    site_tick(b->site, b->now, b->out);
}

/* The newest record in short: "A-001 free>occupied reading 5000", its date without utc_0. */
static void assert_newest(const struct bench *b, const char *expected)
{
    char text[256] = "";
    const struct record *r = &b->kept[b->count - 1];
    long long date_ms = r->at.ms - utc_0_ms;

    assert_true(b->count > 0);
    if (r->kind == RECORD_BAY_CHANGED)
        snprintf(text, sizeof text, "%s %s>%s %s %lld%s", b->small.bays[r->bay_changed.bay].id,
                 bay_state_name(r->bay_changed.from), bay_state_name(r->bay_changed.to),
                 bay_reason_name(r->bay_changed.reason), date_ms, r->time_uncertain ? " ?" : "");
    else if (r->kind == RECORD_BAY_HEALTH)
        snprintf(text, sizeof text, "%s %s %s %lld", b->small.bays[r->bay_health.bay].id,
                 bay_condition_name(r->bay_health.condition), r->bay_health.on ? "on" : "off",
                 date_ms);
    else if (r->kind == RECORD_DEVICE_HEALTH)
        snprintf(text, sizeof text, "%s %s %s %lld", b->small.devices[r->device_health.device].id,
                 device_state_name(r->device_health.state), r->device_health.reason, date_ms);
    else if (r->kind == RECORD_CLOCK_STEP)
        snprintf(text, sizeof text, "step %lld %lld", (long long)r->clock_step.delta_ms, date_ms);
    else
        snprintf(text, sizeof text, "%s", record_kind_name(r->kind));
    assert_string_equal(text, expected);
}

static void a_change_is_one_record_however_often_it_is_repeated(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){0});
    for (int i = 0; i < 20; i++) {
        hear(&b, A_001, SENSED_FREE);
        hear(&b, A_001, SENSED_FREE);
        later(&b, 100);
        tick(&b);
    }
    assert_int_equal(b.count, 1);
    assert_newest(&b, "A-001 unknown>free reading 5000");
    hear(&b, A_001, SENSED_OCCUPIED);
    hear(&b, A_001, SENSED_OCCUPIED);
    assert_int_equal(b.count, 2);
    assert_newest(&b, "A-001 free>occupied reading 7000");
    site_destroy(b.site);
    site_destroy(NULL);
}

static void a_debounce_ends_to_the_millisecond_and_is_dated_at_its_start(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){.debounce_occupied_ms = 1234});
    hear(&b, A_001, SENSED_FREE);
    tick(&b);
    later(&b, 10);
    hear(&b, A_001, SENSED_OCCUPIED);
    assert_int_equal(site_next(b.site).ms, 6000); /* the look at all bays comes first */
    later(&b, 990);
    tick(&b);
    assert_int_equal(site_next(b.site).ms, 5010 + 1234);
    later(&b, 243);
    tick(&b);
    assert_int_equal(b.count, 1);
    later(&b, 1);
    tick(&b);
    assert_int_equal(b.count, 2);
    assert_newest(&b, "A-001 free>occupied reading 5010");
    assert_int_equal(site_next(b.site).ms, 7000);
    site_destroy(b.site);
}

static void a_debounce_given_up_leaves_no_deadline(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){.debounce_occupied_ms = 500});
    hear(&b, A_001, SENSED_FREE);
    tick(&b);
    hear(&b, A_001, SENSED_OCCUPIED);
    assert_int_equal(site_next(b.site).ms, 5500);
    hear(&b, A_001, SENSED_FREE);
    assert_int_equal(site_next(b.site).ms, 6000);
    site_destroy(b.site);
}

static void silence_is_noticed_within_a_second_and_dated_at_the_limit(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){0});
    hear(&b, A_001, SENSED_FREE);
    tick(&b);
    for (int i = 0; i < 11; i++) {
        b.now.utc.ms += site_next(b.site).ms - b.now.mono.ms;
        b.now.mono = site_next(b.site);
        tick(&b);
    }
    assert_int_equal(b.count, 2);
    assert_newest(&b, "A-001 free>unknown silence 15000");
    site_destroy(b.site);
}

static void the_outcome_does_not_depend_on_when_we_look(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){.debounce_occupied_ms = 3000});
    hear(&b, A_001, SENSED_FREE);
    later(&b, 1000);
    hear(&b, A_001, SENSED_OCCUPIED);
    later(&b, 60000); /* the loop was held up for a minute */
    hear(&b, A_001, SENSED_FREE);
    assert_int_equal(b.count, 4);
    assert_int_equal(b.kept[1].bay_changed.to, BAY_OCCUPIED);
    assert_int_equal(b.kept[1].at.ms, utc_0_ms + 6000);
    assert_int_equal(b.kept[2].bay_changed.to, BAY_UNKNOWN);
    assert_int_equal(b.kept[2].at.ms, utc_0_ms + 16000);
    assert_newest(&b, "A-001 unknown>free reading 66000");
    site_destroy(b.site);
}

static void a_clock_step_is_recorded_before_anything_else(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){0});
    tick(&b);
    later(&b, 1000);
    b.now.utc.ms += 3600000;
    hear(&b, A_001, SENSED_FREE);
    assert_int_equal(b.count, 2);
    assert_int_equal(b.kept[0].kind, RECORD_CLOCK_STEP);
    assert_int_equal(b.kept[0].clock_step.delta_ms, 3600000);
    assert_newest(&b, "A-001 unknown>free reading 3606000");
    site_destroy(b.site);
}

static void small_steps_are_recorded_once_they_add_up(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){0});
    tick(&b);
    for (int i = 0; i < 4; i++) {
        later(&b, 1000);
        b.now.utc.ms -= 500;
        tick(&b);
    }
    assert_int_equal(b.count, 0);
    b.now.utc.ms -= 1;
    tick(&b);
    assert_int_equal(b.count, 1);
    assert_newest(&b, "step -2001 6999");
    site_destroy(b.site);
}

static void a_date_across_a_step_is_on_the_new_clock_and_marked(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){.debounce_occupied_ms = 3000});
    hear(&b, A_001, SENSED_FREE);
    later(&b, 1000);
    hear(&b, A_001, SENSED_OCCUPIED);
    later(&b, 1000);
    b.now.utc.ms -= 3600000;
    tick(&b);
    assert_newest(&b, "step -3600000 -3593000");
    later(&b, 2000);
    tick(&b);
    assert_newest(&b, "A-001 free>occupied reading -3594000 ?");
    hear(&b, A_002, SENSED_FREE); /* after the step: as sure as the clock is */
    assert_newest(&b, "A-002 unknown>free reading -3591000");
    site_destroy(b.site);
}

static void an_unsure_clock_marks_what_follows(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){0});
    site_time_quality(b.site, true);
    hear(&b, A_001, SENSED_FREE);
    assert_newest(&b, "A-001 unknown>free reading 5000 ?");
    site_time_quality(b.site, false);
    hear(&b, A_001, SENSED_FAULT);
    assert_newest(&b, "A-001 free>unknown fault 5000");
    site_destroy(b.site);
}

static void a_suspicion_comes_before_the_change_that_it_makes(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){.flapping_per_hour = 2, .suspect_is_unknown = true});
    hear(&b, A_001, SENSED_FREE);
    hear(&b, A_001, SENSED_OCCUPIED);
    hear(&b, A_001, SENSED_FREE);
    hear(&b, A_001, SENSED_OCCUPIED);
    assert_int_equal(b.count, 5);
    assert_newest(&b, "A-001 free>unknown suspicion 5000");
    b.count--;
    assert_newest(&b, "A-001 flapping on 5000");
    site_destroy(b.site);
}

static void arrivals_of_the_lot_make_its_still_bays_suspect(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){.stuck_free_ms = 4000, .stuck_turnover = 2});
    hear(&b, A_001, SENSED_FREE);
    hear(&b, B_001, SENSED_FREE);
    for (int i = 0; i < 8; i++) { /* two arrivals for each of the four bays of A, none in B */
        hear(&b, A_002, SENSED_FREE);
        hear(&b, A_002, SENSED_OCCUPIED);
        later(&b, 600);
    }
    tick(&b);
    assert_newest(&b, "A-001 stuck_free on 9800");
    site_destroy(b.site);
}

static void a_device_is_told_when_its_state_is_another(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){0});
    site_restore_device(b.site, 0, DEVICE_ONLINE);
    site_device(b.site, 0, DEVICE_ONLINE, "answers", b.now, b.out);
    assert_int_equal(b.count, 0);
    site_device(b.site, 0, DEVICE_OFFLINE, "timeout", b.now, b.out);
    site_device(b.site, 0, DEVICE_OFFLINE, "crc", b.now, b.out);
    assert_int_equal(b.count, 1);
    assert_newest(&b, "node-1 offline timeout 5000");
    site_device(b.site, 1, DEVICE_ONLINE, "answers", b.now, b.out);
    assert_newest(&b, "node-2 online answers 5000");
    site_destroy(b.site);
}

static void an_operator_takes_a_bay_out_and_returns_it(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){0});
    hear(&b, A_001, SENSED_FREE);
    assert_true(site_out_of_service(b.site, A_001, true, "wang", "paint", b.now, b.out));
    assert_false(site_out_of_service(b.site, A_001, true, "wang", "paint", b.now, b.out));
    assert_int_equal(b.count, 3);
    assert_int_equal(b.kept[1].kind, RECORD_OPERATOR);
    assert_string_equal(b.kept[1].operator_act.act, "out_of_service");
    assert_string_equal(b.kept[1].operator_act.subject, "A-001");
    assert_string_equal(b.kept[1].operator_act.actor, "wang");
    assert_string_equal(b.kept[1].operator_act.reason, "paint");
    assert_newest(&b, "A-001 free>out_of_service operator 5000");
    hear(&b, A_001, SENSED_OCCUPIED);
    assert_int_equal(b.count, 3);
    assert_true(site_out_of_service(b.site, A_001, false, "wang", "dry", b.now, b.out));
    assert_int_equal(b.count, 5);
    assert_newest(&b, "A-001 out_of_service>occupied operator 5000");
    site_destroy(b.site);
}

static void a_restart_invents_no_change(void **state)
{
    struct bench b;
    const enum bay_state restored[SMALL_BAYS] = {BAY_FREE,    BAY_OCCUPIED, BAY_OUT_OF_SERVICE,
                                                 BAY_UNKNOWN, BAY_FREE,     BAY_FREE};

    (void)state;
    bench_init(&b, (struct bay_rules){.debounce_occupied_ms = 1000, .stuck_free_ms = 3600000});
    for (uint32_t i = 0; i < SMALL_BAYS; i++)
        site_restore_bay(b.site, i, restored[i], (utc_ms){b.now.utc.ms + 999}, 0, b.now);
    for (int i = 0; i < 9; i++) {
        hear(&b, A_001, SENSED_FREE);
        hear(&b, A_002, SENSED_OCCUPIED);
        hear(&b, A_003, SENSED_OCCUPIED);
        tick(&b);
        later(&b, 1000);
    }
    assert_int_equal(b.count, 0);
    later(&b, 2000);
    tick(&b); /* B-001 and B-002 were not heard of again */
    assert_int_equal(b.count, 2);
    assert_newest(&b, "B-002 free>unknown silence 15000");
    site_destroy(b.site);
}

static void after_a_loss_the_difference_is_told_once(void **state)
{
    struct bench b;

    (void)state;
    bench_init(&b, (struct bay_rules){0});
    hear(&b, 0, SENSED_FREE);
    hear(&b, 0, SENSED_OCCUPIED);
    hear(&b, 1, SENSED_FREE);
    b.count = 0;
    later(&b, 1000);
    /* The change to occupied never reached the disk; that of the other bay did. */
    site_retell_bay(b.site, 0, BAY_FREE, 0, b.now, b.out);
    site_retell_bay(b.site, 1, BAY_FREE, 0, b.now, b.out);
    assert_int_equal(b.count, 1);
    assert_newest(&b, "A-001 free>occupied reading 6000");
    site_retell_bay(b.site, 0, BAY_OCCUPIED, 0, b.now, b.out);
    assert_int_equal(b.count, 1);
    site_destroy(b.site);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_is_one_record_however_often_it_is_repeated),
        cmocka_unit_test(a_debounce_ends_to_the_millisecond_and_is_dated_at_its_start),
        cmocka_unit_test(a_debounce_given_up_leaves_no_deadline),
        cmocka_unit_test(silence_is_noticed_within_a_second_and_dated_at_the_limit),
        cmocka_unit_test(the_outcome_does_not_depend_on_when_we_look),
        cmocka_unit_test(a_clock_step_is_recorded_before_anything_else),
        cmocka_unit_test(small_steps_are_recorded_once_they_add_up),
        cmocka_unit_test(a_date_across_a_step_is_on_the_new_clock_and_marked),
        cmocka_unit_test(an_unsure_clock_marks_what_follows),
        cmocka_unit_test(a_suspicion_comes_before_the_change_that_it_makes),
        cmocka_unit_test(arrivals_of_the_lot_make_its_still_bays_suspect),
        cmocka_unit_test(after_a_loss_the_difference_is_told_once),
        cmocka_unit_test(a_device_is_told_when_its_state_is_another),
        cmocka_unit_test(an_operator_takes_a_bay_out_and_returns_it),
        cmocka_unit_test(a_restart_invents_no_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
