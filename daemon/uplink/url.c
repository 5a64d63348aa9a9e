/* Takes addresses apart. See url.h. */
#include "daemon/uplink/url.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const struct scheme {
    const char *name;
    uint16_t port;
    bool secure, path;
} schemes[] = {
    {"https", 443, true, true},
    {"http", 80, false, true},
    {"mqtts", 8883, true, false},
    {"mqtt", 1883, false, false},
};

static const struct scheme *find_scheme(const char *text, size_t size)
{
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        if (strlen(schemes[i].name) == size && memcmp(schemes[i].name, text, size) == 0)
            return &schemes[i];
    }
    return NULL;
}

static bool is_loopback(const char *host)
{
    struct in_addr address;

    if (inet_pton(AF_INET, host, &address) == 1)
        return ntohl(address.s_addr) >> 24 == 127;
    return strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0;
}

/* Copies the host in front of `end` and returns what follows it, or NULL. */
static const char *take_host(const char *at, const char *end, char *host, size_t size)
{
    const char *stop = *at == '[' ? memchr(at, ']', (size_t)(end - at)) : NULL;
    size_t length;

    if (*at == '[' && !stop)
        return NULL;
    if (stop) {
        length = (size_t)(stop++ - ++at);
    } else {
        stop = memchr(at, ':', (size_t)(end - at));
        stop = stop ? stop : end;
        length = (size_t)(stop - at);
    }
    if (!length || length >= size)
        return NULL;
    memcpy(host, at, length);
    host[length] = '\0';
    return stop;
}

static bool take_port(const char *at, const char *end, uint16_t *ret)
{
    char *stop;

    if (at == end)
        return true;
    if (*at != ':' || !isdigit((unsigned char)at[1]))
        return false;
    unsigned long port = strtoul(at + 1, &stop, 10);
    if (stop != end || port == 0 || port > UINT16_MAX)
        return false;
    *ret = (uint16_t)port;
    return true;
}

static bool plain(const char *text)
{
    for (const char *c = text; *c; c++) {
        if ((unsigned char)*c <= ' ' || (unsigned char)*c > '~' || strchr("?#@\"<>\\", *c))
            return false;
    }
    return true;
}

bool url_parse(const char *text, struct url *ret, struct err *err)
{
    const char *mark = strstr(text, "://");
    const struct scheme *scheme = mark ? find_scheme(text, (size_t)(mark - text)) : NULL;
    struct url url = {.secure = scheme && scheme->secure};

    if (!scheme || !plain(text))
        return err_set(err,
                       "\"%s\" is no address; write https://host[:port][/path] or "
                       "mqtts://host[:port]",
                       text);
    const char *end = strchr(mark + 3, '/');
    if (end && !scheme->path)
        return err_set(err, "\"%s\": an address of this scheme has no path", text);
    end = end ? end : mark + strlen(mark);
    strcpy(url.scheme, scheme->name);
    url.port = scheme->port;
    const char *port = take_host(mark + 3, end, url.host, sizeof url.host);
    if (!port || !take_port(port, end, &url.port))
        return err_set(err, "\"%s\": the host or the port (1 to 65535) is wrong", text);
    if (scheme->path && !scheme->secure && !is_loopback(url.host))
        return err_set(err, "\"%s\": http:// is for this machine itself; write https://", text);
    *ret = url;
    return true;
}
