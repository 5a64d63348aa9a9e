/* Sensors that change together with the one beside them: one of the two sees the other's car. */
#ifndef NETWORK_NEIGHBOURS_H
#define NETWORK_NEIGHBOURS_H

#include "daemon/core/plan.h"
#include "daemon/network/member.h"

/* Notes a step of `member` in its health. `by_bay`: the sensor of each bay of the plan, or NULL.
 * The bays beside each other are those that follow each other in the plan within a zone. */
void neighbours_note(struct member *const *by_bay, const struct site_plan *plan,
                     struct member *member, const struct sensor_step *step);

#endif
