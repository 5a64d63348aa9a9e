/* long: a statement with all that its reader must be told */
/*
 * One statement of a channel: read row by row, checked against its own totals, and refused whole
 * when anything in it is not as it must be. One thread.
 */
#ifndef RECONCILE_STATEMENT_H
#define RECONCILE_STATEMENT_H

#include "daemon/base/crypto.h"
#include "daemon/reconcile/layout.h"
#include "daemon/reconcile/source.h"

enum { STATEMENT_NO_DAY = INT32_MIN, STATEMENT_RATE_NONE = -1, STATEMENT_LINES_MAX = 2000000 };

/* The unit of fees, which have five decimals: a thousandth of a fen. */
enum { STATEMENT_MFEN = 1000 };

/* One row. Texts are "" where nothing stands. Times are those of the channel's clock (China). */
struct statement_line {
    enum line_kind kind;
    bool of_trade;      /* of a flow: it belongs to a payment or refund */
    uint32_t number;    /* of the line in its file */
    int64_t at_local_s; /* seconds of local time since 1970-01-01T00:00 */
    const char *order, *transaction;
    const char *refund;               /* number of a refund or movement */
    int64_t amount_fen, settled_fen;  /* from 0 up, of refunds too */
    int64_t coupon_fen, discount_fen; /* paid by the channel, by the merchant */
    int64_t fee_mfen;                 /* what the channel keeps; below 0: gives back */
    int32_t rate_ppm;                 /* millionths of the amount; STATEMENT_RATE_NONE */
};

/* What stands in the file as a whole. */
struct statement_facts {
    const struct layout *layout; /* NULL: an answer that there is no bill */
    const char *channel;
    int32_t day; /* local, as civil_day(); STATEMENT_NO_DAY when nothing says so */
    char digest[HASH_HEX_SIZE];
    uint64_t counts[LINE_KINDS];
    int64_t sums_mfen[LINE_KINDS][FIELDS]; /* as written, with their signs */
    int64_t fee_mfen;                      /* of all rows: kept less given back */
    int64_t whole_mfen[FIELDS];            /* of a summary: its last row */
    uint64_t whole_payments, whole_refunds;
};

/* A row that is good by itself; the file may still be refused. Borrowed for the call. */
typedef void statement_line_fn(void *arg, const struct statement_line *line);

/* What may be read. */
struct statement_reader {
    const struct layout *const *extra; /* beside the built-in ones; NULL ends */
    statement_line_fn *line;
    void *arg;
};

/* False with err ("file:line: what, what next"): nothing of it may be used. */
bool statement_read(const struct statement_reader *reader, const struct source *source,
                    struct statement_facts *ret, struct err *err);

#endif
