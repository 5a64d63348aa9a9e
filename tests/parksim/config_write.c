/*
 * Writing the configuration in libconfig's syntax (parkd.conf.5). Names come from the plan, whose
 * words hold neither quotes nor line ends; only backslashes need care.
 */
#include "tests/parksim/config_write.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/parksim/device_map.h"
#include "tests/parksim/sim.h"

static void quoted(FILE *out, const char *key, const char *text)
{
    fprintf(out, "%s = \"", key);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', out);
        fputc(*text, out);
    }
    fputs("\"; ", out);
}

static void optional(FILE *out, const char *key, const char *text)
{
    if (text)
        quoted(out, key, text);
}

/* `bays = "A-0001..A-0100";`, which may cross zones but not lots. */
static void bay_range(FILE *out, const struct plan *plan, uint32_t first, uint32_t count)
{
    fprintf(out, "bays = \"%s", plan->bays[first].id);
    if (count > 1)
        fprintf(out, "..%s", plan->bays[first + count - 1].id);
    fputs("\"; ", out);
}

/* Without a folder of tariffs nothing is charged. */
static void write_parking(FILE *out, const struct plan_lot *lot,
                          const struct config_options *options)
{
    if (!lot->stays)
        return;
    fputs("parking = { ", out);
    quoted(out, "stays", lot->stays);
    if (lot->tariff[0] && options->tariffs)
        quoted(out, "tariff", lot->tariff);
    fputs("};\n    ", out);
}

static void write_lots(FILE *out, const struct plan *plan, const struct config_options *options)
{
    fputs("lots = (", out);
    for (uint32_t i = 0; i < plan->lots_count; i++) {
        fputs(i ? ",\n  { " : "\n  { ", out);
        quoted(out, "id", plan->lots[i].id);
        quoted(out, "name", plan->lots[i].name);
        write_parking(out, &plan->lots[i], options);
        fputs("zones = (", out);
        const char *comma = "";
        for (uint32_t z = 0; z < plan->zones_count; z++) {
            const struct plan_zone *zone = &plan->zones[z];
            if (zone->lot != i)
                continue;
            fprintf(out, "%s\n    { ", comma);
            quoted(out, "id", zone->id);
            quoted(out, "name", zone->name);
            bay_range(out, plan, zone->first, zone->bays);
            fputc('}', out);
            comma = ",";
        }
        fputs("); }", out);
    }
    fputs("\n);\n", out);
}

/* Device ids: "hospital-2": line and unit. */
static void write_devices(FILE *out, const struct plan *plan, uint32_t line,
                          const struct config_options *options)
{
    const char *comma = "";
    fputs("devices = (", out);
    for (uint32_t i = 0; i < plan->units_count; i++) {
        const struct plan_unit *unit = &plan->units[i];
        if (unit->line != line || unit->bays == 0)
            continue;
        fprintf(out, "%s\n    { id = \"%s-%u\"; unit = %u; ", comma, plan->lines[line].id,
                unit->unit, unit->unit);
        quoted(out, "map", unit->map->name);
        bay_range(out, plan, unit->first, unit->bays);
        if (options->poll_ms)
            fprintf(out, "poll_ms = %" PRId64 "; ", options->poll_ms);
        if (options->response_ms)
            fprintf(out, "response_ms = %" PRId64 "; ", options->response_ms);
        fputc('}', out);
        comma = ",";
    }
    fputs("); ", out);
}

static void write_buses(FILE *out, const struct plan *plan, const struct config_options *options)
{
    static const char *const types[] = {
        [PLAN_TCP] = "tcp", [PLAN_RTU_TCP] = "rtu-over-tcp", [PLAN_PTY] = "rtu"};
    char path[PATH_MAX];
    fputs("buses = (", out);
    for (uint32_t i = 0; i < plan->lines_count; i++) {
        const struct plan_line *line = &plan->lines[i];
        fputs(i ? ",\n  { " : "\n  { ", out);
        quoted(out, "id", line->id);
        quoted(out, "type", types[line->type]);
        if (line->type == PLAN_PTY) {
            quoted(out, "path", sim_absolute(line->link, path));
            fprintf(out, "baud = %u; format = \"%s\"; ", line->baud ? line->baud : 115200,
                    line->format);
        } else {
            quoted(out, "host", line->host);
            fprintf(out, "port = %u; ", line->port);
        }
        write_devices(out, plan, i, options);
        fputc('}', out);
    }
    fputs("\n);\n", out);
}

/* As board.h wires them. */
static void write_barriers(FILE *out, const struct plan *plan)
{
    fputs("barriers = (", out);
    for (uint32_t i = 0; i < plan->gates_count; i++) {
        const struct plan_gate *gate = &plan->gates[i];
        const struct plan_unit *unit = &plan->units[gate->unit];
        uint32_t relay = 3 * gate->place, input = 4 * gate->place;
        fputs(i ? ",\n  { " : "\n  { ", out);
        quoted(out, "id", gate->id);
        quoted(out, "bus", plan->lines[unit->line].id);
        fprintf(out, "unit = %u; travel_ms = 3000; ", unit->unit);
        if (strncmp(unit->map->name, "came-gard", 9) == 0)
            fprintf(out,
                    "driver = \"came-gard\"; base = %d; inputs = { presence_loop = 0; "
                    "closing_loop = 1; button = 2; }; }",
                    unit->map->name[9] != '\0');
        else if (strcmp(unit->map->name, "relay-plate") == 0)
            fputs("driver = \"relay-plate\"; open = 1; stop = 2; close = 3; }", out);
        else
            fprintf(out,
                    "driver = \"relay-board\"; open = %u; stop = %u; close = %u; inputs = { "
                    "limit_open = %u; limit_closed = %u; presence_loop = %u; closing_loop = %u; "
                    "}; }",
                    relay, relay + 1, relay + 2, input, input + 1, input + 2, input + 3);
    }
    fputs("\n);\n", out);
}

