/*
 * `parksim field` and `parksim config`: the field put together, and the commands of its control
 * socket.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/parksim/camera.h"
#include "tests/parksim/cars.h"
#include "tests/parksim/commands.h"
#include "tests/parksim/control.h"
#include "tests/parksim/field_options.h"
#include "tests/parksim/gate_commands.h"
#include "tests/parksim/line.h"
#include "tests/parksim/script.h"
#include "tests/parksim/sim.h"
#include "tests/parksim/traffic.h"

struct field_app {
    struct field_options options;
    struct plan plan;
    struct loop *loop;
    struct truth *truth;
    struct field *field;
    struct line **lines;
    struct cars *cars;
    struct traffic *traffic;
    struct cameras *cameras;
    struct script *script;
    struct control *control;
};

/* By its id or its port. */
static struct line *find_line(struct field_app *app, const char *name)
{
    for (uint32_t i = 0; i < app->plan.lines_count; i++) {
        const struct plan_line *line = &app->plan.lines[i];
        char port[8];
        snprintf(port, sizeof port, "%u", line->port);
        if (strcmp(line->id, name) == 0 || (line->port && strcmp(port, name) == 0))
            return app->lines[i];
    }
    return NULL;
}

static void run_fault(void *arg, char **words, FILE *out)
{
    struct field_app *app = arg;
    char *slash = strchr(words[1], '/');
    int64_t unit;
    if (slash)
        *slash = '\0';
    struct line *line = find_line(app, words[1]);
    struct field_device *device = NULL;
    if (line && slash && sim_number(slash + 1, 0, 255, &unit))
        device = field_device(app->field, line->index, (uint8_t)unit);
    if (!device) {
        fputs("error: no such device; LINE/UNIT or PORT/UNIT is allowed", out);
        return;
    }
    const char *wrong = fault_parse(words[2], words[3], line->framing->serial, &device->fault);
    if (wrong) {
        fprintf(out, "error: %s", wrong);
        return;
    }
    char what[64];
    snprintf(what, sizeof what, "unit %u fault %s", device->unit->unit,
             fault_name(device->fault.mode));
    truth_note(app->truth, line->plan->id, what);
    fputs("ok", out);
}

static void run_line(void *arg, char **words, FILE *out)
{
    struct line *line = find_line(arg, words[1]);
    bool up = strcmp(words[2], "up") == 0;
    if (!line || (!up && strcmp(words[2], "down") != 0)) {
        fputs(line ? "error: up or down is allowed" : "error: no such line", out);
        return;
    }
    if (up)
        line_up(line);
    else
        line_down(line);
    fputs("ok", out);
}

static void run_turnaround(void *arg, char **words, FILE *out)
{
    struct line *line = find_line(arg, words[1]);
    int64_t ms;
    if (!line || !sim_number(words[2], 0, 10000, &ms)) {
        fputs(line ? "error: 0 to 10000 is allowed" : "error: no such line", out);
        return;
    }
    line->turnaround_us = ms * 1000;
    fputs("ok", out);
}

static void run_bay(void *arg, char **words, FILE *out)
{
    struct field_app *app = arg;
    int64_t bay = field_find_bay(app->field, words[1]);
    bool occupied = strcmp(words[2], "occupied") == 0;
    if (bay == FIELD_NO_BAY || (!occupied && strcmp(words[2], "free") != 0)) {
        fputs(bay == FIELD_NO_BAY ? "error: no such bay" : "error: free or occupied is allowed",
              out);
        return;
    }
    field_set(app->field, (uint32_t)bay, occupied);
    fputs("ok", out);
}

static void run_rate(void *arg, char **words, FILE *out)
{
    struct field_app *app = arg;
    char *end;
    double rate = strtod(words[1], &end);
    if (*end || !(rate >= 0 && rate <= 1000000) || !app->cars) {
        fputs(app->cars ? "error: 0 to 1000000 is allowed" : "error: a script moves the cars", out);
        return;
    }
    cars_rate(app->cars, rate);
    fputs("ok", out);
}

