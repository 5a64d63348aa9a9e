/*
 * The core's one face: readings, ticks and commands go in, records come out. Pure: no clock, no
 * I/O; memory is taken in site_create() only. What the site holds is ahead of what is durable; the
 * world is shown a struct view (view.h), which follows the committed records.
 */
#ifndef CORE_SITE_H
#define CORE_SITE_H

#include "daemon/core/plan.h"
#include "daemon/core/reading.h"
#include "daemon/core/record.h"
#include "daemon/core/units.h"

struct site;

/* Borrows `plan` for the site's life. All bays begin unknown. */
struct site *site_create(const struct site_plan *plan);
void site_destroy(struct site *site); /* takes NULL */

/* Start-up: bay `bay` was last recorded as `state` since `since`, with these conditions (bits) and,
 * when it is out of service, no sensed state. It counts as heard at `now`, so that its silence
 * limit runs from the start. Makes no record. */
void site_restore_bay(struct site *site, uint32_t bay, enum bay_state state, utc_ms since,
                      unsigned conditions, struct now now);

/* The same for a device. */
void site_restore_device(struct site *site, uint32_t device, enum device_state state);

/* A valid answer about one bay. Emits at most the records that it causes. */
void site_reading(struct site *site, const struct reading *reading, struct now now,
                  struct record_sink out);

/* From now on the bay may be silent for so long (0: for ever); it stands in the plan at first. */
void site_silence(struct site *site, uint32_t bay, int64_t limit_ms);

/* A device's health (the bus worker decides when). Makes a record when the state is another one. */
void site_device(struct site *site, uint32_t device, enum device_state state, const char *reason,
                 struct now now, struct record_sink out);

/* A word for the record about a device whose state stays as it is. */
void site_device_note(struct site *site, uint32_t device, const char *reason, struct now now,
                      struct record_sink out);

/* Debounce, silence and suspicion that have come due: the first to the millisecond, silence within
 * a second, suspicion within a minute. Call it at site_next() at the latest. Every call that is
 * handed a `now` also notices a stepped wall clock (utc against mono, more than 2 s) and records
 * that first. */
void site_tick(struct site *site, struct now now, struct record_sink out);

/* The next moment at which site_tick() has something to do: at most a second away. */
mono_ms site_next(const struct site *site);

/* Takes a bay out of service or returns it; emits the operator's record and the change. False when
 * it is so already (no record of it). `actor` and `reason` are copied into the record. */
bool site_out_of_service(struct site *site, uint32_t bay, bool out_of_service, const char *actor,
                         const char *reason, struct now now, struct record_sink out);

/* Records were lost on their way to the disk (a bound was reached): the world still believes this
 * of the bay. Tells what is different, as one change of each thing, dated now. */
void site_retell_bay(struct site *site, uint32_t bay, enum bay_state durable, unsigned conditions,
                     struct now now, struct record_sink out);

/* The clock is (not) known to be synchronised: stamps `time_uncertain` on what follows. */
void site_time_quality(struct site *site, bool uncertain);

#endif
