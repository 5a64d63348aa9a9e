/* Pieces that adapters share. Pure. */
#ifndef UPLINK_WIRE_H
#define UPLINK_WIRE_H

#include "daemon/core/text.h"
#include "daemon/store/store.h"

/* Appends the record's body with its key in front: {"seq":1,"id":"…","type":…}. */
bool wire_record(struct text *out, const struct store_row *row, struct err *err);

/* Appends an id as one segment of a URL's path. */
void wire_segment(struct text *out, const char *id);

/* Appends an id as one level of an MQTT topic. */
bool wire_level(struct text *out, const char *id, struct err *err);

#endif
