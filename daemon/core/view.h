/*
 * What the world is shown: the state of each bay and the vacancy of each zone and lot as of the
 * last durable record. Fed by view_apply() with records in journal order, so a view rebuilt from
 * the journal equals the live one. Pure; memory is taken in view_create() only.
 */
#ifndef CORE_VIEW_H
#define CORE_VIEW_H

#include "daemon/core/plan.h"
#include "daemon/core/record.h"

/* Rule 2: free + occupied + unknown + out_of_service = capacity, always. */
struct tally {
    uint32_t capacity, free, occupied, unknown, out_of_service;
};

struct view_bay {
    enum bay_state state;
    enum bay_reason reason;
    unsigned conditions; /* bits of enum bay_condition */
    utc_ms since;
    uint64_t seq; /* of the record that says so; 0 when there is none yet */
};

struct view_device {
    enum device_state state;
    char reason[RECORD_WORD];
    utc_ms since;
};

struct view;

struct view *view_create(const struct site_plan *plan); /* borrows the plan */
void view_destroy(struct view *view);                   /* takes NULL */

/* Takes in one durable record. Returns the bay whose public face changed, or PLAN_NONE. */
uint32_t view_apply(struct view *view, const struct record *record, uint64_t seq);

/* Start-up: what the projection holds of one bay. */
void view_restore_bay(struct view *view, uint32_t bay, const struct view_bay *from);

const struct view_bay *view_bay(const struct view *view, uint32_t bay);
const struct view_device *view_device(const struct view *view, uint32_t device);
const struct tally *view_zone(const struct view *view, uint32_t zone);
const struct tally *view_lot(const struct view *view, uint32_t lot);
const struct tally *view_lot_class(const struct view *view, uint32_t lot, enum bay_class class);

/* The plan that the view was created with. */
const struct site_plan *view_plan(const struct view *view);

/* "good" (no bay unknown), "partial" (some are), "unknown" (no bay in service is known). */
const char *tally_quality(const struct tally *tally);

/* The JSON of DESIGN section 5: {"lot","as_of","capacity","free","occupied","unknown",
 * "out_of_service","quality","zones":[…]}, zones as {"id","name","capacity",…}; where a lot
 * has more than ordinary bays, "classes" as {"class","capacity",…} for those that it has. `as_of`
 * is when the snapshot was taken. */
void view_vacancy(const struct view *view, uint32_t lot, utc_ms as_of, struct text *out);

/* {"lot","zone","bay","class","state","reason","since","suspect":[…],"device"}; `since` is null
 * until the first record of the bay, `device` where none senses it. */
void view_bay_json(const struct view *view, uint32_t bay, struct text *out);

#endif
