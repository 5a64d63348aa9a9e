/*
 * The deadlines of numbered things, earliest first: a binary heap that knows each thing's place, so
 * that setting one again moves it and nothing piles up. Pure; memory is taken when created only.
 */
#ifndef CORE_DEADLINES_H
#define CORE_DEADLINES_H

#include <stdint.h>

#include "daemon/core/units.h"

struct deadlines;

struct deadlines *deadlines_create(uint32_t things); /* numbered from 0 */
void deadlines_destroy(struct deadlines *deadlines); /* takes NULL */

/* Sets, moves or (MONO_NEVER) removes the deadline of `thing`. */
void deadlines_set(struct deadlines *deadlines, uint32_t thing, mono_ms at);

/* The earliest; MONO_NEVER, with `ret_thing` untouched, when there is none. `ret_thing` may be
 * NULL. */
mono_ms deadlines_first(const struct deadlines *deadlines, uint32_t *ret_thing);

#endif
