/* Host, Origin and token. See guard.h. */
#include "daemon/serve/guard.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

enum { HOST_SIZE = 64 };

static bool is_port(const char *text)
{
    return *text == '\0' || (*text == ':' && text[1 + strspn(text + 1, "0123456789")] == '\0');
}

bool guard_host(const char *host)
{
    char name[HOST_SIZE];
    struct in_addr ip4;
    struct in6_addr ip6;

    if (!host)
        return false;
    bool bracket = *host == '[';
    const char *from = host + bracket;
    size_t size = strcspn(from, bracket ? "]" : ":");
    if (size == 0 || size >= sizeof name)
        return false;
    memcpy(name, from, size);
    name[size] = '\0';
    if (bracket)
        return from[size] == ']' && is_port(from + size + 1) &&
               inet_pton(AF_INET6, name, &ip6) == 1;
    return is_port(from + size) &&
           (strcasecmp(name, "localhost") == 0 || inet_pton(AF_INET, name, &ip4) == 1);
}

bool guard_origin(const char *origin, const char *scheme, const char *host)
{
    size_t size = strlen(scheme);

    return !origin || (strncmp(origin, scheme, size) == 0 && strcasecmp(origin + size, host) == 0);
}

bool guard_token(const char *header, const char *token)
{
    static const char scheme[] = "Bearer ";
    unsigned differs = 0;

    if (!header || strncasecmp(header, scheme, sizeof scheme - 1) != 0)
        return false;
    const char *given = header + sizeof scheme - 1;
    size_t given_size = strlen(given), size = strlen(token);
    for (size_t i = 0; i < given_size; i++)
        differs |= (unsigned char)given[i] ^ (unsigned char)token[i < size ? i : 0];
    return differs == 0 && given_size == size;
}
