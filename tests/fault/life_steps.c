/* What happens in the life of a store. See life.h; a new kind of step is a row of `steps`. */
#include <inttypes.h>

#include "tests/fault/life.h"

static void promise(struct life *life, const struct store_row *row)
{
    if (row->seq > life->acked)
        life->acked = row->seq;
    life->digests[row->seq] = life_digest(row);
    life->counts.acknowledged++;
}

/* Negative controls: the numbers that the records will get, if nothing comes in between. */
static void tell_early(struct life *life, bool sends)
{
    uint64_t head = world_head(life->store);
    struct world *world = life->world;

    for (size_t i = 0; i < world->count; i++) {
        struct store_row row = world->rows[i];
        row.seq = head + 1 + i;
        if (!sends) {
            promise(life, &row);
            continue;
        }
        life->receivers[0].told[row.seq] = life_digest(&row);
        life->receivers[0].told_to = row.seq;
    }
}

/* The uplinks' progress goes with the batch, as the worker merges it. */
static size_t take_progress(struct life *life, struct outbox_progress *ret)
{
    size_t count = 0;

    for (int i = 0; i < LIFE_UPLINKS; i++) {
        if (!outbox_progress(life->receivers[i].outbox, &ret[count]))
            continue;
        snprintf(ret[count].uplink, sizeof ret[count].uplink, "%s", life->receivers[i].name);
        count++;
    }
    return count;
}

static void feed(struct life *life, const struct store_row *rows, size_t count)
{
    for (int i = 0; i < LIFE_UPLINKS; i++)
        outbox_fresh(life->receivers[i].outbox, rows, count);
}

/* A group commit: records of one turn, and the progress so far. What fails is tried once more, as
 * the store thread does; then the daemon ends. */
static bool commit(struct life *life, struct err *err)
{
    struct world *world = life->world;
    struct outbox_progress progress[LIFE_UPLINKS];

    struct store_batch batch = {
        .rows = world->rows, .rows_count = world->count, .progress = progress};
    batch.progress_count = take_progress(life, progress);
    if (life->control == CONTROL_ACK_FIRST || life->control == CONTROL_SEND_FIRST)
        tell_early(life, life->control == CONTROL_SEND_FIRST);
    bool good = store_commit(life->store, &batch, err) || store_commit(life->store, &batch, err);
    if (good) {
        for (size_t i = 0; i < world->count && life->control != CONTROL_ACK_FIRST; i++)
            promise(life, &world->rows[i]);
        feed(life, world->rows, world->count);
        life->counts.commits++;
    }
    world->count = 0;
    return good;
}

static bool step_commit(struct life *life, struct err *err)
{
    for (size_t n = 1 + life_random(life, 20); n > 0; n--)
        world_happen(life->world);
    return commit(life, err);
}

/* Vehicles at the lanes: passages, commands and their outcomes, stays, orders, payments, refunds.
 */
static bool step_lanes(struct life *life, struct err *err)
{
    struct life_yard *yard = life->yard;

    yard->head = world_head(life->store);
    yard->under_way = true;
    for (size_t n = 1 + life_random(life, 6); n > 0; n--)
        yard_happen(&yard->now);
    if (life->world->count > 0 && !commit(life, err))
        return false;
    yard->durable = yard->now;
    yard->under_way = false;
    return true;
}

struct pages {
    struct life *life;
    struct outbox *outbox;
    uint64_t last;
};

/* One row a page: the outbox copies what it takes. */
static bool give_row(void *arg, const struct store_row *row)
{
    struct pages *pages = arg;

    pages->last = row->seq;
    outbox_page(pages->outbox, row, 1, row->seq == world_head(pages->life->store),
                pages->life->now);
    return false;
}

static bool fill(struct life *life, struct outbox *outbox, struct err *err)
{
    struct pages pages = {.life = life, .outbox = outbox};
    uint64_t from;
    uint32_t limit;

    for (int i = 0; i < 40 && outbox_wants(outbox, life->now, &from, &limit); i++) {
        pages.last = 0;
        if (!store_read(life->store, from, limit, give_row, &pages, err))
            return false;
        if (!pages.last)
            outbox_page(outbox, NULL, 0, true, life->now);
    }
    return true;
}

static void tell(struct receiver *receiver, const struct store_row *row)
{
    uint64_t digest = life_digest(row), *told = &receiver->told[row->seq];

    receiver->repeats += *told == digest;
    receiver->doubled += *told && *told != digest;
    *told = digest;
    if (row->seq > receiver->told_to)
        receiver->told_to = row->seq;
}

