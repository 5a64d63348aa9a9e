/* Lanes, stays and money proved. See audit_yard.h. */
#include "daemon/store/audit_yard.h"

#include <inttypes.h>
#include <stdio.h>

#include "daemon/core/text.h"

/* Lets a question use the index by kind. */
#define KIND(kind) "kind = '" kind "' AND kind <> 'bay_changed' "
#define KINDS(kinds) "kind IN (" kinds ") AND kind <> 'bay_changed' "

/* Of a journal from its first record on: what a pruned one refers to may be gone with reason. */
#define WHOLE "(SELECT anchor_seq FROM meta) = 0 "

/* How many, and the first of them. */
#define FIND "SELECT count(*), min(seq) FROM "
/* Ids of a kind that stand in more than one record. */
#define TWICE(kind, id)                                                                      \
    FIND "(SELECT max(seq) AS seq FROM facts WHERE " KIND(kind) "AND (" id                   \
                                                                ") IS NOT NULL GROUP BY " id \
                                                                " HAVING count(*) > 1)"

#define RELIEF                                                    \
    "(body->>'relief_pass_fen') + (body->>'relief_class_fen') + " \
    "(body->>'relief_coupon_fen') + (body->>'relief_other_fen')"

/* Each record of money of the stays that are still whole, with what had come in before it. */
#define ACCOUNT                                                                                  \
    "(SELECT seq, kind, body, sum(CASE kind WHEN 'payment' THEN body->>'amount_fen' "            \
    "WHEN 'refund' THEN -(body->>'amount_fen') ELSE 0 END) OVER (PARTITION BY body->>'stay' "    \
    "ORDER BY seq) AS net FROM facts WHERE " KINDS(                                              \
        "'order', 'payment', 'refund', 'stay_closed'") "AND body->>'stay' IN (SELECT stay FROM " \
                                                       "stay)) "

/* The records of each shift, with the cash that came and went in it before them. */
#define DRAWER                                                                                 \
    "(SELECT seq, kind, body, sum(CASE WHEN body->>'channel' IS NOT 'cash' THEN 0 WHEN kind "  \
    "= 'refund' THEN -(body->>'amount_fen') ELSE body->>'amount_fen' END) OVER (PARTITION BY " \
    "body->>'shift' ORDER BY seq) AS cash FROM facts WHERE " KINDS(                            \
        "'payment', 'refund', 'shift'") "AND body->>'shift' IS NOT NULL) "

