/*
 * Statements that are refused: of each act of the store the N-th call of SQLite fails, for each N
 * until the act passes untouched, once and from then on. A statement does not compile, does not
 * begin, or is interrupted after its first row, as SQLite does it when its memory or its file fails
 * it. The act says so or does without, it leaves nothing half done, and what was in the file before
 * is there afterwards. The linker's --wrap leads the calls of daemon/store/sql.c here.
 *
 *   fault_statements [--quick] [--seed N] [--results FILE]
 */
#include <inttypes.h>
#include <sqlite3.h>

#include "daemon/store/acknowledged.h"
#include "daemon/store/audit.h"
#include "daemon/store/sql.h"
#include "daemon/store/store_orphans.h"
#include "daemon/store/store_stays.h"
#include "tests/fault/run.h"
#include "tests/unit/yard_world.h"

enum { RECORDS = 60, YARD_TURNS = 20, PRUNED = 40, BEHIND = 10, QUICK_STRIDE = 5 };
#define EVERY_KIND (UINT32_MAX >> (32 - RECORD_KINDS))

/* What refuses: one for the process, as the wrapped calls have no other way to it. */
static struct {
    uint64_t left; /* calls until the one that fails; 0: none does */
    bool sticky, failed;
    const sqlite3_stmt *stepping; /* its first row was given */
} refusal;

static void arm(uint64_t nth, bool sticky)
{
    refusal.left = nth;
    refusal.sticky = sticky;
    refusal.failed = false;
    refusal.stepping = NULL;
}

static bool refuse(void)
{
    if (refusal.failed)
        return refusal.sticky;
    if (!refusal.left || --refusal.left > 0)
        return false;
    refusal.failed = true;
    return true;
}

int __real_sqlite3_prepare_v3(sqlite3 *db, const char *text, int size, unsigned flags,
                              sqlite3_stmt **ret, const char **ret_tail);
int __wrap_sqlite3_prepare_v3(sqlite3 *db, const char *text, int size, unsigned flags,
                              sqlite3_stmt **ret, const char **ret_tail);
int __real_sqlite3_exec(sqlite3 *db, const char *text, int (*fn)(void *, int, char **, char **),
                        void *arg, char **ret_message);
int __wrap_sqlite3_exec(sqlite3 *db, const char *text, int (*fn)(void *, int, char **, char **),
                        void *arg, char **ret_message);
int __real_sqlite3_step(sqlite3_stmt *statement);
int __wrap_sqlite3_step(sqlite3_stmt *statement);

int __wrap_sqlite3_prepare_v3(sqlite3 *db, const char *text, int size, unsigned flags,
                              sqlite3_stmt **ret, const char **ret_tail)
{
    return __real_sqlite3_prepare_v3(db, refuse() ? "refused" : text, size, flags, ret, ret_tail);
}

int __wrap_sqlite3_exec(sqlite3 *db, const char *text, int (*fn)(void *, int, char **, char **),
                        void *arg, char **ret_message)
{
    return __real_sqlite3_exec(db, refuse() ? "refused" : text, fn, arg, ret_message);
}

/* No power is cut here: these stand before the C library's, SQLite's own syncs among them, so that
 * a sweep takes seconds. */
int fdatasync(int fd)
{
    (void)fd;
    return 0;
}

int fsync(int fd)
{
    (void)fd;
    return 0;
}

static int interrupt(void *arg)
{
    (void)arg;
    return 1;
}

/* The first row and the second are moments to fail at; one of the further ones is like another. */
int __wrap_sqlite3_step(sqlite3_stmt *statement)
{
    bool further = refusal.stepping == statement && sqlite3_stmt_busy(statement);
    sqlite3 *db = sqlite3_db_handle(statement);

    refusal.stepping = sqlite3_stmt_busy(statement) ? statement : NULL;
    if (further || !refuse())
        return __real_sqlite3_step(statement);
    sqlite3_progress_handler(db, 1, interrupt, NULL);
    int code = __real_sqlite3_step(statement);
    sqlite3_progress_handler(db, 0, NULL, NULL);
    return code;
}

/* The files that the acts begin with, each with those beside it. */
enum master { USUAL, COPIED, OLDER, OLD_SCHEMA, SUSPECT, DAMAGED, NOTHING, MASTERS };

struct scene {
    struct world *world;
    char masters[MASTERS][128], path[128], backup[128];
    uint64_t heads[MASTERS]; /* records that must be there afterwards */
    uint64_t runs, refused, passed, failed, acknowledged, lost;
};

