/*
 * One vehicle of which two stays were made, because its plate was not read alike at both ends: the
 * entry's, which never ended, and the one made at the exit. One of them goes on and ends when the
 * vehicle left; the other is void. Corrections only: both accounts stay in their records (rule 13).
 */
#include <assert.h>
#include <string.h>

#include "daemon/core/stays_inside.h"

static const char *why_not(const struct stay *entry, const struct stay *exit)
{
    if (!entry || !exit || entry->lot != exit->lot)
        return "both stays must be known, and of one lot";
    if (entry->closed || !exit->closed)
        return "the first is the stay that never ended, the other the one that left";
    if (!exit->entry_missing || exit->outcome == OUTCOME_VOID)
        return "the other has an entry of its own, or is void";
    if (exit->left.ms < entry->entered.ms)
        return "it left before the first one came";
    if (entry->payments_count > 0 && exit->payments_count > 0)
        return "both have had money; give that of one back first";
    return NULL;
}

static void amend(struct stays *stays, const struct stay_pairing *pairing, const char *stay,
                  const char *other, struct record_sink out)
{
    struct record_stay_amended change = {.change = other ? STAY_MERGED : STAY_REVERTED};
    const char *why;

    text_copy(change.stay, sizeof change.stay, stay);
    text_copy(change.other, sizeof change.other, other ? other : "");
    text_copy(change.actor, sizeof change.actor, pairing->actor);
    text_copy(change.reason, sizeof change.reason, pairing->reason);
    bool done = stays_amend(stays, &change, pairing->at, out, &why);
    assert(done); /* why_not() has asked for more */
    (void)done;
}

bool stays_pair(struct stays *stays, const struct stay_pairing *pairing, struct record_sink out,
                const char **ret_why)
{
    const struct stay *entry = stays_find(stays, pairing->entry);
    const struct stay *exit = stays_find(stays, pairing->exit);
    struct stay_departure departure = {.lane = PLAN_NONE};

    *ret_why = why_not(entry, exit);
    if (*ret_why)
        return false;
    bool keeps_exit = exit->payments_count > 0;
    const char *kept = keeps_exit ? pairing->exit : pairing->entry;
    const char *other = keeps_exit ? pairing->entry : pairing->exit;

    departure.at = exit->left;
    text_copy(departure.stay, sizeof departure.stay, kept);
    text_copy(departure.actor, sizeof departure.actor, pairing->actor);
    text_copy(departure.reason, sizeof departure.reason, pairing->reason);
    if (keeps_exit)
        amend(stays, pairing, kept, NULL, out);
    amend(stays, pairing, kept, other, out);
    stays_leave(stays, &departure, out);
    return true;
}
