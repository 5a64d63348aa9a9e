/*
 * What can be sent to a sensor: a table beside its driver, one row a thing to ask for, and a pure
 * encoder. Only bytes that their maker has published stand here; for a recalibration that is not
 * published the configuration may hold them (struct downlink_wish).
 */
#ifndef SENSORS_DOWNLINKS_H
#define SENSORS_DOWNLINKS_H

#include "daemon/base/err.h"
#include "sensors/report.h"

enum { DOWNLINK_MAX = 51 /* bytes: what LoRaWAN carries at its slowest */ };

struct downlink_frame {
    uint8_t port, size;
    uint8_t bytes[DOWNLINK_MAX];
};

struct downlink_wish {
    const char *name; /* of a row */
    int32_t value;
    bool valued;
    const struct downlink_frame *recalibrate; /* as configured, or NULL */
    const struct downlink_frame *settings;    /* all that the device was set to, or NULL */
};

struct sensor_downlink {
    const char *name;    /* "recalibrate", or the parameter that it sets; NULL ends the table */
    const char *meaning; /* with its unit */
    int32_t least, most; /* of the value */
    uint8_t port;
    uint8_t code, digits;     /* the driver's own */
    enum report_event answer; /* the frame that the device may answer with; 0 none */
    /* The wish has been checked against the row. False with err: something is missing for it. */
    bool (*encode)(const struct sensor_downlink *row, const struct downlink_wish *wish,
                   struct downlink_frame *ret, struct err *err);
};

struct sensor_driver;

extern const char DOWNLINK_RECALIBRATE[]; /* the row's name */

/* What is to be sent for the wish. `ret_answer`: the frame that answers it, 0 none; `ret_must`: the
 * network's word that it arrived is not enough. False with err, which names the maker's tool where
 * nobody has published the bytes. */
bool downlinks_encode(const struct sensor_driver *driver, const struct downlink_wish *wish,
                      struct downlink_frame *ret, enum report_event *ret_answer, bool *ret_must,
                      struct err *err);

/* "PORT:HEX", or "HEX" alone where a port is given from elsewhere (`port` not 0). */
bool downlinks_parse(const char *text, uint8_t port, struct downlink_frame *ret);

#endif
