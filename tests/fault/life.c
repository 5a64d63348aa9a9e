/* The life of a store: start, stop, what is drawn. See life.h. */
#include "tests/fault/life.h"

#include <inttypes.h>
#include <sys/mman.h>

#include "daemon/base/json.h"
#include "daemon/base/memory.h"
#include "daemon/core/random.h"
#include "daemon/store/audit.h"

const char *control_name(enum control control)
{
    static const char *const names[] = {"none", "normal", "ack-first", "send-first", "mark-first"};

    return names[control];
}

uint64_t life_random(struct life *life, uint64_t below)
{
    return random_next(&life->random) % below;
}

/* FNV-1a over what the receiver sees: number, kind and body. */
uint64_t life_digest(const struct store_row *row)
{
    uint64_t digest = UINT64_C(14695981039346656037) ^ row->seq ^ ((uint64_t)row->kind << 56);

    for (size_t i = 0; i < row->body_size; i++)
        digest = (digest ^ (uint8_t)row->body[i]) * UINT64_C(1099511628211);
    return digest ? digest : 1;
}

/* Outlives a child that writes there and dies. */
static void *shared(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    assert_true(memory != MAP_FAILED);
    return memory;
}

/* By seq. */
static uint64_t *shared_numbers(void)
{
    return shared(LIFE_SEQS * sizeof(uint64_t));
}

void life_begin(struct life *life, struct disk *disk, uint64_t seed, enum control control)
{
    static const char *const names[LIFE_UPLINKS] = {"broker", "city"};
    struct life_counts counts = life->counts;

    *life = (struct life){.disk = disk,
                          .world = world_create(seed),
                          .control = control,
                          .random = seed,
                          .counts = counts};
    life->digests = shared_numbers();
    life->yard = shared(sizeof *life->yard);
    life->yard->now.world = life->yard->durable.world = life->world;
    for (int i = 0; i < LIFE_UPLINKS; i++) {
        life->receivers[i].name = names[i];
        life->receivers[i].told = shared_numbers();
    }
    snprintf(life->backup, sizeof life->backup, "%s/backup.db", life->world->folder);
}

void life_end(struct life *life)
{
    life_stop(life);
    world_destroy(life->world);
    for (int i = 0; i < LIFE_UPLINKS; i++)
        munmap(life->receivers[i].told, LIFE_SEQS * sizeof(uint64_t));
    munmap(life->digests, LIFE_SEQS * sizeof(uint64_t));
    munmap(life->yard, sizeof *life->yard);
    if (life->disk)
        disk_forget(life->disk);
}

/* What the core would know after a restart: each bay as the journal has it. */
static bool take_state(void *arg, const struct store_row *row)
{
    struct world *world = arg;
    struct json *body = json_read(row->body, row->body_size, RECORD_BODY_MAX, NULL);
    const char *bay = json_text(json_member(body, "bay"), "");
    enum bay_condition condition;

    for (uint32_t i = 0; i < WORLD_BAYS; i++) {
        if (strcmp(world->bays[i].id, bay) != 0)
            continue;
        if (row->kind == RECORD_BAY_CHANGED)
            bay_state_parse(json_text(json_member(body, "to"), ""), &world->states[i]);
        else if (bay_condition_parse(json_text(json_member(body, "condition"), ""), &condition))
            world->conditions[i] |= json_bool(json_member(body, "on"), false) ? condition : 0u;
    }
    json_release(body);
    return true;
}

static bool read_states(struct life *life, struct err *err)
{
    struct world *world = life->world;

    memset(world->states, 0, sizeof world->states);
    memset(world->conditions, 0, sizeof world->conditions);
    world->count = 0;
    return store_latest(life->store, RECORD_BAY_CHANGED, take_state, world, err) &&
           store_latest(life->store, RECORD_BAY_HEALTH, take_state, world, err);
}

/* A batch that was under way is there, or it never was. */
static void settle_yard(struct life *life)
{
    struct life_yard *yard = life->yard;
    bool there = yard->under_way && world_head(life->store) > yard->head;

    if (there)
        yard->durable = yard->now;
    yard->now = yard->durable;
    yard->under_way = false;
}

static bool start_receivers(struct life *life, struct err *err)
{
    for (int i = 0; i < LIFE_UPLINKS; i++) {
        struct receiver *receiver = &life->receivers[i];
        struct outbox_rules rules = {.kinds = UINT32_MAX >> (32 - RECORD_KINDS),
                                     .rows = 64,
                                     .marks = 32,
                                     .pipelined = i == 0,
                                     .attempts_max = 3,
                                     .retry_ms = 100,
                                     .retry_max_ms = 5000,
                                     .subject = outbox_subject,
                                     .seed = life->random};
        struct outbox_progress progress;
        if (!store_progress(life->store, receiver->name, &progress, err))
            return false;
        receiver->outbox = outbox_create(&rules, &progress);
        receiver->since = progress.since;
        free(progress.marks);
    }
    return true;
}

bool life_start(struct life *life, struct err *err)
{
    life->store = store_open(life->world->path, STORE_WRITE, err);
    if (!life->store)
        return false;
    if (life->control == CONTROL_NORMAL && !sql_run(life->store->sql, "PRAGMA synchronous=1", err))
        goto failed;
    settle_yard(life);
    if (read_states(life, err) && start_receivers(life, err))
        return true;
failed:
    life_stop(life);
    return false;
}

void life_stop(struct life *life)
{
    for (int i = 0; i < LIFE_UPLINKS; i++) {
        outbox_destroy(life->receivers[i].outbox);
        life->receivers[i].outbox = NULL;
    }
    store_close(life->store);
    life->store = NULL;
}
