/* See probe.h. A unit is there when it answers a read of register 0, be it with an exception. */
#include "sensors/bus/probe.h"

#include <stdlib.h>

#include "daemon/base/memory.h"
#include "sensors/bus/blocks.h"
#include "sensors/bus/link.h"

enum { UNITS = 256, NO_PATH = 10, NO_TARGET = 11 };

struct probe {
    const struct probe_settings *settings;
    const struct probe_hooks *hooks;
    struct bus_settings line;
    struct probe_framing framing;
    struct link *link;
    bool wanted[UNITS]; /* units to ask */
    uint32_t done, total, units;
    uint32_t *bays; /* all 0: every input is wanted */
    struct modbus_input *inputs;
    enum sensed *sensed;
};

/* The speeds and framings that field devices are delivered with, likeliest first. */
static const struct probe_framing usual[] = {
    {9600, 'N', 1},  {19200, 'E', 1},  {19200, 'N', 1}, {9600, 'E', 1},
    {38400, 'N', 1}, {115200, 'N', 1}, {4800, 'N', 1},  {57600, 'N', 1},
};

/* Asks over a link that is opened again when it was closed, or proves to be. */
static bool ask(struct probe *probe, uint32_t unit, const struct block *block,
                struct link_answer *ret, struct err *err)
{
    struct frame_request request = {.unit = (uint8_t)unit,
                                    .function = block->function,
                                    .address = block->address,
                                    .count = block->count};
    for (int attempt = 0; attempt < 2; attempt++) {
        if (!link_is_open(probe->link) && !link_open(probe->link, err))
            return false;
        link_ask(probe->link, &request, probe->settings->response_ms, ret);
        if (ret->sent)
            break;
    }
    return true;
}

/* Reads `inputs` inputs by the map. False when not all of its requests are answered well. */
static bool read_map(struct probe *probe, uint32_t unit, const struct modbus_map *map,
                     uint32_t inputs, struct link_answer *ret)
{
    const struct device_settings device = {
        .unit = unit, .map = map, .bays = probe->bays, .inputs = inputs};
    struct block *blocks;
    uint32_t count = blocks_of(&device, &blocks);
    bool good = true;
    for (uint32_t n = 0; n < inputs; n++) {
        probe->inputs[n] = (struct modbus_input){0};
        probe->sensed[n] = SENSED_FAULT;
    }
    /* Twice, because a state is told only once its fault bit is known. */
    for (uint32_t i = 0; good && i < 2 * count; i++) {
        const struct block *block = &blocks[i % count];
        if (block->background)
            continue;
        good = ask(probe, unit, block, ret, NULL) && ret->outcome == LINK_GOOD;
        const struct modbus_block answer = {.function = block->function,
                                            .address = block->address,
                                            .count = block->count,
                                            .data = ret->data,
                                            .size = ret->size};
        for (uint32_t n = 0; good && n < inputs; n++)
            modbus_map_decode(map, &(struct modbus_tuning){0}, &answer, n, (mono_ms){0},
                              &probe->inputs[n], &probe->sensed[n]);
    }
    free(blocks);
    return good;
}

/* A concentrator may have fewer inputs than its map allows: halves until it answers. */
static uint32_t fit_map(struct probe *probe, uint32_t unit, const struct modbus_map *map)
{
    struct link_answer answer = {.outcome = LINK_REFUSED};
    for (uint32_t inputs = map->inputs; inputs > 0 && answer.outcome == LINK_REFUSED; inputs /= 2)
        if (read_map(probe, unit, map, inputs, &answer))
            return inputs;
    return 0;
}

