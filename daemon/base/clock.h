/*
 * The two clocks of the machine. Only the outermost callers read them; the rest of the program is
 * handed a struct now.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "daemon/core/units.h"

mono_ms clock_mono(void);    /* CLOCK_BOOTTIME: counts while suspended, never stepped */
int64_t clock_mono_us(void); /* the same in microseconds, for measuring */
utc_ms clock_utc(void);      /* CLOCK_REALTIME */
struct now clock_now(void);  /* both */

/* The kernel's clock is disciplined (adjtimex, not STA_UNSYNC). Not known where we may not ask. */
bool clock_synchronised(bool *ret_known);

#endif
