/* long: the root's keys and those of its plain groups stand together */
/* The root of the file, and the sections without lists: site, store, serve, rules. */
/* long: the small sections, a row an option */
#include <arpa/inet.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "daemon/config/address.h"
#include "daemon/config/section_parking.h"

#define ZONEINFO "/usr/share/zoneinfo"

enum { TOKEN_MIN = 16 };

static const struct option_choice clocks[] = {{"ntp", false}, {"trusted", true}, {NULL, 0}};

static const struct option_table site_table = {
    "site",
    (const struct option[]){
        {.key = "id",
         .type = OPTION_ID,
         .required = true,
         OPTION_AT(struct site_plan, id),
         .meaning = "The site in topics, records and on the platforms."},
        {.key = "name",
         .type = OPTION_NAME,
         OPTION_AT(struct site_plan, name),
         .min = 1,
         .max = 100,
         .meaning = "What people read; without it the id."},
        {.key = "zone",
         .type = OPTION_TEXT,
         .required = true,
         OPTION_AT(struct site_plan, zone),
         .min = 1,
         .max = 64,
         .meaning = "IANA time zone of the site, such as Asia/Shanghai."},
        {.key = "clock",
         .type = OPTION_CHOICE,
         OPTION_AT(struct site_plan, clock_trusted),
         .choices = clocks,
         .meaning = "Who says that the machine's clock is right: the kernel's synchronisation, or "
                    "nobody needs to (a virtual machine that has its host's clock, GPS)."},
        {.key = "country",
         .type = OPTION_TEXT,
         OPTION_AT(struct site_plan, country),
         .min = 2,
         .max = 2,
         .text = "CN",
         .meaning = "Two capital letters of ISO 3166, for platforms that ask for it (datex)."},
        {.key = NULL},
    },
};

static const struct option_table store_table = {
    "store",
    (const struct option[]){
        {.key = "path",
         .type = OPTION_TEXT,
         OPTION_AT(struct store_settings, path),
         .min = 1,
         .text = "/var/lib/parkd/parkd.db",
         .meaning = "The database; an absolute path on a local disk."},
        {.key = "gather_ms",
         .type = OPTION_WHOLE,
         OPTION_AT(struct store_settings, gather_ms),
         .otherwise = 3,
         .max = 1000,
         .meaning = "A commit waits so long for more records: fewer writes, later delivery."},
        {.key = "keep_days",
         .type = OPTION_WHOLE,
         OPTION_AT(struct store_settings, keep_days),
         .max = 36500,
         .meaning = "Records are removed after so many days; 0: never."},
        {.key = "keep_lanes_days",
         .type = OPTION_WHOLE,
         OPTION_AT(struct store_settings, keep_lanes_days),
         .max = 36500,
         .meaning = "Reads, barriers and passages are kept so long even then; 0: no longer."},
        {.key = "keep_money_days",
         .type = OPTION_WHOLE,
         OPTION_AT(struct store_settings, keep_money_days),
         .min = 3650,
         .max = 36500,
         .otherwise = 3650,
         .meaning = "Stays and money are kept so long even then; ten years are the law's least."},
        {.key = "keep_plates_days",
         .type = OPTION_WHOLE,
         OPTION_AT(struct store_settings, keep_plates_days),
         .max = 36500,
         .otherwise = 365,
         .meaning = "Plates are erased after so many days and the rest of a month; 0: never."},
        {.key = "ballast_mb",
         .type = OPTION_WHOLE,
         OPTION_AT(struct store_settings, ballast_mb),
         .max = 1024,
         .otherwise = 8,
         .meaning = "Kept on the disk, and given up when it is full; 0: none."},
        {.key = "batch_records",
         .type = OPTION_WHOLE,
         OPTION_AT(struct store_settings, batch_records),
         .min = 1,
         .max = 10000,
         .otherwise = 1000,
         .meaning = "Records in one transaction, at most."},
        {.key = NULL},
    },
};

