/*
 * Days of one lane: seeded cars that arrive, back out, creep, turn back, get stuck, follow close
 * and drive the wrong way; loops, limits, camera and line that fail; replies that are lost or late;
 * people who open, hold and evacuate; restarts in every state, after which the lane knows only its
 * records. A second model (slow_lane.h: cars as lengths on a line) is the truth. Judged at each
 * step: rules 5 to 9 of the design. At each day's end: every passage of the truth is one passage of
 * the lane, exactly, where both loops worked and the gateway was up; elsewhere the misses are
 * counted by what was missing.
 *
 * Each day has its own seed, so that one day is replayed alone, with what happened in it.
 *
 *   simulate_lane [--seed N] [--days N] [--day N]
 */
/* long: a day of a lane is read as one page */
#include <getopt.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/core/lane.h"
#include "tests/simulate/slow_lane.h"

enum {
    MS_PER_DAY = 86400000,
    GRACE_MS = 90000,     /* after a fault: until the lane has seen that it is over */
    EVENING_MS = 1800000, /* nobody comes any more: the last passages are counted */
    PASSAGES = 4096,
    ORDERS = 16,
    REMEMBERED = 64
};

enum fault {
    NO_FAULT,
    P_STUCK,
    P_DEAD,
    P_CHATTERS,
    C_STUCK,
    C_DEAD,
    C_CHATTERS,
    LIMITS_BROKEN,
    LINE_DOWN,
    CAMERA_LOST,
    ARM_OFF,
    FAULTS
};
static const char *const fault_names[FAULTS] = {
    "none",          "presence stuck", "presence dead",    "presence chatters",
    "closing stuck", "closing dead",   "closing chatters", "limits broken",
    "line down",     "camera lost",    "arm detached"};

enum { LIMITLESS = LANE_HAS_PRESENCE | LANE_HAS_CLOSING | LANE_HAS_CAMERA | LANE_HAS_BARRIER };
enum { WHOLE = LIMITLESS | LANE_HAS_LIMITS | LANE_HAS_COUNTER };
static const struct kind {
    const char *name;
    unsigned wiring;
    bool photocell;
} kinds[] = {
    {"whole", WHOLE, false},
    {"no limits", LIMITLESS, false},
    {"no camera", WHOLE & ~LANE_HAS_CAMERA, false},
    {"photocell under the boom", WHOLE, true},
    {"no barrier", LANE_HAS_PRESENCE | LANE_HAS_CLOSING | LANE_HAS_CAMERA, false},
    {"camera pulses", LANE_HAS_PRESENCE | LANE_HAS_CLOSING | LANE_HAS_CAMERA | LANE_CAMERA_PULSES,
     false},
    {"no presence loop", WHOLE & ~LANE_HAS_PRESENCE, false},
    {"no closing loop", WHOLE & ~LANE_HAS_CLOSING, false},
    {"neither loop", WHOLE & ~(LANE_HAS_PRESENCE | LANE_HAS_CLOSING), false},
};
enum { KINDS = sizeof kinds / sizeof kinds[0], EXACT_KINDS = 6 };

struct told_passage {
    int64_t at;
    enum lane_direction direction;
    char plate[PLATE_SIZE];
    bool taken;
};
struct true_passage {
    int64_t at, from;
    bool against;
    uint32_t car;
};

struct sent_order {
    struct lane_order order;
    int64_t write_at, answer_at;
    bool running, written;
    enum boom_progress answer;
};

struct question {
    char vehicle[IDENT_SIZE];
    int64_t answer_at;
    enum decision_verdict verdict;
    char plate[PLATE_SIZE];
    uint32_t car; /* that stood there, 0: nobody */
    bool opened;
    uint32_t openings;
};

struct tally {
    uint64_t truth, missed, phantom;
};

struct world {
    uint64_t seed;
    bool traced; /* one day is told in words */
    struct lot_plan lot;
    struct lane_plan lane_plan;
    struct site_plan plan;
    struct lane_hooks hooks;
    uint64_t cars_of_all, day;
    struct tally by_kind[KINDS], by_fault[FAULTS], by_restart, exact;
    uint64_t kinds_of[PASSAGE_KINDS], restarts_in[LANE_STATES];
    uint64_t restarts, openings, unasked_true, unasked_told, breaches, senses;

    struct seeded random; /* from here on: of one day */
    const struct kind *kind;
    struct lane *lane;
    struct ident ident;
    struct lane_past past;
    struct slow_lane field;
    struct now now;
    int64_t day_ends, next_car, next_fault, fault_ends, next_person, evacuation_ends, reset_at;
    int64_t unsafe_until, unproved_from, started_at, restart_at, sensed_at, read_at;
    enum fault fault;
    enum lane_state restart_in;
    bool restarted_in;
    struct lane_read read;
    bool read_waits;
    struct boom sensed;
    struct sent_order orders[ORDERS];
    struct question questions[REMEMBERED];
    uint32_t questions_count;
    char commands[REMEMBERED][IDENT_SIZE]; /* recorded, not yet sent */
    uint32_t commands_count;
    uint64_t commands_recorded, outcomes_recorded;
    struct told_passage told[PASSAGES];
    struct true_passage truth[PASSAGES];
    uint32_t last_there;
    int64_t last_there_at;
    uint32_t told_count, truth_count, cars, shut_ins, pressed, told_openings;
    struct {
        int64_t from, to;
        enum fault fault;
    } unsafe[PASSAGES];
    uint32_t unsafe_count;
    bool evacuating, fire, seen_down; /* `seen_down`: since the start */
};

