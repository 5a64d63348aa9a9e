/* What the evaluator looks up, worked out once when a tariff is loaded. See tariff_rules.h. */
#include "daemon/core/tariff_rules.h"

enum { WHOLE_DAY_S = 86400 };

/* A window of all 24 hours, without a limit of its own, goes on over midnight as one: so that units
 * are not split where nothing changes. */
static bool goes_on(const struct tariff_part *part, const struct tariff_window *window)
{
    return window->from_s == 0 && window->to_s == WHOLE_DAY_S &&
           part->clock != TARIFF_CLOCK_WINDOW && part->cycle != TARIFF_CYCLE_WINDOW &&
           window->cap_fen == TARIFF_NONE && window->cap_s == TARIFF_NONE &&
           window->cap_units == TARIFF_NONE;
}

static void number_steps(struct tariff_part *part)
{
    int32_t keys[TARIFF_FLATS];
    uint32_t flats = 0, counted = 0;

    for (uint32_t w = 0; w < part->windows_count; w++) {
        for (uint32_t s = 0; s < part->windows[w].steps_count; s++) {
            struct tariff_step *step = &part->windows[w].steps[s];
            uint32_t place = flats;

            if (step->max_units)
                step->counted = (uint8_t)(counted++ % TARIFF_COUNTED);
            if (step->unit_s)
                continue;
            for (uint32_t i = 0; step->key > 0 && i < flats; i++)
                if (keys[i] == step->key)
                    place = i;
            step->flat = (uint8_t)place;
            keys[place] = step->key;
            if (place == flats)
                flats = (flats + 1) % TARIFF_FLATS;
        }
    }
}

static void look_at_window(struct tariff_part *part, uint32_t index)
{
    struct tariff_window *window = &part->windows[index];
    bool dated = window->first_day <= window->last_day;

    window->continuous = goes_on(part, window);
    part->priorities = part->priorities || window->priority != part->windows[0].priority;
    for (uint32_t s = 0; s < window->steps_count; s++)
        if (window->steps[s].to_s > part->longest_to_s)
            part->longest_to_s = window->steps[s].to_s;
    for (int class = 0; class < VEHICLE_CLASSES; class ++) {
        if (!(window->classes & VEHICLE_BIT(class)))
            continue;
        if (part->windows_of[class] == 0)
            part->first_fen[class] = -1;
        part->windows_of[class] |= UINT32_C(1) << index;
        if (window->days != TARIFF_DAYS_ALL || dated)
            part->every_day[class] = false;
        if (part->first_fen[class] < 0 && window->steps_count > 0)
            part->first_fen[class] = window->steps[0].price_fen;
    }
}

static void look_at_cap(struct tariff_part *part, const struct tariff_cap *cap)
{
    if (cap->first > part->nth)
        part->nth = cap->first;
    if (cap->last >= part->nth)
        part->nth = cap->last + 1;
    for (int class = 0; class < VEHICLE_CLASSES; class ++)
        if ((cap->classes & VEHICLE_BIT(class)) && cap->of == TARIFF_CAP_MONEY &&
            part->cap_fen[class] == 0)
            part->cap_fen[class] = cap->value;
}

void tariff_prepare(struct tariff *tariff)
{
    for (uint32_t p = 0; p < tariff->parts_count; p++) {
        struct tariff_part *part = &tariff->parts[p];

        part->nth = 1;
        for (int class = 0; class < VEHICLE_CLASSES; class ++) {
            part->windows_of[class] = 0;
            part->every_day[class] = true;
            part->first_fen[class] = part->cap_fen[class] = 0;
        }
        for (uint32_t w = 0; w < part->windows_count; w++)
            look_at_window(part, w);
        for (uint32_t c = 0; c < part->caps_count; c++)
            look_at_cap(part, &part->caps[c]);
        number_steps(part);
    }
}