static const struct option_table serve_table = {
    "serve",
    (const struct option[]){
        {.key = "listen",
         .type = OPTION_TEXT,
         OPTION_AT(struct serve_settings, listen),
         .min = 1,
         .max = 60,
         .meaning = "ADDRESS:PORT of the page, the API and the metrics; without it none."},
        {.key = "control",
         .type = OPTION_TEXT,
         OPTION_AT(struct serve_settings, control),
         .min = 1,
         .max = sizeof((struct sockaddr_un *)NULL)->sun_path - 1,
         .text = "/run/parkd/control.sock",
         .meaning = "The socket of parkctl; an absolute path."},
        {.key = "viewers",
         .type = OPTION_TEXT,
         OPTION_AT(struct serve_settings, groups.names[ROLE_VIEWER]),
         .min = 1,
         .max = 32,
         .text = "parkd-viewer",
         .meaning = "The group whose members may look at everything over the control socket."},
        {.key = "attendants",
         .type = OPTION_TEXT,
         OPTION_AT(struct serve_settings, groups.names[ROLE_ATTENDANT]),
         .min = 1,
         .max = 32,
         .text = "parkd-attendant",
         .meaning = "The group whose members may also work the lot."},
        {.key = "supervisors",
         .type = OPTION_TEXT,
         OPTION_AT(struct serve_settings, groups.names[ROLE_SUPERVISOR]),
         .min = 1,
         .max = 32,
         .text = "parkd-supervisor",
         .meaning = "The group whose members may also correct what is counted and owed."},
        {.key = "installers",
         .type = OPTION_TEXT,
         OPTION_AT(struct serve_settings, groups.names[ROLE_INSTALLER]),
         .min = 1,
         .max = 32,
         .text = "parkd-installer",
         .meaning = "The group whose members may do everything, as root and the daemon's user."},
        {.key = "token_file",
         .type = OPTION_SECRET,
         OPTION_AT(struct serve_settings, token),
         .meaning = "Holds the bearer token of the API; needed when listen is not loopback."},
        {.key = "cert_file",
         .type = OPTION_FILE,
         OPTION_AT(struct serve_settings, cert_file),
         .meaning =
             "Certificate (PEM) of the page and the API; needed when listen is not loopback."},
        {.key = "key_file",
         .type = OPTION_PRIVATE_FILE,
         OPTION_AT(struct serve_settings, key_file),
         .meaning = "The key (PEM) of cert_file."},
        {.key = NULL},
    },
};

const struct option_table rules_table = {
    "rules",
    (const struct option[]){
        {.key = "debounce_occupied_ms",
         .type = OPTION_WHOLE,
         OPTION_AT(struct bay_rules, debounce_occupied_ms),
         .max = 600000,
         .meaning = "A bay must read occupied so long before it counts as occupied."},
        {.key = "debounce_free_ms",
         .type = OPTION_WHOLE,
         OPTION_AT(struct bay_rules, debounce_free_ms),
         .max = 600000,
         .meaning = "A bay must read free so long before it counts as free."},
        {.key = "flapping_per_hour",
         .type = OPTION_WHOLE,
         OPTION_AT(struct bay_rules, flapping_per_hour),
         .max = 3600,
         .otherwise = 20,
         .meaning = "A sensor that turns more often than this in an hour is suspect; 0: never."},
        {.key = "stuck_occupied_hours",
         .type = OPTION_WHOLE,
         OPTION_AT(struct bay_rules, stuck_occupied_ms),
         .max = 8760,
         .scale = 3600000,
         .otherwise = 168,
         .meaning = "Occupied for longer makes a bay suspect; 0: never."},
        {.key = "stuck_free_hours",
         .type = OPTION_WHOLE,
         OPTION_AT(struct bay_rules, stuck_free_ms),
         .max = 8760,
         .scale = 3600000,
         .otherwise = 168,
         .meaning = "Free for longer, while the lot turns over, makes a bay suspect; 0: never."},
        {.key = "stuck_turnover",
         .type = OPTION_WHOLE,
         OPTION_AT(struct bay_rules, stuck_turnover),
         .max = 1000,
         .otherwise = 10,
         .meaning = "The lot turns over: so many arrivals per bay meanwhile; 0: any."},
        {.key = "suspect_is_unknown",
         .type = OPTION_BOOL,
         OPTION_AT(struct bay_rules, suspect_is_unknown),
         .meaning = "A suspect bay counts as unknown."},
        {.key = NULL},
    },
};

