/*
 * The book in memory: jansson objects by key. See city_book.h.
 */
#include "tests/parksim/city_book.h"

#include <stdlib.h>
#include <string.h>

#include "tests/parksim/sim.h"

enum { LOTS_MAX = 64, LATE_MS = 10000, LAST_MAX = 20, BREACHES_MAX = 200 };

struct lot {
    struct book_lot public;
    char *key, *platform_key;
    json_t *stays;  /* by key: {"in","in_at","out","out_at"} */
    json_t *others; /* by kind: by key */
    json_t *last;   /* newest first, for the page */
    int64_t total, free, counts_at;
    int64_t beats, beat_at, beat_gap_ms;
    int64_t entries, exits, late_entries, late_exits, worst_ms;
};

struct city_book {
    json_t *registered;
    struct book_clock clock;
    book_late_fn *late;
    void *late_arg;
    int64_t skew_ms;
    struct lot lots[LOTS_MAX];
    size_t lots_count;
    json_t *breaches;
    int64_t breaches_count;
};

/* A PEM text, or the file that holds it. */
static char *key_text(const json_t *lot, const char *name)
{
    const char *text = json_string_value(json_object_get(lot, name));

    if (!text || strncmp(text, "-----", 5) == 0)
        return text ? sim_copy(text) : NULL;
    char *held = sim_file(text);
    if (!held)
        sim_fail("%s: %s cannot be read", name, text);
    return held;
}

static void add_lot(struct city_book *book, const char *platform, const json_t *from)
{
    struct lot *lot = &book->lots[book->lots_count++];

    if (book->lots_count == LOTS_MAX)
        sim_fail("more than %d lots are registered", LOTS_MAX - 1);
    *lot = (struct lot){.key = key_text(from, "key"),
                        .platform_key = key_text(from, "platform_key"),
                        .stays = json_object(),
                        .others = json_object(),
                        .last = json_array(),
                        .total = -1};
    lot->public = (struct book_lot){
        .platform = platform,
        .code = json_string_value(json_object_get(from, "code")),
        .account = json_string_value(json_object_get(from, "account")),
        .secret = json_string_value(json_object_get(from, "secret")),
        .key = lot->key,
        .platform_key = lot->platform_key,
    };
    if (!lot->public.code)
        sim_fail("a lot of \"%s\" has no code", platform);
}

struct city_book *city_book_create(const json_t *registered, struct book_clock clock)
{
    struct city_book *book = sim_alloc(1, sizeof *book);
    const char *platform;
    json_t *lots, *lot;
    size_t i;

    book->registered = registered ? json_deep_copy(registered) : json_object();
    book->clock = clock;
    book->breaches = json_array();
    json_object_foreach(book->registered, platform, lots) json_array_foreach(lots, i, lot)
        add_lot(book, platform, lot);
    return book;
}

void city_book_destroy(struct city_book *book)
{
    for (size_t i = 0; i < book->lots_count; i++) {
        json_decref(book->lots[i].stays);
        json_decref(book->lots[i].others);
        json_decref(book->lots[i].last);
        free(book->lots[i].key);
        free(book->lots[i].platform_key);
    }
    json_decref(book->breaches);
    json_decref(book->registered);
    free(book);
}

