/* One bus from its own side: open the link, ask what the poller says, send the answers. */
#include "sensors/bus/bus_thread.h"

#include <sys/prctl.h>

#include "daemon/base/clock.h"
#include "daemon/core/backoff.h"
#include "daemon/core/text.h"
#include "sensors/bay/modbus_map.h"
#include "sensors/bus/poller.h"

enum {
    ALIVE_US = 5000000,
    SERIAL_REOPEN_MS = 1000,
    ORDERS_TAKEN = 256,
    TCP_REOPEN_MS = 500,
    UNSENT_MAX = 2
};

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
    struct orders *orders;
    bool ordered; /* an order is being carried out */
    bool gone;    /* the loop side is */
};

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

/* What has become of an order. */
static void tell_done(struct thread *thread, enum bus_message_kind kind, const struct order *order,
                      enum command_outcome outcome, const struct link_answer *answer)
{
    struct bus_message message = {.kind = kind};
    message.done.kind = order->kind;
    message.done.proof = order->proof;
    message.done.result = (struct bus_result){.command = order->command,
                                              .outcome = outcome,
                                              .queued_us = order->queued_us,
                                              .written_us = answer->sent ? answer->sent_us : 0,
                                              .answered_us = answer->sent ? clock_mono_us() : 0};
    text_copy(message.done.result.reason, sizeof message.done.result.reason, answer->reason);
    tell(thread, &message);
}

static void refuse(struct thread *thread, const struct order *order, const char *reason)
{
    struct link_answer nothing = {0};
    text_copy(nothing.reason, sizeof nothing.reason, reason);
    tell_done(thread, BUS_RESULT, order, COMMAND_NOT_SENT, &nothing);
}

/* Takes in the orders that have come, waiting for the first one. True at the end. */
static bool take_orders(struct thread *thread, int64_t timeout_ms)
{
    struct order order;
    enum port_event event = PORT_MESSAGE;
    for (int i = 0; !thread->gone && event == PORT_MESSAGE && i < ORDERS_TAKEN; i++) {
        event = port_receive(thread->port, &order, sizeof order, i == 0 ? timeout_ms : 0);
        thread->gone |= event == PORT_CLOSED;
        if (event == PORT_MESSAGE && !orders_add(thread->orders, &order))
            refuse(thread, &order, "too many commands");
    }
    return thread->gone;
}

/* Of the link's waits: at the end; and for a command while the line is only being listened to. */
static bool stopped(void *arg)
{
    struct thread *thread = arg;
    return take_orders(thread, 0) ||
           (!thread->ordered && link_is_cleaning(thread->link) && orders_waiting(thread->orders));
}

/* Sleeps until then, with a sign of life now and then. */
static void rest(struct thread *thread, int64_t until_us)
{
    int64_t now_us = clock_mono_us(), alive_us = thread->told_us + ALIVE_US;
    int64_t wake_us = until_us < alive_us ? until_us : alive_us;
    if (wake_us > now_us && take_orders(thread, (wake_us - now_us + 999) / 1000))
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
        int64_t response_ms = poller_response_ms(device);
        if (response_ms > slowest_ms)
            slowest_ms = response_ms;
        if (device->map && device->map->gap_ms > thread->line.gap_ms)
            thread->line.gap_ms = device->map->gap_ms;
    }
    return slowest_ms;
}

static enum command_outcome outcome_of(const struct link_answer *answer)
{
    if (answer->outcome == LINK_GOOD)
        return COMMAND_ACCEPTED;
    if (answer->outcome == LINK_REFUSED)
        return COMMAND_REFUSED;
    return answer->sent ? COMMAND_UNKNOWN : COMMAND_NOT_SENT;
}

static struct frame_request request_of(const struct order *order, uint32_t unit)
{
    const struct barrier_write *write = &order->writes[order->kind == ORDER_RELEASE];
    if (order->kind == ORDER_SIGN)
        return order->sign;
    return (struct frame_request){.unit = (uint8_t)unit,
                                  .function = write->function,
                                  .address = write->address,
                                  .value = write->value,
                                  .raw = true};
}

/* A connection that proves to be gone before anything has left is opened again, once. */
static void carry_out(struct thread *thread, const struct order *order)
{
    const struct device_settings *device = &thread->settings->devices[order->command.device];
    struct frame_request request = request_of(order, device->unit);
    struct link_answer answer = {0};
    struct err err;
    for (int attempt = 0; attempt < 2 && !answer.sent; attempt++) {
        if (order->kind == ORDER_COMMAND && clock_mono_us() > order->command.not_after_us) {
            refuse(thread, order, "too late"); /* O2 */
            return;
        }
        if (!link_is_open(thread->link) && !link_open(thread->link, &err))
            break;
        thread->ordered = true;
        link_ask(thread->link, &request, poller_response_ms(device), &answer);
        thread->ordered = false;
        if (answer.outcome == LINK_STOPPED && thread->gone)
            break;
    }
    enum command_outcome outcome = outcome_of(&answer);
    if (!answer.sent)
        text_copy(answer.reason, sizeof answer.reason, "link lost");
    thread->requests += answer.sent;
    poller_hurry(thread->poller, device->unit);
    if (orders_done(thread->orders, order, outcome, clock_mono_us()))
        tell_done(thread, BUS_STUCK, order, outcome, &answer);
    if (order->kind != ORDER_RELEASE)
        tell_done(thread, BUS_RESULT, order, outcome, &answer);
}

/* The link is not open and will not be for now. */
static void refuse_all(struct thread *thread)
{
    struct order order;
    int64_t due_us;
    while (orders_waiting(thread->orders) &&
           orders_next(thread->orders, INT64_MIN, true, &order, &due_us))
        refuse(thread, &order, "bus is down");
}

/* One thing, or a rest until there is one. */
static void work(struct thread *thread)
{
    struct poller_job job;
    struct order order;
    int64_t poll_us, order_us, now_us = clock_mono_us();
    bool poll = poller_next(thread->poller, now_us, &job, &poll_us);
    if (orders_next(thread->orders, now_us, poll, &order, &order_us))
        carry_out(thread, &order);
    else if (poll)
        ask(thread, &job);
    else
        rest(thread, order_us < poll_us ? order_us : poll_us);
}

void bus_thread_run(struct port *port, void *arg)
{
    struct thread thread = {.settings = arg, .port = port};
    int64_t seed = clock_mono_us();
    int64_t slowest_ms = suit_devices(&thread);
    prctl(PR_SET_TIMERSLACK, TIMER_SLACK_NS);
    thread.poller = poller_create(thread.settings, (uint64_t)seed, seed);
    thread.orders = orders_create(thread.settings->devices_count);
    thread.link = link_create(&thread.line, slowest_ms, (struct wait){stopped, &thread});
    while (!take_orders(&thread, 0)) {
        if (link_is_open(thread.link)) {
            work(&thread);
        } else if (clock_mono_us() >= thread.reopen_us) {
            open_link(&thread);
        } else {
            refuse_all(&thread);
            rest(&thread, thread.reopen_us);
        }
    }
    link_destroy(thread.link);
    orders_destroy(thread.orders);
    poller_destroy(thread.poller);
}
