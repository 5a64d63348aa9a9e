/* Orders of platforms: what is done, what is refused and why, and that nothing is done twice. */
#include "daemon/uplink/executor.h"
#include "tests/unit/yard_bench.h"

#define REASON "the driver called"

struct scene {
    struct bench b;
    struct uplink_settings uplink, other;
    struct executor *executor;
    struct city_order order; /* the next one */
    struct platform_said said;
    bool uncertain;
};

static struct city_order an_opening(struct scene *s, const char *id)
{
    struct city_order order = {.act = PLATFORM_OPEN,
                               .not_after = {s->b.now.utc.ms + 5000},
                               .lane = "A-out",
                               .actor = "li",
                               .note = REASON};

    text_copy(order.id, sizeof order.id, id);
    return order;
}

static void begin_scene(struct scene *s)
{
    memset(s, 0, sizeof *s);
    start(&s->b);
    s->b.site.lanes[A_IN].orders_per_min = s->b.site.lanes[A_OUT].orders_per_min = 6;
    s->uplink = (struct uplink_settings){.name = "city", .orders_per_min = 600};
    s->other = (struct uplink_settings){.name = "other", .orders_per_min = 600};
    s->executor = executor_create(&s->b.site.plan, s->b.yard);
    s->order = an_opening(s, "1");
}

static void end_scene(struct scene *s)
{
    executor_destroy(s->executor);
    stop(&s->b);
}

static void give_by(struct scene *s, const struct uplink_settings *from)
{
    const struct executor_case it = {
        .from = from, .order = &s->order, .now = s->b.now, .time_uncertain = s->uncertain};

    executor_take(s->executor, &it, &s->said);
}

static void give(struct scene *s)
{
    give_by(s, &s->uplink);
}

/* It is refused with these words, on record, and nothing is sent. */
static void is_refused(struct scene *s, const char *words)
{
    uint32_t records = count(&s->b, RECORD_PLATFORM), orders = s->b.orders_count;

    give(s);
    assert_int_equal(s->said.verdict, PLATFORM_REFUSED);
    assert_false(s->said.again || s->said.later);
    if (!strstr(s->said.why, words))
        fail_msg("\"%s\" says nothing of \"%s\"", s->said.why, words);
    assert_int_equal(count(&s->b, RECORD_PLATFORM), records + 1);
    assert_string_equal(last(&s->b, RECORD_PLATFORM)->platform.reason, s->said.why);
    assert_int_equal(last(&s->b, RECORD_PLATFORM)->platform.verdict, PLATFORM_REFUSED);
    assert_int_equal(s->b.orders_count, orders);
}

static void is_done(struct scene *s)
{
    give(s);
    assert_string_equal(s->said.why, "");
    assert_int_equal(s->said.verdict, PLATFORM_DONE);
    assert_false(s->said.again || s->said.later);
}

static void an_opening_is_recorded_before_what_it_sends(void **state)
{
    static struct scene s;

    (void)state;
    begin_scene(&s);
    uint32_t before = s.b.records_count;
    is_done(&s);
    assert_int_equal(s.b.orders_count, 1);
    assert_int_equal(s.b.orders[0].action, LANE_OPEN);
    assert_int_equal(s.b.lanes[0], A_OUT);
    assert_int_equal(s.b.records[before].kind, RECORD_PLATFORM);
    const struct record_platform *asked = &s.b.records[before].platform;
    assert_string_equal(asked->uplink, "city");
    assert_string_equal(asked->id, "1");
    assert_string_equal(asked->subject, "A-out");
    assert_string_equal(asked->actor, "li");
    assert_string_equal(asked->note, REASON);
    assert_true(asked->not_after.ms > s.b.now.utc.ms);
    const struct record_command *command = &last(&s.b, RECORD_COMMAND)->command;
    assert_int_equal(command->cause, CAUSE_PLATFORM);
    assert_string_equal(command->actor, "city:li");
    assert_string_equal(command->reason, REASON);
    end_scene(&s);
}

static void the_same_order_again_gets_the_first_verdict_and_nothing_is_sent(void **state)
{
    static struct scene s;

    (void)state;
    begin_scene(&s);
    is_done(&s);
    uint32_t records = s.b.records_count;
    for (int n = 0; n < 3; n++) {
        wait_ms(&s.b, 20000); /* its end has passed meanwhile */
        s.order.act = n == 2 ? PLATFORM_RELEASE : PLATFORM_OPEN;
        records = s.b.records_count;
        give(&s);
        assert_true(s.said.again);
        assert_int_equal(s.said.verdict, PLATFORM_DONE);
        assert_int_equal(s.b.records_count, records);
    }
    s.order = an_opening(&s, "2");
    s.order.lane[0] = 'X';
    is_refused(&s, "no such lane");
    text_copy(s.order.lane, sizeof s.order.lane, "A-out");
    give(&s);
    assert_true(s.said.again && s.said.verdict == PLATFORM_REFUSED);
    assert_string_equal(s.said.why, "there is no such lane");
    end_scene(&s);
}

