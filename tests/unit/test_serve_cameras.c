/* Cameras, their pictures and what sensors counted, as the API and /metrics tell of them: each with
 * what it has, none with what it has not. */
#include "tests/unit/serve_fixture.h"

static const struct serve_camera cameras[] = {
    {.id = "front",
     .lane = "in",
     .family = "vzenith",
     .online = true,
     .heard = {1000},
     .messages = 9,
     .reads = 5,
     .lag_known = true,
     .lag_ms = 1500,
     .photos_kept = 4,
     .list = SERVE_LIST_IN_STEP,
     .list_held = 120},
    {.id = "rear",
     .lane = "out",
     .family = "hikvision",
     .refused = 3,
     .list = SERVE_LIST_BEHIND,
     .list_held = 118,
     .list_due = 2,
     .trouble = "camera_silent",
     .advice = "look at its power"},
    {.id = "bare", .lane = "out", .family = "frigate", .online = true},
};
static const struct uplink_settings uplinks[] = {{.name = "city"}, {.name = "town"}};

static void show_camera(void *arg, uint32_t camera, struct serve_camera *ret)
{
    (void)arg;
    *ret = cameras[camera];
}

static bool some_photos(void *arg, struct photos_worker_figures *ret)
{
    (void)arg;
    *ret = (struct photos_worker_figures){
        .photos = {.count = 7, .bytes = 4096, .aged = 1, .owed = {2, 9}, .missing = {3, 9}},
        .trouble = "the disk is full"};
    return true;
}

static bool no_photos(void *arg, struct photos_worker_figures *ret)
{
    (void)arg;
    (void)ret;
    return false;
}

/* The first takes pictures and knows the platform's clock. */
static void show_uplink(void *arg, uint32_t uplink, struct uplink_status *ret)
{
    (void)arg;
    *ret = (struct uplink_status){.connected = true};
    if (uplink == 0)
        *ret = (struct uplink_status){.photos = true,
                                      .photos_sent = 11,
                                      .photos_refused = 1,
                                      .clock_known = true,
                                      .clock_ahead_ms = -7,
                                      .last_heartbeat = {2000}};
}

/* More is inside of A than it holds; more went out of B than came in. */
static bool show_counted(void *arg, uint32_t lot, struct serve_counted *ret)
{
    (void)arg;
    *ret =
        lot ? (struct serve_counted){.in = 2, .out = 5} : (struct serve_counted){.in = 9, .out = 4};
    return true;
}

static void look(struct fixture *f)
{
    get(f, "/metrics");
    get(f, "/api/v1/cameras");
    get(f, "/api/v1/uplinks");
    get(f, "/api/v1/lots");
}

static struct fixture *looked_at(bool (*photos)(void *arg, struct photos_worker_figures *ret))
{
    struct fixture *f = fixture_create();
    const struct serve_settings settings = {.listen = "127.0.0.1:0", .control = f->control};
    struct serve_source source = fixture_source(f);
    struct err err = {.text = ""};

    source.camera = show_camera;
    source.cameras_count = sizeof cameras / sizeof *cameras;
    source.photos = photos;
    source.uplinks = uplinks;
    source.uplinks_count = 2;
    source.uplink = show_uplink;
    source.counted = show_counted;
    f->serve = serve_create(&settings, f->loop, &source, &err);
    assert_non_null(f->serve);
    f->port = serve_port(f->serve);
    run(f, look);
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(status_of(f, i), 200);
    return f;
}

#define TOLD(n, text) assert_non_null(strstr(body_of(f, n), text))
#define NOT_TOLD(n, text) assert_null(strstr(body_of(f, n), text))

