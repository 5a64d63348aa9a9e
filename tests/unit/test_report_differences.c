/* Records of differences: read as they were written, and each breach of their order named. */
#include "tests/unit/store_world.h"

#include "daemon/report/differences.h"
#include "daemon/report/prove_differences.h"
#include "daemon/store/sql.h"

struct bench {
    struct world *world;
    struct store *store;
    size_t told, breaches;
    char text[ERR_TEXT_SIZE]; /* the last */
};

static int begin(void **state)
{
    struct bench *b = calloc(1, sizeof *b);

    b->world = world_create(20261122);
    b->store = world_open(b->world, STORE_WRITE);
    *state = b;
    return 0;
}

static int end(void **state)
{
    struct bench *b = *state;

    store_close(b->store);
    world_destroy(b->world);
    free(b);
    return 0;
}

static void add(struct bench *b, const struct record_difference *difference)
{
    world_add(b->world, (struct record){.kind = RECORD_DIFFERENCE, .difference = *difference});
    world_commit(b->world, b->store);
}

static void hear(void *arg, const struct audit_finding *finding)
{
    struct bench *b = arg;

    b->told++;
    text_copy(b->text, sizeof b->text, finding->text);
}

static const char *prove(struct bench *b)
{
    struct err err;

    b->told = b->breaches = 0;
    assert_true(prove_differences(b->world->path, hear, b, &b->breaches, &err));
    assert_int_equal(b->told, b->breaches ? b->breaches : 1);
    return b->text;
}

static const struct record_difference one = {.difference = "D1",
                                             .class = DIFFERENCE_AMOUNT_MISMATCH,
                                             .day = "2026-11-21",
                                             .channel = "wechat",
                                             .order = "O1",
                                             .gateway_fen = 500,
                                             .channel_fen = 400,
                                             .at_risk_fen = 100,
                                             .since = {1795316400000}};

static struct record_difference resolved(const char *actor, const char *reason)
{
    struct record_difference difference = one;

    difference.state = DIFFERENCE_RESOLVED;
    difference.at_risk_fen = 0;
    text_copy(difference.actor, sizeof difference.actor, actor);
    text_copy(difference.reason, sizeof difference.reason, reason);
    return difference;
}

static void differences_in_good_order_are_added_up(void **state)
{
    struct bench *b = *state;
    struct record_difference next = one;

    add(b, &one);
    strcpy(next.difference, "D2");
    next.at_risk_fen = 50;
    add(b, &next);
    next.at_risk_fen = 70; /* a later bill says more */
    add(b, &next);
    strcpy(next.transaction, "42-7");
    add(b, &next);
    strcpy(next.refund, "R-7");
    add(b, &next);
    strcpy(next.difference, "D3");
    next.state = DIFFERENCE_AUTO_RESOLVED;
    next.at_risk_fen = 0;
    add(b, &next);
    next = resolved("wang", "paid in cash");
    add(b, &next);
    assert_string_equal(prove(b),
                        "1 open with 70 fen at risk, 1 resolved by a person, 1 by a later "
                        "bill");
    assert_int_equal(b->breaches, 0);
}

