/* The store's thread in trouble: disks that fail for longer, damage, a loop that has gone or does
 * not listen, too few descriptors. */
#include "tests/unit/store_world.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "daemon/base/clock.h"
#include "daemon/store/sql.h"
#include "daemon/store/store_thread.h"
#include "daemon/store/store_worker.h"

enum { PAGE = 1024, FAR_BEHIND = 5000, TAG = 7 };

struct bench {
    struct world *world;
    struct loop *loop;
    struct loop_timer *guard;
    struct store_worker *worker;
    struct store_settings settings;
    size_t told, goal; /* stop when so many are committed */
    size_t pages, pages_goal;
    int troubles, recoveries, damages, dones;
    char said[ERR_TEXT_SIZE], done_text[ERR_TEXT_SIZE];
    bool stop_on_trouble, stop_on_recovery, stop_on_damage, stop_on_done;
};

static void committed(void *arg, const struct store_row *rows, const struct record *records,
                      size_t count)
{
    struct bench *bench = arg;

    (void)rows, (void)records;
    bench->told += count;
    if (bench->goal && bench->told >= bench->goal)
        loop_stop(bench->loop, 0);
}

static void page(void *arg, uint32_t tag, const struct store_row *rows, size_t count, bool end)
{
    struct bench *bench = arg;

    (void)tag, (void)rows, (void)count, (void)end;
    if (++bench->pages == bench->pages_goal)
        loop_stop(bench->loop, 0);
}

static void done(void *arg, uint32_t tag, const struct err *err)
{
    struct bench *bench = arg;

    assert_int_equal(tag, TAG);
    strcpy(bench->done_text, err->text);
    bench->dones++;
    if (bench->stop_on_done)
        loop_stop(bench->loop, 0);
}

static void trouble(void *arg, const struct err *err)
{
    struct bench *bench = arg;

    if (err)
        strcpy(bench->said, err->text);
    bench->troubles += err != NULL;
    bench->recoveries += err == NULL;
    if (err ? bench->stop_on_trouble : bench->stop_on_recovery)
        loop_stop(bench->loop, 0);
}

static void damaged(void *arg, const struct err *err)
{
    struct bench *bench = arg;

    assert_true(err->text[0]);
    bench->damages++;
    if (bench->stop_on_damage)
        loop_stop(bench->loop, 0);
}

static void too_late(void *arg)
{
    (void)arg;
    fail_msg("not within its time");
}

static struct store_hooks hooks_of(struct bench *bench)
{
    return (struct store_hooks){bench, committed, page, done, trouble, damaged};
}

static void start(struct bench *bench)
{
    struct store_hooks hooks = hooks_of(bench);
    struct err err;

    bench->worker = store_worker_create(world_open(bench->world, STORE_WRITE), &bench->settings,
                                        bench->loop, &hooks, &err);
    assert_non_null(bench->worker);
}

static void stop(struct bench *bench)
{
    store_worker_destroy(bench->worker);
    bench->worker = NULL;
}

/* The disk takes nothing beyond this offset of any file: what a full disk looks like to a write. */
static void limit_files(rlim_t bytes)
{
    struct rlimit limit;

    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
}

static struct bench *bench_create(uint64_t seed, uint32_t batch_records)
{
    struct bench *bench = calloc(1, sizeof *bench);
    struct err err;

    limit_files(RLIM_INFINITY); /* a test that failed may have left another */
    bench->world = world_create(seed);
    bench->loop = loop_create(&err);
    bench->guard = loop_timer(bench->loop, too_late, bench);
    bench->settings =
        (struct store_settings){.path = bench->world->path, .batch_records = batch_records};
    return bench;
}

static void bench_destroy(struct bench *bench)
{
    limit_files(RLIM_INFINITY);
    store_worker_destroy(bench->worker);
    loop_timer_destroy(bench->guard);
    loop_destroy(bench->loop);
    world_destroy(bench->world);
    free(bench);
}

static void run(struct bench *bench)
{
    struct err err;

    loop_timer_after(bench->guard, 60000);
    if (loop_run(bench->loop, &err))
        fail_msg("%s", err.text);
    loop_timer_stop(bench->guard);
}

