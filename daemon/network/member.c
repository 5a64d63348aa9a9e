/* One sensor's messages. Pure. See member.h. */
#include "daemon/network/member.h"

/* FNV-1a: equal names give equal digests; another name with the same one is no danger worth more.
 */
static uint64_t digest(const char *text)
{
    uint64_t sum = UINT64_C(0xcbf29ce484222325);

    for (; *text; text++)
        sum = (sum ^ (uint8_t)*text) * UINT64_C(0x100000001b3);
    return sum;
}

static int32_t minutes_ms(int32_t minutes)
{
    return report_has(minutes) ? minutes * 60000 : -1;
}

/* A distance becomes a state by the bay's own threshold; one that was not measured is a fault. */
static void judge_distance(struct member *member, struct report *report)
{
    const struct network_sensor *settings = member->settings;

    if (!settings->driver->raw_distance || !report_has(report->distance_mm) || report->fault)
        return;
    member->occupied = sensor_near(report->distance_mm, settings->threshold_mm,
                                   settings->hysteresis_mm, member->occupied);
    report_state(report, member->occupied);
}

/* A frame that reports an error of its sensor says nothing of the bay. */
static bool tells_state(const struct report *report)
{
    return report->event != EVENT_SENSOR_ERROR && !(report->fault && report->states == 0);
}

enum refusal member_hear(struct member *member, const struct envelope *envelope, bool retained,
                         utc_ms now, struct member_heard *ret)
{
    struct sensor_frame frame = {.bytes = envelope->payload,
                                 .size = envelope->payload_size,
                                 .port = envelope->port,
                                 .revision = member->settings->revision,
                                 .object = envelope->object,
                                 .map = member->settings->map};
    struct report *report = &ret->report;
    enum refusal refused = drivers_decode(member->settings->driver, &frame, report);

    if (refused) {
        health_refused(&member->health, refused);
        return refused;
    }
    judge_distance(member, report);
    ret->at = envelope->timed ? envelope->at : now;
    if (!envelope->timed && report->platform_ms)
        ret->at.ms = report->platform_ms;
    const struct sensor_message message = {
        .session = digest(envelope->session),
        .counter = envelope->counter,
        .at = ret->at,
        .startup = report->event == EVENT_STARTUP,
        .change = report->event == EVENT_STATUS_CHANGE || report->event == EVENT_USER_TAG,
        .retained = retained,
        .occupied = report->occupied,
        .states = tells_state(report) ? report->states : 0,
        .previous_ms = minutes_ms(report->previous_minutes),
        .previous_error_ms = minutes_ms(report->previous_error_minutes),
    };
    sensor_hear(&member->order, &message, &ret->outcome);
    health_heard(&member->health, report, envelope, &ret->outcome);
    return REFUSED_NOT;
}

void member_init(struct member *member, const struct network_sensor *settings)
{
    *member = (struct member){.settings = settings};
    sensor_init(&member->order);
    health_init(&member->health);
}

static bool is_night(const struct network_settings *network, const struct civil_zone *zone,
                     int64_t utc)
{
    int32_t second = civil_second_of_day(civil_local_s(zone, utc / 1000));
    bool after = second >= network->night_from_s, before = second < network->night_to_s;

    if (network->night_from_s < network->night_to_s)
        return after && before;
    return network->night_from_s > network->night_to_s && (after || before);
}

int64_t member_limit_ms(const struct member *member, const struct network_settings *network,
                        const struct civil_zone *zone, utc_ms now)
{
    int64_t day_ms = member->settings->silence_ms, night_ms = member->settings->night_silence_ms;

    if (!night_ms || night_ms <= day_ms)
        return day_ms;
    bool night = is_night(network, zone, now.ms) || is_night(network, zone, now.ms - day_ms);
    return night ? night_ms : day_ms;
}

struct now member_moment(struct now now, utc_ms at)
{
    int64_t age_ms = now.utc.ms > at.ms ? now.utc.ms - at.ms : 0;

    return (struct now){{now.mono.ms - age_ms}, {now.utc.ms - age_ms}};
}
