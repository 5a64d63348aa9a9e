/*
 * A run of parkctl reconcile beside those before it: what is known of differences is read from the
 * journal, what is new or has changed is told to the daemon, which records it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/core/civil.h"
#include "daemon/core/text.h"
#include "daemon/ctl/client.h"
#include "daemon/ctl/reconcile.h"
#include "daemon/reconcile/late.h"
#include "daemon/reconcile/ledger.h"
#include "daemon/report/differences.h"

enum { PATH_SIZE = 128, BODY_SIZE = 4096 };

/* Both sides of the merger, as records: cut to what a record holds, so that what is found is the
 * same as what is read back. */
struct sides {
    const struct reconciled *run;
    const struct civil_zone *zone;
    struct record_difference *known, *found; /* `found` begins with those of the matching */
    uint32_t known_count, found_count, matched_count;
    struct difference *known_views, *found_views;
};

static void copy_line(char *to, size_t size, const char *from)
{
    text_copy(to, size, from);
    for (; *to; to++)
        if ((unsigned char)*to < 0x20)
            *to = ' ';
}

static void to_record(const struct sides *sides, const struct difference *from,
                      struct record_difference *ret)
{
    bool resolved = from->state != DIFFERENCE_OPEN;
    int64_t utc_s = civil_utc_s(sides->zone, civil_day(from->at_local_s),
                                civil_second_of_day(from->at_local_s));

    *ret = (struct record_difference){.class = from->class,
                                      .state = from->state,
                                      .of_refund = from->of_refund,
                                      .gateway_fen = from->gateway_fen,
                                      .channel_fen = from->channel_fen,
                                      .at_risk_fen = from->at_risk_fen,
                                      .since = {utc_s * 1000}};
    copy_line(ret->channel, sizeof ret->channel, from->channel);
    copy_line(ret->order, sizeof ret->order, from->order);
    copy_line(ret->channel_order, sizeof ret->channel_order, from->channel_order);
    copy_line(ret->transaction, sizeof ret->transaction, from->transaction);
    copy_line(ret->refund, sizeof ret->refund, from->refund);
    copy_line(ret->reason, sizeof ret->reason, resolved ? from->why : "");
}

static struct difference to_view(const struct sides *sides, const struct record_difference *from)
{
    int64_t local_s = civil_local_s(sides->zone, from->since.ms / 1000);
    int32_t age = civil_day(sides->run->input->now_local_s) - civil_day(local_s);

    return (struct difference){.class = from->class,
                               .state = from->state,
                               .of_refund = from->of_refund,
                               .channel = from->channel,
                               .order = from->order,
                               .channel_order = from->channel_order,
                               .transaction = from->transaction,
                               .refund = from->refund,
                               .gateway_fen = from->gateway_fen,
                               .channel_fen = from->channel_fen,
                               .at_risk_fen = from->at_risk_fen,
                               .at_local_s = local_s,
                               .age_days = age > 0 ? age : 0,
                               .why = from->reason};
}

/* Whether this run could have found it: a bill of its channel is there, and one of the account
 * where it is about that. */
static bool is_looked_for(const struct sides *sides, const struct record_difference *known)
{
    const struct matching_input *input = sides->run->input;
    uint32_t count;
    const struct matching_settlement *settlements = matching_settlements(sides->run->match, &count);
    int32_t day;

    if (!civil_date_parse(known->day, &day) || day != input->day)
        return false;
    if (!strcmp(known->channel, "cash"))
        return input->counts;
    for (uint32_t i = 0; i < count; i++)
        if (!strcmp(settlements[i].channel, known->channel))
            return known->class != DIFFERENCE_SETTLEMENT || settlements[i].proved;
    return false;
}

static void add_found(struct sides *sides, const struct difference *difference, const char *day)
{
    struct record_difference *to = &sides->found[sides->found_count];

    to_record(sides, difference, to);
    text_copy(to->day, sizeof to->day, day);
    sides->found_views[sides->found_count] = to_view(sides, to);
    ledger_id(&sides->found_views[sides->found_count++], to->difference);
}

/* A refund that no order knows, of money that no order waited for on another day. */
static void settle_undone(struct sides *sides, struct matching *match,
                          const struct record_difference *all, uint32_t count)
{
    static const struct difference undone = {.state = DIFFERENCE_AUTO_RESOLVED,
                                             .why = "it gives back what no order waited for"};
    const struct difference *found = matching_differences(match, &sides->matched_count);

    for (uint32_t i = 0; i < sides->matched_count; i++)
        for (uint32_t k = 0; k < count && found[i].class == DIFFERENCE_REFUND_UNKNOWN; k++)
            if ((all[k].class == DIFFERENCE_CHANNEL_ONLY || all[k].class == DIFFERENCE_DUPLICATE) &&
                *found[i].transaction && !strcmp(all[k].channel, found[i].channel) &&
                !strcmp(all[k].transaction, found[i].transaction))
                matching_settle(match, i, &undone);
}

/* What was known: that of this day which the run looked for, and that of other days to which its
 * bills are the answer. */
static void take_known(struct sides *sides, const struct record_difference *all, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct difference view = to_view(sides, &all[i]), answer;
        bool other_day = false;

        if (!is_looked_for(sides, &all[i])) {
            int32_t day;

            other_day = civil_date_parse(all[i].day, &day) && day != sides->run->input->day &&
                        late_answer(&view, sides->run->input->bills, &answer);
            if (!other_day)
                continue;
            add_found(sides, &answer, all[i].day);
        }
        sides->known[sides->known_count] = all[i];
        sides->known_views[sides->known_count] = to_view(sides, &sides->known[sides->known_count]);
        sides->known_count++;
    }
}