/* What a board's inputs tell, as board.h wires them; a GARD knows its ends and counts. */
static void write_lanes(FILE *out, const struct plan *plan)
{
    const char *comma = "";
    fputs("lanes = (", out);
    for (uint32_t i = 0; i < plan->gates_count; i++) {
        const struct plan_gate *gate = &plan->gates[i];
        const char *board = plan->units[gate->unit].map->name;
        if (!gate->is_lane)
            continue;
        fprintf(out, "%s\n  { ", comma);
        quoted(out, "id", gate->id);
        quoted(out, "lot", plan->lots[gate->lot].id);
        quoted(out, "direction", gate->out ? "out" : "in");
        quoted(out, "barrier", gate->id);
        if (strncmp(board, "came-gard", 9) == 0)
            fputs("wired = [ \"presence\", \"closing\", \"limits\", \"counter\" ]; ", out);
        else if (strcmp(board, "relay-board") == 0)
            fputs("wired = [ \"presence\", \"closing\", \"limits\" ]; ", out);
        fputc('}', out);
        comma = ",";
    }
    fputs("\n);\n", out);
}

static void write_cameras(FILE *out, const struct plan *plan, const char *listen)
{
    const char *comma = "";
    quoted(out, "camera_listen", listen);
    fputs("\ncameras = (", out);
    for (uint32_t i = 0; i < plan->gates_count; i++) {
        const struct plan_gate *gate = &plan->gates[i];
        if (!gate->camera)
            continue;
        fprintf(out, "%s\n  { ", comma);
        quoted(out, "id", gate->id);
        quoted(out, "lane", gate->id);
        quoted(out, "family", gate->camera);
        quoted(out, "device", gate->id);
        fputs("from = [ \"127.0.0.1\" ]; }", out);
        comma = ",";
    }
    fputs("\n);\n", out);
}

static void write_uplinks(FILE *out, const struct config_options *options)
{
    const char *comma = "";
    fputs("uplinks = (", out);
    if (options->mqtt) {
        fputs("\n  { name = \"broker\"; type = \"mqtt\"; ", out);
        quoted(out, "url", options->mqtt);
        fputc('}', out);
        comma = ",";
    }
    if (options->city) {
        fprintf(out, "%s\n  { name = \"city\"; type = \"json\"; ", comma);
        quoted(out, "url", options->city);
        optional(out, "token_file", options->token_file);
        if (options->ca_file) {
            fputs("tls = { ", out);
            quoted(out, "ca_file", options->ca_file);
            fputs("}; ", out);
        }
        fputc('}', out);
    }
    fputs("\n);\n", out);
}

static void write_extra(FILE *out, const char *path)
{
    char *text = path ? sim_file(path) : NULL;
    if (path && !text)
        sim_fail("%s: cannot be read", path);
    if (text)
        fputs(text, out);
    free(text);
}

static void write_all(FILE *out, const struct plan *plan, const struct config_options *options)
{
    fputs("# Written by parksim for its simulated field.\nsite = { ", out);
    quoted(out, "id", plan->id);
    quoted(out, "name", plan->name);
    quoted(out, "zone", plan->zone);
    fputs("};\n", out);
    if (options->store) {
        fputs("store = { ", out);
        quoted(out, "path", options->store);
        fputs("};\n", out);
    }
    if (options->listen || options->control) {
        fputs("serve = { ", out);
        optional(out, "listen", options->listen);
        optional(out, "control", options->control);
        fputs("};\n", out);
    }
    if (options->maps) {
        quoted(out, "device_maps", options->maps);
        fputc('\n', out);
    }
    if (options->tariffs) {
        quoted(out, "tariffs", options->tariffs);
        fputc('\n', out);
    }
    write_lots(out, plan, options);
    write_buses(out, plan, options);
    if (plan->gates_count)
        write_barriers(out, plan);
    if (plan->gates_count)
        write_lanes(out, plan);
    if (options->cameras)
        write_cameras(out, plan, options->cameras);
    if (options->mqtt || options->city)
        write_uplinks(out, options);
    write_extra(out, options->extra);
}

void config_write(const char *path, const struct plan *plan, const struct config_options *options)
{
    bool standard = strcmp(path, "-") == 0;
    FILE *out = standard ? stdout : fopen(path, "we");
    if (!out)
        sim_fail("%s: %s", path, strerror(errno));
    write_all(out, plan, options);
    if ((standard ? fflush(out) : fclose(out)) != 0)
        sim_fail("%s: %s", path, strerror(errno));
}
