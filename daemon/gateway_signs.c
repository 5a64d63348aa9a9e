/*
 * Guidance signs: the free bays of a lot, zone or class as of the last durable record. The bus
 * writes what has changed, behind everything else.
 */
#include "daemon/gateway_inside.h"
#include "sensors/sign/sign.h"

static const struct tally *tally_of(const struct gateway *g, const struct sign_config *sign)
{
    if (sign->zone != PLAN_NONE)
        return view_zone(g->view, sign->zone);
    if (sign->class >= 0)
        return view_lot_class(g->view, sign->lot, (enum bay_class)sign->class);
    return view_lot(g->view, sign->lot);
}

void gateway_show_signs(struct gateway *g)
{
    for (uint32_t i = 0; i < g->config->signs_count; i++) {
        const struct sign_config *sign = &g->config->signs[i];
        const struct tally *tally = tally_of(g, sign);
        /* Free bays that nobody can see are not promised to anyone. */
        const struct sign_value value = {
            .known = tally->free + tally->occupied > 0 || tally->unknown == 0, .free = tally->free};
        if (g->buses[sign->bus])
            bus_sign(g->buses[sign->bus], sign->device, &value);
    }
}
