/* Lets one allocation of this process fail. See failing_memory.c. Any thread. */
#ifndef TESTS_FAULT_FAILING_MEMORY_H
#define TESTS_FAULT_FAILING_MEMORY_H

#include <stdint.h>

/* The nth from now on; 0: none. Counts from 0 again. */
void failing_memory_after(uint64_t nth);
uint64_t failing_memory_taken(void);

#endif
