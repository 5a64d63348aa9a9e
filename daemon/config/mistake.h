/*
 * What is wrong in the files of one run: gathered in any order, told sorted by file (in the order
 * of opening) and line. Bounded: what does not fit is counted. Used by one thread, while loading.
 */
#ifndef CONFIG_MISTAKE_H
#define CONFIG_MISTAKE_H

#include <stddef.h>
#include <stdint.h>

/* Where something stands. */
struct place {
    uint32_t file; /* from mistake_file() */
    uint32_t line; /* from 1 */
};

struct mistakes;

struct mistakes *mistake_create(void);
void mistake_destroy(struct mistakes *mistakes); /* takes NULL */

/* Makes a file known; copies the path. */
uint32_t mistake_file(struct mistakes *mistakes, const char *path);
const char *mistake_path(const struct mistakes *mistakes, uint32_t file);

/* "what is wrong, what is allowed", without the place. */
void mistake_add(struct mistakes *mistakes, struct place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

size_t mistake_count(const struct mistakes *mistakes);

/* Calls `fn` with "file:line: text" for each, sorted; two of the same line in the order of adding.
 */
typedef void mistake_fn(void *arg, const char *line);
void mistake_tell(struct mistakes *mistakes, mistake_fn *fn, void *arg);

#endif
