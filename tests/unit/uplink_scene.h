/*
 * A scene for an uplink under test: a site, a journal in memory behind the uplink's source, and
 * steps that run on the loop. Each step acts once and then waits, bounded, for its condition.
 */
/* long: shared by test_mqtt.c and test_http.c, each one program of one source */
#ifndef TESTS_UPLINK_SCENE_H
#define TESTS_UPLINK_SCENE_H

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/loop.h"
#include "daemon/base/memory.h"
#include "daemon/uplink/adapter.h"

enum { SCENE_RECORDS = 60000, SCENE_BAYS = 8, STEP_MS = 5 };

struct scene;

struct step {
    void (*act)(struct scene *scene);         /* may be NULL */
    bool (*until)(const struct scene *scene); /* NULL: at once */
    int64_t limit_ms;                         /* 0: 10 s */
};

struct scene {
    struct loop *loop;
    struct uplink_settings settings;
    struct uplink *uplink;
    struct uplink_status status;
    struct store_row *rows; /* by seq, from 1 */
    char (*bodies)[128];
    uint64_t head, reads, read_from;
    uint32_t read_limit;
    struct outbox_progress kept;
    struct outbox_mark marks[64]; /* as last told */
    size_t marks_count;
    const struct step *steps;
    struct loop_timer *timer, *reader;
    mono_ms step_began, last_tick;
    int64_t worst_lag_ms;
    struct loop_turn *turn;
    uint64_t turns;
    const char *failed; /* why the scene ended early */
    char directory[64];
    pid_t child;
    uint16_t port;
    void *more; /* the test's own */
};

static struct lot_plan scene_lots[] = {{.id = "A", .name = "Lot A"}};
static struct zone_plan scene_zones[] = {{.id = "A1", .name = "Zone 1", .lot = 0}};
static struct bay_plan scene_bays[SCENE_BAYS] = {
    {.id = "A-001"}, {.id = "A-002"}, {.id = "A-003"}, {.id = "A-004"},
    {.id = "A-005"}, {.id = "A-006"}, {.id = "A-007"}, {.id = "A-008"},
};
static const struct site_plan scene_plan = {.id = "s1",
                                            .name = "Site",
                                            .zone = "UTC",
                                            .lots = scene_lots,
                                            .zones = scene_zones,
                                            .bays = scene_bays,
                                            .lots_count = 1,
                                            .zones_count = 1,
                                            .bays_count = SCENE_BAYS};

static void scene_answer_read(void *arg)
{
    struct scene *scene = arg;
    uint64_t left = scene->head >= scene->read_from ? scene->head - scene->read_from + 1 : 0;
    uint64_t count = left < scene->read_limit ? left : scene->read_limit;

    uplink_page(scene->uplink, &scene->rows[scene->read_from], count, count < scene->read_limit);
}

static void scene_read(void *arg, uint32_t index, uint64_t from, uint32_t limit)
{
    struct scene *scene = arg;

    (void)index;
    scene->reads++;
    scene->read_from = from;
    scene->read_limit = limit;
    loop_timer_after(scene->reader, 0);
}

static void scene_progress(void *arg, const struct outbox_progress *progress)
{
    struct scene *scene = arg;

    scene->kept = *progress;
    for (size_t i = 0; i < progress->marks_count && scene->marks_count < 64; i++)
        scene->marks[scene->marks_count++] = progress->marks[i];
    scene->kept.marks = NULL;
    scene->kept.marks_count = 0;
}

static void scene_lot(void *arg, uint32_t lot, struct text *out)
{
    (void)arg;
    char at[UTC_TEXT_SIZE];
    text_add(out,
             "{\"lot\":\"%s\",\"as_of\":\"%s\",\"capacity\":8,\"free\":3,\"occupied\":5,"
             "\"unknown\":0,\"out_of_service\":0,\"quality\":\"good\",\"zones\":[]}",
             scene_plan.lots[lot].id, utc_text(clock_utc(), at));
}

static void scene_bay(void *arg, uint32_t bay, struct text *out)
{
    (void)arg;
    text_add(out, "{\"bay\":\"%s\",\"state\":\"free\"}", scene_plan.bays[bay].id);
}

static void scene_end(struct scene *scene, const char *failed)
{
    scene->failed = failed;
    loop_stop(scene->loop, 0);
}

static void scene_begin_step(struct scene *scene)
{
    scene->step_began = clock_mono();
    if (scene->steps->act)
        scene->steps->act(scene);
}

static void scene_tick(void *arg)
{
    struct scene *scene = arg;
    const struct step *step = scene->steps;
    mono_ms now = clock_mono();
    int64_t lag_ms = now.ms - scene->last_tick.ms - STEP_MS;

    if (lag_ms > scene->worst_lag_ms)
        scene->worst_lag_ms = lag_ms;
    scene->last_tick = now;
    if (scene->uplink)
        uplink_status(scene->uplink, &scene->status);
    loop_timer_after(scene->timer, STEP_MS);
    if (!step->act && !step->until) {
        scene_end(scene, NULL);
    } else if (!step->until || step->until(scene)) {
        scene->steps++;
        scene_begin_step(scene);
    } else if (now.ms - scene->step_began.ms > (step->limit_ms ? step->limit_ms : 10000)) {
        fprintf(stderr, "trouble: %s\n", scene->status.trouble);
        scene_end(scene, "a step took too long");
    }
}

