/* long: the commands and their options stand in two tables */
/* The table of commands, the table of options, and the reading of a command line. See ctl.h. */
/* long: a row a command and a row an option */
#include "daemon/ctl/ctl.h"

#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/commands.h"

/* What every act and view of lanes takes. */
#define CTL_LANE (CTL_JSON | CTL_SOCKET | CTL_LANG | CTL_REASON)

static const struct ctl_command commands[] = {
    {"status", "", "the gateway, its store, its uplinks and whether all is well", status_command,
     CTL_JSON | CTL_SOCKET | CTL_LANG},
    {"lots", "[LOT]", "vacancy of the lots and their zones", lots_command,
     CTL_JSON | CTL_SOCKET | CTL_LANG},
    {"bays", "\nout BAY --reason WHY\nin BAY [--reason WHY]",
     "list bays, take a bay out of service, return it", bays_command,
     CTL_JSON | CTL_SOCKET | CTL_LANG | CTL_LOT | CTL_ZONE | CTL_STATE | CTL_REASON},
    {"devices", "", "devices and how they answer", devices_command,
     CTL_JSON | CTL_SOCKET | CTL_LANG | CTL_TROUBLE},
    {"cameras", "", "cameras, what came of their reads and pictures", cameras_command,
     CTL_JSON | CTL_SOCKET | CTL_LANG},
    {"device", "recalibrate BAY --empty\nset BAY PARAMETER VALUE",
     "recalibrate the radio sensor of a bay, or set a parameter of it", device_command,
     CTL_JSON | CTL_SOCKET | CTL_REASON | CTL_EMPTY},
    {"watch", "", "print what changes, as it changes", watch_command,
     CTL_JSON | CTL_SOCKET | CTL_LANG | CTL_LOT},
    {"outbox",
     "list UPLINK\nretry UPLINK (--seq N | --all)\ndrop UPLINK (--seq N | --all) --reason WHY\n"
     "forget UPLINK --reason WHY",
     "records that an uplink has still to deliver, or has set aside", outbox_command,
     CTL_JSON | CTL_SOCKET | CTL_LANG | CTL_REASON | CTL_SEQ | CTL_ALL},
    {"uplink",
     "check [UPLINK] [--lot LOT] [--day DAY]\nrecheck UPLINK --lot LOT --day DAY\nkeygen FILE\n"
     "test UPLINK [CONFIG]\nregister UPLINK [CONFIG] [--lot LOT]\nreregister UPLINK [CONFIG] "
     "[--lot LOT]",
     "days compared with a city's platform; keys for it, a trial of them, lots registered there",
     uplink_command, CTL_JSON | CTL_SOCKET | CTL_LANG | CTL_DB | CTL_LOT | CTL_DAY},
    {"orders", "[UPLINK]", "what platforms ordered, and what came of it", orders_command,
     CTL_JSON | CTL_LANG | CTL_DB},
    {"probe", "PORT|HOST[:PORT]\nbarrier ID [CONFIG]\n",
     "find devices on a serial line or Modbus TCP host; without one, sensors that the daemon hears",
     probe_command,
     CTL_JSON | CTL_SOCKET | CTL_LANG | CTL_BAUD | CTL_FORMAT | CTL_UNITS | CTL_RESPONSE_MS |
         CTL_MAPS},
    {"check-config", "[FILE]", "check a configuration; tell every mistake", check_config_command,
     CTL_JSON | CTL_LIST_KEYS},
    {"fee", "TARIFF [--entry TIME] (--exit TIME | --at TIME)\n--batch FILE|-",
     "what a stay costs, and why", fee_command,
     CTL_JSON | CTL_LANG | CTL_BATCH | CTL_ENTRY | CTL_EXIT | CTL_AT | CTL_VEHICLE | CTL_RULES},
    {"tariff", "check [FILE]...\nexplain TARIFF\ntable TARIFF [--svg]",
     "check tariffs, put one into words, or show what it comes to", tariff_command,
     CTL_JSON | CTL_LANG | CTL_ENTRY | CTL_VEHICLE | CTL_RULES | CTL_SVG},
    {"audit", "", "prove the database: its chain, its counts, its deliveries", audit_command,
     CTL_JSON | CTL_LANG | CTL_DB | CTL_ROOT_KEY},
    {"decode", "--batch FILE|-\n--envelope NAME [--topic TOPIC] [FILE|-]\n--camera FAMILY [FILE|-]",
     "what frames of sensors and messages of network servers and cameras mean", decode_command,
     CTL_JSON | CTL_BATCH | CTL_ENVELOPE | CTL_TOPIC | CTL_CAMERA},
    {"lanes",
     "\nclose LANE --reason WHY\nreset LANE --reason WHY\nout LANE --reason WHY\nin LANE\n"
     "ticket LANE --ticket ID",
     "lanes and how they are; close a barrier, take a lane out of service, give a ticket",
     lanes_command, CTL_LANE, SERVE_GIVEN(WORD_TICKET)},
    {"open", "LANE --reason WHY", "open a barrier", act_command, CTL_LANE},
    {"hold", "LANE (--until TIME | --for SPAN) --reason WHY", "hold a barrier open until then",
     act_command, CTL_LANE, SERVE_GIVEN(WORD_UNTIL) | SERVE_GIVEN(WORD_FOR)},
    {"release", "LANE", "end a hold before its time", act_command, CTL_LANE},
    {"evacuate", "[LOT|LANE] --reason WHY\nend [LOT|LANE]",
     "open everything and keep it open; only a person ends it", act_command, CTL_LANE},
    {"approve", "LANE (--plate PLATE | --stay STAY | --deny)",
     "say who waits at a lane, and let it pass or not", act_command, CTL_LANE,
     SERVE_GIVEN(WORD_PLATE) | SERVE_GIVEN(WORD_STAY) | SERVE_GIVEN(WORD_DENY)},
    {"stay",
     "list [--lot LOT] [--plate PLATE] [--state STATE]\nshow STAY\nexport STAY\n"
     "open --lot LOT --plate PLATE --reason WHY\n"
     "amend STAY [--plate PLATE] [--class CLASS] [--entered TIME] [--bay BAY] --reason WHY\n"
     "close STAY --outcome released|void --reason WHY\norphans [--lot LOT]\n"
     "merge STAY --stay EXIT-STAY --reason WHY",
     "stays: which there are, all about one, put one right", stay_command,
     CTL_LANE | CTL_DB | CTL_LOT | CTL_STATE,
     SERVE_GIVEN(WORD_PLATE) | SERVE_GIVEN(WORD_CLASS) | SERVE_GIVEN(WORD_ENTERED) |
         SERVE_GIVEN(WORD_BAY) | SERVE_GIVEN(WORD_OUTCOME) | SERVE_GIVEN(WORD_STAY)},
    {"pay", "STAY|ORDER --amount YUAN --channel CHANNEL", "money came for a stay", act_command,
     CTL_LANE,
     SERVE_GIVEN(WORD_AMOUNT) | SERVE_GIVEN(WORD_CHANNEL) | SERVE_GIVEN(WORD_TRANSACTION) |
         SERVE_GIVEN(WORD_SHIFT)},
    {"refund", "PAYMENT --amount YUAN --reason WHY", "give money back", act_command, CTL_LANE,
     SERVE_GIVEN(WORD_AMOUNT) | SERVE_GIVEN(WORD_TRANSACTION) | SERVE_GIVEN(WORD_SHIFT)},
    {"coupon", "STAY --coupon ID --kind KIND --value N", "a discount for a stay", act_command,
     CTL_LANE,
     SERVE_GIVEN(WORD_COUPON) | SERVE_GIVEN(WORD_KIND) | SERVE_GIVEN(WORD_VALUE) |
         SERVE_GIVEN(WORD_ISSUER)},
    {"list", "show\nadd PLATE --list LIST\nremove PLATE --list LIST",
     "plates with passes, exempt, blocked or locked", list_command, CTL_LANE | CTL_LOT,
     SERVE_GIVEN(WORD_LIST) | SERVE_GIVEN(WORD_GROUP) | SERVE_GIVEN(WORD_BAYS) |
         SERVE_GIVEN(WORD_FROM) | SERVE_GIVEN(WORD_UNTIL)},
    {"shift", "open --cashier NAME [--float YUAN]\nclose SHIFT --counted YUAN",
     "a cashier begins; ends, with the drawer counted", act_command, CTL_LANE | CTL_LOT,
     SERVE_GIVEN(WORD_CASHIER) | SERVE_GIVEN(WORD_FLOAT) | SERVE_GIVEN(WORD_COUNTED) |
         SERVE_GIVEN(WORD_DENOMINATIONS) | SERVE_GIVEN(WORD_WITNESS)},
    {"inside", "LOT --inside N", "a person counted the vehicles of a lot", act_command, CTL_LANE,
     SERVE_GIVEN(WORD_INSIDE) | SERVE_GIVEN(WORD_SURE)},
    {"quote", "STAY|PLATE", "what a stay would cost now", quote_command, CTL_JSON | CTL_SOCKET},
    {"reconcile",
     "--day DAY --bill FILE... [--db FILE | --orders FILE [--shifts FILE]]\n"
     "list [--state STATE] [--csv [--gbk] | --html FILE]\nclose ID --reason WHY",
     "compare the channels' statements of a day with the gateway's orders; differences",
     reconcile_command,
     CTL_JSON | CTL_LANG | CTL_AT | CTL_DAY | CTL_BILL | CTL_ORDERS | CTL_SHIFTS | CTL_COLUMNS |
         CTL_DB | CTL_SOCKET | CTL_REASON | CTL_STATE | CTL_CSV | CTL_GBK | CTL_HTML},
    {"report",
     "day|month|lot|shift|arrears|openings|corrections [--day DAY | --month MONTH]\n"
     "rank [--month MONTH] [--db FILE]...\ncheck --day DAY\nclose [--day DAY]",
     "the figures of a day or month: volumes, money, indicators", report_command,
     CTL_JSON | CTL_LANG | CTL_DB | CTL_LOT | CTL_DAY | CTL_MONTH | CTL_CSV | CTL_GBK | CTL_HTML |
         CTL_CUT | CTL_TIMEZONE | CTL_FEES | CTL_SOCKET | CTL_INTO | CTL_KEEP | CTL_CONFIG},
    {"backup", "FILE", "copy the database to FILE, checked and whole", backup_command,
     CTL_JSON | CTL_SOCKET | CTL_DB},
};

