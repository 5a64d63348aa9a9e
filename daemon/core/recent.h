/*
 * What happened lately, as far as it bears on the next decision: reads that were taken in (the same
 * one again makes nothing), which plate was read where, which plate passed which way. Rings of
 * fixed size; the oldest is forgotten first. State is the fold of records. Pure; memory is taken
 * when created only.
 */
#ifndef CORE_RECENT_H
#define CORE_RECENT_H

#include "daemon/core/record.h"

struct recent;

struct recent *recent_create(void);
void recent_destroy(struct recent *recent); /* takes NULL */
void recent_apply(struct recent *recent, const struct record *record);

/* Whether a read with this digest was taken in. */
bool recent_event(const struct recent *recent, const char *event);

/* Whether the plate was read at the lane, or passed it that way, since then. An
 * empty plate was not. */
bool recent_read(const struct recent *recent, uint32_t lane, const char *plate, utc_ms since);
bool recent_passed(const struct recent *recent, uint32_t lane, enum lane_direction direction,
                   const char *plate, utc_ms since);

#endif
