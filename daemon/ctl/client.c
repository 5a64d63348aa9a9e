/* Requests to the live daemon. See client.h. */
#include "daemon/ctl/client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/base/memory.h"
#include "daemon/core/text.h"
#include "daemon/uplink/http.h"

enum {
    ANSWER_MAX = 64 * 1024 * 1024,
    TIMEOUT_MS = 30 * 1000,
    BACKUP_TIMEOUT_MS = 2 * 60 * 60 * 1000,
    EVENT_MAX = 8 * 1024 * 1024,
    URL_SIZE = 1024,
    CUT_OFF_MS = 1000
};

struct buffer {
    char *bytes; /* NUL-terminated once anything has come */
    size_t used, size;
};

static bool append(void *arg, const char *bytes, size_t size)
{
    struct buffer *buffer = arg;

    if (size > ANSWER_MAX - buffer->used)
        return false;
    while (buffer->used + size + 1 > buffer->size) {
        buffer->size = buffer->size ? buffer->size * 2 : BUFSIZ;
        buffer->bytes = memory_grow(buffer->bytes, buffer->size, 1);
    }
    memcpy(buffer->bytes + buffer->used, bytes, size);
    buffer->used += size;
    buffer->bytes[buffer->used] = '\0';
    return true;
}

/* Why the socket cannot be used, better than the connecting library knows. */
static const char *socket_trouble(const char *path, const struct err *otherwise)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    bool taken = fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
    int error = errno;
    /* A gateway that knows us says nothing by itself; one that does not cuts us off at once. */
    struct pollfd cut = {.fd = fd, .events = POLLIN};
    bool refused = taken && poll(&cut, 1, CUT_OFF_MS) > 0;
    if (fd >= 0)
        close(fd);
    if (refused || (!taken && error == EACCES))
        return "it is not for you; become a member of parkd-viewer or a group that may more, or "
               "use sudo";
    return taken ? otherwise->text : strerror(error);
}

static bool fetch(const struct ctl *ctl, struct http_fetch *request, const char *path,
                  int *ret_status, struct err *err)
{
    struct err trouble = {.text = "nobody answers there"};
    char url[URL_SIZE];

    snprintf(url, sizeof url, "http://127.0.0.1%s", path);
    request->url = url;
    request->unix_socket = ctl->socket;
    if (http_fetch(request, ret_status, &trouble))
        return true;
    return err_set(err,
                   "cannot reach parkd at %s: %s; start it with systemctl start parkd or give "
                   "--socket",
                   ctl->socket, socket_trouble(ctl->socket, &trouble));
}

/* What the gateway said in the body of a refusal. */
static bool refused(const struct buffer *answer, int status, struct err *err)
{
    struct json *body =
        answer->bytes ? json_read(answer->bytes, answer->used, ANSWER_MAX, NULL) : NULL;
    const char *error = json_text(json_member(body, "error"), NULL);

    const char *hint = json_text(json_member(body, "hint"), "");

    if (error)
        err_set(err, "%s%s%s", error, *hint ? "; " : "", hint);
    else
        err_set(err, "the gateway answers with status %d; are parkctl and parkd of one version?",
                status);
    json_release(body);
    return false;
}

static bool ask(const struct ctl *ctl, struct http_fetch *request, const char *path,
                struct buffer *ret, struct err *err)
{
    int status = 0;

    request->piece = append;
    request->arg = ret;
    if (!fetch(ctl, request, path, &status, err))
        return false;
    if (status != 200)
        return refused(ret, status, err);
    if (!ret->bytes)
        append(ret, "", 0);
    if (ctl->json)
        fputs(ret->bytes, stdout);
    return true;
}

/* The answer, read. */
static struct json *exchange(const struct ctl *ctl, struct http_fetch *request, const char *path,
                             struct err *err)
{
    struct buffer answer = {.bytes = NULL};
    struct json *document = NULL;

    if (ask(ctl, request, path, &answer, err))
        document = json_read(answer.bytes, answer.used, ANSWER_MAX, err);
    free(answer.bytes);
    return document;
}

struct json *client_get(const struct ctl *ctl, const char *path, struct err *err)
{
    struct http_fetch request = {.method = "GET", .timeout_ms = TIMEOUT_MS};

    return exchange(ctl, &request, path, err);
}

struct json *client_send(const struct ctl *ctl, const char *path, const char *body, struct err *err)
{
    struct http_fetch request = {.method = "POST", .body = body, .timeout_ms = BACKUP_TIMEOUT_MS};

    return exchange(ctl, &request, path, err);
}

bool client_post(const struct ctl *ctl, const char *path, const char *body, struct err *err)
{
    struct json *answer = client_send(ctl, path, body, err);

    json_release(answer);
    return answer != NULL;
}

struct watching {
    struct buffer waiting; /* of an event that is not yet whole */
    client_event_fn *fn;
    void *arg;
    bool heard, enough;
};

static bool tell_event(struct watching *watching, char *block)
{
    char *data = strstr(block, "\ndata: ");

    if (strncmp(block, "event: ", strlen("event: ")) != 0 || !data)
        return true;
    *data = '\0';
    data += strlen("\ndata: ");
    struct json *document = json_read(data, strlen(data), EVENT_MAX, NULL);
    bool more = !document || watching->fn(watching->arg, block + strlen("event: "), data, document);
    json_release(document);
    return more;
}

static bool take_events(void *arg, const char *bytes, size_t size)
{
    struct watching *watching = arg;
    struct buffer *waiting = &watching->waiting;
    char *end;

    watching->heard = true;
    if (!append(waiting, bytes, size) || waiting->used > EVENT_MAX)
        return false;
    char *from = waiting->bytes;
    while (!watching->enough && (end = strstr(from, "\n\n"))) {
        *end = '\0';
        watching->enough = !tell_event(watching, from);
        from = end + 2;
    }
    waiting->used -= (size_t)(from - waiting->bytes);
    memmove(waiting->bytes, from, waiting->used + 1);
    return !watching->enough;
}

bool client_watch(const struct ctl *ctl, const char *path, client_event_fn *fn, void *arg,
                  struct err *err)
{
    struct watching watching = {.fn = fn, .arg = arg};
    struct http_fetch request = {.method = "GET", .piece = take_events, .arg = &watching};
    int status = 0;

    bool done = fetch(ctl, &request, path, &status, err);
    if (done && status != 200)
        done = refused(&watching.waiting, status, err);
    else if ((done || watching.heard) && !watching.enough)
        done = err_set(err, "the gateway has ended the stream; is it being restarted?");
    free(watching.waiting.bytes);
    return done;
}

void client_encode(struct text *out, const char *part)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

    for (; *part; part++) {
        if (strchr(plain, *part))
            text_append(out, part, 1);
        else
            text_add(out, "%%%02X", (unsigned char)*part);
    }
}
