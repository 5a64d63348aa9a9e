/*
 * A site that is registered with each city's platform, one of each record that they are told of,
 * and every request that comes of it, with keys, times and counts that stay the same. Shared by
 * test_city.c and test_city_golden.c.
 */
/* long: records and the requests that they become stand on one page */
#ifndef UNIT_CITY_BENCH_H
#define UNIT_CITY_BENCH_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/crypto_rsa.h"
#include "daemon/base/crypto_text.h"
#include "daemon/base/memory.h"
#include "daemon/uplink/city.h"
#include "tests/unit/small_site.h"

extern const struct adapter adapter_hefei, adapter_hangzhou, adapter_qingdao, adapter_xuzhou;

/* 2026-11-22T03:02:06.123Z is 11:02:06 on the platforms' clocks; a request goes four seconds
 * later. */
#define CITY_AT ((utc_ms){1795316526123})
#define CITY_CAME ((utc_ms){1795309200999}) /* 09:00:00 there */
#define CITY_NOW ((utc_ms){1795316530000})
#define STAY_1 "0R7S1JYC1V00000ABCDE"
#define STAY_2 "0R7S1JYC1V00010ABCDE"
#define PLATE_1 "皖A12345"
#define RECORD_ID "00112233445566778899aabbccddeeff"

enum { CITY_BODY = 3 * 1024 * 1024, CITY_PICTURE = 500, LOT_A = 0, LOT_B = 1 };

struct city_bench {
    struct small_site site;
    struct uplink_settings settings;
    struct uplink_lot lots[2];
    struct uplink_place places[1];
    struct city_counts counts[2];
    struct adapter_context context;
    struct adapter_request request;
    struct crypto_key *own_2048, *own_1024, *platform, *platform_private;
    uint8_t picture[CITY_PICTURE];
    bool whole; /* what is random is told, too */
    struct err err;
};

static inline struct crypto_key *bench_key(const char *folder, const char *name, bool private)
{
    char path[512], bytes[8192];
    struct err err;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    size_t size = file ? fread(bytes, 1, sizeof bytes, file) : 0;
    if (file)
        fclose(file);
    struct crypto_key *key =
        private ? crypto_key_private(bytes, size, &err) : crypto_key_public(bytes, size, &err);
    if (!key) {
        fprintf(stderr, "%s: %s\n", path, err.text);
        exit(1);
    }
    return key;
}

static inline void bench_text(struct text *text, size_t size)
{
    text_init(text, memory_new(size, 1), size);
}

/* `adapter` may be set anew with bench_use(). */
static inline void bench_init(struct city_bench *b, const char *folder)
{
    *b = (struct city_bench){.counts = {{40, 17, 20, 1, 2}, {12, 5, 7, 0, 0}}};
    small_site_init(&b->site);
    b->site.lots[LOT_B].on_street = true;
    b->own_2048 = bench_key(folder, "lot-2048.pem", true);
    b->own_1024 = bench_key(folder, "lot-1024.pem", true);
    b->platform = bench_key(folder, "platform-1024.pub", false);
    b->platform_private = bench_key(folder, "platform-1024.pem", true);
    b->places[0] = (struct uplink_place){"A-out", "出口1"};
    b->settings = (struct uplink_settings){.name = "city",
                                           .lots = b->lots,
                                           .lots_count = 2,
                                           .places = b->places,
                                           .places_count = 1,
                                           .operator_code = "OP7"};
    b->context = (struct adapter_context){.plan = &b->site.plan,
                                          .settings = &b->settings,
                                          .now = CITY_NOW,
                                          .platform_now = CITY_NOW,
                                          .counts = b->counts};
    for (size_t i = 0; i < CITY_PICTURE; i++)
        b->picture[i] = (uint8_t)(i * 7 + (i >> 3));
    memcpy(b->picture, "\xff\xd8\xff\xe0", 4);
    bench_text(&b->request.target, 512);
    bench_text(&b->request.headers, 512);
    bench_text(&b->request.body, CITY_BODY);
}

static inline void bench_fini(struct city_bench *b)
{
    free(b->request.target.bytes);
    free(b->request.headers.bytes);
    free(b->request.body.bytes);
    crypto_key_free(b->own_2048);
    crypto_key_free(b->own_1024);
    crypto_key_free(b->platform);
    crypto_key_free(b->platform_private);
}

static inline void bench_use(struct city_bench *b, const struct adapter *adapter)
{
    b->settings.adapter = adapter;
    for (uint32_t i = 0; i < 2; i++)
        b->lots[i] =
            (struct uplink_lot){.lot = i,
                                .code = i == LOT_A ? "340100A" : "340100B",
                                .account = "dev+1",
                                .address = i == LOT_A ? "南湖路 1 号" : NULL,
                                .secret = "s3cret",
                                .key = adapter == &adapter_hefei ? b->own_2048 : b->own_1024,
                                .platform_key = b->platform};
}

static inline void bench_clear(struct city_bench *b)
{
    struct text *texts[] = {&b->request.target, &b->request.headers, &b->request.body};

    for (size_t i = 0; i < 3; i++)
        text_init(texts[i], texts[i]->bytes, texts[i]->size);
}

/* The request of one record; false with b->err. */
static inline bool bench_record(struct city_bench *b, const struct record *record, uint32_t lot,
                                uint32_t step)
{
    struct store_row row = {.seq = 1, .kind = record->kind, .id = RECORD_ID};
    struct city_item item = {.row = &row, .record = record, .lot = &b->lots[lot]};

    bench_clear(b);
    return b->settings.adapter->city->record(&b->context, &item, step, &b->request, &b->err);
}

