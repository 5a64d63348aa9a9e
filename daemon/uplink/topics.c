/*
 * Our MQTT topics, below parking/{site}: status, lots/{lot}/vacancy and bays/{bay} (retained:
 * state), records (history, one JSON object a message). The broker's PUBACK is the acknowledgement.
 * Orders come by command/{id} and are answered on reply/{id}.
 */
#include "daemon/uplink/order_json.h"
#include "daemon/uplink/wire.h"

enum { BODY_MAX = 64 * 1024 };

static bool topic(const struct adapter_context *context, struct adapter_request *ret,
                  struct err *err)
{
    text_add(&ret->target, "parking/");
    return wire_level(&ret->target, context->plan->id, err);
}

static bool encode_online(const struct adapter_context *context, bool online,
                          struct adapter_request *ret, struct err *err)
{
    if (!topic(context, ret, err))
        return false;
    text_add(&ret->target, "/status");
    text_add(&ret->body, "{\"state\":\"%s\"}", online ? "online" : "offline");
    ret->retained = true;
    return true;
}

static bool encode_lot(const struct adapter_context *context, uint32_t lot,
                       const struct text *vacancy, struct adapter_request *ret, struct err *err)
{
    if (!topic(context, ret, err))
        return false;
    text_add(&ret->target, "/lots/");
    if (!wire_level(&ret->target, context->plan->lots[lot].id, err))
        return false;
    text_add(&ret->target, "/vacancy");
    text_append(&ret->body, vacancy->bytes, vacancy->used);
    ret->retained = true;
    return true;
}

static bool encode_bay(const struct adapter_context *context, uint32_t bay,
                       const struct text *state, struct adapter_request *ret, struct err *err)
{
    if (!topic(context, ret, err))
        return false;
    text_add(&ret->target, "/bays/");
    text_append(&ret->body, state->bytes, state->used);
    ret->retained = true;
    return wire_level(&ret->target, context->plan->bays[bay].id, err);
}

static bool encode_records(const struct adapter_context *context, const struct store_row *rows,
                           size_t count, struct adapter_request *ret, struct err *err)
{
    (void)count; /* always 1 */
    if (!topic(context, ret, err))
        return false;
    text_add(&ret->target, "/records");
    return wire_record(&ret->body, &rows[0], err);
}

static bool encode_orders(const struct adapter_context *context, struct adapter_request *ret,
                          struct err *err)
{
    bool done = topic(context, ret, err);

    text_add(&ret->target, "/command/+");
    return done;
}

static bool read_order(const struct adapter_context *context, const struct city_call *call,
                       struct city_order *ret, struct err *err)
{
    (void)context;
    return order_json_read(call, ret, err);
}

static bool encode_reply(const struct adapter_context *context, const char *id,
                         const struct platform_said *said, struct adapter_request *ret,
                         struct err *err)
{
    if (!topic(context, ret, err))
        return false;
    text_add(&ret->target, "/reply/");
    order_json_reply(id, said, context->now, &ret->body);
    return wire_level(&ret->target, id, err);
}

const struct adapter adapter_mqtt = {
    .name = "mqtt",
    .transport = ADAPTER_MQTT,
    .keys = (const char *const[]){"username", "password_file", "kinds", "commands", NULL},
    .batch_max = 1,
    .body_max = BODY_MAX,
    .online = encode_online,
    .lot = encode_lot,
    .bay = encode_bay,
    .records = encode_records,
    .orders = encode_orders,
    .order = read_order,
    .reply = encode_reply,
};