static void add(struct bench *bench, size_t records)
{
    struct world *world = bench->world;

    for (; records > 0; records--) {
        world_happen(world);
        store_worker_add(bench->worker, &world->records[0], world->rows[0].body,
                         world->rows[0].body_size);
        world->count = 0;
    }
}

static void commit(struct bench *bench, size_t records)
{
    struct store_worker_stats stats;

    add(bench, records);
    store_worker_stats(bench->worker, &stats);
    bench->goal = bench->told + stats.waiting;
    run(bench);
    bench->goal = 0;
}

static void read_page(struct bench *bench, uint64_t from)
{
    store_worker_read(bench->worker, TAG, from, 10);
    bench->pages_goal = bench->pages + 1;
}

/* Through memory: the limit of files is for others. */
static void overwrite(const struct world *world, off_t from, const char *bytes, size_t size)
{
    int fd = open(world->path, O_RDWR);
    off_t start = from / 4096 * 4096;
    size_t length = (size_t)(from - start) + size;
    char *file = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, start);

    assert_true(file != MAP_FAILED);
    memcpy(file + (from - start), bytes, size);
    munmap(file, length);
    close(fd);
}

/* Where record 100 lies; its page is not the first of the file. */
static off_t page_of_record(const struct world *world)
{
    char *bytes = malloc(4 * 1024 * 1024);
    int fd = open(world->path, O_RDONLY);
    ssize_t size = pread(fd, bytes, 4 * 1024 * 1024, 0);
    char stamp[64];

    close(fd);
    utc_text((utc_ms){1795316526123 + 99000}, stamp);
    char *found = memmem(bytes, (size_t)size, stamp, strlen(stamp));
    assert_non_null(found);
    off_t from = (found - bytes) / PAGE * PAGE;
    assert_true(from > 0);
    free(bytes);
    return from;
}

static void count_second(void *arg)
{
    struct bench *bench = arg;

    loop_stop(bench->loop, 0);
}

/* Reading meets damage while writing fails on a full disk: damage is told all the same, once. */
static void damage_is_told_also_when_there_is_trouble_already(void **state)
{
    (void)state;
    struct bench *bench = bench_create(1, 500);
    struct loop_timer *timer = loop_timer(bench->loop, count_second, bench);
    char zeros[PAGE] = "", path[128];

    start(bench);
    commit(bench, 3000);
    stop(bench); /* all of it moves into the file, none stays in memory */
    off_t from = page_of_record(bench->world);
    start(bench);
    overwrite(bench->world, from, zeros, PAGE);
    limit_files(512);
    bench->stop_on_trouble = true;
    add(bench, 1);
    run(bench);
    bench->stop_on_trouble = false;
    bench->stop_on_damage = true;
    store_worker_read(bench->worker, TAG, 95, 10);
    run(bench);
    assert_int_equal(bench->damages, 1);
    assert_int_equal(bench->troubles, 2);
    snprintf(path, sizeof path, "%s-suspect", bench->world->path);
    assert_int_equal(access(path, F_OK), 0);
    loop_timer_after(timer, 1500); /* both fail again, and again */
    run(bench);
    limit_files(RLIM_INFINITY);
    bench->stop_on_damage = false;
    commit(bench, 0); /* what can be written still is */
    assert_int_equal(bench->damages, 1);
    assert_int_equal(bench->pages, 0);
    loop_timer_destroy(timer);
    bench_destroy(bench);
}

/* Each try comes later than the one before, up to five seconds; meanwhile nothing old is thrown
 * away and a backup is still answered. */