static inline uint32_t bench_steps(struct city_bench *b, const struct record *record, uint32_t lot)
{
    struct store_row row = {.seq = 1, .kind = record->kind, .id = RECORD_ID};
    struct city_item item = {.row = &row, .record = record, .lot = &b->lots[lot]};

    return b->settings.adapter->city->steps(&b->context, &item);
}

/* ---- one of each ---- */

struct bench_record {
    const char *name;
    uint32_t lot;
    struct record record;
};

#define AMENDED(what)                                                 \
    {                                                                 \
        .kind = RECORD_STAY_AMENDED, .at = CITY_AT, .stay_amended = { \
            .stay = STAY_1,                                           \
            .change = what,                                           \
            .plate_was = PLATE_1,                                     \
            .plate = "皖A12346",                                      \
            .entered = CITY_CAME,                                     \
            .bay = PLAN_NONE                                          \
        }                                                             \
    }
#define CLOSED(...)                                                 \
    {                                                               \
        .kind = RECORD_STAY_CLOSED, .at = CITY_AT, .stay_closed = { \
            .bay = PLAN_NONE,                                       \
            .lane = A_OUT,                                          \
            .stay = STAY_1,                                         \
            .plate = PLATE_1,                                       \
            .colour = PLATE_WHITE,                                  \
            .class = VEHICLE_POLICE,                                \
            .entered = CITY_CAME,                                   \
            .entry_lane = "A-in",                                   \
            __VA_ARGS__                                             \
        }                                                           \
    }

static const struct bench_record bench_records[] = {
    {"entry",
     LOT_A,
     {.kind = RECORD_STAY_OPENED,
      .at = CITY_CAME,
      .stay_opened = {.bay = PLAN_NONE,
                      .lane = A_IN,
                      .stay = STAY_1,
                      .plate = PLATE_1,
                      .colour = PLATE_BLACK,
                      .class = VEHICLE_SMALL,
                      .kind = STAY_TEMPORARY}}},
    {"entry without a plate",
     LOT_A,
     {.kind = RECORD_STAY_OPENED,
      .at = CITY_CAME,
      .stay_opened = {.bay = PLAN_NONE,
                      .lane = A_IN,
                      .stay = STAY_2,
                      .class = VEHICLE_NEV_LARGE,
                      .kind = STAY_PASS}}},
    {"paid", LOT_A,
     CLOSED(.outcome = OUTCOME_PAID,
            .money = {.receivable_fen = 1000, .payable_fen = 900, .relief_coupon_fen = 100},
            .received_fen = 900, .channel = "wechat")},
    {"by a pass", LOT_A,
     CLOSED(.outcome = OUTCOME_PASS, .kind = STAY_PASS,
            .money = {.receivable_fen = 1000, .relief_pass_fen = 1000})},
    {"unpaid", LOT_A,
     CLOSED(.outcome = OUTCOME_UNPAID, .money = {.receivable_fen = 1000, .payable_fen = 1000},
            .received_fen = 300, .channel = "cash")},
    {"void", LOT_A, CLOSED(.outcome = OUTCOME_VOID)},
    {"order",
     LOT_A,
     {.kind = RECORD_ORDER,
      .at = CITY_AT,
      .order = {.stay = STAY_1,
                .order = "0R7S1JYC1V00020ABCDE",
                .plate = PLATE_1,
                .money = {.receivable_fen = 1000, .payable_fen = 900},
                .received_fen = 300,
                .due_fen = 600,
                .entered = CITY_CAME}}},
    {"payment",
     LOT_A,
     {.kind = RECORD_PAYMENT,
      .at = CITY_AT,
      .payment = {.stay = STAY_1,
                  .order = "0R7S1JYC1V00020ABCDE",
                  .payment = "0R7S1JYC1V00030ABCDE",
                  .plate = PLATE_1,
                  .amount_fen = 600,
                  .channel = CHANNEL_ALIPAY,
                  .when = PAID_INSIDE,
                  .entered = CITY_CAME,
                  .billed = {1795316500000},
                  .receivable_fen = 1000,
                  .payable_fen = 900}}},
    {"another plate", LOT_A, AMENDED(STAY_PLATE)},
    {"another entry", LOT_A, AMENDED(STAY_ENTRY)},
    {"no exit", LOT_A, AMENDED(STAY_REVERTED)},
    {"entry on the street",
     LOT_B,
     {.kind = RECORD_STAY_OPENED,
      .at = CITY_CAME,
      .stay_opened = {.lot = LOT_B, .bay = B_001, .lane = PLAN_NONE, .stay = STAY_2}}},
    {"exit on the street",
     LOT_B,
     {.kind = RECORD_STAY_CLOSED,
      .at = CITY_AT,
      .stay_closed = {.lot = LOT_B,
                      .bay = B_001,
                      .lane = PLAN_NONE,
                      .stay = STAY_2,
                      .entered = CITY_CAME,
                      .outcome = OUTCOME_FREE}}},
    {"bay taken",
     LOT_B,
     {.kind = RECORD_BAY_CHANGED,
      .at = CITY_AT,
      .bay_changed = {B_002, BAY_FREE, BAY_OCCUPIED, BAY_BY_READING}}},
    {"bay left",
     LOT_B,
     {.kind = RECORD_BAY_CHANGED,
      .at = CITY_AT,
      .bay_changed = {B_002, BAY_OCCUPIED, BAY_FREE, BAY_BY_READING}}},
};

enum { BENCH_RECORDS = sizeof bench_records / sizeof *bench_records };

static inline const struct record *bench_find(const char *name)
{
    for (size_t i = 0; i < BENCH_RECORDS; i++)
        if (strcmp(bench_records[i].name, name) == 0)
            return &bench_records[i].record;
    abort();
}

#endif
