/*
 * Decoding by a device map: a block of registers goes in, what one input senses comes out. Pure;
 * what must be remembered between answers is the caller's struct modbus_input.
 */
#include "sensors/bay/modbus_map.h"

#include <assert.h>

/* False when the value of input `n` does not stand in the block. */
static bool block_word(const struct modbus_block *block, uint32_t address, uint16_t *ret)
{
    if (address < block->address || address - block->address >= block->count)
        return false;
    uint32_t at = address - block->address;
    if (block->function <= 2) {
        if (at / 8 >= block->size)
            return false;
        *ret = block->data[at / 8] >> at % 8 & 1;
        return true;
    }
    if (2 * at + 1 >= block->size)
        return false;
    *ret = (uint16_t)(block->data[2 * at] << 8 | block->data[2 * at + 1]);
    return true;
}

uint16_t modbus_place_address(const struct modbus_place *place, uint32_t input)
{
    uint32_t address = place->address + input * place->stride;
    if (place->in_word)
        address += (place->bit + input * place->bit_stride) / 16;
    return (uint16_t)address;
}

static bool place_value(const struct modbus_place *place, const struct modbus_block *block,
                        uint32_t n, uint16_t *ret)
{
    uint16_t value;
    if (place->function == 0 || place->function != block->function ||
        !block_word(block, modbus_place_address(place, n), &value))
        return false;
    if (place->in_word) {
        uint32_t bit = (place->bit + n * place->bit_stride) % 16;
        value = value >> (place->high_first ? 15 - bit : bit) & 1;
    }
    *ret = value;
    return true;
}

static bool test_holds(const struct modbus_test *test, uint16_t value)
{
    uint16_t masked = value & test->mask;
    switch (test->compare) {
    case MODBUS_NONE:
        return false;
    case MODBUS_EQUAL:
        return masked == test->operand;
    case MODBUS_NOT_EQUAL:
        return masked != test->operand;
    case MODBUS_AT_LEAST:
        return masked >= test->operand;
    case MODBUS_AT_MOST:
        return masked <= test->operand;
    }
    assert(!"compare is checked when the map is read");
    return false;
}

/* A raw value that has never changed for the limit comes from a sensor that no longer measures: an
 * echo always moves by a count now and then. */
static bool is_frozen(const struct modbus_distance *distance, uint16_t raw, mono_ms now,
                      struct modbus_input *input)
{
    if (!input->raw_known || input->raw != raw) {
        input->raw_known = true;
        input->raw = raw;
        input->raw_since = now;
    }
    return distance->frozen_ms > 0 &&
           mono_reached(now, mono_after(input->raw_since, distance->frozen_ms));
}

static enum sensed sense_distance(const struct modbus_distance *distance,
                                  const struct modbus_tuning *tuning, uint16_t raw, mono_ms now,
                                  struct modbus_input *input)
{
    if (is_frozen(distance, raw, now, input))
        return SENSED_FAULT;
    for (int i = 0; i < distance->invalid_count; i++)
        if (raw == distance->invalid[i])
            return SENSED_FAULT;
    int64_t limit_mm = tuning->threshold_mm ? tuning->threshold_mm : distance->threshold_mm;
    if (input->state_known && input->sensed == SENSED_OCCUPIED)
        limit_mm += tuning->hysteresis_mm ? tuning->hysteresis_mm : distance->hysteresis_mm;
    return (int64_t)raw * distance->mm_per_count < limit_mm ? SENSED_OCCUPIED : SENSED_FREE;
}

static enum sensed sense_value(const struct modbus_map *map, uint16_t value)
{
    if (test_holds(&map->occupied, value))
        return SENSED_OCCUPIED;
    if (map->free.compare == MODBUS_NONE || test_holds(&map->free, value))
        return SENSED_FREE;
    return SENSED_FAULT;
}

