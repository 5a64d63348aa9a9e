/*
 * What people may ask of lanes, stays and money over the control socket: one table of acts (path,
 * words that they need and may have) and one of those words (key, form, place), read by serve, by
 * parkctl and by whoever carries the acts out. Constant.
 */
/* long: every act and every word of one stands here */
#ifndef SERVE_ACTS_H
#define SERVE_ACTS_H

#include "daemon/base/err.h"
#include "daemon/base/json.h"
#include "daemon/core/record.h"
#include "daemon/serve/role.h"

enum serve_act {
    ACT_LANE_OPEN,
    ACT_LANE_HOLD,
    ACT_LANE_RELEASE,
    ACT_LANE_CLOSE,
    ACT_LANE_RESET,
    ACT_LANE_OUT,
    ACT_LANE_IN,
    ACT_LANE_APPROVE, /* the vehicle there is this plate or stay: let it pass, or (deny) not */
    ACT_LANE_TICKET,  /* the vehicle there has no plate, but this ticket */
    ACT_EVACUATE,     /* `place`: a lot or a lane, empty everywhere */
    ACT_EVACUATION_ENDS,
    ACT_STAY_OPEN,
    ACT_STAY_AMEND,
    ACT_STAY_CLOSE,
    ACT_STAY_MERGE, /* the subject never ended, `stay` is what was made when it left */
    ACT_STAY_COUPON,
    ACT_PAY, /* the subject is a stay or an order */
    ACT_REFUND,
    ACT_LIST_ADD, /* the subject is a plate */
    ACT_LIST_REMOVE,
    ACT_SHIFT_OPEN,
    ACT_SHIFT_CLOSE,
    ACT_OCCUPANCY,  /* a person counted the vehicles of the lot */
    ACT_REPORT,     /* the subject is a business day: it is closed, or gets a supplement */
    ACT_DIFFERENCE, /* reconciling has found this; the subject is its id */
    ACT_DIFFERENCE_CLOSE,
    SERVE_ACTS
};

/* The words; a bit each in serve_words.given. */
enum serve_word {
    WORD_REASON,
    WORD_LOT,
    WORD_PLACE,
    WORD_UNTIL,
    WORD_FOR,
    WORD_PLATE,
    WORD_STAY,
    WORD_CLASS,
    WORD_ENTERED,
    WORD_BAY,
    WORD_OUTCOME,
    WORD_AMOUNT,
    WORD_CHANNEL,
    WORD_TRANSACTION,
    WORD_SHIFT,
    WORD_COUPON,
    WORD_KIND,
    WORD_VALUE,
    WORD_ISSUER,
    WORD_LIST,
    WORD_GROUP,
    WORD_BAYS,
    WORD_FROM,
    WORD_CASHIER,
    WORD_FLOAT,
    WORD_COUNTED,
    WORD_DENOMINATIONS,
    WORD_WITNESS,
    WORD_INSIDE,
    WORD_DENY,
    WORD_SURE,
    WORD_TIMEZONE,
    WORD_FEES,
    WORD_THROUGH,
    WORD_DIGEST,
    WORD_SUMS,
    WORD_TICKET,
    WORD_UPLOADS,
    WORD_FOUND, /* of a difference: its class */
    WORD_STATE,
    WORD_DAY,
    WORD_PAYER, /* the name of a channel, also of one that pay_channel does not know */
    WORD_ORDER,
    WORD_CHANNEL_ORDER,
    WORD_NUMBER,
    WORD_BACK,
    WORD_OF_REFUND,
    WORD_HERE,
    WORD_THERE,
    WORD_AT_RISK,
    WORD_SINCE,
    SERVE_WORDS
};
#define SERVE_GIVEN(word) (UINT64_C(1) << (word))

struct serve_words {
    uint64_t given; /* bits of those that stand in the request */
    char reason[RECORD_PHRASE];
    char lot[RECORD_WORD], place[RECORD_WORD], bay[RECORD_WORD];
    utc_ms until, from, entered;
    int64_t for_s;
    char plate[PLATE_SIZE]; /* in normal form */
    char stay[IDENT_SIZE], shift[IDENT_SIZE], ticket[IDENT_SIZE];
    enum vehicle_class class;
    enum stay_outcome outcome;
    int64_t amount_fen, float_fen, counted_fen;
    enum pay_channel channel;
    char transaction[RECORD_TRANSACTION];
    char coupon[RECORD_WORD], issuer[RECORD_WORD];
    enum coupon_kind kind;
    int64_t value; /* of a coupon: seconds, percent, fen */
    enum list_kind list;
    char group[RECORD_WORD];
    int64_t bays, inside;
    char cashier[RECORD_WORD], witness[RECORD_WORD];
    char denominations[RECORD_PHRASE];
    bool deny, sure;
    char timezone[RECORD_WORD], fees[RECORD_PHRASE], digest[RECORD_DIGEST];
    char sums[RECORD_PHRASE], uploads[RECORD_WORD];
    int64_t through;
    struct record_difference difference; /* its id is the subject; `reason` is above */
};

enum word_form {
    WORD_AS_TEXT,
    WORD_AS_PLATE,
    WORD_AS_TIME,   /* RFC 3339 */
    WORD_AS_NUMBER, /* whole, 0 or more */
    WORD_AS_SPAN,   /* the same; parkctl takes 90s, 30m, 8h */
    WORD_AS_MONEY,  /* fen; parkctl takes 12.50 */
    WORD_AS_SUM,    /* fen, also less than 0; of programs, not of people */
    WORD_AS_NAME,   /* one of `words` */
    WORD_AS_CLASS,
    WORD_AS_FLAG
};

struct serve_word_row {
    const char *key;    /* in the body */
    const char *option; /* of parkctl */
    const char *argument, *help;
    enum word_form form;
    uint16_t offset, size; /* in struct serve_words */
    const struct words *words;
};
extern const struct serve_word_row serve_words[SERVE_WORDS];

struct serve_act_row {
    enum role least;  /* who may; others are refused */
    const char *path; /* POST; '*' is the subject */
    const char *end;  /* what follows the '*' */
    const char *summary;
    uint64_t needs;  /* bits: each must be there */
    uint64_t either; /* bits: at least one must be */
    uint64_t may;    /* bits: these may */
};
extern const struct serve_act_row serve_acts[SERVE_ACTS];

/* Reads the words of an act. False says which is missing, not known or out of its range. */
bool acts_read(enum serve_act act, const struct json *body, struct serve_words *ret,
               struct err *err);

#endif
