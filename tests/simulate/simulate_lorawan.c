/*
 * A month of radio sensors in seconds: 500 sensors of four makes send their makers' frames, of
 * which the network loses 5 %, repeats 3 % and reorders 3 %; devices restart and join anew, the
 * gateway restarts and is handed again what it had not acknowledged. Proved for every sensor:
 *   1. where the last heartbeat arrived, the bay is what the street is;
 *   2. no change is told that did not happen (dates within what the messages can know);
 *   3. every lost pair of changes that the frames that arrived can reveal is told.
 *
 *   simulate_lorawan [--seed N] [--days N] [--sensors N]
 *
 * Time is virtual. The street, the radio and what may be revealed are this file's own; the
 * decoders, the order of messages (core/sensor) and the bays (core/site) are the daemon's.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/core/sensor.h"
#include "daemon/core/site.h"
#include "sensors/drivers.h"
#include "tests/simulate/seeded.h"

enum { PENDING = 8, TOLD_MAX = 4096, LOST_OF_1000 = 50, TWICE_OF_1000 = 30, LATE_OF_1000 = 30 };

static const int64_t minute_ms = 60000, hour_ms = 3600000, day_ms = 86400000;
static const int64_t start_utc_ms = 1795316400000; /* 2026-11-22T03:00:00Z */

enum make { BOSCH, NWAVE, PLACEPOD, LIBELIUM, MAKES };
static const char *const drivers[MAKES] = {"bosch/tps110", "nwave/nps405", "pni/placepod",
                                           "libelium/parking-v1"};

enum what { CHANGE, HEARTBEAT, START };

/* A frame on its way. */
struct flight {
    int64_t arrives, sent; /* `sent`: when the network server had it */
    uint64_t session;
    int64_t counter;
    int32_t port;
    uint8_t bytes[16];
    size_t size;
    enum what what;
    bool truth;           /* the street's state when it was sent */
    uint32_t truth_turns; /* and how often it had turned until then */
};

struct street {
    enum make make;
    bool car;
    uint32_t turns; /* of the street */
    int64_t since, next_turn, next_heartbeat;
    int64_t counter;
    uint64_t session;
    struct flight pending[PENDING];
    int pending_count;
    int64_t turned_at[TOLD_MAX];
    /* what has been handed over, in order of sending */
    bool last_heard_known, last_state, last_sent_heard;
    uint32_t last_turns;
    int64_t last_sent, last_counter;
    uint64_t last_session;
    /* the gateway's side */
    struct sensor sensor;
    struct flight unacknowledged[PENDING];
    int unacknowledged_count;
    uint32_t told; /* changes on record */
    bool told_state, told_known;
    int64_t told_at;
};

struct world {
    struct seeded random;
    struct street *streets;
    uint32_t count;
    struct lot_plan lot;
    struct zone_plan zone;
    struct bay_plan *bays;
    struct site_plan plan;
    struct site *site;
    int64_t now;
    bool hearing_inferred;
    uint64_t frames, lost, twice, late, refused, told, inferred, revealed, found, amended, restarts,
        breaches, right, checked;
};

static void breach(struct world *w, const struct street *s, const char *what)
{
    if (w->breaches++ < 20)
        fprintf(stderr, "sensor %ld (%s) at %lld ms: %s\n", (long)(s - w->streets),
                drivers[s->make], (long long)w->now, what);
}

/* ---- what is told ---- */

/* Rule 2: the street turned to this state once more since the last told change, and the date lies
 * between two turns of the street or is excused by being inferred. */
static void check_told(struct world *w, struct street *s, const struct record *r)
{
    bool occupied = r->bay_changed.to == BAY_OCCUPIED;
    int64_t at = r->at.ms - start_utc_ms;

    w->told++;
    w->inferred += r->bay_changed.inferred;
    if (s->told_known && occupied == s->told_state)
        breach(w, s, "the same change is told twice");
    if (s->told_known && at < s->told_at)
        breach(w, s, "changes are told out of order");
    if (s->told_known)
        s->told++;
    if (s->told > s->turns)
        breach(w, s, "more changes are told than there were");
    s->told_known = true;
    s->told_state = occupied;
    s->told_at = at;
    if (r->bay_changed.inferred)
        return;
    for (uint32_t t = s->turns; t > 0 && t + 8 > s->turns; t--)
        if (llabs(s->turned_at[t % TOLD_MAX] - at) <= 2 * minute_ms)
            return;
    if (s->told > 0)
        breach(w, s, "a change is told that was none");
}

