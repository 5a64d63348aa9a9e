/* Orders of a platform as JSON: each word has its form, and what is missing or not known is named.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/uplink/order_json.h"

#define WHO "\"actor\":\"li\",\"reason\":\"asked\",\"not_after\":\"2026-11-22T03:02:06Z\""

static bool reads(const char *id, const char *body, struct city_order *ret, struct err *err)
{
    const struct city_call call = {.path = id, .body = body, .size = strlen(body)};

    err->text[0] = '\0';
    return order_json_read(&call, ret, err);
}

/* Each act, and the words that it takes. */
static const struct {
    const char *act, *words;
    enum platform_act is;
} examples[] = {
    {"open", "\"lane\":\"A-out\"", PLATFORM_OPEN},
    {"hold", "\"lane\":\"A-out\",\"until\":\"2026-11-22T04:00:00Z\"", PLATFORM_HOLD},
    {"release", "\"lane\":\"A-out\"", PLATFORM_RELEASE},
    {"paid", "\"stay\":\"S1\",\"amount_fen\":200,\"channel\":\"wechat\",\"transaction\":\"t-1\"",
     PLATFORM_PAID},
    {"paid", "\"order\":\"O1\",\"amount_fen\":1,\"channel\":\"wallet\",\"transaction\":\"t-1\"",
     PLATFORM_PAID},
    {"list_add", "\"list\":\"pass\",\"plate\":\"苏A12345\",\"lot\":\"A\"", PLATFORM_LIST_ADD},
    {"list_add",
     "\"list\":\"pass\",\"plate\":\"苏A12345\",\"from\":\"2026-11-22T04:00:00Z\","
     "\"until\":\"2027-11-22T04:00:00+08:00\"",
     PLATFORM_LIST_ADD},
    {"list_remove", "\"list\":\"blocked\",\"plate\":\"苏A12345\"", PLATFORM_LIST_REMOVE},
    {"lock", "\"plate\":\"苏A12345\"", PLATFORM_LIST_ADD},
    {"unlock", "\"plate\":\"苏A12345\"", PLATFORM_LIST_REMOVE},
    {"tariff", "\"lot\":\"A\"", PLATFORM_TARIFF},
    {"ticket", "\"lane\":\"A-in\",\"ticket\":\"T-1\"", PLATFORM_TICKET},
    {"paid", "\"ticket\":\"T-1\",\"amount_fen\":1,\"channel\":\"cash\",\"transaction\":\"t-1\"",
     PLATFORM_PAID},
};

static void each_act_is_read_with_its_words(void **state)
{
    struct city_order order;
    struct err err;
    char body[512];

    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        snprintf(body, sizeof body, "{\"act\":\"%s\",%s,%s}", examples[i].act, examples[i].words,
                 WHO);
        if (!reads("c-1", body, &order, &err))
            fail_msg("%s: %s", body, err.text);
        assert_int_equal(order.act, examples[i].is);
        assert_string_equal(order.id, "c-1");
        assert_string_equal(order.actor, "li");
        assert_string_equal(order.note, "asked");
        assert_int_equal(order.not_after.ms, 1795316526000);
    }
}

static void words_come_through_in_their_forms(void **state)
{
    struct city_order order;
    struct err err;

    (void)state;
    assert_true(reads("1",
                      "{\"act\":\"paid\",\"stay\":\"S1\",\"amount_fen\":1000000000,"
                      "\"channel\":\"alipay\",\"transaction\":\"t-1\"," WHO "}",
                      &order, &err));
    assert_int_equal(order.amount_fen, 1000000000);
    assert_int_equal(order.channel, CHANNEL_ALIPAY);
    assert_string_equal(order.transaction, "t-1");
    assert_true(reads("1", "{\"act\":\"lock\",\"plate\":\"苏a·12345\"," WHO "}", &order, &err));
    assert_int_equal(order.list, PLATES_LOCKED);
    assert_string_equal(order.plate, "苏A12345");
    assert_true(reads(
        "1", "{\"act\":\"hold\",\"lane\":\"A-out\",\"until\":\"1970-01-01T00:00:01Z\"," WHO "}",
        &order, &err));
    assert_int_equal(order.until.ms, 1000);
    assert_null(order.lot);
}

static void a_word_that_is_missing_is_named(void **state)
{
    static const struct {
        const char *body, *names;
    } cases[] = {
        {"{\"act\":\"open\",\"reason\":\"r\",\"not_after\":\"2026-11-22T03:02:06Z\","
         "\"lane\":\"x\"}",
         "\"actor\""},
        {"{\"act\":\"open\",\"actor\":\"a\",\"not_after\":\"2026-11-22T03:02:06Z\","
         "\"lane\":\"x\"}",
         "\"reason\""},
        {"{\"act\":\"open\",\"actor\":\"a\",\"reason\":\"r\",\"lane\":\"x\"}", "\"not_after\""},
        {"{\"act\":\"open\"," WHO "}", "\"lane\""},
        {"{\"act\":\"hold\",\"lane\":\"x\"," WHO "}", "\"until\""},
        {"{\"act\":\"paid\",\"stay\":\"S\",\"channel\":\"cash\"," WHO "}",
         "\"amount_fen\", \"transaction\""},
        {"{\"act\":\"paid\",\"amount_fen\":1,\"channel\":\"cash\",\"transaction\":\"t\"," WHO "}",
         "one of \"stay\", \"order\", \"ticket\""},
        {"{\"act\":\"lock\"," WHO "}", "\"plate\""},
        {"{\"act\":\"paid\",\"channel\":\"barter\"," WHO "}", "\"channel\" is one of cash, "},
        {"{\"act\":\"list_add\",\"list\":\"guests\"," WHO "}", "\"list\" is one of pass, "},
        {"{\"act\":\"lock\",\"plate\":\"\"," WHO "}", "\"plate\" is not a number plate"},
        {"{\"act\":\"lock\",\"plate\":\"苏A123451234512345123451234512345\"," WHO "}",
         "\"plate\" is not a number plate"},
        {"{\"act\":\"hold\",\"until\":\"1970-01-01T00:00:00Z\"," WHO "}",
         "\"until\" is a time such as"},
        {"{\"act\":\"hold\",\"until\":\"tomorrow\"," WHO "}", "\"until\" is a time such as"},
        {"{\"act\":\"open\",\"lane\":\"a\x7f\"," WHO "}", "\"lane\" is a text of one line"},
        {"{" WHO "}", "\"act\""},
        {"{\"act\":\"explode\"," WHO "}", "\"act\""},
        {"{\"act\":7," WHO "}", "\"act\""},
    };
    struct city_order order = {.id = "untouched"};
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_false(reads("1", cases[i].body, &order, &err));
        if (!strstr(err.text, cases[i].names))
            fail_msg("%s: %s", cases[i].body, err.text);
    }
    assert_string_equal(order.id, "untouched");
}

