/* Records into figures: the table of kinds, lots, and levels over time. See fold.h. */
#include "daemon/report/fold.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/core/lane_words.h"
#include "daemon/core/vehicle.h"
#include "daemon/report/body.h"

enum { QUARTER_S = 900, HOUR_S = 3600 };

struct fold_lot *fold_lot(struct fold *fold, const char *name)
{
    for (uint32_t i = 1; i < fold->lots_count; i++)
        if (!strcmp(fold->lots[i].figures.lot, name))
            return &fold->lots[i];
    if (!*name || fold->lots_count == FOLD_LOTS_MAX)
        return &fold->lots[0];
    struct fold_lot *lot = &fold->lots[fold->lots_count++];
    text_copy(lot->figures.lot, sizeof lot->figures.lot, name);
    lot->present.since = fold->ask->period.from;
    return lot;
}

struct fold_lot *fold_lot_of(struct fold *fold, const char *body)
{
    char name[REPORT_LOT_SIZE];

    body_text(body, "lot", name, sizeof name);
    return fold_lot(fold, name);
}

void fold_add(struct fold *fold, struct fold_lot *lot, enum figure figure, int word, int64_t value)
{
    uint32_t width = figure_width(figure);

    if (word < 0 || (uint32_t)word >= width)
        return;
    lot->touched = lot->touched || value;
    lot->figures.values[figure][word] += value;
    if (lot != fold->lots)
        fold->lots[0].figures.values[figure][word] += value;
}

/* Lays `value` times each stretch of from … to into the quarter and hour of the local day. */
static void spread(const struct civil_zone *zone, utc_ms from, utc_ms to, int64_t value,
                   int64_t *quarters, int64_t (*heat)[REPORT_HOURS])
{
    while (from.ms < to.ms && value) {
        int64_t local_s = civil_local_s(zone, from.ms / 1000);
        int32_t second = civil_second_of_day(local_s), quarter = second / QUARTER_S;
        int64_t left_ms = (int64_t)(QUARTER_S - second % QUARTER_S) * 1000 - from.ms % 1000;
        int64_t part_ms = to.ms - from.ms < left_ms ? to.ms - from.ms : left_ms;

        quarters[quarter] += value * part_ms;
        if (heat)
            heat[civil_weekday(civil_day(local_s))][second / HOUR_S] += value * part_ms;
        from.ms += part_ms;
    }
}

static void step(struct fold_level *level, int64_t delta)
{
    level->now += delta;
    if (level->now > level->peak)
        level->peak = level->now;
}

static void move(struct fold *fold, struct fold_lot *lot, utc_ms at, int64_t delta)
{
    struct fold_level *level = &lot->present;
    utc_ms until = at.ms < fold->ask->until.ms ? at : fold->ask->until;

    if (until.ms > level->since.ms) {
        spread(fold->ask->zone, level->since, until, level->now, lot->figures.present_ms,
               lot->figures.heat_ms);
        level->since = until;
    }
    step(level, delta);
}

void fold_present(struct fold *fold, struct fold_lot *lot, utc_ms at, int64_t delta)
{
    move(fold, lot, at, delta);
    if (lot != fold->lots)
        move(fold, fold->lots, at, delta);
}

void fold_span(struct fold *fold, struct fold_lot *lot, utc_ms from, utc_ms to, bool occupied,
               bool known)
{
    if (!known || to.ms <= from.ms)
        return;
    for (struct fold_lot *each = lot;; each = fold->lots) {
        int64_t *use = each->figures.values[FIGURE_UTILISATION];

        use[1] += to.ms - from.ms;
        use[0] += occupied ? to.ms - from.ms : 0;
        if (occupied)
            spread(fold->ask->zone, from, to, 1, each->figures.bays_ms, NULL);
        if (each == fold->lots)
            return;
    }
}

void fold_occupied(struct fold *fold, struct fold_lot *lot, int64_t delta)
{
    step(&lot->bays, delta);
    if (lot != fold->lots)
        step(&fold->lots->bays, delta);
}

