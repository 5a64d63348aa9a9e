/* Budgets of refusals and guesses. See budget.h. */
#include "daemon/serve/budget.h"

#include <string.h>

/* Five wrong tokens at once, then one in half a minute: a mistyped token is no trouble, and a
 * million guesses from one address take a year. */
static const struct budget_terms guess_terms = {.interval_ms = 30 * 1000, .at_once = 5};

bool budget_left(const struct budget *budget, const struct budget_terms *terms, mono_ms now)
{
    return budget->until.ms - now.ms <= terms->interval_ms * ((int64_t)terms->at_once - 1);
}

void budget_spend(struct budget *budget, const struct budget_terms *terms, mono_ms now)
{
    int64_t from = budget->until.ms > now.ms ? budget->until.ms : now.ms;

    budget->until.ms = from + terms->interval_ms;
}

/* The address's own place, else one that is earned back and so tells nothing any more. */
static struct budget *place_of(struct budget_guesses *guesses, const struct budget_address *from,
                               mono_ms now)
{
    int idle = -1;

    for (int i = 0; i < BUDGET_ADDRESSES; i++) {
        if (guesses->places[i].budget.until.ms <= now.ms)
            idle = i;
        else if (memcmp(&guesses->places[i].from, from, sizeof *from) == 0)
            return &guesses->places[i].budget;
    }
    if (idle < 0)
        return &guesses->others;
    guesses->places[idle].from = *from;
    return &guesses->places[idle].budget;
}

bool budget_may_guess(struct budget_guesses *guesses, const struct budget_address *from,
                      mono_ms now)
{
    return budget_left(place_of(guesses, from, now), &guess_terms, now);
}

void budget_guessed_wrong(struct budget_guesses *guesses, const struct budget_address *from,
                          mono_ms now)
{
    budget_spend(place_of(guesses, from, now), &guess_terms, now);
}
