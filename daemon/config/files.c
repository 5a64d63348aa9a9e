/* Files that match a pattern. See files.h. */
#include "daemon/config/files.h"

#include "daemon/base/memory.h"

bool files_matching(const char *pattern, int flags, glob_t *ret)
{
    *ret = (glob_t){.gl_pathc = 0};
    int code = glob(pattern, flags, NULL, ret);

    if (code == GLOB_NOSPACE)
        memory_out();
    return code == 0;
}
