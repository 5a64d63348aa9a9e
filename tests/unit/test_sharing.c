/* Hours of a lot, and off-peak sharing of its bays. */
#include "daemon/core/lot_hours.h"
#include "daemon/core/sharing.h"
#include "tests/unit/stays_bench.h"

/* 2024-03-13 is a Wednesday; minutes count from its midnight. */
static utc_ms clock_at(int64_t minutes)
{
    return bench_at(minutes - 600);
}

static int32_t left(const struct lot_hours *hours, int64_t minutes,
                    const struct tariff_calendar *calendar)
{
    struct lot_day day = lot_hours_day(&civil_utc, calendar, clock_at(minutes));

    return lot_hours_left(hours, &day);
}

static void hours_begin_and_end_to_the_minute(void **state)
{
    struct lot_hours hours = {.days = 0x04, .from_min = 480, .to_min = 600};

    (void)state;
    assert_int_equal(left(&hours, 479, NULL), 0);
    assert_int_equal(left(&hours, 480, NULL), 120);
    assert_int_equal(left(&hours, 599, NULL), 1);
    assert_int_equal(left(&hours, 600, NULL), 0);
    assert_int_equal(left(&hours, 480 + 1440, NULL), 0); /* Thursday */
}

static void hours_over_midnight_belong_to_the_day_before(void **state)
{
    struct lot_hours said[] = {{0x04, 1080, 1860}, {0x04, 1080, 420}};

    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(left(&said[i], 1080, NULL), 780);
        assert_int_equal(left(&said[i], 1440 + 419, NULL), 1);
        assert_int_equal(left(&said[i], 1440 + 420, NULL), 0);
        assert_int_equal(left(&said[i], 419, NULL), 0); /* Tuesday's night is not shared */
    }
}

static void a_holiday_is_no_weekday_and_a_make_up_day_is_a_monday(void **state)
{
    static const int32_t wednesday[] = {19795};
    struct tariff_calendar holiday = {.holidays = wednesday, .holidays_count = 1};
    struct tariff_calendar makeup = {.workdays = wednesday, .workdays_count = 1};
    struct lot_hours weekday = {.days = 0x04, .to_min = 1440},
                     free = {.days = 0x80, .to_min = 1440}, monday = {.days = 0x01, .to_min = 1440};

    (void)state;
    assert_int_equal(left(&weekday, 600, &holiday), 0);
    assert_int_equal(left(&free, 600, &holiday), 840);
    assert_int_equal(left(&free, 600, NULL), 0);
    assert_int_equal(left(&monday, 600, &makeup), 840);
}

struct shared {
    struct bench *bench;
    struct sharing *sharing;
    uint32_t in_service[3];
};

static int set_up(void **state)
{
    static struct shared s;

    bench_set_up(state);
    s = (struct shared){.bench = *state, .in_service = {2, 2, 2}};
    struct lot_policy *policy = &s.bench->site.lots[LOT_A].policy;
    policy->sharing_count = 2;
    policy->sharing[0] =
        (struct lot_sharing){.zone = 0, .bays = 2, .hours = {0x04, 1080, 1860}, .closing_min = 60};
    policy->sharing[1] = (struct lot_sharing){
        .zone = PLAN_NONE, .bays = 3, .hours = {0x04, 1200, 1440}, .closing_min = 30};
    s.sharing = sharing_create(&s.bench->site.plan, &civil_utc);
    *state = &s;
    return 0;
}

static int tear_down(void **state)
{
    struct shared *s = *state;
    void *bench = s->bench;

    sharing_destroy(s->sharing);
    sharing_destroy(NULL);
    return bench_tear_down(&bench);
}

static uint32_t tick(struct shared *s, int64_t minutes)
{
    uint32_t before = s->bench->count;

    sharing_tick(s->sharing, s->bench->stays, s->in_service, clock_at(minutes),
                 bench_sink(s->bench));
    return s->bench->count - before;
}

static void expect(struct shared *s, int64_t minutes, enum sharing_event event)
{
    assert_int_equal(tick(s, minutes), 1);
    assert_int_equal(bench_last(s->bench, RECORD_SHARING)->sharing.event, event);
    assert_int_equal(tick(s, minutes), 0); /* told once */
}

