/* parkd: arguments, build, run, tear down in the mirror order. See parkd(8). */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/crash.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/base/memory.h"
#include "daemon/config/config.h"
#include "daemon/gateway.h"

enum { EXIT_DONE = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2 };

#define DEFAULT_CONFIG "/etc/parkd/parkd.conf"

struct options {
    const char *config;
    bool check_only;
};

struct running {
    struct loop *loop;
    const char *path;
    struct config *config;
    struct gateway *gateway;
};

static const struct {
    struct option option;
    const char *argument, *help;
} options[] = {
    {{"config", required_argument, NULL, 'c'}, "FILE", "read FILE instead of " DEFAULT_CONFIG},
    {{"check-config", no_argument, NULL, 't'},
     "",
     "check the configuration, print every mistake, exit"},
    {{"debug", no_argument, NULL, 'd'}, "", "log what is done in detail"},
    {{"help", no_argument, NULL, 'h'}, "", "show this help"},
    {{"version", no_argument, NULL, 'V'}, "", "show the version"},
};
enum { OPTIONS = sizeof options / sizeof options[0] };

static void print_help(void)
{
    printf("Usage: parkd [OPTION]...\n"
           "The gateway daemon of a parking site: polls bays, keeps the true occupancy and the\n"
           "journal, and pushes vacancy and records to the city's platform.\n\n");
    for (int i = 0; i < OPTIONS; i++)
        printf("  -%c, --%-13s %-5s %s\n", options[i].option.val, options[i].option.name,
               options[i].argument, options[i].help);
    printf(
        "\nSIGHUP reads the configuration again, all or nothing. SIGTERM and SIGINT stop cleanly.\n"
        "Exit: 0 stopped or the configuration is good, 1 it is not or the start failed, 2 wrong "
        "use.\nSee parkd(8), parkd.conf(5), parkctl(1).\n");
}

/* Returns the exit code to end with, or -1 to go on. */
static int parse_arguments(int argc, char **argv, struct options *ret)
{
    struct option table[OPTIONS + 1] = {{0}};
    int letter;

    for (int i = 0; i < OPTIONS; i++)
        table[i] = options[i].option;
    while ((letter = getopt_long(argc, argv, "c:tdhV", table, NULL)) != -1) {
        switch (letter) {
        case 'c':
            ret->config = optarg;
            break;
        case 't':
            ret->check_only = true;
            break;
        case 'd':
            log_set_level(LOG_LEVEL_DEBUG);
            break;
        case 'h':
            print_help();
            return EXIT_DONE;
        case 'V':
            printf("parkd %s\n", PARKD_VERSION);
            return EXIT_DONE;
        default:
            fprintf(stderr, "Try: parkd --help\n");
            return EXIT_USAGE;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "parkd: \"%s\" is no option; a file is given with --config FILE\n",
                argv[optind]);
        return EXIT_USAGE;
    }
    return -1;
}

static void print_mistake(void *arg, const char *line)
{
    (void)arg;
    fprintf(stderr, "%s\n", line);
}

static void log_mistake(void *arg, const char *line)
{
    (void)arg;
    log_error("%s", line);
}

static void on_stop(void *arg)
{
    struct running *r = arg;

    loop_notify("STOPPING=1");
    loop_stop(r->loop, EXIT_DONE);
}

/* Another configuration is another gateway; what the old one knew is in the store. When the new one
 * cannot start, the old one comes back. */
static void on_reload(void *arg)
{
    struct running *r = arg;
    struct err err;
    struct config *fresh = config_load(r->path, log_mistake, NULL);

    if (!fresh) {
        log_warning("reload: nothing is changed; correct the mistakes above and reload again");
        return;
    }
    loop_notify("RELOADING=1");
    gateway_destroy(r->gateway);
    crash_point("reloading");
    r->gateway = gateway_create(fresh, r->loop, &err);
    if (r->gateway) {
        config_free(r->config);
        r->config = fresh;
        log_info("reload: \"%s\" is in force", r->path);
    } else {
        log_error("reload: %s; going on with the configuration from before", err.text);
        config_free(fresh);
        r->gateway = gateway_create(r->config, r->loop, &err);
    }
    if (!r->gateway) {
        log_error("reload: the configuration from before fails too: %s", err.text);
        loop_stop(r->loop, EXIT_REFUSED);
    }
    loop_notify("READY=1");
}

static bool start(struct running *r, struct err *err)
{
    signal(SIGPIPE, SIG_IGN); /* libmosquitto writes without MSG_NOSIGNAL (reliability Q12) */
    /* A dead name server would hold up the end of a look-up thread for half a minute. */
    setenv("RES_OPTIONS", "timeout:2 attempts:2", 0);
    r->loop = loop_create(err);
    if (!r->loop || !loop_signal(r->loop, SIGTERM, on_stop, r, err) ||
        !loop_signal(r->loop, SIGINT, on_stop, r, err) ||
        !loop_signal(r->loop, SIGHUP, on_reload, r, err))
        return false;
    r->gateway = gateway_create(r->config, r->loop, err);
    return r->gateway != NULL;
}

static int run(const char *path, struct config *config)
{
    struct running r = {.path = path, .config = config};
    struct err err;
    int code = EXIT_REFUSED;

    if (start(&r, &err)) {
        log_info("parkd %s: %u bays in %u lots, %u buses, %u uplinks", PARKD_VERSION,
                 config->plan.bays_count, config->plan.lots_count, config->buses_count,
                 config->uplinks_count);
        memory_settle();
        loop_notify("READY=1");
        code = loop_run(r.loop, &err);
        if (code < 0) {
            log_error("%s", err.text);
            code = EXIT_REFUSED;
        }
    } else {
        log_error("start: %s", err.text);
    }
    gateway_destroy(r.gateway);
    loop_destroy(r.loop);
    config_free(r.config);
    return code;
}

int main(int argc, char **argv)
{
    struct options chosen = {.config = DEFAULT_CONFIG};
    int code = parse_arguments(argc, argv, &chosen);

    memory_prepare();
    if (code >= 0)
        return code;
    struct config *config = config_load(chosen.config, print_mistake, NULL);
    if (!config)
        return EXIT_REFUSED;
    if (!chosen.check_only)
        return run(chosen.config, config);
    printf("%s: good: %u lots, %u bays, %u buses, %u uplinks\n", chosen.config,
           config->plan.lots_count, config->plan.bays_count, config->buses_count,
           config->uplinks_count);
    config_free(config);
    return EXIT_DONE;
}
