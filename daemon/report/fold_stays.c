/* Stays and their money into figures. See fold.h. */
#include <string.h>

#include "daemon/core/stay_words.h"
#include "daemon/core/vehicle.h"
#include "daemon/report/body.h"
#include "daemon/report/fold.h"

static int class_of(const char *body)
{
    enum vehicle_class class = VEHICLE_SMALL;
    char name[FOLD_ID_SIZE];

    body_text(body, "class", name, sizeof name);
    vehicle_parse(name, &class);
    return (int)class;
}

static int length_of(int64_t stayed_s)
{
    int bar = REPORT_LENGTHS - 1;

    while (bar > 0 && stayed_s < (int64_t)report_length_minutes[bar] * 60)
        bar--;
    return bar;
}

/* The money of an exit; `sign` -1 takes one out again that did not happen. */
static void add_chain(struct fold *fold, struct fold_lot *lot, const char *body, int sign)
{
    static const struct {
        enum figure figure;
        const char *key;
    } chain[] = {
        {FIGURE_RECEIVABLE, "receivable_fen"},     {FIGURE_RELIEF_PASS, "relief_pass_fen"},
        {FIGURE_RELIEF_CLASS, "relief_class_fen"}, {FIGURE_RELIEF_COUPON, "relief_coupon_fen"},
        {FIGURE_RELIEF_OTHER, "relief_other_fen"}, {FIGURE_PAYABLE, "payable_fen"},
        {FIGURE_SETTLED, "received_fen"},
    };
    int outcome = body_word(body, "outcome", &stay_outcome_words);
    int64_t more = body_int(body, "received_fen", 0) - body_int(body, "payable_fen", 0);

    for (size_t i = 0; i < sizeof chain / sizeof *chain; i++)
        fold_add(fold, lot, chain[i].figure, 0, sign * body_int(body, chain[i].key, 0));
    fold_add(fold, lot, FIGURE_OUTCOMES, outcome, sign);
    if (more > 0)
        fold_add(fold, lot, FIGURE_OVERPAID, 0, sign * more);
    else if (more < 0)
        fold_add(fold, lot, sign > 0 ? FIGURE_ARREARS_OPENED : FIGURE_ARREARS_WITHDRAWN, 0, -more);
    if (more < 0)
        fold_add(fold, lot, FIGURE_ARREARS_STAYS, 0, sign);
}

/* How long it was there; a stay that never was has no length. */
static void add_length(struct fold *fold, struct fold_lot *lot, const struct fold_record *closing,
                       utc_ms left, int sign)
{
    int64_t stayed_s = (left.ms - body_time(closing->body, "entered", left).ms) / 1000;

    if (body_word(closing->body, "outcome", &stay_outcome_words) == OUTCOME_VOID || stayed_s < 0)
        return;
    fold_add(fold, lot, FIGURE_AVERAGE_STAY, 0, sign * stayed_s);
    fold_add(fold, lot, FIGURE_AVERAGE_STAY, 1, sign);
    lot->figures.lengths[length_of(stayed_s)] += sign;
    if (lot != fold->lots)
        fold->lots->figures.lengths[length_of(stayed_s)] += sign;
}

static void opened(struct fold *fold, struct fold_lot *lot, const struct fold_record *record)
{
    fold_add(fold, lot, FIGURE_OPENED, class_of(record->body), 1);
    fold_add(fold, lot, FIGURE_ENTRY_MISSING, 0, body_flag(record->body, "entry_missing"));
    fold_present(fold, lot, record->at, 1);
}

static void closed(struct fold *fold, struct fold_lot *lot, const struct fold_record *record)
{
    bool seen = body_has(record->body, "passage");

    fold_add(fold, lot, FIGURE_CLOSED, class_of(record->body), 1);
    fold_add(fold, lot, FIGURE_OVERSTAYED, 0, body_flag(record->body, "overstayed"));
    fold_add(fold, lot, FIGURE_EXIT_MISSING, 0, !seen && body_has(record->body, "actor"));
    fold_present(fold, lot, record->at, -1);
    add_chain(fold, lot, record->body, 1);
    add_length(fold, lot, record, record->at, 1);
}

