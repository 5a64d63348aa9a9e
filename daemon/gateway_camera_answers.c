/*
 * Answers that cameras wait for. One leaves when what its message made is durable; where the
 * answer itself opens the boom it is held a little for the decision, and carries the order then.
 * An answer that is not known to be durable never leaves: at the bound, or when the disk takes
 * nothing, the connection is closed, and the camera sends the same again.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/memory.h"
#include "daemon/gateway_cameras.h"
#include "daemon/gateway_lanes.h"

enum { WAITS_MAX = 128, HELD_MAX_MS = 15000, TOOK_MAX_MS = 500 };

struct answer_slot {
    struct camera_wait wait; /* exchange NULL: free */
    mono_ms dropped_at;      /* nobody waits longer */
    bool answered;           /* stays until the connection is through with it */
    mono_ms answered_at;
    uint32_t lane; /* of the order that went with it, */
    char command[IDENT_SIZE];
    uint64_t age; /* order of arrival */
};

struct camera_answers {
    struct gateway *g;
    struct answer_slot slots[WAITS_MAX];
    struct loop_timer *timer;
    uint64_t arrivals;
    uint32_t took_ms[TOOK_MAX_MS + 1]; /* answers, by the time from durable to written */
};

static struct now now_of(struct gateway *g)
{
    return gateway_now(g);
}

static void free_slot(struct answer_slot *slot)
{
    slot->wait.exchange = NULL;
    slot->command[0] = '\0';
}

static void send_answer(struct gateway *g, struct answer_slot *slot)
{
    const struct camera_family *family = g->config->cameras[slot->wait.camera].family;
    char bytes[CAMERA_ANSWER_MAX];
    struct text out;

    text_init(&out, bytes, sizeof bytes);
    const char *type = camera_answer_write(family, &slot->wait.answer, &out);
    assert(!out.overflow);
    http_exchange_answer(slot->wait.exchange, &(struct http_answer){.status = 200,
                                                                    .type = type,
                                                                    .body = memory_text(bytes),
                                                                    .size = out.used});
    slot->answered = true;
    slot->answered_at = clock_mono();
}

static void note_time(struct camera_answers *answers, const struct answer_slot *slot)
{
    int64_t took_ms = clock_mono().ms - slot->answered_at.ms;

    if (slot->answered && slot->wait.after)
        answers->took_ms[took_ms < TOOK_MAX_MS ? took_ms : TOOK_MAX_MS]++;
}

/* The time below which so many of a hundred answers lay. */
static int share_ms(const struct camera_answers *answers, uint64_t count, unsigned percent)
{
    uint64_t below = 0;
    int ms = 0;

    while (ms < TOOK_MAX_MS && (below += answers->took_ms[ms]) * 100 < count * percent)
        ms++;
    return ms;
}

static void say_times(const struct camera_answers *answers)
{
    uint64_t count = 0;

    for (int i = 0; i <= TOOK_MAX_MS; i++)
        count += answers->took_ms[i];
    if (count)
        log_info("cameras: %llu answers were written %d ms (half), %d ms (99 of 100), %d ms (all) "
                 "after they might leave",
                 (unsigned long long)count, share_ms(answers, count, 50),
                 share_ms(answers, count, 99), share_ms(answers, count, 100));
}

static bool ready(const struct gateway *g, const struct camera_wait *wait, mono_ms now)
{
    return wait->after <= g->durable && (!wait->may_open || mono_reached(now, wait->until));
}

static bool is_open(const struct answer_slot *slot)
{
    return slot->wait.exchange && !slot->answered;
}

/* What was held for a decision that did not come, or for a disk that takes nothing. */
static void look(void *arg)
{
    struct camera_answers *answers = arg;
    mono_ms now = clock_mono(), next = MONO_NEVER;

    for (int i = 0; i < WAITS_MAX; i++) {
        struct answer_slot *slot = &answers->slots[i];

        if (is_open(slot) && ready(answers->g, &slot->wait, now)) {
            send_answer(answers->g, slot);
        } else if (is_open(slot) && mono_reached(now, slot->dropped_at)) {
            http_exchange_drop(slot->wait.exchange);
            free_slot(slot);
        }
        if (!is_open(slot))
            continue;
        next = mono_earlier(next, slot->dropped_at);
        if (slot->wait.may_open && !mono_reached(now, slot->wait.until))
            next = mono_earlier(next, slot->wait.until);
    }
    if (next.ms == MONO_NEVER.ms)
        loop_timer_stop(answers->timer);
    else
        loop_timer_after(answers->timer, next.ms - now.ms);
}

void gateway_cameras_durable(struct gateway *g)
{
    if (g->cameras)
        look(g->cameras->answers);
}

void gateway_cameras_lost(struct gateway *g)
{
    for (int i = 0; g->cameras && i < WAITS_MAX; i++) {
        struct answer_slot *slot = &g->cameras->answers->slots[i];

        if (!is_open(slot))
            continue;
        http_exchange_drop(slot->wait.exchange);
        free_slot(slot);
    }
}

