/*
 * A day with a platform: what we hold against what it holds, lot by lot, in the platform's window.
 *
 *   1. Our side is read from the journal: found by halving, then page by page.
 *   2. Counts are compared; where they differ, the platform's ids. What it lacks is sent again with
 *      the ordinary requests, under the same key.
 *   3. After that the counts are compared once more, ROUNDS times at most, then the verdict stands.
 *   4. Nothing is compared before what we hold has been sent; where the window is over by then, the
 *      day is compared in the next one.
 *   5. What is beyond STAYS_MAX is counted, and never listed; nor is a list that is longer than an
 *      answer may be: a day that differs then has its verdict at once, and nothing goes again.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/core/civil.h"
#include "daemon/uplink/dispatch_day.h"

enum {
    STAYS_MAX = 16384, /* entries and exits of a lot in a day that are known each */
    ROUNDS = 3,
    CATCH_UP = 7,          /* days whose window was missed, while we were there */
    SETTLE_MS = 60 * 1000, /* what was sent again arrives */
    LATE_MS = 86400 * 1000 /* a record may be made so long after what it tells */
};

struct day_stay {
    char id[IDENT_SIZE];
    uint64_t seq, key; /* outbox_subject */
    bool exit, held;
};

enum day_step { DAY_IDLE, DAY_SEEKING, DAY_READING, DAY_COUNTING, DAY_LISTING, DAY_SETTLING };

struct dispatch_day {
    const struct city *city;
    enum day_step step;
    uint32_t lot;  /* in the settings */
    int32_t day;   /* civil.h */
    int32_t *done; /* of each lot: the last day that has its verdict */
    utc_ms from, to;
    uint64_t low, high; /* the halving */
    bool reading;       /* a page is under way */
    struct day_stay *stays;
    size_t stays_count;
    enum city_check what; /* under way */
    bool differ[2];       /* entries, exits */
    int64_t missing[2], strange[2];
    char examples[RECORD_PHRASE];
    uint32_t beyond[2]; /* entries, exits that are counted only */
    bool by_clock;      /* not a person's wish, which no window binds */
    int rounds;
    mono_ms not_before;
};

struct dispatch_day *dispatch_day_create(const struct uplink_settings *settings)
{
    struct dispatch_day *day = memory_new(1, sizeof *day);

    day->city = settings->adapter->city;
    day->done = memory_new(settings->lots_count + 1, sizeof *day->done);
    if (day->city->check)
        day->stays = memory_new(STAYS_MAX, sizeof *day->stays);
    return day;
}

void dispatch_day_destroy(struct dispatch_day *day)
{
    if (!day)
        return;
    free(day->stays);
    free(day->done);
    free(day);
}

/* ---- when ---- */

static const struct civil_zone *zone(const struct dispatch *dispatch)
{
    const struct civil_zone *civil = dispatch->setup.plan->civil;

    return civil ? civil : &civil_utc;
}

static utc_ms midnight(const struct dispatch *dispatch, int32_t day)
{
    return (utc_ms){civil_utc_s(zone(dispatch), day, 0) * 1000};
}

void dispatch_day_begin(struct dispatch *dispatch, uint32_t lot, int32_t day)
{
    struct dispatch_day *own = dispatch->day;

    own->lot = lot;
    own->day = day;
    own->from = midnight(dispatch, day);
    own->to = midnight(dispatch, day + 1);
    own->step = DAY_SEEKING;
    own->low = 1;
    own->high = 0; /* not known yet */
    own->stays_count = 0;
    own->rounds = 0;
    own->by_clock = own->reading = false;
    for (int i = 0; i < 2; i++)
        own->beyond[i] = own->missing[i] = own->strange[i] = 0;
    own->examples[0] = '\0';
}

static bool in_window(const struct dispatch *dispatch, struct now now)
{
    const struct city *city = dispatch->city;
    int64_t local_s = civil_local_s(zone(dispatch), now.utc.ms / 1000);
    int32_t minute = civil_second_of_day(local_s) / 60;

    return minute >= city->check_from_min && minute < city->check_to_min;
}

/* Within the platform's window the days before are due, of each lot once. */
static void look_at_clock(struct dispatch *dispatch, struct now now)
{
    struct dispatch_day *own = dispatch->day;
    int32_t yesterday = civil_day(civil_local_s(zone(dispatch), now.utc.ms / 1000)) - 1;

    if (!in_window(dispatch, now))
        return;
    for (uint32_t i = 0; i < dispatch->setup.settings->lots_count; i++) {
        if (own->done[i] < yesterday - CATCH_UP)
            own->done[i] = own->done[i] ? yesterday - CATCH_UP : yesterday - 1;
        if (own->done[i] >= yesterday)
            continue;
        dispatch_day_begin(dispatch, i, own->done[i] + 1);
        own->by_clock = true;
        return;
    }
}

/* ---- our side ---- */

