/* parkctl report shift, arrears, openings …, and parkctl reconcile list: record by record. */
#include "daemon/ctl/report_list.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    enum report_list list;
    bool fails; /* what it lists is wrong */
} kinds[] = {
    {"shift", LIST_SHIFTS, false},
    {"arrears", LIST_ARREARS, false},
    {"openings", LIST_OPENINGS, false},
    {"corrections", LIST_CORRECTIONS, false},
    {"differences", LIST_DIFFERENCES, false},
    {"lanes", LIST_LANES, false},
    {"check", LIST_CHECK, true},
};

static bool on_row(void *arg, const struct list_cell *cells, uint32_t count)
{
    struct listing *listing = arg;

    listing->count++;
    for (uint32_t i = 0; i < count; i++)
        listing->fen[i] += listing->columns[i].form == LIST_FEN ? cells[i].number : 0;
    listing->writer->row(listing, cells, count);
    return true;
}

static const struct list_writer *writer_of(const struct ctl *ctl)
{
    return ctl->html   ? &list_as_html
           : ctl->json ? &list_as_json
           : ctl->csv  ? &list_as_csv
                       : &list_as_table;
}

/* The lot, or of differences the state. */
static const char *only_of(const struct ctl *ctl, enum report_list list)
{
    return list == LIST_DIFFERENCES ? ctl->state : ctl->lot;
}

static bool run(const struct ctl *ctl, struct report_work *work, enum report_list list,
                const struct report_period *period, struct listing *listing, struct err *err)
{
    work->source = report_open(ctl->db, err);
    if (!work->source)
        return false;
    if (ctl->html && !(listing->file = fopen(ctl->html, "w")))
        return err_errno(err, "cannot write \"%s\"", ctl->html);
    listing->columns = list_columns(list);
    listing->zone = work->clock.zone;
    listing->writer->begin(listing);
    bool good = list_run(work->source, list, period, only_of(ctl, list), on_row, listing, err);
    listing->writer->end(listing);
    if (!listing->file)
        return good;
    bool written = !ferror(listing->file);
    return (fclose(listing->file) == 0 && written && good) ||
           (good && err_errno(err, "cannot write \"%s\"", ctl->html));
}

enum ctl_exit report_list_command(const struct ctl *ctl)
{
    struct report_work work = {.page.kind = ctl->words[0]};
    struct listing listing = {.ctl = ctl, .writer = writer_of(ctl), .name = ctl->words[0]};
    struct report_period period;
    struct err err;
    size_t kind = 0;

    while (strcmp(kinds[kind].name, ctl->words[0]) != 0)
        kind++;
    listing.period = work.period;
    bool good = report_work_begin(ctl, &work, &err) &&
                report_work_period(ctl, &work, &period, &err) &&
                run(ctl, &work, kinds[kind].list, &period, &listing, &err);
    report_work_end(&work);
    if (!good)
        return ctl_refused(ctl, &err);
    return kinds[kind].fails && listing.count ? CTL_REFUSED : CTL_DONE;
}

/* Of all days: a difference stays until somebody or something resolves it. */
enum ctl_exit report_list_differences(const struct ctl *ctl)
{
    struct report_work work = {.page.kind = "day"};
    struct listing listing = {
        .ctl = ctl, .writer = writer_of(ctl), .name = "differences", .period = ""};
    struct report_period period = {.from = {INT64_MIN}, .to = {INT64_MAX}};
    struct err err;
    int state;

    if (ctl->words_count > 1)
        return ctl_wrong_use(ctl, "\"%s\" is too much", ctl->words[1]);
    if (ctl->state && !words_parse(&difference_state_words, ctl->state, &state))
        return ctl_wrong_use(ctl, "--state is open, resolved or auto_resolved");
    bool good = report_work_begin(ctl, &work, &err) &&
                run(ctl, &work, LIST_DIFFERENCES, &period, &listing, &err);
    report_work_end(&work);
    return good ? CTL_DONE : ctl_refused(ctl, &err);
}
