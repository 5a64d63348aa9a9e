/* Orders between a broker and the gateway: what is handed on, what is refused before, and how many
 * there may be at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/base/loop.h"
#include "daemon/uplink/city.h"
#include "daemon/uplink/inbox.h"
#include "tests/unit/small_site.h"

#define BODY                                                                  \
    "{\"act\":\"open\",\"lane\":\"A-out\",\"actor\":\"li\",\"reason\":\"r\"," \
    "\"not_after\":\"2026-11-22T03:02:06Z\"}"

/* The gateway's part is played by hand. */
struct scene {
    struct small_site site;
    struct uplink_settings settings;
    struct uplink uplink;
    struct inbox *inbox;
    struct loop *loop;
    struct mqtt_settings address;
    struct broker *broker; /* that is not reached */
    struct adapter_request request;
    char ids[INBOX_MAX + 8][64];
    platform_said_fn *said[INBOX_MAX + 8];
    void *args[INBOX_MAX + 8];
    uint32_t handed;
};

static void on_order(void *arg, uint32_t uplink, const struct city_order *order,
                     platform_said_fn *said, void *said_arg)
{
    struct scene *s = arg;

    (void)uplink;
    text_copy(s->ids[s->handed], sizeof s->ids[0], order->id);
    s->said[s->handed] = said;
    s->args[s->handed++] = said_arg;
}

static void on_lost(void *arg, const char *reason)
{
    (void)arg;
    (void)reason;
}

static void ignore(void *arg)
{
    (void)arg;
}

static void begin(struct scene *s)
{
    const struct broker_hooks hooks = {
        .arg = s, .connected = ignore, .ready = ignore, .lost = on_lost};
    struct err err;

    memset(s, 0, sizeof *s);
    small_site_init(&s->site);
    s->settings = (struct uplink_settings){.name = "town", .adapter = adapter_by_name("mqtt")};
    s->uplink.settings = &s->settings;
    s->uplink.source = (struct uplink_source){.arg = s, .plan = &s->site.plan, .order = on_order};
    s->inbox = inbox_create(&s->uplink, &err);
    assert_non_null(s->inbox);
    s->loop = loop_create(&err);
    s->address = (struct mqtt_settings){
        .host = "127.0.0.1", .port = 1, .client_id = "x", .window = 1, .timeout_ms = 1000};
    s->broker = broker_create(&s->address, s->loop, &hooks, &err);
    assert_non_null(s->broker);
    carrier_request_init(&s->request, 1024);
}

static void end(struct scene *s)
{
    carrier_request_fini(&s->request);
    inbox_destroy(s->inbox);
    broker_destroy(s->broker);
    loop_destroy(s->loop);
}

static void comes(struct scene *s, const char *id, const char *body, bool retained)
{
    char topic[256];

    snprintf(topic, sizeof topic, "parking/demo/command/%s", id);
    const struct mqtt_message message = {
        .topic = topic, .bytes = body, .size = strlen(body), .retained = retained};
    inbox_receive(s->inbox, &message);
}

static void say(struct scene *s, uint32_t n)
{
    const struct platform_said said = {.verdict = PLATFORM_DONE, .seq = n + 1};

    s->said[n](s->args[n], &said);
}

static void an_order_is_handed_on_and_what_is_none_is_not(void **state)
{
    static struct scene s;
    char long_id[200];

    (void)state;
    begin(&s);
    assert_string_equal(inbox_topic(s.inbox), "parking/demo/command/+");
    comes(&s, "c-1", BODY, false);
    assert_int_equal(s.handed, 1);
    assert_string_equal(s.ids[0], "c-1");
    comes(&s, "c-2", BODY, true); /* retained */
    comes(&s, "c-3", "{}", false);
    comes(&s, "", BODY, false);
    memset(long_id, 'x', sizeof long_id);
    long_id[sizeof long_id - 1] = '\0';
    comes(&s, long_id, BODY, false);
    assert_int_equal(s.handed, 1);
    assert_true(s.uplink.awake);
    say(&s, 0);
    end(&s);
}

static void beyond_so_many_an_order_is_not_taken_until_there_is_room(void **state)
{
    static struct scene s;
    char id[16];

    (void)state;
    begin(&s);
    for (int n = 0; n < INBOX_MAX + 3; n++) {
        snprintf(id, sizeof id, "c-%d", n);
        comes(&s, id, BODY, false);
    }
    assert_int_equal(s.handed, INBOX_MAX);
    say(&s, 0); /* its reply waits for the broker, so its place is still taken */
    inbox_pump(s.inbox, s.broker, &s.request);
    comes(&s, "c-x", BODY, false);
    assert_int_equal(s.handed, INBOX_MAX);
    inbox_lost(s.inbox); /* it comes again by the next connection */
    comes(&s, "c-0", BODY, false);
    assert_int_equal(s.handed, INBOX_MAX + 1);
    for (uint32_t n = 1; n < s.handed; n++)
        say(&s, n);
    end(&s);
}

static void what_waits_when_the_connection_is_lost_is_answered_when_it_comes_again(void **state)
{
    static struct scene s;
    char id[16];

    (void)state;
    begin(&s);
    comes(&s, "c-1", BODY, false);
    inbox_lost(s.inbox);
    say(&s, 0); /* nobody is told: its place is free again */
    for (int n = 0; n < INBOX_MAX; n++) {
        snprintf(id, sizeof id, "d-%d", n);
        comes(&s, id, BODY, false);
    }
    assert_int_equal(s.handed, 1 + INBOX_MAX);
    for (uint32_t n = 1; n < s.handed; n++)
        say(&s, n);
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_is_handed_on_and_what_is_none_is_not),
        cmocka_unit_test(beyond_so_many_an_order_is_not_taken_until_there_is_room),
        cmocka_unit_test(what_waits_when_the_connection_is_lost_is_answered_when_it_comes_again),
    };

    return cmocka_run_group_tests_name("inbox", tests, NULL, NULL);
}
