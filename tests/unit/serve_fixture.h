/*
 * A small site with a fake gateway behind serve, and a client in a thread of its own: `script` runs
 * there with blocking sockets, the loop here until it returns. For test_api.c and test_serve.c.
 *
 * long: a fixture is data, and both tests must stand on the same site.
 */
#ifndef TESTS_SERVE_FIXTURE_H
#define TESTS_SERVE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/base/memory.h"
#include "daemon/base/worker.h"
#include "daemon/serve/serve.h"

enum { ANSWERS_MAX = 24, ANSWER_SIZE = 64 * 1024, WAIT_S = 10 };

struct fixture {
    bool healthy; /* nothing is wrong with node-1 */
    struct loop *loop;
    struct serve *serve;
    struct view *view;
    struct site_plan plan;
    char directory[32], control[64];
    struct now now;
    uint64_t seq;
    bool store_fails;
    utc_ms closed_until;
    /* what the fake gateway was asked, and the reply that it keeps when asked to */
    struct serve_request asked;
    struct serve_reply *kept;
    struct serve_request refused; /* the last */
    uint32_t refused_count;
    /* the client's side; read after run() */
    void (*script)(struct fixture *f);
    char answers[ANSWERS_MAX][ANSWER_SIZE];
    uint32_t answers_count;
    uint16_t port;
    struct worker *client;
};

static struct lot_plan fixture_lots[] = {{.id = "A", .name = "North \"old\" lot"},
                                         {.id = "B", .name = "南区"}};
static struct zone_plan fixture_zones[] = {
    {"A1", "Level 1", 0}, {"A2", "Level 2", 0}, {"B1", "B1", 1}};
static struct bay_plan fixture_bays[] = {
    {.id = "A-1", .zone = 0, .device = 0},
    {.id = "A-2", .zone = 0, .device = 0, .class = BAY_CHARGING},
    {.id = "A-3", .zone = 1, .device = 1},
    {.id = "B-1", .zone = 2, .device = PLAN_NONE}};
static struct device_plan fixture_devices[] = {{"node-1", "line"}, {"node-2", "radio"}};
static const struct device_settings fixture_on_line[] = {{.index = 0, .unit = 7}};
static const struct bus_settings fixture_buses[] = {
    {.id = "line", .type = BUS_RTU, .devices = fixture_on_line, .devices_count = 1}};
static const struct uplink_settings fixture_uplinks[] = {{.name = "city"}};

static inline struct now fixture_now(void *arg)
{
    return ((struct fixture *)arg)->now;
}

static inline void fixture_bus(void *arg, uint32_t bus, struct bus_stats *ret)
{
    (void)arg;
    assert_int_equal(bus, 0);
    *ret = (struct bus_stats){.open = true, .requests = 20, .cycles = 10, .cycle_us = 1500000};
}

static inline void fixture_device(void *arg, uint32_t bus, uint32_t n, struct bus_device_stats *ret)
{
    struct fixture *f = arg;

    assert_int_equal(bus + n, 0);
    *ret = (struct bus_device_stats){.state = DEVICE_ONLINE,
                                     .answers = 19,
                                     .radio = {.known = true,
                                               .battery = 2,
                                               .battery_mv = 2950,
                                               .gateways = 2,
                                               .rssi_dbm = {-90, -105},
                                               .late = 3},
                                     .trouble = "battery_low",
                                     .asked = {.state = "sent",
                                               .words = "wait",
                                               .what = "recalibrate",
                                               .since = {f->now.utc.ms - 60000},
                                               .attempts = 1},
                                     .timeouts = 1,
                                     .last_answer = {f->now.mono.ms - 2000},
                                     .turnaround_us = 21000,
                                     .last_error = "timeout"};
    if (f->healthy) {
        ret->trouble = NULL;
        ret->last_error[0] = '\0';
    }
}

static inline void fixture_uplink(void *arg, uint32_t uplink, struct uplink_status *ret)
{
    struct fixture *f = arg;

    assert_int_equal(uplink, 0);
    *ret = (struct uplink_status){.trouble = "refused",
                                  .delivered = 90,
                                  .pending = 7,
                                  .dead = 1,
                                  .through = 91,
                                  .head = 98,
                                  .last_delivery = {f->now.utc.ms - 60000},
                                  .oldest_pending = {f->now.utc.ms - 59000},
                                  .vacancies_sent = 12};
}

static inline void fixture_marks(void *arg, uint32_t uplink, uplink_mark_fn *fn, void *fn_arg)
{
    const struct outbox_mark mark = {
        .seq = 42, .state = OUTBOX_DEAD, .attempts = 3, .reason = "422: no such bay"};

    (void)arg;
    (void)uplink;
    fn(fn_arg, &mark);
}

