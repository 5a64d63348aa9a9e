/*
 * parkctl reconcile: the statements of the channels against the gateway's orders of a day. What is
 * found of a gateway's own journal is told to its daemon, which records it; with a database or
 * orders from elsewhere it is only shown. Exit status 1 when a difference is open.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/zone.h"
#include "daemon/config/statement_map.h"
#include "daemon/core/civil.h"
#include "daemon/ctl/commands.h"
#include "daemon/ctl/fee_stay.h"
#include "daemon/ctl/reconcile.h"
#include "daemon/ctl/report.h"
#include "daemon/reconcile/order_file.h"
#include "daemon/report/orders.h"

static const char channels_zone[] = "Asia/Shanghai"; /* of the days of both channels */

/* What a run needs; released in one place. */
struct work {
    struct zone *zone;
    struct statement_maps *maps;
    struct bills *bills;
    struct pay_orders *orders;
    struct shift_file *shifts;
    struct report_source *source; /* of --db */
    struct cash_count *counts;
    uint32_t counts_count;
    struct matching_input input;
};

static bool read_bills(const struct ctl *ctl, struct work *work, struct err *err)
{
    work->maps = statement_maps_create();
    if (ctl->columns && !statement_maps_read(work->maps, ctl->columns, err))
        return false;
    work->bills = bills_create(statement_maps_list(work->maps));
    for (uint32_t i = 0; i < ctl->bills_count; i++)
        if (!bills_take(work->bills, ctl->bills[i], err))
            return false;
    for (uint32_t i = 0; i < ctl->words_count; i++)
        if (!bills_take(work->bills, ctl->words[i], err))
            return false;
    bills_default_day(work->bills, work->input.day);
    work->input.bills = work->bills;
    return true;
}

/* Orders and shifts out of the journal: also of the days around, for what is late. */
static bool read_journal(const struct ctl *ctl, struct work *work, struct err *err)
{
    struct report_clock clock = {.zone = zone_civil(work->zone)};
    struct report_orders orders = {.zone = clock.zone,
                                   .period =
                                       period_days(&clock, work->input.day - MATCHING_DAYS_BEFORE,
                                                   1 + MATCHING_DAYS_BEFORE + MATCHING_DAYS_AFTER)};

    work->source = report_open(ctl->db, err);
    if (!work->source)
        return false;
    orders.source = work->source;
    struct pay_order_source source = report_orders(&orders);
    work->orders = pay_orders_collect(&source, err);
    work->input.orders = work->orders;
    orders.period = period_days(&clock, work->input.day, 1);
    if (!work->orders || !report_shifts(&orders, &work->counts, &work->counts_count, err))
        return false;
    work->input.counts = work->counts;
    work->input.counts_count = work->counts_count;
    return true;
}

static bool read_ours(const struct ctl *ctl, struct work *work, struct err *err)
{
    if (!ctl->orders)
        return read_journal(ctl, work, err);
    struct order_file file = {ctl->orders, zone_civil(work->zone)};
    struct pay_order_source source = order_file_source(&file);

    work->orders = pay_orders_collect(&source, err);
    work->input.orders = work->orders;
    if (!work->orders || !ctl->shifts)
        return work->orders;
    work->shifts = shift_file_read(ctl->shifts, err);
    if (work->shifts)
        work->input.counts = shift_file_counts(work->shifts, &work->input.counts_count);
    return work->shifts;
}

static bool read_now(const struct ctl *ctl, struct work *work, struct err *err)
{
    int64_t utc_s = clock_utc().ms / 1000;

    if (ctl->at && !fee_stay_time(ctl->at, &utc_s))
        return err_set(err, "--at: a time is such as 2024-03-13T10:00:00+08:00");
    work->input.now_local_s = civil_local_s(zone_civil(work->zone), utc_s);
    return true;
}

static bool any_open(const struct matching *match)
{
    uint32_t count;
    const struct difference *differences = matching_differences(match, &count);

    for (uint32_t i = 0; i < count; i++)
        if (differences[i].state == DIFFERENCE_OPEN)
            return true;
    return false;
}

static void print(const struct ctl *ctl, const struct reconciled *shown)
{
    if (ctl->json)
        reconcile_json(shown);
    else
        reconcile_tables(shown, ctl->language);
}

/* A database that is named may be a copy, or another gateway's: it is recorded only where the
 * daemon's socket is named, too. */
static bool records(const struct ctl *ctl)
{
    return !ctl->db_given || ctl->socket_given;
}

static enum ctl_exit show(const struct ctl *ctl, const struct work *work, struct err *err)
{
    struct matching *match = matching_run(&work->input, err);
    struct reconcile_run run = {.shown = {&work->input, match, NULL},
                                .match = match,
                                .source = work->source,
                                .zone = zone_civil(work->zone),
                                .records = records(ctl)};

    if (!match)
        return ctl_refused(ctl, err);
    if (run.records)
        run.shown.changes = run.changes;
    bool good = !work->source || reconcile_ledger(ctl, &run, err);
    if (!work->source)
        run.shown.changes = NULL;
    if (good)
        print(ctl, &run.shown);
    enum ctl_exit exit = !good ? ctl_refused(ctl, err) : any_open(match) ? CTL_REFUSED : CTL_DONE;
    matching_destroy(match);
    return exit;
}

static bool is(const struct ctl *ctl, const char *verb)
{
    return ctl->words_count && !strcmp(ctl->words[0], verb) && !ctl->day;
}

enum ctl_exit reconcile_command(const struct ctl *ctl)
{
    struct work work = {.zone = NULL};
    struct err err;

    if (is(ctl, "close"))
        return act_command(ctl);
    if (is(ctl, "list"))
        return report_list_differences(ctl);
    if (!ctl->day || ctl->bills_count + ctl->words_count == 0)
        return ctl_wrong_use(ctl, "give --day DAY and --bill FILE");
    if (!civil_date_parse(ctl->day, &work.input.day))
        return ctl_wrong_use(ctl, "--day \"%s\" is no day such as 2024-03-13", ctl->day);
    work.zone = zone_open(ZONE_FOLDER, channels_zone, &err);
    bool good = work.zone && read_now(ctl, &work, &err) && read_bills(ctl, &work, &err) &&
                read_ours(ctl, &work, &err);
    enum ctl_exit exit = good ? show(ctl, &work, &err) : ctl_refused(ctl, &err);
    shift_file_release(work.shifts);
    report_shifts_free(work.counts, work.counts_count);
    report_close(work.source);
    pay_orders_destroy(work.orders);
    bills_destroy(work.bills);
    statement_maps_destroy(work.maps);
    zone_close(work.zone);
    return exit;
}
