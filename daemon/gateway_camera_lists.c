/*
 * Plates that cameras let in by themselves: those with a pass and the exempt ones of the camera's
 * lot, told as they change and anew each day; held_list.h has the rules. Nothing of it is ever in
 * front of an order to a gate: lists have calls and answers of their own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/memory.h"
#include "daemon/gateway_cameras.h"
#include "daemon/gateway_lanes.h"
#include "sensors/lane/camera_list.h"

enum {
    ROOM = 5000,                     /* plates in one camera */
    LEASE_MS = 7 * 24 * 3600 * 1000, /* then an entry ends by itself, unless it was renewed */
    RENEW_MS = 24 * 3600 * 1000,
    REFRESH_MS = 3600 * 1000, /* spans begin and end without a record */
    GATHER_MS = 2000,         /* several changes at once are told together */
    ANSWER_MS = 15000,        /* later it is taken for lost, and goes again */
    AGAIN_MS = 5000,
    AGAIN_MAX_MS = 10 * 60 * 1000,
    LIST_TEXT = 2048,
    LINES_A_MINUTE = 2
};

struct camera_list {
    struct gateway *g;
    uint32_t camera;
    const struct camera_config *config;
    enum camera_list_way way;
    struct held_list *held;
    struct camera_control *control; /* of CAMERA_LIST_REQUEST; NULL when it could not be made */
    bool dirty;                     /* lists have changed */
    mono_ms refresh_at, renew_at, not_before;
    uint32_t failures, ids;
    bool alone; /* a batch was refused: one by one, to know which of them it is */

    struct held_change changes[CAMERA_LIST_BATCH]; /* under way */
    uint32_t count, step;
    mono_ms until;
    char id[32], target[LIST_TEXT], text[LIST_TEXT];
    struct text target_text, body_text;

    char trouble[RECORD_PHRASE]; /* empty when well */
    struct log_limit lines;
};

static struct camera_list *list_of(const struct gateway *g, uint32_t camera)
{
    return g->cameras ? g->cameras->live[camera].list : NULL;
}

static uint32_t lot_of(const struct camera_list *list)
{
    return list->g->config->plan.lanes[list->config->lane].lot;
}

/* ---- what it should hold ---- */

static void want(void *arg, const struct record_list *entry)
{
    struct camera_list *list = arg;
    struct now now = gateway_now(list->g);
    uint32_t lot = lot_of(list);
    struct plate_standing standing;

    if ((entry->list != PLATES_PASS && entry->list != PLATES_EXEMPT) ||
        (entry->lot != PLAN_NONE && entry->lot != lot) ||
        (entry->until.ms && entry->until.ms <= now.utc.ms) ||
        entry->from.ms > now.utc.ms + LEASE_MS)
        return;
    stays_standing(yard_stays(list->g->yard), lot, entry->plate, VEHICLE_SMALL, now.utc, &standing);
    if (!standing.blocked && !standing.locked)
        held_list_want(list->held, entry->plate, entry->from, entry->until);
}

/* Only what is durable is told: the lists in memory are ahead of the disk for a moment. */
static void refresh(struct camera_list *list, struct now now)
{
    bool durable = list->g->durable >= list->g->added;

    if (!durable || (!list->dirty && !mono_reached(now.mono, list->refresh_at)))
        return;
    list->dirty = false;
    list->refresh_at = mono_after(now.mono, REFRESH_MS);
    held_list_begin(list->held);
    stays_each_listed(yard_stays(list->g->yard), want, list);
    held_list_end(list->held, now.utc);
    if (mono_reached(now.mono, list->renew_at)) {
        list->renew_at = mono_after(now.mono, RENEW_MS);
        held_list_renew(list->held);
    }
}

void gateway_camera_lists_durable(struct gateway *g, const struct record *record)
{
    for (uint32_t n = 0; record->kind == RECORD_LIST && n < g->config->cameras_count; n++) {
        struct camera_list *list = list_of(g, n);

        if (!list)
            continue;
        list->dirty = true;
        list->not_before = mono_after(gateway_now(g).mono, GATHER_MS);
    }
}

/* ---- on its way ---- */

