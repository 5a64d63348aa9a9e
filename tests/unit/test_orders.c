/* What of commands, releases and signs goes out next. The numbers are the rules of orders.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sensors/bus/orders.h"

enum { DEVICES = 4, SECOND_US = 1000000 };

static struct order command(uint64_t id, uint8_t writes)
{
    return (struct order){.kind = ORDER_COMMAND,
                          .command = {.id = id, .action = BARRIER_DO_OPEN},
                          .writes = {{5, 1, 0x0100, 500}, {5, 1, 0, 0}},
                          .writes_count = writes,
                          .queued_us = 1};
}

static struct order sign(uint32_t device, uint16_t value, int64_t queued_us)
{
    return (struct order){.kind = ORDER_SIGN,
                          .command = {.device = device},
                          .sign = {.unit = 1, .function = 6, .value = value},
                          .queued_us = queued_us};
}

static void add(struct orders *orders, struct order order)
{
    assert_true(orders_add(orders, &order));
}

/* O1, O4. */
static void a_release_goes_before_commands_and_these_before_signs(void **state)
{
    (void)state;
    struct orders *orders = orders_create(DEVICES);
    struct order pressed = command(1, 2), order;
    int64_t due_us, now_us = 10 * SECOND_US;
    add(orders, sign(0, 7, 1));
    assert_false(orders_done(orders, &pressed, COMMAND_ACCEPTED, now_us));
    add(orders, command(2, 1));
    add(orders, command(3, 1));
    assert_true(orders_next(orders, now_us, true, &order, &due_us)); /* not due yet */
    assert_int_equal(order.command.id, 2);
    now_us += 500000;
    assert_true(orders_next(orders, now_us, true, &order, &due_us));
    assert_int_equal(order.kind, ORDER_RELEASE);
    assert_true(orders_next(orders, now_us, true, &order, &due_us));
    assert_int_equal(order.command.id, 3);
    assert_true(orders_next(orders, now_us, true, &order, &due_us));
    assert_int_equal(order.kind, ORDER_SIGN);
    assert_false(orders_next(orders, now_us, true, &order, &due_us));
    assert_int_equal(due_us, INT64_MAX);
    orders_destroy(orders);
}

/* O3. */
static void a_release_is_tried_until_it_is_confirmed_but_not_for_ever(void **state)
{
    (void)state;
    struct orders *orders = orders_create(DEVICES);
    struct order order, pressed = command(1, 2);
    int64_t due_us, now_us = SECOND_US;
    assert_false(orders_done(orders, &pressed, COMMAND_UNKNOWN, now_us));
    for (int i = 0; i < ORDERS_RELEASES; i++) {
        assert_false(orders_next(orders, now_us, true, &order, &due_us));
        now_us = due_us;
        assert_true(orders_next(orders, now_us, true, &order, &due_us));
        assert_int_equal(orders_done(orders, &order, COMMAND_UNKNOWN, now_us),
                         i == ORDERS_RELEASES - 1);
    }
    assert_false(orders_next(orders, now_us + SECOND_US, true, &order, &due_us));
    orders_destroy(orders);
}

/* O3: nothing was pressed, nothing is let go; a command is never tried again. */
static void what_was_refused_or_not_sent_leaves_nothing_behind(void **state)
{
    (void)state;
    struct orders *orders = orders_create(DEVICES);
    struct order order, pressed = command(1, 2), timed = command(2, 1);
    int64_t due_us;
    assert_false(orders_done(orders, &pressed, COMMAND_REFUSED, 0));
    assert_false(orders_done(orders, &pressed, COMMAND_NOT_SENT, 0));
    assert_false(orders_done(orders, &timed, COMMAND_UNKNOWN, 0));
    assert_false(orders_next(orders, SECOND_US, false, &order, &due_us));
    orders_destroy(orders);
}

/* O4. */
static void of_a_sign_only_the_newest_content_is_written(void **state)
{
    (void)state;
    struct orders *orders = orders_create(DEVICES);
    struct order order;
    int64_t due_us;
    for (uint16_t value = 0; value < 100; value++)
        add(orders, sign(2, value, 1 + value));
    assert_true(orders_next(orders, 1000, false, &order, &due_us));
    assert_int_equal(order.sign.value, 99);
    assert_int_equal(order.queued_us, 1); /* it has waited since the first */
    assert_false(orders_next(orders, 1000, false, &order, &due_us));
    orders_destroy(orders);
}

/* O4. */
static void signs_wait_for_polls_a_second_at_most_and_take_turns_with_them(void **state)
{
    (void)state;
    struct orders *orders = orders_create(DEVICES);
    struct order order;
    int64_t due_us;
    add(orders, sign(0, 1, 1));
    add(orders, sign(1, 1, 1));
    assert_false(orders_next(orders, ORDERS_PATIENCE_US, true, &order, &due_us));
    assert_true(orders_next(orders, ORDERS_PATIENCE_US + 1, true, &order, &due_us));
    assert_false(orders_next(orders, ORDERS_PATIENCE_US + 1, true, &order, &due_us)); /* a poll */
    assert_true(orders_next(orders, ORDERS_PATIENCE_US + 1, true, &order, &due_us));
    orders_destroy(orders);
}

