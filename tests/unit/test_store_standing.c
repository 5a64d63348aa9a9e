/* What the live state stands on: its fold is the fold of the whole journal, whatever was pruned,
 * wherever the strides of the projections ended. */
#include "tests/unit/yard_world.h"

#include "daemon/store/audit.h"
#include "daemon/store/record_read.h"

enum { SEEDS = 10, ROUNDS = 120, TEXT = 512 * 1024, KEYS = 4096, AGE_MS = 200000 };

/* A state: for each thing its key and what the records have made of it, in the order of coming. */
struct entry {
    char key[128], value[256];
    int64_t left_ms; /* of stays */
    int64_t steps_ms, payable, net;
    bool open, is_stay, gone;
};

struct fold {
    struct record_reader *reader;
    struct entry entries[KEYS];
    size_t count;
    int64_t inside[2];
    uint64_t last;
};

static struct entry *at(struct fold *fold, const char *what, const char *id)
{
    char key[128];

    snprintf(key, sizeof key, "%s %s", what, id);
    for (size_t i = 0; i < fold->count; i++)
        if (!strcmp(fold->entries[i].key, key))
            return &fold->entries[i];
    assert_true(fold->count < KEYS);
    struct entry *entry = &fold->entries[fold->count++];
    *entry = (struct entry){.gone = false};
    strcpy(entry->key, key);
    return entry;
}

static struct entry *stay_at(struct fold *fold, const char *id)
{
    return at(fold, "stay", id);
}

static void fold_stay(struct fold *fold, const struct record *record)
{
    struct entry *stay;

    switch (record->kind) {
    case RECORD_STAY_OPENED:
        stay = stay_at(fold, record->stay_opened.stay);
        stay->open = stay->is_stay = true;
        strcpy(stay->value, record->stay_opened.plate);
        break;
    case RECORD_STAY_AMENDED:
        stay = stay_at(fold, record->stay_amended.stay);
        stay->open = stay->open || record->stay_amended.change == STAY_REVERTED;
        strcpy(stay->value, record->stay_amended.plate);
        break;
    case RECORD_STAY_CLOSED:
        stay = stay_at(fold, record->stay_closed.stay);
        stay->open = false;
        stay->left_ms = record->at.ms;
        stay->payable = record->stay_closed.money.payable_fen;
        break;
    case RECORD_ORDER:
        stay_at(fold, record->order.stay)->payable = record->order.money.payable_fen;
        break;
    case RECORD_PAYMENT:
        stay_at(fold, record->payment.stay)->net += record->payment.amount_fen;
        break;
    case RECORD_REFUND:
        stay_at(fold, record->refund.stay)->net -= record->refund.amount_fen;
        break;
    case RECORD_CLOCK_STEP:
        for (size_t i = 0; i < fold->count; i++)
            if (fold->entries[i].is_stay && fold->entries[i].open)
                fold->entries[i].steps_ms += record->clock_step.delta_ms;
        break;
    default:
        break;
    }
}

static void fold_lane(struct fold *fold, const struct record *record)
{
    char number[32];

    switch (record->kind) {
    case RECORD_LIST:
        at(fold, "list", record->list.plate)->gone = !record->list.on;
        break;
    case RECORD_SHIFT:
        at(fold, "shift", record->shift.shift)->gone = record->shift.event == SHIFT_CLOSED;
        break;
    case RECORD_LANE:
        snprintf(number, sizeof number, "%u", record->lane.lane);
        snprintf(at(fold, "lane", number)->value, 32, "%d", record->lane.mode);
        break;
    case RECORD_OPENING:
        snprintf(number, sizeof number, "%u", record->opening.lane);
        snprintf(at(fold, "opening", number)->value, 32, "%d", (int)record->opening.counter);
        break;
    case RECORD_COMMAND:
        at(fold, "command", record->command.command);
        break;
    case RECORD_OUTCOME:
        at(fold, "command", record->outcome.command)->gone = true;
        break;
    case RECORD_OCCUPANCY:
        fold->inside[record->occupancy.lot] = record->occupancy.inside;
        break;
    case RECORD_PASSAGE:
        fold->inside[record->passage.lane / 2] += record->passage.direction == LANE_IN
                                                      ? (int)record->passage.vehicles
                                                      : -(int)record->passage.vehicles;
        break;
    case RECORD_PLATE_READ:
        at(fold, "read", record->plate_read.event)->left_ms = record->at.ms;
        break;
    default:
        break;
    }
}

