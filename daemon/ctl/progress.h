/* How far a long work has come, on standard error when that is a terminal; else nothing. */
#ifndef CTL_PROGRESS_H
#define CTL_PROGRESS_H

#include <stdint.h>

/* Rewrites one line; `all` 0: not known. */
void progress_show(const char *what, int64_t done, int64_t all);
void progress_end(void); /* clears the line */

#endif
