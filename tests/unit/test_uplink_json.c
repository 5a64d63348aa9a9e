/*
 * The JSON protocols: what is sent is what stands in tests/unit/json/, byte for byte (and
 * tests/system/test_schemas.py holds these files against the shipped schemas); what an answer
 * means.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/core/view.h"
#include "daemon/uplink/adapter.h"
#include "daemon/uplink/url.h"
#include "tests/unit/canonical_records.h"
#include "tests/unit/small_site.h"

enum { TEXT = 64 * 1024 };

struct bench {
    struct small_site site;
    struct uplink_settings settings;
    struct adapter_context context;
    struct adapter_request request;
    struct store_row rows[RECORD_KINDS];
    char bodies[RECORD_KINDS][RECORD_BODY_MAX + 1];
    struct text state; /* canonical JSON of a lot or bay */
};

static void text_new(struct text *text)
{
    text_init(text, memory_new(TEXT, 1), TEXT);
}

static const struct record one_of_each[RECORD_KINDS] = {
    {.kind = RECORD_GATEWAY, .gateway = {"started", "0.1.0"}},
    {.kind = RECORD_BAY_CHANGED, .bay_changed = {A_001, BAY_FREE, BAY_OCCUPIED, BAY_BY_READING}},
    {.kind = RECORD_BAY_HEALTH, .bay_health = {A_003, BAY_FLAPPING, true}},
    {.kind = RECORD_DEVICE_HEALTH, .device_health = {1, DEVICE_OFFLINE, "timeout"}},
    {.kind = RECORD_CLOCK_STEP, .time_uncertain = true, .clock_step = {-3600000}},
    {.kind = RECORD_OPERATOR,
     .operator_act = {"out_of_service", "A-001", "zhang", "标线 \"repaint\""}},
    {.kind = RECORD_LOSS, .loss = {"records", "disk full", 3, {1000}, {2000}}},
    {.kind = RECORD_RETENTION, .retention = {41, 41, "00ff", {1000}}},
    {.kind = RECORD_BAY_AMENDED, .bay_amended = {A_002, BAY_OCCUPIED, {3000}}},
};

/* Of lanes, stays and money: the first of the kind in canonical_records.h. */
static struct record one_of(enum record_kind kind)
{
    if (kind <= RECORD_BAY_AMENDED)
        return one_of_each[kind];
    for (size_t i = 0; i < CANONICAL_RECORDS; i++)
        if (canonical_records[i].record.kind == kind)
            return canonical_records[i].record;
    fail_msg("there is no record of kind %s", record_kind_name(kind));
    return one_of_each[0];
}

static struct bench *bench_new(void)
{
    struct bench *bench = memory_new(1, sizeof *bench);

    small_site_init(&bench->site);
    bench->context =
        (struct adapter_context){.plan = &bench->site.plan, .settings = &bench->settings};
    text_new(&bench->request.target);
    text_new(&bench->request.headers);
    text_new(&bench->request.body);
    text_new(&bench->state);
    for (unsigned i = 0; i < RECORD_KINDS; i++) {
        struct record record = one_of((enum record_kind)i);
        struct text body;

        record.at.ms = 1795316526123 + i;
        text_init(&body, bench->bodies[i], sizeof bench->bodies[i]);
        record_encode(&record, &bench->site.plan, &body);
        bench->rows[i] = (struct store_row){.seq = 42 + i,
                                            .at = record.at,
                                            .kind = record.kind,
                                            .body = bench->bodies[i],
                                            .body_size = body.used};
        snprintf(bench->rows[i].id, RECORD_ID_SIZE, "%032x", 0xabc0 + i);
    }
    return bench;
}

static void clear(struct bench *bench)
{
    text_init(&bench->request.target, bench->request.target.bytes, TEXT);
    text_init(&bench->request.headers, bench->request.headers.bytes, TEXT);
    text_init(&bench->request.body, bench->request.body.bytes, TEXT);
}

static void bench_free(struct bench *bench)
{
    free(bench->request.target.bytes);
    free(bench->request.headers.bytes);
    free(bench->request.body.bytes);
    free(bench->state.bytes);
    free(bench);
}

static void assert_golden(const struct text *body, const char *path)
{
    char golden[TEXT];
    FILE *file = fopen(path, "r");

    if (!file)
        fail_msg("%s is not there; run from the top of the tree", path);
    size_t size = fread(golden, 1, sizeof golden - 1, file);
    fclose(file);
    golden[size] = '\0';
    golden[strcspn(golden, "\n")] = '\0';
    assert_string_equal(body->bytes, golden);
}

