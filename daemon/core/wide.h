/*
 * Whole numbers of 128 bits for sums that pass 64 on the way: the compiler has none on 32-bit
 * machines, and gateways there must charge the same fees. What fits 64 bits, nearly everything,
 * costs as much as a plain number. Beyond 128 bits a result is cut off. Pure.
 */
#ifndef CORE_WIDE_H
#define CORE_WIDE_H

#include <stdint.h>

struct wide {
    uint64_t low;
    int64_t high; /* two's complement over both */
};

struct wide wide_of(int64_t number);
struct wide wide_plus(struct wide a, struct wide b);
struct wide wide_minus(struct wide a, struct wide b);
struct wide wide_times(struct wide a, int64_t number);

/* Towards 0; `part` > 0. The rest has the sign of `a`. */
struct wide wide_divide(struct wide a, int64_t part, int64_t *ret_rest);

int wide_sign(struct wide a);       /* -1, 0, 1 */
int64_t wide_number(struct wide a); /* the low 64 bits: all of it when it fits */

#endif
