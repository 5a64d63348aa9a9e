/*
 * Dates of HTTP (RFC 9110, 5.6.7). Not libcurl's own reading: it gives a time_t, which has 32 bits
 * in Debian 12's libraries for armhf and 64 in what is built here. Pure.
 */
#include "daemon/uplink/http_date.h"

#include <stddef.h>
#include <time.h>

utc_ms http_date_read(const char *text)
{
    static const char *const forms[] = {
        "%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", /* RFC 850 */
        "%a %b %e %H:%M:%S %Y",                                   /* asctime() */
    };

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct tm tm = {0};
        const char *end = strptime(text, forms[i], &tm);
        time_t at = end && !*end ? timegm(&tm) : 0;

        if (at > 0)
            return (utc_ms){(int64_t)at * 1000};
    }
    return (utc_ms){0};
}
