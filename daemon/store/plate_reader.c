/* Plates for queries. See plate_reader.h. */
#include "daemon/store/plate_reader.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/store/plates.h"

struct plate_reader {
    struct keys keys;
    struct plates *plates;
};

struct plate_reader *plate_reader_create(struct sql *sql, const char *database, struct err *err)
{
    struct plate_reader *reader = memory_new(1, sizeof *reader);

    keys_read(&reader->keys, database);
    reader->plates = plates_create(sql, &reader->keys, false, err);
    if (reader->plates)
        return reader;
    plate_reader_destroy(reader);
    return NULL;
}

void plate_reader_destroy(struct plate_reader *reader)
{
    if (!reader)
        return;
    plates_destroy(reader->plates);
    keys_close(&reader->keys);
    free(reader);
}

bool plate_reader_text(struct plate_reader *reader, const char *text, const char **ret,
                       struct err *err)
{
    return plates_resolve(reader->plates, text, ret, err);
}

bool plate_reader_body(struct plate_reader *reader, const char *body, const char **ret,
                       struct err *err)
{
    struct store_row row = {.body = body, .body_size = strlen(body)};
    bool good = plates_show(reader->plates, &row, err);

    *ret = row.body;
    return good;
}