static void after_a_restart_an_order_is_still_known(void **state)
{
    static struct scene s;

    (void)state;
    begin_scene(&s);
    is_done(&s);
    executor_destroy(s.executor);
    s.executor = executor_create(&s.b.site.plan, s.b.yard);
    for (uint32_t i = 0; i < s.b.records_count; i++)
        executor_restore(s.executor, &s.b.records[i], i + 1);
    uint32_t orders = s.b.orders_count;
    give(&s);
    assert_true(s.said.again && s.said.verdict == PLATFORM_DONE);
    assert_int_equal(s.b.orders_count, orders);
    assert_int_equal(executor_seq(s.executor, "city", "1"),
                     last(&s.b, RECORD_PLATFORM) - s.b.records + 1);
    s.order = an_opening(&s, "2");
    is_done(&s);
    assert_int_equal(executor_seq(s.executor, "city", "2"), 0);
    executor_kept(s.executor, last(&s.b, RECORD_PLATFORM), 77);
    assert_int_equal(executor_seq(s.executor, "city", "2"), 77);
    end_scene(&s);
}

static void two_uplinks_may_use_one_id(void **state)
{
    static struct scene s;

    (void)state;
    begin_scene(&s);
    s.order.act = PLATFORM_TARIFF;
    is_done(&s);
    give_by(&s, &s.other);
    assert_false(s.said.again);
    assert_int_equal(count(&s.b, RECORD_PLATFORM), 2);
    end_scene(&s);
}

static void each_word_that_is_missing_is_named(void **state)
{
    static struct scene s;

    (void)state;
    begin_scene(&s);
    s.order = an_opening(&s, "1");
    s.order.actor[0] = '\0';
    is_refused(&s, "actor");
    s.order = an_opening(&s, "2");
    s.order.note[0] = '\0';
    is_refused(&s, "reason");
    s.order = an_opening(&s, "3");
    s.order.not_after.ms = 0;
    is_refused(&s, "not_after");
    s.order = an_opening(&s, "4");
    s.order.lane[0] = '\0';
    is_refused(&s, "no such lane");
    s.order = (struct city_order){.act = PLATFORM_LIST_ADD, .id = "5"};
    is_refused(&s, "number plate");
    s.order = (struct city_order){.act = PLATFORM_TARIFF, .id = "6"};
    is_refused(&s, "says nothing");
    end_scene(&s);
}

static void an_order_without_an_id_that_can_be_kept_is_refused(void **state)
{
    static const char *const bad[] = {"", "a b", "a\nb", "号"};
    static struct scene s;

    (void)state;
    begin_scene(&s);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        text_copy(s.order.id, sizeof s.order.id, bad[i]);
        give(&s);
        assert_int_equal(s.said.verdict, PLATFORM_REFUSED);
        assert_non_null(strstr(s.said.why, "id"));
    }
    assert_int_equal(count(&s.b, RECORD_PLATFORM), 0);
    end_scene(&s);
}

static void an_opening_is_asked_for_within_ten_seconds(void **state)
{
    static struct scene s;

    (void)state;
    begin_scene(&s);
    s.order.not_after.ms = s.b.now.utc.ms - 1;
    is_refused(&s, "too late");
    s.order = an_opening(&s, "2");
    s.order.not_after.ms = s.b.now.utc.ms + 10001;
    is_refused(&s, "10 seconds ahead");
    s.order = an_opening(&s, "3");
    s.order.not_after.ms = s.b.now.utc.ms + 10000;
    is_done(&s);
    s.order = (struct city_order){.act = PLATFORM_TARIFF, .id = "4", .note = "new prices"};
    s.order.not_after.ms = s.b.now.utc.ms + EXECUTOR_WEEK_MS + 1;
    is_refused(&s, "more than a week");
    end_scene(&s);
}

static void without_a_clock_that_is_right_a_deadline_means_nothing(void **state)
{
    static struct scene s;

    (void)state;
    begin_scene(&s);
    s.uncertain = true;
    is_refused(&s, "clock");
    s.order = (struct city_order){.act = PLATFORM_LIST_ADD, .id = "2", .plate = CAR};
    is_done(&s); /* it names no deadline */
    s.order = (struct city_order){.act = PLATFORM_PAID, .id = "3", .amount_fen = 100};
    s.order.not_after.ms = s.b.now.utc.ms + 60000;
    is_refused(&s, "no such stay"); /* judged, because money has moved */
    end_scene(&s);
}

