/*
 * One uplink of simulate_city to one platform over a bad line: outbox, order of business and
 * adapter are the daemon's, the receiver is parksim's. 3 of 100 requests meet a fault, each kind as
 * likely as another; the platform is away for an hour and for three days, and loses some of what it
 * took. Measures what a city judges by.
 */
/* long: the line, its faults and its measures are read together */
#ifndef SIMULATE_CITY_LINE_H
#define SIMULATE_CITY_LINE_H

#include "daemon/base/crypto_rsa.h"
#include "daemon/uplink/dispatch.h"
#include "tests/parksim/city_book.h"
#include "tests/simulate/city_site.h"

enum {
    FAULTS_OF_100 = 3,
    LOSES = 100,    /* of 1000 looks at a record of the last hour: the platform forgets it */
    TIMEOUT = 3000, /* section_city.c */
    LATE = 10000,
    SAMPLES_MAX = 200000
};

/* What may become of a request. */
enum line_fault {
    FAULT_NONE,
    FAULT_LOST,     /* no answer, nothing taken */
    FAULT_RESET,    /* before it was read */
    FAULT_NO_REPLY, /* taken, and the answer is lost */
    FAULT_429,
    FAULT_500,
    FAULT_503,
    FAULT_PROXY,  /* taken, and a proxy answers */
    FAULT_CUT,    /* taken, and half of the answer comes */
    FAULT_SLOW,   /* taken, answered just in time */
    FAULT_REFUSED /* the platform's own word for "not now" */
};

struct line_platform {
    const char *name;
    const char *failure;   /* FAULT_REFUSED */
    int64_t beat_limit;    /* what the city asks; 0: no heartbeats */
    double backfill_per_s; /* of the configuration */
};

struct answer {
    bool under_way;
    int64_t at; /* when it comes */
    int status;
    char *body;
};

struct samples {
    int64_t ms[SAMPLES_MAX];
    size_t count;
};

struct line {
    const struct line_platform *platform;
    struct city_site *site;
    struct city_book *book;
    struct seeded random;
    int64_t away[2][2]; /* from, to */
    struct uplink_settings settings;
    struct uplink_lot told[LOTS];
    struct outbox *outbox;
    struct stale *stale;
    struct record_reader *reader;
    struct dispatch *dispatch;
    struct adapter_request request;
    struct answer answers[DISPATCH_SLOTS];
    uint64_t due, requests, faults[FAULT_REFUSED + 1], lost, late, late_unexcused;
    uint32_t verdicts[DAY_VERDICTS], differing;
    int64_t beats[LOTS], beat_at[LOTS], beat_gap;
    int64_t stale_since[LOTS]; /* the platform's count is old since; 0: it is right */
    struct samples ages, drain_ages;
    int64_t drained; /* when the last backlog of an outage was through */
    bool draining;
    json_t *forgotten;
};

static inline bool is_away(const struct line *l, int64_t at)
{
    for (int i = 0; i < 2; i++)
        if (at >= l->away[i][0] && at < l->away[i][1])
            return true;
    return false;
}

/* It was away at some time from then on, for so long. */
static inline bool was_away(const struct line *l, int64_t from, int64_t to)
{
    for (int i = 0; i < 2; i++)
        if (from < l->away[i][1] && to >= l->away[i][0])
            return true;
    return false;
}

static inline struct now line_now(const struct line *l)
{
    return (struct now){{l->site->now - begin_ms}, {l->site->now}};
}

/* ---- what it has to carry ---- */

static inline void line_row(struct line *l, const struct store_row *row)
{
    l->due += l->settings.adapter->city->kinds >> row->kind & 1;
    outbox_fresh(l->outbox, row, 1);
}

static inline void line_count(struct line *l, uint32_t lot)
{
    stale_lot(l->stale, lot);
    if (!l->stale_since[lot])
        l->stale_since[lot] = l->site->now;
}

/* ---- the line ---- */

