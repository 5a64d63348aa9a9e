/* The health of a radio sensor. Pure. See health.h. */
#include "daemon/network/health.h"

#include <assert.h>
#include <string.h>

enum {
    SMOOTH = 8, /* a new value counts for an eighth */
    LOW_PERCENT = 20,
    CRITICAL_PERCENT = 10,
    MARGIN_MV = 50, /* a level is left only beyond its limit by so much */
    WEAK_DBM = -115,
    WEAK_SNR_CENTI = -1200, /* the slowest data rate needs -20 dB: 8 dB are left */
    RESETS_A_DAY = 3,
    JOINS_A_DAY = 3,
    MISSED_PERCENT = 10,
    MISSED_LEAST = 20,
    TOGETHER_LEAST = 4, /* coincidences more than changes of its own */
    TOGETHER_MOST = 8   /* so that as many changes of its own clear it */
};
static const int64_t day_ms = 86400000;

void health_init(struct sensor_health *health)
{
    *health = (struct sensor_health){
        .battery_mv = REPORT_NONE,
        .temperature_decidegrees = REPORT_NONE,
        .rssi_dbm = {REPORT_NONE, REPORT_NONE},
        .snr_centi = {REPORT_NONE, REPORT_NONE},
    };
}

void health_refused(struct sensor_health *health, enum refusal refused)
{
    assert(refused < REFUSALS);
    health->counts.refused[refused]++;
    health->last_refusal = refused;
}

static void smooth(int32_t *value, int32_t told)
{
    if (!report_has(told))
        return;
    if (!report_has(*value))
        *value = told;
    int32_t step = (told - *value) / SMOOTH;
    if (!step) /* whole numbers: the last few would never be gone */
        step = (told > *value) - (told < *value);
    *value += step;
}

static enum battery_level level_of_percent(int32_t percent)
{
    if (percent > LOW_PERCENT)
        return BATTERY_OK;
    return percent > CRITICAL_PERCENT ? BATTERY_LOW : BATTERY_CRITICAL;
}

/* A level gets worse at once and better only with a margin: a battery recovers between messages. */
static void take_battery(struct sensor_health *health, const struct report *report,
                         const struct envelope *envelope)
{
    enum battery_level told = report->battery;
    int32_t percent =
        report_has(report->battery_percent) ? report->battery_percent : envelope->battery_percent;

    if (told == BATTERY_UNKNOWN && report_has(percent))
        told = level_of_percent(percent);
    bool risen = report_has(report->battery_mv) && report_has(health->battery_mv) &&
                 report->battery_mv < health->battery_mv + MARGIN_MV;
    if (told != BATTERY_UNKNOWN && (told >= health->battery || !risen))
        health->battery = told;
    if (report_has(report->battery_mv) && (told >= health->battery || !risen))
        health->battery_mv = report->battery_mv;
    if (report_has(report->temperature_decidegrees))
        health->temperature_decidegrees = report->temperature_decidegrees;
}

/* One more of what is counted by the day. */
static void count_today(uint32_t *count, int64_t *day, utc_ms at)
{
    *count = at.ms / day_ms == *day ? *count + 1 : 1;
    *day = at.ms / day_ms;
}

static void take_reset(struct sensor_health *health, const struct report *report, utc_ms at)
{
    count_today(&health->resets_today, &health->resets_day, at);
    health->reset_cause = report->reset_cause;
    health->counts.resets++;
}

void health_heard(struct sensor_health *health, const struct report *report,
                  const struct envelope *envelope, const struct sensor_outcome *outcome)
{
    health->counts.heard++;
    health->counts.echoes += outcome->verdict == SENSOR_ECHO;
    health->counts.late += outcome->verdict == SENSOR_LATE;
    if (outcome->verdict != SENSOR_NEWS)
        return;
    health->counts.missed += (uint64_t)outcome->missed;
    health->counts.epochs += outcome->new_epoch;
    health->gateways = envelope->gateways;
    health->complaint = NULL;
    health->fault = report->fault;
    health->tilted = report->tilted;
    if (report->states) {
        bool occupied = report->occupied[report->states - 1];
        smooth(&health->rssi_dbm[occupied], envelope->rssi_dbm);
        smooth(&health->snr_centi[occupied], envelope->snr_centi);
    }
    if (report->event == EVENT_STARTUP)
        take_reset(health, report, envelope->at);
    take_battery(health, report, envelope);
}

void health_joined(struct sensor_health *health, utc_ms at)
{
    count_today(&health->joined_today, &health->joined_day, at);
}

void health_complaint(struct sensor_health *health, const char *code)
{
    /* ChirpStack v4's LogCode in integration.proto, and what v3 calls the same. */
    static const struct {
        const char *code, *words;
    } complaints[] = {
        {"UPLINK_F_CNT_RESET", "the server refuses its frames, their counter fell back; let the "
                               "sensor join again, or reset its counter at the server"},
        {"DATA_UP_FCNT_RESET", "the server refuses its frames, their counter fell back; let the "
                               "sensor join again, or reset its counter at the server"},
        {"UPLINK_MIC", "the server refuses its frames, their signature is wrong; check its keys "
                       "at the server"},
        {"DATA_UP_MIC", "the server refuses its frames, their signature is wrong; check its keys "
                        "at the server"},
        {"OTAA", "it cannot join the network; check its keys at the server"},
    };

    for (size_t i = 0; i < sizeof complaints / sizeof *complaints; i++)
        if (!strcmp(complaints[i].code, code))
            health->complaint = complaints[i].words;
}

