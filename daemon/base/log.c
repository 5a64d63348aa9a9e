/* The log. See log.h. */
#include "daemon/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 1024, WINDOW_MS = 60000 };

static enum log_level level = LOG_LEVEL_INFO;

static const struct {
    const char *journal; /* sd-daemon(3): priority prefix */
    const char *word;
} levels[] = {
    [LOG_LEVEL_ERROR] = {"<3>", "error: "},
    [LOG_LEVEL_WARNING] = {"<4>", "warning: "},
    [LOG_LEVEL_INFO] = {"<6>", ""},
    [LOG_LEVEL_DEBUG] = {"<7>", "debug: "},
};

void log_set_level(enum log_level new_level)
{
    level = new_level;
}

/* systemd names the stream that it reads; anything else gets a time of day. */
static size_t put_prefix(char *line, size_t size, enum log_level at)
{
    if (getenv("JOURNAL_STREAM"))
        return (size_t)snprintf(line, size, "%s", levels[at].journal);

    struct timespec t;
    struct tm tm;

    clock_gettime(CLOCK_REALTIME, &t);
    localtime_r(&t.tv_sec, &tm);
    return (size_t)snprintf(line, size, "%02d:%02d:%02d.%03ld %s", tm.tm_hour, tm.tm_min, tm.tm_sec,
                            t.tv_nsec / 1000000, levels[at].word);
}

static void write_line(enum log_level at, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

static void write_line(enum log_level at, const char *format, va_list args)
{
    char line[LINE_MAX_BYTES];

    if (at > level)
        return;
    size_t used = put_prefix(line, sizeof line, at);
    int more = vsnprintf(line + used, sizeof line - used - 1, format, args);
    if (more > 0)
        used += (size_t)more < sizeof line - used - 1 ? (size_t)more : sizeof line - used - 2;
    line[used++] = '\n';

    ssize_t ignored = write(STDERR_FILENO, line, used);
    (void)ignored;
}

void log_error(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    write_line(LOG_LEVEL_ERROR, format, args);
    va_end(args);
}

void log_warning(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    write_line(LOG_LEVEL_WARNING, format, args);
    va_end(args);
}

void log_info(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    write_line(LOG_LEVEL_INFO, format, args);
    va_end(args);
}

void log_debug(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    write_line(LOG_LEVEL_DEBUG, format, args);
    va_end(args);
}

bool log_allow(struct log_limit *limit, mono_ms now, uint32_t burst)
{
    if (limit->window.ms == 0 || mono_reached(now, mono_after(limit->window, WINDOW_MS))) {
        if (limit->suppressed)
            log_info("log: %u lines like the next one were left out", limit->suppressed);
        *limit = (struct log_limit){.window = now};
    }
    if (limit->in_window >= burst) {
        limit->suppressed++;
        return false;
    }
    limit->in_window++;
    return true;
}
