/* Files and memory as sources; zip archives are in zip.c. See source.h. */
#include "daemon/reconcile/source.h"

#include <stdio.h>
#include <string.h>

#include "daemon/reconcile/zip.h"

static int64_t read_file(void *arg, char *bytes, size_t size, struct err *err)
{
    FILE *file = arg;
    size_t got = fread(bytes, 1, size, file);

    if (got < size && ferror(file)) {
        err_errno(err, "cannot be read");
        return -1;
    }
    return (int64_t)got;
}

bool source_each(const char *path, source_fn *fn, void *arg, struct err *err)
{
    char first[4] = "";
    FILE *file = fopen(path, "re");

    if (!file)
        return err_errno(err, "%s", path);
    size_t got = fread(first, 1, sizeof first, file);
    rewind(file);
    struct source source = {.name = path, .read = read_file, .arg = file};
    /* A local header, or the end of an archive that holds nothing. */
    bool zip = got == sizeof first && (!memcmp(first, "PK\3\4", 4) || !memcmp(first, "PK\5\6", 4));
    bool good = zip ? zip_each(path, fn, arg, err) : fn(arg, &source, err);
    fclose(file);
    return good;
}

static int64_t read_bytes(void *arg, char *bytes, size_t size, struct err *err)
{
    struct source_bytes *from = arg;
    size_t left = from->size - from->used, part = size < left ? size : left;

    (void)err;
    if (part)
        memcpy(bytes, from->bytes + from->used, part);
    from->used += part;
    return (int64_t)part;
}

struct source source_of_bytes(const char *name, struct source_bytes *bytes)
{
    return (struct source){.name = name, .read = read_bytes, .arg = bytes};
}
