/* The functions of the routes that api.c lists, by file. Each fills in one struct api_call. */
#ifndef SERVE_ROUTES_H
#define SERVE_ROUTES_H

#include "daemon/serve/api.h"

/* list.c */
api_fn list_lots, list_lot, list_bays, list_lanes, list_devices, list_buses, list_strangers,
    list_uplinks, list_cameras, list_outbox, list_stays, list_quote, list_lists;
/* health.c */
api_fn health_status, health_alive, health_ready;
/* metrics.c, and metrics_cameras.c */
api_fn metrics_all;
/* datex.c */
api_fn datex_status;
/* page.c */
api_fn page_file;
/* command.c */
api_fn command_bay, command_outbox, command_forget, command_backup;
/* acts.h's table */
api_fn command_act;

#endif
