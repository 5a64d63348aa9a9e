/*
 * A month of two lots towards a city's platform (Hefei) over a bad line, from a seed: 3 of 100
 * requests are lost, reset, refused with 429, 500, 503, answered with nonsense, or applied and
 * never answered; the platform is away for an hour and for three days, and loses some of what it
 * took. In process and in virtual time: the outbox, the order of business and the adapter are the
 * daemon's, the receiver is parksim's. At the end the platform holds every entry and exit once, in
 * order of each stay, every day has its verdict; while it was there entries and exits arrived
 * within 10 s, heartbeats within 5 min, and fresh vacancy was not behind the backlog.
 * Usage: simulate_city [SEED [DAYS]]
 */
/* long: a simulation and its judge are read together */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/crypto_rsa.h"
#include "daemon/base/memory.h"
#include "daemon/core/civil.h"
#include "daemon/uplink/dispatch.h"
#include "tests/parksim/city_book.h"
#include "tests/simulate/seeded.h"

enum {
    LOTS = 2,
    CARS_A_DAY = 150, /* of a lot */
    BAYS = 200,
    FAULTS_OF_100 = 3,
    LOSES = 100, /* of 1000 looks at a record of the last hour: the platform forgets it */
    MINUTE = 60000,
    HOUR = 60 * MINUTE,
    TIMEOUT = 3000, /* section_city.c */
    LATE = 10000,
    BEAT_LIMIT = 5 * MINUTE,
    ROWS_MAX = 200000,
    SAMPLES_MAX = 100000
};
static const int64_t day_ms = INT64_C(86400000);
static const int64_t begin_ms = INT64_C(1795276800000); /* 2026-11-22T00:00 in China */

/* A vehicle that is inside, or the arrival to come. */
struct car {
    int64_t at;
    char stay[IDENT_SIZE];
    int64_t entered;
    uint32_t lot;
};

struct answer {
    bool under_way;
    int64_t at; /* when it comes */
    int status;
    char *body;
};

struct world {
    struct seeded random;
    uint32_t failed;
    int64_t now, end;
    struct site_plan plan;
    struct lot_plan lots[LOTS];
    struct lane_plan lanes[2 * LOTS];
    struct uplink_settings settings;
    struct uplink_lot told[LOTS];
    struct ident ident;
    struct store_row *rows;
    size_t rows_count;
    struct car *cars; /* unordered; few hundred */
    size_t cars_count;
    int64_t next_arrival[LOTS];
    int64_t inside[LOTS];
    struct outbox *outbox;
    struct stale *stale;
    struct record_reader *reader;
    struct dispatch *dispatch;
    struct city_book *book;
    struct adapter_request request;
    struct answer answers[DISPATCH_SLOTS];
    uint32_t verdicts[DAY_VERDICTS];
    int64_t beats[LOTS], beat_at[LOTS], beat_gap;
    uint64_t events, excused, requests, faults, lost;
    int64_t stale_since[LOTS]; /* the platform's count is old since; 0: it is right */
    int64_t ages[SAMPLES_MAX];
    size_t ages_count;
};

static void fail(struct world *w, const char *what)
{
    printf("FAILED %s at %+.2f days\n", what, (double)(w->now - begin_ms) / (double)day_ms);
    w->failed++;
}

/* An hour on the tenth day, three days from the twentieth. */
static bool is_away(int64_t at)
{
    int64_t first = begin_ms + 9 * day_ms + 7 * HOUR, second = begin_ms + 19 * day_ms + 5 * HOUR;

    return (at >= first && at < first + HOUR) || (at >= second && at < second + 3 * day_ms);
}

/* ---- the site ---- */

static void put(struct world *w, const struct record *record)
{
    char bytes[RECORD_BODY_MAX + 1];
    struct text body;
    struct store_row *row = &w->rows[w->rows_count++];

    if (w->rows_count == ROWS_MAX)
        abort();
    text_init(&body, bytes, sizeof bytes);
    record_encode(record, &w->plan, &body);
    *row = (struct store_row){
        .seq = w->rows_count, .at = record->at, .kind = record->kind, .body_size = body.used};
    row->body = memcpy(memory_new(body.used + 1, 1), bytes, body.used);
    snprintf(row->id, sizeof row->id, "%032" PRIx64, row->seq * UINT64_C(0x9e3779b97f4a7c15));
    outbox_fresh(w->outbox, row, 1);
    w->events++;
    w->excused += is_away(w->now) || is_away(w->now + LATE);
}

static void count(struct world *w, uint32_t lot, int change)
{
    w->inside[lot] += change;
    stale_lot(w->stale, lot);
    if (!w->stale_since[lot])
        w->stale_since[lot] = w->now;
}

