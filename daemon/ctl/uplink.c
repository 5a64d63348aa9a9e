/*
 * parkctl uplink: verdicts of days with a platform, from the database; a day compared anew; a key
 * pair for a platform. What is sent to a platform from here stands in uplink_trial.c.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/crypto_rsa.h"
#include "daemon/base/json.h"
#include "daemon/ctl/client.h"
#include "daemon/ctl/commands.h"
#include "daemon/ctl/table.h"
#include "daemon/ctl/uplink_trial.h"
#include "daemon/store/store.h"

enum { KEY_BITS = 2048, PEM_SIZE = 8192, PATH_SIZE = 4096, BODY_SIZE = 1024 };

/* ---- verdicts ---- */

static const struct table_column columns[] = {
    {"Day", TABLE_LEFT},      {"Uplink", TABLE_LEFT},   {"Lot", TABLE_LEFT},
    {"Verdict", TABLE_LEFT},  {"Entries", TABLE_RIGHT}, {"Exits", TABLE_RIGHT},
    {"Missing", TABLE_RIGHT}, {"Strange", TABLE_RIGHT}, {"Stays", TABLE_LEFT}};

struct verdicts {
    const struct ctl *ctl;
    const char *uplink;
    struct table *table; /* NULL: JSON */
    uint32_t count, differ;
};

static int64_t number(const struct json *body, const char *key)
{
    return json_int(json_member(body, key), 0);
}

static const char *word(const struct json *body, const char *key)
{
    return json_text(json_member(body, key), "");
}

static bool wanted(const struct verdicts *verdicts, const struct json *body)
{
    const struct ctl *ctl = verdicts->ctl;

    return (!verdicts->uplink || strcmp(verdicts->uplink, word(body, "uplink")) == 0) &&
           (!ctl->day || strcmp(ctl->day, word(body, "day")) == 0) &&
           (!ctl->lot || strcmp(ctl->lot, word(body, "lot")) == 0);
}

static void tell(struct verdicts *verdicts, const struct json *body, const struct store_row *row)
{
    verdicts->count++;
    verdicts->differ += strcmp(word(body, "verdict"), "differs") == 0;
    if (!verdicts->table) {
        printf("%s%.*s", verdicts->count > 1 ? "," : "", (int)row->body_size, row->body);
        return;
    }
    table_text(verdicts->table, word(body, "day"));
    table_text(verdicts->table, word(body, "uplink"));
    table_text(verdicts->table, word(body, "lot"));
    table_word(verdicts->table, word(body, "verdict"));
    table_number(verdicts->table, number(body, "entries"));
    table_number(verdicts->table, number(body, "exits"));
    table_number(verdicts->table, number(body, "entries_missing") + number(body, "exits_missing"));
    table_number(verdicts->table, number(body, "entries_strange") + number(body, "exits_strange"));
    table_text(verdicts->table, word(body, "examples"));
}

static bool on_row(void *arg, const struct store_row *row)
{
    struct verdicts *verdicts = arg;
    struct err err;
    struct json *body = json_read(row->body, row->body_size, RECORD_BODY_MAX, &err);

    if (body && wanted(verdicts, body))
        tell(verdicts, body, row);
    json_release(body);
    return true;
}

/* Exit 1 when a day still differs. */
static enum ctl_exit check(const struct ctl *ctl)
{
    struct verdicts verdicts = {.ctl = ctl, .uplink = ctl->words_count > 1 ? ctl->words[1] : NULL};
    struct err err;
    struct store *store = store_open(ctl->db, STORE_READ, &err);

    if (!store)
        return ctl_refused(ctl, &err);
    if (ctl->json)
        fputs("{\"checks\":[", stdout);
    else
        verdicts.table = table_create(ctl->language, columns, sizeof columns / sizeof columns[0]);
    bool good = store_of_kind(store, RECORD_DAY_CHECK, on_row, &verdicts, &err);
    if (ctl->json)
        fputs("]}\n", stdout);
    else
        table_print(verdicts.table);
    store_close(store);
    if (!good)
        return ctl_refused(ctl, &err);
    return verdicts.differ ? CTL_REFUSED : CTL_DONE;
}

