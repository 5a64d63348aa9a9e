/* What must hold after any fault. See life.h; a new rule is a row of `rules`. */
#include <inttypes.h>

#include "daemon/base/json.h"
#include "daemon/store/audit.h"
#include "tests/fault/life.h"

/* Writes the first finding into err. */
static void note_finding(void *arg, const struct audit_finding *finding)
{
    struct err *err = arg;

    if (!finding->good && !err->text[0])
        err_set(err, "%s: %s", finding->name, finding->text);
}

static bool audit_is_clean(const char *path, struct err *err)
{
    size_t breaches = 0;
    struct err found = {.text = ""};

    if (!audit_run(path, note_finding, &found, &breaches, err))
        return false;
    return !breaches || err_set(err, "%s", found.text);
}

static bool audit_rule(struct life *life, struct err *err)
{
    return audit_is_clean(life->world->path, err);
}

struct compare {
    const uint64_t *digests;
    uint64_t first, found, differ, last;
};

static bool compare_row(void *arg, const struct store_row *row)
{
    struct compare *compare = arg;

    compare->last = row->seq;
    if (!compare->digests[row->seq])
        return true;
    compare->found++;
    if (compare->digests[row->seq] != life_digest(row)) {
        compare->differ++;
        if (!compare->first)
            compare->first = row->seq;
    }
    return true;
}

/* Compares the journal with what somebody holds, up to record `to`; pruned ones have gone with the
 * anchor's word. Counts what is missing or different. */
static bool journal_has(struct life *life, const uint64_t *digests, uint64_t to, uint64_t *ret_lost,
                        struct err *err)
{
    struct compare compare = {.digests = digests};
    struct store *store = store_open(life->world->path, STORE_READ, err);
    struct store_head head;

    if (!store)
        return false;
    store_head(store, &head);
    bool good = store_read(store, 1, LIFE_SEQS, compare_row, &compare, err);
    store_close(store);
    if (!good)
        return false;
    *ret_lost = compare.differ;
    for (uint64_t seq = head.seq + 1; seq <= to; seq++)
        *ret_lost += digests[seq] != 0;
    if (!*ret_lost)
        return true;
    return err_set(err,
                   "%" PRIu64 " records up to %" PRIu64 " are not in the journal, head %" PRIu64
                   ", first different %" PRIu64,
                   *ret_lost, to, head.seq, compare.first);
}

static bool acknowledged_rule(struct life *life, struct err *err)
{
    uint64_t lost = 0;
    bool good = journal_has(life, life->digests, life->acked, &lost, err);

    life->counts.lost += lost;
    return good;
}

/* Journal before tell: what a platform holds, the journal holds. */
static bool told_rule(struct life *life, struct err *err)
{
    for (int i = 0; i < LIFE_UPLINKS; i++) {
        const struct receiver *receiver = &life->receivers[i];
        uint64_t lost = 0;

        if (!journal_has(life, receiver->told, receiver->told_to, &lost, err))
            return err_prefix(err, "%s", receiver->name);
        if (receiver->doubled)
            return err_set(err, "%s was told %" PRIu64 " numbers twice, differently",
                           receiver->name, receiver->doubled);
    }
    return true;
}

static bool is_exception(const struct outbox_progress *progress, uint64_t seq)
{
    for (size_t i = 0; i < progress->marks_count; i++)
        if (progress->marks[i].seq == seq)
            return true;
    return false;
}

/* A mark is never ahead of what it says: every record that counts as delivered was told. */
static bool marks_rule(struct life *life, struct err *err)
{
    struct store *store = store_open(life->world->path, STORE_READ, err);
    struct store_head head = {.seq = 0};
    bool good = store != NULL;

    if (store)
        store_head(store, &head);
    for (int i = 0; good && i < LIFE_UPLINKS; i++) {
        struct receiver *receiver = &life->receivers[i];
        struct outbox_progress progress = {.since = 0};

        good = store_progress(store, receiver->name, &progress, err);
        if (good && progress.through > head.seq)
            good = err_set(err, "%s: through %" PRIu64 " is beyond the head %" PRIu64,
                           receiver->name, progress.through, head.seq);
        for (uint64_t seq = progress.since; good && seq <= progress.through; seq++)
            if (!receiver->told[seq] && !is_exception(&progress, seq))
                good = err_set(err, "%s: record %" PRIu64 " is marked and was never told",
                               receiver->name, seq);
        free(progress.marks);
    }
    store_close(store);
    return good;
}

