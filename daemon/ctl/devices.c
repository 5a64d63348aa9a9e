/* parkctl devices: devices and how they answer. */
#include <string.h>

#include "daemon/ctl/client.h"
#include "daemon/ctl/commands.h"
#include "daemon/ctl/table.h"

static const struct table_column columns[] = {
    {"Device", TABLE_LEFT},    {"Bus", TABLE_LEFT},         {"State", TABLE_LEFT},
    {"Bays", TABLE_RIGHT},     {"Last answer", TABLE_LEFT}, {"Answers", TABLE_RIGHT},
    {"Timeouts", TABLE_RIGHT}, {"Errors", TABLE_RIGHT},     {"Trouble", TABLE_LEFT}};

static void add_device(struct table *table, const struct json *device)
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
}

static void print_devices(const struct ctl *ctl, const struct json *devices)
{
    struct table *table = table_create(ctl->language, columns, sizeof columns / sizeof columns[0]);

    for (size_t i = 0; i < json_size(devices); i++) {
        const struct json *device = json_item(devices, i);

        if (!ctl->trouble || strcmp(json_text(json_member(device, "state"), ""), "online") != 0)
            add_device(table, device);
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
