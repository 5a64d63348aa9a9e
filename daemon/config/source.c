/*
 * Files are taken in whole, line by line, into one growing text. Limits keep a wrong include (a
 * device node, a file that includes itself) from filling memory.
 */
#include "daemon/config/source.h"
#include "daemon/config/files.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/base/memory.h"
#include "daemon/config/scan.h"

enum {
    FILE_SIZE_MAX = 4 << 20,
    TEXT_SIZE_MAX = 16 << 20,
    DEPTH_MAX = 8,
    FILES_MAX = 2000,
    PATTERN_MAX = 256,
    WHAT_SIZE = 400
};

struct source {
    char *text;
    size_t size, room;
    struct place *lines; /* of each line of `text` */
    size_t lines_count, lines_room;
    struct place first; /* the document as a whole */
    uint32_t files;
};

/* One file on its way into the text. */
struct taking {
    struct source *source;
    struct mistakes *mistakes;
    const char *path;
    struct place place;
    int depth;
    bool ok;
};

static void append(void *arg, const char *bytes, size_t size)
{
    struct source *s = arg;

    if (s->size + size + 1 > s->room) {
        s->room = 2 * (s->size + size + 1);
        s->text = memory_grow(s->text, s->room, 1);
    }
    memcpy(s->text + s->size, bytes, size);
    s->size += size;
    s->text[s->size] = '\0';
}

static void append_place(struct source *s, struct place place)
{
    if (s->lines_count == s->lines_room) {
        s->lines_room = s->lines_room ? 2 * s->lines_room : 256;
        s->lines = memory_grow(s->lines, s->lines_room, sizeof *s->lines);
    }
    s->lines[s->lines_count++] = place;
}

/* The whole file with a NUL, or NULL with the reason in `ret_why`. */
static char *slurp(const char *path, size_t *ret_size, const char **ret_why)
{
    struct stat status;
    char *bytes = NULL;
    FILE *file = NULL;

    if (stat(path, &status) < 0) {
        *ret_why = strerror(errno);
    } else if (!S_ISREG(status.st_mode)) { /* before opening: a FIFO would wait for its writer */
        *ret_why = "it is not a regular file";
    } else if (status.st_size > FILE_SIZE_MAX) {
        *ret_why = "it is larger than 4 MB";
    } else if ((file = fopen(path, "re")) == NULL) {
        *ret_why = strerror(errno);
    } else {
        bytes = memory_new((size_t)status.st_size + 1, 1);
        *ret_size = fread(bytes, 1, (size_t)status.st_size, file);
    }
    if (file)
        fclose(file);
    return bytes;
}

static const char *skip_blank(const char *p, const char *end)
{
    while (p < end && (isblank((unsigned char)*p) || *p == '\r'))
        p++;
    return p;
}

static bool is_include(const char *line, size_t size)
{
    static const char word[] = "@include";
    const char *p = skip_blank(line, line + size);
    return (size_t)(line + size - p) >= sizeof word - 1 && memcmp(p, word, sizeof word - 1) == 0;
}

/* The pattern of `@include "pattern"` when nothing but a comment follows it. */
static bool include_pattern(const char *line, size_t size, char pattern[PATTERN_MAX])
{
    const char *end = line + size;
    const char *open = memchr(line, '"', size);
    const char *close = open ? memchr(open + 1, '"', (size_t)(end - open - 1)) : NULL;

    if (!close || close - open - 1 < 1 || close - open - 1 >= PATTERN_MAX)
        return false;
    const char *rest = skip_blank(close + 1, end);
    if (rest < end && *rest != '#' && *rest != '/')
        return false;
    snprintf(pattern, PATTERN_MAX, "%.*s", (int)(close - open - 1), open + 1);
    return true;
}

static bool take_file(struct source *source, struct mistakes *mistakes, const char *path,
                      const struct taking *from);

