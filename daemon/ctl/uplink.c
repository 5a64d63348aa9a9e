/*
 * parkctl uplink: verdicts of days with a platform, from the database; a day compared anew; a key
 * pair for a platform; a trial of an uplink's account and keys, before the daemon uses them.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/crypto_rsa.h"
#include "daemon/base/json.h"
#include "daemon/base/memory.h"
#include "daemon/config/config.h"
#include "daemon/ctl/client.h"
#include "daemon/ctl/commands.h"
#include "daemon/ctl/table.h"
#include "daemon/store/store.h"
#include "daemon/uplink/city.h"
#include "daemon/uplink/http.h"

enum {
    KEY_BITS = 2048,
    PEM_SIZE = 8192,
    PATH_SIZE = 4096,
    BODY_SIZE = 1024,
    REQUEST_SIZE = 16 * 1024,
    ANSWER_SIZE = 64 * 1024
};

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
    bool good = crypto_key_make(KEY_BITS, &private, &public, err) &&
                write_new(path, 0600, &private, err) && write_new(public_path, 0644, &public, err);
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

/* ---- a trial ---- */

struct answer {
    char bytes[ANSWER_SIZE];
    size_t used;
};

static bool on_piece(void *arg, const char *bytes, size_t size)
{
    struct answer *answer = arg;

    if (size >= sizeof answer->bytes - answer->used)
        return false;
    memcpy(answer->bytes + answer->used, bytes, size);
    answer->used += size;
    answer->bytes[answer->used] = '\0';
    return true;
}

static void make_request(struct adapter_request *request, char *bytes)
{
    *request = (struct adapter_request){.method = NULL};
    text_init(&request->target, bytes, BODY_SIZE);
    text_init(&request->headers, bytes + BODY_SIZE, BODY_SIZE);
    text_init(&request->body, bytes + 2 * BODY_SIZE, REQUEST_SIZE);
}

/* One heartbeat, or the lot's vacancy where the platform knows none; what comes back. */
static bool try_lot(const struct config *config, const struct uplink_settings *uplink,
                    const struct uplink_lot *lot, struct city_said *ret, struct err *err)
{
    const struct city *city = uplink->adapter->city;
    struct city_counts *counts = memory_new(config->plan.lots_count, sizeof *counts);
    struct adapter_context context = {.plan = &config->plan,
                                      .settings = uplink,
                                      .now = clock_utc(),
                                      .platform_now = clock_utc(),
                                      .counts = counts};
    char *bytes = memory_new(2 * BODY_SIZE + REQUEST_SIZE, 1), url[PATH_SIZE];
    struct answer *answer = memory_new(1, sizeof *answer);
    struct adapter_request request;
    int status = 0;

    make_request(&request, bytes);
    bool good = (city->heartbeat ? city->heartbeat : city->vacancy)(&context, lot, &request, err);
    snprintf(url, sizeof url, "%s%s", uplink->url, request.target.bytes);
    struct http_fetch fetch = {.method = request.method,
                               .url = url,
                               .headers = request.headers.bytes,
                               .tls = &uplink->tls,
                               .body = request.body.bytes,
                               .timeout_ms = uplink->timeout_ms,
                               .piece = on_piece,
                               .arg = answer};
    good = good && http_fetch(&fetch, &status, err);
    struct adapter_reply reply = {
        .status = status, .retry_after_ms = -1, .body = answer->bytes, .size = answer->used};
    if (good)
        city->read(&reply, ret);
    if (good && !ret->parsed)
        good = err_set(err, "HTTP %d, and no answer of this protocol; check the url", status);
    free(answer);
    free(bytes);
    free(counts);
    return good;
}

static void tell_said(const struct uplink_settings *uplink, const struct uplink_lot *lot,
                      const struct config *config, const struct city_said *said)
{
    const struct city_code *row = uplink->adapter->city->codes;

    while (row->word && row->code != said->code)
        row++;
    printf("lot \"%s\" (%s): %" PRId64 ", %s%s%s", config->plan.lots[lot->lot].id, lot->code,
           said->code, row->word ? row->word : "not in its documents", said->message[0] ? ": " : "",
           said->message);
    if (said->platform_time.ms)
        printf("; its clock is %+.1f s against ours",
               (double)(said->platform_time.ms - clock_utc().ms) / 1000);
    putchar('\n');
}

static bool is_good(const struct uplink_settings *uplink, const struct city_said *said)
{
    for (const struct city_code *row = uplink->adapter->city->codes; row->word; row++)
        if (row->code == said->code)
            return row->means == ADAPTER_DELIVERED || row->means == ADAPTER_DUPLICATE;
    return false;
}

static enum ctl_exit try_uplink(const struct ctl *ctl, const struct config *config,
                                const struct uplink_settings *uplink)
{
    enum ctl_exit exit = CTL_DONE;

    for (uint32_t i = 0; i < uplink->lots_count; i++) {
        struct city_said said;
        struct err err;

        if (!try_lot(config, uplink, &uplink->lots[i], &said, &err)) {
            ctl_refused(ctl, &err);
            exit = CTL_REFUSED;
            continue;
        }
        tell_said(uplink, &uplink->lots[i], config, &said);
        if (!is_good(uplink, &said))
            exit = CTL_REFUSED;
    }
    return exit;
}

static void tell_mistake(void *arg, const char *line)
{
    (void)arg;
    fprintf(stderr, "%s\n", line);
}

static enum ctl_exit test(const struct ctl *ctl)
{
    const char *file = ctl->words_count > 2 ? ctl->words[2] : "/etc/parkd/parkd.conf";
    const struct uplink_settings *uplink = NULL;

    if (ctl->words_count < 2 || ctl->words_count > 3)
        return ctl_wrong_use(ctl, "give an uplink, and the configuration unless it is %s", file);
    struct config *config = config_load(file, tell_mistake, NULL);
    if (!config)
        return CTL_REFUSED;
    for (uint32_t i = 0; i < config->uplinks_count; i++)
        if (strcmp(config->uplinks[i].name, ctl->words[1]) == 0)
            uplink = &config->uplinks[i];
    enum ctl_exit exit = CTL_WRONG_USE;
    if (uplink && uplink->adapter->city)
        exit = try_uplink(ctl, config, uplink);
    else
        ctl_wrong_use(ctl, "\"%s\" is no uplink to a city platform in %s", ctl->words[1], file);
    config_free(config);
    return exit;
}

enum ctl_exit uplink_command(const struct ctl *ctl)
{
    static const struct {
        const char *name;
        enum ctl_exit (*run)(const struct ctl *ctl);
    } acts[] = {{"check", check}, {"recheck", recheck}, {"keygen", keygen}, {"test", test}};
    const char *act = ctl->words_count > 0 ? ctl->words[0] : "";

    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++)
        if (strcmp(acts[i].name, act) == 0)
            return acts[i].run(ctl);
    return ctl_wrong_use(ctl, "give \"check\", \"recheck\", \"keygen\" or \"test\"");
}
