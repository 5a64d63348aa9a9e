/* Open differences. See differences.h. */
#include "daemon/core/differences.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/core/civil.h"

/* Ids beside the rest, so that looking for one goes over a hundred kilobytes at most. */
struct differences {
    char ids[DIFFERENCES_OPEN_MAX][IDENT_SIZE];
    struct record_difference items[DIFFERENCES_OPEN_MAX];
    uint32_t count;
};

struct differences *differences_create(void)
{
    return memory_new(1, sizeof(struct differences));
}

void differences_destroy(struct differences *differences)
{
    free(differences);
}

/* Its place, or that behind the last. */
static uint32_t find(const struct differences *differences, const char *id)
{
    uint32_t at = 0;

    while (at < differences->count && strcmp(differences->ids[at], id) != 0)
        at++;
    return at;
}

void differences_apply(struct differences *differences, const struct record *record)
{
    const struct record_difference *difference = &record->difference;

    if (record->kind != RECORD_DIFFERENCE)
        return;
    uint32_t at = find(differences, difference->difference), last = differences->count;
    if (difference->state == DIFFERENCE_OPEN && at < DIFFERENCES_OPEN_MAX) {
        memcpy(differences->ids[at], difference->difference, IDENT_SIZE);
        differences->items[at] = *difference;
        differences->count += at == last;
    } else if (difference->state != DIFFERENCE_OPEN && at < last) {
        last = --differences->count;
        memcpy(differences->ids[at], differences->ids[last], IDENT_SIZE);
        differences->items[at] = differences->items[last];
    }
}

static bool same(const struct record_difference *a, const struct record_difference *b)
{
    return a->class == b->class && a->state == b->state && a->gateway_fen == b->gateway_fen &&
           a->channel_fen == b->channel_fen && a->at_risk_fen == b->at_risk_fen &&
           !strcmp(a->transaction, b->transaction) && !strcmp(a->refund, b->refund);
}

bool differences_note(const struct differences *differences, const struct record_difference *found,
                      bool *again, const char **why)
{
    uint32_t at = find(differences, found->difference);
    bool known = at < differences->count;
    int32_t day;

    *why = NULL;
    if (!civil_date_parse(found->day, &day))
        *why = "its day is no day such as 2024-03-13";
    else if (found->state == DIFFERENCE_RESOLVED)
        *why = "only a person resolves one, with a reason: parkctl reconcile close";
    else if (found->state == DIFFERENCE_AUTO_RESOLVED && found->at_risk_fen)
        *why = "nothing is at risk of one that is resolved";
    else if (!known && found->state == DIFFERENCE_OPEN &&
             differences->count == DIFFERENCES_OPEN_MAX)
        *why = "too many are open; resolve some of them: parkctl reconcile list --state open";
    *again = !*why && known && same(&differences->items[at], found);
    return !*why;
}

bool differences_close(const struct differences *differences, struct record_difference *change,
                       const char **why)
{
    uint32_t at = find(differences, change->difference);
    struct record_difference closed;

    if (at == differences->count) {
        *why = "no such difference is open; list them with: parkctl reconcile list --state open";
        return false;
    }
    closed = differences->items[at];
    closed.state = DIFFERENCE_RESOLVED;
    closed.at_risk_fen = 0;
    memcpy(closed.actor, change->actor, sizeof closed.actor);
    memcpy(closed.reason, change->reason, sizeof closed.reason);
    *change = closed;
    return true;
}
