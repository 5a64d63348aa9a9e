/*
 * Reading the plan: a word table, one function a word. Bays are numbered inside their lot, in the
 * order of its zones. One thread.
 */
#include "tests/parksim/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/parksim/camera_make.h"
#include "tests/parksim/device_map.h"
#include "tests/parksim/sim.h"

enum { WORDS_MAX = 8, LINE_MAX_SIZE = 512, BAYS_MAX = 100000 };

struct reader {
    struct plan *plan;
    const char *name;
    int line;
    char *words[WORDS_MAX];
    int count;
};

static _Noreturn void wrong(const struct reader *r, const char *what, const char *allowed)
{
    sim_fail("%s:%d: %s; %s", r->name, r->line, what, allowed);
}

static void copy_word(const struct reader *r, char *to, size_t size, const char *from)
{
    if (strlen(from) >= size)
        wrong(r, from, "too long");
    memcpy(to, from, strlen(from) + 1);
}

static int64_t number(const struct reader *r, const char *word, int64_t min, int64_t max)
{
    char allowed[64];
    int64_t value;
    snprintf(allowed, sizeof allowed, "a number from %lld to %lld is allowed", (long long)min,
             (long long)max);
    if (!sim_number(word, min, max, &value))
        wrong(r, word, allowed);
    return value;
}

/* Grows `array` by one zeroed item of `size` bytes and returns that item. */
static void *append(void *array, uint32_t *count, size_t size)
{
    char **items = array;
    char *grown = realloc(*items, (*count + 1) * size);
    if (!grown)
        sim_fail("out of memory");
    *items = grown;
    return memset(grown + (*count)++ * size, 0, size);
}

static void read_site(struct reader *r)
{
    copy_word(r, r->plan->id, PLAN_ID, r->words[1]);
    copy_word(r, r->plan->name, PLAN_NAME, r->words[2]);
    copy_word(r, r->plan->zone, PLAN_ID, r->words[3]);
}

static void read_lot(struct reader *r)
{
    struct plan_lot *lot = append(&r->plan->lots, &r->plan->lots_count, sizeof *lot);
    copy_word(r, lot->id, PLAN_ID - 7, r->words[1]);
    copy_word(r, lot->name, PLAN_NAME, r->words[2]);
    lot->first = r->plan->bays_count;
}

static void read_zone(struct reader *r)
{
    struct plan *plan = r->plan;
    if (!plan->lots_count)
        wrong(r, "zone", "it must follow the lot that it belongs to");
    struct plan_zone *zone = append(&plan->zones, &plan->zones_count, sizeof *zone);
    struct plan_lot *lot = &plan->lots[plan->lots_count - 1];
    copy_word(r, zone->id, PLAN_ID, r->words[1]);
    copy_word(r, zone->name, PLAN_NAME, r->words[2]);
    zone->lot = plan->lots_count - 1;
    zone->first = plan->bays_count;
    zone->bays = (uint32_t)number(r, r->words[3], 1, BAYS_MAX - plan->bays_count);
    for (uint32_t i = 0; i < zone->bays; i++) {
        struct plan_bay *bay = append(&plan->bays, &plan->bays_count, sizeof *bay);
        snprintf(bay->id, sizeof bay->id, "%.16s-%04u", lot->id, ++lot->bays % 1000000);
    }
}

static void read_host(struct reader *r, struct plan_line *line)
{
    char *colon = strrchr(r->words[3], ':');
    if (!colon)
        wrong(r, r->words[3], "HOST:PORT is allowed, port 0 takes any");
    line->port = (uint16_t)number(r, colon + 1, 0, 65535);
    *colon = '\0';
    copy_word(r, line->host, sizeof line->host, r->words[3]);
}

static void read_line(struct reader *r)
{
    static const char *const types[] = {
        [PLAN_TCP] = "tcp", [PLAN_RTU_TCP] = "rtu-over-tcp", [PLAN_PTY] = "pty"};
    struct plan_line *line = append(&r->plan->lines, &r->plan->lines_count, sizeof *line);
    copy_word(r, line->id, PLAN_ID, r->words[1]);
    copy_word(r, line->format, sizeof line->format, "8N1");
    for (line->type = PLAN_TCP; strcmp(types[line->type], r->words[2]) != 0; line->type++) {
        if (line->type == PLAN_PTY)
            wrong(r, r->words[2], "tcp, rtu-over-tcp or pty is allowed");
    }
    if (line->type != PLAN_PTY) {
        read_host(r, line);
        return;
    }
    copy_word(r, line->link, sizeof line->link, r->words[3]);
    if (r->count > 4)
        line->baud = (uint32_t)number(r, r->words[4], 0, 115200);
    if (r->count > 5)
        copy_word(r, line->format, sizeof line->format, r->words[5]);
}