static void show_lot(struct bench *bench)
{
    struct view *view = view_create(&bench->site.plan);
    struct record change = one_of_each[RECORD_BAY_CHANGED];

    text_init(&bench->state, bench->state.bytes, TEXT);
    view_apply(view, &change, 1);
    view_vacancy(view, 0, (utc_ms){1795316526123}, &bench->state);
    view_destroy(view);
}

static void a_vacancy_is_put_to_its_lot(void **state)
{
    struct bench *bench = bench_new();
    const struct adapter *json = adapter_by_name("json");
    struct err err;

    (void)state;
    show_lot(bench);
    assert_true(json->lot(&bench->context, 0, &bench->state, &bench->request, &err));
    assert_string_equal(bench->request.method, "PUT");
    assert_string_equal(bench->request.target.bytes, "/v1/lots/A/vacancy");
    assert_golden(&bench->request.body, "tests/unit/json/vacancy.json");
    clear(bench);
    bench->site.lots[0].id = "P 1/北";
    assert_true(json->lot(&bench->context, 0, &bench->state, &bench->request, &err));
    assert_string_equal(bench->request.target.bytes, "/v1/lots/P%201%2F%E5%8C%97/vacancy");
    bench_free(bench);
}

static void a_batch_carries_every_kind_of_record(void **state)
{
    struct bench *bench = bench_new();
    const struct adapter *json = adapter_by_name("json");
    struct err err;

    (void)state;
    assert_true(json->records(&bench->context, bench->rows, RECORD_KINDS, &bench->request, &err));
    assert_string_equal(bench->request.method, "POST");
    assert_string_equal(bench->request.target.bytes, "/v1/records");
    assert_golden(&bench->request.body, "tests/unit/json/records.json");
    bench_free(bench);
}

static void a_batch_has_the_same_key_whenever_it_is_sent(void **state)
{
    struct bench *bench = bench_new();
    const struct adapter *json = adapter_by_name("json");
    struct err err;
    char first[256];

    (void)state;
    json->records(&bench->context, bench->rows, 3, &bench->request, &err);
    text_copy(first, sizeof first, strstr(bench->request.headers.bytes, "Idempotency-Key: "));
    clear(bench);
    bench->context.now.ms += 60000;
    json->records(&bench->context, bench->rows, 3, &bench->request, &err);
    assert_string_equal(strstr(bench->request.headers.bytes, "Idempotency-Key: "), first);
    clear(bench);
    json->records(&bench->context, bench->rows, 2, &bench->request, &err);
    assert_string_not_equal(strstr(bench->request.headers.bytes, "Idempotency-Key: "), first);
    bench_free(bench);
}

static void a_body_that_is_no_object_is_not_sent(void **state)
{
    struct bench *bench = bench_new();
    struct err err;

    (void)state;
    bench->rows[0].body = "[1]";
    bench->rows[0].body_size = 3;
    assert_false(
        adapter_by_name("json")->records(&bench->context, bench->rows, 1, &bench->request, &err));
    assert_non_null(strstr(err.text, "record 42"));
    bench_free(bench);
}

static void topics_stand_below_the_site(void **state)
{
    struct bench *bench = bench_new();
    const struct adapter *mqtt = adapter_by_name("mqtt");
    struct err err;

    (void)state;
    show_lot(bench);
    assert_true(mqtt->lot(&bench->context, 0, &bench->state, &bench->request, &err));
    assert_string_equal(bench->request.target.bytes, "parking/demo/lots/A/vacancy");
    assert_true(bench->request.retained);
    assert_golden(&bench->request.body, "tests/unit/json/vacancy.json");
    clear(bench);
    bench->request.retained = false;
    assert_true(mqtt->records(&bench->context, bench->rows, 1, &bench->request, &err));
    assert_string_equal(bench->request.target.bytes, "parking/demo/records");
    assert_false(bench->request.retained);
    assert_golden(&bench->request.body, "tests/unit/json/record.json");
    clear(bench);
    assert_true(mqtt->online(&bench->context, false, &bench->request, &err));
    assert_string_equal(bench->request.target.bytes, "parking/demo/status");
    assert_string_equal(bench->request.body.bytes, "{\"state\":\"offline\"}");
    clear(bench);
    bench->site.bays[0].id = "A/#";
    assert_false(mqtt->bay(&bench->context, 0, &bench->state, &bench->request, &err));
    bench_free(bench);
}

