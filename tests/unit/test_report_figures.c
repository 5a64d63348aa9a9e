/* Records made by hand into figures: shared bays and hours, how stays ended, what an exit that did
 * not happen takes out again, and what was given back before and after it. */
#include "tests/unit/store_world.h"

#include "daemon/base/zone.h"
#include "daemon/report/fees.h"
#include "daemon/report/report.h"

enum { HOUR_MS = 3600000 };

struct bench {
    struct world *world;
    struct store *store;
    int64_t from_ms;
};

static int begin(void **state)
{
    struct bench *b = calloc(1, sizeof *b);

    b->world = world_create(20261122);
    b->store = world_open(b->world, STORE_WRITE);
    b->from_ms = b->world->at_ms;
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

/* So many minutes after the beginning. */
static void add(struct bench *b, int64_t minute, const struct record *record)
{
    b->world->at_ms = b->from_ms + minute * 60000;
    world_add(b->world, *record);
    world_commit(b->world, b->store);
}

/* Of the records until now, which end `minutes` after the beginning. */
static struct report_figures figures(const struct bench *b, int64_t minutes)
{
    int32_t fee_ppm[PAY_CHANNELS];
    struct report_ask ask = {
        .period = {.days = 1, .from = {b->from_ms}, .to = {b->from_ms + minutes * 60000}},
        .zone = &civil_utc,
        .until = {b->from_ms + minutes * 60000},
        .fee_ppm = fee_ppm};
    struct err err;
    struct report_source *source = report_open(b->world->path, &err);

    assert_non_null(source);
    assert_true(fees_read(NULL, fee_ppm, &err));
    struct report *report = report_make(source, &ask, &err);
    assert_non_null(report);
    struct report_figures all = report->all;
    for (int f = 0; f < FIGURES;
         f++) /* one lot has it all, and its figures are those of the site */
        if (report->lots_count == 1)
            assert_memory_equal(all.values[f], report->lots[0].values[f], sizeof all.values[f]);
    report_destroy(report);
    report_close(source);
    return all;
}

/* ---- sharing ---- */

static struct record shared(enum sharing_event event, uint32_t zone, uint32_t open,
                            uint32_t promised)
{
    return (struct record){
        .kind = RECORD_SHARING,
        .sharing = {.lot = 0, .zone = zone, .event = event, .open = open, .promised = promised}};
}

static void shared_bays_are_counted_for_as_long_as_they_are_open(void **state)
{
    static const struct {
        int64_t minute;
        uint32_t zone;
        enum sharing_event event;
        uint32_t open, promised;
    } events[] = {
        {0, 0, SHARING_OPENED, 8, 8},           {60, 0, SHARING_SHORT, 5, 8},
        {90, 1, SHARING_OPENED, 4, 6},          {100, 0, SHARING_CLOSING, 0, 0},
        {110, 0, SHARING_OVERSTAY, 0, 0},       {120, 0, SHARING_CLOSED, 0, 0},
        {130, 0, SHARING_CLOSED, 0, 0},         /* told twice: nothing ran meanwhile */
        {150, PLAN_NONE, SHARING_CLOSED, 0, 0}, /* of a window that began before */
    };
    struct bench *b = *state;

    for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
        struct record record =
            shared(events[i].event, events[i].zone, events[i].open, events[i].promised);
        add(b, events[i].minute, &record);
    }
    struct report_figures all = figures(b, 180);
    assert_int_equal(all.values[FIGURE_SHARED_BAYS][0], 8 + 4);
    assert_int_equal(all.values[FIGURE_SHARED_BAYS][1], 8 + 6);
    /* The second zone's window is still open: it is counted until the end. */
    assert_int_equal(all.values[FIGURE_SHARED_HOURS][0], (8 + 5) * 3600 + 4 * 5400);
    assert_int_equal(all.values[FIGURE_SHARED_HOURS][1], (8 + 8) * 3600 + 6 * 5400);
}

/* ---- stays ---- */

static struct record came(const char *stay)
{
    struct record record = {
        .kind = RECORD_STAY_OPENED,
        .stay_opened = {.lot = 0, .bay = PLAN_NONE, .lane = 0, .class = VEHICLE_LARGE}};

