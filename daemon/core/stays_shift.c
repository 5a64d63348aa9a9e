/*
 * Shifts of cashiers: what should be in the drawer is the float and every cash payment less every
 * cash refund that names the shift; what is there is counted by denominations, and a second person
 * signs. Loop's thread.
 */
#include <string.h>

#include "daemon/core/stays_inside.h"

static struct stays_shift *find(struct stays *stays, const char *shift)
{
    for (uint32_t i = 0; i < STAYS_SHIFTS; i++)
        if (stays->shifts[i].shift[0] && strcmp(stays->shifts[i].shift, shift) == 0)
            return &stays->shifts[i];
    return NULL;
}

static struct stays_shift *empty(struct stays *stays)
{
    for (uint32_t i = 0; i < STAYS_SHIFTS; i++)
        if (!stays->shifts[i].shift[0])
            return &stays->shifts[i];
    return NULL;
}

const struct stays_shift *stays_shift_of(const struct stays *stays, const char *shift,
                                         const char *cashier)
{
    for (uint32_t i = 0; i < STAYS_SHIFTS; i++) {
        const struct stays_shift *open = &stays->shifts[i];

        if (open->shift[0] &&
            strcmp(shift[0] ? open->shift : open->cashier, shift[0] ? shift : cashier) == 0)
            return open;
    }
    return NULL;
}

void stays_shift_cash(struct stays *stays, const char *shift, int64_t fen)
{
    struct stays_shift *open = find(stays, shift);

    if (open)
        open->expected_fen += fen;
}

void stays_shift_apply(struct stays *stays, const struct record *record)
{
    const struct record_shift *r = &record->shift;
    struct stays_shift *open = find(stays, r->shift);

    if (r->event == SHIFT_CLOSED && open)
        *open = (struct stays_shift){0};
    if (r->event == SHIFT_CLOSED || open)
        return;
    open = empty(stays);
    if (!open)
        return;
    *open = (struct stays_shift){
        .lot = r->lot, .float_fen = r->float_fen, .expected_fen = r->float_fen};
    text_copy(open->shift, sizeof open->shift, r->shift);
    text_copy(open->cashier, sizeof open->cashier, r->cashier);
}

/* A number with at most `most` digits; -1: none. */
static int64_t digits(const char **at, int most)
{
    int64_t number = 0;
    int count = 0;

    for (; **at >= '0' && **at <= '9' && count < most; (*at)++, count++)
        number = number * 10 + (**at - '0');
    return count > 0 ? number : -1;
}

/* "100" or "0.5" yuan in fen; -1: it is none. */
static int64_t yuan(const char **at)
{
    int64_t fen = digits(at, 6) * 100;

    if (fen < 0 || **at != '.')
        return fen;
    (*at)++;
    const char *from = *at;
    int64_t fraction = digits(at, 2);
    return fraction < 0 ? -1 : fen + fraction * (*at - from == 1 ? 10 : 1);
}

/* The sum of "100x3,50x1,0.5x4" in fen; -1: it is not written so. */
static int64_t counted(const char *text)
{
    int64_t sum = 0;

    for (const char *at = text; *at; at++) {
        int64_t fen = yuan(&at);

        if (fen < 0 || *at++ != 'x')
            return -1;
        int64_t count = digits(&at, 6);
        if (count < 0 || (*at && *at != ','))
            return -1;
        sum += fen * count;
        if (!*at)
            return sum;
    }
    return text[0] ? -1 : sum;
}

static const char *why_not_open(struct stays *stays, const struct record_shift *shift)
{
    if (!shift->cashier[0])
        return "name the cashier";
    if (stays_shift_of(stays, "", shift->cashier))
        return "the cashier's last shift is still open; close it first";
    if (shift->float_fen < 0)
        return "the float cannot be below nothing";
    if (!empty(stays))
        return "too many shifts are open; close some";
    return NULL;
}

static const char *why_not_close(const struct stays_shift *open, const struct record_shift *shift)
{
    if (!open)
        return "no such shift is open";
    if (!shift->witness[0] || strcmp(shift->witness, open->cashier) == 0)
        return "a second person signs: name a witness other than the cashier";
    if (counted(shift->denominations) != shift->counted_fen)
        return "the denominations (\"100x3,50x1\") do not add up to what was counted";
    if (shift->counted_fen != open->expected_fen && !shift->reason[0])
        return "the drawer is over or short; say why";
    return NULL;
}

bool stays_shift(struct stays *stays, const struct record_shift *shift, utc_ms at,
                 struct record_sink out, char ret[IDENT_SIZE], const char **ret_why)
{
    struct record record = {.kind = RECORD_SHIFT, .at = at, .shift = *shift};
    struct record_shift *r = &record.shift;
    bool closing = shift->event == SHIFT_CLOSED;
    const struct stays_shift *open =
        closing ? stays_shift_of(stays, shift->shift, shift->cashier) : NULL;

    *ret_why = closing ? why_not_close(open, shift) : why_not_open(stays, shift);
    if (!*ret_why && !closing && shift->shift[0] && find(stays, shift->shift))
        *ret_why = "a shift of this id is open";
    if (*ret_why)
        return false;
    if (closing) {
        r->lot = open->lot;
        r->float_fen = open->float_fen;
        r->expected_fen = open->expected_fen;
        text_copy(r->shift, sizeof r->shift, open->shift);
        text_copy(r->cashier, sizeof r->cashier, open->cashier);
    } else if (!r->shift[0]) {
        ident_next(stays->ident, at, r->shift);
    }
    text_copy(ret, IDENT_SIZE, r->shift);
    stays_emit(stays, &record, out);
    return true;
}

void stays_each_shift(const struct stays *stays, stay_shift_fn *fn, void *arg)
{
    for (uint32_t n = 0; n < STAYS_SHIFTS; n++) {
        const struct stays_shift *shift = &stays->shifts[n];

        if (shift->shift[0])
            fn(arg, shift->shift, shift->cashier, shift->expected_fen);
    }
}
