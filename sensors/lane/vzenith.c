/*
 * Vzenith, Alphadigi, Qianyi and others of the AlarmInfoPlate family, pushed by HTTP: plates,
 * contacts, bytes of the serial line as JSON; heartbeats as a form that carries the camera's
 * password in clear, which is not read.
 *
 *   {"AlarmInfoPlate":{"serialno":"fe71e106-57263272","ipaddr":"192.168.55.131","result":{
 *     "PlateResult":{"license":"粤Z9065澳","colorType":4,"type":14,"confidence":96,"plateid":21085,
 *     "isoffline":0,"triggerType":4,"gioouts":[{"ionum":"0","ctrltype":0}],
 *     "timeStamp":{"Timeval":{"sec":1686299994,"usec":687772,"decyear":2023,…}}}}}}
 *
 * Fields as the maker's HTTP push protocol names them. usec is microseconds, though the text says
 * milliseconds: its own picture names prove it. sec is trusted; when the written-out date (dec…, in
 * the camera's zone) differs by more than a zone can, the time is marked doubtful. Pure.
 */
#include "sensors/lane/vzenith.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "daemon/base/charset.h"
#include "sensors/network/parts.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const enum plate_colour colours[] = {PLATE_COLOUR_UNKNOWN, PLATE_BLUE,  PLATE_YELLOW,
                                            PLATE_WHITE,          PLATE_BLACK, PLATE_GREEN,
                                            PLATE_YELLOW_GREEN};

/* Only the numbers that the protocol's texts explain. */
static const enum plate_class classes[] = {
    [1] = PLATE_CLASS_SMALL,         [3] = PLATE_CLASS_LARGE,
    [4] = PLATE_CLASS_LARGE,         [5] = PLATE_CLASS_POLICE,
    [6] = PLATE_CLASS_ARMED_POLICE,  [8] = PLATE_CLASS_MILITARY,
    [9] = PLATE_CLASS_MILITARY,      [10] = PLATE_CLASS_EMBASSY,
    [11] = PLATE_CLASS_HONG_KONG,    [12] = PLATE_CLASS_FARM,
    [13] = PLATE_CLASS_LEARNER,      [14] = PLATE_CLASS_MACAU,
    [15] = PLATE_CLASS_ARMED_POLICE, [16] = PLATE_CLASS_ARMED_POLICE,
    [17] = PLATE_CLASS_ARMED_POLICE, [18] = PLATE_CLASS_AIRPORT,
    [19] = PLATE_CLASS_NEW_ENERGY,   [20] = PLATE_CLASS_NEW_ENERGY_LARGE,
    [21] = PLATE_CLASS_EMERGENCY,    [25] = PLATE_CLASS_AIRPORT,
    [29] = PLATE_CLASS_FAKE,         [31] = PLATE_CLASS_NO_PLATE,
};

/* A vehicle that stays, goes on or turns back makes another message of the same plate. */
static const struct {
    int64_t number;
    enum plate_trigger trigger;
    enum lane_event event;
} triggers[] = {
    {1, TRIGGER_AUTO, LANE_EVENT_OTHER},
    {2, TRIGGER_IO, LANE_EVENT_OTHER},
    {4, TRIGGER_SOFTWARE, LANE_EVENT_OTHER},
    {8, TRIGGER_VIRTUAL_LOOP, LANE_EVENT_OTHER},
    {64, TRIGGER_VEHICLE_STAYS, LANE_EVENT_VEHICLE_STAYS},
    {65, TRIGGER_STAY_CLEARED, LANE_EVENT_STAY_CLEARED},
    {66, TRIGGER_TURNED_BACK, LANE_EVENT_TURNED_BACK},
};

/* note.szymzh.com, upload of plates: of the movement in the picture. */
static const enum plate_direction directions[] = {DIRECTION_UNKNOWN, DIRECTION_LEFT,
                                                  DIRECTION_RIGHT, DIRECTION_UP, DIRECTION_DOWN};

static const struct camera_text device_texts[] = {
    CAMERA_TEXT("serialno", read.device),
    CAMERA_TEXT("ipaddr", ip),
};

