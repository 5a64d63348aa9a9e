/*
 * What records say of reports: that a business day was closed, with the digest of its figures.
 * Members in the order of their keys in the body. Included by record.h.
 */
#ifndef CORE_RECORD_REPORT_H
#define CORE_RECORD_REPORT_H

#include "daemon/core/record_lane.h"

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
};

#endif
