/* long: a platform of its own, and all that waits for it */
/*
 * How long records wait for a platform, what goes first afterwards, and what a day's check waits
 * for: rules 3, 5, 6 and 8 of dispatch.h, 4 of dispatch_day.c, with a platform of the test's own
 * and in virtual time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/base/memory.h"
#include "daemon/uplink/dispatch.h"
#include "tests/unit/small_site.h"

enum { ROWS = 64, MINUTE = 60000, LONG = 600000 };
static const char taken[] = "ok", expired[] = "expired", busy[] = "busy";

/* ---- a platform that says one word ---- */

static uint32_t one_step(const struct adapter_context *context, const struct city_item *item)
{
    (void)context, (void)item;
    return 1;
}

static bool tell(const struct adapter_context *context, const struct city_item *item, uint32_t step,
                 struct adapter_request *ret, struct err *err)
{
    (void)context, (void)step, (void)err;
    text_add(&ret->body, "%llu", (unsigned long long)item->row->seq);
    return true;
}

static bool beat(const struct adapter_context *context, const struct uplink_lot *lot,
                 struct adapter_request *ret, struct err *err)
{
    (void)context, (void)lot, (void)err;
    text_add(&ret->body, "beat");
    return true;
}

static void read_word(const struct adapter_reply *reply, struct city_said *ret)
{
    *ret = (struct city_said){.parsed = true, .code = reply->body[0]};
}

static bool tell_counts(const struct adapter_context *context, const struct uplink_lot *lot,
                        struct adapter_request *ret, struct err *err)
{
    (void)context, (void)lot, (void)err;
    text_add(&ret->body, "counts");
    return true;
}

static const struct city_code codes[] = {{'o', ADAPTER_DELIVERED, "ok"},
                                         {'e', ADAPTER_CLOCK, "expired"},
                                         {'b', ADAPTER_RETRY, "busy"},
                                         {0, ADAPTER_RETRY, NULL}};
static const struct city with_beats = {.kinds = 1u << RECORD_STAY_OPENED,
                                       .heartbeat_ms = MINUTE,
                                       .codes = codes,
                                       .steps = one_step,
                                       .record = tell,
                                       .heartbeat = beat,
                                       .vacancy = tell_counts,
                                       .read = read_word};
static bool ask_day(const struct adapter_context *context, const struct city_day *day,
                    enum city_check what, struct adapter_request *ret, struct err *err)
{
    (void)context, (void)what, (void)err;
    text_add(&ret->body, "%s %u", day->date, day->entries);
    return true;
}

static bool balanced(const struct adapter_reply *reply, enum city_check what,
                     struct city_held *held, struct err *err)
{
    (void)reply, (void)what, (void)err;
    held->entries_differ = held->exits_differ = false;
    return true;
}

static const struct city comparing = {.kinds = 1u << RECORD_STAY_OPENED,
                                      .codes = codes,
                                      .steps = one_step,
                                      .record = tell,
                                      .read = read_word,
                                      .check_to_min = 240,
                                      .check = ask_day,
                                      .checked = balanced};
static const struct city counting = {.kinds = 1u << RECORD_STAY_OPENED,
                                     .codes = codes,
                                     .steps = one_step,
                                     .record = tell,
                                     .counting = true,
                                     .vacancy = tell_counts,
                                     .read = read_word};
static const struct city without_beats = {.kinds = 1u << RECORD_STAY_OPENED,
                                          .codes = codes,
                                          .steps = one_step,
                                          .record = tell,
                                          .read = read_word};

struct bench {
    struct small_site site;
    struct adapter adapter;
    struct uplink_settings settings;
    struct uplink_lot lot;
    struct outbox *outbox;
    struct stale *stale;
    struct record_reader *reader;
    struct dispatch *dispatch;
    struct adapter_request request;
    struct store_row rows[ROWS];
    char bodies[ROWS][RECORD_BODY_MAX + 1];
    uint64_t count;
    int64_t now;
    uint32_t free, verdicts;
};

static struct now moment(const struct bench *b)
{
    return (struct now){{b->now}, {1800000000000 + b->now}};
}

static void on_counts(void *arg, uint32_t lot, struct city_counts *ret)
{
    const struct bench *b = arg;

    (void)lot;
    *ret = (struct city_counts){.capacity = 9, .free = b->free, .occupied = 9 - b->free};
}

static void on_say(void *arg, enum dispatch_lane lane, const char *trouble)
{
    (void)arg, (void)lane, (void)trouble;
}

static void on_verdict(void *arg, const struct record *record)
{
    struct bench *b = arg;

    assert_int_equal(record->day_check.verdict, DAY_BALANCED);
    b->verdicts++;
}

