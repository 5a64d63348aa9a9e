/*
 * NGSI-v2, NGSI-LD and DATEX II: what is sent is what stands in tests/unit/ngsi/, byte for byte
 * (and tests/system/test_ngsi_schemas.py holds these files against the published schemas); the
 * numbered traps of ngsi.c and datex.c; what an answer means.
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
#include "tests/unit/small_site.h"

enum { TEXT = 64 * 1024 };

static const utc_ms moment = {1795316526123}; /* 2026-11-22T03:02:06.123Z */

struct bench {
    struct small_site site;
    struct uplink_settings settings;
    struct adapter_context context;
    struct adapter_request request;
    struct view *view;
    uint64_t seq;
    bool counted;      /* at lanes */
    struct text state; /* canonical JSON of a lot or bay */
};

static void text_new(struct text *text)
{
    text_init(text, memory_new(TEXT, 1), TEXT);
}

static void change(struct bench *bench, uint32_t bay, enum bay_state to)
{
    struct record record = {.kind = RECORD_BAY_CHANGED, .at = moment};

    record.bay_changed.bay = bay;
    record.bay_changed.from = view_bay(bench->view, bay)->state;
    record.bay_changed.to = to;
    view_apply(bench->view, &record, ++bench->seq);
}

/* Lot A is a car park, lot B a road section; every state of a bay is there. */
static struct bench *bench_new(void)
{
    struct bench *bench = memory_new(1, sizeof *bench);

    small_site_init(&bench->site);
    for (int i = 0; i < 2; i++) {
        bench->site.lots[i].located = true;
        bench->site.lots[i].latitude = 31.8206 + i;
        bench->site.lots[i].longitude = 117.229 + i;
        bench->site.lots[i].on_street = i == 1;
    }
    bench->site.plan.country = "CN";
    bench->settings = (struct uplink_settings){
        .entity_prefix = "", .context = "https://x.example/context.jsonld", .bays = true};
    bench->context = (struct adapter_context){
        .plan = &bench->site.plan, .settings = &bench->settings, .now = moment};
    text_new(&bench->request.target);
    text_new(&bench->request.headers);
    text_new(&bench->request.body);
    text_new(&bench->state);
    bench->view = view_create(&bench->site.plan);
    change(bench, A_001, BAY_OCCUPIED);
    change(bench, A_002, BAY_FREE);
    change(bench, A_003, BAY_OUT_OF_SERVICE);
    change(bench, B_001, BAY_FREE);
    change(bench, B_002, BAY_FREE);
    return bench;
}

static void bench_free(struct bench *bench)
{
    view_destroy(bench->view);
    free(bench->request.target.bytes);
    free(bench->request.headers.bytes);
    free(bench->request.body.bytes);
    free(bench->state.bytes);
    free(bench);
}

static void clear(struct text *text)
{
    text_init(text, text->bytes, TEXT);
}

static const char *say_lot(struct bench *bench, const char *name, uint32_t lot)
{
    struct err err;

    clear(&bench->state);
    clear(&bench->request.body);
    view_vacancy(bench->view, lot, moment, &bench->state);
    if (!adapter_by_name(name)->lot(&bench->context, lot, &bench->state, &bench->request, &err))
        fail_msg("%s", err.text);
    return bench->request.body.bytes;
}

static const char *say_bay(struct bench *bench, const char *name, uint32_t bay)
{
    struct err err;

    clear(&bench->state);
    clear(&bench->request.body);
    view_bay_json(bench->view, bay, &bench->state);
    if (!adapter_by_name(name)->bay(&bench->context, bay, &bench->state, &bench->request, &err))
        fail_msg("%s", err.text);
    return bench->request.body.bytes;
}

/* The lot's vehicles are counted at its lanes: what the gateway adds to its vacancy. */
static void add_estimate(struct text *vacancy, int inside)
{
    vacancy->used--;
    text_add(vacancy,
             ",\"estimate\":{\"inside\":%d,\"low\":0,\"high\":9,\"confidence\":50,\"source\":"
             "\"lanes\"}}",
             inside);
}

