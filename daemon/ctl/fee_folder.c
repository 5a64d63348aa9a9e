/* Where tariffs and calendars are found. See fee.h. */
#include "daemon/ctl/fee.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/memory.h"

enum { PATH_SIZE = 4096 };

static bool has_tariffs(const char *folder)
{
    char *path = memory_format("%s/tariffs", folder);
    struct stat found;
    bool is = stat(path, &found) == 0 && S_ISDIR(found.st_mode);

    free(path);
    return is;
}

/* The folder of this program, without "/" at the end. */
static void own_folder(char path[PATH_SIZE])
{
    ssize_t size = readlink("/proc/self/exe", path, PATH_SIZE - 1);

    path[size > 0 ? size : 0] = '\0';
    char *slash = strrchr(path, '/');
    if (slash)
        *slash = '\0';
}

char *fee_rules_folder(const struct ctl *ctl, struct err *err)
{
    static const char *const places[] = {"%s/../config", "%s/../etc/parkd", "/etc/parkd"};
    char own[PATH_SIZE];

    if (ctl->rules) {
        if (has_tariffs(ctl->rules))
            return memory_text(ctl->rules);
        err_set(err, "--rules %s: there is no folder tariffs in it", ctl->rules);
        return NULL;
    }
    own_folder(own);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        const char *behind = strncmp(places[i], "%s", 2) == 0 ? places[i] + 2 : NULL;
        char *folder = behind ? memory_format("%s%s", own, behind) : memory_text(places[i]);

        if (has_tariffs(folder))
            return folder;
        free(folder);
    }
    err_set(err, "no tariffs in /etc/parkd or beside the program; say where with --rules");
    return NULL;
}

struct tariff_library *fee_library(const struct ctl *ctl, struct err *err)
{
    char *folder = fee_rules_folder(ctl, err);

    if (!folder)
        return NULL;
    char *tariffs = memory_format("%s/tariffs", folder);
    char *calendars = memory_format("%s/calendars", folder);
    struct tariff_library *library = tariff_library_create(tariffs, calendars);
    free(calendars);
    free(tariffs);
    free(folder);
    return library;
}
