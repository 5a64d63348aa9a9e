/*
 * Dahua ITSAPI (also Intelbras): the camera posts JSON to /NotificationInfo/TollgateInfo,
 * …/KeepAlive and …/DeviceInfo, and sends the same again until it is answered {"Result":true}.
 *
 *   {"Picture":{"NormalPic":{"PicName":"20260513143215_1.jpg","Content":base64},
 *     "Plate":{"IsExist":true,"PlateNumber":"abc123","PlateColor":"White","Confidence":87},
 *     "SnapInfo":{"AccurateTime":"2026-05-13 14:32:15.000","TimeZone":2,"DSTTune":0,"LanNo":1,
 *       "Direction":"Obverse","OpenStrobe":false,"DeviceID":"1c11c9c4-…"}}}
 *
 * Fields of public receivers and simulators. TimeZone is in hours east; DSTTune is 1 while summer
 * time adds an hour. A resent event has the same DeviceID and PicName. Pure.
 */
#include <string.h>

#include "sensors/lane/camera.h"

static const struct camera_text device_texts[] = {
    CAMERA_TEXT("DeviceID", read.device),
    CAMERA_TEXT("IPAddress", ip),
    CAMERA_TEXT("IP", ip),
};

static const struct camera_text read_texts[] = {
    CAMERA_TEXT("SnapInfo.DeviceID", read.device),
    CAMERA_TEXT("SnapInfo.DefenceCode", read.device),
    CAMERA_TEXT("SnapInfo.LanNo", read.lane),
    CAMERA_TEXT("NormalPic.PicName", read.event_id),
    CAMERA_TEXT("CutoutPic.PicName", read.event_id),
    CAMERA_TEXT("VehiclePic.PicName", read.event_id),
    CAMERA_TEXT("Plate.PlateType", read.plate_type),
    CAMERA_TEXT("Plate.Region", read.region),
    CAMERA_TEXT("Vehicle.VehicleType", read.vehicle_type),
    CAMERA_TEXT("Vehicle.VehicleColor", read.vehicle_colour),
    CAMERA_TEXT("Vehicle.VehicleSign", read.vehicle_make),
};

