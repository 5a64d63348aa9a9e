/* Connecting to a Modbus TCP host within a time, by address only. Any thread. */
#ifndef SENSORS_BUS_TCP_H
#define SENSORS_BUS_TCP_H

#include "daemon/base/err.h"
#include "sensors/bus/wait.h"

/* True for an IPv4 or IPv6 literal. A name would need a resolver that blocks (B11). */
bool tcp_is_address(const char *host);

/* A connected non-blocking socket that the caller closes, or -1. */
int tcp_connect(const char *host, uint16_t port, int64_t connect_ms, const struct wait *wait,
                struct err *err);

#endif