static void a_disk_that_stays_full_is_tried_ever_more_rarely(void **state)
{
    (void)state;
    struct bench *bench = bench_create(2, 500);
    struct loop_timer *timer = loop_timer(bench->loop, count_second, bench);
    char path[128];

    bench->settings.keep_days = 1;
    bench->world->at_ms = clock_utc().ms - INT64_C(3) * 86400 * 1000;
    start(bench);
    limit_files(512);
    bench->stop_on_trouble = true;
    add(bench, 1);
    run(bench);
    bench->stop_on_trouble = false;
    loop_timer_after(timer, 6500); /* 200, 400 … 3200 ms, and then the longest */
    run(bench);
    snprintf(path, sizeof path, "%s/copy.db", bench->world->folder);
    bench->stop_on_done = true;
    store_worker_backup(bench->worker, TAG, path);
    run(bench);
    assert_int_equal(bench->dones, 1);
    assert_int_equal(bench->troubles, 1);
    bench->stop_on_recovery = true;
    limit_files(RLIM_INFINITY);
    run(bench);
    assert_int_equal(bench->told, 1);
    loop_timer_destroy(timer);
    bench_destroy(bench);
}

/* Retention fails on its own; then writing too. One word ends both. */
static void two_troubles_are_told_once_and_are_over_together(void **state)
{
    (void)state;
    struct bench *bench = bench_create(3, 500);

    bench->world->at_ms = clock_utc().ms - INT64_C(3) * 86400 * 1000;
    start(bench);
    commit(bench, 300);
    stop(bench);
    bench->settings.keep_days = 1;
    bench->stop_on_trouble = true;
    limit_files(40 * 1024); /* enough for the start */
    start(bench);
    run(bench); /* old records cannot go */
    add(bench, 400);
    read_page(bench, 1);
    run(bench);
    limit_files(RLIM_INFINITY);
    bench->stop_on_recovery = true;
    run(bench);
    assert_int_equal(bench->troubles, 1);
    assert_int_equal(bench->recoveries, 1);
    bench->stop_on_recovery = false;
    bench->world->at_ms = clock_utc().ms;
    commit(bench, 20); /* nothing more of it until tomorrow */
    bench_destroy(bench);
}

static void what_a_full_disk_does_not_take_at_the_end_is_lost_and_said(void **state)
{
    (void)state;
    struct bench *bench = bench_create(4, 10);

    start(bench);
    commit(bench, 10);
    limit_files(512);
    bench->stop_on_trouble = true;
    add(bench, 35);
    run(bench);
    stop(bench); /* within some seconds */
    limit_files(RLIM_INFINITY);
    struct store *store = world_open(bench->world, STORE_READ);
    assert_int_equal(world_head(store), 10);
    store_close(store);
    bench_destroy(bench);
}

static void two_backups_are_not_made_at_once(void **state)
{
    (void)state;
    struct bench *bench = bench_create(5, 1000);
    char path[128];

    start(bench);
    commit(bench, 5000);
    snprintf(path, sizeof path, "%s/copy.db", bench->world->folder);
    bench->stop_on_done = true;
    store_worker_backup(bench->worker, TAG, path);
    store_worker_backup(bench->worker, TAG, path);
    run(bench);
    assert_non_null(strstr(bench->done_text, "another one is under way"));
    run(bench);
    assert_string_equal(bench->done_text, "");
    bench_destroy(bench);
}

/* The pair of sockets is full: whoever asks waits, and nothing is left out. */
static void a_loop_that_does_not_listen_for_long_misses_nothing(void **state)
{
    (void)state;
    struct bench *bench = bench_create(6, 10);
    char path[128];

    start(bench);
    commit(bench, 50);
    for (int i = 0; i < FAR_BEHIND; i++)
        store_worker_read(bench->worker, TAG, 1, 1);
    add(bench, 10); /* goes when there is room again */
    snprintf(path, sizeof path, "%s/copy.db", bench->world->folder);
    store_worker_backup(bench->worker, TAG, path);
    assert_non_null(strstr(bench->done_text, "too slow to begin one now"));
    bench->pages_goal = FAR_BEHIND;
    bench->goal = 0;
    run(bench);
    bench->goal = bench->told < 60 ? 60 : 0;
    if (bench->goal)
        run(bench);
    for (int i = 0; i < FAR_BEHIND; i++)
        store_worker_read(bench->worker, TAG, 1, 1);
    add(bench, 5);
    stop(bench); /* asked again until it is heard */
    struct store *store = world_open(bench->world, STORE_READ);
    assert_int_equal(world_head(store), 65);
    store_close(store);
    bench_destroy(bench);
}