static void too_many_commands_are_turned_away(void **state)
{
    (void)state;
    struct orders *orders = orders_create(DEVICES);
    struct order order = command(1, 1);
    for (int i = 0; i < ORDERS_COMMANDS; i++)
        assert_true(orders_add(orders, &order));
    assert_false(orders_add(orders, &order));
    orders_destroy(orders);
}

/* One is on the line while others come; whatever becomes of all of them, each is let go of once. */
static void every_command_that_pressed_is_let_go_of_also_when_all_places_are_taken(void **state)
{
    enum { ALL = 2 * ORDERS_COMMANDS + 1, LATER_US = 10 * SECOND_US };
    (void)state;
    struct orders *orders = orders_create(DEVICES);
    struct order order, under_way;
    bool let_go[ALL] = {false};
    int64_t due_us;
    uint64_t id = 0;
    for (; id < ORDERS_COMMANDS; id++) {
        add(orders, command(id, 2));
        assert_true(orders_next(orders, 1, true, &order, &due_us));
        orders_done(orders, &order, COMMAND_ACCEPTED, 1);
    }
    for (; id < 2 * ORDERS_COMMANDS; id++)
        add(orders, command(id, 2));
    assert_true(orders_next(orders, 1, true, &under_way, &due_us));
    add(orders, command(id, 2));
    order = command(99, 2);
    assert_false(orders_add(orders, &order));
    orders_done(orders, &under_way, COMMAND_UNKNOWN, 1);
    while (orders_waiting(orders)) {
        assert_true(orders_next(orders, 1, true, &order, &due_us));
        orders_done(orders, &order, COMMAND_ACCEPTED, 1);
    }
    for (int i = 0; i < ALL; i++) {
        assert_true(orders_next(orders, LATER_US, true, &order, &due_us));
        assert_int_equal(order.kind, ORDER_RELEASE);
        assert_in_range(order.command.id, 0, ALL - 1);
        assert_false(let_go[order.command.id]);
        let_go[order.command.id] = true;
        assert_false(orders_done(orders, &order, COMMAND_ACCEPTED, LATER_US));
    }
    assert_false(orders_next(orders, LATER_US, true, &order, &due_us));
    orders_destroy(orders);
}

/* A short pulse is let go of before a long one that was pressed earlier. */
static void the_release_that_is_due_first_goes_first(void **state)
{
    (void)state;
    struct orders *orders = orders_create(DEVICES);
    struct order slow = command(1, 2), quick = command(2, 2), order;
    int64_t due_us;
    slow.writes[0].wait_ms = 2000;
    orders_done(orders, &slow, COMMAND_ACCEPTED, 1);
    orders_done(orders, &quick, COMMAND_ACCEPTED, 1);
    assert_false(orders_next(orders, 1, true, &order, &due_us));
    assert_int_equal(due_us, 500001);
    assert_true(orders_next(orders, 3 * SECOND_US, true, &order, &due_us));
    assert_int_equal(order.command.id, 2);
    assert_true(orders_next(orders, 3 * SECOND_US, true, &order, &due_us));
    assert_int_equal(order.command.id, 1);
    orders_destroy(orders);
    orders_destroy(NULL);
}

static void the_sign_that_has_waited_longest_is_written_first(void **state)
{
    static const struct {
        uint32_t device;
        int64_t queued_us;
    } signs[] = {{0, 30}, {1, 10}, {2, 20}};
    static const uint32_t expected[] = {1, 2, 0};
    (void)state;
    struct orders *orders = orders_create(DEVICES);
    struct order order;
    int64_t due_us;
    for (size_t i = 0; i < 3; i++)
        add(orders, sign(signs[i].device, 7, signs[i].queued_us));
    for (size_t i = 0; i < 3; i++) {
        assert_true(orders_next(orders, 100, false, &order, &due_us));
        assert_int_equal(order.command.device, expected[i]);
    }
    orders_destroy(orders);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_release_goes_before_commands_and_these_before_signs),
        cmocka_unit_test(a_release_is_tried_until_it_is_confirmed_but_not_for_ever),
        cmocka_unit_test(what_was_refused_or_not_sent_leaves_nothing_behind),
        cmocka_unit_test(of_a_sign_only_the_newest_content_is_written),
        cmocka_unit_test(signs_wait_for_polls_a_second_at_most_and_take_turns_with_them),
        cmocka_unit_test(too_many_commands_are_turned_away),
        cmocka_unit_test(every_command_that_pressed_is_let_go_of_also_when_all_places_are_taken),
        cmocka_unit_test(the_release_that_is_due_first_goes_first),
        cmocka_unit_test(the_sign_that_has_waited_longest_is_written_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