static int hour_of(const struct fold *fold, utc_ms at)
{
    return civil_second_of_day(civil_local_s(fold->ask->zone, at.ms / 1000)) / HOUR_S;
}

static void count_hour(struct fold *fold, struct fold_lot *lot, bool stay, bool out, utc_ms at,
                       int64_t count)
{
    int hour = hour_of(fold, at);

    for (struct fold_lot *each = lot;; each = fold->lots) {
        (stay ? each->stays : each->passages)[out][hour] += count;
        if (each == fold->lots)
            return;
    }
}

static int class_of(const char *body)
{
    enum vehicle_class class = VEHICLE_SMALL;
    char name[FOLD_ID_SIZE];

    body_text(body, "class", name, sizeof name);
    vehicle_parse(name, &class);
    return (int)class;
}

static void take_passage(struct fold *fold, const struct fold_record *record)
{
    struct fold_lot *lot = fold_lot_of(fold, record->body);
    bool out = body_word(record->body, "direction", &lane_direction_words) == LANE_OUT;
    int64_t vehicles = body_int(record->body, "vehicles", 1);

    fold_add(fold, lot, out ? FIGURE_EXITS : FIGURE_ENTRIES, class_of(record->body), vehicles);
    fold_add(fold, lot, FIGURE_PASSAGES, body_word(record->body, "kind", &passage_kind_words),
             vehicles);
    count_hour(fold, lot, false, out, record->at, vehicles);
}

static void take_command(struct fold *fold, const struct fold_record *record)
{
    int action = body_word(record->body, "action", &lane_action_words);

    if (action == LANE_OPEN || action == LANE_HOLD)
        fold_add(fold, fold_lot_of(fold, record->body), FIGURE_OPENINGS,
                 body_word(record->body, "cause", &lane_cause_words), 1);
}

static void take_outcome(struct fold *fold, const struct fold_record *record)
{
    fold_add(fold, fold_lot_of(fold, record->body), FIGURE_COMMANDS,
             body_word(record->body, "result", &command_result_words), 1);
}

static void take_opening(struct fold *fold, const struct fold_record *record)
{
    fold_add(fold, fold_lot_of(fold, record->body), FIGURE_OPENINGS,
             body_word(record->body, "cause", &lane_cause_words),
             body_int(record->body, "openings", 0));
}

static void take_read(struct fold *fold, const struct fold_record *record)
{
    fold_add(fold, fold_lot_of(fold, record->body), FIGURE_READS, 0, 1);
}

static void take_stay(struct fold *fold, const struct fold_record *record)
{
    fold_stay(fold, record);
    count_hour(fold, fold_lot_of(fold, record->body), true, !strcmp(record->kind, "stay_closed"),
               record->at, 1);
}

static void take_amended(struct fold *fold, const struct fold_record *record)
{
    fold_add(fold, fold_lot_of(fold, record->body), FIGURE_CORRECTIONS,
             body_word(record->body, "change", &stay_change_words), 1);
}

static void take_payment(struct fold *fold, const struct fold_record *record)
{
    static const enum figure figures[PAY_WHENS] = {
        [PAID_INSIDE] = FIGURE_RECEIVED_INSIDE,
        [PAID_AT_EXIT] = FIGURE_RECEIVED_EXIT,
        [PAID_AFTER] = FIGURE_RECEIVED_ARREARS,
    };
    struct fold_lot *lot = fold_lot_of(fold, record->body);
    int channel = body_word(record->body, "channel", &pay_channel_words);
    int when = body_word(record->body, "when", &pay_when_words);
    int64_t fen = body_int(record->body, "amount_fen", 0);

    fold_add(fold, lot, FIGURE_RECEIVED, channel, fen);
    fold_add(fold, lot, FIGURE_PAYMENTS, channel, 1);
    if (when >= 0)
        fold_add(fold, lot, figures[when], channel, fen);
    if (channel >= 0 && fold->ask->fee_ppm && fold->ask->fee_ppm[channel] > 0)
        fold_add(fold, lot, FIGURE_FEE, channel,
                 (fen * fold->ask->fee_ppm[channel] + 500000) / 1000000);
}

