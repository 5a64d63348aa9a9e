/*
 * What stands behind the requests to cities' platforms: each row of the tables of colours, codes
 * and ways of paying; what cannot be said; blocks that cut a character; what answers mean.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/base/json.h"
#include "daemon/uplink/city_fields.h"
#include "daemon/uplink/hangzhou.h"
#include "daemon/uplink/xuzhou.h"
#include "tests/unit/city_bench.h"

#define FOLDER "tests/unit/city"
enum { PLAIN = 64 * 1024 };

static const struct adapter *const all[] = {&adapter_hefei, &adapter_hangzhou, &adapter_qingdao,
                                            &adapter_xuzhou};
enum { ALL = sizeof all / sizeof *all };

static int setup(void **state)
{
    struct city_bench *b = memory_new(1, sizeof *b);

    bench_init(b, FOLDER);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    bench_fini(*state);
    free(*state);
    return 0;
}

/* ---- reading back what was sent ---- */

static void form_value(const char *form, const char *name, char *ret)
{
    const char *at = strstr(form, name);
    size_t used = 0;

    assert_non_null(at);
    for (at += strlen(name); *at && *at != '&'; at++) {
        unsigned code;
        assert_null(strchr("+/=", *at)); /* they mean something else in a form */
        if (*at == '%') {
            assert_int_equal(sscanf(at + 1, "%2x", &code), 1);
            ret[used++] = (char)code;
            at += 2;
        } else {
            ret[used++] = *at;
        }
    }
    ret[used] = '\0';
}

static struct crypto_key *public_half(const struct crypto_key *key)
{
    char bytes[2048];
    struct text text;
    struct err err;

    text_init(&text, bytes, sizeof bytes);
    assert_true(crypto_key_public_text(key, &text, &err));
    struct crypto_key *half = crypto_key_public(bytes, text.used, &err);
    assert_non_null(half);
    return half;
}

static void open_form(const struct city_bench *b, struct text *plain)
{
    char *cipher = memory_new(PLAIN, 1), *sign = memory_new(PLAIN, 1);
    struct crypto_key *own = public_half(b->own_1024);
    struct err err;
    bool is_qingdao = b->settings.adapter == &adapter_qingdao;

    form_value(b->request.body.bytes, "cipher=", cipher);
    form_value(b->request.body.bytes, "sign=", sign);
    assert_true(
        crypto_verify(own, is_qingdao ? CRYPTO_SHA1 : CRYPTO_MD5, cipher, strlen(cipher), sign));
    assert_true(is_qingdao ? crypto_open_private(b->platform_private, cipher, plain, &err)
                           : crypto_open_public(own, cipher, plain, &err));
    crypto_key_free(own);
    free(cipher);
    free(sign);
}

/* The business JSON of the request: caller releases. */
static struct json *business(const struct city_bench *b)
{
    const struct adapter *adapter = b->settings.adapter;
    struct text plain;
    size_t size = 0;
    struct err err;

    if (adapter == &adapter_xuzhou)
        return json_read(b->request.body.bytes, b->request.body.used, CITY_BODY, &err);
    bench_text(&plain, PLAIN);
    if (adapter == &adapter_hefei) {
        const char *data = b->request.body.bytes + strlen("{\"data\":\"");
        assert_true(crypto_base64_decode(data, strcspn(data, "\""), plain.bytes, PLAIN - 1, &size));
    } else {
        open_form(b, &plain);
        size = plain.used;
    }
    struct json *document = json_read(plain.bytes, size, PLAIN, &err);
    const char *quoted = json_text(json_member(document, "data"), NULL);
    if (quoted) {
        struct json *inner = json_read(quoted, strlen(quoted), PLAIN, &err);
        json_release(document);
        document = inner;
    }
    free(plain.bytes);
    assert_non_null(document);
    return document;
}

static const struct json *field(const struct json *document, const char *name)
{
    const struct json *data = json_member(document, "data");

    return json_member(data ? data : document, name);
}

/* The number of the field, or INT64_MIN when the record is refused. */
static int64_t number(struct city_bench *b, const struct record *record, const char *name)
{
    if (!bench_record(b, record, LOT_A, 0))
        return INT64_MIN;
    struct json *document = business(b);
    assert_int_equal(json_kind(field(document, name)), JSON_KIND_INT);
    int64_t value = json_int(field(document, name), INT64_MIN);
    json_release(document);
    return value;
}

/* ---- tables ---- */

enum { NO = INT32_MIN };

static void colours_are_told_as_each_platform_numbers_them(void **state)
{
    static const struct {
        enum plate_colour colour;
        int32_t hefei, hangzhou, xuzhou;
    } rows[] = {
        {PLATE_BLUE, 1, 1, 1},           {PLATE_YELLOW, 2, 2, 2},
        {PLATE_WHITE, 3, 3, 4},          {PLATE_BLACK, 4, 4, 3},
        {PLATE_GREEN, 5, 5, 5},          {PLATE_YELLOW_GREEN, 6, 5, 0},
        {PLATE_RED, NO, NO, 0},          {PLATE_ORANGE, NO, NO, 0},
        {PLATE_COLOUR_UNKNOWN, 1, 1, 0}, /* a small vehicle's, where there is no "other" */
    };
    struct city_bench *b = *state;
    struct record record = *bench_find("entry");

    assert_int_equal(sizeof rows / sizeof *rows, PLATE_COLOURS);
    for (size_t i = 0; i < PLATE_COLOURS; i++) {
        const int32_t codes[ALL] = {rows[i].hefei, rows[i].hangzhou, rows[i].hangzhou,
                                    rows[i].xuzhou};
        record.stay_opened.colour = rows[i].colour;
        for (size_t a = 0; a < ALL; a++) {
            bench_use(b, all[a]);
            int64_t told = number(b, &record, a == 0 ? "carPlateColor" : "plateColor");
            assert_int_equal(told, codes[a] == NO ? INT64_MIN : codes[a]);
        }
    }
}

