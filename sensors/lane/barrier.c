/*
 * What a barrier's polls say, and what follows from them and from the last command. Pure.
 *
 * The state is, in this order:
 *  1. what the state register says; a value that is not in its table is UNKNOWN;
 *  2. without a register, the end whose limit switch is on; both at once are a FAULT;
 *  3. the way between the ends, by the last command or the limit that was left last, for as long as
 *     the travel takes: INFERRED. After that, an end whose limit switch is wired and off has not
 *     been reached: STOPPED. An end without a switch has: OPEN or CLOSED;
 *  4. with nothing to go by, UNKNOWN and UNOBSERVABLE.
 */
#include "sensors/lane/barrier.h"

#include <stdio.h>
#include <string.h>

#include "daemon/core/text.h"

void barrier_begin(const struct barrier_map *map, struct barrier_memory *ret)
{
    *ret = (struct barrier_memory){.proof = map->prove ? PROOF_WANTED : PROOF_GIVEN};
    barrier_tick(map, (mono_ms){0}, ret);
}

/* True when the block holds the place. A value of `words` words goes to `ret`, a bit as 0 or 1. */
static bool read_place(const struct modbus_block *block, const struct barrier_place *place,
                       uint32_t offset, uint16_t *ret)
{
    uint32_t at = (uint32_t)place->address + offset - block->address;
    if (place->function == 0 || place->function != block->function ||
        place->address + offset < block->address || at >= block->count)
        return false;
    if (place->function <= 2) {
        if (at / 8 >= block->size)
            return false;
        *ret = ((block->data[at / 8] >> at % 8 & 1) != 0) != place->inverted;
        return true;
    }
    if (2 * at + 1 >= block->size)
        return false;
    uint16_t word = (uint16_t)(block->data[2 * at] << 8 | block->data[2 * at + 1]);
    *ret = place->in_word ? (word >> place->bit & 1) != place->inverted : word;
    return true;
}

static bool read_field(const struct modbus_block *block, const struct barrier_field *field,
                       uint16_t *ret)
{
    if (!read_place(block, &field->place, 0, ret))
        return false;
    *ret = *ret >> field->shift & field->mask;
    return true;
}

static int32_t poll_of(const struct barrier_map *map, const struct modbus_block *block)
{
    for (int32_t i = 0; i < map->polls_count; i++)
        if (map->polls[i].function == block->function && map->polls[i].address == block->address &&
            map->polls[i].count == block->count)
            return i;
    return -1;
}

static void decode_state(const struct barrier_map *map, const struct modbus_block *block,
                         mono_ms at, struct barrier_memory *memory)
{
    uint16_t raw;
    bool ours = memory->asked_any && at.ms - memory->asked_at.ms <= map->travel_ms;
    if (!read_field(block, &map->state, &raw))
        return;
    memory->read = BARRIER_UNKNOWN;
    for (uint8_t i = 0; i < map->codes_count; i++)
        if (map->codes[i].raw == raw) {
            memory->read = map->codes[i].state;
            memory->foreign |= map->codes[i].foreign && ours;
        }
}

static void decode_position(const struct barrier_map *map, const struct modbus_block *block,
                            struct barrier *now)
{
    uint16_t raw;
    int32_t closed = map->position_closed, span = map->position_open - closed;
    if (!read_field(block, &map->position, &raw))
        return;
    int32_t percent = span == 0 ? -1 : 100 * (raw - closed) / span;
    bool known = raw != map->position_unknown && percent >= 0 && percent <= 100;
    now->position_percent = known ? (int16_t)percent : -1;
}

static void decode_figures(const struct barrier_map *map, const struct modbus_block *block,
                           struct barrier *now)
{
    uint16_t first, second, raw;
    if (read_place(block, &map->operations, 0, &first) &&
        read_place(block, &map->operations, 1, &second)) {
        now->has_operations = true;
        now->operations = map->operations_low_first ? (uint32_t)second << 16 | first
                                                    : (uint32_t)first << 16 | second;
    }
    if (read_place(block, &map->temperature, 0, &raw)) {
        now->has_temperature = true;
        now->temperature = 10 * (int16_t)raw;
    }
    if (read_field(block, &map->error, &raw))
        now->error_code = raw;
}

static void decode_inputs(const struct barrier_map *map, const struct modbus_block *block,
                          mono_ms at, struct barrier_memory *memory)
{
    uint16_t raw;
    for (int i = 0; i < BARRIER_INPUTS; i++) {
        bool was = memory->on[i];
        if (!read_place(block, &map->inputs[i], 0, &raw))
            continue;
        memory->on[i] = raw;
        if (!was || raw || (i != BARRIER_LIMIT_OPEN && i != BARRIER_LIMIT_CLOSED))
            continue;
        memory->left = i == BARRIER_LIMIT_OPEN ? BARRIER_OPEN : BARRIER_CLOSED;
        memory->left_at = at;
    }
}

