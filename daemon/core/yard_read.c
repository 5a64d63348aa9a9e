/*
 * Cameras: which reads are new, which of them are fresh, and what an old one tells.
 *
 *  R1 A read whose digest was taken in already makes nothing.
 *  R2 Each other read is a record, dated by the camera where its clock can be believed.
 *  R3 A read that the camera stored, or that is later than its clock explains, makes history: with
 *     `opened_by` it is a passage that happened without us. It never opens (rule 7).
 *  R4 A fresh one goes to the lane; below the lane's confidence, or when it cannot be a plate, the
 *     vehicle counts as not identified.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/core/civil.h"
#include "daemon/core/yard_inside.h"

/* A clock that nothing is known of may be wrong by this much; a learnt one only by the road from
 * the camera. Reads that agree within `AGREE_MS` teach it. */
enum { UNKNOWN_LAG_MS = 120000, LATE_MS = 20000, AGREE_MS = 5000, VOTES = 3 };

static const enum vehicle_class classes[PLATE_CLASSES] = {
    [PLATE_CLASS_LARGE] = VEHICLE_LARGE,
    [PLATE_CLASS_POLICE] = VEHICLE_POLICE,
    [PLATE_CLASS_ARMED_POLICE] = VEHICLE_MILITARY,
    [PLATE_CLASS_MILITARY] = VEHICLE_MILITARY,
    [PLATE_CLASS_NEW_ENERGY] = VEHICLE_NEV,
    [PLATE_CLASS_NEW_ENERGY_LARGE] = VEHICLE_NEV_LARGE,
    [PLATE_CLASS_EMERGENCY] = VEHICLE_RESCUE,
};

static const enum vehicle_class colours[PLATE_COLOURS] = {
    [PLATE_YELLOW] = VEHICLE_LARGE,
    [PLATE_GREEN] = VEHICLE_NEV,
    [PLATE_YELLOW_GREEN] = VEHICLE_NEV_LARGE,
};

static enum vehicle_class class_of(const struct plate_read *read)
{
    enum vehicle_class class = classes[read->class];

    return class == VEHICLE_SMALL ? colours[read->colour] : class;
}

/* "2026-05-13T14:32:15" of the site's zone. */
static bool local_time(const struct site_plan *plan, const char *text, utc_ms *ret)
{
    const struct civil_zone *zone = plan->civil ? plan->civil : &civil_utc;
    char stamp[UTC_TEXT_SIZE];
    utc_ms as_if;

    text_copy(stamp, sizeof stamp - 1, text);
    strcat(stamp, "Z");
    if (!utc_parse(stamp, &as_if))
        return false;
    int64_t local_s = as_if.ms / 1000;
    ret->ms = civil_utc_s(zone, civil_day(local_s), civil_second_of_day(local_s)) * 1000;
    return true;
}

static bool camera_time_of(const struct site_plan *plan, const struct plate_time *time, utc_ms *ret)
{
    if (time->doubtful)
        return false;
    if (time->source == CLOCK_NONE)
        return *time->local && local_time(plan, time->local, ret);
    *ret = time->at;
    return true;
}

/* Learns the camera's clock from reads that come as they are made. */
static bool is_late(struct read_clock *clock, int64_t lag_ms)
{
    bool agrees = llabs(lag_ms - clock->lag_ms) <= AGREE_MS;

    if (clock->votes >= VOTES)
        return lag_ms - clock->lag_ms > LATE_MS;
    clock->votes = agrees ? clock->votes + 1 : 1;
    if (!agrees)
        clock->lag_ms = lag_ms;
    return llabs(lag_ms) > UNKNOWN_LAG_MS && clock->votes < VOTES;
}

static void note_read(struct yard *yard, uint32_t lane, const struct plate_read *read,
                      const char *event, struct record *ret)
{
    struct record_plate_read *to = &ret->plate_read;

    *ret = (struct record){.kind = RECORD_PLATE_READ, .at = yard->now.utc};
    to->lane = lane;
    text_copy(to->device, sizeof to->device, read->device);
    text_copy(to->event, sizeof to->event, event);
    text_copy(to->plate, sizeof to->plate, read->plate);
    to->colour = read->colour;
    to->class = class_of(read);
    to->confidence = (int32_t)read->confidence;
    to->offline = read->offline;
    to->opened_by = read->opened_by;
    if (read->images_count)
        text_copy(to->images, sizeof to->images, read->images[0].name);
}

/* R3: the camera's list, or a server, let it through while we were not asked. */
static void make_history(struct yard *yard, const struct record *read)
{
    struct record_passage passage = {
        .lane = read->plate_read.lane,
        .direction = yard->plan->lanes[read->plate_read.lane].direction,
        .kind = PASSAGE_OFFLINE,
        .evidence = EVIDENCE_CAMERA,
        .cause = CAUSE_CAMERA_LIST,
        .colour = read->plate_read.colour,
        .class = read->plate_read.class,
        .vehicles = 1,
    };

    ident_next(&yard->ident, yard->now.utc, passage.passage);
    text_copy(passage.plate, sizeof passage.plate, read->plate_read.plate);
    yard_passed(yard, passage.lane, &passage, read->at);
}

static bool decides(const struct yard *yard, uint32_t lane, const struct plate_read *read)
{
    double least = yard->plan->lanes[lane].min_confidence;

    return read->plausible && !(read->confidence >= 0 && read->confidence < least);
}

bool yard_read(struct yard *yard, uint32_t lane, const struct plate_read *read, const char *event,
               struct now now)
{
    struct record record;
    struct lane_read fresh = {.colour = read->colour};
    utc_ms camera_at = now.utc; /* until it says otherwise */
    bool told, late = read->offline;

    yard->now = now;
    if (recent_event(yard->recent, event))
        return false;
    told = camera_time_of(yard->plan, &read->time, &camera_at);
    if (!read->offline && told)
        late = is_late(&yard->lanes[lane].clock, now.utc.ms - camera_at.ms);
    note_read(yard, lane, read, event, &record);
    if (late && told)
        record.at = camera_at;
    record.time_uncertain = late && !told;
    record.plate_read.offline = late;
    yard_emit(yard, &record);
    if (late) {
        if (read->opened_by != OPENER_NONE)
            make_history(yard, &record);
        return false;
    }
    if (decides(yard, lane, read))
        text_copy(fresh.plate, sizeof fresh.plate, read->plate);
    fresh.class = record.plate_read.class;
    fresh.confidence = record.plate_read.confidence;
    fresh.turned_back = read->trigger == TRIGGER_TURNED_BACK;
    text_copy(fresh.event, sizeof fresh.event, event);
    lane_read(yard->lanes[lane].lane, &fresh, now);
    return true;
}

void yard_saw(struct yard *yard, uint32_t lane, enum yard_sight sight, const char *plate,
              struct now now)
{
    struct lane_read read = {.confidence = PLATE_UNTOLD,
                             .passed = sight == SIGHT_PASSED,
                             .turned_back = sight == SIGHT_TURNED_BACK};

    yard->now = now;
    text_copy(read.plate, sizeof read.plate, plate);
    lane_read(yard->lanes[lane].lane, &read, now);
}
