/*
 * Units of time and money. One-member structs, so that a sum of unlike things does not compile.
 * Durations are plain int64_t with the unit in the name (`debounce_ms`). Pure; no clock is read
 * here.
 */
#ifndef CORE_UNITS_H
#define CORE_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Milliseconds of CLOCK_BOOTTIME: for every interval and deadline. Never goes back. */
typedef struct {
    int64_t ms;
} mono_ms;

/* Milliseconds since 1970-01-01T00:00:00Z without leap seconds: for what is stored and shown. */
typedef struct {
    int64_t ms;
} utc_ms;

/* Minor units of the site's currency (1 CNY = 100 fen). */
typedef struct {
    int64_t fen;
} money_fen;

/* One moment on both clocks; the outermost caller reads it once a loop turn and passes it down. */
struct now {
    mono_ms mono;
    utc_ms utc;
};

/* "Never": later than every deadline. */
#define MONO_NEVER ((mono_ms){INT64_MAX})

enum { UTC_TEXT_SIZE = 25 };

static inline mono_ms mono_after(mono_ms t, int64_t delay_ms)
{
    return (mono_ms){delay_ms > 0 && t.ms > INT64_MAX - delay_ms ? INT64_MAX : t.ms + delay_ms};
}
static inline bool mono_reached(mono_ms now, mono_ms deadline)
{
    return now.ms >= deadline.ms;
}
static inline mono_ms mono_earlier(mono_ms a, mono_ms b)
{
    return a.ms < b.ms ? a : b;
}

/* Writes RFC 3339 UTC with milliseconds ("2026-11-22T03:02:06.123Z") and a NUL; returns `text`.
 * Years 0000 to 9999; a time outside is clamped to that range. */
char *utc_text(utc_ms at, char text[UTC_TEXT_SIZE]);

/* Reads what utc_text() writes; the fraction may have 0 to 9 digits (cut to milliseconds) and the
 * zone may be "Z" or "+hh:mm". False, with `ret` untouched, for anything else. */
bool utc_parse(const char *text, utc_ms *ret);

#endif
