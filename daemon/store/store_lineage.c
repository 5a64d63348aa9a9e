/* An older copy of the database that is put to use: noticed, told, and gone on from. See inside.h.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/store/inside.h"

bool store_is_behind(struct store *store)
{
    const struct acknowledged *known = &store->acknowledged;
    struct hash hash;
    char id[RECORD_ID_SIZE];

    if (!known->id[0])
        return false;
    if (known->seq > store->head.seq)
        return true;
    if (known->seq < store->head.first || !store_hash(store, known->seq, &hash, NULL))
        return false; /* pruned since */
    chain_id(&hash, id);
    return strcmp(id, known->id) != 0;
}

/* What a platform holds and this database does not. Of a history that went another way from an
 * unknown place on, at least the record that was acknowledged. */
static bool declare_loss(struct store *store, struct store_head *head, uint64_t last,
                         struct err *err)
{
    const struct acknowledged *known = &store->acknowledged;
    struct record record = {.kind = RECORD_LOSS, .at = clock_utc()};

    text_copy(record.loss.what, sizeof record.loss.what, "records");
    record.loss.count = known->seq > last ? known->seq - last : 1;
    record.loss.from = record.loss.to = record.at;
    snprintf(record.loss.reason, sizeof record.loss.reason,
             "the database ends with record %" PRIu64 ", platforms have record %" PRIu64, last,
             known->seq);
    log_error("store: an older copy of the database was put back: %s; what is missing stays with "
              "the platforms only",
              record.loss.reason);
    return store_append_own(store, &record, head, err);
}

/* The next record may have been written differently before, and must not get the same id. */
bool store_begin_lineage(struct store *store, struct store_head *head, struct err *err)
{
    uint8_t bytes[(STORE_LINEAGE_SIZE - 1) / 2];
    struct record record = {.kind = RECORD_OPERATOR, .at = clock_utc()};
    uint64_t last = head->seq;

    crypto_random(bytes, sizeof bytes);
    crypto_hex(bytes, sizeof bytes, head->lineage);
    text_copy(record.operator_act.act, sizeof record.operator_act.act, "restored");
    text_copy(record.operator_act.subject, sizeof record.operator_act.subject, head->lineage);
    text_copy(record.operator_act.actor, sizeof record.operator_act.actor, "parkd");
    snprintf(record.operator_act.reason, sizeof record.operator_act.reason,
             "a backup that ended with record %" PRIu64 " was put to use", last);
    if (!store_append_own(store, &record, head, err) ||
        (store_is_behind(store) && !declare_loss(store, head, last, err)))
        return false;
    struct statement *update =
        sql_prepare(store->sql, "UPDATE meta SET lineage = ?1, copied = 0", err);
    if (!update)
        return false;
    sql_bind_text(update, 1, head->lineage, strlen(head->lineage));
    bool good = sql_do(update, err);
    sql_finalize(update);
    return good;
}

void store_note_acknowledged(struct store *store, uint64_t seq)
{
    struct hash hash;
    char id[RECORD_ID_SIZE];

    if (seq <= store->acknowledged.seq || !store_hash(store, seq, &hash, NULL))
        return;
    chain_id(&hash, id);
    acknowledged_write(&store->acknowledged, seq, id);
}

void store_note_head(struct store *store)
{
    char id[RECORD_ID_SIZE];

    chain_id(&store->head.hash, id);
    acknowledged_write(&store->acknowledged, store->head.seq, id);
}
