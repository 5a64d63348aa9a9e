/* Pictures towards a city's platform: after their record, behind every record, given up when it
 * must be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/uplink/dispatch.h"

enum { BODY = 4096, SECOND = 1000 };

static const int64_t noon_ms = 1795348800000;

/* ---- a platform whose every request is one word, whose answer is a code ---- */

static uint32_t one_step(const struct adapter_context *context, const struct city_item *item)
{
    (void)context;
    return item->record->kind == RECORD_STAY_OPENED || item->record->kind == RECORD_STAY_CLOSED;
}

static bool say_record(const struct adapter_context *context, const struct city_item *item,
                       uint32_t step, struct adapter_request *ret, struct err *err)
{
    (void)context;
    (void)item;
    (void)step;
    (void)err;
    ret->method = "POST";
    text_add(&ret->body, "record");
    return true;
}

static bool say_beat(const struct adapter_context *context, const struct uplink_lot *lot,
                     struct adapter_request *ret, struct err *err)
{
    (void)context;
    (void)lot;
    (void)err;
    ret->method = "POST";
    text_add(&ret->body, "beat");
    return true;
}

static bool say_photo(const struct adapter_context *context, const struct city_photo *photo,
                      struct adapter_request *ret, struct err *err)
{
    (void)context;
    (void)photo;
    (void)ret;
    (void)err;
    return true; /* the carrier's, never asked here */
}

static void read_answer(const struct adapter_reply *reply, struct city_said *ret)
{
    ret->parsed = true;
    ret->code = atoi(reply->body);
}

enum { GOOD, AGAIN, REFUSED, STOP, CLOCK, BROKEN };
static const struct city_code codes[] = {{GOOD, ADAPTER_DELIVERED, "good"},
                                         {AGAIN, ADAPTER_RETRY, "again"},
                                         {REFUSED, ADAPTER_REFUSED, "refused"},
                                         {STOP, ADAPTER_STOP, "stop"},
                                         {CLOCK, ADAPTER_CLOCK, "expired"},
                                         {BROKEN, ADAPTER_FAILED, "broken"},
                                         {0, ADAPTER_RETRY, NULL}};

static const struct city fake_city = {
    .kinds = 1u << RECORD_STAY_OPENED | 1u << RECORD_STAY_CLOSED,
    .heartbeat_ms = 60 * SECOND,
    .codes = codes,
    .steps = one_step,
    .record = say_record,
    .heartbeat = say_beat,
    .photo_max = 1000,
    .photo = say_photo,
    .read = read_answer,
};
static const struct adapter fake = {.name = "fake", .city = &fake_city};

static struct lot_plan lots[] = {{.id = "A", .name = "A"}};
static struct lane_plan lanes[] = {{.id = "in", .lot = 0}};
static const struct site_plan plan = {
    .id = "s", .lots = lots, .lots_count = 1, .lanes = lanes, .lanes_count = 1};
static const struct uplink_lot told_lots[] = {{.lot = 0, .code = "A"}};
static const struct uplink_settings settings = {.name = "city",
                                                .adapter = &fake,
                                                .lots = told_lots,
                                                .lots_count = 1,
                                                .window = DISPATCH_FLIGHTS,
                                                .backoff_max_ms = 10 * SECOND};

struct bench {
    struct dispatch *dispatch;
    struct outbox *outbox;
    struct stale *stale;
    struct record_reader *reader;
    struct adapter_request request;
    struct now now;
    uint64_t seq;
    int taken, settled;
    char last_taken[IDENT_SIZE], last_settled[40], trouble[200];
};

static void on_counts(void *arg, uint32_t lot, struct city_counts *ret)
{
    (void)arg;
    (void)lot;
    *ret = (struct city_counts){.capacity = 1, .free = 1};
}

static void on_say(void *arg, enum dispatch_lane lane, const char *trouble)
{
    struct bench *b = arg;

    if (lane == LANE_OF_PHOTOS)
        text_copy(b->trouble, sizeof b->trouble, trouble);
}

static void on_record(void *arg, const struct record *record)
{
    (void)arg;
    (void)record;
}

static void on_taken(void *arg, const struct record *record)
{
    struct bench *b = arg;

    b->taken++;
    text_copy(b->last_taken, sizeof b->last_taken,
              record->kind == RECORD_STAY_OPENED ? record->stay_opened.stay
                                                 : record->stay_closed.stay);
}

static void on_settled(void *arg, const char *photo)
{
    struct bench *b = arg;

    b->settled++;
    text_copy(b->last_settled, sizeof b->last_settled, photo);
}

