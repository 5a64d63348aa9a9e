/*
 * Coming and leaving. A stay's kind is settled when it comes; what it comes to and how it ends
 * (rule 10) when it leaves. Loop's thread.
 */
#include <string.h>

#include "daemon/core/stays_inside.h"

static enum stay_kind kind_of(const struct stays *stays, const struct stay_arrival *arrival)
{
    struct plate_standing standing;

    stays_standing(stays, arrival->lot, arrival->plate, arrival->class, arrival->at, &standing);
    if (standing.exempt)
        return STAY_EXEMPT;
    if (standing.pass && !standing.pass_in_use)
        return STAY_PASS;
    return stays->plan->lots[arrival->lot].policy.sharing_count > 0 ? STAY_SHARED : STAY_TEMPORARY;
}

static void report_loss(struct stays *stays, utc_ms at, struct record_sink out)
{
    struct record record = {.kind = RECORD_LOSS,
                            .at = at,
                            .loss = {.what = "stays",
                                     .reason = "all places for stays are taken by open ones; close "
                                               "those that have left",
                                     .count = 1,
                                     .from = at,
                                     .to = at}};

    stays_emit(stays, &record, out);
}

void stays_arrive(struct stays *stays, const struct stay_arrival *arrival, struct record_sink out,
                  char ret[IDENT_SIZE])
{
    struct record record = {.kind = RECORD_STAY_OPENED,
                            .at = arrival->at,
                            .stay_opened = {.lot = arrival->lot,
                                            .bay = arrival->bay,
                                            .lane = arrival->lane,
                                            .colour = arrival->colour,
                                            .class = arrival->class,
                                            .kind = kind_of(stays, arrival),
                                            .entry_missing = arrival->entry_missing}};
    struct record_stay_opened *r = &record.stay_opened;

    ident_next(stays->ident, arrival->at, r->stay);
    text_copy(r->plate, sizeof r->plate, arrival->plate);
    text_copy(r->passage, sizeof r->passage, arrival->passage);
    text_copy(r->ticket, sizeof r->ticket, arrival->ticket);
    text_copy(ret, IDENT_SIZE, r->stay);
    if (stays->open.count == stays->room)
        report_loss(stays, arrival->at, out);
    stays_emit(stays, &record, out);
}

static void waive(struct money_chain *money, int64_t received_fen)
{
    int64_t kept_fen = received_fen > 0 ? received_fen : 0;

    if (money->payable_fen <= kept_fen)
        return;
    money->relief_other_fen += money->payable_fen - kept_fen;
    money->payable_fen = kept_fen;
}

static enum stay_outcome outcome_of(const struct stay *stay, const struct stay_price *price,
                                    bool exempt)
{
    if (price->manual)
        return OUTCOME_RELEASED;
    if (price->money.payable_fen > stay->received_fen)
        return OUTCOME_UNPAID;
    if (price->money.payable_fen > 0)
        return OUTCOME_PAID;
    if (exempt)
        return OUTCOME_EXEMPT;
    return price->money.relief_pass_fen > 0 || stay->kind == STAY_PASS ? OUTCOME_PASS
                                                                       : OUTCOME_FREE;
}

static bool is_exempt(const struct stays *stays, const struct stay *stay, utc_ms at)
{
    struct plate_standing standing;

    stays_standing(stays, stay->lot, stay->plate, stay->class, at, &standing);
    return standing.exempt;
}

/* What it comes to, and the outcome with it. */
static void settle(const struct stays *stays, const struct stay *stay,
                   const struct stay_departure *departure, struct record_stay_closed *r)
{
    struct stay_price price;

    stays_price_now(stays, stay, departure->at, NULL, &price);
    r->outcome = outcome_of(stay, &price, is_exempt(stays, stay, departure->at));
    if (departure->forced &&
        (departure->outcome == OUTCOME_RELEASED || departure->outcome == OUTCOME_VOID))
        r->outcome = departure->outcome;
    if (r->outcome == OUTCOME_VOID)
        price.money = (struct money_chain){0};
    if (r->outcome == OUTCOME_RELEASED)
        waive(&price.money, stay->received_fen);
    r->money = price.money;
    r->overstayed = price.overstayed;
    text_copy(r->tariff, sizeof r->tariff, price.tariff);
    text_copy(r->version, sizeof r->version, price.version);
    if (!price.manual || departure->forced)
        return;
    text_copy(r->actor, sizeof r->actor, "tariff");
    text_copy(r->reason, sizeof r->reason, "the tariff leaves the price to the staff");
}

/* What a platform asks of the whole stay, told with its end. */
static void tell_way_and_channel(const struct stays *stays, const struct stay *stay,
                                 struct record_stay_closed *r)
{
    if (stay->lane != PLAN_NONE)
        text_copy(r->entry_lane, sizeof r->entry_lane, stays->plan->lanes[stay->lane].id);
    for (const struct stay_payment *paid = stay->payments; paid; paid = paid->next)
        if (paid->fen > 0)
            text_copy(r->channel, sizeof r->channel,
                      words_name(&pay_channel_words, (int)paid->channel));
}

enum stay_outcome stays_leave(struct stays *stays, const struct stay_departure *departure,
                              struct record_sink out)
{
    const struct stay *stay = stays_find(stays, departure->stay);
    struct record record = {.kind = RECORD_STAY_CLOSED, .at = departure->at};
    struct record_stay_closed *r = &record.stay_closed;

    if (!stay || stay->closed)
        return OUTCOMES;
    record.time_uncertain = stay->time_uncertain;
    *r = (struct record_stay_closed){.lot = stay->lot,
                                     .bay = stay->bay,
                                     .lane = departure->lane,
                                     .colour = stay->colour,
                                     .class = stay->class,
                                     .kind = stay->kind,
                                     .entered = stay->entered,
                                     .received_fen = stay->received_fen};
    text_copy(r->stay, sizeof r->stay, stay->id);
    text_copy(r->plate, sizeof r->plate, stay->plate);
    text_copy(r->passage, sizeof r->passage, departure->passage);
    text_copy(r->actor, sizeof r->actor, departure->actor);
    text_copy(r->reason, sizeof r->reason, departure->reason);
    tell_way_and_channel(stays, stay, r);
    settle(stays, stay, departure, r);
    stays_emit(stays, &record, out);
    return r->outcome;
}