static void a_colour_that_no_camera_told_goes_by_the_class(void **state)
{
    static const struct {
        enum vehicle_class class;
        int32_t hefei;
    } rows[] = {
        {VEHICLE_SMALL, 1},     {VEHICLE_MEDIUM, 2},   {VEHICLE_LARGE, 2},  {VEHICLE_NEV, 5},
        {VEHICLE_NEV_LARGE, 6}, {VEHICLE_DISABLED, 1}, {VEHICLE_DIESEL, 1}, {VEHICLE_MOTORCYCLE, 2},
        {VEHICLE_POLICE, 3},    {VEHICLE_MILITARY, 3}, {VEHICLE_FIRE, 3},   {VEHICLE_AMBULANCE, 3},
        {VEHICLE_RESCUE, 3},
    };
    struct city_bench *b = *state;
    struct record record = *bench_find("entry");

    assert_int_equal(sizeof rows / sizeof *rows, VEHICLE_CLASSES);
    bench_use(b, &adapter_hefei);
    record.stay_opened.colour = PLATE_COLOUR_UNKNOWN;
    for (size_t i = 0; i < VEHICLE_CLASSES; i++) {
        record.stay_opened.class = rows[i].class;
        assert_int_equal(number(b, &record, "carPlateColor"), rows[i].hefei);
    }
}

static void sizes_of_vehicles_are_small_medium_large(void **state)
{
    static const struct {
        enum vehicle_class class;
        int32_t code;
    } rows[] = {
        {VEHICLE_SMALL, 1},     {VEHICLE_MEDIUM, 2},   {VEHICLE_LARGE, 3},  {VEHICLE_NEV, 1},
        {VEHICLE_NEV_LARGE, 3}, {VEHICLE_DISABLED, 1}, {VEHICLE_DIESEL, 1}, {VEHICLE_MOTORCYCLE, 1},
        {VEHICLE_POLICE, 1},    {VEHICLE_MILITARY, 1}, {VEHICLE_FIRE, 3},   {VEHICLE_AMBULANCE, 2},
        {VEHICLE_RESCUE, 3},
    };
    struct city_bench *b = *state;
    struct record record = *bench_find("entry");

    bench_use(b, &adapter_hangzhou);
    for (size_t i = 0; i < VEHICLE_CLASSES; i++) {
        record.stay_opened.class = rows[i].class;
        assert_int_equal(number(b, &record, "carType"), rows[i].code);
    }
}

static void kinds_of_parking_have_their_codes(void **state)
{
    static const struct {
        enum stay_kind kind;
        int32_t hefei, hangzhou;
    } rows[] = {
        {STAY_TEMPORARY, 1, 1}, {STAY_PASS, 2, 2}, {STAY_SHARED, 1, 3}, {STAY_EXEMPT, 3, 4}};
    struct city_bench *b = *state;
    struct record record = *bench_find("by a pass");

    for (size_t i = 0; i < STAY_KINDS; i++) {
        record.stay_closed.kind = rows[i].kind;
        bench_use(b, &adapter_hefei);
        assert_int_equal(number(b, &record, "parkType"), rows[i].hefei);
        bench_use(b, &adapter_hangzhou);
        assert_int_equal(number(b, &record, "parkingType"), rows[i].hangzhou);
    }
}

static void ways_of_paying_have_their_codes(void **state)
{
    static const struct {
        enum pay_channel channel;
        int32_t hefei, hangzhou, xuzhou;
    } rows[] = {
        {CHANNEL_CASH, 0, 1, 1},      {CHANNEL_WECHAT, 3, 4, 3},   {CHANNEL_ALIPAY, 2, 3, 2},
        {CHANNEL_UNIONPAY, -1, 5, 4}, {CHANNEL_ETC, -1, 10, NO},   {CHANNEL_CARD, -1, 5, 4},
        {CHANNEL_WALLET, -1, 2, NO},  {CHANNEL_OTHER, -1, NO, NO},
    };
    struct city_bench *b = *state;
    struct record closed = *bench_find("paid"), paid = *bench_find("payment");

    for (size_t i = 0; i < PAY_CHANNELS; i++) {
        text_copy(closed.stay_closed.channel, sizeof closed.stay_closed.channel,
                  words_name(&pay_channel_words, (int)rows[i].channel));
        paid.payment.channel = rows[i].channel;
        bench_use(b, &adapter_hefei);
        assert_int_equal(number(b, &closed, "payType"), rows[i].hefei);
        bench_use(b, &adapter_hangzhou);
        assert_int_equal(number(b, &paid, "paidType"),
                         rows[i].hangzhou == NO ? INT64_MIN : rows[i].hangzhou);
        bench_use(b, &adapter_xuzhou);
        assert_int_equal(number(b, &paid, "payType"),
                         rows[i].xuzhou == NO ? INT64_MIN : rows[i].xuzhou);
    }
}

