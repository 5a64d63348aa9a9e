/*
 * Plate readers in software that post JSON: Plate Recognizer Stream, OpenALPR/Rekor, Frigate; and
 * the question "may this vehicle pass" of lane software. Pure.
 *
 * Plate Recognizer: {"hook":{…},"data":{"camera_id","filename","timestamp","results":[{"plate",
 * "score" 0…1,"candidates","region","vehicle","direction"}]}}; beside a picture it comes as the
 * form field "json". Newer versions have {"plate":{"props":{"plate":[{"value","score"}]}}} per
 * vehicle.
 *
 * Frigate: {"type":"lpr","id","name","plate","score" 0…1,"camera","timestamp"} on
 * frigate/tracked_object_update; the same id comes again while the read is refined: the last one
 * holds, for one vehicle.
 *
 * Verify push: {"ParkID","Plate","ChannelName","ChannelNo","IsIn","IoTime","InPicUrl"}.
 */
#include <strings.h>

#include "sensors/lane/camera.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct camera_text stream_texts[] = {
    CAMERA_TEXT("camera_id", read.device),
    CAMERA_TEXT("filename", read.event_id),
};

static const struct camera_text hook_texts[] = {
    CAMERA_TEXT("id", read.device),
    CAMERA_TEXT("filename", read.event_id),
};

static const struct camera_text result_texts[] = {
    CAMERA_TEXT("region.code", read.region),
    CAMERA_TEXT("plate.props.region.value", read.region),
    CAMERA_TEXT("vehicle.type", read.vehicle_type),
};

/* The surest of the vehicles: a lane has room for one. */
static struct tree surest(struct tree results)
{
    struct tree best = tree_item(results, 0);
    size_t count = tree_size(results);

    for (size_t i = 1; i < count; i++) {
        struct tree one = tree_item(results, i);
        if (tree_decimal(tree_at(one, "score"), 0) > tree_decimal(tree_at(best, "score"), 0))
            best = one;
    }
    return best;
}

/* 0 … 1, also as the integers 0 and 1. */
static double score(struct tree value)
{
    double told = tree_decimal(value, PLATE_UNTOLD);

    return told >= 0 && told <= 1 ? told * 100 : PLATE_UNTOLD;
}

static void take_vehicle(struct tree vehicle, struct plate_read *read)
{
    struct tree colour = tree_item(tree_at(vehicle, "color"), 0);
    struct tree make = tree_item(tree_at(vehicle, "model_make"), 0);

    tree_text(tree_at(colour, "color"), read->vehicle_colour, sizeof read->vehicle_colour);
    tree_text(tree_at(make, "make"), read->vehicle_make, sizeof read->vehicle_make);
}

static void take_result(struct tree result, struct camera_message *ret)
{
    struct tree values = tree_at(result, "plate.props.plate");
    struct tree first = tree_has(values) ? tree_item(values, 0) : result;
    struct tree candidates = tree_has(values) ? values : tree_at(result, "candidates");
    struct tree direction = tree_at(result, "direction");
    size_t count = tree_size(candidates);

    for (size_t i = 0; i < count; i++) {
        static const char *const names[] = {"plate", "value", NULL};
        struct tree one = tree_item(candidates, i);
        camera_candidate(tree_word(tree_any(one, names)), score(tree_at(one, "score")), &ret->read);
    }
    camera_texts(result, result_texts, COUNT(result_texts), ret);
    take_vehicle(tree_at(result, "vehicle"), &ret->read);
    ret->read.direction = camera_direction(tree_word(direction));
    int64_t degrees = tree_int(direction, PLATE_UNTOLD);
    if (degrees >= 0 && degrees < 360)
        ret->read.heading_degrees = (int32_t)degrees;
    ret->read.confidence = score(tree_at(first, "score"));
    camera_plate(tree_word(tree_at(first, tree_has(values) ? "value" : "plate")), ret);
}

