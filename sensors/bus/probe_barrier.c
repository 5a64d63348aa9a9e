/* Reading one barrier for the installer; never writes. See probe.h. */
#include "daemon/base/clock.h"
#include "sensors/bus/link.h"
#include "sensors/bus/poller.h"
#include "sensors/bus/probe.h"
#include "sensors/lane/barrier.h"

static bool read_poll(struct link *link, const struct device_settings *device,
                      const struct barrier_poll *poll, struct barrier_memory *memory,
                      struct err *err)
{
    struct link_answer answer = {.outcome = LINK_LOST};
    struct frame_request request = {.unit = (uint8_t)device->unit,
                                    .function = poll->function,
                                    .address = poll->address,
                                    .count = poll->count};
    if (!link_is_open(link) && !link_open(link, err))
        return false;
    link_ask(link, &request, poller_response_ms(device), &answer);
    if (answer.outcome != LINK_GOOD)
        return err_set(err, "unit %u: %u values from address %u by function %u: %s", device->unit,
                       poll->count, poll->address, poll->function, answer.reason);
    struct modbus_block block = {.function = poll->function,
                                 .address = poll->address,
                                 .count = poll->count,
                                 .data = answer.data,
                                 .size = answer.size};
    barrier_decode(device->barrier_map, &block, clock_mono(), memory);
    return true;
}

bool probe_barrier(const struct bus_settings *line, uint32_t n, struct barrier *ret,
                   struct err *err)
{
    const struct device_settings *device = &line->devices[n];
    struct barrier_memory memory;
    struct link *link = link_create(line, poller_response_ms(device), (struct wait){0});
    bool good = true;
    barrier_begin(device->barrier_map, &memory);
    for (uint8_t i = 0; good && i < device->barrier_map->polls_count; i++)
        good = read_poll(link, device, &device->barrier_map->polls[i], &memory, err);
    barrier_tick(device->barrier_map, clock_mono(), &memory);
    if (good)
        *ret = memory.now;
    link_destroy(link);
    return good;
}