static bool see_row(void *arg, const struct store_row *row)
{
    (void)row;
    ++*(size_t *)arg;
    return true;
}

static bool see_stay(void *arg, const struct store_stay *stay)
{
    (void)stay;
    ++*(size_t *)arg;
    return true;
}

static void see_name(void *arg, const char *name)
{
    (void)name;
    ++*(size_t *)arg;
}

static bool nothing_more(struct scene *scene, struct store *store, struct err *err)
{
    (void)scene, (void)store, (void)err;
    return true;
}

/* Records, and of each uplink what became of others: delivered, to be tried again, given up. */
static bool commit(struct scene *scene, struct store *store, struct err *err)
{
    struct world *world = scene->world;
    struct outbox_mark marks[] = {{.seq = 71, .state = OUTBOX_RETRY, .attempts = 1},
                                  {.seq = 72, .state = OUTBOX_DEAD, .reason = "will not"},
                                  {.seq = 73, .state = OUTBOX_DELIVERED}};
    struct outbox_progress progress[] = {{.uplink = "broker",
                                          .kinds = EVERY_KIND,
                                          .since = 1,
                                          .through = 74,
                                          .delivered = 71,
                                          .marks = marks,
                                          .marks_count = 3},
                                         {.uplink = "gone"}};
    struct store_batch batch = {.rows = world->rows, .progress = progress};

    world->count = 0;
    world_add(world, (struct record){.kind = RECORD_GATEWAY, .gateway = {"started", "1"}});
    batch.rows_count = world->count;
    batch.progress_count = world_head(store) < 74 ? 0 : 2;
    return store_commit(store, &batch, err);
}

static bool read_all(struct scene *scene, struct store *store, struct err *err)
{
    struct outbox_progress broker = {.since = 0}, fresh = {.since = 0};
    uint64_t undelivered;
    size_t seen = 0;
    utc_ms from;

    (void)scene;
    bool good = store_read(store, 1, SIZE_MAX >> 1, see_row, &seen, err) &&
                store_of_kind(store, RECORD_STAY_OPENED, see_row, &seen, err) &&
                store_latest(store, RECORD_BAY_CHANGED, see_row, &seen, err) &&
                store_standing(store, (utc_ms){0}, see_row, &seen, err) &&
                store_uplinks(store, see_name, &seen, err) &&
                store_undelivered(store, "broker", &undelivered, &from, err) &&
                store_progress(store, "broker", &broker, err) &&
                store_progress(store, "fresh", &fresh, err);
    free(broker.marks);
    return good;
}

static bool read_for_people(struct scene *scene, struct store *store, struct err *err)
{
    static struct orphan_witness witnesses[STORE_WITNESSES];
    struct store_stay_filter filter = {.lot = "A"};
    static struct orphans orphans;
    size_t seen = 0;

    (void)scene;
    return store_stays(store, &filter, see_stay, &seen, err) &&
           store_stay_records(store, "S000001", see_row, &seen, err) &&
           store_orphans(store, "A", &orphans, witnesses, err) &&
           store_stay_lots(store, see_name, &seen, err) && read_all(scene, store, err);
}

static bool prune(struct scene *scene, struct store *store, struct err *err)
{
    utc_ms now = {scene->world->at_ms};
    struct record record;

    return store_prune(store, now, now, PRUNED, &record, err);
}

static bool go_on(void *arg, int done, int total)
{
    (void)arg, (void)done, (void)total;
    return true;
}

static bool back_up(struct scene *scene, struct store *store, struct err *err)
{
    return store_backup(store, scene->backup, go_on, NULL, err);
}

static bool rebuild(struct scene *scene, struct store *store, struct err *err)
{
    (void)scene;
    return store_rebuild(store, err);
}

static struct store *open_writer(const char *path, struct err *err)
{
    return store_open(path, STORE_WRITE, err);
}

static struct store *open_reader(const char *path, struct err *err)
{
    return store_open(path, STORE_READ, err);
}

/* What is done with an open store, and with which file. */
static const struct act {
    const char *name;
    enum master master;
    struct store *(*open)(const char *path, struct err *err); /* NULL: the audit opens it itself */
    bool (*run)(struct scene *scene, struct store *store, struct err *err);
} acts[] = {
    {"begin", NOTHING, open_writer, commit},
    {"open", USUAL, open_writer, nothing_more},
    {"open a copy", COPIED, open_writer, nothing_more},
    {"open an older copy", OLDER, open_writer, nothing_more},
    {"bring a schema forward", OLD_SCHEMA, open_writer, nothing_more},
    {"open one that is suspect", SUSPECT, store_open_or_begin, nothing_more},
    {"set a damaged one aside", DAMAGED, store_open_or_begin, nothing_more},
    {"commit", USUAL, open_writer, commit},
    {"read", USUAL, open_writer, read_all},
    {"read beside the writer", USUAL, open_reader, read_for_people},
    {"prune", USUAL, open_writer, prune},
    {"back up", USUAL, open_writer, back_up},
    {"rebuild", USUAL, open_writer, rebuild},
    {"audit", USUAL, NULL, NULL},
};
enum { ACTS = sizeof acts / sizeof *acts };

