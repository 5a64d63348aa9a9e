/* Counts of a lot from its canonical JSON. See vacancy_read.h. */
#include "daemon/uplink/vacancy_read.h"

#include "daemon/base/json.h"

static int64_t count(const struct json *state, const char *name)
{
    return json_int(json_member(state, name), 0);
}

struct vacancy_counts vacancy_read(const struct json *state)
{
    const struct json *estimate = json_member(state, "estimate");
    struct vacancy_counts counts = {
        .capacity = count(state, "capacity"),
        .free = count(state, "free"),
        .occupied = count(state, "occupied"),
        .unknown = count(state, "unknown"),
        .out_of_service = count(state, "out_of_service"),
        .at_lanes = estimate != NULL,
    };
    int64_t fit = counts.capacity - counts.out_of_service, inside = count(estimate, "inside");

    counts.at_bays = counts.free + counts.occupied > 0;
    if (estimate) {
        counts.occupied = inside < 0 ? 0 : inside > fit ? fit : inside;
        counts.free = fit - counts.occupied;
        counts.unknown = 0;
    }
    return counts;
}
