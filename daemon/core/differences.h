/*
 * The open differences with the statements of channels: the fold of their records, live and at the
 * start. What is resolved is forgotten here; its records stay in the journal. Pure; memory is taken
 * in differences_create() only.
 */
#ifndef CORE_DIFFERENCES_H
#define CORE_DIFFERENCES_H

#include "daemon/core/record.h"

/* So many may be open at once; one more is refused. */
enum { DIFFERENCES_OPEN_MAX = 4096 };

struct differences;

struct differences *differences_create(void);
void differences_destroy(struct differences *differences); /* takes NULL */

void differences_apply(struct differences *differences, const struct record *record);

/* What was found by reconciling, to be recorded; `again`: it is known as that, and nothing is.
 * False with the reason in `why`. */
bool differences_note(const struct differences *differences, const struct record_difference *found,
                      bool *again, const char **why);

/* A person resolves an open one: `change` holds its id, the person and the reason, and gets the
 * rest. False with the reason in `why`. */
bool differences_close(const struct differences *differences, struct record_difference *change,
                       const char **why);

#endif