static void put(void *arg, const struct record *record)
{
    struct world *w = arg;

    if (record->kind != RECORD_BAY_CHANGED)
        return;
    struct street *s = &w->streets[record->bay_changed.bay];
    if (record->bay_changed.to == BAY_FREE || record->bay_changed.to == BAY_OCCUPIED)
        check_told(w, s, record);
}

/* ---- the gateway ---- */

static void apply(struct world *w, uint32_t index, const struct sensor_outcome *outcome)
{
    for (uint32_t i = 0; i < outcome->steps_count; i++) {
        const struct sensor_step *step = &outcome->steps[i];
        struct reading reading = {index, step->sensed, step->inferred};
        struct now now = {{step->at.ms - start_utc_ms}, step->at};

        site_reading(w->site, &reading, now, (struct record_sink){put, w});
    }
    w->amended += outcome->amends;
}

/* Rule 3: this file's own view of what a message reveals. */
static bool reveals(const struct street *s, const struct flight *f, const struct report *report)
{
    bool same = report->states && report->occupied[0] == s->last_state;

    if (!s->last_heard_known || f->session != s->last_session || f->counter <= s->last_counter)
        return false;
    return f->what == CHANGE && same && s->make == NWAVE && f->counter - s->last_counter > 1;
}

static void note_heard(struct street *s, const struct flight *f)
{
    if (s->last_heard_known && f->sent < s->last_sent)
        return;
    s->last_heard_known = true;
    s->last_state = f->truth;
    s->last_turns = f->truth_turns;
    s->last_sent = f->sent;
    s->last_counter = f->counter;
    s->last_session = f->session;
}

static void receive(struct world *w, uint32_t index, const struct flight *f, bool again)
{
    struct street *s = &w->streets[index];
    struct sensor_frame frame = {.bytes = f->bytes, .size = f->size, .port = f->port};
    const struct sensor_driver *driver;
    struct report report;
    struct sensor_outcome outcome;

    drivers_find(drivers[s->make], &driver, &frame.revision);
    if (drivers_decode(driver, &frame, &report)) {
        w->refused++;
        breach(w, s, "a maker's frame is refused");
        return;
    }
    struct sensor_message message = {
        .session = f->session,
        .counter = f->counter,
        .at = {start_utc_ms + f->sent},
        .startup = report.event == EVENT_STARTUP,
        .change = report.event == EVENT_STATUS_CHANGE,
        .occupied = report.occupied,
        .states = report.states,
        .previous_ms =
            report_has(report.previous_minutes) ? report.previous_minutes * (int32_t)minute_ms : -1,
        .previous_error_ms = report_has(report.previous_error_minutes)
                                 ? report.previous_error_minutes * (int32_t)minute_ms
                                 : -1,
    };
    bool revealing = !again && reveals(s, f, &report);
    uint64_t inferred_before = w->inferred;
    sensor_hear(&s->sensor, &message, &outcome);
    apply(w, index, &outcome);
    if (revealing) {
        w->revealed++;
        if (w->inferred > inferred_before)
            w->found++;
        else
            breach(w, s, "a lost pair is not found");
    }
    note_heard(s, f);
    if (!again) {
        if (s->unacknowledged_count == PENDING)
            s->unacknowledged_count = 0;
        s->unacknowledged[s->unacknowledged_count++] = *f;
    }
}

/* Killed and started again: the site and the order of messages begin with what is on record, and
 * the broker hands over again what was not acknowledged. */
static void restart_gateway(struct world *w)
{
    struct now now = {{w->now}, {start_utc_ms + w->now}};

    w->restarts++;
    site_destroy(w->site);
    w->site = site_create(&w->plan);
    for (uint32_t i = 0; i < w->count; i++) {
        struct street *s = &w->streets[i];
        struct flight again[PENDING];
        int count = (int)seeded_below(&w->random, 4);
        count = count < s->unacknowledged_count ? count : s->unacknowledged_count;
        memcpy(again, &s->unacknowledged[s->unacknowledged_count - count],
               (size_t)count * sizeof *again);
        sensor_init(&s->sensor);
        if (s->told_known) {
            utc_ms since = {start_utc_ms + s->told_at};
            sensor_restore(&s->sensor, s->told_state, since);
            site_restore_bay(w->site, i, s->told_state ? BAY_OCCUPIED : BAY_FREE, since, 0, now);
        }
        for (int n = 0; n < count; n++)
            receive(w, i, &again[n], true);
    }
}

