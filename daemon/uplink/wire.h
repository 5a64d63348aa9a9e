/* Pieces that adapters share. Pure. */
#ifndef UPLINK_WIRE_H
#define UPLINK_WIRE_H

#include "daemon/uplink/adapter.h"

/* Appends the record's body with its key in front: {"seq":1,"id":"…","type":…}. */
bool wire_record(struct text *out, const struct store_row *row, struct err *err);

/* Appends an id as one segment of a URL's path. */
void wire_segment(struct text *out, const char *id);

/* Appends an id as one level of an MQTT topic. */
bool wire_level(struct text *out, const char *id, struct err *err);

/* Appends the header unless `value` is NULL. */
void wire_header(struct adapter_request *ret, const char *name, const char *value);

void wire_answer(struct adapter_answer *ret, enum adapter_verdict verdict, const char *reason);
/* What the status of an answer to several states means; ADAPTER_EACH for 207. */
void wire_classify(const struct adapter_reply *reply, struct adapter_answer *ret);
/* The same of a platform that answers for the whole only. */
void wire_classify_whole(const struct adapter_context *context, const struct adapter_reply *reply,
                         const struct adapter_state *state, struct adapter_answer *ret);

#endif