static const struct {
    const char *kind;
    void (*take)(struct fold *fold, const struct fold_record *record);
    bool (*may)(struct fold *fold, const struct fold_record *record, struct err *err);
} kinds[] = {
    {"passage", take_passage, NULL},  {"command", take_command, NULL},
    {"outcome", take_outcome, NULL},  {"opening", take_opening, NULL},
    {"plate_read", take_read, NULL},  {"stay_opened", take_stay, NULL},
    {"stay_closed", take_stay, NULL}, {"stay_amended", take_amended, fold_reverted},
    {"payment", take_payment, NULL},  {"refund", NULL, fold_refund},
    {"sharing", fold_sharing, NULL},
};

bool fold_record(struct fold *fold, const struct fold_record *record, struct err *err)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kinds[i].kind, record->kind))
            continue;
        if (kinds[i].take)
            kinds[i].take(fold, record);
        return !kinds[i].may || kinds[i].may(fold, record, err);
    }
    return true;
}

bool fold_init(struct fold *fold, struct sql *sql, const struct report_ask *ask, uint64_t through,
               struct err *err)
{
    *fold = (struct fold){.sql = sql, .ask = ask, .through = through, .lots_count = 1};
    fold->lots = memory_new(FOLD_LOTS_MAX, sizeof *fold->lots);
    fold->lots->present.since = ask->period.from;
    fold->closing = sql_prepare(sql,
                                "SELECT seq, kind, body FROM told WHERE stay = ?1 AND seq < ?2 AND "
                                "kind IN ('stay_closed', 'stay_amended', 'stay_opened') ORDER BY "
                                "seq DESC",
                                err);
    return fold->closing;
}

void fold_fini(struct fold *fold)
{
    sql_finalize(fold->closing);
    free(fold->lots);
}

static void finish_lot(struct fold *fold, struct fold_lot *lot)
{
    struct report_figures *figures = &lot->figures;
    int64_t(*v)[FIGURE_WIDTH] = figures->values;
    utc_ms from = fold->ask->period.from, until = fold->ask->until;
    bool passages = false;

    move(fold, lot, until, 0);
    spread(fold->ask->zone, from, until, 1, figures->covered_ms, figures->heat_covered_ms);
    for (int hour = 0; hour < REPORT_HOURS; hour++)
        passages = passages || lot->passages[0][hour] || lot->passages[1][hour];
    memcpy(figures->entries, (passages ? lot->passages : lot->stays)[0], sizeof figures->entries);
    memcpy(figures->exits, (passages ? lot->passages : lot->stays)[1], sizeof figures->exits);
    for (int i = 0; i < 2; i++) /* seconds are enough for a ratio, and fit longer */
        v[FIGURE_UTILISATION][i] = lot->seen ? v[FIGURE_UTILISATION][i] / 1000 : REPORT_UNKNOWN;
    v[FIGURE_PEAK][0] = lot->present.peak;
    v[FIGURE_PEAK_BAYS][0] = lot->seen ? lot->bays.peak : REPORT_UNKNOWN;
    v[FIGURE_PEAK][1] = v[FIGURE_PEAK_BAYS][1] = lot->seen ? figures->bays : REPORT_UNKNOWN;
    v[FIGURE_TURNOVER][1] = lot->seen ? figures->bays * fold->ask->period.days : REPORT_UNKNOWN;
    for (int c = 0; c < PAY_CHANNELS; c++)
        if (c != CHANNEL_CASH && (!fold->ask->fee_ppm || fold->ask->fee_ppm[c] < 0) &&
            (v[FIGURE_PAYMENTS][c] || v[FIGURE_REFUNDED][c]))
            v[FIGURE_FEE][c] = REPORT_UNKNOWN;
    figures_finish(figures);
}

void fold_finish(struct fold *fold)
{
    fold_sharing_ends(fold);
    for (uint32_t i = 0; i < fold->lots_count; i++)
        finish_lot(fold, &fold->lots[i]);
}