static void arrive(struct world *w, uint32_t lot)
{
    struct car *car = &w->cars[w->cars_count++];
    struct record record = {
        .kind = RECORD_STAY_OPENED,
        .at = {w->now},
        .stay_opened = {.lot = lot, .bay = PLAN_NONE, .lane = lot * 2, .colour = PLATE_BLUE}};

    *car = (struct car){.at = w->now + seeded_between(&w->random, 3 * MINUTE, 9 * HOUR),
                        .entered = w->now,
                        .lot = lot};
    ident_next(&w->ident, (utc_ms){w->now}, car->stay);
    text_copy(record.stay_opened.stay, IDENT_SIZE, car->stay);
    snprintf(record.stay_opened.plate, PLATE_SIZE, "皖A%05u",
             (unsigned)seeded_below(&w->random, 100000));
    count(w, lot, 1);
    put(w, &record);
    w->next_arrival[lot] =
        w->now + seeded_between(&w->random, 1000, 2 * day_ms / CARS_A_DAY - 1000);
}

static void leave(struct world *w, size_t which)
{
    struct car car = w->cars[which];
    int64_t fee = (w->now - car.entered) / HOUR * 300;
    struct record record = {.kind = RECORD_STAY_CLOSED,
                            .at = {w->now},
                            .stay_closed = {.lot = car.lot,
                                            .bay = PLAN_NONE,
                                            .lane = car.lot * 2 + 1,
                                            .colour = PLATE_BLUE,
                                            .entered = {car.entered},
                                            .outcome = fee ? OUTCOME_PAID : OUTCOME_FREE,
                                            .money = {.receivable_fen = fee, .payable_fen = fee},
                                            .received_fen = fee}};

    w->cars[which] = w->cars[--w->cars_count];
    text_copy(record.stay_closed.stay, IDENT_SIZE, car.stay);
    text_copy(record.stay_closed.plate, PLATE_SIZE, "皖A00001");
    text_copy(record.stay_closed.entry_lane, RECORD_WORD, w->lanes[car.lot * 2].id);
    text_copy(record.stay_closed.channel, RECORD_WORD, fee ? "wechat" : "");
    count(w, car.lot, -1);
    put(w, &record);
}

static int64_t next_event(const struct world *w)
{
    int64_t next = INT64_MAX;

    for (int lot = 0; lot < LOTS && w->now < w->end; lot++)
        if (w->next_arrival[lot] < next)
            next = w->next_arrival[lot];
    for (size_t i = 0; i < w->cars_count; i++)
        if (w->cars[i].at < next)
            next = w->cars[i].at;
    return next;
}

static void drive(struct world *w)
{
    for (uint32_t lot = 0; lot < LOTS && w->now < w->end; lot++)
        if (w->now >= w->next_arrival[lot])
            arrive(w, lot);
    for (size_t i = w->cars_count; i-- > 0;)
        if (w->now >= w->cars[i].at)
            leave(w, i);
}

/* ---- the line ---- */

static int64_t book_now(void *arg)
{
    return ((struct world *)arg)->now;
}

static void set_answer(struct answer *answer, int status, const char *body, int64_t at)
{
    *answer = (struct answer){.under_way = true, .at = at, .status = status};
    answer->body = body ? strdup(body) : NULL;
}

static char *apply(struct world *w)
{
    struct city_request request = {.method = w->request.method,
                                   .path = w->request.target.bytes,
                                   .content_type = "application/json; charset=utf-8",
                                   .body = w->request.body.bytes,
                                   .body_size = w->request.body.used};
    const struct city_receiver *receiver = city_receiver_of(request.path);

    return receiver ? receiver->receive(w->book, &request).text : NULL;
}

/* What becomes of a request: each kind of fault is as likely as another. */
static void send(struct world *w, uint32_t slot)
{
    struct answer *answer = &w->answers[slot];
    int64_t at = w->now + seeded_between(&w->random, 20, 200);
    uint64_t fault =
        seeded_below(&w->random, 100) < FAULTS_OF_100 ? 1 + seeded_below(&w->random, 7) : 0;

    w->requests++;
    w->faults += fault != 0;
    if (is_away(w->now) || fault == 1) {
        set_answer(answer, 0, NULL, is_away(w->now) && slot % 2 ? w->now + 1 : w->now + TIMEOUT);
        return;
    }
    if (fault >= 4 && fault <= 6) {
        static const int statuses[] = {429, 500, 503};
        set_answer(answer, statuses[fault - 4], "<html>", at);
        return;
    }
    char *body = fault == 2 ? NULL : apply(w);
    set_answer(answer, 200, body, at);
    free(body);
    if (fault == 2) /* reset before it was read */
        answer->status = 0;
    if (fault == 3) { /* applied, and the answer is lost */
        answer->status = 0;
        answer->at = w->now + TIMEOUT;
    }
    if (fault == 7) { /* applied, and a proxy answers */
        free(answer->body);
        answer->body = strdup("<html>ok</html>");
    }
}