static double of_the_day(const struct world *w, int64_t mono)
{
    return (double)(mono - w->day_ends + MS_PER_DAY) / 1000;
}

/* A line of the day that is replayed: when, in which state, what. */
__attribute__((format(printf, 2, 3))) static void note(struct world *w, const char *format, ...)
{
    struct lane_view view;
    va_list args;

    if (!w->traced)
        return;
    lane_view(w->lane, &view);
    printf("%9.2f %-13s ", of_the_day(w, w->now.mono.ms),
           words_name(&lane_state_words, (int)view.state));
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\n");
}

__attribute__((format(printf, 2, 3))) static void breach(struct world *w, const char *format, ...)
{
    struct lane_view view;
    va_list args;

    if (w->breaches++ >= 20)
        return;
    lane_view(w->lane, &view);
    printf("breach, day %llu (%s, fault %s), %.2f s, %s: ", (unsigned long long)w->day,
           w->kind->name, fault_names[w->fault], of_the_day(w, w->now.mono.ms),
           words_name(&lane_state_words, (int)view.state));
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\n");
    fflush(stdout);
}

static bool chance(struct world *w, uint64_t of_thousand)
{
    return seeded_below(&w->random, 1000) < of_thousand;
}

static int64_t in(struct world *w, int64_t from, int64_t to)
{
    return w->now.mono.ms + seeded_between(&w->random, from, to);
}

static void plate_of(uint32_t car, char ret[PLATE_SIZE])
{
    snprintf(ret, PLATE_SIZE, "B%05u", car);
}

/* From here until the end nothing is exact. */
static void unsafe(struct world *w, int64_t from, int64_t to, enum fault fault)
{
    if (w->unsafe_count < PASSAGES) {
        w->unsafe[w->unsafe_count].from = from;
        w->unsafe[w->unsafe_count].to = to;
        w->unsafe[w->unsafe_count++].fault = fault;
    }
}

/* What the lane tells. */

static void note_record(struct world *w, const struct record *r)
{
    switch (r->kind) {
    case RECORD_COMMAND:
        note(w, "command %s, %s: %s", r->command.command,
             words_name(&lane_action_words, r->command.action),
             words_name(&lane_cause_words, r->command.cause));
        break;
    case RECORD_OUTCOME:
        note(w, "outcome %s: %s %s", r->outcome.command,
             words_name(&command_result_words, r->outcome.result), r->outcome.trouble);
        break;
    case RECORD_OPENING:
        note(w, "%u openings that nobody asked for", r->opening.openings);
        break;
    case RECORD_LANE:
        note(w, "mode %s: %s", words_name(&lane_mode_words, r->lane.mode), r->lane.reason);
        break;
    default:
        break;
    }
}

static void take_record(void *arg, const struct record *r)
{
    struct world *w = arg;

    lane_past_apply(&w->past, 0, r);
    note_record(w, r);
    if (r->kind == RECORD_COMMAND) {
        w->commands_recorded++;
        text_copy(w->commands[w->commands_count++ % REMEMBERED], IDENT_SIZE, r->command.command);
        if (r->command.action == LANE_OPEN && r->command.cause == CAUSE_NONE)
            breach(w, "an OPEN without a cause");
    } else if (r->kind == RECORD_OUTCOME) {
        w->outcomes_recorded++;
    } else if (r->kind == RECORD_OPENING) {
        w->told_openings += r->opening.openings;
    } else if (r->kind == RECORD_LANE && w->evacuating && r->lane.mode != LANE_EVACUATING) {
        breach(w, "an evacuation ended by itself");
    }
}

static void take_order(void *arg, uint32_t lane, const struct lane_order *order)
{
    struct world *w = arg;
    bool recorded = false;

    (void)lane;
    for (int i = 0; i < REMEMBERED; i++) {
        if (strcmp(w->commands[i], order->command) != 0)
            continue;
        recorded = true;
        w->commands[i][0] = '\0';
    }
    if (!recorded)
        breach(w, "an order twice, or without its record");
    for (int i = 0; i < ORDERS; i++) {
        struct sent_order *o = &w->orders[i];
        if (o->running)
            continue;
        note(w, "order %s for %s", order->command, order->vehicle);
        *o = (struct sent_order){.order = *order, .running = true};
        o->write_at = in(w, 5, chance(w, 20) ? 3000 : 80);
        o->answer = chance(w, 5)    ? BOOM_TOLD_REFUSED
                    : chance(w, 15) ? BOOM_TOLD_UNKNOWN
                    : chance(w, 5)  ? BOOM_TOLD_NOTHING
                                    : BOOM_TOLD_ACCEPTED;
        return;
    }
    breach(w, "more orders than a lane can have");
}

/* Who is on the presence loop, or was until just now: an edge takes its time. */
static uint32_t who_is_there(struct world *w)
{
    struct slow_car *car = slow_at_presence(&w->field);

    if (car) {
        w->last_there = car->number;
        w->last_there_at = w->now.mono.ms;
    }
    return w->now.mono.ms - w->last_there_at <= 500 ? w->last_there : 0;
}

