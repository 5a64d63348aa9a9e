/* The acts and their words. See acts.h. */
#include "daemon/serve/acts.h"

#include <stddef.h>
#include <string.h>

#define AT(member) offsetof(struct serve_words, member), sizeof(((struct serve_words *)0)->member)
#define ROW(key, option, argument, help, form, member)      \
    {                                                       \
        key, option, argument, help, form, AT(member), NULL \
    }
#define NAME(key, argument, help, member, words)                     \
    {                                                                \
        key, key, argument, help, WORD_AS_NAME, AT(member), &(words) \
    }

const struct serve_word_row serve_words[SERVE_WORDS] = {
    [WORD_REASON] =
        ROW("reason", "reason", "WHY", "why, in a few words; it is recorded", WORD_AS_TEXT, reason),
    [WORD_LOT] = ROW("lot", "lot", "LOT", "of this lot", WORD_AS_TEXT, lot),
    [WORD_PLACE] = ROW("place", "place", "LOT|LANE", "of this lot or lane", WORD_AS_TEXT, place),
    [WORD_UNTIL] = ROW("until", "until", "TIME", "when it ends, such as 2026-11-22T18:00:00+08:00",
                       WORD_AS_TIME, until),
    [WORD_FOR] =
        ROW("for_s", "for", "SPAN", "how long, such as 90s, 30m or 8h", WORD_AS_SPAN, for_s),
    [WORD_PLATE] = ROW("plate", "plate", "PLATE", "the number plate", WORD_AS_PLATE, plate),
    [WORD_STAY] = ROW("stay", "stay", "STAY", "the stay", WORD_AS_TEXT, stay),
    [WORD_CLASS] = ROW("class", "class", "CLASS", "class of the vehicle", WORD_AS_CLASS, class),
    [WORD_ENTERED] = ROW("entered", "entered", "TIME", "when it came", WORD_AS_TIME, entered),
    [WORD_BAY] = ROW("bay", "bay", "BAY", "the bay that it stands on", WORD_AS_TEXT, bay),
    [WORD_OUTCOME] = NAME("outcome", "OUTCOME", "released or void", outcome, stay_outcome_words),
    [WORD_AMOUNT] =
        ROW("amount_fen", "amount", "YUAN", "how much, such as 12.50", WORD_AS_MONEY, amount_fen),
    [WORD_CHANNEL] =
        NAME("channel", "CHANNEL", "cash, wechat, alipay, unionpay, etc, card, wallet or other",
             channel, pay_channel_words),
    [WORD_TRANSACTION] = ROW("transaction", "transaction", "ID", "the channel's own number",
                             WORD_AS_TEXT, transaction),
    [WORD_SHIFT] = ROW("shift", "shift", "SHIFT", "the cashier's shift", WORD_AS_TEXT, shift),
    [WORD_COUPON] = ROW("coupon", "coupon", "ID", "the coupon's own number", WORD_AS_TEXT, coupon),
    [WORD_KIND] = NAME("kind", "KIND", "time, percent or amount", kind, coupon_kind_words),
    [WORD_VALUE] =
        ROW("value", "value", "N", "its worth: seconds, percent or fen", WORD_AS_NUMBER, value),
    [WORD_ISSUER] = ROW("issuer", "issuer", "NAME", "who gave it", WORD_AS_TEXT, issuer),
    [WORD_LIST] = NAME("list", "LIST", "pass, exempt, blocked or locked", list, list_kind_words),
    [WORD_GROUP] =
        ROW("group", "group", "NAME", "plates that share their bays", WORD_AS_TEXT, group),
    [WORD_BAYS] = ROW("bays", "bays", "N", "so many of the group inside at once; 0 all",
                      WORD_AS_NUMBER, bays),
    [WORD_FROM] = ROW("from", "from", "TIME", "when it begins", WORD_AS_TIME, from),
    [WORD_CASHIER] = ROW("cashier", "cashier", "NAME", "whose shift", WORD_AS_TEXT, cashier),
    [WORD_FLOAT] =
        ROW("float_fen", "float", "YUAN", "in the drawer at the start", WORD_AS_MONEY, float_fen),
    [WORD_COUNTED] = ROW("counted_fen", "counted", "YUAN", "in the drawer as counted",
                         WORD_AS_MONEY, counted_fen),
    [WORD_DENOMINATIONS] =
        ROW("denominations", "denominations", "LIST",
            "notes and coins by count, such as 100x3,50x1", WORD_AS_TEXT, denominations),
    [WORD_WITNESS] = ROW("witness", "witness", "NAME", "who counted along", WORD_AS_TEXT, witness),
    [WORD_TIMEZONE] =
        ROW("zone", "timezone", "NAME", "time zone of the day", WORD_AS_TEXT, timezone),
    [WORD_FEES] = ROW("fees", "fees", "LIST", "the channels' fees", WORD_AS_TEXT, fees),
    [WORD_THROUGH] = ROW("through", "through", "SEQ", "the last record that was looked at",
                         WORD_AS_NUMBER, through),
    [WORD_DIGEST] = ROW("digest", "digest", "HASH", "of the figures", WORD_AS_TEXT, digest),
    [WORD_SUMS] = ROW("sums", "sums", "LIST", "its main sums", WORD_AS_TEXT, sums),
    [WORD_TICKET] =
        ROW("ticket", "ticket", "ID", "the ticket or QR id, 1 to 23 characters of 0-9 A-Z a-z _ -",
            WORD_AS_TEXT, ticket),
    [WORD_UPLOADS] =
        ROW("uploads", "uploads", "LIST", "records in time, delivered, due", WORD_AS_TEXT, uploads),
    [WORD_FOUND] = NAME("found", "CLASS", "channel_only, gateway_only, late_next_day …",
                        difference.class, difference_class_words),
    [WORD_STATE] =
        NAME("state", "STATE", "open or auto_resolved", difference.state, difference_state_words),
    [WORD_DAY] = ROW("day", "day", "DAY", "of the statement", WORD_AS_TEXT, difference.day),
    [WORD_PAYER] =
        ROW("payer", "payer", "CHANNEL", "whose statement", WORD_AS_TEXT, difference.channel),
    [WORD_ORDER] = ROW("order", "order", "ID", "our order", WORD_AS_TEXT, difference.order),
    [WORD_CHANNEL_ORDER] = ROW("channel_order", "channel-order", "ID", "as the channel names it",
                               WORD_AS_TEXT, difference.channel_order),
    [WORD_NUMBER] = ROW("number", "number", "ID", "the channel's number of the payment",
                        WORD_AS_TEXT, difference.transaction),
    [WORD_BACK] = ROW("back", "back", "ID", "the channel's number of a refund", WORD_AS_TEXT,
                      difference.refund),
    [WORD_OF_REFUND] = ROW("of_refund", "of-refund", NULL, "it is about what was given back",
                           WORD_AS_FLAG, difference.of_refund),
    [WORD_HERE] =
        ROW("here_fen", "here", "FEN", "what the gateway has", WORD_AS_SUM, difference.gateway_fen),
    [WORD_THERE] = ROW("there_fen", "there", "FEN", "what the channel has", WORD_AS_SUM,
                       difference.channel_fen),
    [WORD_AT_RISK] = ROW("at_risk_fen", "at-risk", "FEN", "the money at risk", WORD_AS_NUMBER,
                         difference.at_risk_fen),
    [WORD_SINCE] = ROW("since", "since", "TIME", "its age is counted from then", WORD_AS_TIME,
                       difference.since),
    [WORD_INSIDE] =
        ROW("inside", "inside", "N", "vehicles inside as counted", WORD_AS_NUMBER, inside),
    [WORD_DENY] = ROW("deny", "deny", NULL, "it does not pass", WORD_AS_FLAG, deny),
    [WORD_SURE] = ROW("sure", "sure", NULL, "though it is hard to believe", WORD_AS_FLAG, sure),
};

