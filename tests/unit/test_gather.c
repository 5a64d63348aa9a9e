/*
 * State on its way (gather.h): which lots and bays go together, and what becomes of them by the
 * platform's answer. A platform in memory, no connection.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/uplink/gather.h"
#include "tests/unit/small_site.h"

enum { BODY = 1024, LOTS = 2 };

static const mono_ms now = {1000};

/* ---- a protocol of one letter a fact: "(AB abcdef)" ---- */

static void open(const struct adapter_context *context, struct adapter_request *ret)
{
    (void)context;
    text_add(&ret->body, "(");
}

static void close(const struct adapter_context *context, struct adapter_request *ret)
{
    (void)context;
    text_add(&ret->body, ")");
}

static bool say_lot(const struct adapter_context *context, uint32_t lot, const struct text *vacancy,
                    struct adapter_request *ret, struct err *err)
{
    (void)vacancy;
    if (!context->plan->lots[lot].located)
        return err_set(err, "lot %u has no location", lot);
    text_add(&ret->body, "%c", 'A' + (int)lot);
    return true;
}

static bool say_bay(const struct adapter_context *context, uint32_t bay, const struct text *state,
                    struct adapter_request *ret, struct err *err)
{
    (void)context;
    (void)state;
    (void)err;
    text_add(&ret->body, "%c", 'a' + (int)bay);
    return true;
}

/* The status is the verdict; the body is a verdict an item, as digits. */
static void classify_state(const struct adapter_context *context, const struct adapter_reply *reply,
                           const struct adapter_state *state, struct adapter_answer *ret)
{
    (void)context;
    *ret = (struct adapter_answer){.verdict = (enum adapter_verdict)reply->status,
                                   .reason = "as told"};
    for (size_t i = 0; reply->status == ADAPTER_EACH && i < state->count; i++)
        state->items[i] = (struct adapter_answer){
            .verdict = (enum adapter_verdict)(reply->body[i] - '0'), .reason = "the item"};
}

static const struct adapter letters = {
    .name = "letters",
    .transport = ADAPTER_HTTP,
    .state_max = 4,
    .state_size = BODY,
    .open = open,
    .close = close,
    .classify_state = classify_state,
    .lot = say_lot,
    .bay = say_bay,
};

struct bench {
    struct small_site site;
    struct adapter adapter;
    struct uplink_settings settings;
    struct uplink uplink;
    struct adapter_request request;
    struct gather gather;
};

static void nothing(void *arg, uint32_t index, struct text *out)
{
    (void)arg;
    (void)index;
    (void)out;
}

static void bench_init(struct bench *bench, const struct adapter *adapter)
{
    *bench = (struct bench){.adapter = *adapter};
    small_site_init(&bench->site);
    for (int i = 0; i < LOTS; i++)
        bench->site.lots[i].located = true;
    bench->settings =
        (struct uplink_settings){.name = "u", .adapter = &bench->adapter, .bays = true};
    bench->uplink = (struct uplink){
        .settings = &bench->settings,
        .source = {.plan = &bench->site.plan, .lot = nothing, .bay = nothing},
        .stale = stale_create(&bench->site.plan, 0),
    };
    text_init(&bench->uplink.state, memory_new(BODY, 1), BODY);
    carrier_request_init(&bench->request, gather_size(&bench->adapter));
}

static void bench_begin(struct bench *bench)
{
    gather_init(&bench->gather, &bench->uplink);
}

static void bench_fini(struct bench *bench)
{
    gather_fini(&bench->gather);
    carrier_request_fini(&bench->request);
    free(bench->uplink.state.bytes);
    stale_destroy(bench->uplink.stale);
}

static struct adapter_answer answered;

static enum batch_next answer(struct bench *bench, enum adapter_verdict verdict, const char *items)
{
    struct adapter_reply reply = {.status = (int)verdict, .body = items};

    return gather_settle(&bench->gather, &reply, &answered);
}

static void assert_sends(struct bench *bench, const char *body)
{
    assert_true(gather_fill(&bench->gather, &bench->request, now));
    assert_string_equal(bench->request.body.bytes, body);
}

static void assert_sends_nothing(struct bench *bench)
{
    assert_false(gather_fill(&bench->gather, &bench->request, now));
}

/* ---- tests ---- */

