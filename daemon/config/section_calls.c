/*
 * Where cities' platforms call: the listener, and of each uplink that has `calls` its path and the
 * addresses that the platform calls from.
 */
#include <string.h>

#include "daemon/config/address.h"
#include "daemon/config/section_tables.h"
#include "daemon/uplink/city.h"

const struct option_table calls_table = {
    "calls",
    (const struct option[]){
        {.key = "listen",
         .type = OPTION_TEXT,
         OPTION_AT(struct platform_listener_settings, listen),
         .min = 1,
         .max = 60,
         .meaning = "ADDRESS:PORT where platforms call; without it none can."},
        {.key = "cert_file",
         .type = OPTION_FILE,
         OPTION_AT(struct platform_listener_settings, cert_file),
         .meaning = "Certificate (PEM) that platforms see; needed when listen is not loopback."},
        {.key = "key_file",
         .type = OPTION_PRIVATE_FILE,
         OPTION_AT(struct platform_listener_settings, key_file),
         .meaning = "The key (PEM) of cert_file."},
        {.key = NULL},
    },
};

const struct option_table uplink_calls_table = {
    "calls",
    (const struct option[]){
        {.key = "path",
         .type = OPTION_TEXT,
         OPTION_AT(struct calls_draft, path),
         .min = 2,
         .max = 100,
         .meaning = "The path that the platform calls, and all below; without it "
                    "/platforms/NAME."},
        {.key = "from",
         .type = OPTION_LIST,
         OPTION_AT(struct calls_draft, from),
         .min = 1,
         .max = 32,
         .meaning = "The addresses that it calls from; without it any, the signature alone tells."},
        {.key = NULL},
    },
};

void section_from(struct draft *draft, const struct reader_node *list, const char *what,
                  struct from_addresses *ret)
{
    uint32_t count = reader_size(list);
    const char **from = arena_new(draft->context.memory, count, sizeof *from);

    for (uint32_t i = 0; i < count; i++) {
        const struct reader_node *item = reader_item(list, i);
        const char *text = reader_type(item) == READER_TEXT ? reader_text(item) : "";
        struct address address;

        if (!address_ip(text, &address))
            mistake_add(draft->context.mistakes, reader_place(item),
                        "%s: from holds \"%.60s\"; allowed: addresses, as \"192.168.1.64\"", what,
                        text);
        else
            from[i] = arena_text(draft->context.memory, address.text);
    }
    *ret = (struct from_addresses){from, count};
}

/* What the platform's signature is verified with. */
static void check_needs(struct draft *draft, const struct reader_node *group,
                        const struct uplink_settings *uplink)
{
    const char *const *needs = uplink->adapter->city->call_needs;

    for (uint32_t i = 0; needs && i < uplink->lots_count; i++)
        if (!uplink->lots[i].platform_key) {
            mistake_add(draft->context.mistakes, reader_place(group),
                        "uplink: calls of type \"%s\" need %s; allowed: at each lot, or at the "
                        "uplink for all",
                        uplink->adapter->name, *needs);
            return;
        }
}

static void check_path(struct draft *draft, const struct reader_node *group, const char *path)
{
    static const char rest[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                               "0123456789._~/-";

    if (path[0] != '/' || path[strspn(path, rest)] || path[strlen(path) - 1] == '/')
        mistake_add(draft->context.mistakes, section_place(group, "path"),
                    "uplink: calls.path \"%.60s\" is no path; allowed: / and A-Z a-z 0-9 . _ ~ - "
                    "/, not at the end",
                    path);
}

void section_calls_take(struct draft *draft, const struct reader_node *node,
                        const struct calls_draft *from, struct uplink_settings *uplink)
{
    const struct reader_node *group = reader_member(node, "calls");
    struct from_addresses addresses;

    if (!group)
        return;
    section_from(draft, from->from, "uplink: calls", &addresses);
    uplink->calls_from = addresses.list;
    uplink->calls_from_count = addresses.count;
    uplink->calls_path = from->path ? from->path
                                    : arena_format(draft->context.memory, "/platforms/%s",
                                                   uplink->name ? uplink->name : "");
    check_path(draft, group, uplink->calls_path);
    check_needs(draft, group, uplink);
}

/* A call is for one uplink: no path is another's, or stands below it. */
static void check_apart(struct draft *draft, uint32_t n)
{
    const struct uplink_settings *uplinks = draft->config.uplinks;
    const char *path = uplinks[n].calls_path;

    for (uint32_t i = 0; path && i < n; i++) {
        const char *other = uplinks[i].calls_path;
        size_t length = other ? strlen(other) : 0, own = strlen(path);
        size_t shorter = own < length ? own : length;

        if (other && strncmp(path, other, shorter) == 0 &&
            (own == length || (own < length ? other : path)[shorter] == '/'))
            mistake_add(draft->context.mistakes,
                        section_place(reader_item(draft->uplinks, n), "calls"),
                        "uplink: calls.path \"%s\" lies within that of uplink \"%s\"; allowed: "
                        "paths apart",
                        path, uplinks[i].name ? uplinks[i].name : "");
    }
}

static void check_listen(struct draft *draft)
{
    const struct platform_listener_settings *settings = &draft->config.platform_listener;
    const struct reader_node *group = reader_member(draft->root, "calls");
    bool loopback = true;
    struct err err;

    if (!group)
        return;
    if (settings->listen && !address_listen(settings->listen, &loopback, &err))
        mistake_add(draft->context.mistakes, section_place(group, "listen"), "calls: listen %s",
                    err.text);
    else if (!loopback && !reader_member(group, "cert_file"))
        mistake_add(draft->context.mistakes, section_place(group, "listen"),
                    "calls: listen \"%s\" is open to the network; allowed: a loopback address, or "
                    "any with cert_file and key_file",
                    settings->listen);
    if (!reader_member(group, "cert_file") != !reader_member(group, "key_file"))
        mistake_add(draft->context.mistakes, reader_place(group),
                    "calls: cert_file and key_file belong together; allowed: both or none");
}

void section_calls(struct draft *draft)
{
    struct config *config = &draft->config;
    struct platform_door *doors =
        arena_new(draft->context.memory, config->uplinks_count, sizeof *doors);

    for (uint32_t n = 0; n < config->uplinks_count; n++) {
        const struct uplink_settings *uplink = &config->uplinks[n];

        doors[n] = (struct platform_door){uplink->calls_path, uplink->calls_from,
                                          uplink->calls_from_count};
        check_apart(draft, n);
        if (uplink->calls_path && !config->platform_listener.listen)
            mistake_add(draft->context.mistakes,
                        section_place(reader_item(draft->uplinks, n), "calls"),
                        "uplink: calls without a listener; allowed: with calls = { listen = "
                        "\"ADDRESS:PORT\"; } at the top level");
    }
    config->platform_listener.doors = doors;
    config->platform_listener.doors_count = config->uplinks_count;
    check_listen(draft);
}