static void company_is_waited_for_as_long_as_was_said(void **state)
{
    (void)state;
    struct bench *bench = bench_create(7, 100);
    struct outbox_progress progress = {.uplink = "city", .kinds = 1, .since = 1};
    struct store_worker_stats stats;

    bench->settings.gather_ms = 200;
    start(bench);
    add(bench, 1);
    store_worker_progress(bench->worker, &progress);
    read_page(bench, 1); /* an answer that comes meanwhile hurries nothing */
    run(bench);
    store_worker_stats(bench->worker, &stats);
    assert_int_equal(stats.batches, 0);
    add(bench, 1);
    bench->goal = 2;
    run(bench);
    store_worker_stats(bench->worker, &stats);
    assert_int_equal(stats.batches, 1);
    bench_destroy(bench);
}

static void progress_of_many_uplinks_goes_in_one_batch(void **state)
{
    (void)state;
    struct bench *bench = bench_create(8, 100);
    struct outbox_mark marks[] = {{.seq = 1, .state = OUTBOX_RETRY},
                                  {.seq = 2, .state = OUTBOX_DEAD}};
    struct outbox_progress progress = {.kinds = 1, .since = 1};
    struct store_worker_stats stats;
    struct err err;

    start(bench);
    commit(bench, 5);
    for (int i = 0; i < 12; i++) {
        snprintf(progress.uplink, sizeof progress.uplink, "city-%d", i % 6);
        progress.through = (uint64_t)i % 5;
        progress.marks = &marks[i / 6];
        progress.marks_count = 1;
        store_worker_progress(bench->worker, &progress);
    }
    store_worker_stats(bench->worker, &stats);
    uint64_t before = stats.batches;
    stop(bench); /* alone, without a record */
    struct store *store = world_open(bench->world, STORE_READ);
    assert_true(store_progress(store, "city-3", &progress, &err));
    assert_int_equal(progress.marks_count, 2);
    assert_int_equal(before, 1);
    free(progress.marks);
    store_close(store);
    batch_destroy(NULL);
    bench_destroy(bench);
}

static void progress_alone_is_committed_within_a_second(void **state)
{
    (void)state;
    struct bench *bench = bench_create(9, 100);
    struct loop_timer *timer = loop_timer(bench->loop, count_second, bench);
    struct outbox_progress progress = {.uplink = "city", .kinds = 1, .since = 1};
    struct store_worker_stats stats;

    start(bench);
    store_worker_progress(bench->worker, &progress);
    loop_timer_after(timer, 1500);
    run(bench);
    store_worker_stats(bench->worker, &stats);
    assert_int_equal(stats.batches, 1);
    assert_int_equal(bench->told, 0);
    loop_timer_destroy(timer);
    bench_destroy(bench);
}

static void at_the_bound_a_declared_loss_is_still_taken(void **state)
{
    (void)state;
    struct bench *bench = bench_create(10, 5000);
    struct record loss = {.kind = RECORD_LOSS};
    struct store_worker_stats stats;

    start(bench);
    add(bench, STORE_WAITING_MAX);
    store_worker_add(bench->worker, &loss, "{}", 2);
    store_worker_stats(bench->worker, &stats);
    assert_int_equal(stats.waiting, STORE_WAITING_MAX + 1);
    add(bench, 1); /* and nothing else */
    assert_int_equal(bench->troubles, 1);
    bench->stop_on_recovery = true;
    run(bench);
    bench_destroy(bench);
}

static void a_batch_that_was_large_gives_its_memory_back(void **state)
{
    static char body[1000];
    struct store_row row = {.kind = RECORD_GATEWAY, .body = body, .body_size = sizeof body};
    struct batch *batch = batch_create();

    (void)state;
    for (int i = 0; i < 1500; i++) /* not many rows, and long ones */
        batch_add(batch, &row, NULL);
    batch_clear(batch);
    assert_null(batch->bodies);
    batch_add(batch, &row, NULL);
    batch_clear(batch);
    assert_non_null(batch->bodies);
    batch_destroy(batch);
}

