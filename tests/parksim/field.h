/*
 * The field: the bays as they are, the devices that watch them, and what the pollers have been
 * shown. Memory is taken in field_create() only.
 */
#ifndef PARKSIM_FIELD_H
#define PARKSIM_FIELD_H

#include "tests/parksim/fault.h"
#include "tests/parksim/modbus.h"
#include "tests/parksim/plan.h"
#include "tests/parksim/truth.h"

enum { FIELD_UNITS = 256, FIELD_NO_BAY = -1 };

struct field_bay {
    int64_t changed_us;
    bool served, served_occupied;
    uint32_t device;
};

struct field_device {
    const struct plan_unit *unit;
    struct sensed sensed;
    struct fault fault;
    uint64_t requests, answers; /* answers: valid ones only */
};

struct field {
    const struct plan *plan;
    struct truth *truth;
    bool *occupied; /* one a bay, in the order of the plan */
    struct field_bay *bays;
    struct field_device *devices;
    uint64_t changes;
    uint64_t served;
    uint64_t overwritten; /* changes that hid one which no poller had seen yet */
    uint32_t occupied_count;
};

struct field *field_create(const struct plan *plan, struct truth *truth); /* borrows both */
void field_destroy(struct field *field);

/* A car comes or leaves; nothing happens when the bay is so already. */
void field_set(struct field *field, uint32_t bay, bool occupied);
int64_t field_find_bay(const struct field *field, const char *id); /* or FIELD_NO_BAY */

/* The device with this unit id on this line; NULL when there is none. */
struct field_device *field_device(struct field *field, uint32_t line, uint8_t unit);

/* A valid answer to `request` has left at `now_us`: notes what it showed for the first time. */
void field_serve(struct field *field, struct field_device *device, const struct modbus_pdu *request,
                 int64_t now_us);

#endif