/* A text of the message; over MQTT out of its base64, where it is that. */
static void take_text(const struct vzenith_message *message, struct tree from, char *ret,
                      size_t size)
{
    uint8_t bytes[PLATE_KEY];
    const char *word = tree_word(from);
    size_t used = 0;

    ret[0] = '\0';
    if (message->base64 && *word && parts_base64(word, bytes, sizeof bytes, &used) && used) {
        char *converted = NULL;
        const char *text = (const char *)bytes;
        bool plain = false;
        /* Bytes from 0x80 on that are no UTF-8 are GBK; control characters are no text: then the
         * word was not base64 at all. */
        if (!charset_is_utf8(text, used))
            text = converted = charset_from_gbk(text, used, &used);
        for (size_t i = 0; text && i < used; i++)
            plain |= (unsigned char)text[i] < ' ' || text[i] == 0x7f;
        if (text && !plain && used < size) {
            memcpy(ret, text, used);
            ret[used] = '\0';
        }
        free(converted);
        if (*ret)
            return;
    }
    text_copy(ret, size, word);
}

static bool take_trigger(struct tree number, struct camera_message *ret)
{
    int64_t told = tree_int(number, 0);

    for (size_t i = 0; i < COUNT(triggers); i++)
        if (triggers[i].number == told) {
            ret->read.trigger = triggers[i].trigger;
            ret->event = triggers[i].event;
        }
    return ret->event != LANE_EVENT_OTHER;
}

/* The written-out date lies within a zone (-12 to +14 hours) of sec, and a quarter of an hour of
 * it but for the seconds between two readings of a clock. */
static bool contradicts(struct tree timeval, int64_t seconds)
{
    enum { QUARTER_S = 900, SLACK_S = 5, WEST_S = -12 * 3600, EAST_S = 14 * 3600 };
    static const char *const names[] = {"decyear", "decmon", "decday",
                                        "dechour", "decmin", "decsec"};
    int part[COUNT(names)];
    char text[80];
    utc_ms local;

    for (size_t i = 0; i < COUNT(names); i++) {
        int64_t told = tree_int(tree_at(timeval, names[i]), -1);
        if (told < 0 || told > 9999)
            return false;
        part[i] = (int)told;
    }
    snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02dZ", part[0], part[1], part[2],
             part[3], part[4], part[5]);
    if (!utc_parse(text, &local))
        return part[0] != 0;
    int64_t ahead = local.ms / 1000 - seconds;
    int64_t off = (ahead - WEST_S) % QUARTER_S;
    return ahead < WEST_S - SLACK_S || ahead > EAST_S + SLACK_S ||
           (off > SLACK_S && off < QUARTER_S - SLACK_S);
}

static void take_time(const struct vzenith_message *message, struct tree plate,
                      struct plate_read *read)
{
    static const char *const paths[] = {"timeStamp.Timeval", "timestamp.timeval", "timeStamp",
                                        NULL};
    struct tree timeval = tree_any(plate, paths);
    int64_t seconds = tree_int(tree_at(timeval, "sec"), 0);
    int64_t micro = tree_int(tree_at(timeval, "usec"), 0);

    if (!camera_seconds(seconds, micro, &read->time) && !camera_seconds(seconds, 0, &read->time)) {
        read->time = message->sent;
        return;
    }
    if (contradicts(timeval, seconds))
        read->time.doubtful = true;
}

/* ctrltype 0: not opened, 1: opened by the server, 2: by the camera's own list while offline. */
static void take_openings(struct tree outputs, struct plate_read *read)
{
    size_t count = tree_size(outputs);

    for (size_t i = 0; i < count; i++) {
        int64_t who = tree_int(tree_at(tree_item(outputs, i), "ctrltype"), 0);
        if (who == 2)
            read->opened_by = OPENER_OFFLINE_WHITELIST;
        else if (who == 1 && read->opened_by == OPENER_NONE)
            read->opened_by = OPENER_SERVER;
    }
}

static void take_colour(const struct vzenith_message *message, struct tree colour,
                        struct plate_read *read)
{
    char name[PLATE_ID];
    int64_t number = tree_int(colour, -1);

