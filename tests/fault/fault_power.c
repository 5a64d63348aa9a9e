/*
 * Power cuts: the life of a store (life.h) on a disk that loses its power at a random change. What
 * was not synced is dropped, kept or torn sector by sector; some cuts come a second time, while the
 * store recovers. After each the daemon must start, and every rule must hold.
 *
 *   fault_power [--quick] [--runs CUTS] [--seed N] [--results FILE]
 *   fault_power --control normal|ack-first|send-first|mark-first     must fail
 */
#include <inttypes.h>
#include <math.h>

#include "tests/fault/life.h"
#include "tests/fault/run.h"

enum { CUTS_OF_A_LIFE = 40, MOST_CHANGES = 2000, STEPS_MOST = 5000, FULL = 3000, QUICK = 300 };

/* Between 1 and MOST_CHANGES, as often among the first ten as among the last thousand. */
static uint64_t draw_moment(struct life *life)
{
    double share = (double)life_random(life, 1 << 20) / (1 << 20);

    return (uint64_t)exp(share * log(MOST_CHANGES));
}

/* Runs until the power goes, and lets it come back. */
static void live_until_cut(struct life *life, uint64_t changes)
{
    struct err err;

    disk_cut_after(life->disk, changes);
    if (life_start(life, &err))
        life_run(life, STEPS_MOST);
    life_stop(life);
    disk_restore(life->disk);
}

/* The daemon starts, and what it was killed with is proved; in either order. */
static bool comes_back(struct life *life, struct err *err)
{
    bool first = life->acked && life_random(life, 2);

    if (first && !life_prove(life, err))
        return false;
    if (!life_start(life, err))
        return err_prefix(err, "start");
    life_stop(life);
    return first || life_prove(life, err);
}

static bool one_cut(struct life *life, struct err *err)
{
    live_until_cut(life, draw_moment(life));
    if (life_random(life, 4) == 0)
        live_until_cut(life, 1 + life_random(life, 12)); /* again, while it recovers */
    return comes_back(life, err);
}

static bool is_old(const struct life *life, uint64_t cut)
{
    return cut % CUTS_OF_A_LIFE == 0 || life->acked > LIFE_SEQS / 2;
}

static enum control parse_control(const struct run *run)
{
    for (int i = 1; run->control && i < CONTROLS; i++)
        if (!strcmp(run->control, control_name((enum control)i)))
            return (enum control)i;
    if (run->control) {
        fprintf(stderr, "there is no control \"%s\"\n", run->control);
        exit(2);
    }
    return CONTROL_NONE;
}

static uint64_t doubled_of(const struct life *life)
{
    return life->receivers[0].doubled + life->receivers[1].doubled;
}

int main(int argc, char **argv)
{
    struct run run = run_parse(argc, argv, FULL, QUICK);
    enum control control = parse_control(&run);
    struct disk *disk = disk_create(run.seed);
    struct life life = {.world = NULL};
    uint64_t failed = 0;
    bool broken = true;

    for (uint64_t cut = 0; cut < run.runs; cut++) {
        struct err err;
        if (broken || is_old(&life, cut)) {
            if (life.world) {
                life.counts.doubled += doubled_of(&life);
                life_end(&life);
            }
            life_begin(&life, disk, run.seed * 1000003 + cut, control);
        }
        broken = !one_cut(&life, &err);
        failed += broken;
        if (broken && failed <= 5)
            printf("cut %" PRIu64 ": %s\n", cut, err.text);
        run_progress(&run, cut + 1);
    }
    life.counts.doubled += doubled_of(&life);
    life_end(&life);
    disk_destroy(disk);
    printf("%" PRIu64 " cuts, %" PRIu64 " steps, %" PRIu64 " commits, %" PRIu64 " pruned, %" PRIu64
           " backups; %" PRIu64 " records acknowledged, %" PRIu64 " lost, %" PRIu64 " doubled\n",
           run.runs, life.counts.steps, life.counts.commits, life.counts.pruned,
           life.counts.backups, life.counts.acknowledged, life.counts.lost, life.counts.doubled);
    run_result(&run, &(struct run_row){
                         "power cut", "simulated disk, unsynced sectors dropped or torn", run.runs,
                         life.counts.acknowledged, life.counts.lost, life.counts.doubled});
    return run_end(&run, run.runs - failed, failed);
}
