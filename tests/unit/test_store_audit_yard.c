/* The rules of lanes, stays and money: a sound journal passes, each kind of fault is named. */
#include "tests/unit/yard_world.h"

#include "daemon/store/audit.h"
#include "daemon/store/sql.h"

enum { THINGS = 2000, A_BATCH = 20, RULE_MAX = 16 };

struct found {
    bool good[RULE_MAX];
    char text[RULE_MAX][ERR_TEXT_SIZE];
};

static void collect(void *arg, const struct audit_finding *finding)
{
    struct found *found = arg;

    if (finding->rule < 6 || finding->rule > 12)
        return;
    found->good[finding->rule] = finding->good;
    text_copy(found->text[finding->rule], ERR_TEXT_SIZE, finding->text);
}

static struct yard_world *live(uint64_t seed)
{
    struct yard_world *yard = calloc(1, sizeof *yard);

    yard->world = world_create(seed);
    struct store *store = world_open(yard->world, STORE_WRITE);
    for (int i = 0; i < THINGS; i++) {
        yard_happen(yard);
        if (i % A_BATCH == A_BATCH - 1)
            world_commit(yard->world, store);
    }
    store_close(store);
    return yard;
}

static void destroy(struct yard_world *yard)
{
    world_destroy(yard->world);
    free(yard);
}

static struct found audit(const char *path)
{
    struct found found = {.good = {false}};
    size_t breaches;
    struct err err;

    if (!audit_run(path, collect, &found, &breaches, &err))
        fail_msg("%s", err.text);
    return found;
}

static void a_sound_journal_passes_each_rule(void **state)
{
    static const int rules[] = {6, 7, 8, 10, 11, 12};
    struct yard_world *yard = live(7);
    struct found found = audit(yard->world->path);

    (void)state;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        printf("rule %d: %s\n", rules[i], found.text[rules[i]]);
        assert_true(found.good[rules[i]]);
    }
    destroy(yard);
}

#define ONE(kind, more)                                       \
    "seq = (SELECT max(seq) FROM journal WHERE kind = '" kind \
    "' AND body->>'stay' IS NOT NULL " more ")"
#define SET(key, value) "UPDATE journal SET body = json_set(body, '$." key "', " value ") WHERE "

static const struct {
    int rule;
    const char *words, *sql;
} faults[] = {
    {6, "passages stand twice",
     SET("passage", "'P000001'") "seq = (SELECT max(seq) FROM journal WHERE kind = 'passage')"},
    {6, "of no vehicle", SET("vehicles", "0") ONE("passage", "")},
    {6, "have no cause", SET("cause", "'none'") ONE("command", "")},
    {6, "that is another's", SET("passage", "'P000001'") ONE("stay_opened", "")},
    {6, "a passage that is not there", SET("passage", "'P999999'") ONE("stay_closed", "")},
    {7, "let two vehicles through",
     SET("command", "(SELECT body->>'command' FROM journal WHERE kind = 'passage')")
         ONE("passage", "")},
    {8, "commands stand twice", SET("command", "'C000001'") ONE("command", "")},
    {8, "two outcomes",
     SET("command",
         "(SELECT body->>'command' FROM journal WHERE kind = 'outcome')") "seq = "
                                                                          "(SELECT max(seq) FROM "
                                                                          "journal WHERE kind = "
                                                                          "'outcome')"},
    {8, "before their command",
     "UPDATE journal SET seq = 1000000 WHERE seq = (SELECT max(c.seq) FROM journal c JOIN journal "
     "o ON o.kind = 'outcome' AND c.body->>'command' = o.body->>'command' WHERE c.kind = "
     "'command')"},
    {8, "of no command",
     SET("command", "'C999999'") "seq = (SELECT max(seq) FROM journal WHERE kind = 'outcome')"},
    {10, "opened twice", SET("stay", "'S000000'") ONE("stay_opened", "")},
    {10, "end twice",
     SET("stay", "(SELECT body->>'stay' FROM journal WHERE kind = 'stay_closed')")
         ONE("stay_closed", "")},
    {10, "that nobody opened", SET("stay", "'S999999'") ONE("order", "")},
    {11, "no tariff", SET("tariff", "NULL") ONE("stay_closed", "")},
    {12, "less relief", SET("relief_pass_fen", "1") ONE("stay_closed", "")},
    {12, "another sum received",
     SET("amount_fen", "body->>'amount_fen' + 1") "seq = (SELECT min(p.seq) FROM journal p JOIN "
                                                  "journal c ON c.kind = 'stay_closed' AND c.seq > "
                                                  "p.seq AND c.body->>'stay' = p.body->>'stay' "
                                                  "WHERE p.kind = 'payment')"},
    {12, "than is due", SET("due_fen", "body->>'due_fen' + 1") ONE("order", "")},
    {12, "what the money says",
     SET("outcome", "'unpaid'") ONE("stay_closed", "AND body->>'outcome' <> 'unpaid'")},
    {12, "payments stand twice",
     SET("payment", "(SELECT body->>'payment' FROM journal WHERE kind = 'payment')")
         ONE("payment", "")},
    {12, "shifts expect",
     SET("expected_fen", "5") "seq = (SELECT max(seq) FROM journal WHERE kind = 'shift' AND "
                              "body->>'event' = 'closed')"},
};

static void run(const char *path, const char *text)
{
    struct err err;
    struct sql *sql = sql_open(path, SQL_COPY, &err);

    if (!sql || !sql_run(sql, text, &err))
        fail_msg("%s", err.text);
    sql_close(sql);
}

static void each_fault_is_named_by_its_rule(void **state)
{
    struct yard_world *yard = live(7);
    char path[128], copy[256];

    (void)state;
    snprintf(path, sizeof path, "%s/copy.db", yard->world->folder);
    snprintf(copy, sizeof copy, "VACUUM INTO '%s'", path);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        run(yard->world->path, copy);
        run(path, faults[i].sql);
        struct found found = audit(path);
        if (found.good[faults[i].rule])
            fail_msg("not noticed: %s", faults[i].words);
        if (!strstr(found.text[faults[i].rule], faults[i].words))
            fail_msg("\"%s\" does not say \"%s\"", found.text[faults[i].rule], faults[i].words);
        unlink(path);
    }
    destroy(yard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sound_journal_passes_each_rule),
        cmocka_unit_test(each_fault_is_named_by_its_rule),
    };

    return cmocka_run_group_tests_name("store audit of the yard", tests, NULL, NULL);
}
