/* The words of acts on lanes, stays and money: what is needed, what may be, what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/serve/acts.h"

static bool read(enum serve_act act, const char *text, struct serve_words *ret, struct err *err)
{
    struct json *body = json_read(text, strlen(text), 4096, err);

    assert_non_null(body);
    bool good = acts_read(act, body, ret, err);
    json_release(body);
    return good;
}

static void every_word_of_an_act_is_read(void **state)
{
    struct serve_words words;
    struct err err;

    (void)state;
    assert_true(read(ACT_PAY,
                     "{\"amount_fen\":1250,\"channel\":\"wechat\",\"transaction\":\"42\","
                     "\"shift\":\"F1\"}",
                     &words, &err));
    assert_int_equal(words.amount_fen, 1250);
    assert_int_equal(words.channel, CHANNEL_WECHAT);
    assert_string_equal(words.transaction, "42");
    assert_string_equal(words.shift, "F1");
    assert_int_equal(words.given, SERVE_GIVEN(WORD_AMOUNT) | SERVE_GIVEN(WORD_CHANNEL) |
                                      SERVE_GIVEN(WORD_TRANSACTION) | SERVE_GIVEN(WORD_SHIFT));
    assert_true(read(ACT_LANE_HOLD, "{\"reason\":\"market\",\"for_s\":3600}", &words, &err));
    assert_int_equal(words.for_s, 3600);
    assert_true(read(ACT_LANE_APPROVE, "{\"plate\":\"皖a-12345\"}", &words, &err));
    assert_string_equal(words.plate, "皖A12345");
    assert_true(read(ACT_LANE_APPROVE, "{\"deny\":true}", &words, &err));
    assert_true(words.deny);
    assert_true(read(ACT_STAY_OPEN,
                     "{\"lot\":\"A\",\"plate\":\"皖A12345\",\"reason\":\"seen\","
                     "\"entered\":\"1970-01-01T08:00:01+08:00\",\"class\":\"nev\"}",
                     &words, &err));
    assert_int_equal(words.entered.ms, 1000);
    assert_int_equal(words.class, VEHICLE_NEV);
}

static void what_is_wrong_is_said(void **state)
{
    static const struct {
        enum serve_act act;
        const char *body, *words;
    } table[] = {
        {ACT_LANE_OPEN, "{}", "it needs \"reason\""},
        {ACT_LANE_OPEN, "{\"reason\":\"\"}", "\"reason\" is a text"},
        {ACT_LANE_OPEN, "{\"reason\":\"x\",\"amount_fen\":1}", "\"amount_fen\" is not for this"},
        {ACT_LANE_HOLD, "{\"reason\":\"x\"}", "it needs one of \"until\", \"for_s\""},
        {ACT_LANE_HOLD, "{\"reason\":\"x\",\"until\":\"noon\"}", "\"until\" is a time"},
        {ACT_LANE_HOLD, "{\"reason\":\"x\",\"for_s\":-1}", "\"for_s\" is a whole number"},
        {ACT_PAY, "{\"amount_fen\":12.5,\"channel\":\"cash\"}", "\"amount_fen\" is a whole"},
        {ACT_PAY, "{\"amount_fen\":12,\"channel\":\"gold\"}", "\"channel\" is not known: cash"},
        {ACT_LANE_APPROVE, "{\"plate\":\"--\"}", "\"plate\" is not a number plate"},
        {ACT_LANE_APPROVE, "{\"deny\":1}", "\"deny\" is true or false"},
        {ACT_STAY_OPEN, "{\"lot\":\"A\",\"plate\":\"A1\",\"reason\":\"x\",\"class\":\"boat\"}",
         "no class"},
        {ACT_LANE_OPEN, "{\"reason\":7}", "\"reason\" is a text"},
        {ACT_DIFFERENCE, "{\"there_fen\":-1000000001}", "\"there_fen\" is a whole number from -"},
        {ACT_DIFFERENCE, "{\"here_fen\":\"1\"}", "\"here_fen\" is a whole number from -"},
        {ACT_DIFFERENCE, "{\"found\":\"odd\"}", "\"found\" is not known: channel_only"},
        {ACT_DIFFERENCE_CLOSE, "{}", "it needs \"reason\""},
    };
    struct serve_words words = {.for_s = 4711};

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct err err = {.text = ""};
        assert_false(read(table[i].act, table[i].body, &words, &err));
        if (!strstr(err.text, table[i].words))
            fail_msg("%s: \"%s\" does not say \"%s\"", table[i].body, err.text, table[i].words);
        assert_int_equal(words.for_s, 4711);
    }
}

static void each_path_and_key_is_told_once(void **state)
{
    (void)state;
    for (int i = 0; i < SERVE_ACTS; i++)
        for (int other = 0; other < i; other++)
            assert_string_not_equal(serve_acts[i].path, serve_acts[other].path);
    for (int i = 0; i < SERVE_WORDS; i++)
        for (int other = 0; other < i; other++) {
            assert_string_not_equal(serve_words[i].key, serve_words[other].key);
            assert_string_not_equal(serve_words[i].option, serve_words[other].option);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_word_of_an_act_is_read),
        cmocka_unit_test(what_is_wrong_is_said),
        cmocka_unit_test(each_path_and_key_is_told_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
