/* One vehicle as one camera saw it: its words, key and time. Pure. See plate_read.h. */
#include "daemon/core/plate_read.h"

#include <inttypes.h>
#include <stdio.h>

static const char *const classes[PLATE_CLASSES] = {
    [PLATE_CLASS_UNKNOWN] = "unknown",
    [PLATE_CLASS_SMALL] = "small",
    [PLATE_CLASS_LARGE] = "large",
    [PLATE_CLASS_POLICE] = "police",
    [PLATE_CLASS_ARMED_POLICE] = "armed_police",
    [PLATE_CLASS_MILITARY] = "military",
    [PLATE_CLASS_EMBASSY] = "embassy",
    [PLATE_CLASS_HONG_KONG] = "hong_kong",
    [PLATE_CLASS_MACAU] = "macau",
    [PLATE_CLASS_FARM] = "farm",
    [PLATE_CLASS_LEARNER] = "learner",
    [PLATE_CLASS_NEW_ENERGY] = "new_energy",
    [PLATE_CLASS_NEW_ENERGY_LARGE] = "new_energy_large",
    [PLATE_CLASS_EMERGENCY] = "emergency",
    [PLATE_CLASS_AIRPORT] = "airport",
    [PLATE_CLASS_FAKE] = "fake",
    [PLATE_CLASS_NO_PLATE] = "no_plate",
};

static const char *const triggers[TRIGGERS] = {
    [TRIGGER_UNKNOWN] = "unknown",
    [TRIGGER_AUTO] = "auto",
    [TRIGGER_IO] = "io",
    [TRIGGER_SOFTWARE] = "software",
    [TRIGGER_VIRTUAL_LOOP] = "virtual_loop",
    [TRIGGER_VEHICLE_STAYS] = "vehicle_stays",
    [TRIGGER_STAY_CLEARED] = "stay_cleared",
    [TRIGGER_TURNED_BACK] = "turned_back",
};

static const char *const directions[DIRECTIONS] = {
    [DIRECTION_UNKNOWN] = "unknown",
    [DIRECTION_FORWARD] = "forward",
    [DIRECTION_REVERSE] = "reverse",
    [DIRECTION_OBVERSE] = "obverse",
    [DIRECTION_APPROACH] = "approach",
    [DIRECTION_LEAVE] = "leave",
    [DIRECTION_LEFT] = "left",
    [DIRECTION_RIGHT] = "right",
    [DIRECTION_UP] = "up",
    [DIRECTION_DOWN] = "down",
    [DIRECTION_ENTRY] = "entry",
    [DIRECTION_EXIT] = "exit",
};

static const char *const openers[OPENERS] = {
    [OPENER_SERVER] = "server",
    [OPENER_OFFLINE_WHITELIST] = "offline_whitelist",
    [OPENER_CAMERA_WHITELIST] = "camera_whitelist",
    [OPENER_CAMERA] = "camera",
};

static const char *const lists[LISTS] = {
    [LIST_TEMPORARY] = "temporary", [LIST_ALLOWED] = "allowed", [LIST_BLOCKED] = "blocked"};

static const char *const clocks[CLOCKS] = {[CLOCK_READ] = "read", [CLOCK_MESSAGE] = "message"};

struct plate_read plate_read_empty(void)
{
    return (struct plate_read){.confidence = PLATE_UNTOLD, .heading_degrees = PLATE_UNTOLD};
}

bool plate_read_key(const struct plate_read *read, char ret[PLATE_KEY])
{
    struct text key;

    text_init(&key, ret, PLATE_KEY);
    if (*read->event_id)
        text_add(&key, "%s/%s", read->device, read->event_id);
    else if (read->time.source != CLOCK_NONE)
        text_add(&key, "%s/%" PRId64 ".%03d/%s", read->device, read->time.at.ms,
                 read->time.extra_us, read->plate);
    return key.used > 0;
}

void plate_time_text(const struct plate_time *time, struct text *out)
{
    enum { SECONDS = 19 };
    char text[UTC_TEXT_SIZE], fraction[8];

    utc_text(time->at, text);
    text_append(out, text, SECONDS);
    snprintf(fraction, sizeof fraction, ".%.3s%03d", text + SECONDS + 1, time->extra_us % 1000);
    if (time->digits)
        text_append(out, fraction, time->digits < 6 ? time->digits + 1u : 7u);
    text_add(out, "Z");
}

const char *plate_class_name(enum plate_class class)
{
    return classes[class];
}

const char *plate_trigger_name(enum plate_trigger trigger)
{
    return triggers[trigger];
}

const char *plate_direction_name(enum plate_direction direction)
{
    return directions[direction];
}

const char *plate_opener_name(enum plate_opener opener)
{
    return openers[opener];
}

const char *plate_list_name(enum plate_list list)
{
    return lists[list];
}

const char *plate_clock_name(enum plate_clock source)
{
    return clocks[source];
}
