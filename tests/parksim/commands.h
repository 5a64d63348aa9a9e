/*
 * The programs inside parksim: one row each in main.c.
 */
#ifndef PARKSIM_COMMANDS_H
#define PARKSIM_COMMANDS_H

/* argv[0] is the command's name. The result is the exit status. */
int field_command(int argc, char **argv);
int config_command(int argc, char **argv);
int city_command(int argc, char **argv);
int radio_command(int argc, char **argv);

#endif