static void take_question(void *arg, uint32_t lane, const struct lane_vehicle *v)
{
    struct world *w = arg;
    struct question *q = &w->questions[w->questions_count++ % REMEMBERED];

    (void)lane;
    for (int i = 0; i < REMEMBERED; i++) /* asked again: an earlier answer is void */
        if (!strcmp(w->questions[i].vehicle, v->id))
            w->questions[i].vehicle[0] = '\0';
    *q = (struct question){.answer_at = in(w, 1, 60), .car = who_is_there(w)};
    text_copy(q->vehicle, sizeof q->vehicle, v->id);
    text_copy(q->plate, sizeof q->plate, v->read.plate);
    note(w, "asks for %s, plate %s; car %u is there", v->id, v->read.plate, q->car);
    q->verdict = !v->read.plate[0] || chance(w, 30) ? DECISION_ASK
                 : chance(w, 80)                    ? DECISION_PAY
                 : chance(w, 25)                    ? DECISION_DENY
                                                    : DECISION_ALLOW;
}

static void take_trigger(void *arg, uint32_t lane)
{
    (void)arg;
    (void)lane;
}

static void take_passage(void *arg, uint32_t lane, struct record_passage *p, utc_ms at)
{
    struct world *w = arg;

    (void)lane;
    w->kinds_of[p->kind]++;
    note(w, "tells of %s, %s, %s, %s, at %.2f", words_name(&lane_direction_words, p->direction),
         words_name(&passage_kind_words, p->kind), words_name(&lane_cause_words, p->cause),
         p->plate, of_the_day(w, at.ms - w->now.utc.ms + w->now.mono.ms));
    if (w->told_count == PASSAGES)
        return;
    struct told_passage *t = &w->told[w->told_count++];
    *t = (struct told_passage){.at = at.ms, .direction = p->direction};
    text_copy(t->plate, sizeof t->plate, p->plate);
    if (p->kind == PASSAGE_TAILGATE && p->command[0])
        breach(w, "a tailgater with another's command");
}

static void take_gone(void *arg, uint32_t lane, const struct lane_vehicle *v)
{
    (void)lane;
    note(arg, "%s is gone", v->id);
}

/* The field as the gateway sees it. */

static bool loop_level(struct world *w, bool truth, enum fault stuck)
{
    bool flips = w->fault == stuck + 2 && (w->now.mono.ms / SLOW_STEP_MS) % 6 == 0;

    if (w->fault == stuck)
        return true;
    if (w->fault == stuck + 1)
        return false;
    return flips ? !truth : truth;
}

static struct boom look(struct world *w)
{
    const struct slow_lane *f = &w->field;
    unsigned c = w->kind->photocell ? BOOM_PHOTOCELL : BOOM_CLOSING_LOOP;
    struct boom b = {.quality = BOOM_UNOBSERVABLE, .position = -1, .at = w->now.mono};

    if (w->fault == LINE_DOWN) {
        b.quality = BOOM_STALE;
        return b;
    }
    b.wired = BOOM_PRESENCE | c | BOOM_EMERGENCY | BOOM_ARM_DETACHED;
    b.inputs = w->fire ? BOOM_EMERGENCY : 0;
    if (w->fault == ARM_OFF)
        b.inputs |= BOOM_ARM_DETACHED;
    if (loop_level(w, slow_presence(f), P_STUCK))
        b.inputs |= BOOM_PRESENCE;
    if (loop_level(w, slow_closing(f), C_STUCK))
        b.inputs |= c;
    if (w->lane_plan.wiring & LANE_HAS_COUNTER) {
        b.counts = true;
        b.operations = f->operations;
    }
    if (!(w->lane_plan.wiring & LANE_HAS_LIMITS))
        return b;
    b.quality = BOOM_OBSERVED;
    b.state = f->boom <= 0   ? BOOM_CLOSED
              : f->boom >= 1 ? BOOM_OPEN
                             : (f->boom_way > 0 ? BOOM_OPENING : BOOM_CLOSING);
    if (w->fault == LIMITS_BROKEN)
        b.state = BOOM_CLOSED;
    return b;
}

static void note_sensed(struct world *w, const struct boom *b)
{
    note(w, "senses %s%s%s%s%s, boom %s, %llu operations",
         b->quality == BOOM_STALE ? "nothing" : "", b->inputs & BOOM_PRESENCE ? "P" : "-",
         b->inputs & (BOOM_CLOSING_LOOP | BOOM_PHOTOCELL) ? "C" : "-",
         b->inputs & BOOM_EMERGENCY ? " fire" : "", b->inputs & BOOM_ARM_DETACHED ? " arm off" : "",
         words_name(&boom_state_words, b->state), (unsigned long long)b->operations);
    for (int i = 0; i < SLOW_CARS; i++)
        if (w->field.cars[i].here)
            note(w, "  car %u, mood %d%s, from %.1f to %.1f", w->field.cars[i].number,
                 (int)w->field.cars[i].mood, w->field.cars[i].back ? " back" : "",
                 slow_rear(&w->field.cars[i]), w->field.cars[i].x);
}

