/* What a network's messages mean, from the broker to readings. See network_inside.h. */
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/network/neighbours.h"
#include "daemon/network/network_inside.h"
#include "sensors/network/parts.h"

/* ---- who speaks ---- */

int network_compare_address(const void *a, const void *b)
{
    const struct member *const *left = a, *const *right = b;

    return strcmp((*left)->settings->address, (*right)->settings->address);
}

static struct member *find_member(const struct network *network, const char *address)
{
    const struct network_sensor key_settings = {.address = address};
    const struct member key = {.settings = &key_settings};
    const struct member *key_pointer = &key;
    struct member **found =
        bsearch(&key_pointer, network->by_address, network->settings->sensors_count,
                sizeof *network->by_address, network_compare_address);

    return found ? *found : NULL;
}

static void note_stranger(struct network *network, const struct envelope *envelope,
                          const char *address)
{
    if (strangers_note(network->strangers, envelope, address, clock_utc()))
        log_info("network \"%s\": sensor \"%s\" is not configured; see parkctl probe",
                 network->settings->id, address);
}

/* ---- what it says ---- */

static void tell(struct network *network, struct member *member,
                 const struct sensor_outcome *outcome, struct now now)
{
    for (uint32_t i = 0; i < outcome->steps_count; i++) {
        const struct reading reading = {.bay = member->settings->bay,
                                        .sensed = outcome->steps[i].sensed,
                                        .inferred = outcome->steps[i].inferred};
        neighbours_note(network->by_bay, network->plan, member, &outcome->steps[i]);
        network->hooks.reading(network->hooks.arg, &reading,
                               member_moment(now, outcome->steps[i].at));
    }
    if (outcome->amends) {
        const struct record record = {
            .kind = RECORD_BAY_AMENDED,
            .at = outcome->from,
            .bay_amended = {.bay = member->settings->bay,
                            .state = outcome->amended == SENSED_OCCUPIED ? BAY_OCCUPIED : BAY_FREE,
                            .until = outcome->until}};
        network->hooks.amended(network->hooks.arg, &record);
    }
}

static void tell_count(struct network *network, struct member *member,
                       const struct member_heard *heard, struct now now)
{
    const struct counter_report report = {.count = (uint32_t)heard->report.count,
                                          .reset = heard->report.count_reset,
                                          .missed = heard->outcome.missed > 0,
                                          .at = member_moment(now, heard->at)};

    if (report_has(heard->report.count))
        network->hooks.counted(network->hooks.arg, member->settings->device, &report);
}

void network_set_state(struct network *network, struct member *member, enum device_state state,
                       const char *reason)
{
    if (member->state == state)
        return;
    member->state = state;
    network->hooks.device(network->hooks.arg, member->settings->device, state, reason);
    network_note_ask(network, member);
}

static void hear(struct network *network, struct member *member, const struct envelope *envelope,
                 bool retained)
{
    struct now now = clock_now();
    struct member_heard heard;

    if (member_hear(member, envelope, retained, now.utc, &heard))
        return; /* refused, and counted */
    if (member->settings->bay != PLAN_NONE)
        tell(network, member, &heard.outcome, now);
    else if (heard.outcome.verdict == SENSOR_NEWS)
        tell_count(network, member, &heard, now);
    if (heard.outcome.verdict == SENSOR_NEWS && !retained) {
        member->heard = member_moment(now, heard.at).mono;
        network_set_state(network, member, DEVICE_ONLINE, "heard");
        network_heard_asks(network, member, &heard.report);
    }
}

/* What the server tells of the device beside its frames. */
static void hear_event(struct network *network, struct member *member,
                       const struct envelope *envelope)
{
    if (envelope->kind == ENVELOPE_JOINED)
        health_joined(&member->health, envelope->timed ? envelope->at : clock_utc());
    else if (envelope->kind == ENVELOPE_TROUBLE)
        health_complaint(&member->health, envelope->trouble);
    network_tell_asks(network, member, envelope);
}

/* ---- the message ---- */

/* A platform's own JSON: the sensor is named inside, where its map says. */
static struct member *find_by_identity(struct network *network, const struct json *body,
                                       char address[ENVELOPE_TEXT])
{
    struct member *found = NULL;

    address[0] = '\0';
    for (uint32_t i = 0; i < network->settings->sensors_count && !found; i++) {
        const struct json_map *map = network->settings->sensors[i].map;
        const char *id = map ? json_text(json_path_find(body, map->identity), NULL) : NULL;
        if (!id || strlen(id) >= ENVELOPE_TEXT)
            continue;
        text_copy(address, ENVELOPE_TEXT, id);
        found = find_member(network, id);
    }
    return found;
}

static enum refusal read_plain(struct network *network, const struct json *body, bool retained)
{
    struct envelope envelope = {.port = -1,
                                .counter = -1,
                                .object = body,
                                .rssi_dbm = REPORT_NONE,
                                .snr_centi = REPORT_NONE,
                                .battery_percent = REPORT_NONE};
    char address[ENVELOPE_TEXT];
    struct member *member = find_by_identity(network, body, address);

    if (member)
        hear(network, member, &envelope, retained);
    else if (address[0])
        note_stranger(network, &envelope, address);
    return member || address[0] ? REFUSED_NOT : REFUSED_KIND;
}

static enum refusal read_envelope(struct network *network, const char *topic,
                                  const struct json *body, bool retained)
{
    struct envelope envelope;
    enum refusal refused = network->settings->format->read(topic, body, &envelope);

    if (refused)
        return refused;
    const char *address = envelope.dev_eui[0] ? envelope.dev_eui : envelope.device_id;
    struct member *member = find_member(network, address);
    if (member && envelope.kind == ENVELOPE_UPLINK) {
        parts_head(topic, ENVELOPE_DEVICE_PARTS, member->place, sizeof member->place);
        hear(network, member, &envelope, retained);
    } else if (member && !retained)
        hear_event(network, member, &envelope);
    else if (envelope.kind == ENVELOPE_UPLINK)
        note_stranger(network, &envelope, address);
    return REFUSED_NOT;
}

void network_received(void *arg, const struct mqtt_message *message)
{
    struct network *network = arg;
    struct err err = {.text = ""};
    enum refusal refused = REFUSED_KIND;
    struct json *body = json_read(message->bytes, message->size, ENVELOPE_JSON_MAX, &err);

    network->holds = true;
    network->messages++;
    if (body)
        refused = network->settings->format
                      ? read_envelope(network, message->topic, body, message->retained)
                      : read_plain(network, body, message->retained);
    json_release(body);
    if (!refused)
        return;
    network->refused++;
    if (log_allow(&network->lines, clock_mono(), NETWORK_LINES_A_MINUTE))
        log_warning("network \"%s\": a message on \"%s\" is refused: %s; is its type right?",
                    network->settings->id, message->topic,
                    err.text[0] ? err.text : refusal_name(refused));
}
