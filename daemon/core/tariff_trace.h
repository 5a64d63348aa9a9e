/*
 * long: one line for each kind of decision.
 *
 * The trace of a fee: every decision in the order in which it was taken, each with what it adds to
 * or takes from the fee, so that the notes add up to it. Rendered as sentences in English and
 * Chinese for the driver who asks. Fixed storage of the caller; what does not fit is summed up in
 * the last note.
 */
#ifndef CORE_TARIFF_TRACE_H
#define CORE_TARIFF_TRACE_H

#include "daemon/core/civil.h"
#include "daemon/core/tariff_rules.h"
#include "daemon/core/text.h"

enum tariff_note_kind {
    TARIFF_NOTE_CLOCK,       /* §1 the clock was moved by a seconds */
    TARIFF_NOTE_SECONDS,     /* §1 seconds were cut */
    TARIFF_NOTE_MISSING,     /* §1 no entry is known */
    TARIFF_NOTE_CLASS,       /* §2 class a, priced as b */
    TARIFF_NOTE_EXEMPT,      /* §2 */
    TARIFF_NOTE_VERSION,     /* §3 version `tariff` */
    TARIFF_NOTE_PASS,        /* §4 from–to under a pass */
    TARIFF_NOTE_SETTLED,     /* §4 paid at `from`, out by `to` */
    TARIFF_NOTE_NEW_STAY,    /* §4 paid at `from`; another stay begins at `to` */
    TARIFF_NOTE_ALTERNATIVE, /* §5 */
    TARIFF_NOTE_MAX_STAY,    /* §6 nothing more is charged from `from` on; adds a penalty */
    TARIFF_NOTE_FREE,        /* §6 the stay lies within a seconds of free time */
    TARIFF_NOTE_FREE_SPENT,  /* §6 longer than a seconds: charged from the beginning */
    TARIFF_NOTE_FREE_CUT,    /* §6 charged from `to`: a seconds are free */
    TARIFF_NOTE_COUPON_TIME, /* §6 */
    TARIFF_NOTE_CYCLE,       /* §7 cycle a begins */
    TARIFF_NOTE_GAP,         /* §8 from–to outside the windows */
    TARIFF_NOTE_FLAT,        /* §9 */
    TARIFF_NOTE_UNITS,       /* §9 a units */
    TARIFF_NOTE_FULL,        /* §9 a limit of time or units is reached */
    TARIFF_NOTE_REPEAT,      /* §7 the same again a times */
    TARIFF_NOTE_CAP_WINDOW,  /* §10 cut to a */
    TARIFF_NOTE_CAP_CYCLE,   /* §11 cut to a */
    TARIFF_NOTE_WHOLE_CYCLE, /* §11 a whole cycle costs a */
    TARIFF_NOTE_CAP_STAY,    /* §12 cut to a */
    TARIFF_NOTE_FACTOR,      /* §13 times a / b */
    TARIFF_NOTE_RELIEF,      /* §14 */
    TARIFF_NOTE_COUPON,      /* §15, §16 a: percent or amount; b: kind */
    TARIFF_NOTE_PLATE,       /* §17 cut to a: the plate's maximum */
    TARIFF_NOTE_ROUND,       /* §18 to a multiple of a */
    TARIFF_NOTE_PAID,        /* §19 a is paid; changes no fee */
    TARIFF_NOTE_YEAR,        /* §8 no calendar of year a */
    TARIFF_NOTE_MORE,        /* a further notes, summed up */
    TARIFF_NOTES
};

enum { TARIFF_TRACE_NOTES = 128 };

struct tariff_note {
    enum tariff_note_kind kind;
    int64_t from_s, to_s;
    int64_t a, b;
    struct money adds; /* to the fee */
    const struct tariff *tariff;
    const struct tariff_window *window;
    const struct tariff_step *step;
};

struct tariff_trace {
    uint32_t count;
    struct tariff_note notes[TARIFF_TRACE_NOTES];
};

/* Appends a copy; NULL takes nothing. Charges that go on where the last note ended become one. */
void tariff_trace_add(struct tariff_trace *trace, const struct tariff_note *note);

enum tariff_language { TARIFF_ENGLISH, TARIFF_CHINESE };

/* One sentence about `note`, times in the zone's local time, money with its currency. */
void tariff_trace_sentence(const struct tariff_note *note, enum tariff_language language,
                           const struct tariff *tariff, const struct civil_zone *zone,
                           struct text *out);

/* "12.50" with the currency's digits. */
void tariff_trace_money(struct money amount, int32_t exponent, struct text *out);

#endif
