/* long: orders, a column map and the rules beside the target */
/*
 * Statements of any bytes: read, and if they are believed, matched with a few orders. Whatever
 * comes, each difference is in a class and no sum is below zero.
 */
#ifndef FUZZ_STATEMENT_TARGET_H
#define FUZZ_STATEMENT_TARGET_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "daemon/reconcile/ledger.h"

enum { STATEMENT_FUZZ_DAY = 19795 }; /* 2024-03-13 */

/* Of the samples: paid, refunded, and in no bill. */
static inline bool statement_orders(void *arg, pay_order_fn *fn, void *fn_arg, struct err *err)
{
    static const int64_t day_s = INT64_C(86400) * STATEMENT_FUZZ_DAY;
    const struct pay_order orders[] = {
        {"GW20240313080001", "", "wechat", "", "", "", PAY_ORDER_PAID, 700, 700, 0, day_s,
         INT64_MIN},
        {"GW20240313080004", "", "wechat", "", "", "", PAY_ORDER_REFUNDED, 900, 900, 900, day_s,
         day_s},
        {"GW20240313080012", "", "alipay", "", "", "", PAY_ORDER_PAID, 1500, 1500, 0, day_s,
         INT64_MIN},
        {"N1", "u1", "unionpay", "s", "", "", PAY_ORDER_VOID, 1200, 0, 0, day_s, INT64_MIN},
    };

    (void)arg;
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++)
        if (!fn(fn_arg, &orders[i], err))
            return false;
    return true;
}

static inline void statement_check(const struct matching *match)
{
    uint32_t count;
    const struct difference *differences = matching_differences(match, &count);

    for (uint32_t i = 0; i < count; i++) {
        assert(differences[i].class < DIFFERENCE_CLASSES && differences[i].at_risk_fen >= 0);
        assert(differences[i].state == DIFFERENCE_OPEN || differences[i].at_risk_fen == 0);
        assert(differences[i].order && differences[i].channel_order && differences[i].why);
    }
    for (unsigned class = 0; class < DIFFERENCE_CLASSES; class ++)
        assert(matching_sum(match, (enum difference_class) class).open <= count);
}

static inline void fuzz_statement(const struct layout *const *extra, const uint8_t *bytes,
                                  size_t size)
{
    struct source_bytes from = {(const char *)bytes, size, 0};
    struct source source = source_of_bytes("20240313.csv", &from);
    struct pay_order_source orders_source = {statement_orders, NULL};
    struct bills *bills = bills_create(extra);
    struct pay_orders *orders = pay_orders_collect(&orders_source, NULL);
    struct err err = {""};

    if (bills_take_source(bills, &source, &err)) {
        bills_default_day(bills, STATEMENT_FUZZ_DAY);
        const struct bill *bill = bills_at(bills, 0);
        struct matching_input input = {.day = bill->facts.day, .orders = orders, .bills = bills};
        struct matching *match = matching_run(&input, &err);

        if (match)
            statement_check(match);
        matching_destroy(match);
    } else {
        assert(strncmp(err.text, "20240313.csv", 12) == 0);
    }
    pay_orders_destroy(orders);
    bills_destroy(bills);
}

/* A column map as files of configuration give them. */
static inline const struct layout *const *statement_extra(void)
{
    static const struct layout_column columns[] = {
        {FIELD_TIME, true, {"when"}},
        {FIELD_ORDER, true, {"our no"}},
        {FIELD_TRANSACTION, true, {"their no"}},
        {FIELD_KIND, true, {"type"}},
        {FIELD_AMOUNT, true, {"amount (fen)"}},
        {FIELD_FEE, true, {"fee"}},
    };
    static const struct layout_word words[] = {{FIELD_KIND, "pay", LINE_PAYMENT},
                                               {FIELD_KIND, "back", LINE_REFUND}};
    static const struct layout layout = {.id = "union",
                                         .channel = "unionpay",
                                         .time = "YYYY/MM/DD hh:mm",
                                         .columns = columns,
                                         .columns_count = sizeof columns / sizeof *columns,
                                         .words = words,
                                         .words_count = 2,
                                         .totals_form = LAYOUT_TOTALS_ROW,
                                         .totals_word = "sum"};
    static const struct layout *const list[] = {&layout, NULL};

    return list;
}

#endif
