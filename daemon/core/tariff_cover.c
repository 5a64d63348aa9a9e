/*
 * The windows' part of the proof. A day is what windows of its own kind and windows over midnight
 * from a day of any kind make of it, so all pairs of kinds are looked at, for each class, at each
 * moment at which a window begins or ends.
 */
#include "daemon/core/tariff_proof.h"

enum { WHOLE_DAY_S = 86400, EDGES = 2 * TARIFF_WINDOWS + 1 };

/* One kind of day after another, for one class. */
struct day {
    const struct tariff_part *part;
    uint32_t class;
    int before, kind;
};

static bool dated(const struct tariff_window *window)
{
    return window->first_day <= window->last_day;
}

static bool covers(const struct day *day, const struct tariff_window *window, int32_t at_s)
{
    bool over_midnight = window->to_s <= window->from_s;

    if (!(window->classes & VEHICLE_BIT(day->class)))
        return false;
    if (over_midnight && at_s < window->to_s && (window->days & TARIFF_DAY_BIT(day->before)))
        return true;
    return at_s >= window->from_s && (over_midnight || at_s < window->to_s) &&
           (window->days & TARIFF_DAY_BIT(day->kind));
}

static const char *day_name(int kind)
{
    static const char *const names[TARIFF_DAYS] = {
        "Mondays",   "Tuesdays", "Wednesdays", "Thursdays",    "Fridays",
        "Saturdays", "Sundays",  "holidays",   "make-up days",
    };

    return names[kind];
}

struct cover {
    struct tariff_proof *proof;
    const struct tariff_part *part;
    bool gap_told;
    uint32_t overlap_told[TARIFF_WINDOWS]; /* bits of the other window */
};

static void prove_moment(struct cover *cover, const struct day *day, int32_t at_s)
{
    const struct tariff_part *part = cover->part;
    bool covered = part->gap_said;

    for (uint32_t a = 0; a < part->windows_count; a++) {
        const struct tariff_window *one = &part->windows[a];

        if (!covers(day, one, at_s))
            continue;
        covered = covered || !dated(one);
        for (uint32_t b = a + 1; b < part->windows_count; b++) {
            const struct tariff_window *other = &part->windows[b];

            if (!covers(day, other, at_s) || one->priority != other->priority ||
                (cover->overlap_told[a] & (1u << b)))
                continue;
            cover->overlap_told[a] |= 1u << b;
            tariff_proof_tell(cover->proof, other->line,
                              "window: overlaps the one of line %u at %02d:%02d on %s; allowed: "
                              "different priorities",
                              one->line, at_s / 3600, at_s / 60 % 60, day_name(day->kind));
        }
    }
    if (covered || cover->gap_told)
        return;
    cover->gap_told = true;
    tariff_proof_tell(cover->proof, part->line,
                      "windows: nothing is said for %s at %02d:%02d on %s; allowed: a window, or "
                      "gap = \"free\" or \"closed\"",
                      vehicle_name((enum vehicle_class)day->class), at_s / 3600, at_s / 60 % 60,
                      day_name(day->kind));
}

void tariff_cover_prove(struct tariff_proof *proof, const struct tariff_part *part)
{
    struct cover cover = {.proof = proof, .part = part};
    int32_t edges[EDGES] = {0};
    uint32_t count = 1;

    for (uint32_t w = 0; w < part->windows_count; w++) {
        edges[count++] = part->windows[w].from_s;
        edges[count++] = part->windows[w].to_s;
    }
    struct day day = {.part = part};
    for (day.class = 0; day.class < VEHICLE_CLASSES; day.class ++)
        for (day.before = 0; day.before < TARIFF_DAYS; day.before++)
            for (day.kind = 0; day.kind < TARIFF_DAYS; day.kind++)
                for (uint32_t e = 0; e < count; e++)
                    if (edges[e] < WHOLE_DAY_S)
                        prove_moment(&cover, &day, edges[e]);
}