static const char *say_counted(struct bench *bench, const char *name, int inside)
{
    struct err err;

    clear(&bench->state);
    clear(&bench->request.body);
    view_vacancy(bench->view, 0, moment, &bench->state);
    add_estimate(&bench->state, inside);
    assert_true(
        adapter_by_name(name)->lot(&bench->context, 0, &bench->state, &bench->request, &err));
    return bench->request.body.bytes;
}

/* The whole site in one request. */
static void say_all(struct bench *bench, const char *name)
{
    const struct adapter *adapter = adapter_by_name(name);
    struct err err;

    clear(&bench->request.target);
    clear(&bench->request.headers);
    clear(&bench->request.body);
    adapter->open(&bench->context, &bench->request);
    for (uint32_t lot = 0; lot < bench->site.plan.lots_count; lot++) {
        clear(&bench->state);
        view_vacancy(bench->view, lot, moment, &bench->state);
        if (bench->counted)
            add_estimate(&bench->state, 1);
        assert_true(adapter->lot(&bench->context, lot, &bench->state, &bench->request, &err));
    }
    for (uint32_t bay = 0; bay < SMALL_BAYS; bay++) {
        clear(&bench->state);
        view_bay_json(bench->view, bay, &bench->state);
        assert_true(adapter->bay(&bench->context, bay, &bench->state, &bench->request, &err));
    }
    adapter->close(&bench->context, &bench->request);
    assert_false(bench->request.body.overflow);
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
    assert_string_equal(body->bytes, golden);
}

static void assert_holds(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("\"%s\" is not in %s", part, text);
}

static void assert_lacks(const char *text, const char *part)
{
    if (strstr(text, part))
        fail_msg("\"%s\" is in %s", part, text);
}

/* ---- what is sent ---- */

static void a_site_in_ngsi_v2(void **state)
{
    struct bench *bench = bench_new();

    (void)state;
    bench->settings.tenant = "parking";
    bench->settings.service_path = "/north";
    say_all(bench, "ngsi-v2");
    assert_string_equal(bench->request.method, "POST");
    assert_string_equal(bench->request.target.bytes, "/v2/op/update");
    assert_string_equal(bench->request.headers.bytes,
                        "Content-Type: application/json\nFiware-Service: parking\n"
                        "Fiware-ServicePath: /north\n");
    assert_string_equal(adapter_by_name("ngsi-v2")->token_head, "X-Auth-Token: ");
    assert_golden(&bench->request.body, "tests/unit/ngsi/v2.json");
    bench_free(bench);
}

static void a_site_in_ngsi_ld(void **state)
{
    struct bench *bench = bench_new();

    (void)state;
    bench->settings.tenant = "parking";
    say_all(bench, "ngsi-ld");
    assert_string_equal(bench->request.target.bytes,
                        "/ngsi-ld/v1/entityOperations/upsert?options=update");
    assert_string_equal(bench->request.headers.bytes,
                        "Content-Type: application/json\n"
                        "Link: <https://x.example/context.jsonld>; "
                        "rel=\"http://www.w3.org/ns/json-ld#context\"; "
                        "type=\"application/ld+json\"\n"
                        "NGSILD-Tenant: parking\n");
    assert_golden(&bench->request.body, "tests/unit/ngsi/ld.json");
    bench_free(bench);
}

static void a_site_in_datex(void **state)
{
    struct bench *bench = bench_new();

    (void)state;
    say_all(bench, "datex");
    assert_string_equal(bench->request.target.bytes, "");
    assert_string_equal(bench->request.headers.bytes,
                        "Content-Type: application/xml; charset=utf-8\n");
    assert_golden(&bench->request.body, "tests/unit/ngsi/status.xml");
    bench_free(bench);
}

static void a_site_whose_vehicles_are_counted_at_the_lanes(void **state)
{
    static const struct {
        const char *name, *file;
    } rows[] = {{"ngsi-v2", "tests/unit/ngsi/v2-lanes.json"},
                {"ngsi-ld", "tests/unit/ngsi/ld-lanes.json"},
                {"datex", "tests/unit/ngsi/status-lanes.xml"}};
    struct bench *bench = bench_new();

    (void)state;
    bench->counted = true;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        say_all(bench, rows[i].name);
        assert_golden(&bench->request.body, rows[i].file);
    }
    bench_free(bench);
}

