/* The state of the clock; the only file that includes sd-bus. See timekeeper.h. */
#include "daemon/base/timekeeper.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/memory.h"

enum { ASK_EACH_MS = 60 * 1000 };

struct timekeeper {
    struct loop *loop;
    struct loop_timer *timer;
    struct loop_watch *watch;
    sd_bus *bus; /* while a question is under way; NULL otherwise */
    bool answered, synchronised, complained;
};

static void hang_up(struct timekeeper *keeper)
{
    loop_unwatch(keeper->watch);
    keeper->watch = NULL;
    sd_bus_close_unref(keeper->bus);
    keeper->bus = NULL;
}

static void complain(struct timekeeper *keeper, const char *why)
{
    if (!keeper->complained)
        log_warning("clock: the time service does not say whether it is synchronised (%s), so "
                    "times are marked uncertain; is dbus installed?",
                    why);
    keeper->complained = true;
    keeper->synchronised = false;
}

static void give_up(struct timekeeper *keeper, int error)
{
    complain(keeper, strerror(error));
    hang_up(keeper);
}

static int on_answer(sd_bus_message *answer, void *arg, sd_bus_error *error)
{
    struct timekeeper *keeper = arg;
    int value = 0;

    (void)error;
    keeper->answered = true;
    if (sd_bus_message_is_method_error(answer, NULL))
        complain(keeper, sd_bus_message_get_error(answer)->name);
    else if (sd_bus_message_read(answer, "v", "b", &value) < 0)
        complain(keeper, "it answers something else");
    else
        keeper->synchronised = value != 0;
    return 0;
}

static unsigned wanted_events(sd_bus *bus)
{
    int events = sd_bus_get_events(bus);

    return LOOP_READ | (events > 0 && (events & POLLOUT) ? LOOP_WRITE : 0);
}

static void on_ready(void *arg, unsigned events)
{
    struct timekeeper *keeper = arg;
    int moved;

    do
        moved = sd_bus_process(keeper->bus, NULL);
    while (moved > 0 && !keeper->answered);
    if (keeper->answered)
        hang_up(keeper);
    else if (moved < 0 || (events & LOOP_HANGUP))
        give_up(keeper, moved < 0 ? -moved : ECONNRESET);
    else
        loop_watch_events(keeper->watch, wanted_events(keeper->bus));
}

static int ask(struct timekeeper *keeper)
{
    struct err err;
    int code = sd_bus_open_system(&keeper->bus);

    if (code >= 0)
        code = sd_bus_call_method_async(keeper->bus, NULL, "org.freedesktop.timedate1",
                                        "/org/freedesktop/timedate1",
                                        "org.freedesktop.DBus.Properties", "Get", on_answer, keeper,
                                        "ss", "org.freedesktop.timedate1", "NTPSynchronized");
    if (code < 0)
        return code;
    keeper->answered = false;
    keeper->watch = loop_watch(keeper->loop, sd_bus_get_fd(keeper->bus), wanted_events(keeper->bus),
                               on_ready, keeper, &err);
    return keeper->watch ? 0 : -EMFILE;
}

static void on_timer(void *arg)
{
    struct timekeeper *keeper = arg;
    bool known;

    loop_timer_after(keeper->timer, ASK_EACH_MS);
    if (keeper->bus)
        give_up(keeper, ETIMEDOUT); /* of a minute ago */
    clock_synchronised(&known);
    if (known)
        return;
    int code = ask(keeper);
    if (code < 0)
        give_up(keeper, -code);
}

struct timekeeper *timekeeper_create(struct loop *loop)
{
    struct timekeeper *keeper = memory_new(1, sizeof *keeper);

    keeper->loop = loop;
    keeper->timer = loop_timer(loop, on_timer, keeper);
    loop_timer_after(keeper->timer, 0);
    return keeper;
}

void timekeeper_destroy(struct timekeeper *keeper)
{
    if (!keeper)
        return;
    hang_up(keeper);
    loop_timer_destroy(keeper->timer);
    free(keeper);
}

bool timekeeper_synchronised(const struct timekeeper *keeper)
{
    bool known, synchronised = clock_synchronised(&known);

    return known ? synchronised : keeper->synchronised;
}
