/* See orphan.h, whose numbers stand here too. */
#include "daemon/core/orphan.h"

#include "daemon/core/match.h"

/* Points. Equal plates alone make a proposal, a near plate needs one more who speaks for it. */
enum {
    PLATE_POINTS = 60,
    PLATE_FAR = 30, /* tenths of a character: no likeness */
    PLATE_UNREAD = 20,
    COLOUR_POINTS = 10,
    CLASS_POINTS = 10,
    WITNESS_POINTS = 20,
    TAKEN_POINTS = 40,
    MOST = 100
};

static int32_t plates(const struct orphan *entry, const struct orphan *exit, uint32_t *ret_distance)
{
    *ret_distance = PLATE_FAR;
    if (!entry->plate[0] || !exit->plate[0])
        return PLATE_UNREAD;
    *ret_distance = match_distance(entry->plate, exit->plate, PLATE_FAR);
    return PLATE_POINTS * (int32_t)(PLATE_FAR - *ret_distance) / PLATE_FAR;
}

/* Unknown ones, which are 0, say nothing. */
static int32_t likeness(unsigned a, unsigned b, bool known, int32_t points)
{
    if (!known)
        return 0;
    return a == b ? points : -points;
}

static bool within(utc_ms at, utc_ms from, int64_t before_ms, int64_t after_ms)
{
    return at.ms >= from.ms - before_ms && at.ms <= from.ms + after_ms;
}

/* O4: whether the bay that became occupied at `first` was left for this departure. */
static bool stood_until(const struct orphans *o, uint32_t first, const struct orphan *exit)
{
    for (uint32_t i = first + 1; i < o->witnesses_count; i++)
        if (o->witnesses[i].bay == o->witnesses[first].bay)
            return !o->witnesses[i].occupied &&
                   within(o->witnesses[i].at, exit->at, ORPHAN_WAY_MS, 0);
    return false;
}

static bool witnessed(const struct orphans *o, const struct orphan *entry,
                      const struct orphan *exit)
{
    for (uint32_t i = 0; i < o->witnesses_count; i++)
        if (o->witnesses[i].occupied && within(o->witnesses[i].at, entry->at, 0, ORPHAN_WAY_MS) &&
            stood_until(o, i, exit))
            return true;
    return false;
}

static struct orphan_pair judge(const struct orphans *o, uint32_t entry, uint32_t exit)
{
    const struct orphan *in = &o->entries[entry], *out = &o->exits[exit];
    struct orphan_pair pair = {.entry = entry, .exit = exit};
    bool colours = in->colour != PLATE_COLOUR_UNKNOWN && out->colour != PLATE_COLOUR_UNKNOWN;
    int32_t score = plates(in, out, &pair.distance);

    if (out->at.ms < in->at.ms)
        return pair; /* O1 */
    score += likeness(in->colour, out->colour, colours, COLOUR_POINTS);
    score += likeness(in->class, out->class, true, CLASS_POINTS);
    pair.witnessed = witnessed(o, in, out);
    score += pair.witnessed ? WITNESS_POINTS : 0;
    score -= in->taken ? TAKEN_POINTS : 0;
    pair.score = score < 0 ? 0 : score > MOST ? MOST : (uint32_t)score;
    return pair;
}

struct used {
    bool entries[ORPHANS_MAX], exits[ORPHANS_MAX];
};

/* O5: the best of those that are left; how many score nearly as much with either end of it. */
static bool best_of(const struct orphans *o, const struct used *used, struct orphan_pair *ret)
{
    ret->score = 0;
    for (uint32_t i = 0; i < o->entries_count; i++)
        for (uint32_t j = 0; j < o->exits_count && !used->entries[i]; j++) {
            struct orphan_pair pair = judge(o, i, j);

            if (!used->exits[j] && pair.score > ret->score)
                *ret = pair;
        }
    return ret->score >= ORPHAN_LEAST;
}

static bool has_rival(const struct orphans *o, const struct orphan_pair *pair)
{
    for (uint32_t i = 0; i < o->entries_count; i++)
        if (i != pair->entry && judge(o, i, pair->exit).score + ORPHAN_SURE > pair->score)
            return true;
    for (uint32_t j = 0; j < o->exits_count; j++)
        if (j != pair->exit && judge(o, pair->entry, j).score + ORPHAN_SURE > pair->score)
            return true;
    return false;
}

uint32_t orphan_pairs(const struct orphans *orphans, struct orphan_pair ret[ORPHANS_MAX])
{
    struct used used = {{false}, {false}};
    struct orphan_pair pair = {0};
    uint32_t count = 0;

    while (count < ORPHANS_MAX && best_of(orphans, &used, &pair)) {
        pair.sure = !has_rival(orphans, &pair);
        used.entries[pair.entry] = used.exits[pair.exit] = true;
        ret[count++] = pair;
    }
    return count;
}
