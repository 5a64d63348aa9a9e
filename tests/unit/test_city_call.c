/*
 * What cities' platforms send us: payments' results in each platform's form, and passes, locked
 * vehicles, barriers and tariffs in its envelope. What is not signed by the platform is nobody's;
 * what is signed and cannot be done is refused with a reason.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/uplink/city_call.h"
#include "daemon/uplink/hangzhou.h"
#include "daemon/uplink/hefei_call.h"
#include "tests/unit/city_caller.h"

#define FOLDER "tests/unit/city"
#define URI "/platforms/city"

struct world {
    struct city_bench b;
    struct city_caller caller;
    struct city_order order;
    bool is_signed;
};

static int setup(void **state)
{
    struct world *w = memory_new(1, sizeof *w);

    bench_init(&w->b, FOLDER);
    w->caller.b = &w->b;
    w->caller.at_ms = CITY_NOW.ms;
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;

    bench_fini(&w->b);
    free(w);
    return 0;
}

static bool receive(struct world *w, const char *token, const char *body)
{
    struct city_call call = {.path = URI, .token = token, .body = body, .size = strlen(body)};

    w->order = (struct city_order){.id = "untouched"};
    w->b.err.text[0] = '\0';
    return w->b.settings.adapter->city->receive(&w->b.context, &call, &w->order, &w->is_signed,
                                                &w->b.err);
}

/* The business object in the envelope of the platform in use. */
static bool call(struct world *w, const char *business)
{
    if (w->b.settings.adapter == &adapter_hefei)
        caller_hefei(&w->caller, business);
    else if (w->b.settings.adapter == &adapter_xuzhou)
        caller_xuzhou(&w->caller, URI, business);
    else
        caller_hangzhou(&w->caller, business);
    return receive(w, w->caller.token, w->caller.body);
}

static void expect_refused(struct world *w, const char *business, const char *why)
{
    assert_false(call(w, business));
    assert_true(w->is_signed);
    assert_string_equal(w->b.err.text, why);
    assert_string_equal(w->order.id, "untouched");
}

/* 32 characters: a key, but longer than any stay's. */
#define LONG_ID "0123456789abcdef0123456789ABCDEF"
#define ORDER(operation) \
    "{\"operation\":\"" operation "\",\"osStoreCode\":\"340100A\",\"callId\":\"1\","
#define LOCK ORDER("lock")
#define PASS ORDER("list") "\"listType\":\"pass\","

/* ---- payments ---- */

static void a_payment_of_hangzhou_is_opened_and_verified(void **state)
{
    static const char *const rows[] = {
        "{\"data\":{\"payStatus\":1,\"billID\":\"" STAY_1
        "\",\"actualPay\":700,\"orderCode\":\"HZ1\"}}",
        "{\"payStatus\":\"1\",\"billID\":\"" STAY_1
        "\",\"actualPay\":\"700\",\"orderCode\":\"HZ1\"}",
        "{\"data\":\"{\\\"payStatus\\\":1,\\\"billID\\\":\\\"" STAY_1
        "\\\",\\\"actualPay\\\":700,\\\"orderCode\\\":\\\"HZ1\\\"}\"}",
    };
    static const struct adapter *const family[] = {&adapter_hangzhou, &adapter_qingdao};
    struct world *w = *state;

    for (size_t i = 0; i < 12; i++) {
        bench_use(&w->b, family[i % 2]);
        w->caller.as_object = i / 2 % 2;
        assert_true(call(w, rows[i / 4]));
        assert_int_equal(w->order.act, PLATFORM_PAID);
        assert_string_equal(w->order.id, "HZ1");
        assert_string_equal(w->order.stay, STAY_1);
        assert_int_equal(w->order.amount_fen, 700);
        assert_string_equal(w->order.transaction, "HZ1");
        assert_int_equal(w->order.not_after.ms, 0);
        assert_null(w->order.lot); /* both lots have this key, and no code is told */
    }
}

