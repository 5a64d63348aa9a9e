/* long: settings, hooks and figures of a bus are read together by those who start one */
/*
 * One bus: a serial line or a Modbus TCP host with the devices on it. Its worker thread polls them
 * and sends raw answers by value; the loop side decodes them with the device's map and hands out
 * readings. A blocking read, a dead device, a re-plugged adapter or a hostile peer stay inside the
 * thread.
 */
/* long: the settings of a line and of its devices, and their statistics, are one contract */
#ifndef SENSORS_BUS_BUS_H
#define SENSORS_BUS_BUS_H

#include "daemon/base/loop.h"
#include "daemon/core/barrier.h"
#include "daemon/core/site.h"

struct modbus_map;  /* sensors/bay/modbus_map.h: a device's registers as data */
struct barrier_map; /* sensors/lane/barrier.h */
struct sign_map;    /* sensors/sign/sign.h */
struct sign_value;

enum bus_type { BUS_RTU, BUS_TCP, BUS_RTU_OVER_TCP, BUS_MQTT /* a network server: shown only */ };

struct device_settings {
    uint32_t index; /* in site_plan.devices */
    uint32_t unit;  /* Modbus unit id, 1…255 (above 247: vendors' extension, raw framing) */
    const struct modbus_map *map;          /* of these three, one: a device with bays, */
    const struct barrier_map *barrier_map; /* a barrier (several may share one unit), */
    const struct sign_map *sign_map;       /* a guidance sign */
    uint32_t barrier;                      /* barrier_map: in config.barriers */
    int64_t refresh_ms;                    /* sign_map: written again so often */
    const uint32_t *bays;                  /* bay of each input of the device, or PLAN_NONE */
    uint32_t inputs;
    int64_t poll_ms;               /* 0: the map's poll class */
    int64_t response_ms;           /* 0: the map's time-out */
    int32_t threshold, hysteresis; /* distance maps; 0: the map's */
};

struct bus_settings {
    const char *id;
    enum bus_type type;
    const char *path; /* RTU: /dev/serial/by-id/… */
    uint32_t baud;    /* 1200 … 115200 */
    char parity;      /* 'N', 'E', 'O' */
    uint32_t stop_bits;
    bool rs485;       /* the kernel drives the transceiver (TIOCSRS485) */
    const char *host; /* TCP: IPv4 or IPv6 literal */
    uint16_t port;
    int64_t connect_ms;
    int64_t gap_ms;         /* silence between frames; 0: 3.5 characters */
    int64_t backoff_max_ms; /* a dead device is tried at least so often */
    const struct device_settings *devices;
    uint32_t devices_count;
};

/* What is asked of a barrier. It goes out before everything else, behind at most the one request
 * under way, and is never repeated. */
struct bus_command {
    uint64_t id;     /* the caller's own */
    uint32_t device; /* in bus_settings.devices: a barrier */
    enum barrier_action action;
    int64_t not_after_us; /* of clock_mono_us(): not sent later; 0: BUS_COMMAND_LIFE_MS from now */
};

enum { BUS_COMMAND_LIFE_MS = 3000 };

/* How it ended. After `unknown` and `accepted` the device is read back at once. */
struct bus_result {
    struct bus_command command;
    enum command_outcome outcome;
    char reason[RECORD_WORD];                   /* "answers", "exception 2", "timeout", … */
    int64_t queued_us, written_us, answered_us; /* of clock_mono_us(); 0: it did not come to it */
};

/* Told on the loop's thread, in the order of the answers. Those of barriers may be NULL. */
struct bus_hooks {
    void *arg;
    void (*reading)(void *arg, const struct reading *reading);
    void (*device)(void *arg, uint32_t device, enum device_state state, const char *reason);
    /* On each change, and at least twice a second. `barrier` as in device_settings. */
    void (*barrier)(void *arg, uint32_t barrier, const struct barrier *now);
    /* Once for each bus_command() that was taken. */
    void (*result)(void *arg, uint32_t barrier, const struct bus_result *result);
};

/* Of a device that is heard by radio. */
struct radio_stats {
    bool known;
    uint8_t battery;     /* enum battery_level: 0 not told, 1 ok, 2 low, 3 critical */
    int32_t battery_mv;  /* 0: not told */
    int32_t rssi_dbm[2]; /* smoothed, over the free and the occupied bay; 0: not told */
    uint32_t gateways;   /* that heard its last message */
    uint64_t late, echoes, restarts;
};

/* What was asked of a radio sensor last. */
struct asked_stats {
    const char *state; /* a word; NULL: nothing was */
    const char *words; /* what is awaited, or why it failed; empty when it is done */
    char what[RECORD_WORD];
    utc_ms since;
    uint32_t attempts;
};

struct bus_device_stats {
    uint32_t device;
    enum device_state state;
    uint64_t answers, timeouts, errors, exceptions, refused; /* refused: answers not believed */
    mono_ms last_answer;
    int64_t turnaround_us;     /* smoothed */
    uint64_t passages, missed; /* counted by the device; of these, seen by no poll */
    int32_t temperature;       /* tenths of a degree Celsius */
    bool has_temperature;
    struct radio_stats radio;
    struct asked_stats asked;
    const char *trouble; /* a word for what last_error says of a radio sensor; NULL none */
    char last_error[RECORD_PHRASE];
};

struct bus_stats {
    bool open;
    uint64_t opened;             /* how often */
    char trouble[RECORD_PHRASE]; /* why it is not open, with the next step */
    uint64_t requests, cycles;
    int64_t cycle_us; /* time of the last full round */
    mono_ms heard;    /* the thread's last sign of life, for the watchdog */
};

struct bus;

/* Starts the worker; a port or host that is not there is retried with back-off, not an error.
 * Borrows the settings. */
struct bus *bus_create(const struct bus_settings *settings, struct loop *loop,
                       const struct bus_hooks *hooks, struct err *err);
void bus_destroy(
    struct bus *bus); /* takes NULL; waits for the request under way, at most its time-out */

void bus_stats(const struct bus *bus, struct bus_stats *ret);
uint32_t bus_devices(const struct bus *bus);

/* Copies the command and returns; its outcome comes by the hook in a later turn of the loop. False
 * with err, and no hook, when it cannot be: the barrier cannot do that, is not ready, or the bus is
 * so far behind that nothing more fits. */
bool bus_command(struct bus *bus, const struct bus_command *command, struct err *err);
/* What the sign that is device `n` shall show from now on; the same again costs nothing. */
void bus_sign(struct bus *bus, uint32_t n, const struct sign_value *value);
void bus_device_stats(const struct bus *bus, uint32_t n, struct bus_device_stats *ret);

#endif
