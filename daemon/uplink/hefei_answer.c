/*
 * What the platform of Hefei answers: {"code":8888,"msg","data","error"}; success is the code, not
 * the HTTP status. The doc's examples have `data` as a text that holds JSON, its SDK reads an
 * object: both are taken. Without `code`, or a success without `data`, it is no answer (as in the
 * SDK).
 */
#include "daemon/uplink/hefei_answer.h"

#include <string.h>

#include "daemon/base/json.h"
#include "daemon/uplink/wire.h"

enum { ANSWER_MAX = 4 * 1024 * 1024, SUCCESS = 8888 };

/*
 * The SDK has two tables, `Code` and `TyhErrorCode`, that disagree. Codes of one class in both are
 * told so; what is a fault of ours in one and passing in the other is tried again.
 * Only what is about the platform as a whole holds up all records; a failure may be one record's.
 */
const struct city_code hefei_codes[] = {
    {SUCCESS, ADAPTER_DELIVERED, "success"},
    {0, ADAPTER_FAILED, "failure"},
    {1000, ADAPTER_REFUSED, "null parameter"},
    {1001, ADAPTER_REFUSED, "null parameter, or no such element"},
    {1002, ADAPTER_REFUSED, "parameter type error"},
    {1003, ADAPTER_STOP, "access_id has no right; check the account"},
    {1004, ADAPTER_STOP, "resource not found; check the address"},
    {1005, ADAPTER_RETRY, "too frequent, or timed out"},
    {1006, ADAPTER_CLOCK, "request expired (or this address is not allowed)"},
    {1007, ADAPTER_CLOCK, "request expired (or a bad argument)"},
    {1008, ADAPTER_STOP, "signature wrong; check the key"},
    {1009, ADAPTER_RETRY, "network error"},
    {1010, ADAPTER_STOP, "content type"},
    {1011, ADAPTER_STOP, "missing header"},
    {1012, ADAPTER_STOP, "access_id has no right; check the account"},
    {1013, ADAPTER_STOP, "signature wrong; check the key"},
    {2001, ADAPTER_FAILED, "user exists"},
    {2002, ADAPTER_STOP, "no such user; check the account"},
    {2003, ADAPTER_STOP, "no right; check the account"},
    {2004, ADAPTER_FAILED, "no data"},
    {2005, ADAPTER_RETRY, "too frequent"},
    {2006, ADAPTER_FAILED, "delete failed"},
    {2007, ADAPTER_STOP, "upload is not enabled; ask the platform"},
    {4000, ADAPTER_DUPLICATE, "resource exists"},
    {4002, ADAPTER_DUPLICATE, "duplicate submit"},
    {4004, ADAPTER_FAILED, "not found"},
    {4007, ADAPTER_STOP, "lot does not exist; check its code"},
    {4029, ADAPTER_RETRY, "too many requests"},
    {5000, ADAPTER_FAILED, "server error"},
    {0, ADAPTER_RETRY, NULL},
};

/* `data` as an object, list or number; the second document, if any, is the caller's to release. */
static const struct json *unwrap(const struct json *answer, struct json **ret_inner)
{
    const struct json *data = json_member(answer, "data");
    const char *text = json_text(data, NULL);

    *ret_inner = NULL;
    if (!text)
        return data;
    *ret_inner = json_read(text, strlen(text), ANSWER_MAX, NULL);
    return *ret_inner;
}

void hefei_answer_read(const struct adapter_reply *reply, struct city_said *ret)
{
    struct json *answer = json_read(reply->body, reply->size, ANSWER_MAX, NULL), *inner;
    const struct json *code = json_member(answer, "code");

    *ret = (struct city_said){.code = -1};
    ret->parsed = json_kind(code) == JSON_KIND_INT &&
                  (json_int(code, 0) != SUCCESS || json_member(answer, "data"));
    if (ret->parsed) {
        ret->code = json_int(code, -1);
        text_copy(ret->message, sizeof ret->message, json_text(json_member(answer, "msg"), ""));
        int64_t time = json_int(json_member(unwrap(answer, &inner), "serverTime"), 0);
        ret->platform_time.ms = time > 0 ? time : 0;
        json_release(inner);
    }
    json_release(answer);
}

static bool read_flags(const struct json *data, struct city_held *held, struct err *err)
{
    int64_t in = json_int(json_member(data, "driveInFlag"), -1);
    int64_t out = json_int(json_member(data, "driveOutFlag"), -1);

    if (in < 0 || in > 1 || out < 0 || out > 1)
        return err_set(err, "the answer has no driveInFlag and driveOutFlag of 0 or 1");
    held->entries_differ = in == 1;
    held->exits_differ = out == 1;
    return true;
}

static bool read_ids(const struct json *data, const struct city_held *held, struct err *err)
{
    static const char *const names[] = {"orderIdList", "order_id_list"};
    const struct json *list = json_kind(data) == JSON_KIND_ARRAY ? data : NULL;

    for (size_t i = 0; !list && i < sizeof names / sizeof *names; i++)
        list = json_member(data, names[i]);
    if (json_kind(list) != JSON_KIND_ARRAY)
        return err_set(err, "the answer has no orderIdList");
    for (size_t i = 0; i < json_size(list); i++)
        held->id(held->arg, json_text(json_item(list, i), ""));
    return true;
}

bool hefei_answer_checked(const struct adapter_reply *reply, enum city_check what,
                          struct city_held *held, struct err *err)
{
    struct json *inner = NULL;
    struct json *answer = json_read(reply->body, reply->size, ANSWER_MAX, err);
    bool done = false;

    if (answer) {
        const struct json *data = unwrap(answer, &inner);
        done = what == CITY_COUNTS ? read_flags(data, held, err) : read_ids(data, held, err);
    }
    json_release(inner);
    json_release(answer);
    return done;
}
