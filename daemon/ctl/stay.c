/* parkctl stay: which stays there are and all about one, from the database; acts on them. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/core/text.h"
#include "daemon/ctl/commands.h"
#include "daemon/ctl/table.h"
#include "daemon/store/store_stays.h"

enum { LINE_SIZE = 1024 };

static const struct table_column columns[] = {
    {"Stay", TABLE_LEFT},  {"Lot", TABLE_LEFT},       {"Plate", TABLE_LEFT},
    {"State", TABLE_LEFT}, {"Entered", TABLE_LEFT},   {"Left", TABLE_LEFT},
    {"Fen", TABLE_RIGHT},  {"Received", TABLE_RIGHT}, {"Owes", TABLE_RIGHT}};

struct listing {
    struct table *table; /* NULL: JSON */
    uint32_t count;
};

static void tell_json(const struct store_stay *stay, bool first)
{
    char bytes[LINE_SIZE], at[UTC_TEXT_SIZE];
    struct text out;

    text_init(&out, bytes, sizeof bytes);
    text_add(&out, "%s{", first ? "" : ",");
    text_json_pair(&out, "stay", stay->id);
    text_json_pair(&out, "lot", stay->lot);
    text_json_pair(&out, "bay", *stay->bay ? stay->bay : NULL);
    text_json_pair(&out, "plate", stay->plate);
    text_json_pair(&out, "class", stay->class);
    text_json_pair(&out, "kind", stay->kind);
    text_json_pair(&out, "state", stay->state);
    text_json_pair(&out, "entered", utc_text(stay->entered, at));
    text_json_pair(&out, "left", stay->open ? NULL : utc_text(stay->left, at));
    text_json_int(&out, "receivable_fen", stay->receivable_fen);
    text_json_int(&out, "relief_fen", stay->relief_fen);
    text_json_int(&out, "payable_fen", stay->payable_fen);
    text_json_int(&out, "received_fen", stay->received_fen);
    text_json_int(&out, "refunded_fen", stay->refunded_fen);
    text_json_int(&out, "owes_fen", stay->owes_fen);
    text_add(&out, "}");
    fputs(bytes, stdout);
}

static bool on_stay(void *arg, const struct store_stay *stay)
{
    struct listing *listing = arg;
    char at[UTC_TEXT_SIZE];

    listing->count++;
    if (!listing->table) {
        tell_json(stay, listing->count == 1);
        return true;
    }
    table_text(listing->table, stay->id);
    table_text(listing->table, stay->lot);
    table_text(listing->table, stay->plate);
    table_word(listing->table, stay->state);
    table_time(listing->table, utc_text(stay->entered, at));
    table_time(listing->table, stay->open ? NULL : utc_text(stay->left, at));
    table_number(listing->table, stay->payable_fen);
    table_number(listing->table, stay->received_fen - stay->refunded_fen);
    table_number(listing->table, stay->owes_fen);
    return true;
}

static bool list(const struct ctl *ctl, struct store *store, struct err *err)
{
    const struct store_stay_filter filter = {ctl->lot, ctl->said[WORD_PLATE], ctl->state};
    struct listing listing = {.count = 0};

    if (ctl->json)
        fputs("{\"stays\":[", stdout);
    else
        listing.table = table_create(ctl->language, columns, sizeof columns / sizeof columns[0]);
    bool good = store_stays(store, &filter, on_stay, &listing, err);
    if (ctl->json)
        printf("],\"count\":%u}\n", listing.count);
    else
        table_print(listing.table);
    return good;
}

struct showing {
    bool json;
    uint32_t count;
};

static bool on_record(void *arg, const struct store_row *row)
{
    struct showing *showing = arg;

    if (showing->json)
        printf("%s{\"seq\":%" PRIu64 ",\"id\":\"%s\",%s", showing->count ? "," : "", row->seq,
               row->id, row->body + 1);
    else
        printf("%8" PRIu64 "  %s\n", row->seq, row->body);
    showing->count++;
    return true;
}

static bool show(const struct ctl *ctl, struct store *store, struct err *err)
{
    struct showing showing = {.json = ctl->json};

    if (ctl->json)
        fputs("{\"records\":[", stdout);
    bool good = store_stay_records(store, ctl->words[1], on_record, &showing, err);
    if (ctl->json)
        puts("]}");
    if (good && !showing.count)
        return err_set(err, "there is no stay \"%s\"; parkctl stay list shows them", ctl->words[1]);
    return good;
}

enum ctl_exit stay_command(const struct ctl *ctl)
{
    const char *verb = ctl->words_count ? ctl->words[0] : "";
    bool lists = !strcmp(verb, "list"), shows = !strcmp(verb, "show");
    bool pairs = !strcmp(verb, "orphans");
    struct err err;

    if (!strcmp(verb, "export"))
        return stay_export(ctl);
    if (!lists && !shows && !pairs)
        return act_command(ctl);
    if (ctl->words_count != (shows ? 2 : 1))
        return ctl_wrong_use(ctl, shows ? "give one stay to show" : "nothing follows \"%s\"", verb);
    struct store *store = store_open(ctl->db, STORE_READ, &err);
    if (!store)
        return ctl_refused(ctl, &err);
    bool good = lists   ? list(ctl, store, &err)
                : shows ? show(ctl, store, &err)
                        : orphans_list(ctl, store, &err);
    store_close(store);
    return good ? CTL_DONE : ctl_refused(ctl, &err);
}