static void when_it_was_paid_has_its_code(void **state)
{
    static const struct {
        enum pay_when when;
        enum pay_channel channel;
        int32_t type, way;
    } rows[] = {
        {PAID_INSIDE, CHANNEL_CASH, 102, 0},   {PAID_AT_EXIT, CHANNEL_CASH, 103, 0},
        {PAID_AFTER, CHANNEL_CASH, 104, 0},    {PAID_AFTER, CHANNEL_WALLET, 101, 1},
        {PAID_INSIDE, CHANNEL_WALLET, 102, 1},
    };
    struct city_bench *b = *state;
    struct record record = *bench_find("payment");

    bench_use(b, &adapter_hangzhou);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        record.payment.when = rows[i].when;
        record.payment.channel = rows[i].channel;
        assert_int_equal(number(b, &record, "payType"), rows[i].type);
        assert_int_equal(number(b, &record, "billWay"), rows[i].way);
    }
}

static void how_a_stay_ended_has_its_code(void **state)
{
    static const struct {
        enum stay_outcome outcome;
        int32_t code;
    } rows[] = {{OUTCOME_PAID, 2},   {OUTCOME_FREE, 1},     {OUTCOME_PASS, 1},
                {OUTCOME_EXEMPT, 1}, {OUTCOME_RELEASED, 1}, {OUTCOME_UNPAID, 3}};
    struct city_bench *b = *state;
    struct record record = *bench_find("paid");

    bench_use(b, &adapter_xuzhou);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        record.stay_closed.outcome = rows[i].outcome;
        assert_true(bench_record(b, &record, LOT_A, 1));
        struct json *document = business(b);
        assert_int_equal(json_int(field(document, "type"), 0), rows[i].code);
        json_release(document);
    }
}

/* ---- what an exit of Hefei tells ---- */

static void a_pass_that_covers_a_part_only_is_told_as_temporary(void **state)
{
    struct city_bench *b = *state;
    struct record record = *bench_find("by a pass");

    bench_use(b, &adapter_hefei);
    record.stay_closed.money.relief_pass_fen = 400;
    record.stay_closed.money.payable_fen = 600;
    assert_int_equal(number(b, &record, "parkType"), 1);
    struct json *document = business(b);
    assert_null(field(document, "parkDiscountTime"));
    json_release(document);
}

static void who_left_without_paying_did_not_park_free(void **state)
{
    struct city_bench *b = *state;
    struct record record = *bench_find("unpaid");

    bench_use(b, &adapter_hefei);
    record.stay_closed.received_fen = 0;
    record.stay_closed.channel[0] = '\0';
    assert_int_equal(number(b, &record, "payType"), -1);
    record.stay_closed.money.payable_fen = 0;
    assert_int_equal(number(b, &record, "payType"), 1);
}

/* Trap 6: it leaves for nothing, by where it came in when by nothing else. */
static void a_stay_that_was_none_leaves_for_nothing(void **state)
{
    struct city_bench *b = *state;
    struct record record = *bench_find("void");

    record.stay_closed.lane = PLAN_NONE;
    bench_use(b, &adapter_hefei);
    assert_int_equal(number(b, &record, "billingAmount"), 0);
    assert_int_equal(number(b, &record, "payAmount"), 0);
    assert_int_equal(number(b, &record, "payType"), 1);
    assert_int_equal(bench_steps(b, &record, LOT_A), 1);
    bench_use(b, &adapter_qingdao);
    assert_int_equal(number(b, &record, "chargeFee"), 0);
    bench_use(b, &adapter_hangzhou);
    assert_true(bench_record(b, &record, LOT_A, 0));
    assert_int_equal(bench_steps(b, &record, LOT_A), 1);
    record.stay_closed.entry_lane[0] = '\0';
    assert_true(bench_record(b, &record, LOT_A, 0)); /* by the lot as such */
}

/* ---- what cannot be said ---- */

static void what_a_platform_has_no_word_for_is_refused_with_a_reason(void **state)
{
    struct city_bench *b = *state;
    struct record unplaced = *bench_find("entry"), rich = *bench_find("paid"),
                  nameless = *bench_find("entry");

    unplaced.stay_opened.lane = PLAN_NONE;
    rich.stay_closed.money.receivable_fen = INT64_C(1000000001);
    text_copy(nameless.stay_opened.stay, IDENT_SIZE, "Stay 7");
    for (size_t a = 0; a < 3; a++) {
        bench_use(b, all[a]);
        assert_false(bench_record(b, &nameless, LOT_A, 0));
        assert_non_null(strstr(b->err.text, "\"Stay 7\" is no key"));
        if (all[a] != &adapter_hangzhou)
            assert_false(bench_record(b, &rich, LOT_A, 0));
    }
    bench_use(b, &adapter_xuzhou);
    assert_true(bench_record(b, bench_find("void"), LOT_A, 0));
    unplaced.stay_opened.lot = LOT_B;
    assert_false(bench_record(b, &unplaced, LOT_B, 0));
    assert_non_null(strstr(b->err.text, "the bay of the stay is not known"));
}

static void assert_place(struct city_bench *b, const struct record *record, const char *name,
                         const char *expected)
{
    assert_true(bench_record(b, record, LOT_A, 0));
    struct json *document = business(b);
    assert_string_equal(json_text(field(document, name), ""), expected);
    json_release(document);
}

