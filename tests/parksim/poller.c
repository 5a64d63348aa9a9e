/*
 * One poller's connection: its requests are taken from the stream, answered by the device at the
 * right time on the wire, and spoilt as the device's fault says.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/parksim/line.h"
#include "tests/parksim/sim.h"

enum {
    SERIAL_SILENCE_US = 50000,  /* a frame begun so long ago is never finished */
    GATEWAY_TARGET_SILENT = 11, /* exception of a TCP bridge for a unit that is not there */
    FAST_GAP_US = 1750,         /* t3.5 above 19,200 baud (Serial Line V1.02, 2.5.1.1) */
    PDU_TO_RTU = 3,             /* unit and CRC */
};

static bool send_bytes(struct poller *poller, const uint8_t *bytes, size_t size)
{
    if (write(poller->watch.fd, bytes, size) == (ssize_t)size)
        return true;
    poller_close(poller); /* a poller that does not read what it asked for */
    return false;
}

static void drip(void *arg)
{
    struct pending *pending = arg;
    struct poller *poller = pending->poller;
    if (!send_bytes(poller, &pending->frame.bytes[pending->sent++], 1))
        return;
    pending->used = pending->sent < pending->frame.size;
    if (pending->used)
        loop_at(poller->line->loop, &pending->timer, sim_mono_us() + pending->fault.value * 1000);
}

/* Answers the request of `pending`, which is free again afterwards unless the answer drips. */
static void answer(struct pending *pending)
{
    struct poller *poller = pending->poller;
    struct line *line = poller->line;
    struct field_device *device = pending->device;
    enum fault_mode mode = pending->fault.mode;
    struct modbus_pdu pdu;
    if (mode == FAULT_EXCEPTION)
        modbus_refuse(&pending->request.pdu, (uint8_t)pending->fault.value, &pdu);
    else
        modbus_answer(device->unit->map, &device->sensed, &pending->request.pdu, &pdu);
    pending->used = false;
    if (mode == FAULT_LOST)
        return;
    line->framing->wrap(&pending->request, &pdu, mode, &pending->frame);
    if (mode == FAULT_DRIP) {
        pending->used = true;
        pending->sent = 0;
        pending->timer.fn = drip;
        drip(pending);
        return;
    }
    int64_t now_us = sim_mono_us();
    if (!send_bytes(poller, pending->frame.bytes, pending->frame.size))
        return;
    line->stats.answers++;
    if (mode == FAULT_NONE && !(pdu.bytes[0] & 0x80))
        field_serve(line->field, device, &pending->request.pdu, now_us);
}

static void answer_due(void *arg)
{
    answer(arg);
}

/* When the answer's last byte has passed the wire (performance of a serial line: request, silence
 * of 3.5 characters, the device's turnaround, answer); the wire is free one silence later. */
static int64_t answer_time(struct poller *poller, const struct request *request, size_t size)
{
    const struct line *line = poller->line;
    const struct plan_line *plan = line->plan;
    int64_t now_us = sim_mono_us();
    int64_t begin_us = poller->free_us > now_us ? poller->free_us : now_us;
    if (!plan->baud) {
        poller->free_us = begin_us + line->turnaround_us;
        return poller->free_us;
    }
    int64_t bits = strcmp(plan->format, "8N1") == 0 ? 10 : 11;
    int64_t bytes = (int64_t)(size + modbus_answer_size(&request->pdu) + PDU_TO_RTU);
    int64_t gap_us = plan->baud > 19200 ? FAST_GAP_US : 3500000 * bits / plan->baud;
    int64_t end_us = begin_us + bytes * bits * 1000000 / plan->baud + gap_us + line->turnaround_us;
    poller->free_us = end_us + gap_us;
    return end_us;
}

static struct pending *pending_free(struct poller *poller)
{
    for (int i = 0; i < POLLER_PENDING; i++) {
        if (!poller->pending[i].used)
            return &poller->pending[i];
    }
    return NULL;
}

static void count_request(struct line *line, const struct request *request)
{
    struct line_stats *stats = &line->stats;
    const struct request *mark = &stats->mark;
    stats->requests++;
    if (stats->mark_us && (mark->unit != request->unit || mark->pdu.size != request->pdu.size ||
                           memcmp(mark->pdu.bytes, request->pdu.bytes, mark->pdu.size) != 0))
        return;
    int64_t now_us = sim_mono_us();
    int64_t cycle_us = now_us - stats->mark_us;
    if (stats->mark_us) {
        stats->cycles++;
        stats->cycle_sum_us += cycle_us;
        if (stats->cycles == 1 || cycle_us < stats->cycle_min_us)
            stats->cycle_min_us = cycle_us;
        if (cycle_us > stats->cycle_max_us)
            stats->cycle_max_us = cycle_us;
    }
    stats->mark = *request;
    stats->mark_us = now_us;
}

