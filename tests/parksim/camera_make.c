/* See camera_make.h. */
#include "tests/parksim/camera_make.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tests/parksim/camera_picture.h"

/* What the picture shows: "camera 粤B12345 17". */
static void shows(const struct camera_sending *s, char ret[CAMERA_PICTURE_TEXT])
{
    snprintf(ret, CAMERA_PICTURE_TEXT, "%s %s %u", s->lane, s->plate, s->id);
}

/* ---- Vzenith and its family ---- */

static size_t vzenith_write(const struct camera_sending *s, char body[CAMERA_BODY])
{
    char what[CAMERA_PICTURE_TEXT], picture[CAMERA_PICTURE * 2];

    if (s->what == CAMERA_SENDS_BEAT)
        return (size_t)snprintf(
            body, CAMERA_BODY,
            "--b\r\nContent-Disposition: form-data; name=\"device_name\"\r\n\r\nIVS\r\n"
            "--b\r\nContent-Disposition: form-data; name=\"pass_wd\"\r\n\r\nparksim-secret\r\n"
            "--b\r\nContent-Disposition: form-data; name=\"serialno\"\r\n\r\n%s\r\n--b--\r\n",
            s->lane);
    shows(s, what);
    camera_picture_base64(what, picture);
    return (size_t)snprintf(
        body, CAMERA_BODY,
        "{\"AlarmInfoPlate\":{\"channel\":0,\"deviceName\":\"IVS\",\"serialno\":\"%s\","
        "\"result\":{\"PlateResult\":{\"license\":\"%s\",\"confidence\":97,\"colorType\":1,"
        "\"type\":1,\"plateid\":%u,\"isoffline\":%d,\"triggerType\":1,\"gioouts\":[{\"ionum\":"
        "\"0\",\"ctrltype\":%d}],\"timeStamp\":{"
        "\"Timeval\":{\"sec\":%lld,\"usec\":%lld}},\"imageFile\":\"%s\"}}}}",
        s->lane, s->plate, s->id, s->what == CAMERA_SENDS_STORED, s->listed ? 2 : 0,
        (long long)s->utc_ms / 1000, (long long)s->utc_ms % 1000 * 1000, picture);
}

/* Its own list: operate_type 0 adds, 1 removes; an addition has a span. */
static void vzenith_list(const json_t *operate, struct camera_heard *ret)
{
    const json_t *rows = json_object_get(operate, "white_list_data");

    ret->adds = json_integer_value(json_object_get(operate, "operate_type")) == 0;
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        const char *plate = json_string_value(json_object_get(row, "plate"));
        const char *until = json_string_value(json_object_get(row, "overdue_time"));

        if (!plate || i >= CAMERA_CHANGES || (ret->adds && (!until || strlen(until) != 19)))
            ret->wrong = "a change of the list without plate or span, or too many";
        else
            snprintf(ret->plates[ret->changes++], CAMERA_PLATE, "%s", plate);
    }
}

/* The camera looks at info first, whatever else stands there. */
static void vzenith_hear(const struct camera_sending *s, const char *body, struct camera_heard *ret)
{
    json_t *root = json_loads(body, 0, NULL);
    const json_t *answer = json_object_get(root, "Response_AlarmInfoPlate");
    const char *info = json_string_value(json_object_get(answer, "info"));
    const char *content = json_string_value(json_object_get(answer, "content"));
    const json_t *offline = json_object_get(answer, "ContinuePushOffline");
    bool stops = content && strcmp(content, "retransfer_stop") == 0;
    bool goes_on = json_integer_value(json_object_get(offline, "plateid")) == s->id &&
                   json_integer_value(json_object_get(offline, "continue")) == 1;

    ret->opens = info && strcmp(info, "ok") == 0;
    ret->taken = s->what == CAMERA_SENDS_STORED ? goes_on : stops || s->what == CAMERA_SENDS_BEAT;
    if (!answer)
        ret->wrong = "no Response_AlarmInfoPlate";
    else if (ret->opens && s->what != CAMERA_SENDS_READ)
        ret->wrong = "opened for no fresh read";
    else if (s->what == CAMERA_SENDS_STORED && !goes_on)
        ret->wrong = "no ContinuePushOffline of this record";
    else if (s->what == CAMERA_SENDS_READ && (!info || !stops))
        ret->wrong = "info or retransfer_stop is missing";
    if (json_object_get(answer, "white_list_operate"))
        vzenith_list(json_object_get(answer, "white_list_operate"), ret);
    json_decref(root);
}

/* ---- Hikvision ---- */