static void a_lane_is_opened_so_often_in_a_minute(void **state)
{
    static struct scene s;
    char id[8];

    (void)state;
    begin_scene(&s);
    for (int n = 0; n < 6; n++) {
        snprintf(id, sizeof id, "o%d", n);
        s.order = an_opening(&s, id);
        is_done(&s);
    }
    s.order = an_opening(&s, "o6");
    is_refused(&s, "too often");
    text_copy(s.order.lane, sizeof s.order.lane, "A-in");
    text_copy(s.order.id, sizeof s.order.id, "o7");
    is_done(&s); /* the other lane was not */
    wait_ms(&s.b, 60500);
    s.order = an_opening(&s, "o8");
    is_done(&s);
    s.b.site.lanes[A_OUT].orders_per_min = 0;
    s.order = an_opening(&s, "o9");
    is_refused(&s, "may not open");
    end_scene(&s);
}

static void a_clock_that_was_set_back_keeps_nobody_out(void **state)
{
    static struct scene s;
    char id[8];

    (void)state;
    begin_scene(&s);
    for (int n = 0; n < 6; n++) {
        snprintf(id, sizeof id, "o%d", n);
        s.order = an_opening(&s, id);
        is_done(&s);
    }
    s.b.now.utc.ms -= 3600000;
    s.order = an_opening(&s, "o6");
    is_done(&s);
    end_scene(&s);
}

static void what_an_uplink_asks_too_often_is_put_off_and_not_forgotten_as_refused(void **state)
{
    static struct scene s;

    (void)state;
    begin_scene(&s);
    s.uplink.orders_per_min = 2;
    s.order.act = PLATFORM_TARIFF;
    is_done(&s);
    text_copy(s.order.id, sizeof s.order.id, "2");
    is_done(&s);
    text_copy(s.order.id, sizeof s.order.id, "3");
    give(&s);
    assert_true(s.said.later);
    assert_int_equal(count(&s.b, RECORD_PLATFORM), 2);
    wait_ms(&s.b, 60500);
    s.order.not_after.ms = 0;
    is_done(&s);
    end_scene(&s);
}

static void nothing_opens_while_the_loops_are_not_heard(void **state)
{
    static struct scene s;

    (void)state;
    begin_scene(&s);
    s.b.now.mono.ms += 1001; /* no word of the barrier since */
    s.b.now.utc.ms += 1001;
    is_refused(&s, "not heard");
    s.b.booms[A_OUT].quality = BOOM_STALE;
    sense(&s.b, A_OUT);
    s.order = an_opening(&s, "2");
    is_refused(&s, "not heard");
    s.b.booms[A_OUT].quality = BOOM_OBSERVED;
    sense(&s.b, A_OUT);
    s.order = an_opening(&s, "3");
    is_done(&s);
    end_scene(&s);
}

static void what_hinders_people_hinders_platforms(void **state)
{
    const struct lane_act evacuate = {.operation = LANE_DO_EVACUATE,
                                      .cause = CAUSE_EVACUATION,
                                      .actor = "wang",
                                      .reason = "fire"};
    static struct scene s;
    const char *why = "";

    (void)state;
    begin_scene(&s);
    s.order.act = PLATFORM_RELEASE;
    is_refused(&s, "not held");
    assert_true(yard_act(s.b.yard, A_OUT, &evacuate, s.b.now, &why));
    s.order = an_opening(&s, "2");
    is_refused(&s, "evacuated");
    end_scene(&s);
}

static void a_hold_has_an_end_and_is_released(void **state)
{
    static struct scene s;

    (void)state;
    begin_scene(&s);
    s.order.act = PLATFORM_HOLD;
    is_refused(&s, "end in the future");
    s.order = an_opening(&s, "2");
    s.order.act = PLATFORM_HOLD;
    s.order.until.ms = s.b.now.utc.ms + EXECUTOR_WEEK_MS + 1;
    is_refused(&s, "within a week");
    s.order = an_opening(&s, "3");
    s.order.act = PLATFORM_HOLD;
    s.order.until.ms = s.b.now.utc.ms + 60000;
    is_done(&s);
    assert_int_equal(s.b.orders[0].action, LANE_HOLD);
    s.order = an_opening(&s, "4");
    s.order.act = PLATFORM_RELEASE;
    is_done(&s);
    end_scene(&s);
}

