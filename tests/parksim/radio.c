/*
 * `parksim radio`: bay sensors behind a network server, published at a broker. Every second sensor
 * is an Nwave NPS405, the others are Bosch TPS110; or all are of one make that takes downlinks.
 * Frames are lost, sent twice and come late; the
 * first of each sensor is retained by the broker. At the end every sensor sends one heartbeat that
 * arrives, and the street's last state is printed: one line a sensor, "BAY free|occupied".
 */
#include <mosquitto.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/parksim/commands.h"
#include "tests/parksim/loop.h"
#include "tests/parksim/options.h"
#include "tests/parksim/radio_down.h"
#include "tests/parksim/radio_message.h"
#include "tests/parksim/sim.h"

enum { PENDING = 1024, SENSORS_MAX = 5000, THOUSAND = 1000 };
static const int64_t second_us = 1000000;

/* Tekzitel: flags, degrees, id. */
static void fill_tekzitel(struct radio_uplink *uplink, bool car, bool change)
{
    uplink->port = 1;
    uplink->size = 3;
    uplink->frame[0] = (uint8_t)(0x20 | car << 7 | !change);
    uplink->frame[1] = 25;
}

/* PNI: channel, type, state. */
static void fill_pni(struct radio_uplink *uplink, bool car, bool change)
{
    uplink->port = 2;
    uplink->size = 3;
    uplink->frame[0] = change ? 0x15 : 0x37;
    uplink->frame[1] = 0x66;
    uplink->frame[2] = car;
}

/* Makes that take downlinks. */
static const struct make {
    const char *name, *driver, *config;
    bool answers; /* with a frame of its own */
    void (*fill)(struct radio_uplink *uplink, bool car, bool change);
} makes[] = {
    {"mixed", NULL, "", false, NULL},
    {"tekzitel", "tekzitel/tekzipark", " settings = \"23642a41563b52b0\";", false, fill_tekzitel},
    {"pni", "pni/placepod", " recalibrate = \"2:01\";", true, fill_pni},
};

struct radio_sensor {
    bool car;
    int64_t since_ms;
    uint32_t counter, session;
};

struct late {
    int64_t due_us; /* 0: free */
    struct radio_uplink uplink;
};

struct radio {
    const char *broker, *server, *config, *make, *answer;
    const struct make *of;
    struct radio_down *down;
    int64_t heartbeat_ms, sensors, seed, seconds, lost, twice, late, late_ms;
    double changes;
    radio_write_fn *write;
    struct sim_random random;
    struct radio_sensor *street;
    struct late pending[PENDING];
    struct mosquitto *mosquitto;
    struct loop *loop;
    struct loop_timer turn;
    int64_t begin_us, beat_us, changed;
    uint64_t sent, dropped, doubled, delayed;
    atomic_uint_fast64_t acknowledged; /* on the library's thread */
};

static void publish(struct radio *radio, const struct radio_uplink *uplink)
{
    char topic[RADIO_TOPIC], message[RADIO_MESSAGE];

    radio->write(uplink, topic, message);
    bool first = uplink->counter == 0 && uplink->session == 1;
    if (mosquitto_publish(radio->mosquitto, NULL, topic, (int)strlen(message), message, 1, first))
        sim_fail("radio: the broker takes nothing; is it there?");
    radio->sent++;
}

static void delay(struct radio *radio, const struct radio_uplink *uplink)
{
    uint32_t most_us = (uint32_t)radio->late_ms * 1000 + 1;

    for (int i = 0; i < PENDING; i++)
        if (!radio->pending[i].due_us) {
            radio->pending[i] =
                (struct late){sim_mono_us() + sim_random_below(&radio->random, most_us), *uplink};
            return;
        }
    publish(radio, uplink);
}

static bool falls(struct radio *radio, int64_t of_thousand)
{
    return sim_random_below(&radio->random, THOUSAND) < of_thousand;
}

