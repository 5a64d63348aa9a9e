/*
 * parkctl tariff: check files, put a tariff into words, or show what it comes to: a price table by
 * length, or a curve (fee_curve.c).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/config/arena.h"
#include "daemon/config/files.h"
#include "daemon/config/tariff_reader.h"
#include "daemon/core/text.h"
#include "daemon/ctl/commands.h"
#include "daemon/ctl/fee.h"
#include "daemon/ctl/fee_stay.h"
#include "daemon/ctl/table.h"

enum { CELL_SIZE = 64 };

struct check {
    bool json;
    uint32_t told, files;
};

static void tell(void *arg, const char *line)
{
    struct check *check = arg;
    char bytes[4096];
    struct text out;

    if (!check->json) {
        puts(line);
    } else {
        text_init(&out, bytes, sizeof bytes);
        text_add(&out, "%s", check->told ? "," : "");
        text_json_string(&out, line);
        fputs(bytes, stdout);
    }
    check->told++;
}

/* A calendar says so by its key; everything else is a tariff. */
static void check_file(const char *path, struct check *check)
{
    struct mistakes *mistakes = mistake_create();
    struct arena *memory = arena_create();
    struct calendar_year year;

    if (strstr(path, "calendars/"))
        calendar_reader_read(path, memory, mistakes, &year);
    else
        tariff_reader_read(path, memory, mistakes);
    check->files++;
    mistake_tell(mistakes, tell, check);
    arena_destroy(memory);
    mistake_destroy(mistakes);
}

static void check_folder(const char *folder, const char *pattern, struct check *check)
{
    char *path = memory_format("%s/%s", folder, pattern);
    glob_t found;

    files_matching(path, 0, &found);
    for (size_t i = 0; i < found.gl_pathc; i++)
        check_file(found.gl_pathv[i], check);
    globfree(&found);
    free(path);
}

static enum ctl_exit check(const struct ctl *ctl)
{
    struct check check = {.json = ctl->json};
    struct err err;
    char *folder = ctl->words_count == 1 ? fee_rules_folder(ctl, &err) : NULL;

    if (ctl->words_count == 1 && !folder)
        return ctl_refused(ctl, &err);
    if (ctl->json)
        fputs("{\"mistakes\":[", stdout);
    for (uint32_t i = 1; i < ctl->words_count; i++)
        check_file(ctl->words[i], &check);
    if (folder) {
        check_folder(folder, "tariffs/*.conf", &check);
        check_folder(folder, "calendars/*.conf", &check);
        free(folder);
    }
    if (ctl->json)
        printf("],\"files\":%u}\n", check.files);
    else
        printf("%u files, %u mistakes\n", check.files, check.told);
    return check.told ? CTL_REFUSED : CTL_DONE;
}

/* What a table or curve is about. */
struct subject {
    const struct tariff_book *book;
    const struct tariff *tariff; /* the newest version */
    enum vehicle_class class;
    int64_t entry_s;
};

static bool find_subject(const struct ctl *ctl, struct tariff_library *library, struct subject *ret,
                         struct err *err)
{
    static const char usual[] = "2024-03-13T09:00:00Z"; /* a plain Wednesday, read as local time */
    struct subject subject = {.class = VEHICLE_SMALL};

    subject.book = tariff_library_book(library, ctl->words[1], err);
    if (!subject.book)
        return false;
    subject.tariff = subject.book->versions[subject.book->versions_count - 1];
    if (ctl->vehicle && !vehicle_parse(ctl->vehicle, &subject.class))
        return err_set(err, "vehicle \"%s\" is not known", ctl->vehicle);
    if (!fee_stay_time(ctl->entry ? ctl->entry : usual, &subject.entry_s))
        return err_set(err, "--entry: a time is such as 2024-03-13T10:00:00+08:00");
    if (!ctl->entry)
        subject.entry_s -= civil_span(subject.book->zone, subject.entry_s).offset_s;
    *ret = subject;
    return true;
}

static enum ctl_exit show_table(const struct ctl *ctl, const struct subject *subject)
{
    static const struct table_column columns[] = {{"Length", TABLE_LEFT}, {"Fee", TABLE_RIGHT}};
    static const int minutes[] = {10,  15,  20,  30,  31,  45,  60,   61,   90,   120,  150, 180,
                                  240, 300, 360, 480, 600, 720, 1080, 1440, 1500, 2880, 4320};
    struct table *table = table_create(ctl->language, columns, 2);
    struct tariff_stay stay = {.entry_s = subject->entry_s, .class = subject->class};

