/*
 * Drivers of bay sensors that reach us through a network server: constant data and one pure decode
 * each. A driver opens nothing, logs nothing, keeps nothing. Adding one: its file in sensors/bay,
 * its row in SENSOR_DRIVERS, its line in parkd.conf(5), its captures in tests/captures.
 */
#ifndef SENSORS_DRIVERS_H
#define SENSORS_DRIVERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sensors/downlinks.h"
#include "sensors/report.h"

struct json;     /* daemon/base/json.h */
struct json_map; /* sensors/bay/json_path.h */

/* A frame as the network delivered it. Everything is borrowed for the call. */
struct sensor_frame {
    const uint8_t *bytes;
    size_t size;                /* at most REPORT_FRAME_MAX */
    int32_t port;               /* LoRaWAN FPort; -1 where the network does not tell */
    uint8_t revision;           /* of the driver's list: pinned per device in the configuration */
    const struct json *object;  /* instead of bytes: a decoded object, or NULL */
    const struct json_map *map; /* where the values stand in it */
};

/* Takes `ret` in when the frame is believed. When it is refused only ret->event is set: malformed,
 * or what about it is unknown. */
typedef enum refusal sensor_decode_fn(const struct sensor_frame *frame, struct report *ret);

/* A newer firmware may append to a frame what nobody has published yet; Nwave's did, three bytes.
 * More than that is not this device's frame. */
enum { SENSOR_APPENDED = 3, SENSOR_REVISIONS = 4 };

struct sensor_driver {
    const char *name;                        /* "maker/model" */
    const char *device;                      /* for people */
    const char *revisions[SENSOR_REVISIONS]; /* the first is used unless another is pinned */
    int64_t keepalive_ms;                    /* as delivered; 0 not published */
    bool raw_distance;                       /* occupancy is a threshold of ours */
    sensor_decode_fn *decode;
    const struct sensor_downlink *downlinks; /* NULL: none is published */
    enum report_event recalibrated;          /* the frame that answers a recalibration; 0 none */
    const char *tool;                        /* the maker's own, for all else */
};

/* One line a driver, and no second place to change. */
#define SENSOR_DRIVERS(row)                                                                    \
    row(bosch_tps110) row(nwave_nps310sm) row(nwave_nps405) row(pni_placepod)                  \
        row(libelium_parking_v1) row(libelium_smart_parking_v2) row(dingtek_do200)             \
            row(dingtek_do201) row(dingtek_do202) row(tekzitel_tekzipark) row(cicicom_s_lg_i3) \
                row(milesight_em400_mud) row(milesight_em310_udl) row(json_path)

#define SENSOR_DRIVER_DECLARE(name) extern const struct sensor_driver name##_driver;
SENSOR_DRIVERS(SENSOR_DRIVER_DECLARE)

size_t drivers_count(void);
const struct sensor_driver *drivers_at(size_t index);

/* By "maker/model" or "maker/model@revision". False when there is no such driver or revision. */
bool drivers_find(const char *name, const struct sensor_driver **ret, uint8_t *ret_revision);

/* Decodes after the checks that all drivers share. */
enum refusal drivers_decode(const struct sensor_driver *driver, const struct sensor_frame *frame,
                            struct report *ret);

#endif
