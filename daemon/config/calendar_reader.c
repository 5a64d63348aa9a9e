/*
 * A calendar file: one year of public holidays and make-up workdays, with its source. Dates are
 * "2024-10-01" or "2024-10-01..2024-10-07". See tariff_reader.h.
 */
#include <string.h>

#include "daemon/config/tariff_fields.h"
#include "daemon/config/tariff_reader.h"

enum { DATES_MAX = 366 };

struct calendar_draft {
    struct calendar_year year;
    const struct reader_node *holidays, *workdays;
};

static const struct option_table calendar_table = {
    "calendar",
    (const struct option[]){
        {.key = "calendar",
         .type = OPTION_ID,
         .required = true,
         OPTION_AT(struct calendar_draft, year.calendar),
         .meaning = "Its name, as tariffs say it."},
        {.key = "source",
         .type = OPTION_TEXT,
         .required = true,
         OPTION_AT(struct calendar_draft, year.source),
         .min = 1,
         .max = 500,
         .meaning = "Where it is published."},
        {.key = "year",
         .type = OPTION_WHOLE,
         .required = true,
         OPTION_AT(struct calendar_draft, year.year),
         .min = 1900,
         .max = 2200,
         .meaning = "All holidays of this year stand here."},
        {.key = "holidays",
         .type = OPTION_LIST,
         .required = true,
         OPTION_AT(struct calendar_draft, holidays),
         .max = DATES_MAX,
         .meaning = "Days off, weekends among them or not."},
        {.key = "workdays",
         .type = OPTION_LIST,
         OPTION_AT(struct calendar_draft, workdays),
         .max = DATES_MAX,
         .meaning = "Weekend days that are worked."},
        {.key = NULL},
    },
};

/* One date or span; false when it is neither. */
static bool parse_dates(const char *text, int32_t *first, int32_t *last)
{
    char one[CIVIL_DATE_TEXT] = "";
    const char *dots = strstr(text, "..");

    if (!dots)
        return civil_date_parse(text, first) && civil_date_parse(text, last);
    if (dots - text != CIVIL_DATE_TEXT - 1)
        return false;
    memcpy(one, text, CIVIL_DATE_TEXT - 1);
    return civil_date_parse(one, first) && civil_date_parse(dots + 2, last) && *first <= *last;
}

static const int32_t *read_dates(const struct reader_node *list, int64_t year, uint32_t *ret_count,
                                 const struct option_context *context)
{
    int32_t *days = arena_new(context->memory, DATES_MAX, sizeof *days);
    uint32_t count = 0;

    for (uint32_t i = 0; i < reader_size(list); i++) {
        const struct reader_node *item = reader_item(list, i);
        int32_t first = 0, last = 0;
        bool fits = reader_type(item) == READER_TEXT &&
                    parse_dates(reader_text(item), &first, &last) &&
                    last - first < (int32_t)(DATES_MAX - count) &&
                    (count == 0 || first > days[count - 1]) && civil_date(first).year == year &&
                    civil_date(last).year == year;

        if (!fits)
            mistake_add(context->mistakes, reader_place(item),
                        "%s: what stands here is no date of the year %lld behind the one before; "
                        "allowed: \"%lld-10-01\" or \"%lld-10-01..%lld-10-07\", ascending",
                        reader_key(list), (long long)year, (long long)year, (long long)year,
                        (long long)year);
        for (int32_t day = first; fits && day <= last; day++)
            days[count++] = day;
    }
    *ret_count = count;
    return days;
}

bool calendar_reader_read(const char *path, struct arena *memory, struct mistakes *mistakes,
                          struct calendar_year *ret)
{
    struct option_context context = {memory, mistakes};
    struct calendar_draft draft = {.holidays = NULL};
    size_t before = mistake_count(mistakes);
    struct reader *reader = reader_open(path, mistakes);

    if (!reader)
        return false;
    option_defaults(&calendar_table, &draft);
    option_apply(&calendar_table, reader_root(reader), &draft, &context);
    struct calendar_year year = draft.year;
    year.holidays = read_dates(draft.holidays, year.year, &year.holidays_count, &context);
    year.workdays = read_dates(draft.workdays, year.year, &year.workdays_count, &context);
    reader_close(reader);
    if (mistake_count(mistakes) != before)
        return false;
    *ret = year;
    return true;
}
