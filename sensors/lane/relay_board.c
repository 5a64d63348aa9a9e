/*
 * Relay boards whose contacts are wired to the buttons of a barrier, and their inputs to its limit
 * switches and loops; in any order, several barriers on a board.
 *
 * Waveshare Modbus RTU and ETH relay boards (maker's wiki, "Modbus RTU Relay", protocol manual):
 *   read inputs      01 02 00 00 00 08 79 CC         read relays  01 01 …
 *   relay 0, 700 ms  01 05 02 00 00 07 8D B0         value: 100 ms each, at most 7FFF
 *   relay 0 off      01 05 00 00 00 00 CD CA
 *   control modes    03, from 1000: 0 normal, 1 linked to the input, 2 toggle, 3 edge
 * The board itself times the pulse: a gateway that dies meanwhile leaves no button pressed. A hold
 * is such a pulse too, a long one, so it ends by itself unless it is asked for again. The modes
 * stay in the board for ever; in any but 0 an input may switch a relay, so nothing is sent then.
 *
 * The 4-relay plate has no such timer, answers to 0100 instead of FF00, and has no inputs. Its
 * register 4000 is its own address. The bus lets go of the relay after the pulse; should the
 * gateway die between the two, the relay stays on. So it takes no hold, and is the second choice.
 */
#include "sensors/lane/barriers.h"

enum { FLASH_ON = 0x0200, FLASH_UNIT_MS = 100, MODES_FROM = 0x1000, STUCK_MS = 2000 };
enum { PLATE_ON = 0x0100, PLATE_ADDRESS = 0x4000 };

static void add_relay(struct barrier_map *map, int32_t relay)
{
    if (relay != BARRIER_NONE)
        map->relays[map->relays_count++] =
            (struct barrier_place){.function = 1, .address = (uint16_t)relay};
}

static struct barrier_command flash(int32_t relay, int64_t ms)
{
    if (relay == BARRIER_NONE)
        return (struct barrier_command){0};
    return (struct barrier_command){
        {{5, (uint16_t)(FLASH_ON + relay), (uint16_t)(ms / FLASH_UNIT_MS), 0}}, 1};
}

static void build_board(const struct barrier_options *options, struct barrier_map *ret)
{
    uint16_t channels = (uint16_t)options->channels;
    *ret = (struct barrier_map){
        .name = "relay-board",
        .device = "Waveshare relay board",
        .polls = {{.function = 2, .count = channels, .period_ms = options->poll_ms},
                  {.function = 1, .count = channels, .period_ms = options->status_ms},
                  {.function = 3, .address = MODES_FROM, .count = channels}},
        .polls_count = 3,
        .modes = {.function = 3, .address = MODES_FROM},
        .modes_count = (uint8_t)channels,
        .relays_ms = options->pulse_ms + STUCK_MS,
        .travel_ms = options->travel_ms,
        .stale_ms = 1000,
        .response_ms = 500,
        .commands = {[BARRIER_DO_STOP] = flash(options->stop, options->pulse_ms),
                     [BARRIER_DO_OPEN] = flash(options->open, options->pulse_ms),
                     [BARRIER_DO_CLOSE] = flash(options->close, options->pulse_ms),
                     [BARRIER_DO_HOLD] = flash(options->hold, options->hold_ms)},
    };
    add_relay(ret, options->open);
    add_relay(ret, options->stop);
    add_relay(ret, options->close);
    if (options->hold != BARRIER_NONE) {
        ret->held = (struct barrier_place){.function = 1, .address = (uint16_t)options->hold};
        ret->commands[BARRIER_DO_RELEASE] =
            (struct barrier_command){{{5, (uint16_t)options->hold, 0, 0}}, 1};
    }
    barriers_inputs(options, (struct barrier_place){.function = 2}, ret);
}

static struct barrier_command press(int32_t relay, int64_t ms)
{
    if (relay == BARRIER_NONE)
        return (struct barrier_command){0};
    return (struct barrier_command){
        {{5, (uint16_t)relay, PLATE_ON, ms}, {5, (uint16_t)relay, 0, 0}}, 2};
}

static void build_plate(const struct barrier_options *options, struct barrier_map *ret)
{
    *ret = (struct barrier_map){
        .name = "relay-plate",
        .device = "4-relay plate",
        .polls = {{.function = 3,
                   .address = PLATE_ADDRESS,
                   .count = 1,
                   .period_ms = options->status_ms}},
        .polls_count = 1,
        .travel_ms = options->travel_ms,
        .stale_ms = 1000,
        .response_ms = 500,
        .commands = {[BARRIER_DO_STOP] = press(options->stop, options->pulse_ms),
                     [BARRIER_DO_OPEN] = press(options->open, options->pulse_ms),
                     [BARRIER_DO_CLOSE] = press(options->close, options->pulse_ms)},
    };
}

const struct barrier_driver relay_board_barrier = {
    .name = "relay-board",
    .device = "Waveshare relay and input boards, and boards like them",
    .takes = BARRIER_TAKES_RELAYS | BARRIER_TAKES_HOLD | BARRIER_TAKES_INPUTS,
    .build = build_board,
};

const struct barrier_driver relay_plate_barrier = {
    .name = "relay-plate",
    .device = "4-relay plate (on is 0100)",
    .takes = BARRIER_TAKES_RELAYS,
    .build = build_plate,
};
