/*
 * The truth log's file. Ids come from the plan and need no escaping beyond what the plan allows.
 */
#include "tests/parksim/truth.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/parksim/sim.h"

enum { BUFFER_SIZE = 1 << 18 };

struct truth {
    FILE *file; /* NULL: nothing is kept */
};

struct truth *truth_create(const char *path)
{
    struct truth *truth = sim_alloc(1, sizeof *truth);
    if (!path)
        return truth;
    truth->file = fopen(path, "we");
    if (!truth->file)
        sim_fail("%s: %s", path, strerror(errno));
    setvbuf(truth->file, NULL, _IOFBF, BUFFER_SIZE);
    return truth;
}

void truth_destroy(struct truth *truth)
{
    if (truth->file)
        fclose(truth->file);
    free(truth);
}

void truth_flush(struct truth *truth)
{
    if (truth->file && fflush(truth->file) != 0)
        sim_fail("truth log: %s", strerror(errno));
}

static const char *state_name(bool occupied)
{
    return occupied ? "occupied" : "free";
}

void truth_change(struct truth *truth, const char *bay, bool occupied, int64_t mono_us)
{
    if (truth->file)
        fprintf(truth->file,
                "{\"event\":\"change\",\"bay\":\"%s\",\"state\":\"%s\",\"mono_us\":%" PRId64
                ",\"utc_ms\":%" PRId64 "}\n",
                bay, state_name(occupied), mono_us, sim_utc_ms());
}

void truth_served(struct truth *truth, const struct truth_served *served)
{
    if (truth->file)
        fprintf(truth->file,
                "{\"event\":\"served\",\"seq\":%" PRIu64
                ",\"bay\":\"%s\",\"state\":\"%s\",\"mono_us\":%" PRId64 ",\"changed_us\":%" PRId64
                ",\"utc_ms\":%" PRId64 "}\n",
                served->seq, served->bay, state_name(served->occupied), served->mono_us,
                served->changed_us, sim_utc_ms());
}

void truth_car(struct truth *truth, const struct truth_car *car)
{
    if (truth->file)
        fprintf(truth->file,
                "{\"event\":\"%s\",\"lane\":\"%s\",\"plate\":\"%s\",\"direction\":\"%s\","
                "\"behaviour\":\"%s\",\"mono_us\":%" PRId64 ",\"utc_ms\":%" PRId64 "}\n",
                car->event, car->lane, car->plate, car->out ? "out" : "in", car->behaviour,
                sim_mono_us(), sim_utc_ms());
}

void truth_note(struct truth *truth, const char *line, const char *what)
{
    if (truth->file)
        fprintf(truth->file,
                "{\"event\":\"note\",\"line\":\"%s\",\"what\":\"%s\",\"mono_us\":%" PRId64
                ",\"utc_ms\":%" PRId64 "}\n",
                line, what, sim_mono_us(), sim_utc_ms());
}