static void utc_text(int64_t utc_ms, char separator, char *ret, size_t size)
{
    time_t seconds = (time_t)(utc_ms / 1000);
    struct tm tm;
    char date[16], hour[16];

    gmtime_r(&seconds, &tm);
    strftime(date, sizeof date, "%Y-%m-%d", &tm);
    strftime(hour, sizeof hour, "%H:%M:%S", &tm);
    snprintf(ret, size, "%s%c%s.%03d", date, separator, hour, (int)(utc_ms % 1000));
}

static size_t hikvision_write(const struct camera_sending *s, char body[CAMERA_BODY])
{
    static const char end[] = "\r\n--parksim--\r\n";
    char when[40], what[CAMERA_PICTURE_TEXT];

    utc_text(s->utc_ms, 'T', when, sizeof when);
    size_t used = (size_t)snprintf(
        body, CAMERA_BODY,
        "--parksim\r\nContent-Disposition: form-data; name=\"anpr.xml\"; "
        "filename=\"anpr.xml\"\r\nContent-Type: application/xml\r\n\r\n<?xml version=\"1.0\" "
        "encoding=\"UTF-8\"?>\n<EventNotificationAlert version=\"2.0\" "
        "xmlns=\"http://www.isapi.org/ver20/XMLSchema\"><macAddress>%s</macAddress>"
        "<dateTime>%s+00:00</dateTime><eventType>ANPR</eventType><ANPR><licensePlate>%s"
        "</licensePlate><confidenceLevel>97</confidenceLevel><direction>forward</direction>"
        "</ANPR><UUID>%s-%u</UUID></EventNotificationAlert>\r\n--parksim\r\n"
        "Content-Disposition: form-data; name=\"detectionPicture.jpg\"; "
        "filename=\"detectionPicture.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n",
        s->lane, when, s->plate, s->lane, s->id);
    shows(s, what);
    used += camera_picture(what, (uint8_t *)body + used);
    memcpy(body + used, end, sizeof end);
    return used + sizeof end - 1;
}

static void hikvision_hear(const struct camera_sending *s, const char *body,
                           struct camera_heard *ret)
{
    (void)s;
    (void)body;
    ret->taken = true; /* 200 is all that it looks at */
}

/* ---- Dahua ---- */

static size_t dahua_write(const struct camera_sending *s, char body[CAMERA_BODY])
{
    char when[40], what[CAMERA_PICTURE_TEXT], picture[CAMERA_PICTURE * 2];

    utc_text(s->utc_ms, ' ', when, sizeof when);
    if (s->what == CAMERA_SENDS_BEAT)
        return (size_t)snprintf(body, CAMERA_BODY, "{\"Active\":true,\"DeviceID\":\"%s\"}",
                                s->lane);
    shows(s, what);
    camera_picture_base64(what, picture);
    return (size_t)snprintf(
        body, CAMERA_BODY,
        "{\"Picture\":{\"NormalPic\":{\"PicName\":\"%u.jpg\",\"Content\":\"%s\"},\"Plate\":{"
        "\"IsExist\":true,"
        "\"PlateNumber\":\"%s\",\"PlateColor\":\"Blue\",\"Confidence\":97},\"SnapInfo\":{"
        "\"AccurateTime\":\"%s\",\"TimeZone\":0,\"DSTTune\":0,\"LanNo\":1,"
        "\"DeviceID\":\"%s\"}}}",
        s->id, picture, s->plate, when, s->lane);
}

static void dahua_hear(const struct camera_sending *s, const char *body, struct camera_heard *ret)
{
    json_t *root = json_loads(body, 0, NULL);

    ret->taken = json_is_true(json_object_get(root, "Result"));
    ret->opens = json_is_true(json_object_get(root, "OpenStrobe"));
    if (!ret->taken)
        ret->wrong = "Result is not true";
    else if (ret->opens && s->what != CAMERA_SENDS_READ)
        ret->wrong = "opened for no fresh read";
    json_decref(root);
}

static const struct camera_make makes[] = {
    {"vzenith", "application/json", "", true, 0, 5000, vzenith_write, vzenith_hear},
    {"hikvision", "multipart/form-data; boundary=parksim", "", false, 0, 0, hikvision_write,
     hikvision_hear},
    {"dahua", "application/json", "/NotificationInfo/TollgateInfo", false, 1000, 30000, dahua_write,
     dahua_hear},
};

const struct camera_make *camera_make_find(const char *name)
{
    for (size_t i = 0; i < sizeof makes / sizeof makes[0]; i++)
        if (strcmp(makes[i].name, name) == 0)
            return &makes[i];
    return NULL;
}
