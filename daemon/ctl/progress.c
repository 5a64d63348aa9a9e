/* Progress. See progress.h. */
#include "daemon/ctl/progress.h"

#include <stdio.h>
#include <unistd.h>

void progress_show(const char *what, int64_t done, int64_t all)
{
    if (!isatty(STDERR_FILENO))
        return;
    fprintf(stderr, "\r\033[K%s", what);
    if (all > 0)
        fprintf(stderr, " %lld %%", (long long)(done * 100 / all));
    fflush(stderr);
}

void progress_end(void)
{
    if (isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
}