static void decode_relays(const struct barrier_map *map, const struct modbus_block *block,
                          mono_ms at, struct barrier_memory *memory)
{
    uint16_t raw;
    if (read_place(block, &map->held, 0, &raw))
        memory->held = raw;
    if (read_place(block, &map->locked, 0, &raw))
        memory->locked = raw;
    for (uint8_t i = 0; i < map->relays_count; i++) {
        if (!read_place(block, &map->relays[i], 0, &raw))
            continue;
        if (!raw)
            memory->pressed_since[i].ms = 0;
        else if (memory->pressed_since[i].ms == 0)
            memory->pressed_since[i] = at;
    }
    if (map->modes_count && read_place(block, &map->modes, 0, &raw))
        memory->wrong_mode = 0;
    for (uint8_t i = map->modes_count; i > 0; i--) {
        if (!read_place(block, &map->modes, i - 1u, &raw) || raw == 0)
            continue;
        memory->wrong_mode = i;
        memory->wrong_mode_value = raw;
    }
}

void barrier_decode(const struct barrier_map *map, const struct modbus_block *block, mono_ms at,
                    struct barrier_memory *memory)
{
    int32_t poll = poll_of(map, block);
    if (poll < 0)
        return;
    memory->heard[poll] = memory->now.heard = at;
    decode_state(map, block, at, memory);
    decode_position(map, block, &memory->now);
    decode_figures(map, block, &memory->now);
    decode_inputs(map, block, at, memory);
    decode_relays(map, block, at, memory);
}

void barrier_asked(enum barrier_action action, enum command_outcome outcome, mono_ms at,
                   struct barrier_memory *memory)
{
    if (outcome == COMMAND_REFUSED || outcome == COMMAND_NOT_SENT)
        return;
    memory->asked_any = true;
    memory->asked = action;
    memory->asked_outcome = outcome;
    memory->asked_at = at;
}

/* A poll that is read at the start only is fresh for ever. */
static bool is_fresh(const struct barrier_map *map, const struct barrier_memory *memory, int poll,
                     mono_ms at)
{
    int64_t limit_ms = map->stale_ms;
    if (map->polls[poll].period_ms * 3 > limit_ms)
        limit_ms = map->polls[poll].period_ms * 3;
    if (memory->heard[poll].ms == 0)
        return false;
    return map->polls[poll].period_ms == 0 || at.ms - memory->heard[poll].ms <= limit_ms;
}

static bool place_is_fresh(const struct barrier_map *map, const struct barrier_memory *memory,
                           const struct barrier_place *place, mono_ms at)
{
    for (int i = 0; i < map->polls_count; i++)
        if (map->polls[i].function == place->function && place->address >= map->polls[i].address &&
            place->address - map->polls[i].address < map->polls[i].count)
            return is_fresh(map, memory, i, at);
    return false;
}

/* The way that the boom takes, when something says so: OPENING or CLOSING, and since when. A
 * command whose answer was lost may have done it or not. */
static enum barrier_state way(const struct barrier_memory *memory, mono_ms *ret_since)
{
    bool by_limit = memory->left != BARRIER_UNKNOWN &&
                    (!memory->asked_any || memory->left_at.ms > memory->asked_at.ms);
    if (by_limit && !memory->asked_any) {
        *ret_since = memory->left_at;
        return memory->left == BARRIER_CLOSED ? BARRIER_OPENING : BARRIER_CLOSING;
    }
    *ret_since = memory->asked_at;
    if (!memory->asked_any || memory->asked_outcome != COMMAND_ACCEPTED)
        return BARRIER_UNKNOWN;
    if (memory->asked == BARRIER_DO_OPEN || memory->asked == BARRIER_DO_HOLD)
        return BARRIER_OPENING;
    if (memory->asked == BARRIER_DO_CLOSE)
        return BARRIER_CLOSING;
    return memory->asked == BARRIER_DO_STOP ? BARRIER_STOPPED : BARRIER_UNKNOWN;
}

