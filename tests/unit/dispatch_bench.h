/* long: a platform of the tests' own, and a journal behind it */
/*
 * A dispatch with a platform of the tests' own: what it is sent is words ("entry 3.0": record 3,
 * its first request; "beat A", "counts A", "day 0 2027-01-15 2 1"), what it answers is one of
 * `bench_codes`. Two lots, virtual time. Shared by test_dispatch.c and test_dispatch_day.c.
 */
#ifndef UNIT_DISPATCH_BENCH_H
#define UNIT_DISPATCH_BENCH_H

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

enum { BENCH_ROWS = 64, BENCH_MINUTE = 60000, BENCH_TEXT = 256 };

/* 2027-01-15 08:00:00Z, which is the site's own zone here. */
#define BENCH_BEGIN INT64_C(1800000000000)

struct dispatch_bench {
    struct small_site site;
    struct adapter adapter;
    struct uplink_settings settings;
    struct uplink_lot lots[2];
    struct outbox *outbox;
    struct stale *stale;
    struct record_reader *reader;
    struct dispatch *dispatch;
    struct adapter_request request;
    struct store_row rows[BENCH_ROWS];
    char bodies[BENCH_ROWS][RECORD_BODY_MAX + 1];
    uint64_t count;
    int64_t now; /* since the beginning */
    char said[DISPATCH_LANES][BENCH_TEXT];
    struct record verdict; /* of a day, the last */
    uint32_t verdicts;
};

/* ---- the platform ---- */

static const struct city_code bench_codes[] = {
    {'o', ADAPTER_DELIVERED, "ok"},  {'d', ADAPTER_DUPLICATE, "there already"},
    {'r', ADAPTER_REFUSED, "never"}, {'s', ADAPTER_STOP, "no right; ask the platform"},
    {'e', ADAPTER_CLOCK, "expired"}, {'b', ADAPTER_RETRY, "busy"},
    {'p', ADAPTER_SPLIT, "split"},   {'i', ADAPTER_EACH, "see the items"},
    {0, ADAPTER_RETRY, NULL}};

/* An exit is two requests; a bay is none. */
static inline uint32_t bench_steps_of(const struct adapter_context *context,
                                      const struct city_item *item)
{
    (void)context;
    return item->record->kind == RECORD_STAY_CLOSED   ? 2
           : item->record->kind == RECORD_STAY_OPENED ? 1
                                                      : 0;
}

static inline bool bench_tell(const struct adapter_context *context, const struct city_item *item,
                              uint32_t step, struct adapter_request *ret, struct err *err)
{
    bool exit = item->record->kind == RECORD_STAY_CLOSED;

    if (!exit && strcmp(item->record->stay_opened.stay, "unsaid") == 0) {
        text_add(&ret->body, "half a record");
        return err_set(err, "no word for it");
    }
    if (!exit && strcmp(item->record->stay_opened.stay, "long") == 0)
        ret->body.overflow = true;
    text_add(&ret->body, "%s %llu.%u %s at %lld", exit ? "exit" : "entry",
             (unsigned long long)item->row->seq, step, item->lot->code,
             (long long)(context->platform_now.ms - context->now.ms));
    return true;
}

static inline bool bench_beat(const struct adapter_context *context, const struct uplink_lot *lot,
                              struct adapter_request *ret, struct err *err)
{
    (void)context;
    text_add(&ret->body, "beat %s", lot->code);
    return !lot->address || err_set(err, "%s", lot->address);
}

static inline bool bench_counts(const struct adapter_context *context, const struct uplink_lot *lot,
                                struct adapter_request *ret, struct err *err)
{
    text_add(&ret->body, "counts %s %u", lot->code, city_counts(context, lot)->free);
    return !lot->address || err_set(err, "%s", lot->address);
}