static void no_topic_is_made_of_what_would_be_more_than_one_level(void **state)
{
    static const char *const ids[] = {"a/b", "a+", "#", "a\nb", "a\x7f"};
    const struct platform_said said = {.verdict = PLATFORM_DONE};
    const struct adapter *mqtt = adapter_by_name("mqtt");
    struct bench *bench = bench_new();
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        const struct adapter_context *context = &bench->context;
        struct adapter_request *request = &bench->request;

        bench->site.plan.id = "demo";
        bench->site.lots[0].id = bench->site.bays[0].id = ids[i];
        assert_false(mqtt->lot(context, 0, &bench->state, request, &err));
        assert_false(mqtt->bay(context, 0, &bench->state, request, &err));
        assert_false(mqtt->reply(context, ids[i], &said, request, &err));
        bench->site.plan.id = ids[i];
        bench->site.lots[0].id = bench->site.bays[0].id = "A";
        assert_false(mqtt->lot(context, 0, &bench->state, request, &err));
        assert_false(mqtt->bay(context, 0, &bench->state, request, &err));
        assert_false(mqtt->online(context, true, request, &err));
        assert_false(mqtt->records(context, bench->rows, 1, request, &err));
        assert_false(mqtt->orders(context, request, &err));
        assert_false(mqtt->reply(context, "c-1", &said, request, &err));
        clear(bench);
    }
    bench_free(bench);
}

static enum adapter_verdict verdict_of(int status, size_t records)
{
    struct bench *bench = bench_new();
    struct adapter_reply reply = {.status = status, .retry_after_ms = 7000, .body = "", .size = 0};
    struct adapter_answer whole, items[RECORD_KINDS];

    adapter_by_name("json")->classify(&reply, bench->rows, records, &whole, items);
    if (whole.verdict != ADAPTER_DELIVERED)
        assert_true(whole.reason[0]);
    bench_free(bench);
    return whole.verdict;
}

static void each_status_has_its_meaning(void **state)
{
    static const struct {
        int status;
        enum adapter_verdict batch, vacancy;
    } table[] = {
        {200, ADAPTER_RETRY /* no body */, ADAPTER_DELIVERED},
        {204, ADAPTER_RETRY, ADAPTER_DELIVERED},
        {301, ADAPTER_STOP, ADAPTER_STOP},
        {400, ADAPTER_SPLIT, ADAPTER_REFUSED},
        {401, ADAPTER_STOP, ADAPTER_STOP},
        {403, ADAPTER_STOP, ADAPTER_STOP},
        {404, ADAPTER_STOP, ADAPTER_REFUSED},
        {408, ADAPTER_RETRY, ADAPTER_RETRY},
        {409, ADAPTER_RETRY, ADAPTER_RETRY},
        {413, ADAPTER_SPLIT, ADAPTER_REFUSED},
        {415, ADAPTER_STOP, ADAPTER_STOP},
        {422, ADAPTER_SPLIT, ADAPTER_REFUSED},
        {425, ADAPTER_RETRY, ADAPTER_RETRY},
        {429, ADAPTER_RETRY, ADAPTER_RETRY},
        {500, ADAPTER_FAILED, ADAPTER_RETRY},
        {502, ADAPTER_RETRY, ADAPTER_RETRY},
        {503, ADAPTER_RETRY, ADAPTER_RETRY},
        {599, ADAPTER_RETRY, ADAPTER_RETRY},
        {600, ADAPTER_STOP, ADAPTER_STOP},
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (verdict_of(table[i].status, 3) != table[i].batch ||
            verdict_of(table[i].status, 0) != table[i].vacancy)
            fail_msg("status %d", table[i].status);
    }
}

