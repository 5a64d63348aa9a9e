/* What the readers of envelopes share: ids, base64, times, radio. Pure. */
#ifndef SENSORS_NETWORK_PARTS_H
#define SENSORS_NETWORK_PARTS_H

#include "sensors/network/envelope.h"

struct envelope parts_empty(void);

/* Standard base64 with padding; at most `room` bytes. False for anything else. */
bool parts_base64(const char *text, uint8_t *ret, size_t room, size_t *ret_size);

/* Appends ,"key":"the bytes in base64". */
void parts_add_base64(struct text *out, const char *key, const struct downlink_frame *frame);

/* An EUI as 16 hex digits of either case, or as base64 of its 8 bytes. */
bool parts_eui(const char *text, char ret[ENVELOPE_EUI]);

/* The frame. A missing or empty text is an empty frame. */
enum refusal parts_payload(const struct json *text, struct envelope *ret);

/* Copies the text into `ret` (cut never: a longer one is refused). A missing one leaves it empty.
 */
bool parts_text(const struct json *value, char *ret, size_t size);

/* 0 … maximum; a missing one is 0, as servers leave zeros out. False for anything else. */
bool parts_number(const struct json *value, int64_t maximum, int64_t *ret);

/* Keeps a time as written and, when no earlier call has found one, as a number. */
bool parts_time(const struct json *value, char ret[ENVELOPE_TIME], struct envelope *envelope);

/* Takes one gateway's view into the best of all; `snr` is its key. */
void parts_gateway(const struct json *gateway, const char *snr, struct envelope *ret);

/* The part of a topic with this number from 0, up to the next slash; false when it has none. */
bool parts_topic(const char *topic, size_t number, char *ret, size_t size);

/* The first `parts` of a topic, without the slash behind them; nothing where they do not fit. */
void parts_head(const char *topic, size_t parts, char *ret, size_t size);

#endif
