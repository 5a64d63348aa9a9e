/* See address.h. */
#include "daemon/config/address.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool address_ip(const char *text, struct address *ret)
{
    struct in_addr four;
    struct in6_addr six;

    if (inet_pton(AF_INET, text, &four) == 1) {
        ret->loopback = ntohl(four.s_addr) >> 24 == 127;
        return inet_ntop(AF_INET, &four, ret->text, sizeof ret->text) != NULL;
    }
    if (inet_pton(AF_INET6, text, &six) != 1)
        return false;
    ret->loopback = IN6_IS_ADDR_LOOPBACK(&six);
    return inet_ntop(AF_INET6, &six, ret->text, sizeof ret->text) != NULL;
}

static bool is_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    long port = digits > 0 && digits <= 5 ? strtol(text, NULL, 10) : 0;
    return text[digits] == '\0' && port >= 1 && port <= 65535;
}

/* Splits "host:port", "[v6]:port", "host"; `ret_port` is NULL when none is given. */
static bool split(char *text, const char **ret_host, const char **ret_port)
{
    char *close = text[0] == '[' ? strchr(text, ']') : NULL;
    char *rest = close ? close + 1 : strchr(text, ':');

    if (text[0] == '[' && (!close || (*rest && *rest != ':')))
        return false;
    *ret_host = close ? text + 1 : text;
    *ret_port = rest && *rest ? rest + 1 : NULL;
    if (close)
        *close = '\0';
    if (rest)
        *rest = '\0';
    return true;
}

bool address_listen(const char *text, bool *ret_loopback, struct err *err)
{
    char copy[ADDRESS_SIZE];
    const char *host, *port;
    struct address address;

    if (snprintf(copy, sizeof copy, "%s", text) >= (int)sizeof copy || !split(copy, &host, &port) ||
        !port || !is_port(port) || !address_ip(host, &address))
        return err_set(err,
                       "\"%.60s\" is no address; allowed: ADDRESS:PORT such as "
                       "127.0.0.1:8080 or [::1]:8080",
                       text);
    *ret_loopback = address.loopback;
    return true;
}

static bool is_host(const char *host)
{
    struct address address;

    for (const char *p = host; *p; p++)
        if (!isalnum((unsigned char)*p) && *p != '.' && *p != '-')
            return address_ip(host, &address);
    return host[0] != '\0';
}

bool address_url(const char *url, struct address_url *ret, struct err *err)
{
    struct address address = {.loopback = false};
    const char *mark = strstr(url, "://");
    const char *host, *port;
    char authority[256];

    if (!mark || mark == url || (size_t)(mark - url) >= sizeof ret->scheme)
        return err_set(err, "\"%.80s\" is no URL; allowed: scheme://host:port", url);
    snprintf(ret->scheme, sizeof ret->scheme, "%.*s", (int)(mark - url), url);
    size_t size = strcspn(mark + 3, "/?#");
    if (snprintf(authority, sizeof authority, "%.*s", (int)size, mark + 3) >= (int)sizeof authority)
        return err_set(err, "has a host that is too long");
    if (strchr(authority, '@'))
        return err_set(err, "must not hold a user name or password; allowed: username and "
                            "password_file, or token_file");
    if (!split(authority, &host, &port) || !is_host(host) || (port && !is_port(port)))
        return err_set(err, "\"%.80s\" has no valid host and port; allowed: %s://host:port", url,
                       ret->scheme);
    ret->loopback =
        strcasecmp(host, "localhost") == 0 || (address_ip(host, &address) && address.loopback);
    ret->has_path = mark[3 + size] != '\0' && strcmp(mark + 3 + size, "/") != 0;
    return true;
}