static void metrics_have_a_line_a_camera_and_only_what_it_has(void **state)
{
    struct fixture *f = looked_at(some_photos);

    (void)state;
    TOLD(0, "parkd_camera_online{camera=\"front\",lane=\"in\"} 1\n");
    TOLD(0, "parkd_camera_online{camera=\"rear\",lane=\"out\"} 0\n");
    TOLD(0, "parkd_camera_reads_total{camera=\"front\",lane=\"in\"} 5\n");
    TOLD(0, "parkd_camera_refused_total{camera=\"rear\",lane=\"out\"} 3\n");
    TOLD(0, "parkd_camera_lag_seconds{camera=\"front\",lane=\"in\"} 1.500\n");
    NOT_TOLD(0, "parkd_camera_lag_seconds{camera=\"rear\"");
    TOLD(0, "parkd_camera_list_due{camera=\"rear\",lane=\"out\"} 2\n");
    NOT_TOLD(0, "parkd_camera_list_due{camera=\"bare\"");
    TOLD(0, "parkd_camera_trouble{camera=\"rear\",lane=\"out\",kind=\"camera_silent\"} 1\n");
    NOT_TOLD(0, "parkd_camera_trouble{camera=\"front\"");
    fixture_destroy(f);
}

static void metrics_tell_pictures_of_the_uplinks_that_take_them(void **state)
{
    struct fixture *f = looked_at(some_photos);

    (void)state;
    TOLD(0, "parkd_photos 7\n");
    TOLD(0, "parkd_photos_bytes 4096\n");
    TOLD(0, "parkd_uplink_photos_sent_total{uplink=\"city\"} 11\n");
    TOLD(0, "parkd_uplink_photos_owed{uplink=\"city\"} 2\n");
    TOLD(0, "parkd_uplink_photos_missing_total{uplink=\"city\"} 3\n");
    NOT_TOLD(0, "parkd_uplink_photos_sent_total{uplink=\"town\"}");
    NOT_TOLD(0, "parkd_uplink_photos_owed{uplink=\"town\"}");
    fixture_destroy(f);
}

static void where_no_pictures_are_kept_nothing_is_told_of_them(void **state)
{
    struct fixture *f = looked_at(no_photos);

    (void)state;
    NOT_TOLD(0, "\nparkd_photos ");
    NOT_TOLD(0, "parkd_uplink_photos_owed{");
    NOT_TOLD(1, "\"photos\":");
    NOT_TOLD(2, "photos_owed");
    fixture_destroy(f);
}

static void the_api_tells_lists_troubles_pictures_and_the_platforms_clock(void **state)
{
    struct fixture *f = looked_at(some_photos);

    (void)state;
    TOLD(1, "\"camera\":\"front\"");
    TOLD(1,
         "\"list\":\"in_step\",\"list_held\":120,\"list_due\":0,\"trouble\":null,\"advice\":null");
    TOLD(1, "\"list\":\"behind\",\"list_held\":118,\"list_due\":2,\"trouble\":\"camera_silent\","
            "\"advice\":\"look at its power\"");
    TOLD(1, "\"lag_ms\":1500");
    TOLD(1, "\"photos\":{\"count\":7,\"bytes\":4096");
    TOLD(1, "\"trouble\":\"the disk is full\"");
    TOLD(2, "\"clock_ahead_ms\":-7");
    TOLD(2, "\"photos_sent\":11,\"photos_refused\":1,\"photos_owed\":2,\"photos_missing\":3");
    TOLD(3, "\"counted\":{\"in\":9,\"out\":4,\"inside\":3}");
    TOLD(3, "\"counted\":{\"in\":2,\"out\":5,\"inside\":0");
    fixture_destroy(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metrics_have_a_line_a_camera_and_only_what_it_has),
        cmocka_unit_test(metrics_tell_pictures_of_the_uplinks_that_take_them),
        cmocka_unit_test(where_no_pictures_are_kept_nothing_is_told_of_them),
        cmocka_unit_test(the_api_tells_lists_troubles_pictures_and_the_platforms_clock),
    };

    return cmocka_run_group_tests_name("serve_cameras", tests, NULL, NULL);
}