/* Vacancy as the platform has it. */
static void judge_vacancy(struct world *w)
{
    for (int i = 0; i < LOTS; i++) {
        const struct book_lot *lot = city_book_lot(w->book, "hefei", w->told[i].code);

        if (!w->stale_since[i] || city_book_free(lot) != BAYS - w->inside[i])
            continue;
        if (!is_away(w->stale_since[i]) && w->ages_count < SAMPLES_MAX)
            w->ages[w->ages_count++] = w->now - w->stale_since[i];
        w->stale_since[i] = 0;
    }
}

/* Heartbeats as it got them. */
static void judge_beats(struct world *w)
{
    for (int i = 0; i < LOTS; i++) {
        const struct book_lot *lot = city_book_lot(w->book, "hefei", w->told[i].code);
        int64_t beats = city_book_beats(lot);

        if (beats == w->beats[i])
            continue;
        w->beats[i] = beats;
        if (w->beat_at[i] && !is_away(w->beat_at[i] + 1) && !is_away(w->now - BEAT_LIMIT) &&
            w->now - w->beat_at[i] > w->beat_gap)
            w->beat_gap = w->now - w->beat_at[i];
        w->beat_at[i] = w->now;
    }
}

static void deliver(struct world *w)
{
    for (uint32_t slot = 0; slot < DISPATCH_SLOTS; slot++) {
        struct answer *answer = &w->answers[slot];
        struct now now = {{w->now - begin_ms}, {w->now}};

        if (!answer->under_way || answer->at > w->now)
            continue;
        struct adapter_reply reply = {.status = answer->status,
                                      .retry_after_ms = -1,
                                      .body = answer->body ? answer->body : "",
                                      .size = answer->body ? strlen(answer->body) : 0};
        answer->under_way = false;
        dispatch_answer(w->dispatch, slot, &reply, "no answer came", now);
        free(answer->body);
    }
}

static void empty_request(struct world *w)
{
    struct adapter_request *request = &w->request;

    text_init(&request->target, request->target.bytes, request->target.size);
    text_init(&request->headers, request->headers.bytes, request->headers.size);
    text_init(&request->body, request->body.bytes, request->body.size);
}

static void pump(struct world *w)
{
    struct now now = {{w->now - begin_ms}, {w->now}};
    uint64_t from;
    uint32_t limit;

    while (outbox_wants(w->outbox, now.mono, &from, &limit)) {
        size_t left = from > w->rows_count ? 0 : w->rows_count - (from - 1);
        outbox_page(w->outbox, &w->rows[from - 1], left < limit ? left : limit, left <= limit,
                    now.mono);
    }
    while (dispatch_day_wants(w->dispatch, &from, &limit)) {
        size_t left = from > w->rows_count ? 0 : w->rows_count - (from - 1);
        dispatch_day_page(w->dispatch, &w->rows[from - 1], left < limit ? left : limit,
                          left <= limit);
    }
    for (uint32_t slot = 0; slot < DISPATCH_SLOTS; slot++) {
        empty_request(w);
        if (w->answers[slot].under_way || !dispatch_fill(w->dispatch, slot, now, &w->request))
            continue;
        send(w, slot);
        if (slot == DISPATCH_STATE)
            judge_vacancy(w);
        if (slot == DISPATCH_BEAT)
            judge_beats(w);
    }
}

/* ---- hooks ---- */

static void on_counts(void *arg, uint32_t lot, struct city_counts *ret)
{
    struct world *w = arg;
    uint32_t inside = (uint32_t)w->inside[lot];

    *ret = (struct city_counts){.capacity = BAYS, .free = BAYS - inside, .occupied = inside};
}

static void on_say(void *arg, enum dispatch_lane lane, const char *trouble)
{
    (void)arg, (void)lane, (void)trouble;
}

static void on_record(void *arg, const struct record *record)
{
    struct world *w = arg;

    w->verdicts[record->day_check.verdict]++;
    if (record->day_check.verdict == DAY_DIFFERS)
        fail(w, record->day_check.day);
}

/* ---- its life ---- */

