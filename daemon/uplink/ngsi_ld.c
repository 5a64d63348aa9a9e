/*
 * NGSI-LD (ETSI GS CIM 009), documented in parkd-ngsi(7): POST
 * {url}/ngsi-ld/v1/entityOperations/upsert?options=update with an array of entities. Without
 * options=update an upsert would remove what others have added to them. 201 and 204 are for the
 * whole, 207 says what became of each.
 */
#include <string.h>

#include "daemon/base/json.h"
#include "daemon/uplink/ngsi.h"
#include "daemon/uplink/wire.h"

enum { ANSWER_MAX = 64 * 1024 };

static const struct ngsi_form form = {
    .kinds = {[NGSI_TEXT] = {"Property", "value"},
              [NGSI_NUMBER] = {"Property", "value"},
              [NGSI_TIME] = {"Property", "value"},
              [NGSI_LIST] = {"Property", "value"},
              [NGSI_POINT] = {"GeoProperty", "value"},
              [NGSI_REFERENCE] = {"Relationship", "object"},
              [NGSI_REFERENCES] = {"Relationship", "object"}},
    .stamp_head = ",\"observedAt\":\"",
    .stamp_tail = "\"",
    .forbidden = "",
    .instead = "",
};

static void open(const struct adapter_context *context, struct adapter_request *ret)
{
    ret->method = "POST";
    text_add(&ret->target, "/ngsi-ld/v1/entityOperations/upsert?options=update");
    wire_header(ret, "Content-Type", "application/json");
    text_add(&ret->headers,
             "Link: <%s>; rel=\"http://www.w3.org/ns/json-ld#context\"; "
             "type=\"application/ld+json\"\n",
             context->settings->context);
    wire_header(ret, "NGSILD-Tenant", context->settings->tenant);
    wire_header(ret, "Fiware-ServicePath", context->settings->service_path);
    text_add(&ret->body, "[");
}

static void close(const struct adapter_context *context, struct adapter_request *ret)
{
    (void)context;
    text_add(&ret->body, "]");
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

/* ---- 207: {"success":[ID,…],"errors":[{"entityId":ID,"error":{…}},…]} ---- */

/* How the word behind the last slash of an error's type begins (CIM 009, table 5.5.2-1). */
static const struct {
    const char *word;
    enum adapter_verdict verdict;
} words[] = {
    {"InternalError", ADAPTER_RETRY},          {"LdContextNotAvailable", ADAPTER_RETRY},
    {"TooManyPendingRequests", ADAPTER_RETRY}, {"TooComplexQuery", ADAPTER_RETRY},
    {"AlreadyExists", ADAPTER_RETRY}, /* made by another meanwhile: now it can be updated */
};

/* By its status when it has one, else by its type; anything not listed is for good. */
static enum adapter_verdict verdict_of(const struct json *error)
{
    struct adapter_reply reply = {.status = (int)json_int(json_member(error, "status"), 0)};
    const char *type = json_text(json_member(error, "type"), "");
    const char *word = strrchr(type, '/') ? strrchr(type, '/') + 1 : type;
    struct adapter_answer by_status;

    if (reply.status >= 400 && reply.status <= 599) {
        wire_classify(&reply, &by_status);
        bool later = by_status.verdict == ADAPTER_RETRY || by_status.verdict == ADAPTER_FAILED;
        return later ? ADAPTER_RETRY : ADAPTER_REFUSED;
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(word, words[i].word) == 0)
            return words[i].verdict;
    }
    return ADAPTER_REFUSED;
}

static void read_error(const struct json *entry, const char *id, struct adapter_answer *ret)
{
    const struct json *error = json_member(entry, "error");
    const char *title = json_text(json_member(error, "title"), "no reason given");
    struct text reason;

    wire_answer(ret, verdict_of(error), "");
    text_init(&reason, ret->reason, sizeof ret->reason);
    text_add(&reason, "%s: %s", id, json_text(json_member(error, "detail"), title));
}

static const struct json *find_error(const struct json *errors, const char *id)
{
    for (size_t i = 0; i < json_size(errors); i++) {
        const struct json *entry = json_item(errors, i);
        if (strcmp(json_text(json_member(entry, "entityId"), ""), id) == 0)
            return entry;
    }
    return NULL;
}

static bool names(const struct json *list, const char *id)
{
    for (size_t i = 0; i < json_size(list); i++) {
        if (strcmp(json_text(json_item(list, i), ""), id) == 0)
            return true;
    }
    return false;
}

/* Some brokers leave out "success": then what has no error went well. */
static void read_item(const struct json *document, const char *id, struct adapter_answer *ret)
{
    const struct json *error = find_error(json_member(document, "errors"), id);
    const struct json *success = json_member(document, "success");

    if (error)
        read_error(error, id, ret);
    else if (!success || names(success, id))
        wire_answer(ret, ADAPTER_DELIVERED, "");
    else
        wire_answer(ret, ADAPTER_RETRY, "an entity is not in the broker's answer");
}

static void classify_state(const struct adapter_context *context, const struct adapter_reply *reply,
                           const struct adapter_state *state, struct adapter_answer *ret)
{
    char id[NGSI_ID_SIZE];
    struct err err;

    wire_classify(reply, ret);
    if (ret->verdict != ADAPTER_EACH)
        return;
    struct json *document = json_read(reply->body, reply->size, ANSWER_MAX, &err);
    if (json_kind(json_member(document, "errors")) != JSON_KIND_ARRAY)
        wire_answer(ret, ADAPTER_RETRY, "the broker answers 207 without \"errors\"");
    for (size_t i = 0; i < state->count; i++) {
        ngsi_id(context, &state->facts[i], id);
        read_item(document, id, &state->items[i]);
    }
    json_release(document);
}

const struct adapter adapter_ngsi_ld = {
    .name = "ngsi-ld",
    .transport = ADAPTER_HTTP,
    .keys = (const char *const[]){"token_file", "tenant", "service_path", "entity_prefix",
                                  "context", "bays", NULL},
    .located = true,
    .state_max = NGSI_BATCH_MAX,
    .state_size = NGSI_STATE_SIZE,
    .open = open,
    .close = close,
    .classify_state = classify_state,
    .lot = encode_lot,
    .bay = encode_bay,
};
