/* parkctl devices: devices and how they answer. */
#include <stdio.h>
#include <string.h>

#include "daemon/core/text.h"
#include "daemon/ctl/client.h"
#include "daemon/ctl/commands.h"
#include "daemon/ctl/table.h"

enum { COLUMNS_MAX = 12 };

static const struct table_column columns[] = {
    {"Device", TABLE_LEFT},    {"Bus", TABLE_LEFT},         {"State", TABLE_LEFT},
    {"Bays", TABLE_RIGHT},     {"Last answer", TABLE_LEFT}, {"Answers", TABLE_RIGHT},
    {"Timeouts", TABLE_RIGHT}, {"Errors", TABLE_RIGHT},     {"Trouble", TABLE_LEFT}};
static const struct table_column radio_columns[] = {{"Battery", TABLE_LEFT}, {"Radio", TABLE_LEFT}};
static const struct table_column asked_columns[] = {{"Asked", TABLE_LEFT}};

/* Columns that only some sites need. */
struct shown {
    bool radio, asked;
    struct table_column columns[COLUMNS_MAX];
};

enum { ASKED_SIZE = 256, RADIO_SIZE = 64 };

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

/* "low, 2.95 V" and "-97 dBm, occupied -108": what the installer compares. */
static void add_radio(struct table *table, const struct json *device)
{
    const struct json *rssi = json_member(device, "rssi_dbm");
    int64_t millivolts = json_int(json_member(device, "battery_mv"), 0);
    int64_t is_free = json_int(json_item(rssi, 0), 0), occupied = json_int(json_item(rssi, 1), 0);
    char battery[RADIO_SIZE] = "", radio[RADIO_SIZE] = "";
    struct text text;

    text_init(&text, battery, sizeof battery);
    text_add(&text, "%s", json_text(json_member(device, "battery"), ""));
    if (millivolts)
        text_add(&text, "%s%lld.%02lld V", battery[0] ? ", " : "", (long long)millivolts / 1000,
                 (long long)millivolts % 1000 / 10);
    text_init(&text, radio, sizeof radio);
    if (is_free)
        text_add(&text, "%lld dBm", (long long)is_free);
    if (occupied)
        text_add(&text, "%soccupied %lld", radio[0] ? ", " : "", (long long)occupied);
    table_text(table, battery);
    table_text(table, radio);
}

/* In the operator's language by its kind, where there are words for that; else as it came. */
static const char *trouble_of(const struct ctl *ctl, const struct json *device)
{
    const char *kind = json_text(json_member(device, "trouble"), "");
    const char *words = words_in(ctl->language, kind);
    const char *error = json_text(json_member(device, "last_error"), NULL);
    bool offline = strcmp(json_text(json_member(device, "state"), ""), "offline") == 0;

    if (words != kind)
        return words;
    if (offline)
        error = json_text(json_member(device, "reason"), error);
    return error ? words_in(ctl->language, error) : NULL;
}

static void add_device(const struct ctl *ctl, struct table *table, const struct json *device,
                       const struct shown *shown)
{
    const char *state = json_text(json_member(device, "state"), "");

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
    table_text(table, trouble_of(ctl, device));
    if (shown->radio)
        add_radio(table, device);
    if (shown->asked)
        add_asked(table, json_member(device, "asked"));
}

/* Needs somebody's eye. */
static bool is_troubled(const struct json *device)
{
    return strcmp(json_text(json_member(device, "state"), ""), "online") != 0 ||
           json_text(json_member(device, "trouble"), NULL);
}

static struct table *create(const struct ctl *ctl, const struct json *devices, struct shown *ret)
{
    size_t count = sizeof columns / sizeof columns[0];

    *ret = (struct shown){.radio = false};
    memcpy(ret->columns, columns, sizeof columns);
    for (size_t i = 0; i < json_size(devices); i++) {
        ret->radio = ret->radio || json_member(json_item(devices, i), "rssi_dbm");
        ret->asked = ret->asked || json_member(json_item(devices, i), "asked");
    }
    if (ret->radio) {
        memcpy(&ret->columns[count], radio_columns, sizeof radio_columns);
        count += sizeof radio_columns / sizeof radio_columns[0];
    }
    if (ret->asked)
        ret->columns[count++] = asked_columns[0];
    return table_create(ctl->language, ret->columns, count);
}

static void print_devices(const struct ctl *ctl, const struct json *devices)
{
    struct shown shown;
    struct table *table = create(ctl, devices, &shown);

    for (size_t i = 0; i < json_size(devices); i++) {
        const struct json *device = json_item(devices, i);

        if (!ctl->trouble || is_troubled(device))
            add_device(ctl, table, device, &shown);
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