/* A backup that was finished is there, whole, and no older than promised. */
static bool backup_rule(struct life *life, struct err *err)
{
    struct store_head head;

    if (!life->backed_up)
        return true;
    if (!audit_is_clean(life->backup, err))
        return false;
    struct store *store = store_open(life->backup, STORE_READ, err);
    if (!store)
        return false;
    store_head(store, &head);
    store_close(store);
    return head.seq >= life->backed_up ||
           err_set(err, "it ends with record %" PRIu64 ", not %" PRIu64, head.seq, life->backed_up);
}

/* What a daemon that starts would fold of stays. */
struct standing {
    bool open[YARD_STAYS];
    int64_t received_fen[YARD_STAYS];
};

static bool fold_row(void *arg, const struct store_row *row)
{
    struct standing *standing = arg;
    struct json *body = json_read(row->body, row->body_size, RECORD_BODY_MAX, NULL);
    const char *stay = json_text(json_member(body, "stay"), "");
    int64_t fen = json_int(json_member(body, "amount_fen"), 0);
    unsigned number = YARD_STAYS;

    if (sscanf(stay, "S%6u", &number) == 1 && number < YARD_STAYS) {
        if (row->kind == RECORD_STAY_OPENED || row->kind == RECORD_STAY_CLOSED)
            standing->open[number] = row->kind == RECORD_STAY_OPENED;
        if (row->kind == RECORD_STAY_AMENDED &&
            !strcmp(json_text(json_member(body, "change"), ""), "reverted"))
            standing->open[number] = true;
        if (row->kind == RECORD_PAYMENT || row->kind == RECORD_REFUND)
            standing->received_fen[number] += row->kind == RECORD_PAYMENT ? fen : -fen;
    }
    json_release(body);
    return true;
}

static bool same_stays(const struct yard_world *yard, const struct standing *standing,
                       struct err *err)
{
    for (uint32_t i = 0; i < yard->stays_count; i++) {
        const struct yard_stay *stay = &yard->stays[i];
        int64_t fen = stay->received - stay->refunded;

        if (stay->open != standing->open[i])
            return err_set(err, "stay %u is %s", i, stay->open ? "closed or gone" : "open again");
        if (stay->open && fen != standing->received_fen[i])
            return err_set(err, "stay %u has %" PRId64 " fen, not %" PRId64, i,
                           standing->received_fen[i], fen);
    }
    return true;
}

/* Each vehicle that is inside is still inside, with the money that came for it, and no other. */
static bool stays_rule(struct life *life, struct err *err)
{
    const struct life_yard *yard = life->yard;
    struct standing *standing = calloc(1, sizeof *standing);
    struct store *store = store_open(life->world->path, STORE_READ, err);
    bool good = store && store_standing(store, (utc_ms){INT64_MAX}, fold_row, standing, err);

    if (good) {
        bool there = yard->under_way && world_head(store) > yard->head;
        good = same_stays(there ? &yard->now : &yard->durable, standing, err);
    }
    store_close(store);
    free(standing);
    return good;
}

static const struct {
    const char *name;
    bool (*holds)(struct life *life, struct err *err);
} rules[] = {
    {"audit", audit_rule},   {"acknowledged", acknowledged_rule},
    {"told", told_rule},     {"marks", marks_rule},
    {"backup", backup_rule}, {"stays", stays_rule},
};

bool life_prove(struct life *life, struct err *err)
{
    bool good = true;

    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        struct err found;
        if (rules[i].holds(life, &found))
            continue;
        if (good)
            err_set(err, "%s: %s", rules[i].name, found.text);
        good = false;
    }
    return good;
}
