/* long: one line a target */
/*
 * What the fuzz targets do with any bytes, and the unit test with the corpora: decode, and assert
 * what must hold of every outcome. No seed may crash, read past its end or break a rule.
 */
/* long: four targets, each beside its rules */
#ifndef FUZZ_TARGETS_H
#define FUZZ_TARGETS_H

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sensors/bay/json_path.h"
#include "sensors/drivers.h"
#include "sensors/network/envelope.h"

static inline void check_report(enum refusal refused, const struct report *report)
{
    assert(refused < REFUSALS && report->event < EVENTS && report->states <= REPORT_STATES);
    assert((refused == REFUSED_NOT) == (report->event > EVENT_UNKNOWN_FRAME_TYPE));
    assert(refused == REFUSED_NOT || report->states == 0);
    assert(!report_has(report->count) || (report->count >= 0 && report->count < 128));
    (void)refused;
    (void)report;
}

/* | driver | port, 255: none | revision | frame | */
static inline void fuzz_frames(const uint8_t *bytes, size_t size)
{
    if (size < 3)
        return;
    const struct sensor_driver *driver = drivers_at(bytes[0] % drivers_count());
    struct sensor_frame frame = {.bytes = bytes + 3,
                                 .size = size - 3,
                                 .port = bytes[1] == 255 ? -1 : bytes[1],
                                 .revision = bytes[2] % SENSOR_REVISIONS};
    struct report report;

    check_report(drivers_decode(driver, &frame, &report), &report);
}

/* A topic, a line feed, a message; no topic where the line is empty. */
static inline void fuzz_envelope(const struct network_format *format, const uint8_t *bytes,
                                 size_t size)
{
    const uint8_t *end = memchr(bytes, '\n', size);
    size_t length = end ? (size_t)(end - bytes) : 0;
    size_t skip = end ? length + 1 : 0;
    char *topic = length ? strndup((const char *)bytes, length) : NULL;
    struct json *body = json_read((const char *)bytes + skip, size - skip, ENVELOPE_JSON_MAX, NULL);
    struct envelope envelope;

    if (body && !format->read(topic, body, &envelope)) {
        assert(envelope.payload_size <= sizeof envelope.payload);
        assert(envelope.kind < ENVELOPE_KINDS);
        assert(envelope.dev_eui[0] == '\0' || strlen(envelope.dev_eui) == ENVELOPE_EUI - 1);
    }
    json_release(body);
    free(topic);
}

/* A path, a line feed, an object; beside the path the maps that come with parkd are tried. */
static inline void fuzz_json_path(const uint8_t *bytes, size_t size)
{
    const uint8_t *end = memchr(bytes, '\n', size);
    size_t length = end ? (size_t)(end - bytes) : 0;
    char *path = strndup((const char *)bytes, length);
    struct json *object = json_read((const char *)bytes + length, size - length, 65536, NULL);
    const struct json_map mine = {
        .state = path, .occupied = {"1"}, .free = {"0"}, .arrivals = path};
    const struct json_map *maps[] = {&mine, json_map_find("ctwing/p-md"),
                                     json_map_find("fleximodo/object")};
    struct sensor_frame frame = {.port = -1, .object = object};
    struct report report;

    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) {
        frame.map = maps[i];
        check_report(drivers_decode(&json_path_driver, &frame, &report), &report);
    }
    assert(json_path_valid(path) || !json_path_find(object, path));
    json_release(object);
    free(path);
}

#endif
