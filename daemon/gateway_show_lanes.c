/* Lanes, stays and money as people are shown them. Reads only. A plate is shown whole over the
 * control socket, in part elsewhere (rule 20). */
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/gateway_lanes.h"

static void add_time(struct text *out, const char *key, utc_ms at)
{
    char text[UTC_TEXT_SIZE];

    if (at.ms != 0)
        text_json_pair(out, key, utc_text(at, text));
}

static void add_plate(struct text *out, const char *plate, bool masked)
{
    char shown[PLATE_SIZE];

    if (masked)
        text_json_pair(out, "plate", plate_masked(plate, shown));
    else
        text_json_pair(out, "plate", plate);
}

static void open_object(struct text *out, const char *key)
{
    text_comma(out);
    text_json_string(out, key);
    text_add(out, ":{");
}

/* 1. A lane. */

static const struct {
    unsigned bit;
    const char *name;
} inputs[] = {
    {BOOM_PRESENCE, "presence"},
    {BOOM_CLOSING_LOOP, "closing"},
    {BOOM_PHOTOCELL, "photocell"},
    {BOOM_LIMIT_OPEN, "limit_open"},
    {BOOM_LIMIT_CLOSED, "limit_closed"},
    {BOOM_EMERGENCY, "emergency"},
    {BOOM_ARM_DETACHED, "arm_detached"},
    {BOOM_DOOR_OPEN, "door_open"},
    {BOOM_BUTTON, "button"},
};

static const struct {
    unsigned bit;
    const char *name;
} wirings[] = {
    {LANE_HAS_PRESENCE, "presence"}, {LANE_HAS_CLOSING, "closing"}, {LANE_HAS_LIMITS, "limits"},
    {LANE_HAS_CAMERA, "camera"},     {LANE_HAS_BARRIER, "barrier"}, {LANE_HAS_COUNTER, "counter"},
};

static void add_barrier(struct text *out, const struct boom *boom)
{
    open_object(out, "barrier");
    text_json_pair(out, "state", words_name(&boom_state_words, (int)boom->state));
    text_json_pair(out, "quality", words_name(&boom_quality_words, (int)boom->quality));
    if (boom->position >= 0)
        text_json_int(out, "position", boom->position);
    if (boom->counts)
        text_json_int(out, "operations", (int64_t)boom->operations);
    if (*boom->error_text)
        text_json_pair(out, "trouble", boom->error_text);
    text_comma(out);
    text_add(out, "\"inputs\":[");
    for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++)
        if (boom->inputs & boom->wired & inputs[i].bit) {
            text_comma(out);
            text_json_string(out, inputs[i].name);
        }
    text_add(out, "]}");
}

static void add_vehicle(struct text *out, const struct lane_vehicle *vehicle, bool masked)
{
    if (!*vehicle->id)
        return;
    open_object(out, "vehicle");
    text_json_pair(out, "id", vehicle->id);
    add_plate(out, vehicle->read.plate, masked);
    add_time(out, "since", vehicle->since);
    text_add(out, "}");
}

static void add_suspect(struct text *out, unsigned suspect)
{
    text_comma(out);
    text_add(out, "\"suspect\":[");
    for (size_t i = 0; i < sizeof wirings / sizeof wirings[0]; i++)
        if (suspect & wirings[i].bit) {
            text_comma(out);
            text_json_string(out, wirings[i].name);
        }
    text_add(out, "]");
}

void gateway_show_lane(void *arg, uint32_t lane, bool masked, struct text *out)
{
    struct gateway *g = arg;
    const struct lane_plan *plan = &g->config->plan.lanes[lane];
    struct lane_view view;

    lane_view(yard_lane(g->yard, lane), &view);
    text_add(out, "{");
    text_json_pair(out, "lane", plan->id);
    text_json_pair(out, "name", plan->name);
    text_json_pair(out, "lot", g->config->plan.lots[plan->lot].id);
    text_json_pair(out, "direction", words_name(&lane_direction_words, (int)plan->direction));
    text_json_pair(out, "mode", words_name(&lane_mode_words, (int)view.mode));
    text_json_pair(out, "state", words_name(&lane_state_words, (int)view.state));
    add_time(out, "since", view.since);
    add_time(out, "until", view.until);
    add_plate(out, view.vehicle.read.plate, masked);
    if (plan->wiring & LANE_HAS_BARRIER) {
        text_json_pair(out, "boom", words_name(&boom_state_words, (int)view.barrier.state));
        add_barrier(out, &view.barrier);
    }
    add_vehicle(out, &view.vehicle, masked);
    add_suspect(out, view.suspect);
    text_json_pair(out, "trouble", view.trouble);
    text_json_int(out, "passages_in", (int64_t)view.passages_in);
    text_json_int(out, "passages_out", (int64_t)view.passages_out);
    text_json_int(out, "openings", (int64_t)view.openings);
    text_json_int(out, "unasked", (int64_t)view.unasked);
    text_add(out, "}");
}

/* 2. Stays. */

struct showing {
    struct gateway *g;
    struct text *out;
    bool masked;
};

