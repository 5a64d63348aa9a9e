/*
 * Number plates as text. Cameras write one plate in many ways; everything behind them compares the
 * normal form: upper case, full-width forms folded, no separators. Pure.
 */
#ifndef CORE_PLATE_H
#define CORE_PLATE_H

#include <stdbool.h>
#include <stddef.h>

enum { PLATE_SIZE = 32 }; /* bytes of the normal form in UTF-8, with the NUL */

enum plate_colour {
    PLATE_COLOUR_UNKNOWN,
    PLATE_BLUE,
    PLATE_YELLOW,
    PLATE_WHITE,
    PLATE_BLACK,
    PLATE_GREEN,
    PLATE_YELLOW_GREEN, /* China: large vehicles with new energy */
    PLATE_RED,
    PLATE_ORANGE,
    PLATE_COLOURS
};

/* Writes the normal form of the UTF-8 text `raw`. What a camera writes when there is no plate
 * ("_无_", "unknown", "noPlate", …) gives the empty text; a character that it could not read stays
 * as "?". False, with `ret` empty, when the plate is longer than any plate. */
bool plate_normal(const char *raw, char ret[PLATE_SIZE]);

/* Whether a normal form can be a plate at all: its length, a digit where there are other than Latin
 * letters, every character read, and for plates of the Chinese provinces the length that the
 * colour asks for (GA 36: eight characters on green, seven else). */
bool plate_plausible(const char *plate, enum plate_colour colour);

/* For logs and pages: the first and the last of its characters stay, "苏****5"; returns `ret`. */
const char *plate_masked(const char *plate, char ret[PLATE_SIZE]);

const char *plate_colour_name(enum plate_colour colour); /* "yellow_green" */

/* By our names and those of the makers, case ignored ("yellowGreen", "newEnergyGreen"). */
enum plate_colour plate_colour_parse(const char *name);

#endif
