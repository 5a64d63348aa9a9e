/*
 * Memory while building. Running out ends the process at one place (exit code 70, said on the log);
 * systemd starts it again whole. Nothing is allocated per reading or per request outside the
 * libraries.
 */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

void *memory_new(size_t count, size_t size);             /* zeroed; free() it */
void *memory_grow(void *old, size_t count, size_t size); /* realloc; new part not zeroed */
char *memory_text(const char *text);                     /* copy; free() it; NULL stays NULL */
char *memory_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The one place, for a library that could not have what it needs. */
_Noreturn void memory_out(void);

#endif
