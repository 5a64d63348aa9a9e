/*
 * Random faults of a device on a real link: on a serial line an answer carries neither an address
 * nor a number, so after anything doubtful the line must be made clean. The word at address A holds
 * A. No wrong value may be believed, and the line must work again.
 *
 *   fault_line [--quick] [--runs QUESTIONS] [--seed N] [--results FILE]
 *   fault_line --control no-flush      the line is not made clean; needs the test build; must fail
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sensors/bus/link.h"
#include "tests/fault/run.h"
#include "tests/simulate/seeded.h"
#include "tests/unit/faulty_peer.h"

enum {
    RESPONSE_MS = 100,
    SLOWEST_MS = 200,
    WORDS = 3,
    ASKED = 3,
    PATIENCE = 10,
    QUESTIONS = 1500,
    QUESTIONS_QUICK = 150
};

struct rig {
    struct bus_settings settings;
    struct peer *peer;
    struct link *link;
    uint16_t address;
    struct link_answer answer;
};

static void rig_start(struct rig *rig, enum bus_type type)
{
    *rig = (struct rig){.settings = {.id = "test",
                                     .type = type,
                                     .baud = 115200,
                                     .parity = 'N',
                                     .stop_bits = 1,
                                     .connect_ms = 1000}};
    rig->peer = peer_start(&rig->settings);
    rig->link = link_create(&rig->settings, SLOWEST_MS, (struct wait){0});
}

static void rig_stop(struct rig *rig)
{
    link_destroy(rig->link);
    peer_stop(rig->peer);
}

/* Opens when necessary, as the bus does. */
static enum link_outcome ask(struct rig *rig)
{
    struct err err;

    rig->address = (uint16_t)(rig->address + 100);
    for (int attempt = 0; attempt < 2; attempt++) {
        struct frame_request request = {
            .unit = 17, .function = 3, .address = rig->address, .count = WORDS};
        if (!link_is_open(rig->link) && !link_open(rig->link, &err)) {
            printf("%s\n", err.text);
            return LINK_LOST;
        }
        link_ask(rig->link, &request, RESPONSE_MS, &rig->answer);
        if (rig->answer.sent)
            break;
    }
    return rig->answer.outcome;
}

static bool is_wrong(const struct rig *rig)
{
    for (int i = 0; i < WORDS; i++)
        if ((rig->answer.data[2 * i] << 8 | rig->answer.data[2 * i + 1]) !=
            (uint16_t)(rig->address + i))
            return true;
    return rig->answer.size != 2 * WORDS;
}

struct sums {
    uint64_t good, wrong, doubtful, stuck;
};

/* Some faults fall on what was asked, some on what is asked next. */
static void one_fault(struct rig *rig, enum fault fault, struct sums *sums)
{
    bool back = false;

    peer_fault(rig->peer, fault);
    for (int i = 0; i < ASKED || (!back && i < PATIENCE); i++) {
        bool good = ask(rig) == LINK_GOOD;
        bool wrong = good && is_wrong(rig);
        sums->good += good && !wrong;
        sums->wrong += wrong;
        sums->doubtful += !good;
        back |= good;
    }
    sums->stuck += !back;
}

int main(int argc, char **argv)
{
    static const enum bus_type types[] = {BUS_RTU, BUS_TCP, BUS_RTU_OVER_TCP};
    struct run run = run_parse(argc, argv, QUESTIONS, QUESTIONS_QUICK);
    struct seeded random = seeded_from(run.seed);
    struct sums sums = {0};

    if (run.control)
        setenv("PARKD_CRASH_NUMBERS", "no_flush=1", 1);
    for (size_t type = 0; type < sizeof types / sizeof *types; type++) {
        struct rig rig;
        rig_start(&rig, types[type]);
        for (uint64_t i = 0; i < run.runs / 3; i++) {
            one_fault(&rig, (enum fault)seeded_below(&random, FAULTS), &sums);
            run_progress(&run, type * (run.runs / 3) + i + 1);
        }
        rig_stop(&rig);
    }
    printf("%" PRIu64 " faults: %" PRIu64 " right values believed, %" PRIu64 " wrong, %" PRIu64
           " answers not believed, %" PRIu64 " lines did not come back\n",
           run.runs, sums.good, sums.wrong, sums.doubtful, sums.stuck);
    run_result(&run, &(struct run_row){"device misbehaves",
                                       "random faults on serial and TCP links; "
                                       "lost = wrong values believed",
                                       run.runs, sums.good, sums.wrong, 0});
    return run_end(&run, run.runs - sums.stuck, sums.wrong + (run.control ? 0 : sums.stuck));
}