static inline void set_answer(struct answer *answer, int status, const char *body, int64_t at)
{
    *answer = (struct answer){.under_way = true, .at = at, .status = status};
    answer->body = body ? strdup(body) : NULL;
}

static inline char *apply(struct line *l)
{
    char path[256];
    char *query;
    struct city_request request = {.method = l->request.method,
                                   .path = path,
                                   .content_type = "application/json; charset=utf-8",
                                   .body = l->request.body.bytes,
                                   .body_size = l->request.body.used};

    text_copy(path, sizeof path, l->request.target.bytes);
    query = strstr(path, "?token=");
    if (query) {
        *query = '\0';
        request.token = query + strlen("?token=");
    }
    const struct city_receiver *receiver = city_receiver_of(path);
    return receiver ? receiver->receive(l->book, &request).text : NULL;
}

/* What was taken is answered otherwise, or not at all. */
static inline void spoil(struct line *l, struct answer *answer, enum line_fault fault)
{
    if (fault == FAULT_NO_REPLY) {
        answer->status = 0;
        answer->at = l->site->now + TIMEOUT;
    } else if (fault == FAULT_PROXY) {
        free(answer->body);
        answer->body = strdup("<html>ok</html>");
    } else if (fault == FAULT_CUT && answer->body) {
        answer->body[strlen(answer->body) / 2] = '\0';
    } else if (fault == FAULT_SLOW) {
        answer->at = l->site->now + TIMEOUT - 100;
    }
}

static inline void send(struct line *l, uint32_t slot)
{
    static const int statuses[] = {429, 500, 503};
    struct answer *answer = &l->answers[slot];
    int64_t now = l->site->now, at = now + seeded_between(&l->random, 20, 200);
    bool away = is_away(l, now);
    enum line_fault fault = seeded_below(&l->random, 100) < FAULTS_OF_100
                                ? 1 + (enum line_fault)seeded_below(&l->random, FAULT_REFUSED)
                                : FAULT_NONE;

    l->requests++;
    l->faults[fault]++;
    if (away || fault == FAULT_LOST || fault == FAULT_RESET) {
        bool at_once = away ? slot % 2 : fault == FAULT_RESET;
        set_answer(answer, 0, NULL, at_once ? now + 1 : now + TIMEOUT);
    } else if (fault >= FAULT_429 && fault <= FAULT_503) {
        set_answer(answer, statuses[fault - FAULT_429], "<html>", at);
    } else if (fault == FAULT_REFUSED) {
        set_answer(answer, 200, l->platform->failure, at);
    } else {
        char *body = apply(l);
        set_answer(answer, 200, body, at);
        free(body);
        spoil(l, answer, fault);
    }
}

static inline void line_deliver(struct line *l)
{
    for (uint32_t slot = 0; slot < DISPATCH_SLOTS; slot++) {
        struct answer *answer = &l->answers[slot];

        if (!answer->under_way || answer->at > l->site->now)
            continue;
        struct adapter_reply reply = {.status = answer->status,
                                      .retry_after_ms = -1,
                                      .body = answer->body ? answer->body : "",
                                      .size = answer->body ? strlen(answer->body) : 0};
        answer->under_way = false;
        dispatch_answer(l->dispatch, slot, &reply, "no answer came", line_now(l));
        free(answer->body);
    }
}

/* ---- what a city judges by ---- */

static inline void sample(struct samples *samples, int64_t ms)
{
    if (samples->count < SAMPLES_MAX)
        samples->ms[samples->count++] = ms;
}

static inline int samples_by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static inline int64_t samples_p95(struct samples *samples)
{
    qsort(samples->ms, samples->count, sizeof *samples->ms, samples_by_size);
    return samples->count ? samples->ms[samples->count * 95 / 100] : 0;
}

