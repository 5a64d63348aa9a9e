/*
 * Transactions. On a serial line (or one behind a TCP converter) an answer carries neither an
 * address nor a number, so a late answer to an earlier question looks like the answer to this one.
 * Against that:
 *  1. After a wrong answer the line is listened to for as long as the slowest device may take, and
 *     longer while something still comes; then it is flushed. After silence only the silent unit is
 *     left alone for so long: should its answer come late, another unit's question is safe from it,
 *     because the unit id is in every frame.
 *  2. The first good answer of a unit that still owes one is believed only if none follows it.
 *  3. Bytes that nobody asked for are thrown away before each request.
 * TCP has transaction numbers, but libmodbus shows that one late or over-long answer shifts all
 * later ones; there, anything doubtful closes the connection.
 */
#include "sensors/bus/link.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/crash.h"
#include "daemon/base/memory.h"
#include "sensors/bus/modbus.h"
#include "sensors/bus/tcp.h"

struct link {
    const struct bus_settings *settings;
    struct wait wait;
    struct modbus_line *line; /* BUS_RTU */
    int fd;                   /* -1: closed */
    enum frame_kind kind;
    int64_t slowest_us;
    int64_t character_us_x16; /* time of one character on the wire, in 1/16 µs; 0 unknown */
    int64_t gap_us;
    int64_t quiet_since_us;     /* when the last byte was seen */
    int64_t listen_until_us;    /* rule 1: before any request; 0 when clean */
    int64_t owes_until_us[256]; /* rules 1 and 2, by unit: its late answer may come until then, and
                                   after that it is still owed; 0: it owes none */
    uint16_t transaction;
    bool cleaning;
};

/* "Modbus over Serial Line V1.02" 2.5.1.1: 3.5 characters, above 19,200 baud 1.75 ms. */
static int64_t default_gap_us(int64_t character_us_x16, uint32_t baud)
{
    return baud > 19200 ? 1750 : character_us_x16 * 7 / 32;
}

struct link *link_create(const struct bus_settings *settings, int64_t slowest_ms, struct wait wait)
{
    struct link *link = memory_new(1, sizeof *link);
    *link = (struct link){.settings = settings,
                          .wait = wait,
                          .fd = -1,
                          .kind = settings->type == BUS_TCP ? FRAME_TCP : FRAME_RTU,
                          .slowest_us = slowest_ms * 1000};
    if (link->kind == FRAME_RTU && settings->baud) {
        uint32_t bits = 9 + (settings->parity != 'N') + settings->stop_bits;
        link->character_us_x16 = 16000000LL * bits / settings->baud;
        link->gap_us = default_gap_us(link->character_us_x16, settings->baud);
    }
    if (settings->gap_ms)
        link->gap_us = settings->gap_ms * 1000;
    return link;
}

void link_destroy(struct link *link)
{
    if (!link)
        return;
    link_close(link);
    free(link);
}

bool link_open(struct link *link, struct err *err)
{
    const struct bus_settings *settings = link->settings;
    assert(link->fd < 0);
    if (settings->type == BUS_RTU) {
        link->line = modbus_line_open(settings, err);
        link->fd = link->line ? modbus_line_fd(link->line) : -1;
    } else {
        link->fd =
            tcp_connect(settings->host, settings->port, settings->connect_ms, &link->wait, err);
    }
    return link->fd >= 0;
}

bool link_is_open(const struct link *link)
{
    return link->fd >= 0;
}

bool link_is_cleaning(const struct link *link)
{
    return link->cleaning;
}

void link_close(struct link *link)
{
    if (link->line)
        modbus_line_close(link->line);
    else if (link->fd >= 0)
        close(link->fd);
    link->line = NULL;
    link->fd = -1;
}

static int64_t wire_us(const struct link *link, size_t bytes)
{
    return (int64_t)bytes * link->character_us_x16 / 16;
}

static void set_outcome(struct link_answer *answer, enum link_outcome outcome, const char *reason)
{
    answer->outcome = outcome;
    snprintf(answer->reason, sizeof answer->reason, "%s", reason);
}

/* Waits for bytes and takes them. Once poll() has said that there is something, 0 bytes are a
 * hang-up: of the peer, or of an adapter that was pulled out (B16). */