static void a_lane_may_have_the_platforms_name(void **state)
{
    static const struct uplink_place places[] = {{"A-out", "gate-7"}};
    static struct scene s;

    (void)state;
    begin_scene(&s);
    s.uplink.places = places;
    s.uplink.places_count = 1;
    text_copy(s.order.lane, sizeof s.order.lane, "gate-7");
    is_done(&s);
    assert_string_equal(last(&s.b, RECORD_PLATFORM)->platform.subject, "A-out");
    end_scene(&s);
}

static struct city_order a_payment(const char *id, const char *transaction, int64_t fen)
{
    struct city_order order = {.act = PLATFORM_PAID, .amount_fen = fen, .channel = CHANNEL_WECHAT};

    text_copy(order.id, sizeof order.id, id);
    text_copy(order.transaction, sizeof order.transaction, transaction);
    return order;
}

static void a_payment_opens_for_the_car_that_waits_and_counts_once(void **state)
{
    static struct scene s;

    (void)state;
    begin_scene(&s);
    drive_up(&s.b, A_IN, CAR);
    drive_through(&s.b, A_IN);
    wait_ms(&s.b, 5400000);
    drive_up(&s.b, A_OUT, CAR);
    uint32_t orders = s.b.orders_count;
    s.order = a_payment("1", "t-1", 200);
    text_copy(s.order.stay, sizeof s.order.stay, "unknown there");
    text_copy(s.order.order, sizeof s.order.order, last(&s.b, RECORD_ORDER)->order.order);
    is_done(&s);
    assert_int_equal(s.b.orders_count, orders + 1);
    assert_int_equal(last(&s.b, RECORD_PAYMENT)->payment.amount_fen, 200);
    assert_string_equal(last(&s.b, RECORD_PAYMENT)->payment.actor, "city");
    s.order.id[0] = '2'; /* the same money under another id */
    give(&s);
    assert_int_equal(s.said.verdict, PLATFORM_AGAIN);
    assert_true(s.said.again && !*s.said.why);
    assert_int_equal(count(&s.b, RECORD_PAYMENT), 1);
    end_scene(&s);
}

static void a_payment_that_cannot_be_laid_to_a_stay_is_refused(void **state)
{
    static struct scene s;

    (void)state;
    begin_scene(&s);
    s.order = a_payment("1", "t-1", 200);
    text_copy(s.order.stay, sizeof s.order.stay, "nobody's");
    is_refused(&s, "no such stay");
    drive_up(&s.b, A_IN, CAR);
    drive_through(&s.b, A_IN);
    s.order = a_payment("2", "t-2", 0);
    text_copy(s.order.stay, sizeof s.order.stay, last(&s.b, RECORD_STAY_OPENED)->stay_opened.stay);
    is_refused(&s, "amount");
    s.order = a_payment("a-name-of-an-order-that-is-far-too-long-to-be-a-transaction", "", 100);
    is_refused(&s, "transaction");
    end_scene(&s);
}

static void lists_are_kept_and_a_locked_car_stays(void **state)
{
    static struct scene s;

    (void)state;
    begin_scene(&s);
    drive_up(&s.b, A_IN, CAR);
    drive_through(&s.b, A_IN);
    s.order = (struct city_order){.act = PLATFORM_LIST_ADD,
                                  .id = "1",
                                  .list = PLATES_LOCKED,
                                  .plate = "苏a-12345",
                                  .note = "by its owner",
                                  .lot_id = "A"};
    is_done(&s);
    assert_string_equal(last(&s.b, RECORD_LIST)->list.plate, CAR);
    assert_int_equal(last(&s.b, RECORD_LIST)->list.lot, 0);
    drive_up(&s.b, A_OUT, CAR);
    assert_int_equal(last(&s.b, RECORD_DECISION)->decision.reason, DECIDED_LOCKED);
    s.order.act = PLATFORM_LIST_REMOVE;
    s.order.id[0] = '2';
    is_done(&s);
    assert_int_equal(last(&s.b, RECORD_DECISION)->decision.verdict, DECISION_PAY); /* at once */
    s.order.id[0] = '3';
    text_copy(s.order.plate, sizeof s.order.plate, "苏B99999");
    is_refused(&s, "not on this list");
    text_copy(s.order.lot_id, sizeof s.order.lot_id, "nowhere");
    s.order.id[0] = '4';
    is_refused(&s, "no such lot");
    end_scene(&s);
}

