/* See faulty_peer.h. Frames are made here by hand, not with the code under test. */
#include "tests/unit/faulty_peer.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "daemon/base/worker.h"

enum { ADU_MAX = 300 };

struct command {
    enum { COMMAND_FAULT, COMMAND_UNPLUG, COMMAND_NOISE } what;
    enum fault fault;
    char noise[64];
    size_t noise_size;
};

struct peer {
    bool rtu, pty;
    int listener; /* TCP */
    int fd;       /* master side, or the connection; -1 none */
    int slave;    /* keeps the terminal alive while the link is closed */
    char path[64];
    enum fault fault;
    uint8_t old[ADU_MAX]; /* FAULT_NEXT_TIME */
    size_t old_size;
    struct worker *worker;
};

static uint16_t crc16(const uint8_t *bytes, size_t size)
{
    uint16_t crc = 0xffff;
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
    }
    return crc;
}

static void pause_ms(int ms)
{
    struct timespec time = {.tv_nsec = ms * 1000000L};
    nanosleep(&time, NULL);
}

/* False when nobody is there any more. */
static bool put(struct peer *peer, const uint8_t *bytes, size_t size)
{
    if (peer->fd < 0)
        return false;
    return (peer->pty ? write(peer->fd, bytes, size) : send(peer->fd, bytes, size, MSG_NOSIGNAL)) ==
           (ssize_t)size;
}

/* The request's unit, function, address and count, wherever they stand. */
static const uint8_t *body_of(const struct peer *peer, const uint8_t *request)
{
    return peer->rtu ? request : request + 6;
}

/* Builds the good answer to `request` as if for address + `shift`, with one field spoilt. */
static size_t answer(const struct peer *peer, const uint8_t *request, enum fault fault, int shift,
                     uint8_t *out)
{
    const uint8_t *asked = body_of(peer, request);
    uint8_t *body = peer->rtu ? out : out + 6;
    int address = (asked[2] << 8 | asked[3]) + shift, count = asked[4] << 8 | asked[5];
    size_t size = 3 + 2 * (size_t)count;
    body[0] = (uint8_t)(asked[0] + (fault == FAULT_UNIT));
    body[1] = (uint8_t)(asked[1] + (fault == FAULT_FUNCTION));
    body[2] = (uint8_t)(2 * count - 2 * (fault == FAULT_COUNT));
    for (int i = 0; i < count; i++) {
        body[3 + 2 * i] = (uint8_t)((address + i) >> 8);
        body[4 + 2 * i] = (uint8_t)(address + i);
    }
    if (fault > FAULT_EXCEPTION) {
        body[1] |= 0x80;
        body[2] = (uint8_t)(fault - FAULT_EXCEPTION);
        size = 3;
    }
    if (peer->rtu) {
        uint16_t crc = crc16(body, size) ^ (fault == FAULT_CRC ? 0x100 : 0);
        body[size] = (uint8_t)crc;
        body[size + 1] = (uint8_t)(crc >> 8);
        return size + 2;
    }
    memcpy(out, request, 2);
    out[0] ^= fault == FAULT_TRANSACTION;
    out[2] = 0;
    out[3] = fault == FAULT_PROTOCOL ? 7 : 0;
    out[4] = (uint8_t)(size >> 8);
    out[5] = (uint8_t)(size + (fault == FAULT_LENGTH));
    return size + 6;
}

static void drop(struct peer *peer, bool reset)
{
    struct linger linger = {.l_onoff = reset};
    if (peer->fd < 0 || peer->pty)
        return;
    setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    close(peer->fd);
    peer->fd = -1;
}

static void misbehave(struct peer *peer, const uint8_t *request, size_t request_size,
                      enum fault fault)
{
    static const uint8_t garbage[] = "\x7f\x00\xff\x03\x55garbage\x00\x01";
    uint8_t out[3 * ADU_MAX] = {0};
    size_t size = answer(peer, request, fault, 0, out), other;
    switch (fault) {
    case FAULT_SILENT:
        return;
    case FAULT_LATE:
        pause_ms(PEER_LATE_MS);
        break;
    case FAULT_NEXT_TIME:
        memcpy(peer->old, out, size);
        peer->old_size = size;
        return;
    case FAULT_DRIP:
        for (size_t i = 0; i < size && put(peer, out + i, 1); i++)
            pause_ms(PEER_DRIP_MS);
        return;
    case FAULT_SHORT:
        size /= 2;
        break;
    case FAULT_TRAILING:
        size += 4;
        break;
    case FAULT_AFTER:
        put(peer, out, size);
        pause_ms(20);
        put(peer, garbage, 4);
        return;
    case FAULT_TWICE:
        other = answer(peer, request, FAULT_NONE, 1000, out);
        size = other + answer(peer, request, FAULT_NONE, 0, out + other);
        break;
    case FAULT_GARBAGE:
        put(peer, garbage, sizeof garbage);
        return;
    case FAULT_ECHO:
        put(peer, request, request_size);
        return;
    case FAULT_RESET:
    case FAULT_HANGUP:
        drop(peer, fault == FAULT_RESET);
        return;
    default:
        break;
    }
    put(peer, out, size);
}