/* What is not there is not there afterwards either. */
static void copy_file(const char *from, const char *to)
{
    FILE *in = fopen(from, "rb");
    char bytes[65536];
    size_t size;

    unlink(to);
    if (!in)
        return;
    FILE *out = fopen(to, "wb");
    assert_non_null(out);
    while ((size = fread(bytes, 1, sizeof bytes, in)) > 0)
        assert_int_equal(fwrite(bytes, 1, size, out), size);
    assert_int_equal(fclose(out), 0);
    fclose(in);
}

/* The database with what lies beside it, as a machine finds it that has just started. */
static void copy_database(const char *from, const char *to)
{
    static const char *const endings[] = {"", "-wal", "-acknowledged", "-suspect"};
    char source[160], target[160];

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        snprintf(source, sizeof source, "%s%s", from, endings[i]);
        snprintf(target, sizeof target, "%s%s", to, endings[i]);
        copy_file(source, target);
    }
    snprintf(target, sizeof target, "%s-shm", to);
    unlink(target);
}

static void touch_suspect(const char *path)
{
    char mark[160];

    snprintf(mark, sizeof mark, "%s-suspect", path);
    FILE *file = fopen(mark, "w");
    assert_non_null(file);
    fclose(file);
}

static void note_head(struct scene *scene, enum master master, const char *path)
{
    struct err err;
    struct store *store = store_open(path, STORE_READ, &err);

    assert_non_null(store);
    scene->heads[master] = world_head(store);
    store_close(store);
}

static void live(struct yard_world *yard, struct store *store)
{
    world_live(yard->world, store, RECORDS);
    for (int i = 0; i < YARD_TURNS; i++) {
        yard_happen(yard);
        if (yard->world->count > 0)
            world_commit(yard->world, store);
    }
}

/* A file as a power cut leaves it: with a log, marks, held records, projections behind. */
static void make_usual(struct scene *scene, struct store *store)
{
    struct outbox_mark marks[] = {{.seq = 3, .state = OUTBOX_DEAD, .reason = "will not"},
                                  {.seq = 73, .state = OUTBOX_RETRY, .attempts = 2}};
    struct outbox_progress progress = {.uplink = "broker",
                                       .kinds = EVERY_KIND,
                                       .since = 1,
                                       .through = 70,
                                       .delivered = 69,
                                       .marks = marks,
                                       .marks_count = 2};
    struct store_batch batch = {.progress = &progress, .progress_count = 1};
    static struct yard_world yard;
    struct record record;
    struct err err;

    yard.world = scene->world;
    live(&yard, store);
    assert_true(store_commit(store, &batch, &err));
    assert_true(store_prune(store, (utc_ms){scene->world->at_ms}, (utc_ms){scene->world->at_ms}, 30,
                            &record, &err));
    live(&yard, store);
    copy_database(scene->world->path, scene->masters[USUAL]);
}

static void make_older(const struct scene *scene)
{
    char path[160];
    struct acknowledged known;

    snprintf(path, sizeof path, "%s", scene->masters[OLDER]);
    assert_true(acknowledged_open(&known, path, NULL));
    acknowledged_write(&known, scene->heads[COPIED] + BEHIND, "00112233445566778899aabbccddeeff");
    acknowledged_close(&known);
}

static void make_masters(struct scene *scene)
{
    struct store *store = world_open(scene->world, STORE_WRITE);
    struct err err;

    make_usual(scene, store);
    assert_true(store_backup(store, scene->masters[COPIED], go_on, NULL, &err));
    note_head(scene, USUAL, scene->world->path);
    store_close(store);
    note_head(scene, COPIED, scene->masters[COPIED]);
    scene->heads[OLDER] = scene->heads[COPIED];
    scene->heads[SUSPECT] = scene->heads[USUAL];
    copy_database(scene->masters[COPIED], scene->masters[OLDER]);
    make_older(scene);
    copy_file("tests/captures/store-v1.db", scene->masters[OLD_SCHEMA]);
    copy_database(scene->masters[USUAL], scene->masters[SUSPECT]);
    touch_suspect(scene->masters[SUSPECT]);
    copy_database(scene->masters[USUAL], scene->masters[DAMAGED]);
    struct sql *sql = sql_open(scene->masters[DAMAGED], SQL_COPY, &err);
    assert_true(sql && sql_run(sql, "UPDATE journal SET hash = zeroblob(32) WHERE seq = 90", &err));
    sql_close(sql);
    touch_suspect(scene->masters[DAMAGED]);
}