static bool read_sides(struct sides *sides, struct reconcile_run *run, struct err *err)
{
    struct record_difference *all = NULL;
    const struct difference *found;
    char day[CIVIL_DATE_TEXT];
    uint32_t count = 0;

    if (!report_differences(run->source, &all, &count, err))
        return false;
    settle_undone(sides, run->match, all, count);
    found = matching_differences(run->match, &sides->matched_count);
    sides->known = memory_new(count + 1, sizeof *sides->known);
    sides->known_views = memory_new(count + 1, sizeof *sides->known_views);
    sides->found = memory_new(count + sides->matched_count + 1, sizeof *sides->found);
    sides->found_views = memory_new(count + sides->matched_count + 1, sizeof *sides->found_views);
    civil_date_text(sides->run->input->day, day);
    for (uint32_t i = 0; i < sides->matched_count; i++)
        add_found(sides, &found[i], day);
    take_known(sides, all, count);
    free(all);
    return true;
}

static void release(struct sides *sides)
{
    free(sides->found_views);
    free(sides->found);
    free(sides->known_views);
    free(sides->known);
}

/* The newest trade bill of the channel: it told. */
static const char *statement_of(const struct bills *bills, const char *channel)
{
    const struct bill *newest = NULL;

    for (uint32_t i = 0; i < bills_count(bills); i++) {
        const struct bill *bill = bills_at(bills, i);

        if (!strcmp(bill->facts.channel, channel) && !bill->same_as &&
            (!newest || bill->facts.day > newest->facts.day))
            newest = bill;
    }
    return newest ? newest->facts.digest : "";
}

static const char *day_of(const struct sides *sides, const char *id)
{
    for (uint32_t i = 0; i < sides->known_count; i++)
        if (!strcmp(sides->known[i].difference, id))
            return sides->known[i].day;
    for (uint32_t i = 0; i < sides->found_count; i++)
        if (!strcmp(sides->found[i].difference, id))
            return sides->found[i].day;
    return "";
}

static void put_some(struct text *body, const char *key, const char *value)
{
    if (*value)
        text_json_pair(body, key, value);
}

static void put_side(struct text *body, const char *key, int64_t fen)
{
    if (fen != RECORD_NO_AMOUNT)
        text_json_int(body, key, fen);
}

static bool send(const struct ctl *ctl, const struct sides *sides,
                 const struct difference *difference, struct err *err)
{
    char bytes[BODY_SIZE], path[PATH_SIZE], id[IDENT_SIZE], since[UTC_TEXT_SIZE];
    struct ctl quiet = *ctl; /* the answers are no part of what is printed */
    struct record_difference record;
    struct text body;

    quiet.json = false;
    to_record(sides, difference, &record);
    ledger_id(difference, id);
    text_init(&body, bytes, sizeof bytes);
    text_add(&body, "{");
    text_json_pair(&body, "found", difference_class_text(record.class));
    text_json_pair(&body, "state", words_name(&difference_state_words, (int)record.state));
    text_json_pair(&body, "day", day_of(sides, id));
    text_json_pair(&body, "payer", record.channel);
    put_some(&body, "order", record.order);
    put_some(&body, "channel_order", record.channel_order);
    put_some(&body, "number", record.transaction);
    put_some(&body, "back", record.refund);
    if (record.of_refund)
        text_json_bool(&body, "of_refund", true);
    put_side(&body, "here_fen", record.gateway_fen);
    put_side(&body, "there_fen", record.channel_fen);
    text_json_int(&body, "at_risk_fen", record.at_risk_fen);
    text_json_pair(&body, "since", utc_text(record.since, since));
    put_some(&body, "digest", statement_of(sides->run->input->bills, record.channel));
    put_some(&body, "reason", record.reason);
    text_add(&body, "}");
    snprintf(path, sizeof path, "/api/v1/differences/%s/note", id);
    return client_post(&quiet, path, bytes, err);
}

/* What was resolved, this run shows as that. */
static void settle(struct sides *sides, struct matching *match, const struct difference *entry)
{
    for (uint32_t i = 0; i < sides->matched_count; i++)
        if (ledger_compare(&sides->found_views[i], entry) == 0)
            matching_settle(match, i, entry);
}

bool reconcile_ledger(const struct ctl *ctl, struct reconcile_run *run, struct err *err)
{
    struct sides sides = {.run = &run->shown, .zone = run->zone};
    struct ledger_entry *entries = NULL;
    bool good = read_sides(&sides, run, err);
    uint32_t count = 0;

    if (good) {
        struct ledger_lists lists = {sides.known_views, sides.found_views, sides.known_count,
                                     sides.found_count};

        entries = memory_new(sides.known_count + sides.found_count + 1, sizeof *entries);
        count = ledger_merge(&lists, entries);
    }
    for (uint32_t i = 0; good && i < count; i++) {
        run->changes[entries[i].change]++;
        if (entries[i].change != LEDGER_SAME && run->records)
            good = send(ctl, &sides, &entries[i].difference, err);
        else if (entries[i].change == LEDGER_SAME && entries[i].difference.state != DIFFERENCE_OPEN)
            settle(&sides, run->match, &entries[i].difference);
    }
    free(entries);
    release(&sides);
    return good;
}
