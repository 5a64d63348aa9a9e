/*
 * One bay on the bench. It is driven by a line of letters, one a second from second 1000 on: F
 * free, O occupied, X fault, '.' nothing heard. Its face after each second is told in the same way:
 * f, o, u unknown, s out of service.
 */
/* long: one bench, used whole */
#ifndef UNIT_BAY_BENCH_H
#define UNIT_BAY_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/core/bay.h"

static const int64_t start_ms = 1000000, hour_ms = 3600000;

struct bench {
    struct bay_rules rules;
    struct bay_lot lot;
    struct bay bay;
    mono_ms now;
    struct bay_change last; /* change told last, and how many there were */
    int changes;
};

static inline void bench_init(struct bench *b, struct bay_rules rules, int64_t silence_ms)
{
    memset(b, 0, sizeof *b);
    b->rules = rules;
    b->lot = (struct bay_lot){.rules = &b->rules, .bays = 10};
    b->now.ms = start_ms;
    bay_init(&b->bay, &b->lot, silence_ms);
}

static inline void settle_up(struct bench *b, mono_ms at, enum bay_reason cause)
{
    bay_judge(&b->bay, b->now);
    b->changes += bay_tell(&b->bay, at, cause, &b->last);
}

static inline void pass(struct bench *b)
{
    mono_ms at;

    while (bay_due(&b->bay, b->now, &at))
        settle_up(b, at, BAY_BY_READING);
    settle_up(b, b->now, BAY_BY_SUSPICION);
}

static inline void hear(struct bench *b, enum sensed sensed)
{
    pass(b);
    bay_sense(&b->bay, sensed, b->now);
    settle_up(b, b->now, BAY_BY_READING);
}

static inline void wait_ms(struct bench *b, int64_t ms)
{
    b->now.ms += ms;
    pass(b);
}

static inline char face(const struct bench *b)
{
    return "ufos"[b->bay.told];
}

static inline void drive(struct bench *b, const char *heard, const char *expected)
{
    char faces[128] = "";

    assert_in_range(strlen(heard), 0, sizeof faces - 1);
    for (size_t i = 0; heard[i]; i++) {
        if (heard[i] == '.')
            pass(b);
        else
            hear(b, heard[i] == 'F'   ? SENSED_FREE
                    : heard[i] == 'O' ? SENSED_OCCUPIED
                                      : SENSED_FAULT);
        faces[i] = face(b);
        b->now.ms += 1000;
    }
    assert_string_equal(faces, expected);
}

#endif
