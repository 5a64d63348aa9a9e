/* What platforms answer to several states at once, by status: Orion (NGSI-v2, "Error responses"),
 * ETSI GS CIM 009 (NGSI-LD, 6.3.2), plain HTTP for DATEX II. See wire.h. */
#include "daemon/uplink/wire.h"

void wire_header(struct adapter_request *ret, const char *name, const char *value)
{
    if (value)
        text_add(&ret->headers, "%s: %s\n", name, value);
}

void wire_answer(struct adapter_answer *ret, enum adapter_verdict verdict, const char *reason)
{
    *ret = (struct adapter_answer){.verdict = verdict, .retry_after_ms = -1};
    text_copy(ret->reason, sizeof ret->reason, reason);
}

/* Numbers that are not listed mean a fault in how we were set up. */
static const struct status {
    int from, to;
    enum adapter_verdict verdict;
    const char *advice;
} statuses[] = {
    {200, 206, ADAPTER_DELIVERED, ""},
    {207, 207, ADAPTER_EACH, ""},
    {208, 299, ADAPTER_DELIVERED, ""},
    {400, 400, ADAPTER_SPLIT, ""},
    {401, 401, ADAPTER_STOP, "; check the token"},
    {403, 403, ADAPTER_STOP, "; check the token and the rights that go with it"},
    {404, 404, ADAPTER_STOP, "; check the address (and tenant and service path)"},
    {408, 409, ADAPTER_RETRY, ""},
    {413, 413, ADAPTER_SPLIT, ""},
    {422, 422, ADAPTER_SPLIT, ""},
    {425, 425, ADAPTER_RETRY, ""},
    {429, 429, ADAPTER_RETRY, ""},
    {500, 500, ADAPTER_FAILED, ""},
    {503, 503, ADAPTER_RETRY, "; if it stays so: can it read the @context?"},
    {501, 599, ADAPTER_RETRY, ""},
    {0, 999, ADAPTER_STOP, "; check the address"},
};

void wire_classify(const struct adapter_reply *reply, struct adapter_answer *ret)
{
    const struct status *row = statuses;
    struct text reason;

    while (row->to < 999 && (reply->status < row->from || reply->status > row->to))
        row++;
    wire_answer(ret, row->verdict, "");
    ret->retry_after_ms = reply->retry_after_ms;
    text_init(&reason, ret->reason, sizeof ret->reason);
    text_add(&reason, "the platform answers %d%s", reply->status, row->advice);
}

void wire_classify_whole(const struct adapter_context *context, const struct adapter_reply *reply,
                         const struct adapter_state *state, struct adapter_answer *ret)
{
    (void)context;
    (void)state;
    wire_classify(reply, ret);
    if (ret->verdict == ADAPTER_EACH)
        ret->verdict = ADAPTER_RETRY;
}
