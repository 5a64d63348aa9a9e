/*
 * The token of Xuzhou's requests, what the platform answers, {"code":0,"msg","data"}, and its
 * calls. How it signs those is in no source: they are taken only with the token of the same rule as
 * ours, over the members in ascending order without those that are null.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/uplink/city_call.h"
#include "daemon/uplink/xuzhou.h"

enum { ANSWER_MAX = 64 * 1024, CALL_MAX = 8 * 1024, MEMBERS_MAX = 32, SIGNED_MAX = 2 * CALL_MAX };

bool xuzhou_token(const char *uri, const char *secret, struct text *body, char ret[MD5_HEX_SIZE],
                  struct err *err)
{
    size_t before = strlen(uri), size = body->used, behind = strlen(secret);

    if (body->overflow || size + before + behind >= body->size)
        return err_set(err, "the request is longer than %zu bytes", body->size);
    memmove(body->bytes + before, body->bytes, size);
    memcpy(body->bytes, uri, before);
    memcpy(body->bytes + before + size, secret, behind);
    crypto_md5(body->bytes, before + size + behind, ret);
    memmove(body->bytes, body->bytes + before, size);
    memset(body->bytes + size, 0, before + behind); /* the secret does not stay */
    return true;
}

/* 0 is the only success, and -1 a failure of any kind, with its reason in `msg`: it may be that of
 * one record, which must not hold up the others. */
const struct city_code xuzhou_codes[] = {
    {0, ADAPTER_DELIVERED, "success"},
    {-1, ADAPTER_FAILED, "failure"},
    {0, ADAPTER_RETRY, NULL},
};

void xuzhou_read(const struct adapter_reply *reply, struct city_said *ret)
{
    struct json *answer = json_read(reply->body, reply->size, ANSWER_MAX, NULL);
    const struct json *code = json_member(answer, "code");

    *ret = (struct city_said){.code = -1};
    ret->parsed = json_kind(code) == JSON_KIND_INT;
    if (ret->parsed)
        ret->code = json_int(code, -1);
    text_copy(ret->message, sizeof ret->message, json_text(json_member(answer, "msg"), ""));
    text_copy(ret->lot_code, sizeof ret->lot_code,
              json_text(json_member(json_member(answer, "data"), "parkCode"), ""));
    json_release(answer);
}

/* ---- the platform's calls ---- */

struct member {
    const char *name;
    const struct json *value;
};
struct members {
    struct member list[MEMBERS_MAX];
    size_t count;
    bool foreign; /* too many, or of a kind that no call has */
};

static bool add_member(void *arg, const char *name, const struct json *value)
{
    struct members *members = arg;
    enum json_kind kind = json_kind(value);

    if (kind == JSON_KIND_NULL || strcmp(name, "token") == 0)
        return true;
    if (members->count == MEMBERS_MAX ||
        (kind != JSON_KIND_INT && kind != JSON_KIND_TEXT && kind != JSON_KIND_BOOL)) {
        members->foreign = true;
        return false;
    }
    members->list[members->count++] = (struct member){name, value};
    return true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct member *)a)->name, ((const struct member *)b)->name);
}

/* The members in ascending order, compact. */
static bool write_signed(const struct json *document, struct text *out)
{
    struct members members = {.count = 0};

    json_each(document, add_member, &members);
    qsort(members.list, members.count, sizeof *members.list, by_name);
    text_append(out, "{", 1);
    for (size_t i = 0; i < members.count; i++) {
        const struct member *member = &members.list[i];
        switch (json_kind(member->value)) {
        case JSON_KIND_INT:
            text_json_int(out, member->name, json_int(member->value, 0));
            break;
        case JSON_KIND_BOOL:
            text_json_bool(out, member->name, json_bool(member->value, false));
            break;
        default:
            text_json_pair(out, member->name, json_text(member->value, ""));
            break;
        }
    }
    text_append(out, "}", 1);
    return !members.foreign && !out->overflow;
}

/* Of the query, or of the body. */
static const char *token_of(const struct city_call *call, const struct json *document)
{
    return call->token ? call->token : json_text(json_member(document, "token"), "");
}