/* ---- the radio ---- */

static void fly(struct world *w, uint32_t index, struct flight *f)
{
    struct street *s = &w->streets[index];
    int64_t delay_ms = seeded_between(&w->random, 500, 3000);

    w->frames++;
    if (seeded_below(&w->random, 1000) < LOST_OF_1000) {
        w->lost++;
        return;
    }
    if (seeded_below(&w->random, 1000) < LATE_OF_1000) {
        w->late++;
        delay_ms += seeded_between(&w->random, minute_ms, 60 * minute_ms);
    }
    f->arrives = w->now + delay_ms;
    bool twice = seeded_below(&w->random, 1000) < TWICE_OF_1000;
    for (int n = 0; n < 1 + twice && s->pending_count < PENDING; n++) {
        s->pending[s->pending_count++] = *f;
        f->arrives += seeded_between(&w->random, 1000, 20 * minute_ms);
    }
    w->twice += twice;
}

/* Nwave's compressed minutes. */
static uint8_t duration_code(int64_t minutes)
{
    if (minutes < 90)
        return (uint8_t)minutes;
    if (minutes < 240)
        return (uint8_t)(90 + (minutes - 90) / 5);
    return minutes < 660 ? (uint8_t)(120 + (minutes - 240) / 60) : 127;
}

static void write_frame(const struct street *s, enum what what, int64_t before_ms, struct flight *f)
{
    uint8_t state = s->car;
    uint8_t code = duration_code(before_ms / minute_ms);

    switch (s->make) {
    case BOSCH:
        f->port = what == CHANGE ? 1 : what == HEARTBEAT ? 2 : 3;
        f->size = what == START ? 17 : 1;
        if (what == START)
            f->size = 0; /* too long for this record: a heartbeat stands for it */
        f->bytes[0] = state;
        break;
    case NWAVE:
        f->port = what == CHANGE ? 1 : what == HEARTBEAT ? 2 : 3;
        f->size = what == CHANGE ? 1 : what == HEARTBEAT ? 3 : 5;
        f->bytes[0] = what == CHANGE ? (uint8_t)(code << 1 | state) : what == START ? 2 : state;
        f->bytes[4] = state;
        break;
    case PLACEPOD:
        f->port = 2;
        f->size = what == START ? 0 : 3;
        memcpy(f->bytes, what == CHANGE ? "\x15\x66" : "\x37\x66", 2);
        f->bytes[2] = state;
        break;
    default:
        f->port = 1;
        f->size = 11;
        f->bytes[0] = (uint8_t)(state << 7 | (what == CHANGE ? 0 : what == HEARTBEAT ? 1 : 4));
        f->bytes[1] = (uint8_t)s->counter;
        break;
    }
    if (s->make == BOSCH && what == START) {
        f->port = 2;
        f->size = 1;
    }
}

static void send(struct world *w, uint32_t index, enum what what, int64_t before_ms)
{
    struct street *s = &w->streets[index];
    struct flight f = {.sent = w->now + 200,
                       .session = s->session,
                       .counter = s->counter,
                       .what = what,
                       .truth = s->car,
                       .truth_turns = s->turns};

    write_frame(s, what, before_ms, &f);
    s->counter++;
    s->last_sent_heard = false;
    fly(w, index, &f);
}

/* ---- the street ---- */

static int64_t stay_ms(struct world *w, const struct street *s)
{
    int64_t most = s->car ? 8 * hour_ms : 3 * hour_ms;

    if (seeded_below(&w->random, 40) == 0)
        most = 30 * hour_ms;
    return seeded_between(&w->random, 3 * minute_ms, most);
}

static void live(struct world *w, uint32_t index)
{
    struct street *s = &w->streets[index];

    if (w->now >= s->next_turn) {
        int64_t before_ms = w->now - s->since;
        s->car = !s->car;
        s->since = w->now;
        s->turned_at[++s->turns % TOLD_MAX] = w->now;
        s->next_turn = w->now + stay_ms(w, s);
        send(w, index, CHANGE, before_ms);
    }
    if (w->now >= s->next_heartbeat) {
        s->next_heartbeat += s->make == BOSCH ? 24 * hour_ms : 4 * hour_ms;
        send(w, index, HEARTBEAT, 0);
    }
    if (seeded_below(&w->random, 60 * 24 * 20) == 0) { /* once in twenty days */
        s->counter = 0;
        s->session += s->make != LIBELIUM; /* the last make keeps its session: counters fall back */
        send(w, index, START, 0);
    }
    for (int n = 0; n < s->pending_count; n++)
        if (s->pending[n].arrives <= w->now) {
            struct flight f = s->pending[n];
            s->pending[n--] = s->pending[--s->pending_count];
            receive(w, index, &f, false);
        }
}

