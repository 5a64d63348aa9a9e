/* Record: the canonical bytes of each kind, and their bound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/core/record.h"
#include "tests/unit/any_record.h"
#include "tests/unit/canonical_records.h"
#include "tests/unit/small_site.h"

static const utc_ms at = {1795316526123}; /* 2026-11-22T03:02:06.123Z */

#define HEAD(type) "{\"type\":\"" type "\",\"at\":\"2026-11-22T03:02:06.123Z\","

static const struct {
    struct record record;
    const char *body;
} canonical[] = {
    {{.kind = RECORD_GATEWAY, .gateway = {"started", "0.1.0"}},
     HEAD("gateway") "\"event\":\"started\",\"version\":\"0.1.0\"}"},
    {{.kind = RECORD_BAY_CHANGED, .bay_changed = {A_001, BAY_FREE, BAY_OCCUPIED, BAY_BY_READING}},
     HEAD("bay_changed") "\"lot\":\"A\",\"zone\":\"A1\",\"bay\":\"A-001\",\"from\":\"free\","
                         "\"to\":\"occupied\",\"reason\":\"reading\"}"},
    {{.kind = RECORD_BAY_CHANGED,
      .time_uncertain = true,
      .bay_changed = {B_002, BAY_UNKNOWN, BAY_OUT_OF_SERVICE, BAY_BY_OPERATOR}},
     HEAD("bay_changed") "\"time\":\"uncertain\",\"lot\":\"B\",\"zone\":\"B1\",\"bay\":\"B-002\","
                         "\"from\":\"unknown\",\"to\":\"out_of_service\",\"reason\":\"operator\"}"},
    {{.kind = RECORD_BAY_HEALTH, .bay_health = {A_003, BAY_STUCK_FREE, true}},
     HEAD("bay_health") "\"lot\":\"A\",\"zone\":\"A2\",\"bay\":\"A-003\","
                        "\"condition\":\"stuck_free\",\"on\":true}"},
    {{.kind = RECORD_DEVICE_HEALTH, .device_health = {1, DEVICE_OFFLINE, "timeout"}},
     HEAD("device_health") "\"bus\":\"line-1\",\"device\":\"node-2\",\"state\":\"offline\","
                           "\"reason\":\"timeout\"}"},
    {{.kind = RECORD_CLOCK_STEP, .clock_step = {-3600000}},
     HEAD("clock_step") "\"delta_ms\":-3600000}"},
    {{.kind = RECORD_OPERATOR,
      .operator_act = {"out_of_service", "A-001", "wang", "resurfacing\n\"row 1\""}},
     HEAD("operator") "\"act\":\"out_of_service\",\"subject\":\"A-001\",\"actor\":\"wang\","
                      "\"reason\":\"resurfacing \\\"row 1\\\"\"}"},
    {{.kind = RECORD_LOSS, .loss = {"records", "disk full", 17, {0}, {1000}}},
     HEAD("loss") "\"what\":\"records\",\"reason\":\"disk full\",\"count\":17,"
                  "\"from\":\"1970-01-01T00:00:00.000Z\",\"to\":\"1970-01-01T00:00:01.000Z\"}"},
    {{.kind = RECORD_RETENTION, .retention = {99, 42, "00ff"}},
     HEAD("retention") "\"through_seq\":99,\"count\":42,\"hash\":\"00ff\"}"},
    {{.kind = RECORD_RETENTION, .retention = {99, 42, "00ff", {1000}}},
     HEAD("retention") "\"through_seq\":99,\"count\":42,\"hash\":\"00ff\",\"newest\":"
                       "\"1970-01-01T00:00:01.000Z\"}"},
    {{.kind = RECORD_BAY_CHANGED,
      .bay_changed = {A_001, BAY_FREE, BAY_OCCUPIED, BAY_BY_READING, .inferred = true}},
     HEAD("bay_changed") "\"lot\":\"A\",\"zone\":\"A1\",\"bay\":\"A-001\",\"from\":\"free\","
                         "\"to\":\"occupied\",\"reason\":\"reading\",\"inferred\":true}"},
    {{.kind = RECORD_BAY_AMENDED, .bay_amended = {A_001, BAY_OCCUPIED, {1000}}},
     HEAD("bay_amended") "\"lot\":\"A\",\"zone\":\"A1\",\"bay\":\"A-001\","
                         "\"state\":\"occupied\",\"until\":\"1970-01-01T00:00:01.000Z\"}"},
};

