/* The words for a lane. See lane_words.h. */
#include "daemon/core/lane_words.h"

static const char *const directions[LANE_DIRECTIONS] = {"in", "out"};
static const char *const actions[LANE_ACTIONS] = {"open", "close", "stop", "hold", "release"};

static const char *const causes[CAUSES] = {
    [CAUSE_NONE] = "none",
    [CAUSE_DECISION] = "decision",
    [CAUSE_PAYMENT] = "payment",
    [CAUSE_OPERATOR] = "operator",
    [CAUSE_PLATFORM] = "platform",
    [CAUSE_HELD] = "held",
    [CAUSE_EVACUATION] = "evacuation",
    [CAUSE_CAMERA_LIST] = "camera_list",
    [CAUSE_BUTTON] = "button",
    [CAUSE_UNASKED] = "unasked",
    [CAUSE_SAFETY] = "safety",
    [CAUSE_REOPEN] = "reopen",
    [CAUSE_TEST] = "test",
};

static const char *const verdicts[DECISIONS] = {"allow", "deny", "ask", "pay"};

static const char *const reasons[DECISION_REASONS] = {
    [DECIDED_TEMPORARY] = "temporary",
    [DECIDED_PASS] = "pass",
    [DECIDED_EXEMPT] = "exempt",
    [DECIDED_FREE] = "free",
    [DECIDED_PAID] = "paid",
    [DECIDED_REOPEN] = "reopen",
    [DECIDED_BLOCKED] = "blocked",
    [DECIDED_LOCKED] = "locked",
    [DECIDED_FULL] = "full",
    [DECIDED_CLOSED_HOURS] = "closed_hours",
    [DECIDED_PASSBACK] = "passback",
    [DECIDED_PASS_IN_USE] = "pass_in_use",
    [DECIDED_PASS_EXPIRED] = "pass_expired",
    [DECIDED_NOT_ALLOWED] = "not_allowed",
    [DECIDED_NO_PLATE] = "no_plate",
    [DECIDED_NO_ENTRY] = "no_entry",
    [DECIDED_UNSURE] = "unsure",
    [DECIDED_TO_PAY] = "to_pay",
    [DECIDED_ARREARS] = "arrears",
    [DECIDED_WRONG_SIDE] = "wrong_side",
    [DECIDED_OUT_OF_ORDER] = "out_of_order",
    [DECIDED_BY_PERSON] = "by_person",
};

static const char *const results[COMMAND_RESULTS] = {"done", "refused", "unknown", "failed",
                                                     "cancelled"};
static const char *const kinds[PASSAGE_KINDS] = {"ordinary", "tailgate", "wrong_way",
                                                 "offline",  "counted",  "declared"};
static const char *const evidences[EVIDENCES] = {"loops",   "one_loop", "camera", "limits",
                                                 "counter", "time",     "person"};
static const char *const modes[LANE_MODES] = {"in_service", "degraded",   "out_of_service",
                                              "held_open",  "evacuating", "silent"};

const struct words lane_direction_words = WORDS(directions);
const struct words lane_action_words = WORDS(actions);
const struct words lane_cause_words = WORDS(causes);
const struct words decision_verdict_words = WORDS(verdicts);
const struct words decision_reason_words = WORDS(reasons);
const struct words command_result_words = WORDS(results);
const struct words passage_kind_words = WORDS(kinds);
const struct words passage_evidence_words = WORDS(evidences);
const struct words lane_mode_words = WORDS(modes);
