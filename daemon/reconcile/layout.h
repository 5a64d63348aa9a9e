/* long: what every format has in common stands on one page */
/*
 * How the statements of a channel look, as data: which headers hold which field, what the words
 * mean, which totals stand where. The built-in ones are in layouts.c; others come from files
 * (daemon/config/statement_map). Constant; borrowed from whoever made it.
 */
#ifndef RECONCILE_LAYOUT_H
#define RECONCILE_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum field {
    FIELD_TIME,
    FIELD_ORDER,       /* the merchant's number: ours */
    FIELD_TRANSACTION, /* the channel's number */
    FIELD_KIND,
    FIELD_REFUND_STATE,
    FIELD_REFUND, /* the merchant's number of a refund */
    FIELD_CURRENCY,
    FIELD_RATE, /* "0.60%" */
    FIELD_BUSINESS,
    FIELD_STORE,
    FIELD_PAID_COUNT,
    FIELD_REFUND_COUNT,
    FIELD_AMOUNTS, /* from here on amounts of money */
    FIELD_AMOUNT = FIELD_AMOUNTS,
    FIELD_SETTLED,
    FIELD_COUPON,   /* the channel's own */
    FIELD_DISCOUNT, /* the merchant's own */
    FIELD_REFUND_AMOUNT,
    FIELD_REFUND_SETTLED,
    FIELD_REFUND_COUPON,
    FIELD_FEE,
    FIELD_NET,
    FIELDS,
    FIELD_COUNT = FIELDS /* in a total: how many rows, no sum */
};

enum line_kind { LINE_PAYMENT, LINE_REFUND, LINE_REFUND_FAILED, LINE_IN, LINE_OUT, LINE_KINDS };

#define LINE_BIT(kind) (1u << (kind))
enum { LINE_ANY = (1 << LINE_KINDS) - 1 };

enum layout_sort {
    LAYOUT_TRADES,  /* payments and refunds */
    LAYOUT_FLOWS,   /* movements of the account */
    LAYOUT_SUMMARY, /* sums by store */
    LAYOUT_SORTS
};

enum layout_totals {
    LAYOUT_TOTALS_NONE,
    LAYOUT_TOTALS_HEADED, /* a second header, then one row */
    LAYOUT_TOTALS_HASH,   /* lines that begin with "#" */
    LAYOUT_TOTALS_ROW     /* a row in the same columns, its first cell a word */
};

enum { LAYOUT_NAMES = 3 };

/* Names are compared without space and with ASCII brackets. */
struct layout_column {
    enum field field;
    bool required;
    const char *names[LAYOUT_NAMES]; /* any of these */
};

/* What a word in FIELD_KIND or FIELD_REFUND_STATE makes of its row. */
struct layout_word {
    enum field field;
    const char *word;
    enum line_kind kind;
};

struct layout_total {
    const char *name;
    unsigned kinds;   /* LINE_BIT()s of the rows that it sums */
    enum field field; /* FIELD_COUNT: how many they are */
    bool required;
};

struct layout {
    const char *id, *channel;
    enum layout_sort sort;
    const char *time;     /* "YYYY-MM-DD hh:mm:ss" */
    const char *currency; /* what FIELD_CURRENCY must say */
    int places;           /* of amounts: 2 for yuan, 0 for fen */
    const struct layout_column *columns;
    size_t columns_count;
    const struct layout_word *words;
    size_t words_count;
    const char *const *business; /* words of FIELD_BUSINESS that belong to trades; ends with NULL */
    enum layout_totals totals_form;
    const struct layout_total *totals;
    size_t totals_count;
    const char *totals_word; /* of LAYOUT_TOTALS_ROW */
    const char *last;        /* a line that must stand behind the rows; NULL: none */
    bool rate_on_refunds;    /* fees of refunds follow the rate, too */
};

/* The built-in ones; NULL behind the last. */
const struct layout *layout_at(size_t index);

/* An answer that stands for "no bill that day": whose it is, or NULL. */
const char *layout_no_bill(const char *text);

#endif
