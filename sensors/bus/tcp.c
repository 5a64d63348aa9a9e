/*
 * TCP connections. Not modbus_connect(): it waits in select(2) without a check of the descriptor
 * (B10), cannot be given up half-way, and reports a time-out as EINPROGRESS (B9).
 */
#include "sensors/bus/tcp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/base/clock.h"

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* The size of the address, or 0. */
static socklen_t parse(const char *host, uint16_t port, union address *ret)
{
    *ret = (union address){.v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)}};
    if (inet_pton(AF_INET6, host, &ret->v6.sin6_addr) == 1)
        return sizeof ret->v6;
    *ret = (union address){.v4 = {.sin_family = AF_INET, .sin_port = htons(port)}};
    if (inet_pton(AF_INET, host, &ret->v4.sin_addr) == 1)
        return sizeof ret->v4;
    return 0;
}

bool tcp_is_address(const char *host)
{
    union address address;
    return parse(host, 0, &address) != 0;
}

/* Waits for the outcome of a connect that is under way. False with errno. */
static bool finish(int fd, int64_t connect_ms, const struct wait *wait)
{
    int number = 0;
    socklen_t size = sizeof number;
    switch (wait_for(wait, fd, POLLOUT, clock_mono_us() + connect_ms * 1000)) {
    case WAIT_TIMEOUT:
        errno = ETIMEDOUT;
        return false;
    case WAIT_STOPPED:
        errno = ECANCELED;
        return false;
    case WAIT_READY:
        break;
    }
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &number, &size))
        return false;
    errno = number;
    return number == 0;
}

int tcp_connect(const char *host, uint16_t port, int64_t connect_ms, const struct wait *wait,
                struct err *err)
{
    union address address;
    socklen_t size = parse(host, port, &address);
    if (size == 0) {
        err_set(err, "\"%s\" is no IPv4 or IPv6 address; names are not looked up", host);
        return -1;
    }
    int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        err_errno(err, "no socket");
        return -1;
    }
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(fd, &address.any, size) == 0 ||
        (errno == EINPROGRESS && finish(fd, connect_ms, wait)))
        return fd;
    err_errno(err, "%s port %u does not accept a connection; is the host on, is the port right?",
              host, port);
    close(fd);
    return -1;
}
