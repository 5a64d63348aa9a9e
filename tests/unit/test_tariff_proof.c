/* The proof of tariffs, one mistake after another, and the sentences of the trace. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "tests/unit/tariff_fixture.h"

enum { TOLD_SIZE = 4096, SENTENCE_SIZE = 1024 };

static struct fixture f;
static struct tariff_window *window;
static struct tariff_step *steps;
static struct tariff_part *part;
static char told[TOLD_SIZE];
static uint32_t told_count, told_line;

static int start(void **state)
{
    (void)state;
    fixture_init(&f);
    part = &f.tariffs[0].parts[0];
    window = &f.windows[0][0];
    steps = f.steps[0];
    part->line = 1;
    for (uint32_t i = 0; i < 4; i++) {
        f.windows[0][i].line = 10 * (i + 1);
        steps[i].line = 10 * (i + 1) + 1;
    }
    return 0;
}

static void tell(void *arg, uint32_t line, const char *text)
{
    (void)arg;
    if (told_count++ == 0) {
        told_line = line;
        strncpy(told, text, sizeof told - 1);
    }
}

/* The first mistake's words, "" when there is none. */
static const char *prove(void)
{
    told_count = 0;
    told[0] = '\0';
    bool sound = tariff_proof(&f.tariffs[0], tell, NULL);
    assert_int_equal(sound, told_count == 0);
    return told;
}

static void assert_told(const char *what, uint32_t line)
{
    if (!strstr(prove(), what))
        fail_msg("\"%s\" is not \"%s\"", told, what);
    assert_int_equal(told_line, line);
}

static void a_sound_tariff_is_told_nothing(void **state)
{
    (void)state;
    assert_string_equal(prove(), "");
}

static void steps_must_ascend_to_an_open_one(void **state)
{
    (void)state;
    window->steps_count = 2;
    steps[1] = (struct tariff_step){.unit_s = HOUR, .line = 21};
    assert_told("never reached", 11);
    steps[0].to_s = HOUR;
    assert_string_equal(prove(), "");
    window->steps_count = 3;
    steps[1].to_s = HOUR;
    steps[2] = (struct tariff_step){.unit_s = HOUR, .line = 31};
    assert_told("not above", 21);
    steps[1].to_s = HOUR + 1;
    steps[2].to_s = 2 * HOUR;
    assert_told("nothing is said beyond", 31);
}

static void units_must_be_able_to_count(void **state)
{
    (void)state;
    steps[0].round = TARIFF_ROUND_TAIL;
    steps[0].tail_s = HOUR;
    assert_told("no unit would ever count", 11);
    steps[0].tail_s = HOUR - 1;
    assert_string_equal(prove(), "");
    steps[0] = (struct tariff_step){.max_units = 2, .line = 11};
    assert_told("has no units", 11);
}

static void windows_charge_or_are_free(void **state)
{
    (void)state;
    window->kind = TARIFF_FREE;
    assert_told("free or closed", 10);
    window->kind = TARIFF_CLOSED;
    window->steps_count = 0;
    assert_string_equal(prove(), "");
    window->kind = TARIFF_OVERSTAY;
    assert_told("nothing is charged", 10);
    window->kind = TARIFF_CHARGED;
    assert_told("nothing is charged", 10);
}

static void windows_cover_each_day_or_say_the_gap(void **state)
{
    (void)state;
    window->to_s = 23 * HOUR;
    assert_told("nothing is said for small at 23:00 on Mondays", 1);
    part->gap_said = true;
    assert_string_equal(prove(), "");
    part->gap_said = false;
    window->to_s = DAY;
    window->classes = VEHICLE_ALL & ~VEHICLE_BIT(VEHICLE_NEV);
    assert_told("for nev at 00:00", 1);
    window->classes = VEHICLE_ALL;
    window->days = TARIFF_DAYS_ALL & ~TARIFF_DAY_BIT(TARIFF_MAKEUP);
    assert_told("on make-up days", 1);
    window->days = TARIFF_DAYS_ALL;
    window->from_s = 20 * HOUR; /* over midnight, from the day before */
    window->to_s = 8 * HOUR;
    assert_told("at 08:00", 1);
    window->first_day = 0;
    window->last_day = 10;
    window->from_s = 0;
    window->to_s = DAY;
    assert_told("at 00:00", 1); /* dates cover no other day */
}

