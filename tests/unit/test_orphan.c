/* Ghosts: planted pairs among strangers are found; what only looks alike is not; and what a person
 * accepts becomes one stay. The numbers are those of orphan.h. */
#include "daemon/core/orphan.h"
#include "tests/simulate/seeded.h"
#include "tests/unit/stays_bench.h"

enum { SEED = 20261122, PLANTED = 30, STRANGERS = 30 };

static struct orphans orphans;
static struct orphan_pair pairs[ORPHANS_MAX];
static struct orphan_witness witnesses[4 * PLANTED];

static struct orphan an(const char *stay, const char *plate, int64_t minute)
{
    struct orphan one = {.colour = PLATE_BLUE, .class = VEHICLE_SMALL, .at = {minute * MINUTE_MS}};

    text_copy(one.stay, sizeof one.stay, stay);
    text_copy(one.plate, sizeof one.plate, plate);
    return one;
}

static void two(struct orphan entry, struct orphan exit)
{
    orphans = (struct orphans){.entries = {entry}, .exits = {exit}};
    orphans.entries_count = orphans.exits_count = 1;
}

static uint32_t score(void)
{
    return orphan_pairs(&orphans, pairs) ? pairs[0].score : 0;
}

static void o1_nobody_leaves_before_he_came(void **state)
{
    (void)state;
    two(an("a", "皖A12345", 100), an("b", "皖A12345", 99));
    assert_int_equal(score(), 0);
}

static void o2_the_nearer_the_plates_the_more(void **state)
{
    uint32_t same, confused, edited;

    (void)state;
    two(an("a", "皖A1234B", 0), an("b", "皖A1234B", 60));
    same = score();
    two(an("a", "皖A1234B", 0), an("b", "皖A12348", 60));
    confused = score();
    two(an("a", "皖A1234B", 0), an("b", "皖A1234C", 60));
    edited = score();
    assert_true(same > confused && confused > edited && edited >= ORPHAN_LEAST);
    two(an("a", "皖A1234B", 0), an("b", "皖A99981", 60));
    assert_int_equal(score(), 0);
}

static void o3_another_colour_speaks_against_it(void **state)
{
    (void)state;
    two(an("a", "皖A1234B", 0), an("b", "皖A1234C", 60));
    uint32_t alike = score();
    orphans.exits[0].colour = PLATE_GREEN;
    assert_true(score() < alike);
}

static void o4_a_bay_is_witness(void **state)
{
    const struct orphan_witness seen[] = {
        {7, {3 * MINUTE_MS}, true}, {7, {55 * MINUTE_MS}, false}, {7, {58 * MINUTE_MS}, true}};

    (void)state;
    two(an("a", "", 0), an("b", "皖A99981", 60));
    assert_int_equal(score(), 0);
    orphans.witnesses = seen;
    orphans.witnesses_count = 3;
    assert_true(score() >= ORPHAN_LEAST && pairs[0].witnessed);
    orphans.exits[0].at.ms += 30 * MINUTE_MS; /* it left the bay, and took its time: another's */
    assert_int_equal(score(), 0);
}

/* A bay witnesses for who took it soon after he came, and left it soon before he went; what happens
 * at other bays, or at other times, does not. */
static void o4_a_bay_is_witness_of_its_own_only(void **state)
{
    static const struct {
        struct orphan_witness seen[2];
        bool witnessed;
    } rows[] = {{{{7, {3 * MINUTE_MS}, true}, {7, {55 * MINUTE_MS}, false}}, true},
                {{{7, {3 * MINUTE_MS}, true}, {8, {55 * MINUTE_MS}, false}}, false},
                {{{7, {3 * MINUTE_MS}, false}, {7, {55 * MINUTE_MS}, false}}, false},
                {{{7, {3 * MINUTE_MS}, true}, {7, {55 * MINUTE_MS}, true}}, false},
                {{{7, {-1}, true}, {7, {55 * MINUTE_MS}, false}}, false},
                {{{7, {3 * MINUTE_MS}, true}, {7, {60 * MINUTE_MS + 1}, false}}, false}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        two(an("a", "", 0), an("b", "皖A99981", 60));
        orphans.witnesses = rows[i].seen;
        orphans.witnesses_count = 2;
        assert_int_equal(score() >= ORPHAN_LEAST, rows[i].witnessed);
    }
}

