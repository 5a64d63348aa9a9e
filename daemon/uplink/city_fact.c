/* What a record says, in the words of struct city_fact. See city_fact.h. */
#include "daemon/uplink/city_fact.h"

static const char *lane_id(const struct city_fact *fact, uint32_t lane)
{
    return lane == PLAN_NONE ? NULL : fact->context->plan->lanes[lane].id;
}

static const char *bay_id(const struct city_fact *fact, uint32_t bay)
{
    return bay == PLAN_NONE ? NULL : fact->context->plan->bays[bay].id;
}

static void take_opened(const struct record_stay_opened *opened, struct city_fact *ret)
{
    ret->stay = opened->stay;
    ret->plate = opened->plate;
    ret->colour = opened->colour;
    ret->class = opened->class;
    ret->kind = opened->kind;
    ret->entered = ret->record->at;
    ret->bay = bay_id(ret, opened->bay);
    ret->entrance = lane_id(ret, opened->lane);
}

static enum pay_channel channel_of(const char *word)
{
    int channel = PAY_CHANNELS;

    words_parse(&pay_channel_words, word, &channel);
    return (enum pay_channel)channel;
}

static void take_closed(const struct record_stay_closed *closed, struct city_fact *ret)
{
    ret->stay = closed->stay;
    ret->plate = closed->plate;
    ret->colour = closed->colour;
    ret->class = closed->class;
    ret->kind = closed->kind;
    ret->entered = closed->entered;
    ret->left = ret->record->at;
    ret->bay = bay_id(ret, closed->bay);
    ret->entrance = *closed->entry_lane ? closed->entry_lane : NULL;
    ret->exit = lane_id(ret, closed->lane);
    if (closed->outcome == OUTCOME_VOID && !ret->exit)
        ret->exit = ret->entrance; /* it came no further */
    ret->money = &closed->money;
    ret->received_fen = closed->received_fen;
    ret->channel = channel_of(closed->channel);
}

static void take_amended(const struct record_stay_amended *amended, struct city_fact *ret)
{
    ret->stay = amended->stay;
    ret->plate = amended->plate;
    ret->class = amended->class;
    ret->kind = amended->kind;
    ret->entered = amended->entered;
    ret->bay = bay_id(ret, amended->bay);
}

static void take_order(const struct record_order *order, struct city_fact *ret)
{
    ret->stay = order->stay;
    ret->plate = order->plate;
    ret->entered = order->entered;
    ret->money = &order->money;
    ret->received_fen = order->received_fen;
}

static void take_payment(const struct record_payment *payment, struct city_fact *ret)
{
    ret->stay = payment->stay;
    ret->plate = payment->plate;
    ret->entered = payment->entered;
    ret->received_fen = payment->amount_fen;
    ret->channel = payment->channel;
}

struct city_fact city_fact_lot(const struct adapter_context *context, const struct uplink_lot *lot)
{
    return (struct city_fact){
        .context = context,
        .lot = lot,
        .id = "",
        .stay = "",
        .plate = "",
        .channel = PAY_CHANNELS,
    };
}

struct city_fact city_fact_photo(const struct adapter_context *context,
                                 const struct city_photo *photo)
{
    struct city_fact fact = city_fact_lot(context, photo->lot);

    fact.id = photo->id;
    fact.stay = photo->stay;
    fact.plate = photo->plate;
    fact.colour = photo->colour;
    return fact;
}

bool city_fact(const struct adapter_context *context, const struct city_item *item,
               struct city_fact *ret, struct err *err)
{
    const struct record *record = item->record;

    *ret = city_fact_lot(context, item->lot);
    ret->record = record;
    ret->id = item->row->id;
    switch (record->kind) {
    case RECORD_STAY_OPENED:
        take_opened(&record->stay_opened, ret);
        break;
    case RECORD_STAY_CLOSED:
        take_closed(&record->stay_closed, ret);
        break;
    case RECORD_STAY_AMENDED:
        take_amended(&record->stay_amended, ret);
        break;
    case RECORD_ORDER:
        take_order(&record->order, ret);
        break;
    case RECORD_PAYMENT:
        take_payment(&record->payment, ret);
        break;
    case RECORD_BAY_CHANGED:
        ret->bay = bay_id(ret, record->bay_changed.bay);
        break;
    default:
        return err_set(err, "no platform is told of a record \"%s\"; leave this kind out",
                       record_kind_name(record->kind));
    }
    /* Where it came or left by no lane, as by an operator's hand, its bay; else the lot as such. */
    const char *place = ret->bay ? ret->bay : context->plan->lots[item->lot->lot].id;
    if (!ret->entrance)
        ret->entrance = place;
    if (!ret->exit)
        ret->exit = place;
    return true;
}

bool city_fact_write(const struct city_field *fields, const struct city_fact *fact,
                     struct text *out, struct err *err)
{
    text_append(out, "{", 1);
    for (const struct city_field *field = fields; field->name; field++)
        if (!field->write(fact, field, out, err))
            return err_prefix(err, "%s", field->name);
    text_append(out, "}", 1);
    return true;
}