/* A car comes, so long ago. */
static void arrives(struct bench *b, int64_t ago_ms)
{
    struct store_row *row = &b->rows[b->count];
    struct record record = {.kind = RECORD_STAY_OPENED,
                            .at = {moment(b).utc.ms - ago_ms},
                            .stay_opened = {.bay = PLAN_NONE, .lane = PLAN_NONE}};
    struct text body;

    snprintf(record.stay_opened.stay, IDENT_SIZE, "S%llu", (unsigned long long)b->count);
    text_init(&body, b->bodies[b->count], sizeof b->bodies[0]);
    record_encode(&record, &b->site.plan, &body);
    *row = (struct store_row){.seq = ++b->count,
                              .at = record.at,
                              .kind = record.kind,
                              .body = body.bytes,
                              .body_size = body.used};
    outbox_fresh(b->outbox, row, 1);
}

static void make_dispatch(struct bench *b)
{
    struct dispatch_setup setup = {.settings = &b->settings,
                                   .plan = &b->site.plan,
                                   .reader = b->reader,
                                   .outbox = b->outbox,
                                   .stale = b->stale,
                                   .hooks = {b, on_counts, on_say, on_verdict},
                                   .seed = 1};

    b->dispatch = dispatch_create(&setup, moment(b));
}

static struct bench *start(const struct city *city, double backfill_per_s)
{
    struct bench *b = memory_new(1, sizeof *b);
    struct outbox_rules rules = {.kinds = city->kinds,
                                 .rows = ROWS,
                                 .marks = ROWS,
                                 .ahead = true,
                                 .retry_ms = 1000,
                                 .retry_max_ms = 1000,
                                 .subject = outbox_subject,
                                 .seed = 1};
    struct outbox_progress fresh = {.since = 1, .kinds = city->kinds};

    small_site_init(&b->site);
    b->now = LONG;
    b->adapter = (struct adapter){.name = "test", .city = city};
    b->lot = (struct uplink_lot){.code = "1"};
    b->settings = (struct uplink_settings){.name = "test",
                                           .adapter = &b->adapter,
                                           .lots = &b->lot,
                                           .lots_count = 1,
                                           .window = 2,
                                           .backoff_max_ms = LONG,
                                           .backfill_per_s = backfill_per_s};
    b->outbox = outbox_create(&rules, &fresh);
    outbox_page(b->outbox, NULL, 0, true, (mono_ms){0});
    b->stale = stale_create(&b->site.plan, 0);
    b->reader = record_read_create(&b->site.plan);
    make_dispatch(b);
    text_init(&b->request.target, memory_new(64, 1), 64);
    text_init(&b->request.headers, memory_new(64, 1), 64);
    text_init(&b->request.body, memory_new(64, 1), 64);
    return b;
}

static void end(struct bench *b)
{
    dispatch_destroy(b->dispatch);
    record_read_destroy(b->reader);
    stale_destroy(b->stale);
    outbox_destroy(b->outbox);
    free(b->request.target.bytes);
    free(b->request.headers.bytes);
    free(b->request.body.bytes);
    free(b);
}

/* The seq that the slot sends now; 0: nothing. */
static unsigned long long sends(struct bench *b, uint32_t slot)
{
    text_init(&b->request.body, b->request.body.bytes, b->request.body.size);
    if (!dispatch_fill(b->dispatch, slot, moment(b), &b->request))
        return 0;
    return strtoull(b->request.body.bytes, NULL, 10);
}

static void answered(struct bench *b, uint32_t slot, const char *word, int64_t retry_after_ms)
{
    struct adapter_reply reply = {.status = 200,
                                  .retry_after_ms = retry_after_ms,
                                  .date = {moment(b).utc.ms + 5000},
                                  .body = word,
                                  .size = strlen(word)};

    dispatch_answer(b->dispatch, slot, &reply, "", moment(b));
}

static void lost(struct bench *b, uint32_t slot)
{
    struct adapter_reply reply = {.retry_after_ms = -1, .body = ""};

    dispatch_answer(b->dispatch, slot, &reply, "no answer", moment(b));
}

/* Nobody answers until the records wait for a long time. */
static void goes_away(struct bench *b)
{
    for (int i = 0; i < 12; i++) {
        assert_true(sends(b, DISPATCH_RECORDS) > 0);
        assert_int_equal(sends(b, DISPATCH_RECORDS + 1) > 0, b->count > 1 && i < 3);
        lost(b, DISPATCH_RECORDS);
        if (b->count > 1 && i < 3)
            lost(b, DISPATCH_RECORDS + 1);
        assert_int_equal(sends(b, DISPATCH_RECORDS), 0);
        b->now += i < 11 ? LONG + 200 : 0;
    }
}