static const struct {
    const char *name, *argument, *help;
} options[] = {
    {"help", NULL, "print this and stop"},
    {"json", NULL, "print JSON instead of tables and sentences"},
    {"socket", "PATH", "control socket of the daemon (/run/parkd/control.sock)"},
    {"lang", "en|zh", "language of tables (from LC_ALL, LC_MESSAGES or LANG)"},
    {"db", "FILE", "database file (/var/lib/parkd/parkd.db)"},
    {"lot", "LOT", "only this lot"},
    {"zone", "ZONE", "only this zone"},
    {"state", "STATE", "only what is in this state, such as free, occupied or open"},
    {"reason", "WHY", "why, in a few words; it is recorded"},
    {"seq", "N", "only the record of this number"},
    {"all", NULL, "all records that were set aside"},
    {"trouble", NULL, "only devices that do not answer, or need to be looked at"},
    {"list-keys", NULL, "print every key that a configuration may hold"},
    {"batch", "FILE", "one stay or frame a line, as parkctl(1) says; - is standard input"},
    {"entry", "TIME", "when the stay began, such as 2024-03-13T10:00:00+08:00"},
    {"exit", "TIME", "when it ended"},
    {"at", "TIME", "what it would cost then, and until when that holds"},
    {"vehicle", "CLASS", "class of the vehicle (small)"},
    {"rules", "DIR", "folder with tariffs and calendars (/etc/parkd)"},
    {"svg", NULL, "the curve of the fee against time as an SVG image"},
    {"envelope", "NAME", "tts-v3, chirpstack-v4, chirpstack-v3, nbiot-json or a map's name"},
    {"topic", "TOPIC", "the topic that the message came on"},
    {"baud", "N", "only this speed (else the usual ones in turn)"},
    {"format", "8N1", "only this framing: 8N1, 8E1, 8O1 or 8N2"},
    {"units", "FIRST-LAST", "unit ids to ask (1-32)"},
    {"response-ms", "N", "how long to wait for a unit, in milliseconds (300)"},
    {"maps", "DIR", "folder of device maps (/etc/parkd/devices)"},
    {"camera", "FAMILY", "vzenith, hikvision, dahua, platerecognizer, openalpr, frigate or verify"},
    {"empty", NULL, "the bay is empty now; without it you are asked"},
    {"day", "DAY", "the day, such as 2024-03-13"},
    {"bill", "FILE", "statement of a channel, as downloaded; may be repeated"},
    {"orders", "FILE", "the gateway's orders, as parkd-reconcile(7) says"},
    {"shifts", "FILE", "counted cash of the shifts, as parkd-reconcile(7) says"},
    {"columns", "FILE", "column map for statements of another channel"},
    {"month", "MONTH", "the month, such as 2024-03"},
    {"csv", NULL, "print CSV, a number a line"},
    {"gbk", NULL, "CSV in GBK instead of UTF-8"},
    {"html", "FILE", "write one self-contained page with plots"},
    {"cut", "HH:MM", "when the business day begins, if not as configured"},
    {"timezone", "NAME", "of the business day, if not the site's"},
    {"fees", "LIST", "the channels' fees in percent, such as wechat=0.6,alipay=0.6"},
    {"into", "DIR", "write each closed report as a page and as JSON into this folder"},
    {"keep", "DAYS", "remove such files that are older"},
    {"root-key", "FILE", "the root key that was given at the installation; proves the seals"},
    {"config", "FILE", "where zone, cut and fees stand (/etc/parkd/parkd.conf)"},
};

