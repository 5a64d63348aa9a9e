/* What city platforms are told beside records: absolute counts. Loop's thread. */
#include "daemon/base/clock.h"
#include "daemon/gateway_inside.h"
#include "daemon/uplink/city.h"

/* A lot whose cars are counted at its lanes: so many fit as its bays in service, and those that are
 * believed to be inside are taken. */
static void count_by_lanes(struct gateway *g, uint32_t lot, struct city_counts *ret)
{
    struct estimate estimate;
    int64_t fit = (int64_t)ret->capacity - ret->out_of_service;

    yard_estimate(g->yard, lot, clock_utc(), &estimate);
    int64_t inside = estimate.inside < 0 ? 0 : estimate.inside > fit ? fit : estimate.inside;
    ret->occupied = (uint32_t)inside;
    ret->free = (uint32_t)(fit - inside);
    ret->unknown = 0;
}

void gateway_on_counts(void *arg, uint32_t lot, struct city_counts *ret)
{
    struct gateway *g = arg;
    const struct tally *tally = view_lot(g->view, lot);

    *ret = (struct city_counts){.capacity = tally->capacity,
                                .free = tally->free,
                                .occupied = tally->occupied,
                                .unknown = tally->unknown,
                                .out_of_service = tally->out_of_service};
    if (g->config->plan.lots[lot].policy.stays == STAYS_FROM_LANES)
        count_by_lanes(g, lot, ret);
}
