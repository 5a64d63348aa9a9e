/*
 * What the gateway holds while the disk takes nothing: orders to lanes, answers to platforms, and
 * pictures. At the bound whoever asks hears so at once, and what waits is as it was.
 */
#include "daemon/base/memory.h"
#include "daemon/gateway_cameras.h"
#include "daemon/gateway_lanes.h"
#include "daemon/gateway_photos.h"
#include "tests/unit/store_world.h"
#include "tests/unit/yard_bench.h"

enum {
    LANE_ORDERS = 256,
    PLATFORM_ORDERS = 256,
    PICTURES = 32,
    PICTURES_BYTES = 16 << 20,
    HOLD_MS = 3600 * 1000
};

struct scene {
    struct bench b; /* its lot and lanes; the yard is the gateway's */
    struct world *world;
    struct uplink_settings uplink;
    struct config config;
    struct gateway g;
    char newest[IDENT_SIZE]; /* of the commands in the journal, */
    uint32_t newest_ended;   /* and its outcomes */
    uint32_t said_count;
    struct platform_said said;
};

static void on_committed(void *arg, const struct store_row *rows, const struct record *records,
                         size_t rows_count)
{
    struct scene *s = arg;

    for (size_t i = 0; i < rows_count; i++) {
        if (rows[i].kind == RECORD_COMMAND) {
            text_copy(s->newest, sizeof s->newest, records[i].command.command);
            s->newest_ended = 0;
        }
        if (rows[i].kind == RECORD_OUTCOME && !strcmp(records[i].outcome.command, s->newest))
            s->newest_ended++;
        s->g.durable++;
    }
    if (s->g.durable == s->g.added)
        loop_stop(s->g.loop, 0);
}

static void begin_scene(struct scene *s)
{
    struct err err;
    const struct store_hooks hooks = {.arg = s, .committed = on_committed};

    memset(s, 0, sizeof *s);
    start(&s->b);
    stop(&s->b);
    s->world = world_create(1);
    s->uplink = (struct uplink_settings){.name = "city", .orders_per_min = 600};
    s->config = (struct config){.plan = s->b.site.plan,
                                .uplinks = &s->uplink,
                                .uplinks_count = 1,
                                .store = {.path = s->world->path, .batch_records = 1000}};
    s->g = (struct gateway){.config = &s->config, .now = s->b.now, .now_known = true};
    s->g.loop = loop_create(&err);
    s->g.store = store_worker_create(world_open(s->world, STORE_WRITE), &s->config.store, s->g.loop,
                                     &hooks, &err);
    gateway_lanes_create(&s->g);
    gateway_platform_create(&s->g);
    yard_started(s->g.yard, s->b.now);
    for (uint32_t lane = 0; lane < SMALL_LANES; lane++)
        yard_sense(s->g.yard, lane, &s->b.booms[lane], s->b.now);
}

static void end_scene(struct scene *s)
{
    gateway_platform_destroy(&s->g);
    gateway_lanes_destroy(&s->g);
    store_worker_destroy(s->g.store);
    loop_destroy(s->g.loop);
    world_destroy(s->world);
}

/* The disk takes all that was made so far; only its hook is told, the lanes are not. */
static void runs_until_durable(struct scene *s)
{
    struct err err;

    if (s->g.durable < s->g.added && loop_run(s->g.loop, &err))
        fail_msg("%s", err.text);
}

/* Each holds the lane or lets it go, and orders that of its barrier. */
static void acts(struct scene *s, uint32_t lane, uint32_t times)
{
    for (uint32_t n = 0; n < times; n++) {
        struct lane_act act = {.operation = n % 2 ? LANE_DO_RELEASE : LANE_DO_HOLD,
                               .cause = CAUSE_OPERATOR,
                               .actor = "li",
                               .reason = "a test",
                               .until = {s->g.now.utc.ms + HOLD_MS}};
        const char *why = NULL;

        if (!yard_act(s->g.yard, lane, &act, s->g.now, &why))
            fail_msg("act %u: %s", n, why);
    }
}

/* Whether the last command has an outcome, though nothing was sent yet. */
static bool newest_is_over(struct scene *s)
{
    runs_until_durable(s);
    assert_true(*s->newest);
    assert_true(s->newest_ended <= 1);
    return s->newest_ended;
}

static void an_order_to_a_lane_beyond_those_that_may_wait_is_not_sent_and_it_hears_so(void **state)
{
    static struct scene s;

    (void)state;
    begin_scene(&s);
    acts(&s, A_OUT, 11);
    assert_false(newest_is_over(&s));
    acts(&s, A_OUT, LANE_ORDERS + 1);
    assert_true(newest_is_over(&s));
    gateway_lanes_durable(&s.g); /* the list is worked off */
    acts(&s, A_IN, 1);
    assert_false(newest_is_over(&s));
    end_scene(&s);
}