static void each_window_is_told_once_as_it_opens_closes_and_ends(void **state)
{
    struct shared *s = *state;

    assert_int_equal(tick(s, 1079), 0);
    expect(s, 1080, SHARING_OPENED);
    assert_int_equal(bench_last(s->bench, RECORD_SHARING)->sharing.promised, 2);
    assert_int_equal(bench_last(s->bench, RECORD_SHARING)->sharing.until.ms, clock_at(1860).ms);
    assert_int_equal(tick(s, 1420), 0); /* one of the two still takes cars */
    expect(s, 1800, SHARING_CLOSING);
    expect(s, 1860, SHARING_CLOSED);
    assert_int_equal(tick(s, 2000), 0);
}

static void what_was_told_is_not_told_again_after_a_start(void **state)
{
    struct shared *s = *state;

    s->in_service[0] = 1;
    assert_int_equal(tick(s, 1810), 3); /* opened, closing, short */
    sharing_destroy(s->sharing);
    s->sharing = sharing_create(&s->bench->site.plan, &civil_utc);
    for (uint32_t i = 0; i < s->bench->count; i++)
        sharing_apply(s->sharing, &s->bench->records[i]);
    sharing_apply(s->sharing, &(struct record){.kind = RECORD_GATEWAY});
    assert_int_equal(tick(s, 1811), 0);
}

static void fewer_bays_than_promised_are_told(void **state)
{
    struct shared *s = *state;

    expect(s, 1080, SHARING_OPENED);
    s->in_service[0] = 1;
    expect(s, 1090, SHARING_SHORT);
    assert_int_equal(bench_last(s->bench, RECORD_SHARING)->sharing.open, 1);
}

static void public_places_are_those_promised_less_the_shared_cars(void **state)
{
    struct shared *s = *state;
    bool closing;

    assert_int_equal(
        sharing_free(s->sharing, s->bench->stays, LOT_A, s->in_service, clock_at(1000), &closing),
        -1);
    const char *id = bench_arrive(s->bench, "粤A1", 500);
    assert_int_equal(stays_find(s->bench->stays, id)->kind, STAY_SHARED);
    assert_int_equal(
        sharing_free(s->sharing, s->bench->stays, LOT_A, s->in_service, clock_at(1100), &closing),
        1);
    assert_false(closing);
    assert_int_equal(
        sharing_free(s->sharing, s->bench->stays, LOT_A, s->in_service, clock_at(1210), &closing),
        4);
    bench_arrive(s->bench, "粤A2", 500);
    bench_arrive(s->bench, "粤A3", 500);
    assert_int_equal(
        sharing_free(s->sharing, s->bench->stays, LOT_A, s->in_service, clock_at(1810), &closing),
        0);
    assert_true(closing);
}

static void a_shared_car_that_stays_on_is_marked(void **state)
{
    struct shared *s = *state;

    tick(s, 1100);
    const char *id = bench_arrive(s->bench, "粤A1", 600);
    const char *gone = bench_arrive(s->bench, "粤A2", 600);
    bench_leave(s->bench, gone, 700);
    bench_list(s->bench, PLATES_PASS, "粤PASS01", 0, 0);
    bench_arrive(s->bench, "粤PASS01", 600);
    assert_int_equal(tick(s, 1861), 2); /* closed, overstay */
    assert_string_equal(bench_last(s->bench, RECORD_SHARING)->sharing.stay, id);
    assert_int_equal(tick(s, 1862), 0);
    assert_true(bench_price(s->bench, id, 2000).overstayed);
    bench_rebuild(s->bench);
    assert_true(stays_find(s->bench->stays, id)->overstayed);
    bench_leave(s->bench, id, 1400);
    assert_true(bench_last(s->bench, RECORD_STAY_CLOSED)->stay_closed.overstayed);
}

static void without_a_tariff_no_day_is_a_holiday(void **state)
{
    struct shared *s = *state;
    struct sharing_now now;

    s->bench->site.lots[LOT_A].policy.tariff = NULL;
    sharing_evaluate(&s->bench->site.lots[LOT_A].policy, &civil_utc, clock_at(1210), &now);
    assert_true(now.open && !now.closing);
    assert_int_equal(now.promised, 5);
    assert_int_equal(tick(s, 1210), 1);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hours_begin_and_end_to_the_minute),
        cmocka_unit_test(hours_over_midnight_belong_to_the_day_before),
        cmocka_unit_test(a_holiday_is_no_weekday_and_a_make_up_day_is_a_monday),
        T(each_window_is_told_once_as_it_opens_closes_and_ends),
        T(what_was_told_is_not_told_again_after_a_start),
        T(fewer_bays_than_promised_are_told),
        T(public_places_are_those_promised_less_the_shared_cars),
        T(a_shared_car_that_stays_on_is_marked),
        T(without_a_tariff_no_day_is_a_holiday),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
