/*
 * Hikvision ISAPI: EventNotificationAlert in XML (any namespace or prefix), alone or in a multipart
 * body beside its pictures, or in JSON, where the key is "aNPR" and every number a text.
 *
 *   <EventNotificationAlert version="2.0" xmlns="http://www.isapi.org/ver20/XMLSchema">
 *     <macAddress>44:a6:42:f3:2a:d7</macAddress><dateTime>2024-05-07T17:48:03.847+07:00</dateTime>
 *     <eventType>ANPR</eventType>
 *     <ANPR><licensePlate>B1234XYZ</licensePlate><line>1</line><direction>forward</direction>
 *       <confidenceLevel>98</confidenceLevel>…</ANPR>
 *     <UUID>a0fe72d4-…</UUID></EventNotificationAlert>
 *
 * Elements as public receivers captured them; the maker's spellings (palteTypeByGAT, vehicelRect)
 * are part of the protocol. barrierGateCtrlType is read in contradictory ways by the maker's own
 * demonstrations (0: the camera opened; 0: it drives no barrier), so it says nothing here. A UUID
 * is not always sent, and not always unique. Pure.
 */
#include <string.h>
#include <strings.h>

#include "sensors/lane/camera.h"

static const struct camera_text alert_texts[] = {
    CAMERA_TEXT("macAddress", read.device), CAMERA_TEXT("ipAddress", read.device),
    CAMERA_TEXT("deviceID", read.device),   CAMERA_TEXT("ipAddress", ip),
    CAMERA_TEXT("UUID", read.event_id),
};

static const struct camera_text anpr_texts[] = {
    CAMERA_TEXT("line", read.lane),
    CAMERA_TEXT("country", read.region),
    CAMERA_TEXT("plateType", read.plate_type),
    CAMERA_TEXT("vehicleType", read.vehicle_type),
    CAMERA_TEXT("vehicleInfo.color", read.vehicle_colour),
    CAMERA_TEXT("vehicleInfo.vehicleLogoRecog", read.vehicle_make),
};

enum {
    COUNT_ALERT = sizeof alert_texts / sizeof *alert_texts,
    COUNT_ANPR = sizeof anpr_texts / sizeof *anpr_texts
};

static const struct {
    const char *word;
    enum plate_list list;
} lists[] = {
    {"temporary", LIST_TEMPORARY}, {"white", LIST_ALLOWED},     {"whiteList", LIST_ALLOWED},
    {"allow", LIST_ALLOWED},       {"allowList", LIST_ALLOWED}, {"black", LIST_BLOCKED},
    {"blackList", LIST_BLOCKED},   {"block", LIST_BLOCKED},     {"blockList", LIST_BLOCKED},
};

static void take_list(const char *word, struct plate_read *read)
{
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (!strcasecmp(word, lists[i].word))
            read->list = lists[i].list;
}

/* "99,99,61": one number a character. */
static void take_characters(const char *text, struct plate_read *read)
{
    int value = 0, digits = 0;

    for (; read->character_count < PLATE_CHARACTERS; text++) {
        if (*text >= '0' && *text <= '9' && digits < 3) {
            value = value * 10 + (*text - '0');
            digits++;
            continue;
        }
        bool whole = !*text || *text == ',';
        if (whole && digits && value <= 100)
            read->character_confidence[read->character_count++] = (uint8_t)value;
        value = digits = 0;
        if (*text != ',')
            return;
    }
}

static void take_pictures(const struct camera_document *document, struct tree anpr,
                          struct plate_read *read)
{
    struct tree list = tree_at(anpr, "pictureInfoList");
    size_t count = tree_size(list);

    for (size_t i = 0; i < count && i < 2 * PLATE_IMAGES; i++)
        camera_image(document, tree_word(tree_at(tree_item(list, i), "fileName")), (struct tree){0},
                     read);
}

static void decode_anpr(const struct camera_document *document, struct tree anpr,
                        struct camera_message *ret)
{
    struct plate_read *read = &ret->read;
    static const char *const list_paths[] = {"listType", "vehicleListName", NULL};
    const char *original = tree_word(tree_at(anpr, "originalLicensePlate"));

    ret->kind = CAMERA_READ;
    ret->vehicles = 1;
    camera_texts(anpr, anpr_texts, COUNT_ANPR, ret);
    /* 0: a logo that was not recognised */
    if (!strcmp(read->vehicle_make, "0"))
        read->vehicle_make[0] = '\0';
    read->direction = camera_direction(tree_word(tree_at(anpr, "direction")));
    read->confidence = camera_confidence(tree_at(anpr, "confidenceLevel"));
    read->colour = plate_colour_parse(tree_word(tree_at(anpr, "plateColor")));
    read->offline = tree_int(tree_at(anpr, "alarmDataType"), 0) == 1;
    take_characters(tree_word(tree_at(anpr, "plateCharBelieve")), read);
    take_list(tree_word(tree_any(anpr, list_paths)), read);
    take_pictures(document, anpr, read);
    if (*original && strcmp(original, tree_word(tree_at(anpr, "licensePlate"))) != 0)
        camera_candidate(original, PLATE_UNTOLD, read);
    camera_plate(tree_word(tree_at(anpr, "licensePlate")), ret);
}