static const struct camera_text bay_texts[] = {
    CAMERA_TEXT("ParkingStallsNo", bay),
    CAMERA_TEXT("ParkingStatus", bay_state),
    CAMERA_TEXT("State", bay_state),
    CAMERA_TEXT("inRecordId", read.event_id),
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct {
    const char *word;
    enum plate_trigger trigger;
} triggers[] = {
    {"Video", TRIGGER_AUTO},
    {"Coil", TRIGGER_IO},
    {"IO", TRIGGER_IO},
    {"Manual", TRIGGER_SOFTWARE},
};

static bool take_time(struct tree snap, struct camera_message *ret)
{
    static const char *const paths[] = {"AccurateTime", "SnapTime", NULL};
    const char *when = tree_word(tree_any(snap, paths));
    double hours = tree_decimal(tree_at(snap, "TimeZone"), 99);
    int64_t minutes = CAMERA_NO_ZONE;

    if (hours > -15 && hours < 15) {
        minutes = (int64_t)(hours * 60);
        minutes += tree_is(tree_at(snap, "DSTTune")) ? 60 : 0;
    }
    if (!*when || camera_time(when, minutes, &ret->read.time))
        return true;
    camera_refuse(ret, "time \"%.40s\" is no time", when);
    return false;
}

/* OpenStrobe: the camera drove its own gate contact. */
static void take_opening(struct tree snap, struct plate_read *read)
{
    bool allowed = tree_is(tree_at(snap, "AllowUser"));

    if (tree_is(tree_at(snap, "OpenStrobe")))
        read->opened_by = allowed ? OPENER_CAMERA_WHITELIST : OPENER_CAMERA;
    if (allowed)
        read->list = LIST_ALLOWED;
    if (tree_is(tree_at(snap, "BlockUser")))
        read->list = LIST_BLOCKED;
}

static void take_pictures(const struct camera_document *document, struct tree picture,
                          struct plate_read *read)
{
    static const char *const names[] = {"NormalPic", "CutoutPic", "VehiclePic"};

    for (size_t i = 0; i < COUNT(names); i++) {
        struct tree one = tree_at(picture, names[i]);
        camera_image(document, tree_word(tree_at(one, "PicName")), tree_at(one, "Content"), read);
    }
}

static void decode_read(const struct camera_document *document, struct tree picture,
                        struct camera_message *ret)
{
    struct tree plate = tree_at(picture, "Plate"), snap = tree_at(picture, "SnapInfo");
    struct tree exists = tree_at(plate, "IsExist");
    const char *source = tree_word(tree_at(snap, "TriggerSource"));
    struct plate_read *read = &ret->read;

    if (!tree_has(plate) && !tree_has(snap)) {
        camera_refuse(ret, "Picture has neither Plate nor SnapInfo");
        return;
    }
    ret->kind = CAMERA_READ;
    ret->vehicles = 1;
    camera_texts(picture, read_texts, COUNT(read_texts), ret);
    read->confidence = camera_confidence(tree_at(plate, "Confidence"));
    read->colour = plate_colour_parse(tree_word(tree_at(plate, "PlateColor")));
    read->direction = camera_direction(tree_word(tree_at(snap, "Direction")));
    for (size_t i = 0; i < COUNT(triggers); i++)
        if (!strcmp(source, triggers[i].word))
            read->trigger = triggers[i].trigger;
    take_opening(snap, read);
    take_pictures(document, picture, read);
    if (!tree_has(exists) || tree_is(exists))
        camera_plate(tree_word(tree_at(plate, "PlateNumber")), ret);
    if (ret->kind == CAMERA_READ)
        take_time(snap, ret);
}

/* A camera over bays: ParkingInfo for each change, AlarmInfo for those who stand wrongly. */
static void decode_bay(struct tree info, struct camera_message *ret)
{
    static const char *const plates[] = {"PlateNumber", "Plate.PlateNumber", NULL};
    struct tree first = tree_item(tree_at(info, "PlateInfoList"), 0);

    ret->kind = CAMERA_BAY;
    camera_texts(info, device_texts, COUNT(device_texts), ret);
    camera_texts(info, bay_texts, COUNT(bay_texts), ret);
    ret->read.direction = camera_direction(tree_word(tree_at(info, "Direction")));
    camera_plate(tree_word(tree_any(tree_has(first) ? first : info, plates)), ret);
    if (ret->kind == CAMERA_BAY && !*ret->bay)
        camera_refuse(ret, "a message of a bay has no ParkingStallsNo");
}

static void decode_reply(struct tree root, struct camera_message *ret)
{
    bool open = tree_is(tree_at(root, "OpenStrobe"));

    if (open)
        text_copy(ret->gate, sizeof ret->gate, "open");
    if (tree_is(tree_at(root, "Result")))
        camera_mean(ret, CAMERA_REPLY,
                    "ack + %s; without Result:true the camera resends the same event",
                    open ? "open" : "do not open");
    else
        camera_mean(ret, CAMERA_REPLY, "no ack: the camera resends the same event");
}

static void decode(const struct camera_document *document, struct camera_message *ret)
{
    struct tree root = document->root, picture = tree_at(root, "Picture");
    struct tree bay = tree_at(root, "ParkingInfo"), alarm = tree_at(root, "AlarmInfo");
    struct tree device = tree_at(root, "DeviceInfo");

    camera_texts(root, device_texts, COUNT(device_texts), ret);
    if (tree_has(picture))
        decode_read(document, picture, ret);
    else if (tree_has(tree_at(root, "Plate")))
        decode_read(document, root, ret);
    else if (tree_has(bay) || tree_has(alarm))
        decode_bay(tree_has(bay) ? bay : alarm, ret);
    else if (tree_has(tree_at(root, "ParkingStallsNo")))
        decode_bay(root, ret);
    else if (tree_has(tree_at(root, "Result")))
        decode_reply(root, ret);
    else if (tree_has(tree_at(root, "Active")) || tree_has(device) || *ret->read.device) {
        camera_texts(device, device_texts, COUNT(device_texts), ret);
        ret->kind = CAMERA_HEARTBEAT;
    } else
        camera_ignore(ret, "no message of ITSAPI: neither Picture, Active nor DeviceID");
}

/* {"Result":true,"DeviceID":…,"PlateNumber":…,"AllowUser":true,"OpenStrobe":true} */
static const char *answer_json(const struct camera_answer *answer, struct text *out)
{
    text_add(out, "{\"Result\":true");
    if (*answer->device)
        text_json_pair(out, "DeviceID", answer->device);
    if (answer->kind == CAMERA_READ) {
        text_json_pair(out, "PlateNumber", answer->plate);
        text_json_bool(out, "AllowUser", answer->open);
        text_json_bool(out, "OpenStrobe", answer->open);
    }
    text_add(out, "}");
    return "application/json";
}

/* KeepAlive is sent each 30 s as delivered. */
const struct camera_family dahua_family = {
    .name = "dahua",
    .decode = decode,
    .answer = answer_json,
    .answer_opens = true,
    .silence_ms = 90000,
};