static void transmit(struct radio *radio, const struct radio_uplink *uplink)
{
    if (falls(radio, radio->lost)) {
        radio->dropped++;
        return;
    }
    if (falls(radio, radio->twice)) {
        radio->doubled++;
        delay(radio, uplink);
    }
    if (falls(radio, radio->late)) {
        radio->delayed++;
        delay(radio, uplink);
    } else {
        publish(radio, uplink);
    }
}

/* PNI's answer to a recalibration: 1 is done. */
static void answer(struct radio *radio, uint32_t n)
{
    bool done = strcmp(radio->answer, "fails") != 0;
    struct radio_uplink uplink = {.sensor = n,
                                  .session = radio->street[n].session,
                                  .counter = radio->street[n].counter++,
                                  .utc_ms = sim_utc_ms(),
                                  .port = 2,
                                  .size = 3,
                                  .frame = {0x01, 0x00, done}};

    publish(radio, &uplink);
}

/* A frame leaves the sensor, which then listens. */
static void speak(struct radio *radio, const struct radio_uplink *uplink)
{
    transmit(radio, uplink);
    if (radio_down_spoken(radio->down, radio->mosquitto, uplink->sensor) && radio->of->answers)
        answer(radio, uplink->sensor);
}

/* Nwave: the state and how many minutes the one before it lasted. Bosch: the state. */
static struct radio_uplink frame_of(struct radio *radio, uint32_t n, bool change, int64_t before_ms)
{
    struct radio_sensor *sensor = &radio->street[n];
    struct radio_uplink uplink = {.sensor = n,
                                  .session = sensor->session,
                                  .counter = sensor->counter++,
                                  .utc_ms = sim_utc_ms(),
                                  .port = change ? 1 : 2,
                                  .size = 1,
                                  .frame = {sensor->car}};
    int64_t minutes = before_ms / 60000;

    if (radio->of->fill) {
        radio->of->fill(&uplink, sensor->car, change);
        return uplink;
    }
    if (n % 2 && change)
        uplink.frame[0] = (uint8_t)((minutes < 89 ? minutes : 89) << 1 | sensor->car);
    if (n % 2 && !change) {
        uplink.frame[1] = 200; /* 3.3 V */
        uplink.frame[2] = 20;  /* 20 °C */
        uplink.size = 3;
    }
    return uplink;
}

static void change(struct radio *radio)
{
    uint32_t n = sim_random_below(&radio->random, (uint32_t)radio->sensors);
    struct radio_sensor *sensor = &radio->street[n];
    int64_t now_ms = sim_utc_ms();

    sensor->car = !sensor->car;
    struct radio_uplink uplink = frame_of(radio, n, true, now_ms - sensor->since_ms);
    sensor->since_ms = now_ms;
    speak(radio, &uplink);
}

static void beat(struct radio *radio)
{
    for (uint32_t n = 0; n < radio->sensors; n++) {
        struct radio_uplink uplink = frame_of(radio, n, false, 0);
        speak(radio, &uplink);
    }
}

static void finish(struct radio *radio)
{
    for (uint32_t n = 0; n < radio->sensors; n++) {
        struct radio_uplink uplink = frame_of(radio, n, false, 0);
        publish(radio, &uplink);
        printf("A-%04u %s\n", n + 1, radio->street[n].car ? "occupied" : "free");
    }
    fprintf(stderr, "radio: %llu sent, %llu lost, %llu twice, %llu late\n",
            (unsigned long long)radio->sent, (unsigned long long)radio->dropped,
            (unsigned long long)radio->doubled, (unsigned long long)radio->delayed);
    loop_stop(radio->loop);
}

static void on_turn(void *arg)
{
    struct radio *radio = arg;
    int64_t now_us = sim_mono_us(), age_us = now_us - radio->begin_us;

    for (; (double)radio->changed < radio->changes * (double)age_us / (double)second_us;
         radio->changed++)
        change(radio);
    if (radio->heartbeat_ms && now_us >= radio->beat_us) {
        radio->beat_us = now_us + radio->heartbeat_ms * 1000;
        beat(radio);
    }
    for (int i = 0; i < PENDING; i++)
        if (radio->pending[i].due_us && radio->pending[i].due_us <= now_us) {
            radio->pending[i].due_us = 0;
            publish(radio, &radio->pending[i].uplink);
        }
    if (age_us >= radio->seconds * second_us)
        finish(radio);
    else
        loop_at(radio->loop, &radio->turn, now_us + 5000);
}

