/*
 * The words for a lane: which way, what the barrier is told and why, what came of it, and what kind
 * of passage it was. Each enum has its list of names, in the same order. Constant.
 */
/* long: the words of the lanes stand on one page */
#ifndef CORE_LANE_WORDS_H
#define CORE_LANE_WORDS_H

#include "daemon/core/words.h"

enum lane_direction { LANE_IN, LANE_OUT, LANE_DIRECTIONS };
extern const struct words lane_direction_words; /* "in", "out" */

/* What a barrier is told. Holding open is told to those that can; for the others it is an OPEN, and
 * no CLOSE until the lease ends. */
enum lane_action { LANE_OPEN, LANE_CLOSE, LANE_STOP, LANE_HOLD, LANE_RELEASE, LANE_ACTIONS };
extern const struct words lane_action_words; /* "open", "close", "stop", "hold", "release" */

/* Why a barrier was opened, and on whose authority a vehicle passed (rule 6). */
enum lane_cause {
    CAUSE_NONE,        /* nobody's: the boom was up, or there is none */
    CAUSE_DECISION,    /* the gateway decided for this vehicle */
    CAUSE_PAYMENT,     /* it decided after a payment */
    CAUSE_OPERATOR,    /* a person, by parkctl */
    CAUSE_PLATFORM,    /* a platform's command */
    CAUSE_HELD,        /* held open by lease */
    CAUSE_EVACUATION,  /* fire input or command */
    CAUSE_CAMERA_LIST, /* the camera's own list, while it had no server */
    CAUSE_BUTTON,      /* a wired button */
    CAUSE_UNASKED,     /* the operation counter or the limit switch tells of it, nobody asked */
    CAUSE_SAFETY,      /* re-opened: something came under the boom while it closed */
    CAUSE_REOPEN,      /* the same vehicle again within the re-open window */
    CAUSE_TEST,        /* commissioning */
    CAUSES
};
extern const struct words lane_cause_words; /* "none", "decision", "payment", … */

enum decision_verdict { DECISION_ALLOW, DECISION_DENY, DECISION_ASK, DECISION_PAY, DECISIONS };
extern const struct words decision_verdict_words; /* "allow", "deny", "ask", "pay" */

/* Why it was decided so. The operator's screen and the sign at the lane show it. */
enum decision_reason {
    DECIDED_TEMPORARY,    /* an ordinary car, there is room */
    DECIDED_PASS,         /* its pass is valid */
    DECIDED_EXEMPT,       /* police, fire, ambulance, … or on the exempt list */
    DECIDED_FREE,         /* nothing to pay */
    DECIDED_PAID,         /* paid, and within the time to leave */
    DECIDED_REOPEN,       /* the same car within the re-open window */
    DECIDED_BLOCKED,      /* on the blocked list */
    DECIDED_LOCKED,       /* its owner locked it */
    DECIDED_FULL,         /* no room for its class */
    DECIDED_CLOSED_HOURS, /* outside the hours of its class */
    DECIDED_PASSBACK,     /* inside already */
    DECIDED_PASS_IN_USE,  /* the pass's bays are taken by its other cars */
    DECIDED_PASS_EXPIRED, /* it had one */
    DECIDED_NOT_ALLOWED,  /* this lane does not take its class */
    DECIDED_NO_PLATE,     /* nothing identifies it: ticket, QR or a person */
    DECIDED_NO_ENTRY,     /* at the exit, and no stay is its */
    DECIDED_UNSURE,       /* several stays may be its: a person picks */
    DECIDED_TO_PAY,       /* there is something to pay */
    DECIDED_ARREARS,      /* it left without paying before */
    DECIDED_WRONG_SIDE,   /* read here a moment after the lane beside it */
    DECIDED_OUT_OF_ORDER, /* the lane does not decide now */
    DECIDED_BY_PERSON,
    DECISION_REASONS
};
extern const struct words decision_reason_words; /* "temporary", "pass", … */

enum command_result {
    RESULT_DONE,      /* as far as anything is wired to show it */
    RESULT_REFUSED,   /* the device said no */
    RESULT_UNKNOWN,   /* the reply was lost and the state does not tell (rule 8) */
    RESULT_FAILED,    /* accepted, and the boom did not get there */
    RESULT_CANCELLED, /* the vehicle left before it was written, or it is after a restart */
    COMMAND_RESULTS
};
extern const struct words command_result_words;

enum passage_kind {
    PASSAGE_ORDINARY,
    PASSAGE_TAILGATE,  /* on another vehicle's authorisation */
    PASSAGE_WRONG_WAY, /* against the lane's direction */
    PASSAGE_OFFLINE,   /* a camera told of it afterwards */
    PASSAGE_COUNTED,   /* a counting sensor, no lane control */
    PASSAGE_DECLARED,  /* a person says so: a stay was closed or opened by hand */
    PASSAGE_KINDS
};
extern const struct words passage_kind_words;

/* What the passage is known by: how much its count is worth. */
enum passage_evidence {
    EVIDENCE_LOOPS,   /* presence and closing loop, in order */
    EVIDENCE_ONE,     /* one loop or the photocell */
    EVIDENCE_CAMERA,  /* the camera only */
    EVIDENCE_LIMITS,  /* the boom opened and closed */
    EVIDENCE_COUNTER, /* a counting sensor */
    EVIDENCE_TIME,    /* nothing is wired: it was let through */
    EVIDENCE_PERSON,
    EVIDENCES
};
extern const struct words passage_evidence_words;

/* What a lane is in for people: the state machine's own states are in lane.h. */
enum lane_mode {
    LANE_IN_SERVICE,
    LANE_DEGRADED, /* works with less than is wired: a loop or the camera is not believed */
    LANE_OUT_OF_SERVICE,
    LANE_HELD_OPEN,
    LANE_EVACUATING,
    LANE_SILENT, /* its barrier does not answer */
    LANE_MODES
};
extern const struct words lane_mode_words;

#endif
