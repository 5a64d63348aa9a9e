/*
 * The configuration: /etc/parkd/parkd.conf and what it includes, read whole, checked whole. All
 * mistakes of one run are told as `file:line: what is wrong, what is allowed`; with one mistake
 * nothing is returned. Everything in it lives as long as the struct.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "daemon/core/plan.h"
#include "daemon/serve/serve.h"
#include "daemon/store/store_worker.h"
#include "daemon/uplink/uplink.h"
#include "sensors/bus/bus.h"

struct config {
    struct site_plan plan;
    struct store_settings store;
    struct serve_settings serve;
    struct bus_settings *buses;
    uint32_t buses_count;
    struct uplink_settings *uplinks;
    uint32_t uplinks_count;
    struct config_memory *memory; /* every text and array above */
};

/* Told each mistake once, in the order of the files' lines. */
typedef void config_mistake_fn(void *arg, const char *line);

/* NULL when there was any mistake (each has been told). The caller destroys it. */
struct config *config_read(const char *path, config_mistake_fn *mistake, void *arg);
void config_destroy(struct config *config); /* takes NULL */

#endif