static void a_payment_of_hangzhou_may_name_its_lot(void **state)
{
    struct world *w = *state;

    bench_use(&w->b, &adapter_hangzhou);
    assert_true(call(w, "{\"payStatus\":1,\"billID\":\"" STAY_1
                        "\",\"actualPay\":7,\"parkingCode\":\"340100B\"}"));
    assert_ptr_equal(w->order.lot, &w->b.lots[LOT_B]);
    assert_string_equal(w->order.id, STAY_1);
    expect_refused(w,
                   "{\"payStatus\":1,\"billID\":\"" STAY_1
                   "\",\"actualPay\":7,\"parkingCode\":\"340100C\"}",
                   "it is not for a lot of ours");
    w->b.lots[LOT_B].platform_key = NULL;
    assert_true(call(w, "{\"payStatus\":1,\"billID\":\"" STAY_1 "\",\"actualPay\":7}"));
    assert_ptr_equal(w->order.lot, &w->b.lots[LOT_A]);
    expect_refused(w,
                   "{\"payStatus\":1,\"billID\":\"" STAY_1
                   "\",\"actualPay\":7,\"parkingCode\":\"340100B\"}",
                   "it is not for a lot of ours");
}

static void what_is_no_payment_of_hangzhou_is_refused(void **state)
{
    static const struct {
        const char *plain, *why;
    } rows[] = {
        {"{\"payStatus\":0,\"billID\":\"" STAY_1 "\",\"actualPay\":700}",
         "payStatus is not 1: nothing was paid"},
        {"{\"payStatus\":1,\"billID\":\"" STAY_1 "\",\"actualPay\":-7}",
         "actualPay is no amount in fen"},
        {"{\"payStatus\":1,\"billID\":\"" STAY_1 "\",\"actualPay\":1000000001}",
         "actualPay is no amount in fen"},
        {"{\"payStatus\":1,\"billID\":\"" STAY_1 "\",\"actualPay\":\"7 \"}",
         "actualPay is no amount in fen"},
        {"{\"payStatus\":1,\"billID\":\"a bill\",\"actualPay\":700}", "billID is none of ours"},
        {"{\"payStatus\":1,\"actualPay\":700}", "billID is none of ours"},
        {"{\"payStatus\":1,\"billID\":\"" LONG_ID "\",\"actualPay\":700}",
         "billID is none of ours"},
        {"{\"billID\":\"" STAY_1 "\",\"actualPay\":700}", "payStatus is not 1: nothing was paid"},
        {"{\"payStatus\":\"paid\",\"billID\":\"" STAY_1 "\",\"actualPay\":700}",
         "payStatus is not 1: nothing was paid"},
        {"{\"payStatus\":1,\"billID\":\"" STAY_1 "\"}", "actualPay is no amount in fen"},
        {"{\"payStatus\":1,\"billID\":\"" STAY_1 "\",\"actualPay\":\"1234567890123456789\"}",
         "actualPay is no amount in fen"},
        {"{\"payStatus\":1,\"billID\":\"" STAY_1
         "\",\"actualPay\":7,\"orderCode\":\"0123456789012345678901234567890123456789012345678\"}",
         "orderCode is too long"},
        {"hello", "the cipher holds no JSON"},
    };
    struct world *w = *state;

    bench_use(&w->b, &adapter_hangzhou);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_refused(w, rows[i].plain, rows[i].why);
}

static void a_payment_of_xuzhou_needs_its_token(void **state)
{
    static const char body[] =
        "{\"time\":1795316530000,\"billId\":\"O1\",\"appkey\":\"dev+1\","
        "\"parkCode\":\"340100B\",\"payStatus\":1,\"payMoney\":600,"
        "\"note\":null,\"plateNo\":\"皖a·12345\",\"orderNo\":\"" STAY_1 "\"}";
    static const char canonical[] =
        "{\"appkey\":\"dev+1\",\"billId\":\"O1\",\"orderNo\":\"" STAY_1
        "\",\"parkCode\":\"340100B\",\"payMoney\":600,\"payStatus\":1,\"plateNo\":\"皖a·12345\","
        "\"time\":1795316530000}";
    struct world *w = *state;

    bench_use(&w->b, &adapter_xuzhou);
    caller_xuzhou(&w->caller, URI, canonical);
    assert_true(receive(w, w->caller.token, body));
    assert_int_equal(w->order.act, PLATFORM_PAID);
    assert_string_equal(w->order.id, "O1");
    assert_string_equal(w->order.order, "O1");
    assert_string_equal(w->order.stay, STAY_1);
    assert_string_equal(w->order.plate, PLATE_1);
    assert_int_equal(w->order.amount_fen, 600);
    assert_ptr_equal(w->order.lot, &w->b.lots[LOT_B]);
    caller_xuzhou(&w->caller, "/platforms/other", canonical);
    assert_false(receive(w, w->caller.token, body));
    assert_false(w->is_signed);
    assert_string_equal(w->b.err.text, "the token is not the platform's");
    assert_false(receive(w, NULL, body));
    assert_false(w->is_signed);
    assert_false(receive(w, "", "{}"));
    assert_false(w->is_signed);
    assert_false(receive(w, "", "{"));
    assert_false(w->is_signed);
}

