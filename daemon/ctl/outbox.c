/* parkctl outbox: what an uplink has set aside or tries again; sends it again, or gives it up. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/core/text.h"
#include "daemon/ctl/client.h"
#include "daemon/ctl/commands.h"
#include "daemon/ctl/table.h"

enum { PATH_SIZE = 512, BODY_SIZE = 1024 };

static const struct table_column columns[] = {{"Record", TABLE_RIGHT},
                                              {"State", TABLE_LEFT},
                                              {"Attempts", TABLE_RIGHT},
                                              {"Reason", TABLE_LEFT}};

static void print_records(const struct ctl *ctl, const struct json *answer)
{
    const struct json *uplink = json_member(answer, "uplink");
    const struct json *records = json_member(answer, "records");
    struct table *table = table_create(ctl->language, columns, sizeof columns / sizeof columns[0]);

    for (size_t i = 0; i < json_size(records); i++) {
        const struct json *record = json_item(records, i);

        table_number(table, json_int(json_member(record, "seq"), 0));
        table_word(table, json_text(json_member(record, "state"), NULL));
        table_number(table, json_int(json_member(record, "attempts"), 0));
        table_text(table, json_text(json_member(record, "reason"), NULL));
    }
    table_print(table);
    printf("\n%" PRId64 " delivered, %" PRId64 " pending, %" PRId64 " set aside\n",
           json_int(json_member(uplink, "delivered"), 0),
           json_int(json_member(uplink, "pending"), 0), json_int(json_member(uplink, "dead"), 0));
}

static void write_path(const struct ctl *ctl, const char *act, struct text *path)
{
    text_add(path, "/api/v1/outbox/");
    client_encode(path, ctl->words[1]);
    text_add(path, "%s%s", *act ? "/" : "", act);
}

static enum ctl_exit list(const struct ctl *ctl)
{
    char bytes[PATH_SIZE];
    struct text path;
    struct err err;

    text_init(&path, bytes, sizeof bytes);
    write_path(ctl, "", &path);
    struct json *answer = client_get(ctl, bytes, &err);
    if (!answer)
        return ctl_refused(ctl, &err);
    if (!ctl->json)
        print_records(ctl, answer);
    json_release(answer);
    return CTL_DONE;
}

static const struct act {
    const char *name;
    bool needs_records, needs_reason;
    const char *done;
} acts[] = {
    {"retry", true, false, "will be sent again"},
    {"drop", true, true, "given up, and recorded"},
    {"forget", false, true, "forgotten, and recorded"},
};

static const struct act *find_act(const char *name)
{
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++)
        if (strcmp(acts[i].name, name) == 0)
            return &acts[i];
    return NULL;
}

static enum ctl_exit act_on(const struct ctl *ctl, const struct act *act)
{
    char path_bytes[PATH_SIZE], body_bytes[BODY_SIZE];
    struct text path, body;
    struct err err;

    if (act->needs_records && ctl->all == (ctl->seq > 0))
        return ctl_wrong_use(ctl, "say which records: --seq N, or --all");
    if (act->needs_reason && (!ctl->reason || !*ctl->reason))
        return ctl_wrong_use(ctl, "say why with --reason; it is recorded");
    text_init(&path, path_bytes, sizeof path_bytes);
    write_path(ctl, act->name, &path);
    text_init(&body, body_bytes, sizeof body_bytes);
    text_add(&body, "{");
    text_json_int(&body, "seq", act->needs_records && !ctl->all ? ctl->seq : 0);
    text_json_pair(&body, "reason", ctl->reason ? ctl->reason : "");
    text_add(&body, "}");
    if (body.overflow)
        return ctl_wrong_use(ctl, "the reason is too long; 127 bytes are kept");
    if (!client_post(ctl, path_bytes, body_bytes, &err))
        return ctl_refused(ctl, &err);
    if (!ctl->json)
        puts(act->done);
    return CTL_DONE;
}

enum ctl_exit outbox_command(const struct ctl *ctl)
{
    const char *act = ctl->words_count > 0 ? ctl->words[0] : "";

    if (ctl->words_count != 2)
        return ctl_wrong_use(ctl,
                             "give \"list\", \"retry\", \"drop\" or \"forget\" and one uplink");
    if (strcmp(act, "list") == 0)
        return list(ctl);
    if (find_act(act))
        return act_on(ctl, find_act(act));
    return ctl_wrong_use(ctl, "\"%s\" is none of \"list\", \"retry\", \"drop\" and \"forget\"",
                         act);
}