static void ids_carry_the_prefix(void **state)
{
    struct bench *bench = bench_new();

    (void)state;
    bench->settings.entity_prefix = "north:";
    const char *bay = say_bay(bench, "ngsi-ld", A_001);
    assert_holds(bay, "\"id\":\"urn:ngsi-ld:ParkingSpot:north:A:A-001\"");
    assert_holds(bay, "\"object\":\"urn:ngsi-ld:OffStreetParking:north:A\"");
    assert_holds(bay, "\"object\":[\"urn:ngsi-ld:Device:north:node-1\"]");
    assert_holds(say_bay(bench, "datex", A_001), "id=\"north:A-001\"");
    bench_free(bench);
}

static void a_lot_without_a_location_is_not_said(void **state)
{
    struct bench *bench = bench_new();
    struct err err;

    (void)state;
    bench->site.lots[0].located = false;
    view_vacancy(bench->view, 0, moment, &bench->state);
    assert_false(
        adapter_by_name("ngsi-ld")->lot(&bench->context, 0, &bench->state, &bench->request, &err));
    assert_string_equal(err.text, "lot \"A\" has no location; the platform asks for one");
    bench_free(bench);
}

/* ---- the traps of ngsi.c ---- */

static void ngsi_1_longitude_comes_first(void **state)
{
    struct bench *bench = bench_new();

    (void)state;
    assert_holds(say_lot(bench, "ngsi-v2", 0), "\"coordinates\":[117.2290000,31.8206000]");
    assert_holds(say_bay(bench, "ngsi-ld", A_001), "\"coordinates\":[117.2290000,31.8206000]");
    bench_free(bench);
}

static void ngsi_2_a_bay_out_of_service_is_closed(void **state)
{
    static const struct {
        uint32_t bay;
        const char *status;
    } bays[] = {{A_001, "occupied"}, {A_002, "free"}, {A_003, "closed"}, {A_004, "unknown"}};
    struct bench *bench = bench_new();
    char part[80];

    (void)state;
    for (size_t i = 0; i < sizeof bays / sizeof *bays; i++) {
        snprintf(part, sizeof part, "\"status\":{\"type\":\"Property\",\"value\":\"%s\"",
                 bays[i].status);
        assert_holds(say_bay(bench, "ngsi-ld", bays[i].bay), part);
    }
    bench_free(bench);
}

static void ngsi_3_a_car_park_has_a_list_of_status_words(void **state)
{
    struct bench *bench = bench_new();
    static const enum bay_state full[] = {BAY_OCCUPIED, BAY_OCCUPIED, BAY_OCCUPIED, BAY_OCCUPIED};
    static const struct {
        uint32_t bays; /* of lot A that are out of service */
        const char *words;
    } closing[] = {{3, "\"value\":[\"open\",\"full\"]"}, {4, "\"value\":[\"closed\"]"}};

    (void)state;
    assert_holds(say_lot(bench, "ngsi-ld", 0), "\"value\":[\"open\",\"spacesAvailable\"]");
    change(bench, A_002, BAY_OCCUPIED); /* A-004 is unknown: perhaps it is free */
    assert_holds(say_lot(bench, "ngsi-ld", 0), "\"value\":[\"open\"]");
    for (uint32_t bay = A_001; bay <= A_004; bay++)
        change(bench, bay, full[bay]);
    for (size_t i = 0; i < 2; i++) {
        for (uint32_t bay = A_001; bay < A_001 + closing[i].bays; bay++)
            change(bench, bay, BAY_OUT_OF_SERVICE);
        assert_holds(say_lot(bench, "ngsi-ld", 0), closing[i].words);
    }
    assert_lacks(say_lot(bench, "ngsi-ld", 1), "\"status\"");
    bench_free(bench);
}

