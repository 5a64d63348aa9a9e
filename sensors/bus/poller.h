/*
 * What a bus asks next: the schedule of one line's devices. Pure, in the caller's time (µs of
 * CLOCK_BOOTTIME, or of a test). Used by the bus thread only.
 *
 *  1. Writes go before reads.
 *  2. Of what is due, the earliest goes first; devices of equal standing take turns.
 *  3. Reads are spread over the period; a line too slow for its period goes round evenly.
 *  4. After a failure the same request is repeated first, when its turn comes, up to the map's
 *     retries. So a late answer can only be one to that very question.
 *  5. Then the device is offline and tried ever less often, at least each backoff_max_ms; all dead
 *     devices together cost the living at most a fortieth of the line's time beyond that.
 *  6. A device is online once it answers and its set-up is written. What it says before that, or
 *     before it was triggered, is not trusted.
 *  7. A refusal of counts or temperature makes no device offline; it is asked less often.
 *  8. Barriers that share a unit are one device here: the first of them, with the polls of all.
 */
#ifndef SENSORS_BUS_POLLER_H
#define SENSORS_BUS_POLLER_H

#include "sensors/bus/bus.h"
#include "sensors/bus/frame.h"
#include "sensors/bus/link.h"

enum poller_kind { POLLER_READ, POLLER_SETUP, POLLER_TRIGGER };

struct poller_job {
    uint32_t device; /* in bus_settings.devices */
    enum poller_kind kind;
    uint32_t block; /* POLLER_READ: which of the device's */
    struct frame_request request;
    int64_t response_ms;
    bool trusted; /* a good answer holds true values */
};

struct poller;

/* Borrows `settings`. `seed` makes the jitter. All devices begin new, due from `now_us` on. */
struct poller *poller_create(const struct bus_settings *settings, uint64_t seed, int64_t now_us);
void poller_destroy(struct poller *poller); /* takes NULL */

/* True with the request to make now; else `ret_due_us` is when there will be one. */
bool poller_next(struct poller *poller, int64_t now_us, struct poller_job *ret,
                 int64_t *ret_due_us);

/* How the request went that began at `start_us`. Returns the device's state now. */
enum device_state poller_done(struct poller *poller, const struct poller_job *job,
                              enum link_outcome outcome, int64_t start_us, int64_t now_us);

/* The link could not be opened: all devices are offline. / It is open again: try them all. */
void poller_link_down(struct poller *poller);
void poller_link_up(struct poller *poller, int64_t now_us);

/* The time between the last two reads of a block in the foreground, and rounds so far. */
int64_t poller_cycle_us(const struct poller *poller);
uint64_t poller_cycles(const struct poller *poller);

/* The polls of this unit are due before all others: a command has been written to it. */
void poller_hurry(struct poller *poller, uint32_t unit);

/* How long a device may take to answer. */
int64_t poller_response_ms(const struct device_settings *device);

#endif
