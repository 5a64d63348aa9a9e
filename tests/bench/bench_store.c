/*
 * Durable changes a second and bytes written for each: the store on its thread, beside a raw loop
 * over SQLite with the same settings (insert into a journal, upsert of the bay; no chain, no
 * thread, no outbox) in the same run. Bays change at random among 2,000; a group is handed over
 * when the one before it is durable, and every group carries an uplink's progress.
 *
 * Usage: bench_store [FOLDER [GROUPS]]   (on the disk that is to be measured; /tmp, 2,000)
 * "bytes" are those of write calls to files, "disk" what the kernel had to bring to the disk.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/memory.h"
#include "daemon/store/store_worker.h"

enum { BAYS = 2000, WARM_UP = 4000, RECORDS_MOST = 200000 };

struct written {
    long long bytes, disk;
};

/* A row of the table: one way at one size of group. */
struct result {
    double seconds;
    size_t records;
    struct written written;
    int64_t *commits_us;
    size_t commits;
};

static struct written written_now(void)
{
    struct written now = {0, 0};
    char line[128];
    FILE *file = fopen("/proc/self/io", "r");

    while (file && fgets(line, sizeof line, file)) {
        sscanf(line, "wchar: %lld", &now.bytes);
        sscanf(line, "write_bytes: %lld", &now.disk);
    }
    if (file)
        fclose(file);
    return now;
}

/* Bays that change at random. */
struct field {
    struct site_plan plan;
    struct lot_plan lot;
    struct zone_plan zone;
    struct bay_plan bays[BAYS];
    char names[BAYS][8];
    bool occupied[BAYS];
    uint32_t seed;
    struct record record;
    char body[RECORD_BODY_MAX + 1];
    size_t body_size;
};

static struct field *field_create(void)
{
    struct field *field = memory_new(1, sizeof *field);

    field->lot.id = "A";
    field->zone.id = "A1";
    for (uint32_t i = 0; i < BAYS; i++) {
        snprintf(field->names[i], sizeof field->names[i], "A-%04u", i % 10000);
        field->bays[i].id = field->names[i];
    }
    field->plan = (struct site_plan){.lots = &field->lot,
                                     .zones = &field->zone,
                                     .bays = field->bays,
                                     .lots_count = 1,
                                     .zones_count = 1,
                                     .bays_count = BAYS};
    field->seed = 1;
    return field;
}

static uint32_t field_change(struct field *field)
{
    struct text body;

    field->seed = field->seed * 1664525u + 1013904223u;
    uint32_t bay = (uint32_t)((uint64_t)field->seed * BAYS >> 32);
    enum bay_state from = field->occupied[bay] ? BAY_OCCUPIED : BAY_FREE;
    field->occupied[bay] = !field->occupied[bay];
    enum bay_state to = field->occupied[bay] ? BAY_OCCUPIED : BAY_FREE;
    field->record = (struct record){.kind = RECORD_BAY_CHANGED,
                                    .at = clock_utc(),
                                    .bay_changed = {bay, from, to, BAY_BY_READING}};
    text_init(&body, field->body, sizeof field->body);
    record_encode(&field->record, &field->plan, &body);
    field->body_size = body.used;
    return bay;
}

static void die(const char *why)
{
    fprintf(stderr, "bench_store: %s\n", why);
    exit(1);
}

static void take_time(struct result *result, int64_t start_us)
{
    result->commits_us[result->commits++] = clock_mono_us() - start_us;
}

/* The product. */
struct run {
    struct field *field;
    struct loop *loop;
    struct store_worker *worker;
    struct outbox_progress progress;
    size_t group, left, outstanding;
    int64_t start_us;
    struct result *result;
};

static void next_group(struct run *run)
{
    size_t count = run->group < run->left ? run->group : run->left;

    if (!count) {
        loop_stop(run->loop, 0);
        return;
    }
    run->start_us = clock_mono_us();
    run->left -= count;
    run->outstanding = count;
    if (run->progress.through)
        store_worker_progress(run->worker, &run->progress);
    for (size_t i = 0; i < count; i++) {
        field_change(run->field);
        store_worker_add(run->worker, &run->field->record, run->field->body, run->field->body_size);
    }
}