static void ngsi_4_bays_for_some_are_counted_twice(void **state)
{
    struct bench *bench = bench_new();

    (void)state;
    change(bench, A_003, BAY_FREE); /* accessible; A-002 is free and for all */
    const char *lot = say_lot(bench, "ngsi-v2", 0);
    assert_holds(lot, "\"availableSpotNumber\":{\"type\":\"Number\",\"value\":2,");
    assert_holds(lot, "\"extraSpotNumber\":{\"type\":\"Number\",\"value\":1,");
    bench_free(bench);
}

static void ngsi_5_a_name_holds_nothing_that_the_broker_refuses(void **state)
{
    struct bench *bench = bench_new();

    (void)state;
    bench->site.lots[0].name = "P1 (north) <a>; \"b\" = 'c'";
    assert_holds(say_lot(bench, "ngsi-v2", 0), "\"value\":\"P1 [north] [a], `b` - `c`\"");
    assert_holds(say_lot(bench, "ngsi-ld", 0), "\"value\":\"P1 (north) <a>; \\\"b\\\" = 'c'\"");
    bench_free(bench);
}

static void ngsi_6_a_state_has_the_time_at_which_it_began(void **state)
{
    struct bench *bench = bench_new();

    (void)state;
    assert_holds(say_bay(bench, "ngsi-ld", A_001), "\"observedAt\":\"2026-11-22T03:02:06.123Z\"");
    assert_holds(say_bay(bench, "ngsi-v2", A_001),
                 "\"metadata\":{\"TimeInstant\":{\"type\":\"DateTime\",\"value\":"
                 "\"2026-11-22T03:02:06.123Z\"}}");
    assert_lacks(say_bay(bench, "ngsi-ld", A_004), "observedAt");
    bench_free(bench);
}

/* ---- the traps of datex.c ---- */

/* Lot A has four bays: one occupied, one free, one out of service, one unknown. */
static void ngsi_7_vehicles_counted_at_the_lanes_stand_for_the_bays(void **state)
{
    struct bench *bench = bench_new();
    const char *said = say_counted(bench, "ngsi-v2", 1);

    (void)state;
    assert_holds(said, "\"availableSpotNumber\":{\"type\":\"Number\",\"value\":2");
    assert_holds(said, "\"occupiedSpotNumber\":{\"type\":\"Number\",\"value\":1");
    assert_holds(said, "[\"balancing\",\"singleSpaceDetection\"]");
    said = say_counted(bench, "ngsi-ld", 7);
    assert_holds(said, "\"availableSpotNumber\":{\"type\":\"Property\",\"value\":0");
    assert_holds(said, "\"occupiedSpotNumber\":{\"type\":\"Property\",\"value\":3");
    assert_holds(said, "[\"open\",\"full\"]");
    said = say_counted(bench, "ngsi-ld", -2);
    assert_holds(said, "\"occupiedSpotNumber\":{\"type\":\"Property\",\"value\":0");
    change(bench, A_001, BAY_UNKNOWN);
    change(bench, A_002, BAY_UNKNOWN);
    assert_holds(say_counted(bench, "ngsi-v2", 1), "[\"balancing\"]");
    bench_free(bench);
}

static void datex_5_vehicles_counted_at_the_lanes_stand_for_the_bays(void **state)
{
    struct bench *bench = bench_new();
    const char *said = say_counted(bench, "datex", 1);

    (void)state;
    assert_holds(said, "<prk:numberOfVacantSpaces>2</prk:numberOfVacantSpaces>");
    assert_holds(said, "<prk:numberOfOccupiedSpaces>1</prk:numberOfOccupiedSpaces>");
    assert_holds(say_counted(bench, "datex", 9), "<prk:status>full</prk:status>");
    bench_free(bench);
}