static enum link_outcome take_bytes(struct link *link, int64_t deadline_us, uint8_t *bytes,
                                    size_t room, size_t *ret_size)
{
    *ret_size = 0;
    switch (wait_for(&link->wait, link->fd, POLLIN, deadline_us)) {
    case WAIT_TIMEOUT:
        return LINK_SILENT;
    case WAIT_STOPPED:
        return LINK_STOPPED;
    case WAIT_READY:
        break;
    }
    ssize_t size = read(link->fd, bytes, room);
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return LINK_GOOD;
    if (size <= 0)
        return LINK_LOST;
    link->quiet_since_us = clock_mono_us();
    *ret_size = (size_t)size;
    return LINK_GOOD;
}

/* Throws away what comes until then. `ret_heard` tells whether anything did. */
static enum link_outcome listen_until(struct link *link, int64_t until_us, bool *ret_heard)
{
    uint8_t bytes[FRAME_MAX];
    size_t size;
    enum link_outcome outcome;
    do {
        outcome = take_bytes(link, until_us, bytes, sizeof bytes, &size);
        *ret_heard |= size > 0;
    } while (outcome == LINK_GOOD && clock_mono_us() < until_us); /* even if it babbles for ever */
    return outcome == LINK_SILENT ? LINK_GOOD : outcome;
}

/* Rule 1. What still trickles in makes it longer, but not for ever. */
static enum link_outcome listen_until_silent(struct link *link, int64_t until_us, bool *ret_heard)
{
    bool doubtful = until_us > clock_mono_us();
    int64_t end_us = until_us + 4 * link->slowest_us;
    enum link_outcome outcome;
    bool more;
    do {
        more = false;
        outcome = listen_until(link, until_us, &more);
        *ret_heard |= more;
        until_us = link->quiet_since_us + link->slowest_us;
        more &= doubtful && until_us < end_us;
    } while (outcome == LINK_GOOD && more);
    if (outcome == LINK_GOOD)
        link->listen_until_us = 0;
    return outcome;
}

/* Makes the link fit for a request (rules 1 and 3). */
static enum link_outcome make_clean(struct link *link, uint8_t unit)
{
    bool heard = false;
    int64_t owes_us = link->owes_until_us[unit], listen_us = link->listen_until_us;
    enum link_outcome outcome =
        listen_until_silent(link, owes_us > listen_us ? owes_us : listen_us, &heard);
    if (outcome != LINK_GOOD)
        return outcome;
    if (link->kind == FRAME_TCP)
        return heard ? LINK_LOST : LINK_GOOD; /* trailing bytes came after the check (B6) */
    outcome = wait_for(&link->wait, -1, 0, link->quiet_since_us + link->gap_us) == WAIT_STOPPED
                  ? LINK_STOPPED
                  : LINK_GOOD;
    if (link->line)
        modbus_line_flush(link->line);
    return outcome;
}

static enum link_outcome send_all(struct link *link, const uint8_t *bytes, size_t size,
                                  int64_t deadline_us)
{
    while (size > 0) {
        switch (wait_for(&link->wait, link->fd, POLLOUT, deadline_us)) {
        case WAIT_TIMEOUT:
            return LINK_SILENT;
        case WAIT_STOPPED:
            return LINK_STOPPED;
        case WAIT_READY:
            break;
        }
        ssize_t sent =
            link->line ? write(link->fd, bytes, size) : send(link->fd, bytes, size, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN && errno != EINTR)
            return LINK_LOST;
        if (sent > 0) {
            bytes += sent;
            size -= (size_t)sent;
        }
    }
    return LINK_GOOD;
}

/* Puts a judged answer into `ret`. */
static void conclude(enum frame_verdict verdict, const struct frame_answer *answer,
                     struct link_answer *ret)
{
    switch (verdict) {
    case FRAME_GOOD:
        set_outcome(ret, LINK_GOOD, frame_verdict_name(verdict));
        for (size_t i = 0; i < answer->size; i++)
            ret->data[i] = answer->data[i];
        ret->size = (uint16_t)answer->size;
        break;
    case FRAME_EXCEPTION:
        ret->outcome = LINK_REFUSED;
        ret->exception = answer->exception;
        snprintf(ret->reason, sizeof ret->reason, "exception %u", answer->exception);
        break;
    default:
        set_outcome(ret, LINK_WRONG, frame_verdict_name(verdict));
    }
}