static inline void fixture_store(void *arg, struct serve_store *ret)
{
    const struct fixture *f = arg;

    *ret = (struct serve_store){.head_seq = 98,
                                .commits = 30,
                                .last_commit_us = 4200,
                                .worst_commit_us = 1018000,
                                .closed_until = f->closed_until};
    if (f->store_fails)
        strcpy(ret->trouble, "disk full: free some space");
}

static inline void fixture_put(struct fixture *f, uint32_t bay, enum bay_state to)
{
    struct record record = {.kind = RECORD_BAY_CHANGED, .at = f->now.utc};

    record.bay_changed.bay = bay;
    record.bay_changed.from = view_bay(f->view, bay)->state;
    record.bay_changed.to = to;
    record.bay_changed.reason = BAY_BY_READING;
    view_apply(f->view, &record, ++f->seq);
    if (f->serve)
        serve_bay_changed(f->serve, bay);
}

/* "in" lets as many milliseconds pass as its reason says. "out" of a bay is done at once, its
 * reason says how often the bay has changed meanwhile; a retry is kept until a drop answers both
 * (and bay A-3 shows that it is). */
static inline void fixture_request(void *arg, const struct serve_request *request,
                                   struct serve_reply *reply)
{
    struct fixture *f = arg;

    f->asked = *request;
    if (request->command == SERVE_OUTBOX_RETRY) {
        f->kept = reply;
        fixture_put(f, 2, BAY_OCCUPIED);
        return;
    }
    if (request->command == SERVE_OUTBOX_DROP && f->kept) {
        serve_answer(f->kept, 200, "{\"was\":\"kept\"}\n");
        f->kept = NULL;
    }
    if (request->command == SERVE_BAY_IN)
        f->now.mono.ms += atoi(request->reason);
    for (int i = atoi(request->reason); request->command == SERVE_BAY_OUT && i >= 0; i--)
        fixture_put(f, 0, i % 2 ? BAY_FREE : BAY_OUT_OF_SERVICE);
    serve_answer(reply, 200, "{\"done\":true}\n");
}

static inline bool fixture_stranger(void *arg, uint32_t index, struct text *out)
{
    (void)arg;
    if (index < 1)
        text_add(out, "{\"address\":\"0004a30b00fb29e7\"}");
    return index < 1;
}

static inline void fixture_stays(void *arg, bool masked, struct text *out)
{
    (void)arg;
    text_add(out, "{\"plate\":\"%s\"}", masked ? "皖A***45" : "皖A12345");
}

static inline bool fixture_quote(void *arg, const char *stay_or_plate, struct text *out)
{
    (void)arg;
    text_add(out, "{}");
    return !strcmp(stay_or_plate, "S1");
}

static inline void fixture_refused(void *arg, const struct serve_request *refused)
{
    struct fixture *f = arg;

    f->refused = *refused;
    f->refused_count++;
}

static inline struct serve_source fixture_source(struct fixture *f)
{
    return (struct serve_source){.arg = f,
                                 .plan = &f->plan,
                                 .view = f->view,
                                 .started = {f->now.utc.ms - 3600000},
                                 .buses = fixture_buses,
                                 .buses_count = 1,
                                 .uplinks = fixture_uplinks,
                                 .uplinks_count = 1,
                                 .now = fixture_now,
                                 .bus = fixture_bus,
                                 .device = fixture_device,
                                 .uplink = fixture_uplink,
                                 .marks = fixture_marks,
                                 .stranger = fixture_stranger,
                                 .store = fixture_store,
                                 .stays = fixture_stays,
                                 .quote = fixture_quote,
                                 .request = fixture_request,
                                 .refused = fixture_refused};
}

static inline struct fixture *fixture_create(void)
{
    struct fixture *f = memory_new(1, sizeof *f);
    struct record heard = {.kind = RECORD_DEVICE_HEALTH};
    struct err err;

    f->plan = (struct site_plan){.id = "site",
                                 .name = "Site",
                                 .zone = "Asia/Shanghai",
                                 .lots = fixture_lots,
                                 .lots_count = 2,
                                 .zones = fixture_zones,
                                 .zones_count = 3,
                                 .bays = fixture_bays,
                                 .bays_count = 4,
                                 .devices = fixture_devices,
                                 .devices_count = 2};
    assert_true(utc_parse("2026-11-22T03:00:00Z", &f->now.utc));
    f->now.mono.ms = 5000000;
    f->view = view_create(&f->plan);
    heard.at = f->now.utc;
    heard.device_health.state = DEVICE_ONLINE;
    strcpy(heard.device_health.reason, "answers");
    view_apply(f->view, &heard, ++f->seq);
    fixture_put(f, 0, BAY_FREE);
    fixture_put(f, 1, BAY_OCCUPIED);
    fixture_put(f, 3, BAY_FREE);
    strcpy(f->directory, "/tmp/parkd-serve-XXXXXX");
    assert_non_null(mkdtemp(f->directory));
    snprintf(f->control, sizeof f->control, "%s/control.sock", f->directory);
    f->loop = loop_create(&err);
    assert_non_null(f->loop);
    return f;
}