static void what_is_no_payment_of_xuzhou_is_refused(void **state)
{
    static const struct {
        const char *body, *why;
    } rows[] = {
        {"{\"appkey\":\"dev+1\",\"billId\":\"O1\",\"payMoney\":6}",
         "payStatus is not 1: nothing was paid"},
        {"{\"appkey\":\"dev+1\",\"payMoney\":6,\"payStatus\":1}", "billId is none of ours"},
        {"{\"appkey\":\"dev+1\",\"billId\":\"" LONG_ID "\",\"payMoney\":6,\"payStatus\":1}",
         "billId is none of ours"},
        {"{\"appkey\":\"dev+1\",\"billId\":\"O1\",\"payMoney\":-6,\"payStatus\":1}",
         "payMoney is no amount in fen"},
        {"{\"appkey\":\"dev+1\",\"billId\":\"O1\",\"orderNo\":\"012345678901234567890123\","
         "\"payMoney\":6,\"payStatus\":1}",
         "orderNo is none of ours"},
        {"{\"appkey\":\"dev+1\",\"billId\":\"O1\",\"payMoney\":1000000001,\"payStatus\":1}",
         "payMoney is no amount in fen"},
        {"{\"appkey\":\"dev+1\",\"billId\":\"O1\",\"parkCode\":\"340100C\",\"payMoney\":6,"
         "\"payStatus\":1}",
         "it is not for a lot of ours"},
    };
    struct world *w = *state;

    bench_use(&w->b, &adapter_xuzhou);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_refused(w, rows[i].body, rows[i].why);
}

/* What the platform never sends is not what it has signed, whatever the token. */
static void only_members_that_can_be_signed_are_taken_from_xuzhou(void **state)
{
    static const char *const foreign[] = {"1.5", "[1]", "{}"};
    struct world *w = *state;
    char body[1024];
    struct text text;

    bench_use(&w->b, &adapter_xuzhou);
    assert_true(call(w, "{\"appkey\":\"dev+1\",\"billId\":\"O1\",\"flag\":true,\"payMoney\":6,"
                        "\"payStatus\":1}"));
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        snprintf(body, sizeof body,
                 "{\"appkey\":\"dev+1\",\"billId\":\"O1\",\"flag\":%s,\"payMoney\":6,"
                 "\"payStatus\":1}",
                 foreign[i]);
        assert_false(call(w, body));
        assert_false(w->is_signed);
    }
    for (int more = 28; more <= 29; more++) { /* with the other four 32 members, or 33 */
        text_init(&text, body, sizeof body);
        text_add(&text, "{");
        for (int i = 0; i < more; i++)
            text_add(&text, "\"a%02d\":1,", i);
        text_add(&text, "\"appkey\":\"dev+1\",\"billId\":\"O1\",\"payMoney\":6,\"payStatus\":1}");
        assert_int_equal(call(w, body), more == 28);
        assert_int_equal(w->is_signed, more == 28);
    }
}

static void the_token_of_xuzhou_may_stand_in_the_body(void **state)
{
    static const char plain[] =
        "{\"appkey\":\"dev+1\",\"billId\":\"O1\",\"payMoney\":6,\"payStatus\":1}";
    struct world *w = *state;
    char body[512];

    bench_use(&w->b, &adapter_xuzhou);
    caller_xuzhou(&w->caller, URI, plain);
    for (int cut = 0; cut <= 1; cut++) {
        snprintf(body, sizeof body, "%.*s,\"token\":\"%s\"}", (int)sizeof plain - 2, plain,
                 w->caller.token + cut);
        assert_int_equal(receive(w, NULL, body), !cut);
        assert_int_equal(w->is_signed, !cut);
    }
}