/* A stay that an operator has opened or closed by hand is told, too. */
static void who_came_or_left_by_no_lane_did_so_by_the_bay_or_the_lot(void **state)
{
    static const char *const in[ALL] = {"inChannel", "entryNum", "entryNum", "deviceCode"};
    static const char *const out[ALL] = {"outChannel", "outNum", "outNum", "deviceCode"};
    struct city_bench *b = *state;

    for (size_t a = 0; a < ALL; a++) {
        struct record came = *bench_find("entry"), left = *bench_find("paid");

        bench_use(b, all[a]);
        came.stay_opened.lane = left.stay_closed.lane = PLAN_NONE;
        left.stay_closed.bay = PLAN_NONE;
        assert_place(b, &came, in[a], b->site.lots[LOT_A].id);
        assert_place(b, &left, out[a], b->site.lots[LOT_A].id);
        came.stay_opened.bay = left.stay_closed.bay = 1;
        assert_place(b, &came, in[a], b->site.bays[1].id);
        assert_place(b, &left, out[a], b->site.bays[1].id);
    }
}

static void a_picture_beyond_the_limit_is_refused(void **state)
{
    struct city_bench *b = *state;
    uint8_t *large = memory_new(1, 3 * 1024 * 1024);

    for (size_t a = 0; a < ALL; a++) {
        bench_use(b, all[a]);
        struct city_photo photo = {.lot = &b->lots[LOT_A],
                                   .id = "P1",
                                   .stay = STAY_1,
                                   .plate = PLATE_1,
                                   .colour = PLATE_BLUE,
                                   .at = CITY_AT,
                                   .jpeg = large,
                                   .size = all[a]->city->photo_max + 1};
        bench_clear(b);
        assert_false(all[a]->city->photo(&b->context, &photo, &b->request, &b->err));
        assert_non_null(strstr(b->err.text, "the platform takes"));
        photo.size = all[a]->city->photo_max;
        bench_clear(b);
        assert_true(all[a]->city->photo(&b->context, &photo, &b->request, &b->err));
        assert_true(b->request.body.used < all[a]->body_max);
    }
    free(large);
}

static void a_request_that_does_not_fit_is_refused_and_never_cut(void **state)
{
    struct city_bench *b = *state;
    struct text whole = b->request.body;

    for (size_t a = 0; a < ALL; a++) {
        bench_use(b, all[a]);
        b->request.body = whole;
        assert_true(bench_record(b, bench_find("entry"), LOT_A, 0));
        size_t needed = b->request.body.used, fits = 0;
        for (size_t size = 1; size < 2 * needed + 2048; size += 13) {
            b->request.body = whole;
            b->request.body.size = size;
            if (!bench_record(b, bench_find("entry"), LOT_A, 0))
                continue;
            if (all[a] != &adapter_qingdao) /* its cipher, and so what is encoded, differs */
                assert_int_equal(b->request.body.used, needed);
            json_release(business(b));
            fits++;
        }
        assert_true(fits > 0);
    }
    b->request.body = whole;
}

/* What else a platform is told of a lot; false: nothing of it. */
static bool tell(struct city_bench *b, int what)
{
    const struct city *city = b->settings.adapter->city;
    const struct uplink_lot *lot = &b->lots[LOT_A];
    const struct city_day day = {.lot = lot, .date = "2026-11-21", .entries = 3, .exits = 2};
    const struct city_photo photo = {lot,   "P1",    STAY_1,     PLATE_1,          PLATE_BLUE,
                                     false, CITY_AT, b->picture, sizeof b->picture};

    bench_clear(b);
    switch (what) {
    case 0:
        return city->photo && city->photo(&b->context, &photo, &b->request, &b->err);
    case 1:
        return city->heartbeat && city->heartbeat(&b->context, lot, &b->request, &b->err);
    case 2:
        return city->vacancy && city->vacancy(&b->context, lot, &b->request, &b->err);
    default:
        return city->check && city->check(&b->context, &day, CITY_COUNTS, &b->request, &b->err);
    }
}

static void nor_is_anything_else_ever_cut(void **state)
{
    struct city_bench *b = *state;
    struct text whole = b->request.body;
    int told = 0;

    for (size_t n = 0; n < 4 * ALL; n++) {
        bench_use(b, all[n / 4]);
        b->request.body = whole;
        if (!tell(b, (int)n % 4))
            continue;
        told++;
        /* Qingdao's cipher, and so what is encoded, differs */
        size_t slack = all[n / 4] == &adapter_qingdao ? 256 : 0;
        for (size_t needed = b->request.body.used, size = 64; size + slack < needed; size += 7) {
            b->request.body = whole;
            b->request.body.size = size;
            assert_false(tell(b, (int)n % 4) && !b->request.body.overflow);
        }
    }
    b->request.body = whole;
    assert_true(told >= ALL);
}

/* ---- attempts ---- */

static char *keys_of(struct city_bench *b, const struct record *record, char *ret)
{
    static const char *const names[] = {"orderId", "uid",        "arriveID", "orderNo",
                                        "inTime",  "arriveTime", "actTime"};
    struct text text;

    text_init(&text, ret, 256);
    assert_true(bench_record(b, record, LOT_A, 0));
    struct json *document = business(b);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        text_add(&text, "%s/%lld ", json_text(field(document, names[i]), ""),
                 (long long)json_int(field(document, names[i]), 0));
    json_release(document);
    return ret;
}

static void a_second_attempt_has_the_same_keys_and_event_times(void **state)
{
    struct city_bench *b = *state;
    char first[256], second[256];

    for (size_t a = 0; a < ALL; a++) {
        bench_use(b, all[a]);
        b->context.platform_now = CITY_NOW;
        keys_of(b, bench_find("entry"), first);
        char *sent = memory_text(b->request.body.bytes);
        b->context.platform_now.ms += 86400000;
        keys_of(b, bench_find("entry"), second);
        assert_string_equal(first, second);
        assert_string_not_equal(sent, b->request.body.bytes); /* signed and stamped anew */
        free(sent);
    }
}