/* "o" and more; a text that begins with "<" is none of its answers. */
static inline void bench_read(const struct adapter_reply *reply, struct city_said *ret)
{
    *ret = (struct city_said){.parsed = reply->size > 0 && reply->body[0] != '<'};
    if (!ret->parsed)
        return;
    ret->code = reply->body[0];
    text_copy(ret->message, sizeof ret->message, reply->body + 1);
    if (strncmp(reply->body + 1, "time ", 5) == 0)
        ret->platform_time.ms = strtoll(reply->body + 6, NULL, 10);
}

static inline bool bench_ask_day(const struct adapter_context *context, const struct city_day *day,
                                 enum city_check what, struct adapter_request *ret, struct err *err)
{
    (void)context, (void)err;
    text_add(&ret->body, "day %d %s %s %u %u", (int)what, day->lot->code, day->date, day->entries,
             day->exits);
    return true;
}

/* Counts: "oe" entries differ, "ox" exits do, "oex" both. Lists: "oS1 S2". */
static inline bool bench_checked(const struct adapter_reply *reply, enum city_check what,
                                 struct city_held *held, struct err *err)
{
    char words[BENCH_TEXT], *rest = words;

    if (strcmp(reply->body, "o?") == 0)
        return err_set(err, "it cannot be read");
    held->entries_differ = what == CITY_COUNTS && strchr(reply->body, 'e');
    held->exits_differ = what == CITY_COUNTS && strchr(reply->body, 'x');
    text_copy(words, sizeof words, reply->body + 1);
    while (what != CITY_COUNTS && rest)
        held->id(held->arg, strsep(&rest, " "));
    return true;
}

static const struct city bench_city = {.kinds = 1u << RECORD_STAY_OPENED |
                                                1u << RECORD_STAY_CLOSED | 1u << RECORD_BAY_CHANGED,
                                       .heartbeat_ms = 10 * BENCH_MINUTE,
                                       .codes = bench_codes,
                                       .steps = bench_steps_of,
                                       .record = bench_tell,
                                       .heartbeat = bench_beat,
                                       .vacancy = bench_counts,
                                       .read = bench_read,
                                       .check_to_min = 4 * 60,
                                       .check = bench_ask_day,
                                       .checked = bench_checked};

/* ---- the gateway around it ---- */

static inline struct now bench_now(const struct dispatch_bench *b)
{
    return (struct now){{b->now}, {BENCH_BEGIN + b->now}};
}

static inline void bench_on_counts(void *arg, uint32_t lot, struct city_counts *ret)
{
    (void)arg;
    *ret = (struct city_counts){.capacity = 9, .free = 5 + lot, .occupied = 4 - lot};
}

static inline void bench_on_say(void *arg, enum dispatch_lane lane, const char *trouble)
{
    struct dispatch_bench *b = arg;

    text_copy(b->said[lane], BENCH_TEXT, trouble);
}

static inline void bench_on_verdict(void *arg, const struct record *record)
{
    struct dispatch_bench *b = arg;

    b->verdict = *record;
    b->verdicts++;
}

/* The record becomes durable at its `at`; its seq. */
static inline uint64_t bench_add(struct dispatch_bench *b, const struct record *record)
{
    struct store_row *row = &b->rows[b->count];
    struct text body;

    text_init(&body, b->bodies[b->count], sizeof b->bodies[0]);
    record_encode(record, &b->site.plan, &body);
    *row = (struct store_row){.seq = ++b->count,
                              .at = record->at,
                              .kind = record->kind,
                              .body = body.bytes,
                              .body_size = body.used};
    outbox_fresh(b->outbox, row, 1);
    return row->seq;
}

static inline uint64_t bench_arrives(struct dispatch_bench *b, uint32_t lot, const char *stay)
{
    struct record record = {.kind = RECORD_STAY_OPENED,
                            .at = bench_now(b).utc,
                            .stay_opened = {.lot = lot, .bay = PLAN_NONE, .lane = PLAN_NONE}};

    text_copy(record.stay_opened.stay, IDENT_SIZE, stay);
    return bench_add(b, &record);
}