static void lots_go_before_bays(void **state)
{
    struct bench bench;

    (void)state;
    bench_init(&bench, &letters);
    bench_begin(&bench);
    assert_sends(&bench, "(ABab)");
    assert_int_equal(answer(&bench, ADAPTER_DELIVERED, ""), BATCH_WENT);
    assert_string_equal(answered.reason, "");
    assert_int_equal(bench.uplink.vacancies_sent, 2);
    assert_sends(&bench, "(cdef)");
    assert_int_equal(answer(&bench, ADAPTER_DELIVERED, ""), BATCH_WENT);
    assert_sends_nothing(&bench);
    stale_bay(bench.uplink.stale, B_001);
    assert_sends(&bench, "(Be)");
    bench_fini(&bench);
}

static void lots_alone_where_no_bays_are_wanted(void **state)
{
    struct bench bench;

    (void)state;
    bench_init(&bench, &letters);
    bench.settings.bays = false;
    bench_begin(&bench);
    assert_sends(&bench, "(AB)");
    answer(&bench, ADAPTER_DELIVERED, "");
    assert_sends_nothing(&bench);
    bench_fini(&bench);
}

static void what_did_not_arrive_goes_again(void **state)
{
    static const enum adapter_verdict later[] = {ADAPTER_RETRY, ADAPTER_STOP};
    static const enum batch_next next[] = {BATCH_WAIT, BATCH_STOP};
    struct bench bench;

    (void)state;
    bench_init(&bench, &letters);
    bench.settings.bays = false;
    bench_begin(&bench);
    for (int i = 0; i < 2; i++) {
        assert_sends(&bench, "(AB)");
        assert_int_equal(answer(&bench, later[i], ""), next[i]);
        assert_string_equal(answered.reason, "as told");
        assert_false(bench.gather.some);
    }
    assert_sends(&bench, "(AB)");
    gather_back(&bench.gather);
    assert_sends(&bench, "(AB)");
    bench_fini(&bench);
}

static void each_has_its_own_answer(void **state)
{
    struct bench bench;
    char items[] = {'0' + ADAPTER_DELIVERED, '0' + ADAPTER_RETRY, '0' + ADAPTER_REFUSED,
                    '0' + ADAPTER_DUPLICATE, '\0'};

    (void)state;
    bench_init(&bench, &letters);
    bench_begin(&bench);
    assert_sends(&bench, "(ABab)");
    assert_int_equal(answer(&bench, ADAPTER_EACH, items), BATCH_WAIT);
    assert_true(bench.gather.some);
    assert_string_equal(answered.reason, "the item");
    assert_int_equal(bench.uplink.vacancies_sent, 1);
    assert_sends(&bench, "(Bcde)"); /* not "a", which was refused */
    items[1] = items[2] = '0' + ADAPTER_DELIVERED;
    assert_int_equal(answer(&bench, ADAPTER_EACH, items), BATCH_WENT);
    assert_string_equal(answered.reason, "");
    bench_fini(&bench);
}

/* The platform refuses every request that holds `poison`. */
static unsigned drain(struct bench *bench, char poison, enum adapter_verdict verdict)
{
    bool held[128] = {false};
    unsigned requests = 0;

    while (gather_fill(&bench->gather, &bench->request, now)) {
        const char *body = bench->request.body.bytes;
        assert_true(requests++ < 30);
        if (strchr(body, poison)) {
            answer(bench, verdict, "");
            continue;
        }
        answer(bench, ADAPTER_DELIVERED, "");
        for (const char *c = body; *c; c++)
            held[(unsigned char)*c] = true;
    }
    for (const char *c = "ABabcdef"; *c; c++)
        assert_int_equal(held[(unsigned char)*c], *c != poison);
    return requests;
}

static void one_that_is_refused_holds_up_no_other(void **state)
{
    struct bench bench;

    (void)state;
    for (const char *poison = "ABabcdef"; *poison; poison++) {
        bench_init(&bench, &letters);
        bench_begin(&bench);
        drain(&bench, *poison, ADAPTER_SPLIT);
        assert_sends_nothing(&bench);
        bench_fini(&bench);
    }
}

static void a_request_that_breaks_the_platform_is_halved(void **state)
{
    struct bench bench;

    (void)state;
    bench_init(&bench, &letters);
    bench_begin(&bench);
    assert_sends(&bench, "(ABab)");
    assert_int_equal(answer(&bench, ADAPTER_FAILED, ""), BATCH_WAIT);
    assert_sends(&bench, "(AB)");
    answer(&bench, ADAPTER_DELIVERED, "");
    assert_sends(&bench, "(cdef)");
    bench_fini(&bench);
}

