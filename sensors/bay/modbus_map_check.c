/*
 * What a device map must fulfil before it is used. Pure. The decoder and the poller rely on all of
 * it, so they need no checks of their own.
 */
#include "sensors/bay/modbus_map.h"

/* A number of the map with its range. */
struct limit {
    const char *key;
    int64_t value, least, most;
};

static bool check_limits(const struct limit *limits, size_t count, struct err *err)
{
    for (const struct limit *l = limits; l < limits + count; l++)
        if (l->value < l->least || l->value > l->most)
            return err_set(err, "%s is %lld; allowed are %lld to %lld", l->key, (long long)l->value,
                           (long long)l->least, (long long)l->most);
    return true;
}

static bool check_numbers(const struct modbus_map *map, struct err *err)
{
    const struct modbus_distance *distance = &map->distance;
    const struct limit limits[] = {
        {"inputs", map->inputs, 1, MODBUS_MAP_INPUTS},
        {"max_bits", map->max_bits, 1, 2000},
        {"max_words", map->max_words, 1, 125},
        {"max_hole", map->max_hole, 0, 2000},
        {"gap_ms", map->gap_ms, 0, 1000},
        {"response_ms", map->response_ms, 10, 10000},
        {"retries", map->retries, 0, 10},
        {"poll", map->poll, 0, MODBUS_POLLS - 1},
        {"background_ms", map->background_ms, 100, 86400000},
        {"silence_ms", map->silence_ms, 1000, 86400000},
        {"settle_ms", map->settle_ms, 0, 10000},
        {"setup", map->setup_count, 0, MODBUS_MAP_WRITES},
        {"distance.mm_per_count", distance->mm_per_count, 0, 1000},
        {"distance.threshold_mm", distance->threshold_mm, distance->mm_per_count ? 1 : 0, 65535000},
        {"distance.hysteresis_mm", distance->hysteresis_mm, 0, 65535000},
        {"distance.invalid", distance->invalid_count, 0, MODBUS_MAP_INVALID},
        {"distance.frozen_ms", distance->frozen_ms, 0, 30LL * 86400000},
        {"temperature.counts_per_degree", map->temperature.counts_per_degree, 1, 1000},
    };
    return check_limits(limits, sizeof limits / sizeof *limits, err);
}

/* `words` adjacent words stand at each place. */
static bool check_place(const char *key, const struct modbus_place *place, uint32_t inputs,
                        uint32_t words, struct err *err)
{
    if (place->function == 0)
        return true;
    if (place->function > 4)
        return err_set(err, "%s: function %u does not read; allowed are 1 to 4", key,
                       place->function);
    if (place->in_word && place->function <= 2)
        return err_set(err, "%s: function %u has no words; leave out the bit, or use 3 or 4", key,
                       place->function);
    if (place->in_word && (place->bit > 15 || place->bit_stride > 15))
        return err_set(err, "%s: a word has the bits 0 to 15", key);
    if (inputs > 1 && place->stride < words && !(place->in_word && place->bit_stride))
        return err_set(err, "%s: stride %u would make inputs share a value; at least %u is needed",
                       key, place->stride, words);
    uint64_t last = place->address + (uint64_t)(inputs - 1) * place->stride + words - 1;
    if (place->in_word)
        last += (place->bit + (uint64_t)(inputs - 1) * place->bit_stride) / 16;
    if (last > UINT16_MAX)
        return err_set(err, "%s: input %u would stand at address %llu; the last is 65535", key,
                       inputs, (unsigned long long)last);
    return true;
}

static bool check_test(const char *key, const struct modbus_test *test, struct err *err)
{
    if (test->compare > MODBUS_AT_MOST)
        return err_set(err, "%s: no such comparison", key);
    if (test->compare != MODBUS_NONE && (test->operand & ~test->mask) != 0)
        return err_set(err, "%s: %u has bits that the mask %#x removes, so it can never be equal",
                       key, test->operand, test->mask);
    return true;
}

static bool check_write(const char *key, const struct modbus_write *write, struct err *err)
{
    if (write->function != 5 && write->function != 6 && write->function != 16)
        return err_set(err, "%s: function %u does not write; allowed are 5, 6 and 16", key,
                       write->function);
    if (write->function == 5 && write->value > 1)
        return err_set(err, "%s: a coil is 0 or 1, not %u", key, write->value);
    return true;
}

static bool check_writes(const struct modbus_map *map, struct err *err)
{
    for (int i = 0; i < map->setup_count; i++)
        if (!check_write("setup", &map->setup[i], err))
            return false;
    return map->trigger.function == 0 || check_write("trigger", &map->trigger, err);
}

/* What the state means must be said in exactly one way. */
static bool check_meaning(const struct modbus_map *map, struct err *err)
{
    bool is_bit = map->state.function <= 2 || map->state.in_word;
    if (map->state.function == 0)
        return err_set(err, "state is missing: where does the device say that a bay is occupied?");
    if (map->distance.mm_per_count != 0 && is_bit)
        return err_set(err, "distance: the state is one bit; a distance needs a whole word");
    if (map->distance.mm_per_count == 0 && map->occupied.compare == MODBUS_NONE)
        return err_set(err, "occupied is missing: which value of the state means occupied?");
    if (map->fault.function != 0 && map->faulty.compare == MODBUS_NONE)
        return err_set(err, "fault: which value means a fault?");
    if (map->counter.place.in_word || map->counter.place.function == 1 ||
        map->counter.place.function == 2)
        return err_set(err, "counter: a count stands in whole words, function 3 or 4");
    if (map->counter.wide && map->counter.place.function != 0 && map->max_words < 2)
        return err_set(err, "counter: two words do not fit into max_words 1");
    if (!map->counter.wide && map->counter.maximum > UINT16_MAX)
        return err_set(err, "counter: a maximum of %u needs 32 bits", map->counter.maximum);
    return true;
}

bool modbus_map_check(const struct modbus_map *map, struct err *err)
{
    bool shared_fault = map->fault.stride == 0 && map->fault.bit_stride == 0; /* one for all */
    return check_numbers(map, err) && check_meaning(map, err) &&
           check_place("state", &map->state, map->inputs, 1, err) &&
           check_place("fault", &map->fault, shared_fault ? 1 : map->inputs, 1, err) &&
           check_place("counter", &map->counter.place, map->inputs, map->counter.wide ? 2 : 1,
                       err) &&
           check_place("temperature", &map->temperature.place, 1, 1, err) &&
           check_test("occupied", &map->occupied, err) && check_test("free", &map->free, err) &&
           check_test("fault", &map->faulty, err) && check_writes(map, err);
}