static void sense(struct world *w)
{
    struct boom b = look(w);
    bool same = b.quality == w->sensed.quality && b.inputs == w->sensed.inputs &&
                b.state == w->sensed.state && b.operations == w->sensed.operations;

    if (same && w->now.mono.ms - w->sensed_at < 1000)
        return;
    if (!same)
        note_sensed(w, &b);
    w->sensed = b;
    w->sensed_at = w->now.mono.ms;
    w->senses++;
    w->seen_down = w->seen_down || (b.quality == BOOM_OBSERVED && b.state == BOOM_CLOSED);
    lane_sense(w->lane, &b, w->now);
}

/* Judges an order at the moment of the coil. */

static bool presence_believable(const struct world *w)
{
    return (w->lane_plan.wiring & LANE_HAS_PRESENCE) && w->now.mono.ms > w->unsafe_until;
}

static void judge_open(struct world *w, const struct lane_order *o)
{
    uint32_t car = who_is_there(w);

    w->openings++;
    if (!o->vehicle[0])
        return;
    for (int i = 0; i < REMEMBERED; i++) {
        struct question *q = &w->questions[i];
        if (strcmp(q->vehicle, o->vehicle) != 0)
            continue;
        if (!q->opened)
            breach(w, "opened for a vehicle that was not let through");
        if (++q->openings > 2 && presence_believable(w) && w->fault == NO_FAULT)
            breach(w, "one decision opened three times");
        if (presence_believable(w) && (car != q->car || !car))
            breach(w, "opened for car %u, and car %u is there", q->car, car);
        return;
    }
    breach(w, "opened for a vehicle that nobody was asked about since the start");
}

static void judge(struct world *w, const struct lane_order *o)
{
    unsigned closing = BOOM_CLOSING_LOOP | BOOM_PHOTOCELL;

    if (o->action == LANE_CLOSE && (w->lane_plan.wiring & LANE_HAS_CLOSING) &&
        (w->sensed.inputs & closing) && w->sensed.quality != BOOM_STALE)
        breach(w, "CLOSE while the closing loop is on");
    if ((o->action == LANE_CLOSE || o->action == LANE_RELEASE) && w->evacuating)
        breach(w, "CLOSE while evacuating");
    if (o->action == LANE_CLOSE && w->now.mono.ms < w->started_at + w->lane_plan.times.settle &&
        w->field.boom > 0 && w->shut_ins == 0 && !w->seen_down)
        breach(w, "CLOSE right after a start");
    if (o->action == LANE_OPEN)
        judge_open(w, o);
}

static void obey(struct world *w, enum lane_action action)
{
    int way = action == LANE_OPEN || action == LANE_HOLD ? 1 : action == LANE_CLOSE ? -1 : 0;

    if (way)
        w->field.boom_way = way;
}

static void carry(struct world *w, struct sent_order *o)
{
    int64_t now = w->now.mono.ms;

    if (!o->written && now >= o->write_at) {
        bool down = w->fault == LINE_DOWN || o->answer == BOOM_TOLD_NOTHING;
        struct lane_order order = o->order;
        if (down || !lane_still_wants(w->lane, &order, w->now)) {
            o->running = false;
            lane_told(w->lane, order.command, BOOM_TOLD_NOTHING, w->now.utc, w->now);
            return;
        }
        note(w, "writes %s", order.command);
        judge(w, &order);
        o->written = true;
        o->answer_at = in(w, 20, o->answer == BOOM_TOLD_UNKNOWN ? 600 : 120);
        if (o->answer == BOOM_TOLD_ACCEPTED || (o->answer == BOOM_TOLD_UNKNOWN && chance(w, 600)))
            obey(w, order.action);
        lane_told(w->lane, order.command, BOOM_TOLD_SENT, w->now.utc, w->now);
    } else if (o->written && now >= o->answer_at) {
        o->running = false;
        note(w, "answer to %s: %d", o->order.command, (int)o->answer);
        lane_told(w->lane, o->order.command, o->answer, w->now.utc, w->now);
    }
}

/* People, platform and camera. */

static void answer(struct world *w, struct question *q)
{
    struct lane_decision d = {.verdict = q->verdict, .cause = CAUSE_DECISION};
    bool later = q->verdict == DECISION_ASK || q->verdict == DECISION_PAY;

    q->answer_at = later ? in(w, 3000, 40000) : 0;
    text_copy(d.vehicle, sizeof d.vehicle, q->vehicle);
    text_copy(d.plate, sizeof d.plate, q->plate);
    if (later)
        q->verdict = DECISION_ALLOW;
    if (!q->vehicle[0])
        return;
    if (d.verdict == DECISION_ALLOW)
        q->opened = true;
    note(w, "decides %s for %s", words_name(&decision_verdict_words, d.verdict), d.vehicle);
    lane_decide(w->lane, &d, w->now);
}

static bool camera_works(const struct world *w)
{
    return (w->lane_plan.wiring & LANE_HAS_CAMERA) && w->fault != CAMERA_LOST;
}

