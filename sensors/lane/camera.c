/* What the decodes of camera families share. Pure. See camera.h. */
#include "sensors/lane/camera.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

__attribute__((format(printf, 4, 0))) static void say(struct camera_message *message,
                                                      enum camera_kind kind, char *to,
                                                      const char *format, va_list args)
{
    char text[2 * CAMERA_REASON];

    message->kind = kind;
    vsnprintf(text, sizeof text, format, args);
    text_copy(to, CAMERA_REASON, text);
}

void camera_ignore(struct camera_message *message, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(message, CAMERA_IGNORED, message->reason, format, args);
    va_end(args);
}

void camera_refuse(struct camera_message *message, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(message, CAMERA_MALFORMED, message->reason, format, args);
    va_end(args);
}

void camera_mean(struct camera_message *message, enum camera_kind kind, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(message, kind, message->means, format, args);
    va_end(args);
}

void camera_texts(struct tree from, const struct camera_text texts[], size_t count,
                  struct camera_message *message)
{
    for (size_t i = 0; i < count; i++) {
        char *to = (char *)message + texts[i].offset;
        if (!*to)
            tree_text(tree_at(from, texts[i].path), to, texts[i].size);
    }
}

void camera_add_plate(const char *raw, struct plate_read *read)
{
    char plate[PLATE_SIZE];

    if (!plate_normal(raw, plate) || !*plate || read->plates_count >= PLATE_PLATES)
        return;
    for (uint32_t i = 0; i < read->plates_count; i++)
        if (!strcmp(read->plates[i], plate))
            return;
    memcpy(read->plates[read->plates_count++], plate, sizeof plate);
}

void camera_plate(const char *raw, struct camera_message *message)
{
    struct plate_read *read = &message->read;

    text_copy(read->plate_raw, sizeof read->plate_raw, raw);
    if (!plate_normal(raw, read->plate))
        camera_refuse(message, "a plate of %zu bytes is none", strlen(raw));
    camera_add_plate(raw, read);
}

void camera_joined_plates(const char *raw, struct camera_message *message)
{
    char one[PLATE_ID];

    for (const char *at = raw; at;) {
        size_t size = strcspn(at, "|/");
        snprintf(one, sizeof one, "%.*s", (int)(size < sizeof one ? size : sizeof one), at);
        if (at == raw)
            camera_plate(one, message);
        else
            camera_add_plate(one, &message->read);
        at = at[size] ? at + size + 1 : NULL;
    }
    text_copy(message->read.plate_raw, sizeof message->read.plate_raw, raw);
}

void camera_link(const char *link, struct plate_read *read)
{
    const char *host = strstr(link, "://");
    size_t scheme = host ? (size_t)(host + 3 - link) : 0;
    const char *at = host ? memchr(host + 3, '@', strcspn(host + 3, "/?#")) : NULL;
    char whole[2 * PLATE_LONG_ID];

    snprintf(whole, sizeof whole, "%.*s%s", (int)(scheme < PLATE_ID ? scheme : PLATE_ID), link,
             at ? at + 1 : link + scheme);
    text_copy(read->image_link, sizeof read->image_link, whole);
}

void camera_candidate(const char *raw, double confidence, struct plate_read *read)
{
    struct plate_candidate candidate = {
        .confidence = confidence >= 0 && confidence <= 100 ? confidence : PLATE_UNTOLD};

    if (plate_normal(raw, candidate.plate) && read->candidates_count < PLATE_CANDIDATES)
        read->candidates[read->candidates_count] = candidate;
    read->candidates_count++;
}

double camera_confidence(struct tree value)
{
    double told = tree_decimal(value, PLATE_UNTOLD);
    bool fraction = json_kind(value.json) == JSON_KIND_DECIMAL || strchr(tree_word(value), '.');

    if (fraction && told >= 0 && told <= 1)
        told *= 100;
    return told >= 0 && told <= 100 ? told : PLATE_UNTOLD;
}

bool camera_seconds(int64_t seconds, int64_t microseconds, struct plate_time *ret)
{
    enum { FIRST = 946684800 };               /* 2000: a clock that was never set says less */
    const int64_t last = INT64_C(4102444800); /* 2100 */

    if (seconds <= 0 || seconds > last * 10 || microseconds < 0 || microseconds > 999999)
        return false;
    *ret = (struct plate_time){.source = CLOCK_READ,
                               .at = {seconds * 1000 + microseconds / 1000},
                               .extra_us = (uint16_t)(microseconds % 1000),
                               .digits = microseconds ? 6 : 0,
                               .doubtful = seconds < FIRST || seconds > last};
    return true;
}

