/*
 * Statements that are refused: of each act of the store the N-th call of SQLite fails, for each N
 * until the act passes untouched, once and from then on. A statement does not compile, does not
 * begin, or is interrupted after its first row, as SQLite does it when its memory or its file fails
 * it. The act says so or does without, it leaves nothing half done, and what was in the file before
 * is there afterwards, plates with it. Of what the store does with files beside SQLite each call
 * fails likewise.
 *
 *   fault_statements [--quick] [--seed N] [--results FILE]
 */
#include <inttypes.h>

#include "daemon/store/acknowledged.h"
#include "daemon/store/audit.h"
#include "daemon/store/inside.h"
#include "daemon/store/plate_reader.h"
#include "daemon/store/store_orphans.h"
#include "daemon/store/store_stays.h"
#include "tests/fault/refusal.h"
#include "tests/fault/run.h"
#include "tests/unit/yard_world.h"

enum { RECORDS = 60, YARD_TURNS = 20, PRUNED = 40, BEHIND = 10, QUICK_STRIDE = 29 };
#define DAY_MS INT64_C(86400000)
#define EVERY_KIND (UINT32_MAX >> (32 - RECORD_KINDS))

/* The files that the acts begin with, each with those beside it. */
enum master {
    USUAL,
    COPIED,
    OLDER,
    OLD_SCHEMA,
    SUSPECT,
    DAMAGED,     /* a record is not as it was written */
    TORN_PAGE,   /* of the journal */
    TORN_SCHEMA, /* of it */
    LISTED,      /* plates on lists whose epochs are erased, and one that can be */
    PLAIN,       /* plates on lists from before there were tokens */
    BEHIND_KEYS, /* the key file is older than the newest seal */
    NOTHING,
    MASTERS
};

