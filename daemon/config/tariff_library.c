/* Tariffs, their zones and calendars by name. See tariff_library.h. */
#include "daemon/config/tariff_library.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/base/zone.h"
#include "daemon/config/files.h"
#include "daemon/config/tariff_reader.h"
#include "daemon/config/value.h"

struct shelf_zone {
    char *name;
    struct zone *zone;
    struct shelf_zone *next;
};

struct shelf_calendar {
    char *name;
    struct tariff_calendar calendar;
    struct shelf_calendar *next;
};

struct shelf_book {
    const char *id;
    struct tariff_book book;
    struct shelf_book *next;
};

struct tariff_library {
    char *tariffs, *calendars;
    struct arena *memory;
    struct shelf_zone *zones;
    struct shelf_calendar *shelf_calendars;
    struct shelf_book *books;
};

struct tariff_library *tariff_library_create(const char *tariffs, const char *calendars)
{
    struct tariff_library *library = memory_new(1, sizeof *library);

    library->tariffs = memory_text(tariffs);
    library->calendars = memory_text(calendars);
    library->memory = arena_create();
    return library;
}

void tariff_library_destroy(struct tariff_library *library)
{
    if (!library)
        return;
    for (struct shelf_zone *next, *zone = library->zones; zone; zone = next) {
        next = zone->next;
        zone_close(zone->zone);
        free(zone->name);
        free(zone);
    }
    arena_destroy(library->memory);
    free(library->calendars);
    free(library->tariffs);
    free(library);
}

/* Keeps the first of what mistake_tell() tells. */
static void keep_first(void *arg, const char *line)
{
    struct err *err = arg;

    if (err && err->text[0] == '\0')
        err_set(err, "%s", line);
}

/* Puts the mistakes into `err`; true when there are none. */
static bool sound(struct mistakes *mistakes, struct err *err)
{
    size_t count = mistake_count(mistakes);

    if (count == 0)
        return true;
    if (err)
        err->text[0] = '\0';
    mistake_tell(mistakes, keep_first, err);
    if (err && count > 1) {
        struct err first = *err;
        err_set(err, "%.400s (and %zu more)", first.text, count - 1);
    }
    return false;
}

static const struct civil_zone *find_zone(struct tariff_library *library, const char *name,
                                          struct err *err)
{
    struct shelf_zone *found = library->zones;

    while (found && strcmp(found->name, name) != 0)
        found = found->next;
    if (found)
        return zone_civil(found->zone);
    struct zone *zone = zone_open(ZONE_FOLDER, name, err);
    if (!zone)
        return NULL;
    found = memory_new(1, sizeof *found);
    *found = (struct shelf_zone){memory_text(name), zone, library->zones};
    library->zones = found;
    return zone_civil(zone);
}

static int32_t *append_days(struct arena *memory, const int32_t *old, uint32_t *count,
                            const int32_t *more, uint32_t more_count)
{
    int32_t *days = arena_new(memory, *count + more_count, sizeof *days);

    if (*count)
        memcpy(days, old, *count * sizeof *days);
    if (more_count)
        memcpy(days + *count, more, more_count * sizeof *days);
    *count += more_count;
    return days;
}

/* Files sort by name, so years ascend. */
static void add_year(struct tariff_library *library, struct tariff_calendar *calendar,
                     const struct calendar_year *year)
{
    int32_t number = (int32_t)year->year;

    calendar->holidays = append_days(library->memory, calendar->holidays, &calendar->holidays_count,
                                     year->holidays, year->holidays_count);
    calendar->workdays = append_days(library->memory, calendar->workdays, &calendar->workdays_count,
                                     year->workdays, year->workdays_count);
    calendar->years =
        append_days(library->memory, calendar->years, &calendar->years_count, &number, 1);
}

static bool read_calendar(struct tariff_library *library, struct shelf_calendar *shelf,
                          struct err *err)
{
    char *pattern =
        memory_format("%s/%s-[0-9][0-9][0-9][0-9].conf", library->calendars, shelf->name);
    struct mistakes *mistakes = mistake_create();
    glob_t found;

    files_matching(pattern, 0, &found);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct calendar_year year;

        if (calendar_reader_read(found.gl_pathv[i], library->memory, mistakes, &year))
            add_year(library, &shelf->calendar, &year);
    }
    bool good = sound(mistakes, err);
    globfree(&found);
    mistake_destroy(mistakes);
    free(pattern);
    return good;
}