/* The bay with this number in this lot. */
static uint32_t find_bay(struct reader *r, const char *lot_id, int64_t bay_number, uint32_t count)
{
    const struct plan *plan = r->plan;
    for (uint32_t i = 0; i < plan->lots_count; i++) {
        const struct plan_lot *lot = &plan->lots[i];
        if (strcmp(lot->id, lot_id) != 0)
            continue;
        if (bay_number + count - 1 > lot->bays)
            wrong(r, lot_id, "the lot has not so many bays");
        return lot->first + (uint32_t)bay_number - 1;
    }
    wrong(r, lot_id, "no such lot above this line");
}

static void read_units(struct reader *r)
{
    struct plan *plan = r->plan;
    if (!plan->lines_count)
        wrong(r, "units", "they must follow the line that they are on");
    int64_t first = number(r, r->words[1], 1, 254);
    int64_t last = number(r, r->words[2], first, 254);
    const struct device_map *map = device_map_find(r->words[3]);
    if (!map || map->bays_max == 0)
        wrong(r, r->words[3], device_map_names());
    uint32_t each = (uint32_t)number(r, r->words[4], 1, map->bays_max);
    uint32_t units = (uint32_t)(last - first + 1);
    uint32_t bay = find_bay(r, r->words[5], number(r, r->words[6], 1, BAYS_MAX), units * each);
    for (uint32_t i = 0; i < units; i++) {
        struct plan_unit *unit = append(&plan->units, &plan->units_count, sizeof *unit);
        *unit = (struct plan_unit){.line = plan->lines_count - 1,
                                   .unit = (uint8_t)(first + i),
                                   .map = map,
                                   .first = bay + i * each,
                                   .bays = each};
    }
}

static uint32_t find_lot(const struct reader *r, const char *id)
{
    const struct plan *plan = r->plan;
    for (uint32_t i = 0; i < plan->lots_count; i++)
        if (strcmp(plan->lots[i].id, id) == 0)
            return i;
    wrong(r, id, "no such lot above this line");
}

/* Where stays of a lot come from, and what they cost. */
static void read_parking(struct reader *r)
{
    struct plan_lot *lot = &r->plan->lots[find_lot(r, r->words[1])];
    bool lanes = strcmp(r->words[2], "lanes") == 0;
    if (!lanes && strcmp(r->words[2], "bays") != 0)
        wrong(r, r->words[2], "lanes or bays is allowed");
    lot->stays = lanes ? "lanes" : "bays";
    if (r->count > 3)
        copy_word(r, lot->tariff, sizeof lot->tariff, r->words[3]);
}

/* A barrier above becomes a lane of the same id. */
static void read_lane(struct reader *r)
{
    struct plan *plan = r->plan;
    struct plan_gate *gate = NULL;
    for (uint32_t i = 0; i < plan->gates_count; i++)
        if (strcmp(plan->gates[i].id, r->words[1]) == 0)
            gate = &plan->gates[i];
    if (!gate)
        wrong(r, r->words[1], "no such barrier above this line");
    gate->is_lane = true;
    gate->lot = find_lot(r, r->words[2]);
    gate->out = strcmp(r->words[3], "out") == 0;
    if (!gate->out && strcmp(r->words[3], "in") != 0)
        wrong(r, r->words[3], "in or out is allowed");
}

static void read_camera(struct reader *r)
{
    struct plan *plan = r->plan;
    const struct camera_make *make = camera_make_find(r->words[2]);
    if (!make)
        wrong(r, r->words[2], "vzenith, hikvision and dahua are allowed");
    for (uint32_t i = 0; i < plan->gates_count; i++)
        if (strcmp(plan->gates[i].id, r->words[1]) == 0 && plan->gates[i].is_lane) {
            plan->gates[i].camera = make->name;
            return;
        }
    wrong(r, r->words[1], "no such lane above this line");
}

