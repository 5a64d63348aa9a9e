/*
 * A Modbus device that misbehaves as told, on a thread of its own: behind a pseudo-terminal, a TCP
 * port, or a serial line behind a TCP port. The word at address A holds A, so a value that was
 * asked for elsewhere shows itself.
 */
#ifndef TESTS_UNIT_FAULTY_PEER_H
#define TESTS_UNIT_FAULTY_PEER_H

#include "sensors/bus/bus.h"

enum fault {
    FAULT_NONE,
    FAULT_SILENT,
    FAULT_LATE,      /* answers after PEER_LATE_MS */
    FAULT_NEXT_TIME, /* answers only just before the answer to the next request */
    FAULT_DRIP,      /* one byte each PEER_DRIP_MS */
    FAULT_SHORT,     /* stops half-way */
    FAULT_UNIT,
    FAULT_FUNCTION,
    FAULT_COUNT, /* the byte count says one word less */
    FAULT_TRANSACTION,
    FAULT_PROTOCOL,
    FAULT_LENGTH, /* the MBAP length is one too great */
    FAULT_CRC,
    FAULT_TRAILING, /* four bytes after the answer, at once */
    FAULT_AFTER,    /* four bytes after the answer, a little later */
    FAULT_TWICE,    /* an answer to another address, then the right one, at once */
    FAULT_GARBAGE,
    FAULT_ECHO,      /* the request itself comes back */
    FAULT_RESET,     /* TCP: the connection is reset */
    FAULT_HANGUP,    /* TCP: it is closed */
    FAULT_EXCEPTION, /* + code 1 … 11 */
    FAULTS = FAULT_EXCEPTION + 12
};

enum { PEER_LATE_MS = 170, PEER_DRIP_MS = 25 };

struct peer;

/* Fills in path, or host and port, of `settings`, whose type says what is wanted. */
struct peer *peer_start(struct bus_settings *settings);
/* How the next request is answered; those after it are answered well. */
void peer_fault(struct peer *peer, enum fault fault);
/* Pulls the adapter out, or stops listening. */
void peer_unplug(struct peer *peer);
/* Bytes that nobody asked for. */
void peer_noise(struct peer *peer, const char *bytes, size_t size);
void peer_stop(struct peer *peer);

#endif