bool dispatch_day_wants(struct dispatch *dispatch, uint64_t *ret_from, uint32_t *ret_limit)
{
    struct dispatch_day *own = dispatch->day;
    struct outbox_counts counts;

    if (own->reading || (own->step != DAY_SEEKING && own->step != DAY_READING))
        return false;
    if (own->step == DAY_SEEKING && !own->high) {
        outbox_counts(dispatch->setup.outbox, &counts);
        own->high = counts.head + 1;
    }
    own->reading = true;
    *ret_from = own->step == DAY_SEEKING ? own->low + (own->high - own->low) / 2 : own->low;
    *ret_limit = own->step == DAY_SEEKING ? 1 : DISPATCH_DAY_PAGE;
    return true;
}

/* Halves: `low` is at or before the first record of the day, as far as records stand in order. */
static void seek(struct dispatch_day *own, const struct store_row *rows, size_t count)
{
    uint64_t middle = own->low + (own->high - own->low) / 2;

    if (count && rows[0].at.ms < own->from.ms)
        own->low = middle + 1;
    else
        own->high = middle;
    if (own->low < own->high)
        return;
    own->step = DAY_READING;
}

static void keep(struct dispatch_day *own, const char *stay, const struct store_row *row, bool exit)
{
    for (size_t i = 0; i < own->stays_count; i++)
        if (own->stays[i].exit == exit && strcmp(own->stays[i].id, stay) == 0) {
            own->stays[i].seq = row->seq; /* an exit that was taken back, and came again */
            return;
        }
    if (own->stays_count == STAYS_MAX) {
        own->beyond[exit]++;
        return;
    }
    struct day_stay *added = &own->stays[own->stays_count++];
    *added = (struct day_stay){.seq = row->seq, .key = outbox_subject(row), .exit = exit};
    text_copy(added->id, sizeof added->id, stay);
}

static void take_row(struct dispatch *dispatch, const struct store_row *row)
{
    struct dispatch_day *own = dispatch->day;
    uint32_t lot = dispatch->setup.settings->lots[own->lot].lot;
    struct record record;

    if ((row->kind != RECORD_STAY_OPENED && row->kind != RECORD_STAY_CLOSED) ||
        row->at.ms < own->from.ms || row->at.ms >= own->to.ms ||
        record_read(dispatch->setup.reader, row->body, row->body_size, &record, NULL) !=
            RECORD_READ_DONE)
        return;
    if (row->kind == RECORD_STAY_OPENED && record.stay_opened.lot == lot)
        keep(own, record.stay_opened.stay, row, false);
    if (row->kind == RECORD_STAY_CLOSED && record.stay_closed.lot == lot)
        keep(own, record.stay_closed.stay, row, true);
}

void dispatch_day_page(struct dispatch *dispatch, const struct store_row *rows, size_t count,
                       bool end)
{
    struct dispatch_day *own = dispatch->day;

    own->reading = false;
    if (own->step == DAY_SEEKING) {
        seek(own, rows, count);
        return;
    }
    for (size_t i = 0; i < count; i++)
        take_row(dispatch, &rows[i]);
    if (count)
        own->low = rows[count - 1].seq + 1;
    if (end || !count || rows[count - 1].at.ms > own->to.ms + LATE_MS) {
        own->step = DAY_COUNTING;
        own->what = CITY_COUNTS;
    }
}

/* ---- their side ---- */

static struct city_day asked(struct dispatch *dispatch, char text[CIVIL_DATE_TEXT])
{
    struct dispatch_day *own = dispatch->day;
    struct city_day day = {.lot = &dispatch->setup.settings->lots[own->lot],
                           .entries = own->beyond[0],
                           .exits = own->beyond[1]};

    text_copy(day.date, sizeof day.date, civil_date_text(own->day, text));
    for (size_t i = 0; i < own->stays_count; i++)
        *(own->stays[i].exit ? &day.exits : &day.entries) += 1;
    return day;
}

/* Rule 4. */
static bool all_sent(const struct dispatch *dispatch)
{
    const struct dispatch_day *own = dispatch->day;
    struct outbox_counts counts;
    uint64_t last = 0;

    for (size_t i = 0; i < own->stays_count; i++)
        last = own->stays[i].seq > last ? own->stays[i].seq : last;
    outbox_counts(dispatch->setup.outbox, &counts);
    return counts.through >= last;
}

bool dispatch_day_fill(struct dispatch *dispatch, struct now now, struct adapter_request *ret)
{
    struct dispatch_day *own = dispatch->day;
    char text[CIVIL_DATE_TEXT];
    struct err err;

    if (!own->city->check || !mono_reached(now.mono, own->not_before) ||
        !dispatch_may(dispatch, LANE_OF_CHECK, now.mono))
        return false;
    if (own->by_clock && own->step >= DAY_COUNTING && !in_window(dispatch, now))
        own->step = DAY_IDLE;
    if (own->step == DAY_IDLE)
        look_at_clock(dispatch, now);
    if (own->step == DAY_SETTLING)
        own->step = DAY_COUNTING;
    if (own->step != DAY_COUNTING && own->step != DAY_LISTING)
        return false;
    if (own->step == DAY_COUNTING && own->rounds == 0 && !all_sent(dispatch))
        return false;
    struct city_day day = asked(dispatch, text);
    struct adapter_context context = dispatch_context(dispatch, NULL, now);
    return own->city->check(&context, &day, own->what, ret, &err);
}

