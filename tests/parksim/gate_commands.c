/* See gate_commands.h. */
#include "tests/parksim/gate_commands.h"

#include <string.h>

#include "tests/parksim/board.h"
#include "tests/parksim/sim.h"

/* NULL when there is no such lane, which has been said. */
static struct boom *find(struct field *field, const char *id, struct board **ret_board, FILE *out)
{
    for (uint32_t i = 0; i < field->plan->gates_count; i++) {
        const struct plan_gate *gate = &field->plan->gates[i];
        if (strcmp(gate->id, id) != 0)
            continue;
        struct board *board = field->devices[gate->unit].sensed.board;
        for (int k = 0; k < BOARD_BOOMS; k++)
            boom_move(&board->booms[k], sim_mono_us());
        if (ret_board)
            *ret_board = board;
        return &board->booms[gate->place];
    }
    fputs("error: no such lane", out);
    return NULL;
}

/* One of `words`, which ends with NULL; -1 when it is none, which has been said. */
static int choose(const char *word, const char *const *words, FILE *out)
{
    for (int i = 0; words[i]; i++)
        if (strcmp(words[i], word) == 0)
            return i;
    fputs("error:", out);
    for (int i = 0; words[i]; i++)
        fprintf(out, "%s %s", i ? "," : "", words[i]);
    fputs(" are allowed", out);
    return -1;
}

static const char *const off_on[] = {"off", "on", NULL};

void gate_loop(struct field *field, char **words, FILE *out)
{
    static const char *const loops[] = {"P", "C", NULL};
    struct boom *boom = find(field, words[1], NULL, out);
    int loop = boom ? choose(words[2], loops, out) : -1;
    int on = loop >= 0 ? choose(words[3], off_on, out) : -1;
    if (on < 0)
        return;
    *(loop ? &boom->closing : &boom->presence) = on;
    truth_note(field->truth, words[1], on ? (loop ? "C on" : "P on") : (loop ? "C off" : "P off"));
    fputs("ok", out);
}

void gate_button(struct field *field, char **words, FILE *out)
{
    struct boom *boom = find(field, words[1], NULL, out);
    int on = boom ? choose(words[2], off_on, out) : -1;
    if (on < 0)
        return;
    boom->button = on;
    fputs("ok", out);
}

void gate_boom(struct field *field, char **words, FILE *out)
{
    static const char *const acts[] = {"down", "stop", "up", "stuck", "free", NULL};
    struct boom *boom = find(field, words[1], NULL, out);
    int act = boom ? choose(words[2], acts, out) : -1;
    if (act < 0)
        return;
    if (act <= 2)
        boom_press(boom, act - 1, sim_mono_us());
    else
        boom->stuck = act == 3;
    truth_note(field->truth, words[1], acts[act]);
    fputs("ok", out);
}

void gate_limit(struct field *field, char **words, FILE *out)
{
    static const char *const ends[] = {"down", "up", NULL};
    static const char *const limits[] = {"works", "on", "off", NULL};
    struct boom *boom = find(field, words[1], NULL, out);
    int end = boom ? choose(words[2], ends, out) : -1;
    int limit = end >= 0 ? choose(words[3], limits, out) : -1;
    if (limit < 0)
        return;
    boom->limits[end] = (enum boom_limit)limit;
    fputs("ok", out);
}

void gate_travel(struct field *field, char **words, FILE *out)
{
    struct boom *boom = find(field, words[1], NULL, out);
    int64_t ms;
    if (!boom)
        return;
    if (!sim_number(words[2], 100, 60000, &ms)) {
        fputs("error: 100 to 60000 is allowed", out);
        return;
    }
    boom->position_us = boom->position_us * ms * 1000 / boom->travel_us;
    boom->travel_us = ms * 1000;
    fputs("ok", out);
}

void gate_mode(struct field *field, char **words, FILE *out)
{
    struct board *board;
    int64_t relay, mode;
    if (!find(field, words[1], &board, out))
        return;
    if (!sim_number(words[2], 0, BOARD_RELAYS - 1, &relay) || !sim_number(words[3], 0, 3, &mode)) {
        fputs("error: a relay from 0 to 7 and a mode from 0 to 3 are allowed", out);
        return;
    }
    board->modes[relay] = (uint16_t)mode;
    fputs("ok", out);
}

void gate_barrier(struct field *field, char **words, FILE *out)
{
    struct board *board;
    const struct boom *boom = find(field, words[1], &board, out);
    if (!boom)
        return;
    fprintf(out,
            "{\"percent\":%d,\"way\":%d,\"operations\":%u,\"opens\":%u,\"closes\":%u,\"stops\":%u,"
            "\"resets\":%u,\"opened_us\":%lld,\"P\":%s,\"C\":%s}",
            boom_percent(boom), boom->way, boom->operations, boom->opens, boom->closes, boom->stops,
            board->resets, (long long)boom->opened_us, boom->presence ? "true" : "false",
            boom->closing ? "true" : "false");
}