static void committed(void *arg, const struct store_row *rows, const struct record *records,
                      size_t count)
{
    struct run *run = arg;

    (void)records;
    run->progress.through = rows[count - 1].seq;
    run->progress.delivered += count;
    if (rows[0].kind == RECORD_SEAL) /* the store's own, alone */
        return;
    run->outstanding -= count;
    if (run->outstanding)
        return;
    if (run->result)
        take_time(run->result, run->start_us);
    next_group(run);
}

static void trouble(void *arg, const struct err *err)
{
    (void)arg;
    die(err ? err->text : "well again");
}

static void drive(struct run *run, size_t records, size_t group, struct result *result)
{
    struct err err;

    run->group = group;
    run->left = records;
    run->result = result;
    next_group(run);
    if (loop_run(run->loop, &err))
        die(err.text);
}

static void run_store(const char *path, size_t records, size_t group, struct result *result)
{
    struct err err;
    struct run run = {.field = field_create(), .loop = loop_create(&err)};
    const struct store_hooks hooks = {&run, committed, NULL, NULL, trouble};
    const struct store_settings settings = {.path = path,
                                            .batch_records = (uint32_t)(group < 50 ? 50 : group)};
    struct store *store = run.loop ? store_open(path, STORE_WRITE, &err) : NULL;

    if (!store)
        die(err.text);
    strcpy(run.progress.uplink, "city");
    run.progress.kinds = UINT32_MAX >> (32 - RECORD_KINDS);
    run.progress.since = 1;
    run.worker = store_worker_create(store, &settings, run.loop, &hooks, &err);
    if (!run.worker)
        die(err.text);
    drive(&run, WARM_UP, 50, NULL);
    struct written before = written_now();
    int64_t start_us = clock_mono_us();
    drive(&run, records, group, result);
    result->seconds = (double)(clock_mono_us() - start_us) / 1e6;
    /* What is left in the WAL has still to go into the file. */
    store_worker_destroy(run.worker);
    struct written after = written_now();
    result->written = (struct written){after.bytes - before.bytes, after.disk - before.disk};
    result->records = records;
    loop_destroy(run.loop);
    free(run.field);
}

/* The raw loop. */
static void must(sqlite3 *db, int code)
{
    if (code != SQLITE_OK && code != SQLITE_DONE)
        die(sqlite3_errmsg(db));
}

static void execute(sqlite3 *db, const char *text)
{
    must(db, sqlite3_exec(db, text, NULL, NULL, NULL));
}

struct raw {
    sqlite3 *db;
    sqlite3_stmt *insert, *upsert;
    struct field *field;
    int wal_pages;
};

static int note_wal(void *arg, sqlite3 *db, const char *name, int pages)
{
    (void)db;
    (void)name;
    ((struct raw *)arg)->wal_pages = pages;
    return SQLITE_OK;
}

static void raw_open(struct raw *raw, const char *path)
{
    must(raw->db, sqlite3_open(path, &raw->db));
    execute(raw->db, "PRAGMA page_size=1024; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                     "PRAGMA wal_autocheckpoint=0;"
                     "CREATE TABLE event(seq INTEGER PRIMARY KEY, at INTEGER, body TEXT);"
                     "CREATE TABLE bay(id TEXT PRIMARY KEY, state TEXT, at INTEGER, seq INTEGER) "
                     "WITHOUT ROWID;");
    sqlite3_wal_hook(raw->db, note_wal, raw);
    must(raw->db, sqlite3_prepare_v2(raw->db, "INSERT INTO event(at, body) VALUES(?1, ?2)", -1,
                                     &raw->insert, NULL));
    must(raw->db, sqlite3_prepare_v2(raw->db,
                                     "INSERT INTO bay VALUES(?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE "
                                     "SET state = ?2, at = ?3, seq = ?4",
                                     -1, &raw->upsert, NULL));
}