static void windows_of_one_priority_never_overlap(void **state)
{
    (void)state;
    f.windows[0][1] = fixture_window(f.steps[1], 1);
    f.windows[0][1].line = 20;
    f.windows[0][1].from_s = 22 * HOUR;
    f.windows[0][1].to_s = 2 * HOUR;
    part->windows_count = 2;
    assert_told("overlaps the one of line 10 at 00:00 on Mondays", 20);
    f.windows[0][1].priority = 1;
    assert_string_equal(prove(), "");
}

static void caps_must_be_of_use(void **state)
{
    (void)state;
    window->cap_fen = 99;
    assert_told("below its first step", 10);
    window->cap_fen = 500;
    part->caps_count = 1;
    f.caps[0] = (struct tariff_cap){.classes = VEHICLE_ALL, .first = 1, .value = 99, .line = 50};
    assert_told("below the first step of a window", 50);
    f.caps[0].value = 499;
    assert_told("which would never hold", 50);
    f.caps[0].classes = 0;
    assert_string_equal(prove(), "");
    f.caps[0].classes = VEHICLE_ALL;
    f.caps[0].value = 500;
    f.caps[0].first = 3;
    f.caps[0].last = 2;
    assert_told("before its first", 50);
    f.caps[0].last = 3;
    assert_string_equal(prove(), "");
    window->steps_count = 0;
    window->kind = TARIFF_FREE;
    window->cap_fen = TARIFF_NONE;
    f.caps[0].value = 0;
    assert_string_equal(prove(), "");
}

static void no_two_caps_say_the_same(void **state)
{
    struct tariff_cap cap = {
        .classes = VEHICLE_ALL, .first = 1, .last = 2, .value = 500, .line = 50};

    (void)state;
    part->caps_count = 2;
    f.caps[0] = f.caps[1] = cap;
    assert_told("another cap says the same", 50);
    f.caps[1].first = f.caps[1].last = 3;
    assert_string_equal(prove(), "");
    f.caps[0].first = f.caps[0].last = 4;
    assert_string_equal(prove(), "");
    f.caps[0].last = 0;
    assert_string_equal(prove(), "");
    f.caps[1].last = 0;
    assert_told("another cap says the same", 50);
    f.caps[1].per = TARIFF_PER_STAY;
    assert_string_equal(prove(), "");
    f.caps[1].per = TARIFF_PER_CYCLE;
    f.caps[1].of = TARIFF_CAP_UNITS;
    assert_string_equal(prove(), "");
    f.caps[1].of = TARIFF_CAP_MONEY;
    f.caps[0].classes = VEHICLE_BIT(0);
    f.caps[1].classes = VEHICLE_BIT(1);
    assert_string_equal(prove(), "");
}

static void the_price_of_a_whole_cycle_needs_rolling_cycles_and_may_fall(void **state)
{
    (void)state;
    part->caps_count = 1;
    f.caps[0] = (struct tariff_cap){
        .of = TARIFF_CAP_FULL, .classes = VEHICLE_ALL, .first = 1, .value = 500, .line = 50};
    assert_told("needs cycles of one length", 50);
    part->cycle = TARIFF_CYCLE_ROLLING;
    assert_told("may_fall", 1);
    f.tariffs[0].may_fall = true;
    assert_string_equal(prove(), "");
    f.caps[0].per = TARIFF_PER_STAY;
    assert_told("needs cycles of one length", 50);
    part->caps_count = 0;
    f.tariffs[0].may_fall = false;
    f.tariffs[0].alternatives_count = 1;
    assert_told("may_fall", 1);
}

static void the_evaluators_memory_is_not_outgrown(void **state)
{
    static struct tariff_window windows[6];
    static struct tariff_step many[6][TARIFF_STEPS];

    (void)state;
    for (int w = 0; w < 6; w++) {
        for (int s = 0; s < TARIFF_STEPS; s++)
            many[w][s] = (struct tariff_step){.to_s = s + 1 < TARIFF_STEPS ? (s + 1) * HOUR : 0};
        windows[w] = fixture_window(many[w], TARIFF_STEPS);
        windows[w].priority = w;
    }
    part->windows = windows;
    part->windows_count = 6;
    assert_told("96 flat steps", 1);
    for (int s = 0; s < TARIFF_STEPS; s++)
        many[0][s].unit_s = many[1][s].unit_s = HOUR;
    assert_string_equal(prove(), "");
    for (int s = 0; s < TARIFF_COUNTED + 1; s++)
        many[0][s].max_units = 1;
    assert_told("9 steps with max_units", 1);
}

