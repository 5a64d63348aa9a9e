/*
 * Who asks over HTTP while the disk takes nothing: people's commands and cities' calls wait for it,
 * also those whose senders have gone; one more is refused, and may come again.
 */
#include "daemon/base/clock.h"
#include "daemon/gateway_inside.h"
#include "daemon/gateway_lanes.h"
#include "daemon/serve/platform_listener.h"
#include "daemon/uplink/adapter.h"
#include "daemon/uplink/city.h"
#include "tests/unit/serve_fixture.h"
#include "tests/unit/store_world.h"

enum { COMMANDS = GATEWAY_REPLIES_MAX, CALLS = 64 };

static struct gateway gateway; /* of the test that runs */

/* 1. Commands. */

static void to_gateway(void *arg, const struct serve_request *request, struct serve_reply *reply)
{
    (void)arg;
    gateway_request(&gateway, request, reply);
    gateway.replies_count--; /* of the full list one has been answered */
}

static void twice(struct fixture *f)
{
    post(f, "/api/v1/backup", "{\"path\":\"/copy.db\"}");
    post(f, "/api/v1/backup", "{\"path\":\"/copy.db\"}");
}

static void a_command_beyond_those_that_wait_for_the_disk_is_refused_in_words(void **state)
{
    struct fixture *f = fixture_create();
    const struct config config = {.plan = f->plan};
    const struct serve_settings settings = {.listen = "127.0.0.1:0", .control = f->control};
    struct serve_source source = fixture_source(f);
    struct err err;

    (void)state;
    gateway = (struct gateway){.config = &config, .replies_count = COMMANDS};
    gateway.backup = (struct serve_reply *)&gateway; /* one is under way */
    source.request = to_gateway;
    f->serve = serve_create(&settings, f->loop, &source, &err);
    run(f, twice);
    assert_int_equal(status_of(f, 0), 503);
    assert_non_null(strstr(body_of(f, 0), "64 commands wait for the disk"));
    assert_int_equal(status_of(f, 1), GATEWAY_CONFLICT); /* it was looked at */
    fixture_destroy(f);
}

/* 2. Calls. */

/* A city whose signature is always right. */
static bool receive(const struct adapter_context *context, const struct city_call *call,
                    struct city_order *ret, bool *ret_signed, struct err *err)
{
    static unsigned calls;

    (void)context;
    (void)call;
    (void)err;
    *ret = (struct city_order){.act = PLATFORM_TARIFF, .actor = "li", .note = "a test"};
    snprintf(ret->id, sizeof ret->id, "call-%u", calls++);
    *ret_signed = true;
    return true;
}

static void answer(const char *why, struct text *out)
{
    text_add(out, "%s", why ? why : "done");
}

static void reads(void *arg, uint32_t uplink, uint64_t from, uint32_t limit)
{
    (void)arg;
    (void)uplink;
    (void)from;
    (void)limit;
}

static void shows(void *arg, uint32_t index, struct text *out)
{
    (void)arg;
    (void)index;
    text_add(out, "{}");
}

static void keeps(void *arg, const struct outbox_progress *progress)
{
    (void)arg;
    (void)progress;
}

/* It says how far the platform's clock is ahead: not known, as nobody answers. */
static struct uplink *deaf_uplink(struct fixture *f)
{
    static const struct uplink_settings settings = {
        .name = "test", .url = "http://127.0.0.1:1/", .window = 1, .backoff_max_ms = 1000};
    static struct uplink_settings with;
    const struct uplink_source source = {
        .arg = f, .plan = &f->plan, .read = reads, .lot = shows, .bay = shows, .progress = keeps};
    const struct outbox_progress fresh = {.since = 1};
    struct err err;

    with = settings;
    with.adapter = adapter_by_name("json");
    struct uplink *uplink = uplink_create(&with, 0, f->loop, &source, &fresh, &err);
    if (!uplink)
        fail_msg("%s", err.text);
    return uplink;
}

static void on_committed(void *arg, const struct store_row *rows, const struct record *records,
                         size_t count)
{
    (void)arg;
    (void)rows;
    (void)records;
    (void)count; /* nothing is called durable */
}

/* Their patience has an end at once. */
static void on_tick(void *arg)
{
    gateway_calls_tick(&gateway, mono_after(clock_mono(), 60 * 1000));
    loop_timer_after(*(struct loop_timer **)arg, 1);
}