/* Vacancy as the platform has it, while it is there. */
static inline void judge_vacancy(struct line *l)
{
    for (uint32_t i = 0; i < l->settings.lots_count; i++) {
        uint32_t lot = l->told[i].lot;
        const struct book_lot *held = city_book_lot(l->book, l->platform->name, l->told[i].code);

        if (!l->stale_since[lot] ||
            city_book_free(held) != site_capacity(lot) - l->site->inside[lot])
            continue;
        int64_t age = l->site->now - l->stale_since[lot];
        if (!is_away(l, l->stale_since[lot])) {
            sample(&l->ages, age);
            if (l->draining)
                sample(&l->drain_ages, age);
        }
        l->stale_since[lot] = 0;
    }
}

static inline void judge_beats(struct line *l)
{
    int64_t now = l->site->now;

    for (uint32_t i = 0; i < l->settings.lots_count; i++) {
        const struct book_lot *lot = city_book_lot(l->book, l->platform->name, l->told[i].code);

        if (city_book_beats(lot) == l->beats[i])
            continue;
        l->beats[i] = city_book_beats(lot);
        if (l->beat_at[i] && !was_away(l, l->beat_at[i], now) && now - l->beat_at[i] > l->beat_gap)
            l->beat_gap = now - l->beat_at[i];
        l->beat_at[i] = now;
    }
}

static inline bool is_about(const struct store_row *row, const char *what)
{
    return memmem(row->body, row->body_size, what, strlen(what)) != NULL;
}

/* An earlier record of the stay, or of the sensed bay, was made while the platform was away. */
static inline bool follows_backlog(const struct line *l, const char *stay)
{
    const struct city_site *s = l->site;
    size_t own = 0;
    char bay[24];

    while (own < s->rows_count && strcmp(s->rows[own].id, stay) != 0)
        own++;
    bool sensed = own < s->rows_count && s->rows[own].kind == RECORD_BAY_CHANGED;
    if (sensed)
        snprintf(bay, sizeof bay, "%.7s", strstr(s->rows[own].body, "\"C-"));
    for (size_t i = own; i-- > 0;)
        if (is_about(&s->rows[i], sensed ? bay : stay) && is_away(l, s->rows[i].at.ms))
            return true;
    return false;
}

/* Late is excused: the platform was away, or had lost it, or what it follows still waits for the
 * platform's return. */
static inline bool line_excused(const struct line *l, const char *stay, int64_t at_ms)
{
    return was_away(l, at_ms, at_ms + LATE) || json_object_get(l->forgotten, stay) ||
           (l->draining && follows_backlog(l, stay));
}

static inline void line_late(struct line *l, const char *stay, int64_t at_ms)
{
    bool excused = line_excused(l, stay, at_ms);

    l->late++;
    l->late_unexcused += !excused;
    if (!excused && l->late_unexcused <= 5)
        printf("%s: stay %s of %+.4f days came %.1f s late\n", l->platform->name, stay,
               (double)(at_ms - begin_ms) / (double)day_ms, (double)(l->site->now - at_ms) / 1000);
}

/* The platform forgets an exit of the last hour now and then, or the whole stay; never one of a day
 * that is over, which may have been compared already: nobody asks for that day again. */
static inline void line_lose(struct line *l)
{
    struct city_site *s = l->site;
    size_t which = s->rows_count ? seeded_below(&l->random, s->rows_count) : 0;
    const struct store_row *row = &s->rows[which];
    struct record record;

    if (!l->settings.adapter->city->check || !s->rows_count || s->now >= s->end ||
        row->kind != RECORD_STAY_CLOSED || row->at.ms < s->now - HOUR ||
        (row->at.ms - begin_ms) / day_ms != (s->now - begin_ms) / day_ms ||
        seeded_below(&l->random, 1000) >= LOSES ||
        record_read(l->reader, row->body, row->body_size, &record, NULL) != RECORD_READ_DONE ||
        !city_book_forget(l->book, l->platform->name, record.stay_closed.stay, true))
        return;
    l->lost++;
    json_object_set_new(l->forgotten, record.stay_closed.stay, json_true());
    bool same_day = (record.stay_closed.entered.ms - begin_ms) / day_ms ==
                    (record.at.ms - begin_ms) / day_ms; /* its day has not been compared yet */
    if (same_day && seeded_below(&l->random, 2))
        l->lost += city_book_forget(l->book, l->platform->name, record.stay_closed.stay, false);
}

