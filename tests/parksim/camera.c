/*
 * See camera.h. A fresh read goes before what is stored; stored reads go one by one, each after the
 * answer to the one before, begun by a sign of life that was answered. Four times again at once,
 * then the read is kept, or sent later, or lost, as the make does.
 */
#include "tests/parksim/camera.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/parksim/camera_make.h"
#include "tests/parksim/sim.h"

enum { LISTED = 64, QUEUE = 256, ANSWER = 4096, AGAIN_MAX = 4, WAIT_US = 4000000 };

struct camera {
    struct cameras *all;
    const char *lane;
    const struct camera_make *make;
    struct loop_watch watch;
    struct loop_timer patience, next;
    struct camera_sending queue[QUEUE]; /* oldest first */
    uint32_t count, at;                 /* queue[at] is under way */
    struct camera_sending beat;
    bool busy, beats, may_empty, offline;
    uint32_t deaf, tries, last_id, last_opened;
    int64_t beat_us;
    char answer[ANSWER];
    size_t used;
    uint32_t reads, sent, again, lost, opened, beaten, wrong;
    const char *last_wrong;
    char listed[LISTED][CAMERA_PLATE]; /* let in by itself */
    uint32_t listed_count;
};

struct cameras {
    struct loop *loop;
    struct field *field;
    struct sockaddr_in gateway;
    struct camera *cameras;
    uint32_t count;
};

static void step(void *arg);

static void complain(struct camera *camera, const char *what)
{
    camera->wrong++;
    camera->last_wrong = what;
    truth_note(camera->all->field->truth, camera->lane, what);
}

static struct camera_sending *current(struct camera *camera)
{
    return camera->beats ? &camera->beat : &camera->queue[camera->at];
}

static void hang_up(struct camera *camera)
{
    if (camera->watch.fd < 0)
        return;
    int fd = camera->watch.fd;
    loop_unwatch(camera->all->loop, &camera->watch);
    close(fd);
    loop_cancel(camera->all->loop, &camera->patience);
    camera->busy = false;
}

static void soon(struct camera *camera, int64_t delay_ms)
{
    loop_at(camera->all->loop, &camera->next, sim_mono_us() + delay_ms * 1000);
}

static void forget(struct camera *camera, uint32_t at)
{
    memmove(&camera->queue[at], &camera->queue[at + 1],
            (--camera->count - at) * sizeof camera->queue[0]);
}

static uint32_t find_listed(const struct camera *camera, const char *plate)
{
    uint32_t at = 0;

    while (at < camera->listed_count && strcmp(camera->listed[at], plate) != 0)
        at++;
    return at;
}

static void change_list(struct camera *camera, const struct camera_heard *heard)
{
    for (int i = 0; i < heard->changes; i++) {
        uint32_t at = find_listed(camera, heard->plates[i]);
        bool known = at < camera->listed_count;

        if (heard->adds && !known && camera->listed_count < LISTED)
            snprintf(camera->listed[camera->listed_count++], CAMERA_PLATE, "%s", heard->plates[i]);
        else if (!heard->adds && known)
            memmove(camera->listed[at], camera->listed[at + 1],
                    (--camera->listed_count - at) * sizeof camera->listed[0]);
    }
}

/* It was not taken. */
static void fail(struct camera *camera)
{
    hang_up(camera);
    if (camera->beats) {
        soon(camera, 1000);
        return;
    }
    if (camera->tries++ < AGAIN_MAX && !camera->offline) {
        camera->again++;
        soon(camera, 0);
        return;
    }
    camera->tries = 0;
    if (camera->make->keeps) {
        struct camera_sending *kept = &camera->queue[camera->at];

        kept->listed |= camera->offline && kept->what == CAMERA_SENDS_READ &&
                        find_listed(camera, kept->plate) < camera->listed_count;
        kept->what = CAMERA_SENDS_STORED;
        camera->may_empty = false;
    } else if (!camera->make->again_ms) {
        forget(camera, camera->at);
        camera->lost++;
    }
    soon(camera, camera->make->again_ms ? camera->make->again_ms : 100);
}

