/* The rules of sensor.h. Pure; runs where its caller runs. */
#include "daemon/core/sensor.h"

#include <assert.h>

enum {
    WINDOW = 64,           /* counters below the newest that are remembered one by one */
    ECHO_MS = 600000,      /* a device repeats an unacknowledged message for less than that */
    TOLERANCE_MS = 120000, /* S7: two messages may have been under way for differently long */
    COUNT_WRAP = 128
};

void sensor_init(struct sensor *sensor)
{
    *sensor = (struct sensor){.newest = -1, .newest_at = {INT64_MIN}, .epoch_at = {INT64_MIN}};
}

void sensor_restore(struct sensor *sensor, bool occupied, utc_ms since)
{
    sensor_init(sensor);
    sensor->known = true;
    sensor->occupied = occupied;
    sensor->since = sensor->confirmed = sensor->newest_at = since;
}

/* ---- S1 to S5: which message is it? ---- */

static void open_epoch(struct sensor *sensor, const struct sensor_message *message,
                       struct sensor_outcome *ret)
{
    ret->new_epoch = sensor->newest >= 0;
    if (message->session != sensor->session)
        sensor->former_session = sensor->session;
    sensor->session = message->session;
    sensor->newest = message->counter;
    sensor->seen = 1;
    sensor->epoch_at = message->at;
    sensor->past_count = 0;
    sensor->fell = false;
}

static enum sensor_verdict advance(struct sensor *sensor, int64_t counter,
                                   struct sensor_outcome *ret)
{
    int64_t step = counter - sensor->newest;

    sensor->seen = step < WINDOW ? sensor->seen << step | 1 : 1;
    sensor->newest = counter;
    sensor->fell = false;
    ret->missed = step - 1;
    return SENSOR_NEWS;
}

/* S4: the counter fell back for good. The device itself says so; or the number was heard long ago,
 * and is far too old to be late; or two messages in a row; or the hours that passed. */
static bool fell_back(struct sensor *sensor, const struct sensor_message *message, bool seen)
{
    int64_t age_ms = message->at.ms - sensor->newest_at.ms;
    bool again = sensor->fell && message->counter == sensor->fell_to + 1 && age_ms > 0;

    if (message->startup && age_ms > 0 && (message->counter < WINDOW || age_ms > ECHO_MS))
        return true;
    if (age_ms > ECHO_MS && (seen || sensor->newest - message->counter >= WINDOW))
        return true;
    sensor->fell = age_ms > ECHO_MS;
    sensor->fell_to = message->counter;
    return again || age_ms > SENSOR_FELL_MS;
}

static enum sensor_verdict behind(struct sensor *sensor, const struct sensor_message *message,
                                  struct sensor_outcome *ret)
{
    int64_t back = sensor->newest - message->counter;
    bool seen = back < WINDOW && sensor->seen >> back & 1;

    if (seen && message->at.ms - sensor->newest_at.ms <= ECHO_MS && !message->startup)
        return SENSOR_ECHO;
    if (seen && message->at.ms <= sensor->newest_at.ms)
        return SENSOR_ECHO;
    if (fell_back(sensor, message, seen)) {
        open_epoch(sensor, message, ret);
        return SENSOR_NEWS;
    }
    if (back < WINDOW)
        sensor->seen |= (uint64_t)1 << back;
    return seen ? SENSOR_ECHO : SENSOR_LATE;
}

/* Without counters time alone orders. */
static enum sensor_verdict judge_by_time(struct sensor *sensor,
                                         const struct sensor_message *message)
{
    if (message->at.ms == sensor->newest_at.ms)
        return SENSOR_ECHO;
    return message->at.ms < sensor->newest_at.ms ? SENSOR_LATE : SENSOR_NEWS;
}

static enum sensor_verdict judge(struct sensor *sensor, const struct sensor_message *message,
                                 struct sensor_outcome *ret)
{
    if (message->counter < 0)
        return judge_by_time(sensor, message);
    if (sensor->newest < 0) { /* S5 */
        enum sensor_verdict verdict = judge_by_time(sensor, message);
        if (verdict == SENSOR_NEWS)
            open_epoch(sensor, message, ret);
        return verdict;
    }
    if (message->session != sensor->session) {
        bool former =
            message->session == sensor->former_session && message->at.ms <= sensor->epoch_at.ms;
        if (former || message->at.ms < sensor->epoch_at.ms)
            return SENSOR_LATE;
        open_epoch(sensor, message, ret);
        return SENSOR_NEWS;
    }
    /* A high counter from before the counter fell back. */
    if (message->counter > sensor->newest && message->at.ms < sensor->epoch_at.ms)
        return SENSOR_LATE;
    if (message->counter > sensor->newest)
        return advance(sensor, message->counter, ret);
    return behind(sensor, message, ret);
}

/* ---- S2, S6, S7, S9: what is told ---- */

static void tell(struct sensor_outcome *ret, bool occupied, utc_ms at, bool inferred)
{
    if (ret->steps_count == SENSOR_STEPS)
        ret->steps_count--;
    ret->steps[ret->steps_count++] = (struct sensor_step){
        .sensed = occupied ? SENSED_OCCUPIED : SENSED_FREE, .at = at, .inferred = inferred};
}

