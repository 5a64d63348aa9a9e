/* parkctl lots: vacancy of the lots, or of one, with its zones below it. */
#include <stdio.h>
#include <string.h>

#include "daemon/core/text.h"
#include "daemon/ctl/client.h"
#include "daemon/ctl/commands.h"
#include "daemon/ctl/table.h"

enum { PATH_SIZE = 512 };

static const struct table_column columns[] = {
    {"Lot", TABLE_LEFT},   {"Zone", TABLE_LEFT},      {"Name", TABLE_LEFT},
    {"Free", TABLE_RIGHT}, {"Occupied", TABLE_RIGHT}, {"Unknown", TABLE_RIGHT},
    {"Out", TABLE_RIGHT},  {"Capacity", TABLE_RIGHT}, {"Quality", TABLE_LEFT}};

static void add_counts(struct table *table, const struct json *counts)
{
    static const char *const keys[] = {"free", "occupied", "unknown", "out_of_service", "capacity"};

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        table_number(table, json_int(json_member(counts, keys[i]), 0));
}

static void add_lot(struct table *table, const struct json *lot)
{
    const struct json *zones = json_member(lot, "zones");
    const char *id = json_text(json_member(lot, "lot"), NULL);

    table_text(table, id);
    table_text(table, "");
    table_text(table, json_text(json_member(lot, "name"), NULL));
    add_counts(table, lot);
    table_word(table, json_text(json_member(lot, "quality"), NULL));
    for (size_t z = 0; z < json_size(zones); z++) {
        const struct json *zone = json_item(zones, z);

        table_text(table, id);
        table_text(table, json_text(json_member(zone, "id"), NULL));
        table_text(table, json_text(json_member(zone, "name"), NULL));
        add_counts(table, zone);
        table_text(table, "");
    }
}

/* What sensors counted at its ways in and out. */
static void print_counted(const struct json *lot)
{
    const struct json *counted = json_member(lot, "counted");

    if (counted)
        printf("%s: %lld inside by count (%lld in, %lld out)\n",
               json_text(json_member(lot, "lot"), ""),
               (long long)json_int(json_member(counted, "inside"), 0),
               (long long)json_int(json_member(counted, "in"), 0),
               (long long)json_int(json_member(counted, "out"), 0));
}

static void print_lots(const struct ctl *ctl, const struct json *answer)
{
    const struct json *lots = json_member(answer, "lots");
    struct table *table = table_create(ctl->language, columns, sizeof columns / sizeof columns[0]);

    if (!lots) /* one lot was asked for */
        add_lot(table, answer);
    for (size_t i = 0; i < json_size(lots); i++)
        add_lot(table, json_item(lots, i));
    table_print(table);
    if (!lots)
        print_counted(answer);
    for (size_t i = 0; i < json_size(lots); i++)
        print_counted(json_item(lots, i));
}

enum ctl_exit lots_command(const struct ctl *ctl)
{
    char bytes[PATH_SIZE];
    struct text path;
    struct err err;

    if (ctl->words_count > 1)
        return ctl_wrong_use(ctl, "give one lot, or none for all");
    text_init(&path, bytes, sizeof bytes);
    text_add(&path, "/api/v1/lots");
    if (ctl->words_count == 1) {
        text_add(&path, "/");
        client_encode(&path, ctl->words[0]);
    }
    struct json *answer = client_get(ctl, bytes, &err);
    if (!answer)
        return ctl_refused(ctl, &err);
    if (!ctl->json)
        print_lots(ctl, answer);
    json_release(answer);
    return CTL_DONE;
}
