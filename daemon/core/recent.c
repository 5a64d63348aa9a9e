/* Rings of what happened lately. See recent.h. */
#include "daemon/core/recent.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"

/* A camera keeps up to 9,000 reads while it has no server; they may come twice. */
enum { EVENTS = 16384, PLATES = 512 };

struct sighting {
    uint32_t lane;
    bool passed;
    enum lane_direction direction;
    char plate[PLATE_SIZE];
    utc_ms at;
};

struct recent {
    uint64_t events[EVENTS];
    struct sighting sightings[PLATES];
    uint32_t event_next, sighting_next;
};

struct recent *recent_create(void)
{
    return memory_new(1, sizeof(struct recent));
}

void recent_destroy(struct recent *recent)
{
    free(recent);
}

/* The event is hex of a digest already: 64 bits of it tell reads apart. 0 is an empty place. */
static uint64_t event_key(const char *event)
{
    char head[17];

    text_copy(head, sizeof head, event);
    return strtoull(head, NULL, 16) | 1;
}

static void see(struct recent *recent, const struct sighting *sighting)
{
    if (!*sighting->plate)
        return;
    recent->sightings[recent->sighting_next] = *sighting;
    recent->sighting_next = (recent->sighting_next + 1) % PLATES;
}

static void apply_read(struct recent *recent, const struct record *record)
{
    const struct record_plate_read *read = &record->plate_read;
    struct sighting sighting = {.lane = read->lane, .at = record->at};

    recent->events[recent->event_next] = event_key(read->event);
    recent->event_next = (recent->event_next + 1) % EVENTS;
    text_copy(sighting.plate, sizeof sighting.plate, read->plate);
    if (!read->offline)
        see(recent, &sighting);
}

static void apply_passage(struct recent *recent, const struct record *record)
{
    const struct record_passage *passage = &record->passage;
    struct sighting sighting = {
        .lane = passage->lane, .passed = true, .direction = passage->direction, .at = record->at};

    text_copy(sighting.plate, sizeof sighting.plate, passage->plate);
    see(recent, &sighting);
}

void recent_apply(struct recent *recent, const struct record *record)
{
    if (record->kind == RECORD_PLATE_READ)
        apply_read(recent, record);
    else if (record->kind == RECORD_PASSAGE)
        apply_passage(recent, record);
}

bool recent_event(const struct recent *recent, const char *event)
{
    uint64_t key = event_key(event);

    for (uint32_t i = 0; i < EVENTS; i++)
        if (recent->events[i] == key)
            return true;
    return false;
}

static bool seen(const struct recent *recent, const struct sighting *wanted)
{
    for (uint32_t i = 0; i < PLATES; i++) {
        const struct sighting *s = &recent->sightings[i];

        if (s->lane == wanted->lane && s->passed == wanted->passed && s->at.ms >= wanted->at.ms &&
            (!s->passed || s->direction == wanted->direction) && *s->plate &&
            !strcmp(s->plate, wanted->plate))
            return true;
    }
    return false;
}

bool recent_read(const struct recent *recent, uint32_t lane, const char *plate, utc_ms since)
{
    struct sighting wanted = {.lane = lane, .at = since};

    text_copy(wanted.plate, sizeof wanted.plate, plate);
    return seen(recent, &wanted);
}

bool recent_passed(const struct recent *recent, uint32_t lane, enum lane_direction direction,
                   const char *plate, utc_ms since)
{
    struct sighting wanted = {.lane = lane, .passed = true, .direction = direction, .at = since};

    text_copy(wanted.plate, sizeof wanted.plate, plate);
    return seen(recent, &wanted);
}
