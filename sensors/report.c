/* Empty reports and the tables of their words. Pure. See report.h. */
#include "sensors/report.h"

#include <assert.h>

static const char *const refusals[REFUSALS] = {
    [REFUSED_NOT] = "not",     [REFUSED_LENGTH] = "length",
    [REFUSED_KIND] = "kind",   [REFUSED_INTEGRITY] = "integrity",
    [REFUSED_RANGE] = "range",
};

static const char *const events[EVENTS] = {
    [EVENT_MALFORMED] = "malformed",
    [EVENT_UNKNOWN_PORT] = "unknown_port",
    [EVENT_UNKNOWN_FRAME_TYPE] = "unknown_frame_type",
    [EVENT_STATUS_CHANGE] = "status_change",
    [EVENT_HEARTBEAT] = "heartbeat",
    [EVENT_STARTUP] = "startup",
    [EVENT_TELEMETRY] = "telemetry",
    [EVENT_THRESHOLD_ALARM] = "threshold_alarm",
    [EVENT_CONFIG_REPORT] = "config_report",
    [EVENT_CONFIG_UPLINK] = "config_uplink",
    [EVENT_CONFIG_DOWNLINK] = "config_downlink",
    [EVENT_DEVICE_INFO] = "device_info",
    [EVENT_USAGE] = "usage",
    [EVENT_DEBUG] = "debug",
    [EVENT_USER_TAG] = "user_tag",
    [EVENT_DAILY_SUMMARY] = "daily_summary",
    [EVENT_SENSOR_ERROR] = "sensor_error",
    [EVENT_SERVICE] = "service",
    [EVENT_RECALIBRATE_ACK] = "recalibrate_ack",
    [EVENT_REBOOT_ACK] = "reboot_ack",
    [EVENT_DEACTIVATE_ACK] = "deactivate_ack",
    [EVENT_VEHICLE_COUNT] = "vehicle_count",
    [EVENT_COUNT_HEARTBEAT] = "count_heartbeat",
    [EVENT_RTC_SYNC] = "rtc_sync",
    [EVENT_RTC_UPDATE_REQUEST] = "rtc_update_request",
};

static const char *const levels[BATTERY_LEVELS] = {
    [BATTERY_UNKNOWN] = "unknown",
    [BATTERY_OK] = "ok",
    [BATTERY_LOW] = "low",
    [BATTERY_CRITICAL] = "critical",
};

struct report report_of(enum report_event event)
{
    return (struct report){.event = event,
                           .distance_mm = REPORT_NONE,
                           .battery_mv = REPORT_NONE,
                           .battery_percent = REPORT_NONE,
                           .temperature_decidegrees = REPORT_NONE,
                           .previous_minutes = REPORT_NONE,
                           .previous_error_minutes = REPORT_NONE,
                           .count = REPORT_NONE,
                           .arrivals = -1,
                           .frame_counter = REPORT_NONE,
                           .acknowledged = REPORT_NONE,
                           .signal_dbm = REPORT_NONE};
}

void report_state(struct report *report, bool occupied)
{
    if (report->states == REPORT_STATES)
        report->states--;
    report->occupied[report->states++] = occupied;
}

const char *refusal_name(enum refusal refusal)
{
    assert(refusal < REFUSALS);
    return refusals[refusal];
}

const char *report_event_name(enum report_event event)
{
    assert(event < EVENTS);
    return events[event];
}

const char *battery_level_name(enum battery_level level)
{
    assert(level < BATTERY_LEVELS);
    return levels[level];
}