static inline void fixture_serve_to(struct fixture *f, const char *token,
                                    const struct role_groups *groups)
{
    const struct serve_settings settings = {
        .listen = "127.0.0.1:0", .control = f->control, .token = token, .groups = *groups};
    const struct serve_source source = fixture_source(f);
    struct err err = {.text = ""};

    f->serve = serve_create(&settings, f->loop, &source, &err);
    assert_string_equal(err.text, "");
    assert_non_null(f->serve);
    f->port = serve_port(f->serve);
}

static inline void fixture_serve(struct fixture *f, const char *token)
{
    fixture_serve_to(f, token, &(struct role_groups){{NULL}});
}

static inline void fixture_destroy(struct fixture *f)
{
    serve_destroy(f->serve);
    view_destroy(f->view);
    loop_destroy(f->loop);
    assert_int_equal(rmdir(f->directory), 0);
    free(f);
}

static inline void fixture_client(struct port *port, void *arg)
{
    struct fixture *f = arg;

    f->script(f);
    port_send(port, "", 1);
}

static inline void fixture_done(void *arg, unsigned events)
{
    (void)events;
    loop_stop(((struct fixture *)arg)->loop, 0);
}

static inline void fixture_late(void *arg)
{
    loop_stop(((struct fixture *)arg)->loop, 1);
}

/* Once a fixture: the loop cannot be run again. */
static inline void run(struct fixture *f, void (*script)(struct fixture *f))
{
    struct err err;
    struct loop_timer *late = loop_timer(f->loop, fixture_late, f);

    f->script = script;
    f->client = worker_create("client", fixture_client, f, &err);
    assert_non_null(f->client);
    struct loop_watch *watch =
        loop_watch(f->loop, worker_fd(f->client), LOOP_READ, fixture_done, f, &err);
    loop_timer_after(late, 3 * WAIT_S * 1000);
    assert_int_equal(loop_run(f->loop, &err), 0);
    loop_unwatch(watch);
    loop_timer_destroy(late);
    worker_destroy(f->client);
}

/* The client's thread: nothing below may fail a test by itself. */

static inline int dial(const struct fixture *f, bool control)
{
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    struct sockaddr_in tcp = {.sin_family = AF_INET,
                              .sin_port = htons(f->port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const struct timeval wait = {.tv_sec = WAIT_S};
    int fd = socket(control ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    strcpy(local.sun_path, f->control);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    if (connect(fd, control ? (struct sockaddr *)&local : (struct sockaddr *)&tcp,
                control ? sizeof local : sizeof tcp) < 0)
        perror("connect");
    return fd;
}

static inline void tell(int fd, const char *text)
{
    if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
        perror("send");
}

/* Reads into the next answer until `until` has come or the connection ends; returns the answer. */
static inline const char *hear(struct fixture *f, int fd, const char *until)
{
    char *answer = f->answers[f->answers_count++];
    size_t used = 0;
    ssize_t got = 1;

    answer[0] = '\0';
    while (got > 0 && used < ANSWER_SIZE - 1 && !(until && strstr(answer, until))) {
        got = recv(fd, answer + used, ANSWER_SIZE - 1 - used, 0);
        used += got > 0 ? (size_t)got : 0;
        answer[used] = '\0';
    }
    return answer;
}

/* One request on a connection of its own. `lines` are further header lines, each with \r\n. */
static inline void ask(struct fixture *f, bool control, const char *what, const char *lines,
                       const char *body)
{
    char head[1024];
    int fd = dial(f, control);

    snprintf(head, sizeof head, "%s HTTP/1.1\r\nConnection: close\r\n%s%s", what,
             strstr(lines, "Host:") ? "" : "Host: 127.0.0.1\r\n", lines);
    tell(fd, head);
    if (body) {
        snprintf(head, sizeof head, "Content-Length: %zu\r\n", strlen(body));
        tell(fd, head);
    }
    tell(fd, "\r\n");
    if (body)
        tell(fd, body);
    hear(f, fd, NULL);
    close(fd);
}

static inline void get(struct fixture *f, const char *path)
{
    char what[256];

    snprintf(what, sizeof what, "GET %s", path);
    ask(f, false, what, "", NULL);
}

static inline void post(struct fixture *f, const char *path, const char *body)
{
    char what[256];

    snprintf(what, sizeof what, "POST %s", path);
    ask(f, true, what, "Content-Type: application/json\r\n", body);
}

/* Looking at answers, after run(). */

static inline int status_of(const struct fixture *f, uint32_t n)
{
    int status = 0;

    assert_true(n < f->answers_count);
    sscanf(f->answers[n], "HTTP/1.1 %d", &status);
    return status;
}

static inline const char *body_of(const struct fixture *f, uint32_t n)
{
    const char *end = strstr(f->answers[n], "\r\n\r\n");

    assert_non_null(end);
    return end + 4;
}

#endif
