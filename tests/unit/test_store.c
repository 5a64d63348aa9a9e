/* The store: what is committed is there, what the journal says is what the projections say. */
#include "tests/unit/store_world.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "daemon/store/audit.h"
#include "daemon/store/sql.h"

struct seen {
    size_t count;
    uint64_t last;
    char text[1 << 20];
    size_t used;
};

static bool see(void *arg, const struct store_row *row)
{
    struct seen *seen = arg;
    int room = (int)(sizeof seen->text - seen->used);

    seen->count++;
    seen->last = row->seq;
    int used = snprintf(seen->text + seen->used, (size_t)room, "%llu %lld %s %.*s %s\n",
                        (unsigned long long)row->seq, (long long)row->at.ms,
                        record_kind_name(row->kind), (int)row->body_size, row->body, row->id);
    assert_true(used < room);
    seen->used += (size_t)used;
    return true;
}

static struct seen *read_all(struct store *store)
{
    struct seen *seen = calloc(1, sizeof *seen);
    struct err err;

    if (!store_read(store, 1, SIZE_MAX >> 1, see, seen, &err))
        fail_msg("%s", err.text);
    return seen;
}

static struct seen *read_latest(struct store *store)
{
    static const enum record_kind kinds[] = {RECORD_BAY_CHANGED, RECORD_BAY_HEALTH,
                                             RECORD_DEVICE_HEALTH};
    struct seen *seen = calloc(1, sizeof *seen);
    struct err err;

    for (size_t i = 0; i < 3; i++)
        if (!store_latest(store, kinds[i], see, seen, &err))
            fail_msg("%s", err.text);
    return seen;
}

/* Other hands on the file. */
static void meddle(const struct world *world, const char *text)
{
    struct err err;
    struct sql *sql = sql_open(world->path, SQL_COPY, &err);

    if (!sql || !sql_run(sql, "PRAGMA foreign_keys=OFF", &err) || !sql_run(sql, text, &err))
        fail_msg("%s", err.text);
    sql_close(sql);
}

static void assert_refused(const struct world *world, const char *words)
{
    struct err err;
    struct store *store = store_open(world->path, STORE_WRITE, &err);

    assert_null(store);
    if (!strstr(err.text, words))
        fail_msg("\"%s\" does not say \"%s\"", err.text, words);
}

static void drop_line(void *arg, const struct audit_finding *finding)
{
    (void)arg;
    if (!finding->good)
        printf("rule %d %s: %s\n", finding->rule, finding->name, finding->text);
}

static size_t breaches(const char *path)
{
    size_t found;
    struct err err;

    if (!audit_run(path, drop_line, NULL, &found, &err))
        fail_msg("%s", err.text);
    return found;
}

/* One step; the number of records that went. */
static size_t prune(const struct world *world, struct store *store, int64_t before_ms, size_t limit)
{
    struct record record;
    struct err err;

    if (!store_prune(store, (utc_ms){before_ms}, (utc_ms){world->at_ms}, limit, &record, &err))
        fail_msg("%s", err.text);
    return record.retention.count;
}

static void what_was_committed_is_there_after_reopening(void **state)
{
    (void)state;
    struct world *world = world_create(1);
    struct store *store = world_open(world, STORE_WRITE);
    struct store_head before, after;

    world_live(world, store, 300);
    struct seen *live = read_all(store), *live_latest = read_latest(store);
    store_head(store, &before);
    store_close(store);

    store = world_open(world, STORE_WRITE);
    struct seen *again = read_all(store), *again_latest = read_latest(store);
    store_head(store, &after);
    assert_int_equal(before.seq, 300);
    assert_int_equal(before.first, 1);
    assert_memory_equal(&before, &after, sizeof before);
    assert_string_equal(live->text, again->text);
    assert_string_equal(live_latest->text, again_latest->text);
    store_close(store);
    free(live), free(again), free(live_latest), free(again_latest);
    world_destroy(world);
}

