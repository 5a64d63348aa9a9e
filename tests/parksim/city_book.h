/*
 * What a city's platform holds of the lots that are registered with it: stays by their key, other
 * facts by theirs, the newest counts, heartbeats, and every breach of the protocol. The same for
 * all protocols; a receiver (city_hefei.c, …) checks form and signature and enters what it took.
 * The clock is the caller's, so that a month can pass in a second. Written from the published
 * protocols, not from the gateway's code.
 */
/* long: all that a receiver may ask, on one page */
#ifndef PARKSIM_CITY_BOOK_H
#define PARKSIM_CITY_BOOK_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "tests/parksim/city_request.h"

struct city_book;

/* A lot as it is registered. Texts as given; NULL where the registration has none. */
struct book_lot {
    const char *platform; /* "hefei" */
    const char *code, *account, *secret;
    const char *key;          /* the lot's public key, PEM */
    const char *platform_key; /* the platform's private key, PEM */
};

struct book_clock {
    int64_t (*now_ms)(void *arg);
    void *arg;
};

/* `registered`: {"hefei": [{"code","account","secret","key","platform_key"}, …], …}; keys may be
 * PEM or the name of a file that holds it. */
struct city_book *city_book_create(const json_t *registered, struct book_clock clock);
void city_book_destroy(struct city_book *book);

/* NULL when no such lot (or account) is registered with the platform. */
const struct book_lot *city_book_lot(const struct city_book *book, const char *platform,
                                     const char *code);
const struct book_lot *city_book_account(const struct city_book *book, const char *platform,
                                         const char *account);
/* The platform's clock; may be wrong by city_book_skew(). */
int64_t city_book_now_ms(const struct city_book *book);
void city_book_skew(struct city_book *book, int64_t ms);

/* Is told of each entry or exit that comes later than 10 s after it happened. */
typedef void book_late_fn(void *arg, const struct book_lot *lot, const char *stay, int64_t at_ms);
void city_book_when_late(struct city_book *book, book_late_fn *fn, void *arg);

enum book_taken {
    BOOK_NEW,
    BOOK_AGAIN, /* the same under this key: no breach */
    BOOK_OTHER, /* another body under this key: noted as a breach, not taken */
    BOOK_EARLY  /* an exit, or what belongs to a stay, before its entry: noted, taken */
};
/* `at_ms`: when it happened. `fields`: what makes two of a key the same, without times of sending,
 * counts and signatures. Keeps a copy. */
enum book_taken city_book_entry(struct city_book *book, const struct book_lot *lot,
                                const char *stay, int64_t at_ms, const json_t *fields);
enum book_taken city_book_exit(struct city_book *book, const struct book_lot *lot, const char *stay,
                               int64_t at_ms, const json_t *fields);
/* Anything else of a stay ("" of none): a bill, a payment, a picture, under its own key. */
enum book_taken city_book_other(struct city_book *book, const struct book_lot *lot,
                                const char *kind, const char *key, const char *stay,
                                const json_t *fields);
void city_book_counts(struct city_book *book, const struct book_lot *lot, int64_t total,
                      int64_t free);
void city_book_beat(struct city_book *book, const struct book_lot *lot);
int64_t city_book_beats(const struct book_lot *lot); /* so many came */
int64_t city_book_free(const struct book_lot *lot);  /* the newest count; -1: none */
/* Someone broke the protocol. `lot` may be NULL. */
void city_book_breach(struct city_book *book, const struct book_lot *lot, const char *what,
                      const char *which);

/* Stays of a lot whose entry (or exit) happened from `from_ms` to before `to_ms`. */
typedef void book_stay_fn(void *arg, const char *stay);
size_t city_book_each(const struct city_book *book, const struct book_lot *lot, bool exits,
                      int64_t from_ms, int64_t to_ms, book_stay_fn *fn, void *arg);
/* A stay is lost there, as if it had never come: what a day's check has to find. `platform`: NULL
 * for whichever holds it first. */
bool city_book_forget(struct city_book *book, const char *platform, const char *stay, bool exit);

/* New reference: {"lots":[{"platform","code","total","free","counts_at","entries","exits",
 * "others":{KIND:N},"beats","beat_gap_ms","late_entries","late_exits","worst_ms",
 * "last":[…]}],"breaches":[…],"breaches_count"}. Late: more than 10 s after it happened. */
json_t *city_book_status(const struct city_book *book);

/* A protocol: requests whose path begins with `path` are its. */
struct city_receiver {
    const char *name, *path;
    struct city_answer (*receive)(struct city_book *book, const struct city_request *request);
};
extern const struct city_receiver *const city_receivers[];      /* city_receivers.c; NULL ends */
const struct city_receiver *city_receiver_of(const char *path); /* NULL: none */

#endif
