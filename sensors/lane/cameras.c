/*
 * The table of camera families, and how a message is split into parts, brought to UTF-8 and parsed
 * before a family's decode sees it. Pure, but for the parsers' memory. See cameras.h.
 */
#include "sensors/lane/cameras.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "daemon/base/charset.h"
#include "sensors/lane/camera.h"
#include "sensors/lane/family.h"
#include "sensors/lane/http_request.h"

#define ROW(family) &family##_family,
static const struct camera_family *const families[] = {CAMERA_FAMILIES(ROW)};

struct camera_form {
    const char *body;
    const struct multipart_part *parts; /* of a multipart body, */
    size_t count;
    const char *encoded; /* or "a=1&b=2" */
    size_t encoded_size;
};

static const char *const kinds[CAMERA_KINDS] = {
    [CAMERA_READ] = "read",
    [CAMERA_INPUT] = "input",
    [CAMERA_LANE_EVENT] = "lane_event",
    [CAMERA_HEARTBEAT] = "heartbeat",
    [CAMERA_SERIAL] = "serial",
    [CAMERA_BAY] = "bay",
    [CAMERA_AUTHORISE_REQUEST] = "authorise_request",
    [CAMERA_COMMAND] = "command",
    [CAMERA_REPLY] = "reply",
    [CAMERA_IGNORED] = "ignored",
    [CAMERA_MALFORMED] = "malformed",
};

static const char *const lane_events[LANE_EVENTS] = {
    [LANE_EVENT_OTHER] = "other",
    [LANE_EVENT_PERSON_STAYS] = "person_stays",
    [LANE_EVENT_VEHICLE_STAYS] = "vehicle_stays",
    [LANE_EVENT_STAY_CLEARED] = "stay_cleared",
    [LANE_EVENT_PASSED] = "passed",
    [LANE_EVENT_TURNED_BACK] = "turned_back",
    [LANE_EVENT_TAILGATE] = "tailgate",
    [LANE_EVENT_CROWD] = "crowd",
    [LANE_EVENT_NON_MOTOR_STAYS] = "non_motor_stays",
};

const struct camera_family *cameras_at(size_t index)
{
    return index < sizeof families / sizeof *families ? families[index] : NULL;
}

const struct camera_family *cameras_find(const char *name)
{
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        if (!strcmp(families[i]->name, name))
            return families[i];
    return NULL;
}

const char *cameras_name(const struct camera_family *family)
{
    return family->name;
}

int64_t cameras_silence_ms(const struct camera_family *family)
{
    return family->silence_ms;
}

const char *camera_kind_name(enum camera_kind kind)
{
    return kinds[kind];
}

const char *lane_event_name(enum lane_event event)
{
    return lane_events[event];
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool unescape(const char *from, size_t size, char *ret, size_t room)
{
    size_t used = 0;

    for (size_t i = 0; i < size; i++) {
        char c = from[i] == '+' ? ' ' : from[i];
        if (used + 1 >= room)
            return false;
        if (c == '%' && i + 2 < size && hex(from[i + 1]) >= 0 && hex(from[i + 2]) >= 0) {
            c = (char)(hex(from[i + 1]) << 4 | hex(from[i + 2]));
            i += 2;
        }
        ret[used++] = c;
    }
    ret[used] = '\0';
    return true;
}

static bool encoded_field(const struct camera_form *form, const char *name, char *ret, size_t size)
{
    const char *at = form->encoded;
    const char *end = at ? at + form->encoded_size : NULL;
    size_t name_size = strlen(name);

    while (at && at < end) {
        const char *stop = memchr(at, '&', (size_t)(end - at));
        size_t pair = (size_t)((stop ? stop : end) - at);
        if (pair > name_size && at[name_size] == '=' && !strncasecmp(at, name, name_size))
            return unescape(at + name_size + 1, pair - name_size - 1, ret, size);
        at = stop ? stop + 1 : NULL;
    }
    return false;
}

/* Text of either encoding as UTF-8; false, with `ret` empty, when it is neither or does not fit. */
static bool to_utf8(const char *bytes, size_t used, char *ret, size_t size)
{
    char *converted = NULL;

    if (!charset_is_utf8(bytes, used))
        bytes = converted = charset_from_gbk(bytes, used, &used);
    bool good = bytes && used < size && !memchr(bytes, '\0', used);
    if (good)
        memcpy(ret, bytes, used);
    ret[good ? used : 0] = '\0';
    free(converted);
    return good;
}

bool form_field(const struct camera_form *form, const char *name, char *ret, size_t size)
{
    char value[PLATE_LONG_ID];

    ret[0] = '\0';
    for (size_t i = 0; i < form->count; i++)
        if (!strcasecmp(form->parts[i].name, name))
            return to_utf8(form->body + form->parts[i].offset, form->parts[i].size, ret, size);
    return encoded_field(form, name, value, sizeof value) &&
           to_utf8(value, strlen(value), ret, size);
}

static char first_sign(const char *bytes, size_t size)
{
    size_t at = size >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3) ? 3 : 0;

    while (at < size && strchr(" \t\r\n", bytes[at]) && bytes[at])
        at++;
    return at < size ? bytes[at] : '\0';
}