static void status_line(const struct line *line, FILE *out)
{
    const struct line_stats *s = &line->stats;
    fprintf(out,
            "{\"id\":\"%s\",\"port\":%u,\"requests\":%" PRIu64 ",\"answers\":%" PRIu64
            ",\"bad\":%" PRIu64 ",\"cycles\":%" PRIu64 ",\"cycle_min_us\":%" PRId64
            ",\"cycle_mean_us\":%" PRId64 ",\"cycle_max_us\":%" PRId64 "}",
            line->plan->id, line->plan->port, s->requests, s->answers, s->bad, s->cycles,
            s->cycle_min_us, s->cycles ? s->cycle_sum_us / (int64_t)s->cycles : 0, s->cycle_max_us);
}

static void run_status(void *arg, char **words, FILE *out)
{
    struct field_app *app = arg;
    const struct field *field = app->field;
    (void)words;
    fprintf(out,
            "{\"bays\":%u,\"occupied\":%u,\"changes\":%" PRIu64 ",\"served\":%" PRIu64
            ",\"overwritten\":%" PRIu64 ",\"lines\":[",
            app->plan.bays_count, field->occupied_count, field->changes, field->served,
            field->overwritten);
    for (uint32_t i = 0; i < app->plan.lines_count; i++) {
        fputs(i ? "," : "", out);
        status_line(app->lines[i], out);
    }
    fputs("]}", out);
}

/* Begins the lines' counts and cycle times anew: a test measures from here. */
static void run_restart_counts(void *arg, char **words, FILE *out)
{
    struct field_app *app = arg;
    (void)words;
    for (uint32_t i = 0; i < app->plan.lines_count; i++)
        app->lines[i]->stats = (struct line_stats){0};
    fputs("ok", out);
}

static void run_quit(void *arg, char **words, FILE *out)
{
    struct field_app *app = arg;
    (void)words;
    loop_stop(app->loop);
    fputs("ok", out);
}

static void run_loop(void *arg, char **words, FILE *out)
{
    struct field_app *app = arg;
    gate_loop(app->field, words, out);
}

static void run_button(void *arg, char **words, FILE *out)
{
    struct field_app *app = arg;
    gate_button(app->field, words, out);
}

static void run_boom(void *arg, char **words, FILE *out)
{
    struct field_app *app = arg;
    gate_boom(app->field, words, out);
}

static void run_limit(void *arg, char **words, FILE *out)
{
    struct field_app *app = arg;
    gate_limit(app->field, words, out);
}

static void run_travel(void *arg, char **words, FILE *out)
{
    struct field_app *app = arg;
    gate_travel(app->field, words, out);
}

static void run_mode(void *arg, char **words, FILE *out)
{
    struct field_app *app = arg;
    gate_mode(app->field, words, out);
}

static void run_barrier(void *arg, char **words, FILE *out)
{
    struct field_app *app = arg;
    gate_barrier(app->field, words, out);
}

static void run_car(void *arg, char **words, FILE *out)
{
    struct field_app *app = arg;
    traffic_car(app->traffic, words, out);
}

static void run_cars(void *arg, char **words, FILE *out)
{
    struct field_app *app = arg;
    traffic_cars(app->traffic, words, out);
}

static void run_camera(void *arg, char **words, FILE *out)
{
    struct field_app *app = arg;
    cameras_command(app->cameras, words, out);
}

static void run_quiet(void *arg, char **words, FILE *out)
{
    struct field_app *app = arg;
    (void)words;
    traffic_quiet(app->traffic, out);
}

static void run_traffic(void *arg, char **words, FILE *out)
{
    struct field_app *app = arg;
    (void)words;
    traffic_status(app->traffic, out);
}

