/* See camera_picture.h. */
#include "tests/parksim/camera_picture.h"

#include <string.h>

static size_t put(uint8_t *to, size_t at, const void *bytes, size_t size)
{
    memcpy(to + at, bytes, size);
    return at + size;
}

/* ITU-T T.81: each table with one code of one bit, that for nothing; so the picture is two bits. */
static size_t put_tables(uint8_t *to, size_t at)
{
    static const uint8_t quantisation[] = {0xff, 0xdb, 0, 67, 0};
    static const uint8_t frame[] = {0xff, 0xc0, 0, 11, 8, 0, 8, 0, 8, 1, 1, 0x11, 0};
    static const uint8_t codes[] = {0xff, 0xc4, 0, 20};

    at = put(to, at, quantisation, sizeof quantisation);
    memset(to + at, 1, 64);
    at = put(to, at + 64, frame, sizeof frame);
    for (uint8_t class = 0; class <= 0x10; class += 0x10) {
        at = put(to, at, codes, sizeof codes);
        memset(to + at, 0, 18);
        to[at] = class;
        to[at + 1] = 1;
        at += 18;
    }
    return at;
}

size_t camera_picture(const char *shows, uint8_t ret[CAMERA_PICTURE])
{
    static const uint8_t start[] = {0xff, 0xd8, 0xff, 0xfe, 0};
    static const uint8_t scan[] = {0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 0x3f, 0xff, 0xd9};
    size_t size = strlen(shows) < CAMERA_PICTURE_TEXT ? strlen(shows) : CAMERA_PICTURE_TEXT;
    size_t at = put(ret, 0, start, sizeof start);

    ret[at++] = (uint8_t)(size + 2);
    at = put(ret, at, shows, size);
    return put(ret, put_tables(ret, at), scan, sizeof scan);
}

void camera_picture_base64(const char *shows, char ret[CAMERA_PICTURE * 2])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t bytes[CAMERA_PICTURE + 2] = {0};
    size_t size = camera_picture(shows, bytes), used = 0;

    for (size_t i = 0; i < size; i += 3) {
        uint32_t three = (uint32_t)bytes[i] << 16 | (uint32_t)bytes[i + 1] << 8 | bytes[i + 2];

        for (unsigned n = 0; n < 4; n++)
            ret[used++] = i + n > size ? '=' : digits[three >> (18 - 6 * n) & 63];
    }
    ret[used] = '\0';
}
