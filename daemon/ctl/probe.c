/*
 * parkctl probe: finds devices on a serial line or a Modbus TCP host, reads each with every known
 * map, and says what its inputs decode to. For the installer; it never writes, and wants the line
 * for itself.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/config/config.h"
#include "daemon/core/text.h"
#include "daemon/ctl/client.h"
#include "daemon/ctl/commands.h"
#include "daemon/ctl/progress.h"
#include "daemon/ctl/table.h"
#include "sensors/bus/modbus.h"
#include "sensors/bus/probe.h"

#define MAPS_FOLDER "/etc/parkd/devices"

enum { MODBUS_PORT = 502, CONNECT_MS = 3000, HOST_SIZE = 64, LINE_SIZE = 32768 };

struct probing {
    const struct ctl *ctl;
    struct probe_settings settings;
    struct probe_framing framing;
    char host[HOST_SIZE];
};

static bool take_number(const char *text, long lowest, long highest, long *ret)
{
    char *end;
    long number = strtol(text, &end, 10);

    if (end == text || *end || number < lowest || number > highest)
        return false;
    *ret = number;
    return true;
}

/* "192.0.2.20", "192.0.2.20:502", "[2001:db8::1]:502", or a path. */
static bool take_target(struct probing *p, const char *target)
{
    struct bus_settings *line = &p->settings.line;
    const char *end = target + strlen(target), *port = NULL;
    bool bracket = target[0] == '[';

    line->id = target;
    if (strchr(target, '/')) {
        line->type = BUS_RTU;
        line->path = target;
        return true;
    }
    if (bracket && (end = strchr(target, ']')))
        port = end[1] == ':' ? end + 2 : NULL;
    else if (!bracket && strchr(target, ':') == strrchr(target, ':') && strchr(target, ':'))
        port = (end = strchr(target, ':')) + 1;
    if (!end || (size_t)(end - target) - bracket >= sizeof p->host)
        return false;
    snprintf(p->host, sizeof p->host, "%.*s", (int)(end - target) - bracket, target + bracket);
    long number = MODBUS_PORT;
    line->type = BUS_TCP;
    line->host = p->host;
    if (port && !take_number(port, 1, UINT16_MAX, &number))
        return false;
    line->port = (uint16_t)number;
    return true;
}

/* "8N1" … */
static bool take_format(struct probe_framing *framing, const char *format)
{
    if (strlen(format) != 3 || format[0] != '8' || !strchr("NEO", format[1]) ||
        !strchr("12", format[2]))
        return false;
    framing->parity = format[1];
    framing->stop_bits = (uint32_t)(format[2] - '0');
    return true;
}

static bool take_units(struct probe_settings *settings, const char *units)
{
    int first, last, used = 0;

    if (sscanf(units, "%d-%d%n", &first, &last, &used) != 2)
        last = sscanf(units, "%d%n", &first, &used) == 1 ? first : 0;
    if (units[used] || first < 1 || last < first || last > 255)
        return false;
    settings->first_unit = (uint32_t)first;
    settings->last_unit = (uint32_t)last;
    return true;
}

/* What was given on the command line; CTL_DONE when all of it is right. */
static enum ctl_exit take_options(struct probing *p)
{
    const struct ctl *ctl = p->ctl;
    long baud = 9600, response_ms = 300;

    if (ctl->words_count != 1 || !take_target(p, ctl->words[0]))
        return ctl_wrong_use(ctl, "give one serial port (/dev/serial/by-id/…) or HOST[:PORT]");
    if (ctl->baud &&
        !(take_number(ctl->baud, 1, 115200, &baud) && modbus_line_has_baud((uint32_t)baud)))
        return ctl_wrong_use(ctl, "--baud \"%s\" is not 1200, 2400, 4800 … 115200", ctl->baud);
    if (ctl->units && !take_units(&p->settings, ctl->units))
        return ctl_wrong_use(ctl, "--units \"%s\" is not FIRST-LAST within 1-255", ctl->units);
    if (ctl->response_ms && !take_number(ctl->response_ms, 10, 10000, &response_ms))
        return ctl_wrong_use(ctl, "--response-ms \"%s\" is not within 10-10000", ctl->response_ms);
    p->framing = (struct probe_framing){.baud = (uint32_t)baud, .parity = 'N', .stop_bits = 1};
    if (ctl->format && !take_format(&p->framing, ctl->format))
        return ctl_wrong_use(ctl, "--format \"%s\" is not 8N1, 8E1, 8O1 or 8N2", ctl->format);
    if (ctl->baud || ctl->format) {
        p->settings.framings = &p->framing;
        p->settings.framings_count = 1;
    }
    p->settings.response_ms = response_ms;
    return CTL_DONE;
}