static void a_payment_of_hefei_comes_in_the_envelope_of_our_own_requests(void **state)
{
    static const struct {
        const char *type;
        enum pay_channel channel;
    } rows[] = {{"0", CHANNEL_CASH},   {"1", CHANNEL_WALLET},  {"2", CHANNEL_ALIPAY},
                {"3", CHANNEL_WECHAT}, {"-1", CHANNEL_WALLET}, {"9", CHANNEL_WALLET}};
    struct world *w = *state;
    char business[512];

    bench_use(&w->b, &adapter_hefei);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(business, sizeof business,
                 "{\"callId\":\"HF-1\",\"osStoreCode\":\"340100A\",\"orderId\":\"" STAY_1
                 "\",\"payAmount\":900,\"payType\":%s}",
                 rows[i].type);
        assert_true(call(w, business));
        assert_int_equal(w->order.act, PLATFORM_PAID);
        assert_string_equal(w->order.id, "HF-1");
        assert_string_equal(w->order.transaction, "HF-1");
        assert_string_equal(w->order.stay, STAY_1);
        assert_int_equal(w->order.amount_fen, 900);
        assert_int_equal(w->order.channel, rows[i].channel);
        assert_ptr_equal(w->order.lot, &w->b.lots[LOT_A]);
    }
}

static void what_is_no_payment_of_hefei_is_refused(void **state)
{
    static const struct {
        const char *business, *why;
    } rows[] = {
        {"hello", "data is no Base64 of JSON"},
        {"{\"callId\":\"1\",\"osStoreCode\":\"340100C\"}", "it is not for a lot of ours"},
        {"{\"callId\":\"1\",\"orderId\":\"a b\",\"payAmount\":9}", "orderId is none of ours"},
        {"{\"callId\":\"1\",\"orderId\":\"" STAY_1 "\"}", "payAmount is no amount in fen"},
        {"{\"callId\":\"1\",\"orderId\":\"" STAY_1 "\",\"payAmount\":-9}",
         "payAmount is no amount in fen"},
        {"{\"callId\":\"1\",\"orderId\":\"" STAY_1 "\",\"payAmount\":1000000001}",
         "payAmount is no amount in fen"},
        {"{\"callId\":\"1\",\"orderId\":\"" LONG_ID "\",\"payAmount\":9}",
         "orderId is none of ours"},
        {"{\"orderId\":\"" STAY_1 "\",\"payAmount\":9}",
         "callId is missing, or is not 1 to 32 of 0-9 A-Z a-z _ -"},
    };
    struct world *w = *state;

    bench_use(&w->b, &adapter_hefei);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_refused(w, rows[i].business, rows[i].why);
}

/* ---- signatures ---- */

/* One character of what is signed is another one; or the lot has no key of the platform. */
static void what_the_platform_has_not_signed_is_nobodys(void **state)
{
    static const struct {
        const struct adapter *adapter;
        const char *business, *near;
    } rows[] = {
        {&adapter_hefei, "{\"callId\":\"1\",\"orderId\":\"" STAY_1 "\",\"payAmount\":9}",
         "\"data\":\""},
        {&adapter_hefei, "{\"callId\":\"1\",\"orderId\":\"" STAY_1 "\",\"payAmount\":9}",
         "\"time_stamp\":"},
        {&adapter_hefei, "{\"callId\":\"1\",\"orderId\":\"" STAY_1 "\",\"payAmount\":9}",
         "\"sign_type\":\""},
        {&adapter_hefei, "{\"callId\":\"1\",\"orderId\":\"" STAY_1 "\",\"payAmount\":9}",
         "\"sign\":\""},
        {&adapter_hefei, "{\"callId\":\"1\",\"orderId\":\"" STAY_1 "\",\"payAmount\":9}",
         "\"access_id\":\""},
        {&adapter_hangzhou, "{\"payStatus\":1,\"billID\":\"" STAY_1 "\",\"actualPay\":7}",
         "cipher="},
        {&adapter_hangzhou, "{\"payStatus\":1,\"billID\":\"" STAY_1 "\",\"actualPay\":7}", "sign="},
        {&adapter_qingdao, "{\"payStatus\":1,\"billID\":\"" STAY_1 "\",\"actualPay\":7}",
         "cipher="},
        {&adapter_xuzhou, "{\"appkey\":\"dev+1\",\"billId\":\"O1\",\"payMoney\":6,\"payStatus\":1}",
         "\"payMoney\":"},
    };
    struct world *w = *state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bench_use(&w->b, rows[i].adapter);
        assert_true(call(w, rows[i].business));
        char *at = strstr(w->caller.body, rows[i].near) + strlen(rows[i].near), was = *at;
        *at = *at == '5' ? '6' : '5';
        assert_false(receive(w, w->caller.token, w->caller.body));
        assert_false(w->is_signed);
        assert_string_equal(w->order.id, "untouched");
        *at = was;
        for (size_t k = 0; k < 2; k++)
            w->b.lots[k].platform_key = NULL, w->b.lots[k].secret = NULL;
        assert_false(receive(w, w->caller.token, w->caller.body));
        assert_false(w->is_signed);
    }
}

