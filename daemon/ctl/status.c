/* parkctl status: the gateway, its store, its uplinks and whether all is well. */
#include <inttypes.h>
#include <stdio.h>

#include "daemon/ctl/client.h"
#include "daemon/ctl/commands.h"
#include "daemon/ctl/table.h"

static const struct table_column check_columns[] = {
    {"Check", TABLE_LEFT}, {"Name", TABLE_LEFT}, {"Result", TABLE_LEFT}, {"What", TABLE_LEFT}};

static const struct table_column uplink_columns[] = {
    {"Uplink", TABLE_LEFT},   {"Connected", TABLE_LEFT},  {"Delivered", TABLE_RIGHT},
    {"Pending", TABLE_RIGHT}, {"Set aside", TABLE_RIGHT}, {"Clock", TABLE_RIGHT},
    {"Trouble", TABLE_LEFT}};

enum { CLOCK_SIZE = 32 };

#define COLUMNS(columns) (columns), sizeof(columns) / sizeof *(columns)

static void print_head(const struct json *status)
{
    const struct json *store = json_member(status, "store");

    printf("parkd %s, site \"%s\", since %s\n", json_text(json_member(status, "version"), "?"),
           json_text(json_member(status, "site"), "?"),
           json_text(json_member(status, "started"), "?"));
    printf("%" PRId64 " lots, %" PRId64 " bays, %" PRId64 " devices\n",
           json_int(json_member(status, "lots"), 0), json_int(json_member(status, "bays"), 0),
           json_int(json_member(status, "devices"), 0));
    printf("journal: %" PRId64 " records, %" PRId64 " waiting, last commit %.1f ms\n\n",
           json_int(json_member(store, "head"), 0), json_int(json_member(store, "waiting"), 0),
           (double)json_int(json_member(store, "last_commit_us"), 0) / 1000);
}

/* The platform's clock against ours; NULL: it has not told. */
static const char *clock_of(const struct json *uplink, char text[CLOCK_SIZE])
{
    const struct json *ahead = json_member(uplink, "clock_ahead_ms");

    if (json_kind(ahead) != JSON_KIND_INT)
        return NULL;
    snprintf(text, CLOCK_SIZE, "%+.1f s", (double)json_int(ahead, 0) / 1000);
    return text;
}

static void print_checks(const struct ctl *ctl, const struct json *checks)
{
    struct table *table = table_create(ctl->language, COLUMNS(check_columns));

    for (size_t i = 0; i < json_size(checks); i++) {
        const struct json *check = json_item(checks, i);

        table_word(table, json_text(json_member(check, "kind"), NULL));
        table_text(table, json_text(json_member(check, "name"), ""));
        table_word(table, json_bool(json_member(check, "ok"), false) ? "ok" : "NOT OK");
        table_text(table, json_text(json_member(check, "words"), NULL));
    }
    table_print(table);
}

static void print_uplinks(const struct ctl *ctl, const struct json *uplinks)
{
    if (json_size(uplinks) == 0)
        return;
    putchar('\n');
    struct table *table = table_create(ctl->language, COLUMNS(uplink_columns));
    for (size_t i = 0; i < json_size(uplinks); i++) {
        const struct json *uplink = json_item(uplinks, i);
        char clock[CLOCK_SIZE];

        table_text(table, json_text(json_member(uplink, "name"), NULL));
        table_word(table, json_bool(json_member(uplink, "connected"), false) ? "yes" : "no");
        table_number(table, json_int(json_member(uplink, "delivered"), 0));
        table_number(table, json_int(json_member(uplink, "pending"), 0));
        table_number(table, json_int(json_member(uplink, "dead"), 0));
        table_text(table, clock_of(uplink, clock));
        table_text(table, json_text(json_member(uplink, "trouble"), NULL));
    }
    table_print(table);
}

enum ctl_exit status_command(const struct ctl *ctl)
{
    struct err err;

    if (ctl->words_count > 0)
        return ctl_wrong_use(ctl, "\"%s\" is too much", ctl->words[0]);
    struct json *status = client_get(ctl, "/api/v1/status", &err);
    if (!status)
        return ctl_refused(ctl, &err);
    if (!ctl->json) {
        print_head(status);
        print_checks(ctl, json_member(status, "checks"));
        print_uplinks(ctl, json_member(status, "uplinks"));
    }
    json_release(status);
    return CTL_DONE;
}
