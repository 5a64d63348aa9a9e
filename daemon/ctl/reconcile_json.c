/*
 * A reconciliation as JSON, printed piece by piece: a member for each channel with what is matched,
 * the differences and the coupons, "cash" with the shifts, then sums.
 */
#include <stdio.h>
#include <string.h>

#include "daemon/core/civil.h"
#include "daemon/core/decimal.h"
#include "daemon/core/text.h"
#include "daemon/ctl/reconcile.h"

enum { PIECE_SIZE = 4096, FEE_PLACES = 3 };

/* A key and an amount, unless there is no such side. */
static void put_fen(struct text *out, const char *key, int64_t fen)
{
    if (fen != MATCHING_NO_AMOUNT)
        text_json_int(out, key, fen);
}

static void put_text(struct text *out, const char *key, const char *text)
{
    if (*text)
        text_json_pair(out, key, text);
}

/* Thousandths of a fen, as a number of fen with three decimals. */
static void put_mfen(struct text *out, const char *key, int64_t mfen)
{
    char digits[DECIMAL_TEXT];

    text_comma(out);
    text_add(out, "\"%s\":%s", key,
             decimal_text(mfen % STATEMENT_MFEN ? mfen : mfen / STATEMENT_MFEN,
                          mfen % STATEMENT_MFEN ? FEE_PLACES : 0, digits));
}

static void print_difference(const struct difference *difference, bool first)
{
    bool refund = difference->class == DIFFERENCE_REFUND_UNKNOWN ||
                  difference->class == DIFFERENCE_REFUND_MISSING;
    bool cash = strcmp(difference->channel, "cash") == 0;
    char bytes[PIECE_SIZE], at[CIVIL_TEXT];
    struct text out;

    text_init(&out, bytes, sizeof bytes);
    text_add(&out, "{");
    text_json_pair(&out, "cls", difference_class_text(difference->class));
    put_text(&out, cash ? "operator" : "order", difference->order);
    put_text(&out, cash ? "shift" : "channel_order", difference->channel_order);
    put_text(&out, "channel_txn", difference->transaction);
    put_text(&out, "refund_no", difference->refund);
    put_fen(&out, "gateway_fen", difference->gateway_fen);
    put_fen(&out, cash ? "counted_fen" : "channel_fen", difference->channel_fen);
    if (refund)
        put_fen(&out, "refund_fen",
                difference->channel_fen == MATCHING_NO_AMOUNT ? difference->gateway_fen
                                                              : difference->channel_fen);
    text_json_pair(&out, "state", difference_state_text(difference->state));
    text_json_int(&out, "at_risk_fen", difference->at_risk_fen);
    civil_text(&civil_utc, difference->at_local_s, at);
    at[strlen(at) - strlen("+00:00")] = '\0'; /* local time of the channel */
    text_json_pair(&out, "at", at);
    text_json_int(&out, "age_days", difference->age_days);
    text_json_pair(&out, "note", difference->why);
    text_add(&out, "}");
    printf("%s%s", first ? "" : ",", bytes);
}

static void print_differences(const struct matching *match, const char *channel)
{
    uint32_t count, told = 0;
    const struct difference *differences = matching_differences(match, &count);

    fputs("\"classes\":[", stdout);
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(differences[i].channel, channel) == 0)
            print_difference(&differences[i], told++ == 0);
    fputs("]", stdout);
}

static void print_coupon(const struct matching_coupon *coupon, bool first)
{
    bool own = coupon->line->discount_fen > 0;
    char bytes[PIECE_SIZE];
    struct text out;

    text_init(&out, bytes, sizeof bytes);
    text_add(&out, "{");
    text_json_pair(&out, "order", coupon->order->number);
    text_json_int(&out, "order_fen", coupon->line->amount_fen);
    if (coupon->line->coupon_fen)
        text_json_int(&out, "channel_coupon_fen", coupon->line->coupon_fen);
    if (own)
        text_json_int(&out, "merchant_discount_fen", coupon->line->discount_fen);
    text_json_int(&out, own ? "received_fen" : "settled_fen", coupon->line->settled_fen);
    text_add(&out, "}");
    printf("%s%s", first ? "" : ",", bytes);
}

static void print_settlement(const struct matching_settlement *settlement)
{
    char bytes[PIECE_SIZE];
    struct text out;

    text_init(&out, bytes, sizeof bytes);
    text_add(&out, "{");
    text_json_int(&out, "receivable_fen", settlement->receivable_fen);
    text_json_int(&out, "refunds_fen", settlement->refunds_fen);
    put_mfen(&out, "fee_fen", settlement->fee_mfen);
    put_mfen(&out, "expected_fen", settlement->expected_mfen);
    text_json_bool(&out, "proved", settlement->proved);
    if (settlement->proved) {
        put_mfen(&out, "moved_fen", settlement->moved_mfen);
        put_mfen(&out, "other_fen", settlement->other_mfen);
    }
    text_add(&out, "}");
    printf("\"settlement\":%s", bytes);
}

