/* The store on its thread: order, group commit, failing disks, what is told to the loop. */
#include "tests/unit/store_world.h"

#include <signal.h>
#include <sys/resource.h>

#include "daemon/base/clock.h"
#include "daemon/store/audit.h"
#include "daemon/store/store_worker.h"

/* The loop's side: counts what it is told and checks that no record is left out. */
struct bench {
    struct world *world;
    struct loop *loop;
    struct loop_timer *guard;
    struct store_worker *worker;
    struct store_settings settings;
    uint64_t committed; /* the newest seq told */
    uint64_t retention; /* records of that kind */
    size_t goal;        /* stop when so many are committed */
    size_t told;
    int troubles, recoveries;
    bool stop_on_trouble, stop_on_recovery;
    struct store_loss loss;
    uint32_t page_tag;
    size_t page_count;
    uint64_t page_last;
    bool page_end;
    bool done;
    char done_text[ERR_TEXT_SIZE];
};

static void committed(void *arg, const struct store_row *rows, const struct record *records,
                      size_t count)
{
    struct bench *bench = arg;

    for (size_t i = 0; i < count; i++) {
        assert_int_equal(rows[i].seq, bench->committed + 1);
        assert_int_equal(rows[i].kind, records[i].kind);
        assert_int_equal(rows[i].at.ms, records[i].at.ms);
        assert_int_equal(strlen(rows[i].body), rows[i].body_size);
        assert_int_equal(strlen(rows[i].id), 32);
        bench->committed = rows[i].seq;
        bench->retention += rows[i].kind == RECORD_RETENTION;
    }
    bench->told += count;
    if (bench->goal && bench->told >= bench->goal)
        loop_stop(bench->loop, 0);
}

static void page(void *arg, uint32_t tag, const struct store_row *rows, size_t count, bool end)
{
    struct bench *bench = arg;

    bench->page_tag = tag;
    bench->page_count = count;
    bench->page_last = count ? rows[count - 1].seq : 0;
    bench->page_end = end;
    loop_stop(bench->loop, 0);
}

static void done(void *arg, uint32_t tag, const struct err *err)
{
    struct bench *bench = arg;

    assert_int_equal(tag, 7);
    strcpy(bench->done_text, err->text);
    bench->done = true;
}

static void trouble(void *arg, const struct err *err)
{
    struct bench *bench = arg;

    if (err) {
        assert_true(strlen(err->text) > 20);
        bench->troubles++;
        if (bench->stop_on_trouble)
            loop_stop(bench->loop, 0);
        return;
    }
    bench->recoveries++;
    if (store_worker_loss(bench->worker, &bench->loss)) {
        struct record record = {.kind = RECORD_LOSS, .at = {bench->world->at_ms}};
        char body[RECORD_BODY_MAX + 1];
        struct text text;

        strcpy(record.loss.what, "records");
        record.loss.count = bench->loss.count;
        record.loss.from = bench->loss.from;
        record.loss.to = bench->loss.to;
        text_init(&text, body, sizeof body);
        record_encode(&record, NULL, &text);
        store_worker_add(bench->worker, &record, text.bytes, text.used);
    }
    if (bench->stop_on_recovery)
        loop_stop(bench->loop, 0);
}

static void too_late(void *arg)
{
    (void)arg;
    fail_msg("not within its time");
}