static enum ctl_exit recheck(const struct ctl *ctl)
{
    char path_bytes[PATH_SIZE], body_bytes[BODY_SIZE];
    struct text path, body;
    struct err err;

    if (ctl->words_count != 2 || !ctl->lot || !ctl->day)
        return ctl_wrong_use(ctl, "give an uplink, --lot and --day");
    text_init(&path, path_bytes, sizeof path_bytes);
    text_add(&path, "/api/v1/uplinks/");
    client_encode(&path, ctl->words[1]);
    text_add(&path, "/check");
    text_init(&body, body_bytes, sizeof body_bytes);
    text_add(&body, "{");
    text_json_pair(&body, "lot", ctl->lot);
    text_json_pair(&body, "day", ctl->day);
    text_add(&body, "}");
    if (body.overflow || path.overflow)
        return ctl_wrong_use(ctl, "what is given is too long");
    if (!client_post(ctl, path_bytes, body_bytes, &err))
        return ctl_refused(ctl, &err);
    if (!ctl->json)
        puts("begun; see the verdict with parkctl uplink check");
    return CTL_DONE;
}

/* ---- keys ---- */

static bool write_new(const char *path, mode_t mode, const struct text *text, struct err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);

    if (fd < 0)
        return err_errno(err, "%s cannot be created; keys are never overwritten", path);
    bool good = write(fd, text->bytes, text->used) == (ssize_t)text->used && fsync(fd) == 0;
    good = close(fd) == 0 && good;
    return good || err_errno(err, "%s cannot be written", path);
}

static bool make_keys(const char *path, struct text *ret_line, struct err *err)
{
    char private_bytes[PEM_SIZE], public_bytes[PEM_SIZE], public_path[PATH_SIZE];
    struct text private, public;

    text_init(&private, private_bytes, sizeof private_bytes);
    text_init(&public, public_bytes, sizeof public_bytes);
    snprintf(public_path, sizeof public_path, "%s.pub", path);
    bool good =
        crypto_key_make(KEY_BITS, &private, &public, err) && write_new(path, 0600, &private, err);
    if (good && !write_new(public_path, 0644, &public, err)) {
        unlink(path); /* made just now; half a pair would be in the way of the next try */
        good = false;
    }
    explicit_bzero(private_bytes, sizeof private_bytes);
    if (!good)
        return false;
    struct crypto_key *key = crypto_key_public(public.bytes, public.used, err);
    good = key && crypto_key_public_text(key, ret_line, err);
    crypto_key_free(key);
    return good;
}

static enum ctl_exit keygen(const struct ctl *ctl)
{
    char bytes[PEM_SIZE];
    struct text line;
    struct err err;

    if (ctl->words_count != 2)
        return ctl_wrong_use(ctl, "give the file that is to hold the private key");
    text_init(&line, bytes, sizeof bytes);
    if (!make_keys(ctl->words[1], &line, &err))
        return ctl_refused(ctl, &err);
    if (ctl->json)
        printf("{\"key_file\":\"%s\",\"public_key\":\"%s\"}\n", ctl->words[1], bytes);
    else
        printf("%s holds the private key, %s.pub the public one.\n"
               "Register this with the platform:\n%s\n",
               ctl->words[1], ctl->words[1], bytes);
    return CTL_DONE;
}

enum ctl_exit uplink_command(const struct ctl *ctl)
{
    static const struct {
        const char *name;
        enum ctl_exit (*run)(const struct ctl *ctl);
    } acts[] = {{"check", check},
                {"recheck", recheck},
                {"keygen", keygen},
                {"test", uplink_trial_test},
                {"register", uplink_trial_register},
                {"reregister", uplink_trial_reregister}};
    const char *act = ctl->words_count > 0 ? ctl->words[0] : "";

    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++)
        if (strcmp(acts[i].name, act) == 0)
            return acts[i].run(ctl);
    return ctl_wrong_use(
        ctl, "give \"check\", \"recheck\", \"keygen\", \"test\", \"register\" or \"reregister\"");
}