/* What the platform says to one record: mostly yes; or the answer is lost on its way. */
static void answer(struct life *life, struct receiver *receiver, uint32_t ticket)
{
    bool silent = life->control == CONTROL_MARK_FIRST && life_random(life, 4) == 0;

    switch (life_random(life, 12)) {
    case 0:
        outbox_later(receiver->outbox, ticket, life->now, -1, "busy");
        break;
    case 1:
        outbox_refused(receiver->outbox, ticket, "will not have it");
        break;
    case 2: /* it was told, and we do not know */
        tell(receiver, outbox_row(receiver->outbox, ticket));
        outbox_release(receiver->outbox, ticket);
        break;
    default:
        if (!silent)
            tell(receiver, outbox_row(receiver->outbox, ticket));
        outbox_delivered(receiver->outbox, ticket);
    }
}

static bool step_send(struct life *life, struct err *err)
{
    struct receiver *receiver = &life->receivers[life_random(life, LIFE_UPLINKS)];
    uint32_t tickets[16];

    life->now.ms += (int64_t)life_random(life, 400);
    if (!fill(life, receiver->outbox, err))
        return false;
    size_t count = outbox_take(receiver->outbox, 1 + life_random(life, 16), tickets);
    for (size_t i = 0; i < count; i++)
        answer(life, receiver, tickets[i]);
    return true;
}

/* Somebody looks at what was set aside; without it the tables of exceptions fill up. */
static bool step_operator(struct life *life, struct err *err)
{
    struct outbox *outbox = life->receivers[life_random(life, LIFE_UPLINKS)].outbox;

    (void)err;
    if (life_random(life, 3))
        outbox_retry(outbox, 0, life->now);
    else
        outbox_drop(outbox, 0, "given up");
    return true;
}

static bool step_tidy(struct life *life, struct err *err)
{
    return store_tidy(life->store, life_random(life, 2), err);
}

static bool step_project(struct life *life, struct err *err)
{
    return store_catch_up(life->store, err);
}

static bool step_checkpoint(struct life *life, struct err *err)
{
    return sql_checkpoint(life->store->sql, err);
}

/* The store's own record takes part in everything. */
static void tell_own(struct life *life, const struct record *record)
{
    char bytes[RECORD_BODY_MAX + 1];
    struct text body;

    text_init(&body, bytes, sizeof bytes);
    record_encode(record, NULL, &body);
    struct store_row row = {.seq = world_head(life->store),
                            .at = record->at,
                            .kind = record->kind,
                            .body = body.bytes,
                            .body_size = body.used};
    promise(life, &row);
    feed(life, &row, 1);
}

static bool step_prune(struct life *life, struct err *err)
{
    utc_ms now = {life->world->at_ms}, before = {now.ms - 200000};
    struct record record;

    if (!store_prune(life->store, before, now, 1 + life_random(life, 100), &record, err))
        return false;
    if (record.retention.count)
        tell_own(life, &record);
    life->counts.pruned += record.retention.count;
    return true;
}

static bool step_seal(struct life *life, struct err *err)
{
    struct record record;

    if (!store_seal(life->store, (utc_ms){life->world->at_ms}, &record, err))
        return false;
    if (record.seal.through_seq)
        tell_own(life, &record);
    return true;
}

static bool between(void *arg, int done, int total)
{
    struct life *life = arg;
    struct err err;

    (void)done;
    (void)total;
    return life_random(life, 3) || step_commit(life, &err);
}

static bool step_backup(struct life *life, struct err *err)
{
    uint64_t head = world_head(life->store);

    if (!store_backup(life->store, life->backup, between, life, err))
        return false;
    life->backed_up = head;
    life->counts.backups++;
    return true;
}

static bool step_restart(struct life *life, struct err *err)
{
    life_stop(life);
    return life_start(life, err);
}

static bool step_rebuild(struct life *life, struct err *err)
{
    return store_rebuild(life->store, err);
}

static const struct {
    unsigned weight;
    bool (*take)(struct life *life, struct err *err);
} steps[] = {
    {70, step_commit},    {60, step_lanes},   {120, step_send},  {10, step_tidy},
    {8, step_project},    {6, step_prune},    {2, step_backup},  {3, step_restart},
    {8, step_checkpoint}, {4, step_operator}, {1, step_rebuild}, {6, step_seal},
};
enum { STEPS = sizeof steps / sizeof *steps };

bool life_step(struct life *life)
{
    unsigned all = 0, at = 0;
    struct err err;

    for (int i = 0; i < STEPS; i++)
        all += steps[i].weight;
    uint64_t drawn = life_random(life, all);
    while (drawn >= steps[at].weight)
        drawn -= steps[at++].weight;
    life->counts.steps++;
    if (steps[at].take(life, &err))
        return true;
    snprintf(life->why, sizeof life->why, "%s", err.text);
    return false;
}

bool life_run(struct life *life, size_t count)
{
    for (; count > 0 && world_head(life->store) + 2 * WORLD_ROWS < LIFE_SEQS; count--)
        if (!life_step(life) || disk_is_cut(life->disk))
            return false;
    return true;
}
