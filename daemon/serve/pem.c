/* PEM files. See pem.h. */
#include "daemon/serve/pem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"

char *pem_read(const char *path, struct err *err)
{
    FILE *file = fopen(path, "re");
    char *pem = NULL;

    if (!file) {
        err_errno(err, "%s cannot be read", path);
        return NULL;
    }
    pem = memory_new(1, PEM_SIZE_MAX);
    setvbuf(file, NULL, _IONBF, 0); /* leaves no copy behind */
    size_t size = fread(pem, 1, PEM_SIZE_MAX - 1, file);
    if (size == PEM_SIZE_MAX - 1 || strlen(pem) != size || !strstr(pem, "-----BEGIN ")) {
        err_set(err, "%s holds no PEM text of less than %d bytes", path, PEM_SIZE_MAX);
        pem_forget(pem);
        pem = NULL;
    }
    fclose(file);
    return pem;
}

void pem_forget(char *pem)
{
    if (pem)
        explicit_bzero(pem, PEM_SIZE_MAX);
    free(pem);
}