/* Each must find nothing. */
static const struct question {
    int rule;
    const char *what; /* is wrong with those that are found */
    const char *sql;
} questions[] = {
    {6, "passages stand twice", TWICE("passage", "body->>'passage'")},
    {6, "passages are of no vehicle",
     FIND "facts WHERE " KIND("passage") "AND body->>'vehicles' < 1"},
    {6, "openings have no cause",
     FIND "facts WHERE " KIND("command") "AND body->>'action' IN ('open', 'hold') AND "
                                         "body->>'cause' = 'none'"},
    {6, "arrivals are of a passage that is another's", TWICE("stay_opened", "body->>'passage'")},
    {6, "stays name a passage that is not there",
     FIND "facts WHERE " KINDS(
         "'stay_opened', 'stay_closed'") "AND body->>'passage' IS NOT NULL "
                                         "AND " WHOLE
                                         "AND body->>'passage' NOT IN (SELECT body->>'passage' "
                                         "FROM facts WHERE " KIND("passage") ")"},
    {7, "decisions let two vehicles through",
     FIND "(SELECT max(seq) AS seq FROM facts WHERE " KIND(
         "passage") "AND body->>'kind' = "
                    "'ordinary' AND body->>'cause' IN ('decision', 'payment') AND body->>'command' "
                    "IS NOT "
                    "NULL GROUP BY body->>'command' HAVING count(*) > 1)"},
    {8, "commands stand twice", TWICE("command", "body->>'command'")},
    {8, "commands have two outcomes", TWICE("outcome", "body->>'command'")},
    {8, "outcomes come before their command",
     FIND "(SELECT min(CASE kind WHEN 'command' THEN seq END) AS commanded, min(CASE kind WHEN "
          "'outcome' THEN seq END) AS seq FROM facts WHERE " KINDS(
              "'command', 'outcome'") "GROUP BY body->>'command') WHERE seq < commanded"},
    {8, "outcomes are of no command",
     FIND "facts WHERE " KIND("outcome") "AND " WHOLE "AND body->>'command' NOT IN (SELECT "
                                         "body->>'command' FROM facts WHERE " KIND("command") ")"},
    {10, "stays are opened twice", TWICE("stay_opened", "body->>'stay'")},
    {10, "stays end twice",
     FIND "(SELECT seq, kind, lag(kind) OVER (PARTITION BY body->>'stay' ORDER BY seq) AS before "
          "FROM facts WHERE " KINDS(
              "'stay_closed', 'stay_amended'") "AND (kind = 'stay_closed' OR "
                                               "body->>'change' = 'reverted')) WHERE kind = "
                                               "'stay_closed' AND before = 'stay_closed'"},
    {10, "records are about stays that nobody opened",
     FIND "facts WHERE " KINDS(
         "'stay_amended', 'stay_closed', 'order', 'payment', 'refund', "
         "'coupon'") "AND " WHOLE
                     "AND body->>'stay' NOT IN (SELECT body->>'stay' FROM facts WHERE " KIND(
                         "stay_opened") ")"},
    {11, "fees name no tariff",
     FIND
     "facts WHERE " KIND("stay_closed") "AND body->>'receivable_fen' > 0 AND "
                                        "(body->>'tariff' IS NULL OR body->>'version' IS NULL)"},
    {12, "sums are below nothing, or receivable less relief is not payable",
     FIND "facts WHERE " KINDS(
         "'order', 'stay_closed'") "AND (body->>'receivable_fen' - (" RELIEF
                                   ") <> body->>'payable_fen' OR body->>'payable_fen' < 0)"},
    {12, "records state another sum received than the payments and refunds before them",
     FIND ACCOUNT "WHERE kind IN ('order', 'stay_closed') AND body->>'received_fen' <> net"},
    {12, "orders demand another sum than is due",
     FIND "facts WHERE " KIND("order") "AND body->>'due_fen' <> max(0, (body->>'payable_fen') - "
                                       "(body->>'received_fen'))"},
    {12, "outcomes are not what the money says",
     FIND "facts WHERE " KIND("stay_closed") "AND body->>'outcome' <> 'void' AND "
                                             "(body->>'outcome' = 'unpaid') <> "
                                             "(body->>'payable_fen' > body->>'received_fen')"},
    {12, "payments stand twice", TWICE("payment", "body->>'payment'")},
    {12, "refunds stand twice", TWICE("refund", "body->>'refund'")},
    {12, "refunds are more than was paid", FIND ACCOUNT "WHERE kind = 'refund' AND net < 0"},
    {12, "shifts expect another sum in cash than came and went",
     FIND DRAWER "WHERE kind = 'shift' AND body->>'event' = 'closed' AND " WHOLE
                 "AND body->>'expected_fen' <> (body->>'float_fen') + cash"},
};