/* A TCP bridge says so when nobody answers for a unit; on a serial line there is silence. */
static void answer_for_nobody(struct poller *poller, const struct request *request)
{
    struct modbus_pdu pdu;
    struct frame frame;
    if (poller->line->framing->serial)
        return;
    modbus_refuse(&request->pdu, GATEWAY_TARGET_SILENT, &pdu);
    poller->line->framing->wrap(request, &pdu, FAULT_NONE, &frame);
    send_bytes(poller, frame.bytes, frame.size);
}

static void reset(struct poller *poller)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    setsockopt(poller->watch.fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    poller_close(poller);
}

static void take_request(struct poller *poller, const struct request *request, size_t size)
{
    struct line *line = poller->line;
    count_request(line, request);
    struct field_device *device = field_device(line->field, line->index, request->unit);
    if (!device) {
        answer_for_nobody(poller, request);
        return;
    }
    device->requests++;
    struct pending *pending = pending_free(poller);
    if (device->fault.mode == FAULT_SILENT || !pending)
        return;
    if (device->fault.mode == FAULT_RESET) {
        reset(poller);
        return;
    }
    pending->poller = poller;
    pending->timer.arg = pending;
    pending->device = device;
    pending->fault = device->fault;
    pending->request = *request;
    int64_t due_us = answer_time(poller, request, size);
    if (device->fault.mode == FAULT_LATE)
        due_us += device->fault.value * 1000;
    if (due_us <= sim_mono_us()) {
        answer(pending);
        return;
    }
    pending->used = true;
    pending->timer.fn = answer_due;
    loop_at(line->loop, &pending->timer, due_us);
}

static void take_input(struct poller *poller)
{
    const struct framing *framing = poller->line->framing;
    size_t at = 0;
    while (poller->watch.fd >= 0) {
        struct request request;
        int used = framing->take(poller->input + at, poller->input_size - at, &request);
        if (used == 0)
            break;
        if (used == FRAMING_BAD) {
            poller->line->stats.bad++;
            at = poller->input_size; /* a serial device waits for silence, which is now */
            if (!framing->serial)
                poller_close(poller);
            break;
        }
        at += (size_t)used;
        take_request(poller, &request, (size_t)used);
    }
    poller->input_size -= at < poller->input_size ? at : poller->input_size;
    memmove(poller->input, poller->input + at, poller->input_size);
}

static void poller_readable(void *arg)
{
    struct poller *poller = arg;
    int64_t now_us = sim_mono_us();
    if (poller->line->framing->serial && now_us - poller->heard_us > SERIAL_SILENCE_US)
        poller->input_size = 0;
    poller->heard_us = now_us;
    ssize_t got = read(poller->watch.fd, poller->input + poller->input_size,
                       POLLER_INPUT - poller->input_size);
    if (got < 0 && errno == EAGAIN)
        return;
    if (got <= 0) {
        poller_close(poller);
        return;
    }
    poller->input_size += (size_t)got;
    take_input(poller);
}

bool poller_open(struct line *line, int fd)
{
    for (int i = 0; i < LINE_POLLERS; i++) {
        struct poller *poller = &line->pollers[i];
        if (poller->watch.fd >= 0)
            continue;
        *poller = (struct poller){.line = line,
                                  .watch = {.fd = -1, .fn = poller_readable, .arg = poller}};
        loop_watch(line->loop, &poller->watch, fd);
        truth_note(line->field->truth, line->plan->id, "poller connected");
        return true;
    }
    return false;
}

void poller_close(struct poller *poller)
{
    int fd = poller->watch.fd;
    if (fd < 0)
        return;
    for (int i = 0; i < POLLER_PENDING; i++) {
        loop_cancel(poller->line->loop, &poller->pending[i].timer);
        poller->pending[i].used = false;
    }
    poller->input_size = 0;
    loop_unwatch(poller->line->loop, &poller->watch);
    close(fd);
    truth_note(poller->line->field->truth, poller->line->plan->id, "poller gone");
}