static void a_broken_form_is_nobodys(void **state)
{
    static const char *const bodies[] = {"",
                                         "cipher=AA",
                                         "cipher=%4&sign=x",
                                         "cipher=%zz&sign=x",
                                         "{\"cipher\":\"AA\"}",
                                         "{\"cipher\":1,\"sign\":2}",
                                         "sign=x&cipher=",
                                         "[]",
                                         "cipher",
                                         "ciphers=AA&sign=AA",
                                         "cipher=A%00A&sign=AA",
                                         "cipher=A%4z&sign=AA",
                                         "cipher=+&sign=AA",
                                         "{\"cipher\":\"AA\",\"sign\":2}",
                                         "cipher=AA&sign=AA"};
    static const struct adapter *const all[] = {&adapter_hefei, &adapter_hangzhou, &adapter_qingdao,
                                                &adapter_xuzhou};
    struct world *w = *state;

    for (size_t i = 0; i < 4 * sizeof bodies / sizeof *bodies; i++) {
        bench_use(&w->b, all[i % 4]);
        assert_false(receive(w, NULL, bodies[i / 4]));
        assert_false(w->is_signed);
        assert_true(w->b.err.text[0]);
    }
}

/* ---- other orders ---- */

static void a_cipher_that_is_too_long_is_nobodys(void **state)
{
    enum { TOO_LONG = 8 * 1024 };
    struct world *w = *state;
    char *body = memory_new(TOO_LONG + 64, 1);

    bench_use(&w->b, &adapter_hangzhou);
    for (int as_object = 0; as_object <= 1; as_object++) {
        int size = sprintf(body, as_object ? "{\"cipher\":\"" : "cipher=");

        memset(body + size, 'A', TOO_LONG);
        strcpy(body + size + TOO_LONG, as_object ? "\",\"sign\":\"AA\"}" : "&sign=AA");
        assert_false(receive(w, NULL, body));
        assert_false(w->is_signed);
    }
    free(body);
}

static void a_moment_that_the_platform_does_not_write_is_refused(void **state)
{
    struct world *w = *state;

    bench_use(&w->b, &adapter_hangzhou); /* it writes the wall's time; the others milliseconds */
    expect_refused(w,
                   "{\"operation\":\"list\",\"callId\":\"L1\",\"listType\":\"pass\",\"status\":1,"
                   "\"plateNo\":\"皖A12345\",\"parkingCode\":\"340100A\",\"uploadTime\":"
                   "\"2026-11-22 11:02:10\",\"validEndDate\":1796054399000}",
                   "validEndDate is no moment as the platform writes them");
}

static void a_pass_comes_and_goes_with_its_time(void **state)
{
    struct world *w = *state;

    bench_use(&w->b, &adapter_hangzhou);
    assert_true(call(w, "{\"data\":{\"operation\":\"list\",\"callId\":\"L1\",\"listType\":\"pass\","
                        "\"status\":1,\"plateNo\":\"皖A12345\",\"parkingCode\":\"340100A\","
                        "\"validStartDate\":\"2026-11-01 00:00:00\","
                        "\"validEndDate\":\"2026-11-30 23:59:59\",\"reason\":\"November\","
                        "\"uploadTime\":\"2026-11-22 11:02:10\"}}"));
    assert_int_equal(w->order.act, PLATFORM_LIST_ADD);
    assert_int_equal(w->order.list, PLATES_PASS);
    assert_string_equal(w->order.id, "L1");
    assert_string_equal(w->order.plate, PLATE_1);
    assert_string_equal(w->order.note, "November");
    assert_int_equal(w->order.from.ms, 1793462400000);
    assert_int_equal(w->order.until.ms, 1796054399000);
    assert_int_equal(w->order.not_after.ms, CITY_NOW.ms + 5 * 60 * 1000);
    assert_ptr_equal(w->order.lot, &w->b.lots[LOT_A]);

    bench_use(&w->b, &adapter_hefei);
    assert_true(call(w, "{\"operation\":\"list\",\"callId\":\"L2\",\"listType\":\"exempt\","
                        "\"status\":\"0\",\"carPlate\":\"皖A12345\",\"osStoreCode\":\"340100B\","
                        "\"validEndDate\":1796054399000}"));
    assert_int_equal(w->order.act, PLATFORM_LIST_REMOVE);
    assert_int_equal(w->order.list, PLATES_EXEMPT);
    assert_int_equal(w->order.from.ms, 0);
    assert_int_equal(w->order.until.ms, 1796054399000);
}

