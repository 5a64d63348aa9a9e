/*
 * See radio_down.h. The library's thread writes what came for a sensor and then its `state`; the
 * simulator's thread takes over from there, so each has its turn.
 */
#include "tests/parksim/radio_down.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/parksim/sim.h"

enum { ID = 48, EVENT = 512 };
enum state { IDLE, WAITING, ON_AIR };

struct device {
    atomic_int state;
    char id[ID];
};

struct radio_down {
    bool tts;
    enum radio_answer answer;
    uint32_t sensors;
    struct device *devices;
};

/* The names of the same events at the two servers. */
struct event {
    const char *tts, *tts_member, *chirpstack, *more;
};

static const struct event queued = {"down/queued", "downlink_queued", NULL, ""};
static const struct event sent = {"down/sent", "downlink_sent", "txack", ""};
static const struct event ack = {"down/ack", "downlink_ack", "ack", ",\"acknowledged\":true"};
static const struct event nack = {"down/nack", "downlink_nack", "ack", ",\"acknowledged\":false"};

static void tell(const struct radio_down *down, struct mosquitto *mosquitto, uint32_t n,
                 const struct event *event)
{
    char topic[RADIO_TOPIC], message[EVENT], eui[17], at[SIM_TIME_SIZE];
    const char *id = down->devices[n].id;

    radio_eui(n, eui);
    sim_utc_text(sim_utc_ms(), at);
    if (down->tts) {
        snprintf(topic, sizeof topic, "v3/parking@demo/devices/bay-%u/%s", n + 1, event->tts);
        snprintf(message, sizeof message,
                 "{\"end_device_ids\":{\"device_id\":\"bay-%u\",\"dev_eui\":\"%s\"},"
                 "\"correlation_ids\":[\"as:downlink:1\",\"parkd:%s\"],\"received_at\":\"%s\","
                 "\"%s\":{}}",
                 n + 1, eui, id, at, event->tts_member);
    } else if (event->chirpstack) {
        snprintf(topic, sizeof topic, "application/demo/device/%s/event/%s", eui,
                 event->chirpstack);
        snprintf(message, sizeof message,
                 "{\"time\":\"%s\",\"deviceInfo\":{\"devEui\":\"%s\"},\"queueItemId\":\"%s\"%s}",
                 at, eui, id, event->more);
    } else {
        return; /* ChirpStack does not tell of its queue */
    }
    mosquitto_publish(mosquitto, NULL, topic, (int)strlen(message), message, 1, false);
}

/* Which sensor a topic is of; `sensors` where it is of none. */
static uint32_t sensor_of(const struct radio_down *down, const char *topic)
{
    unsigned n = 0;

    if (down->tts ? sscanf(topic, "v3/%*[^/]/devices/bay-%u/down/", &n) != 1
                  : sscanf(topic, "application/%*[^/]/device/70b3d57ed%7x/command", &n) != 1)
        return down->sensors;
    return n >= 1 && n <= down->sensors ? n - 1 : down->sensors;
}

void radio_down_take(struct radio_down *down, struct mosquitto *mosquitto,
                     const struct mosquitto_message *message)
{
    uint32_t n = sensor_of(down, message->topic);
    char body[EVENT];
    const char *id;

    if (n == down->sensors || message->payloadlen <= 0 || message->payloadlen >= EVENT)
        return;
    memcpy(body, message->payload, (size_t)message->payloadlen);
    body[message->payloadlen] = '\0';
    printf("down %s %s\n", message->topic, body);
    fflush(stdout);
    id = strstr(body, down->tts ? "\"parkd:" : "\"id\":\"");
    snprintf(down->devices[n].id, ID, "%.36s", id ? id + (down->tts ? 7 : 6) : "");
    atomic_store(&down->devices[n].state, WAITING);
    tell(down, mosquitto, n, &queued);
}

bool radio_down_spoken(struct radio_down *down, struct mosquitto *mosquitto, uint32_t n)
{
    struct device *device = &down->devices[n];
    int state = atomic_load(&device->state);

    if (state == IDLE)
        return false;
    if (state == WAITING) {
        atomic_store(&device->state, ON_AIR);
        tell(down, mosquitto, n, &sent);
        return false;
    }
    atomic_store(&device->state, IDLE);
    if (down->answer == RADIO_NEVER)
        return false;
    tell(down, mosquitto, n, down->answer == RADIO_NACK ? &nack : &ack);
    return down->answer != RADIO_NACK;
}

struct radio_down *radio_down_create(bool tts, enum radio_answer answer, uint32_t sensors)
{
    struct radio_down *down = sim_alloc(1, sizeof *down);

    *down = (struct radio_down){tts, answer, sensors, sim_alloc(sensors, sizeof(struct device))};
    return down;
}

void radio_down_listen(const struct radio_down *down, struct mosquitto *mosquitto)
{
    if (down->tts) {
        mosquitto_subscribe(mosquitto, NULL, "v3/+/devices/+/down/push", 1);
        mosquitto_subscribe(mosquitto, NULL, "v3/+/devices/+/down/replace", 1);
    } else {
        mosquitto_subscribe(mosquitto, NULL, "application/+/device/+/command/down", 1);
    }
}

void radio_down_destroy(struct radio_down *down)
{
    free(down->devices);
    free(down);
}