static void raw_change(struct raw *raw)
{
    struct field *field = raw->field;
    uint32_t bay = field_change(field);

    sqlite3_bind_int64(raw->insert, 1, field->record.at.ms);
    sqlite3_bind_text(raw->insert, 2, field->body, (int)field->body_size, SQLITE_STATIC);
    must(raw->db, sqlite3_step(raw->insert));
    sqlite3_reset(raw->insert);
    sqlite3_bind_text(raw->upsert, 1, field->names[bay], -1, SQLITE_STATIC);
    sqlite3_bind_text(raw->upsert, 2, field->occupied[bay] ? "occupied" : "free", -1,
                      SQLITE_STATIC);
    sqlite3_bind_int64(raw->upsert, 3, field->record.at.ms);
    sqlite3_bind_int64(raw->upsert, 4, sqlite3_last_insert_rowid(raw->db));
    must(raw->db, sqlite3_step(raw->upsert));
    sqlite3_reset(raw->upsert);
}

static void raw_groups(struct raw *raw, size_t records, size_t group, struct result *result)
{
    while (records > 0) {
        size_t count = group < records ? group : records;
        int64_t start_us = clock_mono_us();

        execute(raw->db, "BEGIN IMMEDIATE");
        for (size_t i = 0; i < count; i++)
            raw_change(raw);
        execute(raw->db, "COMMIT");
        records -= count;
        if (result)
            take_time(result, start_us);
        if (raw->wal_pages > 1000)
            must(raw->db,
                 sqlite3_wal_checkpoint_v2(raw->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL));
    }
}

static void run_raw(const char *path, size_t records, size_t group, struct result *result)
{
    struct raw raw = {.field = field_create()};

    raw_open(&raw, path);
    raw_groups(&raw, WARM_UP, 50, NULL);
    struct written before = written_now();
    int64_t start_us = clock_mono_us();
    raw_groups(&raw, records, group, result);
    result->seconds = (double)(clock_mono_us() - start_us) / 1e6;
    sqlite3_finalize(raw.insert);
    sqlite3_finalize(raw.upsert);
    sqlite3_close(raw.db);
    struct written after = written_now();
    result->written = (struct written){after.bytes - before.bytes, after.disk - before.disk};
    result->records = records;
    free(raw.field);
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void print(const char *name, size_t group, struct result *result)
{
    qsort(result->commits_us, result->commits, sizeof *result->commits_us, by_size);
    printf("%-6s %6zu %10.0f %8.2f %8.2f %8.2f %8.0f %8.0f\n", name, group,
           (double)result->records / result->seconds,
           (double)result->commits_us[result->commits / 2] / 1e3,
           (double)result->commits_us[result->commits * 99 / 100] / 1e3,
           (double)result->commits_us[result->commits - 1] / 1e3,
           (double)result->written.bytes / (double)result->records,
           (double)result->written.disk / (double)result->records);
}

int main(int argc, char **argv)
{
    static const size_t groups[] = {1, 5, 10, 50, 200, 1000};
    static const struct {
        const char *name;
        void (*run)(const char *path, size_t records, size_t group, struct result *result);
    } ways[] = {{"raw", run_raw}, {"store", run_store}};
    size_t count = argc > 2 ? (size_t)atoi(argv[2]) : 2000;
    char *folder = memory_format("%s/bench-store-XXXXXX", argc > 1 ? argv[1] : "/tmp");

    if (!mkdtemp(folder))
        die("no folder");
    printf("%-6s %6s %10s %8s %8s %8s %8s %8s\n", "", "group", "changes/s", "p50 ms", "p99 ms",
           "max ms", "bytes", "disk");
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        for (size_t way = 0; way < 2; way++) {
            size_t records = groups[i] * count < RECORDS_MOST ? groups[i] * count : RECORDS_MOST;
            char *path = memory_format("%s/%s-%zu.db", folder, ways[way].name, groups[i]);
            char *lock = memory_format("%s-lock", path);
            struct result result = {.commits_us = memory_new(records, sizeof(int64_t))};

            ways[way].run(path, records, groups[i], &result);
            print(ways[way].name, groups[i], &result);
            unlink(path);
            unlink(lock);
            free(path);
            free(lock);
            free(result.commits_us);
        }
    rmdir(folder);
    free(folder);
    return 0;
}