    take_text(message, colour, name, sizeof name);
    if (number >= 0 && number < (int64_t)COUNT(colours))
        read->colour = colours[number];
    else
        read->colour = plate_colour_parse(name);
}

/* Numbers without a meaning that we know stay numbers; 255 and 65535 mean "not recognised". */
static void take_vehicle(struct tree plate, struct plate_read *read)
{
    int64_t colour = tree_int(tree_at(plate, "carColor"), 255);
    int64_t brand = tree_int(tree_at(plate, "car_brand.brand"), 255);

    if (colour != 255)
        tree_text(tree_at(plate, "carColor"), read->vehicle_colour, sizeof read->vehicle_colour);
    if (brand != 255 && brand != 65535)
        tree_text(tree_at(plate, "car_brand.brand"), read->vehicle_make, sizeof read->vehicle_make);
}

static void take_pictures(const struct vzenith_message *message, struct tree plate,
                          struct plate_read *read)
{
    static const char *const links[] = {"imagePath", "image_path", "full_image_path", NULL};
    static const char *const names[] = {"imageFile", "imageFragmentFile"};
    char link[PLATE_KEY];

    take_text(message, tree_any(plate, links), link, sizeof link);
    camera_link(link, read);
    for (size_t i = 0; i < COUNT(names); i++) {
        struct tree content = tree_at(plate, names[i]);
        if (*tree_word(content))
            camera_image(message->document, names[i], content, read);
    }
}

static void take_kind(struct tree plate, struct plate_read *read)
{
    static const char *const paths[] = {"type", "plate_type", "plateType", NULL};
    struct tree type = tree_any(plate, paths);
    int64_t number = tree_int(type, -1);

    tree_text(type, read->plate_type, sizeof read->plate_type);
    if (number >= 0 && number < (int64_t)COUNT(classes))
        read->class = classes[number];
    if (tree_is(tree_at(plate, "is_fake_plate")))
        read->class = PLATE_CLASS_FAKE;
}

static void take_plates(const struct vzenith_message *message, struct tree plate)
{
    struct camera_message *ret = message->answer;
    struct tree more = tree_at(plate, "plates");
    size_t count = tree_size(more);
    char text[PLATE_KEY];

    if (ret->read.class == PLATE_CLASS_NO_PLATE)
        return;
    take_text(message, tree_at(plate, "license"), text, sizeof text);
    camera_joined_plates(text, ret);
    for (size_t i = 0; i < count && *ret->read.plate; i++) {
        take_text(message, tree_at(tree_item(more, i), "license"), text, sizeof text);
        camera_add_plate(text, &ret->read);
    }
}

void vzenith_decode_plate(const struct vzenith_message *message, struct tree plate)
{
    static const char *const colour[] = {"colorType", "color_type", "color", NULL};
    static const char *const trigger[] = {"triggerType", "trigger_type", NULL};
    static const char *const id[] = {"plateid", "plate_id", NULL};
    static const char *const offline[] = {"isoffline", "is_offline", NULL};
    struct camera_message *ret = message->answer;
    struct plate_read *read = &ret->read;
    int64_t direction = tree_int(tree_at(plate, "direction"), 0);

    if (!tree_has(plate) || !tree_has(tree_at(plate, "license"))) {
        camera_refuse(ret, "a plate's result has no license");
        return;
    }
    ret->vehicles = 1;
    ret->kind = take_trigger(tree_any(plate, trigger), ret) ? CAMERA_LANE_EVENT : CAMERA_READ;
    tree_text(tree_any(plate, id), read->event_id, sizeof read->event_id);
    read->confidence = camera_confidence(tree_at(plate, "confidence"));
    read->offline = tree_is(tree_any(plate, offline));
    if (direction >= 0 && direction < (int64_t)COUNT(directions))
        read->direction = directions[direction];
    take_colour(message, tree_any(plate, colour), read);
    take_time(message, plate, read);
    take_openings(tree_at(plate, "gioouts"), read);
    take_kind(plate, read);
    take_vehicle(plate, read);
    take_pictures(message, plate, read);
    take_plates(message, plate);
}