/* ---- its turns ---- */

static inline void empty_request(struct adapter_request *request)
{
    text_init(&request->target, request->target.bytes, request->target.size);
    text_init(&request->headers, request->headers.bytes, request->headers.size);
    text_init(&request->body, request->body.bytes, request->body.size);
}

static inline void feed(struct line *l)
{
    const struct city_site *s = l->site;
    struct now now = line_now(l);
    uint64_t from;
    uint32_t limit;

    while (outbox_wants(l->outbox, now.mono, &from, &limit)) {
        size_t left = from > s->rows_count ? 0 : s->rows_count - (from - 1);
        outbox_page(l->outbox, &s->rows[from - 1], left < limit ? left : limit, left <= limit,
                    now.mono);
    }
    while (dispatch_day_wants(l->dispatch, &from, &limit)) {
        size_t left = from > s->rows_count ? 0 : s->rows_count - (from - 1);
        dispatch_day_page(l->dispatch, &s->rows[from - 1], left < limit ? left : limit,
                          left <= limit);
    }
}

static inline void line_pump(struct line *l)
{
    struct outbox_counts counts;

    feed(l);
    for (uint32_t slot = 0; slot < DISPATCH_SLOTS; slot++) {
        empty_request(&l->request);
        if (l->answers[slot].under_way ||
            !dispatch_fill(l->dispatch, slot, line_now(l), &l->request))
            continue;
        send(l, slot);
    }
    judge_vacancy(l);
    judge_beats(l);
    l->draining = l->draining || is_away(l, l->site->now);
    if (l->draining && !is_away(l, l->site->now)) {
        outbox_counts(l->outbox, &counts);
        l->draining = counts.pending > 0 && counts.oldest.ms < l->site->now - MINUTE;
        l->drained = l->site->now;
    }
}

static inline int64_t line_next(const struct line *l)
{
    mono_ms mono = line_now(l).mono;
    int64_t next = INT64_MAX;
    int64_t wanted = mono_earlier(dispatch_next(l->dispatch, mono), outbox_next(l->outbox)).ms;

    for (uint32_t slot = 0; slot < DISPATCH_SLOTS; slot++)
        if (l->answers[slot].under_way && l->answers[slot].at < next)
            next = l->answers[slot].at;
    return wanted < INT64_MAX - begin_ms && wanted + begin_ms < next ? wanted + begin_ms : next;
}

/* The marks that the journal would keep are let go, as the daemon does ten times a second. */
static inline void line_persist(struct line *l)
{
    struct outbox_progress progress;

    outbox_progress(l->outbox, &progress);
}

/* ---- hooks ---- */

static inline void on_counts(void *arg, uint32_t lot, struct city_counts *ret)
{
    struct line *l = arg;
    uint32_t inside = l->site->inside[lot];

    *ret = (struct city_counts){
        .capacity = site_capacity(lot), .free = site_capacity(lot) - inside, .occupied = inside};
}

static inline void on_say(void *arg, enum dispatch_lane lane, const char *trouble)
{
    (void)arg, (void)lane, (void)trouble;
}

static inline void on_record(void *arg, const struct record *record)
{
    struct line *l = arg;

    l->verdicts[record->day_check.verdict]++;
    if (record->day_check.verdict == DAY_DIFFERS)
        printf("%s: day %s differs\n", l->platform->name, record->day_check.day);
}

/* ---- its life ---- */

