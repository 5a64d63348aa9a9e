/*
 * Files that a configuration names: found relative to the file that names them, or as
 * "credential:NAME" among the service manager's credentials. Secrets are refused when everyone on
 * the machine could read them.
 */
#ifndef CONFIG_SECRET_H
#define CONFIG_SECRET_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "daemon/base/err.h"

enum { SECRET_PATH_SIZE = PATH_MAX, SECRET_SIZE = 1024 };

/* The full path of what `written` means in the file `beside`. */
bool secret_path(const char *beside, const char *written, char ret[SECRET_PATH_SIZE],
                 struct err *err);

/* A regular file that we can read; `is_private`: and that others cannot. */
bool secret_check(const char *path, bool is_private, struct err *err);

/* The first line of a private file: 1 to SECRET_SIZE - 1 printable ASCII characters. */
bool secret_read(const char *path, char ret[SECRET_SIZE], struct err *err);

#endif
