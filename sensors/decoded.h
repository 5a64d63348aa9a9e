/*
 * What a frame or an envelope says, as JSON for people and tests: parkctl decode and probe, and the
 * replay of captures. Pure, but for the JSON parser's memory.
 */
#ifndef SENSORS_DECODED_H
#define SENSORS_DECODED_H

#include "daemon/base/err.h"
#include "daemon/core/text.h"
#include "sensors/network/envelope.h"

/* {"occupied":…,"battery_v":…,"temperature_c":…,"event":"…"}; null where the frame does not say. */
void decoded_report(const struct report *report, struct text *out);

/* One line {"device":"maker/model[@revision]","fport":N|null,"hex":"…"}: appends what its frame
 * says or why it is refused. False with err: the line itself is wrong. */
bool decoded_line(const char *line, size_t size, struct text *out, struct err *err);

/* A message of the server `name` ("tts-v3", "chirpstack-v4", "chirpstack-v3", "nbiot-json", or a
 * built-in map of json_path.h): appends its fields. `topic` may be NULL. False with err: no such
 * server, or the message is no JSON. `ret_refused` says whether it is believed. */
bool decoded_envelope(const char *name, const char *topic, const char *bytes, size_t size,
                      struct text *out, enum refusal *ret_refused, struct err *err);

#endif
