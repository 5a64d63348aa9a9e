/* Orders and shifts from files. See order_file.h. */
#include "daemon/reconcile/order_file.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/core/decimal.h"
#include "daemon/core/units.h"
#include "daemon/reconcile/matching_inside.h"
#include "daemon/reconcile/objects.h"
#include "daemon/reconcile/texts.h"

enum { TEXT_MOST = 64 };

/* One member into its place; what is optional and not there stays as it is. */
struct place {
    const char *name;
    bool required;
    const char **text;
    int64_t *fen;
};

static bool put_fen(const struct place *place, const char *text, struct err *err)
{
    if (decimal_parse(text, 0, place->fen) && *place->fen >= 0)
        return true;
    return err_set(err, "\"%s\" is \"%.40s\"; a whole number of fen from 0 up is expected",
                   place->name, text);
}

static bool put(const struct object *object, const struct place *places, size_t count,
                struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        const char *text = object_text(object, places[i].name);

        if (places[i].required && (!text || !*text))
            return err_set(err, "\"%s\" is missing", places[i].name);
        if (!text || !*text)
            continue;
        if (strlen(text) > TEXT_MOST)
            return err_set(err, "\"%s\" is longer than %d bytes", places[i].name, TEXT_MOST);
        if (places[i].text)
            *places[i].text = text;
        else if (!put_fen(&places[i], text, err))
            return false;
    }
    return true;
}

static bool put_time(const char *name, const char *text, const struct civil_zone *zone,
                     int64_t *ret_local_s, struct err *err)
{
    utc_ms at;

    *ret_local_s = PAY_ORDER_NO_TIME;
    if (!*text)
        return true;
    if (!utc_parse(text, &at))
        return err_set(err,
                       "\"%s\" is \"%.40s\"; a time such as 2024-03-13T10:00:00+08:00 is "
                       "expected",
                       name, text);
    int64_t utc_s = at.ms / 1000 - (at.ms % 1000 < 0);
    *ret_local_s = civil_local_s(zone, utc_s);
    return true;
}

/* What cannot be true together. */
static bool check(const struct pay_order *order, struct err *err)
{
    bool paid = matching_is_paid(order);

    if (paid && order->paid_local_s == PAY_ORDER_NO_TIME)
        return err_set(err, "an order that is paid needs \"paid_at\"");
    if (order->status == PAY_ORDER_REFUNDED && order->refund_fen == 0)
        return err_set(err, "status REFUNDED without \"refund_fen\"");
    if (order->refund_fen > order->paid_fen)
        return err_set(err, "\"refund_fen\" is more than was paid");
    return true;
}

struct pass {
    const struct order_file *file;
    pay_order_fn *fn;
    void *arg;
};

static bool take(void *arg, const struct object *object, struct err *err)
{
    const struct pass *pass = arg;
    const char *paid_at = "", *refunded_at = "", *status = "";
    struct pay_order order = {
        .number = "", .transaction = "", .channel = "", .stay = "", .operator= "", .shift = ""};
    const struct place places[] = {
        {"order_no", true, &order.number, NULL}, {"channel", true, &order.channel, NULL},
        {"status", true, &status, NULL}, {"paid_at", false, &paid_at, NULL},
        {"refunded_at", false, &refunded_at, NULL},
        {"channel_txn", false, &order.transaction, NULL}, {"stay", false, &order.stay, NULL},
        {
            "operator",
            false,
            &order.operator,
            NULL },
            {"shift", false, &order.shift, NULL},
            {"payable_fen", true, NULL, &order.payable_fen},
            {"paid_fen", true, NULL, &order.paid_fen},
            {"refund_fen", false, NULL, &order.refund_fen},
        };

    if (!put(object, places, sizeof places / sizeof *places, err) ||
        !put_time("paid_at", paid_at, pass->file->zone, &order.paid_local_s, err) ||
        !put_time("refunded_at", refunded_at, pass->file->zone, &order.refunded_local_s, err))
        return false;
    if (!pay_order_status_parse(status, &order.status))
        return err_set(err, "status \"%.40s\" is not known; PAID, REFUNDED, CREATED or VOID",
                       status);
    return check(&order, err) && pass->fn(pass->arg, &order, err);
}

static bool each(void *arg, pay_order_fn *fn, void *fn_arg, struct err *err)
{
    const struct order_file *file = arg;
    struct pass pass = {file, fn, fn_arg};

    return objects_each(file->path, take, &pass, err);
}

struct pay_order_source order_file_source(struct order_file *file)
{
    return (struct pay_order_source){each, file};
}

struct shift_file {
    struct texts *texts;
    struct cash_count *items;
    uint32_t count;
};

struct pieces {
    int64_t fen;
    bool good;
};

static bool add_pieces(void *arg, const char *key, const struct json *value)
{
    struct pieces *pieces = arg;
    int64_t worth = 0, count = json_int(value, -1), fen;

    pieces->good = decimal_parse(key, 0, &worth) && worth > 0 && count >= 0 &&
                   !__builtin_mul_overflow(worth, count, &fen) && fen <= DECIMAL_MOST &&
                   pieces->fen <= DECIMAL_MOST;
    if (pieces->good)
        pieces->fen += fen;
    return pieces->good;
}

static bool take_shift(void *arg, const struct object *object, struct err *err)
{
    struct shift_file *shifts = arg;
    struct pieces pieces = {0, true};
    struct cash_count cash = {.operator= "", .shift = "", .counted_fen = -1};
    const struct json *counted = object_member(object, "counted");
    const struct place places[] = {{
        "operator",
        true,
        &cash.operator,
        NULL },
        {"shift", true, &cash.shift, NULL},
        {"counted_fen", counted == NULL, NULL, &cash.counted_fen},
        {"float_fen", false, NULL, &cash.float_fen},
        {"dropped_fen", false, NULL, &cash.dropped_fen},
    };

    if (!put(object, places, sizeof places / sizeof *places, err))
        return false;
    json_each(counted, add_pieces, &pieces);
    if (counted && (json_kind(counted) != JSON_KIND_OBJECT || !pieces.good))
        return err_set(err, "\"counted\" is no list of denominations such as {\"10000\":3}");
    if (counted && cash.counted_fen >= 0 && cash.counted_fen != pieces.fen)
        return err_set(err, "\"counted\" comes to %lld fen, \"counted_fen\" says %lld",
                       (long long)pieces.fen, (long long)cash.counted_fen);
    struct cash_count *to = matching_add(&shifts->items, &shifts->count, sizeof *to);
    *to = cash;
    to->counted_fen = counted ? pieces.fen : cash.counted_fen;
    to->operator= texts_keep(shifts->texts, cash.operator);
    to->shift = texts_keep(shifts->texts, cash.shift);
    return true;
}

struct shift_file *shift_file_read(const char *path, struct err *err)
{
    struct shift_file *shifts = memory_new(1, sizeof *shifts);

    shifts->texts = texts_create();
    /* Never NULL, so that a file without a count says that none was counted. */
    shifts->items = memory_new(1, sizeof *shifts->items);
    if (objects_each(path, take_shift, shifts, err))
        return shifts;
    shift_file_release(shifts);
    return NULL;
}

void shift_file_release(struct shift_file *shifts)
{
    if (!shifts)
        return;
    texts_destroy(shifts->texts);
    free(shifts->items);
    free(shifts);
}

const struct cash_count *shift_file_counts(const struct shift_file *shifts, uint32_t *ret_count)
{
    *ret_count = shifts->count;
    return shifts->items;
}