static void on_said(void *arg, const struct platform_said *said)
{
    struct scene *s = arg;

    s->said = *said;
    s->said_count++;
}

/* Each is recorded and changes nothing. */
static void orders(struct scene *s, uint32_t from, uint32_t to)
{
    for (uint32_t n = from; n < to; n++) {
        struct city_order order = {.act = PLATFORM_TARIFF, .actor = "li", .note = "a test"};

        snprintf(order.id, sizeof order.id, "order-%u", n);
        gateway_platform(&s->g, "city", &order, on_said, s);
    }
}

static void a_platforms_order_beyond_those_that_wait_for_the_disk_is_to_come_again(void **state)
{
    static struct scene s;

    (void)state;
    begin_scene(&s);
    orders(&s, 0, PLATFORM_ORDERS);
    assert_int_equal(s.said_count, 0);
    const uint64_t added = s.g.added;
    orders(&s, PLATFORM_ORDERS, PLATFORM_ORDERS + 1);
    assert_int_equal(s.said_count, 1);
    assert_true(s.said.later);
    assert_non_null(strstr(s.said.why, "ask again with the same id"));
    assert_true(s.g.added == added); /* nothing was judged */
    runs_until_durable(&s);
    gateway_platform_durable(&s.g);
    assert_int_equal(s.said_count, 1 + PLATFORM_ORDERS);
    assert_false(s.said.later);
    orders(&s, PLATFORM_ORDERS, PLATFORM_ORDERS + 1);
    runs_until_durable(&s);
    gateway_platform_durable(&s.g);
    assert_int_equal(s.said_count, 2 + PLATFORM_ORDERS);
    assert_false(s.said.later || s.said.again);
    end_scene(&s);
}

/* Pictures of one camera come, and their reads do not become durable. */
static void offers(struct scene *s, uint32_t times, size_t size)
{
    char *jpeg = memory_new(1, size);

    memcpy(jpeg, "\xff\xd8\xff", 3);
    for (uint32_t n = 0; n < times; n++)
        gateway_photos_offer(&s->g, 0, "event", jpeg, size);
    free(jpeg);
}

static void with_pictures(struct scene *s, struct gateway_cameras *cameras,
                          struct camera_live *live)
{
    static char folder[128], key_file[128];
    struct err err;

    begin_scene(s);
    snprintf(folder, sizeof folder, "%s/photos", s->world->folder);
    snprintf(key_file, sizeof key_file, "%s/photos.key", s->world->folder);
    s->config.photos = (struct photos_settings){.folder = folder,
                                                .key_file = key_file,
                                                .keep_ms = HOLD_MS,
                                                .bytes_max = 1 << 30,
                                                .photo_max = PICTURES_BYTES,
                                                .count_max = 1000};
    *cameras = (struct gateway_cameras){.live = live};
    s->g.cameras = cameras;
    assert_true(gateway_photos_start(&s->g, &err));
}

static void without_pictures(struct scene *s)
{
    gateway_photos_stop(&s->g);
    s->g.cameras = NULL;
    rmdir(s->config.photos.folder);
    end_scene(s);
}

static void of_pictures_that_wait_for_their_records_the_oldest_goes(void **state)
{
    static struct scene s;
    struct gateway_cameras cameras;
    struct camera_live live = {0};

    (void)state;
    with_pictures(&s, &cameras, &live);
    offers(&s, PICTURES, 1000);
    assert_int_equal(live.photos_dropped, 0);
    offers(&s, 2, 1000);
    assert_int_equal(live.photos_dropped, 2);
    assert_non_null(strstr(live.photo_why, "faster than the disk"));
    without_pictures(&s);
}

static void of_pictures_that_wait_for_their_records_so_many_bytes_are_held(void **state)
{
    static struct scene s;
    struct gateway_cameras cameras;
    struct camera_live live = {0};

    (void)state;
    with_pictures(&s, &cameras, &live);
    offers(&s, 4, PICTURES_BYTES / 4);
    assert_int_equal(live.photos_dropped, 0);
    offers(&s, 1, 4);
    assert_int_equal(live.photos_dropped, 1);
    without_pictures(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_to_a_lane_beyond_those_that_may_wait_is_not_sent_and_it_hears_so),
        cmocka_unit_test(a_platforms_order_beyond_those_that_wait_for_the_disk_is_to_come_again),
        cmocka_unit_test(of_pictures_that_wait_for_their_records_the_oldest_goes),
        cmocka_unit_test(of_pictures_that_wait_for_their_records_so_many_bytes_are_held),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
