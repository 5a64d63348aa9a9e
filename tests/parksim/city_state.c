/*
 * Held in jansson's own hash tables. Lines of the file: {"record":…,"site":…}, {"vacancy":…},
 * {"key":…,"sha256":…}, {"violation":…}, each with the time of arrival on both clocks.
 */
#include "tests/parksim/city_state.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/parksim/sim.h"

enum { SHA_HEX = 65, BAY_KEY = 160, VIOLATIONS_SHOWN = 20 };

struct city_state {
    FILE *file;
    json_t *records;    /* id: SHA-256 of the record */
    json_t *keys;       /* Idempotency-Key: SHA-256 of the body */
    json_t *bays;       /* "site/bay": {"seq","to"} */
    json_t *lots;       /* id: vacancy with "received_at" */
    json_t *violations; /* the first so many */
    json_t *passed;     /* ids of records that were refused for reasons of our own */
    json_int_t accepted, duplicates, vacancies, older_vacancies, violations_count;
};

static void sha256(const char *bytes, size_t size, char hex[SHA_HEX])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned digest_size;
    if (!EVP_Digest(bytes, size, digest, &digest_size, EVP_sha256(), NULL))
        sim_fail("SHA-256 failed");
    for (unsigned i = 0; i < digest_size; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

static void digest_record(const json_t *record, char hex[SHA_HEX])
{
    char *text = json_dumps(record, JSON_COMPACT | JSON_SORT_KEYS);
    if (!text)
        sim_fail("out of memory");
    sha256(text, strlen(text), hex);
    free(text);
}

/* Takes `line`; NULL (something in it was no UTF-8) is not kept. */
static void append(struct city_state *state, json_t *line)
{
    if (state->file && line) {
        json_object_set_new(line, "mono_us", json_integer(sim_mono_us()));
        json_object_set_new(line, "utc_ms", json_integer(sim_utc_ms()));
        if (json_dumpf(line, state->file, JSON_COMPACT) < 0 || fputc('\n', state->file) == EOF)
            sim_fail("state file: %s", strerror(errno));
    }
    json_decref(line);
}

static void hold_violation(struct city_state *state, json_t *text)
{
    state->violations_count++;
    if (json_array_size(state->violations) < VIOLATIONS_SHOWN)
        json_array_append(state->violations, text);
}

void city_state_violation(struct city_state *state, const char *what, const char *which)
{
    json_t *text = json_sprintf("%s: %s", which, what);
    if (!text) /* `which` came from outside and is no UTF-8 */
        text = json_string(what);
    hold_violation(state, text);
    append(state, json_pack("{so}", "violation", text));
    city_state_flush(state);
}

bool city_state_key(struct city_state *state, const char *key, const char *bytes, size_t size)
{
    char hex[SHA_HEX];
    sha256(bytes, size, hex);
    const char *held = json_string_value(json_object_get(state->keys, key));
    if (held)
        return strcmp(held, hex) == 0;
    json_object_set_new(state->keys, key, json_string(hex));
    append(state, json_pack("{ss,ss}", "key", key, "sha256", hex));
    return true;
}

static const char *member(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

static json_int_t seq_of(const json_t *object)
{
    return json_integer_value(json_object_get(object, "seq"));
}

static bool bay_key(const char *site, const json_t *record, char key[BAY_KEY])
{
    snprintf(key, BAY_KEY, "%.64s/%.64s", site, member(record, "bay"));
    return strcmp(member(record, "type"), "bay_changed") == 0;
}

/* What is wrong with the order of this record among those of its bay; NULL: nothing. */
static const char *order_wrong(const struct city_state *state, const char *site,
                               const json_t *record)
{
    char key[BAY_KEY];
    if (!bay_key(site, record, key))
        return NULL;
    const json_t *last = json_object_get(state->bays, key);
    if (!last)
        return NULL;
    if (seq_of(record) <= seq_of(last))
        return "its seq is not above the last of its bay";
    if (strcmp(member(record, "from"), member(last, "to")) != 0)
        return "it begins in another state than the last of its bay ended in";
    return NULL;
}

/* The next one of its bay follows on `record`. */
static void follow(struct city_state *state, const char *site, const json_t *record)
{
    char key[BAY_KEY];
    if (bay_key(site, record, key))
        json_object_set_new(
            state->bays, key,
            json_pack("{sI,ss}", "seq", seq_of(record), "to", member(record, "to")));
}

static void pass_over(struct city_state *state, const char *site, const json_t *record)
{
    follow(state, site, record);
    json_object_set_new(state->passed, member(record, "id"), json_true());
}

void city_state_passed_over(struct city_state *state, const char *site, const json_t *record)
{
    pass_over(state, site, record);
    append(state, json_pack("{sO,ss}", "passed_over", record, "site", site));
}

/* One that was refused may come again when a person says so: late, and followed by others. */
static bool comes_late(const struct city_state *state, const json_t *record)
{
    return json_object_get(state->passed, member(record, "id")) != NULL;
}

static void hold_record(struct city_state *state, const char *site, const json_t *record)
{
    char hex[SHA_HEX];
    digest_record(record, hex);
    json_object_set_new(state->records, member(record, "id"), json_string(hex));
    if (!comes_late(state, record))
        follow(state, site, record);
    state->accepted++;
}

const char *city_state_record(struct city_state *state, const char *site, const json_t *record,
                              const char **ret_reason)
{
    const char *id = member(record, "id");
    const char *held = json_string_value(json_object_get(state->records, id));
    char hex[SHA_HEX];
    digest_record(record, hex);
    if (held && strcmp(held, hex) != 0) {
        *ret_reason = "this id was used for another record";
        city_state_violation(state, *ret_reason, id);
        return "refused";
    }
    if (held) {
        state->duplicates++;
        return "duplicate";
    }
    const char *wrong = comes_late(state, record) ? NULL : order_wrong(state, site, record);
    if (wrong)
        city_state_violation(state, wrong, id);
    hold_record(state, site, record);
    append(state, json_pack("{sO,ss}", "record", record, "site", site));
    return "accepted";
}

static void hold_vacancy(struct city_state *state, const json_t *vacancy, json_int_t utc_ms)
{
    const char *lot = member(vacancy, "lot");
    const json_t *held = json_object_get(state->lots, lot);
    char at[SIM_TIME_SIZE];
    state->vacancies++;
    if (held && strcmp(member(vacancy, "as_of"), member(held, "as_of")) < 0) {
        state->older_vacancies++;
        return;
    }
    json_t *copy = json_copy((json_t *)vacancy);
    json_object_set_new(copy, "received_at", json_string(sim_utc_text(utc_ms, at)));
    json_object_set_new(state->lots, lot, copy);
}

void city_state_vacancy(struct city_state *state, const json_t *vacancy)
{
    hold_vacancy(state, vacancy, sim_utc_ms());
    append(state, json_pack("{sO}", "vacancy", vacancy));
}

void city_state_flush(struct city_state *state)
{
    if (state->file && fflush(state->file) != 0)
        sim_fail("state file: %s", strerror(errno));
}

static void restore_line(struct city_state *state, const json_t *line)
{
    const json_t *record = json_object_get(line, "record");
    const json_t *vacancy = json_object_get(line, "vacancy");
    const json_t *passed = json_object_get(line, "passed_over");
    json_t *violation = json_object_get(line, "violation");
    if (record)
        hold_record(state, member(line, "site"), record);
    if (passed)
        pass_over(state, member(line, "site"), passed);
    if (vacancy)
        hold_vacancy(state, vacancy, json_integer_value(json_object_get(line, "utc_ms")));
    if (violation)
        hold_violation(state, violation);
    if (json_object_get(line, "key"))
        json_object_set(state->keys, member(line, "key"), json_object_get(line, "sha256"));
}

/* A line that a kill has cut was never answered for. True when the last one was cut. */
static bool restore(struct city_state *state, const char *path)
{
    FILE *file = fopen(path, "re");
    char *text = NULL;
    size_t size = 0;
    ssize_t used;
    bool cut = false;
    while (file && (used = getline(&text, &size, file)) > 0) {
        json_t *line = json_loads(text, 0, NULL);
        if (line)
            restore_line(state, line);
        json_decref(line);
        cut = text[used - 1] != '\n';
    }
    free(text);
    if (file)
        fclose(file);
    return cut;
}

struct city_state *city_state_create(const char *path)
{
    struct city_state *state = sim_alloc(1, sizeof *state);
    state->records = json_object();
    state->keys = json_object();
    state->bays = json_object();
    state->lots = json_object();
    state->violations = json_array();
    state->passed = json_object();
    if (!path)
        return state;
    bool cut = restore(state, path);
    state->file = fopen(path, "ae");
    if (!state->file)
        sim_fail("%s: %s", path, strerror(errno));
    if (cut)
        fputc('\n', state->file);
    return state;
}

void city_state_destroy(struct city_state *state)
{
    if (state->file)
        fclose(state->file);
    json_decref(state->passed);
    json_decref(state->violations);
    json_decref(state->lots);
    json_decref(state->bays);
    json_decref(state->keys);
    json_decref(state->records);
    free(state);
}

json_t *city_state_lots(const struct city_state *state)
{
    json_t *lots = json_array();
    const char *id;
    json_t *lot;
    json_object_foreach(state->lots, id, lot) json_array_append(lots, lot);
    return lots;
}

json_t *city_state_status(const struct city_state *state)
{
    return json_pack("{sI,sI,sI,sI,sI,sO}", "accepted", state->accepted, "duplicates",
                     state->duplicates, "vacancies", state->vacancies, "older_vacancies",
                     state->older_vacancies, "violations", state->violations_count,
                     "first_violations", state->violations);
}
