/* long: an option's bit and the member that it fills stand on one page */
/*
 * parkctl: what every command is given, and the table of commands. A command is one file and one
 * row in ctl.c; its options are rows of one table, so that help, manual and completion agree.
 */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/ctl/words.h"

enum ctl_exit { CTL_DONE, CTL_REFUSED, CTL_WRONG_USE };

/* Bits, in the order of the options' table. */
enum ctl_option {
    CTL_HELP = 1 << 0,
    CTL_JSON = 1 << 1,
    CTL_SOCKET = 1 << 2,
    CTL_LANG = 1 << 3,
    CTL_DB = 1 << 4,
    CTL_LOT = 1 << 5,
    CTL_ZONE = 1 << 6,
    CTL_STATE = 1 << 7,
    CTL_REASON = 1 << 8,
    CTL_SEQ = 1 << 9,
    CTL_ALL = 1 << 10,
    CTL_TROUBLE = 1 << 11,
    CTL_LIST_KEYS = 1 << 12,
    CTL_BATCH = 1 << 13,
    CTL_ENTRY = 1 << 14,
    CTL_EXIT = 1 << 15,
    CTL_AT = 1 << 16,
    CTL_VEHICLE = 1 << 17,
    CTL_RULES = 1 << 18,
    CTL_SVG = 1 << 19,
    CTL_ENVELOPE = 1 << 20,
    CTL_TOPIC = 1 << 21,
    CTL_BAUD = 1 << 22,
    CTL_FORMAT = 1 << 23,
    CTL_UNITS = 1 << 24,
    CTL_RESPONSE_MS = 1 << 25,
    CTL_MAPS = 1 << 26,
    CTL_CAMERA = 1 << 27
};

/* The command line, read. Texts are borrowed from it; NULL where not given and without default. */
struct ctl {
    const struct ctl_command *command;
    const char *const *words; /* what follows the command and is no option */
    uint32_t words_count;
    bool json, all, trouble, list_keys, db_given, svg;
    enum words_language language;
    const char *socket, *db;
    const char *lot, *zone, *state, *reason;
    const char *batch, *entry, *exit, *at, *vehicle, *rules;
    const char *envelope, *topic, *camera;
    const char *baud, *format, *units, *response_ms, *maps;
    int64_t seq; /* -1: not given */
};

struct ctl_command {
    const char *name;
    const char *usage; /* what may follow the name, a line each */
    const char *summary;
    enum ctl_exit (*run)(const struct ctl *ctl);
    unsigned options; /* bits of enum ctl_option, beside --help */
};

const struct ctl_command *ctl_find(const char *name); /* NULL when there is none */

/* Reads what follows the command's name. False: it is wrong, and that has been said. */
bool ctl_parse(int argc, char **argv, struct ctl *ret, bool *ret_help);

void ctl_usage(void); /* of the program, to standard output */
void ctl_help(const struct ctl_command *command);
void ctl_list_commands(void); /* names only, for scripts */

/* Says "parkctl COMMAND: …" on standard error. */
enum ctl_exit ctl_refused(const struct ctl *ctl, const struct err *err);
enum ctl_exit ctl_wrong_use(const struct ctl *ctl, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
