/*
 * What the fuzz targets of files do with any bytes: read them as the file of that kind, and assert
 * that there is a result exactly when no mistake was told. The bytes stand in memory under a path,
 * because the readers take paths. One thread.
 */
/* long: one target a kind of file, each beside its rules */
#ifndef FUZZ_FILE_TARGETS_H
#define FUZZ_FILE_TARGETS_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daemon/base/zone.h"
#include "daemon/config/config.h"
#include "daemon/config/statement_map.h"
#include "daemon/config/tariff_reader.h"
#include "tests/fuzz/statement_target.h"

enum { FILE_PATH = 64 };

/* libconfig 1.5 loses the texts that its scanner has read when a syntax error ends it. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:strbuf_append\nleak:libconfig_yylex";
}

/* A file of these bytes that is nowhere on the disk; close() it. */
static inline int file_of(const uint8_t *bytes, size_t size, char path[FILE_PATH])
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    ssize_t written = write(fd, bytes, size);

    assert(fd >= 0 && written == (ssize_t)size);
    (void)written;
    snprintf(path, FILE_PATH, "/proc/self/fd/%d", fd);
    return fd;
}

static inline void count_mistake(void *arg, const char *line)
{
    assert(strchr(line, ':'));
    (void)line;
    ++*(size_t *)arg;
}

static inline void fuzz_config(const uint8_t *bytes, size_t size)
{
    char path[FILE_PATH];
    size_t told = 0;
    int fd = file_of(bytes, size, path);
    struct config *config = config_load(path, count_mistake, &told);

    assert((config != NULL) == (told == 0));
    config_free(config);
    close(fd);
}

/* The fees of a few stays: none below zero, and the same each time. */
static inline void check_prices(const struct tariff *tariff)
{
    static const int64_t spans_s[] = {0, 1, 899, 900, 901, 3600, 86399, 86401, 30 * 86400};
    static const struct zone *zone;
    const struct tariff_calendar calendar = {.years_count = 0};
    const struct tariff_book book = {&tariff, 1, NULL, &calendar};
    struct tariff_book placed = book;

    if (!zone)
        zone = zone_open(ZONE_FOLDER, "Asia/Shanghai", NULL);
    placed.zone = zone_civil(zone);
    for (size_t i = 0; i < sizeof spans_s / sizeof *spans_s; i++) {
        struct tariff_stay stay = {.entry_s = 1710324000 + 977 * (int64_t)i};
        struct tariff_fee fee, again;

        stay.exit_s = stay.entry_s + spans_s[i];
        stay.class = (enum vehicle_class)(i % VEHICLE_CLASSES);
        if (tariff_price(&placed, &stay, NULL, &fee) != TARIFF_PRICED)
            continue;
        assert(fee.fen >= 0 && fee.due_fen == fee.fen && fee.credit_fen == 0);
        tariff_price(&placed, &stay, NULL, &again);
        assert(again.fen == fee.fen);
    }
}

static inline void fuzz_tariff(const uint8_t *bytes, size_t size)
{
    char path[FILE_PATH];
    int fd = file_of(bytes, size, path);
    struct mistakes *mistakes = mistake_create();
    struct arena *memory = arena_create();
    struct tariff *tariff = tariff_reader_read(path, memory, mistakes);

    assert((tariff != NULL) == (mistake_count(mistakes) == 0));
    if (tariff)
        check_prices(tariff);
    arena_destroy(memory);
    mistake_destroy(mistakes);
    close(fd);
}

static inline void check_days(const int32_t *days, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++)
        assert(days[i - 1] < days[i]);
    (void)days;
}

static inline void fuzz_calendar(const uint8_t *bytes, size_t size)
{
    char path[FILE_PATH];
    int fd = file_of(bytes, size, path);
    struct mistakes *mistakes = mistake_create();
    struct arena *memory = arena_create();
    struct calendar_year year;
    bool read = calendar_reader_read(path, memory, mistakes, &year);

    assert(read == (mistake_count(mistakes) == 0));
    if (read) {
        check_days(year.holidays, year.holidays_count);
        check_days(year.workdays, year.workdays_count);
    }
    arena_destroy(memory);
    mistake_destroy(mistakes);
    close(fd);
}

/* A column map; what follows a line of three dashes is a statement that is read by it. */
static inline void fuzz_column_map(const uint8_t *bytes, size_t size)
{
    const uint8_t *cut = memmem(bytes, size, "\n---\n", 5);
    size_t map_size = cut ? (size_t)(cut - bytes) : size;
    size_t skip = cut ? map_size + 5 : size;
    char path[FILE_PATH];
    struct err err = {""};
    int fd = file_of(bytes, map_size, path);
    struct statement_maps *maps = statement_maps_create();

    if (statement_maps_read(maps, path, &err))
        fuzz_statement(statement_maps_list(maps), bytes + skip, size - skip);
    else
        assert(err.text[0]);
    statement_maps_destroy(maps);
    close(fd);
}

/* The only file of a folder of device maps. */
static inline void fuzz_device_map(const uint8_t *bytes, size_t size)
{
    char folder[] = "/tmp/parkd-fuzz-XXXXXX", name[FILE_PATH], path[FILE_PATH];
    size_t told = 0;
    int fd = file_of(bytes, size, path);

    assert(mkdtemp(folder));
    snprintf(name, sizeof name, "%s/map.conf", folder);
    assert(symlink(path, name) == 0);
    struct config_maps *maps = config_maps_load(folder, count_mistake, &told);
    assert(!maps || (told == 0 && maps->count > 0));
    config_maps_free(maps);
    unlink(name);
    rmdir(folder);
    close(fd);
}

#endif
