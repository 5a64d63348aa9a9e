/* Differences over several runs. See ledger.h. */
#include "daemon/reconcile/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/core/civil.h"

enum { LEDGER_ID_BYTES = 8 };

enum subject { SUBJECT_PAYMENT, SUBJECT_REFUND, SUBJECT_FEE, SUBJECT_SETTLEMENT, SUBJECT_SHIFT };

/* What the difference is about. Late and unequal ones are of a refund when they name one. */
static enum subject subject_of(const struct difference *difference)
{
    static const enum subject subjects[DIFFERENCE_CLASSES] = {
        [DIFFERENCE_REFUND_UNKNOWN] = SUBJECT_REFUND,
        [DIFFERENCE_REFUND_MISSING] = SUBJECT_REFUND,
        [DIFFERENCE_FEE] = SUBJECT_FEE,
        [DIFFERENCE_SETTLEMENT] = SUBJECT_SETTLEMENT,
        [DIFFERENCE_CASH_OVER] = SUBJECT_SHIFT,
        [DIFFERENCE_CASH_SHORT] = SUBJECT_SHIFT,
    };

    return difference->of_refund ? SUBJECT_REFUND : subjects[difference->class];
}

/* Our order names it, where there is one; else the channel's numbers do. A payment that stands for
 * no order of ours is a subject of its own even where it points at one. */
static const char *name_of(const struct difference *difference)
{
    bool left_over = difference->gateway_fen == MATCHING_NO_AMOUNT;

    return *difference->order && !left_over ? difference->order : difference->transaction;
}

int ledger_compare(const struct difference *a, const struct difference *b)
{
    int order = strcmp(a->channel, b->channel);

    order = order ? order : (int)subject_of(a) - (int)subject_of(b);
    order = order ? order : strcmp(name_of(a), name_of(b));
    if (order || subject_of(a) != SUBJECT_SHIFT)
        return order ? order : strcmp(*a->order ? "" : a->refund, *b->order ? "" : b->refund);
    return strcmp(a->channel_order, b->channel_order);
}

/* What has no number of its own, as a sum of a day or the cash of no shift, is that of its day. */
void ledger_id(const struct difference *a, char ret[IDENT_SIZE])
{
    enum subject subject = subject_of(a);
    bool cash = subject == SUBJECT_SHIFT, named = cash ? *a->channel_order : *name_of(a);
    const char *more = cash ? a->channel_order : *a->order ? "" : a->refund;
    int32_t which[] = {(int32_t)subject, named ? 0 : civil_day(a->at_local_s)};
    const struct crypto_part parts[] = {
        {a->channel, strlen(a->channel) + 1},
        {which, sizeof which},
        {name_of(a), strlen(name_of(a)) + 1},
        {more, strlen(more) + 1},
    };
    struct hash hash = crypto_sha256(parts, sizeof parts / sizeof *parts);

    ret[0] = 'D';
    crypto_hex(hash.bytes, LEDGER_ID_BYTES, ret + 1);
}

static bool is_unchanged(const struct difference *a, const struct difference *b)
{
    return a->class == b->class && a->state == b->state && a->gateway_fen == b->gateway_fen &&
           a->channel_fen == b->channel_fen && a->at_risk_fen == b->at_risk_fen;
}

/* Whether what is known outweighs what is found. */
static bool stands(const struct difference *known, const struct difference *found)
{
    bool told = known->channel_fen != MATCHING_NO_AMOUNT; /* by a bill */

    if (told && found->channel_fen == MATCHING_NO_AMOUNT)
        return true;
    return known->class == found->class && known->gateway_fen == found->gateway_fen &&
           known->channel_fen == found->channel_fen &&
           (known->state == DIFFERENCE_RESOLVED ||
            (known->state == DIFFERENCE_AUTO_RESOLVED && told));
}

static struct ledger_entry merge_one(const struct difference *known, const struct difference *found)
{
    struct ledger_entry entry = {.difference = found ? *found : *known};

    if (!known) {
        entry.change = LEDGER_NEW;
        return entry;
    }
    if (!found && known->state == DIFFERENCE_OPEN) {
        entry.difference.state = DIFFERENCE_AUTO_RESOLVED;
        entry.difference.at_risk_fen = 0;
        entry.difference.why = "found no more";
    } else if (found && stands(known, found)) {
        int32_t age_days = found->age_days;

        entry.difference = *known;
        entry.difference.age_days = age_days;
    }
    entry.change = is_unchanged(known, &entry.difference) ? LEDGER_SAME : LEDGER_CHANGED;
    return entry;
}

static int compare(const void *a, const void *b)
{
    return ledger_compare(*(const struct difference *const *)a,
                          *(const struct difference *const *)b);
}

static const struct difference **sorted(const struct difference *items, uint32_t count)
{
    const struct difference **list = memory_new(count + 1, sizeof *list);

    for (uint32_t i = 0; i < count; i++)
        list[i] = &items[i];
    qsort(list, count, sizeof *list, compare);
    return list;
}

uint32_t ledger_merge(const struct ledger_lists *lists, struct ledger_entry *ret)
{
    const struct difference **known = sorted(lists->known, lists->known_count);
    const struct difference **found = sorted(lists->found, lists->found_count);
    uint32_t k = 0, f = 0, count = 0;

    while (k < lists->known_count || f < lists->found_count) {
        int order = k == lists->known_count   ? 1
                    : f == lists->found_count ? -1
                                              : ledger_compare(known[k], found[f]);

        ret[count++] = merge_one(order <= 0 ? known[k] : NULL, order >= 0 ? found[f] : NULL);
        k += order <= 0;
        f += order >= 0;
    }
    free(found);
    free(known);
    return count;
}