static void done(struct camera_list *list)
{
    held_list_done(list->held, true);
    list->count = 0;
    list->failures = 0;
    if (*list->trouble)
        log_info("camera \"%s\": takes its list again", list->config->id);
    list->trouble[0] = '\0';
}

/* `refused`: by an answer, so that it may be because of one of the plates. */
static void failed(struct camera_list *list, bool refused, const char *why)
{
    int64_t wait_ms = AGAIN_MS;

    if (refused && list->count == 1)
        held_list_refused(list->held);
    else
        held_list_done(list->held, false);
    list->alone |= refused;
    list->count = 0;
    for (uint32_t i = 0; i < list->failures && wait_ms < AGAIN_MAX_MS; i++)
        wait_ms *= 2;
    list->failures++;
    list->not_before = mono_after(clock_mono(), wait_ms < AGAIN_MAX_MS ? wait_ms : AGAIN_MAX_MS);
    snprintf(list->trouble, sizeof list->trouble, "%s", why);
    if (log_allow(&list->lines, clock_mono(), LINES_A_MINUTE))
        log_warning("camera \"%s\": its list of plates: %s", list->config->id, why);
}

static struct camera_list_part part_of(const struct camera_list *list)
{
    const struct civil_zone *zone = list->g->config->plan.civil;

    return (struct camera_list_part){.changes = list->changes,
                                     .count = list->count,
                                     .zone = zone ? zone : &civil_utc,
                                     .now = clock_utc()};
}

static void ask(struct camera_list *list);

static void on_said(void *arg, int status, const char *body, size_t size, const char *trouble)
{
    struct camera_list *list = arg;

    if (!list->count)
        return; /* given up meanwhile */
    if (status == 0 || status == 401) {
        failed(list, false, trouble);
        return;
    }
    if (!camera_list_taken(list->config->family, list->changes[0].add, list->step, status, body,
                           size)) {
        failed(list, status < 500, "the camera refuses it; may its user change the list?");
        return;
    }
    list->step++;
    ask(list);
}

/* The next request to its own server, or the end of them. */
static void ask(struct camera_list *list)
{
    const struct camera_list_part part = part_of(list);
    const struct camera_control_request sent = {
        .content_type = "application/json", .target = &list->target_text, .body = &list->body_text};
    struct camera_control_request request = sent;
    struct camera_list_request made;
    struct err err;

    text_init(&made.target, list->target, sizeof list->target);
    text_init(&made.body, list->text, sizeof list->text);
    if (!camera_list_request(list->config->family, &part, list->step, &made)) {
        done(list);
        return;
    }
    request.method = made.method;
    list->target_text = made.target;
    list->body_text = made.body;
    if (!camera_control_ask(list->control, &request, on_said, &err))
        failed(list, false, err.text);
}

static void publish(struct camera_list *list)
{
    const struct camera_list_part part = part_of(list);
    struct camera_link *link = list->g->cameras->live[list->camera].link;
    struct text body;

    text_init(&body, list->text, sizeof list->text);
    camera_list_body(&part, &body);
    snprintf(list->id, sizeof list->id, "list-%u", ++list->ids);
    if (!camera_link_list(link, body.bytes, list->id, clock_utc().ms / 1000))
        failed(list, false, "its broker cannot be reached");
}

/* True: there is something to tell, and it is under way from now on. */
static bool take(struct camera_list *list, struct now now)
{
    const struct camera_family *family = list->config->family;
    bool broker = list->way == CAMERA_LIST_PUBLISH;
    struct held_most most = {1, 1};

    if (list->count || !mono_reached(now.mono, list->not_before))
        return false;
    if (!list->alone)
        most = (struct held_most){camera_list_batch(family, broker, false),
                                  camera_list_batch(family, broker, true)};
    list->count = held_list_take(list->held, most, now.utc, list->changes);
    list->alone = list->alone && list->count;
    list->step = 0;
    list->until = mono_after(now.mono, ANSWER_MS);
    return list->count > 0;
}

