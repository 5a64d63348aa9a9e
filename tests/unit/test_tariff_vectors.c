/*
 * The shipped tariffs against worked stays (tests/captures/tariffs.jsonl): the fee of every line,
 * and a trace that adds up to it and reads in both languages.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "daemon/base/json.h"
#include "daemon/config/tariff_library.h"
#include "daemon/core/units.h"

enum { LINE_SIZE = 65536, SENTENCE_SIZE = 1024 };

static int64_t moment(const struct json *line, const char *key)
{
    utc_ms at;

    assert_true(utc_parse(json_text(json_member(line, key), ""), &at));
    return at.ms / 1000;
}

static void check_sentences(const struct tariff_trace *trace, const struct tariff_book *book)
{
    for (uint32_t i = 0; i < trace->count; i++)
        for (int language = TARIFF_ENGLISH; language <= TARIFF_CHINESE; language++) {
            char bytes[SENTENCE_SIZE];
            struct text out;

            text_init(&out, bytes, sizeof bytes);
            tariff_trace_sentence(&trace->notes[i], (enum tariff_language)language,
                                  book->versions[0], book->zone, &out);
            assert_false(out.overflow);
            assert_true(strlen(bytes) > 3);
            assert_null(strchr(bytes, '{'));
        }
}

static void check_line(struct tariff_library *library, const struct json *line)
{
    static struct tariff_trace trace;
    struct err err = {""};
    struct tariff_stay stay = {.entry_s = moment(line, "entry"), .exit_s = moment(line, "exit")};
    struct tariff_fee fee = {.fen = -1};
    const char *id = json_text(json_member(line, "id"), "?");
    struct tariff_calendar dates = {.holidays_count = 0};
    int32_t holiday;

    const struct tariff_book *book =
        tariff_library_book(library, json_text(json_member(line, "tariff"), ""), &err);
    if (!book)
        fail_msg("%s: %s", id, err.text);
    assert_true(vehicle_parse(json_text(json_member(line, "vehicle"), ""), &stay.class));
    struct tariff_book own = *book;
    const struct json *holidays = json_member(json_member(line, "calendar"), "holidays");
    if (json_size(holidays) == 1) {
        assert_true(civil_date_parse(json_text(json_item(holidays, 0), ""), &holiday));
        dates.holidays = &holiday;
        dates.holidays_count = 1;
        own.calendar = &dates;
    }
    assert_int_equal(tariff_price(&own, &stay, &trace, &fee), TARIFF_PRICED);
    if (fee.fen != json_int(json_member(line, "fee_fen"), -2))
        fail_msg("%s: %lld; %s", id, (long long)fee.fen, json_text(json_member(line, "why"), ""));
    assert_string_equal(fee.version->currency, json_text(json_member(line, "currency"), "CNY"));
    struct money sum = money_of(0);
    for (uint32_t i = 0; i < trace.count; i++)
        sum = money_plus(sum, trace.notes[i].adds);
    assert_int_equal(money_compare(sum, money_of(fee.fen)), 0);
    check_sentences(&trace, book);
}

static void every_worked_stay_costs_what_was_worked_out(void **state)
{
    FILE *in = fopen("tests/captures/tariffs.jsonl", "re");
    struct tariff_library *library = tariff_library_create("config/tariffs", "config/calendars");
    static char bytes[LINE_SIZE];
    int lines = 0;
    struct err err;

    (void)state;
    assert_non_null(in);
    while (fgets(bytes, sizeof bytes, in)) {
        struct json *line = json_read(bytes, strlen(bytes), sizeof bytes, &err);

        assert_non_null(line);
        check_line(library, line);
        json_release(line);
        lines++;
    }
    assert_int_equal(lines, 145);
    fclose(in);
    tariff_library_destroy(library);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_worked_stay_costs_what_was_worked_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