static void calls(struct fixture *f)
{
    for (int i = 0; i <= CALLS; i++) {
        f->answers_count = i ? 1 : 0; /* the first, and the last */
        ask(f, false, "POST /platforms/test/call", "Content-Type: application/json\r\n", "{}");
    }
}

static uint16_t free_port(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&at, size), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
    close(fd);
    return ntohs(at.sin_port);
}

static void a_call_beyond_those_that_wait_for_the_disk_is_to_come_again(void **state)
{
    static const struct city city = {.receive = receive, .answer = answer};
    static const struct adapter adapter = {.name = "test", .city = &city};
    const struct platform_door door = {.path = "/platforms/test"};
    struct fixture *f = fixture_create();
    struct world *world = world_create(1);
    char listen[32];
    struct uplink_settings uplink = {.name = "test", .adapter = &adapter, .orders_per_min = 600};
    struct uplink *uplinks[] = {deaf_uplink(f)};
    const struct config config = {
        .plan = f->plan,
        .uplinks = &uplink,
        .uplinks_count = 1,
        .store = {.path = world->path, .batch_records = 1000},
        .platform_listener = {.listen = listen, .doors = &door, .doors_count = 1}};
    const struct store_hooks hooks = {.committed = on_committed};
    struct loop_timer *timer = loop_timer(f->loop, on_tick, &timer);
    struct err err;

    (void)state;
    f->port = free_port();
    snprintf(listen, sizeof listen, "127.0.0.1:%u", f->port);
    gateway = (struct gateway){.config = &config, .loop = f->loop, .uplinks = uplinks};
    gateway.store =
        store_worker_create(world_open(world, STORE_WRITE), &config.store, f->loop, &hooks, &err);
    gateway_lanes_create(&gateway);
    gateway_platform_create(&gateway);
    assert_true(gateway_calls_start(&gateway, &err));
    loop_timer_after(timer, 1);
    run(f, calls);
    assert_int_equal(status_of(f, 0), 503);
    assert_non_null(strstr(body_of(f, 0), "not yet durable"));
    assert_int_equal(status_of(f, 1), 503);
    assert_non_null(strstr(body_of(f, 1), "too many orders wait for the disk"));
    assert_int_equal(gateway.added, CALLS); /* the last one was not judged */
    loop_timer_destroy(timer);
    gateway_platform_later(&gateway, "the end");
    gateway_calls_stop(&gateway);
    uplink_destroy(uplinks[0]);
    gateway_platform_destroy(&gateway);
    gateway_lanes_destroy(&gateway);
    store_worker_destroy(gateway.store);
    world_destroy(world);
    fixture_destroy(f);
}

/* 3. Connections of callers. */

enum { PER_ADDRESS = 8, TOO_MANY = 12 };

static bool is_closed(int fd)
{
    char byte;

    return recv(fd, &byte, 1, 0) == 0;
}

/* The first ones say nothing; the last ones are looked at, and let go. */
static void many_callers(struct fixture *f)
{
    int fds[TOO_MANY];
    unsigned closed = 0;

    for (int i = 0; i < TOO_MANY; i++)
        fds[i] = dial(f, false);
    for (int i = PER_ADDRESS; i < TOO_MANY; i++)
        closed += is_closed(fds[i]);
    for (int i = 0; i < TOO_MANY; i++)
        close(fds[i]);
    snprintf(f->answers[0], sizeof f->answers[0], "%u", closed);
}

static void ignore_closed(void *arg, struct http_exchange *exchange)
{
    (void)arg;
    (void)exchange;
}

static void an_address_holds_so_many_connections_of_callers(void **state)
{
    const struct platform_door door = {.path = "/platforms/test"};
    struct fixture *f = fixture_create();
    char listen[32];
    const struct platform_listener_settings settings = {
        .listen = listen, .doors = &door, .doors_count = 1};
    const struct platform_listener_hooks hooks = {.arg = f, .closed = ignore_closed};
    struct err err;

    (void)state;
    f->port = free_port();
    snprintf(listen, sizeof listen, "127.0.0.1:%u", f->port);
    struct platform_listener *listener = platform_listener_create(&settings, f->loop, &hooks, &err);
    assert_non_null(listener);
    run(f, many_callers);
    assert_string_equal(f->answers[0], "4");
    platform_listener_destroy(listener);
    fixture_destroy(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_command_beyond_those_that_wait_for_the_disk_is_refused_in_words),
        cmocka_unit_test(a_call_beyond_those_that_wait_for_the_disk_is_to_come_again),
        cmocka_unit_test(an_address_holds_so_many_connections_of_callers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
