/*
 * Cameras that can be told to open while they wait for no answer of ours: a payment came, or a
 * person decided. Whatever they answer is no proof that a boom moved. Nothing is told twice.
 */
#include <stdlib.h>

#include "daemon/base/clock.h"
#include "daemon/base/memory.h"
#include "daemon/gateway_cameras.h"

enum { MS_PER_S = 1000 };

static const enum boom_progress results[] = {
    [CAMERA_CONTROL_ACCEPTED] = BOOM_TOLD_ACCEPTED,
    [CAMERA_CONTROL_REFUSED] = BOOM_TOLD_REFUSED,
    [CAMERA_CONTROL_UNKNOWN] = BOOM_TOLD_UNKNOWN,
};

/* The camera behind a hook of its control. */
struct camera_teller {
    struct gateway *g;
    uint32_t camera;
};

static void tell(struct gateway *g, uint32_t camera, const char *command,
                 enum boom_progress progress)
{
    struct now now = gateway_now(g);

    yard_told(g->yard, g->config->cameras[camera].lane, command, progress, now.utc, now);
}

static void on_done(void *arg, const char *command, enum camera_control_result result,
                    const char *trouble)
{
    struct camera_teller *teller = arg;
    const struct camera_config *camera = &teller->g->config->cameras[teller->camera];

    if (result != CAMERA_CONTROL_ACCEPTED)
        log_warning("camera \"%s\": %s", camera->id, trouble);
    tell(teller->g, teller->camera, command, results[result]);
}

static void on_message(void *arg, uint32_t camera, const struct camera_request *request)
{
    gateway_cameras_take(arg, camera, request, NULL);
}

static void on_answered(void *arg, uint32_t camera, const char *id, bool accepted)
{
    if (!camera_lists_answered(arg, camera, id, accepted))
        tell(arg, camera, id, accepted ? BOOM_TOLD_ACCEPTED : BOOM_TOLD_REFUSED);
}

/* The commands are told apart by their ids: the yard passes over those that are not its own. */
static bool open_by(struct gateway *g, uint32_t n, const struct lane_order *order)
{
    const struct camera_config *camera = &g->config->cameras[n];
    struct camera_live *live = &g->cameras->live[n];
    struct err err;

    if (live->away)
        return false; /* a broker would keep the order, and give it to the camera when it is back */
    if (live->link && camera_link_tell(live->link, CAMERA_DO_OPEN, camera->output, order->command,
                                       clock_utc().ms / MS_PER_S))
        return true;
    if (!live->control)
        return false;
    if (camera_control_open(live->control, order->command, &err))
        return true;
    if (log_allow(&live->lines, clock_mono(), 6))
        log_warning("camera \"%s\": %s", camera->id, err.text);
    return false;
}

bool camera_orders_open(struct gateway *g, uint32_t lane, const struct lane_order *order)
{
    for (uint32_t n = 0; n < g->config->cameras_count; n++) {
        if (g->config->cameras[n].lane != lane || !open_by(g, n, order))
            continue;
        tell(g, n, order->command, BOOM_TOLD_SENT);
        return true;
    }
    return false;
}

void gateway_cameras_release(struct gateway *g)
{
    for (uint32_t n = 0; g->cameras && n < g->config->cameras_count; n++) {
        struct camera_link *link = g->cameras->live[n].link;

        if (link && camera_link_holds(link) && g->durable >= g->added)
            camera_link_release(link);
    }
}

static bool start_link(struct gateway *g, uint32_t n, struct err *err)
{
    const struct camera_config *config = &g->config->cameras[n];
    const struct camera_link_hooks hooks = {
        .arg = g, .message = on_message, .answered = on_answered};
    const struct camera_link_camera camera = {.site = g->config->plan.id,
                                              .id = config->id,
                                              .index = n,
                                              .family = config->family,
                                              .device = config->device};

    g->cameras->live[n].link = camera_link_create(&config->broker, &camera, g->loop, &hooks, err);
    return g->cameras->live[n].link || err_prefix(err, "camera \"%s\"", config->id);
}

bool camera_orders_start(struct gateway *g, struct err *err)
{
    for (uint32_t n = 0; n < g->config->cameras_count; n++) {
        const struct camera_config *config = &g->config->cameras[n];
        struct camera_live *live = &g->cameras->live[n];

        live->teller = memory_new(1, sizeof *live->teller);
        *live->teller = (struct camera_teller){.g = g, .camera = n};
        if (config->control.host && camera_order_path(config->family))
            live->control = camera_control_create(&config->control, config->family, g->loop,
                                                  on_done, live->teller);
        if (config->broker.url && !start_link(g, n, err))
            return false;
    }
    return true;
}

void camera_orders_stop(struct gateway *g)
{
    for (uint32_t n = 0; n < g->config->cameras_count; n++) {
        struct camera_live *live = &g->cameras->live[n];

        camera_link_destroy(live->link);
        camera_control_destroy(live->control);
        free(live->teller);
    }
}
