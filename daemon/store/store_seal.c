/* Seals of the chain, and the epochs of plates that are erased. See store.h, ratchet.h, plates.h.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/crash.h"
#include "daemon/base/log.h"
#include "daemon/store/inside.h"

/* Of steps that a key file may lie behind its journal: a century of hours. */
enum { BEHIND_MAX = 1000000 };

/* A seal on its way: the record, the head that moves with it, and the epoch that goes; 0 none. */
struct sealing {
    struct record record;
    struct store_head head;
    uint64_t erased;
};

static bool append(struct store *store, struct sealing *sealing, struct err *err)
{
    struct ratchet after = store->keys.ratchet;
    struct chain at = {sealing->head.seq, sealing->head.hash};
    struct hash seal = ratchet_seal(&after, &at);
    struct record *record = &sealing->record;

    record->kind = RECORD_SEAL;
    record->seal.epoch = after.epoch;
    record->seal.through_seq = at.seq;
    crypto_hex(seal.bytes, sizeof seal.bytes, record->seal.seal);
    ratchet_step(&after);
    struct hash commitment = ratchet_commitment(&after);
    crypto_wipe(&after, sizeof after);
    crypto_hex(commitment.bytes, sizeof commitment.bytes, record->seal.next);
    return store_append_own(store, record, &sealing->head, err);
}

static bool seal_step(struct store *store, void *arg, struct err *err)
{
    struct sealing *sealing = arg;
    const struct keys *keys = &store->keys;

    if (sealing->erased &&
        (!store_project(store, store->head.seq, err) ||
         !plates_erase(store->plates, sealing->erased, &keys->epochs[keys->epochs_count - 1], err)))
        return false;
    return append(store, sealing, err);
}

/* The record is durable before the older key goes: an end in between is made up for at the next
 * start. That the file does not take it now is no failure of the record. */
static bool seal(struct store *store, struct sealing *sealing, struct err *err)
{
    struct err why;

    sealing->head = store->head;
    if (!store_transact(store, seal_step, sealing, err))
        return false;
    if (sealing->erased)
        store->projected = store->head.seq;
    store->head = sealing->head;
    store->sealed = store->head.seq;
    crash_point("sealed");
    ratchet_step(&store->keys.ratchet);
    bool saved = sealing->erased ? keys_destroy_epoch(&store->keys, sealing->erased, &why)
                                 : keys_save(&store->keys, &why);
    if (!saved)
        log_warning("store: an old key could not be destroyed yet: %s", why.text);
    crash_point("ratcheted");
    return true;
}

uint64_t store_unsealed(const struct store *store)
{
    return store->head.seq - store->sealed;
}

bool store_seal(struct store *store, utc_ms now, struct record *ret, struct err *err)
{
    struct sealing sealing = {.record = {.at = now}};

    if (store_unsealed(store) && !seal(store, &sealing, err))
        return false;
    *ret = sealing.record;
    return true;
}

bool store_erase_plates(struct store *store, utc_ms before, utc_ms now, struct record *ret,
                        struct err *err)
{
    struct sealing sealing = {.record = {.at = now}};
    const struct keys *keys = &store->keys;
    utc_ms ended;

    for (uint64_t i = 0; i < keys->epochs_count && !sealing.erased; i++)
        if (keys_epoch_ended(keys, keys->epochs[i].id, &ended) && ended.ms <= before.ms)
            sealing.erased = keys->epochs[i].id;
    if (sealing.erased) {
        snprintf(sealing.record.seal.erased, sizeof sealing.record.seal.erased, "plates %" PRIu64,
                 sealing.erased);
        if (!seal(store, &sealing, err))
            return false;
        log_info("store: the key of the plates of epoch %" PRIu64 " is destroyed", sealing.erased);
    }
    *ret = sealing.record;
    return true;
}

/* What the newest seal of the journal says; `seq` 0 when there is none. */
struct newest_seal {
    uint64_t seq, epoch;
    char next[HASH_HEX_SIZE];
};

static bool read_newest(struct store *store, struct newest_seal *ret, struct err *err)
{
    struct statement *select =
        sql_prepare(store->sql,
                    "SELECT seq, body->>'epoch', body->>'next' FROM journal WHERE kind = 'seal' "
                    "AND kind <> 'bay_changed' ORDER BY seq DESC LIMIT 1",
                    err);

    if (!select)
        return false;
    enum sql_step step = sql_step(select, err);
    if (step == SQL_ROW) {
        ret->seq = (uint64_t)sql_int(select, 0);
        ret->epoch = (uint64_t)sql_int(select, 1);
        text_copy(ret->next, sizeof ret->next, sql_text(select, 2, NULL));
    }
    sql_finalize(select);
    return step != SQL_FAILED;
}

static bool is_committed(const struct store *store, const struct newest_seal *newest)
{
    struct hash commitment = ratchet_commitment(&store->keys.ratchet);
    char hex[HASH_HEX_SIZE];

    return newest->epoch + 1 != store->keys.ratchet.epoch ||
           !strcmp(newest->next, crypto_hex(commitment.bytes, sizeof commitment.bytes, hex));
}

bool store_begin_sealing(struct store *store, struct err *err)
{
    struct newest_seal newest = {.seq = 0};
    struct ratchet *ratchet = &store->keys.ratchet;
    struct record record;
    bool strange = store->keys.fresh;

    if (!read_newest(store, &newest, err))
        return false;
    store->sealed = newest.seq;
    if (newest.seq && !strange) {
        if (newest.epoch >= ratchet->epoch && newest.epoch - ratchet->epoch < BEHIND_MAX) {
            while (ratchet->epoch <= newest.epoch)
                ratchet_step(ratchet);
            if (!keys_save(&store->keys, err))
                return false;
        }
        strange = !is_committed(store, &newest);
    }
    if (!strange || !store->head.seq)
        return true;
    if (newest.seq)
        log_warning("store: the key file is not the one that sealed the newest records; the chain "
                    "goes on with this one, and a seal says from where");
    return store_seal(store, clock_utc(), &record, err);
}