static void scene_count_turn(void *arg)
{
    struct scene *scene = arg;

    scene->turns++;
}

static struct scene *scene_new(void)
{
    struct scene *scene = memory_new(1, sizeof *scene);

    scene->rows = memory_new(SCENE_RECORDS + 1, sizeof *scene->rows);
    scene->bodies = memory_new(SCENE_RECORDS + 1, sizeof *scene->bodies);
    for (uint64_t seq = 1; seq <= SCENE_RECORDS; seq++) {
        struct store_row *row = &scene->rows[seq];
        int size = snprintf(scene->bodies[seq], sizeof scene->bodies[seq],
                            "{\"type\":\"bay_changed\",\"at\":\"2026-11-22T03:02:06.123Z\","
                            "\"bay\":\"A-%llu\",\"from\":\"free\",\"to\":\"occupied\"}",
                            (unsigned long long)(seq % 997));
        *row = (struct store_row){.seq = seq,
                                  .at = clock_utc(),
                                  .kind = RECORD_BAY_CHANGED,
                                  .body = scene->bodies[seq],
                                  .body_size = (size_t)size};
        snprintf(row->id, sizeof row->id, "%032llx", (unsigned long long)seq);
    }
    scene->loop = loop_create(NULL);
    scene->timer = loop_timer(scene->loop, scene_tick, scene);
    scene->reader = loop_timer(scene->loop, scene_answer_read, scene);
    scene->turn = loop_after_turn(scene->loop, scene_count_turn, scene);
    scene->settings = (struct uplink_settings){.name = "city",
                                               .kinds = UINT32_MAX,
                                               .window = 200,
                                               .timeout_ms = 2000,
                                               .backoff_max_ms = 300};
    scene->kept = (struct outbox_progress){.kinds = UINT32_MAX, .since = 1};
    strcpy(scene->directory, "/tmp/parkd-uplink-XXXXXX");
    assert_non_null(mkdtemp(scene->directory));
    signal(SIGPIPE, SIG_IGN);
    return scene;
}

static void scene_start_uplink(struct scene *scene)
{
    struct uplink_source source = {.arg = scene,
                                   .plan = &scene_plan,
                                   .read = scene_read,
                                   .progress = scene_progress,
                                   .lot = scene_lot,
                                   .bay = scene_bay};
    struct outbox_progress restored = scene->kept;
    struct err err;

    restored.marks = scene->marks;
    restored.marks_count = scene->marks_count;
    scene->marks_count = 0;
    scene->uplink = uplink_create(&scene->settings, 0, scene->loop, &source, &restored, &err);
    if (!scene->uplink)
        fail_msg("%s", err.text);
}

static void scene_stop_uplink(struct scene *scene)
{
    uplink_destroy(scene->uplink);
    scene->uplink = NULL;
    loop_timer_stop(scene->reader);
}

static void scene_commit(struct scene *scene, uint64_t count)
{
    uint64_t from = scene->head + 1;

    scene->head += count;
    assert_true(scene->head <= SCENE_RECORDS);
    uplink_fresh(scene->uplink, &scene->rows[from], count);
    for (uint32_t bay = 0; bay < SCENE_BAYS; bay++)
        uplink_bay_changed(scene->uplink, bay);
}

/* Steps end with one that has neither act nor until. */
static void scene_play(struct scene *scene, const struct step *steps)
{
    struct err err;

    scene->steps = steps;
    scene->last_tick = clock_mono();
    loop_timer_after(scene->timer, STEP_MS);
    scene_begin_step(scene);
    assert_int_equal(loop_run(scene->loop, &err), 0);
    if (scene->failed)
        fail_msg("%s (step %d)", scene->failed, (int)(scene->steps - steps));
}

static bool scene_all_delivered(const struct scene *scene)
{
    return scene->status.delivered == scene->head && scene->status.pending == 0;
}

static void scene_free(struct scene *scene)
{
    char command[128];

    uplink_destroy(scene->uplink);
    if (scene->child > 0) {
        kill(scene->child, SIGTERM);
        waitpid(scene->child, NULL, 0);
    }
    loop_after_turn_stop(scene->turn);
    loop_timer_destroy(scene->reader);
    loop_timer_destroy(scene->timer);
    loop_destroy(scene->loop);
    snprintf(command, sizeof command, "rm -rf '%s'", scene->directory);
    if (system(command)) {
        /* a directory left behind in /tmp fails no test */
    }
    free(scene->bodies);
    free(scene->rows);
    free(scene);
}

static inline uint16_t scene_free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    getsockname(fd, (struct sockaddr *)&address, &size);
    close(fd);
    return ntohs(address.sin_port);
}

/* A peer of its own process that takes connections there; within 20 s. */
static inline void scene_wait_listens(uint16_t port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    bool listens = false;

    for (int i = 0; i < 400 && !listens; i++) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        listens = connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
        close(fd);
        if (!listens)
            poll(NULL, 0, 50);
    }
    assert_true(listens);
}

#endif
