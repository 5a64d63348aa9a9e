/*
 * A name service on bad days, under the real daemon, as a shared object that is preloaded: names
 * that end in ".test" are answered as the first word of the file that PARKD_NAMES names says: "ok"
 * (they are 127.0.0.1), "slow" (the same after three seconds), "dead" (no answer, after as long).
 */
#include <dlfcn.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SLOW_S = 3 };

static void read_mode(char mode[8])
{
    const char *path = getenv("PARKD_NAMES");
    FILE *file = path ? fopen(path, "re") : NULL;

    mode[0] = '\0';
    if (file) {
        if (fscanf(file, "%7s", mode) != 1)
            mode[0] = '\0';
        fclose(file);
    }
}

int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
                struct addrinfo **ret)
{
    typedef int fn(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    fn *real = (fn *)dlsym(RTLD_NEXT, "getaddrinfo");
    const char *end = host ? strrchr(host, '.') : NULL;
    struct timespec wait = {.tv_sec = SLOW_S};
    char mode[8];

    if (!end || strcmp(end, ".test") != 0)
        return real(host, service, hints, ret);
    read_mode(mode);
    if (strcmp(mode, "ok") != 0)
        nanosleep(&wait, NULL);
    return strcmp(mode, "dead") == 0 ? EAI_AGAIN : real("127.0.0.1", service, hints, ret);
}