void fold_stay(struct fold *fold, const struct fold_record *record)
{
    struct fold_lot *lot = fold_lot_of(fold, record->body);

    if (!strcmp(record->kind, "stay_opened"))
        opened(fold, lot, record);
    else
        closed(fold, lot, record);
}

/* Asks for what was said of the record's stay before it, newest first. */
static void ask_before(struct fold *fold, const struct fold_record *record)
{
    body_text(record->body, "stay", fold->asked, sizeof fold->asked);
    sql_bind_text(fold->closing, 1, fold->asked, strlen(fold->asked));
    sql_bind_int(fold->closing, 2, (int64_t)record->seq);
}

bool fold_reverted(struct fold *fold, const struct fold_record *record, struct err *err)
{
    struct fold_lot *lot = fold_lot_of(fold, record->body);
    enum sql_step step;

    if (body_word(record->body, "change", &stay_change_words) != STAY_REVERTED)
        return true;
    ask_before(fold, record);
    while ((step = sql_step(fold->closing, err)) == SQL_ROW) {
        if (strcmp(sql_text(fold->closing, 1, NULL), "stay_closed"))
            continue;
        struct fold_record closing = {.body = sql_text(fold->closing, 2, NULL)};
        fold_add(fold, lot, FIGURE_REOPENED, class_of(closing.body), 1);
        fold_present(fold, lot, record->at, 1);
        add_chain(fold, lot, closing.body, -1);
        break;
    }
    sql_reset(fold->closing);
    return step != SQL_FAILED;
}

bool fold_withdrawn(struct fold *fold, const struct fold_record *record, int64_t *ret_fen,
                    struct err *err)
{
    enum sql_step step;

    *ret_fen = 0;
    ask_before(fold, record);
    while ((step = sql_step(fold->closing, err)) == SQL_ROW) {
        const char *body = sql_text(fold->closing, 2, NULL);

        if (strcmp(sql_text(fold->closing, 1, NULL), "stay_closed"))
            continue;
        if (body_word(body, "outcome", &stay_outcome_words) == OUTCOME_UNPAID)
            *ret_fen = body_int(body, "payable_fen", 0) - body_int(body, "received_fen", 0);
        break;
    }
    sql_reset(fold->closing);
    return step != SQL_FAILED;
}

/* Whether the stay had ended when the record was made. */
static bool had_ended(struct fold *fold, const struct fold_record *record, bool *ret,
                      struct err *err)
{
    enum sql_step step;

    *ret = false;
    ask_before(fold, record);
    while ((step = sql_step(fold->closing, err)) == SQL_ROW) {
        const char *kind = sql_text(fold->closing, 1, NULL);
        const char *body = sql_text(fold->closing, 2, NULL);
        bool reverted = body_word(body, "change", &stay_change_words) == STAY_REVERTED;

        if (strcmp(kind, "stay_amended") || reverted) {
            *ret = !strcmp(kind, "stay_closed");
            break;
        }
    }
    sql_reset(fold->closing);
    return step != SQL_FAILED;
}

bool fold_refund(struct fold *fold, const struct fold_record *record, struct err *err)
{
    struct fold_lot *lot = fold_lot_of(fold, record->body);
    int channel = body_word(record->body, "channel", &pay_channel_words);
    int64_t fen = body_int(record->body, "amount_fen", 0);
    bool after;

    if (!had_ended(fold, record, &after, err))
        return false;
    fold_add(fold, lot, FIGURE_REFUNDS, channel, fen);
    fold_add(fold, lot, FIGURE_REFUNDED, channel, 1);
    fold_add(fold, lot, FIGURE_REFUNDS_AFTER, 0, after ? fen : 0);
    return true;
}