void camera_answers_add(struct gateway *g, const struct camera_wait *wait)
{
    struct camera_answers *answers = g->cameras->answers;
    struct answer_slot *slot = answers->slots;

    while (slot < answers->slots + WAITS_MAX && slot->wait.exchange)
        slot++;
    if (slot == answers->slots + WAITS_MAX) {
        http_exchange_drop(wait->exchange);
        return;
    }
    *slot = (struct answer_slot){.wait = *wait,
                                 .dropped_at = mono_after(now_of(g).mono, HELD_MAX_MS),
                                 .age = ++answers->arrivals};
    gateway_lanes_durable(g); /* an order may have waited for it */
    look(answers);
}

/* The camera took the answer with an order in it, or it did not. */
void camera_answers_closed(struct gateway *g, struct http_exchange *exchange)
{
    for (int i = 0; i < WAITS_MAX; i++) {
        struct answer_slot *slot = &g->cameras->answers->slots[i];
        char command[IDENT_SIZE];

        if (slot->wait.exchange != exchange)
            continue;
        memcpy(command, slot->command, sizeof command);
        if (http_exchange_written(exchange))
            note_time(g->cameras->answers, slot);
        if (slot->wait.answer.list)
            camera_lists_written(g, slot->wait.camera, http_exchange_written(exchange));
        free_slot(slot);
        if (*command)
            yard_told(g->yard, slot->lane, command,
                      http_exchange_written(exchange) ? BOOM_TOLD_ACCEPTED : BOOM_TOLD_UNKNOWN,
                      now_of(g).utc, now_of(g));
        return;
    }
}

/* Denied, or to be paid or asked: nothing will go with the answer. */
void gateway_cameras_told(struct gateway *g, uint32_t lane, const struct record_decision *decision)
{
    if (!g->cameras)
        return;
    g->cameras->verdict[lane] = decision->verdict;
    for (int i = 0; i < WAITS_MAX; i++) {
        struct answer_slot *slot = &g->cameras->answers->slots[i];

        if (!is_open(slot) || g->config->cameras[slot->wait.camera].lane != lane ||
            decision->verdict == DECISION_ALLOW)
            continue;
        slot->wait.may_open = false;
        slot->wait.after = g->added;
    }
}

bool camera_wait_is_of(const struct camera_wait *wait, const struct lane_vehicle *vehicle)
{
    const struct lane_read *read = &vehicle->read;

    return *vehicle->id && *wait->event &&
           (!strcmp(wait->event, read->event) ||
            (*read->plate && !strcmp(wait->answer.plate, read->plate)));
}

/* The newest answer that a read of this vehicle waits for: an older one is of a connection that
 * the camera has given up. */
static struct answer_slot *find_slot(struct gateway *g, uint32_t lane)
{
    struct answer_slot *found = NULL;
    struct lane_view view;

    if (!g->cameras)
        return NULL; /* the gateway stops */
    lane_view(yard_lane(g->yard, lane), &view);
    for (int i = 0; i < WAITS_MAX; i++) {
        struct answer_slot *slot = &g->cameras->answers->slots[i];

        const struct camera_config *camera = &g->config->cameras[slot->wait.camera];

        if (is_open(slot) && camera->lane == lane && camera_answer_opens(camera->family) &&
            camera_wait_is_of(&slot->wait, &view.vehicle) && (!found || slot->age > found->age))
            found = slot;
    }
    return found;
}

static void tell(struct gateway *g, uint32_t lane, const struct lane_order *order,
                 enum boom_progress progress)
{
    yard_told(g->yard, lane, order->command, progress, now_of(g).utc, now_of(g));
}

bool gateway_cameras_order(struct gateway *g, uint32_t lane, const struct lane_order *order)
{
    bool opens = order->action == LANE_OPEN || order->action == LANE_HOLD;
    struct answer_slot *slot = opens ? find_slot(g, lane) : NULL;

    if (!opens) {
        /* The boom closes by itself; nothing holds it. */
        tell(g, lane, order, order->action == LANE_STOP ? BOOM_TOLD_REFUSED : BOOM_TOLD_ACCEPTED);
        return true;
    }
    if (!slot || slot->wait.after > g->durable) {
        if (g->cameras && camera_orders_open(g, lane, order))
            return true;
        gateway_cameras_trigger(g, lane); /* another read brings another answer */
        return false;
    }
    slot->wait.answer.open = true;
    slot->wait.answer.output = g->config->cameras[slot->wait.camera].output;
    slot->lane = lane;
    text_copy(slot->command, sizeof slot->command, order->command);
    send_answer(g, slot);
    tell(g, lane, order, BOOM_TOLD_SENT);
    return true;
}

struct camera_answers *camera_answers_create(struct gateway *g)
{
    struct camera_answers *answers = memory_new(1, sizeof *answers);

    answers->g = g;
    answers->timer = loop_timer(g->loop, look, answers);
    return answers;
}

void camera_answers_destroy(struct camera_answers *answers)
{
    if (!answers)
        return;
    say_times(answers);
    loop_timer_destroy(answers->timer);
    free(answers);
}