static void assert_body(struct record record, const char *body, const struct site_plan *plan)
{
    char bytes[RECORD_BODY_MAX + 1];
    struct text t;

    record.at = at;
    text_init(&t, bytes, sizeof bytes);
    record_encode(&record, plan, &t);
    assert_string_equal(bytes, body);
}

static void each_kind_has_its_canonical_bytes(void **state)
{
    struct small_site site;
    unsigned kinds_seen = 0;

    (void)state;
    small_site_init(&site);
    for (size_t i = 0; i < sizeof canonical / sizeof canonical[0]; i++) {
        assert_body(canonical[i].record, canonical[i].body, &site.plan);
        kinds_seen |= 1u << canonical[i].record.kind;
    }
    for (size_t i = 0; i < CANONICAL_RECORDS; i++) {
        assert_body(canonical_records[i].record, canonical_records[i].body, &site.plan);
        kinds_seen |= 1u << canonical_records[i].record.kind;
    }
    assert_int_equal(kinds_seen, UINT32_MAX >> (32 - RECORD_KINDS));
}

/* The longest body that any kind can have: every field filled, every text full of the worst byte.
 */
static void a_body_never_exceeds_its_bound(void **state)
{
    static const int worst[] = {'\\', '"', '\x01', 0xff, 0xe5};
    char bytes[2 * RECORD_BODY_MAX], id[RECORD_WORD];
    struct small_site site;
    struct text t;

    (void)state;
    small_site_init(&site);
    for (size_t w = 0; w < sizeof worst / sizeof worst[0]; w++) {
        any_record_fill(id, sizeof id, worst[w]);
        site.lots[0].id = site.zones[0].id = site.bays[0].id = site.lanes[0].id = id;
        site.devices[0] = (struct device_plan){.id = id, .bus = id};
        for (int kind = 0; kind < RECORD_KINDS; kind++) {
            struct record record;

            any_record_longest(&record, (enum record_kind)kind, worst[w]);
            text_init(&t, bytes, sizeof bytes);
            record_encode(&record, &site.plan, &t);
            assert_in_range(t.used, 1, RECORD_BODY_MAX);
            assert_int_equal(bytes[t.used - 1], '}');
        }
    }
}

static void names_are_parsed_back(void **state)
{
    (void)state;
    for (int i = 0; i < RECORD_KINDS; i++) {
        enum record_kind kind = RECORD_KINDS;
        assert_true(record_kind_parse(record_kind_name((enum record_kind)i), &kind));
        assert_int_equal(kind, i);
    }
    for (int i = 0; i < BAY_STATES; i++) {
        enum bay_state got = BAY_STATES;
        assert_true(bay_state_parse(bay_state_name((enum bay_state)i), &got));
        assert_int_equal(got, i);
    }
    for (int i = 0; i < BAY_REASONS; i++) {
        enum bay_reason got = BAY_REASONS;
        assert_true(bay_reason_parse(bay_reason_name((enum bay_reason)i), &got));
        assert_int_equal(got, i);
    }
    for (unsigned bit = 1; bit < BAY_CONDITIONS_END; bit <<= 1) {
        enum bay_condition got = BAY_CONDITIONS_END;
        assert_true(bay_condition_parse(bay_condition_name((enum bay_condition)bit), &got));
        assert_int_equal(got, bit);
    }
    for (int i = 0; i < DEVICE_STATES; i++) {
        enum device_state got = DEVICE_STATES;
        assert_true(device_state_parse(device_state_name((enum device_state)i), &got));
        assert_int_equal(got, i);
    }
}

static void an_unknown_name_is_refused_and_leaves_the_result(void **state)
{
    enum record_kind kind = RECORD_LOSS;
    enum bay_state bay = BAY_FREE;
    enum bay_reason reason = BAY_BY_FAULT;
    enum bay_condition condition = BAY_FLAPPING;
    enum device_state device = DEVICE_ONLINE;

    (void)state;
    assert_false(record_kind_parse("bay", &kind));
    assert_false(bay_state_parse("", &bay));
    assert_false(bay_reason_parse("Reading", &reason));
    assert_false(bay_condition_parse("stuck", &condition));
    assert_false(device_state_parse("on", &device));
    assert_int_equal(kind, RECORD_LOSS);
    assert_int_equal(bay, BAY_FREE);
    assert_int_equal(reason, BAY_BY_FAULT);
    assert_int_equal(condition, BAY_FLAPPING);
    assert_int_equal(device, DEVICE_ONLINE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_has_its_canonical_bytes),
        cmocka_unit_test(a_body_never_exceeds_its_bound),
        cmocka_unit_test(names_are_parsed_back),
        cmocka_unit_test(an_unknown_name_is_refused_and_leaves_the_result),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