static void characters_may_straddle_blocks(void **state)
{
    struct city_bench *b = *state;
    struct record record = *bench_find("entry");
    const char letters[] = "皖沪京津渝冀晋";

    for (size_t shift = 0; shift < 12; shift++) { /* of 117 bytes, wherever the cut falls */
        char account[16] = "dev";
        char lane[32];
        struct text text;
        text_init(&text, lane, sizeof lane);
        for (size_t i = 0; i < shift; i++)
            text_append(&text, "x", 1);
        text_append(&text, letters, 15);
        b->places[0] = (struct uplink_place){"A-in", lane};
        for (size_t a = 1; a <= 2; a++) {
            bench_use(b, all[a]);
            b->lots[LOT_A].account = account;
            assert_true(bench_record(b, &record, LOT_A, 0));
            struct json *document = business(b);
            assert_string_equal(json_text(field(document, "entryNum"), ""), lane);
            assert_string_equal(json_text(field(document, "plateNo"), ""), PLATE_1);
            json_release(document);
        }
    }
}

static void an_account_is_percent_encoded(void **state)
{
    struct city_bench *b = *state;

    bench_use(b, &adapter_hangzhou);
    assert_true(bench_record(b, bench_find("entry"), LOT_A, 0));
    assert_int_equal(strncmp(b->request.body.bytes, "accessID=dev%2B1&cipher=", 24), 0);
}

static void a_larger_key_has_larger_blocks(void **state)
{
    struct city_bench *b = *state;
    struct crypto_key *half = public_half(b->own_2048);
    char *cipher = memory_new(PLAIN, 1);
    struct text plain;

    bench_text(&plain, PLAIN);
    bench_use(b, &adapter_hangzhou);
    b->lots[LOT_A].key = b->own_2048;
    assert_true(bench_record(b, bench_find("entry"), LOT_A, 0));
    form_value(b->request.body.bytes, "cipher=", cipher);
    assert_true(crypto_open_public(half, cipher, &plain, &b->err));
    assert_non_null(strstr(plain.bytes, PLATE_1));
    assert_int_equal(strlen(cipher), 684); /* two blocks of 256 bytes */
    crypto_key_free(half);
    free(cipher);
    free(plain.bytes);
}

/* ---- Xuzhou ---- */

static void members_stand_in_ascending_order(void **state)
{
    struct city_bench *b = *state;

    bench_use(b, &adapter_xuzhou);
    for (size_t i = 0; i < BENCH_RECORDS; i++) {
        uint32_t steps = bench_steps(b, &bench_records[i].record, bench_records[i].lot);
        for (uint32_t step = 0; step < steps; step++) {
            char last[64] = "", name[64];
            assert_true(bench_record(b, &bench_records[i].record, bench_records[i].lot, step));
            for (const char *at = b->request.body.bytes; *at; at++)
                if ((*at == '{' || *at == ',') && sscanf(at + 1, "\"%63[^\"]\":", name) == 1) {
                    assert_true(strcmp(last, name) < 0);
                    strcpy(last, name);
                }
            assert_string_equal(last[0] ? "named" : "", "named");
        }
    }
}

static void arrivals_and_departures_at_a_bay_are_told_in_turn(void **state)
{
    enum { UNSURE = CITY_BERTH_UNSURE, LEFT = CITY_BERTH_LEFT, TAKEN = CITY_BERTH_TAKEN };
    static const struct {
        enum bay_state from, to;
        uint32_t steps[3]; /* by what was told before */
    } rows[] = {
        {BAY_FREE, BAY_OCCUPIED, {[UNSURE] = 1, [LEFT] = 1, [TAKEN] = 1}},
        {BAY_OCCUPIED, BAY_FREE, {[UNSURE] = 1, [LEFT] = 0, [TAKEN] = 1}},
        {BAY_UNKNOWN, BAY_OCCUPIED, {[UNSURE] = 0, [LEFT] = 1, [TAKEN] = 0}},
        {BAY_UNKNOWN, BAY_FREE, {[UNSURE] = 0, [LEFT] = 0, [TAKEN] = 1}},
        {BAY_OUT_OF_SERVICE, BAY_FREE, {[UNSURE] = 0, [LEFT] = 0, [TAKEN] = 1}},
        {BAY_OCCUPIED, BAY_UNKNOWN, {0, 0, 0}},
        {BAY_FREE, BAY_UNKNOWN, {0, 0, 0}},
    };
    struct city_bench *b = *state;
    struct record record = *bench_find("bay taken");
    uint8_t berths[SMALL_BAYS] = {0};

    bench_use(b, &adapter_xuzhou);
    b->context.berths = berths;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (uint8_t told = 0; told < 3; told++) {
            record.bay_changed.from = rows[i].from;
            record.bay_changed.to = rows[i].to;
            berths[record.bay_changed.bay] = told;
            assert_int_equal(bench_steps(b, &record, LOT_B), rows[i].steps[told]);
            assert_int_equal(bench_steps(b, &record, LOT_A), 0); /* not on the street */
        }
    b->context.berths = NULL;
    record = *bench_find("bay taken");
    assert_int_equal(bench_steps(b, &record, LOT_B), 1);
    b->site.lots[LOT_B].policy.stays = STAYS_FROM_BAYS; /* its stays tell it */
    assert_int_equal(bench_steps(b, &record, LOT_B), 0);
    b->site.lots[LOT_B].policy.stays = STAYS_NONE;
}

