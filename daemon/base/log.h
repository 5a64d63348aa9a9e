/*
 * The log: one line an event, "subject: fact; next step", to standard error. Under systemd each
 * line carries its priority for the journal; on a terminal it carries the time. Ids stand in
 * quotes. The level is the project's only mutable global. Safe from any thread (one write a line).
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/core/units.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

void log_set_level(enum log_level level);

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A budget for lines that repeat: `burst` lines a minute. */
struct log_limit {
    mono_ms window;
    uint32_t in_window;
    uint32_t suppressed;
};

/* True when one more line may be written now. After a silence the next line is preceded by the
 * count of those left out. */
bool log_allow(struct log_limit *limit, mono_ms now, uint32_t burst);

#endif
