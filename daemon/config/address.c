/* See address.h. */
#include "daemon/config/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* Splits "host:port" and "[v6]:port". */
static bool split(char *text, const char **ret_host, const char **ret_port)
{
    char *close = text[0] == '[' ? strchr(text, ']') : NULL;
    char *colon = close ? close + 1 : strchr(text, ':');

    if (!colon || *colon != ':' || (text[0] == '[' && !close))
        return false;
    *ret_host = close ? text + 1 : text;
    *ret_port = colon + 1;
    *(close ? close : colon) = '\0';
    return true;
}

bool address_listen(const char *text, bool *ret_loopback, struct err *err)
{
    char copy[ADDRESS_SIZE];
    const char *host, *port;
    struct address address;

    if (snprintf(copy, sizeof copy, "%s", text) >= (int)sizeof copy || !split(copy, &host, &port) ||
        !is_port(port) || !address_ip(host, &address))
        return err_set(err,
                       "\"%.60s\" is no address; allowed: ADDRESS:PORT such as "
                       "127.0.0.1:8080 or [::1]:8080",
                       text);
    *ret_loopback = address.loopback;
    return true;
}
