/*
 * How often something may happen: so many at once, then one each interval. And what an address may
 * guess wrongly before it is not listened to for a while. Pure; fixed memory.
 */
#ifndef SERVE_BUDGET_H
#define SERVE_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/core/units.h"

struct budget {
    mono_ms until; /* all that was spent is earned back at this moment */
};

struct budget_terms {
    int64_t interval_ms;
    uint32_t at_once;
};

bool budget_left(const struct budget *budget, const struct budget_terms *terms, mono_ms now);
void budget_spend(struct budget *budget, const struct budget_terms *terms, mono_ms now);

/* Wrong guesses by address. Who does not find a free place shares one with the others like it: many
 * addresses together do not guess faster than the places allow. */
enum { BUDGET_ADDRESSES = 64, BUDGET_ADDRESS_SIZE = 8 };

/* An IPv4 address, or the network half of an IPv6 address (a host has all of the other half). */
struct budget_address {
    uint8_t bytes[BUDGET_ADDRESS_SIZE];
};

struct budget_guesses {
    struct {
        struct budget_address from;
        struct budget budget;
    } places[BUDGET_ADDRESSES];
    struct budget others;
};

bool budget_may_guess(struct budget_guesses *guesses, const struct budget_address *from,
                      mono_ms now);
void budget_guessed_wrong(struct budget_guesses *guesses, const struct budget_address *from,
                          mono_ms now);

#endif