/* A mistake of the text itself, told at the line that is being taken. */
static void __attribute__((format(printf, 2, 3))) wrong(struct taking *t, const char *format, ...)
{
    char what[WHAT_SIZE];
    va_list list;

    va_start(list, format);
    vsnprintf(what, sizeof what, format, list);
    va_end(list);
    mistake_add(t->mistakes, t->place, "%s", what);
    t->ok = false;
}

static void take_include(struct taking *t, const char *line, size_t size)
{
    const char *slash = strrchr(t->path, '/');
    char pattern[PATTERN_MAX], path[PATH_MAX];
    glob_t found;

    if (!include_pattern(line, size, pattern)) {
        wrong(t, "allowed: @include \"file\" or \"folder/*.conf\", alone on its line");
        return;
    }
    int folder = pattern[0] == '/' || !slash ? 0 : (int)(slash - t->path + 1);
    if (snprintf(path, sizeof path, "%.*s%s", folder, t->path, pattern) >= (int)sizeof path ||
        !files_matching(path, GLOB_NOMAGIC, &found)) {
        wrong(t, "no file matches this @include; a relative one begins at this file's folder");
        return;
    }
    for (size_t i = 0; i < found.gl_pathc; i++)
        t->ok = take_file(t->source, t->mistakes, found.gl_pathv[i], t) && t->ok;
    globfree(&found);
}

static void take_lines(struct taking *t, const char *bytes, size_t size)
{
    enum scan_state state = SCAN_PLAIN;
    struct place opened = t->place;
    const char *end = bytes + size;

    for (const char *line = bytes; line < end; t->place.line++) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        size_t length = (size_t)((stop ? stop : end) - line);
        enum scan_state before = state;

        if (scan_utf8(line, length) < length)
            wrong(t, "this line is not UTF-8 text; save the file as UTF-8");
        if (state == SCAN_PLAIN && is_include(line, length)) {
            take_include(t, line, length);
        } else {
            append_place(t->source, t->place);
            if (!scan_line(&state, line, length, append, t->source))
                wrong(t, "a number here is beyond 64 bits");
            append(t->source, "\n", 1);
        }
        if (before != state)
            opened = t->place;
        line += length + 1;
    }
    t->place = opened;
    if (state != SCAN_PLAIN)
        wrong(t, state == SCAN_TEXT ? "the text that begins here has no closing quote"
                                    : "the comment that begins here is never closed with */");
}

/* `from` is the file that includes this one, NULL for the first. */
static bool take_file(struct source *source, struct mistakes *mistakes, const char *path,
                      const struct taking *from)
{
    const char *why = NULL;
    size_t size = 0;
    struct taking t = {source, mistakes, path, {0, 1}, from ? from->depth + 1 : 0, true};
    char *bytes = slurp(path, &size, &why);

    if (from && (!bytes || t.depth > DEPTH_MAX))
        t.place = from->place;
    else
        t.place.file = mistake_file(mistakes, path);
    if (!from)
        source->first = t.place;
    if (!bytes)
        wrong(&t, "%s cannot be read: %s", path, why);
    else if (t.depth > DEPTH_MAX)
        wrong(&t, "@include goes deeper than %d files; does %s include itself?", DEPTH_MAX, path);
    else if (++source->files > FILES_MAX || source->size + size > TEXT_SIZE_MAX)
        wrong(&t, "too much for one configuration; allowed: %d files, 16 MB", FILES_MAX);
    else
        take_lines(&t, bytes, size);
    free(bytes);
    return t.ok;
}

struct source *source_open(const char *path, struct mistakes *mistakes)
{
    struct source *source = memory_new(1, sizeof *source);

    append(source, "", 0);
    if (take_file(source, mistakes, path, NULL))
        return source;
    source_close(source);
    return NULL;
}

void source_close(struct source *source)
{
    if (!source)
        return;
    free(source->lines);
    free(source->text);
    free(source);
}

const char *source_text(const struct source *source)
{
    return source->text;
}

struct place source_place(const struct source *source, unsigned line)
{
    if (line < 1 || source->lines_count == 0)
        return source->first;
    size_t last = source->lines_count - 1;
    return source->lines[line - 1 < last ? line - 1 : last];
}
