/*
 * The section report: the business day as the site closes it. The daemon checks it with the rest
 * (and only closes what parkctl computed); parkctl reads it alone, so that a person and the nightly
 * timer count by the same day and the same fees without saying them each time.
 */
#include <stdlib.h>

#include "daemon/base/memory.h"
#include "daemon/config/config_report.h"
#include "daemon/config/section_parking.h"
#include "daemon/core/civil.h"
#include "daemon/report/fees.h"

const struct option_table business_day_table = {
    "report",
    (const struct option[]){
        {.key = "cut",
         .type = OPTION_TEXT,
         OPTION_AT(struct report_settings, cut),
         .min = 5,
         .max = 5,
         .text = "00:00",
         .meaning = "When the business day begins, HH:MM of the site's zone."},
        {.key = "fees",
         .type = OPTION_TEXT,
         OPTION_AT(struct report_settings, fees),
         .max = 127,
         .text = "",
         .meaning = "Percent that channels keep of what was paid, such as "
                    "wechat=0.6,alipay=0.6; what is not said is not known."},
        {.key = NULL},
    },
};

void section_report(struct draft *draft)
{
    const struct report_settings *report = &draft->config.report;
    const struct reader_node *node = reader_member(draft->root, "report");
    int32_t ppm[PAY_CHANNELS], cut_s;
    struct err err;

    if (!node)
        return;
    if (!civil_time_parse(report->cut, &cut_s) || cut_s >= CIVIL_DAY_S)
        mistake_add(draft->context.mistakes, section_place(node, "cut"),
                    "report: cut \"%s\" is no time; allowed: 00:00 to 23:59", report->cut);
    if (!fees_read(report->fees, ppm, &err))
        mistake_add(draft->context.mistakes, section_place(node, "fees"), "report: %s", err.text);
}

/* The first is enough: parkctl check-config tells all. */
static void keep_first(void *arg, const char *line)
{
    struct err *err = arg;

    if (!err->text[0])
        err_set(err, "%s", line);
}

bool config_report(const char *path, struct report_settings *ret, struct err *err)
{
    struct mistakes *mistakes = mistake_create();
    struct draft *draft = memory_new(1, sizeof *draft);
    struct reader *reader = reader_open(path, mistakes);
    const struct reader_node *site, *zone;

    draft->context = (struct option_context){arena_create(), mistakes};
    if (reader) {
        draft->root = reader_root(reader);
        option_defaults(&business_day_table, &draft->config.report);
        if (reader_member(draft->root, "report"))
            option_apply(&business_day_table, reader_member(draft->root, "report"),
                         &draft->config.report, &draft->context);
        section_report(draft);
        site = reader_member(draft->root, "site");
        zone = site && reader_type(site) == READER_GROUP ? reader_member(site, "zone") : NULL;
        if (zone && reader_type(zone) == READER_TEXT)
            draft->config.report.zone = reader_text(zone);
    }
    bool good = mistake_count(mistakes) == 0;
    if (good)
        *ret = (struct report_settings){.zone = memory_text(draft->config.report.zone),
                                        .cut = memory_text(draft->config.report.cut),
                                        .fees = memory_text(draft->config.report.fees)};
    err->text[0] = '\0';
    mistake_tell(mistakes, keep_first, err);
    arena_destroy(draft->context.memory);
    free(draft);
    reader_close(reader);
    mistake_destroy(mistakes);
    return good;
}

void config_report_free(struct report_settings *settings)
{
    free((char *)settings->zone);
    free((char *)settings->cut);
    free((char *)settings->fees);
    *settings = (struct report_settings){.zone = NULL};
}