/* ---- tests ---- */

static void what_happens_while_records_wait_is_tried_within_seconds(void **state)
{
    struct bench *b = start(&without_beats, 0);

    (void)state;
    arrives(b, 0);
    arrives(b, 0);
    goes_away(b);
    int64_t since = b->now;
    b->now += 1000;
    assert_int_equal(sends(b, DISPATCH_RECORDS), 0);
    arrives(b, 0);
    b->now = dispatch_next(b->dispatch, moment(b).mono).ms;
    assert_true(b->now - since <= 5000);
    assert_int_equal(sends(b, DISPATCH_RECORDS), 3);
    assert_int_equal(sends(b, DISPATCH_RECORDS + 1), 0); /* one alone */
    lost(b, DISPATCH_RECORDS);
    b->now += 20000;
    assert_int_equal(sends(b, DISPATCH_RECORDS), 0); /* nothing has happened since */
    arrives(b, 0);
    assert_true(sends(b, DISPATCH_RECORDS) > 0);
    answered(b, DISPATCH_RECORDS, taken, -1);
    assert_true(sends(b, DISPATCH_RECORDS) > 0); /* it is back: all go */
    assert_true(sends(b, DISPATCH_RECORDS + 1) > 0);
    end(b);
}

static void nothing_is_tried_sooner_than_the_platform_asked(void **state)
{
    struct bench *b = start(&without_beats, 0);

    (void)state;
    arrives(b, 0);
    assert_int_equal(sends(b, DISPATCH_RECORDS), 1);
    answered(b, DISPATCH_RECORDS, busy, 30000);
    b->now += 20000;
    arrives(b, 0);
    assert_int_equal(sends(b, DISPATCH_RECORDS), 0);
    b->now = dispatch_next(b->dispatch, moment(b).mono).ms;
    assert_true(sends(b, DISPATCH_RECORDS) > 0);
    end(b);
}

static void the_first_answer_after_silence_ends_every_wait(void **state)
{
    struct bench *b = start(&with_beats, 0);

    (void)state;
    arrives(b, 0);
    goes_away(b);
    assert_int_equal(sends(b, DISPATCH_RECORDS), 0);
    sends(b, DISPATCH_BEAT);
    assert_string_equal(b->request.body.bytes, "beat");
    answered(b, DISPATCH_BEAT, taken, -1);
    assert_int_equal(sends(b, DISPATCH_RECORDS), 1);
    end(b);
}

static void a_platform_that_is_away_is_waited_for_and_not_asked_for_ever(void **state)
{
    struct bench *b = start(&with_beats, 0);

    (void)state;
    stale_destroy(b->stale);
    b->stale = stale_create(&b->site.plan, 1000);
    dispatch_destroy(b->dispatch);
    make_dispatch(b);
    for (int i = 0; i < 50; i++) {
        for (uint32_t slot = 0; slot <= DISPATCH_RECORDS; slot++) {
            text_init(&b->request.body, b->request.body.bytes, b->request.body.size);
            if (dispatch_fill(b->dispatch, slot, moment(b), &b->request))
                lost(b, slot);
        }
        int64_t next = dispatch_next(b->dispatch, moment(b).mono).ms;
        assert_true(next > b->now);
        b->now = next;
    }
    end(b);
}

/* A record's request may arrive after that of newer counts. */
static void counts_go_once_more_when_a_record_carried_older_ones(void **state)
{
    struct bench *b = start(&counting, 0);

    (void)state;
    b->free = 5;
    while (dispatch_fill(b->dispatch, DISPATCH_STATE, moment(b), &b->request))
        answered(b, DISPATCH_STATE, taken, -1);
    arrives(b, 0);
    arrives(b, 0);
    assert_int_equal(sends(b, DISPATCH_RECORDS), 1);
    b->free = 4;
    stale_lot(b->stale, 0);
    assert_true(dispatch_fill(b->dispatch, DISPATCH_STATE, moment(b), &b->request));
    answered(b, DISPATCH_STATE, taken, -1);
    assert_false(dispatch_fill(b->dispatch, DISPATCH_STATE, moment(b), &b->request));
    answered(b, DISPATCH_RECORDS, taken, -1);
    assert_true(dispatch_fill(b->dispatch, DISPATCH_STATE, moment(b), &b->request));
    answered(b, DISPATCH_STATE, taken, -1);
    assert_int_equal(sends(b, DISPATCH_RECORDS), 2);
    answered(b, DISPATCH_RECORDS, taken, -1);
    assert_false(dispatch_fill(b->dispatch, DISPATCH_STATE, moment(b), &b->request));
    end(b);
}

