/* Uplinks: what their adapter allows, and that nothing secret or unprotected leaves the machine. */
#include <stdio.h>
#include <string.h>

#include "daemon/config/address.h"
#include "daemon/config/section_tables.h"
#include "daemon/config/sections.h"
#include "daemon/config/suggest.h"
#include "daemon/uplink/adapter.h"
#include "daemon/uplink/url.h"

enum { PINS_SIZE = 512 };

#define DIGITS "0123456789"
#define SMALL "abcdefghijklmnopqrstuvwxyz"
#define LETTERS SMALL "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* Keys that an adapter has or has not. What stands in headers and ids: `first`, then characters of
 * `rest`, in words `form`; NULL: any text. */
static const struct adapter_key {
    const char *key, *first, *rest, *form;
} adapter_keys[] = {
    {"username", NULL, NULL, NULL},
    {"password_file", NULL, NULL, NULL},
    {"token_file", NULL, NULL, NULL},
    {"tenant", "", SMALL DIGITS "_", "a-z 0-9 _"},
    {"service_path", "/", LETTERS DIGITS "_/", "/ and A-Z a-z 0-9 _ /"},
    {"entity_prefix", "", LETTERS DIGITS "._:-", "A-Z a-z 0-9 . _ : -"},
    {"context", "http", LETTERS DIGITS "-._~:/?#[]@!$&'()*+,;=%", "the address of a document"},
    {"bays", NULL, NULL, NULL},
    {"kinds", NULL, NULL, NULL},
    {"commands", NULL, NULL, NULL},
    /* Those of every city platform. */
    {"account", NULL, NULL, NULL},
    {"key_file", NULL, NULL, NULL},
    {"platform_key_file", NULL, NULL, NULL},
    {"secret_file", NULL, NULL, NULL},
    {"operator", NULL, NULL, NULL},
    {"lots", NULL, NULL, NULL},
    {"places", NULL, NULL, NULL},
    {"codes", NULL, NULL, NULL},
    {"calls", NULL, NULL, NULL},
    {"token_case", NULL, NULL, NULL},
    {"picture_url", "http", LETTERS DIGITS "-._~:/?#[]@!$&'()*+,;=%", "the address of a picture"},
    {"heartbeat_ms", NULL, NULL, NULL},
    {"backfill_per_s", NULL, NULL, NULL},
};

static const char *const city_keys[] = {
    "account", "key_file",     "platform_key_file", "secret_file", "operator", "lots", "places",
    "codes",   "heartbeat_ms", "backfill_per_s",    "kinds",       "calls",    NULL};

static const char *schemes_words(enum adapter_transport transport)
{
    return transport == ADAPTER_HTTP ? "https://, or http:// to this machine"
                                     : "mqtts://, or mqtt:// to this machine";
}

static const struct adapter *find_adapter(struct draft *draft, const struct reader_node *node,
                                          const char *type)
{
    const struct adapter *adapter = type ? adapter_by_name(type) : NULL;
    char bytes[200];
    struct text names;

    if (type && !adapter) {
        text_init(&names, bytes, sizeof bytes);
        adapter_names(&names);
        mistake_add(draft->context.mistakes, section_place(node, "type"),
                    "uplink: type \"%s\" is not known; allowed: %s", type, bytes);
    }
    return adapter;
}

static bool is_among(const char *const *keys, const char *key)
{
    while (*keys && strcmp(*keys, key) != 0)
        keys++;
    return *keys;
}

static bool has_key(const struct adapter *adapter, const char *key)
{
    return is_among(adapter->keys, key) || (adapter->city && is_among(city_keys, key));
}

/* One that is there, and is for this adapter. */
static void check_form(struct draft *draft, const struct reader_node *member,
                       const struct adapter_key *key)
{
    if (!key->rest || reader_type(member) != READER_TEXT)
        return;
    const char *text = reader_text(member);
    size_t first = strlen(key->first);
    if (strncmp(text, key->first, first) != 0 || text[strspn(text, key->rest)])
        mistake_add(draft->context.mistakes, reader_place(member),
                    "uplink: %s \"%.60s\" cannot be sent; allowed: %s", key->key, text, key->form);
}

