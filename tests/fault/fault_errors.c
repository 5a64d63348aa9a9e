/*
 * I/O errors: the N-th read, write, sync, open or change of a name fails, once and from then on,
 * for each N until the scenario (life.h, always the same) passes untouched. The daemon tries again,
 * ends and starts anew as it would; every second time the power goes after the error as well.
 * Whatever was promised must be there. How many runs that makes follows from the scenario.
 *
 *   fault_errors [--quick] [--seed N] [--results FILE]
 */
#include <inttypes.h>

#include "tests/fault/life.h"
#include "tests/fault/run.h"

enum { STEPS = 150, STARTS = 4, QUICK_STRIDE = 23 };

struct sweep {
    const struct run *run;
    struct disk *disk;
    struct life life;
    uint64_t runs, failed;
};

/* The scenario with a failure in it. A start or a step that fails is followed by another start, as
 * the service manager does; one that stays ends it, until somebody repairs the disk. */
static void live(struct life *life)
{
    struct err err;

    for (int start = 0; start < STARTS && life->counts.steps < STEPS; start++) {
        if (life_start(life, &err))
            while (life->counts.steps < STEPS && life_step(life))
                ;
        life_stop(life);
    }
}

static bool comes_back(struct sweep *sweep, uint64_t nth, struct err *err)
{
    disk_fail(sweep->disk, DISK_READ, 0, false);
    if (nth % 2)
        disk_restore(sweep->disk);
    if (!life_start(&sweep->life, err))
        return err_prefix(err, "start");
    life_stop(&sweep->life);
    return life_prove(&sweep->life, err);
}

/* False when the scenario did not come that far. */
static bool one(struct sweep *sweep, enum disk_operation operation, uint64_t nth, bool sticky)
{
    struct err err;

    sweep->life.counts.steps = 0;
    life_begin(&sweep->life, sweep->disk, sweep->run->seed, CONTROL_NONE);
    disk_fail(sweep->disk, operation, nth, sticky);
    live(&sweep->life);
    bool came = disk_has_failed(sweep->disk);
    bool good = comes_back(sweep, nth, &err);
    if (!good && sweep->failed < 10)
        printf("%s %" PRIu64 "%s: %s\n", disk_operation_name(operation), nth,
               sticky ? " and from then on" : "", err.text);
    sweep->runs++;
    sweep->failed += !good;
    for (int i = 0; i < LIFE_UPLINKS; i++)
        sweep->life.counts.doubled += sweep->life.receivers[i].doubled;
    life_end(&sweep->life);
    return came;
}

int main(int argc, char **argv)
{
    struct run run = run_parse(argc, argv, 1, 1);
    struct sweep sweep = {.run = &run, .disk = disk_create(run.seed)};

    for (int operation = 0; operation < DISK_OPERATIONS; operation++)
        for (int sticky = 0; sticky < 2; sticky++) {
            bool quick = run.quick && operation != DISK_NAME; /* of these there are few */
            uint64_t nth = 1, stride = quick ? QUICK_STRIDE : 1;
            while (one(&sweep, (enum disk_operation)operation, nth, sticky))
                nth += stride;
            printf("%s%s: %" PRIu64 " positions\n",
                   disk_operation_name((enum disk_operation)operation),
                   sticky ? ", from then on" : ", once", nth - 1);
            fflush(stdout);
        }
    disk_destroy(sweep.disk);
    printf("%" PRIu64 " runs; %" PRIu64 " records acknowledged, %" PRIu64 " lost, %" PRIu64
           " doubled\n",
           sweep.runs, sweep.life.counts.acknowledged, sweep.life.counts.lost,
           sweep.life.counts.doubled);
    run_result(&run, &(struct run_row){"I/O error",
                                       "each read, write, sync, open, name; once and for good",
                                       sweep.runs, sweep.life.counts.acknowledged,
                                       sweep.life.counts.lost, sweep.life.counts.doubled});
    return run_end(&run, sweep.runs - sweep.failed, sweep.failed);
}