static void a_vehicle_is_locked_and_let_go(void **state)
{
    struct world *w = *state;

    bench_use(&w->b, &adapter_xuzhou);
    assert_true(call(w, "{\"appkey\":\"dev+1\",\"callId\":\"K1\",\"operation\":\"lock\","
                        "\"parkCode\":\"340100A\",\"plateNo\":\"皖A12345\",\"status\":1,"
                        "\"time\":1795316530000}"));
    assert_int_equal(w->order.act, PLATFORM_LIST_ADD);
    assert_int_equal(w->order.list, PLATES_LOCKED);
    assert_true(call(
        w,
        "{\"appkey\":\"dev+1\",\"callId\":\"K2\",\"operation\":\"lock\","
        "\"parkCode\":\"340100B\",\"plateNo\":\"皖A12345\",\"status\":0,\"time\":1795316530000}"));
    assert_int_equal(w->order.act, PLATFORM_LIST_REMOVE);
    assert_ptr_equal(w->order.lot, &w->b.lots[LOT_B]);
}

static void a_barrier_is_known_by_the_platforms_name_of_it(void **state)
{
    struct world *w = *state;

    bench_use(&w->b, &adapter_hefei);
    assert_true(call(w,
                     "{\"operation\":\"open\",\"callId\":\"B1\",\"channel\":\"出口1\","
                     "\"reason\":\"ambulance\",\"actor\":\"desk 4\",\"osStoreCode\":\"340100A\"}"));
    assert_int_equal(w->order.act, PLATFORM_OPEN);
    assert_string_equal(w->order.lane, "A-out");
    assert_string_equal(w->order.note, "ambulance");
    assert_string_equal(w->order.actor, "desk 4");
    assert_true(call(w, "{\"operation\":\"open\",\"osStoreCode\":\"340100A\",\"callId\":\"B2\","
                        "\"channel\":\"A-in\"}"));
    assert_string_equal(w->order.lane, "A-in");
    expect_refused(w,
                   "{\"operation\":\"open\",\"osStoreCode\":\"340100A\",\"callId\":\"B3\","
                   "\"channel\":\"A-out\"}",
                   "channel names no lane of ours");
    expect_refused(w,
                   "{\"operation\":\"open\",\"callId\":\"B3\",\"channel\":\"A-in\","
                   "\"osStoreCode\":\"340100B\"}",
                   "channel names a lane of another lot");
}

static void a_tariff_is_a_notice(void **state)
{
    struct world *w = *state;

    bench_use(&w->b, &adapter_hefei);
    assert_true(call(w, "{\"operation\":\"tariff\",\"osStoreCode\":\"340100A\",\"callId\":\"T1\","
                        "\"notice\":\"from 1 March\"}"));
    assert_int_equal(w->order.act, PLATFORM_TARIFF);
    assert_string_equal(w->order.note, "from 1 March");
}

