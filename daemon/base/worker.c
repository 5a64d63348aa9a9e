/* Worker threads; the only file that includes pthread.h. See worker.h. */
#include "daemon/base/worker.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/memory.h"

/* Enough for SQLite and OpenSSL; a thread touches a fraction of it. */
enum { STACK_BYTES = 512 * 1024 };

/* One end of a sequenced-packet socket pair: a message is read as it was written. */
struct port {
    int fd;
};

struct worker {
    pthread_t thread;
    struct port ours, theirs;
    worker_main_fn *run;
    void *arg;
};

static void *thread_main(void *arg)
{
    struct worker *worker = arg;

    worker->run(&worker->theirs, worker->arg);
    close(worker->theirs.fd); /* tells worker_destroy() that nothing more comes */
    return NULL;
}

static int start_thread(struct worker *worker, const char *name)
{
    pthread_attr_t attributes;
    sigset_t all, before;
    char short_name[16];

    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    /* Signals belong to the loop. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int number = pthread_create(&worker->thread, &attributes, thread_main, worker);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    if (number)
        return number;
    size_t length = strnlen(name, sizeof short_name - 1);
    memcpy(short_name, name, length);
    short_name[length] = '\0';
    pthread_setname_np(worker->thread, short_name);
    return 0;
}

struct worker *worker_create(const char *name, worker_main_fn *run, void *arg, struct err *err)
{
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) {
        err_errno(err, "worker \"%s\": no socket pair", name);
        return NULL;
    }
    struct worker *worker = memory_new(1, sizeof *worker);
    *worker = (struct worker){.ours.fd = pair[0], .theirs.fd = pair[1], .run = run, .arg = arg};
    int number = start_thread(worker, name);
    if (number) {
        err_set(err, "worker \"%s\": no thread: %s", name, strerror(number));
        close(pair[0]);
        close(pair[1]);
        free(worker);
        return NULL;
    }
    return worker;
}

void worker_destroy(struct worker *worker)
{
    if (!worker)
        return;
    /* The thread reads what was sent before this, then PORT_CLOSED. */
    shutdown(worker->ours.fd, SHUT_WR);
    char rest[WORKER_MESSAGE_MAX];
    while (recv(worker->ours.fd, rest, sizeof rest, 0) > 0)
        ; /* so that a thread blocked in port_send() goes on; ends when it closes its end */
    pthread_join(worker->thread, NULL);
    close(worker->ours.fd);
    free(worker);
}

int worker_fd(const struct worker *worker)
{
    return worker->ours.fd;
}

bool worker_send(struct worker *worker, const void *message, size_t size)
{
    assert(size > 0 && size <= WORKER_MESSAGE_MAX);
    return send(worker->ours.fd, message, size, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)size;
}

bool worker_receive(struct worker *worker, void *message, size_t size)
{
    return recv(worker->ours.fd, message, size, MSG_DONTWAIT) > 0;
}

enum port_event port_receive(struct port *port, void *message, size_t size, int64_t timeout_ms)
{
    struct pollfd wait = {.fd = port->fd, .events = POLLIN};
    int64_t end_ms = clock_mono().ms + timeout_ms;
    int left = timeout_ms < 0 ? -1 : (int)timeout_ms;
    int ready;

    while ((ready = poll(&wait, 1, left)) < 0 && errno == EINTR) {
        if (timeout_ms >= 0)
            left = end_ms > clock_mono().ms ? (int)(end_ms - clock_mono().ms) : 0;
    }
    if (ready == 0)
        return PORT_TIMEOUT;
    return recv(port->fd, message, size, 0) > 0 ? PORT_MESSAGE : PORT_CLOSED;
}

bool port_send(struct port *port, const void *message, size_t size)
{
    assert(size > 0 && size <= WORKER_MESSAGE_MAX);
    return send(port->fd, message, size, MSG_NOSIGNAL) == (ssize_t)size;
}