static void decode_alert(const struct camera_document *document, struct tree alert,
                         struct camera_message *ret)
{
    const char *type = tree_word(tree_at(alert, "eventType"));
    const char *state = tree_word(tree_at(alert, "eventState"));
    const char *when = tree_word(tree_at(alert, "dateTime"));
    struct tree anpr = tree_at(alert, "ANPR");

    camera_texts(alert, alert_texts, COUNT_ALERT, ret);
    if (*when && !camera_time(when, CAMERA_NO_ZONE, &ret->read.time)) {
        camera_refuse(ret, "dateTime \"%.40s\" is no time", when);
        return;
    }
    if (tree_has(anpr) && (!*type || !strcasecmp(type, "ANPR"))) {
        decode_anpr(document, anpr, ret);
        return;
    }
    /* The alert stream shows that it lives by an alarm of lost video that is over. */
    if (!strcasecmp(type, "heartBeat") ||
        (!strcasecmp(type, "videoloss") && !strcasecmp(state, "inactive")))
        ret->kind = CAMERA_HEARTBEAT;
    else if (!strcasecmp(type, "ANPR"))
        camera_refuse(ret, "an ANPR event has no element ANPR");
    else
        camera_ignore(ret, "an event \"%.40s\" says nothing of plates", type);
}

/* The answer of ISAPI to any command: 1 is OK. On a locked unit `open` is answered with 1 too. */
static void decode_response(struct tree response, struct camera_message *ret)
{
    char text[PLATE_ID];

    ret->accepted = tree_int(tree_at(response, "statusCode"), 0) == 1;
    if (ret->accepted) {
        camera_mean(ret, CAMERA_REPLY, "accepted - NOT proof of movement");
        return;
    }
    tree_text(tree_at(response, "statusString"), text, sizeof text);
    camera_mean(ret, CAMERA_REPLY, "rejected: %s", *text ? text : "without a reason");
}

static void decode_gate(struct tree gate, struct camera_message *ret)
{
    tree_text(tree_at(gate, "ctrlMode"), ret->gate, sizeof ret->gate);
    camera_mean(ret, CAMERA_COMMAND,
                "PUT /ISAPI/Parking/channels/1/barrierGate, HTTP digest; "
                "ctrlMode open|close|lock|unlock");
}

/* 0: no signal, which is not "closed". */
static void decode_gate_status(struct tree status, struct camera_message *ret)
{
    static const char *const states[] = {"no signal from the gate", "closed in place",
                                         "open in place"};
    static const char *const paths[] = {"barrierGateStatus", "status", NULL};
    int64_t state = tree_int(tree_any(status, paths), -1);

    if (state < 0 || state > 2)
        camera_refuse(ret, "a barrier gate's status is 0, 1 or 2");
    else
        camera_mean(ret, CAMERA_REPLY, "%s", states[state]);
}

static void decode(const struct camera_document *document, struct camera_message *ret)
{
    static const char *const alerts[] = {"EventNotificationAlert", "eventNotificationAlert", NULL};
    struct tree root = document->root;
    struct tree inside = tree_any(root, alerts);

    if (!tree_has(root))
        camera_ignore(ret, "a form says nothing of plates");
    else if (!strcasecmp(document->name, "EventNotificationAlert"))
        decode_alert(document, root, ret);
    else if (tree_has(inside))
        decode_alert(document, inside, ret);
    else if (tree_has(tree_at(root, "ANPR")) || tree_has(tree_at(root, "eventType")))
        decode_alert(document, root, ret);
    else if (!strcasecmp(document->name, "BarrierGate") || tree_has(tree_at(root, "ctrlMode")))
        decode_gate(root, ret);
    else if (!strcasecmp(document->name, "BarrierGateStatus") ||
             tree_has(tree_at(root, "barrierGateStatus")))
        decode_gate_status(root, ret);
    else if (tree_has(tree_at(root, "statusCode")))
        decode_response(root, ret);
    else
        camera_ignore(ret, "a document \"%.40s\" is no event of plates", document->name);
}

/* The camera looks at the status alone. */
static const char *answer_xml(const struct camera_answer *answer, struct text *out)
{
    (void)answer;
    text_add(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ResponseStatus><statusCode>1"
                  "</statusCode><statusString>OK</statusString></ResponseStatus>");
    return "application/xml";
}

const struct camera_family hikvision_family = {
    .name = "hikvision", .decode = decode, .answer = answer_xml};