static void print_channel(const struct reconciled *reconciled,
                          const struct matching_settlement *settlement)
{
    const struct matching *match = reconciled->match;
    uint32_t count, told = 0;
    const struct pay_order *const *matched = matching_matched(match, &count);
    char bytes[PIECE_SIZE];
    struct text out;

    text_init(&out, bytes, sizeof bytes);
    text_json_string(&out, settlement->channel);
    printf("%s:{\"matched\":[", bytes);
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(matched[i]->channel, settlement->channel) != 0)
            continue;
        text_init(&out, bytes, sizeof bytes);
        text_json_string(&out, matched[i]->number);
        printf("%s%s", told++ ? "," : "", bytes);
    }
    fputs("],", stdout);
    print_differences(match, settlement->channel);
    fputs(",\"coupon\":[", stdout);
    const struct matching_coupon *coupons = matching_coupons(match, &count);
    told = 0;
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(coupons[i].order->channel, settlement->channel) == 0)
            print_coupon(&coupons[i], told++ == 0);
    fputs("],", stdout);
    print_settlement(settlement);
    fputs("},", stdout);
}

static void print_cash(const struct matching *match)
{
    uint32_t count;
    const struct matching_shift *shifts = matching_shifts(match, &count);

    fputs("\"cash\":{\"shifts\":[", stdout);
    for (uint32_t i = 0; i < count; i++) {
        char bytes[PIECE_SIZE];
        struct text out;

        text_init(&out, bytes, sizeof bytes);
        text_add(&out, "{");
        text_json_pair(&out, "operator", shifts[i].operator);
        text_json_pair(&out, "shift", shifts[i].shift);
        text_json_int(&out, "system_fen", shifts[i].system_fen);
        text_json_int(&out, "orders", shifts[i].orders);
        put_fen(&out, "counted_fen", shifts[i].counted_fen);
        text_add(&out, "}");
        printf("%s%s", i ? "," : "", bytes);
    }
    fputs("],", stdout);
    print_differences(match, "cash");
    fputs("},", stdout);
}

static void print_statements(const struct bills *bills)
{
    fputs("\"statements\":[", stdout);
    for (uint32_t i = 0; i < bills_count(bills); i++) {
        const struct bill *bill = bills_at(bills, i);
        char bytes[PIECE_SIZE], day[CIVIL_DATE_TEXT];
        struct text out;

        text_init(&out, bytes, sizeof bytes);
        text_add(&out, "{");
        text_json_pair(&out, "file", bill->name);
        text_json_pair(&out, "format", bill->facts.layout ? bill->facts.layout->id : "no bill");
        text_json_pair(&out, "channel", bill->facts.channel);
        text_json_pair(&out, "day", civil_date_text(bill->facts.day, day));
        text_json_int(&out, "rows", bill->lines_count);
        text_json_pair(&out, "sha256", bill->facts.digest);
        if (bill->same_as)
            text_json_pair(&out, "same_as", bill->same_as);
        text_add(&out, "}");
        printf("%s%s", i ? "," : "", bytes);
    }
    fputs("],", stdout);
}

static void print_sums(const struct matching *match)
{
    int64_t at_risk_fen = 0, unchecked_fen;
    uint32_t unchecked = matching_unchecked(match, &unchecked_fen), told = 0;

    fputs("\"sums\":{", stdout);
    for (unsigned class = 0; class < DIFFERENCE_CLASSES; class ++) {
        struct matching_sum sum = matching_sum(match, (enum difference_class) class);

        at_risk_fen += sum.at_risk_fen;
        if (sum.count)
            printf("%s\"%s\":{\"count\":%u,\"open\":%u,\"fen\":%lld,\"at_risk_fen\":%lld}",
                   told++ ? "," : "", difference_class_text((enum difference_class) class),
                   sum.count, sum.open, (long long)sum.fen, (long long)sum.at_risk_fen);
    }
    printf("},\"unchecked\":{\"orders\":%u,\"fen\":%lld},\"at_risk_fen\":%lld", unchecked,
           (long long)unchecked_fen, (long long)at_risk_fen);
}

void reconcile_json(const struct reconciled *reconciled)
{
    uint32_t count;
    const struct matching_settlement *settlements = matching_settlements(reconciled->match, &count);
    char day[CIVIL_DATE_TEXT];

    printf("{\"bill_date\":\"%s\",\"time_zone\":\"Asia/Shanghai\",",
           civil_date_text(reconciled->input->day, day));
    for (uint32_t i = 0; i < count; i++)
        print_channel(reconciled, &settlements[i]);
    print_cash(reconciled->match);
    print_statements(reconciled->input->bills);
    print_sums(reconciled->match);
    if (reconciled->changes)
        printf(",\"recorded\":{\"new\":%u,\"changed\":%u,\"same\":%u}",
               reconciled->changes[LEDGER_NEW], reconciled->changes[LEDGER_CHANGED],
               reconciled->changes[LEDGER_SAME]);
    puts("}");
}
