/*
 * A year of a busy site in a database: the cars of the simulated months (tests/simulate), so many a
 * day that the records come to what is asked for, up to the last midnight in China; an uplink has
 * delivered all of it. For reports on a large database, which is made once.
 *
 * Usage: bench_year DATABASE RECORDS [SEED]
 */
#include <time.h>

#include "daemon/base/clock.h"
#include "tests/simulate/month_cars.h"

enum { DAYS = 365, RECORDS_A_CAR = 15, SEED = 20261122 };

static void deliver(struct month *month)
{
    struct outbox_progress progress = {.kinds = UINT32_MAX >> (32 - RECORD_KINDS),
                                       .since = 1,
                                       .through = month->records,
                                       .delivered = month->records};
    struct store_batch batch = {.progress = &progress, .progress_count = 1};
    struct err err;

    strcpy(progress.uplink, "city");
    if (!store_commit(month->store, &batch, &err))
        month_die(err.text);
}

int main(int argc, char **argv)
{
    int32_t today = (int32_t)((clock_utc().ms + ZONE_MS) / DAY_MS);

    if (argc < 3)
        month_die("usage: bench_year DATABASE RECORDS [SEED]");
    uint64_t seed = argc > 3 ? strtoull(argv[3], NULL, 10) : SEED;
    uint32_t cars = (uint32_t)(strtoull(argv[2], NULL, 10) / DAYS / RECORDS_A_CAR);
    struct month *month = month_create(seed, argv[1], today - DAYS, DAYS);
    for (int32_t day = 0; day < DAYS; day++)
        month_day(month, day, cars ? cars : 1);
    month_end(month);
    deliver(month);
    printf("seed %llu: %llu records, %u cars a day\n", (unsigned long long)seed,
           (unsigned long long)month->records, cars);
    month_destroy(month);
    return 0;
}
