/* long: the whole configuration on one page */
/*
 * The configuration: /etc/parkd/parkd.conf and what it includes, read whole, checked whole. All
 * mistakes of one run are told as `file:line: what is wrong, what is allowed`; with one mistake
 * nothing is returned. Everything in it lives as long as the struct. (Not config_read() and
 * config_destroy(): libconfig exports these names, calls the second itself, and would call ours.)
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "daemon/config/config_report.h"
#include "daemon/core/counter.h"
#include "daemon/core/plan.h"
#include "daemon/network/camera_link.h"
#include "daemon/network/settings.h"
#include "daemon/serve/camera_listener.h"
#include "daemon/serve/platform_listener.h"
#include "daemon/serve/serve.h"
#include "daemon/store/photos.h"
#include "daemon/store/store_worker.h"
#include "daemon/uplink/camera_control.h"
#include "daemon/uplink/uplink.h"
#include "sensors/bus/bus.h"
#include "sensors/lane/camera_answer.h"

struct arena;
struct tariff_library; /* tariff_library.h */
struct zone;           /* daemon/base/zone.h */

/* A barrier and where it is driven from. */
struct barrier_config {
    const char *id;
    uint32_t bus, device; /* in config.buses, and in the devices of that */
    const struct barrier_map *map;
};

/* A guidance sign: where it hangs on a bus, and whose free bays it shows. */
struct sign_config {
    const char *id;
    uint32_t bus, device; /* as above */
    uint32_t lot, zone;   /* in the plan; zone PLAN_NONE: the whole lot */
    int32_t class;        /* enum bay_class; -1: all; only of a whole lot */
};

/* Counting sensors as a lane: devices of networks. */
struct counter_config {
    uint32_t lane;        /* in site_plan.lanes */
    uint32_t front, back; /* in site_plan.devices; back PLAN_NONE: no pair */
    enum counter_way way;
};

enum { CAMERAS_MAX = 128, CAMERA_INPUTS = 4 };

/* A camera of a lane. How it is told from others stands in camera_listener.doors, in this order. */
struct camera_config {
    const char *id;
    uint32_t lane; /* in the plan */
    const struct camera_family *family;
    const char *device; /* that its messages must tell; NULL: any */
    int64_t silence_ms; /* offline when silent for longer; 0: never */
    int64_t answer_ms;  /* an answer that may open is held so long for a decision */
    int32_t output;     /* the contact that opens */
    bool list;          /* it is told the plates that it may let in by itself */
    struct camera_control_settings control; /* host NULL: it cannot be told */
    struct camera_link_settings broker;     /* url NULL: it posts by HTTP */
    unsigned inputs[CAMERA_INPUTS]; /* enum boom_input of each contact; 0: nothing of ours */
};

struct config {
    struct site_plan plan;
    struct store_settings store;
    struct photos_settings photos; /* folder NULL: pictures are not kept */
    struct serve_settings serve;
    struct report_settings report;
    struct bus_settings *buses;
    uint32_t buses_count;
    struct barrier_config *barriers; /* what device_settings.barrier counts; lanes name them */
    uint32_t barriers_count;
    struct sign_config *signs;
    uint32_t signs_count;
    struct camera_config *cameras;
    uint32_t cameras_count;
    struct camera_listener_settings camera_listener;
    struct network_settings *networks;
    uint32_t networks_count;
    struct counter_config *counters;
    uint32_t counters_count;
    struct uplink_settings *uplinks;
    uint32_t uplinks_count;
    struct platform_listener_settings platform_listener; /* doors in the order of uplinks */
    struct zone *zone;                                   /* behind plan.civil */
    struct tariff_library *tariffs; /* behind the lots' tariffs and plan.calendar */
    struct arena *memory;           /* every text and array above */
};

/* Told each mistake once, in the order of the files' lines. */
typedef void config_mistake_fn(void *arg, const char *line);

/* NULL when there was any mistake (each has been told). The caller gives it to config_free(). */
struct config *config_load(const char *path, config_mistake_fn *mistake, void *arg);
void config_free(struct config *config); /* takes NULL */

/* The device maps of a folder alone, for the installer who has no configuration yet. */
struct config_maps {
    const struct modbus_map *const *maps;
    uint32_t count;
    struct arena *memory; /* all of it */
};

/* NULL when there was any mistake (each has been told), or no map at all. */
struct config_maps *config_maps_load(const char *folder, config_mistake_fn *mistake, void *arg);
void config_maps_free(struct config_maps *maps); /* takes NULL */

/* One key that a file may hold, in words. */
struct config_option {
    const char *path;      /* "lots.zones.bays" */
    const char *allowed;   /* "a whole number, 50 to 60000" */
    const char *otherwise; /* its default; empty when there is none */
    const char *meaning;
    bool required;
};

/* Each key of parkd.conf and of the device maps, groups before their members; borrowed for the
 * call. */
typedef void config_option_fn(void *arg, const struct config_option *option);
void config_each_option(config_option_fn *fn, void *arg);

#endif