/* A write is confirmed by the request itself. */
static bool is_write(const struct peer *peer, const uint8_t *request)
{
    return body_of(peer, request)[1] == 5 || body_of(peer, request)[1] == 6;
}

static void serve(struct peer *peer, const uint8_t *request, size_t size)
{
    enum fault fault = peer->fault;
    peer->fault = FAULT_NONE;
    if (peer->old_size) {
        put(peer, peer->old, peer->old_size);
        peer->old_size = 0;
        pause_ms(20);
    }
    if (fault == FAULT_NONE && is_write(peer, request))
        fault = FAULT_ECHO;
    misbehave(peer, request, size, fault);
}

static void obey(struct peer *peer, const struct command *command)
{
    switch (command->what) {
    case COMMAND_FAULT:
        peer->fault = command->fault;
        break;
    case COMMAND_NOISE:
        put(peer, (const uint8_t *)command->noise, command->noise_size);
        break;
    case COMMAND_UNPLUG:
        drop(peer, true);
        if (peer->pty)
            close(peer->fd);
        if (peer->listener >= 0)
            close(peer->listener);
        peer->listener = peer->fd = -1;
        break;
    }
}

/* Gathers a whole request. Bytes are kept from call to call; false when none is complete. */
static bool gather(struct peer *peer, uint8_t *request, size_t whole, size_t *have)
{
    ssize_t size = read(peer->fd, request + *have, whole - *have);
    if (size <= 0 && !peer->pty)
        drop(peer, false);
    if (size <= 0) {
        *have = 0;
        return false;
    }
    *have += (size_t)size;
    return *have == whole;
}

static void peer_run(struct port *port, void *arg)
{
    struct peer *peer = arg;
    uint8_t request[16];
    size_t whole = peer->rtu ? 8 : 12, have = 0;
    struct command command;
    for (;;) {
        switch (port_receive(port, &command, sizeof command, 0)) {
        case PORT_CLOSED:
            return;
        case PORT_MESSAGE:
            obey(peer, &command);
            port_send(port, &command, sizeof command);
            continue;
        case PORT_TIMEOUT:
            break;
        }
        struct pollfd fds[] = {{.fd = peer->fd, .events = POLLIN},
                               {.fd = peer->listener, .events = POLLIN}};
        poll(fds, 2, 5);
        if (fds[1].revents) {
            drop(peer, false);
            peer->fd = accept4(peer->listener, NULL, NULL, SOCK_CLOEXEC);
            int on = 1;
            setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            have = 0;
        } else if (fds[0].revents && gather(peer, request, whole, &have)) {
            have = 0;
            serve(peer, request, whole);
        }
    }
}

static void open_pty(struct peer *peer)
{
    struct termios raw;
    peer->fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert(peer->fd >= 0 && grantpt(peer->fd) == 0 && unlockpt(peer->fd) == 0);
    int bad = ptsname_r(peer->fd, peer->path, sizeof peer->path);
    assert(bad == 0);
    (void)bad;
    peer->slave = open(peer->path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    tcgetattr(peer->slave, &raw);
    cfmakeraw(&raw);
    tcsetattr(peer->slave, TCSANOW, &raw);
}

static void open_listener(struct peer *peer, struct bus_settings *settings)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    peer->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int bad = bind(peer->listener, (struct sockaddr *)&at, size) || listen(peer->listener, 4) ||
              getsockname(peer->listener, (struct sockaddr *)&at, &size);
    assert(!bad);
    (void)bad;
    settings->host = "127.0.0.1";
    settings->port = ntohs(at.sin_port);
}

struct peer *peer_start(struct bus_settings *settings)
{
    struct peer *peer = calloc(1, sizeof *peer);
    peer->rtu = settings->type != BUS_TCP;
    peer->pty = settings->type == BUS_RTU;
    peer->listener = peer->fd = peer->slave = -1;
    if (peer->pty)
        open_pty(peer);
    else
        open_listener(peer, settings);
    settings->path = peer->path;
    peer->worker = worker_create("peer", peer_run, peer, NULL);
    return peer;
}

/* Returns once the peer has done it. */
static void order(struct peer *peer, const struct command *command)
{
    struct command done;
    struct pollfd wait = {.fd = worker_fd(peer->worker), .events = POLLIN};
    worker_send(peer->worker, command, sizeof *command);
    while (!worker_receive(peer->worker, &done, sizeof done))
        poll(&wait, 1, 1000);
}

void peer_fault(struct peer *peer, enum fault fault)
{
    order(peer, &(struct command){.what = COMMAND_FAULT, .fault = fault});
}

void peer_unplug(struct peer *peer)
{
    order(peer, &(struct command){.what = COMMAND_UNPLUG});
}

void peer_noise(struct peer *peer, const char *bytes, size_t size)
{
    struct command command = {.what = COMMAND_NOISE, .noise_size = size};
    assert(size <= sizeof command.noise);
    memcpy(command.noise, bytes, size);
    order(peer, &command);
}

void peer_stop(struct peer *peer)
{
    worker_destroy(peer->worker);
    if (peer->fd >= 0)
        close(peer->fd);
    if (peer->slave >= 0)
        close(peer->slave);
    if (peer->listener >= 0)
        close(peer->listener);
    free(peer);
}
