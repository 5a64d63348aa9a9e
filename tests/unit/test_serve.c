/* How serve treats its clients: whom it lets in, what it bounds, how streams and owed replies
 * behave. */
#include "tests/unit/serve_fixture.h"

#include <sys/stat.h>

#include "daemon/serve/guard.h"
#include "daemon/serve/http.h"
#include "daemon/serve/listener.h"

static void only_addresses_and_localhost_are_hosts(void **state)
{
    static const char *const good[] = {"127.0.0.1", "127.0.0.1:8080", "localhost:1", "[::1]:8080",
                                       "[::1]",     "192.168.1.7:80", "LOCALHOST"};
    static const char *const bad[] = {
        "",          "evil.example", "127.0.0.1.evil.example", "127.0.0.1:80a", "[::1",
        "[evil]:80", "::1",          "localhost.evil",         ":80",           "127.0.0.1:80:80",
        "[::1]x"};

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(guard_host(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(guard_host(bad[i]));
    assert_false(guard_host(NULL));
}

static void only_the_whole_token_opens(void **state)
{
    (void)state;
    assert_true(guard_token("Bearer secret", "secret"));
    assert_true(guard_token("bearer secret", "secret"));
    assert_false(guard_token(NULL, "secret"));
    assert_false(guard_token("Bearer ", "secret"));
    assert_false(guard_token("Bearer secre", "secret"));
    assert_false(guard_token("Bearer secret1", "secret"));
    assert_false(guard_token("Bearer secres", "secret"));
    assert_false(guard_token("Basic secret", "secret"));
}

static void knock(struct fixture *f)
{
    ask(f, false, "GET /api/v1/lots", "Host: evil.example\r\n", NULL);
    ask(f, false, "GET /api/v1/lots", "Origin: http://evil.example\r\n", NULL);
    ask(f, false, "GET /api/v1/lots", "Origin: null\r\n", NULL);
    ask(f, false, "GET /api/v1/lots", "Host: 127.0.0.1:7\r\nOrigin: http://127.0.0.1:7\r\n", NULL);
    ask(f, true, "GET /api/v1/lots", "Host: parkd\r\n", NULL);
}

static void rebound_names_and_other_pages_are_refused_over_tcp(void **state)
{
    static const int expected[] = {403, 403, 403, 200, 200};
    struct fixture *f = fixture_create();

    (void)state;
    fixture_serve(f, NULL);
    run(f, knock);
    for (uint32_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        assert_int_equal(status_of(f, i), expected[i]);
    fixture_destroy(f);
}

static void knock_with_token(struct fixture *f)
{
    get(f, "/api/v1/lots");
    ask(f, false, "GET /api/v1/lots", "Authorization: Bearer wrong\r\n", NULL);
    ask(f, false, "GET /api/v1/lots", "Authorization: Bearer right\r\n", NULL);
    get(f, "/healthz");
    get(f, "/metrics");
    ask(f, true, "GET /api/v1/lots", "", NULL);
}

static void a_token_is_asked_for_over_tcp_where_one_is_set(void **state)
{
    static const int expected[] = {401, 401, 200, 200, 401, 200};
    struct fixture *f = fixture_create();

    (void)state;
    fixture_serve(f, "right");
    run(f, knock_with_token);
    for (uint32_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        assert_int_equal(status_of(f, i), expected[i]);
    fixture_destroy(f);
}

static void nothing_but_loopback_is_opened_without_a_token(void **state)
{
    struct fixture *f = fixture_create();
    const struct serve_settings open = {.listen = "0.0.0.0:0", .control = f->control};
    const struct serve_settings nonsense = {.listen = "localhost:80", .control = f->control};
    const struct serve_source source = fixture_source(f);
    struct err err;

    (void)state;
    assert_null(serve_create(&open, f->loop, &source, &err));
    assert_non_null(strstr(err.text, "set a token"));
    assert_null(serve_create(&nonsense, f->loop, &source, &err));
    assert_non_null(strstr(err.text, "127.0.0.1:8080"));
    fixture_destroy(f);
}

static void the_control_socket_is_never_stolen(void **state)
{
    struct fixture *f = fixture_create();
    const struct serve_settings settings = {.control = f->control};
    const struct serve_source source = fixture_source(f);
    struct stat st;
    struct err err;
    char file[64];

    (void)state;
    fixture_serve(f, NULL);
    assert_int_equal(stat(f->control, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0666);
    assert_null(serve_create(&settings, f->loop, &source, &err));
    assert_non_null(strstr(err.text, "another parkd"));

    snprintf(file, sizeof file, "%s/file", f->directory);
    fclose(fopen(file, "w"));
    assert_int_equal(listener_local(file, &err), -1);
    assert_non_null(strstr(err.text, "no socket"));
    assert_int_equal(unlink(file), 0);
    fixture_destroy(f);
}

static void a_socket_left_by_a_dead_daemon_is_replaced(void **state)
{
    struct fixture *f = fixture_create();
    struct err err;

    (void)state;
    close(listener_local(f->control, &err));
    assert_int_equal(access(f->control, F_OK), 0);
    fixture_serve(f, NULL);
    fixture_destroy(f);
}

static void send_too_much(struct fixture *f)
{
    static char body[HTTP_REQUEST_BODY_MAX + 2];
    char chunk[64];
    int fd;

    memset(body, ' ', sizeof body - 1);
    post(f, "/api/v1/bays/A-1/in", body);

    fd = dial(f, true);
    tell(fd, "POST /api/v1/bays/A-1/in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
             "Content-Type: application/json\r\n\r\n");
    snprintf(chunk, sizeof chunk, "%zx\r\n", sizeof body - 1);
    tell(fd, chunk);
    tell(fd, body);
    hear(f, fd, NULL);
    close(fd);

    fd = dial(f, false);
    tell(fd, "GET /api/v1/lots HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ");
    for (int i = 0; i < 8; i++)
        tell(fd, body);
    hear(f, fd, NULL);
    close(fd);

    get(f, "/healthz");
}

static void bodies_and_headers_beyond_their_bounds_are_refused(void **state)
{
    struct fixture *f = fixture_create();

    (void)state;
    fixture_serve(f, NULL);
    run(f, send_too_much);
    assert_int_equal(status_of(f, 0), 413);
    assert_int_equal(strncmp(f->answers[1], "HTTP/1.1 200", 12) == 0, 0);
    assert_int_equal(strncmp(f->answers[2], "HTTP/1.1 200", 12) == 0, 0);
    assert_int_equal(status_of(f, 3), 200);
    assert_int_equal(f->asked.command, 0);
    fixture_destroy(f);
}

/* Returns once the gateway has the command, which it keeps; answer 0 is used up. */
static int send_kept_command(struct fixture *f)
{
    int fd = dial(f, true);

    tell(fd, "POST /api/v1/outbox/city/retry HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
             "Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{\"seq\": 0}");
    do {
        f->answers_count = 0;
        get(f, "/api/v1/bays?zone=A2&state=occupied");
    } while (!strstr(f->answers[0], "A-3"));
    return fd;
}

static void send_two_commands(struct fixture *f)
{
    int fd = send_kept_command(f);

    post(f, "/api/v1/outbox/city/drop", "{\"seq\":42,\"reason\":\"old\"}");
    hear(f, fd, NULL);
    close(fd);
}

static void a_reply_may_be_given_later(void **state)
{
    struct fixture *f = fixture_create();

    (void)state;
    fixture_serve(f, NULL);
    run(f, send_two_commands);
    assert_string_equal(body_of(f, 1), "{\"done\":true}\n");
    assert_string_equal(body_of(f, 2), "{\"was\":\"kept\"}\n");
    assert_int_equal(f->asked.seq, 42);
    fixture_destroy(f);
}

static void wait_too_long(struct fixture *f)
{
    int fd = send_kept_command(f);

    post(f, "/api/v1/bays/A-1/in", "{\"reason\":\"21000 ms\"}");
    hear(f, fd, NULL);
    close(fd);
    post(f, "/api/v1/outbox/city/drop", "{\"seq\":42,\"reason\":\"old\"}");
}

static void a_command_that_is_not_durable_in_time_is_told_so(void **state)
{
    struct fixture *f = fixture_create();

    (void)state;
    fixture_serve(f, NULL);
    run(f, wait_too_long);
    assert_int_equal(status_of(f, 2), 503);
    assert_non_null(strstr(body_of(f, 2), "not yet durable"));
    assert_int_equal(status_of(f, 3), 200);
    assert_null(f->kept);
    fixture_destroy(f);
}

static void leave_before_the_reply(struct fixture *f)
{
    close(send_kept_command(f));
    get(f, "/healthz");
}

static void a_reply_that_outlives_serve_is_forgotten(void **state)
{
    struct fixture *f = fixture_create();

    (void)state;
    fixture_serve(f, NULL);
    run(f, leave_before_the_reply);
    serve_destroy(f->serve);
    f->serve = NULL;
    assert_non_null(f->kept);
    serve_answer(f->kept, 200, "{}");
    fixture_destroy(f);
}

static void listen_to_events(struct fixture *f)
{
    int fd = dial(f, false);

    tell(fd, "GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    hear(f, fd, "event: status");
    post(f, "/api/v1/bays/A-1/out", "{\"reason\":\"0\"}");
    hear(f, fd, "\"bay\":\"A-1\"");
    close(fd);

    fd = dial(f, false);
    tell(fd, "GET /api/v1/events?snapshot=1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    hear(f, fd, "\"bay\":\"B-1\"");
    close(fd);
}

static void a_stream_tells_changes_and_a_snapshot_everything(void **state)
{
    static const char *const everything[] = {"event: status\ndata: {\"site\":",
                                             "event: vacancy\ndata: {\"lot\":\"A\"",
                                             "event: vacancy\ndata: {\"lot\":\"B\"",
                                             "event: uplink\ndata: {\"name\":\"city\"",
                                             "event: bus\ndata: {\"bus\":\"line\"",
                                             "event: device\ndata: {\"device\":\"node-1\"",
                                             "event: device\ndata: {\"device\":\"node-2\"",
                                             "event: bay\ndata: {\"lot\":\"A\""};
    struct fixture *f = fixture_create();

    (void)state;
    fixture_serve(f, NULL);
    run(f, listen_to_events);
    assert_non_null(strstr(f->answers[0], "Content-Type: text/event-stream\r\n"));
    assert_null(strstr(f->answers[0], "event: bay"));
    assert_non_null(strstr(f->answers[2], "event: vacancy\ndata: {\"lot\":\"A\""));
    assert_non_null(strstr(f->answers[2], "\"bay\":\"A-1\",\"class\":\"ordinary\",\"state\":"
                                          "\"out_of_service\""));
    assert_true(strstr(f->answers[2], "event: vacancy") < strstr(f->answers[2], "event: bay"));
    for (size_t i = 0; i < sizeof everything / sizeof everything[0]; i++)
        assert_non_null(strstr(f->answers[3], everything[i]));
    fixture_destroy(f);
}

static void make_a_storm(struct fixture *f)
{
    int fd = dial(f, false);

    tell(fd, "GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    hear(f, fd, "event: status");
    post(f, "/api/v1/bays/A-1/out", "{\"reason\":\"20000\"}");
    post(f, "/api/v1/bays/A-1/out", "{\"reason\":\"0\"}");
    hear(f, fd, "event: bay");
    close(fd);
}

static uint32_t count_of(const char *text, const char *what)
{
    uint32_t count = 0;

    for (const char *at = strstr(text, what); at; at = strstr(at + 1, what))
        count++;
    return count;
}

static void a_storm_is_told_as_the_newest_state_only(void **state)
{
    struct fixture *f = fixture_create();

    (void)state;
    fixture_serve(f, NULL);
    run(f, make_a_storm);
    assert_in_range(count_of(f->answers[3], "event: bay"), 1, 2);
    assert_non_null(strstr(f->answers[3], "\"out_of_service\""));
    assert_null(strstr(f->answers[3], "\"state\":\"free\""));
    fixture_destroy(f);
}

/* A server whose one stream never ends, for a client that never reads. */
struct endless {
    struct loop *loop;
    bool closed;
    uint64_t written;
};

static ssize_t write_for_ever(void *arg, char *bytes, size_t size)
{
    struct endless *endless = arg;

    memset(bytes, '.', size);
    endless->written += size;
    return (ssize_t)size;
}

static void stream_for_ever(void *arg, struct http_exchange *exchange,
                            const struct http_request *request)
{
    (void)request;
    http_exchange_stream(exchange, "text/plain", write_for_ever, arg);
}

static void note_the_end(void *arg, struct http_exchange *exchange)
{
    struct endless *endless = arg;

    (void)exchange;
    endless->closed = true;
    loop_stop(endless->loop, 0);
}

static bool let_come(void *arg, int fd)
{
    (void)arg;
    return fd >= 0;
}

static void give_up(void *arg)
{
    loop_stop(((struct endless *)arg)->loop, 1);
}

static void a_client_that_takes_nothing_is_cut_off(void **state)
{
    struct fixture *f = fixture_create();
    struct endless endless = {.loop = f->loop};
    const struct http_limits limits = {.connections = 2, .idle_s = 1};
    const struct http_hooks hooks = {&endless, let_come, stream_for_ever, note_the_end};
    struct loop_timer *late = loop_timer(f->loop, give_up, &endless);
    struct err err;

    (void)state;
    int listening = listener_tcp("127.0.0.1:0", &err);
    f->port = listener_port(listening);
    struct http_server *server = http_server_create(f->loop, listening, &limits, &hooks, &err);
    assert_non_null(server);
    int fd = dial(f, false);
    tell(fd, "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    loop_timer_after(late, WAIT_S * 1000);
    assert_int_equal(loop_run(f->loop, &err), 0);
    assert_true(endless.closed);
    assert_true(endless.written > 0);
    close(fd);
    loop_timer_destroy(late);
    http_server_destroy(server);
    fixture_destroy(f);
}

static void open_many_streams(struct fixture *f)
{
    int streams[24];

    for (int i = 0; i < 24; i++) {
        streams[i] = dial(f, false);
        tell(streams[i], "GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
        f->answers_count = 0;
        hear(f, streams[i], "event: status");
    }
    get(f, "/api/v1/events");
    get(f, "/healthz");
    for (int i = 0; i < 24; i++)
        close(streams[i]);
}

static void streams_are_bounded_and_leave_room_for_requests(void **state)
{
    struct fixture *f = fixture_create();

    (void)state;
    fixture_serve(f, NULL);
    run(f, open_many_streams);
    assert_int_equal(status_of(f, 0), 200);
    assert_int_equal(status_of(f, 1), 503);
    assert_int_equal(status_of(f, 2), 200);
    fixture_destroy(f);
}

static void ask_for_all_bays(struct fixture *f)
{
    int fd = dial(f, false);
    ssize_t got;

    tell(fd, "GET /api/v1/bays HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
    while ((got = recv(fd, f->answers[0], ANSWER_SIZE, 0)) > 0)
        f->seq += (uint64_t)got;
    close(fd);
}

static void ten_thousand_bays_are_one_answer(void **state)
{
    enum { BAYS = 10000 };
    static struct bay_plan bays[BAYS];
    static char ids[BAYS][8];
    struct fixture *f = fixture_create();

    (void)state;
    for (uint32_t i = 0; i < BAYS; i++) {
        snprintf(ids[i], sizeof ids[i], "%05u", i);
        bays[i] = (struct bay_plan){.id = ids[i], .device = PLAN_NONE};
    }
    view_destroy(f->view);
    f->plan.bays = bays;
    f->plan.bays_count = BAYS;
    f->view = view_create(&f->plan);
    f->seq = 0;
    fixture_serve(f, NULL);
    run(f, ask_for_all_bays);
    assert_true(f->seq > BAYS * strlen("{\"bay\":\"00000\",\"state\":\"unknown\"},"));
    assert_true(f->seq < BAYS * 400);
    fixture_destroy(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_addresses_and_localhost_are_hosts),
        cmocka_unit_test(only_the_whole_token_opens),
        cmocka_unit_test(rebound_names_and_other_pages_are_refused_over_tcp),
        cmocka_unit_test(a_token_is_asked_for_over_tcp_where_one_is_set),
        cmocka_unit_test(nothing_but_loopback_is_opened_without_a_token),
        cmocka_unit_test(the_control_socket_is_never_stolen),
        cmocka_unit_test(a_socket_left_by_a_dead_daemon_is_replaced),
        cmocka_unit_test(bodies_and_headers_beyond_their_bounds_are_refused),
        cmocka_unit_test(a_reply_may_be_given_later),
        cmocka_unit_test(a_command_that_is_not_durable_in_time_is_told_so),
        cmocka_unit_test(a_reply_that_outlives_serve_is_forgotten),
        cmocka_unit_test(a_stream_tells_changes_and_a_snapshot_everything),
        cmocka_unit_test(a_storm_is_told_as_the_newest_state_only),
        cmocka_unit_test(a_client_that_takes_nothing_is_cut_off),
        cmocka_unit_test(streams_are_bounded_and_leave_room_for_requests),
        cmocka_unit_test(ten_thousand_bays_are_one_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
