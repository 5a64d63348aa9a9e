/* Memory while building; the one place where running out ends the process. See memory.h. */
#include "daemon/base/memory.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum { OWN_PAGES = 32768 }; /* bytes from which on a table has its own */

void memory_out(void)
{
    static const char last_words[] = "memory: none left; give the service more (MemoryMax=)\n";

    /* No printf here: it may want memory too. */
    ssize_t ignored = write(STDERR_FILENO, last_words, sizeof last_words - 1);
    (void)ignored;
    _exit(EX_SOFTWARE);
}

static void *owned(void *memory)
{
    if (!memory)
        memory_out();
    return memory;
}

void memory_prepare(void)
{
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_THRESHOLD, OWN_PAGES);
    mallopt(M_TRIM_THRESHOLD, OWN_PAGES);
    mallopt(M_TOP_PAD, OWN_PAGES / 4);
}

void memory_settle(void)
{
    malloc_trim(0);
}

void *memory_new(size_t count, size_t size)
{
    return owned(calloc(count ? count : 1, size));
}

void *memory_grow(void *old, size_t count, size_t size)
{
    return owned(reallocarray(old, count ? count : 1, size));
}

char *memory_text(const char *text)
{
    return text ? owned(strdup(text)) : NULL;
}

char *memory_format(const char *format, ...)
{
    char *text = NULL;
    va_list args;

    va_start(args, format);
    int length = vasprintf(&text, format, args);
    va_end(args);
    return owned(length < 0 ? NULL : text);
}