/* Other hands on the file, while it is open. */
static void meddle(const struct world *world, const char *text)
{
    struct err err;
    struct sql *sql = sql_open(world->path, SQL_WRITE, &err);

    if (!sql || !sql_run(sql, text, &err))
        fail_msg("%s", err.text);
    sql_close(sql);
}

static void a_seal_that_is_not_taken_is_trouble_and_made_later(void **state)
{
    (void)state;
    struct bench *bench = bench_create(13, 500);

    bench->settings.seal_ms = 100;
    start(bench);
    commit(bench, 20);
    bench->goal = bench->told + 1; /* the seal, by itself */
    run(bench);
    meddle(bench->world, "CREATE TRIGGER no_seal BEFORE INSERT ON journal WHEN NEW.kind = 'seal' "
                         "BEGIN SELECT raise(ABORT, 'not now'); END");
    bench->goal = 0;
    bench->stop_on_trouble = bench->stop_on_recovery = true;
    add(bench, 20);
    run(bench);
    assert_non_null(strstr(bench->said, "not now"));
    meddle(bench->world, "DROP TRIGGER no_seal");
    run(bench);
    assert_int_equal(bench->recoveries, 1);
    bench_destroy(bench);
}

/* A read of each, in epochs that began so many days ago. */
static void read_plates(struct bench *bench, const int64_t days_ago[], size_t count)
{
    struct world *world = bench->world;

    for (size_t i = 0; i < count; i++) {
        world->at_ms = clock_utc().ms - days_ago[i] * INT64_C(86400) * 1000;
        world_add(world,
                  (struct record){.kind = RECORD_PLATE_READ, .plate_read = {.plate = "皖A00001"}});
        store_worker_add(bench->worker, &world->records[0], world->rows[0].body,
                         world->rows[0].body_size);
        world->count = 0;
    }
    bench->goal = bench->told + count;
    run(bench);
    bench->goal = 0;
}

static void old_plates_are_erased_and_each_epoch_is_told(void **state)
{
    (void)state;
    struct bench *bench = bench_create(15, 500);

    start(bench);
    read_plates(bench, (const int64_t[]){200, 150, 100, 0}, 4);
    stop(bench);
    bench->settings.keep_plates_days = 120;
    start(bench);
    bench->goal = bench->told + 1; /* the first ended 150 days ago, the second only 100 */
    run(bench);
    stop(bench);
    bench->settings.keep_plates_days = 30;
    start(bench);
    bench->goal = bench->told + 1;
    run(bench);
    bench->goal = 0;
    for (int i = 0; i < 3; i++)
        commit(bench, 1); /* and the next look is a day away */
    assert_int_equal(bench->told, 4 + 2 + 3);
    bench_destroy(bench);
}

static void plates_that_cannot_be_erased_are_trouble_and_erased_later(void **state)
{
    (void)state;
    struct bench *bench = bench_create(16, 500);

    start(bench);
    read_plates(bench, (const int64_t[]){200, 150, 0}, 3);
    stop(bench);
    meddle(bench->world, "CREATE TRIGGER no_erasing BEFORE DELETE ON plate BEGIN SELECT "
                         "raise(ABORT, 'not now'); END");
    bench->settings.keep_plates_days = 120;
    bench->stop_on_trouble = bench->stop_on_recovery = true;
    start(bench);
    run(bench);
    assert_non_null(strstr(bench->said, "not now"));
    meddle(bench->world, "DROP TRIGGER no_erasing");
    run(bench);
    assert_int_equal(bench->recoveries, 1);
    assert_int_equal(bench->told, 3 + 1);
    bench_destroy(bench);
}

static void what_cannot_be_projected_is_trouble_and_projected_later(void **state)
{
    (void)state;
    struct bench *bench = bench_create(17, 500);

    start(bench);
    commit(bench, 20);
    meddle(bench->world, "CREATE TRIGGER no_more BEFORE UPDATE ON bay BEGIN SELECT raise(ABORT, "
                         "'not now'); END; CREATE TRIGGER no_new BEFORE INSERT ON bay BEGIN "
                         "SELECT raise(ABORT, 'not now'); END");
    bench->stop_on_trouble = bench->stop_on_recovery = true;
    add(bench, 1200); /* more than wait for company */
    run(bench);
    assert_non_null(strstr(bench->said, "not now"));
    meddle(bench->world, "DROP TRIGGER no_more; DROP TRIGGER no_new");
    run(bench);
    assert_int_equal(bench->recoveries, 1);
    assert_int_equal(bench->told, 1220);
    bench_destroy(bench);
}

