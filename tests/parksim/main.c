/*
 * parksim: a simulated parking site and a simulated city platform, to show, commission and test the
 * gateway with. One program, a table of commands.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "tests/parksim/commands.h"
#include "tests/parksim/control.h"

static int ctl_command(int argc, char **argv)
{
    if (argc != 3) {
        fputs("usage: parksim ctl SOCKET \"COMMAND\"\n", stderr);
        return 2;
    }
    return control_send(argv[1], argv[2]);
}

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
} commands[] = {
    {"field", field_command, "simulated devices and cars"},
    {"config", config_command, "a parkd.conf for such a field"},
    {"city", city_command, "a simulated city platform with a driver's page"},
    {"radio", radio_command, "simulated bay sensors behind a LoRaWAN network server"},
    {"ctl", ctl_command, "a command to one of these while it runs"},
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(commands[i].name, argv[1]) == 0)
            return commands[i].run(argc - 1, argv + 1);
    }
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        puts("parksim " PARKD_VERSION);
        return 0;
    }
    bool help = argc == 2 && strcmp(argv[1], "--help") == 0;
    FILE *out = help ? stdout : stderr;
    fputs("usage: parksim COMMAND [--help | OPTIONS]\n\n", out);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        fprintf(out, "  %-8s %s\n", commands[i].name, commands[i].help);
    return help ? 0 : 2;
}
