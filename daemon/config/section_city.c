/*
 * What uplinks to city platforms have beside the others: lots as the platform knows them, with
 * their keys, other names of lanes and bays, and what codes mean here. Keys are read once, here.
 */
#include <stdio.h>
#include <string.h>

#include "daemon/base/crypto_rsa.h"
#include "daemon/config/section_tables.h"
#include "daemon/uplink/city.h"

/* Two answers may be lost, and an entry is there within the 10 s that cities ask. */
enum { TIMEOUT_MS = 3000 };

enum { KEY_FILE_MAX = 16 * 1024, CODE_MIN = -1000000, CODE_MAX = 1000000 };

struct lot_draft {
    const char *lot, *code, *account, *secret, *key_file, *platform_key_file, *address;
    bool monthly;
};
struct place_draft {
    const char *id, *code;
};
struct code_draft {
    int64_t code;
    int32_t means;
};

static const struct option_choice meanings[] = {
    {"delivered", ADAPTER_DELIVERED}, {"duplicate", ADAPTER_DUPLICATE},
    {"later", ADAPTER_RETRY},         {"again", ADAPTER_FAILED},
    {"clock", ADAPTER_CLOCK},         {"stop", ADAPTER_STOP},
    {"refused", ADAPTER_REFUSED},     {NULL, 0}};

const struct option_table uplink_lot_table = {
    "lot",
    (const struct option[]){
        {.key = "lot",
         .type = OPTION_ID,
         .required = true,
         OPTION_AT(struct lot_draft, lot),
         .meaning = "One of our lots."},
        {.key = "code",
         .type = OPTION_TEXT,
         .required = true,
         OPTION_AT(struct lot_draft, code),
         .min = 1,
         .max = 64,
         .meaning = "What the platform calls it: osStoreCode, parkingCode, parkCode."},
        {.key = "account",
         .type = OPTION_TEXT,
         OPTION_AT(struct lot_draft, account),
         .min = 1,
         .max = 64,
         .meaning = "The lot's own account; without it the uplink's."},
        {.key = "key_file",
         .type = OPTION_PRIVATE_FILE,
         OPTION_AT(struct lot_draft, key_file),
         .meaning = "The lot's own private key; without it the uplink's."},
        {.key = "platform_key_file",
         .type = OPTION_FILE,
         OPTION_AT(struct lot_draft, platform_key_file),
         .meaning = "The platform's public key for this lot; without it the uplink's."},
        {.key = "secret_file",
         .type = OPTION_SECRET,
         OPTION_AT(struct lot_draft, secret),
         .meaning = "The lot's own secret; without it the uplink's."},
        {.key = "address",
         .type = OPTION_TEXT,
         OPTION_AT(struct lot_draft, address),
         .min = 1,
         .max = 100,
         .meaning = "xuzhou: where it lies, in words; parkctl uplink register tells it."},
        {.key = "monthly",
         .type = OPTION_BOOL,
         OPTION_AT(struct lot_draft, monthly),
         .meaning = "xuzhou: it sells passes by the month."},
        {.key = NULL},
    },
};

const struct option_table uplink_place_table = {
    "place",
    (const struct option[]){
        {.key = "id",
         .type = OPTION_ID,
         .required = true,
         OPTION_AT(struct place_draft, id),
         .meaning = "One of our lanes or bays."},
        {.key = "code",
         .type = OPTION_TEXT,
         .required = true,
         OPTION_AT(struct place_draft, code),
         .min = 1,
         .max = 64,
         .meaning = "What the platform calls it."},
        {.key = NULL},
    },
};

const struct option_table uplink_code_table = {
    "code",
    (const struct option[]){
        {.key = "code",
         .type = OPTION_WHOLE,
         .required = true,
         OPTION_AT(struct code_draft, code),
         .min = CODE_MIN,
         .max = CODE_MAX,
         .meaning = "A code of the platform's answers."},
        {.key = "means",
         .type = OPTION_CHOICE,
         .required = true,
         OPTION_AT(struct code_draft, means),
         .choices = meanings,
         .meaning = "delivered; duplicate: it has it already; later: back off; again: this record "
                    "later, others go on; clock: learn its time, then again; stop: a person is "
                    "needed; refused: never."},
        {.key = NULL},
    },
};

/* ---- keys ---- */

typedef struct crypto_key *key_fn(const char *bytes, size_t size, struct err *err);

static struct crypto_key *read_key(struct draft *draft, struct place place, const char *path,
                                   key_fn *read)
{
    char bytes[KEY_FILE_MAX];
    struct err err;
    FILE *file = path ? fopen(path, "re") : NULL;

    if (!file)
        return NULL; /* that it can be read has been checked */
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    struct crypto_key *key = read(bytes, size, &err);
    explicit_bzero(bytes, sizeof bytes);
    if (!key)
        mistake_add(draft->context.mistakes, place, "uplink: %s holds %s", path, err.text);
    return key;
}

void section_city_release(struct uplink_settings *uplink)
{
    for (uint32_t i = 0; i < uplink->lots_count; i++) {
        crypto_key_free((struct crypto_key *)uplink->lots[i].key);
        crypto_key_free((struct crypto_key *)uplink->lots[i].platform_key);
    }
}

/* ---- lots ---- */