static void decode_stream(const struct camera_document *document, struct camera_message *ret)
{
    static const char *const times[] = {"timestamp", "timestamp_local", NULL};
    struct tree hook = tree_at(document->root, "hook"), data = tree_at(document->root, "data");
    struct tree from = tree_has(data) ? data : document->root, results = tree_at(from, "results");
    const char *when = tree_word(tree_any(from, times));

    camera_texts(from, stream_texts, COUNT(stream_texts), ret);
    camera_texts(hook, hook_texts, COUNT(hook_texts), ret);
    if (json_kind(results.json) != JSON_KIND_ARRAY) {
        const char *event = tree_word(tree_at(hook, "event"));
        if (*event && strcasecmp(event, "recognition") != 0)
            camera_ignore(ret, "an event \"%.40s\" says nothing of plates", event);
        else
            camera_refuse(ret, "the message has no list of results");
        return;
    }
    if (*when && !camera_time(when, CAMERA_NO_ZONE, &ret->read.time)) {
        camera_refuse(ret, "timestamp \"%.40s\" is no time", when);
        return;
    }
    ret->vehicles = (int32_t)tree_size(results);
    if (!ret->vehicles) {
        camera_ignore(ret, "no vehicle is in the results");
        return;
    }
    ret->kind = CAMERA_READ;
    camera_image(document, ret->read.event_id, (struct tree){0}, &ret->read);
    take_result(surest(results), ret);
}

static const struct camera_text frigate_texts[] = {
    CAMERA_TEXT("camera", read.device),
    CAMERA_TEXT("id", read.event_id),
    CAMERA_TEXT("name", read.known_name),
};

static void decode_frigate(const struct camera_document *document, struct camera_message *ret)
{
    struct tree payload = tree_at(document->root, "payload");
    struct tree from = tree_has(payload) ? payload : document->root;
    const char *type = tree_word(tree_at(from, "type"));

    if (strcasecmp(type, "lpr") != 0) {
        if (*type)
            camera_ignore(ret, "an update \"%.40s\" says nothing of plates", type);
        else
            camera_refuse(ret, "the message has no type");
        return;
    }
    ret->kind = CAMERA_READ;
    ret->vehicles = 1;
    camera_texts(from, frigate_texts, COUNT(frigate_texts), ret);
    camera_epoch(tree_at(from, "timestamp"), &ret->read.time);
    ret->read.confidence = score(tree_at(from, "score"));
    ret->read.provisional = true;
    camera_plate(tree_word(tree_at(from, "plate")), ret);
}

static const struct camera_text verify_texts[] = {
    CAMERA_TEXT("ChannelNo", read.lane),
    CAMERA_TEXT("ChannelName", read.lane),
};

static void decode_verify(const struct camera_document *document, struct camera_message *ret)
{
    struct tree root = document->root, in = tree_at(root, "IsIn");
    const char *when = tree_word(tree_at(root, "IoTime"));

    if (!tree_has(tree_at(root, "Plate")) || !tree_has(in)) {
        camera_ignore(ret, "no question of a lane: Plate and IsIn are not both there");
        return;
    }
    ret->kind = CAMERA_AUTHORISE_REQUEST;
    camera_texts(root, verify_texts, COUNT(verify_texts), ret);
    camera_link(tree_word(tree_at(root, "InPicUrl")), &ret->read);
    ret->read.direction = tree_is(in) ? DIRECTION_ENTRY : DIRECTION_EXIT;
    camera_plate(tree_word(tree_at(root, "Plate")), ret);
    if (*when && !camera_time(when, CAMERA_NO_ZONE, &ret->read.time))
        camera_refuse(ret, "IoTime \"%.40s\" is no time", when);
}

const struct camera_family platerecognizer_family = {.name = "platerecognizer",
                                                     .decode = decode_stream};
const struct camera_family frigate_family = {.name = "frigate", .decode = decode_frigate};
const struct camera_family verify_family = {.name = "verify", .decode = decode_verify};