static void make_keys(struct world *w, json_t *registered)
{
    static char private_bytes[4096], public_bytes[4096];
    static const char *const codes[LOTS] = {"HF001", "HF002"};
    static const char *const accounts[LOTS] = {"dev1", "dev2"};

    for (uint32_t i = 0; i < LOTS; i++) {
        struct text private, public;
        struct err err;

        text_init(&private, private_bytes, sizeof private_bytes);
        text_init(&public, public_bytes, sizeof public_bytes);
        if (!crypto_key_make(1024, &private, &public, &err))
            abort();
        w->told[i] =
            (struct uplink_lot){.lot = i,
                                .code = codes[i],
                                .account = accounts[i],
                                .key = crypto_key_private(private.bytes, private.used, &err)};
        json_array_append_new(
            json_object_get(registered, "hefei"),
            json_pack("{ss,ss,ss}", "code", codes[i], "account", accounts[i], "key", public_bytes));
    }
}

static void make_site(struct world *w)
{
    static const char *const lots[LOTS] = {"A", "B"};
    static const int32_t offset_s[] = {8 * 3600};
    static const struct civil_zone china = {NULL, offset_s, 0};
    static const char *const lanes[2 * LOTS] = {"A-in", "A-out", "B-in", "B-out"};

    for (uint32_t i = 0; i < LOTS; i++)
        w->lots[i] = (struct lot_plan){.id = lots[i], .name = lots[i]};
    for (uint32_t i = 0; i < 2 * LOTS; i++)
        w->lanes[i] = (struct lane_plan){.id = lanes[i], .lot = i / 2};
    w->plan = (struct site_plan){.id = "s",
                                 .lots = w->lots,
                                 .lots_count = LOTS,
                                 .lanes = w->lanes,
                                 .lanes_count = 2 * LOTS,
                                 .civil = &china};
}

static void make_uplink(struct world *w, uint64_t seed)
{
    struct now now = {{0}, {begin_ms}};
    struct outbox_progress fresh = {.since = 1};

    w->settings = (struct uplink_settings){.name = "city",
                                           .adapter = adapter_by_name("hefei"),
                                           .lots = w->told,
                                           .lots_count = LOTS,
                                           .window = DISPATCH_FLIGHTS,
                                           .backoff_max_ms = 60000};
    struct outbox_rules rules = {.kinds = w->settings.adapter->city->kinds,
                                 .rows = 512,
                                 .marks = 4096,
                                 .ahead = true,
                                 .retry_ms = 1000,
                                 .retry_max_ms = 60000,
                                 .subject = outbox_subject,
                                 .seed = seed};
    fresh.kinds = rules.kinds;
    w->outbox = outbox_create(&rules, &fresh);
    w->stale = stale_create(&w->plan, 10 * MINUTE);
    w->reader = record_read_create(&w->plan);
    struct dispatch_setup setup = {.settings = &w->settings,
                                   .plan = &w->plan,
                                   .reader = w->reader,
                                   .outbox = w->outbox,
                                   .stale = w->stale,
                                   .hooks = {w, on_counts, on_say, on_record},
                                   .seed = seed};
    w->dispatch = dispatch_create(&setup, now);
}

static void make_world(struct world *w, uint64_t seed, int64_t days)
{
    json_t *registered = json_pack("{s[]}", "hefei");

    w->random = seeded_from(seed);
    w->now = begin_ms;
    w->end = begin_ms + days * day_ms;
    w->rows = memory_new(ROWS_MAX, sizeof *w->rows);
    w->cars = memory_new(ROWS_MAX, sizeof *w->cars);
    w->ident.tag = (uint32_t)seed;
    text_init(&w->request.target, memory_new(1024, 1), 1024);
    text_init(&w->request.headers, memory_new(1024, 1), 1024);
    text_init(&w->request.body, memory_new(16384, 1), 16384);
    make_site(w);
    make_keys(w, registered);
    w->book = city_book_create(registered, (struct book_clock){book_now, w});
    json_decref(registered);
    city_book_skew(w->book, 7000); /* its clock is not ours */
    make_uplink(w, seed);
    for (int lot = 0; lot < LOTS; lot++)
        w->next_arrival[lot] = begin_ms + seeded_between(&w->random, 1000, HOUR);
}

static void step(struct world *w)
{
    mono_ms mono = {w->now - begin_ms};
    int64_t next = next_event(w), wanted;

    for (uint32_t slot = 0; slot < DISPATCH_SLOTS; slot++)
        if (w->answers[slot].under_way && w->answers[slot].at < next)
            next = w->answers[slot].at;
    wanted = mono_earlier(dispatch_next(w->dispatch, mono), outbox_next(w->outbox)).ms;
    if (wanted < INT64_MAX - begin_ms && wanted + begin_ms < next)
        next = wanted + begin_ms;
    w->now = next > w->now ? next : w->now + 1;
    drive(w);
    deliver(w);
    pump(w);
}

