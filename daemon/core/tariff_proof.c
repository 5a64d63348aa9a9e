/*
 * The proof at loading: that a tariff says exactly one price for every stay. Windows cover each day
 * for each class or the gap is said, none of equal priority overlap, steps ascend to an open one,
 * caps can be reached and do not contradict each other. See tariff_rules.h; this file holds the
 * steps, caps and shares, tariff_cover.c the windows.
 */
#include <stdarg.h>
#include <stdio.h>

#include "daemon/core/tariff_proof.h"

enum { RELIEFS_SUMMED = 3 }; /* fractions must stay exact: money.h */

void tariff_proof_tell(struct tariff_proof *proof, uint32_t line, const char *format, ...)
{
    char text[TARIFF_PROOF_TEXT];
    va_list args;

    proof->sound = false;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    proof->mistake(proof->arg, line, text);
}

static void prove_step(struct tariff_proof *proof, const struct tariff_window *window, uint32_t s)
{
    const struct tariff_step *step = &window->steps[s];
    const struct tariff_step *next = s + 1 < window->steps_count ? step + 1 : NULL;

    if (next && step->to_s == 0)
        tariff_proof_tell(proof, step->line,
                          "step: the steps behind this one are never reached; allowed: only the "
                          "last step without \"to\"");
    else if (next && next->to_s != 0 && next->to_s <= step->to_s)
        tariff_proof_tell(proof, next->line,
                          "step: \"to\" is %lld min, not above the %lld min of the step before; "
                          "allowed: steps that ascend",
                          (long long)next->to_s / 60, (long long)step->to_s / 60);
    if (!next && step->to_s != 0)
        tariff_proof_tell(proof, step->line,
                          "step: nothing is said beyond %lld min; allowed: a last step without "
                          "\"to\"",
                          (long long)step->to_s / 60);
    if (step->round == TARIFF_ROUND_TAIL && step->tail_s >= step->unit_s)
        tariff_proof_tell(proof, step->line,
                          "step: no unit would ever count; allowed: a tail shorter than the unit");
    if (step->unit_s == 0 && step->max_units > 0)
        tariff_proof_tell(proof, step->line,
                          "step: a flat amount has no units; allowed: max_units beside \"unit\"");
}

static void prove_window(struct tariff_proof *proof, const struct tariff_window *window)
{
    bool charged = window->kind == TARIFF_CHARGED || window->kind == TARIFF_OVERSTAY;

    if (charged != (window->steps_count > 0))
        tariff_proof_tell(proof, window->line, "window: %s; allowed: %s",
                          charged ? "nothing is charged" : "has steps but is free or closed",
                          charged ? "steps, or kind \"free\" or \"closed\"" : "no steps");
    for (uint32_t s = 0; s < window->steps_count; s++)
        prove_step(proof, window, s);
    if (window->steps_count > 0 && window->cap_fen != TARIFF_NONE &&
        window->cap_fen < window->steps[0].price_fen)
        tariff_proof_tell(proof, window->line,
                          "window: its cap of %lld is below its first step of %lld; allowed: at "
                          "least the first step",
                          (long long)window->cap_fen, (long long)window->steps[0].price_fen);
}

/* A cap on money beside each window that it holds for. */
static void prove_cap_value(struct tariff_proof *proof, const struct tariff_part *part,
                            const struct tariff_cap *cap)
{
    for (uint32_t w = 0; w < part->windows_count; w++) {
        const struct tariff_window *window = &part->windows[w];

        if (cap->of != TARIFF_CAP_MONEY || !(window->classes & cap->classes) ||
            window->steps_count == 0)
            continue;
        if (cap->value < window->steps[0].price_fen)
            tariff_proof_tell(proof, cap->line,
                              "cap: %lld is below the first step of a window, %lld; allowed: at "
                              "least that",
                              (long long)cap->value, (long long)window->steps[0].price_fen);
        else if (window->cap_fen != TARIFF_NONE && cap->value < window->cap_fen)
            tariff_proof_tell(proof, cap->line,
                              "cap: %lld is below the cap of a window, %lld, which would never "
                              "hold; allowed: an outer cap above the inner one",
                              (long long)cap->value, (long long)window->cap_fen);
    }
}

static bool same_cycles(const struct tariff_cap *a, const struct tariff_cap *b)
{
    return a->per == b->per && a->of == b->of && (a->classes & b->classes) &&
           (a->last == 0 || b->first <= a->last) && (b->last == 0 || a->first <= b->last);
}