/* source 0 … 3 are the contacts 1 … 4, 4 is a trigger over TCP. */
void vzenith_decode_input(struct tree input, struct camera_message *ret)
{
    enum { CONTACTS = 4 };
    static const char *const sources[] = {"source", "io", "gpio", NULL};
    int64_t source = tree_int(tree_any(input, sources), -1);
    int64_t value = tree_int(tree_at(input, "value"), -1);

    if (source < 0 || source > CONTACTS || value < 0 || value > 255) {
        camera_refuse(ret, "an input has a source from 0 to 4 and a value");
        return;
    }
    ret->kind = CAMERA_INPUT;
    ret->input = source == CONTACTS ? 0 : (int32_t)source + 1;
    ret->value = (int32_t)value;
}

static void decode_serial(struct tree serial, struct camera_message *ret)
{
    const char *data = tree_word(tree_at(serial, "data"));
    int64_t channel = tree_int(tree_at(serial, "serialChannel"), 0);
    int64_t told = tree_int(tree_at(serial, "dataLen"), -1);

    if (!parts_base64(data, ret->serial, sizeof ret->serial, &ret->serial_size))
        camera_refuse(ret, "serial data is no base64 or more than %d bytes", CAMERA_SERIAL_MAX);
    else if (told >= 0 && told != (int64_t)ret->serial_size && told != (int64_t)strlen(data))
        camera_refuse(ret, "serial data has %zu bytes where dataLen says %d", ret->serial_size,
                      told > 65535 ? 65535 : (int)told);
    else if (channel < 0 || channel > 255)
        camera_refuse(ret, "there is no serial line of that number");
    else {
        ret->kind = CAMERA_SERIAL;
        ret->channel = (int32_t)channel;
    }
}

bool vzenith_decode_object(const struct vzenith_message *message, struct tree object)
{
    struct camera_message *ret = message->answer;
    struct tree plate = tree_at(object, "AlarmInfoPlate"), input = tree_at(object, "AlarmGioIn");
    struct tree serial = tree_at(object, "SerialData"), shot = tree_at(object, "TriggerImage");
    struct tree reply = tree_at(object, "Response_AlarmInfoPlate");
    struct tree beat = tree_at(object, "heartbeat");
    const struct tree inner[] = {plate, input, serial, shot, beat, object};

    for (size_t i = 0; i < COUNT(inner); i++)
        camera_texts(inner[i], device_texts, COUNT(device_texts), ret);
    if (tree_has(plate))
        vzenith_decode_plate(message, tree_at(plate, "result.PlateResult"));
    else if (tree_has(input))
        vzenith_decode_input(tree_at(input, "result.TriggerResult"), ret);
    else if (tree_has(serial))
        decode_serial(serial, ret);
    else if (tree_has(reply))
        vzenith_decode_reply(reply, ret);
    else if (tree_has(beat))
        ret->kind = CAMERA_HEARTBEAT;
    else if (tree_has(shot))
        camera_ignore(ret, "a snapshot without a read");
    else
        return false;
    return true;
}

/* Heartbeats and registrations. user_name and pass_wd stay where they are. */
static void decode_form(const struct camera_form *form, struct camera_message *ret)
{
    form_field(form, "ipaddr", ret->ip, sizeof ret->ip);
    if (form_field(form, "serialno", ret->read.device, sizeof ret->read.device))
        ret->kind = CAMERA_HEARTBEAT;
    else
        camera_refuse(ret, "a heartbeat has no serialno");
}

static void decode(const struct camera_document *document, struct camera_message *ret)
{
    static const char *const envelopes[] = {"message", "payload", NULL};
    struct tree root = document->root;
    struct vzenith_message message = {.document = document, .answer = ret};

    if (!tree_has(root))
        decode_form(document->form, ret);
    else if (document->topic || tree_has(tree_any(root, envelopes)))
        vzenith_decode_mqtt(&message, root);
    else if (!vzenith_decode_object(&message, root))
        camera_ignore(ret, "no message of this family: neither AlarmInfoPlate nor another");
}

/* Heartbeats come each 5 s or 30 s; public receivers wait for a minute. */
const struct camera_family vzenith_family = {
    .name = "vzenith",
    .decode = decode,
    .answer = vzenith_answer,
    .answer_opens = true,
    .silence_ms = 60000,
};