static const struct control_command commands[] = {
    {"fault", 3, 4, run_fault, "fault LINE/UNIT MODE [NUMBER]"},
    {"line", 3, 3, run_line, "line LINE up|down"},
    {"turnaround", 3, 3, run_turnaround, "turnaround LINE MS"},
    {"bay", 3, 3, run_bay, "bay ID occupied|free"},
    {"loop", 4, 4, run_loop, "loop LANE P|C on|off"},
    {"button", 3, 3, run_button, "button LANE on|off"},
    {"boom", 3, 3, run_boom, "boom LANE up|down|stop|stuck|free"},
    {"limit", 4, 4, run_limit, "limit LANE up|down works|on|off"},
    {"travel", 3, 3, run_travel, "travel LANE MS"},
    {"mode", 4, 4, run_mode, "mode LANE RELAY MODE"},
    {"barrier", 2, 2, run_barrier, "barrier LANE"},
    {"car", 3, 5, run_car, "car LANE PLATE [BEHAVIOUR [SECONDS]]"},
    {"cars", 3, 3, run_cars, "cars rate CARS-PER-MINUTE, or cars stay SECONDS"},
    {"camera", 3, 4, run_camera, "camera LANE read PLATE, offline on|off, deaf N or status"},
    {"quiet", 1, 1, run_quiet, "quiet"},
    {"traffic", 1, 1, run_traffic, "traffic"},
    {"rate", 2, 2, run_rate, "rate CHANGES-PER-SECOND"},
    {"status", 1, 1, run_status, "status"},
    {"restart-counts", 1, 1, run_restart_counts, "restart-counts"},
    {"quit", 1, 1, run_quit, "quit"},
    {NULL, 0, 0, NULL, NULL},
};

static void say_ready(const struct field_app *app)
{
    for (uint32_t i = 0; i < app->plan.lines_count; i++) {
        const struct plan_line *line = &app->plan.lines[i];
        char path[PATH_MAX];
        if (line->type == PLAN_PTY)
            printf("line %s pty %s\n", line->id, sim_absolute(line->link, path));
        else
            printf("line %s tcp %s %u\n", line->id, line->host, line->port);
    }
    printf("bays %u\nready\n", app->plan.bays_count);
    fflush(stdout);
}

static void turn(void *arg)
{
    struct field_app *app = arg;
    truth_flush(app->truth);
}

static void start(struct field_app *app)
{
    const struct field_options *o = &app->options;
    app->loop = loop_create();
    app->truth = truth_create(o->truth);
    app->field = field_create(&app->plan, app->truth);
    app->lines = sim_alloc(app->plan.lines_count, sizeof *app->lines);
    if (o->script)
        app->script = script_create(app->loop, app->field, o->script);
    else
        app->cars = cars_create(app->loop, app->field, (uint64_t)o->seed, o->occupancy / 100);
    app->traffic = traffic_create(app->loop, app->field, (uint64_t)o->seed);
    if (o->config.cameras) {
        app->cameras = cameras_create(app->loop, app->field, o->config.cameras);
        traffic_reads(app->traffic, cameras_read, app->cameras);
    }
    for (uint32_t i = 0; i < app->plan.lines_count; i++) {
        app->lines[i] = line_create(app->loop, app->field, &app->plan, i);
        app->lines[i]->turnaround_us = o->turnaround_ms * 1000;
        line_up(app->lines[i]);
    }
    if (o->control)
        app->control = control_create(app->loop, o->control, commands, app);
    if (o->config_file)
        config_write(o->config_file, &app->plan, &o->config);
    say_ready(app);
    if (app->script)
        script_start(app->script);
    else
        cars_rate(app->cars, o->changes_per_s);
}

static void stop(struct field_app *app)
{
    control_destroy(app->control);
    for (uint32_t i = app->plan.lines_count; i-- > 0;)
        line_destroy(app->lines[i]);
    traffic_destroy(app->traffic);
    cameras_destroy(app->cameras);
    cars_destroy(app->cars);
    script_destroy(app->script);
    free(app->lines);
    field_destroy(app->field);
    truth_destroy(app->truth);
    loop_destroy(app->loop);
    plan_fini(&app->plan);
}

int field_command(int argc, char **argv)
{
    struct field_app app = {0};
    field_options_read(&app.options, &app.plan, "parksim field OPTIONS", argc, argv);
    start(&app);
    loop_run(app.loop, turn, &app);
    stop(&app);
    return 0;
}

int config_command(int argc, char **argv)
{
    struct field_options options;
    struct plan plan;
    field_options_read(&options, &plan, "parksim config OPTIONS", argc, argv);
    for (uint32_t i = 0; i < plan.lines_count; i++) {
        if (plan.lines[i].type != PLAN_PTY && !plan.lines[i].port)
            sim_fail("line %s: without a field that runs its port must be given", plan.lines[i].id);
    }
    config_write(options.config_file ? options.config_file : "-", &plan, &options.config);
    plan_fini(&plan);
    return 0;
}