/* Two booms may stand on one relay board. */
static void read_barrier(struct reader *r)
{
    struct plan *plan = r->plan;
    if (!plan->lines_count)
        wrong(r, "barrier", "it must follow the line that it is on");
    uint8_t id = (uint8_t)number(r, r->words[2], 1, 254);
    const struct device_map *map = device_map_find(r->words[3]);
    if (!map || map->bays_max != 0)
        wrong(r, r->words[3], device_map_names());
    struct plan_gate *gate = append(&plan->gates, &plan->gates_count, sizeof *gate);
    copy_word(r, gate->id, PLAN_ID, r->words[1]);
    gate->place = r->count > 4 ? (uint32_t)number(r, r->words[4], 0, 1) : 0;
    for (gate->unit = 0; gate->unit < plan->units_count; gate->unit++)
        if (plan->units[gate->unit].line == plan->lines_count - 1 &&
            plan->units[gate->unit].unit == id && plan->units[gate->unit].map == map)
            return;
    struct plan_unit *unit = append(&plan->units, &plan->units_count, sizeof *unit);
    *unit = (struct plan_unit){.line = plan->lines_count - 1, .unit = id, .map = map};
}

static const struct word {
    const char *name;
    int min, max; /* words on the line, this one included */
    void (*read)(struct reader *r);
    const char *form;
} words[] = {
    {"site", 4, 4, read_site, "site ID \"NAME\" TIME-ZONE"},
    {"lot", 3, 3, read_lot, "lot ID \"NAME\""},
    {"zone", 4, 4, read_zone, "zone ID \"NAME\" BAYS"},
    {"line", 4, 6, read_line,
     "line ID tcp|rtu-over-tcp HOST:PORT, or line ID pty LINK [BAUD [FORMAT]]"},
    {"barrier", 4, 5, read_barrier, "barrier ID UNIT BOARD [PLACE]"},
    {"lane", 4, 4, read_lane, "lane BARRIER LOT in|out"},
    {"camera", 3, 3, read_camera, "camera LANE vzenith|hikvision|dahua"},
    {"parking", 3, 4, read_parking, "parking LOT lanes|bays [TARIFF]"},
    {"units", 7, 7, read_units, "units FIRST LAST MAP BAYS-EACH LOT BAY-NUMBER"},
};

/* Cuts the line into words; "…" keeps blanks, # begins a comment. */
static void split(struct reader *r, char *line)
{
    r->count = 0;
    for (char *at = line + strspn(line, " \t\r"); *at && *at != '#'; at += strspn(at, " \t\r")) {
        const char *end = *at == '"' ? "\"" : " \t\r";
        if (*at == '"')
            at++;
        if (r->count == WORDS_MAX)
            wrong(r, at, "too many words");
        r->words[r->count++] = at;
        at += strcspn(at, end);
        if (*at)
            *at++ = '\0';
    }
}

static void read_text_line(struct reader *r, char *line)
{
    split(r, line);
    if (!r->count)
        return;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i].name, r->words[0]) != 0)
            continue;
        if (r->count < words[i].min || r->count > words[i].max)
            wrong(r, "wrong number of words", words[i].form);
        words[i].read(r);
        return;
    }
    wrong(r, r->words[0],
          "site, lot, zone, parking, line, units, barrier, lane and camera are allowed");
}

void plan_read(struct plan *plan, const char *name, const char *text)
{
    struct reader r = {.plan = plan, .name = name};
    *plan = (struct plan){.id = "demo", .name = "Demo site", .zone = "Asia/Shanghai"};
    for (const char *at = text; *at;) {
        char line[LINE_MAX_SIZE];
        size_t size = strcspn(at, "\n");
        r.line++;
        if (size >= sizeof line)
            wrong(&r, "line", "too long");
        memcpy(line, at, size);
        line[size] = '\0';
        read_text_line(&r, line);
        at += size + (at[size] == '\n');
    }
    if (!plan->units_count)
        wrong(&r, "no units", "a plan needs lots, zones, a line and units on it");
}

void plan_fini(struct plan *plan)
{
    free(plan->gates);
    free(plan->units);
    free(plan->lines);
    free(plan->bays);
    free(plan->zones);
    free(plan->lots);
}