static void read_cars(struct world *w)
{
    bool camera = camera_works(w);

    for (int i = 0; i < SLOW_CARS; i++) {
        struct slow_car *c = &w->field.cars[i];
        if (!c->here || c->mood == SLOW_AGAINST)
            continue;
        if (!c->read && c->x > -2.5) {
            c->read = true;
            w->read_waits = camera && !chance(w, 30);
            w->read = (struct lane_read){.confidence = 95};
            plate_of(c->number, w->read.plate);
            w->read_at = in(w, 50, chance(w, 30) ? 1500 : 500);
        }
        if (c->mood == SLOW_TURNS && !c->back && !camera)
            c->mood = SLOW_PASSES;
        if (c->mood == SLOW_TURNS && c->back && !c->turned_told && camera) {
            struct lane_read turned = {.confidence = 95, .turned_back = true};
            plate_of(c->number, turned.plate);
            c->turned_told = true;
            note(w, "reads that %s turns back", turned.plate);
            lane_read(w->lane, &turned, w->now);
        }
    }
    if (w->read_waits && w->now.mono.ms >= w->read_at) {
        w->read_waits = chance(w, 50); /* the same again */
        w->read_at = in(w, 100, 2000);
        note(w, "reads %s", w->read.plate);
        lane_read(w->lane, &w->read, w->now);
    }
}

static bool failed(enum lane_state state)
{
    return state == LANE_OPEN_FAIL || state == LANE_CLOSE_FAIL || state == LANE_STUCK_UNDER ||
           state == LANE_FAULT;
}

static void act(struct world *w, enum lane_operation operation, int64_t for_ms)
{
    struct lane_act a = {.operation = operation,
                         .cause = CAUSE_OPERATOR,
                         .actor = "wang",
                         .reason = "seeded",
                         .until = {w->now.utc.ms + for_ms}};
    const char *why;

    w->shut_ins += operation == LANE_DO_CLOSE;
    note(w, "a person's act %d", (int)operation);
    bool done = lane_act(w->lane, &a, w->now, &why);
    if (operation == LANE_DO_EVACUATE)
        w->evacuating = true;
    if (operation == LANE_DO_EVACUATE && !done)
        breach(w, "an evacuation was refused");
}

static void people(struct world *w)
{
    int64_t now = w->now.mono.ms;
    struct lane_view view;

    lane_view(w->lane, &view);
    if (failed(view.state) && !w->reset_at)
        w->reset_at = in(w, 60000, 600000);
    if (w->reset_at && now >= w->reset_at) {
        w->reset_at = 0;
        act(w, LANE_DO_RESET, 0);
    }
    if (w->evacuating && now >= w->evacuation_ends) {
        w->evacuating = w->fire = false;
        sense(w);
        act(w, LANE_DO_EVACUATION_ENDS, 0);
    }
    if (now < w->next_person)
        return;
    w->next_person = in(w, 600000, 8 * 3600000);
    uint64_t pick = seeded_below(&w->random, 20);
    if (pick == 0) {
        w->evacuation_ends = in(w, 60000, 600000);
        w->fire = chance(w, 500);
        w->evacuating = w->fire;
        sense(w);
        act(w, LANE_DO_EVACUATE, 0);
    } else if (pick < 4) {
        act(w, LANE_DO_HOLD, seeded_between(&w->random, 30000, 1200000));
    } else if (pick < 8) {
        act(w, LANE_DO_OPEN, 0);
    } else if (pick < 9) {
        act(w, LANE_DO_CLOSE, 0);
    } else if (pick < 10) {
        act(w, LANE_DO_RELEASE, 0);
    } else if (pick < 11 && !w->field.no_boom && w->field.boom <= 0) {
        w->field.boom_way = 1; /* a button that nobody knows of */
        w->pressed += (w->lane_plan.wiring & LANE_HAS_COUNTER) != 0;
        note(w, "the button");
    }
}

/* A closing loop that saw nothing is known to work again when it moves: until then one that turns
 * back cannot be told from one that passed. */
static void prove(struct world *w)
{
    if (!w->unproved_from || w->fault != NO_FAULT || !slow_closing(&w->field))
        return;
    unsafe(w, w->unproved_from, w->now.mono.ms, C_DEAD);
    w->unproved_from = 0;
}

static void break_things(struct world *w)
{
    int64_t now = w->now.mono.ms;

    prove(w);
    if (w->fault != NO_FAULT && now >= w->fault_ends) {
        w->unsafe_until = now + GRACE_MS;
        unsafe(w, w->fault_ends, w->unsafe_until, w->fault);
        w->unproved_from = w->fault == C_DEAD ? now : 0;
        if (w->fault == CAMERA_LOST)
            lane_camera(w->lane, true, w->now);
        w->fault = NO_FAULT;
        note(w, "fault over");
    }
    if (now < w->next_fault || w->fault != NO_FAULT)
        return;
    w->next_fault = in(w, 4 * 3600000, 40 * 3600000);
    w->fault = (enum fault)seeded_between(&w->random, 1, FAULTS);
    w->fault_ends = in(w, 5000, chance(w, 200) ? 2 * 3600000 : 600000);
    unsafe(w, now, w->fault_ends, w->fault);
    w->unsafe_until = w->fault_ends + GRACE_MS;
    note(w, "fault: %s", fault_names[w->fault]);
    if (w->fault == CAMERA_LOST)
        lane_camera(w->lane, false, w->now);
}

/* The field moves on. */