static const char *driver_of(const struct radio *radio, uint32_t n)
{
    if (radio->of->driver)
        return radio->of->driver;
    return n % 2 ? "nwave/nps405" : "bosch/tps110";
}

/* A parkd.conf's networks, and the lot that they sense, to include. */
static void write_config(const struct radio *radio)
{
    FILE *file = fopen(radio->config, "w");
    char eui[17];

    if (!file)
        sim_fail("%s cannot be written", radio->config);
    fprintf(
        file,
        "lots = ( { id = \"A\"; zones = ( { id = \"A1\"; bays = \"A-0001..A-%04lld\"; } ); } );\n"
        "networks = ( { id = \"radio\"; type = \"%s\"; url = \"mqtt://%s\"; sensors = (\n",
        (long long)radio->sensors, radio->server, radio->broker);
    for (uint32_t n = 0; n < radio->sensors; n++)
        fprintf(file,
                "  { id = \"r-%u\"; address = \"%s\"; bay = \"A-%04u\"; driver = \"%s\";%s }%s\n",
                n + 1, radio_eui(n, eui), n + 1, driver_of(radio, n), radio->of->config,
                n + 1 < radio->sensors ? "," : "");
    fputs("); } );\n", file);
    fclose(file);
}

static void on_acknowledged(struct mosquitto *mosquitto, void *arg, int mid)
{
    struct radio *radio = arg;

    (void)mosquitto;
    (void)mid;
    atomic_fetch_add(&radio->acknowledged, 1);
}

static void on_message(struct mosquitto *mosquitto, void *arg,
                       const struct mosquitto_message *message)
{
    struct radio *radio = arg;

    radio_down_take(radio->down, mosquitto, message);
}

static void connect_broker(struct radio *radio)
{
    char host[128];
    const char *colon = strrchr(radio->broker, ':');
    int64_t port = 1883;

    if (colon && !sim_number(colon + 1, 1, 65535, &port))
        sim_fail("--broker \"%s\" is not HOST:PORT", radio->broker);
    snprintf(host, sizeof host, "%.*s", (int)(colon ? colon - radio->broker : 127), radio->broker);
    mosquitto_lib_init();
    radio->mosquitto = mosquitto_new(NULL, true, radio);
    if (radio->mosquitto) {
        mosquitto_max_inflight_messages_set(radio->mosquitto, 0);
        mosquitto_publish_callback_set(radio->mosquitto, on_acknowledged);
        mosquitto_message_callback_set(radio->mosquitto, on_message);
    }
    if (!radio->mosquitto || mosquitto_connect(radio->mosquitto, host, (int)port, 30) ||
        mosquitto_loop_start(radio->mosquitto))
        sim_fail("no broker at %s", radio->broker);
    radio_down_listen(radio->down, radio->mosquitto);
}

static void choose(struct radio *radio)
{
    static const char *const answers[] = {[RADIO_ACK] = "ack",
                                          [RADIO_NACK] = "nack",
                                          [RADIO_NEVER] = "never",
                                          [RADIO_FAILS] = "fails"};
    bool tts = strcmp(radio->server, "tts") == 0;

    for (size_t i = 0; i < sizeof makes / sizeof *makes; i++)
        if (!strcmp(radio->make, makes[i].name))
            radio->of = &makes[i];
    for (int i = RADIO_ACK; i <= RADIO_FAILS; i++)
        if (!strcmp(radio->answer, answers[i]))
            radio->down = radio_down_create(tts, (enum radio_answer)i, (uint32_t)radio->sensors);
    if (!radio->of || !radio->down)
        sim_fail("--make is mixed, tekzitel or pni; --answer is ack, nack, never or fails");
}