bool camera_epoch(struct tree value, struct plate_time *ret)
{
    const int64_t least_ms = INT64_C(100000000000), least_us = INT64_C(100000000000000);
    double decimal = tree_decimal(value, PLATE_UNTOLD);
    int64_t whole = tree_int(value, PLATE_UNTOLD);

    if (whole >= least_us)
        return camera_seconds(whole / 1000000, whole % 1000000, ret);
    if (whole >= least_ms) {
        bool good = camera_seconds(whole / 1000, whole % 1000 * 1000, ret);
        if (good && ret->digits)
            ret->digits = 3;
        return good;
    }
    double fraction = decimal - (double)whole;
    int64_t microseconds = fraction > 0 && fraction < 1 ? (int64_t)(fraction * 1e6 + 0.5) : 0;
    return camera_seconds(whole + microseconds / 1000000, microseconds % 1000000, ret);
}

/* The fraction behind the seconds: its digits (at most 9), read to microseconds. */
static const char *take_fraction(const char *at, int64_t *ret_us, uint8_t *ret_digits)
{
    int64_t us = 0, weight = 100000;
    uint8_t digits = 0;

    if (*at == '.' || *at == ',')
        for (at++; *at >= '0' && *at <= '9' && digits < 9; at++, digits++, weight /= 10)
            us += (*at - '0') * weight;
    *ret_us = us;
    *ret_digits = !us ? 0 : digits > 6 ? 6 : digits;
    return at;
}

/* "Z", "+08:00", "+0800", "+08"; nothing else may follow. */
static bool take_zone(const char *at, int64_t *ret_minutes)
{
    int hours = 0, minutes = 0, used = 0;

    if (!strcmp(at, "Z") || !strcmp(at, "z")) {
        *ret_minutes = 0;
        return true;
    }
    if ((*at != '+' && *at != '-') || at[1] < '0' || at[1] > '9')
        return false;
    if (!(sscanf(at + 1, "%2d:%2d%n", &hours, &minutes, &used) == 2 && used && !at[1 + used]) &&
        !(sscanf(at + 1, "%2d%2d%n", &hours, &minutes, &used) == 2 && used && !at[1 + used]) &&
        !(sscanf(at + 1, "%2d%n", &hours, &used) == 1 && used && !at[1 + used]))
        return false;
    if (hours > 23 || minutes < 0 || minutes > 59)
        return false;
    *ret_minutes = (hours * 60 + minutes) * (*at == '+' ? 1 : -1);
    return true;
}

bool camera_time(const char *text, int64_t zone_minutes, struct plate_time *ret)
{
    enum { SECONDS = 19 };
    struct plate_time time = {0};
    char whole[SECONDS + 2];
    int64_t us = 0;
    uint8_t digits = 0;
    utc_ms at;

    if (strlen(text) < SECONDS || (text[10] != 'T' && text[10] != ' '))
        return false;
    snprintf(whole, sizeof whole, "%.*sZ", SECONDS, text);
    whole[10] = 'T';
    if (!utc_parse(whole, &at))
        return false;
    const char *zone = take_fraction(text + SECONDS, &us, &digits);
    if (!*zone && zone_minutes == CAMERA_NO_ZONE) {
        memcpy(time.local, whole, SECONDS);
        *ret = time;
        return true;
    }
    if ((*zone && !take_zone(zone, &zone_minutes)) ||
        !camera_seconds(at.ms / 1000 - zone_minutes * 60, us, &time))
        return false;
    time.digits = digits;
    *ret = time;
    return true;
}

void camera_image(const struct camera_document *document, const char *name, struct tree base64,
                  struct plate_read *read)
{
    const struct camera_request *request = document->request;
    const char *content = tree_word(base64);
    struct plate_image image = {.base64 = *content != '\0'};

    if (read->images_count >= PLATE_IMAGES || (!*name && !*content))
        return;
    for (uint32_t i = 0; i < read->images_count; i++)
        if (*name && !strcmp(read->images[i].name, name))
            return;
    text_copy(image.name, sizeof image.name, name);
    if (image.base64) {
        size_t size = strlen(content);
        const char *at = memmem(request->bytes, request->size, content, size);
        image.offset = at ? (size_t)(at - request->bytes) : 0;
        image.size = at ? size : 0;
    }
    read->images[read->images_count++] = image;
}

enum plate_direction camera_direction(const char *word)
{
    for (int i = 0; i < DIRECTIONS; i++)
        if (!strcasecmp(word, plate_direction_name((enum plate_direction)i)))
            return (enum plate_direction)i;
    return DIRECTION_UNKNOWN;
}
