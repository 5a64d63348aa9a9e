/* parkctl report: the figures of a business day or month, from the database alone. */
#include "daemon/ctl/report.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/memory.h"
#include "daemon/base/zone.h"
#include "daemon/ctl/commands.h"
#include "daemon/report/closed.h"
#include "daemon/report/fees.h"

#define DEFAULT_CONFIG "/etc/parkd/parkd.conf"

/* Where nothing is installed, or the file is not for this user, the defaults hold. */
static bool read_settings(const struct ctl *ctl, struct report_settings *ret, struct err *err)
{
    if (!ctl->config && access(DEFAULT_CONFIG, R_OK) != 0)
        return true;
    return config_report(ctl->config ? ctl->config : DEFAULT_CONFIG, ret, err);
}

static const char *first_of(const char *option, const char *configured, const char *otherwise)
{
    if (option)
        return option;
    return configured && *configured ? configured : otherwise;
}

bool report_work_begin(const struct ctl *ctl, struct report_work *work, struct err *err)
{
    const struct report_settings *said = &work->settings;

    if (!read_settings(ctl, &work->settings, err))
        return false;
    work->page.zone = first_of(ctl->timezone, said->zone, "Asia/Shanghai");
    work->page.cut = first_of(ctl->cut, said->cut, "00:00");
    work->fees = first_of(ctl->fees, said->fees, NULL);
    work->zone = zone_open(ZONE_FOLDER, work->page.zone, err);
    if (!work->zone)
        return false;
    work->clock.zone = zone_civil(work->zone);
    if (!civil_time_parse(work->page.cut, &work->clock.cut_s) || work->clock.cut_s >= CIVIL_DAY_S)
        return err_set(err, "--cut \"%s\" is no time such as 04:00", work->page.cut);
    return fees_read(work->fees, work->fee_ppm, err);
}

/* The period that was asked for: of today's business day when nothing was said. */
bool report_work_period(const struct ctl *ctl, struct report_work *work, struct report_period *ret,
                        struct err *err)
{
    bool month = ctl->month || !strcmp(work->page.kind, "month");
    int32_t first = period_day_of(&work->clock, clock_utc()), days = 1;

    if (ctl->day && !civil_date_parse(ctl->day, &first))
        return err_set(err, "--day \"%s\" is no day such as 2024-03-13", ctl->day);
    civil_date_text(first, work->period);
    if (month) {
        work->period[strlen("2024-03")] = '\0';
        if (ctl->month)
            text_copy(work->period, sizeof work->period, ctl->month);
        if (!period_month_parse(work->period, &first, &days))
            return err_set(err, "--month \"%s\" is no month such as 2024-03", work->period);
    }
    work->page.period = work->period;
    *ret = period_days(&work->clock, first, days);
    return true;
}

static bool choose_columns(const struct ctl *ctl, struct report_work *work, struct err *err)
{
    struct report_page *page = &work->page;
    const struct report *report = work->report;

    page->columns = memory_new(report->lots_count + 1, sizeof *page->columns);
    page->columns_count = 0;
    if (!ctl->lot)
        page->columns[page->columns_count++] = &report->all;
    for (uint32_t i = 0; i < report->lots_count; i++)
        if (!ctl->lot || !strcmp(ctl->lot, report->lots[i].lot))
            page->columns[page->columns_count++] = &report->lots[i];
    return page->columns_count > 0 ||
           err_set(err, "nothing is known of a lot \"%s\"; parkctl lots lists them", ctl->lot);
}

bool report_work_make(const struct ctl *ctl, struct report_work *work,
                      const struct report_period *period, struct err *err)
{
    struct report_ask ask = {.period = *period, .fee_ppm = work->fee_ppm};
    utc_ms now = clock_utc();

    work->source = report_open(ctl->db, err);
    if (!work->source)
        return false;
    ask.zone = work->clock.zone;
    ask.until = now.ms < ask.period.to.ms ? now : ask.period.to;
    if (ask.until.ms < ask.period.from.ms)
        ask.until = ask.period.from;
    work->report = report_make(work->source, &ask, err);
    if (!work->report)
        return false;
    report_digest(work->report, work->page.digest);
    work->page.report = work->report;
    work->page.made = utc_text(now, work->made);
    work->page.state = "provisional";
    work->page.language = ctl->language;
    return choose_columns(ctl, work, err);
}

void report_work_drop(struct report_work *work)
{
    free(work->page.columns);
    report_destroy(work->report);
    report_close(work->source);
    work->page.columns = NULL;
    work->report = NULL;
    work->source = NULL;
}

void report_work_end(struct report_work *work)
{
    report_work_drop(work);
    config_report_free(&work->settings);
    zone_close(work->zone);
}

/* A day that is closed says so, with its number; so that what was handed in can be told from what
 * has come since. */
static bool read_state(struct report_work *work, struct err *err)
{
    struct report_closed *all = NULL;
    uint32_t count = 0;

    if (!report_closed_all(work->source, &all, &count, err))
        return false;
    const struct report_closed *closed = report_closed_day(all, count, work->period);
    if (closed) {
        work->page.number = closed->report.number;
        work->page.state = strcmp(closed->report.digest, work->page.digest) ? "changed" : "closed";
        text_copy(work->page.previous, sizeof work->page.previous, closed->report.previous);
        text_copy(work->page.actor, sizeof work->page.actor, closed->report.actor);
    }
    free(all);
    return true;
}

static enum ctl_exit show(const struct ctl *ctl, struct report_work *work)
{
    struct err err;

    if (ctl->html && !report_html(&work->page, ctl->html, &err))
        return ctl_refused(ctl, &err);
    if (ctl->json)
        report_json(&work->page, stdout);
    else if (ctl->csv)
        report_csv(&work->page, ctl->gbk, stdout);
    else if (!ctl->html)
        report_table(&work->page);
    return CTL_DONE;
}

static enum ctl_exit figures_command(const struct ctl *ctl)
{
    struct report_work work = {.page.kind = ctl->words[0]};
    struct report_period period;
    struct err err;

    bool good = report_work_begin(ctl, &work, &err) &&
                report_work_period(ctl, &work, &period, &err) &&
                report_work_make(ctl, &work, &period, &err) && read_state(&work, &err);
    enum ctl_exit exit = good ? show(ctl, &work) : ctl_refused(ctl, &err);
    report_work_end(&work);
    return exit;
}

static const struct {
    const char *name;
    enum ctl_exit (*run)(const struct ctl *ctl);
} reports[] = {
    {"day", figures_command},
    {"month", figures_command},
    {"lot", figures_command},
    {"rank", report_rank_command},
    {"close", report_close_command},
    {"shift", report_list_command},
    {"arrears", report_list_command},
    {"openings", report_list_command},
    {"corrections", report_list_command},
    {"differences", report_list_command},
    {"lanes", report_list_command},
    {"check", report_list_command},
};

enum ctl_exit report_command(const struct ctl *ctl)
{
    if (ctl->words_count != 1)
        return ctl_wrong_use(ctl, "say which report: day, month, lot …");
    for (size_t i = 0; i < sizeof reports / sizeof *reports; i++)
        if (!strcmp(reports[i].name, ctl->words[0]))
            return reports[i].run(ctl);
    return ctl_wrong_use(ctl, "\"%s\" is no report", ctl->words[0]);
}
