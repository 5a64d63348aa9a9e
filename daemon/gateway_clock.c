/* How far the wall clock can be believed, and what is dated by it. Nothing is kept here. */
#include "daemon/base/clock.h"
#include "daemon/gateway_inside.h"

void gateway_judge_clock(struct gateway *g)
{
    g->time_uncertain = !g->config->plan.clock_trusted && !timekeeper_synchronised(g->timekeeper);
    site_time_quality(g->site, g->time_uncertain);
    yard_time_quality(g->yard, g->time_uncertain);
}

struct record gateway_record(const struct gateway *g, enum record_kind kind)
{
    return (struct record){.kind = kind, .at = clock_utc(), .time_uncertain = g->time_uncertain};
}