static void done(struct camera *camera, const struct camera_heard *heard)
{
    struct camera_sending *sending = current(camera);

    if (heard->opens) {
        camera->opened++;
        if (sending->id == camera->last_opened)
            complain(camera, "opened twice for one read");
        camera->last_opened = sending->id;
        truth_note(camera->all->field->truth, camera->lane, "the camera opens");
    }
    if (!heard->taken) {
        fail(camera);
        return;
    }
    hang_up(camera);
    camera->tries = 0;
    if (camera->beats) {
        camera->beaten++;
        camera->may_empty = true;
        camera->beat_us = sim_mono_us() + camera->make->beat_ms * 1000;
    } else {
        camera->sent++;
        forget(camera, camera->at);
    }
    soon(camera, 0);
}

static void judge(struct camera *camera)
{
    struct camera_heard heard = {0};
    const char *body = strstr(camera->answer, "\r\n\r\n");

    if (!body || camera->deaf) {
        camera->deaf -= camera->deaf > 0;
        fail(camera);
        return;
    }
    camera->make->hear(current(camera), body + 4, &heard);
    if (strncmp(camera->answer, "HTTP/1.1 200 ", 13) != 0) {
        heard.taken = false;
        heard.wrong = "the answer is not 200";
    }
    if (heard.wrong)
        complain(camera, heard.wrong);
    change_list(camera, &heard);
    done(camera, &heard);
}

static void on_readable(void *arg)
{
    struct camera *camera = arg;
    ssize_t size = recv(camera->watch.fd, camera->answer + camera->used,
                        sizeof camera->answer - 1 - camera->used, MSG_DONTWAIT);

    if (size > 0) {
        camera->used += (size_t)size;
        camera->answer[camera->used] = '\0';
    } else if (camera->used) {
        judge(camera);
    } else {
        fail(camera);
    }
}

static void on_patience(void *arg)
{
    fail(arg);
}

static bool send_all(struct camera *camera)
{
    const struct camera_make *make = camera->make;
    const struct camera_sending *sending = current(camera);
    bool form = sending->what == CAMERA_SENDS_BEAT && make->keeps;
    char body[CAMERA_BODY], request[CAMERA_BODY + 512];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    size_t body_size = make->write(sending, body);
    int size = snprintf(request, sizeof request,
                        "POST /cameras/%s%s HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n"
                        "Content-Type: %s\r\nContent-Length: %zu\r\n\r\n",
                        camera->lane, make->path,
                        form ? "multipart/form-data; boundary=b" : make->type, body_size);
    memcpy(request + size, body, body_size);
    size += (int)body_size;
    if (fd < 0)
        return false;
    if (connect(fd, (struct sockaddr *)&camera->all->gateway, sizeof camera->all->gateway) < 0 ||
        send(fd, request, (size_t)size, MSG_NOSIGNAL) != size) {
        close(fd);
        return false;
    }
    loop_watch(camera->all->loop, &camera->watch, fd);
    return true;
}

static void post(struct camera *camera)
{
    camera->busy = true;
    camera->used = 0;
    camera->answer[0] = '\0';
    if (camera->offline || !send_all(camera)) {
        camera->busy = false;
        fail(camera);
        return;
    }
    loop_at(camera->all->loop, &camera->patience, sim_mono_us() + WAIT_US);
}

/* The first fresh read, or the oldest that is stored where those may go now. */
static bool choose(struct camera *camera)
{
    for (camera->at = 0; camera->at < camera->count; camera->at++)
        if (camera->queue[camera->at].what == CAMERA_SENDS_READ)
            return true;
    camera->at = 0;
    return camera->count > 0 && camera->may_empty && !camera->offline;
}

static void step(void *arg)
{
    struct camera *camera = arg;

    if (camera->busy)
        return;
    camera->beats = !choose(camera);
    if (!camera->beats) {
        post(camera);
        return;
    }
    if (!camera->make->beat_ms)
        return;
    bool due = sim_mono_us() >= camera->beat_us || (camera->count > 0 && !camera->may_empty);
    if (due && !camera->offline)
        post(camera);
    else
        soon(camera, 500);
}

void cameras_read(void *arg, const char *lane, const char *plate)
{
    struct cameras *cameras = arg;

    for (uint32_t i = 0; i < cameras->count; i++) {
        struct camera *camera = &cameras->cameras[i];
        struct camera_sending *sending = &camera->queue[camera->count];

        if (strcmp(camera->lane, lane) != 0)
            continue;
        camera->reads++;
        if (camera->count == QUEUE) {
            camera->lost++;
            return;
        }
        *sending = (struct camera_sending){.what = CAMERA_SENDS_READ,
                                           .lane = camera->lane,
                                           .id = ++camera->last_id,
                                           .utc_ms = sim_utc_ms()};
        snprintf(sending->plate, sizeof sending->plate, "%s", plate);
        camera->count++;
        if (!camera->busy)
            soon(camera, 0);
        return;
    }
}