#define G SERVE_GIVEN
#define ACT(role, path, end, summary, needs, either, may)       \
    {                                                           \
        ROLE_##role, path end, end, summary, needs, either, may \
    }

const struct serve_act_row serve_acts[SERVE_ACTS] = {
    [ACT_LANE_OPEN] =
        ACT(ATTENDANT, "/api/v1/lanes/*", "/open", "open a barrier", G(WORD_REASON), 0, 0),
    [ACT_LANE_HOLD] = ACT(SUPERVISOR, "/api/v1/lanes/*", "/hold", "hold a barrier open until then",
                          G(WORD_REASON), G(WORD_UNTIL) | G(WORD_FOR), 0),
    [ACT_LANE_RELEASE] = ACT(ATTENDANT, "/api/v1/lanes/*", "/release", "end a hold before its time",
                             0, 0, G(WORD_REASON)),
    [ACT_LANE_CLOSE] =
        ACT(ATTENDANT, "/api/v1/lanes/*", "/close", "close a barrier", G(WORD_REASON), 0, 0),
    [ACT_LANE_RESET] = ACT(ATTENDANT, "/api/v1/lanes/*", "/reset", "a lane's trouble was put right",
                           G(WORD_REASON), 0, 0),
    [ACT_LANE_OUT] = ACT(SUPERVISOR, "/api/v1/lanes/*", "/out", "take a lane out of service",
                         G(WORD_REASON), 0, 0),
    [ACT_LANE_IN] =
        ACT(SUPERVISOR, "/api/v1/lanes/*", "/in", "return a lane to service", 0, 0, G(WORD_REASON)),
    [ACT_LANE_APPROVE] = ACT(ATTENDANT, "/api/v1/lanes/*", "/approve",
                             "say who waits at a lane, and let it pass or not", 0,
                             G(WORD_PLATE) | G(WORD_STAY) | G(WORD_DENY), G(WORD_REASON)),
    [ACT_LANE_TICKET] =
        ACT(ATTENDANT, "/api/v1/lanes/*", "/ticket",
            "the vehicle at a lane has no plate, but this ticket", G(WORD_TICKET), 0, 0),
    [ACT_EVACUATE] = ACT(ATTENDANT, "/api/v1/evacuation", "/begin",
                         "open everything and keep it open", G(WORD_REASON), 0, G(WORD_PLACE)),
    [ACT_EVACUATION_ENDS] = ACT(SUPERVISOR, "/api/v1/evacuation", "/end", "back to normal", 0, 0,
                                G(WORD_REASON) | G(WORD_PLACE)),
    [ACT_STAY_OPEN] =
        ACT(ATTENDANT, "/api/v1/stays", "/open", "a vehicle is there whose entry nobody saw",
            G(WORD_LOT) | G(WORD_PLATE) | G(WORD_REASON), 0,
            G(WORD_ENTERED) | G(WORD_CLASS) | G(WORD_BAY)),
    [ACT_STAY_AMEND] =
        ACT(SUPERVISOR, "/api/v1/stays/*", "/amend", "put a stay right", G(WORD_REASON),
            G(WORD_PLATE) | G(WORD_CLASS) | G(WORD_ENTERED) | G(WORD_BAY), 0),
    [ACT_STAY_CLOSE] = ACT(SUPERVISOR, "/api/v1/stays/*", "/close", "end a stay by hand",
                           G(WORD_OUTCOME) | G(WORD_REASON), 0, 0),
    [ACT_STAY_MERGE] =
        ACT(SUPERVISOR, "/api/v1/stays/*", "/merge",
            "two stays are of one vehicle: the one that never ended, and --stay made at its exit",
            G(WORD_STAY) | G(WORD_REASON), 0, 0),
    [ACT_STAY_COUPON] = ACT(ATTENDANT, "/api/v1/stays/*", "/coupon", "a discount for a stay",
                            G(WORD_COUPON) | G(WORD_KIND) | G(WORD_VALUE), 0, G(WORD_ISSUER)),
    [ACT_PAY] = ACT(ATTENDANT, "/api/v1/stays/*", "/pay", "money came for a stay or an order",
                    G(WORD_AMOUNT) | G(WORD_CHANNEL), 0, G(WORD_TRANSACTION) | G(WORD_SHIFT)),
    [ACT_REFUND] = ACT(SUPERVISOR, "/api/v1/payments/*", "/refund", "give money back",
                       G(WORD_AMOUNT) | G(WORD_REASON), 0, G(WORD_TRANSACTION) | G(WORD_SHIFT)),
    [ACT_LIST_ADD] = ACT(
        SUPERVISOR, "/api/v1/lists/*", "/add", "put a plate on a list", G(WORD_LIST), 0,
        G(WORD_LOT) | G(WORD_GROUP) | G(WORD_BAYS) | G(WORD_FROM) | G(WORD_UNTIL) | G(WORD_REASON)),
    [ACT_LIST_REMOVE] = ACT(SUPERVISOR, "/api/v1/lists/*", "/remove", "take a plate off a list",
                            G(WORD_LIST), 0, G(WORD_LOT) | G(WORD_REASON)),
    [ACT_SHIFT_OPEN] = ACT(ATTENDANT, "/api/v1/shifts", "/open", "a cashier begins",
                           G(WORD_CASHIER), 0, G(WORD_FLOAT) | G(WORD_LOT)),
    [ACT_SHIFT_CLOSE] =
        ACT(ATTENDANT, "/api/v1/shifts/*", "/close", "a cashier ends, and the drawer is counted",
            G(WORD_COUNTED), 0, G(WORD_DENOMINATIONS) | G(WORD_WITNESS) | G(WORD_REASON)),
    [ACT_OCCUPANCY] =
        ACT(ATTENDANT, "/api/v1/lots/*", "/inside", "a person counted the vehicles of a lot",
            G(WORD_INSIDE), 0, G(WORD_SURE) | G(WORD_REASON)),
    [ACT_REPORT] =
        ACT(SUPERVISOR, "/api/v1/reports/*", "/close", "close a business day",
            G(WORD_FROM) | G(WORD_UNTIL) | G(WORD_TIMEZONE) | G(WORD_THROUGH) | G(WORD_DIGEST), 0,
            G(WORD_FEES) | G(WORD_SUMS) | G(WORD_UPLOADS)),
    [ACT_DIFFERENCE] =
        ACT(SUPERVISOR, "/api/v1/differences/*", "/note",
            "reconciling with a statement has found a difference, or its end",
            G(WORD_FOUND) | G(WORD_STATE) | G(WORD_DAY) | G(WORD_PAYER) | G(WORD_AT_RISK) |
                G(WORD_SINCE),
            0,
            G(WORD_ORDER) | G(WORD_CHANNEL_ORDER) | G(WORD_NUMBER) | G(WORD_BACK) |
                G(WORD_OF_REFUND) | G(WORD_HERE) | G(WORD_THERE) | G(WORD_DIGEST) | G(WORD_REASON)),
    [ACT_DIFFERENCE_CLOSE] = ACT(SUPERVISOR, "/api/v1/differences/*", "/close",
                                 "a person resolves a difference", G(WORD_REASON), 0, 0),
};