static void a_ticket_lets_a_car_without_a_plate_in_and_out(void **state)
{
    static struct scene s;

    (void)state;
    begin_scene(&s);
    drive_up(&s.b, A_IN, "");
    s.order = an_opening(&s, "1");
    s.order.act = PLATFORM_TICKET;
    text_copy(s.order.lane, sizeof s.order.lane, "A-in");
    text_copy(s.order.ticket, sizeof s.order.ticket, "T-1");
    is_done(&s);
    assert_string_equal(last(&s.b, RECORD_PLATFORM)->platform.subject, "A-in T-1");
    obey(&s.b);
    drive_through(&s.b, A_IN);
    assert_string_equal(last(&s.b, RECORD_STAY_OPENED)->stay_opened.ticket, "T-1");
    wait_ms(&s.b, 5400000);
    s.order = a_payment("2", "t-1", 200);
    text_copy(s.order.ticket, sizeof s.order.ticket, "T-1");
    is_done(&s);
    assert_string_equal(last(&s.b, RECORD_PLATFORM)->platform.subject,
                        last(&s.b, RECORD_STAY_OPENED)->stay_opened.stay);
    drive_up(&s.b, A_OUT, "");
    s.order = an_opening(&s, "3");
    s.order.act = PLATFORM_TICKET;
    text_copy(s.order.ticket, sizeof s.order.ticket, "T-2");
    is_refused(&s, "no open stay");
    s.order = an_opening(&s, "4");
    s.order.act = PLATFORM_TICKET;
    text_copy(s.order.ticket, sizeof s.order.ticket, "T-1");
    is_done(&s);
    assert_int_equal(last(&s.b, RECORD_DECISION)->decision.verdict, DECISION_ALLOW);
    end_scene(&s);
}

static void a_tariff_notice_is_recorded_and_changes_nothing(void **state)
{
    static struct scene s;

    (void)state;
    begin_scene(&s);
    uint32_t before = s.b.records_count;
    s.order =
        (struct city_order){.act = PLATFORM_TARIFF, .id = "1", .note = "class 2 from 2027-01-01"};
    is_done(&s);
    assert_int_equal(s.b.records_count, before + 1);
    assert_string_equal(last(&s.b, RECORD_PLATFORM)->platform.note, "class 2 from 2027-01-01");
    end_scene(&s);
}

static void the_oldest_orders_are_forgotten_and_nothing_is_done_twice(void **state)
{
    static struct scene s;
    struct record record = {.kind = RECORD_PLATFORM, .platform = {.uplink = "other"}};

    (void)state;
    begin_scene(&s);
    is_done(&s);
    for (int n = 0; n < 4096; n++) {
        snprintf(record.platform.id, sizeof record.platform.id, "n%d", n);
        executor_restore(s.executor, &record, 1);
    }
    wait_ms(&s.b, 10500);
    is_refused(&s, "too late"); /* forgotten, and its end has passed */
    end_scene(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_opening_is_recorded_before_what_it_sends),
        cmocka_unit_test(the_same_order_again_gets_the_first_verdict_and_nothing_is_sent),
        cmocka_unit_test(after_a_restart_an_order_is_still_known),
        cmocka_unit_test(two_uplinks_may_use_one_id),
        cmocka_unit_test(each_word_that_is_missing_is_named),
        cmocka_unit_test(an_order_without_an_id_that_can_be_kept_is_refused),
        cmocka_unit_test(an_opening_is_asked_for_within_ten_seconds),
        cmocka_unit_test(without_a_clock_that_is_right_a_deadline_means_nothing),
        cmocka_unit_test(a_lane_is_opened_so_often_in_a_minute),
        cmocka_unit_test(a_clock_that_was_set_back_keeps_nobody_out),
        cmocka_unit_test(what_an_uplink_asks_too_often_is_put_off_and_not_forgotten_as_refused),
        cmocka_unit_test(nothing_opens_while_the_loops_are_not_heard),
        cmocka_unit_test(what_hinders_people_hinders_platforms),
        cmocka_unit_test(a_hold_has_an_end_and_is_released),
        cmocka_unit_test(a_lane_may_have_the_platforms_name),
        cmocka_unit_test(a_payment_opens_for_the_car_that_waits_and_counts_once),
        cmocka_unit_test(a_payment_that_cannot_be_laid_to_a_stay_is_refused),
        cmocka_unit_test(lists_are_kept_and_a_locked_car_stays),
        cmocka_unit_test(a_ticket_lets_a_car_without_a_plate_in_and_out),
        cmocka_unit_test(a_tariff_notice_is_recorded_and_changes_nothing),
        cmocka_unit_test(the_oldest_orders_are_forgotten_and_nothing_is_done_twice),
    };

    return cmocka_run_group_tests_name("executor", tests, NULL, NULL);
}