/* Receives until the answer is complete, wrong or late: one deadline for all of it (B7). */
static enum frame_verdict receive(struct link *link, const struct frame_request *request,
                                  int64_t deadline_us, struct link_answer *ret)
{
    uint8_t bytes[2 * FRAME_MAX];
    size_t size = 0, more;
    struct frame_answer answer = {0};
    enum frame_verdict verdict = FRAME_MORE;
    enum link_outcome outcome = LINK_GOOD;
    while (verdict == FRAME_MORE && outcome == LINK_GOOD) {
        outcome = take_bytes(link, deadline_us, bytes + size, sizeof bytes - size, &more);
        size += more;
        if (more > 0)
            verdict = frame_check(link->kind, request, bytes, size, &answer);
    }
    if (outcome == LINK_GOOD || (outcome == LINK_SILENT && size > 0))
        conclude(verdict, &answer, ret);
    else if (outcome == LINK_SILENT)
        set_outcome(ret, outcome, "timeout");
    else
        set_outcome(ret, outcome, link->line ? "adapter gone" : "connection closed");
    return verdict;
}

/* Rule 2: the unit still owes an answer, so this one may be the old one, and the right one would
 * follow. */
static void believe_if_last(struct link *link, uint8_t unit, struct link_answer *ret)
{
    bool heard = false;
    enum link_outcome outcome = listen_until(link, clock_mono_us() + link->slowest_us, &heard);
    if (outcome == LINK_STOPPED || outcome == LINK_LOST)
        set_outcome(ret, outcome, "not confirmed");
    else if (heard)
        set_outcome(ret, LINK_WRONG, "late answer");
    if (!heard)
        link->owes_until_us[unit] = 0;
}

/* What the outcome means for the requests after it. */
static void settle(struct link *link, uint8_t unit, enum frame_verdict verdict,
                   struct link_answer *ret)
{
    bool answered = ret->outcome == LINK_GOOD || ret->outcome == LINK_REFUSED;
    if (crash_number("no_flush", 0)) /* a fault of the test build, which the tests must notice */
        return;
    if (link->kind == FRAME_RTU && answered && link->owes_until_us[unit])
        believe_if_last(link, unit, ret);
    if (ret->outcome == LINK_GOOD || ret->outcome == LINK_REFUSED)
        return;
    if (ret->outcome == LINK_LOST || link->kind == FRAME_TCP)
        link_close(link);
    if (link->kind == FRAME_TCP)
        return;
    /* A damaged answer of full length was the answer; anything else leaves one to come. */
    int64_t late_us = clock_mono_us() + link->slowest_us;
    if (verdict != FRAME_BAD_CRC)
        link->owes_until_us[unit] = late_us;
    if (ret->outcome != LINK_SILENT)
        link->listen_until_us = late_us;
}

void link_ask(struct link *link, struct frame_request *request, int64_t response_ms,
              struct link_answer *ret)
{
    uint8_t bytes[FRAME_MAX];
    enum frame_verdict verdict = FRAME_MORE;
    assert(link->fd >= 0);
    *ret = (struct link_answer){0};
    request->transaction = ++link->transaction;
    size_t size = frame_encode(link->kind, request, bytes);
    link->cleaning = true;
    enum link_outcome outcome = make_clean(link, request->unit);
    link->cleaning = false;
    if (outcome == LINK_STOPPED) {
        set_outcome(ret, outcome, "given up");
        return;
    }
    int64_t wires_us = wire_us(link, size + frame_answer_size(link->kind, request));
    int64_t start_us = clock_mono_us();
    int64_t deadline_us = start_us + response_ms * 1000 + wires_us;
    if (outcome == LINK_GOOD)
        outcome = send_all(link, bytes, size, deadline_us);
    ret->sent = outcome == LINK_GOOD;
    ret->sent_us = clock_mono_us();
    if (ret->sent) {
        verdict = receive(link, request, deadline_us, ret);
        ret->turnaround_us = link->quiet_since_us - start_us - wires_us;
        if (ret->turnaround_us < 0)
            ret->turnaround_us = 0;
    } else {
        set_outcome(ret, outcome, outcome == LINK_SILENT ? "cannot send" : "link lost");
    }
    settle(link, request->unit, verdict, ret);
}