/* Parses JSON or XML and lets the family decode it. */
static void decode_text(const struct camera_family *family, struct camera_document *document,
                        const char *bytes, size_t size, struct camera_message *ret)
{
    struct err err = {{0}};
    char *converted = NULL;
    struct json *json = NULL;
    struct xml *xml = NULL;

    if (!charset_is_utf8(bytes, size)) {
        bytes = converted = charset_from_gbk(bytes, size, &size);
        if (!bytes) {
            camera_refuse(ret, "the text is neither UTF-8 nor GB 18030");
            return;
        }
    }
    if (size >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3)) {
        bytes += 3;
        size -= 3;
    }
    if (first_sign(bytes, size) == '<')
        xml = xml_read(bytes, size, CAMERA_BODY_MAX * 2, &err);
    else
        json = json_read(bytes, size, CAMERA_BODY_MAX * 2, &err);
    document->root = (struct tree){.json = json, .xml = xml_root(xml)};
    document->name = xml_name(xml_root(xml));
    if (xml || json_kind(json) == JSON_KIND_OBJECT)
        family->decode(document, ret);
    else
        camera_refuse(ret, "%s", json ? "the JSON text is no object" : err.text);
    xml_release(xml);
    json_release(json);
    free(converted);
}

static bool is_picture(const struct multipart_part *part, const char *content)
{
    static const char jpeg[] = "\xff\xd8\xff", png[] = "\x89PNG";

    return !strncasecmp(part->content_type, "image/", 6) ||
           (part->size >= 3 && !memcmp(content, jpeg, 3)) ||
           (part->size >= 4 && !memcmp(content, png, 4));
}

static void take_picture(const struct multipart_part *part, struct plate_read *read)
{
    struct plate_image image = {.offset = part->offset, .size = part->size};

    if (read->images_count >= PLATE_IMAGES)
        return;
    text_copy(image.name, sizeof image.name, *part->filename ? part->filename : part->name);
    if (!charset_is_utf8(image.name, strlen(image.name)))
        image.name[0] = '\0';
    read->images[read->images_count++] = image;
}

/* Pictures are noted, the first part that holds an object or element is decoded; without one the
 * parts are the fields of a form. */
static void decode_parts(const struct camera_family *family, struct camera_document *document,
                         const char *content_type, struct camera_message *ret)
{
    const struct camera_request *request = document->request;
    struct multipart_part parts[MULTIPART_PARTS];
    const struct multipart_part *text = NULL;
    struct camera_form form = {.body = request->bytes, .parts = parts};

    if (!multipart_read(content_type, request->bytes, request->size, parts, &form.count)) {
        camera_refuse(ret, "the multipart body has no whole part");
        return;
    }
    for (size_t i = 0; i < form.count; i++) {
        const char *content = request->bytes + parts[i].offset;
        char sign = first_sign(content, parts[i].size);
        if (is_picture(&parts[i], content))
            take_picture(&parts[i], &ret->read);
        else if (!text && (sign == '{' || sign == '<'))
            text = &parts[i];
    }
    document->form = &form;
    if (text)
        decode_text(family, document, request->bytes + text->offset, text->size, ret);
    else
        family->decode(document, ret);
}

void cameras_decode(const struct camera_family *family, const struct camera_request *request,
                    struct camera_message *ret)
{
    static const char form_type[] = "application/x-www-form-urlencoded";
    const char *type = request->content_type ? request->content_type : "";
    struct camera_form form = {.encoded = request->bytes, .encoded_size = request->size};
    struct camera_form no_form = {0};
    struct camera_document document = {
        .topic = request->topic, .name = "", .form = &no_form, .request = request};
    char sign = first_sign(request->bytes, request->size);

    *ret = (struct camera_message){.kind = CAMERA_MALFORMED, .read = plate_read_empty()};
    if (request->size > CAMERA_BODY_MAX) {
        camera_refuse(ret, "the message has %zu bytes; at most %d are taken", request->size,
                      CAMERA_BODY_MAX);
    } else if (!sign) {
        camera_refuse(ret, "the message is empty");
    } else if (!strncasecmp(type, "multipart/", 10) || (sign == '-' && !*type)) {
        decode_parts(family, &document, type, ret);
    } else if (sign != '{' && sign != '<' && !strncasecmp(type, form_type, sizeof form_type - 1)) {
        document.form = &form;
        family->decode(&document, ret);
    } else {
        decode_text(family, &document, request->bytes, request->size, ret);
    }
    ret->read.plausible = plate_plausible(ret->read.plate, ret->read.colour);
}

void cameras_decode_capture(const struct camera_family *family, const char *bytes, size_t size,
                            struct camera_message *ret)
{
    struct camera_request request = {.bytes = bytes, .size = size};
    struct http_request http;
    struct err err;

    if (!http_request_looks(bytes, size)) {
        cameras_decode(family, &request, ret);
        return;
    }
    if (!http_request_read(bytes, size, &http, &err)) {
        *ret = (struct camera_message){.kind = CAMERA_MALFORMED, .read = plate_read_empty()};
        camera_refuse(ret, "%s", err.text);
        return;
    }
    request.bytes = http.joined ? http.joined : bytes + http.body_offset;
    request.size = http.body_size;
    request.content_type = http.content_type;
    cameras_decode(family, &request, ret);
    free(http.joined);
}
