/* The closing of business days. See closing.h. */
#include "daemon/core/closing.h"

#include <string.h>

#include "daemon/core/civil.h"

void closing_apply(struct closing *closing, const struct record *record)
{
    const struct record_report *report = &record->report;
    int32_t day;

    if (record->kind != RECORD_REPORT || !civil_date_parse(report->day, &day))
        return;
    if (report->number <= closing->number)
        return;
    if (report->event == CLOSING_DAY && (!closing->number || day > closing->day)) {
        closing->day = day;
        closing->until = report->to;
    }
    closing->number = report->number;
    text_copy(closing->digest, sizeof closing->digest, report->digest);
}

bool closing_report(const struct closing *closing, utc_ms now, struct record_report *report,
                    const char **why)
{
    int32_t day;

    *why = NULL;
    if (!civil_date_parse(report->day, &day))
        *why = "this is no day such as 2024-03-13";
    else if (report->to.ms <= report->from.ms || report->to.ms > now.ms)
        *why = "the day is not over";
    else if (strlen(report->digest) != RECORD_DIGEST - 1)
        *why = "a digest has 64 digits";
    if (*why)
        return false;
    report->event = closing->number && day <= closing->day ? CLOSING_SUPPLEMENT : CLOSING_DAY;
    report->number = closing->number + 1;
    text_copy(report->previous, sizeof report->previous, closing->digest);
    return true;
}
