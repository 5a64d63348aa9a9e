/*
 * The words for stays and money. Each enum has its list of names, in the same order. Constant.
 */
/* long: the words of stays and money stand on one page */
#ifndef CORE_STAY_WORDS_H
#define CORE_STAY_WORDS_H

#include "daemon/core/words.h"

/* What kind of parking a stay is; platforms ask for it. */
enum stay_kind { STAY_TEMPORARY, STAY_PASS, STAY_SHARED, STAY_EXEMPT, STAY_KINDS };
extern const struct words stay_kind_words; /* "temporary", "pass", "shared", "exempt" */

/* Rule 10: every stay ends in exactly one of these. */
enum stay_outcome {
    OUTCOME_PAID,
    OUTCOME_FREE,     /* nothing to pay by the tariff */
    OUTCOME_PASS,     /* covered by a pass */
    OUTCOME_EXEMPT,   /* a vehicle that does not pay */
    OUTCOME_RELEASED, /* let out by a person, who says why */
    OUTCOME_UNPAID,   /* left, and owes: arrears */
    OUTCOME_VOID,     /* there was no stay: a misread, a vehicle that turned back */
    OUTCOMES
};
extern const struct words stay_outcome_words; /* "paid", "free", … */

/* What about a stay was put right; the first account stays in its own record (rule 13). */
enum stay_change {
    STAY_PLATE,    /* another plate */
    STAY_CLASS,    /* another class of vehicle */
    STAY_ENTRY,    /* another time of entry */
    STAY_KIND,     /* a pass was bought or ran out */
    STAY_MERGED,   /* it is the same vehicle as the other stay */
    STAY_REVERTED, /* the exit did not happen: inside again */
    STAY_FROZEN,   /* evacuation: the time from then on costs nothing until `until` */
    STAY_PARKED,   /* the bay that it stands on became known */
    STAY_CHANGES
};
extern const struct words stay_change_words; /* "plate", "class", … */

/* How money came. Those of notes: WeChat, Alipay, UnionPay, cash, ETC, the platform's own wallet.
 */
enum pay_channel {
    CHANNEL_CASH,
    CHANNEL_WECHAT,
    CHANNEL_ALIPAY,
    CHANNEL_UNIONPAY,
    CHANNEL_ETC,
    CHANNEL_CARD,   /* bank card at a machine */
    CHANNEL_WALLET, /* the platform's or city's own account */
    CHANNEL_OTHER,
    PAY_CHANNELS
};
extern const struct words pay_channel_words; /* "cash", "wechat", … */

enum pay_when { PAID_INSIDE, PAID_AT_EXIT, PAID_AFTER /* arrears */, PAY_WHENS };
extern const struct words pay_when_words; /* "inside", "exit", "arrears" */

enum coupon_kind { COUPON_TIME, COUPON_PERCENT, COUPON_AMOUNT, COUPON_KINDS };
extern const struct words coupon_kind_words; /* as enum tariff_coupon_kind */

/* Lists of plates. */
enum list_kind { PLATES_PASS, PLATES_EXEMPT, PLATES_BLOCKED, PLATES_LOCKED, LIST_KINDS };
extern const struct words list_kind_words; /* "pass", "exempt", "blocked", "locked" */

enum shift_event { SHIFT_OPENED, SHIFT_CLOSED, SHIFT_EVENTS };
extern const struct words shift_event_words;

enum occupancy_event {
    OCCUPANCY_ANCHOR,   /* the lot was provably quiet: the estimate begins anew from the bays */
    OCCUPANCY_ADJUST,   /* drift is booked to what made it */
    OCCUPANCY_DECLARED, /* a person counted */
    OCCUPANCY_CARRIED, /* the account as it is, so that what was before need not be counted again */
    OCCUPANCY_EVENTS
};
extern const struct words occupancy_event_words;

/* What platforms ask of us. */
enum platform_act {
    PLATFORM_PAID,        /* money came for a stay */
    PLATFORM_LIST_ADD,    /* a plate onto a list */
    PLATFORM_LIST_REMOVE, /* and off it */
    PLATFORM_OPEN,        /* a barrier, once */
    PLATFORM_TARIFF,      /* a notice that another tariff applies */
    PLATFORM_HOLD,        /* a barrier open until a time */
    PLATFORM_RELEASE,     /* and no longer */
    PLATFORM_TICKET,      /* the vehicle at a lane has this ticket, and no plate */
    PLATFORM_ACTS
};
extern const struct words platform_act_words; /* "paid", "list_add", … */

enum platform_verdict { PLATFORM_DONE, PLATFORM_AGAIN, PLATFORM_REFUSED, PLATFORM_VERDICTS };
extern const struct words platform_verdict_words; /* "done", "again", "refused" */

/* A day with a platform: both hold the same; they did not, and what was missing was sent again;
 * still not so when the platform's time for it was over. */
enum day_verdict { DAY_BALANCED, DAY_RESENT, DAY_DIFFERS, DAY_VERDICTS };
extern const struct words day_verdict_words; /* "balanced", "resent", "differs" */

/* Off-peak sharing (错时共享) of institutions' bays. */
enum sharing_event {
    SHARING_OPENED,   /* the promised window began */
    SHARING_CLOSED,   /* it ended */
    SHARING_CLOSING,  /* no new car from now on: the window ends soon */
    SHARING_SHORT,    /* fewer bays are open than promised */
    SHARING_OVERSTAY, /* a shared car is still there after the end */
    SHARING_EVENTS
};
extern const struct words sharing_event_words;

#endif