static void check_keys(struct draft *draft, const struct reader_node *node,
                       const struct adapter *adapter)
{
    for (size_t i = 0; i < sizeof adapter_keys / sizeof adapter_keys[0]; i++) {
        const struct adapter_key *key = &adapter_keys[i];
        const struct reader_node *member = reader_member(node, key->key);
        if (member && has_key(adapter, key->key))
            check_form(draft, member, key);
        else if (member)
            mistake_add(draft->context.mistakes, reader_place(member),
                        "uplink: %s is not for type \"%s\"; remove it", key->key, adapter->name);
    }
    if (reader_member(node, "password_file") && !reader_member(node, "username"))
        mistake_add(draft->context.mistakes, section_place(node, "password_file"),
                    "uplink: password_file without username; allowed: both or none");
}

static bool is_loopback(const char *host)
{
    struct address address;
    return strcmp(host, "localhost") == 0 || (address_ip(host, &address) && address.loopback);
}

/* The URL fits the adapter, and is protected when it leaves the machine. */
static void check_url(struct draft *draft, const struct reader_node *node, const char *text,
                      const struct adapter *adapter)
{
    struct mistakes *mistakes = draft->context.mistakes;
    struct place place = section_place(node, "url");
    struct url url;
    struct err err;

    if (strchr(text, '@')) /* before anyone prints it */
        mistake_add(mistakes, place,
                    "uplink: url must not hold a user name or password; allowed: username and "
                    "password_file, or token_file");
    else if (!url_parse(text, &url, &err))
        mistake_add(mistakes, place, "uplink: url %s", err.text);
    else if ((strncmp(url.scheme, "mqtt", 4) == 0) != (adapter->transport == ADAPTER_MQTT))
        mistake_add(mistakes, place, "uplink: url begins with %s://; type \"%s\" allows %s",
                    url.scheme, adapter->name, schemes_words(adapter->transport));
    else if (!url.secure && !is_loopback(url.host))
        mistake_add(mistakes, place,
                    "uplink: url \"%s\" would cross the network unprotected; allowed: %s", text,
                    schemes_words(adapter->transport));
    else if (!url.secure && reader_member(node, "tls"))
        mistake_add(mistakes, section_place(node, "tls"),
                    "uplink: tls stands beside %s://; allowed: with %ss:// only", url.scheme,
                    url.scheme);
}

/* "sha256//" and the base64 of 32 bytes, as libcurl takes it. */
static bool is_pin(const char *text)
{
    static const char head[] = "sha256//";
    static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    return strncmp(text, head, sizeof head - 1) == 0 &&
           strspn(text + sizeof head - 1, base64) == 43 &&
           strcmp(text + sizeof head - 1 + 43, "=") == 0;
}

static const char *join_pins(struct draft *draft, const struct reader_node *pins)
{
    char bytes[PINS_SIZE];
    struct text joined;

    text_init(&joined, bytes, sizeof bytes);
    for (uint32_t i = 0; i < reader_size(pins); i++) {
        const struct reader_node *item = reader_item(pins, i);
        if (reader_type(item) == READER_TEXT && is_pin(reader_text(item)))
            text_add(&joined, "%s%s", i ? ";" : "", reader_text(item));
        else
            mistake_add(draft->context.mistakes, reader_place(item),
                        "tls: pins holds what is no pin; allowed: \"sha256//\" and 44 characters "
                        "of base64");
    }
    return pins ? arena_text(draft->context.memory, bytes) : NULL;
}

static void check_tls(struct draft *draft, const struct reader_node *node,
                      const struct adapter *adapter)
{
    const struct reader_node *tls = reader_member(node, "tls");

    if (!tls || reader_type(tls) != READER_GROUP)
        return;
    if (!reader_member(tls, "cert_file") != !reader_member(tls, "key_file"))
        mistake_add(draft->context.mistakes, reader_place(tls),
                    "tls: cert_file and key_file belong together; allowed: both or none");
    if (adapter && adapter->transport == ADAPTER_MQTT && reader_member(tls, "pins"))
        mistake_add(draft->context.mistakes, section_place(tls, "pins"),
                    "tls: pins is not for type \"%s\"; allowed: ca_file with the platform's own "
                    "authority",
                    adapter->name);
}

