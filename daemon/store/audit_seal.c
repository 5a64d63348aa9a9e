/* Seals proved. See audit_seal.h. */
#include "daemon/store/audit_seal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/store/acknowledged.h"
#include "daemon/store/chain.h"
#include "daemon/store/keys.h"

/* A century of hours: what claims more is no seal of ours, and would keep us deriving keys. */
enum { EPOCH_MAX = 1000000 };

struct seal {
    uint64_t seq, epoch, through;
    const char *seal, *next;
    struct hash at; /* the chain at `through` */
};

struct proof {
    const struct key *root;
    struct ratchet ratchet; /* of the root, as far as the seals have come */
    uint64_t count, first_epoch, last_epoch, through, anew, anew_seq;
    char next[HASH_HEX_SIZE]; /* what the newest commits to */
};

static bool is_hash(const char *hex, const struct hash *hash)
{
    char expected[HASH_HEX_SIZE];

    return !strcmp(hex, crypto_hex(hash->bytes, sizeof hash->bytes, expected));
}

static bool fits_root(struct proof *proof, const struct seal *seal)
{
    if (seal->epoch < proof->ratchet.epoch)
        return false;
    while (proof->ratchet.epoch < seal->epoch)
        ratchet_step(&proof->ratchet);
    struct hash commitment = ratchet_commitment(&proof->ratchet);
    struct hash sealed = ratchet_seal(&proof->ratchet, &(struct chain){seal->through, seal->at});
    return is_hash(seal->seal, &sealed) && (!proof->count || proof->last_epoch + 1 != seal->epoch ||
                                            is_hash(proof->next, &commitment));
}

static bool take(struct proof *proof, const struct seal *seal, struct err *err)
{
    if (seal->through + 1 != seal->seq || seal->epoch > EPOCH_MAX ||
        strlen(seal->seal) != HASH_HEX_SIZE - 1 || strlen(seal->next) != HASH_HEX_SIZE - 1)
        return err_set(err, "record %" PRIu64 " is no seal of what stands before it", seal->seq);
    if (proof->root && !fits_root(proof, seal))
        return err_set(err,
                       "records %" PRIu64 " to %" PRIu64
                       " are not what was sealed in epoch %" PRIu64
                       ", or not with this root key (record %" PRIu64 ")",
                       proof->through + 1, seal->through, seal->epoch, seal->seq);
    if (!proof->count) {
        proof->first_epoch = seal->epoch;
    } else if (proof->last_epoch + 1 != seal->epoch) {
        proof->anew++;
        proof->anew_seq = seal->seq;
    }
    proof->count++;
    proof->last_epoch = seal->epoch;
    proof->through = seal->through;
    memcpy(proof->next, seal->next, sizeof proof->next);
    return true;
}

static bool follow(struct sql *sql, struct proof *proof, struct err *err)
{
    struct statement *select = sql_prepare(
        sql,
        "SELECT s.seq, s.body->>'epoch', s.body->>'through_seq', s.body->>'seal', s.body->>'next', "
        "coalesce((SELECT hash FROM journal p WHERE p.seq = s.seq - 1), (SELECT anchor_hash FROM "
        "meta WHERE anchor_seq = s.seq - 1)) FROM journal s WHERE s.kind = 'seal' AND s.kind <> "
        "'bay_changed' ORDER BY s.seq",
        err);
    enum sql_step step = select ? SQL_ROW : SQL_FAILED;
    bool good = select != NULL;

    while (good && (step = sql_step(select, err)) == SQL_ROW) {
        struct seal seal = {
            .seq = (uint64_t)sql_int(select, 0),
            .epoch = (uint64_t)sql_int(select, 1),
            .through = (uint64_t)sql_int(select, 2),
            .seal = sql_text(select, 3, NULL),
            .next = sql_text(select, 4, NULL),
        };

        good = chain_hash(select, 5, &seal.at)
                   ? take(proof, &seal, err)
                   : err_set(err, "before the seal %" PRIu64 " a record is missing", seal.seq);
    }
    sql_finalize(select);
    return good && step == SQL_END;
}