void health_changed(struct sensor_health *health, bool together)
{
    if (together && health->together < TOGETHER_MOST)
        health->together++;
    else if (!together && health->together > 0)
        health->together--;
}

static bool weak(const struct sensor_health *health)
{
    for (int i = 0; i < 2; i++)
        if ((report_has(health->rssi_dbm[i]) && health->rssi_dbm[i] < WEAK_DBM) ||
            (report_has(health->snr_centi[i]) && health->snr_centi[i] < WEAK_SNR_CENTI))
            return true;
    return false;
}

static void add_battery(const struct sensor_health *health, struct text *out)
{
    text_add(out, "battery %s", battery_level_name(health->battery));
    if (report_has(health->battery_mv))
        text_add(out, ", %d.%02d V", health->battery_mv / 1000, health->battery_mv % 1000 / 10);
    if (report_has(health->temperature_decidegrees))
        text_add(out, " at %d °C", health->temperature_decidegrees / 10);
    text_add(out, health->battery == BATTERY_CRITICAL ? "; replace the sensor or its battery now"
                                                      : "; plan its replacement");
}

enum health_finding health_finding(const struct sensor_health *health)
{
    const struct health_counts *counts = &health->counts;
    uint64_t all = counts->heard + counts->missed;
    uint64_t refused = counts->refused[health->last_refusal];
    const bool found[HEALTH_FINDINGS] = {
        [HEALTH_FAULT] = health->fault != NULL,
        [HEALTH_BATTERY_CRITICAL] = health->battery == BATTERY_CRITICAL,
        [HEALTH_COMPLAINT] = health->complaint != NULL,
        [HEALTH_REFUSED] = health->last_refusal && refused > counts->heard,
        [HEALTH_TILTED] = health->tilted,
        [HEALTH_RESTARTS] = health->resets_today > RESETS_A_DAY,
        [HEALTH_JOINS] = health->joined_today > JOINS_A_DAY,
        [HEALTH_BATTERY_LOW] = health->battery == BATTERY_LOW,
        [HEALTH_MISSED] = all >= MISSED_LEAST && counts->missed * 100 > all * MISSED_PERCENT,
        [HEALTH_MIRRORS] = health->together >= TOGETHER_LEAST,
        [HEALTH_WEAK] = weak(health),
    };

    for (int i = HEALTH_FINE + 1; i < HEALTH_FINDINGS; i++)
        if (found[i])
            return (enum health_finding)i;
    return HEALTH_FINE;
}

const char *health_finding_name(enum health_finding finding)
{
    static const char *const names[HEALTH_FINDINGS] = {
        [HEALTH_FINE] = "",
        [HEALTH_FAULT] = "device_fault",
        [HEALTH_BATTERY_CRITICAL] = "battery_critical",
        [HEALTH_COMPLAINT] = "server_refuses",
        [HEALTH_REFUSED] = "frames_refused",
        [HEALTH_TILTED] = "tilted",
        [HEALTH_RESTARTS] = "restarts",
        [HEALTH_JOINS] = "joins",
        [HEALTH_BATTERY_LOW] = "battery_low",
        [HEALTH_MISSED] = "messages_missing",
        [HEALTH_MIRRORS] = "mirrors_neighbour",
        [HEALTH_WEAK] = "weak_radio",
    };

    assert(finding < HEALTH_FINDINGS);
    return names[finding];
}

void health_words(const struct sensor_health *health, struct text *out)
{
    const struct health_counts *counts = &health->counts;

    switch (health_finding(health)) {
    case HEALTH_FAULT:
        text_add(out, "%s; look at the sensor, replace it if it stays so", health->fault);
        break;
    case HEALTH_BATTERY_CRITICAL:
    case HEALTH_BATTERY_LOW:
        add_battery(health, out);
        break;
    case HEALTH_COMPLAINT:
        text_add(out, "%s", health->complaint);
        break;
    case HEALTH_REFUSED:
        text_add(out, "most frames are refused (%s); check driver and revision",
                 refusal_name(health->last_refusal));
        break;
    case HEALTH_TILTED:
        text_add(out, "tilted; mount it again");
        break;
    case HEALTH_RESTARTS:
        text_add(out, "restarted %u times today (%s); check its battery", health->resets_today,
                 health->reset_cause ? health->reset_cause : "unknown");
        break;
    case HEALTH_JOINS:
        text_add(out, "joined the network %u times today; check its battery and its radio",
                 health->joined_today);
        break;
    case HEALTH_MISSED:
        text_add(out, "%llu of %llu messages are missing; add a gateway or move its antenna",
                 (unsigned long long)counts->missed,
                 (unsigned long long)(counts->heard + counts->missed));
        break;
    case HEALTH_MIRRORS:
        text_add(out, "changes together with the bay next to it; check which car it sees");
        break;
    case HEALTH_WEAK:
        text_add(out, "weak radio (%u gateways); add a gateway or move its antenna",
                 health->gateways);
        break;
    case HEALTH_FINE:
    case HEALTH_FINDINGS:
        break;
    }
}
