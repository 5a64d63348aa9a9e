/* Connections and the time they take to send. See senders.h. */
#include "daemon/serve/senders.h"

#include <stdlib.h>
#include <sys/socket.h>

#include "daemon/base/clock.h"
#include "daemon/base/memory.h"

enum { LOOK_MS = 250 };

struct sender {
    struct senders *senders;
    struct sender *next, **link;
    int fd;
    bool sends;
    mono_ms until;
};

struct senders {
    struct sender *first;
    struct loop_timer *timer;
    int64_t limit_ms;
};

static void look(void *arg)
{
    struct senders *senders = arg;
    mono_ms now = clock_mono();

    for (struct sender *s = senders->first; s; s = s->next) {
        if (!s->sends || !mono_reached(now, s->until))
            continue;
        s->sends = false;
        shutdown(s->fd, SHUT_RDWR);
    }
    if (senders->first)
        loop_timer_after(senders->timer, LOOK_MS);
}

struct senders *senders_create(struct loop *loop, int64_t limit_ms)
{
    struct senders *senders = memory_new(1, sizeof *senders);

    senders->limit_ms = limit_ms;
    senders->timer = loop_timer(loop, look, senders);
    return senders;
}

void senders_destroy(struct senders *senders)
{
    if (!senders)
        return;
    while (senders->first)
        senders_remove(senders->first);
    loop_timer_destroy(senders->timer);
    free(senders);
}

void sender_again(struct sender *sender)
{
    struct senders *senders = sender->senders;

    sender->sends = senders->limit_ms > 0;
    if (sender->sends)
        sender->until = mono_after(clock_mono(), senders->limit_ms);
}

void sender_is_done(struct sender *sender)
{
    sender->sends = false;
}

struct sender *senders_add(struct senders *senders, int fd)
{
    struct sender *sender = memory_new(1, sizeof *sender);
    bool sleeping = !senders->first;

    *sender = (struct sender){
        .senders = senders, .next = senders->first, .link = &senders->first, .fd = fd};
    if (sender->next)
        sender->next->link = &sender->next;
    senders->first = sender;
    sender_again(sender);
    if (sleeping && senders->limit_ms > 0)
        loop_timer_after(senders->timer, LOOK_MS);
    return sender;
}

void senders_remove(struct sender *sender)
{
    if (!sender)
        return;
    *sender->link = sender->next;
    if (sender->next)
        sender->next->link = sender->link;
    free(sender);
}
