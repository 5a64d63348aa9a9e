/* parkctl check-config: reads a configuration as the daemon would and tells every mistake. */
#include <stdio.h>

#include "daemon/config/config.h"
#include "daemon/core/text.h"
#include "daemon/ctl/commands.h"

enum { LINE_SIZE = 4096 };

struct mistakes {
    bool json;
    uint32_t count;
};

static void print_json(const char *text)
{
    char bytes[LINE_SIZE];
    struct text out;

    text_init(&out, bytes, sizeof bytes);
    text_json_string(&out, text);
    fputs(bytes, stdout);
}

static void tell(void *arg, const char *line)
{
    struct mistakes *mistakes = arg;

    mistakes->count++;
    if (!mistakes->json) {
        puts(line);
        return;
    }
    if (mistakes->count > 1)
        putchar(',');
    print_json(line);
}

static void print_key(void *arg, const struct config_option *option)
{
    const struct ctl *ctl = arg;
    char bytes[LINE_SIZE];
    struct text out;

    if (!ctl->json) {
        puts(option->path);
        return;
    }
    text_init(&out, bytes, sizeof bytes);
    text_add(&out, "{");
    text_json_pair(&out, "key", option->path);
    text_json_pair(&out, "allowed", option->allowed);
    text_json_pair(&out, "default", option->otherwise);
    text_json_pair(&out, "meaning", option->meaning);
    text_json_bool(&out, "required", option->required);
    text_add(&out, "}");
    puts(bytes);
}

static void print_good(const char *file, const struct config *config)
{
    printf("%s is good: %u lots, %u bays, %u devices on %u buses, %u uplinks\n", file,
           config->plan.lots_count, config->plan.bays_count, config->plan.devices_count,
           config->buses_count, config->uplinks_count);
}

enum ctl_exit check_config_command(const struct ctl *ctl)
{
    const char *file = ctl->words_count > 0 ? ctl->words[0] : "/etc/parkd/parkd.conf";
    struct mistakes mistakes = {.json = ctl->json};

    if (ctl->words_count > 1)
        return ctl_wrong_use(ctl, "give one file, or none for %s", file);
    if (ctl->list_keys) {
        config_each_option(print_key, (void *)ctl);
        return CTL_DONE;
    }
    if (ctl->json) {
        fputs("{\"file\":", stdout);
        print_json(file);
        fputs(",\"mistakes\":[", stdout);
    }
    struct config *config = config_load(file, tell, &mistakes);
    if (ctl->json)
        printf("],\"good\":%s}\n", config ? "true" : "false");
    else if (config)
        print_good(file, config);
    else
        fprintf(stderr, "parkctl check-config: mistakes: %u\n", mistakes.count);
    enum ctl_exit exit = config ? CTL_DONE : CTL_REFUSED;
    config_free(config);
    return exit;
}