/* What getopt tells of options[i]: FIRST_OPTION + i, beyond its own characters. */
enum { FIRST_OPTION = 256, FIRST_WORD = 512 };

enum {
    COMMANDS = sizeof commands / sizeof commands[0],
    OPTIONS = sizeof options / sizeof options[0]
};

const struct ctl_command *ctl_find(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    }
    return NULL;
}

void ctl_list_commands(void)
{
    for (size_t i = 0; i < COMMANDS; i++)
        puts(commands[i].name);
}

void ctl_usage(void)
{
    puts("usage: parkctl COMMAND [OPTION]...\n");
    for (size_t i = 0; i < COMMANDS; i++)
        printf("  %-13s %s\n", commands[i].name, commands[i].summary);
    puts("\nparkctl COMMAND --help says more, parkctl(1) all.\n"
         "Exit status: 0 done, 1 refused or differences found, 2 wrong use.");
}

static void help_option(const char *name, const char *argument, const char *help)
{
    char left[48];

    snprintf(left, sizeof left, "--%s%s%s", name, argument ? " " : "", argument ? argument : "");
    printf("  %-18s %s\n", left, help);
}

void ctl_help(const struct ctl_command *command)
{
    const char *usage = command->usage;

    for (const char *lead = "usage:"; lead; lead = *usage++ == '\n' ? "      " : NULL) {
        size_t size = strcspn(usage, "\n");

        printf("%s parkctl %s%s%.*s [OPTION]...\n", lead, command->name, size ? " " : "", (int)size,
               usage);
        usage += size;
    }
    printf("\n%s\n\n", command->summary);
    for (size_t i = 0; i < OPTIONS; i++)
        if ((command->options | CTL_HELP) >> i & 1)
            help_option(options[i].name, options[i].argument, options[i].help);
    for (int i = 0; i < SERVE_WORDS; i++)
        if (command->words & SERVE_GIVEN(i))
            help_option(serve_words[i].option, serve_words[i].argument, serve_words[i].help);
}

