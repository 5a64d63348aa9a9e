/*
 * What the two NGSI protocols share: lots and bays as entities of the FIWARE Smart Data Models
 * (dataModel.Parking: OffStreetParking, OnStreetParking, ParkingSpot). A form says how one protocol
 * wraps an attribute. Pure.
 */
#ifndef UPLINK_NGSI_H
#define UPLINK_NGSI_H

#include "daemon/uplink/adapter.h"

enum { NGSI_ID_SIZE = 192, NGSI_BATCH_MAX = 100, NGSI_STATE_SIZE = 256 * 1024 };

enum ngsi_kind {
    NGSI_TEXT,
    NGSI_NUMBER,
    NGSI_TIME,
    NGSI_LIST,
    NGSI_POINT,
    NGSI_REFERENCE,
    NGSI_REFERENCES,
    NGSI_KINDS
};

struct ngsi_form {
    /* {"type":TYPE,MEMBER:…}, by enum ngsi_kind */
    struct {
        const char *type, *member;
    } kinds[NGSI_KINDS];
    const char *stamp_head, *stamp_tail; /* around the time of what was observed */
    const char *forbidden, *instead;     /* in texts: a character and the one that stands for it */
};

/* Appends the entity. */
bool ngsi_lot(const struct ngsi_form *form, const struct adapter_context *context, uint32_t lot,
              const struct text *vacancy, struct text *out, struct err *err);
bool ngsi_bay(const struct ngsi_form *form, const struct adapter_context *context, uint32_t bay,
              const struct text *state, struct text *out, struct err *err);

/* "urn:ngsi-ld:ParkingSpot:A:A-001" */
void ngsi_id(const struct adapter_context *context, const struct adapter_fact *fact,
             char ret[NGSI_ID_SIZE]);

#endif
