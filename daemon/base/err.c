/* Failures in words. See err.h. */
#include "daemon/base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool err_set(struct err *err, const char *format, ...)
{
    if (err) {
        va_list args;

        va_start(args, format);
        vsnprintf(err->text, sizeof err->text, format, args);
        va_end(args);
    }
    return false;
}

bool err_errno(struct err *err, const char *format, ...)
{
    int number = errno;

    if (err) {
        va_list args;

        va_start(args, format);
        int used = vsnprintf(err->text, sizeof err->text, format, args);
        va_end(args);
        if (used >= 0 && (size_t)used < sizeof err->text)
            snprintf(err->text + used, sizeof err->text - (size_t)used, ": %s", strerror(number));
    }
    return false;
}

bool err_prefix(struct err *err, const char *format, ...)
{
    if (err) {
        char what[ERR_TEXT_SIZE];
        va_list args;

        memcpy(what, err->text, sizeof what);
        va_start(args, format);
        int used = vsnprintf(err->text, sizeof err->text, format, args);
        va_end(args);
        if (used >= 0 && (size_t)used < sizeof err->text)
            snprintf(err->text + used, sizeof err->text - (size_t)used, ": %s", what);
    }
    return false;
}
