/*
 * The store: one SQLite file that holds the journal (all records, hash-chained), projections (the
 * latest of each thing, computed from the journal alone) and each uplink's delivery state.
 * Blocking: the daemon calls it from the store worker only (store_worker.h), parkctl opens it
 * read-only. A struct store is used by one thread at a time.
 *
 * One connection writes and checkpoints (reliability S2); WAL, synchronous=FULL, read back at
 * opening. hash(n) = SHA-256(hash(n-1) ‖ seq ‖ at ‖ kind ‖ 0 ‖ body), integers 64-bit big-endian;
 * hash(0) is the hash of the database's random genesis; seals with keys that are destroyed after
 * use stand in the chain (ratchet.h). A record's id is the first 16 bytes of its
 * hash in hex: made once, before any attempt to deliver, and bound to its content. A backup that is
 * put into use goes on with a record that holds a random lineage, so ids never come twice.
 */
/* long: the contract of the store is read as one page */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "daemon/base/crypto.h"
#include "daemon/base/err.h"
#include "daemon/store/row.h"

enum { STORE_SCHEMA_VERSION = 7, STORE_LINEAGE_SIZE = 31 };

struct store;
enum store_mode { STORE_WRITE, STORE_READ };

/* Creates the file (mode 0600) when it is not there and `mode` is STORE_WRITE; migrates forward. A
 * second writer, a newer schema, a file that is no database, a chain head that does not verify:
 * refused with the next step. */
struct store *store_open(const char *path, enum store_mode mode, struct err *err);
/* The same for a service that must go on: a file that is damaged (all of it is read to know) is
 * renamed to PATH.damaged-TIME, and a fresh one begins with a record of the loss. */
struct store *store_open_or_begin(const char *path, struct err *err);
void store_close(struct store *store); /* takes NULL */
/* After a failure: whether it was damage. Then store_suspect() asks the next
 * store_open_or_begin() to look at the whole file, and the process ends. */
bool store_is_damaged(const struct store *store);
void store_suspect(const struct store *store);

/* All or nothing; durable when it returns true. On false nothing of the batch is in the file, and
 * the same batch may be committed again. */
bool store_commit(struct store *store, struct store_batch *batch, struct err *err);

struct store_head {
    uint64_t seq;   /* of the newest record; 0 in an empty journal */
    uint64_t first; /* oldest record of the chain that is still held */
    struct hash hash;
    char lineage[STORE_LINEAGE_SIZE];
};
void store_head(const struct store *store, struct store_head *ret); /* a reader's: when opened */

/* The journal holds tokens for plates (plates.h); rows that are told have the plates, where the key
 * file beside the database can be read and the epoch is not erased, else the tokens. A query over
 * the tables can join tokens of one epoch; what it shows of them comes from plate_reader.h. */
typedef bool store_row_fn(void *arg, const struct store_row *row); /* false stops */

/* Rows with seq >= from in order, at most `limit`; of pruned ones those that are still wanted. */
bool store_read(struct store *store, uint64_t from, size_t limit, store_row_fn *fn, void *arg,
                struct err *err);

/* The projection: the latest row of each subject of `kind`, in the order of the subjects' ids.
 * Subjects: bay_changed the bay, bay_health the bay and condition, device_health the device. */
bool store_latest(struct store *store, enum record_kind kind, store_row_fn *fn, void *arg,
                  struct err *err);

/* Every record of a kind that is held, in order. Reads the whole journal: for people. */
bool store_of_kind(struct store *store, enum record_kind kind, store_row_fn *fn, void *arg,
                   struct err *err);

/* In the order of the journal: every record that the live state of lanes, stays and money stands
 * on, so that its fold is the fold of the whole journal. Those of stays that are open, owe, or left
 * since `since` (they may be re-opened); plates on lists; open shifts; each lane's last word;
 * commands without an outcome; each lot's last entry of occupancy and the passages behind it; the
 * last STORE_READS reads of plates; the last orders of platforms; clock steps since the oldest of
 * those stays. */
enum { STORE_READS = 8192 };
bool store_standing(struct store *store, utc_ms since, store_row_fn *fn, void *arg,
                    struct err *err);

/* Each uplink of the file, also those that nobody names any more. */
bool store_uplinks(struct store *store, store_uplink_fn *fn, void *arg, struct err *err);

/* How many records an uplink has not delivered, pending or set aside; `ret_from`: the oldest of
 * them was made then, 0 when there is none. */
bool store_undelivered(struct store *store, const char *uplink, uint64_t *ret, utc_ms *ret_from,
                       struct err *err);

/* An uplink's state as persisted; one that is not known yet begins after the head, and a writer
 * enters it at once. `ret->marks` is allocated (exceptions, by seq): the caller frees it. */
bool store_progress(struct store *store, const char *uplink, struct outbox_progress *ret,
                    struct err *err);

/* What is removed from the journal is held longer by its class: so many days, 0 not (at first all).
 * Bays: they and devices, the gateway. Lanes: reads, decisions, barriers, passages, occupancy.
 * Money: stays, orders, what was paid, lists, shifts, closed days, and the seals and retentions
 * beside it. */
enum store_class { STORE_BAYS, STORE_LANES, STORE_MONEY, STORE_CLASSES };
void store_keep(struct store *store, const int64_t days[STORE_CLASSES]);

/* Removes rows older than `before` from the front, at most `limit`, none that an uplink has yet to
 * come to; appends the retention record that anchors the chain: `ret`, which is the head then. Its
 * count is 0, and there is no such record, when nothing had to go. */
bool store_prune(struct store *store, utc_ms before, utc_ms now, size_t limit, struct record *ret,
                 struct err *err);

/* Appends a seal of the chain up to the head, and destroys the key that made it (ratchet.h): `ret`,
 * which is the head then; its epoch is that key's. Nothing, and through_seq 0, when nothing has
 * come since the last. */
bool store_seal(struct store *store, utc_ms now, struct record *ret, struct err *err);
uint64_t store_unsealed(const struct store *store); /* records since the last */

/* Erases the oldest epoch of plates that had ended by `before`: its key goes, and with it every
 * plate that nothing stands on any more. A seal says so: `ret`, as above. */
bool store_erase_plates(struct store *store, utc_ms before, utc_ms now, struct record *ret,
                        struct err *err);

/* Copies the open database to `path` in small steps, checks the copy, syncs it and renames it into
 * place. Between steps `between` (may be NULL) is told done and total pages (total 0 while the copy
 * is checked); it may commit, and gives up cleanly by returning false. The keys of plates go to
 * PATH-keys. On failure neither is left, and an earlier backup of that name can still be read. */
typedef bool store_between_fn(void *arg, int done, int total);
bool store_backup(struct store *store, const char *path, store_between_fn *between, void *arg,
                  struct err *err);

/* One small step of what has to be done between commits, or none: brings the projections on, moves
 * the WAL into the file. More of it when the caller is `idle`. */
bool store_tidy(struct store *store, bool idle, struct err *err);

/* Empties the projections and computes them from the journal and the held rows again. */
bool store_rebuild(struct store *store, struct err *err);

#endif
