/*
 * What the programs of the fault machine share: options, progress, and the line of results that
 * scripts/fault-table makes the manual's table of.
 */
#ifndef TESTS_FAULT_RUN_H
#define TESTS_FAULT_RUN_H

#include <stdbool.h>
#include <stdint.h>

struct run {
    uint64_t seed; /* printed; from the kernel when none was given */
    uint64_t runs;
    const char *control; /* a negative control, by name; NULL none */
    const char *results; /* a file that a line is added to; NULL none */
    bool quick;          /* CI's share */
};

/* Parses --runs N, --seed N, --control NAME, --results FILE, --quick; ends the program on others.
 * `usual` runs, `quick` with --quick. */
struct run run_parse(int argc, char **argv, uint64_t usual, uint64_t quick);

/* Says how far it is, when somebody watches. */
void run_progress(const struct run *run, uint64_t done);

/* One row of the table. */
struct run_row {
    const char *fault, *how;
    uint64_t runs, acknowledged, lost, doubled;
};
void run_result(const struct run *run, const struct run_row *row);

/* The last line, and the exit code: without a control nothing may have failed; with one, something
 * must have. */
int run_end(const struct run *run, uint64_t passed, uint64_t failed);

#endif
