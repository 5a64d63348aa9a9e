/*
 * Memory while building. Running out ends the process at one place (exit code 70, said on the log);
 * systemd starts it again whole. Nothing is allocated per reading or per request outside the
 * libraries.
 */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

/* First of all, before any thread: large tables get pages of their own, which cost nothing until
 * they are used (by default the C library soon takes them from the heap, where they are cleared and
 * so resident), and all threads share one heap (they hardly allocate: one each is mostly air). */
void memory_prepare(void);
/* Once built: what only building needed goes back to the system. */
void memory_settle(void);

void *memory_new(size_t count, size_t size);             /* zeroed; free() it */
void *memory_grow(void *old, size_t count, size_t size); /* realloc; new part not zeroed */
char *memory_text(const char *text);                     /* copy; free() it; NULL stays NULL */
char *memory_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The one place, for a library that could not have what it needs. */
_Noreturn void memory_out(void);

#endif
