/* A reconciliation as tables: sums by class, then each difference, then settlement and shifts. */
#include <stdio.h>
#include <string.h>

#include "daemon/core/civil.h"
#include "daemon/core/decimal.h"
#include "daemon/core/text.h"
#include "daemon/ctl/reconcile.h"
#include "daemon/ctl/table.h"

enum { YUAN_PLACES = 2, FEE_PLACES = 5 };

static void put_yuan(struct table *table, int64_t fen)
{
    char text[DECIMAL_TEXT];

    table_text(table, fen == MATCHING_NO_AMOUNT ? NULL : decimal_text(fen, YUAN_PLACES, text));
}

/* With five decimals only where there are that many. */
static void put_fee(struct table *table, int64_t mfen)
{
    char text[DECIMAL_TEXT];

    if (mfen % STATEMENT_MFEN == 0)
        put_yuan(table, mfen / STATEMENT_MFEN);
    else
        table_text(table, decimal_text(mfen, FEE_PLACES, text));
}

static void show_sums(const struct matching *match, enum words_language language)
{
    static const struct table_column columns[] = {{"Class", TABLE_LEFT},
                                                  {"Count", TABLE_RIGHT},
                                                  {"Open", TABLE_RIGHT},
                                                  {"Amount", TABLE_RIGHT},
                                                  {"At risk", TABLE_RIGHT}};
    struct table *table = table_create(language, columns, 5);
    struct matching_sum all = {0};
    uint32_t matched;

    matching_matched(match, &matched);
    table_word(table, "matched");
    table_number(table, matched);
    for (int i = 0; i < 3; i++)
        table_text(table, NULL);
    for (unsigned class = 0; class < DIFFERENCE_CLASSES; class ++) {
        struct matching_sum sum = matching_sum(match, (enum difference_class) class);

        if (!sum.count)
            continue;
        table_word(table, difference_class_text((enum difference_class) class));
        table_number(table, sum.count);
        table_number(table, sum.open);
        put_yuan(table, sum.fen);
        put_yuan(table, sum.at_risk_fen);
        all.count += sum.count;
        all.open += sum.open;
        all.at_risk_fen += sum.at_risk_fen;
    }
    table_word(table, "all differences");
    table_number(table, all.count);
    table_number(table, all.open);
    table_text(table, NULL);
    put_yuan(table, all.at_risk_fen);
    table_print(table);
}

static void show_differences(const struct matching *match, enum words_language language)
{
    static const struct table_column columns[] = {
        {"Channel", TABLE_LEFT},    {"Class", TABLE_LEFT}, {"Order", TABLE_LEFT},
        {"At channel", TABLE_LEFT}, {"Here", TABLE_RIGHT}, {"There", TABLE_RIGHT},
        {"At risk", TABLE_RIGHT},   {"Days", TABLE_RIGHT}, {"State", TABLE_LEFT},
        {"What to do", TABLE_LEFT}};
    uint32_t count;
    const struct difference *differences = matching_differences(match, &count);

    if (!count)
        return;
    putchar('\n');
    struct table *table = table_create(language, columns, 10);
    for (uint32_t i = 0; i < count; i++) {
        const struct difference *one = &differences[i];

        table_word(table, one->channel);
        table_word(table, difference_class_text(one->class));
        table_text(table, *one->order ? one->order : NULL);
        table_text(table, *one->channel_order ? one->channel_order : NULL);
        put_yuan(table, one->gateway_fen);
        put_yuan(table, one->channel_fen);
        put_yuan(table, one->at_risk_fen);
        table_number(table, one->age_days);
        table_text(table, difference_state_text(one->state));
        table_word(table, one->why);
    }
    table_print(table);
}

static void show_settlements(const struct matching *match, enum words_language language)
{
    static const struct table_column columns[] = {
        {"Channel", TABLE_LEFT}, {"Receivable", TABLE_RIGHT},          {"Refunds", TABLE_RIGHT},
        {"Fee", TABLE_RIGHT},    {"Expected settlement", TABLE_RIGHT}, {"Account", TABLE_RIGHT}};
    uint32_t count;
    const struct matching_settlement *settlements = matching_settlements(match, &count);

    putchar('\n');
    struct table *table = table_create(language, columns, 6);
    for (uint32_t i = 0; i < count; i++) {
        table_word(table, settlements[i].channel);
        put_yuan(table, settlements[i].receivable_fen);
        put_yuan(table, settlements[i].refunds_fen);
        put_fee(table, settlements[i].fee_mfen);
        put_fee(table, settlements[i].expected_mfen);
        if (settlements[i].proved)
            put_fee(table, settlements[i].moved_mfen);
        else
            table_text(table, NULL);
    }
    table_print(table);
}

static void show_shifts(const struct matching *match, enum words_language language)
{
    static const struct table_column columns[] = {{"Operator", TABLE_LEFT},
                                                  {"Shift", TABLE_LEFT},
                                                  {"Orders", TABLE_RIGHT},
                                                  {"System", TABLE_RIGHT},
                                                  {"Counted", TABLE_RIGHT}};
    uint32_t count;
    const struct matching_shift *shifts = matching_shifts(match, &count);

    if (!count)
        return;
    putchar('\n');
    struct table *table = table_create(language, columns, 5);
    for (uint32_t i = 0; i < count; i++) {
        table_text(table, shifts[i].operator);
        table_text(table, shifts[i].shift);
        table_number(table, shifts[i].orders);
        put_yuan(table, shifts[i].system_fen);
        put_yuan(table, shifts[i].counted_fen);
    }
    table_print(table);
}

void reconcile_tables(const struct reconciled *reconciled, enum words_language language)
{
    int64_t unchecked_fen;
    uint32_t unchecked = matching_unchecked(reconciled->match, &unchecked_fen);
    char text[DECIMAL_TEXT];

    show_sums(reconciled->match, language);
    show_differences(reconciled->match, language);
    show_settlements(reconciled->match, language);
    show_shifts(reconciled->match, language);
    if (reconciled->changes)
        printf("\n%s: %u; %s: %u\n", words_in(language, "recorded as new"),
               reconciled->changes[LEDGER_NEW], words_in(language, "as changed"),
               reconciled->changes[LEDGER_CHANGED]);
    if (unchecked)
        printf("\n%s: %u, %s\n", words_in(language, "orders of channels without a statement"),
               unchecked, decimal_text(unchecked_fen, YUAN_PLACES, text));
}
