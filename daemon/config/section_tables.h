/* The tables of buses, networks and uplinks, and the structs that they fill. */
#ifndef CONFIG_SECTION_TABLES_H
#define CONFIG_SECTION_TABLES_H

#include "daemon/config/option.h"
#include "daemon/config/sections.h"
#include "daemon/network/settings.h"
#include "daemon/uplink/uplink.h"
#include "sensors/bus/bus.h"

enum { UNIT_MAX = 255 };

struct device_draft {
    struct device_settings settings;
    const char *id, *map, *bays;
    int64_t silence_ms;
};

struct bus_draft {
    struct bus_settings settings;
    int32_t type;   /* of bus_types; -1 while it is not known */
    int32_t format; /* of bus_formats */
    const struct reader_node *devices;
};

struct tls_draft {
    struct tls_settings settings;
    const struct reader_node *pins;
};

/* Where the platform calls us. */
struct calls_draft {
    const char *path;
    const struct reader_node *from;
};

struct uplink_draft {
    struct uplink_settings settings;
    const char *type;
    struct tls_draft tls;
    const struct reader_node *kinds, *lots, *places, *codes;
    const char *account, *secret, *key_file, *platform_key_file;
    struct calls_draft calls;
};

/* section_city.c: what only city platforms have. */
extern const struct option_table uplink_lot_table, uplink_place_table, uplink_code_table;
void section_city(struct draft *draft, const struct reader_node *node,
                  const struct uplink_draft *from, struct uplink_settings *uplink);
void section_city_release(struct uplink_settings *uplink);

/* section_calls.c: after the uplink's lots. */
extern const struct option_table uplink_calls_table;
void section_calls_take(struct draft *draft, const struct reader_node *node,
                        const struct calls_draft *from, struct uplink_settings *uplink);

struct sensor_draft {
    struct network_sensor settings;
    const char *id, *bay, *driver, *map, *recalibrate, *settings_hex;
};

struct network_draft {
    struct network_settings settings;
    const char *type, *night_from, *night_to;
    struct tls_draft tls;
    const struct reader_node *topics, *sensors;
};

/* The words of a map's state; lists of texts. */
struct json_map_draft {
    struct json_map map;
    const struct reader_node *occupied, *free;
};

extern const struct option_table device_table, sensor_table, tls_table;
extern const struct option_choice bus_types[], bus_formats[]; /* "8N1": data, parity, stop bits */

#endif