    for (size_t i = 0; i < sizeof minutes / sizeof minutes[0]; i++) {
        char cell[CELL_SIZE];
        struct text out;
        struct tariff_fee fee;

        stay.exit_s = stay.entry_s + minutes[i] * 60;
        if (tariff_price(subject->book, &stay, NULL, &fee) != TARIFF_PRICED)
            continue;
        snprintf(cell, sizeof cell, "%d:%02d", minutes[i] / 60, minutes[i] % 60);
        table_text(table, cell);
        text_init(&out, cell, sizeof cell);
        tariff_trace_money(money_of(fee.fen), subject->tariff->exponent, &out);
        text_add(&out, " %s", subject->tariff->currency);
        table_text(table, cell);
    }
    table_print(table);
    return CTL_DONE;
}

static void explain_window(const struct tariff_window *window, int32_t exponent)
{
    static const char *const kinds[] = {"", " (overstay)", " (free)", " (closed)"};
    char bytes[CELL_SIZE];

    printf("  %02d:%02d-%02d:%02d%s\n", window->from_s / 3600, window->from_s / 60 % 60,
           window->to_s / 3600, window->to_s / 60 % 60, kinds[window->kind]);
    for (uint32_t s = 0; s < window->steps_count; s++) {
        const struct tariff_step *step = &window->steps[s];
        struct text out;

        text_init(&out, bytes, sizeof bytes);
        tariff_trace_money(money_of(step->price_fen), exponent, &out);
        printf("    ");
        if (step->to_s)
            printf("up to %lld min: ", (long long)step->to_s / 60);
        else
            printf("then: ");
        if (step->unit_s)
            printf("%s each %lld min\n", bytes, (long long)step->unit_s / 60);
        else
            printf("%s\n", bytes);
    }
}

static enum ctl_exit explain(const struct ctl *ctl, const struct subject *subject)
{
    const struct tariff *tariff = subject->tariff;

    printf("%s\n%s, version %s, %s, %s\n%s\n",
           ctl->language == WORDS_CHINESE ? tariff->name_zh : tariff->name, tariff->id,
           tariff->version, tariff->currency, tariff->zone, tariff->source);
    if (tariff->reading)
        printf("Read as: %s\n", tariff->reading);
    printf("SHA-256 %s\n", tariff->hash);
    for (uint32_t i = 0; i < tariff->frees_count; i++)
        printf("Free: %lld min%s\n", (long long)tariff->frees[i].limit_s / 60,
               tariff->frees[i].mode == TARIFF_THRESHOLD ? ", not deducted" : "");
    for (uint32_t p = 0; p < tariff->parts_count; p++) {
        puts(p ? "Alternative:" : "Rules:");
        for (uint32_t w = 0; w < tariff->parts[p].windows_count; w++)
            if (tariff->parts[p].windows[w].classes & VEHICLE_BIT(tariff->same_as[subject->class]))
                explain_window(&tariff->parts[p].windows[w], tariff->exponent);
    }
    return CTL_DONE;
}

enum ctl_exit tariff_command(const struct ctl *ctl)
{
    const char *act = ctl->words_count > 0 ? ctl->words[0] : "";
    struct subject subject = {.book = NULL};
    struct err err;

    if (strcmp(act, "check") == 0)
        return check(ctl);
    if ((strcmp(act, "explain") != 0 && strcmp(act, "table") != 0) || ctl->words_count != 2)
        return ctl_wrong_use(ctl, "give check, explain TARIFF or table TARIFF");
    struct tariff_library *library = fee_library(ctl, &err);
    if (!library)
        return ctl_refused(ctl, &err);
    enum ctl_exit exit = CTL_DONE;
    if (!find_subject(ctl, library, &subject, &err))
        exit = ctl_refused(ctl, &err);
    else if (act[0] == 'e')
        exit = explain(ctl, &subject);
    else if (ctl->svg)
        fee_curve(subject.book, subject.class, subject.entry_s);
    else
        exit = show_table(ctl, &subject);
    tariff_library_destroy(library);
    return exit;
}
