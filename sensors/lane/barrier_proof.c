/*
 * The check at the start: that the addresses assumed are the board's. Makers do not say whether
 * "coil 2" is 1 or 2 on the wire, and the neighbour of OPEN is another command. So, while the boom
 * rests and its state is known, the one harmless command is tried: first a write that the board
 * must refuse if the addresses are right, then STOP, which it must accept and which must move
 * nothing. Until then no command is sent. Once for each start of the gateway. Pure.
 */
#include <stddef.h>

#include "sensors/lane/barrier.h"

enum { READ_BACK_MS = 1500, PROOF_PAUSE_MS = 1000, ALMOST_PERCENT = 5 };

/* The state that the boom rests in, when that is certain; else UNKNOWN. */
static enum barrier_state rest_of(const struct barrier *now)
{
    int16_t percent = now->position_percent;
    if (now->quality != BARRIER_OBSERVED)
        return BARRIER_UNKNOWN;
    if (now->state == BARRIER_CLOSED && percent <= ALMOST_PERCENT)
        return BARRIER_CLOSED;
    if (now->state == BARRIER_OPEN && (percent < 0 || percent >= 100 - ALMOST_PERCENT))
        return BARRIER_OPEN;
    return now->state == BARRIER_STOPPED ? BARRIER_STOPPED : BARRIER_UNKNOWN;
}

const struct barrier_write *barrier_proof_next(const struct barrier_map *map, mono_ms at,
                                               const struct barrier_memory *memory)
{
    bool wanted = memory->proof == PROOF_WANTED || memory->proof == PROOF_REFUSED;
    if (!wanted || rest_of(&memory->now) == BARRIER_UNKNOWN ||
        (memory->proof_at.ms && at.ms - memory->proof_at.ms < PROOF_PAUSE_MS))
        return NULL;
    if (memory->proof == PROOF_WANTED && map->wrong_base.function)
        return &map->wrong_base;
    return &map->commands[BARRIER_DO_STOP].writes[0];
}

void barrier_proof_answer(const struct barrier_map *map, enum command_outcome outcome, mono_ms at,
                          struct barrier_memory *memory)
{
    bool first = memory->proof == PROOF_WANTED && map->wrong_base.function;
    memory->proof_at = at;
    if (outcome == COMMAND_UNKNOWN || outcome == COMMAND_NOT_SENT)
        return; /* harmless, so it is written again */
    if (first) {
        memory->proof = outcome == COMMAND_REFUSED ? PROOF_REFUSED : PROOF_FAILED;
        memory->proof_at.ms = 0;
        return;
    }
    memory->proof = outcome == COMMAND_ACCEPTED ? PROOF_STOPPED : PROOF_FAILED;
    memory->proof_rest = rest_of(&memory->now);
}

void barrier_proof_tick(mono_ms at, struct barrier_memory *memory)
{
    if (memory->proof != PROOF_STOPPED || memory->now.quality == BARRIER_STALE ||
        memory->now.heard.ms <= memory->proof_at.ms)
        return;
    if (memory->now.state != memory->proof_rest)
        memory->proof = PROOF_FAILED;
    else if (at.ms - memory->proof_at.ms >= READ_BACK_MS)
        memory->proof = PROOF_GIVEN;
}
