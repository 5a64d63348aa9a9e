/*
 * The control socket: a command a line comes in, an answer a line goes out. And its other end, the
 * command `parksim ctl`.
 */
#ifndef PARKSIM_CONTROL_H
#define PARKSIM_CONTROL_H

#include <stdio.h>

#include "tests/parksim/loop.h"

enum { CONTROL_WORDS = 5 };

/* A row of a program's table of commands. `run` prints its answer, without a line end: "ok", JSON,
 * or "error: …". words[0] is the command; words not given are NULL. */
struct control_command {
    const char *name;
    int min, max; /* words, the command's name included */
    void (*run)(void *arg, char **words, FILE *out);
    const char *form;
};

struct control;

/* `commands` ends with a row without a name; it and `arg` are borrowed. */
struct control *control_create(struct loop *loop, const char *path,
                               const struct control_command *commands, void *arg);
void control_destroy(struct control *control); /* removes the socket; takes NULL */

/* Sends `command`, prints the answer. 0, or 1 when it was refused. */
int control_send(const char *path, const char *command);

#endif
