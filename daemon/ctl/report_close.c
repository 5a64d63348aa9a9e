/*
 * parkctl report close: the figures of business days that are over, numbered and sealed in the
 * journal by the daemon; and a supplement for a closed day of which something was told since.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/core/text.h"
#include "daemon/ctl/client.h"
#include "daemon/ctl/report.h"
#include "daemon/report/closed.h"

enum { BODY_SIZE = 1024, PATH_SIZE = 512, LATE_DAYS = 40, KEEP_MOST = 100000 };

/* What the days before tell. */
struct before {
    struct report_closed *all;
    uint32_t count;
};

static void add_count(struct text *out, int64_t count)
{
    if (count == REPORT_UNKNOWN)
        text_add(out, "%s-", out->used ? "," : "");
    else
        text_add(out, "%s%lld", out->used ? "," : "", (long long)count);
}

/* What the platforms have of the day by now: it goes on, and is in no digest. */
static void put_uploads(const struct report_figures *figures, struct text *body)
{
    char bytes[RECORD_WORD];
    struct text text;

    text_init(&text, bytes, sizeof bytes);
    add_count(&text, figures->values[FIGURE_TIMELY][0]);
    add_count(&text, figures->values[FIGURE_COMPLETE][0]);
    add_count(&text, figures->values[FIGURE_COMPLETE][1]);
    text_json_pair(body, "uploads", bytes);
}

static bool send(const struct ctl *ctl, const struct report_work *work, struct err *err)
{
    const struct report_ask *ask = &work->report->ask;
    char bytes[BODY_SIZE], path[PATH_SIZE], at[UTC_TEXT_SIZE], sums[RECORD_PHRASE];
    struct text body;

    report_sums(&work->report->all, sums);
    text_init(&body, bytes, sizeof bytes);
    text_add(&body, "{");
    text_json_pair(&body, "from", utc_text(ask->period.from, at));
    text_json_pair(&body, "until", utc_text(ask->period.to, at));
    text_json_pair(&body, "zone", work->page.zone);
    if (work->fees)
        text_json_pair(&body, "fees", work->fees);
    text_json_int(&body, "through", (int64_t)work->report->through);
    text_json_pair(&body, "sums", sums);
    put_uploads(&work->report->all, &body);
    text_json_pair(&body, "digest", work->page.digest);
    text_add(&body, "}");
    snprintf(path, sizeof path, "/api/v1/reports/%s/close", work->period);
    return client_post(ctl, path, bytes, err);
}

/* Whether anything of the day was told after the report was made. */
static bool has_news(const struct report_closed *closed, const struct report_work *work)
{
    return strcmp(closed->report.digest, work->page.digest) != 0;
}

static bool write_files(const struct ctl *ctl, struct report_work *work, struct err *err)
{
    char path[PATH_SIZE];

    if (!ctl->into)
        return true;
    work->page.state = "closed";
    snprintf(path, sizeof path, "%s/report-%s-%lld.html", ctl->into, work->period,
             (long long)work->page.number);
    if (!report_html(&work->page, path, err))
        return false;
    snprintf(path, sizeof path, "%s/report-%s-%lld.json", ctl->into, work->period,
             (long long)work->page.number);
    FILE *file = fopen(path, "w");
    if (!file)
        return err_errno(err, "cannot write \"%s\"", path);
    report_json(&work->page, file);
    return fclose(file) == 0 || err_errno(err, "cannot write \"%s\"", path);
}

static const char *newest_day(const struct before *before)
{
    const char *newest = "";

    for (uint32_t i = 0; i < before->count; i++)
        if (strcmp(before->all[i].report.day, newest) > 0)
            newest = before->all[i].report.day;
    return newest;
}

/* Closes the day, or supplements it where that tells anything new. */
static bool close_day(const struct ctl *ctl, struct report_work *work, const struct before *before,
                      int32_t day, struct err *err)
{
    struct report_period period = period_days(&work->clock, day, 1);

    civil_date_text(day, work->period);
    work->page.period = work->period;
    const struct report_closed *closed =
        report_closed_day(before->all, before->count, work->period);
    if (!closed && before->count && strcmp(work->period, newest_day(before)) < 0)
        return err_set(err, "%s was not closed before %s was; days are closed in their order",
                       work->period, newest_day(before));
    bool good = report_work_make(ctl, work, &period, err);
    if (good && (!closed || has_news(closed, work))) {
        good = send(ctl, work, err);
        work->page.number = before->count ? before->all[before->count - 1].report.number + 1 : 1;
        good = good && write_files(ctl, work, err);
        if (good && !ctl->json)
            printf("%s: %s, %s\n", work->period, closed ? "supplemented" : "closed",
                   work->page.digest);
    } else if (good && ctl->day && !ctl->json) {
        printf("%s: closed already, and nothing has come since\n", work->period);
    }
    report_work_drop(work);
    return good;
}

static bool read_before(const struct ctl *ctl, struct before *ret, struct err *err)
{
    struct report_source *source = report_open(ctl->db, err);

    free(ret->all);
    *ret = (struct before){.all = NULL};
    bool good = source && report_closed_all(source, &ret->all, &ret->count, err);
    report_close(source);
    return good;
}

/* From the day after the last that is closed to yesterday; and those before it that may have news.
 */
static bool close_all(const struct ctl *ctl, struct report_work *work, struct err *err)
{
    struct before before = {.all = NULL};
    int32_t last = period_day_of(&work->clock, clock_utc()) - 1, first = last, day;
    bool good = read_before(ctl, &before, err);

    for (uint32_t i = 0; good && i < before.count; i++)
        if (civil_date_parse(before.all[i].report.day, &day) && day < first)
            first = day;
    if (ctl->day && !civil_date_parse(ctl->day, &first))
        good = err_set(err, "--day \"%s\" is no day such as 2024-03-13", ctl->day);
    if (ctl->day)
        last = first;
    else if (first < last - LATE_DAYS)
        first = last - LATE_DAYS;
    for (day = first; good && day <= last; day++)
        good = close_day(ctl, work, &before, day, err) && read_before(ctl, &before, err);
    free(before.all);
    return good;
}

/* Files of reports that are older than --keep days, by the day in their names. */
static void forget_files(const struct ctl *ctl, const struct report_work *work)
{
    int32_t today = period_day_of(&work->clock, clock_utc()), day;
    long keep = ctl->keep ? strtol(ctl->keep, NULL, 10) : 0;
    DIR *folder = ctl->into && keep > 0 && keep < KEEP_MOST ? opendir(ctl->into) : NULL;
    const struct dirent *entry;
    char text[CIVIL_DATE_TEXT];

    while (folder && (entry = readdir(folder))) {
        size_t lead = strlen("report-");

        if (strncmp(entry->d_name, "report-", lead) || strlen(entry->d_name) < lead + 10)
            continue;
        snprintf(text, sizeof text, "%.10s", entry->d_name + lead);
        if (civil_date_parse(text, &day) && today - day > keep)
            unlinkat(dirfd(folder), entry->d_name, 0);
    }
    if (folder)
        closedir(folder);
}

enum ctl_exit report_close_command(const struct ctl *ctl)
{
    struct report_work work = {.page.kind = "day"};
    struct err err;
    bool good = report_work_begin(ctl, &work, &err) && close_all(ctl, &work, &err);

    if (good)
        forget_files(ctl, &work);
    report_work_end(&work);
    return good ? CTL_DONE : ctl_refused(ctl, &err);
}
