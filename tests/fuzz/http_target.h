/*
 * What the fuzz target of HTTP does with any bytes: they are sent to the real server at its control
 * socket, where everything may be asked, and to its TCP port. It must answer or hang up, and take
 * the next one. The server runs in a thread of its own for as long as the process.
 */
#ifndef FUZZ_HTTP_TARGET_H
#define FUZZ_HTTP_TARGET_H

#include <assert.h>

#include "tests/unit/serve_fixture.h"

enum { HTTP_WAIT_MS = 30 };

static struct fixture *http_fixture;

static inline void http_answer_all(void *arg, const struct serve_request *request,
                                   struct serve_reply *reply)
{
    (void)arg;
    assert(request->command <= SERVE_REFUSED && request->act < SERVE_ACTS);
    assert(memchr(request->reason, '\0', sizeof request->reason));
    (void)request;
    serve_answer(reply, 200, "{\"done\":true}\n");
}

static inline void http_turn(struct port *port, void *arg)
{
    struct fixture *f = arg;

    port_send(port, "", 1);
    loop_run(f->loop, NULL);
}

static inline void http_end(void)
{
    unlink(http_fixture->control);
    rmdir(http_fixture->directory);
}

static inline void http_begin(void)
{
    struct fixture *f = http_fixture = fixture_create();
    const struct serve_settings settings = {.listen = "127.0.0.1:0", .control = f->control};
    struct serve_source source = fixture_source(f);
    struct err err = {.text = ""};
    char byte[WORKER_MESSAGE_MAX];

    source.request = http_answer_all;
    f->serve = serve_create(&settings, f->loop, &source, &err);
    assert(f->serve);
    f->port = serve_port(f->serve);
    f->client = worker_create("server", http_turn, f, &err);
    while (!worker_receive(f->client, byte, sizeof byte))
        ;
    atexit(http_end);
}

/* | 0: control socket, else TCP | request | */
static inline void fuzz_http(const uint8_t *bytes, size_t size)
{
    const struct timeval wait = {.tv_usec = HTTP_WAIT_MS * 1000};
    char answer[4096];

    if (size < 1)
        return;
    if (!http_fixture)
        http_begin();
    int fd = dial(http_fixture, bytes[0] == 0);
    assert(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    /* Not half-closed: libmicrohttpd 0.9.75 does not see an end that comes with the last bytes, and
     * keeps the connection until its idle time is over; all that there may be are soon kept so. */
    (void)!send(fd, bytes + 1, size - 1, MSG_NOSIGNAL);
    while (recv(fd, answer, sizeof answer, 0) > 0)
        ;
    close(fd);
}

#endif
