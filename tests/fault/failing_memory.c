/*
 * Allocations that fail: malloc() and its kin in front of the C library's, for the whole process
 * with its libraries. Linked into a test program, or preloaded into the real one as a shared
 * object; then the environment says which one fails: PARKD_FAIL_ALLOCATION=N, the N-th since the
 * start.
 */
#include "tests/fault/failing_memory.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

/* Of the process, as the heap is. */
static atomic_uint_fast64_t taken;
static atomic_uint_fast64_t fails_at;

__attribute__((constructor)) static void read_environment(void)
{
    const char *nth = getenv("PARKD_FAIL_ALLOCATION");

    if (nth)
        failing_memory_after(strtoull(nth, NULL, 10));
}

void failing_memory_after(uint64_t nth)
{
    atomic_store(&taken, 0);
    atomic_store(&fails_at, nth);
}

uint64_t failing_memory_taken(void)
{
    return atomic_load(&taken);
}

static int fails(void)
{
    if (atomic_fetch_add(&taken, 1) + 1 != atomic_load(&fails_at))
        return 0;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    return fails() ? NULL : __libc_realloc(old, size);
}

/* glibc's own would call its own realloc(). */
void *reallocarray(void *old, size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(old, bytes);
}
