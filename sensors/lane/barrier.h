/*
 * Barrier boards as data: which registers to poll, what they mean, which writes press which button.
 * A driver fills a struct barrier_map from an installer's options; everything after that is four
 * pure functions over the map. Nothing here opens, logs or keeps anything; the bus does the asking
 * (sensors/bus/bus.h).
 */
/* long: a map is read from top to bottom as its data sheet is */
#ifndef SENSORS_LANE_BARRIER_H
#define SENSORS_LANE_BARRIER_H

#include "daemon/base/err.h"
#include "daemon/core/barrier.h"
#include "sensors/bay/modbus_map.h"

enum { BARRIER_POLLS = 6, BARRIER_CODES = 16, BARRIER_WRITES = 2, BARRIER_RELAYS = 3 };

/* One request that reads it. Period 0: only when it comes online. */
struct barrier_poll {
    uint8_t function; /* 1 … 4 */
    uint16_t address, count;
    int64_t period_ms;
};

/* A bit of tables 1 and 2, a word or one bit of a word of tables 3 and 4; inside of a poll. */
struct barrier_place {
    uint8_t function; /* 0: the device has no such value */
    uint16_t address;
    bool in_word;
    uint8_t bit;
    bool inverted; /* a bit that is 0 while the signal is on */
};

/* A value of the state register. */
struct barrier_code {
    uint16_t raw;
    enum barrier_state state;
    bool foreign; /* no command of ours leads there: seen after one, the addresses are wrong */
};

/* raw = (word >> shift) & mask */
struct barrier_field {
    struct barrier_place place; /* a word */
    uint8_t shift;
    uint16_t mask;
};

/* One write. Function 5 carries `value` as it stands: boards want FF00, 0100 or a time. */
struct barrier_write {
    uint8_t function; /* 5 or 6; 0 none */
    uint16_t address, value;
    int64_t wait_ms; /* before the write after it, which lets go of a relay: see barrier_encode() */
};

struct barrier_command {
    struct barrier_write writes[BARRIER_WRITES];
    uint8_t count; /* 0: the device cannot */
};

struct barrier_map {
    const char *name, *device;
    bool unproven; /* nobody has seen it work: a template */

    struct barrier_poll polls[BARRIER_POLLS]; /* that of the inputs first */
    uint8_t polls_count;

    struct barrier_field state;
    struct barrier_code codes[BARRIER_CODES]; /* any other value is UNKNOWN */
    uint8_t codes_count;
    struct barrier_field position;
    uint16_t position_closed, position_open, position_unknown;
    struct barrier_field error;
    struct barrier_place operations; /* two words */
    bool operations_low_first;
    struct barrier_place temperature; /* a word, two's complement, whole degrees */
    struct barrier_place inputs[BARRIER_INPUTS];
    struct barrier_place held;                   /* on while the device holds the boom open */
    struct barrier_place locked;                 /* on while the device takes no commands */
    struct barrier_place relays[BARRIER_RELAYS]; /* that press buttons */
    int64_t relays_ms;                           /* on for longer is a button held down */
    uint8_t relays_count, modes_count;
    struct barrier_place modes; /* first of modes_count words that must be 0; read at the start */

    struct barrier_command commands[BARRIER_ACTIONS];
    struct barrier_write wrong_base; /* refused by a device that has the addresses assumed here */
    bool prove;                      /* write STOP at the start, and read the state back */

    int64_t travel_ms;   /* from one end to the other, at most; for what is inferred */
    int64_t stale_ms;    /* not heard for longer */
    int64_t response_ms; /* of the board */
};

/* All ranges and what must go together: every place inside of a poll, no write outside of tables.
 * Says the first mistake in the words of the options. */
bool barrier_map_check(const struct barrier_map *map, struct err *err);

static inline bool barrier_can(const struct barrier_map *map, enum barrier_action action)
{
    return map->commands[action].count > 0;
}

/* Where the check at the start stands (came_gard.c tells why it is needed). */
enum barrier_proof {
    PROOF_WANTED,  /* nothing written yet */
    PROOF_REFUSED, /* the write that a wrong base would take was refused, as it must be */
    PROOF_STOPPED, /* STOP was accepted; the state is being read back */
    PROOF_GIVEN,
    PROOF_FAILED
};

/* What is remembered of one barrier; begun with barrier_begin(). `now` is what people may be told,
 * as of the last barrier_tick(). */
struct barrier_memory {
    struct barrier now;
    mono_ms heard[BARRIER_POLLS]; /* when each poll was answered last; 0 never */
    bool on[BARRIER_INPUTS];
    enum barrier_state read; /* what the state register says */
    bool foreign, held, locked;
    mono_ms pressed_since[BARRIER_RELAYS]; /* 0: not pressed */
    uint8_t wrong_mode;                    /* 1 …: the relay whose mode is not 0 */
    uint16_t wrong_mode_value;
    enum barrier_proof proof;
    enum barrier_state proof_rest; /* the boom rested so when STOP was written */
    mono_ms proof_at;
    bool asked_any; /* the rest of this holds the last command that may have worked */
    enum barrier_action asked;
    enum command_outcome asked_outcome;
    mono_ms asked_at;
    enum barrier_state left; /* CLOSED or OPEN: the limit switch that went off last */
    mono_ms left_at;
};

void barrier_begin(const struct barrier_map *map, struct barrier_memory *ret);

/* Takes in what one poll answered; a block that is no poll of the map is passed over. */
void barrier_decode(const struct barrier_map *map, const struct modbus_block *block, mono_ms at,
                    struct barrier_memory *memory);

/* What an action is on the wire; no writes when the device cannot. A second write lets go of the
 * relay that the first one closed: it alone may be repeated. */
const struct barrier_command *barrier_encode(const struct barrier_map *map,
                                             enum barrier_action action);

/* A command was answered thus. Accepted is the device's word, not the boom's. */
void barrier_asked(enum barrier_action action, enum command_outcome outcome, mono_ms at,
                   struct barrier_memory *memory);

/* Brings `memory->now` up to this moment: what is stale, what the time of travel implies. */
void barrier_tick(const struct barrier_map *map, mono_ms at, struct barrier_memory *memory);

/* The next write of the check at the start; NULL when it is not the time for one. / Its answer. */
const struct barrier_write *barrier_proof_next(const struct barrier_map *map, mono_ms at,
                                               const struct barrier_memory *memory);
void barrier_proof_answer(const struct barrier_map *map, enum command_outcome outcome, mono_ms at,
                          struct barrier_memory *memory);
void barrier_proof_tick(mono_ms at, struct barrier_memory *memory); /* of barrier_tick() */

#endif