/* long: a row each */
static void an_order_that_says_too_little_is_refused(void **state)
{
    static const struct {
        const char *business, *why;
    } rows[] = {
        {"{\"operation\":\"tariff\",\"callId\":\"1\",\"notice\":\"x\"}",
         "osStoreCode is missing: for which lot?"},
        {"{\"operation\":\"sing\",\"callId\":\"1\"}",
         "there is no such operation; there are paid, list, lock, open, tariff"},
        {"{\"operation\":\"open\",\"osStoreCode\":\"340100A\",\"channel\":\"A-in\"}",
         "callId is missing, or is not 1 to 32 of 0-9 A-Z a-z _ -"},
        {"{\"operation\":\"open\",\"osStoreCode\":\"340100A\",\"callId\":"
         "\"0123456789012345678901234567890123\"}",
         "callId is missing, or is not 1 to 32 of 0-9 A-Z a-z _ -"},
        {"{\"operation\":\"list\",\"osStoreCode\":\"340100A\",\"callId\":\"1\",\"listType\":"
         "\"locked\",\"status\":1}",
         "listType is none of pass, exempt, blocked"},
        {"{\"operation\":\"list\",\"osStoreCode\":\"340100A\",\"callId\":\"1\",\"listType\":"
         "\"pass\",\"status\":2}",
         "status is neither 0 nor 1"},
        {"{\"operation\":\"list\",\"osStoreCode\":\"340100A\",\"callId\":\"1\",\"listType\":"
         "\"pass\",\"status\":1}",
         "carPlate is no plate"},
        {"{\"operation\":\"list\",\"osStoreCode\":\"340100A\",\"callId\":\"1\",\"listType\":"
         "\"pass\",\"status\":1,"
         "\"carPlate\":\"皖A12345\",\"validEndDate\":\"2026-11-30 23:59:59\"}",
         "validEndDate is no moment as the platform writes them"},
        {"{\"operation\":\"lock\",\"osStoreCode\":\"340100A\",\"callId\":\"1\",\"carPlate\":"
         "\"皖A12345\"}",
         "status is neither 0 nor 1"},
        {LOCK "\"status\":-1}", "status is neither 0 nor 1"},
        {LOCK "\"status\":\"on\"}", "status is neither 0 nor 1"},
        {LOCK "\"status\":\"\"}", "status is neither 0 nor 1"},
        {LOCK "\"status\":1,\"carPlate\":\"皖A1\"}", "carPlate is no plate"},
        {LOCK "\"status\":1,\"carPlate\":\"" LONG_ID LONG_ID "\"}", "carPlate is no plate"},
        {PASS "\"status\":1,\"carPlate\":\"皖A12345\",\"validStartDate\":0}",
         "validStartDate is no moment as the platform writes them"},
        {PASS "\"status\":1,\"carPlate\":\"皖A12345\",\"validStartDate\":\"\"}",
         "validStartDate is no moment as the platform writes them"},
        {PASS "\"status\":1,\"carPlate\":\"皖A12345\",\"validStartDate\":5,\"validEndDate\":-5}",
         "validEndDate is no moment as the platform writes them"},
        {"{\"operation\":\"tariff\",\"osStoreCode\":\"340100A\",\"callId\":\"1\"}",
         "notice is empty; nothing is told"},
        {"{\"operation\":\"open\",\"osStoreCode\":\"340100A\",\"callId\":\"1\"}",
         "channel names no lane of ours"},
    };
    struct world *w = *state;

    bench_use(&w->b, &adapter_hefei);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_refused(w, rows[i].business, rows[i].why);
}

static void a_reason_that_is_too_long_is_refused_and_never_cut(void **state)
{
    static const struct {
        const char *operation, *name;
    } rows[] = {{"open\",\"channel\":\"A-in", "reason"},
                {"lock\",\"status\":\"1\",\"carPlate\":\"皖A12345", "reason"},
                {"list\",\"listType\":\"pass\",\"status\":\"1\",\"carPlate\":\"皖A12345", "reason"},
                {"tariff", "notice"}};
    struct world *w = *state;
    char business[512], words[RECORD_PHRASE + 1], why[64];

    bench_use(&w->b, &adapter_hefei);
    for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
        size_t size = i % 2 ? RECORD_PHRASE : RECORD_PHRASE - 1;

        memset(words, 'r', size);
        words[size] = '\0';
        snprintf(
            business, sizeof business,
            "{\"operation\":\"%s\",\"osStoreCode\":\"340100A\",\"callId\":\"1\",\"%s\":\"%s\"}",
            rows[i / 2].operation, rows[i / 2].name, words);
        snprintf(why, sizeof why, "%s is longer than %d bytes", rows[i / 2].name,
                 RECORD_PHRASE - 1);
        if (i % 2)
            expect_refused(w, business, why);
        else
            assert_true(call(w, business));
    }
}