enum ctl_exit ctl_refused(const struct ctl *ctl, const struct err *err)
{
    fprintf(stderr, "parkctl %s: %s\n", ctl->command->name, err->text);
    return CTL_REFUSED;
}

enum ctl_exit ctl_wrong_use(const struct ctl *ctl, const char *format, ...)
{
    va_list args;

    fprintf(stderr, "parkctl %s: ", ctl->command->name);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, "; see parkctl %s --help\n", ctl->command->name);
    return CTL_WRONG_USE;
}

static bool take_seq(const char *text, struct ctl *ctl)
{
    char *end = NULL;

    ctl->seq = strtoll(text, &end, 10);
    if (end != text && *end == '\0' && ctl->seq > 0 && ctl->seq < LLONG_MAX)
        return true;
    ctl_wrong_use(ctl, "--seq \"%s\" is not the number of a record", text);
    return false;
}

#define TEXT(its_option, member)                        \
    {                                                   \
        its_option, false, offsetof(struct ctl, member) \
    }
#define FLAG(its_option, member)                       \
    {                                                  \
        its_option, true, offsetof(struct ctl, member) \
    }

/* Which member of struct ctl an option fills. */
static const struct {
    uint64_t option;
    bool is_flag;
    size_t at;
} places[] = {
    TEXT(CTL_SOCKET, socket),
    FLAG(CTL_SOCKET, socket_given),
    TEXT(CTL_DB, db),
    FLAG(CTL_DB, db_given),
    TEXT(CTL_LOT, lot),
    TEXT(CTL_ZONE, zone),
    TEXT(CTL_STATE, state),
    TEXT(CTL_REASON, reason),
    FLAG(CTL_JSON, json),
    FLAG(CTL_ALL, all),
    FLAG(CTL_TROUBLE, trouble),
    FLAG(CTL_LIST_KEYS, list_keys),
    TEXT(CTL_BATCH, batch),
    TEXT(CTL_ENTRY, entry),
    TEXT(CTL_EXIT, exit),
    TEXT(CTL_AT, at),
    TEXT(CTL_VEHICLE, vehicle),
    TEXT(CTL_RULES, rules),
    FLAG(CTL_SVG, svg),
    TEXT(CTL_ENVELOPE, envelope),
    TEXT(CTL_TOPIC, topic),
    TEXT(CTL_BAUD, baud),
    TEXT(CTL_FORMAT, format),
    TEXT(CTL_UNITS, units),
    TEXT(CTL_RESPONSE_MS, response_ms),
    TEXT(CTL_MAPS, maps),
    TEXT(CTL_CAMERA, camera),
    FLAG(CTL_EMPTY, empty),
    TEXT(CTL_DAY, day),
    TEXT(CTL_ORDERS, orders),
    TEXT(CTL_SHIFTS, shifts),
    TEXT(CTL_COLUMNS, columns),
    TEXT(CTL_MONTH, month),
    FLAG(CTL_CSV, csv),
    FLAG(CTL_GBK, gbk),
    TEXT(CTL_HTML, html),
    TEXT(CTL_CUT, cut),
    TEXT(CTL_TIMEZONE, timezone),
    TEXT(CTL_FEES, fees),
    TEXT(CTL_INTO, into),
    TEXT(CTL_KEEP, keep),
    TEXT(CTL_ROOT_KEY, root_key),
    TEXT(CTL_CONFIG, config),
};

