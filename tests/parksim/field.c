/*
 * Bays and devices. A state counts as served when it left in a valid answer and differs from what
 * left before: what was overwritten in between could not be observed by anyone.
 */
#include "tests/parksim/field.h"

#include <stdlib.h>
#include <string.h>

#include "tests/parksim/board.h"
#include "tests/parksim/sim.h"

static struct board *new_board(void)
{
    struct board *board = sim_alloc(1, sizeof *board);
    for (int i = 0; i < BOARD_BOOMS; i++)
        boom_init(&board->booms[i], sim_mono_us());
    return board;
}

struct field *field_create(const struct plan *plan, struct truth *truth)
{
    struct field *field = sim_alloc(1, sizeof *field);
    field->plan = plan;
    field->truth = truth;
    field->occupied = sim_alloc(plan->bays_count, sizeof *field->occupied);
    field->bays = sim_alloc(plan->bays_count, sizeof *field->bays);
    field->devices = sim_alloc(plan->units_count, sizeof *field->devices);
    for (uint32_t i = 0; i < plan->units_count; i++) {
        const struct plan_unit *unit = &plan->units[i];
        field->devices[i].unit = unit;
        field->devices[i].sensed =
            (struct sensed){.occupied = field->occupied + unit->first, .bays = unit->bays};
        if (unit->bays == 0)
            field->devices[i].sensed.board = new_board();
        for (uint32_t bay = unit->first; bay < unit->first + unit->bays; bay++)
            field->bays[bay].device = i;
    }
    return field;
}

void field_destroy(struct field *field)
{
    for (uint32_t i = 0; i < field->plan->units_count; i++)
        free(field->devices[i].sensed.board);
    free(field->devices);
    free(field->bays);
    free(field->occupied);
    free(field);
}

void field_set(struct field *field, uint32_t bay, bool occupied)
{
    struct field_bay *b = &field->bays[bay];
    if (field->occupied[bay] == occupied)
        return;
    if (b->served && field->occupied[bay] != b->served_occupied)
        field->overwritten++;
    field->occupied[bay] = occupied;
    field->occupied_count += occupied ? 1u : UINT32_MAX;
    field->devices[b->device].sensed.arrivals += occupied;
    field->changes++;
    b->changed_us = sim_mono_us();
    truth_change(field->truth, field->plan->bays[bay].id, occupied, b->changed_us);
}

int64_t field_find_bay(const struct field *field, const char *id)
{
    for (uint32_t i = 0; i < field->plan->bays_count; i++) {
        if (strcmp(field->plan->bays[i].id, id) == 0)
            return i;
    }
    return FIELD_NO_BAY;
}

struct field_device *field_device(struct field *field, uint32_t line, uint8_t unit)
{
    for (uint32_t i = 0; i < field->plan->units_count; i++) {
        if (field->plan->units[i].line == line && field->plan->units[i].unit == unit)
            return &field->devices[i];
    }
    return NULL;
}

static void serve_bay(struct field *field, uint32_t bay, bool occupied, int64_t now_us)
{
    struct field_bay *b = &field->bays[bay];
    if (b->served && b->served_occupied == occupied)
        return;
    b->served = true;
    b->served_occupied = occupied;
    struct truth_served served = {.seq = ++field->served,
                                  .bay = field->plan->bays[bay].id,
                                  .occupied = occupied,
                                  .mono_us = now_us,
                                  .changed_us = b->changed_us};
    truth_served(field->truth, &served);
}

void field_serve(struct field *field, struct field_device *device, const struct modbus_pdu *request,
                 int64_t now_us)
{
    struct modbus_range range;
    device->answers++;
    device->sensed.answers++;
    if (!modbus_reads(request, &range))
        return;
    const struct device_map *map = device->unit->map;
    for (uint32_t i = 0; i < range.count; i++) {
        int first;
        int count = map->bays(&device->sensed, range.space, (uint16_t)(range.address + i), &first);
        for (int bay = first; bay < first + count; bay++) {
            bool occupied = map->shows ? map->shows(&device->sensed) : device->sensed.occupied[bay];
            serve_bay(field, device->unit->first + (uint32_t)bay, occupied, now_us);
        }
    }
}