/* In time that does not tell how much of it is right. */
static bool same_token(const char *a, const char *b)
{
    unsigned differ = 0;

    for (size_t i = 0; i < MD5_HEX_SIZE - 1; i++)
        differ |= (unsigned char)((a[i] | 0x20) ^ (b[i] | 0x20));
    return differ == 0;
}

/* What a lot's secret is tried on. */
struct tokened {
    const struct city_call *call;
    const char *appkey, *token;
    const struct json *document;
};

static bool is_of(const struct uplink_lot *lot, const void *arg)
{
    const struct tokened *t = arg;
    char ours[MD5_HEX_SIZE], bytes[SIGNED_MAX];
    struct text body;

    if (!lot->secret || !lot->account || strcmp(lot->account, t->appkey) != 0)
        return false;
    text_init(&body, bytes, sizeof bytes);
    return strlen(t->token) == MD5_HEX_SIZE - 1 && write_signed(t->document, &body) &&
           xuzhou_token(t->call->path, lot->secret, &body, ours, NULL) &&
           same_token(t->token, ours);
}

static bool read_payment(const struct json *call, struct city_order *ret, struct err *err)
{
    const char *stay = json_text(json_member(call, "orderNo"), "");
    const char *bill = json_text(json_member(call, "billId"), "");
    int64_t amount = json_int(json_member(call, "payMoney"), -1);

    if (json_int(json_member(call, "payStatus"), 0) != 1)
        return err_set(err, "payStatus is not 1: nothing was paid");
    if (!city_key_valid(bill) || strlen(bill) >= sizeof ret->order)
        return err_set(err, "billId is none of ours");
    if (strlen(stay) >= sizeof ret->stay)
        return err_set(err, "orderNo is none of ours");
    if (amount < 0 || amount > CITY_CALL_FEE_MAX)
        return err_set(err, "payMoney is no amount in fen");
    ret->act = PLATFORM_PAID;
    ret->channel = CHANNEL_WALLET;
    ret->amount_fen = amount;
    text_copy(ret->id, sizeof ret->id, bill);
    text_copy(ret->order, sizeof ret->order, bill);
    text_copy(ret->stay, sizeof ret->stay, stay);
    plate_normal(json_text(json_member(call, "plateNo"), ""), ret->plate);
    return true;
}

static bool read_call(const struct adapter_context *context, const struct tokened *tokened,
                      struct city_order *ret, struct err *err)
{
    static const struct city_call_words words = {"parkCode", "plateNo", "deviceCode"};
    const struct city_signature signature = {is_of, tokened};
    const char *code = json_text(json_member(tokened->document, words.lot), "");
    utc_ms sent = {json_int(json_member(tokened->document, "time"), 0)};

    if (!city_call_lot(context, &signature, code, &ret->lot, err))
        return false;
    return city_call_is_payment(tokened->document)
               ? read_payment(tokened->document, ret, err)
               : city_call_read(context, &words, tokened->document, sent, ret, err);
}

bool xuzhou_receive(const struct adapter_context *context, const struct city_call *call,
                    struct city_order *ret, bool *ret_signed, struct err *err)
{
    struct city_order order = {.lot = NULL};
    struct json *document = json_read(call->body, call->size, CALL_MAX, err);
    const struct tokened tokened = {call, json_text(json_member(document, "appkey"), ""),
                                    token_of(call, document), document};
    bool done = false;

    *ret_signed = document && city_call_signer(context, &(struct city_signature){is_of, &tokened});
    if (document && !*ret_signed)
        err_set(err, "the token is not the platform's");
    else if (document)
        done = read_call(context, &tokened, &order, err);
    json_release(document);
    if (done)
        *ret = order;
    return done;
}

void xuzhou_answer(const char *why, struct text *out)
{
    text_append(out, "{", 1);
    text_json_int(out, "code", why ? -1 : 0);
    text_json_pair(out, "msg", why ? why : "success");
    text_append(out, "}", 1);
}