static enum slow_mood mood(struct world *w)
{
    return chance(w, 30)                      ? SLOW_BACKS_OUT
           : chance(w, 15)                    ? SLOW_CREEPS
           : chance(w, 10) && camera_works(w) ? SLOW_TURNS /* loops alone cannot tell it */
           : chance(w, 8)                     ? SLOW_STICKS
                                              : SLOW_PASSES;
}

static bool road_is_free(const struct world *w)
{
    for (int i = 0; i < SLOW_CARS; i++)
        if (w->field.cars[i].here &&
            (w->field.cars[i].back || w->field.cars[i].mood == SLOW_AGAINST))
            return false;
    return true;
}

static void come(struct world *w)
{
    bool up = w->field.no_boom || w->field.boom >= 1;

    if (w->now.mono.ms < w->next_car)
        return;
    w->next_car = in(w, 2000, chance(w, 250) ? 8000 : 4500000);
    if (w->next_car > w->day_ends - EVENING_MS) /* no passage is cut in two by midnight */
        w->next_car = INT64_MAX;
    if (!road_is_free(w))
        return;
    bool against = up && slow_empty(&w->field) && chance(w, 150);
    struct slow_car *c =
        slow_new_car(&w->field, &w->random, w->cars + 1, against ? SLOW_AGAINST : mood(w));
    w->cars += c != NULL;
}

static void true_passage(struct world *w, const struct slow_car *c, bool against)
{
    w->truth[w->truth_count++] =
        (struct true_passage){w->now.utc.ms, c->on_presence_at, against, c->number};
    if (w->lane)
        note(w, "truth: car %u %s", c->number, against ? "against" : "passed");
}

static void drive(struct world *w)
{
    bool against;

    slow_step(&w->field);
    for (int i = 0; i < SLOW_CARS; i++) {
        struct slow_car *c = &w->field.cars[i];
        if (!c->here)
            continue;
        if (!c->on_presence_at && c->x > -3 && slow_rear(c) < 2)
            c->on_presence_at = w->now.utc.ms;
        if (slow_passed(c, &against) && w->truth_count < PASSAGES)
            true_passage(w, c, against);
        /* One that is refused goes home in the end. */
        c->back = c->back || (c->x <= -0.4 && c->x > -1.5 && c->waited_ms > 240000 &&
                              !slow_follower(&w->field, c) && c->mood != SLOW_AGAINST);
        c->here = !slow_away(c);
    }
    if (w->lane_plan.wiring & LANE_HAS_BARRIER || w->field.boom < 1)
        return;
    bool clear = !slow_on(&w->field, -3, 3);
    w->field.boom_way = clear ? -1 : 0; /* the camera's barrier closes by itself */
}

/* Restarts: what is left is the records. */

static void start(struct world *w)
{
    w->lane = lane_create(&w->plan, 0, &w->hooks, &w->ident);
    w->started_at = w->now.mono.ms;
    w->shut_ins = 0;
    w->seen_down = false;
    struct lane_past past = w->past;
    lane_restore(w->lane, &past, w->now);
    for (int i = 0; i < LANE_STORIES; i++)
        if (w->past.unfinished[i][0])
            breach(w, "a command without an outcome after a restart");
    if (w->fault == CAMERA_LOST)
        lane_camera(w->lane, false, w->now);
    memset(&w->sensed, 0xff, sizeof w->sensed);
}

static void restart(struct world *w)
{
    int64_t down_ms = seeded_between(&w->random, 1, 40) * SLOW_STEP_MS;
    struct lane_view view;

    lane_view(w->lane, &view);
    w->restarts_in[view.state]++;
    w->restarts++;
    unsafe(w, w->now.mono.ms - 1000, w->now.mono.ms + down_ms + 1000, NO_FAULT);
    if (w->unsafe_until < w->now.mono.ms + down_ms + 15000)
        w->unsafe_until = w->now.mono.ms + down_ms + 15000;
    note(w, "restart, down for %lld ms", (long long)down_ms);
    lane_destroy(w->lane);
    w->lane = NULL;
    memset(w->orders, 0, sizeof w->orders);
    memset(w->questions, 0, sizeof w->questions);
    memset(w->commands, 0, sizeof w->commands);
    w->ident.tag++;
    for (; down_ms > 0; down_ms -= SLOW_STEP_MS) {
        w->now.mono.ms += SLOW_STEP_MS;
        w->now.utc.ms += SLOW_STEP_MS;
        drive(w);
    }
    start(w);
}

static void maybe_restart(struct world *w)
{
    struct lane_view view;

    lane_view(w->lane, &view);
    bool aimed = view.state == w->restart_in && !w->restarted_in && chance(w, 100);
    if (!aimed && w->now.mono.ms < w->restart_at)
        return;
    w->restarted_in = w->restarted_in || aimed;
    w->restart_at = aimed ? w->restart_at : in(w, 3600000, MS_PER_DAY);
    restart(w);
}

/* One step of everything. */

static void step(struct world *w)
{
    drive(w);
    who_is_there(w);
    come(w);
    break_things(w);
    sense(w);
    if (lane_next(w->lane).ms <= w->now.mono.ms)
        lane_tick(w->lane, w->now);
    read_cars(w);
    for (int i = 0; i < ORDERS; i++)
        if (w->orders[i].running)
            carry(w, &w->orders[i]);
    for (int i = 0; i < REMEMBERED; i++)
        if (w->questions[i].answer_at && w->now.mono.ms >= w->questions[i].answer_at)
            answer(w, &w->questions[i]);
    people(w);
    maybe_restart(w);
}

