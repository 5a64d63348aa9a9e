/* A camera's message as JSON, for people and tests. Pure. See cameras.h and parkd-cameras(7). */
#include <stdio.h>
#include <string.h>

#include "sensors/lane/cameras.h"

static void put_key(struct text *out, const char *key)
{
    text_comma(out);
    text_add(out, "\"%s\":", key);
}

/* null where there is no text. */
static void put_text(struct text *out, const char *key, const char *value)
{
    text_json_pair(out, key, value && *value ? value : NULL);
}

static void put_optional(struct text *out, const char *key, const char *value)
{
    if (value && *value)
        text_json_pair(out, key, value);
}

/* At most six decimals, no zeros at the end. */
static void put_decimal(struct text *out, double value)
{
    char text[40];

    snprintf(text, sizeof text, "%.6f", value);
    size_t size = strlen(text);
    while (text[size - 1] == '0')
        size--;
    text_append(out, text, text[size - 1] == '.' ? size - 1 : size);
}

static void put_confidence(struct text *out, const char *key, double value)
{
    put_key(out, key);
    if (value < 0)
        text_add(out, "null");
    else
        put_decimal(out, value);
}

static void put_time(struct text *out, const struct plate_time *time)
{
    put_key(out, "time");
    if (time->source == CLOCK_NONE) {
        text_add(out, "null");
        put_optional(out, "time_local", time->local);
        return;
    }
    text_add(out, "\"");
    plate_time_text(time, out);
    text_add(out, "\"");
    text_json_pair(out, "time_source", plate_clock_name(time->source));
    text_json_bool(out, "time_doubtful", time->doubtful);
}

static void put_images(struct text *out, const struct plate_read *read)
{
    put_key(out, "images");
    text_add(out, "[");
    for (uint32_t i = 0; i < read->images_count; i++) {
        text_comma(out);
        text_json_string(out, read->images[i].name);
    }
    text_add(out, "]");
    put_key(out, "image_parts");
    text_add(out, "[");
    for (uint32_t i = 0; i < read->images_count; i++) {
        if (!read->images[i].size)
            continue;
        text_comma(out);
        text_add(out, "{");
        text_json_pair(out, "name", read->images[i].name);
        text_json_int(out, "offset", (int64_t)read->images[i].offset);
        text_json_int(out, "size", (int64_t)read->images[i].size);
        text_json_bool(out, "base64", read->images[i].base64);
        text_add(out, "}");
    }
    text_add(out, "]");
}

static void put_candidates(struct text *out, const struct plate_read *read)
{
    uint32_t kept = read->candidates_count;

    text_json_int(out, "candidates", kept);
    if (kept > PLATE_CANDIDATES)
        kept = PLATE_CANDIDATES;
    put_key(out, "candidate_plates");
    text_add(out, "[");
    for (uint32_t i = 0; i < kept; i++) {
        text_comma(out);
        text_add(out, "{");
        put_text(out, "plate", read->candidates[i].plate);
        put_confidence(out, "confidence", read->candidates[i].confidence);
        text_add(out, "}");
    }
    text_add(out, "]");
}

/* A number stays one. */
static void put_plate_type(struct text *out, const char *type)
{
    bool number = *type && strlen(type) < 10 && strspn(type, "0123456789") == strlen(type) &&
                  (*type != '0' || !type[1]);

    if (!number) {
        put_text(out, "plate_type", type);
        return;
    }
    put_key(out, "plate_type");
    text_add(out, "%s", type);
}

static void put_plates(struct text *out, const struct plate_read *read)
{
    put_text(out, "plate", read->plate);
    put_text(out, "plate_raw", read->plate_raw);
    put_key(out, "plates_all");
    text_add(out, "[");
    for (uint32_t i = 0; i < read->plates_count; i++) {
        text_comma(out);
        text_json_string(out, read->plates[i]);
    }
    text_add(out, "]");
    if (*read->plate)
        text_json_bool(out, "format_ok", read->plausible);
}

static void put_vehicle(struct text *out, const struct plate_read *read)
{
    put_text(out, "known_name", read->known_name);
    put_optional(out, "region", read->region);
    put_optional(out, "vehicle_type", read->vehicle_type);
    put_optional(out, "vehicle_colour", read->vehicle_colour);
    put_optional(out, "vehicle_make", read->vehicle_make);
    if (read->heading_degrees != PLATE_UNTOLD)
        text_json_int(out, "heading_degrees", read->heading_degrees);
}

static void put_read(struct text *out, const struct plate_read *read)
{
    char key[PLATE_KEY];

    put_plates(out, read);
    text_json_pair(out, "colour", plate_colour_name(read->colour));
    put_plate_type(out, read->plate_type);
    text_json_pair(out, "class", plate_class_name(read->class));
    put_confidence(out, "confidence", read->confidence);
    put_key(out, "character_confidence");
    text_add(out, "[");
    for (uint32_t i = 0; i < read->character_count; i++) {
        text_comma(out);
        text_add(out, "%d", read->character_confidence[i]);
    }
    text_add(out, "]");
    put_candidates(out, read);
    put_text(out, "event_id", read->event_id);
    put_text(out, "key", plate_read_key(read, key) ? key : NULL);
    text_json_pair(out, "trigger", plate_trigger_name(read->trigger));
    text_json_pair(out, "direction", plate_direction_name(read->direction));
    text_json_bool(out, "offline", read->offline);
    text_json_bool(out, "provisional", read->provisional);
    put_text(out, "gate_already_opened_by", plate_opener_name(read->opened_by));
    put_text(out, "list", plate_list_name(read->list));
    put_vehicle(out, read);
    put_optional(out, "image", read->image_link);
    put_images(out, read);
}

static void put_serial(struct text *out, const struct camera_message *message)
{
    text_json_int(out, "channel", message->channel);
    put_key(out, "bytes_hex");
    text_add(out, "\"");
    for (size_t i = 0; i < message->serial_size; i++)
        text_add(out, "%02x", message->serial[i]);
    text_add(out, "\"");
}

/* What only this kind has. */
static void put_kind(struct text *out, const struct camera_message *message)
{
    switch (message->kind) {
    case CAMERA_LANE_EVENT:
        text_json_pair(out, "event", lane_event_name(message->event));
        put_read(out, &message->read);
        break;
    case CAMERA_READ:
    case CAMERA_AUTHORISE_REQUEST:
        put_read(out, &message->read);
        text_json_int(out, "vehicles", message->vehicles);
        break;
    case CAMERA_INPUT:
        text_json_int(out, "input", message->input);
        text_json_int(out, "value", message->value);
        break;
    case CAMERA_SERIAL:
        put_serial(out, message);
        break;
    case CAMERA_BAY:
        put_text(out, "bay", message->bay);
        put_text(out, "bay_state", message->bay_state);
        put_plates(out, &message->read);
        break;
    case CAMERA_COMMAND:
    case CAMERA_REPLY:
        put_text(out, "means", message->means);
        put_optional(out, "gate", message->gate);
        break;
    default:
        put_optional(out, "reason", message->reason);
    }
}

void camera_json(const struct camera_message *message, struct text *out)
{
    text_add(out, "{");
    text_json_pair(out, "kind", camera_kind_name(message->kind));
    put_text(out, "device", message->read.device);
    put_text(out, "ip", message->ip);
    put_text(out, "lane", message->read.lane);
    put_time(out, &message->read.time);
    put_kind(out, message);
    text_add(out, "}");
}