static void build(struct radio *radio)
{
    choose(radio);
    radio->write = strcmp(radio->server, "tts") ? radio_write_chirpstack : radio_write_tts;
    radio->random.state = (uint64_t)radio->seed;
    radio->street = sim_alloc((size_t)radio->sensors, sizeof *radio->street);
    for (int64_t n = 0; n < radio->sensors; n++) {
        radio->street[n].session = 1;
        radio->street[n].since_ms = sim_utc_ms();
    }
}

/* The library forgets what it has not sent yet when it is told to disconnect. */
static void await_acknowledgements(struct radio *radio)
{
    int64_t end_us = sim_mono_us() + 30 * second_us;

    while (atomic_load(&radio->acknowledged) < radio->sent) {
        if (sim_mono_us() > end_us)
            sim_fail("radio: the broker does not acknowledge");
        poll(NULL, 0, 10);
    }
}

/* What is published goes out on the library's own thread. */
static void rest(void *arg)
{
    (void)arg;
}

static void run(struct radio *radio)
{
    connect_broker(radio);
    radio->loop = loop_create();
    radio->turn = (struct loop_timer){.fn = on_turn, .arg = radio};
    radio->begin_us = sim_mono_us();
    loop_at(radio->loop, &radio->turn, radio->begin_us);
    loop_run(radio->loop, rest, NULL);
    await_acknowledgements(radio);
    mosquitto_disconnect(radio->mosquitto);
    mosquitto_loop_stop(radio->mosquitto, false);
    mosquitto_destroy(radio->mosquitto);
    loop_destroy(radio->loop);
}

int radio_command(int argc, char **argv)
{
    static struct radio radio = {.broker = "127.0.0.1:1883",
                                 .server = "chirpstack",
                                 .make = "mixed",
                                 .answer = "ack",
                                 .sensors = 100,
                                 .seed = 1,
                                 .seconds = 60,
                                 .changes = 5,
                                 .lost = 50,
                                 .twice = 30,
                                 .late = 30,
                                 .late_ms = 2000};
    const struct option_row rows[] = {
        {"broker", "HOST:PORT", OPTION_TEXT, &radio.broker, 0, 0, "where to publish"},
        {"server", "NAME", OPTION_TEXT, &radio.server, 0, 0, "tts or chirpstack"},
        {"make", "NAME", OPTION_TEXT, &radio.make, 0, 0, "mixed, tekzitel or pni"},
        {"answer", "HOW", OPTION_TEXT, &radio.answer, 0, 0,
         "what becomes of downlinks: ack, nack, never or fails"},
        {"heartbeat-ms", "N", OPTION_NUMBER, &radio.heartbeat_ms, 0, 1000000,
         "every sensor sends one so often; 0: never"},
        {"sensors", "N", OPTION_NUMBER, &radio.sensors, 1, SENSORS_MAX, "how many"},
        {"seed", "N", OPTION_NUMBER, &radio.seed, 0, INT64_MAX, "of the street and the radio"},
        {"seconds", "N", OPTION_NUMBER, &radio.seconds, 1, 1000000, "how long"},
        {"changes-per-s", "D", OPTION_DECIMAL, &radio.changes, 0, 10000, "cars that come or go"},
        {"lost", "N", OPTION_NUMBER, &radio.lost, 0, THOUSAND, "frames of a thousand"},
        {"twice", "N", OPTION_NUMBER, &radio.twice, 0, THOUSAND, "frames of a thousand"},
        {"late", "N", OPTION_NUMBER, &radio.late, 0, THOUSAND, "frames of a thousand"},
        {"late-ms", "N", OPTION_NUMBER, &radio.late_ms, 0, 1000000, "how late at most"},
        {"write-config", "FILE", OPTION_TEXT, &radio.config, 0, 0,
         "lots and networks of such a site, for parkd.conf; then stop"},
        {NULL, NULL, OPTION_TEXT, NULL, 0, 0, NULL},
    };

    options_read(rows, "parksim radio [OPTIONS]", argc, argv);
    build(&radio);
    if (radio.config)
        write_config(&radio);
    else
        run(&radio);
    free(radio.street);
    radio_down_destroy(radio.down);
    return 0;
}