static bool show_stay(void *arg, const struct stay *stay)
{
    const struct showing *s = arg;
    const struct site_plan *plan = &s->g->config->plan;

    text_comma(s->out);
    text_add(s->out, "{");
    text_json_pair(s->out, "stay", stay->id);
    text_json_pair(s->out, "lot", plan->lots[stay->lot].id);
    if (stay->bay != PLAN_NONE)
        text_json_pair(s->out, "bay", plan->bays[stay->bay].id);
    add_plate(s->out, stay->plate, s->masked);
    if (*stay->ticket)
        text_json_pair(s->out, "ticket", stay->ticket);
    text_json_pair(s->out, "class", vehicle_name(stay->class));
    text_json_pair(s->out, "kind", words_name(&stay_kind_words, (int)stay->kind));
    add_time(s->out, "entered", stay->entered);
    if (stay->entry_missing)
        text_json_bool(s->out, "entry_missing", true);
    if (stay->closed) {
        add_time(s->out, "left", stay->left);
        text_json_pair(s->out, "outcome", words_name(&stay_outcome_words, (int)stay->outcome));
        text_json_int(s->out, "arrears_fen", stay_arrears(stay));
    }
    text_json_int(s->out, "received_fen", stay->received_fen);
    text_add(s->out, "}");
    return true;
}

void gateway_show_stays(void *arg, bool masked, struct text *out)
{
    struct gateway *g = arg;
    struct showing showing = {.g = g, .out = out, .masked = masked};

    stays_each(yard_stays(g->yard), show_stay, &showing);
}

/* The stay of this id, or the open one of this plate in any lot. */
static const struct stay *find_stay(const struct gateway *g, const char *wanted)
{
    const struct stay *stay = stays_find(yard_stays(g->yard), wanted);
    char plate[PLATE_SIZE];

    if (stay || !plate_normal(wanted, plate) || !*plate)
        return stay;
    for (uint32_t lot = 0; !stay && lot < g->config->plan.lots_count; lot++)
        stay = stays_by_plate(yard_stays(g->yard), lot, plate);
    return stay;
}

bool gateway_show_quote(void *arg, const char *stay_or_plate, struct text *out)
{
    struct gateway *g = arg;
    const struct stay *stay = find_stay(g, stay_or_plate);
    struct stay_price price;

    if (!stay || !stays_price(yard_stays(g->yard), stay->id, clock_utc(), NULL, &price))
        return false;
    text_add(out, "{");
    text_json_pair(out, "stay", stay->id);
    text_json_pair(out, "lot", g->config->plan.lots[stay->lot].id);
    add_time(out, "entered", stay->entered);
    text_json_int(out, "receivable_fen", price.money.receivable_fen);
    text_json_int(out, "relief_pass_fen", price.money.relief_pass_fen);
    text_json_int(out, "relief_class_fen", price.money.relief_class_fen);
    text_json_int(out, "relief_coupon_fen", price.money.relief_coupon_fen);
    text_json_int(out, "relief_other_fen", price.money.relief_other_fen);
    text_json_int(out, "payable_fen", price.money.payable_fen);
    text_json_int(out, "received_fen", price.received_fen);
    text_json_int(out, "due_fen", price.due_fen);
    text_json_pair(out, "tariff", price.tariff);
    text_json_pair(out, "version", price.version);
    if (*stay->order) {
        text_json_pair(out, "order", stay->order);
        add_time(out, "until", stay->order_until);
    }
    text_add(out, "}");
    return true;
}

/* 3. Lists and shifts. */

static void add_list(void *arg, const struct record_list *entry)
{
    const struct showing *s = arg;

    text_comma(s->out);
    text_add(s->out, "{");
    text_json_pair(s->out, "list", words_name(&list_kind_words, (int)entry->list));
    text_json_pair(s->out, "plate", entry->plate);
    if (entry->lot != PLAN_NONE)
        text_json_pair(s->out, "lot", s->g->config->plan.lots[entry->lot].id);
    if (*entry->group)
        text_json_pair(s->out, "group", entry->group);
    if (entry->bays)
        text_json_int(s->out, "bays", entry->bays);
    add_time(s->out, "from", entry->from);
    add_time(s->out, "until", entry->until);
    text_add(s->out, "}");
}

static void add_shift(void *arg, const char *shift, const char *cashier, int64_t expected_fen)
{
    const struct showing *s = arg;

    text_comma(s->out);
    text_add(s->out, "{");
    text_json_pair(s->out, "shift", shift);
    text_json_pair(s->out, "cashier", cashier);
    text_json_int(s->out, "expected_fen", expected_fen);
    text_add(s->out, "}");
}

void gateway_show_lists(void *arg, struct text *out)
{
    struct gateway *g = arg;
    struct showing showing = {.g = g, .out = out};

    text_add(out, "{\"lists\":[");
    stays_each_listed(yard_stays(g->yard), add_list, &showing);
    text_add(out, "],\"shifts\":[");
    stays_each_shift(yard_stays(g->yard), add_shift, &showing);
    text_add(out, "]}");
}

/* 4. Vacancy with the estimate beside it. */

void gateway_vacancy(void *arg, uint32_t lot, utc_ms as_of, struct text *out)
{
    struct gateway *g = arg;
    struct estimate estimate;

    view_vacancy(g->view, lot, as_of, out);
    if (g->config->plan.lots[lot].policy.stays != STAYS_FROM_LANES || out->overflow)
        return;
    yard_estimate(g->yard, lot, as_of, &estimate);
    out->bytes[--out->used] = '\0'; /* the brace */
    open_object(out, "estimate");
    text_json_int(out, "inside", estimate.inside);
    text_json_int(out, "low", estimate.low);
    text_json_int(out, "high", estimate.high);
    text_json_int(out, "confidence", estimate.confidence);
    text_json_pair(out, "source", words_name(&estimate_source_words, (int)estimate.source));
    text_add(out, "}}");
}
