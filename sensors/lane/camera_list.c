/*
 * Lists kept in cameras. See camera_list.h.
 *
 *   Vzenith, in the answer to a heartbeat; operate_type 0 adds or replaces, 1 removes:
 *     "white_list_operate":{"operate_type":0,"white_list_data":[{"plate":"粤B12345","enable":1,
 *       "need_alarm":0,"enable_time":"2026-11-01 00:00:00","overdue_time":"2026-11-30 23:59:59"}]}
 *   Vzenith, {sn}/device/message/down/white_list_operator:
 *     {"operator_type":"update_or_add","dldb_rec":[{the same, and "context","time_seg_enable"}]}
 *     {"operator_type":"delete","plate":"粤B12345"}
 *   Hikvision, what its own page sends:
 *     PUT /ISAPI/Traffic/channels/1/licensePlateAuditData/record?format=json
 *       {"LicensePlateInfoList":[{"LicensePlate","listType":"whiteList","createTime",
 *         "effectiveStartDate","effectiveTime","id":""}]}
 *     PUT /ISAPI/Traffic/channels/1/DelLicensePlateAuditData?format=json
 *       {"deleteAllEnabled":false,"licensePlate":["粤B12345"]}
 *     both answered {"statusCode":1,…}; validity is in days.
 *   Dahua, HTTP API: GET /cgi-bin/recordUpdater.cgi?action=insert&name=TrafficRedList&PlateNumber=…
 *     &BeginTime=…&CancelTime=…&AuthorityList.OpenGate=true answered "RecNo=12"; an insert of a
 * plate that is there makes a second row, so removeEx goes first.
 */
#include "sensors/lane/camera_list.h"

#include <stdio.h>
#include <string.h>

#include "sensors/lane/family.h"

enum { STAMP = 20 };

enum camera_list_way camera_list_way(const struct camera_family *family, bool broker)
{
    if (family == &vzenith_family)
        return broker ? CAMERA_LIST_PUBLISH : CAMERA_LIST_ANSWER;
    return family == &hikvision_family || family == &dahua_family ? CAMERA_LIST_REQUEST
                                                                  : CAMERA_LIST_NONE;
}

uint32_t camera_list_batch(const struct camera_family *family, bool broker, bool add)
{
    if (family == &dahua_family || (family == &vzenith_family && broker && !add))
        return 1;
    return CAMERA_LIST_BATCH;
}

/* "2026-11-01 08:00:00" of the camera's clock, `blank` for another sign between. */
static const char *stamp(const struct camera_list_part *part, utc_ms at, char between,
                         char ret[CIVIL_TEXT])
{
    civil_text(part->zone, at.ms / 1000, ret);
    ret[10] = between;
    ret[STAMP - 1] = '\0';
    return ret;
}

/* One that has no beginning begins now: a camera's clock knows no year 1970. */
static utc_ms from_of(const struct camera_list_part *part, const struct held_change *change)
{
    return change->from.ms ? change->from : part->now;
}

static void add_span(const struct camera_list_part *part, const struct held_change *change,
                     struct text *out)
{
    char text[CIVIL_TEXT];

    text_json_pair(out, "enable_time", stamp(part, from_of(part, change), ' ', text));
    text_json_pair(out, "overdue_time", stamp(part, change->until, ' ', text));
}

/* ---- Vzenith ---- */

void camera_list_answer(const struct camera_list_part *part, struct text *out)
{
    bool add = part->changes[0].add;

    text_add(out, ",\"white_list_operate\":{\"operate_type\":%d,\"white_list_data\":[", !add);
    for (uint32_t i = 0; i < part->count; i++) {
        text_comma(out);
        text_add(out, "{");
        text_json_pair(out, "plate", part->changes[i].plate);
        text_json_int(out, "enable", 1);
        text_json_int(out, "need_alarm", 0);
        if (add)
            add_span(part, &part->changes[i], out);
        text_add(out, "}");
    }
    text_add(out, "]}");
}

