/*
 * Garbage on the line: answers that were damaged in every way of wire.h are given to the check in
 * pieces, as they come from a line. No wrong value may be accepted, and an undamaged answer must
 * be.
 *
 *   fault_frames [--quick] [--runs FRAMES] [--seed N] [--results FILE]
 */
#include <inttypes.h>
#include <stdio.h>

#include "tests/fault/run.h"
#include "tests/fault/wire.h"

enum { FRAMES = 1000000, FRAMES_QUICK = 200000 };

int main(int argc, char **argv)
{
    struct run run = run_parse(argc, argv, FRAMES, FRAMES_QUICK);
    struct wire wire = {.random = seeded_from(run.seed)};
    uint64_t accepted[WIRE_DAMAGES] = {0}, wrong = 0, missed = 0;

    for (uint64_t frame = 0; frame < run.runs; frame++) {
        struct frame_answer answer = {0};
        size_t damage = wire_draw(&wire, WIRE_DAMAGES);
        wire_ask(&wire);
        wire_hurt(&wire, damage);
        bool good = wire_hear(&wire, &answer) == FRAME_GOOD;
        accepted[damage] += good;
        missed += damage == 0 && !good;
        if (!good || wire_is_true(&wire, &answer))
            continue;
        wrong++;
        printf("frame %" PRIu64 ", %s: a wrong value was accepted\n", frame,
               wire_damage_name(damage));
    }
    for (size_t i = 0; i < WIRE_DAMAGES; i++)
        printf("%-16s %" PRIu64 " accepted\n", wire_damage_name(i), accepted[i]);
    printf("%" PRIu64 " frames, %" PRIu64 " wrong values accepted, %" PRIu64
           " good answers refused\n",
           run.runs, wrong, missed);
    run_result(&run, &(struct run_row){"garbage on a bus",
                                       "damaged and foreign Modbus frames; lost = wrong "
                                       "values accepted",
                                       run.runs, accepted[0], wrong, 0});
    return run_end(&run, run.runs - wrong - missed, wrong + missed);
}
