/* The families of cameras and their pictures. See metrics.h. */
#include "daemon/serve/metrics.h"

#include <stddef.h>

typedef void camera_value_fn(const struct metrics_family *family, struct api_call *call,
                             const struct serve_camera *camera);

/* One sample a camera; `wanted` NULL: of all of them. */
static void each(const struct metrics_family *family, struct api_call *call,
                 bool (*wanted)(const struct serve_camera *camera), camera_value_fn *value)
{
    const struct serve_source *source = &call->live->source;

    for (uint32_t i = 0; source->camera && i < source->cameras_count; i++) {
        struct serve_camera camera = {.list = SERVE_LIST_NONE};

        source->camera(source->arg, i, &camera);
        if (wanted && !wanted(&camera))
            continue;
        metrics_label(&call->out, family, "camera", camera.id);
        metrics_more(&call->out, "lane", camera.lane);
        value(family, call, &camera);
    }
}

static void online_value(const struct metrics_family *family, struct api_call *call,
                         const struct serve_camera *camera)
{
    (void)family;
    metrics_whole(&call->out, camera->online);
}

static void online(const struct metrics_family *family, struct api_call *call)
{
    each(family, call, NULL, online_value);
}

static void count_value(const struct metrics_family *family, struct api_call *call,
                        const struct serve_camera *camera)
{
    metrics_whole(&call->out, *(const uint64_t *)((const char *)camera + family->counter));
}

static void count(const struct metrics_family *family, struct api_call *call)
{
    each(family, call, NULL, count_value);
}

static bool has_lag(const struct serve_camera *camera)
{
    return camera->lag_known;
}

static void lag_value(const struct metrics_family *family, struct api_call *call,
                      const struct serve_camera *camera)
{
    (void)family;
    text_add(&call->out, "} %.3f\n", (double)camera->lag_ms / 1000);
}

static void lag(const struct metrics_family *family, struct api_call *call)
{
    each(family, call, has_lag, lag_value);
}

static bool has_trouble(const struct serve_camera *camera)
{
    return camera->trouble != NULL;
}

static void trouble_value(const struct metrics_family *family, struct api_call *call,
                          const struct serve_camera *camera)
{
    (void)family;
    metrics_more(&call->out, "kind", camera->trouble);
    metrics_whole(&call->out, 1);
}

static void trouble(const struct metrics_family *family, struct api_call *call)
{
    each(family, call, has_trouble, trouble_value);
}

static bool has_list(const struct serve_camera *camera)
{
    return camera->list != SERVE_LIST_NONE;
}

static void list_count(const struct metrics_family *family, struct api_call *call)
{
    each(family, call, has_list, count_value);
}

static bool read_photos(struct api_call *call, struct photos_worker_figures *ret)
{
    const struct serve_source *source = &call->live->source;

    return source->photos && source->photos(source->arg, ret);
}

static void photos(const struct metrics_family *family, struct api_call *call)
{
    struct photos_worker_figures figures;

    if (read_photos(call, &figures))
        text_add(&call->out, "%s %llu\n", family->name,
                 *(const unsigned long long *)((const char *)&figures + family->counter));
}

static void sent(const struct metrics_family *family, struct api_call *call)
{
    const struct serve_source *source = &call->live->source;

    for (uint32_t u = 0; u < source->uplinks_count; u++) {
        struct uplink_status status;

        source->uplink(source->arg, u, &status);
        if (!status.photos)
            continue;
        metrics_label(&call->out, family, "uplink", source->uplinks[u].name);
        metrics_whole(&call->out, *(const uint64_t *)((const char *)&status + family->counter));
    }
}

/* An array of counters, one an uplink. */
static void owed(const struct metrics_family *family, struct api_call *call)
{
    const struct serve_source *source = &call->live->source;
    struct photos_worker_figures figures;

    if (!read_photos(call, &figures))
        return;
    for (uint32_t u = 0; u < source->uplinks_count && u < PHOTO_UPLINKS; u++) {
        struct uplink_status status;
        const uint64_t *of = (const uint64_t *)((const char *)&figures + family->counter);

        source->uplink(source->arg, u, &status);
        if (!status.photos)
            continue;
        metrics_label(&call->out, family, "uplink", source->uplinks[u].name);
        metrics_whole(&call->out, of[u]);
    }
}

#define CAMERA(member) count, offsetof(struct serve_camera, member)
#define LIST(member) list_count, offsetof(struct serve_camera, member)
#define PHOTOS(member) photos, offsetof(struct photos_worker_figures, member)
#define SENT(member) sent, offsetof(struct uplink_status, member)
#define OWED(member) owed, offsetof(struct photos_worker_figures, photos.member)

const struct metrics_family metrics_cameras[] = {
    {"parkd_camera_online", "gauge", "1 while the camera is heard.", online, 0},
    {"parkd_camera_messages_total", "counter", "Messages of the camera.", CAMERA(messages)},
    {"parkd_camera_reads_total", "counter", "Reads that were recorded.", CAMERA(reads)},
    {"parkd_camera_repeated_total", "counter", "Reads that came again.", CAMERA(repeated)},
    {"parkd_camera_stored_total", "counter", "Reads that it had stored while it had no server.",
     CAMERA(stored)},
    {"parkd_camera_late_total", "counter", "Reads that came later than its clock explains.",
     CAMERA(late)},
    {"parkd_camera_refused_total", "counter", "Messages that were not believed.", CAMERA(refused)},
    {"parkd_camera_lag_seconds", "gauge", "Our clock less the camera's, at its newest read.", lag,
     0},
    {"parkd_camera_photos_kept_total", "counter", "Its pictures that were kept.",
     CAMERA(photos_kept)},
    {"parkd_camera_photos_dropped_total", "counter", "Its pictures that were not.",
     CAMERA(photos_dropped)},
    {"parkd_camera_list_plates", "gauge", "Plates that it lets in by itself.", LIST(list_held)},
    {"parkd_camera_list_due", "gauge", "Changes of its list that it has still to get.",
     LIST(list_due)},
    {"parkd_camera_trouble", "gauge",
     "1 for a camera that needs to be looked at; parkctl cameras says what to do.", trouble, 0},
    {"parkd_photos", "gauge", "Pictures that are kept.", PHOTOS(photos.count)},
    {"parkd_photos_bytes", "gauge", "Their size.", PHOTOS(photos.bytes)},
    {"parkd_photos_aged_total", "counter", "Erased by age.", PHOTOS(photos.aged)},
    {"parkd_photos_crowded_total", "counter", "Erased at a bound, the oldest first.",
     PHOTOS(photos.crowded)},
    {"parkd_photos_spoilt_total", "counter", "Removed because they were not whole.",
     PHOTOS(photos.spoilt)},
    {"parkd_photos_lost_total", "counter", "Erased while a platform was owed them.",
     PHOTOS(photos.lost)},
    {"parkd_uplink_photos_sent_total", "counter", "Pictures that the platform has taken.",
     SENT(photos_sent)},
    {"parkd_uplink_photos_refused_total", "counter", "Pictures that it does not take.",
     SENT(photos_refused)},
    {"parkd_uplink_photos_owed", "gauge", "Pictures that it has still to get.", OWED(owed)},
    {"parkd_uplink_photos_missing_total", "counter",
     "Entries and exits that it has, and that no picture is kept of.", OWED(missing)},
    {NULL, NULL, NULL, NULL, 0},
};
