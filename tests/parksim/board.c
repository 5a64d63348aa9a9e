/* See board.h. Each access brings the booms up to its moment first. */
#include "tests/parksim/board.h"

#include "tests/parksim/sim.h"

enum { COIL_ON = 0xFF00, PLATE_ON = 0x0100, PLATE_RELAYS = 4 };
enum { GARD_WORDS = 100, GARD_COILS = 8, FLASH_ON = 0x0200, MODES = 0x1000, ADDRESS = 0x4000 };

static struct board *now_of(const struct sensed *sensed)
{
    struct board *board = sensed->board;
    int64_t now_us = sim_mono_us();
    for (int i = 0; i < BOARD_BOOMS; i++)
        boom_move(&board->booms[i], now_us);
    for (int i = 0; i < BOARD_RELAYS; i++)
        if (board->off_us[i] && now_us >= board->off_us[i]) {
            board->relays[i] = false;
            board->off_us[i] = 0;
        }
    return board;
}

static uint16_t gard_state(const struct boom *boom)
{
    if (boom->way != 0)
        return boom->way > 0 ? 32 : 33;
    if (boom->position_us == 0)
        return 17;
    return boom->position_us == boom->travel_us ? 16 : 19;
}

static bool gard_read(const struct sensed *sensed, enum space space, int32_t address, uint16_t *ret)
{
    const struct boom *boom = &now_of(sensed)->booms[0];
    const uint16_t words[] = {gard_state(boom),
                              (uint16_t)boom_percent(boom),
                              (uint16_t)(boom_limit(boom, true) << 1),
                              0,
                              (uint16_t)boom->operations,
                              (uint16_t)(boom->operations >> 16),
                              0,
                              0,
                              (uint16_t)(boom->presence | boom->closing << 1 | boom->button << 2),
                              (uint16_t)-3};
    if (space != SPACE_HOLDING || address < GARD_WORDS ||
        address >= GARD_WORDS + (int32_t)(sizeof words / sizeof words[0]))
        return false;
    *ret = words[address - GARD_WORDS];
    return true;
}

bool board_gard_read(const struct sensed *sensed, enum space space, uint16_t address, uint16_t *ret)
{
    return gard_read(sensed, space, address, ret);
}

bool board_gard_1_read(const struct sensed *sensed, enum space space, uint16_t address,
                       uint16_t *ret)
{
    return gard_read(sensed, space, address - 1, ret);
}

static bool gard_coil(struct sensed *sensed, int32_t coil, uint16_t value)
{
    struct board *board = now_of(sensed);
    int64_t now_us = sim_mono_us();
    if (coil < 0 || coil >= GARD_COILS || coil == 6)
        return false;
    if (value != COIL_ON)
        return true;
    if (coil == 0)
        boom_press(&board->booms[0], 0, now_us);
    if (coil == 1 || coil == 2)
        boom_press(&board->booms[0], 1, now_us);
    if (coil == 3)
        boom_press(&board->booms[0], -1, now_us);
    board->resets += coil == 7;
    return true;
}

bool board_gard_coil(struct sensed *sensed, uint16_t address, uint16_t value)
{
    return gard_coil(sensed, address, value);
}

bool board_gard_1_coil(struct sensed *sensed, uint16_t address, uint16_t value)
{
    return gard_coil(sensed, address - 1, value);
}

bool board_relay_read(const struct sensed *sensed, enum space space, uint16_t address,
                      uint16_t *ret)
{
    const struct board *board = now_of(sensed);
    if (space == SPACE_HOLDING && address >= MODES && address < MODES + BOARD_RELAYS) {
        *ret = board->modes[address - MODES];
        return true;
    }
    if (space == SPACE_HOLDING || space == SPACE_INPUT_WORD || address >= BOARD_RELAYS)
        return false;
    const struct boom *boom = &board->booms[address / 4];
    const bool inputs[] = {boom_limit(boom, true), boom_limit(boom, false), boom->presence,
                           boom->closing};
    *ret = space == SPACE_COIL ? board->relays[address] : inputs[address % 4];
    return true;
}

/* A contact closes: its rising edge presses the button that is wired to it. */
static void switch_relay(struct board *board, uint32_t relay, bool on)
{
    static const int ways[] = {1, 0, -1};
    if (on && !board->relays[relay] && relay < 3 * BOARD_BOOMS)
        boom_press(&board->booms[relay / 3], ways[relay % 3], sim_mono_us());
    board->relays[relay] = on;
    board->off_us[relay] = 0;
}

bool board_relay_coil(struct sensed *sensed, uint16_t address, uint16_t value)
{
    struct board *board = now_of(sensed);
    if (address >= FLASH_ON && address < FLASH_ON + BOARD_RELAYS && value && value <= 0x7FFF) {
        switch_relay(board, address - FLASH_ON, true);
        board->off_us[address - FLASH_ON] = sim_mono_us() + value * 100000LL;
        return true;
    }
    if (address >= BOARD_RELAYS || (value != COIL_ON && value != 0))
        return false;
    switch_relay(board, address, value == COIL_ON);
    return true;
}

bool board_plate_read(const struct sensed *sensed, enum space space, uint16_t address,
                      uint16_t *ret)
{
    now_of(sensed);
    *ret = 1;
    return space == SPACE_HOLDING && address == ADDRESS;
}

bool board_plate_coil(struct sensed *sensed, uint16_t address, uint16_t value)
{
    struct board *board = now_of(sensed);
    if (address < 1 || address > PLATE_RELAYS || (value != PLATE_ON && value != 0))
        return false;
    switch_relay(board, address - 1u, value == PLATE_ON);
    return true;
}