const struct option_table root_table = {
    "top level",
    (const struct option[]){
        {.key = "site",
         .type = OPTION_GROUP,
         .required = true,
         OPTION_AT(struct draft, config.plan),
         .members = &site_table,
         .meaning = "The site that this gateway serves."},
        {.key = "store",
         .type = OPTION_GROUP,
         OPTION_AT(struct draft, config.store),
         .members = &store_table,
         .meaning = "Where records are kept."},
        {.key = "photos",
         .type = OPTION_GROUP,
         OPTION_AT(struct draft, config.photos),
         .members = &photos_table,
         .meaning = "Pictures of plate reads; without it none are kept."},
        {.key = "serve",
         .type = OPTION_GROUP,
         OPTION_AT(struct draft, config.serve),
         .members = &serve_table,
         .meaning = "What the gateway shows and who may operate it."},
        {.key = "report",
         .type = OPTION_GROUP,
         OPTION_AT(struct draft, config.report),
         .members = &business_day_table,
         .meaning = "The business day and what channels keep."},
        {.key = "rules",
         .type = OPTION_GROUP,
         OPTION_AT(struct draft, rules),
         .members = &rules_table,
         .meaning = "How readings become the state of a bay, in lots that say nothing else."},
        {.key = "lots",
         .type = OPTION_LIST,
         .required = true,
         OPTION_AT(struct draft, lots),
         .min = 1,
         .max = 1000,
         .members = &lot_table,
         .meaning = "Car parks or road sections."},
        {.key = "device_maps",
         .type = OPTION_TEXT,
         OPTION_AT(struct draft, device_maps),
         .min = 1,
         .text = "devices",
         .meaning = "A folder of device maps, one map = { … } in each *.conf; relative to the "
                    "file that says so."},
        {.key = "maps",
         .type = OPTION_LIST,
         OPTION_AT(struct draft, maps),
         .max = 1000,
         .members = &map_table,
         .meaning = "Device maps in this file."},
        {.key = "buses",
         .type = OPTION_LIST,
         OPTION_AT(struct draft, buses),
         .max = 60,
         .members = &bus_table,
         .meaning = "Serial lines and Modbus TCP hosts."},
        {.key = "barriers",
         .type = OPTION_LIST,
         OPTION_AT(struct draft, barriers),
         .max = 64,
         .members = &barrier_table,
         .meaning = "Booms of entries and exits."},
        {.key = "camera_listen",
         .type = OPTION_TEXT,
         OPTION_AT(struct draft, camera_listen),
         .min = 1,
         .max = 60,
         .meaning = "ADDRESS:PORT where cameras post; an address that they reach."},
        {.key = "cameras",
         .type = OPTION_LIST,
         OPTION_AT(struct draft, cameras),
         .max = CAMERAS_MAX,
         .members = &camera_table,
         .meaning = "Cameras of lanes."},
        {.key = "signs",
         .type = OPTION_LIST,
         OPTION_AT(struct draft, signs),
         .max = 250,
         .members = &sign_table,
         .meaning = "Guidance signs."},
        {.key = "networks",
         .type = OPTION_LIST,
         OPTION_AT(struct draft, networks),
         .max = 16,
         .members = &network_table,
         .meaning = "Network servers of radio sensors."},
        {.key = "json_maps",
         .type = OPTION_LIST,
         OPTION_AT(struct draft, json_maps),
         .max = 64,
         .members = &json_map_table,
         .meaning = "Where the values of sensors stand that somebody else decodes."},
        {.key = "tariffs",
         .type = OPTION_TEXT,
         OPTION_AT(struct draft, tariffs),
         .min = 1,
         .text = "tariffs",
         .meaning = "A folder of tariffs, parkd-tariff(7); relative to the file that says so."},
        {.key = "calendars",
         .type = OPTION_TEXT,
         OPTION_AT(struct draft, calendars),
         .min = 1,
         .text = "calendars",
         .meaning = "A folder of calendars of holidays; relative to the file that says so."},
        {.key = "lanes",
         .type = OPTION_LIST,
         OPTION_AT(struct draft, lanes),
         .max = LANES_MAX,
         .members = &lane_table,
         .meaning = "Entries and exits of lots."},
        {.key = "calls",
         .type = OPTION_GROUP,
         OPTION_AT(struct draft, config.platform_listener),
         .members = &calls_table,
         .meaning = "Where cities' platforms call, of uplinks that have calls."},
        {.key = "uplinks",
         .type = OPTION_LIST,
         OPTION_AT(struct draft, uplinks),
         .max = 16,
         .members = &uplink_table,
         .meaning = "Connections to platforms."},
        {.key = NULL},
    },
};