static bool show(void *arg, const struct probe_framing *framing, uint32_t unit, uint32_t done,
                 uint32_t total)
{
    struct probing *p = arg;
    char what[64];

    if (p->settings.line.type == BUS_RTU)
        snprintf(what, sizeof what, "%u 8%c%u, unit %u", framing->baud, framing->parity,
                 framing->stop_bits, unit);
    else
        snprintf(what, sizeof what, "unit %u", unit);
    progress_show(what, done, total);
    return true;
}

static const char *const sensed_names[] = {
    [SENSED_FREE] = "free", [SENSED_OCCUPIED] = "occupied", [SENSED_FAULT] = "fault"};

static void print_json(const struct probing *p, const struct probe_found *found)
{
    static char bytes[LINE_SIZE];
    struct text line;

    text_init(&line, bytes, sizeof bytes);
    text_add(&line, "{");
    text_json_int(&line, "unit", found->unit);
    if (p->settings.line.type == BUS_RTU) {
        char format[4] = {'8', found->framing.parity, (char)('0' + found->framing.stop_bits), 0};
        text_json_int(&line, "baud", found->framing.baud);
        text_json_pair(&line, "format", format);
    }
    text_json_int(&line, "turnaround_us", found->turnaround_us);
    text_json_pair(&line, "answer", found->answer);
    text_json_pair(&line, "map", found->map ? found->map->name : NULL);
    text_add(&line, ",\"inputs\":[");
    for (uint32_t i = 0; i < found->inputs; i++)
        text_add(&line, "%s\"%s\"", i ? "," : "", sensed_names[found->sensed[i]]);
    text_add(&line, "]}");
    puts(bytes);
}

static void print_words(const struct probing *p, const struct probe_found *found)
{
    uint32_t counts[3] = {0};

    printf("unit %u", found->unit);
    if (p->settings.line.type == BUS_RTU)
        printf(" at %u 8%c%u", found->framing.baud, found->framing.parity,
               found->framing.stop_bits);
    printf(", in %.1f ms: ", (double)found->turnaround_us / 1000);
    if (!found->map) {
        printf("%s, but no map fits; parkd.conf(5), DEVICE MAPS, tells how to write one\n",
               found->answer);
        return;
    }
    for (uint32_t i = 0; i < found->inputs; i++)
        counts[found->sensed[i]]++;
    printf("%s (%s), %s%u inputs: %u free, %u occupied, %u faulty\n", found->map->name,
           found->map->device ? found->map->device : "?",
           found->inputs < found->map->inputs ? "at least " : "", found->inputs,
           counts[SENSED_FREE], counts[SENSED_OCCUPIED], counts[SENSED_FAULT]);
    for (uint32_t i = 0; i < found->inputs && i < 16; i++)
        printf("%s%s", i ? " " : "    ", sensed_names[found->sensed[i]]);
    printf("%s\n    { id = \"…\"; unit = %u; map = \"%s\"; bays = \"…\"; }\n",
           found->inputs > 16 ? " …" : "", found->unit, found->map->name);
}

static void tell(void *arg, const struct probe_found *found)
{
    struct probing *p = arg;

    progress_end();
    if (p->ctl->json)
        print_json(p, found);
    else
        print_words(p, found);
    fflush(stdout);
}

static void print_mistake(void *arg, const char *line)
{
    (void)arg;
    fprintf(stderr, "%s\n", line);
}