/* Rule 1, after a last heartbeat that all sensors got through. */
static void check_end(struct world *w)
{
    for (uint32_t i = 0; i < w->count; i++) {
        struct street *s = &w->streets[i];
        s->pending_count = 0;
        if (seeded_below(&w->random, 1000) < LOST_OF_1000)
            continue;
        struct flight f = {.sent = w->now,
                           .session = s->session,
                           .counter = s->counter++,
                           .what = HEARTBEAT,
                           .truth = s->car,
                           .truth_turns = s->turns};
        write_frame(s, HEARTBEAT, 0, &f);
        receive(w, i, &f, false);
        w->checked++;
        if (s->told_known && s->told_state == s->car)
            w->right++;
        else
            breach(w, s, "the last heartbeat arrived and the bay is wrong");
    }
}

static void build(struct world *w)
{
    w->streets = memory_new(w->count, sizeof *w->streets);
    w->bays = memory_new(w->count, sizeof *w->bays);
    w->lot = (struct lot_plan){.id = "L"};
    w->zone = (struct zone_plan){.id = "Z"};
    w->plan = (struct site_plan){.id = "s",
                                 .lots = &w->lot,
                                 .zones = &w->zone,
                                 .bays = w->bays,
                                 .lots_count = 1,
                                 .zones_count = 1,
                                 .bays_count = w->count};
    for (uint32_t i = 0; i < w->count; i++) {
        struct street *s = &w->streets[i];
        *s = (struct street){.make = (enum make)(i % MAKES), .session = 1 + i * 1000ull};
        s->next_turn = seeded_between(&w->random, 1, 3 * hour_ms);
        s->next_heartbeat = seeded_between(&w->random, 1, 4 * hour_ms);
        w->bays[i] = (struct bay_plan){.id = "B", .device = PLAN_NONE};
        sensor_init(&s->sensor);
    }
    w->site = site_create(&w->plan);
}

static void run(struct world *w, int64_t days)
{
    for (w->now = 0; w->now < days * day_ms; w->now += minute_ms) {
        for (uint32_t i = 0; i < w->count; i++)
            live(w, i);
        if (seeded_below(&w->random, 60 * 24 * 2) == 0)
            restart_gateway(w);
    }
    check_end(w);
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"seed", required_argument, NULL, 's'},
                                            {"days", required_argument, NULL, 'd'},
                                            {"sensors", required_argument, NULL, 'n'},
                                            {NULL, 0, NULL, 0}};
    unsigned long long seed = 20261122;
    long days = 30;
    struct world w = {.count = 500};

    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (c == 's')
            seed = strtoull(optarg, NULL, 10);
        else if (c == 'd')
            days = strtol(optarg, NULL, 10);
        else if (c == 'n')
            w.count = (uint32_t)strtoul(optarg, NULL, 10);
        else
            return 2;
    }
    w.random = seeded_from(seed);
    build(&w);
    run(&w, days);
    printf("seed %llu, %ld days, %u sensors: %llu frames, %llu lost, %llu twice, %llu late, "
           "%llu restarts\n",
           seed, days, w.count, (unsigned long long)w.frames, (unsigned long long)w.lost,
           (unsigned long long)w.twice, (unsigned long long)w.late, (unsigned long long)w.restarts);
    printf("  %llu changes told, %llu of them inferred, %llu stays amended\n",
           (unsigned long long)w.told, (unsigned long long)w.inferred,
           (unsigned long long)w.amended);
    printf("  final state right for %llu of %llu; %llu lost pairs revealed, %llu found\n",
           (unsigned long long)w.right, (unsigned long long)w.checked,
           (unsigned long long)w.revealed, (unsigned long long)w.found);
    site_destroy(w.site);
    free(w.bays);
    free(w.streets);
    printf("simulate_lorawan: %s, %llu breaches\n", w.breaches ? "FAILED" : "ok",
           (unsigned long long)w.breaches);
    return w.breaches ? 1 : 0;
}
