/*
 * Cameras: their messages to the yard, and whether each of them is heard of. See
 * gateway_cameras.h.
 */
#include "daemon/gateway_cameras.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/memory.h"
#include "daemon/gateway_lanes.h"

enum {
    LINES_A_MINUTE = 6,
    READ_NOW_MS = 6000 /* a vehicle that waits longer has been taken care of otherwise */
};

/* 1. Each kind of message. */

static bool seen_before(struct camera_live *live, const char *event)
{
    for (uint32_t i = 0; i < CAMERA_SEEN; i++)
        if (!strcmp(live->seen[i], event))
            return true;
    text_copy(live->seen[live->seen_next++ % CAMERA_SEEN], CAMERA_EVENT, event);
    return false;
}

/* A lane with a camera and no barrier device: nothing tells where a boom is. Lanes of counting
 * sensors are not ours. */
static void sense(struct gateway *g, uint32_t lane)
{
    const struct camera_loops *loops = &g->cameras->loops[lane];
    const struct lane_plan *plan = &g->config->plan.lanes[lane];
    struct boom boom = {.state = BOOM_UNKNOWN,
                        .position = -1,
                        .quality = BOOM_UNOBSERVABLE,
                        .wired = loops->wired,
                        .inputs = loops->on,
                        .at = gateway_now(g).mono};

    if (plan->barrier == PLAN_NONE && plan->wiring & LANE_HAS_CAMERA)
        yard_sense(g->yard, lane, &boom, gateway_now(g));
}

static void take_input(struct camera_incoming *in)
{
    struct camera_loops *loops = &in->g->cameras->loops[in->config->lane];
    int32_t contact = in->message.input;
    unsigned bit = contact >= 1 && contact <= CAMERA_INPUTS ? in->config->inputs[contact - 1] : 0;

    if (!bit)
        return;
    loops->on = in->message.value ? loops->on | bit : loops->on & ~bit;
    sense(in->g, in->config->lane);
}

static void take_event(struct camera_incoming *in)
{
    enum lane_event event = in->message.event;
    const char *plate = in->message.read.plate;

    camera_reads_name(in);
    if (seen_before(&in->g->cameras->live[in->camera], in->wait.event))
        return;
    if (event == LANE_EVENT_PASSED || event == LANE_EVENT_TAILGATE)
        yard_saw(in->g->yard, in->config->lane, SIGHT_PASSED, plate, gateway_now(in->g));
    else if (event == LANE_EVENT_TURNED_BACK)
        yard_saw(in->g->yard, in->config->lane, SIGHT_TURNED_BACK, plate, gateway_now(in->g));
}

/* What is not believed is acknowledged like the rest: sent again it would not be better, and a
 * camera sends nothing else meanwhile. */
static void complain(struct camera_incoming *in)
{
    struct camera_live *live = &in->g->cameras->live[in->camera];

    live->refused++;
    live->refused_at = gateway_now(in->g).mono;
    if (log_allow(&live->lines, clock_mono(), LINES_A_MINUTE))
        log_warning("camera \"%s\": a message is not believed: %s; is its family right?",
                    in->config->id, in->message.reason);
}

typedef void take_fn(struct camera_incoming *in);

static take_fn *const takes[CAMERA_KINDS] = {
    [CAMERA_READ] = camera_reads_take,
    [CAMERA_INPUT] = take_input,
    [CAMERA_LANE_EVENT] = take_event,
    [CAMERA_MALFORMED] = complain,
};

/* 2. Who speaks. */

/* A lane has its camera while one of its cameras is heard. */
static void tell_lane(struct gateway *g, uint32_t lane)
{
    const struct config *config = g->config;
    bool away = config->plan.lanes[lane].wiring & LANE_HAS_CAMERA;

    for (uint32_t n = 0; n < config->cameras_count; n++)
        if (config->cameras[n].lane == lane)
            away &= g->cameras->live[n].away;
    if (away != g->cameras->away[lane])
        yard_camera(g->yard, lane, !away, gateway_now(g));
    g->cameras->away[lane] = away;
}

static void heard(struct camera_incoming *in)
{
    struct camera_live *live = &in->g->cameras->live[in->camera];

    live->messages++;
    live->heard = gateway_now(in->g).mono;
    if (!live->away)
        return;
    live->away = false;
    log_info("camera \"%s\": heard again", in->config->id);
    tell_lane(in->g, in->config->lane);
}

/* False: another device has come to its door. */
static bool is_device(const struct camera_incoming *in)
{
    const char *told = in->message.read.device;
    struct camera_live *live = &in->g->cameras->live[in->camera];

    if (!in->config->device || in->message.kind == CAMERA_MALFORMED ||
        !strcmp(in->config->device, told))
        return true;
    if (!in->wait.exchange)
        return false; /* a broker carries several cameras */
    live->refused++;
    live->refused_at = gateway_now(in->g).mono;
    if (log_allow(&live->lines, clock_mono(), LINES_A_MINUTE))
        log_warning("camera \"%s\": device \"%s\" posts instead of \"%s\"; was it exchanged?",
                    in->config->id, told, in->config->device);
    return false;
}

static void refuse(struct http_exchange *exchange)
{
    static char nothing[] = "{}\n";

    http_exchange_answer(exchange, &(struct http_answer){.status = 403,
                                                         .type = "application/json",
                                                         .body = nothing,
                                                         .size = sizeof nothing - 1,
                                                         .constant = true});
}

