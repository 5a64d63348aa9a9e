/*
 * Our MQTT topics, below parking/{site}: status, lots/{lot}/vacancy and bays/{bay} (retained:
 * state), records (history, one JSON object a message). The broker's PUBACK is the acknowledgement.
 */
#include "daemon/uplink/adapter.h"
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

const struct adapter adapter_mqtt = {
    .name = "mqtt",
    .transport = ADAPTER_MQTT,
    .keys = (const char *const[]){"username", "password_file", "kinds", NULL},
    .batch_max = 1,
    .body_max = BODY_MAX,
    .online = encode_online,
    .lot = encode_lot,
    .bay = encode_bay,
    .records = encode_records,
};
