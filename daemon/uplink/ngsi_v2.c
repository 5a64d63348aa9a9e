/*
 * FIWARE NGSI-v2, documented in parkd-ngsi(7): POST {url}/v2/op/update with "append", which makes
 * an entity or updates the attributes that it names. Orion answers 204 for the whole batch.
 */
#include "daemon/uplink/ngsi.h"
#include "daemon/uplink/wire.h"

/* Orion refuses the characters of `forbidden` anywhere in a text ("General syntax restrictions"
 * and "Field syntax restrictions"). */
static const struct ngsi_form form = {
    .kinds = {[NGSI_TEXT] = {"Text", "value"},
              [NGSI_NUMBER] = {"Number", "value"},
              [NGSI_TIME] = {"DateTime", "value"},
              [NGSI_LIST] = {"StructuredValue", "value"},
              [NGSI_POINT] = {"geo:json", "value"},
              [NGSI_REFERENCE] = {"Relationship", "value"},
              [NGSI_REFERENCES] = {"StructuredValue", "value"}},
    .stamp_head = ",\"metadata\":{\"TimeInstant\":{\"type\":\"DateTime\",\"value\":\"",
    .stamp_tail = "\"}}",
    .forbidden = "<>()\"'=;",
    .instead = "[][]``-,",
};

static void open(const struct adapter_context *context, struct adapter_request *ret)
{
    ret->method = "POST";
    text_add(&ret->target, "/v2/op/update");
    wire_header(ret, "Content-Type", "application/json");
    wire_header(ret, "Fiware-Service", context->settings->tenant);
    wire_header(ret, "Fiware-ServicePath", context->settings->service_path);
    text_add(&ret->body, "{\"actionType\":\"append\",\"entities\":[");
}

static void close(const struct adapter_context *context, struct adapter_request *ret)
{
    (void)context;
    text_add(&ret->body, "]}");
}

static bool encode_lot(const struct adapter_context *context, uint32_t lot,
                       const struct text *vacancy, struct adapter_request *ret, struct err *err)
{
    return ngsi_lot(&form, context, lot, vacancy, &ret->body, err);
}

static bool encode_bay(const struct adapter_context *context, uint32_t bay,
                       const struct text *state, struct adapter_request *ret, struct err *err)
{
    return ngsi_bay(&form, context, bay, state, &ret->body, err);
}

const struct adapter adapter_ngsi_v2 = {
    .name = "ngsi-v2",
    .transport = ADAPTER_HTTP,
    .keys = (const char *const[]){"token_file", "tenant", "service_path", "entity_prefix", "bays",
                                  NULL},
    .located = true,
    .token_head = "X-Auth-Token: ",
    .state_max = NGSI_BATCH_MAX,
    .state_size = NGSI_STATE_SIZE,
    .open = open,
    .close = close,
    .classify_state = wire_classify_whole,
    .lot = encode_lot,
    .bay = encode_bay,
};