static void what_just_happened_does_not_wait_for_the_pace_of_what_is_old(void **state)
{
    struct bench *b = start(&without_beats, 1);

    (void)state;
    for (int i = 0; i < 10; i++)
        arrives(b, 5 * MINUTE);
    arrives(b, 0);
    assert_int_equal(sends(b, DISPATCH_RECORDS), 11);
    answered(b, DISPATCH_RECORDS, taken, -1);
    assert_int_equal(sends(b, DISPATCH_RECORDS), 1);
    answered(b, DISPATCH_RECORDS, taken, -1);
    assert_int_equal(sends(b, DISPATCH_RECORDS), 0); /* one old record a second */
    arrives(b, 0);
    assert_int_equal(sends(b, DISPATCH_RECORDS), 12);
    answered(b, DISPATCH_RECORDS, taken, -1);
    b->now += 1001;
    assert_int_equal(sends(b, DISPATCH_RECORDS), 2);
    answered(b, DISPATCH_RECORDS, taken, -1);
    end(b);
}

static void an_expired_request_goes_again_at_once_by_the_answers_own_date(void **state)
{
    struct bench *b = start(&without_beats, 0);
    struct dispatch_status status;

    (void)state;
    arrives(b, 0);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(sends(b, DISPATCH_RECORDS), 1);
        answered(b, DISPATCH_RECORDS, expired, -1);
    }
    dispatch_status(b->dispatch, &status);
    assert_int_equal(status.offset_ms, 5000);
    assert_int_equal(sends(b, DISPATCH_RECORDS), 0); /* it is something else */
    end(b);
}

enum { HOUR = 3600000 };

/* The check's request, "" for none; its journal is read meanwhile. */
static const char *check_sends(struct bench *b)
{
    uint64_t from;
    uint32_t limit;

    text_init(&b->request.body, b->request.body.bytes, b->request.body.size);
    for (int i = 0; i < 20; i++) {
        if (dispatch_fill(b->dispatch, DISPATCH_CHECK, moment(b), &b->request))
            return b->request.body.bytes;
        while (dispatch_day_wants(b->dispatch, &from, &limit)) {
            size_t left = from > b->count ? 0 : b->count - (from - 1);
            dispatch_day_page(b->dispatch, &b->rows[from - 1], left < limit ? left : limit,
                              left <= limit);
        }
    }
    return "";
}

/* The bench's clock begins on 2027-01-15 at 08:00, UTC, which is the site's. */
static void a_day_is_compared_in_the_window_and_after_its_records_have_gone(void **state)
{
    struct bench *b = start(&comparing, 0);

    (void)state;
    b->now = 8 * HOUR;
    assert_string_equal(check_sends(b), ""); /* 16:00: not the window */
    b->now = 16 * HOUR + MINUTE;
    arrives(b, HOUR);
    assert_string_equal(check_sends(b), ""); /* 00:01, but the record waits */
    b->now = 21 * HOUR;
    assert_int_equal(sends(b, DISPATCH_RECORDS), 1);
    answered(b, DISPATCH_RECORDS, taken, -1);
    assert_string_equal(check_sends(b), ""); /* 05:00: too late */
    b->now = 41 * HOUR;                      /* the next night */
    assert_string_equal(check_sends(b), "2027-01-15 1");
    answered(b, DISPATCH_CHECK, taken, -1);
    assert_int_equal(b->verdicts, 1);
    assert_string_equal(check_sends(b), "2027-01-16 0");
    answered(b, DISPATCH_CHECK, taken, -1);
    assert_string_equal(check_sends(b), "");
    assert_true(dispatch_check(b->dispatch, b->site.lots[0].id, 20833)); /* 2027-01-15, by hand */
    b->now = 45 * HOUR;
    assert_string_equal(check_sends(b), "2027-01-15 1");
    lost(b, DISPATCH_CHECK);
    end(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_happens_while_records_wait_is_tried_within_seconds),
        cmocka_unit_test(nothing_is_tried_sooner_than_the_platform_asked),
        cmocka_unit_test(the_first_answer_after_silence_ends_every_wait),
        cmocka_unit_test(a_platform_that_is_away_is_waited_for_and_not_asked_for_ever),
        cmocka_unit_test(counts_go_once_more_when_a_record_carried_older_ones),
        cmocka_unit_test(what_just_happened_does_not_wait_for_the_pace_of_what_is_old),
        cmocka_unit_test(a_day_is_compared_in_the_window_and_after_its_records_have_gone),
        cmocka_unit_test(an_expired_request_goes_again_at_once_by_the_answers_own_date),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