static void tick_off(void *arg, const char *stay)
{
    struct dispatch_day *own = arg;
    bool exit = own->what == CITY_EXITS;

    for (size_t i = 0; i < own->stays_count; i++)
        if (own->stays[i].exit == exit && strcmp(own->stays[i].id, stay) == 0) {
            own->stays[i].held = true;
            return;
        }
    own->strange[exit]++;
}

static void add_example(struct dispatch_day *own, const char *stay)
{
    struct text text = {own->examples, sizeof own->examples, strlen(own->examples), false};

    if (text.size - text.used > IDENT_SIZE + 1)
        text_add(&text, "%s%s", text.used ? " " : "", stay);
}

/* Rule 2. */
static void send_missing(struct dispatch *dispatch, struct now now)
{
    struct dispatch_day *own = dispatch->day;
    bool exit = own->what == CITY_EXITS;

    for (size_t i = 0; i < own->stays_count; i++) {
        const struct day_stay *stay = &own->stays[i];

        if (stay->exit != exit || stay->held)
            continue;
        own->missing[exit] += own->rounds == 0;
        add_example(own, stay->id);
        outbox_again(dispatch->setup.outbox, stay->seq, stay->key, now.mono);
    }
}

static void conclude(struct dispatch *dispatch, bool balanced, struct now now)
{
    struct dispatch_day *own = dispatch->day;
    char text[CIVIL_DATE_TEXT];
    struct city_day day = asked(dispatch, text);
    struct record record = {.kind = RECORD_DAY_CHECK,
                            .at = now.utc,
                            .day_check = {.lot = day.lot->lot,
                                          .verdict = !balanced         ? DAY_DIFFERS
                                                     : own->rounds > 0 ? DAY_RESENT
                                                                       : DAY_BALANCED,
                                          .entries = day.entries,
                                          .exits = day.exits,
                                          .entries_missing = own->missing[0],
                                          .exits_missing = own->missing[1],
                                          .entries_strange = own->strange[0],
                                          .exits_strange = own->strange[1]}};

    text_copy(record.day_check.uplink, RECORD_WORD, dispatch->setup.settings->name);
    text_copy(record.day_check.day, RECORD_WORD, day.date);
    text_copy(record.day_check.examples, RECORD_PHRASE, own->examples);
    dispatch->setup.hooks.record(dispatch->setup.hooks.arg, &record);
    if (own->day > own->done[own->lot])
        own->done[own->lot] = own->day;
    own->step = DAY_IDLE;
}

/* The ids of the one that differs, then of the other. */
static void next_list(struct dispatch *dispatch, enum city_check after, struct now now)
{
    struct dispatch_day *own = dispatch->day;

    for (int what = after + 1; what < CITY_CHECKS; what++)
        if (own->differ[what - CITY_ENTRIES]) {
            own->step = DAY_LISTING;
            own->what = (enum city_check)what;
            own->strange[what - CITY_ENTRIES] = 0;
            for (size_t i = 0; i < own->stays_count; i++)
                own->stays[i].held =
                    own->stays[i].held && own->stays[i].exit != (what == CITY_EXITS);
            return;
        }
    own->rounds++;
    own->what = CITY_COUNTS;
    own->step = DAY_SETTLING;
    own->not_before = mono_after(now.mono, SETTLE_MS);
}

static void counted(struct dispatch *dispatch, const struct city_held *held, struct now now)
{
    struct dispatch_day *own = dispatch->day;

    own->differ[0] = held->entries_differ;
    own->differ[1] = held->exits_differ;
    bool balanced = !held->entries_differ && !held->exits_differ;
    if (balanced || own->rounds == ROUNDS || own->beyond[0] || own->beyond[1]) /* rule 5 */
        conclude(dispatch, balanced, now);
    else
        next_list(dispatch, CITY_COUNTS, now);
}

void dispatch_day_answer(struct dispatch *dispatch, const struct adapter_reply *reply,
                         enum adapter_verdict verdict, const char *reason, struct now now)
{
    struct dispatch_day *own = dispatch->day;
    struct city_held held = {.id = tick_off, .arg = own};
    struct err err;
    bool good = verdict == ADAPTER_DELIVERED || verdict == ADAPTER_DUPLICATE;

    if (reply->too_long && own->what != CITY_COUNTS) {
        conclude(dispatch, false, now); /* rule 5 */
        return;
    }
    if (!good || !own->city->checked(reply, own->what, &held, &err)) {
        dispatch->setup.hooks.say(dispatch->setup.hooks.arg, LANE_OF_CHECK,
                                  good ? err.text : reason);
        dispatch_wait(dispatch, LANE_OF_CHECK, reply->retry_after_ms, now.mono);
        return;
    }
    dispatch_well(dispatch, LANE_OF_CHECK);
    if (own->what == CITY_COUNTS) {
        counted(dispatch, &held, now);
        return;
    }
    send_missing(dispatch, now);
    next_list(dispatch, own->what, now);
}