static int set_up(void **state)
{
    struct bench *b = memory_new(1, sizeof *b);
    struct outbox_progress fresh = {.since = 1, .kinds = fake_city.kinds};
    struct outbox_rules rules = {.kinds = fake_city.kinds,
                                 .rows = 64,
                                 .marks = 64,
                                 .ahead = true,
                                 .retry_ms = 1000,
                                 .retry_max_ms = 60000,
                                 .subject = outbox_subject};

    b->now = (struct now){{1000}, {noon_ms}};
    b->outbox = outbox_create(&rules, &fresh);
    b->stale = stale_create(&plan, 3600 * SECOND);
    b->reader = record_read_create(&plan);
    text_init(&b->request.target, memory_new(BODY, 1), BODY);
    text_init(&b->request.headers, memory_new(BODY, 1), BODY);
    text_init(&b->request.body, memory_new(BODY, 1), BODY);
    struct dispatch_setup setup = {.settings = &settings,
                                   .plan = &plan,
                                   .reader = b->reader,
                                   .outbox = b->outbox,
                                   .stale = b->stale,
                                   .hooks = {.arg = b,
                                             .counts = on_counts,
                                             .say = on_say,
                                             .record = on_record,
                                             .taken = on_taken,
                                             .settled = on_settled}};
    b->dispatch = dispatch_create(&setup, b->now);
    *state = b;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *b = *state;

    dispatch_destroy(b->dispatch);
    outbox_destroy(b->outbox);
    stale_destroy(b->stale);
    record_read_destroy(b->reader);
    free(b->request.target.bytes);
    free(b->request.headers.bytes);
    free(b->request.body.bytes);
    free(b);
    return 0;
}

static void pass(struct bench *b, int64_t ms)
{
    b->now.mono.ms += ms;
    b->now.utc.ms += ms;
}

/* A stay came; its record is durable. */
static void arrive(struct bench *b, const char *stay)
{
    struct record record = {.kind = RECORD_STAY_OPENED, .at = b->now.utc};
    char bytes[RECORD_BODY_MAX];
    struct text body;

    record.stay_opened.bay = PLAN_NONE;
    text_copy(record.stay_opened.stay, sizeof record.stay_opened.stay, stay);
    text_copy(record.stay_opened.plate, sizeof record.stay_opened.plate, "京A12345");
    text_init(&body, bytes, sizeof bytes);
    record_encode(&record, &plan, &body);
    struct store_row row = {.seq = ++b->seq,
                            .at = record.at,
                            .kind = record.kind,
                            .body = body.bytes,
                            .body_size = body.used};
    outbox_fresh(b->outbox, &row, 1);
}

static void reply(struct bench *b, uint32_t slot, int status, int code, int64_t retry_after_ms)
{
    char body[16];

    snprintf(body, sizeof body, "%d", code);
    dispatch_answer(
        b->dispatch, slot,
        &(struct adapter_reply){
            .status = status, .retry_after_ms = retry_after_ms, .body = body, .size = strlen(body)},
        "no answer came", b->now);
}

static bool fill(struct bench *b, uint32_t slot)
{
    text_init(&b->request.body, b->request.body.bytes, b->request.body.size);
    return dispatch_fill(b->dispatch, slot, b->now, &b->request);
}

static void send_record(struct bench *b, int code)
{
    assert_true(fill(b, DISPATCH_RECORDS));
    reply(b, DISPATCH_RECORDS, 200, code, -1);
}

static void beat(struct bench *b, int code)
{
    if (fill(b, DISPATCH_BEAT))
        reply(b, DISPATCH_BEAT, 200, code, -1);
}

/* The carrier found this picture, and the platform answers. */
static void send_photo(struct bench *b, const char *id, int code)
{
    assert_true(dispatch_photo_may(b->dispatch, b->now));
    dispatch_photo_sent(b->dispatch, id, b->now);
    assert_false(dispatch_photo_may(b->dispatch, b->now));
    reply(b, DISPATCH_PHOTO, 200, code, -1);
}

static struct dispatch_status status_of(const struct bench *b)
{
    struct dispatch_status status;

    dispatch_status(b->dispatch, &status);
    return status;
}

/* ---- */

static void a_picture_may_go_once_its_record_was_taken(void **state)
{
    struct bench *b = *state;

    arrive(b, "STAY1");
    assert_false(dispatch_photo_may(b->dispatch, b->now));
    assert_int_equal(b->taken, 0);
    send_record(b, GOOD);
    assert_int_equal(b->taken, 1);
    assert_string_equal(b->last_taken, "STAY1");
    send_photo(b, "p1", GOOD);
    assert_string_equal(b->last_settled, "p1");
    assert_int_equal(status_of(b).photos_sent, 1);
    assert_false(fill(b, DISPATCH_PHOTO)); /* the carrier makes it */
}

static void a_record_that_was_not_taken_brings_no_picture(void **state)
{
    struct bench *b = *state;

    arrive(b, "STAY1");
    send_record(b, REFUSED);
    assert_int_equal(b->taken, 0);
}

static void records_go_before_every_picture(void **state)
{
    struct bench *b = *state;

    arrive(b, "STAY1");
    send_record(b, GOOD);
    arrive(b, "STAY2");
    assert_false(dispatch_photo_may(b->dispatch, b->now));
    assert_true(fill(b, DISPATCH_RECORDS));
    assert_true(dispatch_photo_may(b->dispatch, b->now)); /* it is on its way; none waits */
    reply(b, DISPATCH_RECORDS, 0, 0, -1);
    assert_false(dispatch_photo_may(b->dispatch, b->now)); /* it waits to go again */
}

