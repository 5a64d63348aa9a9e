/*
 * The script: read whole at the start, then one timer walks through it.
 */
#include "tests/parksim/script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/parksim/sim.h"

struct step {
    int64_t at_ms;
    uint32_t bay;
    bool occupied;
};

struct script {
    struct loop *loop;
    struct field *field;
    struct loop_timer timer;
    struct step *steps;
    size_t count, next;
    int64_t begin_us;
};

static void walk(void *arg)
{
    struct script *script = arg;
    int64_t now_us = sim_mono_us();
    for (; script->next < script->count; script->next++) {
        const struct step *step = &script->steps[script->next];
        int64_t due_us = script->begin_us + step->at_ms * 1000;
        if (due_us > now_us) {
            loop_at(script->loop, &script->timer, due_us);
            return;
        }
        field_set(script->field, step->bay, step->occupied);
    }
}

/* False for a line without a step. */
static bool read_step(const struct script *script, const char *where, const char *line,
                      struct step *ret)
{
    char bay_id[PLAN_ID], state[10], end;
    long long at_ms;
    line += strspn(line, " \t\r");
    if (!*line || *line == '#')
        return false;
    if (sscanf(line, "%lld %23s %9s %c", &at_ms, bay_id, state, &end) != 3 || at_ms < 0)
        sim_fail("%s: \"%s\": MS BAY free|occupied is allowed", where, line);
    int64_t bay = field_find_bay(script->field, bay_id);
    bool occupied = strcmp(state, "occupied") == 0;
    if (bay == FIELD_NO_BAY)
        sim_fail("%s: no bay \"%s\"", where, bay_id);
    if (!occupied && strcmp(state, "free") != 0)
        sim_fail("%s: \"%s\": free or occupied is allowed", where, state);
    *ret = (struct step){.at_ms = at_ms, .bay = (uint32_t)bay, .occupied = occupied};
    return true;
}

static size_t count_lines(const char *text)
{
    size_t count = 1;
    for (; *text; text++)
        count += *text == '\n';
    return count;
}

struct script *script_create(struct loop *loop, struct field *field, const char *path)
{
    struct script *script = sim_alloc(1, sizeof *script);
    char *text = sim_file(path);
    if (!text)
        sim_fail("%s: cannot be read", path);
    script->loop = loop;
    script->field = field;
    script->timer = (struct loop_timer){.fn = walk, .arg = script};
    script->steps = sim_alloc(count_lines(text), sizeof *script->steps);
    char *save = NULL;
    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        struct step *step = &script->steps[script->count];
        if (!read_step(script, path, line, step))
            continue;
        if (script->count && step->at_ms < step[-1].at_ms)
            sim_fail("%s: \"%s\": earlier than the line before", path, line);
        script->count++;
    }
    free(text);
    return script;
}

void script_start(struct script *script)
{
    script->begin_us = sim_mono_us();
    walk(script);
}

void script_destroy(struct script *script)
{
    if (!script)
        return;
    loop_cancel(script->loop, &script->timer);
    free(script->steps);
    free(script);
}