static enum ctl_exit search(struct probing *p)
{
    const struct probe_hooks hooks = {.arg = p, .progress = show, .found = tell};
    struct err err;
    uint32_t units = 0;

    if (!probe_run(&p->settings, &hooks, &units, &err)) {
        progress_end();
        return ctl_refused(p->ctl, &err);
    }
    progress_end();
    if (units > 0 && !p->ctl->json)
        puts("Where several maps fit, the make on the lot decides; watch one while a car parks.");
    if (units > 0)
        return CTL_DONE;
    err_set(&err,
            "%s: no unit answers; check power and the two wires (A and B may be swapped), and try "
            "more ids (--units 1-247) or a longer wait (--response-ms 1000)",
            p->ctl->words[0]);
    return ctl_refused(p->ctl, &err);
}

/* ---- what networks hear ---- */

static const struct table_column stranger_columns[] = {
    {"Network", TABLE_LEFT}, {"Address", TABLE_LEFT}, {"Name", TABLE_LEFT}, {"Frames", TABLE_RIGHT},
    {"Heard", TABLE_LEFT},   {"Frame", TABLE_LEFT},   {"Fits", TABLE_LEFT}};

static void add_stranger(struct table *table, const struct json *stranger)
{
    const struct json *fits = json_member(stranger, "fits");
    char bytes[RECORD_BODY_MAX + 1];
    struct text text;

    text_init(&text, bytes, sizeof bytes);
    for (size_t i = 0; i < json_size(fits); i++) {
        const struct json *report = json_member(json_item(fits, i), "report");
        const struct json *occupied = json_member(report, "occupied");
        text_add(&text, "%s%s: %s", i ? ", " : "",
                 json_text(json_member(json_item(fits, i), "driver"), "?"),
                 json_kind(occupied) != JSON_KIND_BOOL ? json_text(json_member(report, "event"), "")
                 : json_bool(occupied, false)          ? "occupied"
                                                       : "free");
    }
    table_text(table, json_text(json_member(stranger, "network"), NULL));
    table_text(table, json_text(json_member(stranger, "address"), NULL));
    table_text(table, json_text(json_member(stranger, "name"), NULL));
    table_number(table, json_int(json_member(stranger, "frames"), 0));
    table_time(table, json_text(json_member(stranger, "heard"), NULL));
    table_text(table, json_text(json_member(stranger, "hex"), NULL));
    table_text(table, text.used ? bytes : NULL);
}

static enum ctl_exit list_strangers(const struct ctl *ctl)
{
    struct err err;
    struct json *answer = client_get(ctl, "/api/v1/strangers", &err);
    const struct json *list = json_member(answer, "strangers");

    if (!answer)
        return ctl_refused(ctl, &err);
    if (!ctl->json) {
        struct table *table = table_create(ctl->language, stranger_columns,
                                           sizeof stranger_columns / sizeof *stranger_columns);
        for (size_t i = 0; i < json_size(list); i++)
            add_stranger(table, json_item(list, i));
        table_print(table);
    }
    enum ctl_exit code = json_size(list) ? CTL_DONE : CTL_REFUSED;
    json_release(answer);
    return code;
}

enum ctl_exit probe_command(const struct ctl *ctl)
{
    struct probing p = {
        .ctl = ctl,
        .settings = {.line = {.connect_ms = CONNECT_MS}, .first_unit = 1, .last_unit = 32},
    };
    if (ctl->words_count == 0)
        return list_strangers(ctl);
    if (strcmp(ctl->words[0], "barrier") == 0)
        return probe_barrier_command(ctl);
    const char *folder = ctl->maps ? ctl->maps : MAPS_FOLDER;
    enum ctl_exit code = take_options(&p);
    struct err err;

    if (code != CTL_DONE)
        return code;
    struct config_maps *maps = config_maps_load(folder, print_mistake, NULL);
    if (!maps) {
        err_set(&err, "no device maps in \"%s\"; give their folder with --maps", folder);
        return ctl_refused(ctl, &err);
    }
    p.settings.maps = maps->maps;
    p.settings.maps_count = maps->count;
    code = search(&p);
    config_maps_free(maps);
    return code;
}
