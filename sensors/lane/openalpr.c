/*
 * OpenALPR and Rekor Scout: "alpr_group" (one vehicle over several pictures), "alpr_alert" (a group
 * within a message), "alpr_results" (one picture), "vehicle" (no plate), "heartbeat" each minute.
 *
 *   {"data_type":"alpr_group","epoch_start":1448326208789,"camera_id":1414799424,
 *    "uuids":["…"],"best_uuid":"…","best_confidence":92.075203,"best_plate_number":"A13709",
 *    "best_plate":{"plate":"A13709","confidence":92.075203,"region":"mo","candidates":[…]}}
 *
 * Times are milliseconds since 1970; confidences 0 … 100. Source: OpenALPR's documentation. Pure.
 */
#include <strings.h>

#include "sensors/lane/camera.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct camera_text group_texts[] = {
    CAMERA_TEXT("camera_id", read.device),
    CAMERA_TEXT("best_uuid", read.event_id),
    CAMERA_TEXT("uuid", read.event_id),
    CAMERA_TEXT("best_region", read.region),
    CAMERA_TEXT("best_plate.region", read.region),
};

static const struct camera_text heartbeat_texts[] = {
    CAMERA_TEXT("camera_id", read.device),
    CAMERA_TEXT("agent_uid", read.device),
    CAMERA_TEXT("site_id", read.device),
    CAMERA_TEXT("local_ip", ip),
};

static const struct {
    const char *key;
    size_t offset, size;
} vehicle_words[] = {
    {"color", offsetof(struct plate_read, vehicle_colour), PLATE_ID},
    {"make", offsetof(struct plate_read, vehicle_make), PLATE_ID},
    {"body_type", offsetof(struct plate_read, vehicle_type), PLATE_ID},
};

/* {"color":[{"name":"white","confidence":90}, …], …}, the surest first. */
static void take_vehicle(struct tree vehicle, struct plate_read *read)
{
    for (size_t i = 0; i < COUNT(vehicle_words); i++) {
        struct tree best = tree_item(tree_at(vehicle, vehicle_words[i].key), 0);
        tree_text(tree_at(best, "name"), (char *)read + vehicle_words[i].offset,
                  vehicle_words[i].size);
    }
}

static void take_plate(struct tree plate, struct tree confidence, struct camera_message *ret)
{
    struct tree candidates = tree_at(plate, "candidates");
    size_t count = tree_size(candidates);

    for (size_t i = 0; i < count; i++) {
        struct tree one = tree_item(candidates, i);
        camera_candidate(tree_word(tree_at(one, "plate")),
                         tree_decimal(tree_at(one, "confidence"), PLATE_UNTOLD), &ret->read);
    }
    double told = tree_decimal(confidence, PLATE_UNTOLD);
    ret->read.confidence = told >= 0 && told <= 100 ? told : PLATE_UNTOLD;
    camera_plate(tree_word(tree_at(plate, "plate")), ret);
}

static void decode_group(struct tree group, struct camera_message *ret)
{
    static const char *const confidences[] = {"best_confidence", "best_plate.confidence", NULL};
    static const char *const epochs[] = {"epoch_start", "epoch_time", "epoch_end", NULL};
    struct tree plate = tree_at(group, "best_plate");
    int64_t degrees = tree_int(tree_at(group, "travel_direction"), PLATE_UNTOLD);

    ret->kind = CAMERA_READ;
    ret->vehicles = 1;
    camera_texts(group, group_texts, COUNT(group_texts), ret);
    if (!*ret->read.event_id)
        tree_text(tree_item(tree_at(group, "uuids"), 0), ret->read.event_id,
                  sizeof ret->read.event_id);
    camera_epoch(tree_any(group, epochs), &ret->read.time);
    take_vehicle(tree_at(group, "vehicle"), &ret->read);
    if (degrees >= 0 && degrees < 360)
        ret->read.heading_degrees = (int32_t)degrees;
    take_plate(plate, tree_any(group, confidences), ret);
}

/* One picture. Its uuid stands among those of the group that follows. */
static void decode_results(struct tree root, struct camera_message *ret)
{
    struct tree results = tree_at(root, "results"), best = tree_item(results, 0);
    size_t count = tree_size(results);

    if (json_kind(results.json) != JSON_KIND_ARRAY) {
        camera_refuse(ret, "alpr_results has no list of results");
        return;
    }
    if (!count) {
        camera_ignore(ret, "no plate is in the results");
        return;
    }
    for (size_t i = 1; i < count; i++) {
        struct tree one = tree_item(results, i);
        if (tree_decimal(tree_at(one, "confidence"), 0) >
            tree_decimal(tree_at(best, "confidence"), 0))
            best = one;
    }
    ret->kind = CAMERA_READ;
    ret->vehicles = (int32_t)count;
    ret->read.provisional = true;
    camera_texts(root, group_texts, COUNT(group_texts), ret);
    tree_text(tree_at(best, "region"), ret->read.region, sizeof ret->read.region);
    camera_epoch(tree_at(root, "epoch_time"), &ret->read.time);
    take_plate(best, tree_at(best, "confidence"), ret);
}

static void decode(const struct camera_document *document, struct camera_message *ret)
{
    struct tree root = document->root, group = tree_at(root, "group");
    const char *type = tree_word(tree_at(root, "data_type"));

    if (!strcasecmp(type, "heartbeat")) {
        ret->kind = CAMERA_HEARTBEAT;
        camera_texts(root, heartbeat_texts, COUNT(heartbeat_texts), ret);
        camera_epoch(tree_at(root, "timestamp"), &ret->read.time);
    } else if (!strcasecmp(type, "alpr_results")) {
        decode_results(root, ret);
    } else if (!strcasecmp(type, "vehicle")) {
        decode_group(root, ret);
    } else if (tree_has(tree_at(group, "best_plate"))) {
        decode_group(group, ret);
    } else if (tree_has(tree_at(root, "best_plate"))) {
        decode_group(root, ret);
    } else if (!strcasecmp(type, "alpr_group") || !strcasecmp(type, "alpr_alert")) {
        camera_refuse(ret, "%s has no best_plate", type);
    } else if (*type) {
        camera_ignore(ret, "data of type \"%.40s\" says nothing of plates", type);
    } else {
        camera_refuse(ret, "the message has no data_type");
    }
}

/* A heartbeat comes each minute. */
const struct camera_family openalpr_family = {
    .name = "openalpr", .decode = decode, .silence_ms = 180000};