static bool take_bill(const char *path, struct ctl *ctl)
{
    if (ctl->bills_count == CTL_BILLS_MAX) {
        ctl_wrong_use(ctl, "at most %d statements at once", CTL_BILLS_MAX);
        return false;
    }
    ctl->bills[ctl->bills_count++] = path;
    return true;
}

static bool take_db(const char *path, struct ctl *ctl)
{
    if (ctl->dbs_count == CTL_DBS_MAX) {
        ctl_wrong_use(ctl, "at most %d databases at once", CTL_DBS_MAX);
        return false;
    }
    ctl->dbs[ctl->dbs_count++] = path;
    return true;
}

/* long: a row an option */
static bool take(uint64_t option, const char *argument, struct ctl *ctl)
{
    if (option == CTL_SEQ)
        return take_seq(argument, ctl);
    if (option == CTL_BILL)
        return take_bill(argument, ctl);
    if (option == CTL_DB && !take_db(argument, ctl))
        return false;
    if (option == CTL_LANG && !words_language(argument, &ctl->language)) {
        ctl_wrong_use(ctl, "--lang \"%s\" is not known; give en or zh", argument);
        return false;
    }
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        void *member = (char *)ctl + places[i].at;

        if (places[i].option == option && places[i].is_flag)
            *(bool *)member = true;
        else if (places[i].option == option)
            *(const char **)member = argument;
    }
    return true;
}

static void list_options(const struct ctl_command *command,
                         struct option ret[OPTIONS + SERVE_WORDS + 1])
{
    size_t count = 0;

    for (int i = 0; i < OPTIONS; i++) {
        if ((command->options | CTL_HELP) >> i & 1)
            ret[count++] =
                (struct option){.name = options[i].name,
                                .has_arg = options[i].argument ? required_argument : no_argument,
                                .val = FIRST_OPTION + i};
    }
    for (int i = 0; i < SERVE_WORDS; i++) {
        if (command->words & SERVE_GIVEN(i))
            ret[count++] = (struct option){.name = serve_words[i].option,
                                           .has_arg = serve_words[i].argument ? required_argument
                                                                              : no_argument,
                                           .val = FIRST_WORD + i};
    }
    ret[count] = (struct option){.name = NULL};
}

bool ctl_parse(int argc, char **argv, struct ctl *ret, bool *ret_help)
{
    struct option taken[OPTIONS + SERVE_WORDS + 1];
    int option;

    list_options(ret->command, taken);
    opterr = 0; /* we say it ourselves, with the next step */
    while ((option = getopt_long(argc, argv, ":", taken, NULL)) != -1) {
        if (option == '?' || option == ':') {
            ctl_wrong_use(ret, option == ':' ? "%s needs a value" : "%s is no option of it",
                          argv[optind - 1]);
            return false;
        }
        if (CTL_BIT(option - FIRST_OPTION) == CTL_HELP)
            *ret_help = true;
        else if (option >= FIRST_WORD)
            ret->said[option - FIRST_WORD] = optarg ? optarg : "";
        else if (!take(CTL_BIT(option - FIRST_OPTION), optarg, ret))
            return false;
    }
    ret->words = (const char *const *)argv + optind;
    ret->words_count = (uint32_t)(argc - optind);
    return true;
}
