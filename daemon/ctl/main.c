/* parkctl: the operator's and installer's command line. See parkctl(1). */
#include <stdio.h>
#include <string.h>

#include "daemon/ctl/ctl.h"

enum { COMMAND_AT = 1 };

int main(int argc, char **argv)
{
    const char *name = argc > COMMAND_AT ? argv[COMMAND_AT] : "";
    struct ctl ctl = {.command = ctl_find(name),
                      .language = words_of_environment(),
                      .socket = "/run/parkd/control.sock",
                      .db = "/var/lib/parkd/parkd.db",
                      .seq = -1};
    bool help = false;

    if (strcmp(name, "--help") == 0) {
        ctl_usage();
        return CTL_DONE;
    }
    if (strcmp(name, "--version") == 0) {
        puts("parkctl " PARKD_VERSION);
        return CTL_DONE;
    }
    if (strcmp(name, "--list-commands") == 0) {
        ctl_list_commands();
        return CTL_DONE;
    }
    if (!ctl.command) {
        fprintf(stderr, "parkctl: %s%s%s; parkctl --help lists the commands\n",
                *name ? "there is no command \"" : "which command?", name, *name ? "\"" : "");
        return CTL_WRONG_USE;
    }
    if (!ctl_parse(argc - COMMAND_AT, argv + COMMAND_AT, &ctl, &help))
        return CTL_WRONG_USE;
    if (help) {
        ctl_help(ctl.command);
        return CTL_DONE;
    }
    return (int)ctl.command->run(&ctl);
}