static bool read_text(const struct serve_word_row *row, const struct json *json, void *value,
                      struct err *err)
{
    const char *text = json_text(json, NULL);

    if (!text || !*text || strlen(text) >= row->size)
        return err_set(err, "\"%s\" is a text of 1 to %u bytes", row->key, row->size - 1u);
    strcpy(value, text);
    return true;
}

static bool read_plate(const struct serve_word_row *row, const struct json *json, void *value,
                       struct err *err)
{
    char plate[PLATE_SIZE];

    if (!plate_normal(json_text(json, ""), plate) || !*plate)
        return err_set(err, "\"%s\" is not a number plate", row->key);
    strcpy(value, plate);
    return true;
}

static bool read_time(const struct serve_word_row *row, const struct json *json, void *value,
                      struct err *err)
{
    return utc_parse(json_text(json, ""), value) ||
           err_set(err, "\"%s\" is a time such as 2026-11-22T18:00:00+08:00", row->key);
}

enum { MOST = 1000000000 }; /* ten million yuan, thirty years: beyond is a slip */

static bool read_sum(const struct serve_word_row *row, const struct json *json, void *value,
                     struct err *err)
{
    int64_t number = json_int(json, 0);

    if (json_kind(json) != JSON_KIND_INT || number < -MOST || number > MOST)
        return err_set(err, "\"%s\" is a whole number from %d to %d", row->key, -MOST, MOST);
    memcpy(value, &number, sizeof number);
    return true;
}