static void prove_cap(struct tariff_proof *proof, const struct tariff_part *part, uint32_t c)
{
    const struct tariff_cap *cap = &part->caps[c];

    if (cap->last != 0 && cap->last < cap->first)
        tariff_proof_tell(proof, cap->line,
                          "cap: its last cycle is before its first; allowed: last 0 or from "
                          "\"first\" up");
    if (cap->of == TARIFF_CAP_FULL &&
        (cap->per != TARIFF_PER_CYCLE || part->cycle != TARIFF_CYCLE_ROLLING))
        tariff_proof_tell(proof, cap->line,
                          "cap: the price of a whole cycle needs cycles of one length; allowed: "
                          "cycle \"rolling\"");
    for (uint32_t i = 0; i < c; i++)
        if (same_cycles(cap, &part->caps[i]))
            tariff_proof_tell(proof, cap->line,
                              "cap: another cap says the same for the same cycles and classes; "
                              "allowed: one");
    prove_cap_value(proof, part, cap);
}

static void count_steps(struct tariff_proof *proof, const struct tariff_part *part)
{
    uint32_t flats = 0, counted = 0;

    for (uint32_t w = 0; w < part->windows_count; w++)
        for (uint32_t s = 0; s < part->windows[w].steps_count; s++) {
            flats += part->windows[w].steps[s].unit_s == 0;
            counted += part->windows[w].steps[s].max_units > 0;
        }
    if (flats > TARIFF_FLATS)
        tariff_proof_tell(proof, part->line, "windows: %u flat steps; allowed: at most %d", flats,
                          TARIFF_FLATS);
    if (counted > TARIFF_COUNTED)
        tariff_proof_tell(proof, part->line,
                          "windows: %u steps with max_units; allowed: at most "
                          "%d",
                          counted, TARIFF_COUNTED);
}

static void prove_part(struct tariff_proof *proof, const struct tariff_part *part)
{
    for (uint32_t w = 0; w < part->windows_count; w++)
        prove_window(proof, &part->windows[w]);
    for (uint32_t c = 0; c < part->caps_count; c++)
        prove_cap(proof, part, c);
    count_steps(proof, part);
    if (part->cycle == TARIFF_CYCLE_WINDOW && part->clock == TARIFF_CLOCK_STAY)
        tariff_proof_tell(proof, part->line,
                          "cycle: each window is a cycle of its own, but the clock goes on; "
                          "allowed: clock \"window\" or \"cycle\"");
    tariff_cover_prove(proof, part);
}

static bool any_whole_cycle(const struct tariff *tariff)
{
    for (uint32_t p = 0; p < tariff->parts_count; p++)
        for (uint32_t c = 0; c < tariff->parts[p].caps_count; c++)
            if (tariff->parts[p].caps[c].of == TARIFF_CAP_FULL)
                return true;
    return false;
}

static void prove_missing(struct tariff_proof *proof, const struct tariff *tariff)
{
    const struct tariff_part *part = &tariff->parts[0];
    uint32_t capped = 0;

    for (uint32_t c = 0; c < part->caps_count; c++)
        if (part->caps[c].of == TARIFF_CAP_MONEY)
            capped |= part->caps[c].classes;
    if (tariff->missing == TARIFF_MISSING_CAP && (capped & VEHICLE_ALL) != VEHICLE_ALL)
        tariff_proof_tell(proof, part->line,
                          "missing: \"cap\" needs a cap on money for every class");
}

bool tariff_proof(const struct tariff *tariff, tariff_mistake_fn *mistake, void *arg)
{
    struct tariff_proof proof = {.mistake = mistake, .arg = arg, .sound = true};

    for (uint32_t p = 0; p < tariff->parts_count; p++)
        prove_part(&proof, &tariff->parts[p]);
    if (!tariff->may_fall && (tariff->alternatives_count > 0 || any_whole_cycle(tariff)))
        tariff_proof_tell(&proof, tariff->parts[0].line,
                          "may_fall: special prices and prices of a whole cycle can make a longer "
                          "stay cheaper; allowed: may_fall = true beside them");
    if (tariff->combine == TARIFF_SUM && tariff->reliefs_count > RELIEFS_SUMMED)
        tariff_proof_tell(&proof, tariff->reliefs[RELIEFS_SUMMED].line,
                          "reliefs: %u are summed up; allowed: at most %d", tariff->reliefs_count,
                          RELIEFS_SUMMED);
    prove_missing(&proof, tariff);
    return proof.sound;
}
