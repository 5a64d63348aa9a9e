/* Records of differences proved. See prove_differences.h. */
#include "daemon/report/prove_differences.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/report/body.h"
#include "daemon/report/differences.h"
#include "daemon/store/sql.h"

/* DESIGN section 6: sums that add up, per day and channel. */
enum { RULE_SUMS = 12 };

struct proof {
    audit_finding_fn *fn;
    void *arg;
    size_t *breaches;
    bool pruned; /* what was before the first of an id may be gone */
    struct record_difference before;
    uint32_t counts[DIFFERENCE_STATES]; /* by the newest record of each */
    int64_t at_risk_fen;
};

static void tell(struct proof *proof, bool good, const char *text)
{
    struct audit_finding finding = {.rule = RULE_SUMS, .name = "differences", .good = good};

    text_copy(finding.text, sizeof finding.text, text);
    *proof->breaches += !good;
    proof->fn(proof->arg, &finding);
}

static bool same_amounts(const struct record_difference *a, const struct record_difference *b)
{
    return a->class == b->class && a->gateway_fen == b->gateway_fen &&
           a->channel_fen == b->channel_fen;
}

/* What is wrong with it; NULL when all is well. */
static const char *judge(const struct proof *proof, const struct record_difference *now,
                         const char *body)
{
    bool known = !strcmp(proof->before.difference, now->difference);

    if (body_word(body, "class", &difference_class_words) < 0 ||
        body_word(body, "state", &difference_state_words) < 0)
        return "its class or state is no word of ours";
    if (now->at_risk_fen < 0 || (now->state != DIFFERENCE_OPEN && now->at_risk_fen))
        return "of what is resolved nothing is at risk";
    if (known && now->state == proof->before.state && same_amounts(now, &proof->before) &&
        now->at_risk_fen == proof->before.at_risk_fen &&
        !strcmp(now->transaction, proof->before.transaction) &&
        !strcmp(now->refund, proof->before.refund))
        return "it is recorded again, and says nothing new";
    if (now->state != DIFFERENCE_RESOLVED)
        return NULL;
    if (!*now->actor || !*now->reason)
        return "it is resolved, and not said by whom and why";
    if (!known)
        return proof->pruned ? NULL : "it is resolved, and never was open";
    return proof->before.state == DIFFERENCE_OPEN && same_amounts(now, &proof->before)
               ? NULL
               : "it is resolved, and was not open with these amounts";
}

/* The one before was the newest of its id. */
static void count(struct proof *proof)
{
    if (!*proof->before.difference)
        return;
    proof->counts[proof->before.state]++;
    proof->at_risk_fen += proof->before.at_risk_fen;
}

static void take(struct proof *proof, const struct statement *row)
{
    struct record_difference now;
    char text[ERR_TEXT_SIZE];

    report_difference_read(sql_text(row, 1, NULL), &now);
    const char *wrong = judge(proof, &now, sql_text(row, 1, NULL));
    if (wrong) {
        snprintf(text, sizeof text, "%s, record %" PRId64 ": %s", now.difference, sql_int(row, 0),
                 wrong);
        tell(proof, false, text);
    }
    if (strcmp(now.difference, proof->before.difference) != 0)
        count(proof);
    proof->before = now;
}

static bool prove(struct report_source *source, struct proof *proof, struct err *err)
{
    struct statement *query =
        sql_prepare(report_sql(source),
                    "SELECT seq, body FROM facts WHERE kind = 'difference' AND kind <> "
                    "'bay_changed' ORDER BY body->>'difference', seq",
                    err);
    enum sql_step step;

    if (!query)
        return false;
    while ((step = sql_step(query, err)) == SQL_ROW)
        take(proof, query);
    sql_finalize(query);
    count(proof);
    return step == SQL_END;
}

bool prove_differences(const char *path, audit_finding_fn *fn, void *arg, size_t *breaches,
                       struct err *err)
{
    struct proof proof = {.fn = fn, .arg = arg, .breaches = breaches};
    size_t before = *breaches;
    char text[ERR_TEXT_SIZE];
    struct report_source *source = report_open(path, err);

    if (!source)
        return false;
    proof.pruned = report_head(source).first > 1;
    bool good = prove(source, &proof, err);
    snprintf(text, sizeof text,
             "%u open with %" PRId64 " fen at risk, %u resolved by a person, %u by a later bill",
             proof.counts[DIFFERENCE_OPEN], proof.at_risk_fen, proof.counts[DIFFERENCE_RESOLVED],
             proof.counts[DIFFERENCE_AUTO_RESOLVED]);
    if (good && *breaches == before)
        tell(&proof, true, text);
    report_close(source);
    return good;
}