struct scene {
    struct world *world;
    char masters[MASTERS][128], path[128], backup[128];
    uint64_t heads[MASTERS]; /* records that must be there afterwards */
    size_t tokens[MASTERS];  /* plates that could not be read before */
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

/* What is not projected yet is brought on first. */
static bool read_news(struct scene *scene, struct store *store, struct err *err)
{
    return commit(scene, store, err) && read_all(scene, store, err);
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

static void add_list(struct world *world, const char *plate, bool on)
{
    struct record record = {.kind = RECORD_LIST, .list = {.lot = PLAN_NONE, .on = on}};

    snprintf(record.list.plate, sizeof record.list.plate, "%s", plate);
    world_add(world, record);
}

/* One comes off whose key is gone, one off that had none, one on, which begins an epoch. */
static bool change_lists(struct scene *scene, struct store *store, struct err *err)
{
    struct world *world = scene->world;
    struct store_batch batch = {.rows = world->rows};

    world->count = 0;
    world->at_ms += 40 * DAY_MS;
    add_list(world, "皖A00001", false);
    add_list(world, "皖C1", false);
    add_list(world, "皖A00003", false);
    add_list(world, "皖B1", true);
    world->at_ms -= 40 * DAY_MS + 4000;
    batch.rows_count = world->count;
    return store_commit(store, &batch, err);
}

static bool erase(struct scene *scene, struct store *store, struct err *err)
{
    utc_ms now = {scene->world->at_ms + 400 * DAY_MS};
    struct record record;

    return commit(scene, store, err) && store_erase_plates(store, now, now, &record, err);
}

static bool seal(struct scene *scene, struct store *store, struct err *err)
{
    struct record record;

    return store_seal(store, (utc_ms){scene->world->at_ms}, &record, err);
}

struct query {
    struct plate_reader *reader;
    struct err *err;
    bool good;
};

/* The store's rows have the plates already; a query's have their tokens. */
static bool query_one(void *arg, const struct store_row *row)
{
    struct query *query = arg;
    const char *text;

    query->good = plate_reader_body(query->reader, row->body, &text, query->err) &&
                  plate_reader_text(query->reader, "~00112233445566778899aabb", &text, query->err);
    return query->good;
}

static bool read_plates(struct scene *scene, struct store *store, struct err *err)
{
    struct query query = {plate_reader_create(store->sql, scene->path, err), err, false};
    bool good = query.reader && store_of_kind(store, RECORD_LIST, query_one, &query, err);

    plate_reader_destroy(query.reader);
    return good && query.good;
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
    bool late;  /* the opening is another act's */
    bool files; /* calls on files are swept, too */
} acts[] = {
    {"begin", NOTHING, open_writer, commit, .files = true},
    {"open", USUAL, open_writer, nothing_more, .files = true},
    {"open a copy", COPIED, open_writer, nothing_more},
    {"open an older copy", OLDER, open_writer, nothing_more, .files = true},
    {"open with older keys", BEHIND_KEYS, open_writer, nothing_more, .files = true},
    {"bring a schema forward", OLD_SCHEMA, open_writer, nothing_more},
    {"open one that is suspect", SUSPECT, store_open_or_begin, nothing_more, .files = true},
    {"set a damaged one aside", DAMAGED, store_open_or_begin, nothing_more, .files = true},
    {"set one with a torn page aside", TORN_PAGE, store_open_or_begin, nothing_more},
    {"set one with a torn schema aside", TORN_SCHEMA, store_open_or_begin, nothing_more},
    {"commit", USUAL, open_writer, commit, .late = true},
    {"read", USUAL, open_writer, read_news, .late = true},
    {"read beside the writer", USUAL, open_reader, read_for_people},
    {"prune", USUAL, open_writer, prune, .late = true},
    {"back up", USUAL, open_writer, back_up, .late = true, .files = true},
    {"rebuild", USUAL, open_writer, rebuild, .late = true},
    {"change lists", LISTED, open_writer, change_lists, .late = true, .files = true},
    {"change lists of plain plates", PLAIN, open_writer, change_lists},
    {"erase plates", LISTED, open_writer, erase, .late = true, .files = true},
    {"seal", USUAL, open_writer, seal, .late = true, .files = true},
    {"read plates for a query", LISTED, open_reader, read_plates, .late = true},
    {"audit", USUAL, NULL, NULL, .files = true},
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
    static const char *const endings[] = {"",         "-wal",  "-acknowledged",
                                          "-suspect", "-keys", "-root"};
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

/* A plate that the keys do not open. */
static bool see_token(void *arg, const struct store_row *row)
{
    *(size_t *)arg += strstr(row->body, "\"plate\":\"~") != NULL;
    return true;
}

static bool count_tokens(const char *path, size_t *ret, struct err *err)
{
    struct store *store = store_open(path, STORE_READ, err);
    bool good = store && store_read(store, 1, SIZE_MAX >> 1, see_token, ret, err);

    store_close(store);
    return good;
}

/* What must be there after whatever is done with a copy of it. */
static void note(struct scene *scene, enum master master, const char *path)
{
    struct err err;
    struct store *store = store_open(path, STORE_READ, &err);

    assert_non_null(store);
    scene->heads[master] = world_head(store);
    store_close(store);
    assert_true(count_tokens(path, &scene->tokens[master], &err));
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

/* Two plates that were carried over from an erased epoch, and another epoch that has ended. */
static void make_lists(struct scene *scene)
{
    static const char *const plates[] = {"皖A00001", "皖A00002", "皖C1", "皖C2", "皖C3"};
    static const int64_t days[] = {0, 0, 40, 50, 90};
    struct world *world = scene->world;
    struct err err;
    struct store *store = open_writer(scene->masters[LISTED], &err);
    int64_t began = world->at_ms;
    struct record record;

    assert_non_null(store);
    for (size_t i = 0; i < sizeof plates / sizeof *plates; i++) {
        utc_ms now = {began + days[i] * DAY_MS};

        assert_true(store_erase_plates(store, now, now, &record, &err));
        world->at_ms = now.ms;
        add_list(world, plates[i], true);
        world_commit(world, store);
    }
    store_close(store);
    world->at_ms = began;
}

/* An end between a seal and its key, while one copy of the keys was written. */
static void make_behind_keys(struct scene *scene)
{
    const char *path = scene->masters[BEHIND_KEYS];
    char keys[160], before[160];
    struct err err;

    copy_database(scene->masters[USUAL], path);
    snprintf(keys, sizeof keys, "%s-keys", path);
    snprintf(before, sizeof before, "%s-before", path);
    copy_file(keys, before);
    struct store *store = open_writer(path, &err);
    assert_true(store && seal(scene, store, &err));
    store_close(store);
    copy_file(before, keys);
    FILE *file = fopen(keys, "r+b");
    assert_true(file && !fseek(file, 100, SEEK_SET) && fputs("cut", file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void make_damaged(struct scene *scene, enum master master, const char *change)
{
    const char *path = scene->masters[master];
    struct err err;

    copy_database(scene->masters[COPIED], path);
    struct sql *sql = sql_open(path, SQL_COPY, &err);
    assert_true(sql && sql_run(sql, change, &err));
    sql_close(sql);
    touch_suspect(path);
}

static void tear_page(const char *path)
{
    int64_t page = 0, size = 0;
    struct err err;
    struct sql *sql = sql_open(path, SQL_READ, &err);

    assert_true(
        sql && sql_number(sql, "PRAGMA page_size", &size, &err) &&
        sql_number(sql, "SELECT rootpage FROM sqlite_schema WHERE name = 'journal'", &page, &err));
    sql_close(sql);
    FILE *file = fopen(path, "r+b");
    assert_true(file && !fseek(file, (long)((page - 1) * size), SEEK_SET));
    assert_true(fputs("a sector of something else", file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void make_all_damaged(struct scene *scene)
{
    make_damaged(scene, DAMAGED, "UPDATE journal SET hash = zeroblob(32) WHERE seq = 90");
    make_damaged(scene, TORN_SCHEMA,
                 "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE TABLE' "
                 "WHERE name = 'journal'");
    make_damaged(scene, TORN_PAGE, "");
    tear_page(scene->masters[TORN_PAGE]);
}

static void make_masters(struct scene *scene)
{
    struct store *store = world_open(scene->world, STORE_WRITE);
    struct err err;

    make_usual(scene, store);
    assert_true(store_backup(store, scene->masters[COPIED], go_on, NULL, &err));
    note(scene, USUAL, scene->world->path);
    store_close(store);
    note(scene, COPIED, scene->masters[COPIED]);
    scene->heads[OLDER] = scene->heads[COPIED];
    scene->heads[SUSPECT] = scene->heads[USUAL];
    copy_database(scene->masters[COPIED], scene->masters[OLDER]);
    make_older(scene);
    copy_file("tests/captures/store-v1.db", scene->masters[OLD_SCHEMA]);
    copy_file("tests/captures/store-v3.db", scene->masters[PLAIN]);
    copy_database(scene->masters[USUAL], scene->masters[SUSPECT]);
    touch_suspect(scene->masters[SUSPECT]);
    make_all_damaged(scene);
    make_lists(scene);
    note(scene, LISTED, scene->masters[LISTED]);
    make_behind_keys(scene);
    note(scene, BEHIND_KEYS, scene->masters[BEHIND_KEYS]);
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

/* Which call is refused. */
struct position {
    enum refused what;
    uint64_t nth;
    bool sticky;
};

static void arm(const struct position *position)
{
    refusal_arm(position->what, position->nth, position->sticky);
}

/* The act with its end; false: it says that something went wrong. */
static bool perform(struct scene *scene, const struct act *act, const struct position *position,
                    struct err *err)
{
    if (!act->late)
        arm(position);
    if (!act->open)
        return audit(scene->path, err);
    struct store *store = act->open(scene->path, err);
    if (act->late)
        arm(position);
    bool good = store && act->run(scene, store, err);
    store_close(store);
    return good;
}

/* Without the refusal the daemon starts, has what it had, and everything adds up. */
static bool comes_back(struct scene *scene, const struct act *act, struct err *err)
{
    bool damaged = act->master >= DAMAGED && act->master <= TORN_SCHEMA;
    struct store *store =
        damaged ? store_open_or_begin(scene->path, err) : store_open(scene->path, STORE_WRITE, err);
    size_t tokens = 0;

    if (!store)
        return err_prefix(err, "start");
    uint64_t head = world_head(store);
    store_close(store);
    scene->acknowledged += scene->heads[act->master];
    scene->lost += head < scene->heads[act->master] ? scene->heads[act->master] - head : 0;
    if (head < scene->heads[act->master])
        return err_set(err, "it ends with record %" PRIu64 ", not %" PRIu64, head,
                       scene->heads[act->master]);
    if (!count_tokens(scene->path, &tokens, err))
        return false;
    if (tokens > scene->tokens[act->master] && act->run != erase)
        return err_set(err, "%zu plates cannot be read any more",
                       tokens - scene->tokens[act->master]);
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
static bool one(struct scene *scene, const struct act *act, const struct position *position)
{
    static const char *const words[] = {"statement", "call", "interrupted call", "half of a call"};
    struct err said = {.text = ""}, err = {.text = ""};

    copy_database(scene->masters[act->master], scene->path);
    bool done = perform(scene, act, position, &said);
    bool came = refusal_came();
    refusal_disarm();
    bool good = done || said.text[0] || err_set(&err, "it failed and does not say why");
    good = good && (came || done || err_set(&err, "it fails by itself: %s", said.text)) &&
           comes_back(scene, act, &err);
    if (!good && scene->failed < 10)
        printf("%s, %s %" PRIu64 "%s: %s\n", act->name, words[position->what], position->nth,
               position->sticky ? " and from then on" : "", err.text);
    remove_others(scene);
    scene->runs++;
    scene->refused += came;
    scene->passed += good;
    scene->failed += !good;
    return came;
}

/* Once each, and each `stride`-th from then on; how many there are. */
static uint64_t sweep_of(struct scene *scene, const struct act *act, enum refused what,
                         uint64_t stride)
{
    struct position once = {what, 1, false}, sticky = {what, 1, true};

    while (one(scene, act, &once))
        once.nth++;
    while (what <= REFUSE_CALL && one(scene, act, &sticky))
        sticky.nth += stride;
    return once.nth - 1;
}

static void sweep(struct scene *scene, const struct act *act, bool quick)
{
    uint64_t stride = quick ? QUICK_STRIDE : 1, counts[REFUSED] = {0};

    counts[0] = sweep_of(scene, act, REFUSE_STATEMENT, stride);
    for (int what = REFUSE_CALL; what < REFUSED && act->files; what++)
        counts[what] = sweep_of(scene, act, (enum refused)what, stride);
    printf("%s: %" PRIu64 " calls of SQLite, %" PRIu64 " on files\n", act->name,
           counts[REFUSE_STATEMENT], counts[REFUSE_CALL]);
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
    printf("%" PRIu64 " runs, in %" PRIu64 " of them a call was refused\n", scene.runs,
           scene.refused);
    run_result(&run, &(struct run_row){"statement refused",
                                       "each call of SQLite and on files in each act; once and "
                                       "for good",
                                       scene.runs, scene.acknowledged, scene.lost, 0});
    return run_end(&run, scene.passed, scene.failed);
}
