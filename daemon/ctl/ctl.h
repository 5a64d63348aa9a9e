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
#include "daemon/serve/acts.h"

enum ctl_exit { CTL_DONE, CTL_REFUSED, CTL_WRONG_USE };

/* Bits, in the order of the options' table; macros, as an enum's constants have 32 of them. */
#define CTL_BIT(place) (UINT64_C(1) << (place))
#define CTL_HELP CTL_BIT(0)
#define CTL_JSON CTL_BIT(1)
#define CTL_SOCKET CTL_BIT(2)
#define CTL_LANG CTL_BIT(3)
#define CTL_DB CTL_BIT(4)
#define CTL_LOT CTL_BIT(5)
#define CTL_ZONE CTL_BIT(6)
#define CTL_STATE CTL_BIT(7)
#define CTL_REASON CTL_BIT(8)
#define CTL_SEQ CTL_BIT(9)
#define CTL_ALL CTL_BIT(10)
#define CTL_TROUBLE CTL_BIT(11)
#define CTL_LIST_KEYS CTL_BIT(12)
#define CTL_BATCH CTL_BIT(13)
#define CTL_ENTRY CTL_BIT(14)
#define CTL_EXIT CTL_BIT(15)
#define CTL_AT CTL_BIT(16)
#define CTL_VEHICLE CTL_BIT(17)
#define CTL_RULES CTL_BIT(18)
#define CTL_SVG CTL_BIT(19)
#define CTL_ENVELOPE CTL_BIT(20)
#define CTL_TOPIC CTL_BIT(21)
#define CTL_BAUD CTL_BIT(22)
#define CTL_FORMAT CTL_BIT(23)
#define CTL_UNITS CTL_BIT(24)
#define CTL_RESPONSE_MS CTL_BIT(25)
#define CTL_MAPS CTL_BIT(26)
#define CTL_CAMERA CTL_BIT(27)
#define CTL_EMPTY CTL_BIT(28)
#define CTL_DAY CTL_BIT(29)
#define CTL_BILL CTL_BIT(30)
#define CTL_ORDERS CTL_BIT(31)
#define CTL_SHIFTS CTL_BIT(32)
#define CTL_COLUMNS CTL_BIT(33)
#define CTL_MONTH CTL_BIT(34)
#define CTL_CSV CTL_BIT(35)
#define CTL_GBK CTL_BIT(36)
#define CTL_HTML CTL_BIT(37)
#define CTL_CUT CTL_BIT(38)
#define CTL_TIMEZONE CTL_BIT(39)
#define CTL_FEES CTL_BIT(40)
#define CTL_INTO CTL_BIT(41)
#define CTL_KEEP CTL_BIT(42)
#define CTL_ROOT_KEY CTL_BIT(43)
#define CTL_CONFIG CTL_BIT(44)

enum { CTL_BILLS_MAX = 64, CTL_DBS_MAX = 32 };

/* The command line, read. Texts are borrowed from it; NULL where not given and without default. */
struct ctl {
    const struct ctl_command *command;
    const char *const *words; /* what follows the command and is no option */
    uint32_t words_count;
    bool json, all, trouble, list_keys, db_given, socket_given, svg, empty;
    enum words_language language;
    const char *socket, *db;
    const char *lot, *zone, *state, *reason;
    const char *batch, *entry, *exit, *at, *vehicle, *rules;
    const char *envelope, *topic, *camera;
    const char *baud, *format, *units, *response_ms, *maps;
    const char *day, *orders, *shifts, *columns, *root_key;
    const char *bills[CTL_BILLS_MAX]; /* each --bill */
    uint32_t bills_count;
    const char *dbs[CTL_DBS_MAX]; /* each --db; `db` is the last */
    uint32_t dbs_count;
    bool csv, gbk;
    const char *month, *html, *cut, *timezone, *fees, *into, *keep, *config;
    int64_t seq; /* -1: not given */
    const char *said[SERVE_WORDS];
};

struct ctl_command {
    const char *name;
    const char *usage; /* what may follow the name, a line each */
    const char *summary;
    enum ctl_exit (*run)(const struct ctl *ctl);
    uint64_t options; /* CTL_… bits, beside --help */
    uint64_t words;   /* SERVE_GIVEN() bits of acts on lanes, stays and money (serve/acts.h) */
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
