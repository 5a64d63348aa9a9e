/*
 * Mistakes are kept as texts with their place and sorted once, when they are told. A file of a
 * hundred thousand mistakes is of no more use to a reader than its first five hundred.
 */
#include "daemon/config/mistake.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/memory.h"

enum { MISTAKES_KEPT = 500, MISTAKE_SIZE = 512 };

struct mistake {
    struct place place;
    size_t order;
    char *text;
};

struct mistakes {
    char **files;
    uint32_t files_count;
    struct mistake *kept;
    size_t kept_count;
    size_t count;
};

struct mistakes *mistake_create(void)
{
    struct mistakes *mistakes = memory_new(1, sizeof *mistakes);
    mistakes->kept = memory_new(MISTAKES_KEPT, sizeof *mistakes->kept);
    return mistakes;
}

void mistake_destroy(struct mistakes *mistakes)
{
    if (!mistakes)
        return;
    for (size_t i = 0; i < mistakes->kept_count; i++)
        free(mistakes->kept[i].text);
    for (uint32_t i = 0; i < mistakes->files_count; i++)
        free(mistakes->files[i]);
    free(mistakes->files);
    free(mistakes->kept);
    free(mistakes);
}

uint32_t mistake_file(struct mistakes *mistakes, const char *path)
{
    mistakes->files =
        memory_grow(mistakes->files, mistakes->files_count + 1, sizeof *mistakes->files);
    mistakes->files[mistakes->files_count] = memory_text(path);
    return mistakes->files_count++;
}

const char *mistake_path(const struct mistakes *mistakes, uint32_t file)
{
    return mistakes->files[file];
}

void mistake_add(struct mistakes *mistakes, struct place place, const char *format, ...)
{
    char text[MISTAKE_SIZE];
    va_list list;

    if (mistakes->count++ >= MISTAKES_KEPT)
        return;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    size_t n = mistakes->kept_count++;
    mistakes->kept[n] = (struct mistake){place, n, memory_text(text)};
}

size_t mistake_count(const struct mistakes *mistakes)
{
    return mistakes->count;
}

static int by_place(const void *left, const void *right)
{
    const struct mistake *a = left, *b = right;
    if (a->place.file != b->place.file)
        return a->place.file < b->place.file ? -1 : 1;
    if (a->place.line != b->place.line)
        return a->place.line < b->place.line ? -1 : 1;
    return a->order < b->order ? -1 : 1;
}

void mistake_tell(struct mistakes *mistakes, mistake_fn *fn, void *arg)
{
    char line[MISTAKE_SIZE + 512];

    qsort(mistakes->kept, mistakes->kept_count, sizeof *mistakes->kept, by_place);
    for (size_t i = 0; i < mistakes->kept_count; i++) {
        const struct mistake *m = &mistakes->kept[i];
        snprintf(line, sizeof line, "%s:%u: %s", mistakes->files[m->place.file], m->place.line,
                 m->text);
        fn(arg, line);
    }
    if (mistakes->count > mistakes->kept_count) {
        snprintf(line, sizeof line, "%zu more mistakes are not shown",
                 mistakes->count - mistakes->kept_count);
        fn(arg, line);
    }
}
