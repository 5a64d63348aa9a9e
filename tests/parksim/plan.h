/*
 * What the installer mounted: lots, zones, bays, lines and the units on them, read from a small
 * text (parksim.1 has its words). Plain data; nothing changes after plan_read(), except that a line
 * told to take any port gets the one it took.
 */
/* long: the whole plan on one page */
#ifndef PARKSIM_PLAN_H
#define PARKSIM_PLAN_H

#include <stdbool.h>
#include <stdint.h>

enum { PLAN_ID = 24, PLAN_NAME = 96, PLAN_PATH = 108 };
#define PLAN_NO_LOT UINT32_MAX
struct device_map;

struct plan_lot {
    char id[PLAN_ID], name[PLAN_NAME];
    uint32_t first, bays; /* its bays in plan.bays */
    const char *stays;    /* "lanes", "bays": where its stays come from; NULL: it has none */
    char tariff[PLAN_ID]; /* empty: nothing is charged */
};

struct plan_zone {
    char id[PLAN_ID], name[PLAN_NAME];
    uint32_t lot, first, bays;
};

struct plan_bay {
    char id[PLAN_ID]; /* "A-0001": lot and number */
};

enum plan_line_type { PLAN_TCP, PLAN_RTU_TCP, PLAN_PTY };

struct plan_line {
    char id[PLAN_ID];
    enum plan_line_type type;
    char host[PLAN_ID]; /* IPv4 literal */
    uint16_t port;
    char link[PLAN_PATH]; /* the pty's symbolic link */
    uint32_t baud;        /* 0: answers take no time on the wire */
    char format[4];       /* "8N1" */
};

/* A boom on a board, and the lane that it closes. */
struct plan_gate {
    char id[PLAN_ID];
    uint32_t unit;      /* in plan.units */
    uint32_t place;     /* which boom of that board */
    bool is_lane, out;  /* and which way it leads */
    uint32_t lot;       /* of that lane */
    const char *camera; /* its make; NULL: none */
};

struct plan_unit {
    uint32_t line;
    uint8_t unit;
    const struct device_map *map;
    uint32_t first, bays; /* bays 0: a board of barriers */
};

struct plan {
    char id[PLAN_ID], name[PLAN_NAME], zone[PLAN_ID];
    struct plan_lot *lots;
    struct plan_zone *zones;
    struct plan_bay *bays;
    struct plan_line *lines;
    struct plan_unit *units;
    struct plan_gate *gates;
    uint32_t lots_count, zones_count, bays_count, lines_count, units_count, gates_count;
};

/* Reads the text; `name` and the line number stand in front of what is wrong, which ends the
 * process. */
void plan_read(struct plan *plan, const char *name, const char *text);
void plan_fini(struct plan *plan);

/* The shipped example: a hospital's car park, a road section, an institution's yard. */
extern const char plan_demo[];

#endif