static void datex_1_and_2_bays_in_service_are_the_whole(void **state)
{
    struct bench *bench = bench_new();

    (void)state;
    assert_holds(say_lot(bench, "datex", 0),
                 "<prk:numberOfSpacesOverride>3</prk:numberOfSpacesOverride>"
                 "<prk:numberOfVacantSpaces>1</prk:numberOfVacantSpaces>"
                 "<prk:numberOfOccupiedSpaces>1</prk:numberOfOccupiedSpaces>"
                 "<prk:occupancy>33.33</prk:occupancy>");
    for (uint32_t bay = A_001; bay <= A_004; bay++)
        change(bench, bay, BAY_OUT_OF_SERVICE);
    const char *lot = say_lot(bench, "datex", 0);
    assert_holds(lot, "<fac:openingStatus>closed</fac:openingStatus>");
    assert_lacks(lot, "<prk:occupancy>0");
    assert_lacks(lot, "<prk:status>");
    bench_free(bench);
}

static void datex_3_a_bay_that_is_not_known_is_left_out(void **state)
{
    struct bench *bench = bench_new();

    (void)state;
    assert_holds(say_bay(bench, "datex", A_001), "<prk:occupied>true</prk:occupied>");
    assert_holds(say_bay(bench, "datex", A_002), "<prk:occupied>false</prk:occupied>");
    assert_string_equal(say_bay(bench, "datex", A_003), "");
    assert_string_equal(say_bay(bench, "datex", A_004), "");
    bench_free(bench);
}

static void datex_4_a_lot_is_full_only_when_every_bay_is_known(void **state)
{
    struct bench *bench = bench_new();

    (void)state;
    assert_holds(say_lot(bench, "datex", 0), "<prk:status>spacesAvailable</prk:status>");
    change(bench, A_002, BAY_OCCUPIED);
    assert_holds(say_lot(bench, "datex", 0), "<prk:status>unknown</prk:status>");
    change(bench, A_004, BAY_OCCUPIED);
    assert_holds(say_lot(bench, "datex", 0), "<prk:status>full</prk:status>");
    bench_free(bench);
}

/* ---- answers ---- */

static const struct adapter_fact asked[] = {{false, 0}, {true, A_001}, {true, A_002}};
enum { ASKED = sizeof asked / sizeof *asked };

static enum adapter_verdict verdict(struct bench *bench, const char *name, int status,
                                    const char *body, struct adapter_answer items[ASKED])
{
    struct adapter_reply reply = {.status = status, .retry_after_ms = 7000};
    struct adapter_state state = {asked, ASKED, items};
    struct adapter_answer answer;

    reply.body = body;
    reply.size = strlen(body);
    adapter_by_name(name)->classify_state(&bench->context, &reply, &state, &answer);
    if (answer.verdict == ADAPTER_RETRY && status != 207)
        assert_int_equal(answer.retry_after_ms, 7000);
    return answer.verdict;
}

static void each_status_has_its_meaning(void **state)
{
    static const struct {
        int status;
        enum adapter_verdict verdict;
    } rows[] = {
        {200, ADAPTER_DELIVERED}, {201, ADAPTER_DELIVERED}, {204, ADAPTER_DELIVERED},
        {302, ADAPTER_STOP},      {400, ADAPTER_SPLIT},     {401, ADAPTER_STOP},
        {403, ADAPTER_STOP},      {404, ADAPTER_STOP},      {405, ADAPTER_STOP},
        {409, ADAPTER_RETRY},     {413, ADAPTER_SPLIT},     {422, ADAPTER_SPLIT},
        {429, ADAPTER_RETRY},     {500, ADAPTER_FAILED},    {502, ADAPTER_RETRY},
        {503, ADAPTER_RETRY},     {504, ADAPTER_RETRY},
    };
    static const char *const names[] = {"ngsi-v2", "ngsi-ld", "datex"};
    struct bench *bench = bench_new();
    struct adapter_answer items[ASKED];

    (void)state;
    for (size_t n = 0; n < 3; n++) {
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
            assert_int_equal(verdict(bench, names[n], rows[i].status, "", items), rows[i].verdict);
    }
    assert_int_equal(verdict(bench, "ngsi-v2", 207, "", items), ADAPTER_RETRY);
    bench_free(bench);
}

