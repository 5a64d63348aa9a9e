/* parkctl devices: devices and how they answer. */
#include <stdio.h>
#include <string.h>

#include "daemon/ctl/client.h"
#include "daemon/ctl/commands.h"
#include "daemon/ctl/table.h"

static const struct table_column columns[] = {
    {"Device", TABLE_LEFT},    {"Bus", TABLE_LEFT},         {"State", TABLE_LEFT},
    {"Bays", TABLE_RIGHT},     {"Last answer", TABLE_LEFT}, {"Answers", TABLE_RIGHT},
    {"Timeouts", TABLE_RIGHT}, {"Errors", TABLE_RIGHT},     {"Trouble", TABLE_LEFT},
    {"Asked", TABLE_LEFT}}; /* where something was */

enum { ASKED_SIZE = 256 };

/* "recalibrate: sent (the sensor should acknowledge it)" */
static void add_asked(struct table *table, const struct json *asked)
{
    const char *words = json_text(json_member(asked, "words"), "");
    char text[ASKED_SIZE] = "";

    if (asked)
        snprintf(text, sizeof text, "%s: %s%s%s%s", json_text(json_member(asked, "what"), ""),
                 json_text(json_member(asked, "state"), ""), *words ? " (" : "", words,
                 *words ? ")" : "");
    table_text(table, text);
}

static void add_device(struct table *table, const struct json *device, bool asked)
{
    const char *state = json_text(json_member(device, "state"), "");
    const char *reason = json_text(json_member(device, "reason"), NULL);
    const char *error = json_text(json_member(device, "last_error"), NULL);

    table_text(table, json_text(json_member(device, "device"), NULL));
    table_text(table, json_text(json_member(device, "bus"), NULL));
    table_word(table, state);
    table_number(table, json_int(json_member(device, "bays"), 0));
    table_time(table, json_text(json_member(device, "last_answer"), NULL));
    table_number(table, json_int(json_member(device, "answers"), 0));
    table_number(table, json_int(json_member(device, "timeouts"), 0));
    table_number(table, json_int(json_member(device, "errors"), 0) +
                            json_int(json_member(device, "exceptions"), 0) +
                            json_int(json_member(device, "refused"), 0));
    table_word(table, strcmp(state, "offline") != 0 ? error : reason);
    if (asked)
        add_asked(table, json_member(device, "asked"));
}

static bool any_asked(const struct json *devices)
{
    for (size_t i = 0; i < json_size(devices); i++)
        if (json_member(json_item(devices, i), "asked"))
            return true;
    return false;
}

static void print_devices(const struct ctl *ctl, const struct json *devices)
{
    bool asked = any_asked(devices);
    struct table *table =
        table_create(ctl->language, columns, sizeof columns / sizeof columns[0] - (asked ? 0 : 1));

    for (size_t i = 0; i < json_size(devices); i++) {
        const struct json *device = json_item(devices, i);

        if (!ctl->trouble || strcmp(json_text(json_member(device, "state"), ""), "online") != 0)
            add_device(table, device, asked);
    }
    table_print(table);
}

enum ctl_exit devices_command(const struct ctl *ctl)
{
    struct err err;

    if (ctl->words_count > 0)
        return ctl_wrong_use(ctl, "\"%s\" is too much", ctl->words[0]);
    struct json *answer = client_get(ctl, "/api/v1/devices", &err);
    if (!answer)
        return ctl_refused(ctl, &err);
    if (!ctl->json)
        print_devices(ctl, json_member(answer, "devices"));
    json_release(answer);
    return CTL_DONE;
}
