/* The words of orders and the acts that take them, as two tables. See order_json.h. */
#include "daemon/uplink/order_json.h"

#include <stddef.h>
#include <string.h>

#include "daemon/base/json.h"

/* The words; a bit each. */
enum word {
    WORD_ACT,
    WORD_ACTOR,
    WORD_REASON,
    WORD_NOT_AFTER,
    WORD_LANE,
    WORD_UNTIL,
    WORD_FROM,
    WORD_STAY,
    WORD_ORDER,
    WORD_AMOUNT,
    WORD_CHANNEL,
    WORD_TRANSACTION,
    WORD_PLATE,
    WORD_LIST,
    WORD_LOT,
    WORD_TICKET,
    WORDS_COUNT
};
#define BIT(word) (1u << (word))

enum form { AS_TEXT, AS_PLATE, AS_TIME, AS_FEN, AS_CHANNEL, AS_LIST, AS_ACT };

#define AT(member) offsetof(struct city_order, member), sizeof(((struct city_order *)0)->member)

static const struct word_row {
    const char *key;
    enum form form;
    size_t offset, size;
} words[WORDS_COUNT] = {
    [WORD_ACT] = {"act", AS_ACT, 0, 0},
    [WORD_ACTOR] = {"actor", AS_TEXT, AT(actor)},
    [WORD_REASON] = {"reason", AS_TEXT, AT(note)},
    [WORD_NOT_AFTER] = {"not_after", AS_TIME, AT(not_after)},
    [WORD_LANE] = {"lane", AS_TEXT, AT(lane)},
    [WORD_UNTIL] = {"until", AS_TIME, AT(until)},
    [WORD_FROM] = {"from", AS_TIME, AT(from)},
    [WORD_STAY] = {"stay", AS_TEXT, AT(stay)},
    [WORD_ORDER] = {"order", AS_TEXT, AT(order)},
    [WORD_AMOUNT] = {"amount_fen", AS_FEN, AT(amount_fen)},
    [WORD_CHANNEL] = {"channel", AS_CHANNEL, AT(channel)},
    [WORD_TRANSACTION] = {"transaction", AS_TEXT, AT(transaction)},
    [WORD_PLATE] = {"plate", AS_PLATE, AT(plate)},
    [WORD_LIST] = {"list", AS_LIST, AT(list)},
    [WORD_LOT] = {"lot", AS_TEXT, AT(lot_id)},
    [WORD_TICKET] = {"ticket", AS_TEXT, AT(ticket)},
};

/* A lock is a list of its own kind. */
static const struct act_row {
    const char *name;
    enum platform_act act;
    enum list_kind list;
    unsigned needs, either, may;
} acts[] = {
    {"open", PLATFORM_OPEN, 0, BIT(WORD_LANE), 0, 0},
    {"hold", PLATFORM_HOLD, 0, BIT(WORD_LANE) | BIT(WORD_UNTIL), 0, 0},
    {"release", PLATFORM_RELEASE, 0, BIT(WORD_LANE), 0, 0},
    {"paid", PLATFORM_PAID, 0, BIT(WORD_AMOUNT) | BIT(WORD_CHANNEL) | BIT(WORD_TRANSACTION),
     BIT(WORD_STAY) | BIT(WORD_ORDER) | BIT(WORD_TICKET), 0},
    {"list_add", PLATFORM_LIST_ADD, 0, BIT(WORD_LIST) | BIT(WORD_PLATE), 0,
     BIT(WORD_LOT) | BIT(WORD_FROM) | BIT(WORD_UNTIL)},
    {"list_remove", PLATFORM_LIST_REMOVE, 0, BIT(WORD_LIST) | BIT(WORD_PLATE), 0, BIT(WORD_LOT)},
    {"lock", PLATFORM_LIST_ADD, PLATES_LOCKED, BIT(WORD_PLATE), 0, BIT(WORD_LOT)},
    {"unlock", PLATFORM_LIST_REMOVE, PLATES_LOCKED, BIT(WORD_PLATE), 0, BIT(WORD_LOT)},
    {"tariff", PLATFORM_TARIFF, 0, 0, 0, BIT(WORD_LOT)},
    {"ticket", PLATFORM_TICKET, 0, BIT(WORD_LANE) | BIT(WORD_TICKET), 0, 0},
};
enum { ACTS = sizeof acts / sizeof acts[0] };

static const unsigned always =
    BIT(WORD_ACT) | BIT(WORD_ACTOR) | BIT(WORD_REASON) | BIT(WORD_NOT_AFTER);

/* ---- forms ---- */

typedef bool read_fn(const struct word_row *row, const struct json *json, void *value,
                     struct err *err);

/* One line: what is kept comes back from the journal as it went in. */
static bool read_text(const struct word_row *row, const struct json *json, void *value,
                      struct err *err)
{
    const char *text = json_text(json, "");
    size_t size = strlen(text);

    for (const char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            size = row->size;
    if (size == 0 || size >= row->size)
        return err_set(err, "\"%s\" is a text of one line, 1 to %zu bytes", row->key,
                       row->size - 1);
    memcpy(value, text, size + 1);
    return true;
}

static bool read_plate(const struct word_row *row, const struct json *json, void *value,
                       struct err *err)
{
    char plate[PLATE_SIZE];

    if (!plate_normal(json_text(json, ""), plate) || !*plate)
        return err_set(err, "\"%s\" is not a number plate", row->key);
    strcpy(value, plate);
    return true;
}

static bool read_time(const struct word_row *row, const struct json *json, void *value,
                      struct err *err)
{
    utc_ms at;

