/* long: keys of cameras and their checks stand together */
/* Cameras: which lane each looks at, how it is told from others, what its contacts are wired to. */
#include <string.h>

#include "daemon/config/address.h"
#include "daemon/config/camera_draft.h"
#include "daemon/config/section_parking.h"
#include "daemon/core/boom.h"
#include "daemon/uplink/url.h"
#include "sensors/lane/camera_list.h"

static uint32_t find_lane(struct draft *draft, const struct reader_node *node, const char *id)
{
    uint32_t lane = plan_find_lane(&draft->config.plan, id);

    if (id && lane == PLAN_NONE)
        mistake_add(draft->context.mistakes, section_place(node, "lane"),
                    "camera: lane \"%s\" is not in lanes; allowed: the id of a lane", id);
    return lane;
}

static const struct camera_family *find_family(struct draft *draft, const struct reader_node *node,
                                               const char *name)
{
    const struct camera_family *family = name ? cameras_find(name) : NULL;

    if (name && (!family || !strcmp(name, "verify")))
        mistake_add(draft->context.mistakes, section_place(node, "family"),
                    "camera: family \"%s\" is not known; allowed: vzenith, hikvision, dahua, "
                    "platerecognizer, openalpr, frigate",
                    name);
    return family;
}

static void take_inputs(struct draft *draft, const struct reader_node *node,
                        const struct reader_node *list, struct camera_config *camera)
{
    struct lane_plan *lane =
        camera->lane == PLAN_NONE ? NULL : &draft->config.plan.lanes[camera->lane];

    for (uint32_t i = 0; i < reader_size(list); i++) {
        struct input_draft from = {0};

        option_defaults(&camera_input_table, &from);
        option_apply(&camera_input_table, reader_item(list, i), &from, &draft->context);
        if (from.input < 1 || from.input > CAMERA_INPUTS || !lane)
            continue;
        camera->inputs[from.input - 1] = (unsigned)from.is;
        lane->wiring |= from.is == BOOM_PRESENCE ? LANE_HAS_PRESENCE : LANE_HAS_CLOSING;
    }
    if (reader_size(list) && lane && lane->wiring & LANE_HAS_BARRIER)
        mistake_add(draft->context.mistakes, section_place(node, "inputs"),
                    "camera: its lane has a barrier device, which tells of the loops; remove "
                    "inputs");
}

/* Its list is on its own server. */
static bool needs_control(const struct camera_config *camera)
{
    return camera->list &&
           camera_list_way(camera->family, camera->broker.url) == CAMERA_LIST_REQUEST;
}

static void check_list(struct draft *draft, const struct reader_node *node,
                       const struct camera_config *camera)
{
    struct place place = section_place(node, "list");

    if (!camera->list || !camera->family)
        return;
    if (camera_list_way(camera->family, camera->broker.url) == CAMERA_LIST_NONE)
        mistake_add(draft->context.mistakes, place,
                    "camera: list is for families vzenith, hikvision and dahua; remove it");
    if (needs_control(camera) && !camera->control.host)
        mistake_add(draft->context.mistakes, place,
                    "camera: list without control; allowed: with the address of its server");
}

static void check_control(struct draft *draft, const struct reader_node *node,
                          struct camera_config *camera)
{
    const struct reader_node *group = reader_member(node, "control");
    struct address address;

    if (!group || !camera->family)
        return;
    if (!camera_order_path(camera->family) && !needs_control(camera))
        mistake_add(draft->context.mistakes, reader_place(group),
                    "camera: control is for family hikvision, and dahua with list; remove it");
    if (camera->control.host && !address_ip(camera->control.host, &address))
        mistake_add(draft->context.mistakes, section_place(group, "host"),
                    "camera: host \"%s\" is no address; allowed: one as \"192.168.1.64\"",
                    camera->control.host);
    if (!camera->control.path)
        camera->control.path = camera_order_path(camera->family);
}

static void check_broker(struct draft *draft, const struct reader_node *node,
                         const struct camera_config *camera)
{
    char topics[CAMERA_TOPICS][CAMERA_TOPIC];
    struct place place = section_place(node, "broker");
    const char *text = camera->broker.url;
    struct address address;
    struct url url;
    struct err err;

    if (!text || !camera->family)
        return;
    if (!camera_order_topics(camera->family, "", topics))
        mistake_add(draft->context.mistakes, place,
                    "camera: broker is for families vzenith and frigate; remove it");
    if (!camera->device)
        mistake_add(draft->context.mistakes, reader_place(node),
                    "camera: device is missing; with a broker its messages are known by it");
    if (strchr(text, '@'))
        mistake_add(draft->context.mistakes, place,
                    "camera: broker must not hold a user name or password; allowed: username and "
                    "password_file");
    else if (!url_parse(text, &url, &err))
        mistake_add(draft->context.mistakes, place, "camera: broker %s", err.text);
    else if (strncmp(url.scheme, "mqtt", 4) != 0 ||
             (!url.secure && strcmp(url.host, "localhost") != 0 &&
              !(address_ip(url.host, &address) && address.loopback)))
        mistake_add(draft->context.mistakes, place,
                    "camera: broker \"%s\"; allowed: mqtts://, or mqtt:// to this machine", text);
}