    text_copy(record.stay_opened.stay, IDENT_SIZE, stay);
    return record;
}

static struct record left(const struct bench *b, const char *stay, enum stay_outcome outcome,
                          int64_t payable_fen, int64_t received_fen)
{
    struct record record = {
        .kind = RECORD_STAY_CLOSED,
        .stay_closed = {.lot = 0,
                        .bay = PLAN_NONE,
                        .lane = 1,
                        .class = VEHICLE_LARGE,
                        .entered = {b->from_ms},
                        .outcome = outcome,
                        .money = {.receivable_fen = payable_fen, .payable_fen = payable_fen},
                        .received_fen = received_fen}};

    text_copy(record.stay_closed.stay, IDENT_SIZE, stay);
    return record;
}

static void how_stays_ended_is_told_by_their_money_and_length(void **state)
{
    struct bench *b = *state;
    struct record record = came("S1");

    record.stay_opened.entry_missing = true;
    add(b, 0, &record);
    record = left(b, "S1", OUTCOME_PAID, 500, 700); /* 2 yuan too much */
    add(b, 45, &record);
    record = came("S2");
    add(b, 0, &record);
    record = left(b, "S2", OUTCOME_UNPAID, 900, 200);
    record.stay_closed.overstayed = true;
    text_copy(record.stay_closed.passage, IDENT_SIZE, "P2");
    add(b, 75, &record);
    record = came("S3");
    add(b, 0, &record);
    record = left(b, "S3", OUTCOME_VOID, 0, 0); /* it never was: it has no length */
    text_copy(record.stay_closed.actor, RECORD_WORD, "wang");
    add(b, 600, &record);
    struct report_figures all = figures(b, 1440);
    assert_int_equal(all.values[FIGURE_OPENED][VEHICLE_LARGE], 3);
    assert_int_equal(all.values[FIGURE_CLOSED][VEHICLE_LARGE], 3);
    assert_int_equal(all.values[FIGURE_OUTCOMES][OUTCOME_PAID], 1);
    assert_int_equal(all.values[FIGURE_OUTCOMES][OUTCOME_UNPAID], 1);
    assert_int_equal(all.values[FIGURE_OUTCOMES][OUTCOME_VOID], 1);
    assert_int_equal(all.values[FIGURE_ENTRY_MISSING][0], 1);
    assert_int_equal(all.values[FIGURE_EXIT_MISSING][0], 1); /* ended by a person, not a passage */
    assert_int_equal(all.values[FIGURE_OVERSTAYED][0], 1);
    assert_int_equal(all.values[FIGURE_OVERPAID][0], 200);
    assert_int_equal(all.values[FIGURE_ARREARS_OPENED][0], 700);
    assert_int_equal(all.values[FIGURE_ARREARS_STAYS][0], 1);
    assert_int_equal(all.values[FIGURE_AVERAGE_STAY][0], (45 + 75) * 60);
    assert_int_equal(all.values[FIGURE_AVERAGE_STAY][1], 2);
    int64_t bars = 0;
    for (int bar = 0; bar < REPORT_LENGTHS; bar++)
        bars += all.lengths[bar];
    assert_int_equal(bars, 2);
}

static struct record amended(const char *stay, enum stay_change change)
{
    struct record record = {.kind = RECORD_STAY_AMENDED,
                            .stay_amended = {.lot = 0, .bay = PLAN_NONE, .change = change}};

    text_copy(record.stay_amended.stay, IDENT_SIZE, stay);
    return record;
}

