/* Records read back: what was written is what is read, whatever the record; what is not ours is
 * refused with a word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/store/record_read.h"
#include "tests/unit/any_record.h"
#include "tests/unit/canonical_records.h"
#include "tests/unit/small_site.h"

enum { ROUNDS = 2000 };

#define BAY_OF_A "\"lot\":\"A\",\"zone\":\"A1\",\"bay\":\"A-001\","
#define READ_OF_A LANE_IN_OF_A "\"device\":\"c\",\"event\":\"\",\"plate\":\"\",\"colour\":\"blue\","

static uint64_t next(void *seed)
{
    uint64_t *state = seed; /* splitmix64 */
    uint64_t z = (*state += 0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static void assert_same(const struct record *record, const struct record_reader *reader,
                        const struct site_plan *plan)
{
    char bytes[RECORD_BODY_MAX + 1];
    struct record again;
    struct text text;
    struct err err = {.text = ""};

    text_init(&text, bytes, sizeof bytes);
    record_encode(record, plan, &text);
    if (record_read(reader, bytes, text.used, &again, &err) != RECORD_READ_DONE)
        fail_msg("%s: %s", err.text, bytes);
    if (memcmp(&again, record, sizeof again) != 0)
        fail_msg("read otherwise than written: %s", bytes);
}

static void what_is_read_is_what_was_written(void **state)
{
    uint64_t seed = 20261122;
    struct small_site site;

    (void)state;
    printf("seed %llu\n", (unsigned long long)seed);
    small_site_init(&site);
    struct record_reader *reader = record_read_create(&site.plan);
    for (int round = 0; round < ROUNDS; round++)
        for (int kind = 0; kind < RECORD_KINDS; kind++) {
            struct record record;

            any_record(&record, (enum record_kind)kind, &site.plan, next, &seed);
            assert_same(&record, reader, &site.plan);
        }
    record_read_destroy(reader);
}

static void refused(const struct record_reader *reader, const char *body, enum record_read expected,
                    const char *words)
{
    struct record record = {.kind = RECORD_SHARING};
    struct err err = {.text = ""};

    if (record_read(reader, body, strlen(body), &record, &err) != expected)
        fail_msg("%s (%s)", body, err.text);
    if (!strstr(err.text, words))
        fail_msg("\"%s\" does not say \"%s\"", err.text, words);
    assert_int_equal(record.kind, RECORD_SHARING);
}

static void what_the_plan_lacks_is_a_stranger(void **state)
{
    struct small_site site;

    (void)state;
    small_site_init(&site);
    struct record_reader *reader = record_read_create(&site.plan);
    refused(reader,
            CANONICAL_HEAD("lane") "\"lot\":\"A\",\"lane\":\"gone\",\"mode\":\"silent\","
                                   "\"reason\":\"\"}",
            RECORD_READ_STRANGER, "no lane \"gone\"");
    refused(reader,
            CANONICAL_HEAD("list") "\"list\":\"pass\",\"on\":true,\"lot\":\"Z\",\"plate\":\"\","
                                   "\"bays\":0}",
            RECORD_READ_STRANGER, "no lot \"Z\"");
    record_read_destroy(reader);
}

static void a_stay_outlives_its_bay_and_lane(void **state)
{
    static const char body[] =
        CANONICAL_HEAD("stay_opened") "\"lot\":\"A\",\"bay\":\"gone\",\"lane\":\"gone\","
                                      "\"stay\":\"S1\",\"plate\":\"\",\"colour\":\"blue\","
                                      "\"class\":\"small\",\"kind\":\"temporary\"}";
    struct small_site site;
    struct record record;

    (void)state;
    small_site_init(&site);
    struct record_reader *reader = record_read_create(&site.plan);
    assert_int_equal(record_read(reader, body, sizeof body - 1, &record, NULL), RECORD_READ_DONE);
    assert_string_equal(record.stay_opened.stay, "S1");
    assert_int_equal(record.stay_opened.bay, PLAN_NONE);
    assert_int_equal(record.stay_opened.lane, PLAN_NONE);
    record_read_destroy(reader);
}

/* Of money that only one side of the account knows. */
static void an_amount_that_is_not_told_is_none(void **state)
{
    static const char body[] = CANONICAL_HEAD(
        "difference") "\"difference\":\"D1\",\"class\":\"channel_only\",\"state\":\"open\",\"day\":"
                      "\"2026-11-22\","
                      "\"channel\":\"wechat\",\"channel_fen\":300,\"at_risk_fen\":300,"
                      "\"since\":\"2026-11-22T03:02:06.123Z\"}";
    struct small_site site;
    struct record record;
    struct err err = {.text = ""};
    (void)state;
    small_site_init(&site);
    struct record_reader *reader = record_read_create(&site.plan);
    if (record_read(reader, body, sizeof body - 1, &record, &err) != RECORD_READ_DONE)
        fail_msg("%s", err.text);
    assert_int_equal(record.difference.gateway_fen, RECORD_NO_AMOUNT);
    assert_int_equal(record.difference.channel_fen, 300);
    record_read_destroy(reader);
}

/* long: a row each */
static void what_is_not_ours_is_refused(void **state)
{
    static const struct {
        const char *body, *words;
    } table[] = {
        {"", "line 1"},
        {"[]", "kind"},
        {"{\"type\":\"future\"}", "\"future\""},
        {"{\"type\":\"gateway\",\"at\":\"yesterday\"}", "when"},
        {CANONICAL_HEAD("clock_step") "\"delta_ms\":1.5}", "\"delta_ms\" is no whole number"},
        {CANONICAL_HEAD("gateway") "\"event\":7,\"version\":\"1\"}", "\"event\" is no text"},
        {CANONICAL_HEAD("gateway") "\"event\":\"0123456789012345678901234567890123456789\"}",
         "longer"},
        {CANONICAL_HEAD("opening") LANE_IN_OF_A "\"cause\":\"magic\"}", "\"cause\" is a word"},
        {CANONICAL_HEAD("opening") LANE_IN_OF_A "\"cause\":\"unasked\",\"openings\":99999999999}",
         "\"openings\" is no whole number of 32 bits"},
        {CANONICAL_HEAD("opening") "\"lot\":\"A\",\"cause\":\"unasked\"}", "names no lane"},
        {CANONICAL_HEAD("opening") LANE_IN_OF_A "\"cause\":\"unasked\",\"openings\":\"two\"}",
         "\"openings\" is no whole number of 32 bits"},
        {CANONICAL_HEAD("bay_changed") BAY_OF_A "\"from\":\"levitating\"}", "\"from\" is a word"},
        {CANONICAL_HEAD("bay_changed") BAY_OF_A "\"from\":\"free\",\"to\":\"occupied\","
                                                "\"reason\":\"magic\"}",
         "\"reason\" is a word"},
        {CANONICAL_HEAD("bay_health") BAY_OF_A "\"condition\":\"sad\"}", "\"condition\" is a word"},
        {CANONICAL_HEAD("bay_health") BAY_OF_A "\"condition\":\"flapping\",\"on\":7}",
         "\"on\" is neither true nor false"},
        {CANONICAL_HEAD("device_health") "\"device\":\"node-1\",\"state\":\"asleep\"}",
         "\"state\" is a word"},
        {CANONICAL_HEAD("gateway") "\"event\":\"two\\nlines\",\"version\":\"1\"}",
         "\"event\" is more than one line"},
        {CANONICAL_HEAD("list") "\"list\":\"pass\",\"on\":true,\"plate\":\"\",\"bays\":0,"
                                "\"from\":\"soon\"}",
         "\"from\" is no time"},
        {CANONICAL_HEAD(
             "stay_opened") "\"lot\":\"A\",\"stay\":\"S1\",\"plate\":\"\",\"colour\":\"\"}",
         "\"colour\" is a word"},
        {CANONICAL_HEAD("plate_read") READ_OF_A "\"class\":\"sledge\"}", "\"class\" is a word"},
        {CANONICAL_HEAD("plate_read") READ_OF_A
         "\"class\":\"small\",\"confidence\":1,\"opened_by\":\"magic\"}",
         "\"opened_by\" is a word"},
    };
    struct small_site site;

    (void)state;
    small_site_init(&site);
    struct record_reader *reader = record_read_create(&site.plan);
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        refused(reader, table[i].body, RECORD_READ_BROKEN, table[i].words);
    record_read_destroy(reader);
    record_read_destroy(NULL);
    record_read_destroy(record_read_create(&(struct site_plan){.id = "empty"}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_read_is_what_was_written),
        cmocka_unit_test(what_the_plan_lacks_is_a_stranger),
        cmocka_unit_test(a_stay_outlives_its_bay_and_lane),
        cmocka_unit_test(an_amount_that_is_not_told_is_none),
        cmocka_unit_test(what_is_not_ours_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