/* A file of compiled time zone data begins with "TZif" (RFC 8536, section 3.1). */
static bool is_time_zone(const char *zone)
{
    char path[128], magic[4] = "";

    if (zone[0] == '/' || strstr(zone, ".."))
        return false;
    snprintf(path, sizeof path, ZONEINFO "/%s", zone);
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    bool is = fread(magic, 1, sizeof magic, file) == sizeof magic && memcmp(magic, "TZif", 4) == 0;
    fclose(file);
    return is;
}

static void check_absolute(struct draft *draft, const char *section, const char *key,
                           const char *path)
{
    const struct reader_node *group = reader_member(draft->root, section);

    if (path && path[0] != '/')
        mistake_add(draft->context.mistakes, section_place(group, key),
                    "%s: %s \"%s\" is relative; allowed: an absolute path", section, key, path);
}

/* Groups of the package may be missing where it was not installed; one that is named may not. */
static void check_group(struct draft *draft, enum role role, const char *name)
{
    const struct reader_node *group = reader_member(draft->root, "serve");
    char key[RECORD_WORD];

    snprintf(key, sizeof key, "%ss", role_name(role));
    if (name && reader_member(group, key) && !getgrnam(name))
        mistake_add(draft->context.mistakes, section_place(group, key),
                    "serve: %s: group \"%s\" is not known here; allowed: a group of this machine",
                    key, name);
}

static void check_serve(struct draft *draft)
{
    const struct serve_settings *serve = &draft->config.serve;
    const struct reader_node *group = reader_member(draft->root, "serve");
    struct mistakes *mistakes = draft->context.mistakes;
    bool loopback = true;
    struct err err;

    if (!group)
        return;
    if (serve->listen && !address_listen(serve->listen, &loopback, &err))
        mistake_add(mistakes, section_place(group, "listen"), "serve: listen %s", err.text);
    else if (!loopback &&
             !(reader_member(group, "token_file") && reader_member(group, "cert_file")))
        mistake_add(mistakes, section_place(group, "listen"),
                    "serve: listen \"%s\" is open to the network; allowed: a loopback address, or "
                    "any with token_file, cert_file and key_file",
                    serve->listen);
    if (!reader_member(group, "cert_file") != !reader_member(group, "key_file"))
        mistake_add(mistakes, section_place(group, "cert_file"),
                    "serve: cert_file and key_file belong together; allowed: both or none");
    if (serve->token && strlen(serve->token) < TOKEN_MIN)
        mistake_add(mistakes, section_place(group, "token_file"),
                    "serve: the token of token_file is shorter than %d characters; allowed: one "
                    "that nobody guesses, as made with: openssl rand -hex 32",
                    TOKEN_MIN);
    for (int role = ROLE_VIEWER; role < ROLES; role++)
        check_group(draft, role, serve->groups.names[role]);
}

void section_site(struct draft *draft)
{
    struct site_plan *plan = &draft->config.plan;
    const struct reader_node *site = reader_member(draft->root, "site");

    if (!plan->name)
        plan->name = plan->id;
    if (plan->zone && !is_time_zone(plan->zone))
        mistake_add(draft->context.mistakes, section_place(site, "zone"),
                    "site: zone \"%s\" is not known; allowed: a name below " ZONEINFO
                    " (package tzdata)",
                    plan->zone);
    if (plan->country && strspn(plan->country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 2)
        mistake_add(draft->context.mistakes, section_place(site, "country"),
                    "site: country \"%s\" is none; allowed: two capital letters such as CN",
                    plan->country);
    check_absolute(draft, "store", "path", draft->config.store.path);
    check_absolute(draft, "serve", "control", draft->config.serve.control);
    check_serve(draft);
}