static void colours_that_are_not_known_say_nothing(void **state)
{
    static const enum plate_colour colours[][2] = {{PLATE_COLOUR_UNKNOWN, PLATE_GREEN},
                                                   {PLATE_BLUE, PLATE_COLOUR_UNKNOWN},
                                                   {PLATE_COLOUR_UNKNOWN, PLATE_COLOUR_UNKNOWN}};
    uint32_t first = 0;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        two(an("a", "皖A1234B", 0), an("b", "皖A12348", 60));
        orphans.entries[0].colour = colours[i][0];
        orphans.exits[0].colour = colours[i][1];
        first = i ? first : score();
        assert_int_equal(score(), first);
    }
    orphans.entries[0].colour = orphans.exits[0].colour = PLATE_BLUE;
    assert_true(score() > first);
}

/* Nothing is known of two that were not read at all but their class. */
static void two_without_plates_are_no_pair(void **state)
{
    (void)state;
    two(an("a", "", 0), an("b", "", 60));
    assert_int_equal(score(), 0);
    two(an("a", "皖A12345", 0), an("b", "", 60));
    assert_int_equal(score(), 0);
}

/* All that speaks for it together is no more than certain. */
static void a_score_ends_at_a_hundred(void **state)
{
    static const struct orphan_witness seen[] = {{7, {3 * MINUTE_MS}, true},
                                                 {7, {55 * MINUTE_MS}, false}};

    (void)state;
    two(an("a", "皖A1234B", 0), an("b", "皖A1234B", 60));
    orphans.witnesses = seen;
    orphans.witnesses_count = 2;
    assert_int_equal(score(), 100);
}

static void o4_whose_bay_is_taken_has_not_left(void **state)
{
    (void)state;
    two(an("a", "皖A1234B", 0), an("b", "皖A1234B", 60));
    orphans.entries[0].taken = true;
    assert_int_equal(score(), 0);
}

static void o5_two_that_fit_alike_are_unsure(void **state)
{
    (void)state;
    two(an("a", "皖A1234B", 0), an("b", "皖A12348", 60));
    orphans.exits[orphans.exits_count++] = an("c", "皖A1234B", 70);
    assert_int_equal(orphan_pairs(&orphans, pairs), 1);
    assert_string_equal(orphans.exits[pairs[0].exit].stay, "c");
    assert_false(pairs[0].sure);
}

static void random_plate(struct seeded *r, char ret[PLATE_SIZE])
{
    text_copy(ret, PLATE_SIZE, "皖A");
    for (size_t i = strlen(ret), end = i + 5; i < end; ret[++i] = '\0')
        ret[i] = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"[seeded_below(r, 34)];
}

/* One character is read wrongly, at random. */
static void misread(struct seeded *r, char plate[PLATE_SIZE])
{
    size_t length = strlen(plate);

    plate[length - 1 - seeded_below(r, 5)] = "0123456789ABCDEFGHJK"[seeded_below(r, 20)];
}

static void plant(struct seeded *r, uint32_t n, bool by_bay)
{
    int64_t came = seeded_between(r, 0, 600), left = came + seeded_between(r, 30, 300);
    char plate[PLATE_SIZE], stay[IDENT_SIZE];

    snprintf(stay, sizeof stay, "s%u", n);
    random_plate(r, plate);
    orphans.entries[orphans.entries_count++] = an(stay, by_bay ? "" : plate, came);
    if (!by_bay)
        misread(r, plate);
    orphans.exits[orphans.exits_count++] = an(stay, plate, left);
    witnesses[orphans.witnesses_count++] =
        (struct orphan_witness){n, {(came + 2) * MINUTE_MS}, true};
    witnesses[orphans.witnesses_count++] =
        (struct orphan_witness){n, {(left - 2) * MINUTE_MS}, false};
}

/* Of 30 whose plate was misread at one end, among 30 strangers at each side, all are found. */
static void planted_pairs_are_found_among_strangers(void **state)
{
    struct seeded r = seeded_from(SEED);
    uint32_t right = 0, wrong = 0;

    (void)state;
    orphans = (struct orphans){.witnesses = witnesses};
    for (uint32_t n = 0; n < PLANTED; n++)
        plant(&r, n, false);
    for (uint32_t n = 0; n < STRANGERS; n++) {
        char plate[PLATE_SIZE];
        random_plate(&r, plate);
        orphans.entries[orphans.entries_count++] = an("in", plate, seeded_between(&r, 0, 900));
        random_plate(&r, plate);
        orphans.exits[orphans.exits_count++] = an("out", plate, seeded_between(&r, 0, 900));
    }
    uint32_t count = orphan_pairs(&orphans, pairs);
    for (uint32_t i = 0; i < count; i++) {
        bool same =
            !strcmp(orphans.entries[pairs[i].entry].stay, orphans.exits[pairs[i].exit].stay);
        right += same;
        wrong += !same && pairs[i].sure;
    }
    print_message("seed %d: %u of %d found, %u wrong ones called sure\n", SEED, right, PLANTED,
                  wrong);
    assert_int_equal(right, PLANTED);
    assert_int_equal(wrong, 0);
}