static void each_entity_has_an_answer_of_its_own(void **state)
{
    static const struct {
        const char *error;
        enum adapter_verdict verdict;
    } rows[] = {
        {"{\"type\":\"https://uri.etsi.org/ngsi-ld/errors/BadRequestData\"}", ADAPTER_REFUSED},
        {"{\"type\":\"https://uri.etsi.org/ngsi-ld/errors/InternalError\"}", ADAPTER_RETRY},
        {"{\"type\":\"https://uri.etsi.org/ngsi-ld/errors/AlreadyExists\"}", ADAPTER_RETRY},
        {"{\"type\":\"x\",\"status\":503}", ADAPTER_RETRY},
        {"{\"type\":\"x\",\"status\":500}", ADAPTER_RETRY},
        {"{\"status\":400,\"type\":\"y/InternalError\"}", ADAPTER_REFUSED},
        {"{}", ADAPTER_REFUSED},
    };
    struct bench *bench = bench_new();
    struct adapter_answer items[ASKED];
    char body[1024];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(body, sizeof body,
                 "{\"success\":[\"urn:ngsi-ld:ParkingSpot:A:A-002\"],\"errors\":[{\"entityId\":"
                 "\"urn:ngsi-ld:ParkingSpot:A:A-001\",\"error\":%s}]}",
                 rows[i].error);
        assert_int_equal(verdict(bench, "ngsi-ld", 207, body, items), ADAPTER_EACH);
        assert_int_equal(items[0].verdict, ADAPTER_RETRY); /* neither here nor there */
        assert_int_equal(items[1].verdict, rows[i].verdict);
        assert_int_equal(items[2].verdict, ADAPTER_DELIVERED);
        assert_string_equal(items[1].reason, "urn:ngsi-ld:ParkingSpot:A:A-001: no reason given");
    }
    bench_free(bench);
}

static void a_207_that_is_not_understood_is_asked_for_again(void **state)
{
    static const char *const bodies[] = {"", "[]", "{\"errors\":{}}", "{\"success\":[]}", "<html>"};
    struct bench *bench = bench_new();
    struct adapter_answer items[ASKED];

    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        assert_int_equal(verdict(bench, "ngsi-ld", 207, bodies[i], items), ADAPTER_RETRY);
    assert_int_equal(verdict(bench, "ngsi-ld", 207, "{\"errors\":[]}", items), ADAPTER_EACH);
    for (size_t i = 0; i < ASKED; i++)
        assert_int_equal(items[i].verdict, ADAPTER_DELIVERED);
    bench_free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_site_in_ngsi_v2),
        cmocka_unit_test(a_site_in_ngsi_ld),
        cmocka_unit_test(a_site_in_datex),
        cmocka_unit_test(a_site_whose_vehicles_are_counted_at_the_lanes),
        cmocka_unit_test(ids_carry_the_prefix),
        cmocka_unit_test(a_lot_without_a_location_is_not_said),
        cmocka_unit_test(ngsi_1_longitude_comes_first),
        cmocka_unit_test(ngsi_2_a_bay_out_of_service_is_closed),
        cmocka_unit_test(ngsi_3_a_car_park_has_a_list_of_status_words),
        cmocka_unit_test(ngsi_4_bays_for_some_are_counted_twice),
        cmocka_unit_test(ngsi_5_a_name_holds_nothing_that_the_broker_refuses),
        cmocka_unit_test(ngsi_6_a_state_has_the_time_at_which_it_began),
        cmocka_unit_test(ngsi_7_vehicles_counted_at_the_lanes_stand_for_the_bays),
        cmocka_unit_test(datex_5_vehicles_counted_at_the_lanes_stand_for_the_bays),
        cmocka_unit_test(datex_1_and_2_bays_in_service_are_the_whole),
        cmocka_unit_test(datex_3_a_bay_that_is_not_known_is_left_out),
        cmocka_unit_test(datex_4_a_lot_is_full_only_when_every_bay_is_known),
        cmocka_unit_test(each_status_has_its_meaning),
        cmocka_unit_test(each_entity_has_an_answer_of_its_own),
        cmocka_unit_test(a_207_that_is_not_understood_is_asked_for_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
