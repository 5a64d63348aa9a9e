/* Orders between their arrival and their replies. See inbox.h. */
#include "daemon/uplink/inbox.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/crash.h"
#include "daemon/base/memory.h"
#include "daemon/uplink/city.h"

enum { ID_SIZE = 128, LINES_A_MINUTE = 10 };

enum place { FREE, WAITS, ANSWERED };

struct slot {
    struct inbox *inbox;
    enum place place;
    bool mute; /* its connection is gone */
    char id[ID_SIZE];
    struct platform_said said;
};

struct inbox {
    struct uplink *uplink;
    struct adapter_request filter;
    struct slot slots[INBOX_MAX];
    uint32_t waiting, answered;
    bool holds; /* acknowledgements wait for us */
    struct log_limit lines;
};

struct inbox *inbox_create(struct uplink *uplink, struct err *err)
{
    struct inbox *inbox = memory_new(1, sizeof *inbox);
    struct adapter_context context = carrier_context(uplink);

    inbox->uplink = uplink;
    carrier_request_init(&inbox->filter, ID_SIZE);
    if (!uplink->settings->adapter->orders(&context, &inbox->filter, err)) {
        inbox_destroy(inbox);
        return NULL;
    }
    for (uint32_t i = 0; i < INBOX_MAX; i++)
        inbox->slots[i].inbox = inbox;
    return inbox;
}

void inbox_destroy(struct inbox *inbox)
{
    if (!inbox)
        return;
    carrier_request_fini(&inbox->filter);
    free(inbox);
}

const char *inbox_topic(const struct inbox *inbox)
{
    return inbox->filter.target.bytes;
}

/* ---- in ---- */

static void complain(struct inbox *inbox, const char *id, const char *why)
{
    if (log_allow(&inbox->lines, clock_mono(), LINES_A_MINUTE))
        log_warning("uplink \"%s\": order \"%s\" was refused: %s", inbox->uplink->settings->name,
                    id, why);
}

static void free_slot(struct slot *slot)
{
    slot->inbox->waiting -= slot->place == WAITS;
    slot->inbox->answered -= slot->place == ANSWERED;
    slot->place = FREE;
    slot->mute = false;
}

static void on_said(void *arg, const struct platform_said *said)
{
    struct slot *slot = arg;
    bool mute = slot->mute;

    free_slot(slot);
    if (mute)
        return;
    slot->said = *said;
    slot->place = ANSWERED;
    slot->inbox->answered++;
    uplink_wake(slot->inbox->uplink);
}

static void refuse(struct slot *slot, const char *why)
{
    struct platform_said said = {.verdict = PLATFORM_REFUSED};

    text_copy(said.why, sizeof said.why, why);
    complain(slot->inbox, slot->id, why);
    on_said(slot, &said);
}

static struct slot *take_slot(struct inbox *inbox, const char *id)
{
    uint32_t i = 0;

    while (i < INBOX_MAX && inbox->slots[i].place != FREE)
        i++;
    if (i == INBOX_MAX || strlen(id) >= ID_SIZE)
        return NULL;
    inbox->slots[i].place = WAITS;
    inbox->waiting++;
    text_copy(inbox->slots[i].id, ID_SIZE, id);
    return &inbox->slots[i];
}

void inbox_receive(struct inbox *inbox, const struct mqtt_message *message)
{
    const struct uplink *uplink = inbox->uplink;
    struct adapter_context context = carrier_context(uplink);
    const char *level = strrchr(message->topic, '/');
    const struct city_call call = {
        .path = level ? level + 1 : message->topic, .body = message->bytes, .size = message->size};
    struct slot *slot = take_slot(inbox, call.path);
    struct city_order order;
    struct err err;

    inbox->holds = true;
    if (!slot)
        complain(inbox, "", "too many at once, or its id is too long; it gets no reply");
    else if (message->retained)
        refuse(slot, "it is retained, and would come again at each start; publish it without that");
    else if (!uplink->settings->adapter->order(&context, &call, &order, &err))
        refuse(slot, err.text);
    else
        uplink->source.order(uplink->source.arg, uplink->index, &order, on_said, slot);
    uplink_wake(inbox->uplink);
}

/* ---- out ---- */

static const uint64_t reply_ticket = UINT64_MAX; /* nobody waits for its delivery */

/* False: the broker takes no more now. */
static bool send_reply(struct slot *slot, struct broker *broker, struct adapter_request *request)
{
    const struct uplink *uplink = slot->inbox->uplink;
    struct adapter_context context = carrier_context(uplink);
    struct err err;

    carrier_request_clear(request);
    if (!uplink->settings->adapter->reply(&context, slot->id, &slot->said, request, &err)) {
        complain(slot->inbox, slot->id, err.text);
        return true;
    }
    return broker_publish(broker, request->target.bytes, &request->body, false, reply_ticket);
}

void inbox_pump(struct inbox *inbox, struct broker *broker, struct adapter_request *request)
{
    if (inbox->holds && inbox->waiting == 0) {
        inbox->holds = false;
        crash_point("order_durable");
        broker_release(broker);
    }
    for (uint32_t i = 0; inbox->answered > 0 && i < INBOX_MAX; i++) {
        struct slot *slot = &inbox->slots[i];

        if (slot->place != ANSWERED)
            continue;
        if (!broker_room(broker) || !send_reply(slot, broker, request))
            return;
        free_slot(slot);
    }
}

void inbox_lost(struct inbox *inbox)
{
    inbox->holds = false;
    for (uint32_t i = 0; i < INBOX_MAX; i++) {
        struct slot *slot = &inbox->slots[i];

        slot->mute = slot->place == WAITS;
        if (slot->place == ANSWERED)
            free_slot(slot);
    }
}