static void the_file_is_private_and_has_one_writer(void **state)
{
    (void)state;
    struct world *world = world_create(2);
    struct store *store = world_open(world, STORE_WRITE);
    struct stat status;

    assert_int_equal(stat(world->path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_refused(world, "another parkd");
    store_close(store);
    world_destroy(world);
}

static void a_reader_sees_what_the_writer_has_just_committed(void **state)
{
    (void)state;
    struct world *world = world_create(3);
    struct store *writer = world_open(world, STORE_WRITE);
    struct store *reader = world_open(world, STORE_READ);

    world_live(world, writer, 200);
    struct seen *written = read_latest(writer);
    world_live(world, writer, 50); /* not projected yet */
    struct seen *read = read_latest(reader);
    struct seen *later = read_latest(reader);
    assert_string_not_equal(written->text, read->text);
    assert_string_equal(read->text, later->text);
    free(written);
    written = read_latest(writer);
    assert_string_equal(written->text, read->text);
    free(written), free(read), free(later);
    store_close(reader);
    store_close(writer);
    world_destroy(world);
}

static void the_projections_hold_the_state_that_the_world_has(void **state)
{
    (void)state;
    struct world *world = world_create(4);
    struct store *store = world_open(world, STORE_WRITE);

    for (int i = 0; i < 500; i++) {
        world_bay_change(world);
        world_commit(world, store);
    }
    struct seen *latest = read_latest(store);
    assert_int_equal(latest->count, WORLD_BAYS);
    char *line = latest->text;
    for (size_t i = 0; i < WORLD_BAYS; i++) {
        char expected[128];
        snprintf(expected, sizeof expected, "\"bay\":\"%s\",\"from\":", world->names[i]);
        char *end = strchr(line, '\n');
        *end = '\0';
        assert_non_null(strstr(line, expected));
        snprintf(expected, sizeof expected, "\"to\":\"%s\"", bay_state_name(world->states[i]));
        assert_non_null(strstr(line, expected));
        line = end + 1;
    }
    free(latest);
    store_close(store);
    world_destroy(world);
}

static void rebuilt_projections_equal_the_live_ones(void **state)
{
    (void)state;
    struct world *world = world_create(5);
    struct store *store = world_open(world, STORE_WRITE);
    struct err err;

    for (int round = 0; round < 5; round++) {
        world_live(world, store, 150);
        if (round == 2)
            prune(world, store, world->at_ms - 100000, 200);
        struct seen *live = read_latest(store);
        assert_true(store_rebuild(store, &err));
        struct seen *rebuilt = read_latest(store);
        assert_string_equal(live->text, rebuilt->text);
        free(live), free(rebuilt);
    }
    store_close(store);
    assert_int_equal(breaches(world->path), 0);
    world_destroy(world);
}

static void a_changed_record_is_noticed(void **state)
{
    (void)state;
    static const char *const changes[] = {
        "UPDATE journal SET body = replace(body, 'a', 'b') WHERE seq = 200",
        "UPDATE journal SET at_ms = at_ms + 1 WHERE seq = 150",
        "UPDATE journal SET kind = 'loss' WHERE seq = 150",
        "UPDATE journal SET hash = zeroblob(32) WHERE seq = 150",
        "UPDATE journal SET hash = x'00' WHERE seq = 200",
        "DELETE FROM journal WHERE seq = 150",
        "UPDATE journal SET seq = 1000 WHERE seq = 200",
        "UPDATE journal SET body = body || ' ' WHERE seq = 1",
        "DELETE FROM journal WHERE seq = 1",
        "UPDATE meta SET anchor_hash = zeroblob(32)",
    };

    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct world *world = world_create(100 + i);
        struct store *store = world_open(world, STORE_WRITE);
        world_live(world, store, 200);
        store_close(store);
        meddle(world, changes[i]);
        assert_refused(world, "does not hold together");
        assert_true(breaches(world->path) > 0);
        world_destroy(world);
    }
}

static void shift_character(const struct world *world, unsigned seq, unsigned at, int by)
{
    char change[256];

    snprintf(change, sizeof change,
             "UPDATE journal SET body = substr(body, 1, %u) || char(unicode(substr(body, %u, 1)) + "
             "%d) || substr(body, %u) WHERE seq = %u",
             at - 1, at, by, at + 1, seq);
    meddle(world, change);
}

static void any_changed_byte_of_a_body_is_noticed(void **state)
{
    (void)state;
    struct world *world = world_create(6);
    struct store *store = world_open(world, STORE_WRITE);

    world_live(world, store, 50);
    store_close(store);
    for (int i = 0; i < 40; i++) {
        unsigned seq = 1 + world_random(world, 50), at = 1 + world_random(world, 60);

        shift_character(world, seq, at, 1);
        assert_refused(world, "is not as it was written");
        shift_character(world, seq, at, -1);
    }
    store_close(world_open(world, STORE_WRITE));
    world_destroy(world);
}

static void a_file_of_others_or_of_the_future_is_refused(void **state)
{
    (void)state;
    struct world *world = world_create(7);

    store_close(world_open(world, STORE_WRITE));
    store_close(world_open(world, STORE_WRITE)); /* twice is as once */
    meddle(world, "PRAGMA user_version=8");
    assert_refused(world, "its schema is 8");
    meddle(world, "PRAGMA user_version=7; PRAGMA application_id=1");
    assert_refused(world, "belongs to another program");
    FILE *file = fopen(world->path, "w");
    for (int i = 0; i < 1000; i++)
        fputs("not a database ", file);
    fclose(file);
    assert_refused(world, "is no database");
    strcat(world->path, "/no/such/folder");
    assert_refused(world, "check that the folder exists");
    strcpy(strstr(world->path, "/parkd.db") + 9, "");
    world_destroy(world);
}

static void pruning_keeps_the_chain_and_the_state(void **state)
{
    (void)state;
    struct world *world = world_create(8);
    struct store *store = world_open(world, STORE_WRITE);
    size_t removed, total = 0;
    struct store_head head;

    world_live(world, store, 1000);
    struct seen *before = read_latest(store);
    while ((removed = prune(world, store, world->at_ms - 100 * 1000, 128)))
        total += removed;
    assert_int_equal(total, 900);
    store_head(store, &head);
    assert_int_equal(head.first, 901);
    assert_int_equal(head.seq, 1000 + 8);
    struct seen *after = read_latest(store);
    assert_string_equal(before->text, after->text);
    store_close(store);
    assert_int_equal(breaches(world->path), 0);

    store = world_open(world, STORE_WRITE);
    world_live(world, store, 1000);
    while (prune(world, store, world->at_ms - 50000, 300))
        ;
    store_close(store);
    assert_int_equal(breaches(world->path), 0);
    free(before), free(after);
    world_destroy(world);
}

static void pruning_stops_at_what_an_uplink_has_not_come_to(void **state)
{
    (void)state;
    struct world *world = world_create(9);
    struct store *store = world_open(world, STORE_WRITE);
    struct outbox_mark mark = {.seq = 5, .state = OUTBOX_DEAD, .attempts = 3, .reason = "refused"};
    struct outbox_progress progress;
    struct store_batch batch = {.progress = &progress, .progress_count = 1};
    struct err err;

    assert_true(store_progress(store, "city", &progress, &err));
    world_live(world, store, 100);
    progress.kinds = UINT32_MAX >> (32 - RECORD_KINDS);
    progress.through = 30;
    progress.delivered = 29;
    progress.marks = &mark;
    progress.marks_count = 1;
    assert_true(store_commit(store, &batch, &err));
    assert_int_equal(prune(world, store, world->at_ms, 1000), 30);
    /* Record 5 was set aside, not delivered: it can still be read. */
    struct seen *seen = calloc(1, sizeof *seen);
    assert_true(store_read(store, 5, 1, see, seen, &err));
    assert_int_equal(seen->last, 5);
    free(seen);
    store_close(store);
    assert_int_equal(breaches(world->path), 0);
    world_destroy(world);
}

/* As the gateway does when a person has it forgotten. */
static void forget(struct store *store, const char *uplink)
{
    struct outbox_progress progress;
    struct store_batch batch = {.progress = &progress, .progress_count = 1};
    struct err err;

    assert_true(store_progress(store, uplink, &progress, &err));
    progress.since = 0;
    assert_true(store_commit(store, &batch, &err));
    free(progress.marks);
}

static void count_name(void *arg, const char *uplink)
{
    assert_string_equal(uplink, "city");
    ++*(int *)arg;
}

static void an_uplink_that_is_forgotten_holds_nothing_up(void **state)
{
    (void)state;
    struct world *world = world_create(11);
    struct store *store = world_open(world, STORE_WRITE);
    struct outbox_mark mark = {.seq = 5, .state = OUTBOX_DEAD, .attempts = 3, .reason = "refused"};
    struct outbox_progress progress;
    struct store_batch batch = {.progress = &progress, .progress_count = 1};
    uint64_t undelivered = 0, head;
    int names = 0;
    utc_ms from;
    struct err err;

    assert_true(store_progress(store, "city", &progress, &err));
    world_live(world, store, 100);
    progress.kinds = UINT32_MAX >> (32 - RECORD_KINDS);
    progress.through = 30;
    progress.delivered = 29;
    progress.marks = &mark;
    progress.marks_count = 1;
    assert_true(store_commit(store, &batch, &err));
    assert_true(store_uplinks(store, count_name, &names, &err));
    assert_int_equal(names, 1);
    assert_true(store_undelivered(store, "city", &undelivered, &from, &err));
    assert_int_equal(undelivered, world_head(store) - 30 + 1); /* and the one that was set aside */

    forget(store, "city");
    assert_true(store_uplinks(store, count_name, &names, &err));
    assert_int_equal(names, 1); /* not told again */
    head = world_head(store);
    assert_int_equal(prune(world, store, world->at_ms, 1000), head - 1);
    assert_true(store_progress(store, "city", &progress, &err));
    assert_int_equal(progress.since, world_head(store) + 1); /* named again, it begins anew */
    assert_int_equal(progress.marks_count, 0);
    store_close(store);
    assert_int_equal(breaches(world->path), 0);
    world_destroy(world);
}

static void a_stamp_in_the_future_does_not_stop_pruning(void **state)
{
    (void)state;
    struct world *world = world_create(10);
    struct store *store = world_open(world, STORE_WRITE);
    int64_t good = world->at_ms;

    world_live(world, store, 10);
    world->at_ms += 1000LL * 86400 * 3650;
    world_live(world, store, 10);
    world->at_ms = good + 20000;
    world_live(world, store, 30);
    assert_int_equal(prune(world, store, good + 30000, 1000), 30);
    store_close(store);
    world_destroy(world);
}

static const uint32_t all_kinds = UINT32_MAX >> (32 - RECORD_KINDS);

static void save(struct store *store, struct outbox_progress progress)
{
    struct store_batch batch = {.progress = &progress, .progress_count = 1};
    struct err err;

    strcpy(progress.uplink, "city");
    if (!store_commit(store, &batch, &err))
        fail_msg("%s", err.text);
}

static struct outbox_progress load(struct store *store)
{
    struct outbox_progress progress;
    struct err err;

    if (!store_progress(store, "city", &progress, &err))
        fail_msg("%s", err.text);
    return progress;
}

static void an_uplink_is_due_what_comes_after_it_was_first_asked_for(void **state)
{
    (void)state;
    struct world *world = world_create(11);
    struct store *store = world_open(world, STORE_WRITE);

    world_live(world, store, 10);
    struct outbox_progress progress = load(store);
    assert_int_equal(progress.since, 11);
    assert_int_equal(progress.through, 10);
    assert_int_equal(progress.kinds, 0);
    world_live(world, store, 10);
    store_close(store);
    store = world_open(world, STORE_WRITE);
    progress = load(store);
    assert_int_equal(progress.since, 11);
    store_close(store);
    world_destroy(world);
}

static void delivery_is_a_watermark_with_exceptions(void **state)
{
    (void)state;
    struct world *world = world_create(15);
    struct store *store = world_open(world, STORE_WRITE);
    struct outbox_mark marks[] = {
        {.seq = 2, .state = OUTBOX_RETRY, .attempts = 2, .reason = "503"},
        {.seq = 4, .state = OUTBOX_DEAD, .attempts = 1, .reason = "422"},
        {.seq = 5, .state = OUTBOX_DROPPED, .reason = "by the operator"},
        {.seq = 9, .state = OUTBOX_DEAD, .reason = "422"}, /* one before it is still under way */
    };
    struct outbox_progress progress = {.kinds = all_kinds,
                                       .since = 1,
                                       .through = 8,
                                       .delivered = 5,
                                       .marks = marks,
                                       .marks_count = 4};

    world_live(world, store, 20);
    save(store, progress);
    struct outbox_progress loaded = load(store);
    assert_int_equal(loaded.kinds, all_kinds);
    assert_int_equal(loaded.through, 8);
    assert_int_equal(loaded.delivered, 5);
    assert_int_equal(loaded.marks_count, 4);
    assert_int_equal(loaded.marks[0].seq, 2);
    assert_int_equal(loaded.marks[0].attempts, 2);
    assert_int_equal(loaded.marks[1].state, OUTBOX_DEAD);
    assert_string_equal(loaded.marks[1].reason, "422");
    free(loaded.marks);
    assert_int_equal(breaches(world->path), 0);

    marks[0].state = OUTBOX_DELIVERED;
    save(store, progress);
    assert_int_equal(breaches(world->path), 1); /* one more is delivered than was counted */
    progress.delivered = 6;
    save(store, progress);
    assert_int_equal(breaches(world->path), 0);
    store_close(store);
    world_destroy(world);
}

static void other_kinds_begin_a_new_account(void **state)
{
    (void)state;
    struct world *world = world_create(16);
    struct store *store = world_open(world, STORE_WRITE);
    struct outbox_mark marks[] = {{.seq = 4, .state = OUTBOX_DEAD, .reason = "422"},
                                  {.seq = 5, .state = OUTBOX_DROPPED, .reason = "by op"}};
    struct outbox_progress progress = {.kinds = all_kinds,
                                       .since = 1,
                                       .through = 8,
                                       .delivered = 6,
                                       .marks = marks,
                                       .marks_count = 2};

    world_live(world, store, 20);
    save(store, progress);
    progress =
        (struct outbox_progress){.kinds = 1u << RECORD_BAY_CHANGED, .since = 9, .through = 8};
    save(store, progress);
    assert_int_equal(breaches(world->path), 0);
    struct outbox_progress loaded = load(store);
    assert_int_equal(loaded.marks_count, 1); /* what was set aside can still be sent */
    assert_int_equal(loaded.marks[0].seq, 4);
    free(loaded.marks);
    store_close(store);
    world_destroy(world);
}

/* On the open database, as nobody should: the second writer of this test. */
static void meddle_now(const struct world *world, const char *text)
{
    struct err err;
    struct sql *sql = sql_open(world->path, SQL_WRITE, &err);

    if (!sql || !sql_run(sql, text, &err))
        fail_msg("%s", err.text);
    sql_close(sql);
}

static void a_batch_that_fails_at_its_end_leaves_nothing_of_its_beginning(void **state)
{
    (void)state;
    struct world *world = world_create(17);
    struct store *store = world_open(world, STORE_WRITE);
    struct outbox_mark mark = {.seq = 1, .state = OUTBOX_RETRY};
    struct outbox_progress progress = {"city", all_kinds, 1, 30, 29, &mark, 1};
    struct store_batch batch = {world->rows, 20, &progress, 1};
    struct err err;

    world_live(world, store, 30);
    while (world->count < 20)
        world_happen(world);
    meddle_now(world, "CREATE TRIGGER refuse BEFORE INSERT ON outbox BEGIN "
                      "SELECT RAISE(FAIL, 'not now'); END");
    assert_false(store_commit(store, &batch, &err));
    assert_non_null(strstr(err.text, "not now"));
    assert_int_equal(world_head(store), 30);
    struct seen *seen = read_all(store);
    assert_int_equal(seen->last, 30);
    free(seen);
    meddle_now(world, "DROP TRIGGER refuse");
    assert_true(store_commit(store, &batch, &err));
    assert_int_equal(world_head(store), 50);
    store_close(store);
    assert_int_equal(breaches(world->path), 0);
    world_destroy(world);
}

/* What stands in the way of a write, and what must be said about it. */
static void a_full_disk_leaves_nothing_half_done(void **state)
{
    (void)state;
    struct world *world = world_create(12);
    struct store *store = world_open(world, STORE_WRITE);
    struct rlimit limit, before;
    struct store_head head;
    struct err err;

    world_live(world, store, 100);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    limit = before;
    limit.rlim_cur = 40 * 1024; /* the WAL is about there */
    setrlimit(RLIMIT_FSIZE, &limit);
    bool good = true;
    while (good) {
        struct store_batch batch = {.rows = world->rows, .rows_count = 20};
        for (world->count = 0; world->count < 20;)
            world_happen(world);
        store_head(store, &head);
        good = store_commit(store, &batch, &err);
    }
    assert_true(strstr(err.text, "disk") != NULL);
    assert_int_equal(world_head(store), head.seq);
    struct seen *seen = read_all(store);
    assert_int_equal(seen->last, head.seq);
    free(seen);
    setrlimit(RLIMIT_FSIZE, &before);
    world_commit(world, store); /* the same batch */
    assert_int_equal(world_head(store), head.seq + 20);
    store_close(store);
    assert_int_equal(breaches(world->path), 0);
    world_destroy(world);
}

struct interrupted {
    struct world *world;
    struct store *store;
    int steps;
    int give_up_at;
};

static bool write_on(void *arg, int done, int total)
{
    struct interrupted *run = arg;

    assert_true(done <= total);
    if (++run->steps == run->give_up_at)
        return false;
    world_live(run->world, run->store, 3);
    return true;
}

static void a_backup_is_whole_though_records_come_meanwhile(void **state)
{
    (void)state;
    struct world *world = world_create(13);
    struct store *store = world_open(world, STORE_WRITE);
    struct interrupted run = {world, store, 0, 0};
    char copy[128];
    struct err err;

    world_live(world, store, 4000);
    snprintf(copy, sizeof copy, "%s/copy.db", world->folder);
    run.give_up_at = 4;
    assert_false(store_backup(store, copy, write_on, &run, &err));
    assert_int_equal(access(copy, F_OK), -1);
    run.steps = run.give_up_at = 0;
    if (!store_backup(store, copy, write_on, &run, &err))
        fail_msg("%s", err.text);
    assert_true(run.steps > 5);
    assert_int_equal(breaches(copy), 0);
    store_close(store);

    /* Put to use it goes on in a lineage of its own; looked at, it does not. */
    struct store_head original, first, second;
    store = world_open(world, STORE_READ);
    store_head(store, &original);
    store_close(store);
    strcpy(world->path, copy);
    store = world_open(world, STORE_READ);
    store_head(store, &first);
    assert_string_equal(first.lineage, original.lineage);
    store_close(store);
    store = world_open(world, STORE_WRITE);
    store_head(store, &second);
    assert_int_equal(second.seq, first.seq + 2); /* the lineage, and a seal with keys of its own */
    assert_string_not_equal(second.lineage, original.lineage);
    struct seen *seen = read_all(store);
    assert_non_null(strstr(seen->text, "\"act\":\"restored\""));
    free(seen);
    for (int i = 0; i < 20; i++)
        world_add(world, (struct record){.kind = RECORD_GATEWAY, .gateway = {"started", "1"}});
    world_commit(world, store);
    store_close(store);
    assert_int_equal(breaches(copy), 0);
    store = world_open(world, STORE_WRITE);
    store_head(store, &first);
    assert_string_equal(first.lineage, second.lineage);
    assert_int_equal(first.seq, second.seq + 20);
    store_close(store);
    world_destroy(world);
}

/* The child: commits one batch after the other and acknowledges each down the pipe. */
static void commit_until_killed(struct world *world, int fd)
{
    struct store *store = world_open(world, STORE_WRITE);

    for (;;) {
        world_happen(world);
        world_happen(world);
        world_commit(world, store);
        uint64_t seq = world_head(store);
        if (write(fd, &seq, sizeof seq) != sizeof seq)
            _exit(1);
        if (!store_tidy(store, false, NULL))
            _exit(1);
    }
}

static void nothing_acknowledged_is_lost_by_kill_9(void **state)
{
    (void)state;
    struct world *world = world_create(14);
    uint64_t acknowledged = 0, seq;

    for (int kill_number = 0; kill_number < 100; kill_number++) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        if (child == 0)
            commit_until_killed(world, ends[1]);
        close(ends[1]);
        /* Lets some batches through, then strikes at a moment that has nothing to do with them. */
        unsigned batches = world_random(world, 12);
        for (unsigned i = 0; i < batches && read(ends[0], &seq, sizeof seq) == sizeof seq; i++)
            acknowledged = seq;
        usleep(world_random(world, 3000));
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        while (read(ends[0], &seq, sizeof seq) == sizeof seq)
            acknowledged = seq;
        close(ends[0]);
        /* The parent's bays are as they were: only the chain and the count matter here. */
        struct store *store = world_open(world, STORE_WRITE);
        uint64_t found = world_head(store);
        assert_true(found >= acknowledged);
        store_close(store);
        acknowledged = found;
    }
    printf("%llu records\n", (unsigned long long)acknowledged);
    world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_committed_is_there_after_reopening),
        cmocka_unit_test(the_file_is_private_and_has_one_writer),
        cmocka_unit_test(a_reader_sees_what_the_writer_has_just_committed),
        cmocka_unit_test(the_projections_hold_the_state_that_the_world_has),
        cmocka_unit_test(rebuilt_projections_equal_the_live_ones),
        cmocka_unit_test(a_changed_record_is_noticed),
        cmocka_unit_test(any_changed_byte_of_a_body_is_noticed),
        cmocka_unit_test(a_file_of_others_or_of_the_future_is_refused),
        cmocka_unit_test(pruning_keeps_the_chain_and_the_state),
        cmocka_unit_test(pruning_stops_at_what_an_uplink_has_not_come_to),
        cmocka_unit_test(an_uplink_that_is_forgotten_holds_nothing_up),
        cmocka_unit_test(a_stamp_in_the_future_does_not_stop_pruning),
        cmocka_unit_test(an_uplink_is_due_what_comes_after_it_was_first_asked_for),
        cmocka_unit_test(delivery_is_a_watermark_with_exceptions),
        cmocka_unit_test(other_kinds_begin_a_new_account),
        cmocka_unit_test(a_batch_that_fails_at_its_end_leaves_nothing_of_its_beginning),
        cmocka_unit_test(a_full_disk_leaves_nothing_half_done),
        cmocka_unit_test(a_backup_is_whole_though_records_come_meanwhile),
        cmocka_unit_test(nothing_acknowledged_is_lost_by_kill_9),
    };

    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
