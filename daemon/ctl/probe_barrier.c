/*
 * parkctl probe barrier: reads one barrier of the configuration and says in words what its board
 * tells. For the installer, with the daemon stopped (a serial line has one owner); never writes.
 */
#include <stdio.h>
#include <string.h>

#include "daemon/config/config.h"
#include "daemon/core/text.h"
#include "daemon/ctl/commands.h"
#include "daemon/ctl/ctl.h"
#include "sensors/bus/probe.h"
#include "sensors/lane/barrier.h"

#define CONFIG_FILE "/etc/parkd/parkd.conf"

static void print_mistake(void *arg, const char *line)
{
    (void)arg;
    fprintf(stderr, "%s\n", line);
}

static void print_json(const struct barrier_config *barrier, const struct barrier *now)
{
    char bytes[2048];
    struct text line;

    text_init(&line, bytes, sizeof bytes);
    text_add(&line, "{");
    text_json_pair(&line, "barrier", barrier->id);
    text_json_pair(&line, "driver", barrier->map->name);
    text_json_pair(&line, "state", barrier_state_name(now->state));
    text_json_pair(&line, "quality", barrier_quality_name(now->quality));
    text_json_pair(&line, "hold", barrier_hold_name(now->hold));
    if (now->position_percent >= 0)
        text_json_int(&line, "position_percent", now->position_percent);
    if (now->has_operations)
        text_json_int(&line, "operations", now->operations);
    text_json_pair(&line, "error", now->error);
    text_add(&line, ",\"inputs\":{");
    for (int i = 0; i < BARRIER_INPUTS; i++)
        if (now->inputs[i] != SIGNAL_NOT_WIRED)
            text_json_pair(&line, barrier_input_name(i), barrier_signal_name(now->inputs[i]));
    text_add(&line, "}}");
    puts(bytes);
}

static void print_words(const struct barrier_config *barrier, const struct barrier *now)
{
    printf("barrier \"%s\" (%s): %s, %s", barrier->id, barrier->map->device,
           barrier_state_name(now->state), barrier_quality_name(now->quality));
    if (now->position_percent >= 0)
        printf(", at %d %%", now->position_percent);
    if (now->hold != BARRIER_NOT_HELD)
        printf(", %s", barrier_hold_name(now->hold));
    if (now->has_operations)
        printf(", %u movements", now->operations);
    printf("%s%s\n", now->error[0] ? "; " : "", now->error);
    for (int i = 0; i < BARRIER_INPUTS; i++)
        if (now->inputs[i] != SIGNAL_NOT_WIRED)
            printf("    %-14s %s\n", barrier_input_name(i), barrier_signal_name(now->inputs[i]));
    if (!barrier->map->prove && now->not_ready[0])
        printf("    not usable: %s\n", now->not_ready);
    if (barrier->map->prove)
        puts("    The gateway checks its addresses at the start, before the first command.");
}

static enum ctl_exit look(const struct ctl *ctl, const struct config *config)
{
    struct barrier now;
    struct err err;

    for (uint32_t i = 0; i < config->barriers_count; i++) {
        const struct barrier_config *barrier = &config->barriers[i];
        if (strcmp(barrier->id, ctl->words[1]) != 0)
            continue;
        if (!probe_barrier(&config->buses[barrier->bus], barrier->device, &now, &err))
            return ctl_refused(ctl, &err);
        if (ctl->json)
            print_json(barrier, &now);
        else
            print_words(barrier, &now);
        return CTL_DONE;
    }
    err_set(&err, "no barrier \"%s\" in the configuration", ctl->words[1]);
    return ctl_refused(ctl, &err);
}

enum ctl_exit probe_barrier_command(const struct ctl *ctl)
{
    if (ctl->words_count < 2 || ctl->words_count > 3)
        return ctl_wrong_use(ctl, "give the barrier's id, and perhaps the configuration's file");
    const char *path = ctl->words_count > 2 ? ctl->words[2] : CONFIG_FILE;
    struct config *config = config_load(path, print_mistake, NULL);
    if (!config) {
        struct err err;
        err_set(&err, "\"%s\" has mistakes or cannot be read", path);
        return ctl_refused(ctl, &err);
    }
    enum ctl_exit code = look(ctl, config);
    config_free(config);
    return code;
}
