/* The commands of the field's control socket that concern barriers; parksim.1 has their words. */
#ifndef PARKSIM_GATE_COMMANDS_H
#define PARKSIM_GATE_COMMANDS_H

#include <stdio.h>

#include "tests/parksim/field.h"

void gate_loop(struct field *field, char **words, FILE *out);    /* loop LANE P|C on|off */
void gate_button(struct field *field, char **words, FILE *out);  /* button LANE on|off */
void gate_boom(struct field *field, char **words, FILE *out);    /* boom LANE WORD */
void gate_limit(struct field *field, char **words, FILE *out);   /* limit LANE up|down WORD */
void gate_travel(struct field *field, char **words, FILE *out);  /* travel LANE MS */
void gate_mode(struct field *field, char **words, FILE *out);    /* mode LANE RELAY MODE */
void gate_barrier(struct field *field, char **words, FILE *out); /* barrier LANE */

#endif
