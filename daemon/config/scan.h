/*
 * The little that must be known of libconfig's grammar before libconfig sees a line: whether it
 * begins inside a text or a comment (an @include there is none), and whether its whole numbers fit.
 * Pure.
 */
#ifndef CONFIG_SCAN_H
#define CONFIG_SCAN_H

#include <stdbool.h>
#include <stddef.h>

enum scan_state { SCAN_PLAIN, SCAN_TEXT, SCAN_COMMENT };

/* Takes in one line (without its end); `out` is called with the bytes that stand for it. libconfig
 * 1.5 cuts whole numbers beyond 32 bits without a word, so these get the suffix L that makes them
 * 64 bits wide. Returns false when a number does not fit even then. */
typedef void scan_out_fn(void *arg, const char *bytes, size_t size);
bool scan_line(enum scan_state *state, const char *line, size_t size, scan_out_fn *out, void *arg);

/* The size of the leading part of `bytes` that is UTF-8 without NUL; `size` when all of it is. */
size_t scan_utf8(const char *bytes, size_t size);

#endif
