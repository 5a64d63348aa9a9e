/* Zip archives by libzip. See zip.h. A member is read as it is unpacked, a piece at a time. */
#include "daemon/reconcile/zip.h"

#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "daemon/base/charset.h"
#include "daemon/base/memory.h"

struct member {
    zip_file_t *file;
    int64_t *left; /* of what the archive may unpack to */
};

static int64_t read_member(void *arg, char *bytes, size_t size, struct err *err)
{
    struct member *member = arg;
    zip_int64_t got = zip_fread(member->file, bytes, size);

    if (got < 0) {
        err_set(err, "the archive is damaged (%s); download it again",
                zip_error_strerror(zip_file_get_error(member->file)));
        return -1;
    }
    *member->left -= got;
    if (*member->left < 0) {
        err_set(err, "the archive unpacks to more than %d MB, which no statement of a day does",
                ZIP_BYTES_MAX >> 20);
        return -1;
    }
    return got;
}

/* "bill.zip: name"; the names of Chinese makers' archives are GBK. The caller frees. */
static char *shown_name(const char *path, const char *name)
{
    size_t size = strlen(name);
    char *own = charset_is_utf8(name, size) ? NULL : charset_from_gbk(name, size, &size);
    char *shown = memory_format("%s: %s", path, own ? own : name);

    free(own);
    return shown;
}

static bool each_member(zip_t *archive, const char *path, source_fn *fn, void *arg, struct err *err)
{
    zip_int64_t count = zip_get_num_entries(archive, 0);
    int64_t left = ZIP_BYTES_MAX;
    bool good = count > 0 && count <= ZIP_MEMBERS_MAX;

    if (!good)
        return err_set(err, "%s: the archive holds %lld files; 1 to %d are expected", path,
                       (long long)count, ZIP_MEMBERS_MAX);
    for (zip_int64_t i = 0; good && i < count; i++) {
        const char *name = zip_get_name(archive, (zip_uint64_t)i, ZIP_FL_ENC_RAW);

        if (!name || (*name && name[strlen(name) - 1] == '/'))
            continue;
        char *shown = shown_name(path, name);
        struct member member = {zip_fopen_index(archive, (zip_uint64_t)i, 0), &left};
        struct source source = {.name = shown, .read = read_member, .arg = &member};
        good = member.file ? fn(arg, &source, err)
                           : err_set(err, "%s: cannot be unpacked (%s)", shown,
                                     zip_error_strerror(zip_get_error(archive)));
        if (member.file)
            zip_fclose(member.file);
        free(shown);
    }
    return good;
}

bool zip_each(const char *path, source_fn *fn, void *arg, struct err *err)
{
    int code = 0;
    zip_error_t why;
    zip_t *archive = zip_open(path, ZIP_RDONLY, &code);

    if (!archive) {
        zip_error_init_with_code(&why, code);
        err_set(err, "%s: no whole zip archive (%s); download it again", path,
                zip_error_strerror(&why));
        zip_error_fini(&why);
        return false;
    }
    bool good = each_member(archive, path, fn, arg, err);
    zip_discard(archive);
    return good;
}
