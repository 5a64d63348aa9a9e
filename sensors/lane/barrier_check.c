/* What a barrier map must fulfil before it is used, and its writes. Pure. */
#include "sensors/lane/barrier.h"

static bool poll_is_sane(const struct barrier_poll *poll)
{
    uint32_t most = poll->function <= 2 ? 2000 : 125;
    return poll->function >= 1 && poll->function <= 4 && poll->count >= 1 && poll->count <= most &&
           poll->address + poll->count <= 65536 && poll->period_ms >= 0;
}

/* False with err when the place is not read by any poll. */
static bool is_polled(const struct barrier_map *map, const struct barrier_place *place,
                      uint32_t words, const char *what, struct err *err)
{
    if (place->function == 0)
        return true;
    for (uint8_t i = 0; i < map->polls_count; i++) {
        const struct barrier_poll *poll = &map->polls[i];
        if (poll->function == place->function && place->address >= poll->address &&
            place->address + words <= (uint32_t)poll->address + poll->count)
            return true;
    }
    return err_set(err, "%s stands at function %u address %u, which no poll reads", what,
                   place->function, place->address);
}

static bool are_polled(const struct barrier_map *map, struct err *err)
{
    for (int i = 0; i < BARRIER_INPUTS; i++)
        if (!is_polled(map, &map->inputs[i], 1, barrier_input_name(i), err))
            return false;
    for (uint8_t i = 0; i < map->relays_count; i++)
        if (!is_polled(map, &map->relays[i], 1, "a relay", err))
            return false;
    return is_polled(map, &map->state.place, 1, "state", err) &&
           is_polled(map, &map->position.place, 1, "position", err) &&
           is_polled(map, &map->error.place, 1, "error", err) &&
           is_polled(map, &map->operations, 2, "operations", err) &&
           is_polled(map, &map->temperature, 1, "temperature", err) &&
           is_polled(map, &map->held, 1, "held", err) &&
           is_polled(map, &map->locked, 1, "locked", err) &&
           is_polled(map, &map->modes, map->modes_count, "modes", err);
}

bool barrier_map_check(const struct barrier_map *map, struct err *err)
{
    if (map->polls_count == 0)
        return err_set(err, "polls is missing; allowed: 1 to %d requests", BARRIER_POLLS);
    for (uint8_t i = 0; i < map->polls_count; i++)
        if (!poll_is_sane(&map->polls[i]))
            return err_set(err, "poll %d asks for too much; allowed: 125 registers or 2000 bits",
                           i + 1);
    if (map->state.place.function != 0 && map->codes_count == 0)
        return err_set(err, "states is missing; allowed: 1 to %d values of the state",
                       BARRIER_CODES);
    if (map->prove && (map->state.place.function == 0 || !barrier_can(map, BARRIER_DO_STOP)))
        return err_set(err, "prove needs a state and a stop command");
    if (!barrier_can(map, BARRIER_DO_OPEN))
        return err_set(err, "open is missing; a barrier that cannot open is none");
    if (barrier_can(map, BARRIER_DO_HOLD) != barrier_can(map, BARRIER_DO_RELEASE))
        return err_set(err, "hold and release go together");
    return are_polled(map, err);
}

const struct barrier_command *barrier_encode(const struct barrier_map *map,
                                             enum barrier_action action)
{
    return &map->commands[action];
}
