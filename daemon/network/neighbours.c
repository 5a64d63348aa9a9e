/* Coincidences between bays. Pure. See neighbours.h. */
#include "daemon/network/neighbours.h"

#include <stdlib.h>

enum { TOGETHER_MS = 3000 };

/* The sensor of bay number `beside`, where it stands in the same zone. */
static const struct member *find(struct member *const *by_bay, const struct site_plan *plan,
                                 uint32_t bay, uint32_t beside)
{
    bool near = beside < plan->bays_count && plan->bays[beside].zone == plan->bays[bay].zone;

    return near ? by_bay[beside] : NULL;
}

void neighbours_note(struct member *const *by_bay, const struct site_plan *plan,
                     struct member *member, const struct sensor_step *step)
{
    bool occupied = step->sensed == SENSED_OCCUPIED, together = false;
    uint32_t bay = member->settings->bay;
    const struct member *beside[] = {find(by_bay, plan, bay, bay - 1),
                                     find(by_bay, plan, bay, bay + 1)};

    if (member->changed.ms && occupied == member->told)
        return;
    for (int i = 0; i < 2; i++)
        together = together || (beside[i] && beside[i]->told == occupied &&
                                llabs(beside[i]->changed.ms - step->at.ms) <= TOGETHER_MS);
    member->told = occupied;
    member->changed = step->at;
    health_changed(&member->health, together);
}
