/*
 * What refuses: the N-th call of SQLite, or the N-th of the C library's on a file, fails, once or
 * from then on. The linker's --wrap leads the calls of the code under test here; what SQLite does
 * with its files is its own (disk_vfs.h), but for its syncs. One for the process, as the wrapped
 * calls have no other way to it.
 */
#ifndef FAULT_REFUSAL_H
#define FAULT_REFUSAL_H

#include <stdbool.h>
#include <stdint.h>

enum refused {
    REFUSE_STATEMENT, /* it does not compile, does not begin, or ends after its first row */
    REFUSE_CALL,      /* as a worn disk does it: EIO */
    REFUSE_SIGNAL,    /* reads and writes: EINTR */
    REFUSE_HALF,      /* reads and writes: half of what was asked */
    REFUSED
};

void refusal_arm(enum refused what, uint64_t nth, bool sticky);
void refusal_disarm(void);
bool refusal_came(void);

#endif