/* The platform forgets an exit of the last hour now and then, or the whole stay; never one of a day
 * that is over, which may have been compared already: nobody asks for that day again. */
static void lose(struct world *w)
{
    size_t which = w->rows_count ? seeded_below(&w->random, w->rows_count) : 0;
    const struct store_row *row = &w->rows[which];
    struct record record;

    if (!w->rows_count || w->now >= w->end || row->kind != RECORD_STAY_CLOSED ||
        row->at.ms < w->now - HOUR ||
        (row->at.ms - begin_ms) / day_ms != (w->now - begin_ms) / day_ms ||
        seeded_below(&w->random, 1000) >= LOSES ||
        record_read(w->reader, row->body, row->body_size, &record, NULL) != RECORD_READ_DONE ||
        !city_book_forget(w->book, record.stay_closed.stay, true))
        return;
    w->lost++;
    bool same_day = (record.stay_closed.entered.ms - begin_ms) / day_ms ==
                    (record.at.ms - begin_ms) / day_ms; /* its day has not been compared yet */
    if (same_day && seeded_below(&w->random, 2))
        w->lost += city_book_forget(w->book, record.stay_closed.stay, false);
}

/* The marks that the journal would keep are let go, as the daemon does ten times a second. */
static void persist(struct world *w)
{
    struct outbox_progress progress;

    outbox_progress(w->outbox, &progress);
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void judge(struct world *w, int64_t days)
{
    struct outbox_counts counts;
    json_t *status = city_book_status(w->book), *lot;
    int64_t entries = 0, exits = 0, late = 0;
    size_t i;

    outbox_counts(w->outbox, &counts);
    json_array_foreach(json_object_get(status, "lots"), i, lot)
    {
        entries += json_integer_value(json_object_get(lot, "entries"));
        exits += json_integer_value(json_object_get(lot, "exits"));
        late += json_integer_value(json_object_get(lot, "late_entries")) +
                json_integer_value(json_object_get(lot, "late_exits"));
    }
    qsort(w->ages, w->ages_count, sizeof *w->ages, by_size);
    int64_t p95 = w->ages_count ? w->ages[w->ages_count * 95 / 100] : 0;
    printf("%" PRIu64 " requests, %" PRIu64 " faults; %" PRIu64 " events, %" PRId64 "+%" PRId64
           " held; late %" PRId64 " (%" PRIu64 " while it was away); heartbeat gap %.0f s; fresh "
           "vacancy p95 %.1f s; %" PRIu64
           " lost there; days balanced %u, sent again %u, differ %u\n",
           w->requests, w->faults, w->events, entries, exits, late, w->excused,
           (double)w->beat_gap / 1000, (double)p95 / 1000, w->lost, w->verdicts[DAY_BALANCED],
           w->verdicts[DAY_RESENT], w->verdicts[DAY_DIFFERS]);
    if ((uint64_t)(entries + exits) != w->events)
        fail(w, "the platform holds another number of entries and exits");
    if (json_integer_value(json_object_get(status, "breaches_count")))
        json_dumpf(json_object_get(status, "breaches"), stdout, JSON_INDENT(1)),
            fail(w, "the platform saw breaches");
    if (counts.pending || counts.dead || counts.delivered != w->events)
        fail(w, "the outbox does not balance");
    if (late > (int64_t)(w->excused + w->lost))
        fail(w, "an entry or exit came late though the platform was there");
    if (w->beat_gap > BEAT_LIMIT)
        fail(w, "a heartbeat came late");
    if (p95 > 5000)
        fail(w, "fresh vacancy was behind");
    if (w->verdicts[DAY_BALANCED] + w->verdicts[DAY_RESENT] < (uint32_t)(LOTS * (days - 1)))
        fail(w, "a day has no verdict");
    json_decref(status);
}

int main(int argc, char **argv)
{
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 20261122;
    int64_t days = argc > 2 ? atoll(argv[2]) : 30;
    struct world *w = memory_new(1, sizeof *w);
    int64_t told = 0;

    printf("seed %" PRIu64 ", %" PRId64 " days\n", seed, days);
    make_world(w, seed, days);
    while (w->now < w->end + day_ms && w->failed < 5) {
        step(w);
        if (w->now - told > 1000)
            persist(w);
        lose(w);
        told = w->now;
    }
    judge(w, days);
    printf("%s\n", w->failed ? "failed" : "passed");
    return w->failed > 0;
}