static void note_finding(void *arg, const struct audit_finding *finding)
{
    struct err *err = arg;

    if (!finding->good && !err->text[0])
        err_set(err, "%s: %s", finding->name, finding->text);
}

static bool audit(const char *path, struct err *err)
{
    size_t breaches = 0;

    return audit_run(path, note_finding, err, &breaches, err) && !breaches;
}

/* The act with its end; false: it says that something went wrong. */
static bool perform(struct scene *scene, const struct act *act, struct err *err)
{
    if (!act->open)
        return audit(scene->path, err);
    struct store *store = act->open(scene->path, err);
    bool good = store && act->run(scene, store, err);
    store_close(store);
    return good;
}

/* Without the refusal the daemon starts, has what it had, and everything adds up. */
static bool comes_back(struct scene *scene, enum master master, struct err *err)
{
    struct store *store = master == DAMAGED ? store_open_or_begin(scene->path, err)
                                            : store_open(scene->path, STORE_WRITE, err);

    if (!store)
        return err_prefix(err, "start");
    uint64_t head = world_head(store);
    store_close(store);
    scene->acknowledged += scene->heads[master];
    scene->lost += head < scene->heads[master] ? scene->heads[master] - head : 0;
    if (head < scene->heads[master])
        return err_set(err, "it ends with record %" PRIu64 ", not %" PRIu64, head,
                       scene->heads[master]);
    return audit(scene->path, err);
}

/* What was set aside, and backups: they would fill the disk. */
static void remove_others(const struct scene *scene)
{
    DIR *folder = opendir(scene->world->folder);
    struct dirent *entry;

    while ((entry = readdir(folder)))
        if (strstr(entry->d_name, ".damaged-") || strstr(entry->d_name, "backup"))
            unlinkat(dirfd(folder), entry->d_name, 0);
    closedir(folder);
}

/* False when the act made no N-th call. */
static bool one(struct scene *scene, const struct act *act, uint64_t nth, bool sticky)
{
    struct err said = {.text = ""}, err = {.text = ""};

    copy_database(scene->masters[act->master], scene->path);
    arm(nth, sticky);
    bool done = perform(scene, act, &said);
    bool came = refusal.failed;
    arm(0, false);
    bool good = done || said.text[0] || err_set(&err, "it failed and does not say why");
    good = good && (came || done || err_set(&err, "it fails by itself: %s", said.text)) &&
           comes_back(scene, act->master, &err);
    if (!good && scene->failed < 10)
        printf("%s, call %" PRIu64 "%s: %s\n", act->name, nth, sticky ? " and from then on" : "",
               err.text);
    remove_others(scene);
    scene->runs++;
    scene->refused += came;
    scene->passed += good;
    scene->failed += !good;
    return came;
}

static void sweep(struct scene *scene, const struct act *act, bool quick)
{
    uint64_t nth = 1, sticky = 1;

    while (one(scene, act, nth, false))
        nth++;
    while (one(scene, act, sticky, true))
        sticky += quick ? QUICK_STRIDE : 1;
    printf("%s: %" PRIu64 " calls\n", act->name, nth - 1);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    struct run run = run_parse(argc, argv, 1, 1);
    struct scene scene = {.world = world_create(run.seed)};

    for (int i = 0; i < MASTERS; i++)
        snprintf(scene.masters[i], sizeof scene.masters[i], "%s/master-%d", scene.world->folder, i);
    snprintf(scene.path, sizeof scene.path, "%s/run.db", scene.world->folder);
    snprintf(scene.backup, sizeof scene.backup, "%s/backup.db", scene.world->folder);
    make_masters(&scene);
    for (int i = 0; i < ACTS; i++)
        sweep(&scene, &acts[i], run.quick);
    world_destroy(scene.world);
    printf("%" PRIu64 " runs, in %" PRIu64 " of them a statement was refused\n", scene.runs,
           scene.refused);
    run_result(&run, &(struct run_row){"statement refused",
                                       "each call of SQLite in each act; once and for good",
                                       scene.runs, scene.acknowledged, scene.lost, 0});
    return run_end(&run, scene.passed, scene.failed);
}
