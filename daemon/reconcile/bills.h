/*
 * The statements of one reconciliation, kept in memory with their lines. A file whose bytes were
 * taken before changes nothing, nor does one with the same rows in another encoding. One thread.
 */
#ifndef RECONCILE_BILLS_H
#define RECONCILE_BILLS_H

#include "daemon/reconcile/statement.h"

enum { BILLS_MAX = 64 };

/* Lines in the order of the file; texts live as long as the bills. */
struct bill {
    const char *name; /* of the file, with the member of an archive */
    struct statement_facts facts;
    struct statement_line *lines;
    uint32_t lines_count;
    const char *same_as; /* name of the bill that it repeats; NULL: it counts */
};

struct bills;

/* `extra`: as in struct statement_reader; borrowed. */
struct bills *bills_create(const struct layout *const *extra);
void bills_destroy(struct bills *bills); /* takes NULL */

/* Reads a file, or all members of an archive. False with err: then none of it is kept. */
bool bills_take(struct bills *bills, const char *path, struct err *err);

/* One statement from anywhere. */
bool bills_take_source(struct bills *bills, const struct source *source, struct err *err);

uint32_t bills_count(const struct bills *bills);
const struct bill *bills_at(const struct bills *bills, uint32_t index);

/* Statements that name no day are taken to be of this one. */
void bills_default_day(struct bills *bills, int32_t day);

#endif
