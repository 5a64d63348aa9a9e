/*
 * The floor: what the same libraries can do without a product around them. A raw loop over
 * libmodbus, SQLite (WAL, FULL) and libmosquitto (QoS 1): each cycle reads every block, commits the
 * changes in one transaction, then publishes them. No reconnects, no rules, no checks: a practical
 * limit to compare with, nothing to run on a lot.
 *
 * Usage: bench_floor BROKER_PORT DATABASE POLL_MS BAYS_A_UNIT UNITS PORT...
 * Bays are named A-0001… over ports, units and registers in that order, as parksim names them.
 */
#include <modbus/modbus.h>
#include <mosquitto.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINES_MAX = 64, REGISTERS_MAX = 125 };

struct floor {
    int lines, units, bays;
    modbus_t *line[LINES_MAX];
    int16_t *state; /* -1 before the first read */
    struct mosquitto *broker;
    sqlite3 *db;
    sqlite3_stmt *insert, *upsert;
    long long seq;
};

static volatile sig_atomic_t stopped;

static void on_signal(int number)
{
    (void)number;
    stopped = 1;
}

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "bench_floor: %s\n", what);
    exit(1);
}

static void open_database(struct floor *f, const char *path)
{
    must(sqlite3_open(path, &f->db) == SQLITE_OK, "no database");
    must(sqlite3_exec(f->db,
                      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                      "CREATE TABLE event(seq INTEGER PRIMARY KEY, at INTEGER, body TEXT);"
                      "CREATE TABLE bay(bay TEXT PRIMARY KEY, state INTEGER) WITHOUT ROWID",
                      NULL, NULL, NULL) == SQLITE_OK,
         "no tables");
    sqlite3_prepare_v2(f->db, "INSERT INTO event VALUES(?,?,?)", -1, &f->insert, NULL);
    sqlite3_prepare_v2(f->db, "REPLACE INTO bay VALUES(?,?)", -1, &f->upsert, NULL);
}

static int64_t now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

struct change {
    long long seq;
    char body[160];
};

static void note_change(struct floor *f, int bay, int state, struct change *ret)
{
    char name[16];
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    snprintf(name, sizeof name, "A-%04d", bay + 1);
    ret->seq = ++f->seq;
    snprintf(ret->body, sizeof ret->body,
             "{\"seq\":%lld,\"type\":\"bay_changed\",\"bay\":\"%s\",\"to\":\"%s\",\"at\":%lld}",
             f->seq, name, state ? "occupied" : "free", (long long)t.tv_sec);
    sqlite3_bind_int64(f->insert, 1, f->seq);
    sqlite3_bind_int64(f->insert, 2, t.tv_sec);
    sqlite3_bind_text(f->insert, 3, ret->body, -1, SQLITE_STATIC);
    must(sqlite3_step(f->insert) == SQLITE_DONE, "no insert");
    sqlite3_reset(f->insert);
    sqlite3_bind_text(f->upsert, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_int(f->upsert, 2, state);
    must(sqlite3_step(f->upsert) == SQLITE_DONE, "no upsert");
    sqlite3_reset(f->upsert);
}

/* Reads every block; what changed is inserted (a transaction is open) and listed. */
static int read_all(struct floor *f, struct change *changes)
{
    uint16_t words[REGISTERS_MAX];
    int count = 0, bay = 0;

    for (int line = 0; line < f->lines; line++) {
        for (int unit = 1; unit <= f->units; unit++) {
            modbus_set_slave(f->line[line], unit);
            must(modbus_read_input_registers(f->line[line], 0, f->bays, words) == f->bays,
                 "no answer");
            for (int i = 0; i < f->bays; i++, bay++) {
                if (f->state[bay] == words[i])
                    continue;
                f->state[bay] = (int16_t)words[i];
                note_change(f, bay, words[i], &changes[count++]);
            }
        }
    }
    return count;
}

static void cycle(struct floor *f, struct change *changes)
{
    sqlite3_exec(f->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    int count = read_all(f, changes);
    must(sqlite3_exec(f->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK, "no commit");
    for (int i = 0; i < count; i++)
        mosquitto_publish(f->broker, NULL, "parking/demo/records", (int)strlen(changes[i].body),
                          changes[i].body, 1, false);
}

static void connect_all(struct floor *f, char **ports)
{
    for (int i = 0; i < f->lines; i++) {
        f->line[i] = modbus_new_tcp("127.0.0.1", atoi(ports[i]));
        must(modbus_connect(f->line[i]) == 0, "no field");
    }
}

int main(int argc, char **argv)
{
    must(argc > 6, "usage: bench_floor BROKER_PORT DATABASE POLL_MS BAYS_A_UNIT UNITS PORT...");
    struct floor f = {.lines = argc - 6, .units = atoi(argv[5]), .bays = atoi(argv[4])};
    int total = f.lines * f.units * f.bays;
    int64_t period_us = (int64_t)atoi(argv[3]) * 1000;
    struct change *changes = calloc((size_t)total, sizeof *changes);

    must(f.lines <= LINES_MAX && f.bays <= REGISTERS_MAX, "too many lines or registers");
    f.state = malloc((size_t)total * sizeof *f.state);
    memset(f.state, 0xff, (size_t)total * sizeof *f.state);
    signal(SIGTERM, on_signal);
    signal(SIGINT, on_signal);
    open_database(&f, argv[2]);
    connect_all(&f, argv + 6);
    mosquitto_lib_init();
    f.broker = mosquitto_new("floor", true, NULL);
    mosquitto_max_inflight_messages_set(f.broker, 200);
    must(mosquitto_connect(f.broker, "127.0.0.1", atoi(argv[1]), 30) == 0, "no broker");
    mosquitto_loop_start(f.broker);
    for (int64_t next = now_us(); !stopped; next += period_us) {
        cycle(&f, changes);
        int64_t left = next + period_us - now_us();
        if (left > 0)
            usleep((useconds_t)left);
    }
    mosquitto_disconnect(f.broker);
    mosquitto_loop_stop(f.broker, false);
    sqlite3_close(f.db);
    return 0;
}
