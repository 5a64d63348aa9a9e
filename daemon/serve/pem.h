/* Certificates and keys as they stand in their files. The caller gives each to pem_forget(). */
#ifndef SERVE_PEM_H
#define SERVE_PEM_H

#include "daemon/base/err.h"

enum { PEM_SIZE_MAX = 64 * 1024 };

char *pem_read(const char *path, struct err *err); /* NULL on failure */
void pem_forget(char *pem);                        /* overwrites it first; takes NULL */

#endif