static bool counter_value(const struct modbus_counter *counter, const struct modbus_block *block,
                          uint32_t n, uint32_t *ret)
{
    uint16_t first, second;
    if (!place_value(&counter->place, block, n, &first))
        return false;
    if (!counter->wide) {
        *ret = first;
        return true;
    }
    if (!block_word(block, modbus_place_address(&counter->place, n) + 1u, &second))
        return false;
    *ret =
        counter->low_word_first ? (uint32_t)second << 16 | first : (uint32_t)first << 16 | second;
    return true;
}

/* Passages between two counts. A step over more than half the range is no wrap: the device has
 * begun at 0 again. */
static uint32_t counter_step(const struct modbus_counter *counter, uint32_t from, uint32_t to)
{
    if (to >= from)
        return to - from;
    uint32_t maximum = counter->maximum ? counter->maximum
                       : counter->wide  ? UINT32_MAX
                                        : UINT16_MAX;
    uint32_t wrapped = from <= maximum ? maximum - from + to + 1 : to;
    return counter->decrease == MODBUS_WRAPS && wrapped <= maximum / 2 ? wrapped : to;
}

static void take_count(const struct modbus_counter *counter, uint32_t count,
                       struct modbus_input *input)
{
    if (input->count_known) {
        uint32_t step = counter_step(counter, input->count, count);
        uint32_t seen = step < input->arrivals ? step : input->arrivals;
        input->passages += step;
        input->missed += step - seen;
        input->arrivals -= seen;
    } else {
        input->arrivals = 0;
    }
    input->count_known = true;
    input->count = count;
}

bool modbus_map_decode(const struct modbus_map *map, const struct modbus_tuning *tuning,
                       const struct modbus_block *block, uint32_t n, mono_ms now,
                       struct modbus_input *input, enum sensed *ret)
{
    uint16_t value;
    uint32_t count;
    if (place_value(&map->fault, block, n, &value)) {
        input->fault_known = true;
        input->fault = test_holds(&map->faulty, value);
    }
    bool has_count = counter_value(&map->counter, block, n, &count);
    bool has_state = place_value(&map->state, block, n, &value) &&
                     (map->fault.function == 0 || input->fault_known);
    if (has_state) {
        enum sensed sensed = map->distance.mm_per_count
                                 ? sense_distance(&map->distance, tuning, value, now, input)
                                 : sense_value(map, value);
        if (map->fault.function && input->fault)
            sensed = SENSED_FAULT;
        if (input->state_known && input->sensed == SENSED_FREE && sensed == SENSED_OCCUPIED)
            input->arrivals++;
        input->state_known = true;
        input->sensed = sensed;
        *ret = sensed;
    }
    if (has_count)
        take_count(&map->counter, count, input);
    return has_state;
}

void modbus_map_lost(const struct modbus_map *map, const struct modbus_block *block, uint32_t n,
                     struct modbus_input *input)
{
    if (map->fault.function != block->function)
        return;
    uint32_t address = modbus_place_address(&map->fault, n);
    if (address >= block->address && address - block->address < block->count)
        input->fault_known = false;
}

bool modbus_map_temperature(const struct modbus_map *map, const struct modbus_block *block,
                            int32_t *ret_decidegrees)
{
    uint16_t value;
    if (!place_value(&map->temperature.place, block, 0, &value))
        return false;
    *ret_decidegrees = (int32_t)(int16_t)value * 10 / map->temperature.counts_per_degree;
    return true;
}

void modbus_map_defaults(struct modbus_map *map)
{
    *map = (struct modbus_map){.inputs = 1,
                               .state = {.stride = 1},
                               .occupied = {MODBUS_NOT_EQUAL, UINT16_MAX, 0},
                               .free = {MODBUS_NONE, UINT16_MAX, 0},
                               .fault = {.stride = 1},
                               .faulty = {MODBUS_NOT_EQUAL, UINT16_MAX, 0},
                               .counter = {.place = {.stride = 1}},
                               .temperature = {.counts_per_degree = 10},
                               .max_bits = 2000,
                               .max_words = 125,
                               .response_ms = 1000,
                               .retries = 2,
                               .poll = MODBUS_POLL_NORMAL,
                               .background_ms = 10000,
                               .silence_ms = 60000};
}