static void a_bill_counts_minutes_between_the_times_that_it_tells(void **state)
{
    static const struct {
        int64_t came, asked, minutes;
    } rows[] = {{900, 60100, 1}, {0, 59999, 0}, {999, 119999, 1}, {1, 120000, 2}, {5000, 4000, 0}};
    struct city_bench *b = *state;

    bench_use(b, &adapter_xuzhou);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct record order = *bench_find("order");
        order.order.entered = (utc_ms){CITY_AT.ms / 60000 * 60000 + rows[i].came};
        order.at = (utc_ms){CITY_AT.ms / 60000 * 60000 + rows[i].asked};
        assert_int_equal(number(b, &order, "parkPeriodTime"), rows[i].minutes);
    }
}

static void what_was_paid_through_the_platform_is_not_told_to_it(void **state)
{
    struct city_bench *b = *state;
    struct record record = *bench_find("payment");

    bench_use(b, &adapter_xuzhou);
    assert_int_equal(bench_steps(b, &record, LOT_A), 1);
    record.payment.channel = CHANNEL_WALLET;
    assert_int_equal(bench_steps(b, &record, LOT_A), 0);
}

/* ---- answers ---- */

static const struct city_code *code_of(const struct adapter *adapter, int64_t code)
{
    for (const struct city_code *row = adapter->city->codes; row->word; row++)
        if (row->code == code)
            return row;
    return NULL;
}

