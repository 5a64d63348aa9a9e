/* parkctl bays: lists bays; takes one out of service, or returns it. */
#include <stdio.h>
#include <string.h>

#include "daemon/core/text.h"
#include "daemon/ctl/client.h"
#include "daemon/ctl/commands.h"
#include "daemon/ctl/table.h"

enum { PATH_SIZE = 1024, BODY_SIZE = 1024 };

static const struct table_column columns[] = {
    {"Bay", TABLE_LEFT},    {"Lot", TABLE_LEFT},   {"Zone", TABLE_LEFT},
    {"State", TABLE_LEFT},  {"Since", TABLE_LEFT}, {"Reason", TABLE_LEFT},
    {"Device", TABLE_LEFT}, {"Class", TABLE_LEFT}, {"Suspect", TABLE_LEFT}};

static void print_bays(const struct ctl *ctl, const struct json *bays)
{
    struct table *table = table_create(ctl->language, columns, sizeof columns / sizeof columns[0]);

    for (size_t i = 0; i < json_size(bays); i++) {
        const struct json *bay = json_item(bays, i);

        table_text(table, json_text(json_member(bay, "bay"), NULL));
        table_text(table, json_text(json_member(bay, "lot"), NULL));
        table_text(table, json_text(json_member(bay, "zone"), NULL));
        table_word(table, json_text(json_member(bay, "state"), NULL));
        table_time(table, json_text(json_member(bay, "since"), NULL));
        table_word(table, json_text(json_member(bay, "reason"), NULL));
        table_text(table, json_text(json_member(bay, "device"), NULL));
        table_word(table, json_text(json_member(bay, "class"), NULL));
        table_word(table, json_text(json_item(json_member(bay, "suspect"), 0), ""));
    }
    table_print(table);
}

static void add_filter(struct text *path, const char *key, const char *value)
{
    if (!value)
        return;
    text_add(path, "%s%s=", strchr(path->bytes, '?') ? "&" : "?", key);
    client_encode(path, value);
}

static enum ctl_exit list(const struct ctl *ctl)
{
    char bytes[PATH_SIZE];
    struct text path;
    struct err err;

    text_init(&path, bytes, sizeof bytes);
    text_add(&path, "/api/v1/bays");
    add_filter(&path, "lot", ctl->lot);
    add_filter(&path, "zone", ctl->zone);
    add_filter(&path, "state", ctl->state);
    struct json *answer = client_get(ctl, bytes, &err);
    if (!answer)
        return ctl_refused(ctl, &err);
    if (!ctl->json)
        print_bays(ctl, json_member(answer, "bays"));
    json_release(answer);
    return CTL_DONE;
}

/* `act` is "out" or "in". */
static enum ctl_exit set(const struct ctl *ctl, const char *act)
{
    char path_bytes[PATH_SIZE], body_bytes[BODY_SIZE];
    struct text path, body;
    struct err err;

    if (ctl->words_count != 2)
        return ctl_wrong_use(ctl, "give one bay after \"%s\"", act);
    if (strcmp(act, "out") == 0 && (!ctl->reason || !*ctl->reason))
        return ctl_wrong_use(ctl, "say why with --reason; it is recorded");
    text_init(&path, path_bytes, sizeof path_bytes);
    text_add(&path, "/api/v1/bays/");
    client_encode(&path, ctl->words[1]);
    text_add(&path, "/%s", act);
    text_init(&body, body_bytes, sizeof body_bytes);
    text_add(&body, "{");
    text_json_pair(&body, "reason", ctl->reason ? ctl->reason : "");
    text_add(&body, "}");
    if (body.overflow)
        return ctl_wrong_use(ctl, "the reason is too long; 127 bytes are kept");
    if (!client_post(ctl, path_bytes, body_bytes, &err))
        return ctl_refused(ctl, &err);
    if (!ctl->json)
        printf("bay \"%s\" is %s service\n", ctl->words[1],
               strcmp(act, "out") == 0 ? "out of" : "in");
    return CTL_DONE;
}

enum ctl_exit bays_command(const struct ctl *ctl)
{
    if (ctl->words_count == 0)
        return list(ctl);
    if (strcmp(ctl->words[0], "out") == 0 || strcmp(ctl->words[0], "in") == 0)
        return set(ctl, ctl->words[0]);
    return ctl_wrong_use(ctl, "\"%s\" is neither \"out\" nor \"in\"", ctl->words[0]);
}
