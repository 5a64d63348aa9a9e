/*
 * Options of the field. A field described by options becomes a plan's text first, so that there is
 * one way to build one.
 */
#include "tests/parksim/field_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/parksim/options.h"
#include "tests/parksim/sim.h"

static const struct field_options defaults = {
    .map = "concentrator-words",
    .pty_map = "procon-ld120",
    .format = "8N1",
    .ports = 1,
    .units = 1,
    .bays = 20,
    .pty_units = 1,
    .pty_bays = 1,
    .seed = 1,
    .occupancy = 60,
};

static void read_rows(struct field_options *o, const char *usage, int argc, char **argv)
{
    struct config_options *c = &o->config;
    const struct option_row rows[] = {
        {"plan", "FILE|demo", OPTION_TEXT, &o->plan_file, 0, 0, "the field as a text"},
        {"dir", "DIR", OPTION_TEXT, &o->dir, 0, 0, "where the plan's ptys get their links"},
        {"tcp", "HOST:PORT", OPTION_TEXT, &o->tcp, 0, 0, "Modbus TCP; port 0 takes any"},
        {"ports", "N", OPTION_NUMBER, &o->ports, 1, 100, "so many TCP ports, counting up"},
        {"units", "N", OPTION_NUMBER, &o->units, 1, 247, "devices a TCP port"},
        {"map", "NAME", OPTION_TEXT, &o->map, 0, 0, "what these devices are"},
        {"bays", "N", OPTION_NUMBER, &o->bays, 1, 2000, "bays a device"},
        {"pty", "LINK", OPTION_TEXT, &o->pty, 0, 0, "an RTU line, reached through this link"},
        {"pty-units", "N", OPTION_NUMBER, &o->pty_units, 1, 247, "devices on it"},
        {"pty-map", "NAME", OPTION_TEXT, &o->pty_map, 0, 0, "what they are"},
        {"pty-bays", "N", OPTION_NUMBER, &o->pty_bays, 1, 2000, "bays a device"},
        {"baud", "N", OPTION_NUMBER, &o->baud, 0, 115200, "time on its wire; 0: takes none"},
        {"format", "8N1", OPTION_TEXT, &o->format, 0, 0, "8N1, 8E1, 8O1 or 8N2"},
        {"turnaround-ms", "N", OPTION_NUMBER, &o->turnaround_ms, 0, 10000, "time of a device"},
        {"changes-per-s", "R", OPTION_DECIMAL, &o->changes_per_s, 0, 1000000, "cars that move"},
        {"seed", "N", OPTION_NUMBER, &o->seed, 0, INT64_MAX, "same seed, same cars"},
        {"occupancy", "PERCENT", OPTION_DECIMAL, &o->occupancy, 0, 100, "how full it begins"},
        {"script", "FILE", OPTION_TEXT, &o->script, 0, 0, "cars by a file, not at random"},
        {"truth", "FILE", OPTION_TEXT, &o->truth, 0, 0, "log of what really happened"},
        {"control", "PATH", OPTION_TEXT, &o->control, 0, 0, "control socket"},
        {"write-config", "FILE", OPTION_TEXT, &o->config_file, 0, 0, "parkd.conf; - is stdout"},
        {"config-store", "PATH", OPTION_TEXT, &c->store, 0, 0, "in it: the database"},
        {"config-listen", "HOST:PORT", OPTION_TEXT, &c->listen, 0, 0, "in it: the page"},
        {"config-control", "PATH", OPTION_TEXT, &c->control, 0, 0, "in it: parkd's socket"},
        {"config-maps", "DIR", OPTION_TEXT, &c->maps, 0, 0, "in it: device maps"},
        {"config-tariffs", "DIR", OPTION_TEXT, &c->tariffs, 0, 0, "in it: tariffs"},
        {"config-mqtt", "URL", OPTION_TEXT, &c->mqtt, 0, 0, "in it: an MQTT uplink"},
        {"config-city", "URL", OPTION_TEXT, &c->city, 0, 0, "in it: a city uplink"},
        {"config-token-file", "FILE", OPTION_TEXT, &c->token_file, 0, 0, "in it: its token"},
        {"config-ca-file", "FILE", OPTION_TEXT, &c->ca_file, 0, 0, "in it: its CA"},
        {"config-poll-ms", "N", OPTION_NUMBER, &c->poll_ms, 0, 3600000, "in it: of devices"},
        {"config-response-ms", "N", OPTION_NUMBER, &c->response_ms, 0, 10000, "in it: likewise"},
        {"cameras", "HOST:PORT", OPTION_TEXT, &c->cameras, 0, 0, "where the plan's cameras post"},
        {"config-extra", "FILE", OPTION_TEXT, &c->extra, 0, 0, "appended to it as it is"},
        {NULL, NULL, OPTION_TEXT, NULL, 0, 0, NULL},
    };
    options_read(rows, usage, argc, argv);
}

