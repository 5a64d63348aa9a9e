/*
 * A serial line for Modbus, opened and set by libmodbus; the only module that includes it. Frames
 * do not go through the library: its answers cannot be trusted (frame.h says why). Any one thread.
 */
#ifndef SENSORS_BUS_MODBUS_H
#define SENSORS_BUS_MODBUS_H

#include "daemon/base/err.h"
#include "sensors/bus/bus.h"

struct modbus_line;

/* Opens `settings->path`, sets speed and framing, locks it against other programs and throws away
 * what it still holds (B2). NULL with the next step in err. */
struct modbus_line *modbus_line_open(const struct bus_settings *settings, struct err *err);
void modbus_line_close(struct modbus_line *line); /* takes NULL */

int modbus_line_fd(const struct modbus_line *line); /* non-blocking; -1 after a failure */
void modbus_line_flush(struct modbus_line *line);

/* libmodbus takes any other rate for 9600 without a word (B12). */
bool modbus_line_has_baud(uint32_t baud);

#endif