static bool read_number(const struct serve_word_row *row, const struct json *json, void *value,
                        struct err *err)
{
    int64_t number = json_int(json, -1);

    if (json_kind(json) != JSON_KIND_INT || number < 0 || number > MOST)
        return err_set(err, "\"%s\" is a whole number from 0 to %d", row->key, MOST);
    memcpy(value, &number, sizeof number);
    return true;
}

static bool read_name(const struct serve_word_row *row, const struct json *json, void *value,
                      struct err *err)
{
    int number;

    if (!words_parse(row->words, json_text(json, ""), &number))
        return err_set(err, "\"%s\" is not known: %s", row->key, row->help);
    memcpy(value, &number, sizeof number);
    return true;
}

static bool read_class(const struct serve_word_row *row, const struct json *json, void *value,
                       struct err *err)
{
    return vehicle_parse(json_text(json, ""), value) ||
           err_set(err, "\"%s\" is no class of vehicles; small, large and nev are some", row->key);
}

static bool read_flag(const struct serve_word_row *row, const struct json *json, void *value,
                      struct err *err)
{
    if (json_kind(json) != JSON_KIND_BOOL)
        return err_set(err, "\"%s\" is true or false", row->key);
    *(bool *)value = json_bool(json, false);
    return true;
}

typedef bool read_fn(const struct serve_word_row *row, const struct json *json, void *value,
                     struct err *err);

