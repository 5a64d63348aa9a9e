/*
 * `parksim city`: the platform put together, and the commands of its control socket.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/parksim/city.h"
#include "tests/parksim/commands.h"
#include "tests/parksim/control.h"
#include "tests/parksim/options.h"
#include "tests/parksim/sim.h"

struct city_app {
    struct loop *loop;
    struct city_state *state;
    struct city_book *book;
    struct city_trouble trouble;
    struct city *city;
    struct control *control;
    struct plan plan;
};

struct city_options {
    const char *listen, *state, *control, *token_file, *cert, *key, *client_ca, *plan;
    const char *platforms;
};

static void run_trouble(void *arg, char **words, FILE *out)
{
    struct city_app *app = arg;
    const char *wrong = city_trouble_set(&app->trouble, words);
    if (wrong) {
        fprintf(out, "error: %s", wrong);
        return;
    }
    if (strcmp(words[0], "ok") == 0)
        city_release(app->city);
    fputs("ok", out);
}

static void run_status(void *arg, char **words, FILE *out)
{
    struct city_app *app = arg;
    json_t *status = city_state_status(app->state);
    (void)words;
    json_dumpf(status, out, JSON_COMPACT);
    json_decref(status);
}

static void run_platforms(void *arg, char **words, FILE *out)
{
    struct city_app *app = arg;
    json_t *status = app->book ? city_book_status(app->book) : json_object();
    (void)words;
    json_object_set_new(status, "connections",
                        json_integer((json_int_t)city_connections(app->city)));
    json_dumpf(status, out, JSON_COMPACT);
    json_decref(status);
}

static void run_skew(void *arg, char **words, FILE *out)
{
    struct city_app *app = arg;
    int64_t ms;
    if (!app->book || !sim_number(words[1], -86400000, 86400000, &ms)) {
        fputs("error: skew MS, with --platforms", out);
        return;
    }
    city_book_skew(app->book, ms);
    fputs("ok", out);
}

static void run_forget(void *arg, char **words, FILE *out)
{
    struct city_app *app = arg;
    bool exit = strcmp(words[1], "exit") == 0;
    bool known = app->book && (exit || strcmp(words[1], "entry") == 0) &&
                 city_book_forget(app->book, NULL, words[2], exit);
    fputs(known ? "ok" : "error: forget entry|exit STAY, of one that is held", out);
}

static void run_quit(void *arg, char **words, FILE *out)
{
    struct city_app *app = arg;
    (void)words;
    loop_stop(app->loop);
    fputs("ok", out);
}

static const struct control_command commands[] = {
    {"fail", 2, 5, run_trouble, "fail STATUS [retry-after S] [N]"},
    {"hang", 1, 2, run_trouble, "hang [N]"},
    {"reset", 1, 2, run_trouble, "reset [N]"},
    {"drop-answer", 1, 2, run_trouble, "drop-answer [N]"},
    {"bad-body", 1, 2, run_trouble, "bad-body [N]"},
    {"slow", 2, 3, run_trouble, "slow MS [N]"},
    {"refuse", 2, 2, run_trouble, "refuse TYPE|SEQ"},
    {"retry", 2, 2, run_trouble, "retry N"},
    {"chaos", 2, 3, run_trouble, "chaos PERCENT [SEED]"},
    {"ok", 1, 1, run_trouble, "ok"},
    {"status", 1, 1, run_status, "status"},
    {"platforms", 1, 1, run_platforms, "platforms"},
    {"skew", 2, 2, run_skew, "skew MS"},
    {"forget", 3, 3, run_forget, "forget entry|exit STAY"},
    {"quit", 1, 1, run_quit, "quit"},
    {NULL, 0, 0, NULL, NULL},
};

/* NULL path: NULL. */
static char *text_of(const char *path)
{
    char *text = path ? sim_file(path) : NULL;
    if (path && !text)
        sim_fail("%s: cannot be read", path);
    return text;
}

static void read_options(struct city_options *o, int argc, char **argv)
{
    const struct option_row rows[] = {
        {"listen", "HOST:PORT", OPTION_TEXT, &o->listen, 0, 0, "port 0 takes any"},
        {"token-file", "FILE", OPTION_TEXT, &o->token_file, 0, 0, "the bearer token it asks for"},
        {"cert", "FILE", OPTION_TEXT, &o->cert, 0, 0, "its certificate: HTTPS"},
        {"key", "FILE", OPTION_TEXT, &o->key, 0, 0, "and the key of it"},
        {"client-ca", "FILE", OPTION_TEXT, &o->client_ca, 0, 0, "asks clients for certificates"},
        {"state", "FILE", OPTION_TEXT, &o->state, 0, 0, "what it holds survives restarts"},
        {"control", "PATH", OPTION_TEXT, &o->control, 0, 0, "control socket"},
        {"plan", "FILE|demo", OPTION_TEXT, &o->plan, 0, 0, "names of the lots for the page"},
        {"platforms", "FILE", OPTION_TEXT, &o->platforms, 0, 0,
         "lots registered with city platforms, JSON"},
        {NULL, NULL, OPTION_TEXT, NULL, 0, 0, NULL},
    };
    options_read(rows, "parksim city OPTIONS", argc, argv);
    if (!o->cert != !o->key || (o->client_ca && !o->cert))
        sim_fail("--cert and --key go together, --client-ca needs both");
}

static void read_plan(struct plan *plan, const char *name)
{
    char *text = strcmp(name, "demo") == 0 ? sim_copy(plan_demo) : text_of(name);
    plan_read(plan, name, text);
    free(text);
}

static int64_t utc_now(void *arg)
{
    (void)arg;
    return sim_utc_ms();
}

static struct city_book *read_book(const char *path)
{
    json_error_t error;
    json_t *registered = json_load_file(path, 0, &error);
    if (!registered)
        sim_fail("%s:%d: %s", path, error.line, error.text);
    struct city_book *book = city_book_create(registered, (struct book_clock){utc_now, NULL});
    json_decref(registered);
    return book;
}

static void nothing(void *arg)
{
    (void)arg;
}

int city_command(int argc, char **argv)
{
    struct city_options options = {.listen = "127.0.0.1:0"};
    struct city_app app = {0};
    read_options(&options, argc, argv);
    char *token = text_of(options.token_file);
    char *cert = text_of(options.cert), *key = text_of(options.key);
    char *client_ca = text_of(options.client_ca);
    if (token)
        token[strcspn(token, "\r\n")] = '\0';
    if (options.plan)
        read_plan(&app.plan, options.plan);
    if (options.platforms)
        app.book = read_book(options.platforms);
    struct city_settings settings = {.listen = options.listen,
                                     .token = token,
                                     .cert = cert,
                                     .key = key,
                                     .client_ca = client_ca,
                                     .book = app.book};
    app.loop = loop_create();
    app.state = city_state_create(options.state);
    app.city =
        city_create(app.loop, &settings, app.state, &app.trouble, options.plan ? &app.plan : NULL);
    if (options.control)
        app.control = control_create(app.loop, options.control, commands, &app);
    printf("city %s %.*s %u\nready\n", cert ? "https" : "http", (int)strcspn(options.listen, ":"),
           options.listen, city_port(app.city));
    fflush(stdout);
    loop_run(app.loop, nothing, NULL);
    control_destroy(app.control);
    city_destroy(app.city);
    city_state_destroy(app.state);
    if (app.book)
        city_book_destroy(app.book);
    loop_destroy(app.loop);
    plan_fini(&app.plan);
    free(client_ca);
    free(key);
    free(cert);
    free(token);
    return 0;
}
