/* parkctl orders: what platforms ordered and what came of it, from the database. A table shows the
 * newest, JSON all of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/json.h"
#include "daemon/base/memory.h"
#include "daemon/ctl/commands.h"
#include "daemon/ctl/table.h"
#include "daemon/store/store.h"

enum { NEWEST = 100 };

static const struct table_column columns[] = {
    {"At", TABLE_LEFT},      {"Uplink", TABLE_LEFT}, {"Order", TABLE_LEFT}, {"Act", TABLE_LEFT},
    {"Subject", TABLE_LEFT}, {"Plate", TABLE_LEFT},  {"Actor", TABLE_LEFT}, {"Why", TABLE_LEFT},
    {"Verdict", TABLE_LEFT}, {"Reason", TABLE_LEFT},
};

struct listing {
    const char *uplink;   /* NULL: all */
    char *bodies[NEWEST]; /* a ring */
    uint32_t next, limit; /* `limit` 0: each is told as it comes */
    struct table *table;  /* NULL: JSON */
    uint32_t told;
};

static const char *word(const struct json *body, const char *key)
{
    return json_text(json_member(body, key), NULL);
}

static void tell(struct listing *listing, const char *text)
{
    struct table *table = listing->table;
    struct err err;
    struct json *body = json_read(text, strlen(text), RECORD_BODY_MAX, &err);

    if (!table) {
        printf("%s%s", listing->told++ ? "," : "", text);
    } else if (body) {
        table_time(table, word(body, "at"));
        table_text(table, word(body, "uplink"));
        table_text(table, word(body, "request"));
        table_word(table, word(body, "act"));
        table_text(table, word(body, "subject"));
        table_text(table, word(body, "plate"));
        table_text(table, word(body, "actor"));
        table_text(table, word(body, "note"));
        table_word(table, word(body, "verdict"));
        table_text(table, word(body, "reason"));
    }
    json_release(body);
}

static bool wanted(const struct listing *listing, const char *text)
{
    struct err err;
    struct json *body = json_read(text, strlen(text), RECORD_BODY_MAX, &err);
    const char *uplink = json_text(json_member(body, "uplink"), "");
    bool is = !listing->uplink || strcmp(listing->uplink, uplink) == 0;

    json_release(body);
    return is;
}

static bool on_row(void *arg, const struct store_row *row)
{
    struct listing *listing = arg;
    char *text = memory_format("%.*s", (int)row->body_size, row->body);

    if (!wanted(listing, text)) {
        free(text);
    } else if (!listing->limit) {
        tell(listing, text);
        free(text);
    } else {
        char **place = &listing->bodies[listing->next++ % NEWEST];
        free(*place);
        *place = text;
    }
    return true;
}

static void tell_newest(struct listing *listing)
{
    for (uint32_t i = 0; i < NEWEST; i++) {
        char **place = &listing->bodies[(listing->next + i) % NEWEST];

        if (*place)
            tell(listing, *place);
        free(*place);
    }
}

enum ctl_exit orders_command(const struct ctl *ctl)
{
    struct listing listing = {.uplink = ctl->words_count ? ctl->words[0] : NULL,
                              .limit = ctl->json ? 0 : NEWEST};
    struct err err;

    if (ctl->words_count > 1)
        return ctl_wrong_use(ctl, "\"%s\" is too much", ctl->words[1]);
    struct store *store = store_open(ctl->db, STORE_READ, &err);
    if (!store)
        return ctl_refused(ctl, &err);
    if (ctl->json)
        fputs("{\"orders\":[", stdout);
    else
        listing.table = table_create(ctl->language, columns, sizeof columns / sizeof columns[0]);
    bool good = store_of_kind(store, RECORD_PLATFORM, on_row, &listing, &err);
    tell_newest(&listing);
    if (ctl->json)
        fputs("]}\n", stdout);
    else
        table_print(listing.table);
    store_close(store);
    return good ? CTL_DONE : ctl_refused(ctl, &err);
}
