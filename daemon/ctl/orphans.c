/* parkctl stay orphans: stays that never ended, paired with departures that no stay was known for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/core/text.h"
#include "daemon/ctl/commands.h"
#include "daemon/ctl/table.h"
#include "daemon/store/store_orphans.h"

enum { LOTS_MAX = 256, LINE_SIZE = 1024 };

static const struct table_column columns[] = {
    {"Stay", TABLE_LEFT},  {"Plate", TABLE_LEFT}, {"Entered", TABLE_LEFT}, {"Exit", TABLE_LEFT},
    {"Plate", TABLE_LEFT}, {"Left", TABLE_LEFT},  {"Score", TABLE_RIGHT},  {"Why", TABLE_LEFT}};

struct lots {
    char ids[LOTS_MAX][RECORD_WORD];
    uint32_t count;
};

struct looking {
    const struct ctl *ctl;
    struct table *table; /* NULL: JSON */
    uint32_t count;
    struct lots lots;
    struct orphans orphans;
    struct orphan_pair pairs[ORPHANS_MAX];
    struct orphan_witness witnesses[STORE_WITNESSES];
};

static void on_lot(void *arg, const char *lot)
{
    struct lots *lots = arg;

    if (lots->count < LOTS_MAX)
        text_copy(lots->ids[lots->count++], RECORD_WORD, lot);
}

static void tell_json(const struct looking *l, const char *lot, const struct orphan_pair *pair)
{
    const struct orphan *entry = &l->orphans.entries[pair->entry];
    const struct orphan *exit = &l->orphans.exits[pair->exit];
    char bytes[LINE_SIZE], at[UTC_TEXT_SIZE];
    struct text out;

    text_init(&out, bytes, sizeof bytes);
    text_add(&out, "%s{", l->count ? "," : "");
    text_json_pair(&out, "lot", lot);
    text_json_pair(&out, "stay", entry->stay);
    text_json_pair(&out, "plate", entry->plate);
    text_json_pair(&out, "entered", utc_text(entry->at, at));
    text_json_pair(&out, "exit_stay", exit->stay);
    text_json_pair(&out, "exit_plate", exit->plate);
    text_json_pair(&out, "left", utc_text(exit->at, at));
    text_json_int(&out, "score", pair->score);
    text_json_int(&out, "distance", pair->distance);
    text_json_bool(&out, "witnessed", pair->witnessed);
    text_json_bool(&out, "sure", pair->sure);
    text_add(&out, "}");
    fputs(bytes, stdout);
}

static void tell_row(const struct looking *l, const struct orphan_pair *pair)
{
    const struct orphan *entry = &l->orphans.entries[pair->entry];
    const struct orphan *exit = &l->orphans.exits[pair->exit];
    char at[UTC_TEXT_SIZE];

    table_text(l->table, entry->stay);
    table_text(l->table, entry->plate);
    table_time(l->table, utc_text(entry->at, at));
    table_text(l->table, exit->stay);
    table_text(l->table, exit->plate);
    table_time(l->table, utc_text(exit->at, at));
    table_number(l->table, pair->score);
    table_word(l->table, !pair->sure       ? "another fits as well"
                         : pair->witnessed ? "a bay is witness"
                                           : "the plates are near");
}

static bool look_at(struct looking *l, struct store *store, const char *lot, struct err *err)
{
    if (!store_orphans(store, lot, &l->orphans, l->witnesses, err))
        return false;
    uint32_t count = orphan_pairs(&l->orphans, l->pairs);

    for (uint32_t i = 0; i < count; i++) {
        if (l->table)
            tell_row(l, &l->pairs[i]);
        else
            tell_json(l, lot, &l->pairs[i]);
        l->count++;
    }
    return true;
}

bool orphans_list(const struct ctl *ctl, struct store *store, struct err *err)
{
    struct looking *l = memory_new(1, sizeof *l);

    l->ctl = ctl;
    if (ctl->json)
        fputs("{\"pairs\":[", stdout);
    else
        l->table = table_create(ctl->language, columns, sizeof columns / sizeof columns[0]);
    bool good = store_stay_lots(store, on_lot, &l->lots, err);
    for (uint32_t i = 0; good && i < l->lots.count; i++)
        if (!ctl->lot || !strcmp(ctl->lot, l->lots.ids[i]))
            good = look_at(l, store, l->lots.ids[i], err);
    if (ctl->json)
        printf("],\"count\":%u}\n", l->count);
    else
        table_print(l->table);
    free(l);
    return good;
}