/* What a person accepts. */

static const struct stay *arrives(struct bench *b, const char *plate, int64_t minute, bool unseen)
{
    struct stay_arrival arrival = {.lot = LOT_A,
                                   .bay = PLAN_NONE,
                                   .lane = unseen ? PLAN_NONE : LANE_A_IN,
                                   .entry_missing = unseen,
                                   .at = bench_at(minute)};
    char id[IDENT_SIZE];

    text_copy(arrival.plate, sizeof arrival.plate, plate);
    stays_arrive(b->stays, &arrival, bench_sink(b), id);
    return stays_find(b->stays, id);
}

static void leaves(struct bench *b, const struct stay *stay, int64_t minute)
{
    struct stay_departure departure = {.lane = LANE_A_OUT, .at = bench_at(minute)};

    text_copy(departure.stay, sizeof departure.stay, stay->id);
    stays_leave(b->stays, &departure, bench_sink(b));
}

static bool pair(struct bench *b, const struct stay *entry, const struct stay *exit)
{
    struct stay_pairing pairing = {.actor = "li", .reason = "8 for B", .at = bench_at(500)};

    text_copy(pairing.entry, sizeof pairing.entry, entry->id);
    text_copy(pairing.exit, sizeof pairing.exit, exit->id);
    return stays_pair(b->stays, &pairing, bench_sink(b), &b->why);
}

static void an_accepted_pair_is_one_stay_with_its_fee(void **state)
{
    struct bench *b = *state;
    const struct stay *entry = arrives(b, "皖A1234B", 0, false);
    const struct stay *exit = arrives(b, "皖A12348", 150, true);

    leaves(b, exit, 150);
    assert_true(pair(b, entry, exit));
    assert_true(entry->closed && exit->closed);
    assert_int_equal(exit->outcome, OUTCOME_VOID);
    assert_int_equal(entry->outcome, OUTCOME_UNPAID);
    assert_int_equal(entry->left.ms, bench_at(150).ms);
    assert_int_equal(entry->money.payable_fen, 300);
    assert_false(pair(b, entry, exit)); /* and once */
}

static void the_account_that_had_money_goes_on(void **state)
{
    struct bench *b = *state;
    const struct stay *entry = arrives(b, "皖A1234B", 0, false);
    const struct stay *exit = arrives(b, "皖A12348", 150, true);
    struct money_in money = {
        .amount_fen = 300, .channel = CHANNEL_CASH, .transaction = "t", .at = bench_at(151)};

    leaves(b, exit, 150);
    text_copy(money.stay, sizeof money.stay, exit->id);
    assert_true(stays_pay(b->stays, &money, bench_sink(b), &b->again, &b->why));
    assert_true(pair(b, entry, exit));
    assert_int_equal(entry->outcome, OUTCOME_VOID);
    assert_int_equal(exit->outcome, OUTCOME_PAID);
    assert_int_equal(exit->entered.ms, bench_at(0).ms);
    assert_int_equal(exit->money.payable_fen, 300);
}

static void what_is_no_pair_is_refused(void **state)
{
    struct bench *b = *state;
    const struct stay *entry = arrives(b, "皖A1234B", 0, false);
    const struct stay *other = arrives(b, "皖A12348", 10, false);

    assert_false(pair(b, entry, other));
    leaves(b, other, 50);
    assert_false(pair(b, entry, other)); /* it has an entry of its own */
    assert_false(entry->closed);
}

#define T(test) cmocka_unit_test_setup_teardown(test, bench_set_up, bench_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(o1_nobody_leaves_before_he_came),
        cmocka_unit_test(o2_the_nearer_the_plates_the_more),
        cmocka_unit_test(o3_another_colour_speaks_against_it),
        cmocka_unit_test(o4_a_bay_is_witness),
        cmocka_unit_test(o4_whose_bay_is_taken_has_not_left),
        cmocka_unit_test(o4_a_bay_is_witness_of_its_own_only),
        cmocka_unit_test(colours_that_are_not_known_say_nothing),
        cmocka_unit_test(two_without_plates_are_no_pair),
        cmocka_unit_test(a_score_ends_at_a_hundred),
        cmocka_unit_test(o5_two_that_fit_alike_are_unsure),
        cmocka_unit_test(planted_pairs_are_found_among_strangers),
        T(an_accepted_pair_is_one_stay_with_its_fee),
        T(the_account_that_had_money_goes_on),
        T(what_is_no_pair_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
