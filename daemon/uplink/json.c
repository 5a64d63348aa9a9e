/*
 * Our own protocol, JSON over HTTPS, documented for platforms in parkd-json(7) and by the schemas
 * in json/: PUT {url}/v1/lots/{lot}/vacancy, POST {url}/v1/records.
 */
#include <string.h>

#include "daemon/base/crypto.h"
#include "daemon/base/json.h"
#include "daemon/uplink/adapter.h"
#include "daemon/uplink/wire.h"

enum { BATCH_MAX = 500, BODY_MAX = 512 * 1024, ANSWER_MAX = 64 * 1024 };

static const char content_type[] = "Content-Type: application/json\n";

static bool encode_lot(const struct adapter_context *context, uint32_t lot,
                       const struct text *vacancy, struct adapter_request *ret, struct err *err)
{
    (void)err;
    ret->method = "PUT";
    text_add(&ret->target, "/v1/lots/");
    wire_segment(&ret->target, context->plan->lots[lot].id);
    text_add(&ret->target, "/vacancy");
    text_add(&ret->headers, "%s", content_type);
    text_append(&ret->body, vacancy->bytes, vacancy->used);
    return true;
}

/* The key depends on the body alone, so that the same batch sent again has the same key. */
static void add_key(struct adapter_request *ret)
{
    struct crypto_part part = {.bytes = ret->body.bytes, .size = ret->body.used};
    struct hash hash = crypto_sha256(&part, 1);
    char hex[HASH_HEX_SIZE];

    text_add(&ret->headers, "Idempotency-Key: %.32s\n", crypto_hex(hash.bytes, HASH_SIZE, hex));
}

/* Head and count of the chain as far as this batch goes: by the records alone, so that they are the
 * same when it is sent again. Who holds them notices a journal that is shorter, or another, later.
 */
static void add_head(struct text *body, const struct store_row *rows, size_t count)
{
    const struct store_row *newest = rows;

    for (size_t i = 1; i < count; i++)
        if (rows[i].seq > newest->seq)
            newest = &rows[i];
    text_json_int(body, "count", (int64_t)newest->seq);
    text_json_pair(body, "head", newest->id);
}

static bool encode_records(const struct adapter_context *context, const struct store_row *rows,
                           size_t count, struct adapter_request *ret, struct err *err)
{
    ret->method = "POST";
    text_add(&ret->target, "/v1/records");
    text_add(&ret->headers, "%s", content_type);
    text_append(&ret->body, "{", 1);
    text_json_pair(&ret->body, "site", context->plan->id);
    add_head(&ret->body, rows, count);
    text_add(&ret->body, ",\"records\":[");
    for (size_t i = 0; i < count; i++) {
        text_comma(&ret->body);
        if (!wire_record(&ret->body, &rows[i], err))
            return false;
    }
    text_add(&ret->body, "]}");
    add_key(ret);
    return true;
}

/* What an HTTP status means, for a batch of records and for a vacancy. Numbers that are not listed
 * mean a fault in how we were set up: nothing that waiting would cure. */
static const struct status {
    int from, to;
    enum adapter_verdict batch, vacancy;
} statuses[] = {
    {200, 200, ADAPTER_EACH, ADAPTER_DELIVERED}, {201, 299, ADAPTER_RETRY, ADAPTER_DELIVERED},
    {400, 400, ADAPTER_SPLIT, ADAPTER_REFUSED},  {404, 404, ADAPTER_STOP, ADAPTER_REFUSED},
    {408, 408, ADAPTER_RETRY, ADAPTER_RETRY},    {409, 409, ADAPTER_RETRY, ADAPTER_RETRY},
    {413, 413, ADAPTER_SPLIT, ADAPTER_REFUSED},  {422, 422, ADAPTER_SPLIT, ADAPTER_REFUSED},
    {425, 425, ADAPTER_RETRY, ADAPTER_RETRY},    {429, 429, ADAPTER_RETRY, ADAPTER_RETRY},
    {500, 500, ADAPTER_FAILED, ADAPTER_RETRY},   {501, 599, ADAPTER_RETRY, ADAPTER_RETRY},
};

static const struct {
    const char *word;
    enum adapter_verdict verdict;
} words[] = {
    {"accepted", ADAPTER_DELIVERED},
    {"duplicate", ADAPTER_DUPLICATE},
    {"retry", ADAPTER_RETRY},
    {"refused", ADAPTER_REFUSED},
};

static enum adapter_verdict by_status(int status, bool batch)
{
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        if (status >= statuses[i].from && status <= statuses[i].to)
            return batch ? statuses[i].batch : statuses[i].vacancy;
    }
    return ADAPTER_STOP;
}

static void answer(struct adapter_answer *ret, enum adapter_verdict verdict, const char *reason)
{
    *ret = (struct adapter_answer){.verdict = verdict, .retry_after_ms = -1};
    text_copy(ret->reason, sizeof ret->reason, reason);
}

/* The result that names `id`: nearly always the one at the record's own place. */
static const struct json *find_result(const struct json *results, size_t hint, const char *id)
{
    const struct json *result = json_item(results, hint);

    if (result && strcmp(json_text(json_member(result, "id"), ""), id) == 0)
        return result;
    for (size_t i = 0; i < json_size(results); i++) {
        result = json_item(results, i);
        if (strcmp(json_text(json_member(result, "id"), ""), id) == 0)
            return result;
    }
    return NULL;
}

static void read_result(const struct json *result, struct adapter_answer *ret)
{
    const char *status = json_text(json_member(result, "status"), "");
    const char *reason = json_text(json_member(result, "reason"), "the platform gave no reason");

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(status, words[i].word) == 0) {
            answer(ret, words[i].verdict, reason);
            return;
        }
    }
    answer(ret, ADAPTER_RETRY,
           result ? "the platform's answer has an unknown status" : "not in the platform's answer");
}

static void read_results(const struct adapter_reply *reply, const struct store_row *rows,
                         size_t count, struct adapter_answer *ret, struct adapter_answer *ret_items)
{
    struct err err;
    struct json *document = json_read(reply->body, reply->size, ANSWER_MAX, &err);
    const struct json *results = json_member(document, "results");

    if (json_kind(results) == JSON_KIND_ARRAY)
        answer(ret, ADAPTER_EACH, "");
    else
        answer(ret, ADAPTER_RETRY, "the platform's answer has no \"results\"; see parkd-json(7)");
    for (size_t i = 0; i < count; i++)
        read_result(find_result(results, i, rows[i].id), &ret_items[i]);
    json_release(document);
}

static void classify(const struct adapter_reply *reply, const struct store_row *rows, size_t count,
                     struct adapter_answer *ret, struct adapter_answer *ret_items)
{
    struct text reason;

    answer(ret, by_status(reply->status, count > 0), "");
    ret->retry_after_ms = reply->retry_after_ms;
    text_init(&reason, ret->reason, sizeof ret->reason);
    text_add(&reason, "the platform answers %d", reply->status);
    if (reply->status == 401 || reply->status == 403)
        text_add(&reason, "; check the token and the rights that go with it");
    else if (ret->verdict == ADAPTER_STOP)
        text_add(&reason, "; check the address");
    if (ret->verdict == ADAPTER_EACH)
        read_results(reply, rows, count, ret, ret_items);
}

const struct adapter adapter_json = {
    .name = "json",
    .transport = ADAPTER_HTTP,
    .keys = (const char *const[]){"token_file", "kinds", NULL},
    .batch_max = BATCH_MAX,
    .body_max = BODY_MAX,
    .lot = encode_lot,
    .records = encode_records,
    .classify = classify,
};
