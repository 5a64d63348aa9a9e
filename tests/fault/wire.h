/*
 * One answer on a wire, and what may happen to it on its way: damaged in every way that a checksum
 * of 16 bits, a length and an echo of the question can tell, and bytes that are no answer at all.
 * Frames are made by hand here, not by the code under test. (Random bytes behind a right head pass
 * a checksum of 16 bits once in 65,536; nothing on the line can tell them, so they are not drawn
 * here.)
 */
#ifndef TESTS_FAULT_WIRE_H
#define TESTS_FAULT_WIRE_H

#include "sensors/bus/frame.h"
#include "tests/simulate/seeded.h"

enum { WIRE_ROOM = 2 * FRAME_MAX + 64, WIRE_DAMAGES = 14 /* the first: none */ };

struct wire {
    struct seeded random;
    enum frame_kind kind;
    struct frame_request request;
    uint8_t truth[FRAME_DATA_MAX]; /* what the device holds there */
    size_t truth_size;
    uint8_t bytes[WIRE_ROOM];
    size_t size;
    bool at_once; /* it comes in one piece */
};

size_t wire_draw(struct wire *wire, size_t below);

/* A question at random; or one that was asked elsewhere, in wire->kind and wire->request. */
void wire_ask(struct wire *wire);
/* The device's answer to it, from values at random (wire_truth) or those in wire->truth. */
void wire_truth(struct wire *wire);
void wire_answer(struct wire *wire);

const char *wire_damage_name(size_t damage);
void wire_hurt(struct wire *wire, size_t damage);

/* As the link reads it: piece after piece, until there is a verdict. */
enum frame_verdict wire_hear(struct wire *wire, struct frame_answer *ret);
bool wire_is_true(const struct wire *wire, const struct frame_answer *answer);

#endif
