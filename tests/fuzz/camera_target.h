/*
 * What the fuzz targets of cameras do with any bytes: decode them as a capture (a body, a whole
 * HTTP request, or an MQTT message with its topic) and assert what must hold of every outcome.
 */
#ifndef FUZZ_CAMERA_TARGET_H
#define FUZZ_CAMERA_TARGET_H

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/charset.h"
#include "daemon/base/json.h"
#include "sensors/lane/cameras.h"

enum { CAMERA_ANSWER = 65536 };

static inline void check_camera_read(const struct plate_read *read, size_t size)
{
    char again[PLATE_SIZE];

    assert(charset_is_utf8(read->plate, strlen(read->plate)));
    assert(plate_normal(read->plate, again) && !strcmp(read->plate, again));
    assert(read->confidence == PLATE_UNTOLD || (read->confidence >= 0 && read->confidence <= 100));
    assert(read->plates_count <= PLATE_PLATES && read->images_count <= PLATE_IMAGES);
    assert(read->character_count <= PLATE_CHARACTERS && read->time.extra_us < 1000);
    for (uint32_t i = 0; i < read->candidates_count && i < PLATE_CANDIDATES; i++)
        assert(read->candidates[i].confidence <= 100);
    for (uint32_t i = 0; i < read->images_count; i++)
        assert(read->images[i].offset <= size &&
               read->images[i].size <= size - read->images[i].offset);
    (void)size;
    (void)again;
}

static inline void fuzz_camera(const char *family, const uint8_t *bytes, size_t size)
{
    static char answer[CAMERA_ANSWER];
    static struct camera_message message;
    struct text out;

    cameras_decode_capture(cameras_find(family), (const char *)bytes, size, &message);
    assert(message.kind < CAMERA_KINDS && message.event < LANE_EVENTS);
    assert((message.kind >= CAMERA_IGNORED) == (message.reason[0] != '\0'));
    check_camera_read(&message.read, size);
    text_init(&out, answer, sizeof answer);
    camera_json(&message, &out);
    assert(!out.overflow);
    struct json *json = json_read(answer, out.used, sizeof answer, NULL);
    assert(json);
    json_release(json);
}

#endif
