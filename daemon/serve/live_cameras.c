/* Cameras and their pictures, one object at a time. See live.h. */
#include "daemon/serve/live.h"

static void write_list(const struct serve_camera *camera, struct text *out)
{
    static const char *const states[] = {
        [SERVE_LIST_BEHIND] = "behind", [SERVE_LIST_IN_STEP] = "in_step"};

    if (camera->list == SERVE_LIST_NONE)
        return;
    text_json_pair(out, "list", states[camera->list]);
    text_json_int(out, "list_held", (int64_t)camera->list_held);
    text_json_int(out, "list_due", (int64_t)camera->list_due);
}

void live_camera(const struct live *live, struct now now, uint32_t index, struct text *out)
{
    struct serve_camera camera = {.list = SERVE_LIST_NONE};

    (void)now;
    live->source.camera(live->source.arg, index, &camera);
    text_add(out, "{");
    text_json_pair(out, "camera", camera.id);
    text_json_pair(out, "lane", camera.lane);
    text_json_pair(out, "family", camera.family);
    text_json_pair(out, "state", camera.online ? "online" : "offline");
    live_time(out, "heard", camera.heard);
    text_json_int(out, "messages", (int64_t)camera.messages);
    text_json_int(out, "reads", (int64_t)camera.reads);
    text_json_int(out, "repeated", (int64_t)camera.repeated);
    text_json_int(out, "stored", (int64_t)camera.stored);
    text_json_int(out, "late", (int64_t)camera.late);
    text_json_int(out, "refused", (int64_t)camera.refused);
    text_json_int(out, "photos_kept", (int64_t)camera.photos_kept);
    text_json_int(out, "photos_dropped", (int64_t)camera.photos_dropped);
    if (camera.lag_known)
        text_json_int(out, "lag_ms", camera.lag_ms);
    write_list(&camera, out);
    text_json_pair(out, "trouble", camera.trouble);
    text_json_pair(out, "advice", camera.trouble ? camera.advice : NULL);
    text_add(out, "}");
}

void live_photos(const struct live *live, struct text *out)
{
    const struct serve_source *source = &live->source;
    struct photos_worker_figures figures;

    if (!source->photos || !source->photos(source->arg, &figures))
        return;
    text_add(out, ",\"photos\":{");
    text_json_int(out, "count", (int64_t)figures.photos.count);
    text_json_int(out, "bytes", (int64_t)figures.photos.bytes);
    text_json_int(out, "kept", (int64_t)figures.photos.kept);
    text_json_int(out, "refused", (int64_t)(figures.photos.refused + figures.dropped));
    text_json_int(out, "aged", (int64_t)figures.photos.aged);
    text_json_int(out, "crowded", (int64_t)figures.photos.crowded);
    text_json_int(out, "spoilt", (int64_t)figures.photos.spoilt);
    text_json_int(out, "lost", (int64_t)figures.photos.lost);
    text_json_pair(out, "trouble", *figures.trouble ? figures.trouble : NULL);
    text_add(out, "}");
}