static void the_rest_of_the_rules_fits_together(void **state)
{
    (void)state;
    part->cycle = TARIFF_CYCLE_WINDOW;
    assert_told("but the clock goes on", 1);
    part->clock = TARIFF_CLOCK_WINDOW;
    assert_string_equal(prove(), "");
    f.tariffs[0].missing = TARIFF_MISSING_CAP;
    assert_told("needs a cap on money", 1);
    part->caps_count = 2;
    f.caps[0] = (struct tariff_cap){.classes = VEHICLE_ALL, .first = 1, .value = 900};
    f.caps[1] =
        (struct tariff_cap){.of = TARIFF_CAP_UNITS, .classes = VEHICLE_ALL, .first = 1, .value = 9};
    assert_string_equal(prove(), "");
    f.tariffs[0].reliefs_count = 4;
    f.shares[3].line = 77;
    assert_string_equal(prove(), "");
    f.tariffs[0].combine = TARIFF_SUM;
    assert_told("are summed up", 77);
    f.tariffs[0].reliefs_count = 3;
    assert_string_equal(prove(), "");
}

/* The trace */

static const char *sentence(struct tariff_note note, enum tariff_language language)
{
    static char bytes[SENTENCE_SIZE];
    struct text out;

    if (note.adds.part == 0)
        note.adds = money_of(0);
    text_init(&out, bytes, sizeof bytes);
    tariff_trace_sentence(&note, language, &f.tariffs[0], &civil_utc, &out);
    return bytes;
}

static void every_kind_of_decision_reads_as_a_sentence_in_both_languages(void **state)
{
    (void)state;
    for (int kind = 0; kind < TARIFF_NOTES; kind++) {
        struct tariff_note note = {.kind = (enum tariff_note_kind)kind,
                                   .a = 1,
                                   .b = 2,
                                   .tariff = &f.tariffs[0],
                                   .window = window,
                                   .step = &steps[0]};
        for (int language = 0; language < 2; language++) {
            const char *words = sentence(note, (enum tariff_language)language);

            assert_true(strlen(words) > 6);
            assert_null(strpbrk(words, "{}"));
        }
    }
}

static void sentences_say_amounts_times_and_lengths(void **state)
{
    struct tariff_note units = {.kind = TARIFF_NOTE_UNITS,
                                .from_s = WEDNESDAY_TEN,
                                .to_s = WEDNESDAY_TEN + HOUR,
                                .a = 2,
                                .adds = money_of(600),
                                .window = window,
                                .step = &steps[0]};

    (void)state;
    steps[0].unit_s = 1800;
    steps[0].price_fen = 300;
    assert_string_equal(sentence(units, TARIFF_ENGLISH),
                        "2024-03-13 10:00:00 – 2024-03-13 11:00:00: 2 × 30 min at 3.00 CNY = "
                        "6.00 CNY.");
    assert_string_equal(
        sentence(units, TARIFF_CHINESE),
        "2024-03-13 10:00:00至2024-03-13 11:00:00：2个30分钟，每个3.00元，共6.00元。");
    window->kind = TARIFF_OVERSTAY;
    f.tariffs[0].currency = "JPY";
    f.tariffs[0].exponent = 0;
    steps[0].unit_s = 5403;
    assert_string_equal(
        sentence(units, TARIFF_ENGLISH),
        "2024-03-13 10:00:00 – 2024-03-13 11:00:00: 2 × 1 h 30 min 3 s at 300 JPY = "
        "600 JPY (overstay).");
    steps[0].unit_s = 3603;
    assert_non_null(strstr(sentence(units, TARIFF_CHINESE), "1小时3秒，每个300 JPY"));
    assert_non_null(strstr(sentence((struct tariff_note){.kind = TARIFF_NOTE_FREE}, TARIFF_ENGLISH),
                           "free time of 0 s"));
}