static void an_exit_that_did_not_happen_takes_its_money_out_again(void **state)
{
    struct bench *b = *state;
    struct record record = came("S1");

    add(b, 0, &record);
    record = left(b, "S1", OUTCOME_UNPAID, 900, 200);
    add(b, 60, &record);
    record = amended("S1", STAY_PLATE);
    add(b, 61, &record);
    record = amended("S1", STAY_REVERTED);
    add(b, 62, &record);
    struct report_figures open = figures(b, 120);
    assert_int_equal(open.values[FIGURE_REOPENED][VEHICLE_LARGE], 1);
    assert_int_equal(open.values[FIGURE_OUTCOMES][OUTCOME_UNPAID], 0);
    assert_int_equal(open.values[FIGURE_RECEIVABLE][0], 0);
    assert_int_equal(open.values[FIGURE_ARREARS_OPENED][0], 700);
    assert_int_equal(open.values[FIGURE_ARREARS_WITHDRAWN][0], 700);
    assert_int_equal(open.values[FIGURE_ARREARS_STAYS][0], 0);
    assert_int_equal(open.values[FIGURE_PRESENT_END][0], 1);
    record = left(b, "S1", OUTCOME_PAID, 1200, 1200);
    add(b, 120, &record);
    struct report_figures all = figures(b, 180);
    assert_int_equal(all.values[FIGURE_OUTCOMES][OUTCOME_PAID], 1);
    assert_int_equal(all.values[FIGURE_RECEIVABLE][0], 1200);
    assert_int_equal(all.values[FIGURE_PRESENT_END][0], 0);
}

static struct record gave_back(const char *stay, int64_t fen)
{
    struct record record = {.kind = RECORD_REFUND,
                            .refund = {.lot = 0, .amount_fen = fen, .channel = CHANNEL_WECHAT}};

    text_copy(record.refund.stay, IDENT_SIZE, stay);
    return record;
}

static void what_is_given_back_counts_on_its_side_of_the_exit(void **state)
{
    static const struct {
        int64_t minute, fen;
        bool after;
    } refunds[] = {{10, 100, false}, {70, 200, true}, {100, 400, false}, {130, 800, true}};
    struct bench *b = *state;
    struct record record = came("S1");

    add(b, 0, &record);
    for (size_t i = 0; i < sizeof refunds / sizeof *refunds; i++) {
        record = left(b, "S1", OUTCOME_PAID, 900, 900);
        if (refunds[i].after)
            add(b, refunds[i].minute - 10, &record);
        record = amended("S1", STAY_PLATE); /* which says nothing of where it is */
        add(b, refunds[i].minute - 5, &record);
        record = gave_back("S1", refunds[i].fen);
        add(b, refunds[i].minute, &record);
        record = amended("S1", STAY_REVERTED);
        if (refunds[i].minute == 70)
            add(b, 80, &record);
    }
    struct report_figures all = figures(b, 180);
    assert_int_equal(all.values[FIGURE_REFUNDS][CHANNEL_WECHAT], 1500);
    assert_int_equal(all.values[FIGURE_REFUNDED][CHANNEL_WECHAT], 4);
    assert_int_equal(all.values[FIGURE_REFUNDS_AFTER][0], 1000);
}

/* ---- fees ---- */

static void fees_of_channels_are_read_strictly(void **state)
{
    static const struct {
        const char *text, *why; /* NULL: taken */
    } rows[] = {
        {"wechat=0.6", NULL},  {"wechat=0.6,alipay=0.55", NULL},
        {"wechat=0", NULL},    {"", NULL},
        {"wechat", "fee"},     {"wechat=", "fee"},
        {"wechat=x", "fee"},   {"wechat=-1", "fee"},
        {"wechat=101", "fee"}, {"wechat=0.12345678901234567890123456789012345", "fee"},
        {"barter=1", "fee"},   {"a-channel-with-a-name-that-is-longer-than-any-of-ours=1", "fee"},
    };
    int32_t ppm[PAY_CHANNELS];
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        err.text[0] = '\0';
        bool taken = fees_read(rows[i].text, ppm, &err);
        if (taken != !rows[i].why)
            fail_msg("%s: %s", rows[i].text, err.text);
        assert_int_equal(!*err.text, taken);
    }
    assert_true(fees_read("wechat=0.6", ppm, &err));
    assert_int_equal(ppm[CHANNEL_WECHAT], 6000);
    assert_int_equal(ppm[CHANNEL_ALIPAY], -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(shared_bays_are_counted_for_as_long_as_they_are_open),
        TEST(how_stays_ended_is_told_by_their_money_and_length),
        TEST(an_exit_that_did_not_happen_takes_its_money_out_again),
        TEST(what_is_given_back_counts_on_its_side_of_the_exit),
        cmocka_unit_test(fees_of_channels_are_read_strictly),
    };

    return cmocka_run_group_tests_name("report figures", tests, NULL, NULL);
}