/* What the platform cannot do without, at the lot or at the uplink. */
static void check_needs(struct draft *draft, const struct reader_node *node,
                        const struct uplink_settings *uplink, const struct uplink_lot *lot)
{
    const struct {
        const char *key;
        bool given;
    } has[] = {{"account", lot->account != NULL},
               {"key_file", lot->key != NULL},
               {"platform_key_file", lot->platform_key != NULL},
               {"secret_file", lot->secret != NULL}};

    for (const char *const *need = uplink->adapter->city->needs; need && *need; need++)
        for (size_t i = 0; i < sizeof has / sizeof has[0]; i++)
            if (strcmp(*need, has[i].key) == 0 && !has[i].given)
                mistake_add(draft->context.mistakes, reader_place(node),
                            "uplink: type \"%s\" needs %s; allowed: at each lot, or at the uplink "
                            "for all",
                            uplink->adapter->name, *need);
}

static const char *either(const char *own, const char *common)
{
    return own ? own : common;
}

static void take_lot(struct draft *draft, const struct reader_node *node,
                     const struct uplink_draft *from, struct uplink_lot *ret)
{
    struct lot_draft own = {.lot = NULL};
    struct place place = reader_place(node);

    option_defaults(&uplink_lot_table, &own);
    option_apply(&uplink_lot_table, node, &own, &draft->context);
    *ret = (struct uplink_lot){
        .lot = plan_find_lot(&draft->config.plan, own.lot),
        .code = own.code ? own.code : "",
        .account = either(own.account, from->account),
        .secret = either(own.secret, from->secret),
        .address = own.address,
        .monthly = own.monthly,
        .key = read_key(draft, place, either(own.key_file, from->key_file), crypto_key_private),
        .platform_key =
            read_key(draft, place, either(own.platform_key_file, from->platform_key_file),
                     crypto_key_public),
    };
    if (own.lot && ret->lot == PLAN_NONE)
        mistake_add(draft->context.mistakes, section_place(node, "lot"),
                    "uplink: lot \"%s\" is not known; allowed: an id of `lots`", own.lot);
}

/* Neither a lot of ours nor one of the platform's is told twice. */
static void check_once(struct draft *draft, const struct reader_node *item,
                       const struct uplink_lot *lots, uint32_t n)
{
    bool lot = false, code = false;

    for (uint32_t k = 0; k < n; k++) {
        lot |= lots[k].lot == lots[n].lot && lots[n].lot != PLAN_NONE;
        code |= *lots[n].code && strcmp(lots[k].code, lots[n].code) == 0;
    }
    if (lot)
        mistake_add(draft->context.mistakes, reader_place(item),
                    "uplink: a lot stands twice; allowed: each once");
    if (code)
        mistake_add(draft->context.mistakes, section_place(item, "code"),
                    "uplink: code \"%s\" is that of another lot; allowed: each once", lots[n].code);
}

static void take_lots(struct draft *draft, const struct reader_node *node,
                      const struct uplink_draft *from, struct uplink_settings *uplink)
{
    uint32_t count = reader_size(from->lots);
    struct uplink_lot *lots = arena_new(draft->context.memory, count, sizeof *lots);

    uplink->lots = lots;
    uplink->lots_count = count;
    if (!count)
        mistake_add(draft->context.mistakes, reader_place(node),
                    "uplink: type \"%s\" needs lots; allowed: lots = ( { lot = \"…\"; code = "
                    "\"…\"; } )",
                    uplink->adapter->name);
    for (uint32_t i = 0; i < count; i++) {
        const struct reader_node *item = reader_item(from->lots, i);

        take_lot(draft, item, from, &lots[i]);
        check_needs(draft, item, uplink, &lots[i]);
        check_once(draft, item, lots, i);
    }
}

/* ---- other names, other meanings ---- */

static bool is_place(const struct site_plan *plan, const char *id)
{
    for (uint32_t i = 0; i < plan->lanes_count; i++)
        if (plan->lanes[i].id && strcmp(plan->lanes[i].id, id) == 0)
            return true;
    for (uint32_t i = 0; i < plan->bays_count; i++)
        if (plan->bays[i].id && strcmp(plan->bays[i].id, id) == 0)
            return true;
    return false;
}

static void take_places(struct draft *draft, const struct uplink_draft *from,
                        struct uplink_settings *uplink)
{
    uint32_t count = reader_size(from->places);
    struct uplink_place *places = arena_new(draft->context.memory, count, sizeof *places);

    for (uint32_t i = 0; i < count; i++) {
        const struct reader_node *item = reader_item(from->places, i);
        struct place_draft own = {.id = NULL};

        option_apply(&uplink_place_table, item, &own, &draft->context);
        places[i] = (struct uplink_place){own.id ? own.id : "", own.code ? own.code : ""};
        if (own.id && !is_place(&draft->config.plan, own.id))
            mistake_add(draft->context.mistakes, section_place(item, "id"),
                        "uplink: \"%s\" is no lane and no bay; allowed: an id of one", own.id);
    }
    uplink->places = places;
    uplink->places_count = count;
}

static void take_codes(struct draft *draft, const struct uplink_draft *from,
                       struct uplink_settings *uplink)
{
    uint32_t count = reader_size(from->codes);
    struct uplink_code *codes = arena_new(draft->context.memory, count, sizeof *codes);

    for (uint32_t i = 0; i < count; i++) {
        struct code_draft own = {.means = ADAPTER_FAILED};

        option_apply(&uplink_code_table, reader_item(from->codes, i), &own, &draft->context);
        codes[i] = (struct uplink_code){own.code, own.means};
    }
    uplink->codes = codes;
    uplink->codes_count = count;
}

void section_city(struct draft *draft, const struct reader_node *node,
                  const struct uplink_draft *from, struct uplink_settings *uplink)
{
    if (!reader_member(node, "timeout_ms"))
        uplink->timeout_ms = TIMEOUT_MS;
    take_lots(draft, node, from, uplink);
    take_places(draft, from, uplink);
    take_codes(draft, from, uplink);
    section_calls_take(draft, node, &from->calls, uplink);
}
