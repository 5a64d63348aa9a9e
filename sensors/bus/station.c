/* See station.h. */
#include "sensors/bus/station.h"

#include <string.h>

void station_init(struct station *station, const struct device_settings *settings)
{
    *station = (struct station){.settings = settings};
    barrier_begin(settings->barrier_map, &station->memory);
}

void station_block(struct station *station, const struct modbus_block *block, mono_ms at)
{
    barrier_decode(station->settings->barrier_map, block, at, &station->memory);
}

void station_result(struct station *station, const struct bus_result *result, bool proof,
                    mono_ms at)
{
    if (!proof) {
        barrier_asked(result->command.action, result->outcome, at, &station->memory);
        return;
    }
    station->proving = false;
    barrier_proof_answer(station->settings->barrier_map, result->outcome, at, &station->memory);
}

/* Member by member: what lies behind the end of a text, or between members, is no news. */
static bool is_news(const struct barrier *a, const struct barrier *b)
{
    for (int i = 0; i < BARRIER_INPUTS; i++)
        if (a->inputs[i] != b->inputs[i])
            return true;
    return a->state != b->state || a->quality != b->quality || a->hold != b->hold ||
           a->position_percent != b->position_percent || a->operations != b->operations ||
           a->has_operations != b->has_operations || a->temperature != b->temperature ||
           a->error_code != b->error_code || strcmp(a->error, b->error) != 0 ||
           a->ready != b->ready || strcmp(a->not_ready, b->not_ready) != 0;
}

bool station_tick(struct station *station, mono_ms at)
{
    const struct barrier *now = &station->memory.now;
    barrier_tick(station->settings->barrier_map, at, &station->memory);
    if (station->told_at.ms && !is_news(now, &station->told) &&
        at.ms - station->told_at.ms < STATION_TELL_MS)
        return false;
    station->told = *now;
    station->told_at = at;
    return true;
}

bool station_prove(struct station *station, mono_ms at, struct order *ret)
{
    const struct barrier_write *write =
        station->proving ? NULL
                         : barrier_proof_next(station->settings->barrier_map, at, &station->memory);
    if (!write)
        return false;
    *ret = (struct order){.kind = ORDER_COMMAND, .proof = true, .writes_count = 1};
    ret->command.action = BARRIER_DO_STOP;
    ret->writes[0] = *write;
    return true;
}

bool station_order(const struct station *station, const struct bus_command *command,
                   struct order *ret, struct err *err)
{
    const struct barrier_map *map = station->settings->barrier_map;
    const struct barrier_command *form = barrier_encode(map, command->action);
    if (form->count == 0)
        return err_set(err, "%s: not possible with %s as it is wired",
                       barrier_action_name(command->action), map->name);
    if (!station->memory.now.ready)
        return err_set(err, "%s", station->memory.now.not_ready);
    *ret = (struct order){.kind = ORDER_COMMAND, .command = *command, .writes_count = form->count};
    memcpy(ret->writes, form->writes, sizeof ret->writes);
    return true;
}
