/* Objects out of JSON lines or CSV. See objects.h. */
#include "daemon/reconcile/objects.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/reconcile/rows.h"

enum { LINE_SIZE = 65536, NUMBERS = 8, NUMBER_SIZE = 24 };

struct object {
    const struct json *json;
    char **names; /* of CSV */
    uint32_t names_count;
    const struct row *row;
    struct numbers *numbers;
};

/* Whole numbers as texts: the last few that were asked for. */
struct numbers {
    char texts[NUMBERS][NUMBER_SIZE];
    uint32_t next;
};

const struct json *object_member(const struct object *object, const char *name)
{
    return json_member(object->json, name);
}

const char *object_text(const struct object *object, const char *name)
{
    const struct json *value = json_member(object->json, name);

    for (uint32_t i = 0; object->row && i < object->names_count; i++)
        if (strcmp(object->names[i], name) == 0)
            return object->row->cells[i];
    if (json_kind(value) != JSON_KIND_INT)
        return json_text(value, NULL);
    char *text = object->numbers->texts[object->numbers->next++ % NUMBERS];
    snprintf(text, NUMBER_SIZE, "%lld", (long long)json_int(value, 0));
    return text;
}

static bool each_json(const char *path, FILE *file, object_fn *fn, void *arg, struct err *err)
{
    struct numbers numbers = {.next = 0};
    char *line = memory_new(LINE_SIZE, 1);
    bool good = true;

    for (unsigned number = 1; good && fgets(line, LINE_SIZE, file); number++) {
        size_t size = strlen(line);

        if (line[strspn(line, " \t\r\n")] == '\0')
            continue;
        struct json *json = json_read(line, size, LINE_SIZE, err);
        struct object object = {.json = json, .numbers = &numbers};
        good = json && (json_kind(json) == JSON_KIND_OBJECT || err_set(err, "this is no object")) &&
               fn(arg, &object, err);
        json_release(json);
        if (!good)
            err_prefix(err, "%s:%u", path, number);
    }
    if (good && ferror(file))
        good = err_errno(err, "%s", path);
    free(line);
    return good;
}

static int64_t read_file(void *arg, char *bytes, size_t size, struct err *err)
{
    size_t got = fread(bytes, 1, size, arg);

    if (got < size && ferror((FILE *)arg)) {
        err_errno(err, "cannot be read");
        return -1;
    }
    return (int64_t)got;
}

static bool each_row(struct rows *rows, const char *path, object_fn *fn, void *arg, struct err *err)
{
    struct row row;
    struct object object = {.row = &row};
    char *names[ROWS_CELLS_MAX];
    enum rows_got got = rows_next(rows, &row, err);
    bool good = got != ROWS_WRONG;

    for (; got == ROWS_ROW && object.names_count < row.cells_count; object.names_count++)
        names[object.names_count] = memory_text(row.cells[object.names_count]);
    object.names = names;
    while (good && got == ROWS_ROW && (got = rows_next(rows, &row, err)) == ROWS_ROW) {
        good = row.cells_count == object.names_count
                   ? fn(arg, &object, err)
                   : err_set(err, "%u cells under %u headers; the row is cut off or broken",
                             row.cells_count, object.names_count);
        if (!good)
            err_prefix(err, "%s:%u", path, row.line);
    }
    for (uint32_t i = 0; i < object.names_count; i++)
        free(names[i]);
    return good && got == ROWS_END;
}

bool objects_each(const char *path, object_fn *fn, void *arg, struct err *err)
{
    FILE *file = fopen(path, "re");

    if (!file)
        return err_errno(err, "%s", path);
    int first = getc(file);
    bool good;
    rewind(file);
    if (first == '{' || first == EOF) {
        good = each_json(path, file, fn, arg, err);
    } else {
        struct source source = {path, read_file, file};
        struct rows *rows = rows_create(&source);

        good = each_row(rows, path, fn, arg, err);
        rows_destroy(rows);
    }
    fclose(file);
    return good;
}