/* Rules 3 and 4. */
static void infer(const struct barrier_map *map, mono_ms at, struct barrier_memory *memory)
{
    mono_ms since;
    struct barrier *now = &memory->now;
    bool opens = map->inputs[BARRIER_LIMIT_OPEN].function != 0;
    bool closes = map->inputs[BARRIER_LIMIT_CLOSED].function != 0;
    enum barrier_state state = way(memory, &since);
    bool over = at.ms - since.ms > map->travel_ms;
    if (state == BARRIER_OPENING && over)
        state = opens ? BARRIER_STOPPED : BARRIER_OPEN;
    else if (state == BARRIER_CLOSING && over)
        state = closes ? BARRIER_STOPPED : BARRIER_CLOSED;
    else if (state == BARRIER_UNKNOWN && opens && closes && (!memory->asked_any || over))
        state = BARRIER_STOPPED; /* at neither end, and nothing moves it */
    now->state = state;
    now->quality = state == BARRIER_UNKNOWN ? BARRIER_UNOBSERVABLE : BARRIER_INFERRED;
}

static void tell_state(const struct barrier_map *map, mono_ms at, struct barrier_memory *memory)
{
    struct barrier *now = &memory->now;
    bool open = memory->on[BARRIER_LIMIT_OPEN], closed = memory->on[BARRIER_LIMIT_CLOSED];
    now->quality = BARRIER_OBSERVED;
    if ((open && closed) || (open && memory->read == BARRIER_CLOSED) ||
        (closed && memory->read == BARRIER_OPEN)) {
        now->state = BARRIER_FAULT;
        text_copy(now->error, sizeof now->error,
                  "the limit switches contradict each other or the state; look at their wiring");
    } else if (map->state.place.function != 0) {
        now->state = memory->read;
    } else if (open || closed) {
        now->state = open ? BARRIER_OPEN : BARRIER_CLOSED;
    } else {
        infer(map, at, memory);
    }
}

static void tell_error(const struct barrier_map *map, mono_ms at, struct barrier_memory *memory)
{
    struct barrier *now = &memory->now;
    now->error[0] = '\0';
    if (now->error_code)
        snprintf(now->error, sizeof now->error, "error %u; its meaning stands in the board's paper",
                 now->error_code);
    for (uint8_t i = 0; i < map->relays_count; i++)
        if (memory->pressed_since[i].ms && at.ms - memory->pressed_since[i].ms > map->relays_ms)
            snprintf(now->error, sizeof now->error,
                     "relay %u has been on for %lld s; its button is held down",
                     map->relays[i].address,
                     (long long)(at.ms - memory->pressed_since[i].ms) / 1000);
}

static void tell_ready(const struct barrier_map *map, mono_ms at, struct barrier_memory *memory)
{
    struct barrier *now = &memory->now;
    const char *why = "";
    if (map->modes_count && !place_is_fresh(map, memory, &map->modes, at))
        why = "the relays' control modes have not been read yet";
    if (memory->proof < PROOF_GIVEN)
        why = "the address base is not proved yet; the boom must rest and its state be known";
    if (memory->proof == PROOF_FAILED)
        why = "the board does not answer as it must with this address base; see option base";
    if (map->unproven)
        why = "its map is a template that nobody has seen work; see unproven in its file";
    text_copy(now->not_ready, sizeof now->not_ready, why);
    if (memory->wrong_mode)
        snprintf(now->not_ready, sizeof now->not_ready,
                 "relay %u is in control mode %u; set it to 0 (normal) and restart",
                 memory->wrong_mode - 1, memory->wrong_mode_value);
    now->ready = now->not_ready[0] == '\0';
}

void barrier_tick(const struct barrier_map *map, mono_ms at, struct barrier_memory *memory)
{
    struct barrier *now = &memory->now;
    bool stale = false;
    if (map->position.place.function == 0)
        now->position_percent = -1;
    for (int i = 0; i < map->polls_count; i++)
        stale |= !is_fresh(map, memory, i, at);
    for (int i = 0; i < BARRIER_INPUTS; i++) {
        bool fresh = place_is_fresh(map, memory, &map->inputs[i], at);
        enum barrier_signal heard = memory->on[i] ? SIGNAL_ON : SIGNAL_OFF;
        now->inputs[i] = map->inputs[i].function == 0 ? SIGNAL_NOT_WIRED
                         : fresh                      ? heard
                                                      : SIGNAL_UNKNOWN;
    }
    tell_error(map, at, memory);
    if (now->heard.ms == 0)
        now->position_percent = -1;
    if (!stale)
        tell_state(map, at, memory);
    else
        now->quality = BARRIER_STALE;
    now->hold = memory->locked ? BARRIER_DEVICE_LOCKED
                : memory->held ? BARRIER_HELD_OPEN
                               : BARRIER_NOT_HELD;
    if (memory->foreign) /* nothing of ours leads there */
        memory->proof = PROOF_FAILED;
    barrier_proof_tick(at, memory);
    tell_ready(map, at, memory);
}