static void what_cannot_be_said_is_passed_over(void **state)
{
    struct bench bench;

    (void)state;
    bench_init(&bench, &letters);
    bench.site.lots[0].located = false;
    bench_begin(&bench);
    assert_sends(&bench, "(Babc)");
    assert_string_equal(bench.uplink.trouble[LANE_STATE], "lot 0 has no location");
    bench_fini(&bench);
}

static bool say_long(const struct adapter_context *context, uint32_t bay, const struct text *state,
                     struct adapter_request *ret, struct err *err)
{
    (void)context;
    (void)state;
    (void)err;
    text_add(&ret->body, "%c%0300d", 'a' + (int)bay, 0);
    return true;
}

static void a_full_request_leaves_the_rest_for_the_next(void **state)
{
    struct adapter longer = letters;
    struct bench bench;

    (void)state;
    longer.bay = say_long;
    bench_init(&bench, &longer);
    bench_begin(&bench);
    assert_true(gather_fill(&bench.gather, &bench.request, now));
    assert_memory_equal(bench.request.body.bytes, "(ABa0", 5);
    assert_int_equal(bench.gather.count, 4);
    answer(&bench, ADAPTER_DELIVERED, "");
    assert_true(gather_fill(&bench.gather, &bench.request, now));
    assert_memory_equal(bench.request.body.bytes, "(c0", 3);
    assert_int_equal(bench.gather.count, 2); /* c, d; a third does not fit */
    assert_string_equal(bench.request.body.bytes + bench.request.body.used - 1, ")");
    answer(&bench, ADAPTER_DELIVERED, "");
    assert_true(gather_fill(&bench.gather, &bench.request, now));
    assert_non_null(strchr(bench.request.body.bytes, 'e'));
    assert_non_null(strchr(bench.request.body.bytes, 'f'));
    bench_fini(&bench);
}

static void all_is_told_again_once_in_sixty_refreshes(void **state)
{
    struct bench bench;

    (void)state;
    bench_init(&bench, &letters);
    bench.settings.vacancy_refresh_ms = 1000;
    bench.adapter.state_max = 8;
    bench_begin(&bench);
    assert_sends(&bench, "(ABabcdef)");
    assert_int_equal(answer(&bench, ADAPTER_DELIVERED, ""), BATCH_WENT);
    assert_false(gather_fill(&bench.gather, &bench.request, (mono_ms){now.ms + 59999}));
    assert_true(gather_fill(&bench.gather, &bench.request, (mono_ms){now.ms + 60000}));
    assert_string_equal(bench.request.body.bytes, "(ABabcdef)");
    answer(&bench, ADAPTER_DELIVERED, "");
    assert_false(gather_fill(&bench.gather, &bench.request, (mono_ms){now.ms + 60001}));
    bench_fini(&bench);
}

static void a_snapshot_tells_all_or_nothing(void **state)
{
    struct adapter snapshot = letters;
    struct bench bench;

    (void)state;
    snapshot.snapshot = true;
    bench_init(&bench, &snapshot);
    bench_begin(&bench);
    assert_sends(&bench, "(ABabcdef)");
    assert_int_equal(answer(&bench, ADAPTER_RETRY, ""), BATCH_WAIT);
    assert_sends(&bench, "(ABabcdef)");
    answer(&bench, ADAPTER_DELIVERED, "");
    assert_sends_nothing(&bench);
    stale_bay(bench.uplink.stale, A_002);
    assert_sends(&bench, "(ABabcdef)");
    assert_int_equal(answer(&bench, ADAPTER_SPLIT, ""), BATCH_NOW);
    assert_string_equal(answered.reason, "as told");
    assert_sends_nothing(&bench);
    bench_fini(&bench);

    snapshot.bay = say_long;
    bench_init(&bench, &snapshot);
    bench_begin(&bench);
    assert_sends_nothing(&bench);
    assert_string_equal(bench.uplink.trouble[LANE_STATE],
                        "all states are longer than a request may be; set bays = false");
    bench_fini(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lots_go_before_bays),
        cmocka_unit_test(lots_alone_where_no_bays_are_wanted),
        cmocka_unit_test(what_did_not_arrive_goes_again),
        cmocka_unit_test(each_has_its_own_answer),
        cmocka_unit_test(one_that_is_refused_holds_up_no_other),
        cmocka_unit_test(a_request_that_breaks_the_platform_is_halved),
        cmocka_unit_test(what_cannot_be_said_is_passed_over),
        cmocka_unit_test(a_full_request_leaves_the_rest_for_the_next),
        cmocka_unit_test(all_is_told_again_once_in_sixty_refreshes),
        cmocka_unit_test(a_snapshot_tells_all_or_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
