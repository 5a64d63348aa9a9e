/* What the configuration says of a network server and the sensors behind it. Plain data. */
#ifndef NETWORK_SETTINGS_H
#define NETWORK_SETTINGS_H

#include "daemon/uplink/settings.h"
#include "sensors/bay/json_path.h"
#include "sensors/drivers.h"
#include "sensors/network/envelope.h"

struct network_sensor {
    uint32_t device;     /* in site_plan.devices */
    uint32_t bay;        /* in site_plan.bays; PLAN_NONE: it counts for a lane */
    bool counts;         /* it does */
    const char *address; /* its EUI in lower case, or its id on a platform */
    const struct sensor_driver *driver;
    uint8_t revision;
    const struct json_map *map; /* json/path only */
    int32_t threshold_mm, hysteresis_mm;
    int64_t silence_ms, night_silence_ms;                /* the second 0: the same at night */
    const struct downlink_frame *recalibrate, *settings; /* downlinks.h; NULL where not given */
};

struct network_settings {
    const char *id;
    const struct network_format *format; /* NULL: plain JSON, addressed by the map's identity */
    const char *url;                     /* mqtts://host[:port]; mqtt:// to this machine only */
    const char *username, *password;     /* NULL for none */
    struct tls_settings tls;
    const char *const *topics;            /* to subscribe to */
    uint32_t topics_count, topics_needed; /* the broker has to grant the first of them */
    int32_t night_from_s, night_to_s;     /* of the day, local time; equal: no night */
    struct network_sensor *sensors;
    uint32_t sensors_count;
};

#endif