static void codes_mean_what_both_tables_of_hefei_allow(void **state)
{
    static const struct {
        int64_t code;
        enum adapter_verdict means;
    } rows[] = {
        {8888, ADAPTER_DELIVERED}, {4000, ADAPTER_DUPLICATE}, {4002, ADAPTER_DUPLICATE},
        {4029, ADAPTER_RETRY},     {2005, ADAPTER_RETRY},     {1005, ADAPTER_RETRY},
        {1006, ADAPTER_CLOCK},     {1007, ADAPTER_CLOCK},     {1003, ADAPTER_STOP},
        {1008, ADAPTER_STOP},      {1012, ADAPTER_STOP},      {1013, ADAPTER_STOP},
        {2007, ADAPTER_STOP},      {4007, ADAPTER_STOP},      {5000, ADAPTER_FAILED},
        {1002, ADAPTER_REFUSED},   {1000, ADAPTER_REFUSED},   {0, ADAPTER_FAILED},
        {4004, ADAPTER_FAILED},    {2004, ADAPTER_FAILED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(code_of(&adapter_hefei, rows[i].code)->means, rows[i].means);
    assert_int_equal(code_of(&adapter_hangzhou, 200)->means, ADAPTER_DELIVERED);
    assert_int_equal(code_of(&adapter_xuzhou, 0)->means, ADAPTER_DELIVERED);
    assert_int_equal(code_of(&adapter_xuzhou, -1)->means, ADAPTER_FAILED);
    assert_null(code_of(&adapter_hangzhou, 500));
}

static struct city_said said(const struct adapter *adapter, const char *body)
{
    struct adapter_reply reply = {.status = 200, .body = body, .size = strlen(body)};
    struct city_said said;

    adapter->city->read(&reply, &said);
    return said;
}

static void success_is_in_the_body(void **state)
{
    static const struct {
        const struct adapter *adapter;
        const char *body;
        bool parsed;
        int64_t code, time;
    } rows[] = {
        {&adapter_hefei, "{\"code\":8888,\"msg\":\"success\",\"data\":{\"serverTime\":17}}", true,
         8888, 17},
        {&adapter_hefei,
         "{\"code\":8888,\"msg\":\"success\",\"data\":\"{ \\\"serverTime\\\": 18 "
         "}\",\"error\":\"\"}",
         true, 8888, 18},
        {&adapter_hefei, "{\"code\":8888,\"msg\":\"success\",\"data\":null}", true, 8888, 0},
        {&adapter_hefei, "{\"code\":8888,\"msg\":\"success\",\"data\":\"\"}", true, 8888, 0},
        {&adapter_hefei, "{\"code\":8888,\"msg\":\"success\"}", false, -1, 0},
        {&adapter_hefei, "{\"code\":4002,\"msg\":\"duplicate submit\"}", true, 4002, 0},
        {&adapter_hefei, "{\"data\":{}}", false, -1, 0},
        {&adapter_hefei, "{\"code\":\"8888\",\"data\":{}}", false, -1, 0},
        {&adapter_hefei, "<html>", false, -1, 0},
        {&adapter_hefei, "", false, -1, 0},
        {&adapter_hangzhou, "{\"resultCode\":200,\"msg\":\"ok\"}", true, 200, 0},
        {&adapter_hangzhou, "{\"resultCode\":\"200\"}", true, 200, 0},
        {&adapter_qingdao, "{\"resultCode\":500,\"msg\":\"sign\"}", true, 500, 0},
        {&adapter_hangzhou, "{\"resultCode\":\"2x\"}", false, -1, 0},
        {&adapter_hangzhou, "{\"resultCode\":2.5}", false, -1, 0},
        {&adapter_hangzhou, "[]", false, -1, 0},
        {&adapter_xuzhou, "{\"code\":0,\"msg\":null,\"data\":{\"IsWhiteCar\":1}}", true, 0, 0},
        {&adapter_xuzhou, "{\"code\":-1,\"msg\":\"x\"}", true, -1, 0},
        {&adapter_xuzhou, "{\"code\":0", false, -1, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct city_said got = said(rows[i].adapter, rows[i].body);
        assert_int_equal(got.parsed, rows[i].parsed);
        assert_int_equal(got.code, rows[i].code);
        assert_int_equal(got.platform_time.ms, rows[i].time);
    }
}

static void hold(void *arg, const char *stay)
{
    struct text *text = arg;

    text_comma(text);
    text_add(text, "%s", stay);
}

static void a_day_is_read_in_every_form_that_it_comes_in(void **state)
{
    static const struct {
        enum city_check what;
        const char *body;
        bool done, entries, exits;
        const char *ids;
    } rows[] = {
        {CITY_COUNTS, "{\"code\":8888,\"data\":{\"driveInFlag\":0,\"driveOutFlag\":1}}", true,
         false, true, ""},
        {CITY_COUNTS, "{\"code\":8888,\"data\":\"{\\\"driveInFlag\\\":1,\\\"driveOutFlag\\\":0}\"}",
         true, true, false, ""},
        {CITY_COUNTS, "{\"code\":8888,\"data\":{\"driveInFlag\":2,\"driveOutFlag\":0}}", false,
         false, false, ""},
        {CITY_COUNTS, "{\"code\":8888,\"data\":null}", false, false, false, ""},
        {CITY_ENTRIES, "{\"data\":{\"orderIdList\":[\"001\",\"002\"]}}", true, false, false,
         "001,002"},
        {CITY_EXITS, "{\"data\":{\"order_id_list\":[\"003\"]}}", true, false, false, "003"},
        {CITY_EXITS, "{\"data\":\"{\\\"orderIdList\\\":[]}\"}", true, false, false, ""},
        {CITY_EXITS, "{\"data\":{}}", false, false, false, ""},
    };
    char bytes[64];
    struct text ids;
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct adapter_reply reply = {.body = rows[i].body, .size = strlen(rows[i].body)};
        struct city_held held = {.id = hold, .arg = &ids};
        text_init(&ids, bytes, sizeof bytes);
        assert_int_equal(adapter_hefei.city->checked(&reply, rows[i].what, &held, &err),
                         rows[i].done);
        assert_int_equal(held.entries_differ, rows[i].entries);
        assert_int_equal(held.exits_differ, rows[i].exits);
        assert_string_equal(bytes, rows[i].ids);
    }
}

/* ---- before anything else ---- */

static bool bench_setup(struct city_bench *b, uint32_t lot, uint32_t step, bool change)
{
    struct city_setup setup = {&b->lots[lot], step, change};

    bench_clear(b);
    return b->settings.adapter->city->setup(&b->context, &setup, &b->request, &b->err);
}

/* The URI, and the body as it is signed. */
static void expect_setup(struct city_bench *b, const char *uri, const char *body)
{
    char token[MD5_HEX_SIZE], text[2048], target[128];

    snprintf(text, sizeof text, "%s%ss3cret", uri, body);
    snprintf(target, sizeof target, "%s?token=%s", uri, crypto_md5(text, strlen(text), token));
    assert_string_equal(b->request.body.bytes, body);
    assert_string_equal(b->request.target.bytes, target);
}

static void xuzhou_is_told_of_a_lot_and_its_device(void **state)
{
    struct city_bench *b = *state;

    bench_use(b, &adapter_xuzhou);
    b->lots[LOT_A].monthly = true;
    assert_false(bench_setup(b, LOT_A, 0, false));
    assert_string_equal(b->err.text, "lot \"A\" has no location, which the platform asks for");
    b->site.lots[LOT_A].located = true;
    b->site.lots[LOT_A].latitude = 34.26;
    b->site.lots[LOT_A].longitude = 117.1857;
    assert_int_equal(b->settings.adapter->city->setup_steps(&b->context, &b->lots[LOT_A]), 2);
    assert_true(bench_setup(b, LOT_A, 0, false));
    expect_setup(b, "/api/outer/postParkInfo",
                 "{\"address\":\"南湖路 1 号\",\"appkey\":\"dev+1\",\"isPayMonth\":1,"
                 "\"latitude\":\"34.260000\",\"longitude\":\"117.185700\",\"postType\":1,"
                 "\"thirdParkCode\":\"A\",\"thirdParkName\":\"North\",\"time\":1795316530000,"
                 "\"totalPlaceCount\":4}");
    assert_true(bench_setup(b, LOT_A, 1, true));
    expect_setup(b, "/api/outer/postParkDevice",
                 "{\"appkey\":\"dev+1\",\"deviceSN\":\"demo\",\"parkCode\":\"340100A\","
                 "\"postType\":2,\"time\":1795316530000}");
}

static void xuzhou_is_told_of_a_street_and_its_berths(void **state)
{
    struct city_bench *b = *state;

    bench_use(b, &adapter_xuzhou);
    b->site.lots[LOT_B].located = true;
    b->site.bays[B_002].device = 1;
    assert_false(bench_setup(b, LOT_B, 0, false));
    assert_string_equal(
        b->err.text, "lot \"B\" has no address (of the uplink's lot), which the platform asks for");
    b->lots[LOT_B].address = "x";
    assert_int_equal(b->settings.adapter->city->setup_steps(&b->context, &b->lots[LOT_B]), 3);
    assert_true(bench_setup(b, LOT_B, 0, true));
    expect_setup(b, "/api/inner/postParkInfo",
                 "{\"address\":\"x\",\"appkey\":\"dev+1\",\"berthInfo\":[{\"berthNo\":\"B-001\"},"
                 "{\"berthNo\":\"B-002\"}],\"latitude\":\"0.000000\",\"longitude\":\"0.000000\","
                 "\"postType\":2,\"thirdParkCode\":\"B\",\"thirdParkName\":\"South \\\"2\\\"\","
                 "\"time\":1795316530000,\"totalPlaceCount\":2}");
    assert_true(bench_setup(b, LOT_B, 1, false));
    expect_setup(
        b, "/api/inner/postParkBerthNos",
        "{\"appkey\":\"dev+1\",\"berthInfo\":[{\"berthNo\":\"B-001\"},{\"berthNo\":\"B-002\","
        "\"deviceCode\":\"node-2\"}],\"parkCode\":\"340100B\",\"postType\":1,"
        "\"time\":1795316530000}");
}

/* Only of a lot that was registered by us; of another nothing is said, and nothing is wrong. */
static void xuzhou_is_told_of_the_device_each_day(void **state)
{
    struct city_bench *b = *state;
    const struct city *city = adapter_xuzhou.city;

    bench_use(b, &adapter_xuzhou);
    bench_clear(b);
    assert_int_equal(city->heartbeat_ms, 24 * 3600 * 1000);
    assert_false(city->heartbeat(&b->context, &b->lots[LOT_B], &b->request, &b->err));
    assert_string_equal(b->err.text, "");
    assert_int_equal(b->request.body.used, 0);
    assert_true(city->heartbeat(&b->context, &b->lots[LOT_A], &b->request, &b->err));
    expect_setup(b, "/api/outer/postParkDevice",
                 "{\"appkey\":\"dev+1\",\"deviceSN\":\"demo\",\"parkCode\":\"340100A\","
                 "\"postType\":2,\"time\":1795316530000}");
}

static void a_platform_tells_the_code_that_it_gives_a_lot(void **state)
{
    static const char body[] = "{\"code\":0,\"msg\":\"ok\",\"data\":{\"parkCode\":\"320300A\"}}";
    struct adapter_reply reply = {.status = 200, .body = body, .size = sizeof body - 1};
    struct city_said said;

    (void)state;
    xuzhou_read(&reply, &said);
    assert_string_equal(said.lot_code, "320300A");
}

static void xuzhous_tokens_and_pictures_go_as_it_is_set(void **state)
{
    struct city_bench *b = *state;
    char lower[128];

    bench_use(b, &adapter_xuzhou);
    assert_true(bench_record(b, bench_find("entry"), LOT_A, 0));
    assert_non_null(strstr(b->request.body.bytes, "\"picUrl\":\"\""));
    text_copy(lower, sizeof lower, strstr(b->request.target.bytes, "token="));
    b->settings.token_upper = true;
    assert_true(bench_record(b, bench_find("entry"), LOT_A, 0));
    const char *upper = strstr(b->request.target.bytes, "token=");
    assert_string_not_equal(upper, lower);
    assert_int_equal(strcasecmp(upper, lower), 0);
    assert_int_equal(strcspn(upper + 6, "abcdef"), 32);
    b->settings.picture_url = "https://pictures.example.org/";
    assert_true(bench_record(b, bench_find("entry"), LOT_A, 0));
    assert_non_null(strstr(b->request.body.bytes,
                           "\"picUrl\":\"https://pictures.example.org/" STAY_1 "_0.jpg\""));
}

static void local_times_are_those_of_china(void **state)
{
    static const struct {
        int64_t ms;
        const char *text;
    } rows[] = {{0, "1970-01-01 08:00:00"},
                {1795316526999, "2026-11-22 11:02:06"},
                {1709222399000, "2024-02-29 23:59:59"},
                {1709222400000, "2024-03-01 00:00:00"}};
    char text[CITY_TIME];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(city_fields_time((utc_ms){rows[i].ms}, text), rows[i].text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(colours_are_told_as_each_platform_numbers_them),
        TEST(a_colour_that_no_camera_told_goes_by_the_class),
        TEST(sizes_of_vehicles_are_small_medium_large),
        TEST(kinds_of_parking_have_their_codes),
        TEST(ways_of_paying_have_their_codes),
        TEST(when_it_was_paid_has_its_code),
        TEST(how_a_stay_ended_has_its_code),
        TEST(a_pass_that_covers_a_part_only_is_told_as_temporary),
        TEST(who_left_without_paying_did_not_park_free),
        TEST(a_stay_that_was_none_leaves_for_nothing),
        TEST(what_a_platform_has_no_word_for_is_refused_with_a_reason),
        TEST(who_came_or_left_by_no_lane_did_so_by_the_bay_or_the_lot),
        TEST(a_picture_beyond_the_limit_is_refused),
        TEST(a_request_that_does_not_fit_is_refused_and_never_cut),
        TEST(nor_is_anything_else_ever_cut),
        TEST(a_second_attempt_has_the_same_keys_and_event_times),
        TEST(characters_may_straddle_blocks),
        TEST(an_account_is_percent_encoded),
        TEST(a_larger_key_has_larger_blocks),
        TEST(members_stand_in_ascending_order),
        TEST(arrivals_and_departures_at_a_bay_are_told_in_turn),
        TEST(a_bill_counts_minutes_between_the_times_that_it_tells),
        TEST(what_was_paid_through_the_platform_is_not_told_to_it),
        TEST(codes_mean_what_both_tables_of_hefei_allow),
        TEST(success_is_in_the_body),
        TEST(a_day_is_read_in_every_form_that_it_comes_in),
        TEST(xuzhou_is_told_of_a_lot_and_its_device),
        TEST(xuzhou_is_told_of_a_street_and_its_berths),
        TEST(xuzhou_is_told_of_the_device_each_day),
        TEST(a_platform_tells_the_code_that_it_gives_a_lot),
        TEST(xuzhous_tokens_and_pictures_go_as_it_is_set),
        TEST(local_times_are_those_of_china),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