static void answer(struct camera_incoming *in)
{
    struct gateway *g = in->g;
    struct camera_live *live = &g->cameras->live[in->camera];

    in->wait.after = takes[in->message.kind] ? g->added : 0;
    in->wait.until = mono_after(gateway_now(g).mono, in->config->answer_ms);
    if (in->message.kind == CAMERA_HEARTBEAT && live->read_now_until.ms) {
        in->wait.answer.read_now = !mono_reached(gateway_now(g).mono, live->read_now_until);
        live->read_now_until = (mono_ms){0};
    }
    if (in->message.kind == CAMERA_HEARTBEAT)
        in->wait.answer.list = camera_lists_answer(g, in->camera);
    camera_answers_add(g, &in->wait);
}

void gateway_cameras_take(struct gateway *g, uint32_t camera, const struct camera_request *request,
                          struct http_exchange *exchange)
{
    struct camera_incoming in = {.g = g,
                                 .camera = camera,
                                 .config = &g->config->cameras[camera],
                                 .request = request,
                                 .wait = {.exchange = exchange, .camera = camera}};

    cameras_decode(in.config->family, request, &in.message);
    if (!is_device(&in)) {
        if (exchange)
            refuse(exchange);
        return;
    }
    heard(&in);
    in.wait.answer = camera_answer_to(&in.message);
    if (takes[in.message.kind])
        takes[in.message.kind](&in);
    if (exchange)
        answer(&in);
}

static void on_message(void *arg, uint32_t camera, const struct http_request *request,
                       struct http_exchange *exchange)
{
    const struct camera_request bytes = {.bytes = request->body,
                                         .size = request->body_size,
                                         .content_type =
                                             http_exchange_header(exchange, "Content-Type")};

    gateway_cameras_take(arg, camera, &bytes, exchange);
}

static void on_closed(void *arg, struct http_exchange *exchange)
{
    camera_answers_closed(arg, exchange);
}

/* 3. Time. */

static void look_at(struct gateway *g, uint32_t camera, struct now now)
{
    const struct camera_config *config = &g->config->cameras[camera];
    struct camera_live *live = &g->cameras->live[camera];

    if (live->away || !config->silence_ms || now.mono.ms - live->heard.ms <= config->silence_ms)
        return;
    live->away = true;
    log_warning("camera \"%s\": silent for %lld s; look at its power and network, and at the "
                "server that it is told to post to",
                config->id, (long long)(config->silence_ms / 1000));
}

void gateway_cameras_tick(struct gateway *g, struct now now)
{
    camera_lists_tick(g, now);
    gateway_lanes_durable(g); /* orders that nothing carried, and whose time is over */
    for (uint32_t n = 0; n < g->config->cameras_count; n++)
        look_at(g, n, now);
    for (uint32_t lane = 0; lane < g->config->plan.lanes_count; lane++) {
        sense(g, lane);
        tell_lane(g, lane);
    }
}

static void ask(void *arg)
{
    struct gateway *g = arg;
    struct now now = clock_now();

    for (uint32_t n = 0; n < g->config->cameras_count; n++) {
        struct camera_live *live = &g->cameras->live[n];

        if (live->link && live->read_now_until.ms &&
            camera_link_tell(live->link, CAMERA_DO_READ, 0, "read", now.utc.ms / 1000))
            live->read_now_until = (mono_ms){0};
    }
}

void gateway_cameras_trigger(struct gateway *g, uint32_t lane)
{
    for (uint32_t n = 0; g->cameras && n < g->config->cameras_count; n++)
        if (g->config->cameras[n].lane == lane)
            g->cameras->live[n].read_now_until = mono_after(gateway_now(g).mono, READ_NOW_MS);
    if (g->cameras)
        loop_timer_after(g->cameras->asker, 0);
}

/* 4. Building. */

bool gateway_cameras_start(struct gateway *g, struct err *err)
{
    const struct camera_listener_hooks hooks = {
        .arg = g, .message = on_message, .closed = on_closed};
    const struct config *config = g->config;
    struct gateway_cameras *cameras = memory_new(1, sizeof *cameras);

    g->cameras = cameras;
    cameras->live = memory_new(config->cameras_count, sizeof *cameras->live);
    cameras->answers = camera_answers_create(g);
    for (uint32_t n = 0; n < config->cameras_count; n++) {
        const struct camera_config *camera = &config->cameras[n];

        cameras->live[n].heard = clock_mono();
        for (uint32_t i = 0; i < CAMERA_INPUTS; i++)
            cameras->loops[camera->lane].wired |= camera->inputs[i];
    }
    cameras->asker = loop_timer(g->loop, ask, g);
    if (!camera_orders_start(g, err))
        return false;
    camera_lists_start(g);
    if (!config->camera_listener.listen)
        return true;
    cameras->listener = camera_listener_create(&config->camera_listener, g->loop, &hooks, err);
    return cameras->listener || err_prefix(err, "camera_listen");
}

void gateway_cameras_stop(struct gateway *g)
{
    struct gateway_cameras *cameras = g->cameras;

    if (!cameras)
        return;
    camera_listener_destroy(cameras->listener);
    camera_lists_stop(g);
    camera_orders_stop(g);
    loop_timer_destroy(cameras->asker);
    camera_answers_destroy(cameras->answers);
    free(cameras->live);
    free(cameras);
    g->cameras = NULL;
}