static void each_record_has_an_answer_of_its_own(void **state)
{
    static const char body[] =
        "{\"results\":["
        "{\"id\":\"0000000000000000000000000000abc1\",\"status\":\"duplicate\"},"
        "{\"id\":\"0000000000000000000000000000abc0\",\"status\":\"accepted\"},"
        "{\"id\":\"0000000000000000000000000000abc2\",\"status\":\"refused\",\"reason\":\"no "
        "bay\"},"
        "{\"id\":\"0000000000000000000000000000abc3\",\"status\":\"retry\"},"
        "{\"id\":\"0000000000000000000000000000abc4\",\"status\":\"perhaps\"},"
        "{\"id\":7},17,{\"id\":\"ffffffffffffffffffffffffffffffff\",\"status\":\"accepted\"}]}";
    static const enum adapter_verdict expected[] = {ADAPTER_DELIVERED, ADAPTER_DUPLICATE,
                                                    ADAPTER_REFUSED,   ADAPTER_RETRY,
                                                    ADAPTER_RETRY,     ADAPTER_RETRY};
    struct bench *bench = bench_new();
    struct adapter_reply reply = {.status = 200, .body = body, .size = sizeof body - 1};
    struct adapter_answer whole, items[RECORD_KINDS];

    (void)state;
    adapter_by_name("json")->classify(&reply, bench->rows, 6, &whole, items);
    assert_int_equal(whole.verdict, ADAPTER_EACH);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(items[i].verdict, expected[i]);
    assert_string_equal(items[2].reason, "no bay");
    assert_string_equal(items[5].reason, "not in the platform's answer");
    bench_free(bench);
}

static void an_answer_that_is_not_understood_is_asked_for_again(void **state)
{
    static const char *const bodies[] = {
        "", "<html>", "{\"results\":{}}", "{\"results\":1}", "[]", "{\"results\":[", "null"};
    struct bench *bench = bench_new();

    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct adapter_reply reply = {.status = 200, .body = bodies[i], .size = strlen(bodies[i])};
        struct adapter_answer whole, items[RECORD_KINDS];
        adapter_by_name("json")->classify(&reply, bench->rows, 2, &whole, items);
        assert_int_equal(whole.verdict, ADAPTER_RETRY);
    }
    bench_free(bench);
}

/* long: two tables */
static void addresses_are_taken_apart(void **state)
{
    static const struct {
        const char *text, *host;
        uint16_t port;
        bool secure;
    } good[] = {
        {"https://city.example", "city.example", 443, true},
        {"https://city.example:8443/park/api", "city.example", 8443, true},
        {"https://[2001:db8::1]:8443/", "2001:db8::1", 8443, true},
        {"http://127.0.0.1:8080", "127.0.0.1", 8080, false},
        {"http://localhost/x", "localhost", 80, false},
        {"http://[::1]:99", "::1", 99, false},
        {"mqtts://broker.example", "broker.example", 8883, true},
        {"mqtt://10.0.0.7:1884", "10.0.0.7", 1884, false},
    };
    static const char *const bad[] = {
        "",
        "city.example",
        "ftp://x",
        "https://",
        "https://:443",
        "https://x:0",
        "https://x:65536",
        "https://x:12a",
        "https://x:",
        "https://a b",
        "https://x/?q=1",
        "https://x/#f",
        "https://user@x",
        "https://[::1",
        "http://city.example",
        "http://localhost.evil.example",
        "http://127.evil.example",
        "http://10.0.0.1",
        "mqtt://x/path",
        "https://[]:1",
        "HTTPS://x",
    };
    struct url url;
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        if (!url_parse(good[i].text, &url, &err))
            fail_msg("%s", err.text);
        assert_string_equal(url.host, good[i].host);
        assert_int_equal(url.port, good[i].port);
        assert_int_equal(url.secure, good[i].secure);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (url_parse(bad[i], &url, &err))
            fail_msg("\"%s\" was taken", bad[i]);
    }
}

static void adapters_are_known_by_name(void **state)
{
    char bytes[128];
    struct text names;

    (void)state;
    assert_null(adapter_by_name("smoke signals"));
    text_init(&names, bytes, sizeof bytes);
    adapter_names(&names);
    assert_string_equal(bytes,
                        "json, mqtt, ngsi-v2, ngsi-ld, datex, hefei, hangzhou, qingdao, xuzhou");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_vacancy_is_put_to_its_lot),
        cmocka_unit_test(a_batch_carries_every_kind_of_record),
        cmocka_unit_test(a_batch_has_the_same_key_whenever_it_is_sent),
        cmocka_unit_test(a_body_that_is_no_object_is_not_sent),
        cmocka_unit_test(topics_stand_below_the_site),
        cmocka_unit_test(no_topic_is_made_of_what_would_be_more_than_one_level),
        cmocka_unit_test(each_status_has_its_meaning),
        cmocka_unit_test(each_record_has_an_answer_of_its_own),
        cmocka_unit_test(an_answer_that_is_not_understood_is_asked_for_again),
        cmocka_unit_test(addresses_are_taken_apart),
        cmocka_unit_test(adapters_are_known_by_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
