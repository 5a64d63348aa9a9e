/* Cameras as people are shown them: their figures, and what is wrong with the next step. Reads
 * only. */
#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/clock.h"
#include "daemon/gateway_cameras.h"

/* A clock that is further off makes fresh reads look stored. */
enum { LAG_MAX_MS = 60000, LATELY_MS = 10 * 60 * 1000 };

static bool is_silent(const struct gateway *g, uint32_t camera, struct now now)
{
    (void)now;
    return g->cameras->live[camera].away;
}

static bool is_refused(const struct gateway *g, uint32_t camera, struct now now)
{
    const struct camera_live *live = &g->cameras->live[camera];

    return live->refused && now.mono.ms - live->refused_at.ms < LATELY_MS;
}

static bool is_off(const struct gateway *g, uint32_t camera, struct now now)
{
    const struct camera_live *live = &g->cameras->live[camera];

    (void)now;
    return live->lag_known && llabs(live->lag_ms) > LAG_MAX_MS;
}

static bool is_dropping(const struct gateway *g, uint32_t camera, struct now now)
{
    const struct camera_live *live = &g->cameras->live[camera];

    return live->photos_dropped && now.mono.ms - live->photo_dropped_at.ms < LATELY_MS;
}

/* The first that applies is told. */
static const struct {
    const char *trouble, *advice;
    bool (*is)(const struct gateway *g, uint32_t camera, struct now now);
} troubles[] = {
    {"camera_silent", "silent; look at its power and network, and at the server that it posts to",
     is_silent},
    {"camera_refused", "its messages are not believed; check family and device in parkd.conf",
     is_refused},
    {"camera_clock", "its clock is off; set its time server", is_off},
    {"camera_photos", NULL, is_dropping}, /* told with the picture */
};

void gateway_show_camera(void *arg, uint32_t camera, struct serve_camera *ret)
{
    const struct gateway *g = arg;
    const struct camera_config *config = &g->config->cameras[camera];
    const struct camera_live *live = &g->cameras->live[camera];
    struct now now = clock_now();

    *ret = (struct serve_camera){
        .id = config->id,
        .lane = g->config->plan.lanes[config->lane].id,
        .family = cameras_name(config->family),
        .online = !live->away && live->messages,
        .heard = {live->messages ? now.utc.ms - (now.mono.ms - live->heard.ms) : 0},
        .messages = live->messages,
        .refused = live->refused,
        .reads = live->reads,
        .repeated = live->repeated,
        .stored = live->stored,
        .late = live->late,
        .photos_kept = live->photos_kept,
        .photos_dropped = live->photos_dropped,
        .lag_known = live->lag_known,
        .lag_ms = live->lag_ms,
    };
    for (size_t i = 0; !ret->trouble && i < sizeof troubles / sizeof *troubles; i++)
        if (troubles[i].is(g, camera, now)) {
            ret->trouble = troubles[i].trouble;
            text_copy(ret->advice, sizeof ret->advice,
                      troubles[i].advice ? troubles[i].advice : live->photo_why);
        }
    camera_lists_show(g, camera, ret);
}