static bool busy(const struct world *w)
{
    if (!slow_empty(&w->field) || w->field.boom_way || w->read_waits)
        return true;
    for (int i = 0; i < ORDERS; i++)
        if (w->orders[i].running)
            return true;
    return w->fault == P_CHATTERS || w->fault == C_CHATTERS;
}

/* Nothing happens before one of these. */
static int64_t quiet_until(const struct world *w)
{
    const int64_t moments[] = {w->next_car,
                               w->next_fault,
                               w->next_person,
                               w->restart_at,
                               w->day_ends,
                               lane_next(w->lane).ms,
                               w->fault ? w->fault_ends : INT64_MAX,
                               w->evacuating ? w->evacuation_ends : INT64_MAX,
                               w->reset_at ? w->reset_at : INT64_MAX};
    int64_t until = w->now.mono.ms + 60000;

    for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++)
        if (moments[i] < until)
            until = moments[i];
    return until;
}

static void go_on(struct world *w)
{
    int64_t to = w->now.mono.ms + SLOW_STEP_MS;

    if (!busy(w) && quiet_until(w) > to)
        to = quiet_until(w);
    w->now.utc.ms += to - w->now.mono.ms;
    w->now.mono.ms = to;
    step(w);
}

/* The day is over: truth against what was told. */

static bool loops_fail(enum fault fault)
{
    return fault == NO_FAULT /* a restart */ || (fault >= P_STUCK && fault <= C_CHATTERS) ||
           fault == LINE_DOWN;
}

/* Of several that overlap, one that concerns the loops. */
static bool covered(const struct world *w, int64_t from, int64_t to, enum fault *ret)
{
    int64_t shift = w->now.utc.ms - w->now.mono.ms;

    bool found = false;

    for (uint32_t i = 0; i < w->unsafe_count; i++) {
        if (w->unsafe[i].from + shift > to || w->unsafe[i].to + shift < from)
            continue;
        if (found && loops_fail(*ret))
            break;
        *ret = w->unsafe[i].fault;
        found = true;
    }
    return found;
}

static struct told_passage *find_told(struct world *w, const struct true_passage *t)
{
    enum lane_direction direction = t->against ? LANE_OUT : LANE_IN;
    struct told_passage *best = NULL;
    int64_t most = w->kind - kinds < EXACT_KINDS ? 400 : 45000;

    for (uint32_t i = 0; i < w->told_count; i++) {
        struct told_passage *p = &w->told[i];
        int64_t apart = llabs(p->at - t->at);
        if (!p->taken && p->direction == direction && apart < most) {
            best = p;
            most = apart;
        }
    }
    return best;
}

static struct tally *tally_of(struct world *w, int64_t from, int64_t to, bool *ret_exact)
{
    enum fault fault = NO_FAULT;
    bool unsafe_now = covered(w, from, to, &fault) && loops_fail(fault);

    *ret_exact = !unsafe_now && w->kind - kinds < EXACT_KINDS;
    if (!unsafe_now)
        return &w->by_kind[w->kind - kinds];
    return fault == NO_FAULT ? &w->by_restart : &w->by_fault[fault];
}

static void settle_accounts(struct world *w)
{
    int64_t shift = w->now.utc.ms - w->now.mono.ms;
    bool exact;

    if (w->unproved_from)
        unsafe(w, w->unproved_from, w->now.mono.ms, C_DEAD);
    for (uint32_t i = 0; i < w->truth_count; i++) {
        const struct true_passage *t = &w->truth[i];
        struct told_passage *p = find_told(w, t);
        struct tally *tally = tally_of(w, t->from, t->at, &exact);
        char plate[PLATE_SIZE];
        tally->truth++;
        tally->missed += !p;
        w->exact.truth += exact;
        if (!p && exact)
            breach(w, "car %u %s at %.2f s was not told", t->car, t->against ? "against" : "passed",
                   of_the_day(w, t->at - shift));
        if (!p)
            continue;
        p->taken = true;
        plate_of(t->car, plate);
        if (exact && !w->field.no_boom && p->plate[0] && strcmp(p->plate, plate) != 0)
            breach(w, "car %u passed as %s", t->car, p->plate);
    }
    for (uint32_t i = 0; i < w->told_count; i++) {
        const struct told_passage *p = &w->told[i];
        struct tally *tally = tally_of(w, p->at - 30000, p->at, &exact);
        tally->phantom += !p->taken;
        if (!p->taken && exact)
            breach(w, "a passage that was none, %s at %.2f s", p->plate,
                   of_the_day(w, p->at - shift));
    }
}