static void tell_unit(struct probe *probe, uint32_t unit, const struct link_answer *first)
{
    struct probe_found found = {.unit = unit,
                                .framing = probe->framing,
                                .turnaround_us = first->turnaround_us,
                                .answer = first->reason,
                                .sensed = probe->sensed};
    bool any = false;
    for (uint32_t i = 0; i < probe->settings->maps_count; i++) {
        found.map = probe->settings->maps[i];
        found.inputs = fit_map(probe, unit, found.map);
        if (found.inputs == 0)
            continue;
        any = true;
        probe->hooks->found(probe->hooks->arg, &found);
    }
    found.map = NULL;
    if (!any)
        probe->hooks->found(probe->hooks->arg, &found);
}

/* A TCP gateway says "no path" or "no answer" for a unit that is not on its line. */
static bool is_there(const struct link_answer *answer)
{
    return answer->outcome == LINK_GOOD ||
           (answer->outcome == LINK_REFUSED && answer->exception != NO_PATH &&
            answer->exception != NO_TARGET);
}

enum scan { SCAN_DONE, SCAN_GIVEN_UP, SCAN_FAILED };

static enum scan scan_units(struct probe *probe, struct err *err)
{
    static const struct block register_0 = {.function = 3, .address = 0, .count = 1};
    const struct probe_hooks *hooks = probe->hooks;
    struct link_answer answer;
    for (uint32_t unit = 1; unit < UNITS; unit++) {
        if (!probe->wanted[unit])
            continue;
        if (!hooks->progress(hooks->arg, &probe->framing, unit, probe->done++, probe->total))
            return SCAN_GIVEN_UP;
        if (!ask(probe, unit, &register_0, &answer, err))
            return SCAN_FAILED;
        if (!is_there(&answer))
            continue;
        probe->units++;
        tell_unit(probe, unit, &answer);
    }
    return SCAN_DONE;
}

static enum scan scan_framing(struct probe *probe, const struct probe_framing *framing,
                              struct err *err)
{
    probe->framing = *framing;
    probe->line.baud = framing->baud;
    probe->line.parity = framing->parity;
    probe->line.stop_bits = framing->stop_bits;
    probe->link = link_create(&probe->line, probe->settings->response_ms, (struct wait){0});
    enum scan scan = link_open(probe->link, err) ? scan_units(probe, err) : SCAN_FAILED;
    link_destroy(probe->link);
    return scan;
}

static uint32_t choose_units(struct probe *probe)
{
    uint32_t count = 0;
    for (uint32_t unit = probe->settings->first_unit; unit <= probe->settings->last_unit; unit++)
        probe->wanted[unit % UNITS] = true;
    for (uint32_t i = 0; i < probe->settings->maps_count; i++)
        probe->wanted[probe->settings->maps[i]->factory_unit] = true;
    probe->wanted[0] = false; /* broadcast, or a map that knows none */
    for (uint32_t unit = 1; unit < UNITS; unit++)
        count += probe->wanted[unit];
    return count;
}

bool probe_run(const struct probe_settings *settings, const struct probe_hooks *hooks,
               uint32_t *ret_units, struct err *err)
{
    struct probe probe = {.settings = settings, .hooks = hooks, .line = settings->line};
    const struct probe_framing *framings = settings->framings ? settings->framings : usual;
    uint32_t count = settings->framings ? settings->framings_count : sizeof usual / sizeof *usual;
    enum scan scan = SCAN_DONE;
    if (settings->line.type != BUS_RTU)
        count = 1; /* nothing to choose: the host has one connection */
    probe.total = choose_units(&probe) * count;
    probe.bays = memory_new(MODBUS_MAP_INPUTS, sizeof *probe.bays);
    probe.inputs = memory_new(MODBUS_MAP_INPUTS, sizeof *probe.inputs);
    probe.sensed = memory_new(MODBUS_MAP_INPUTS, sizeof *probe.sensed);
    for (uint32_t i = 0; i < count && scan == SCAN_DONE && probe.units == 0; i++)
        scan = scan_framing(&probe, &framings[i], err);
    free(probe.sensed);
    free(probe.inputs);
    free(probe.bays);
    if (scan == SCAN_FAILED)
        return false;
    *ret_units = probe.units;
    return true;
}
