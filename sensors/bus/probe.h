/*
 * Finding devices, for the installer: asks unit after unit over a serial line (trying speeds and
 * framings) or a TCP host, and reads each that answers with every known map. Never writes. Blocks;
 * used by parkctl only, with the daemon off the line.
 */
#ifndef SENSORS_BUS_PROBE_H
#define SENSORS_BUS_PROBE_H

#include "sensors/bay/modbus_map.h"
#include "sensors/bus/bus.h"

/* One speed and framing of a serial line. */
struct probe_framing {
    uint32_t baud;
    char parity; /* 'N', 'E', 'O' */
    uint32_t stop_bits;
};

struct probe_settings {
    struct bus_settings line;             /* type, path or host, port, connect_ms */
    const struct probe_framing *framings; /* to try, likeliest first; NULL: the usual ones */
    uint32_t framings_count;
    uint32_t first_unit, last_unit; /* 1 … 255; the maps' factory units are asked besides */
    int64_t response_ms;            /* how long to wait for a unit */
    const struct modbus_map *const *maps;
    uint32_t maps_count;
};

/* A unit that answers, read with a map that fits it. Borrowed for the call. */
struct probe_found {
    uint32_t unit;
    struct probe_framing framing; /* serial lines */
    int64_t turnaround_us;
    const struct modbus_map *map; /* NULL: it answers, but no map fits */
    const char *answer;           /* "answers", "exception 2", … to the first question */
    uint32_t inputs;              /* as many as answered, at most the map's */
    const enum sensed *sensed;    /* of each input */
};

struct probe_hooks {
    void *arg;
    /* Before each unit; false gives up. */
    bool (*progress)(void *arg, const struct probe_framing *framing, uint32_t unit, uint32_t done,
                     uint32_t total);
    void (*found)(void *arg, const struct probe_found *found); /* once a map that fits */
};

/* False when the line cannot be opened. `ret_units` is how many units answered. A serial line is
 * searched until one framing has found something: its devices share it. */
bool probe_run(const struct probe_settings *settings, const struct probe_hooks *hooks,
               uint32_t *ret_units, struct err *err);

/* Reads the barrier that is device `n` of the line with all of its polls. False when the line
 * cannot be opened or a poll is not answered, with which one. */
bool probe_barrier(const struct bus_settings *line, uint32_t n, struct barrier *ret,
                   struct err *err);

#endif