static read_fn *const readers[] = {
    [WORD_AS_TEXT] = read_text,     [WORD_AS_PLATE] = read_plate, [WORD_AS_TIME] = read_time,
    [WORD_AS_NUMBER] = read_number, [WORD_AS_SPAN] = read_number, [WORD_AS_MONEY] = read_number,
    [WORD_AS_SUM] = read_sum,       [WORD_AS_NAME] = read_name,   [WORD_AS_CLASS] = read_class,
    [WORD_AS_FLAG] = read_flag,
};

struct taking {
    const struct serve_act_row *act;
    struct serve_words *words;
    struct err *err;
    bool good;
};

static bool take(void *arg, const char *key, const struct json *value)
{
    struct taking *taking = arg;
    uint64_t allowed = taking->act->needs | taking->act->either | taking->act->may;

    for (int i = 0; i < SERVE_WORDS; i++) {
        const struct serve_word_row *row = &serve_words[i];

        if (strcmp(row->key, key) != 0 || !(allowed & SERVE_GIVEN(i)))
            continue;
        taking->words->given |= SERVE_GIVEN(i);
        taking->good =
            readers[row->form](row, value, (char *)taking->words + row->offset, taking->err);
        return taking->good;
    }
    taking->good = err_set(taking->err, "\"%.40s\" is not for this", key);
    return false;
}

static void name(uint64_t bits, char *ret, size_t size)
{
    struct text text;

    text_init(&text, ret, size);
    for (int i = 0; i < SERVE_WORDS; i++)
        if (bits & SERVE_GIVEN(i))
            text_add(&text, "%s\"%s\"", text.used ? ", " : "", serve_words[i].key);
}

bool acts_read(enum serve_act act, const struct json *body, struct serve_words *ret,
               struct err *err)
{
    struct serve_words words = {.given = 0};
    struct taking taking = {.act = &serve_acts[act], .words = &words, .err = err, .good = true};
    char names[RECORD_PHRASE];

    json_each(body, take, &taking);
    if (!taking.good)
        return false;
    if (taking.act->needs & ~words.given) {
        name(taking.act->needs & ~words.given, names, sizeof names);
        return err_set(err, "it needs %s", names);
    }
    if (taking.act->either && !(taking.act->either & words.given)) {
        name(taking.act->either, names, sizeof names);
        return err_set(err, "it needs one of %s", names);
    }
    *ret = words;
    return true;
}