static void a_word_out_of_its_form_or_its_place_is_refused(void **state)
{
    static const char *const words[] = {
        "\"lane\":\"\"",
        "\"lane\":7",
        "\"lane\":null",
        "\"lane\":\"a-name-of-a-lane-that-is-too-long\"",
        "\"lane\":\"a\\nb\"",
        "\"lane\":\"x\",\"plate\":\"苏A12345\"",
        "\"lane\":\"x\",\"nonce\":1",
        "\"lane\":\"x\",\"lane\":\"y\"",
        "\"lane\":\"x\",\"actor\":\"twice\"",
        "\"lane\":\"x\",\"amount_fen\":1",
    };
    static const char *const paid[] = {
        "\"amount_fen\":0",          "\"amount_fen\":-1",
        "\"amount_fen\":1000000001", "\"amount_fen\":2.00",
        "\"amount_fen\":\"200\"",    "\"amount_fen\":1e3",
        "\"amount_fen\":true",       "\"amount_fen\":200,\"lot\":\"A\"",
    };
    struct city_order order;
    struct err err;
    char body[512];

    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        snprintf(body, sizeof body, "{\"act\":\"open\",%s," WHO "}", words[i]);
        if (reads("1", body, &order, &err))
            fail_msg("%s was taken", body);
    }
    for (size_t i = 0; i < sizeof paid / sizeof paid[0]; i++) {
        snprintf(
            body, sizeof body,
            "{\"act\":\"paid\",\"stay\":\"S\",\"channel\":\"cash\",\"transaction\":\"t\",%s," WHO
            "}",
            paid[i]);
        if (reads("1", body, &order, &err))
            fail_msg("%s was taken", body);
    }
}

static void what_is_no_order_at_all_is_refused(void **state)
{
    static const char *const bodies[] = {"", "{", "[]", "\"open\"", "null", "{}", "{\"act\":null}"};
    struct city_order order;
    struct err err;
    char large[ORDER_JSON_MAX + 100], id[80];

    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
        assert_false(reads("1", bodies[i], &order, &err));
    memset(large, ' ', sizeof large);
    memcpy(large, "{\"act\":\"release\",\"lane\":\"x\"," WHO "}",
           strlen("{\"act\":\"release\",\"lane\":\"x\"," WHO "}"));
    large[sizeof large - 1] = '\0';
    assert_false(reads("1", large, &order, &err));
    large[ORDER_JSON_MAX - 1] = '\0';
    assert_true(reads("1", large, &order, &err));
    memset(id, 'i', sizeof id);
    id[64] = '\0';
    assert_false(reads(id, large, &order, &err));
    id[63] = '\0';
    assert_true(reads(id, large, &order, &err));
    assert_false(reads("", large, &order, &err));
}

static void a_reply_says_what_came_of_it(void **state)
{
    struct platform_said said = {.verdict = PLATFORM_DONE, .again = true, .seq = 42};
    char bytes[400];
    struct text out;

    (void)state;
    text_init(&out, bytes, sizeof bytes);
    order_json_reply("c-1", &said, (utc_ms){1000}, &out);
    assert_string_equal(bytes, "{\"id\":\"c-1\",\"verdict\":\"done\",\"again\":true,\"seq\":42,"
                               "\"at\":\"1970-01-01T00:00:01.000Z\"}");
    said = (struct platform_said){.verdict = PLATFORM_REFUSED, .why = "no \"lane\""};
    text_init(&out, bytes, sizeof bytes);
    order_json_reply("c-1", &said, (utc_ms){1000}, &out);
    assert_string_equal(bytes, "{\"id\":\"c-1\",\"verdict\":\"refused\",\"again\":false,\"reason\":"
                               "\"no \\\"lane\\\"\",\"at\":\"1970-01-01T00:00:01.000Z\"}");
    said.later = true;
    text_init(&out, bytes, sizeof bytes);
    order_json_reply("c-1", &said, (utc_ms){1000}, &out);
    assert_non_null(strstr(bytes, "\"verdict\":\"later\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_act_is_read_with_its_words),
        cmocka_unit_test(words_come_through_in_their_forms),
        cmocka_unit_test(a_word_that_is_missing_is_named),
        cmocka_unit_test(a_word_out_of_its_form_or_its_place_is_refused),
        cmocka_unit_test(what_is_no_order_at_all_is_refused),
        cmocka_unit_test(a_reply_says_what_came_of_it),
    };

    return cmocka_run_group_tests_name("order json", tests, NULL, NULL);
}