static bool same(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

const struct book_lot *city_book_lot(const struct city_book *book, const char *platform,
                                     const char *code)
{
    for (size_t i = 0; i < book->lots_count; i++) {
        const struct book_lot *lot = &book->lots[i].public;
        if (same(lot->platform, platform) && same(lot->code, code))
            return lot;
    }
    return NULL;
}

const struct book_lot *city_book_account(const struct city_book *book, const char *platform,
                                         const char *account)
{
    for (size_t i = 0; i < book->lots_count; i++) {
        const struct book_lot *lot = &book->lots[i].public;
        if (same(lot->platform, platform) && same(lot->account, account))
            return lot;
    }
    return NULL;
}

int64_t city_book_now_ms(const struct city_book *book)
{
    return book->clock.now_ms(book->clock.arg) + book->skew_ms;
}

void city_book_skew(struct city_book *book, int64_t ms)
{
    book->skew_ms = ms;
}

void city_book_when_late(struct city_book *book, book_late_fn *fn, void *arg)
{
    book->late = fn;
    book->late_arg = arg;
}

static struct lot *own(const struct book_lot *lot)
{
    return (struct lot *)lot; /* it is its first member */
}

void city_book_breach(struct city_book *book, const struct book_lot *lot, const char *what,
                      const char *which)
{
    json_t *breach = json_pack("{sI,ss?,ss,ss}", "at", (json_int_t)city_book_now_ms(book), "lot",
                               lot ? lot->code : NULL, "what", what, "which", which ? which : "");

    book->breaches_count++;
    json_array_append_new(book->breaches, breach);
    if (json_array_size(book->breaches) > BREACHES_MAX)
        json_array_remove(book->breaches, 0);
}

static void show(struct city_book *book, struct lot *lot, const char *what, const char *key)
{
    json_array_insert_new(lot->last, 0,
                          json_pack("{sI,ss,ss}", "at", (json_int_t)city_book_now_ms(book), "what",
                                    what, "key", key));
    if (json_array_size(lot->last) > LAST_MAX)
        json_array_remove(lot->last, LAST_MAX);
}

/* ---- stays ---- */

static json_t *stay_of(struct lot *lot, const char *stay)
{
    json_t *held = json_object_get(lot->stays, stay);

    if (!held) {
        held = json_object();
        json_object_set_new(lot->stays, stay, held);
    }
    return held;
}

/* One end of a stay: "in" or "out". */
struct end {
    const char *fields, *at, *name;
};
static const struct end ends[] = {{"in", "in_at", "entry"}, {"out", "out_at", "exit"}};

static enum book_taken take(struct city_book *book, struct lot *lot, bool exit, const char *stay,
                            int64_t at_ms, const json_t *fields)
{
    const struct end *end = &ends[exit];
    json_t *held = stay_of(lot, stay), *known = json_object_get(held, end->fields);
    int64_t late_ms = book->clock.now_ms(book->clock.arg) - at_ms;

    if (known && json_equal(known, fields))
        return BOOK_AGAIN;
    if (known) {
        city_book_breach(book, &lot->public, "another body under the key of a stay", stay);
        return BOOK_OTHER;
    }
    json_object_set_new(held, end->fields, json_deep_copy(fields));
    json_object_set_new(held, end->at, json_integer(at_ms));
    *(exit ? &lot->exits : &lot->entries) += 1;
    *(exit ? &lot->late_exits : &lot->late_entries) += late_ms > LATE_MS;
    if (late_ms > lot->worst_ms)
        lot->worst_ms = late_ms;
    if (late_ms > LATE_MS && book->late)
        book->late(book->late_arg, &lot->public, stay, at_ms);
    show(book, lot, end->name, stay);
    if (!exit || json_object_get(held, "in"))
        return BOOK_NEW;
    city_book_breach(book, &lot->public, "an exit before its entry", stay);
    return BOOK_EARLY;
}

enum book_taken city_book_entry(struct city_book *book, const struct book_lot *lot,
                                const char *stay, int64_t at_ms, const json_t *fields)
{
    return take(book, own(lot), false, stay, at_ms, fields);
}

enum book_taken city_book_exit(struct city_book *book, const struct book_lot *lot, const char *stay,
                               int64_t at_ms, const json_t *fields)
{
    return take(book, own(lot), true, stay, at_ms, fields);
}

enum book_taken city_book_other(struct city_book *book, const struct book_lot *lot,
                                const char *kind, const char *key, const char *stay,
                                const json_t *fields)
{
    json_t *of_kind = json_object_get(own(lot)->others, kind);

    if (!of_kind) {
        of_kind = json_object();
        json_object_set_new(own(lot)->others, kind, of_kind);
    }
    json_t *known = json_object_get(of_kind, key);
    if (known && json_equal(known, fields))
        return BOOK_AGAIN;
    if (known) {
        city_book_breach(book, lot, "another body under a key", key);
        return BOOK_OTHER;
    }
    json_object_set_new(of_kind, key, json_deep_copy(fields));
    show(book, own(lot), kind, key);
    if (!stay[0] || json_object_get(json_object_get(own(lot)->stays, stay), "in"))
        return BOOK_NEW;
    city_book_breach(book, lot, "told of a stay before its entry", stay);
    return BOOK_EARLY;
}

bool city_book_forget(struct city_book *book, const char *platform, const char *stay, bool exit)
{
    for (size_t i = 0; i < book->lots_count; i++) {
        struct lot *lot = &book->lots[i];
        json_t *held = json_object_get(lot->stays, stay);

        if ((platform && !same(lot->public.platform, platform)) ||
            !json_object_get(held, ends[exit].fields))
            continue;
        json_object_del(held, ends[exit].fields);
        json_object_del(held, ends[exit].at);
        *(exit ? &lot->exits : &lot->entries) -= 1;
        return true;
    }
    return false;
}

size_t city_book_each(const struct city_book *book, const struct book_lot *lot, bool exits,
                      int64_t from_ms, int64_t to_ms, book_stay_fn *fn, void *arg)
{
    size_t count = 0;
    const char *stay;
    json_t *held;

    (void)book;
    json_object_foreach(own(lot)->stays, stay, held)
    {
        const json_t *at = json_object_get(held, ends[exits].at);
        if (!at || json_integer_value(at) < from_ms || json_integer_value(at) >= to_ms)
            continue;
        count++;
        if (fn)
            fn(arg, stay);
    }
    return count;
}

/* ---- state ---- */

void city_book_counts(struct city_book *book, const struct book_lot *lot, int64_t total,
                      int64_t free)
{
    if (total < 0 || free < 0 || free > total)
        city_book_breach(book, lot, "more free bays than there are, or fewer than none", lot->code);
    own(lot)->total = total;
    own(lot)->free = free;
    own(lot)->counts_at = city_book_now_ms(book);
}

void city_book_beat(struct city_book *book, const struct book_lot *lot)
{
    struct lot *held = own(lot);
    int64_t now_ms = book->clock.now_ms(book->clock.arg);

    if (held->beats++ && now_ms - held->beat_at > held->beat_gap_ms)
        held->beat_gap_ms = now_ms - held->beat_at;
    held->beat_at = now_ms;
}

int64_t city_book_beats(const struct book_lot *lot)
{
    return own(lot)->beats;
}

int64_t city_book_free(const struct book_lot *lot)
{
    return own(lot)->total < 0 ? -1 : own(lot)->free;
}

static json_t *lot_status(const struct lot *lot)
{
    json_t *others = json_object();
    const char *kind;
    json_t *held;

    json_object_foreach(lot->others, kind, held)
        json_object_set_new(others, kind, json_integer((json_int_t)json_object_size(held)));
    return json_pack(
        "{ss,ss,sI,sI,sI,sI,sI,so,sI,sI,sI,sI,sI,sO}", "platform", lot->public.platform, "code",
        lot->public.code, "total", (json_int_t)lot->total, "free", (json_int_t)lot->free,
        "counts_at", (json_int_t)lot->counts_at, "entries", (json_int_t)lot->entries, "exits",
        (json_int_t)lot->exits, "others", others, "beats", (json_int_t)lot->beats, "beat_gap_ms",
        (json_int_t)lot->beat_gap_ms, "late_entries", (json_int_t)lot->late_entries, "late_exits",
        (json_int_t)lot->late_exits, "worst_ms", (json_int_t)lot->worst_ms, "last", lot->last);
}

json_t *city_book_status(const struct city_book *book)
{
    json_t *lots = json_array();

    for (size_t i = 0; i < book->lots_count; i++)
        json_array_append_new(lots, lot_status(&book->lots[i]));
    return json_pack("{so,sO,sI}", "lots", lots, "breaches", book->breaches, "breaches_count",
                     (json_int_t)book->breaches_count);
}
