/* One bus from its own side: open the link, ask what the poller says, send the answers. */
#include "sensors/bus/bus_thread.h"

#include <sys/prctl.h>

#include "daemon/base/clock.h"
#include "daemon/core/backoff.h"
#include "daemon/core/text.h"
#include "sensors/bay/modbus_map.h"
#include "sensors/bus/poller.h"

enum { ALIVE_US = 5000000, SERIAL_REOPEN_MS = 1000, TCP_REOPEN_MS = 500, UNSENT_MAX = 2 };

/* The kernel's usual 50 us are felt on a line whose silences last 1.75 ms. */
enum { TIMER_SLACK_NS = 1000 };

struct thread {
    const struct bus_settings *settings;
    struct bus_settings line; /* the same with the widest gap that a device needs */
    struct port *port;
    struct poller *poller;
    struct link *link;
    int64_t told_us;   /* last message */
    int64_t reopen_us; /* link closed: try again then */
    uint32_t attempts; /* to open it, in a row */
    uint32_t unsent;   /* requests in a row that could not leave */
    uint64_t requests;
    bool gone; /* the loop side is */
};

/* Nothing is ever sent to the thread, so all that can come is the end. */
static bool is_closed(struct thread *thread, int64_t timeout_ms)
{
    char nothing;
    if (!thread->gone)
        thread->gone =
            port_receive(thread->port, &nothing, sizeof nothing, timeout_ms) == PORT_CLOSED;
    return thread->gone;
}

static bool stopped(void *arg)
{
    return is_closed(arg, 0);
}

static void tell(struct thread *thread, struct bus_message *message)
{
    thread->told_us = clock_mono_us();
    message->at = (mono_ms){thread->told_us / 1000};
    message->requests = thread->requests;
    message->cycles = poller_cycles(thread->poller);
    message->cycle_us = poller_cycle_us(thread->poller);
    thread->gone |= !port_send(thread->port, message, sizeof *message);
}

static void tell_kind(struct thread *thread, enum bus_message_kind kind, const char *trouble)
{
    struct bus_message message = {.kind = kind};
    text_copy(message.trouble, sizeof message.trouble, trouble);
    tell(thread, &message);
}

/* Sleeps until then, with a sign of life now and then. */
static void rest(struct thread *thread, int64_t until_us)
{
    int64_t now_us = clock_mono_us(), alive_us = thread->told_us + ALIVE_US;
    int64_t wake_us = until_us < alive_us ? until_us : alive_us;
    if (wake_us > now_us && is_closed(thread, (wake_us - now_us + 999) / 1000))
        return;
    if (clock_mono_us() >= alive_us)
        tell_kind(thread, BUS_ALIVE, "");
}

/* A serial adapter that was pulled out is looked for each second; a host is left alone for longer
 * each time. */
static int64_t reopen_delay_ms(const struct thread *thread)
{
    int64_t max_ms = thread->settings->backoff_max_ms;
    if (thread->settings->type == BUS_RTU)
        return SERIAL_REOPEN_MS;
    return backoff_after_ms(TCP_REOPEN_MS, TCP_REOPEN_MS, max_ms > 0 ? max_ms : TCP_REOPEN_MS,
                            thread->attempts, (uint64_t)clock_mono_us() * 2654435761u);
}

static void open_link(struct thread *thread)
{
    struct err err;
    if (link_open(thread->link, &err)) {
        if (thread->attempts > 0)
            poller_link_up(thread->poller, clock_mono_us());
        thread->attempts = 0;
        tell_kind(thread, BUS_LINK_UP, "");
        return;
    }
    if (thread->attempts == 0)
        poller_link_down(thread->poller);
    thread->reopen_us = clock_mono_us() + reopen_delay_ms(thread) * 1000;
    thread->attempts++;
    tell_kind(thread, BUS_LINK_DOWN, err.text);
}

static void ask(struct thread *thread, struct poller_job *job)
{
    struct bus_message message = {.kind = BUS_ANSWER, .device = job->device};
    int64_t start_us = clock_mono_us();
    link_ask(thread->link, &job->request, job->response_ms, &message.answer);
    if (message.answer.outcome == LINK_STOPPED)
        return;
    /* A connection that the host closed while idle is opened again and says nothing of a device. */
    if (!message.answer.sent && message.answer.outcome == LINK_LOST &&
        ++thread->unsent < UNSENT_MAX)
        return;
    thread->unsent = 0;
    thread->requests++;
    message.request = job->request;
    message.trusted = job->trusted && job->kind == POLLER_READ;
    message.state =
        poller_done(thread->poller, job, message.answer.outcome, start_us, clock_mono_us());
    tell(thread, &message);
}

/* The line keeps the longest silence that any device on it asks for, and is given the time of its
 * slowest. */
static int64_t suit_devices(struct thread *thread)
{
    int64_t slowest_ms = 0;
    thread->line = *thread->settings;
    for (uint32_t n = 0; n < thread->settings->devices_count; n++) {
        const struct device_settings *device = &thread->settings->devices[n];
        int64_t response_ms = device->response_ms ? device->response_ms : device->map->response_ms;
        if (response_ms > slowest_ms)
            slowest_ms = response_ms;
        if (device->map->gap_ms > thread->line.gap_ms)
            thread->line.gap_ms = device->map->gap_ms;
    }
    return slowest_ms;
}

void bus_thread_run(struct port *port, void *arg)
{
    struct thread thread = {.settings = arg, .port = port};
    struct poller_job job;
    int64_t due_us, seed = clock_mono_us();
    int64_t slowest_ms = suit_devices(&thread);
    prctl(PR_SET_TIMERSLACK, TIMER_SLACK_NS);
    thread.poller = poller_create(thread.settings, (uint64_t)seed, seed);
    thread.link = link_create(&thread.line, slowest_ms, (struct wait){stopped, &thread});
    while (!is_closed(&thread, 0)) {
        if (!link_is_open(thread.link) && clock_mono_us() < thread.reopen_us)
            rest(&thread, thread.reopen_us);
        else if (!link_is_open(thread.link))
            open_link(&thread);
        else if (!poller_next(thread.poller, clock_mono_us(), &job, &due_us))
            rest(&thread, due_us);
        else
            ask(&thread, &job);
    }
    link_destroy(thread.link);
    poller_destroy(thread.poller);
}
