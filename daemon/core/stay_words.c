/* The words for stays and money. See stay_words.h. */
#include "daemon/core/stay_words.h"

#include "daemon/core/record_report.h"

static const char *const kinds[STAY_KINDS] = {"temporary", "pass", "shared", "exempt"};
static const char *const outcomes[OUTCOMES] = {"paid",     "free",   "pass", "exempt",
                                               "released", "unpaid", "void"};
static const char *const changes[STAY_CHANGES] = {"plate",  "class",    "entry",  "kind",
                                                  "merged", "reverted", "frozen", "parked"};
static const char *const channels[PAY_CHANNELS] = {"cash", "wechat", "alipay", "unionpay",
                                                   "etc",  "card",   "wallet", "other"};
static const char *const whens[PAY_WHENS] = {"inside", "exit", "arrears"};
static const char *const coupons[COUPON_KINDS] = {"time", "percent", "amount"};
static const char *const lists[LIST_KINDS] = {"pass", "exempt", "blocked", "locked"};
static const char *const shifts[SHIFT_EVENTS] = {"opened", "closed"};
static const char *const occupancies[OCCUPANCY_EVENTS] = {"anchor", "adjust", "declared",
                                                          "carried"};
static const char *const platform_acts[PLATFORM_ACTS] = {
    "paid", "list_add", "list_remove", "open", "tariff", "hold", "release", "ticket"};
static const char *const platform_verdicts[PLATFORM_VERDICTS] = {"done", "again", "refused"};
static const char *const days[DAY_VERDICTS] = {"balanced", "resent", "differs"};
static const char *const sharings[SHARING_EVENTS] = {"opened", "closed", "closing", "short",
                                                     "overstay"};
static const char *const reports[CLOSING_EVENTS] = {"closed", "supplement"};

static const char *const differences[DIFFERENCE_CLASSES] = {
    "channel_only",    "gateway_only",          "late_next_day",  "amount_mismatch",
    "status_mismatch", "duplicate_payment",     "refund_unknown", "refund_missing",
    "fee_difference",  "settlement_difference", "cash_over",      "cash_short"};
static const char *const states[DIFFERENCE_STATES] = {"open", "resolved", "auto_resolved"};

const struct words closing_event_words = WORDS(reports);
const struct words difference_class_words = WORDS(differences);
const struct words difference_state_words = WORDS(states);
const struct words stay_kind_words = WORDS(kinds);
const struct words stay_outcome_words = WORDS(outcomes);
const struct words stay_change_words = WORDS(changes);
const struct words pay_channel_words = WORDS(channels);
const struct words pay_when_words = WORDS(whens);
const struct words coupon_kind_words = WORDS(coupons);
const struct words list_kind_words = WORDS(lists);
const struct words shift_event_words = WORDS(shifts);
const struct words occupancy_event_words = WORDS(occupancies);
const struct words platform_act_words = WORDS(platform_acts);
const struct words platform_verdict_words = WORDS(platform_verdicts);
const struct words day_verdict_words = WORDS(days);
const struct words sharing_event_words = WORDS(sharings);
