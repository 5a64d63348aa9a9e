/*
 * Of a build that counts branches: what a daemon has reached counts also when a test kills it. A
 * signal that nobody else sends writes the counts, and then kills as SIGKILL does. Linked into
 * parkd by `make COUNTS=1` (scripts/coverage_all).
 */
#include <signal.h>

extern void __gcov_dump(void); /* of the compiler's library */

static void write_and_die(int number)
{
    (void)number;
    __gcov_dump();
    raise(SIGKILL);
}

__attribute__((constructor)) static void arm(void)
{
    signal(SIGPWR, write_and_die);
}
