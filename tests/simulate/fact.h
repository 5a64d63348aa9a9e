/* What a record says of a bay, small enough to keep all of three days. */
#ifndef SIMULATE_FACT_H
#define SIMULATE_FACT_H

#include "daemon/core/record.h"

struct fact {
    utc_ms at;
    uint16_t bay;
    uint8_t kind, to, reason, condition, on;
};

static inline struct fact fact_of(const struct record *r)
{
    struct fact f = {.at = r->at, .kind = (uint8_t)r->kind};

    if (r->kind == RECORD_BAY_CHANGED) {
        f.bay = (uint16_t)r->bay_changed.bay;
        f.to = (uint8_t)r->bay_changed.to;
        f.reason = (uint8_t)r->bay_changed.reason;
    } else {
        f.bay = (uint16_t)r->bay_health.bay;
        f.condition = (uint8_t)r->bay_health.condition;
        f.on = r->bay_health.on;
    }
    return f;
}

static inline struct record record_of(const struct fact *f)
{
    struct record r = {.kind = f->kind, .at = f->at};

    if (r.kind == RECORD_BAY_CHANGED) {
        r.bay_changed.bay = f->bay;
        r.bay_changed.to = f->to;
        r.bay_changed.reason = f->reason;
    } else {
        r.bay_health.bay = f->bay;
        r.bay_health.condition = f->condition;
        r.bay_health.on = f->on;
    }
    return r;
}

#endif
