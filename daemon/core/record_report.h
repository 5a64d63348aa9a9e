/*
 * What records say of reports: that a business day was closed, with the digest of its figures; and
 * of the differences that reconciling a day with a channel's statement has found. Members in the
 * order of their keys in the body. Included by record.h.
 */
/* long: reports and differences stand on one page */
#ifndef CORE_RECORD_REPORT_H
#define CORE_RECORD_REPORT_H

#include "daemon/core/record_stay.h"

enum { RECORD_DAY = 11, RECORD_DIGEST = 65 };

enum closing_event {
    CLOSING_DAY,        /* the day's figures from now on */
    CLOSING_SUPPLEMENT, /* what was told of a closed day afterwards */
    CLOSING_EVENTS
};
extern const struct words closing_event_words; /* "closed", "supplement" */

/* Numbered without a gap; each names the digest of the one before. From the journal up to `through`
 * and what stands here anyone can make the figures again. */
struct record_report {
    enum closing_event event;
    int64_t number;
    char day[RECORD_DAY];     /* "2024-03-13" */
    utc_ms from, to;          /* from ≤ t < to */
    char zone[RECORD_WORD];   /* whose hours the curves are drawn in */
    char fees[RECORD_PHRASE]; /* of the channels: "wechat=0.6" percent */
    int64_t through;          /* records up to this one were looked at */
    char sums[RECORD_PHRASE]; /* "300,316,…": the sums that a difference is told by */
    char digest[RECORD_DIGEST];
    char previous[RECORD_DIGEST]; /* empty: it is the first */
    char actor[RECORD_WORD];
    char uploads[RECORD_WORD]; /* "118,120,120" when it was closed: in time, delivered, due; "-" */
};

enum difference_class {
    DIFFERENCE_CHANNEL_ONLY,    /* money without an order */
    DIFFERENCE_GATEWAY_ONLY,    /* an order that is paid, without money */
    DIFFERENCE_LATE,            /* in a bill of a neighbouring day */
    DIFFERENCE_AMOUNT_MISMATCH, /* both, not the same amount */
    DIFFERENCE_STATUS_MISMATCH, /* paid here and refunded there, or paid there and not here */
    DIFFERENCE_DUPLICATE,       /* one stay paid more than once */
    DIFFERENCE_REFUND_UNKNOWN,  /* given back by the channel, for no order */
    DIFFERENCE_REFUND_MISSING,  /* given back here, not by the channel */
    DIFFERENCE_FEE,             /* the channel's fee is not its rate */
    DIFFERENCE_SETTLEMENT,      /* the account did not move as the statement says */
    DIFFERENCE_CASH_OVER,
    DIFFERENCE_CASH_SHORT,
    DIFFERENCE_CLASSES
};
extern const struct words difference_class_words; /* "channel_only", … */

enum difference_state {
    DIFFERENCE_OPEN,
    DIFFERENCE_RESOLVED,      /* by a person, who says why */
    DIFFERENCE_AUTO_RESOLVED, /* by a later bill */
    DIFFERENCE_STATES
};
extern const struct words difference_state_words; /* "open", "resolved", "auto_resolved" */

enum { RECORD_NUMBER = 64 };
#define RECORD_NO_AMOUNT INT64_MIN /* there is no such side */

/* The newest record of a difference says all about it. `at` is when it was recorded. */
struct record_difference {
    char difference[IDENT_SIZE]; /* the same for the same thing, however often it is found */
    enum difference_class class;
    enum difference_state state;
    char day[RECORD_DAY];              /* of the statement, in the channel's calendar */
    char channel[RECORD_WORD];         /* "cash" of a shift */
    char order[RECORD_WORD];           /* ours; of a shift the cashier */
    char channel_order[RECORD_NUMBER]; /* as the channel names our order; of a shift its name */
    char transaction[RECORD_TRANSACTION], refund[RECORD_NUMBER]; /* the channel's numbers */
    bool of_refund;
    int64_t gateway_fen, channel_fen; /* RECORD_NO_AMOUNT: it is not there */
    int64_t at_risk_fen;              /* 0 once it is resolved */
    utc_ms since;                     /* its age is counted from here */
    char statement[RECORD_DIGEST];    /* SHA-256 of the file that told; empty: none did */
    char actor[RECORD_WORD];
    char reason[RECORD_PHRASE]; /* why it is resolved */
};

#endif