static void when_none_is_owed_nobody_asks_until_the_next_stay(void **state)
{
    struct bench *b = *state;

    assert_true(
        dispatch_photo_may(b->dispatch, b->now)); /* what a run before was not through with */
    dispatch_photo_none(b->dispatch);
    assert_false(dispatch_photo_may(b->dispatch, b->now));
    arrive(b, "STAY1");
    send_record(b, GOOD);
    assert_true(dispatch_photo_may(b->dispatch, b->now));
}

static void one_that_is_refused_is_counted_said_and_owed_no_more(void **state)
{
    struct bench *b = *state;

    send_photo(b, "p1", REFUSED);
    assert_int_equal(b->settled, 1);
    assert_int_equal(status_of(b).photos_refused, 1);
    assert_true(*b->trouble);
    dispatch_photo_refused(b->dispatch, "p2", "a picture of 9 bytes; the platform takes 5");
    assert_string_equal(b->last_settled, "p2");
    assert_non_null(strstr(b->trouble, "takes 5"));
    send_photo(b, "p3", GOOD);
    assert_false(*b->trouble);
}

static void what_fails_goes_again_after_a_while(void **state)
{
    struct bench *b = *state;

    send_photo(b, "p1", AGAIN);
    assert_int_equal(b->settled, 0);
    assert_false(dispatch_photo_may(b->dispatch, b->now));
    pass(b, 20 * SECOND);
    send_photo(b, "p1", GOOD);
    assert_int_equal(b->settled, 1);
}

static void a_dead_platform_costs_no_picture(void **state)
{
    struct bench *b = *state;

    beat(b, GOOD);
    for (int i = 0; i < 50; i++) {
        pass(b, 70 * SECOND);
        assert_true(dispatch_photo_may(b->dispatch, b->now));
        dispatch_photo_sent(b->dispatch, "p1", b->now);
        reply(b, DISPATCH_PHOTO, 0, 0, -1);
    }
    for (int i = 0; i < 50; i++) { /* answers, but with nothing good */
        pass(b, 70 * SECOND);
        send_photo(b, "p1", BROKEN);
        beat(b, BROKEN);
    }
    assert_int_equal(b->settled, 0);
    assert_int_equal(status_of(b).photos_refused, 0);
}

static void one_that_the_platform_breaks_on_while_it_is_well_is_given_up(void **state)
{
    struct bench *b = *state;
    int tries = 0;

    while (!b->settled && tries < 50) {
        pass(b, 70 * SECOND);
        beat(b, GOOD);
        send_photo(b, "p1", BROKEN);
        tries++;
    }
    assert_in_range(tries, 8, 9);
    assert_string_equal(b->last_settled, "p1");
    assert_int_equal(status_of(b).photos_refused, 1);
    pass(b, 70 * SECOND);
    send_photo(b, "p2", BROKEN); /* its count is its own */
    assert_int_equal(b->settled, 1);
}

static void a_platform_that_names_a_time_is_waited_for(void **state)
{
    struct bench *b = *state;

    for (int i = 0; i < 20; i++) {
        pass(b, 70 * SECOND);
        beat(b, GOOD);
        assert_true(dispatch_photo_may(b->dispatch, b->now));
        dispatch_photo_sent(b->dispatch, "p1", b->now);
        reply(b, DISPATCH_PHOTO, 200, AGAIN, 5 * SECOND);
        pass(b, 4 * SECOND);
        assert_false(dispatch_photo_may(b->dispatch, b->now));
    }
    assert_int_equal(b->settled, 0);
}

static void pictures_that_stop_do_not_stop_records(void **state)
{
    struct bench *b = *state;

    send_photo(b, "p1", STOP);
    assert_false(dispatch_photo_may(b->dispatch, b->now));
    assert_true(*b->trouble);
    arrive(b, "STAY1");
    send_record(b, GOOD);
    pass(b, 11 * SECOND);
    assert_true(dispatch_photo_may(b->dispatch, b->now));
    assert_int_equal(b->settled, 0);
}

static void an_expired_one_asks_for_the_time_first(void **state)
{
    struct bench *b = *state;

    beat(b, GOOD);
    send_photo(b, "p1", CLOCK);
    pass(b, 20 * SECOND);
    assert_false(dispatch_photo_may(b->dispatch, b->now));
    beat(b, GOOD);
    assert_true(dispatch_photo_may(b->dispatch, b->now));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_picture_may_go_once_its_record_was_taken),
        TEST(a_record_that_was_not_taken_brings_no_picture),
        TEST(records_go_before_every_picture),
        TEST(when_none_is_owed_nobody_asks_until_the_next_stay),
        TEST(one_that_is_refused_is_counted_said_and_owed_no_more),
        TEST(what_fails_goes_again_after_a_while),
        TEST(a_dead_platform_costs_no_picture),
        TEST(one_that_the_platform_breaks_on_while_it_is_well_is_given_up),
        TEST(a_platform_that_names_a_time_is_waited_for),
        TEST(pictures_that_stop_do_not_stop_records),
        TEST(an_expired_one_asks_for_the_time_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