static uint32_t take_kinds(struct draft *draft, const struct reader_node *kinds)
{
    uint32_t bits = 0;

    for (uint32_t i = 0; i < reader_size(kinds); i++) {
        const struct reader_node *item = reader_item(kinds, i);
        bool is_text = reader_type(item) == READER_TEXT;
        const char *name = is_text ? reader_text(item) : reader_type_words(reader_type(item));
        struct suggest search = {.typed = name};
        enum record_kind kind;

        if (record_kind_parse(name, &kind)) {
            bits |= 1u << kind;
            continue;
        }
        for (int k = 0; k < RECORD_KINDS; k++)
            suggest_offer(&search, record_kind_name((enum record_kind)k));
        mistake_add(draft->context.mistakes, reader_place(item),
                    "uplink: kinds names \"%.60s\", which is no kind of record (%s%s)", name,
                    search.nearest ? "did you mean " : "parkd.conf(5) lists them",
                    search.nearest ? search.nearest : "");
    }
    return kinds ? bits : UINT32_MAX >> (32 - RECORD_KINDS);
}

/* What one request may hold; said or not, the adapter's own limit stands. */
static uint32_t window_of(struct draft *draft, const struct reader_node *node, uint32_t window,
                          const struct adapter *adapter)
{
    if (adapter->transport == ADAPTER_MQTT || !adapter->records || window <= adapter->batch_max)
        return window;
    if (reader_member(node, "window"))
        mistake_add(draft->context.mistakes, section_place(node, "window"),
                    "uplink: window %u is more than type \"%s\" takes in a request; allowed: 1 to "
                    "%u",
                    window, adapter->name, adapter->batch_max);
    return adapter->batch_max;
}

static void check_located(struct draft *draft, const struct reader_node *node,
                          const struct adapter *adapter)
{
    const struct site_plan *plan = &draft->config.plan;

    for (uint32_t i = 0; adapter->located && i < plan->lots_count; i++) {
        if (!plan->lots[i].located)
            mistake_add(draft->context.mistakes, section_place(node, "type"),
                        "uplink: type \"%s\" says where lots are, and lot \"%s\" does not; "
                        "allowed: location = { latitude = …; longitude = …; } in each lot",
                        adapter->name, plan->lots[i].id ? plan->lots[i].id : "");
    }
}

/* Its topic names the site, not the uplink. */
static void check_commands(struct draft *draft, const struct reader_node *node, uint32_t n)
{
    const struct uplink_settings *uplinks = draft->config.uplinks;

    for (uint32_t i = 0; i < n && uplinks[n].commands && uplinks[n].url; i++)
        if (uplinks[i].commands && uplinks[i].url && strcmp(uplinks[i].url, uplinks[n].url) == 0)
            mistake_add(draft->context.mistakes, section_place(node, "commands"),
                        "uplink: commands stands at \"%s\" with the same broker, each order would "
                        "be carried out twice; allowed: at one of them",
                        uplinks[i].name ? uplinks[i].name : "");
}

static void take_uplink(struct draft *draft, uint32_t n, struct name_index *names)
{
    const struct reader_node *node = reader_item(draft->uplinks, n);
    struct uplink_settings *uplink = &draft->config.uplinks[n];
    struct uplink_draft from = {0};

    option_defaults(&uplink_table, &from);
    option_apply(&uplink_table, node, &from, &draft->context);
    *uplink = from.settings;
    section_claim(draft, names, node, "name",
                  (struct name_entry){.name = uplink->name, .value = n});
    if (reader_type(node) != READER_GROUP)
        return;
    uplink->tls = from.tls.settings;
    uplink->tls.pins = join_pins(draft, from.tls.pins);
    uplink->kinds = take_kinds(draft, from.kinds);
    uplink->adapter = find_adapter(draft, node, from.type);
    check_tls(draft, node, uplink->adapter);
    if (!uplink->adapter)
        return;
    check_keys(draft, node, uplink->adapter);
    check_located(draft, node, uplink->adapter);
    check_commands(draft, node, n);
    if (!uplink->adapter->records && !uplink->adapter->city)
        uplink->kinds = 0;
    if (uplink->adapter->city)
        section_city(draft, node, &from, uplink);
    uplink->window = window_of(draft, node, uplink->window, uplink->adapter);
    if (uplink->url)
        check_url(draft, node, uplink->url, uplink->adapter);
}

void section_uplinks(struct draft *draft)
{
    struct config *config = &draft->config;
    struct name_index *names = name_index_create();

    config->uplinks_count = reader_size(draft->uplinks);
    config->uplinks =
        arena_new(draft->context.memory, config->uplinks_count, sizeof *config->uplinks);
    for (uint32_t n = 0; n < config->uplinks_count; n++)
        take_uplink(draft, n, names);
    name_index_destroy(names);
}
