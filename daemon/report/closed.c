/* Report records. See closed.h. */
#include "daemon/report/closed.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/core/stay_words.h"
#include "daemon/report/body.h"
#include "daemon/store/sql.h"

static void read_one(const char *body, struct record_report *ret)
{
    static const utc_ms none = {0};

    *ret = (struct record_report){.event = CLOSING_DAY};
    if (body_word(body, "event", &closing_event_words) == CLOSING_SUPPLEMENT)
        ret->event = CLOSING_SUPPLEMENT;
    ret->number = body_int(body, "number", 0);
    ret->through = body_int(body, "through", 0);
    ret->from = body_time(body, "from", none);
    ret->to = body_time(body, "to", none);
    body_text(body, "day", ret->day, sizeof ret->day);
    body_text(body, "zone", ret->zone, sizeof ret->zone);
    body_text(body, "fees", ret->fees, sizeof ret->fees);
    body_text(body, "sums", ret->sums, sizeof ret->sums);
    body_text(body, "digest", ret->digest, sizeof ret->digest);
    body_text(body, "previous", ret->previous, sizeof ret->previous);
    body_text(body, "actor", ret->actor, sizeof ret->actor);
}

bool report_closed_all(struct report_source *source, struct report_closed **ret,
                       uint32_t *ret_count, struct err *err)
{
    struct statement *query = sql_prepare(report_sql(source),
                                          "SELECT seq, at_ms, body FROM facts WHERE kind = "
                                          "'report' AND kind <> 'bay_changed' ORDER BY seq",
                                          err);
    struct report_closed *all = NULL;
    uint32_t count = 0;
    enum sql_step step;

    if (!query)
        return false;
    while ((step = sql_step(query, err)) == SQL_ROW) {
        if ((count & (count - 1)) == 0) /* grown at each power of two */
            all = memory_grow(all, count ? 2 * (size_t)count : 1, sizeof *all);
        all[count] =
            (struct report_closed){.seq = (uint64_t)sql_int(query, 0), .at = {sql_int(query, 1)}};
        read_one(sql_text(query, 2, NULL), &all[count++].report);
    }
    sql_finalize(query);
    if (step == SQL_FAILED) {
        free(all);
        return false;
    }
    *ret = all;
    *ret_count = count;
    return true;
}

const struct report_closed *report_closed_day(const struct report_closed *all, uint32_t count,
                                              const char *day)
{
    while (count > 0)
        if (!strcmp(all[--count].report.day, day))
            return &all[count];
    return NULL;
}

static const enum figure summed[] = {
    FIGURE_ENTRIES,  FIGURE_EXITS,      FIGURE_OPENED,      FIGURE_CLOSED,
    FIGURE_OPENINGS, FIGURE_RECEIVABLE, FIGURE_PAYABLE,     FIGURE_RECEIVED,
    FIGURE_REFUNDS,  FIGURE_SETTLED,    FIGURE_ARREARS_END,
};
enum { SUMMED = sizeof summed / sizeof *summed };

void report_sums(const struct report_figures *figures, char ret[RECORD_PHRASE])
{
    struct text text;

    text_init(&text, ret, RECORD_PHRASE);
    for (size_t i = 0; i < SUMMED; i++)
        text_add(&text, "%s%lld", i ? "," : "", (long long)figure_sum(figures, summed[i]));
}

const char *report_sums_differ(const char *then, const char *now)
{
    for (size_t i = 0; i < SUMMED; i++) {
        size_t size = strcspn(then, ",");

        if (size != strcspn(now, ",") || memcmp(then, now, size))
            return figure_row(summed[i])->key;
        then += size + (then[size] == ',');
        now += size + (now[size] == ',');
    }
    return NULL;
}