    if (!utc_parse(json_text(json, ""), &at) || at.ms <= 0)
        return err_set(err, "\"%s\" is a time such as 2026-11-22T18:00:00+08:00", row->key);
    memcpy(value, &at, sizeof at);
    return true;
}

static bool read_fen(const struct word_row *row, const struct json *json, void *value,
                     struct err *err)
{
    enum { MOST = 1000000000 }; /* ten million yuan: beyond is a slip */
    int64_t fen = json_int(json, 0);

    if (json_kind(json) != JSON_KIND_INT || fen < 1 || fen > MOST)
        return err_set(err, "\"%s\" is a whole number from 1 to %d", row->key, MOST);
    memcpy(value, &fen, sizeof fen);
    return true;
}

static bool read_name(const struct word_row *row, const struct words *names,
                      const struct json *json, void *value, struct err *err)
{
    int number;
    char bytes[RECORD_PHRASE];
    struct text known;

    if (words_parse(names, json_text(json, ""), &number)) {
        memcpy(value, &number, sizeof number);
        return true;
    }
    text_init(&known, bytes, sizeof bytes);
    for (int i = 0; i < names->count; i++)
        text_add(&known, "%s%s", i ? ", " : "", words_name(names, i));
    return err_set(err, "\"%s\" is one of %s", row->key, bytes);
}

static bool read_channel(const struct word_row *row, const struct json *json, void *value,
                         struct err *err)
{
    return read_name(row, &pay_channel_words, json, value, err);
}

static bool read_list(const struct word_row *row, const struct json *json, void *value,
                      struct err *err)
{
    return read_name(row, &list_kind_words, json, value, err);
}

/* It was read before the others. */
static bool skip_act(const struct word_row *row, const struct json *json, void *value,
                     struct err *err)
{
    (void)row, (void)json, (void)value, (void)err;
    return true;
}

static read_fn *const readers[] = {
    [AS_TEXT] = read_text, [AS_PLATE] = read_plate,     [AS_TIME] = read_time,
    [AS_FEN] = read_fen,   [AS_CHANNEL] = read_channel, [AS_LIST] = read_list,
    [AS_ACT] = skip_act,
};

/* ---- one order ---- */

struct taking {
    const struct act_row *act;
    struct city_order *order;
    unsigned given;
    struct err *err;
    bool good;
};

static bool take(void *arg, const char *key, const struct json *value)
{
    struct taking *taking = arg;
    unsigned allowed = always | taking->act->needs | taking->act->either | taking->act->may;

    for (int i = 0; i < WORDS_COUNT; i++) {
        const struct word_row *row = &words[i];

        if (strcmp(row->key, key) != 0 || !(allowed & BIT(i)))
            continue;
        taking->given |= BIT(i);
        taking->good =
            readers[row->form](row, value, (char *)taking->order + row->offset, taking->err);
        return taking->good;
    }
    taking->good = err_set(taking->err, "\"%.40s\" is not for act \"%s\"", key, taking->act->name);
    return false;
}

static bool says_missing(unsigned bits, const char *what, struct err *err)
{
    char bytes[RECORD_PHRASE];
    struct text names;

    text_init(&names, bytes, sizeof bytes);
    for (int i = 0; i < WORDS_COUNT; i++)
        if (bits & BIT(i))
            text_add(&names, "%s\"%s\"", names.used ? ", " : "", words[i].key);
    return err_set(err, "it needs %s%s", what, bytes);
}

static const struct act_row *find_act(const struct json *document)
{
    const char *name = json_text(json_member(document, "act"), "");

    for (int i = 0; i < ACTS; i++)
        if (strcmp(acts[i].name, name) == 0)
            return &acts[i];
    return NULL;
}

static bool read_words(const struct json *document, struct city_order *order, struct err *err)
{
    struct taking taking = {.order = order, .err = err, .good = true};

    taking.act = find_act(document);
    if (!taking.act)
        return err_set(err, "\"act\" is missing, or none that is known; see parkd-orders(7)");
    order->act = taking.act->act;
    order->list = taking.act->list;
    json_each(document, take, &taking);
    if (!taking.good)
        return false;
    unsigned missing = (always | taking.act->needs) & ~taking.given;
    if (missing)
        return says_missing(missing, "", err);
    return !taking.act->either || taking.act->either & taking.given ||
           says_missing(taking.act->either, "one of ", err);
}

bool order_json_read(const struct city_call *call, struct city_order *ret, struct err *err)
{
    struct city_order order = {.act = PLATFORM_ACTS};
    struct json *document;
    bool done = false;

    if (!*call->path || strlen(call->path) >= sizeof order.id)
        return err_set(err, "an id has 1 to %zu bytes", sizeof order.id - 1);
    text_copy(order.id, sizeof order.id, call->path);
    document = json_read(call->body, call->size, ORDER_JSON_MAX, err);
    if (document && json_kind(document) != JSON_KIND_OBJECT)
        err_set(err, "it is no object");
    else if (document)
        done = read_words(document, &order, err);
    json_release(document);
    if (done)
        *ret = order;
    return done;
}

void order_json_reply(const char *id, const struct platform_said *said, utc_ms at, struct text *out)
{
    const char *verdict =
        said->later ? "later" : words_name(&platform_verdict_words, (int)said->verdict);
    char time[UTC_TEXT_SIZE];

    text_add(out, "{");
    text_json_pair(out, "id", id);
    text_json_pair(out, "verdict", verdict);
    text_json_bool(out, "again", said->again);
    if (*said->why)
        text_json_pair(out, "reason", said->why);
    if (said->seq)
        text_json_int(out, "seq", (int64_t)said->seq);
    text_json_pair(out, "at", utc_text(at, time));
    text_add(out, "}");
}