static void status(const struct camera *camera, FILE *out)
{
    uint32_t stored = 0;

    for (uint32_t i = 0; i < camera->count; i++)
        stored += camera->queue[i].what == CAMERA_SENDS_STORED;
    fprintf(out,
            "{\"reads\":%u,\"sent\":%u,\"again\":%u,\"waiting\":%u,\"stored\":%u,\"lost\":%u,"
            "\"opened\":%u,\"beats\":%u,\"wrong\":%u,\"what\":\"%s\",\"list\":[",
            camera->reads, camera->sent, camera->again, camera->count, stored, camera->lost,
            camera->opened, camera->beaten, camera->wrong,
            camera->last_wrong ? camera->last_wrong : "");
    for (uint32_t i = 0; i < camera->listed_count; i++)
        fprintf(out, "%s\"%s\"", i ? "," : "", camera->listed[i]);
    fputs("]}", out);
}

void cameras_command(struct cameras *cameras, char **words, FILE *out)
{
    struct camera *camera = NULL;
    int64_t number = 0;

    for (uint32_t i = 0; cameras && i < cameras->count; i++)
        if (strcmp(cameras->cameras[i].lane, words[1]) == 0)
            camera = &cameras->cameras[i];
    if (!camera) {
        fputs("error: no such lane with a camera", out);
    } else if (strcmp(words[2], "status") == 0) {
        status(camera, out);
    } else if (strcmp(words[2], "read") == 0 && words[3]) {
        cameras_read(cameras, camera->lane, words[3]);
        fputs("ok", out);
    } else if (strcmp(words[2], "offline") == 0 && words[3]) {
        camera->offline = strcmp(words[3], "on") == 0;
        soon(camera, 0);
        fputs("ok", out);
    } else if (strcmp(words[2], "deaf") == 0 && words[3] &&
               sim_number(words[3], 0, 1000, &number)) {
        camera->deaf = (uint32_t)number;
        fputs("ok", out);
    } else {
        fputs("error: read PLATE, offline on|off, deaf N and status are allowed", out);
    }
}

static void set_up(struct cameras *cameras, const struct plan_gate *gate)
{
    struct camera *camera = &cameras->cameras[cameras->count++];

    *camera = (struct camera){.all = cameras, .lane = gate->id};
    camera->make = camera_make_find(gate->camera);
    camera->watch = (struct loop_watch){.fd = -1, .fn = on_readable, .arg = camera};
    camera->patience = (struct loop_timer){.fn = on_patience, .arg = camera};
    camera->next = (struct loop_timer){.fn = step, .arg = camera};
    camera->beat = (struct camera_sending){.what = CAMERA_SENDS_BEAT, .lane = gate->id};
    soon(camera, 0);
}

struct cameras *cameras_create(struct loop *loop, struct field *field, const char *gateway)
{
    struct cameras *cameras = sim_alloc(1, sizeof *cameras);
    const char *colon = strrchr(gateway, ':');
    char host[32];
    int64_t port;

    snprintf(host, sizeof host, "%.*s", (int)(colon ? colon - gateway : 0), gateway);
    cameras->gateway.sin_family = AF_INET;
    if (!colon || !sim_number(colon + 1, 1, 65535, &port) ||
        inet_pton(AF_INET, host, &cameras->gateway.sin_addr) != 1)
        sim_fail("--cameras %s: HOST:PORT is allowed", gateway);
    cameras->gateway.sin_port = htons((uint16_t)port);
    cameras->loop = loop;
    cameras->field = field;
    cameras->cameras = sim_alloc(field->plan->gates_count, sizeof *cameras->cameras);
    for (uint32_t i = 0; i < field->plan->gates_count; i++)
        if (field->plan->gates[i].camera)
            set_up(cameras, &field->plan->gates[i]);
    return cameras;
}

void cameras_destroy(struct cameras *cameras)
{
    if (!cameras)
        return;
    for (uint32_t i = 0; i < cameras->count; i++) {
        hang_up(&cameras->cameras[i]);
        loop_cancel(cameras->loop, &cameras->cameras[i].next);
    }
    free(cameras->cameras);
    free(cameras);
}