/* The key that the file holds now is the one that the newest seal commits to. */
static bool fits_keys(const struct proof *proof, const char *database, const char **ret_word)
{
    struct keys keys;

    *ret_word = "the key file is not to be had";
    keys_read(&keys, database);
    if (keys.fd < 0 || keys.fresh) {
        keys_close(&keys);
        return true;
    }
    struct hash commitment = ratchet_commitment(&keys.ratchet);
    bool follows = keys.ratchet.epoch == proof->last_epoch + 1;
    bool good = !follows || is_hash(proof->next, &commitment);
    *ret_word = follows ? "the key file holds the next key" : "the key file is of another time";
    keys_close(&keys);
    return good;
}

static void sum_up(const struct proof *proof, const char *database, struct audit_finding *finding)
{
    const char *word = "";
    char anew[96] = "";

    if (!proof->count) {
        snprintf(finding->text, sizeof finding->text, "none yet: nothing has been sealed");
        return;
    }
    finding->good = fits_keys(proof, database, &word);
    if (!finding->good) {
        snprintf(finding->text, sizeof finding->text,
                 "the key file does not hold the key that the newest seal, record %" PRIu64
                 ", commits to",
                 proof->through + 1);
        return;
    }
    if (proof->anew)
        snprintf(anew, sizeof anew, "; keys began anew %" PRIu64 " times, last at record %" PRIu64,
                 proof->anew, proof->anew_seq);
    snprintf(
        finding->text, sizeof finding->text,
        "%" PRIu64 " of epochs %" PRIu64 " to %" PRIu64 ", through record %" PRIu64 ", %s; %s%s",
        proof->count, proof->first_epoch, proof->last_epoch, proof->through,
        proof->root ? "each proved by the root key" : "in order; to prove them give --root-key",
        word, anew);
}

void audit_seal(struct sql *sql, const char *database, const struct key *root, audit_finding_fn *fn,
                void *arg, size_t *breaches)
{
    struct audit_finding finding = {.rule = 13, .name = "seals", .good = true};
    struct proof proof = {.root = root};
    struct err err;

    if (root)
        proof.ratchet = ratchet_begin(root);
    if (follow(sql, &proof, &err)) {
        sum_up(&proof, database, &finding);
    } else {
        finding.good = false;
        text_copy(finding.text, sizeof finding.text, err.text);
    }
    crypto_wipe(&proof, sizeof proof);
    *breaches += !finding.good;
    fn(arg, &finding);
}

static bool has(struct sql *sql, const struct acknowledged *known, struct err *err)
{
    struct statement *select = sql_prepare(
        sql,
        "SELECT (SELECT substr(lower(hex(hash)), 1, 32) FROM journal WHERE seq = ?1), (SELECT "
        "anchor_seq FROM meta) >= ?1",
        err);

    if (!select)
        return false;
    sql_bind_int(select, 1, (int64_t)known->seq);
    enum sql_step step = sql_step(select, err);
    bool good =
        step == SQL_ROW && (sql_int(select, 1) || !strcmp(sql_text(select, 0, NULL), known->id));
    sql_finalize(select);
    if (!good && step != SQL_FAILED)
        err_set(err,
                "a platform acknowledged record %" PRIu64 " as %s, and that is not in the journal",
                known->seq, known->id);
    return good;
}

void audit_acknowledged(struct sql *sql, const char *database, audit_finding_fn *fn, void *arg,
                        size_t *breaches)
{
    struct audit_finding finding = {.rule = 13, .name = "acknowledged", .good = true};
    struct acknowledged known;
    struct err err = {.text = ""};

    if (!acknowledged_read(&known, database)) {
        text_copy(finding.text, sizeof finding.text, "nothing is noted beside this file");
    } else if (has(sql, &known, &err)) {
        snprintf(finding.text, sizeof finding.text,
                 "the journal has record %" PRIu64 " as a platform has it, %s", known.seq,
                 known.id);
    } else {
        finding.good = false;
        text_copy(finding.text, sizeof finding.text, err.text);
    }
    *breaches += !finding.good;
    fn(arg, &finding);
}