/* An opening is good for ten seconds of the platform's clock, told in ours; a payment for ever. */
static void an_order_grows_old_by_the_platforms_clock(void **state)
{
    static const char open[] = "{\"operation\":\"open\",\"osStoreCode\":\"340100A\",\"callId\":"
                               "\"1\",\"channel\":\"A-in\"}";
    struct world *w = *state;

    bench_use(&w->b, &adapter_hefei);
    w->b.context.platform_now.ms = CITY_NOW.ms + 3600000; /* it is an hour ahead */
    w->caller.at_ms = CITY_NOW.ms + 3600000 - 1000;
    assert_true(call(w, open));
    assert_int_equal(w->order.not_after.ms, CITY_NOW.ms - 1000 + 10 * 1000);
    w->caller.at_ms = CITY_NOW.ms + 3600000 + 5 * 60 * 1000;
    assert_true(call(w, open));
    assert_int_equal(w->order.not_after.ms, CITY_NOW.ms + 10 * 1000);
    w->caller.at_ms = CITY_NOW.ms + 3600000 + 5 * 60 * 1000 + 1;
    expect_refused(w, open, "it was sent later than now");
    w->caller.at_ms = 0;
    expect_refused(w, open, "it does not say when it was sent");
    assert_true(call(w, "{\"callId\":\"1\",\"orderId\":\"" STAY_1 "\",\"payAmount\":9}"));
    assert_int_equal(w->order.not_after.ms, 0);
}

static void a_moment_is_read_to_the_second_or_not_at_all(void **state)
{
    static const struct {
        const char *text;
        int64_t ms; /* -1: none */
    } rows[] = {{"1970-01-01 08:00:00", 0},
                {"2026-11-22 11:02:06", 1795316526000},
                {"2024-02-29 23:59:59", 1709222399000},
                {"2023-02-29 00:00:00", -1},
                {"2026-11-22T11:02:06", -1},
                {"2026-11-22 24:00:00", -1},
                {"2026-11-22 11:60:06", -1},
                {"2026-11-22 11:02:60", -1},
                {"2026-11-22 11:02:6", -1},
                {"2026-11-22 11:02:0x", -1},
                {"2026-11-22 11-02-06", -1},
                {"2026-11-22 1:02:006", -1},
                {"2026-11-22 11:02:066", -1},
                {"", -1}};
    utc_ms at;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        at.ms = -1;
        assert_int_equal(city_call_time(rows[i].text, &at), rows[i].ms >= 0);
        assert_int_equal(at.ms, rows[i].ms);
    }
}

static void platforms_are_answered_in_their_words(void **state)
{
    char bytes[256];
    struct text text;

    (void)state;
    text_init(&text, bytes, sizeof bytes);
    hangzhou_answer(NULL, &text);
    hangzhou_answer("no such bill", &text);
    xuzhou_answer(NULL, &text);
    xuzhou_answer("no", &text);
    hefei_answer(NULL, &text);
    hefei_answer("no", &text);
    assert_string_equal(bytes, "{\"resultCode\":200,\"msg\":\"success\"}"
                               "{\"resultCode\":500,\"msg\":\"no such bill\"}"
                               "{\"code\":0,\"msg\":\"success\"}{\"code\":-1,\"msg\":\"no\"}"
                               "{\"code\":8888,\"msg\":\"success\",\"data\":{}}"
                               "{\"code\":0,\"msg\":\"no\",\"data\":{}}");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_payment_of_hangzhou_is_opened_and_verified),
        TEST(a_payment_of_hangzhou_may_name_its_lot),
        TEST(what_is_no_payment_of_hangzhou_is_refused),
        TEST(a_payment_of_xuzhou_needs_its_token),
        TEST(what_is_no_payment_of_xuzhou_is_refused),
        TEST(only_members_that_can_be_signed_are_taken_from_xuzhou),
        TEST(the_token_of_xuzhou_may_stand_in_the_body),
        TEST(a_payment_of_hefei_comes_in_the_envelope_of_our_own_requests),
        TEST(what_is_no_payment_of_hefei_is_refused),
        TEST(what_the_platform_has_not_signed_is_nobodys),
        TEST(a_broken_form_is_nobodys),
        TEST(a_cipher_that_is_too_long_is_nobodys),
        TEST(a_moment_that_the_platform_does_not_write_is_refused),
        TEST(a_pass_comes_and_goes_with_its_time),
        TEST(a_vehicle_is_locked_and_let_go),
        TEST(a_barrier_is_known_by_the_platforms_name_of_it),
        TEST(a_tariff_is_a_notice),
        TEST(an_order_that_says_too_little_is_refused),
        TEST(a_reason_that_is_too_long_is_refused_and_never_cut),
        TEST(an_order_grows_old_by_the_platforms_clock),
        TEST(a_moment_is_read_to_the_second_or_not_at_all),
        TEST(platforms_are_answered_in_their_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