static void tcp_lines(FILE *out, const struct field_options *o)
{
    const char *colon = strrchr(o->tcp, ':');
    int64_t port;
    if (!colon || !sim_number(colon + 1, 0, 65535, &port))
        sim_fail("--tcp %s: HOST:PORT is allowed, port 0 takes any", o->tcp);
    for (int64_t i = 0; i < o->ports; i++) {
        fprintf(out, "line tcp%lld tcp %.*s:%lld\n", (long long)i + 1, (int)(colon - o->tcp),
                o->tcp, (long long)(port ? port + i : 0));
        fprintf(out, "units 1 %lld %s %lld A %lld\n", (long long)o->units, o->map,
                (long long)o->bays, (long long)(i * o->units * o->bays + 1));
    }
}

/* One lot "A" with a zone a line. */
static char *describe(const struct field_options *o)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        sim_fail("out of memory");
    int64_t tcp_ports = o->tcp ? o->ports : 0;
    fputs("lot A \"Simulated lot\"\n", out);
    for (int64_t i = 0; i < tcp_ports; i++)
        fprintf(out, "zone A%lld \"Zone %lld\" %lld\n", (long long)i + 1, (long long)i + 1,
                (long long)(o->units * o->bays));
    if (o->pty)
        fprintf(out, "zone A-RTU \"Serial zone\" %lld\n", (long long)(o->pty_units * o->pty_bays));
    if (o->tcp)
        tcp_lines(out, o);
    if (o->pty)
        fprintf(out, "line line1 pty \"%s\" %lld %s\nunits 1 %lld %s %lld A %lld\n", o->pty,
                (long long)o->baud, o->format, (long long)o->pty_units, o->pty_map,
                (long long)o->pty_bays, (long long)(tcp_ports * o->units * o->bays + 1));
    if (fclose(out) != 0)
        sim_fail("out of memory");
    return text;
}

/* Links of a plan are names; the directory they are made in is the caller's. */
static void place_links(struct plan *plan, const char *dir)
{
    for (uint32_t i = 0; i < plan->lines_count; i++) {
        struct plan_line *line = &plan->lines[i];
        char path[PATH_MAX];
        if (line->type != PLAN_PTY || line->link[0] == '/')
            continue;
        int size = snprintf(path, sizeof path, "%s/%s", dir, line->link);
        if (size >= PLAN_PATH)
            sim_fail("%s: too long a path for a line's link", path);
        memcpy(line->link, path, (size_t)size + 1);
    }
}

void field_options_read(struct field_options *options, struct plan *plan, const char *usage,
                        int argc, char **argv)
{
    *options = defaults;
    read_rows(options, usage, argc, argv);
    const char *name = options->plan_file;
    if (!name && !options->tcp && !options->pty)
        sim_fail("--plan, --tcp or --pty is needed; --help tells more");
    char *text = NULL;
    if (!name)
        text = describe(options);
    else if (strcmp(name, "demo") == 0)
        text = sim_copy(plan_demo);
    else
        text = sim_file(name);
    if (!text)
        sim_fail("%s: cannot be read", name);
    plan_read(plan, name ? name : "command line", text);
    free(text);
    if (options->dir)
        place_links(plan, options->dir);
}
