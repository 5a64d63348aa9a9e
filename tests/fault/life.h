/*
 * The standard scenario of the fault tests: the life of a store, as the daemon would lead it, on
 * the real code of store and outbox and on a disk that can fail. Steps are drawn from a table;
 * after each fault the rules of another table are proved. A new part of the daemon adds its steps
 * and its rules as rows (life_steps.c, life_rules.c).
 *
 * A step that fails is what the daemon's store thread sees: it is tried again, or the process ends
 * and starts anew (life_restart()).
 */
/* long: the scenario's whole state is read as one page */
#ifndef TESTS_FAULT_LIFE_H
#define TESTS_FAULT_LIFE_H

#include "daemon/store/inside.h"
#include "daemon/uplink/outbox.h"
#include "tests/fault/disk.h"
#include "tests/unit/yard_world.h"

enum { LIFE_UPLINKS = 2, LIFE_SEQS = 20000 };

/* Faults of our own, which the rules must notice. */
enum control {
    CONTROL_NONE,
    CONTROL_NORMAL,     /* synchronous=NORMAL */
    CONTROL_ACK_FIRST,  /* acknowledged before the commit */
    CONTROL_SEND_FIRST, /* sent before the commit */
    CONTROL_MARK_FIRST, /* marked as delivered before it was sent */
    CONTROLS
};
const char *control_name(enum control control);

/* Who is told of records: a platform, or a subscriber. It keeps what it was told for ever. */
struct receiver {
    const char *name;
    struct outbox *outbox; /* of the running daemon */
    uint64_t *told;        /* by seq: digest of the body, 0 not told */
    uint64_t told_to;      /* the highest */
    uint64_t repeats;      /* the same again; allowed */
    uint64_t doubled;      /* the same number with another content; never */
    uint64_t since;
};

/* What happens at the lanes, as far as it is durable, and with the batch that is under way.
 * Outlives a child that made it durable and died. */
struct life_yard {
    struct yard_world durable, now;
    bool under_way;
    uint64_t head; /* before the batch */
};

struct life_counts {
    uint64_t acknowledged, lost, doubled, steps, commits, backups, pruned;
};

struct life {
    struct disk *disk; /* NULL: the machine's own */
    struct world *world;
    struct store *store; /* NULL: the daemon is not running */
    enum control control;
    uint64_t random;
    struct receiver receivers[LIFE_UPLINKS];
    struct life_yard *yard;
    uint64_t acked;    /* the newest record that somebody was promised */
    uint64_t *digests; /* of what was promised, by seq */
    mono_ms now;
    char backup[128];
    uint64_t backed_up; /* head that the newest finished backup must have; 0 none */
    struct life_counts counts;
    char why[ERR_TEXT_SIZE]; /* the newest failure of a step */
};

void life_begin(struct life *life, struct disk *disk, uint64_t seed, enum control control);
void life_end(struct life *life);

/* Starts the daemon's store and outboxes from the file. False: err says why. */
bool life_start(struct life *life, struct err *err);
/* In order, or as far as the disk allows. */
void life_stop(struct life *life);

/* One random step. False when the disk failed it. */
bool life_step(struct life *life);
/* Steps until the disk fails one, at most `steps`. */
bool life_run(struct life *life, size_t steps);

/* Proves every rule on what the disk holds; the daemon is stopped. False with the first rule that
 * does not hold. Counts what was lost. */
bool life_prove(struct life *life, struct err *err);

uint64_t life_random(struct life *life, uint64_t below);
uint64_t life_digest(const struct store_row *row); /* never 0 */

#endif