static inline struct crypto_key *key_make(char *public_bytes, size_t size, char *private_bytes)
{
    struct text private, public;
    struct err err;

    text_init(&private, private_bytes, size);
    text_init(&public, public_bytes, size);
    if (!crypto_key_make(1024, &private, &public, &err))
        abort();
    return crypto_key_private(private.bytes, private.used, &err);
}

/* Each lot with its own code, account, key and secret, as the platform has them registered. */
static inline void line_register(struct line *l, json_t *registered)
{
    static char ours[4096], ours_public[4096], theirs[4096], theirs_public[4096];
    json_t *lots = json_array();

    for (uint32_t i = 0; i < LOTS; i++) {
        json_t *code = json_sprintf("%s-%u", l->platform->name, i + 1);
        json_t *account = json_sprintf("dev%u", i + 1), *secret = json_sprintf("secret%u", i + 1);
        struct err err;

        crypto_key_free(key_make(theirs_public, sizeof theirs, theirs));
        l->told[i] = (struct uplink_lot){
            .lot = i,
            .code = memory_text(json_string_value(code)),
            .account = memory_text(json_string_value(account)),
            .secret = memory_text(json_string_value(secret)),
            .key = key_make(ours_public, sizeof ours, ours),
            .platform_key = crypto_key_public(theirs_public, strlen(theirs_public), &err)};
        json_array_append_new(lots, json_pack("{so,so,so,ss,ss}", "code", code, "account", account,
                                              "secret", secret, "key", ours_public, "platform_key",
                                              theirs));
    }
    json_object_set_new(registered, l->platform->name, lots);
}

static inline void line_make(struct line *l, const struct line_platform *platform,
                             struct city_site *site, uint64_t seed, uint32_t nth)
{
    int64_t shift = nth * 5 * HOUR;
    int64_t days = (site->end - begin_ms) / day_ms;
    int64_t first = begin_ms + days * 9 / 30 * day_ms + 7 * HOUR + shift;
    int64_t second = begin_ms + days * 19 / 30 * day_ms + 5 * HOUR + shift;

    l->platform = platform;
    l->site = site;
    l->random = seeded_from(seed + nth + 1);
    l->away[0][0] = first, l->away[0][1] = first + HOUR;
    l->away[1][0] = second, l->away[1][1] = second + (days < 12 ? 3 * HOUR : 3 * day_ms);
    l->forgotten = json_object();
    text_init(&l->request.target, memory_new(1024, 1), 1024);
    text_init(&l->request.headers, memory_new(1024, 1), 1024);
    text_init(&l->request.body, memory_new(16384, 1), 16384);
}

static inline void line_start(struct line *l, struct city_book *book, uint64_t seed)
{
    struct outbox_progress fresh = {.since = 1};

    l->book = book;
    l->settings = (struct uplink_settings){.name = l->platform->name,
                                           .adapter = adapter_by_name(l->platform->name),
                                           .lots = l->told,
                                           .lots_count = LOTS,
                                           .window = DISPATCH_FLIGHTS,
                                           .backoff_max_ms = 60000,
                                           .backfill_per_s = l->platform->backfill_per_s};
    struct outbox_rules rules = {.kinds = l->settings.adapter->city->kinds,
                                 .rows = 512,
                                 .marks = 4096,
                                 .ahead = true,
                                 .retry_ms = 1000,
                                 .retry_max_ms = 60000,
                                 .subject = outbox_subject,
                                 .seed = seed};
    fresh.kinds = rules.kinds;
    l->outbox = outbox_create(&rules, &fresh);
    l->stale = stale_create(&l->site->plan, HOUR);
    l->reader = record_read_create(&l->site->plan);
    struct dispatch_setup setup = {.settings = &l->settings,
                                   .plan = &l->site->plan,
                                   .reader = l->reader,
                                   .outbox = l->outbox,
                                   .stale = l->stale,
                                   .hooks = {l, on_counts, on_say, on_record},
                                   .seed = seed};
    l->dispatch = dispatch_create(&setup, line_now(l));
}

#endif
