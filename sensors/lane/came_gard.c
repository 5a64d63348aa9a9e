/*
 * CAME GARD PTX, board ZLB30B with card 803XC-0020: Modbus RTU, 38400 8E1.
 * Source: CAME FA01323M4A-04/2019, "803XC-0020 / GARD PTX - ZLB30B - Modbus register map".
 *
 *   40101 state  40102 position %, 255 unknown  40103 flags, bit 1: open limit  40104 last error
 *   40105-6 operations, low word first  40109 inputs  40110 temperature, °C, signed
 *   coils 1 STOP  2 OPEN  3 partial open  4 CLOSE  5 step  6 sequential  8 board reset
 *
 * Poll of unit 1:  01 03 00 64 00 0A 84 12        open:  01 05 00 01 FF 00 DD FA
 *
 * The paper does not say whether address 40101 is 100 or 101 on the wire, nor coil 2 is 1 or 2:
 * that is `base`. One off, OPEN is STOP or partial open, CLOSE partial open or step. Coil 0 tells
 * the two apart without harm: with base 0 it is STOP; with base 1 there is no such coil. What is
 * written lies between 0 and 4 with either base, so the board reset (7 or 8) never is.
 * Partial opening is nothing that this driver asks for: seen after a command, the base is wrong.
 */
#include "sensors/lane/barriers.h"

enum { WORDS_FROM = 100, WORDS = 10, COIL_STOP = 0, COIL_OPEN = 1, COIL_CLOSE = 3 };
enum { COIL_ON = 0xFF00, FLAG_OPEN_LIMIT = 1 };

static const struct barrier_map at_base_0 = {
    .name = "came-gard",
    .device = "CAME GARD PTX",
    .polls = {{.function = 3, .address = WORDS_FROM, .count = WORDS}},
    .polls_count = 1,
    .state = {.place = {.function = 3, .address = WORDS_FROM}, .mask = 0xFFFF},
    .codes = {{0, BARRIER_UNKNOWN, false},
              {3, BARRIER_UNKNOWN, false}, /* calibrating */
              {16, BARRIER_OPEN, false},
              {17, BARRIER_CLOSED, false},
              {18, BARRIER_STOPPED, true}, /* partial open */
              {19, BARRIER_STOPPED, false},
              {32, BARRIER_OPENING, false},
              {33, BARRIER_CLOSING, false},
              {34, BARRIER_OPENING, true}}, /* partial opening */
    .codes_count = 9,
    .position = {.place = {.function = 3, .address = WORDS_FROM + 1}, .mask = 0xFFFF},
    .position_open = 100,
    .position_unknown = 255,
    .error = {.place = {.function = 3, .address = WORDS_FROM + 3}, .mask = 0xFFFF},
    .operations = {.function = 3, .address = WORDS_FROM + 4},
    .operations_low_first = true,
    .temperature = {.function = 3, .address = WORDS_FROM + 9},
    .commands = {[BARRIER_DO_STOP] = {{{5, COIL_STOP, COIL_ON, 0}}, 1},
                 [BARRIER_DO_OPEN] = {{{5, COIL_OPEN, COIL_ON, 0}}, 1},
                 [BARRIER_DO_CLOSE] = {{{5, COIL_CLOSE, COIL_ON, 0}}, 1}},
    .prove = true,
    .stale_ms = 1000,
    .response_ms = 500,
};

static void shift(struct barrier_place *place, uint16_t base)
{
    place->address = (uint16_t)(place->address + base);
}

static void build(const struct barrier_options *options, struct barrier_map *ret)
{
    uint16_t base = options->base != 0;
    *ret = at_base_0;
    ret->polls[0].period_ms = options->poll_ms;
    ret->travel_ms = options->travel_ms;
    barriers_inputs(options,
                    (struct barrier_place){.function = 3, .address = WORDS_FROM + 8, .in_word = 1},
                    ret);
    if (options->inputs[BARRIER_LIMIT_OPEN] == BARRIER_NONE)
        ret->inputs[BARRIER_LIMIT_OPEN] = (struct barrier_place){
            .function = 3, .address = WORDS_FROM + 2, .in_word = true, .bit = FLAG_OPEN_LIMIT};
    ret->polls[0].address = (uint16_t)(ret->polls[0].address + base);
    shift(&ret->state.place, base);
    shift(&ret->position.place, base);
    shift(&ret->error.place, base);
    shift(&ret->operations, base);
    shift(&ret->temperature, base);
    for (int i = 0; i < BARRIER_INPUTS; i++)
        shift(&ret->inputs[i], base);
    for (int i = 0; i < BARRIER_ACTIONS; i++)
        ret->commands[i].writes[0].address = (uint16_t)(ret->commands[i].writes[0].address + base);
    if (base)
        ret->wrong_base = (struct barrier_write){5, 0, COIL_ON, 0};
}

const struct barrier_driver came_gard_barrier = {
    .name = "came-gard",
    .device = "CAME GARD PTX, board ZLB30B with card 803XC-0020",
    .takes = BARRIER_TAKES_BASE | BARRIER_TAKES_INPUTS,
    .build = build,
};