static void sentences_say_what_differs(void **state)
{
    struct tariff_note gap = {.kind = TARIFF_NOTE_GAP},
                       coupon = {.kind = TARIFF_NOTE_COUPON, .a = 20};
    struct tariff_note over = {.kind = TARIFF_NOTE_MAX_STAY, .a = HOUR};

    (void)state;
    assert_non_null(strstr(sentence(gap, TARIFF_ENGLISH), "outside the charged hours"));
    gap.a = 1;
    assert_non_null(strstr(sentence(gap, TARIFF_ENGLISH), "closed"));
    coupon.b = TARIFF_COUPON_PERCENT;
    assert_non_null(strstr(sentence(coupon, TARIFF_ENGLISH), "20 %"));
    coupon.b = TARIFF_COUPON_AMOUNT;
    coupon.adds = money_times(money_of(-100), 1, 3);
    assert_string_equal(sentence(coupon, TARIFF_ENGLISH), "Coupon for 0.20 CNY: -0.33 1/3 CNY.");
    coupon.adds = money_times(money_of(100), 1, 3);
    assert_non_null(strstr(sentence(coupon, TARIFF_ENGLISH), "0.33 1/3 CNY."));
    assert_null(strstr(sentence(over, TARIFF_ENGLISH), "costs"));
    over.adds = money_of(500);
    assert_non_null(strstr(sentence(over, TARIFF_ENGLISH), "the overstay costs 5.00 CNY"));
}

static void a_trace_that_is_full_sums_up_the_rest(void **state)
{
    struct money sum = money_of(0);
    const struct tariff_note *last = &f.trace.notes[TARIFF_TRACE_NOTES - 1];

    (void)state;
    f.windows[0][0].from_s = 9 * HOUR;
    f.windows[0][0].to_s = 10 * HOUR;
    part->gap_said = true;
    window->days = TARIFF_DAYS_WORK;
    part->caps_count = 1; /* a cap each day: nothing goes on from the note before */
    part->cycle = TARIFF_CYCLE_DAY;
    f.caps[0] = (struct tariff_cap){.classes = VEHICLE_ALL, .first = 1, .value = 50};
    f.calendar.holidays = (const int32_t[]){19800, 19830, 19860, 19900, 19930, 19960};
    f.calendar.holidays_count = 6;
    f.stay.exit_s = f.stay.entry_s + 200 * DAY;
    assert_true(fixture_fee(&f) > 0);
    assert_int_equal(f.trace.count, TARIFF_TRACE_NOTES);
    assert_int_equal(last->kind, TARIFF_NOTE_MORE);
    assert_true(last->a > 2);
    assert_true(last->to_s >= f.stay.exit_s - DAY);
    for (uint32_t i = 0; i < f.trace.count; i++)
        sum = money_plus(sum, f.trace.notes[i].adds);
    assert_int_equal(money_compare(sum, money_of(f.fee.fen)), 0);
    /* A later note about an earlier time moves no end back. */
    int64_t to_s = last->to_s;
    tariff_trace_add(&f.trace,
                     &(struct tariff_note){.kind = TARIFF_NOTE_PAID, .adds = money_of(0)});
    assert_int_equal(last->to_s, to_s);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup(test, start)
    const struct CMUnitTest tests[] = {
        CASE(a_sound_tariff_is_told_nothing),
        CASE(steps_must_ascend_to_an_open_one),
        CASE(units_must_be_able_to_count),
        CASE(windows_charge_or_are_free),
        CASE(windows_cover_each_day_or_say_the_gap),
        CASE(windows_of_one_priority_never_overlap),
        CASE(caps_must_be_of_use),
        CASE(no_two_caps_say_the_same),
        CASE(the_price_of_a_whole_cycle_needs_rolling_cycles_and_may_fall),
        CASE(the_evaluators_memory_is_not_outgrown),
        CASE(the_rest_of_the_rules_fits_together),
        CASE(every_kind_of_decision_reads_as_a_sentence_in_both_languages),
        CASE(sentences_say_amounts_times_and_lengths),
        CASE(sentences_say_what_differs),
        CASE(a_trace_that_is_full_sums_up_the_rest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