static inline uint64_t bench_leaves(struct dispatch_bench *b, uint32_t lot, const char *stay,
                                    enum stay_outcome outcome)
{
    struct record record = {.kind = RECORD_STAY_CLOSED,
                            .at = bench_now(b).utc,
                            .stay_closed = {.lot = lot,
                                            .bay = PLAN_NONE,
                                            .lane = PLAN_NONE,
                                            .entered = bench_now(b).utc,
                                            .outcome = outcome}};

    text_copy(record.stay_closed.stay, IDENT_SIZE, stay);
    return bench_add(b, &record);
}

static inline int bench_start(void **state)
{
    struct dispatch_bench *b = memory_new(1, sizeof *b);
    const struct outbox_rules rules = {.kinds = bench_city.kinds,
                                       .rows = BENCH_ROWS,
                                       .marks = BENCH_ROWS,
                                       .ahead = true,
                                       .retry_ms = 1000,
                                       .retry_max_ms = 1000,
                                       .subject = outbox_subject,
                                       .seed = 1};
    const struct outbox_progress fresh = {.since = 1, .kinds = bench_city.kinds};

    small_site_init(&b->site);
    b->adapter = (struct adapter){.name = "test", .city = &bench_city};
    b->lots[0] = (struct uplink_lot){.lot = 0, .code = "A"};
    b->lots[1] = (struct uplink_lot){.lot = 1, .code = "B"};
    b->settings = (struct uplink_settings){.name = "city",
                                           .adapter = &b->adapter,
                                           .lots = b->lots,
                                           .lots_count = 2,
                                           .window = 2,
                                           .backoff_max_ms = 10 * BENCH_MINUTE};
    b->outbox = outbox_create(&rules, &fresh);
    outbox_page(b->outbox, NULL, 0, true, (mono_ms){0});
    b->stale = stale_create(&b->site.plan, 0);
    b->reader = record_read_create(&b->site.plan);
    const struct dispatch_setup setup = {&b->settings,
                                         &b->site.plan,
                                         b->reader,
                                         b->outbox,
                                         b->stale,
                                         {b, bench_on_counts, bench_on_say, bench_on_verdict},
                                         1};
    b->dispatch = dispatch_create(&setup, bench_now(b));
    text_init(&b->request.target, memory_new(64, 1), 64);
    text_init(&b->request.headers, memory_new(64, 1), 64);
    text_init(&b->request.body, memory_new(BENCH_TEXT, 1), BENCH_TEXT);
    *state = b;
    return 0;
}

static inline int bench_end(void **state)
{
    struct dispatch_bench *b = *state;

    dispatch_destroy(b->dispatch);
    record_read_destroy(b->reader);
    stale_destroy(b->stale);
    outbox_destroy(b->outbox);
    free(b->request.target.bytes);
    free(b->request.headers.bytes);
    free(b->request.body.bytes);
    free(b);
    return 0;
}

/* What the slot sends now; "" nothing. */
static inline const char *bench_sends(struct dispatch_bench *b, uint32_t slot)
{
    text_init(&b->request.body, b->request.body.bytes, b->request.body.size);
    return dispatch_fill(b->dispatch, slot, bench_now(b), &b->request) ? b->request.body.bytes : "";
}

static inline void bench_answered_http(struct dispatch_bench *b, uint32_t slot, int status,
                                       const char *body)
{
    const struct adapter_reply reply = {
        .status = status, .retry_after_ms = -1, .body = body, .size = strlen(body)};

    dispatch_answer(b->dispatch, slot, &reply, "the line is dead", bench_now(b));
}

static inline void bench_answered(struct dispatch_bench *b, uint32_t slot, const char *body)
{
    bench_answered_http(b, slot, 200, body);
}

static inline struct outbox_counts bench_account(const struct dispatch_bench *b)
{
    struct outbox_counts counts;

    outbox_counts(b->outbox, &counts);
    return counts;
}

#endif
