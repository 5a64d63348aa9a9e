/* See board_peer.h. */
#include "tests/unit/board_peer.h"

#include <arpa/inet.h>
#include <assert.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/worker.h"

struct board_peer {
    int listener, fd;
    int64_t answer_us;
    _Atomic uint16_t bits, words[BOARD_WORDS], first_coil; /* set by the test at any time */
    _Atomic enum board_fault fault;
    struct worker *worker;
};

static void answer(struct board_peer *peer, struct port *port, const uint8_t *in)
{
    uint8_t out[300] = {in[0], in[1], 0, 0, 0, 0, in[6], in[7]};
    uint16_t address = (uint16_t)(in[8] << 8 | in[9]), count = (uint16_t)(in[10] << 8 | in[11]);
    struct board_asked asked = {in[7], address, count, clock_mono_us()};
    size_t size = 12;
    if (in[7] > 4)
        port_send(port, &asked, sizeof asked);
    if (peer->answer_us)
        nanosleep(&(struct timespec){.tv_nsec = peer->answer_us * 1000}, NULL);
    if (in[7] <= 2) {
        out[8] = (uint8_t)((count + 7) / 8);
        out[9] = (uint8_t)(peer->bits >> address);
        size = 9u + out[8];
    } else if (in[7] <= 4) {
        out[8] = (uint8_t)(2 * count);
        for (uint16_t i = 0; i < count; i++) {
            out[9 + 2 * i] = (uint8_t)(peer->words[(address + i) % BOARD_WORDS] >> 8);
            out[10 + 2 * i] = (uint8_t)peer->words[(address + i) % BOARD_WORDS];
        }
        size = 9u + out[8];
    } else {
        bool low = address < peer->first_coil;
        enum board_fault fault = peer->fault;
        memcpy(out + 8, in + 8, 4);
        peer->fault = BOARD_WELL;
        if (fault == BOARD_LOSES)
            return;
        if (fault == BOARD_GARBLES)
            out[6]++;
        if (fault == BOARD_REFUSES || low) {
            out[7] |= 0x80;
            out[8] = low ? 2 : 4;
            size = 9;
        }
    }
    out[5] = (uint8_t)(size - 6);
    send(peer->fd, out, size, MSG_NOSIGNAL);
}

static void peer_run(struct port *port, void *arg)
{
    struct board_peer *peer = arg;
    uint8_t in[300];
    while (port_receive(port, in, sizeof in, 0) != PORT_CLOSED) {
        struct pollfd fds[2] = {{.fd = peer->fd, .events = POLLIN},
                                {.fd = peer->listener, .events = POLLIN}};
        poll(fds, 2, 1);
        if (fds[1].revents) {
            close(peer->fd);
            peer->fd = accept(peer->listener, NULL, NULL);
        } else if (fds[0].revents) {
            ssize_t size = recv(peer->fd, in, sizeof in, 0);
            if (size >= 12)
                answer(peer, port, in);
            else if (size <= 0) {
                close(peer->fd);
                peer->fd = -1;
            }
        }
    }
}

struct board_peer *board_start(struct bus_settings *settings, int64_t answer_us)
{
    struct board_peer *peer = calloc(1, sizeof *peer);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    peer->fd = -1;
    peer->answer_us = answer_us;
    peer->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int bad = bind(peer->listener, (struct sockaddr *)&at, size) || listen(peer->listener, 4) ||
              getsockname(peer->listener, (struct sockaddr *)&at, &size);
    assert(!bad);
    (void)bad;
    settings->host = "127.0.0.1";
    settings->port = ntohs(at.sin_port);
    peer->worker = worker_create("board", peer_run, peer, NULL);
    return peer;
}

void board_stop(struct board_peer *peer)
{
    worker_destroy(peer->worker);
    close(peer->fd);
    close(peer->listener);
    free(peer);
}

void board_bits(struct board_peer *peer, uint16_t bits)
{
    peer->bits = bits;
}

void board_word(struct board_peer *peer, uint16_t address, uint16_t value)
{
    peer->words[address % BOARD_WORDS] = value;
}

void board_fault(struct board_peer *peer, enum board_fault fault)
{
    peer->fault = fault;
}

void board_first_coil(struct board_peer *peer, uint16_t address)
{
    peer->first_coil = address;
}

bool board_next(struct board_peer *peer, struct board_asked *ret)
{
    return worker_receive(peer->worker, ret, sizeof *ret);
}