static void so_many_records_are_sealed_before_their_hour(void **state)
{
    (void)state;
    struct bench *bench = bench_create(14, 500);

    start(bench);
    add(bench, 9000);
    bench->goal = 9001;
    run(bench);
    bench_destroy(bench);
}

/* A loop that ends without asking for the rest: the thread ends, and closes its file in order. */
static void a_loop_that_has_gone_ends_the_thread(void **state)
{
    (void)state;
    struct world *world = world_create(11);
    struct store_thread_settings settings = {.path = world->path};
    struct store_request request = {.type = STORE_DO_READ};
    struct err err;

    for (int asks = 0; asks < 2; asks++) { /* the second time it has something to say */
        settings.store = world_open(world, STORE_WRITE);
        struct worker *worker = worker_create("store", store_thread, &settings, &err);
        request.batch = batch_create();
        if (asks)
            assert_true(worker_send(worker, &request, sizeof request));
        worker_destroy(worker);
        batch_destroy(request.batch);                /* nobody took the answer */
        store_close(world_open(world, STORE_WRITE)); /* nobody holds it any more */
    }
    world_destroy(world);
}

static void with_too_few_descriptors_no_thread_is_started(void **state)
{
    (void)state;
    struct bench *bench = bench_create(12, 10);
    struct store_hooks hooks = hooks_of(bench);
    struct rlimit before, few;
    struct err err = {.text = ""};
    int refused = 0;

    getrlimit(RLIMIT_NOFILE, &before);
    for (rlim_t more = 0; !bench->worker && more < 20; more++) {
        struct store *store = world_open(bench->world, STORE_WRITE);
        int first = dup(0);

        close(first);
        few = (struct rlimit){(rlim_t)first + more, before.rlim_max};
        setrlimit(RLIMIT_NOFILE, &few);
        bench->worker = store_worker_create(store, &bench->settings, bench->loop, &hooks, &err);
        setrlimit(RLIMIT_NOFILE, &before);
        refused += !bench->worker;
        assert_true(bench->worker || err.text[0]);
    }
    assert_non_null(bench->worker);
    assert_true(refused >= 2);
    bench_destroy(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damage_is_told_also_when_there_is_trouble_already),
        cmocka_unit_test(a_disk_that_stays_full_is_tried_ever_more_rarely),
        cmocka_unit_test(two_troubles_are_told_once_and_are_over_together),
        cmocka_unit_test(what_a_full_disk_does_not_take_at_the_end_is_lost_and_said),
        cmocka_unit_test(two_backups_are_not_made_at_once),
        cmocka_unit_test(a_loop_that_does_not_listen_for_long_misses_nothing),
        cmocka_unit_test(company_is_waited_for_as_long_as_was_said),
        cmocka_unit_test(progress_of_many_uplinks_goes_in_one_batch),
        cmocka_unit_test(progress_alone_is_committed_within_a_second),
        cmocka_unit_test(at_the_bound_a_declared_loss_is_still_taken),
        cmocka_unit_test(a_batch_that_was_large_gives_its_memory_back),
        cmocka_unit_test(a_seal_that_is_not_taken_is_trouble_and_made_later),
        cmocka_unit_test(old_plates_are_erased_and_each_epoch_is_told),
        cmocka_unit_test(plates_that_cannot_be_erased_are_trouble_and_erased_later),
        cmocka_unit_test(what_cannot_be_projected_is_trouble_and_projected_later),
        cmocka_unit_test(so_many_records_are_sealed_before_their_hour),
        cmocka_unit_test(a_loop_that_has_gone_ends_the_thread),
        cmocka_unit_test(with_too_few_descriptors_no_thread_is_started),
    };

    return cmocka_run_group_tests_name("store trouble", tests, NULL, NULL);
}
