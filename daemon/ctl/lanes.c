/* parkctl lanes, quote, list: what lanes, stays and plates are at this moment. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/core/text.h"
#include "daemon/ctl/client.h"
#include "daemon/ctl/commands.h"
#include "daemon/ctl/table.h"

enum { PATH_SIZE = 256 };

/* A table of the members of the objects in answer[name]. */
struct shown {
    const char *path, *name;
    const struct table_column *columns;
    const char *const *keys; /* a member a column */
    uint32_t count;
};

static void print(const struct ctl *ctl, const struct shown *shown, const struct json *rows)
{
    struct table *table = table_create(ctl->language, shown->columns, shown->count);

    for (size_t i = 0; i < json_size(rows); i++)
        for (uint32_t column = 0; column < shown->count; column++) {
            const struct json *value = json_member(json_item(rows, i), shown->keys[column]);

            if (json_kind(value) == JSON_KIND_INT)
                table_number(table, json_int(value, 0));
            else
                table_word(table, json_text(value, ""));
        }
    table_print(table);
}

static enum ctl_exit show(const struct ctl *ctl, const struct shown *shown)
{
    struct err err;
    struct json *answer = client_get(ctl, shown->path, &err);

    if (!answer)
        return ctl_refused(ctl, &err);
    if (!ctl->json)
        print(ctl, shown, json_member(answer, shown->name));
    json_release(answer);
    return CTL_DONE;
}

enum ctl_exit lanes_command(const struct ctl *ctl)
{
    static const struct table_column columns[] = {
        {"Lane", TABLE_LEFT},   {"Lot", TABLE_LEFT},   {"Direction", TABLE_LEFT},
        {"Mode", TABLE_LEFT},   {"State", TABLE_LEFT}, {"Boom", TABLE_LEFT},
        {"Plate", TABLE_LEFT},  {"In", TABLE_RIGHT},   {"Out", TABLE_RIGHT},
        {"Trouble", TABLE_LEFT}};
    static const char *const keys[] = {"lane", "lot",   "direction",   "mode",         "state",
                                       "boom", "plate", "passages_in", "passages_out", "trouble"};
    static const struct shown shown = {"/api/v1/lanes", "lanes", columns, keys,
                                       sizeof columns / sizeof *columns};

    return ctl->words_count ? act_command(ctl) : show(ctl, &shown);
}

enum ctl_exit list_command(const struct ctl *ctl)
{
    static const struct table_column columns[] = {
        {"Plate", TABLE_LEFT}, {"List", TABLE_LEFT}, {"Lot", TABLE_LEFT},  {"Group", TABLE_LEFT},
        {"Bays", TABLE_RIGHT}, {"From", TABLE_LEFT}, {"Until", TABLE_LEFT}};
    static const char *const keys[] = {"plate", "list", "lot", "group", "bays", "from", "until"};
    static const struct shown shown = {"/api/v1/lists", "lists", columns, keys,
                                       sizeof columns / sizeof *columns};

    if (ctl->words_count == 1 && !strcmp(ctl->words[0], "show"))
        return show(ctl, &shown);
    return act_command(ctl);
}

enum ctl_exit quote_command(const struct ctl *ctl)
{
    char bytes[PATH_SIZE];
    struct text path;
    struct err err;

    if (ctl->words_count != 1)
        return ctl_wrong_use(ctl, "give one stay or plate");
    text_init(&path, bytes, sizeof bytes);
    text_add(&path, "/api/v1/quote/");
    client_encode(&path, ctl->words[0]);
    struct json *answer = client_get(ctl, bytes, &err);
    if (!answer)
        return ctl_refused(ctl, &err);
    if (!ctl->json)
        printf("payable %" PRId64 " fen, received %" PRId64 ", due %" PRId64 ", until %s\n",
               json_int(json_member(answer, "payable_fen"), 0),
               json_int(json_member(answer, "received_fen"), 0),
               json_int(json_member(answer, "due_fen"), 0),
               json_text(json_member(answer, "until"), "-"));
    json_release(answer);
    return CTL_DONE;
}