/* S7. `at` is when the told state began. */
static void tell_lost(struct sensor *sensor, const struct sensor_message *message,
                      struct sensor_outcome *ret)
{
    bool now = message->occupied[0];
    bool again = now == sensor->occupied;
    bool counted = message->counter >= 0 && !ret->new_epoch && sensor->past_count > 0;
    int64_t began_ms = message->at.ms - message->previous_ms;
    int64_t error_ms = message->previous_error_ms;

    if (message->previous_ms < 0 || !sensor->known || !message->change)
        return;
    if (counted && ret->missed < (again ? 1 : 2))
        return;
    /* Without a bound the state before may be the one that we know. */
    if (!again && (error_ms < 0 || began_ms - error_ms - sensor->confirmed.ms <= TOLERANCE_MS))
        return;
    began_ms = began_ms > sensor->confirmed.ms ? began_ms : sensor->confirmed.ms;
    if (!again)
        tell(ret, now, (utc_ms){began_ms}, true);
    tell(ret, !now, (utc_ms){began_ms}, true);
}

static void tell_present(struct sensor *sensor, const struct sensor_message *message,
                         struct sensor_outcome *ret)
{
    tell_lost(sensor, message, ret);
    for (uint32_t i = 0; i < message->states; i++) {
        bool occupied = message->occupied[i];
        bool differs = sensor->known && occupied != sensor->occupied;
        bool announced = message->change && !message->retained;
        tell(ret, occupied, message->at, !announced && differs); /* S6, S9 */
        if (!sensor->known || differs)
            sensor->since = message->at;
        sensor->known = true;
        sensor->occupied = occupied;
    }
    sensor->confirmed = message->at;
}

/* ---- S8: what is remembered, and what late messages tell ---- */

static void insert(struct sensor *sensor, uint32_t place, struct sensor_past past)
{
    if (sensor->past_count == SENSOR_PAST) {
        if (place == 0)
            return;
        for (uint32_t i = 1; i < SENSOR_PAST; i++)
            sensor->past[i - 1] = sensor->past[i];
        place--;
        sensor->past_count--;
    }
    for (uint32_t i = sensor->past_count; i > place; i--)
        sensor->past[i] = sensor->past[i - 1];
    sensor->past[place] = past;
    sensor->past_count++;
}

static uint32_t place_of(const struct sensor *sensor, int64_t counter)
{
    uint32_t place = sensor->past_count;

    while (place > 0 && sensor->past[place - 1].counter > counter)
        place--;
    return place;
}

static void amend(struct sensor *sensor, const struct sensor_message *message,
                  struct sensor_outcome *ret)
{
    bool of_epoch = message->counter >= 0 && sensor->newest >= 0 &&
                    message->session == sensor->session && message->at.ms >= sensor->epoch_at.ms;
    uint32_t place = of_epoch ? place_of(sensor, message->counter) : 0;

    if (!of_epoch || message->states == 0)
        return;
    bool occupied = message->occupied[message->states - 1];
    const struct sensor_past *after = place < sensor->past_count ? &sensor->past[place] : NULL;
    const struct sensor_past *before = place > 0 ? &sensor->past[place - 1] : NULL;
    if (before && after && !after->told && before->occupied == after->occupied &&
        occupied != after->occupied) {
        bool within = message->at.ms >= before->at.ms && message->at.ms <= after->at.ms;
        ret->amends = true;
        ret->amended = occupied ? SENSED_OCCUPIED : SENSED_FREE;
        ret->from = within ? message->at : before->at;
        ret->until = after->at;
    }
    insert(
        sensor, place,
        (struct sensor_past){.counter = message->counter, .at = message->at, .occupied = occupied});
}

void sensor_hear(struct sensor *sensor, const struct sensor_message *message,
                 struct sensor_outcome *ret)
{
    *ret = (struct sensor_outcome){.verdict = SENSOR_NEWS};
    ret->verdict = judge(sensor, message, ret);
    if (ret->verdict == SENSOR_LATE)
        amend(sensor, message, ret);
    if (ret->verdict != SENSOR_NEWS)
        return;
    if (message->states) {
        tell_present(sensor, message, ret);
        insert(sensor, sensor->past_count,
               (struct sensor_past){.counter = message->counter,
                                    .at = message->at,
                                    .occupied = sensor->occupied,
                                    .told = ret->steps_count > message->states});
    }
    if (message->at.ms > sensor->newest_at.ms)
        sensor->newest_at = message->at;
}

bool sensor_near(int32_t distance_mm, int32_t threshold_mm, int32_t hysteresis_mm, bool before)
{
    if (distance_mm < threshold_mm)
        return true;
    return before && distance_mm < threshold_mm + hysteresis_mm;
}

uint32_t sensor_count_delta(uint32_t before, uint32_t now)
{
    assert(before < COUNT_WRAP && now < COUNT_WRAP);
    return now >= before ? now - before : COUNT_WRAP + now - before;
}