/* What is told of a rule that holds: one text. */
static const struct {
    int rule;
    const char *name, *sql;
} rules[] = {
    {6, "passages",
     "SELECT printf('%d passages of %d vehicles, each once; %d openings, each with its cause; %d "
     "that nobody asked for', count(*) FILTER (WHERE kind = 'passage'), coalesce(sum(body->>"
     "'vehicles'), 0), count(*) FILTER (WHERE body->>'action' IN ('open', 'hold')), "
     "coalesce(sum(body->>'openings'), 0)) FROM facts WHERE " KINDS(
         "'passage', 'command', 'opening'")},
    {7, "decisions",
     "SELECT printf('%d, none used twice', count(*)) FROM facts WHERE " KIND("decision")},
    {8, "commands",
     "SELECT printf('%d commands, %d outcomes, %d without one yet', count(*) FILTER (WHERE kind = "
     "'command'), count(*) FILTER (WHERE kind = 'outcome'), (SELECT count(*) FROM latest WHERE "
     "kind = 'command')) FROM facts WHERE " KINDS("'command', 'outcome'")},
    {10, "stays",
     "SELECT printf('%d = %d open + %d paid + %d free + %d pass + %d exempt + %d released + %d "
     "unpaid + %d void', count(*), count(*) FILTER (WHERE state = 'open'), count(*) FILTER (WHERE "
     "state = 'paid'), count(*) FILTER (WHERE state = 'free'), count(*) FILTER (WHERE state = "
     "'pass'), count(*) FILTER (WHERE state = 'exempt'), count(*) FILTER (WHERE state = "
     "'released'), count(*) FILTER (WHERE state = 'unpaid'), count(*) FILTER (WHERE state = "
     "'void')) FROM stay"},
    {11, "fees",
     "SELECT printf('%d, each with its tariff and version', count(*)) FROM facts WHERE " KIND(
         "stay_closed") "AND body->>'receivable_fen' > 0"},
    {12, "money",
     "SELECT printf('of closed stays: %d fen receivable - %d relief = %d payable; %d received - %d "
     "refunded, %d in arrears, %d more than asked', coalesce(sum(receivable_fen), 0), "
     "coalesce(sum(relief_fen), 0), coalesce(sum(payable_fen), 0), coalesce(sum(received_fen), "
     "0), coalesce(sum(refunded_fen), 0), coalesce(sum(owes_fen), 0), coalesce(sum(received_fen - "
     "refunded_fen + owes_fen - payable_fen), 0)) FROM stay WHERE state <> 'open'"},
};

enum { QUESTIONS = sizeof questions / sizeof *questions, RULES = sizeof rules / sizeof *rules };

/* Asks one question. False when it found something or could not be asked; `ret` says what. */
static bool ask(struct sql *sql, const struct question *question, struct err *ret)
{
    struct statement *select = sql_prepare(sql, question->sql, ret);

    if (!select)
        return false;
    enum sql_step step = sql_step(select, ret);
    int64_t count = step == SQL_ROW ? sql_int(select, 0) : 0;
    int64_t first = step == SQL_ROW ? sql_int(select, 1) : 0;
    sql_finalize(select);
    if (count > 0)
        err_set(ret, "%" PRId64 " %s, first record %" PRId64, count, question->what, first);
    return step == SQL_ROW && count == 0;
}

static bool sum_up(struct sql *sql, const char *text, struct err *ret)
{
    struct statement *select = sql_prepare(sql, text, ret);

    if (!select)
        return false;
    enum sql_step step = sql_step(select, ret);
    if (step == SQL_ROW)
        text_copy(ret->text, sizeof ret->text, sql_text(select, 0, NULL));
    sql_finalize(select);
    return step == SQL_ROW;
}

void audit_yard(struct sql *sql, audit_finding_fn *fn, void *arg, size_t *breaches)
{
    for (size_t r = 0; r < RULES; r++) {
        struct audit_finding finding = {.rule = rules[r].rule, .name = rules[r].name, .good = true};
        struct err err = {.text = ""};

        for (size_t q = 0; q < QUESTIONS && finding.good; q++)
            if (questions[q].rule == rules[r].rule)
                finding.good = ask(sql, &questions[q], &err);
        finding.good = finding.good && sum_up(sql, rules[r].sql, &err);
        text_copy(finding.text, sizeof finding.text, err.text);
        *breaches += !finding.good;
        fn(arg, &finding);
    }
}