/* Who may post must be known by something that a stranger does not know. */
static void check_door(struct draft *draft, const struct reader_node *node,
                       const struct camera_draft *from)
{
    if (from->any_path && reader_size(from->from) == 0)
        mistake_add(draft->context.mistakes, section_place(node, "any_path"),
                    "camera: any_path needs `from`, which alone tells who posts");
    if (!from->secret && reader_size(from->from) == 0 && !from->camera.broker.url)
        mistake_add(draft->context.mistakes, reader_place(node),
                    "camera: neither from nor secret_file; allowed: at least one, or anybody could "
                    "open the lane");
}

static void take_camera(struct draft *draft, uint32_t n, struct name_index *ids,
                        struct camera_door *ret_door)
{
    const struct reader_node *node = reader_item(draft->cameras, n);
    struct camera_config *camera = &draft->config.cameras[n];
    struct camera_draft from = {.secret = NULL};
    struct from_addresses addresses;

    option_defaults(&camera_table, &from);
    option_apply(&camera_table, node, &from, &draft->context);
    *camera = from.camera;
    camera->lane = find_lane(draft, node, from.lane);
    camera->family = find_family(draft, node, from.family);
    *ret_door =
        (struct camera_door){.id = camera->id, .secret = from.secret, .any_path = from.any_path};
    if (camera->broker.url)
        ret_door->id = ""; /* it has no door: nobody posts for it */
    section_from(draft, from.from, "camera", &addresses);
    ret_door->from = addresses.list;
    ret_door->from_count = addresses.count;
    take_inputs(draft, node, from.inputs, camera);
    camera->broker.tls = from.tls.settings;
    check_door(draft, node, &from);
    check_control(draft, node, camera);
    check_list(draft, node, camera);
    check_broker(draft, node, camera);
    if (camera->family && !camera->silence_ms)
        camera->silence_ms = cameras_silence_ms(camera->family);
    if (camera->lane != PLAN_NONE)
        draft->config.plan.lanes[camera->lane].wiring |= LANE_HAS_CAMERA;
    section_claim(draft, ids, node, "id", (struct name_entry){.name = camera->id, .value = n});
}

/* A relay that the answer closes is one of a camera that is told to. */
static void check_openers(struct draft *draft)
{
    const struct config *config = &draft->config;

    for (uint32_t lane = 0; lane < config->plan.lanes_count; lane++) {
        bool opens = !(config->plan.lanes[lane].wiring & LANE_CAMERA_PULSES);

        for (uint32_t n = 0; n < config->cameras_count && !opens; n++)
            opens =
                config->cameras[n].lane == lane && config->cameras[n].family &&
                (camera_answer_opens(config->cameras[n].family) || config->cameras[n].control.host);
        if (!opens)
            mistake_add(draft->context.mistakes,
                        section_place(reader_item(draft->lanes, lane), "camera_opens"),
                        "lane: camera_opens without a camera that can; allowed: with one of family "
                        "vzenith or dahua, or hikvision with control");
    }
}

static void check_listen(struct draft *draft)
{
    bool loopback;
    struct err err;

    if (draft->camera_listen && !address_listen(draft->camera_listen, &loopback, &err))
        mistake_add(draft->context.mistakes, section_place(draft->root, "camera_listen"),
                    "camera_listen %s", err.text);
}

/* A message of a camera with its pictures is some hundred kilobytes, 8 MB at most; three of those
 * at a time. Cameras keep few connections and wait seconds, not minutes. */
static const struct camera_listener_settings listener_usual = {
    .body_max = CAMERA_BODY_MAX,
    .bodies_max = 4 * (size_t)CAMERA_BODY_MAX,
    .connections = 128,
    .per_address = 16,
    .idle_s = 40,
    .request_s = 20,
};

void section_cameras(struct draft *draft)
{
    struct config *config = &draft->config;
    uint32_t count = reader_size(draft->cameras);
    struct camera_door *doors = arena_new(draft->context.memory, count, sizeof *doors);
    struct name_index *ids = name_index_create();

    count = count < CAMERAS_MAX ? count : CAMERAS_MAX; /* more are told by the table */
    config->cameras = arena_new(draft->context.memory, count, sizeof *config->cameras);
    config->cameras_count = count;
    for (uint32_t n = 0; n < count; n++)
        take_camera(draft, n, ids, &doors[n]);
    config->camera_listener = listener_usual;
    config->camera_listener.doors = doors;
    config->camera_listener.doors_count = count;
    config->camera_listener.listen = count ? draft->camera_listen : NULL;
    check_listen(draft);
    bool posts = false;
    for (uint32_t n = 0; n < count; n++)
        posts |= !config->cameras[n].broker.url;
    if (posts && !draft->camera_listen)
        mistake_add(draft->context.mistakes, reader_place(draft->cameras),
                    "cameras: camera_listen is missing; allowed: \"ADDRESS:PORT\" where they post");
    check_openers(draft);
    name_index_destroy(ids);
}
