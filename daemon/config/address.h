/* IP addresses as a configuration may hold them. Pure; nothing is resolved. */
#ifndef CONFIG_ADDRESS_H
#define CONFIG_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/err.h"

enum { ADDRESS_SIZE = 64 };

/* An IPv4 or IPv6 literal without brackets. */
struct address {
    char text[ADDRESS_SIZE]; /* in the one form that inet_ntop() gives */
    bool loopback;
};
bool address_ip(const char *text, struct address *ret);

/* "127.0.0.1:8080" or "[::1]:8080". */
bool address_listen(const char *text, bool *ret_loopback, struct err *err);

#endif