/* Behind an open one, the same again with one thing changed. */
static void each_breach_of_their_order_is_named(void **state)
{
    struct bench *b = *state;
    struct record_difference rows[] = {
        one,
        resolved("", "paid in cash"),
        resolved("wang", ""),
        resolved("wang", "paid in cash"),
        resolved("wang", "paid in cash"),
        resolved("wang", "paid in cash"),
        resolved("wang", "paid in cash"),
        resolved("wang", "paid in cash"),
        one,
    };
    static const char *const wrong[] = {
        "it is recorded again, and says nothing new",
        "it is resolved, and not said by whom and why",
        "it is resolved, and not said by whom and why",
        "of what is resolved nothing is at risk",
        "it is resolved, and was not open with these amounts",
        "it is resolved, and was not open with these amounts",
        "it is resolved, and was not open with these amounts",
        "it is resolved, and never was open",
        "of what is resolved nothing is at risk",
    };
    char id[IDENT_SIZE];

    rows[3].at_risk_fen = 1;
    rows[4].class = DIFFERENCE_FEE;
    rows[5].gateway_fen = 501;
    rows[6].channel_fen = 401;
    rows[8].at_risk_fen = -1;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct record_difference before = one;

        snprintf(id, sizeof id, "D%zu", i);
        strcpy(before.difference, id);
        if (i == 7)
            strcpy(before.difference, "another");
        strcpy(rows[i].difference, id);
        add(b, &before);
        add(b, &rows[i]);
        const char *told = prove(b);
        assert_int_equal(b->breaches, i + 1); /* those before stay what they are */
        if (!strstr(told, wrong[i]) || strncmp(told, id, strlen(id)) != 0)
            fail_msg("\"%s\" is not \"%s\"", told, wrong[i]);
    }
}

static void what_was_resolved_is_not_resolved_again(void **state)
{
    struct bench *b = *state;
    struct record_difference done = resolved("wang", "paid in cash");

    add(b, &one);
    add(b, &done);
    text_copy(done.transaction, sizeof done.transaction, "42");
    add(b, &done);
    assert_non_null(strstr(prove(b), "was not open with these amounts"));
}

static void words_of_nobody_are_a_breach(void **state)
{
    static const char *const changes[] = {"'$.class', 'a feeling'", "'$.state', 'asleep'"};
    struct bench *b = *state;
    char text[256];
    struct err err;

    for (size_t i = 0; i < 2; i++) {
        struct record_difference row = one;

        snprintf(row.difference, sizeof row.difference, "D%zu", i);
        add(b, &row);
        struct sql *sql = sql_open(b->world->path, SQL_WRITE, &err);
        assert_non_null(sql);
        snprintf(text, sizeof text,
                 "UPDATE journal SET body = json_set(body, %s) WHERE seq = (SELECT max(seq) FROM "
                 "journal)",
                 changes[i]);
        if (!sql_run(sql, text, &err))
            fail_msg("%s", err.text);
        sql_close(sql);
        assert_non_null(strstr(prove(b), "its class or state is no word of ours"));
        assert_int_equal(b->breaches, i + 1);
    }
}

static void a_difference_is_read_as_it_was_written(void **state)
{
    struct bench *b = *state;
    struct record_difference told = resolved("wang", "he said \"paid\", in C:\\tmp"), *all = NULL;
    uint32_t count = 0;
    struct err err;

    told.of_refund = true;
    told.channel_fen = RECORD_NO_AMOUNT;
    strcpy(told.statement, "abc");
    strcpy(told.refund, "R\"1\"");
    memset(told.order, 'o', sizeof told.order - 1);
    add(b, &one);
    add(b, &told);
    struct report_source *source = report_open(b->world->path, &err);
    assert_non_null(source);
    assert_true(report_differences(source, &all, &count, &err));
    assert_int_equal(count, 1);
    assert_string_equal(all[0].reason, told.reason);
    assert_string_equal(all[0].refund, told.refund);
    assert_string_equal(all[0].order, told.order);
    assert_string_equal(all[0].statement, told.statement);
    assert_int_equal(all[0].class, told.class);
    assert_int_equal(all[0].state, told.state);
    assert_true(all[0].of_refund);
    assert_int_equal(all[0].gateway_fen, 500);
    assert_int_equal(all[0].channel_fen, RECORD_NO_AMOUNT);
    assert_int_equal(all[0].since.ms, one.since.ms);
    free(all);
    report_close(source);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(differences_in_good_order_are_added_up),  TEST(each_breach_of_their_order_is_named),
        TEST(what_was_resolved_is_not_resolved_again), TEST(words_of_nobody_are_a_breach),
        TEST(a_difference_is_read_as_it_was_written),
    };

    return cmocka_run_group_tests_name("report differences", tests, NULL, NULL);
}