void camera_list_body(const struct camera_list_part *part, struct text *out)
{
    if (!part->changes[0].add) {
        text_json_pair(out, "operator_type", "delete");
        text_json_pair(out, "plate", part->changes[0].plate);
        return;
    }
    text_json_pair(out, "operator_type", "update_or_add");
    text_add(out, ",\"dldb_rec\":[");
    for (uint32_t i = 0; i < part->count; i++) {
        text_comma(out);
        text_add(out, "{");
        text_json_pair(out, "plate", part->changes[i].plate);
        text_json_int(out, "enable", 1);
        text_json_int(out, "need_alarm", 0);
        text_json_pair(out, "context", "");
        text_json_int(out, "time_seg_enable", 0);
        add_span(part, &part->changes[i], out);
        text_add(out, "}");
    }
    text_add(out, "]");
}

/* ---- Hikvision ---- */

/* The list holds days only. */
static void add_hikvision(const struct camera_list_part *part, const struct held_change *change,
                          struct text *out)
{
    char text[CIVIL_TEXT];

    text_add(out, "{");
    text_json_pair(out, "LicensePlate", change->plate);
    text_json_pair(out, "listType", "whiteList");
    text_json_pair(out, "createTime", stamp(part, part->now, 'T', text));
    stamp(part, from_of(part, change), '\0', text);
    text_json_pair(out, "effectiveStartDate", text);
    stamp(part, change->until, '\0', text);
    text_json_pair(out, "effectiveTime", text);
    text_json_pair(out, "id", "");
    text_add(out, "}");
}

static bool ask_hikvision(const struct camera_list_part *part, uint32_t step,
                          struct camera_list_request *ret)
{
    bool add = part->changes[0].add;

    ret->method = "PUT";
    text_add(&ret->target, "/ISAPI/Traffic/channels/1/%s?format=json",
             add ? "licensePlateAuditData/record" : "DelLicensePlateAuditData");
    text_add(&ret->body, add ? "{\"LicensePlateInfoList\":["
                             : "{\"deleteAllEnabled\":false,\"licensePlate\":[");
    for (uint32_t i = 0; i < part->count; i++) {
        text_comma(&ret->body);
        if (add)
            add_hikvision(part, &part->changes[i], &ret->body);
        else
            text_json_string(&ret->body, part->changes[i].plate);
    }
    text_add(&ret->body, "]}");
    return step == 0;
}

/* ---- Dahua ---- */

static void add_escaped(struct text *out, const char *from)
{
    for (const unsigned char *at = (const unsigned char *)from; *at; at++)
        if ((*at >= '0' && *at <= '9') || (*at >= 'A' && *at <= 'Z') ||
            (*at >= 'a' && *at <= 'z') || *at == '-')
            text_add(out, "%c", *at);
        else
            text_add(out, "%%%02X", *at);
}

static bool ask_dahua(const struct camera_list_part *part, uint32_t step,
                      struct camera_list_request *ret)
{
    const struct held_change *change = &part->changes[0];
    char text[CIVIL_TEXT];

    ret->method = "GET";
    text_add(&ret->target, "/cgi-bin/recordUpdater.cgi?action=%s&name=TrafficRedList&PlateNumber=",
             step ? "insert" : "removeEx");
    add_escaped(&ret->target, change->plate);
    if (step) {
        text_add(&ret->target, "&BeginTime=");
        add_escaped(&ret->target, stamp(part, from_of(part, change), ' ', text));
        text_add(&ret->target, "&CancelTime=");
        add_escaped(&ret->target, stamp(part, change->until, ' ', text));
        text_add(&ret->target, "&AuthorityList.OpenGate=true");
    }
    return step <= change->add;
}

bool camera_list_request(const struct camera_family *family, const struct camera_list_part *part,
                         uint32_t step, struct camera_list_request *ret)
{
    if (family == &hikvision_family)
        return ask_hikvision(part, step, ret);
    return family == &dahua_family && ask_dahua(part, step, ret);
}

/* Dahua says 400 of a plate that is not there to be removed. */
bool camera_list_taken(const struct camera_family *family, bool add, uint32_t step, int status,
                       const char *text, size_t size)
{
    struct camera_message message;

    if (family == &dahua_family)
        return (status == 200 && (size < 5 || memcmp(text, "Error", 5) != 0)) ||
               (status == 400 && (!add || step == 0));
    cameras_decode_capture(family, text, size, &message);
    return status == 200 && message.kind == CAMERA_REPLY && message.accepted;
}