/* A tariff without a calendar has an empty one. */
static const struct tariff_calendar *find_calendar(struct tariff_library *library, const char *name,
                                                   struct err *err)
{
    struct shelf_calendar *found = library->shelf_calendars;

    if (!name)
        return arena_new(library->memory, 1, sizeof(struct tariff_calendar));
    while (found && strcmp(found->name, name) != 0)
        found = found->next;
    if (found)
        return &found->calendar;
    found = arena_new(library->memory, 1, sizeof *found);
    found->name = arena_text(library->memory, name);
    if (!read_calendar(library, found, err))
        return NULL;
    found->next = library->shelf_calendars;
    library->shelf_calendars = found;
    return &found->calendar;
}

static int by_validity(const void *a, const void *b)
{
    const struct tariff *const *one = a, *const *other = b;

    return ((*one)->valid_from > (*other)->valid_from) -
           ((*one)->valid_from < (*other)->valid_from);
}

/* Reads all files of one pattern; they must say the same id. */
static void read_versions(struct tariff_library *library, const char *id, const char *pattern,
                          struct mistakes *mistakes, struct tariff_book *book)
{
    char *path = memory_format("%s/%s%s.conf", library->tariffs, id, pattern);
    glob_t found;

    files_matching(path, 0, &found);
    const struct tariff **versions =
        arena_new(library->memory, book->versions_count + found.gl_pathc, sizeof(struct tariff *));
    for (uint32_t i = 0; i < book->versions_count; i++)
        versions[i] = book->versions[i];
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const struct tariff *read =
            tariff_reader_read(found.gl_pathv[i], library->memory, mistakes);
        if (read && strcmp(read->id, id) != 0)
            mistake_add(mistakes, (struct place){mistake_file(mistakes, found.gl_pathv[i]), 1},
                        "tariff: id is \"%s\"; allowed: the name of the file, \"%s\"", read->id,
                        id);
        else if (read)
            versions[book->versions_count++] = read;
    }
    book->versions = versions;
    globfree(&found);
    free(path);
}

/* All versions have one zone and one currency, else no stay over a change could be priced. */
static bool complete(struct tariff_library *library, struct tariff_book *book, struct err *err)
{
    const struct tariff *first = book->versions[0];

    for (uint32_t i = 1; i < book->versions_count; i++) {
        const struct tariff *other = book->versions[i];

        if (strcmp(first->zone, other->zone) != 0 ||
            strcmp(first->currency, other->currency) != 0 || first->exponent != other->exponent)
            return err_set(err,
                           "tariff \"%s\": versions \"%s\" and \"%s\" differ in zone or "
                           "currency; allowed: the same",
                           first->id, first->version, other->version);
        if (other->valid_from == book->versions[i - 1]->valid_from)
            return err_set(err,
                           "tariff \"%s\": two versions are valid from the same day; allowed: "
                           "different valid_from",
                           first->id);
    }
    book->zone = find_zone(library, first->zone, err);
    if (!book->zone)
        return false;
    const char *calendar = book->versions[book->versions_count - 1]->calendar;
    book->calendar = find_calendar(library, calendar, err);
    return book->calendar != NULL;
}

const struct tariff_book *tariff_library_book(struct tariff_library *library, const char *id,
                                              struct err *err)
{
    struct shelf_book *found = library->books;
    struct tariff_book book = {.versions_count = 0};

    while (found && strcmp(found->id, id) != 0)
        found = found->next;
    if (found)
        return &found->book;
    if (!value_is_id(id)) {
        err_set(err, "\"%.60s\" is no tariff's id", id);
        return NULL;
    }
    struct mistakes *mistakes = mistake_create();
    read_versions(library, id, "", mistakes, &book);
    read_versions(library, id, "@*", mistakes, &book);
    bool good = sound(mistakes, err);
    mistake_destroy(mistakes);
    if (good && book.versions_count == 0)
        good = err_set(err, "tariff \"%s\": there is no file %s/%s.conf", id, library->tariffs, id);
    if (!good)
        return NULL;
    qsort((void *)(uintptr_t)book.versions, book.versions_count, sizeof book.versions[0],
          by_validity);
    if (!complete(library, &book, err))
        return NULL;
    found = arena_new(library->memory, 1, sizeof *found);
    *found = (struct shelf_book){arena_text(library->memory, id), book, library->books};
    library->books = found;
    return &found->book;
}
