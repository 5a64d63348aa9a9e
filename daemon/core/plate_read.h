/*
 * One vehicle as one camera saw it, whatever the camera's make. A text that the camera did not give
 * is empty, a number PLATE_UNTOLD. Nothing here says that a vehicle is there now: an offline or
 * late read makes history and never opens (rule 7). Plain data, copied freely; pure.
 */
/* long: the words of every camera stand on one page */
#ifndef CORE_PLATE_READ_H
#define CORE_PLATE_READ_H

#include <stdint.h>

#include "daemon/core/plate.h"
#include "daemon/core/text.h"
#include "daemon/core/units.h"

enum {
    PLATE_UNTOLD = -1,
    PLATE_ID = 64,       /* bytes of a device, lane or word, with the NUL */
    PLATE_LONG_ID = 160, /* of an event's id, an image's name or address */
    PLATE_KEY = 256,
    PLATE_PLATES = 3, /* of one car: mainland, Hong Kong, Macau */
    PLATE_CHARACTERS = 16,
    PLATE_CANDIDATES = 10,
    PLATE_IMAGES = 6
};

/* Vehicles that tariffs and exemptions tell apart. */
enum plate_class {
    PLATE_CLASS_UNKNOWN,
    PLATE_CLASS_SMALL,
    PLATE_CLASS_LARGE,
    PLATE_CLASS_POLICE,
    PLATE_CLASS_ARMED_POLICE,
    PLATE_CLASS_MILITARY,
    PLATE_CLASS_EMBASSY,
    PLATE_CLASS_HONG_KONG,
    PLATE_CLASS_MACAU,
    PLATE_CLASS_FARM,
    PLATE_CLASS_LEARNER,
    PLATE_CLASS_NEW_ENERGY,
    PLATE_CLASS_NEW_ENERGY_LARGE,
    PLATE_CLASS_EMERGENCY,
    PLATE_CLASS_AIRPORT,
    PLATE_CLASS_FAKE,
    PLATE_CLASS_NO_PLATE,
    PLATE_CLASSES
};

/* What made the camera read. */
enum plate_trigger {
    TRIGGER_UNKNOWN,
    TRIGGER_AUTO,
    TRIGGER_IO,
    TRIGGER_SOFTWARE,
    TRIGGER_VIRTUAL_LOOP,
    TRIGGER_VEHICLE_STAYS, /* this and the next two repeat an earlier read of the vehicle */
    TRIGGER_STAY_CLEARED,
    TRIGGER_TURNED_BACK,
    TRIGGERS
};

/* As the camera says it: forward of one mounting is away in another. The lane's configuration
 * knows. */
enum plate_direction {
    DIRECTION_UNKNOWN,
    DIRECTION_FORWARD,
    DIRECTION_REVERSE,
    DIRECTION_OBVERSE,
    DIRECTION_APPROACH,
    DIRECTION_LEAVE,
    DIRECTION_LEFT,
    DIRECTION_RIGHT,
    DIRECTION_UP,
    DIRECTION_DOWN,
    DIRECTION_ENTRY,
    DIRECTION_EXIT,
    DIRECTIONS
};

/* Who had opened before we were asked: the passage happened whatever we decide. */
enum plate_opener {
    OPENER_NONE,
    OPENER_SERVER,            /* a server's answer, perhaps another one's */
    OPENER_OFFLINE_WHITELIST, /* the camera's own list, while it had no server */
    OPENER_CAMERA_WHITELIST,  /* the camera's own list */
    OPENER_CAMERA,            /* the camera, it does not say why */
    OPENERS
};

/* What the camera's own list holds of the plate. */
enum plate_list { LIST_NONE, LIST_TEMPORARY, LIST_ALLOWED, LIST_BLOCKED, LISTS };

enum plate_clock {
    CLOCK_NONE,
    CLOCK_READ,    /* the camera's time of the read */
    CLOCK_MESSAGE, /* the camera's time of the message: the read was a little earlier */
    CLOCKS
};

struct plate_time {
    enum plate_clock source; /* NONE: `at` means nothing */
    utc_ms at;
    uint16_t extra_us; /* beyond `at`, 0 … 999 */
    uint8_t digits;    /* of the second's fraction, as the camera wrote them */
    bool doubtful;     /* the camera contradicts itself, or its year cannot be */
    char local[24];    /* "2026-05-13T14:32:15" where no zone was told: the site's zone decides */
};

struct plate_candidate {
    char plate[PLATE_SIZE];
    double confidence; /* 0 … 100, or PLATE_UNTOLD */
};

/* Where a picture stands in the message; size 0: it is named only. */
struct plate_image {
    char name[PLATE_LONG_ID];
    size_t offset, size;
    bool base64;
};

struct plate_read {
    char plate[PLATE_SIZE];                /* normal form; empty: no plate */
    char plate_raw[PLATE_ID];              /* as the camera wrote it */
    char plates[PLATE_PLATES][PLATE_SIZE]; /* of the same car, the first is `plate` */
    uint32_t plates_count;
    bool plausible; /* plate_plausible() */
    enum plate_colour colour;
    enum plate_class class;
    char plate_type[PLATE_ID]; /* the maker's own word or number */
    char region[PLATE_ID];
    double confidence; /* 0 … 100, or PLATE_UNTOLD */
    uint8_t character_confidence[PLATE_CHARACTERS];
    uint32_t character_count;
    struct plate_candidate candidates[PLATE_CANDIDATES];
    uint32_t candidates_count; /* may be more than are kept */
    char known_name[PLATE_ID]; /* what the camera's user calls the vehicle */

    struct plate_time time;
    char device[PLATE_ID], lane[PLATE_ID];
    char event_id[PLATE_LONG_ID]; /* the camera's own; a resent read has the same */
    enum plate_trigger trigger;
    enum plate_direction direction;
    int32_t heading_degrees; /* clockwise in the picture, or PLATE_UNTOLD */
    bool offline;            /* stored while the camera had no server, sent later */
    bool provisional;        /* a later read of the same event_id replaces this one */
    enum plate_opener opened_by;
    enum plate_list list;

    char vehicle_type[PLATE_ID], vehicle_colour[PLATE_ID], vehicle_make[PLATE_ID];
    char image_link[PLATE_LONG_ID];
    struct plate_image images[PLATE_IMAGES];
    uint32_t images_count;
};

struct plate_read plate_read_empty(void);

/* The key that tells a resent read from a new one: the device with its event id, or, of a camera
 * that makes none, with time and plate. False when the read has neither: it cannot be told from a
 * resent one. */
bool plate_read_key(const struct plate_read *read, char ret[PLATE_KEY]);

/* RFC 3339 UTC with the digits that the camera gave. */
void plate_time_text(const struct plate_time *time, struct text *out);

const char *plate_class_name(enum plate_class class);
const char *plate_trigger_name(enum plate_trigger trigger);
const char *plate_direction_name(enum plate_direction direction);
const char *plate_opener_name(enum plate_opener opener); /* NULL of OPENER_NONE */
const char *plate_list_name(enum plate_list list);       /* NULL of LIST_NONE */
const char *plate_clock_name(enum plate_clock source);   /* NULL of CLOCK_NONE */

#endif