static bool take(void *arg, const struct store_row *row)
{
    struct fold *fold = arg;
    struct record record;
    struct err err;

    assert_true(row->seq > fold->last); /* in the order of the journal, once each */
    fold->last = row->seq;
    if (record_read(fold->reader, row->body, row->body_size, &record, &err) != RECORD_READ_DONE)
        fail_msg("%s", err.text);
    fold_stay(fold, &record);
    fold_lane(fold, &record);
    return true;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What is left of it, sorted: open things, stays that owe or left since. */
static char *left_of(const struct fold *fold, int64_t since_ms)
{
    static char lines[KEYS][512];
    char *sorted[KEYS], *text = calloc(TEXT, 1);
    size_t count = 0;

    for (size_t i = 0; i < fold->count; i++) {
        const struct entry *e = &fold->entries[i];
        bool read = !strncmp(e->key, "read", 4);
        bool stands = e->open || e->payable > e->net || e->left_ms >= since_ms;

        if (e->gone || ((e->is_stay || read) && !stands))
            continue;
        snprintf(lines[count], sizeof lines[0], "%s: %s left %lld steps %lld payable %lld net %lld",
                 e->key, e->value, (long long)e->left_ms, (long long)e->steps_ms,
                 (long long)e->payable, (long long)e->net);
        sorted[count] = lines[count];
        count++;
    }
    qsort(sorted, count, sizeof *sorted, by_text);
    for (size_t i = 0; i < count; i++)
        sprintf(text + strlen(text), "%s\n", sorted[i]);
    sprintf(text + strlen(text), "inside %lld %lld\n", (long long)fold->inside[0],
            (long long)fold->inside[1]);
    return text;
}

static char *standing(struct store *store, struct record_reader *reader, int64_t since_ms)
{
    struct fold *fold = calloc(1, sizeof *fold);
    struct err err;

    fold->reader = reader;
    if (!store_standing(store, (utc_ms){since_ms}, take, fold, &err))
        fail_msg("%s", err.text);
    char *text = left_of(fold, since_ms);
    free(fold);
    return text;
}

static void prune(struct world *world, struct store *store, int64_t before_ms)
{
    struct record record;
    struct err err;

    do {
        if (!store_prune(store, (utc_ms){before_ms}, (utc_ms){world->at_ms}, 7, &record, &err))
            fail_msg("%s", err.text);
    } while (record.retention.count && world_random(world, 10));
}

static void commit(struct yard_world *yard, struct store *store, struct fold *whole)
{
    size_t count = yard->world->count;

    world_commit(yard->world, store);
    for (size_t i = 0; i < count; i++)
        take(whole, &yard->world->rows[i]);
}

static void compare(const struct world *world, struct store *store, const struct fold *whole)
{
    int64_t since_ms = world->at_ms - AGE_MS;
    struct store *reader = world_open(world, STORE_READ);
    char *expected = left_of(whole, since_ms);
    char *written = standing(store, whole->reader, since_ms);
    char *read = standing(reader, whole->reader, since_ms);

    assert_string_equal(written, expected);
    assert_string_equal(read, expected);
    free(read);
    free(written);
    free(expected);
    store_close(reader);
}

static void tell_breach(void *arg, const struct audit_finding *finding)
{
    (void)arg;
    if (!finding->good)
        printf("rule %d, %s: %s\n", finding->rule, finding->name, finding->text);
}

static void live(uint64_t seed)
{
    struct yard_world *yard = calloc(1, sizeof *yard);
    struct fold *whole = calloc(1, sizeof *whole);
    size_t breaches = 0;
    struct err err;

    yard->world = world_create(seed);
    whole->reader = record_read_create(&yard->world->plan);
    struct store *store = world_open(yard->world, STORE_WRITE);
    for (int round = 0; round < ROUNDS; round++) {
        for (uint32_t i = world_random(yard->world, 10); i > 0; i--)
            yard_happen(yard);
        commit(yard, store, whole);
        if (world_random(yard->world, 8) == 0)
            compare(yard->world, store, whole);
        if (world_random(yard->world, 20) == 0)
            assert_true(store_rebuild(store, NULL));
        if (world_random(yard->world, 10) == 0) {
            yard_occupancy(yard, 0); /* passages before it are not needed any more */
            yard_occupancy(yard, 1);
            commit(yard, store, whole);
            prune(yard->world, store, yard->world->at_ms - AGE_MS);
        }
    }
    compare(yard->world, store, whole);
    store_close(store);
    assert_true(audit_run(yard->world->path, tell_breach, NULL, &breaches, &err));
    assert_int_equal(breaches, 0);
    record_read_destroy(whole->reader);
    world_destroy(yard->world);
    free(whole);
    free(yard);
}

static void its_fold_is_the_fold_of_the_whole_journal(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        live(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_fold_is_the_fold_of_the_whole_journal),
    };

    return cmocka_run_group_tests_name("store standing", tests, NULL, NULL);
}