static void tick(struct camera_list *list, struct now now)
{
    const struct camera_live *live = &list->g->cameras->live[list->camera];

    if (list->count && mono_reached(now.mono, list->until))
        failed(list, false, "the camera does not answer");
    refresh(list, now);
    /* A broker would keep it for a camera that is away; an answer waits for its question. */
    bool heard = live->messages || list->way == CAMERA_LIST_REQUEST;
    if (live->away || !heard || list->way == CAMERA_LIST_ANSWER || !take(list, now))
        return;
    if (list->way == CAMERA_LIST_PUBLISH)
        publish(list);
    else
        ask(list);
}

void camera_lists_tick(struct gateway *g, struct now now)
{
    for (uint32_t n = 0; n < g->config->cameras_count; n++)
        if (list_of(g, n))
            tick(list_of(g, n), now);
}

/* ---- its answers ---- */

const char *camera_lists_answer(struct gateway *g, uint32_t camera)
{
    struct camera_list *list = list_of(g, camera);
    struct text out;

    if (!list || list->way != CAMERA_LIST_ANSWER || !take(list, gateway_now(g)))
        return NULL;
    const struct camera_list_part part = part_of(list);
    text_init(&out, list->text, sizeof list->text);
    camera_list_answer(&part, &out);
    return list->text;
}

void camera_lists_written(struct gateway *g, uint32_t camera, bool written)
{
    struct camera_list *list = list_of(g, camera);

    if (!list || !list->count)
        return;
    if (written)
        done(list);
    else
        failed(list, false, "the camera hung up");
}

bool camera_lists_answered(struct gateway *g, uint32_t camera, const char *id, bool accepted)
{
    struct camera_list *list = list_of(g, camera);

    if (!list || strncmp(id, "list-", 5) != 0)
        return false;
    if (!list->count || strcmp(id, list->id) != 0)
        return true; /* of one that was given up */
    if (accepted)
        done(list);
    else
        failed(list, true, "the camera refuses it; is its list of plates switched on?");
    return true;
}

void camera_lists_show(const struct gateway *g, uint32_t camera, struct serve_camera *ret)
{
    const struct camera_list *list = list_of(g, camera);
    struct held_figures figures;
    struct text advice;

    if (!list)
        return;
    held_list_figures(list->held, &figures);
    ret->list =
        figures.due || figures.left_out || list->dirty ? SERVE_LIST_BEHIND : SERVE_LIST_IN_STEP;
    ret->list_held = figures.held;
    ret->list_due = figures.due + figures.left_out;
    if (ret->trouble || !(*list->trouble || figures.left_out || figures.refused))
        return; /* well, or something worse is said already */
    ret->trouble = "camera_list";
    text_init(&advice, ret->advice, sizeof ret->advice);
    if (*list->trouble)
        text_add(&advice, "its list: %s", list->trouble);
    else if (figures.refused)
        text_add(&advice, "its list: it refuses %u of the plates; look at how they are written",
                 figures.refused);
    else
        text_add(&advice, "its list: %u plates are left out; a camera is told %d", figures.left_out,
                 (int)ROOM);
}

/* ---- building ---- */

static void ignore_order(void *arg, const char *command, enum camera_control_result result,
                         const char *trouble)
{
    (void)arg; /* lists are no orders */
    (void)command;
    (void)result;
    (void)trouble;
}

void camera_lists_start(struct gateway *g)
{
    for (uint32_t n = 0; n < g->config->cameras_count; n++) {
        const struct camera_config *config = &g->config->cameras[n];

        if (!config->list)
            continue;
        struct camera_list *list = memory_new(1, sizeof *list);
        *list = (struct camera_list){.g = g, .camera = n, .config = config, .dirty = true};
        list->way = camera_list_way(config->family, config->broker.url);
        list->held = held_list_create(ROOM, LEASE_MS);
        list->renew_at = mono_after(clock_mono(), RENEW_MS);
        if (list->way == CAMERA_LIST_REQUEST)
            list->control = camera_control_create(&config->control, config->family, g->loop,
                                                  ignore_order, list);
        g->cameras->live[n].list = list;
    }
}

void camera_lists_stop(struct gateway *g)
{
    for (uint32_t n = 0; n < g->config->cameras_count; n++) {
        struct camera_list *list = g->cameras->live[n].list;

        if (!list)
            continue;
        camera_control_destroy(list->control);
        held_list_destroy(list->held);
        free(list);
        g->cameras->live[n].list = NULL;
    }
}