static void begin_day(struct world *w)
{
    memset(&w->random, 0, sizeof *w - offsetof(struct world, random));
    w->random = seeded_from(w->seed * 1000003 + w->day);
    w->now = (struct now){{100000}, {1795316400000 + (int64_t)w->day * MS_PER_DAY}};
    uint64_t pick = seeded_below(&w->random, 2 * KINDS);
    w->kind = &kinds[pick < KINDS ? pick : 0];
    w->lane_plan.wiring = w->kind->wiring;
    w->field.no_boom = !(w->lane_plan.wiring & (LANE_HAS_BARRIER | LANE_CAMERA_PULSES));
    w->field.boom_step = (double)SLOW_STEP_MS / (double)seeded_between(&w->random, 900, 2900);
    uint64_t aim = seeded_below(&w->random, 2 * LANE_STATES); /* half of them at the rarest state */
    w->restart_in = aim < LANE_STATES ? (enum lane_state)aim : LANE_TAILGATE;
    w->day_ends = w->now.mono.ms + MS_PER_DAY;
    w->next_car = in(w, 15000, 600000);
    w->next_fault = in(w, 600000, 40 * 3600000);
    w->next_person = in(w, 600000, 8 * 3600000);
    w->restart_at = in(w, 3600000, 2 * (int64_t)MS_PER_DAY);
    start(w);
}

static void end_day(struct world *w)
{
    settle_accounts(w);
    if (w->commands_recorded < w->outcomes_recorded ||
        w->commands_recorded > w->outcomes_recorded + LANE_STORIES)
        breach(w, "%llu commands, %llu outcomes", (unsigned long long)w->commands_recorded,
               (unsigned long long)w->outcomes_recorded);
    if (w->told_openings > w->pressed)
        breach(w, "%u openings told that nobody asked for, and the button was pressed %u times",
               w->told_openings, w->pressed);
    w->unasked_true += w->pressed;
    w->unasked_told += w->told_openings;
    lane_destroy(w->lane);
    w->cars_of_all += w->cars;
    w->day++;
}

static void print_tally(const char *name, const struct tally *t)
{
    if (t->truth || t->phantom)
        printf("  %-28s %8llu passages, %6llu missed (%.2f %%), %5llu too many\n", name,
               (unsigned long long)t->truth, (unsigned long long)t->missed,
               t->truth ? 100.0 * (double)t->missed / (double)t->truth : 0.0,
               (unsigned long long)t->phantom);
}

static void report(const struct world *w)
{
    printf("by wiring, nothing else amiss:\n");
    for (int i = 0; i < (int)KINDS; i++)
        print_tally(kinds[i].name, &w->by_kind[i]);
    printf("while faults last and %d s after:\n", GRACE_MS / 1000);
    for (int i = 1; i < FAULTS; i++)
        print_tally(fault_names[i], &w->by_fault[i]);
    print_tally("restart under way", &w->by_restart);
    printf("kinds of passage:");
    for (int i = 0; i < PASSAGE_KINDS; i++)
        printf(" %s %llu", words_name(&passage_kind_words, i), (unsigned long long)w->kinds_of[i]);
    printf("\nrestarts %llu, in:", (unsigned long long)w->restarts);
    for (int i = 0; i < LANE_STATES; i++)
        printf(" %s %llu", words_name(&lane_state_words, i), (unsigned long long)w->restarts_in[i]);
    printf("\nwith a counter, opened by a button %llu times, told %llu",
           (unsigned long long)w->unasked_true, (unsigned long long)w->unasked_told);
    printf("\nopenings %llu, cars judged exactly %llu, seen %llu times\n",
           (unsigned long long)w->openings, (unsigned long long)w->exact.truth,
           (unsigned long long)w->senses);
}

static void build(struct world *w)
{
    w->lot = (struct lot_plan){.id = "A", .name = "Lot"};
    w->lane_plan = (struct lane_plan){.id = "in",
                                      .name = "In",
                                      .outer = PLAN_NONE,
                                      .opposite = PLAN_NONE,
                                      .times = lane_times_usual,
                                      .classes = VEHICLE_ALL};
    w->plan = (struct site_plan){
        .id = "s", .lots = &w->lot, .lots_count = 1, .lanes = &w->lane_plan, .lanes_count = 1};
    w->hooks = (struct lane_hooks){.arg = w,
                                   .records = {take_record, w},
                                   .ask = take_question,
                                   .trigger = take_trigger,
                                   .send = take_order,
                                   .passed = take_passage,
                                   .gone = take_gone};
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"seed", required_argument, NULL, 's'},
                                            {"days", required_argument, NULL, 'd'},
                                            {"day", required_argument, NULL, 'o'},
                                            {NULL, 0, NULL, 0}};
    unsigned long long seed = 20261122;
    long days = 200, only = -1;

    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (c == 's')
            seed = strtoull(optarg, NULL, 10);
        else if (c == 'd')
            days = strtol(optarg, NULL, 10);
        else if (c == 'o')
            only = strtol(optarg, NULL, 10);
        else
            return 2;
    }
    struct world *w = memory_new(1, sizeof *w);
    w->seed = seed;
    w->traced = only >= 0;
    w->day = only >= 0 ? (uint64_t)only : 0;
    build(w);
    days = only >= 0 ? 1 : days;
    for (long day = 0; day < days; day++) {
        begin_day(w);
        while (w->now.mono.ms < w->day_ends)
            go_on(w);
        end_day(w);
    }
    printf("seed %llu, %ld lane-days, %llu cars\n", seed, days, (unsigned long long)w->cars_of_all);
    report(w);
    unsigned long long breaches = w->breaches;
    free(w);
    printf("simulate_lane: %s, %llu breaches\n", breaches ? "FAILED" : "ok", breaches);
    return breaches ? 1 : 0;
}