static void start(struct bench *bench)
{
    const struct store_hooks hooks = {bench, committed, page, done, trouble};
    struct store *store = world_open(bench->world, STORE_WRITE);
    struct err err;

    bench->committed = world_head(store);
    bench->worker = store_worker_create(store, &bench->settings, bench->loop, &hooks, &err);
    assert_non_null(bench->worker);
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

static void show_breach(void *arg, const struct audit_finding *finding)
{
    (void)arg;
    if (!finding->good)
        printf("rule %d %s: %s\n", finding->rule, finding->name, finding->text);
}

static size_t audit(const char *path)
{
    size_t breaches;
    struct err err;

    if (!audit_run(path, show_breach, NULL, &breaches, &err))
        fail_msg("%s", err.text);
    return breaches;
}

static void bench_destroy(struct bench *bench)
{
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

static void run_until_committed(struct bench *bench, size_t records)
{
    bench->goal = bench->told + records;
    run(bench);
    bench->goal = 0;
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

static void records_become_durable_in_the_order_of_their_coming(void **state)
{
    (void)state;
    struct bench *bench = bench_create(1, 64);
    struct store_worker_stats stats;

    start(bench);
    for (int i = 0; i < 20; i++) {
        add(bench, 1 + world_random(bench->world, 200));
        store_worker_stats(bench->worker, &stats);
        run_until_committed(bench, stats.waiting);
    }
    store_worker_stats(bench->worker, &stats);
    assert_int_equal(stats.waiting, 0);
    assert_int_equal(stats.head_seq, bench->committed);
    assert_int_equal(stats.records, bench->told);
    store_worker_destroy(bench->worker);
    bench->worker = NULL;
    assert_int_equal(audit(bench->world->path), 0);
    bench_destroy(bench);
}

static void records_that_come_during_a_commit_share_the_next(void **state)
{
    (void)state;
    struct bench *bench = bench_create(2, 10);
    struct store_worker_stats stats;

    start(bench);
    add(bench, 10); /* full: goes at once */
    for (int i = 0; i < 9; i++)
        add(bench, 1);
    run_until_committed(bench, 19);
    store_worker_stats(bench->worker, &stats);
    assert_int_equal(stats.batches, 2);
    add(bench, 35); /* three full ones and a rest */
    run_until_committed(bench, 35);
    store_worker_stats(bench->worker, &stats);
    assert_int_equal(stats.batches, 6);
    bench_destroy(bench);
}

static void progress_waits_for_company(void **state)
{
    (void)state;
    struct bench *bench = bench_create(3, 100);
    struct outbox_mark mark = {.seq = 2, .state = OUTBOX_RETRY, .attempts = 1, .reason = "503"};
    struct outbox_progress progress = {.uplink = "city", .kinds = 0xff, .since = 1};
    struct store_worker_stats stats;
    struct err err;

    start(bench);
    add(bench, 5);
    run_until_committed(bench, 5);
    store_worker_progress(bench->worker, &progress);
    progress.through = 3;
    progress.delivered = 2;
    progress.marks = &mark;
    progress.marks_count = 1;
    store_worker_progress(bench->worker, &progress);
    mark.attempts = 2;
    store_worker_progress(bench->worker, &progress);
    add(bench, 1);
    run_until_committed(bench, 1);
    store_worker_stats(bench->worker, &stats);
    assert_int_equal(stats.batches, 2);
    store_worker_destroy(bench->worker);
    bench->worker = NULL;

    struct store *store = world_open(bench->world, STORE_READ);
    assert_true(store_progress(store, "city", &progress, &err));
    assert_int_equal(progress.through, 3);
    assert_int_equal(progress.marks_count, 1);
    assert_int_equal(progress.marks[0].attempts, 2);
    free(progress.marks);
    store_close(store);
    assert_int_equal(audit(bench->world->path), 0);
    bench_destroy(bench);
}

static void what_gathers_is_committed_at_the_end(void **state)
{
    (void)state;
    struct bench *bench = bench_create(4, 10);

    start(bench);
    add(bench, 47);
    store_worker_destroy(bench->worker);
    bench->worker = NULL;
    assert_int_equal(bench->told, 0); /* no hook any more */
    struct store *store = world_open(bench->world, STORE_READ);
    assert_int_equal(world_head(store), 47);
    store_close(store);
    bench_destroy(bench);
}

static void a_disk_that_fails_for_a_while_loses_nothing(void **state)
{
    (void)state;
    struct bench *bench = bench_create(5, 20);

    start(bench);
    add(bench, 10);
    run_until_committed(bench, 10);
    limit_files(12 * 1024);
    bench->stop_on_trouble = true;
    add(bench, 300);
    run(bench);
    assert_int_equal(bench->troubles, 1);
    add(bench, 30);
    limit_files(RLIM_INFINITY);
    run_until_committed(bench, 340 - bench->told);
    assert_int_equal(bench->committed, 340);
    store_worker_destroy(bench->worker);
    bench->worker = NULL;
    assert_int_equal(audit(bench->world->path), 0);
    bench_destroy(bench);
}

static void at_the_bound_the_loss_is_counted_and_recorded(void **state)
{
    (void)state;
    struct bench *bench = bench_create(6, 5000);
    struct store_worker_stats stats;

    start(bench);
    limit_files(512);
    bench->stop_on_trouble = bench->stop_on_recovery = true;
    add(bench, 1);
    run(bench);
    assert_int_equal(bench->troubles, 1);
    add(bench, STORE_WAITING_MAX + 49);
    store_worker_stats(bench->worker, &stats);
    assert_int_equal(stats.waiting, STORE_WAITING_MAX);
    int64_t last = bench->world->at_ms - 1000;
    limit_files(RLIM_INFINITY);
    run(bench);
    assert_int_equal(bench->recoveries, 1);
    assert_int_equal(bench->loss.count, 50);
    assert_int_equal(bench->loss.to.ms, last);
    assert_int_equal(bench->loss.from.ms, last - 49 * 1000);
    add(bench, 10);
    run_until_committed(bench, STORE_WAITING_MAX + 11 - bench->told);
    store_worker_destroy(bench->worker);
    bench->worker = NULL;
    assert_int_equal(audit(bench->world->path), 0); /* the gap is where the loss record stands */
    bench_destroy(bench);
}

static void pages_are_read_while_the_disk_is_full(void **state)
{
    (void)state;
    struct bench *bench = bench_create(7, 50);

    start(bench);
    add(bench, 120);
    run_until_committed(bench, 120);
    store_worker_read(bench->worker, 3, 51, 60);
    run(bench);
    assert_int_equal(bench->page_tag, 3);
    assert_int_equal(bench->page_count, 60);
    assert_int_equal(bench->page_last, 110);
    assert_false(bench->page_end);
    limit_files(512);
    bench->stop_on_trouble = true;
    add(bench, 100);
    run(bench);
    store_worker_read(bench->worker, 4, 111, 60);
    run(bench);
    assert_int_equal(bench->page_count, 10);
    assert_true(bench->page_end);
    store_worker_read(bench->worker, 5, 121, 60);
    run(bench);
    assert_int_equal(bench->page_count, 0);
    assert_true(bench->page_end);
    limit_files(RLIM_INFINITY);
    bench_destroy(bench);
}

static void a_backup_lets_commits_pass(void **state)
{
    (void)state;
    struct bench *bench = bench_create(8, 200);
    char copy[128];

    start(bench);
    add(bench, 5000);
    run_until_committed(bench, 5000);
    snprintf(copy, sizeof copy, "%s/copy.db", bench->world->folder);
    store_worker_backup(bench->worker, 7, copy);
    size_t during = 0;
    for (; !bench->done; during++) {
        add(bench, 1);
        run_until_committed(bench, 1);
    }
    assert_string_equal(bench->done_text, "");
    assert_true(during > 5);
    assert_int_equal(audit(copy), 0);
    snprintf(copy, sizeof copy, "%s/no/such/folder.db", bench->world->folder);
    bench->done = false;
    store_worker_backup(bench->worker, 7, copy);
    while (!bench->done) {
        add(bench, 1);
        run_until_committed(bench, 1);
    }
    assert_non_null(strstr(bench->done_text, "cannot be created"));
    bench_destroy(bench);
}

static void old_records_go_in_small_steps(void **state)
{
    (void)state;
    struct bench *bench = bench_create(9, 200);

    bench->world->at_ms = clock_utc().ms - INT64_C(3) * 86400 * 1000;
    bench->settings.keep_days = 0;
    start(bench);
    add(bench, 1200);
    run_until_committed(bench, 1200);
    store_worker_destroy(bench->worker);
    bench->settings.keep_days = 2;
    start(bench);
    run_until_committed(bench, 3); /* steps of 500 */
    assert_int_equal(bench->retention, 3);
    store_worker_destroy(bench->worker);
    bench->worker = NULL;
    assert_int_equal(audit(bench->world->path), 0);
    bench_destroy(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_become_durable_in_the_order_of_their_coming),
        cmocka_unit_test(records_that_come_during_a_commit_share_the_next),
        cmocka_unit_test(progress_waits_for_company),
        cmocka_unit_test(what_gathers_is_committed_at_the_end),
        cmocka_unit_test(a_disk_that_fails_for_a_while_loses_nothing),
        cmocka_unit_test(at_the_bound_the_loss_is_counted_and_recorded),
        cmocka_unit_test(pages_are_read_while_the_disk_is_full),
        cmocka_unit_test(a_backup_lets_commits_pass),
        cmocka_unit_test(old_records_go_in_small_steps),
    };

    return cmocka_run_group_tests_name("store worker", tests, NULL, NULL);
}
