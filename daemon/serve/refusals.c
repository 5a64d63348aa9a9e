/* Refused acts. See refusals.h. */
#include "daemon/serve/refusals.h"

#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/memory.h"
#include "daemon/serve/budget.h"

static const struct budget_terms terms = {.interval_ms = REFUSALS_INTERVAL_MS,
                                          .at_once = REFUSALS_AT_ONCE};

struct refusals {
    struct refusals_hooks hooks;
    struct loop_timer *timer; /* runs while some are only counted */
    struct budget budget;
    unsigned long long counted;
};

static void record(struct refusals *refusals, const char *actor, const char *what, const char *why)
{
    struct serve_request refused = {.command = SERVE_REFUSED};

    text_copy(refused.actor.name, sizeof refused.actor.name, actor);
    text_copy(refused.subject, sizeof refused.subject, what);
    text_copy(refused.reason, sizeof refused.reason, why);
    refusals->hooks.refused(refusals->hooks.arg, &refused);
}

static void tell_count(void *arg)
{
    struct refusals *refusals = arg;
    char why[RECORD_PHRASE];

    snprintf(why, sizeof why, "%llu more were refused, too many to record each", refusals->counted);
    refusals->counted = 0;
    record(refusals, "several", "", why);
}

struct refusals *refusals_create(struct loop *loop, const struct refusals_hooks *hooks)
{
    struct refusals *refusals = memory_new(1, sizeof *refusals);

    refusals->hooks = *hooks;
    refusals->timer = loop_timer(loop, tell_count, refusals);
    return refusals;
}

void refusals_destroy(struct refusals *refusals)
{
    if (!refusals)
        return;
    if (refusals->counted)
        tell_count(refusals);
    loop_timer_destroy(refusals->timer);
    free(refusals);
}

void refusals_note(struct refusals *refusals, const char *actor, const char *what, const char *why)
{
    mono_ms now = refusals->hooks.now(refusals->hooks.arg).mono;

    if (!budget_left(&refusals->budget, &terms, now)) {
        if (!refusals->counted++)
            loop_timer_after(refusals->timer, REFUSALS_INTERVAL_MS);
        return;
    }
    budget_spend(&refusals->budget, &terms, now);
    record(refusals, actor, what, why);
}
