/*
 * What goes out to sensors: asked by a person, sent through the network server's broker once the
 * record of it is durable, and followed up to its end. See network_inside.h and followup.h.
 */
#include <stdio.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/crypto.h"
#include "daemon/network/network_inside.h"

enum { BODY_MAX = 512, EXPIRED_KINDS = 2 };

/* ---- asking ---- */

/* A random UUID, RFC 9562 5.4. */
static void write_id(char ret[ASK_ID])
{
    uint8_t b[16];
    char hex[2 * sizeof b + 1];

    crypto_random(b, sizeof b);
    b[6] = (uint8_t)(0x40 | (b[6] & 0x0f));
    b[8] = (uint8_t)(0x80 | (b[8] & 0x3f));
    crypto_hex(b, sizeof b, hex);
    snprintf(ret, ASK_ID, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

static void note(struct network *network, const struct ask *ask)
{
    char word[RECORD_WORD];

    asks_word(ask, word);
    network->hooks.asked(network->hooks.arg, ask->member->settings->device, word);
    log_info("sensor \"%s\": %s; %s", network->plan->devices[ask->member->settings->device].id,
             word, followup_words(&ask->followup));
}

bool network_senses(const struct network *network, uint32_t bay)
{
    return network->by_bay[bay] != NULL;
}

static bool check(const struct network *network, const struct member *member, struct err *err)
{
    if (!network->settings->format)
        return err_set(err, "network \"%s\" is of type json: nothing is sent through it; use %s",
                       network->settings->id, member->settings->driver->tool);
    if (!member->place[0])
        return err_set(err, "the sensor was not heard since parkd started; ask again when it was");
    return true;
}

bool network_ask(struct network *network, uint32_t bay, const struct downlink_wish *wish,
                 int64_t *ret_wait_ms, struct err *err)
{
    struct member *member = network->by_bay[bay];
    struct downlink_wish full = *wish;
    struct downlink_frame frame = {.port = 0};
    enum report_event answer;
    bool must;

    full.recalibrate = member->settings->recalibrate;
    full.settings = member->settings->settings;
    if (!downlinks_encode(member->settings->driver, &full, &frame, &answer, &must, err) ||
        !check(network, member, err))
        return false;
    struct ask *ask = asks_place(&network->asks, member, err);
    if (!ask)
        return false;
    text_copy(ask->what, sizeof ask->what, wish->name);
    ask->frame = frame;
    ask->answer = answer;
    write_id(ask->id);
    *ret_wait_ms = member->limit_ms ? member->limit_ms : member->settings->silence_ms;
    followup_ask(&ask->followup, !strcmp(wish->name, DOWNLINK_RECALIBRATE), must, *ret_wait_ms,
                 clock_now());
    note(network, ask);
    return true;
}

void network_restore_ask(struct network *network, uint32_t device, const char *word, utc_ms since)
{
    enum followup_state state;
    const char *what;

    if (!asks_parse(word, &state, &what) || state == FOLLOWUP_NONE || state >= FOLLOWUP_DONE)
        return;
    for (uint32_t i = 0; i < network->settings->sensors_count; i++) {
        struct member *member = &network->members[i];
        struct ask *ask =
            member->settings->device == device ? asks_place(&network->asks, member, NULL) : NULL;
        if (!ask)
            continue;
        text_copy(ask->what, sizeof ask->what, what);
        ask->followup = (struct followup){.state = FOLLOWUP_UNKNOWN,
                                          .since = {.mono = clock_mono(), .utc = since}};
        note(network, ask);
    }
}

/* The record that shows its state again, after another of the same device. */
void network_note_ask(struct network *network, const struct member *member)
{
    const struct ask *ask = asks_of(&network->asks, member);

    if (ask && !followup_ended(&ask->followup))
        note(network, ask);
}

/* ---- sending ---- */

static uint64_t ticket_of(const struct network *network, const struct ask *ask)
{
    return (uint64_t)(ask - network->asks.list) + 1;
}

static bool publish(struct network *network, struct ask *ask)
{
    const struct network_format *format = network->settings->format;
    char topic[ENVELOPE_TOPIC + 16], bytes[BODY_MAX];
    struct text body;

    ask->id[ASK_ID - 2] = (char)('0' + ask->followup.attempts);
    const struct envelope_downlink down = {.frame = &ask->frame,
                                           .dev_eui = ask->member->settings->address,
                                           .id = ask->id,
                                           .confirmed = true};
    snprintf(topic, sizeof topic, "%s/%s", ask->member->place,
             ask->followup.attempts > 1 ? format->down_again : format->down);
    text_init(&body, bytes, sizeof bytes);
    format->write_down(&down, &body);
    return broker_publish(network->broker, topic, &body, false, ticket_of(network, ask));
}

void network_send(struct network *network)
{
    bool sent = false;

    for (int i = 0; i < NETWORK_ASKS; i++) {
        struct ask *ask = &network->asks.list[i];

        if (!ask->member || !ask->durable || !followup_wants_sending(&ask->followup) ||
            !broker_room(network->broker) || !publish(network, ask))
            continue;
        followup_handed(&ask->followup);
        sent = true;
    }
    if (sent)
        broker_flush(network->broker);
}

void network_settled(struct network *network)
{
    for (int i = 0; i < NETWORK_ASKS; i++)
        network->asks.list[i].durable = true; /* of a place that is taken later it is cleared */
    network_send(network);
}

/* ---- following ---- */

void network_delivered(struct network *network, uint64_t ticket)
{
    struct ask *ask = ticket <= NETWORK_ASKS ? &network->asks.list[ticket - 1] : NULL;

    if (ask && ask->member && followup_news(&ask->followup, FOLLOWUP_IS_QUEUED, clock_now()))
        note(network, ask);
}

/* ChirpStack's codes of a downlink that it will not send: integration.proto, LogCode. */
static bool gives_up(const char *code)
{
    static const char *const codes[EXPIRED_KINDS] = {"EXPIRED", "DOWNLINK"};

    for (int i = 0; i < EXPIRED_KINDS; i++)
        if (!strncmp(code, codes[i], strlen(codes[i])))
            return true;
    return false;
}

void network_tell_asks(struct network *network, struct member *member,
                       const struct envelope *envelope)
{
    static const struct {
        bool tells;
        enum followup_news news;
    } news[ENVELOPE_KINDS] = {
        [ENVELOPE_QUEUED] = {true, FOLLOWUP_IS_QUEUED},
        [ENVELOPE_SENT] = {true, FOLLOWUP_IS_SENT},
        [ENVELOPE_ACKED] = {true, FOLLOWUP_IS_ACKED},
        [ENVELOPE_UNACKED] = {true, FOLLOWUP_IS_REFUSED},
        [ENVELOPE_TROUBLE] = {true, FOLLOWUP_IS_GIVEN_UP},
    };
    struct ask *ask = asks_of(&network->asks, member);

    if (!ask || !news[envelope->kind].tells || !asks_is(ask, envelope->downlink_id) ||
        (envelope->kind == ENVELOPE_TROUBLE && !gives_up(envelope->trouble)))
        return;
    if (followup_news(&ask->followup, news[envelope->kind].news, clock_now()))
        note(network, ask);
}

void network_heard_asks(struct network *network, struct member *member, const struct report *report)
{
    struct ask *ask = asks_of(&network->asks, member);

    if (!ask)
        return;
    bool answers = ask->answer != EVENT_MALFORMED &&
                   (report->event == ask->answer || report->acknowledges == ask->answer);
    const struct followup_uplink uplink = {
        .answers = answers,
        .failed = answers && report_has(report->acknowledged) && report->acknowledged != 1,
        .tells = report->states > 0 && report->event != EVENT_SENSOR_ERROR,
        .occupied = report->states > 0 && report->occupied[report->states - 1]};
    if (followup_heard(&ask->followup, &uplink, clock_now()))
        note(network, ask);
}

void network_tick_asks(struct network *network, struct now now)
{
    for (int i = 0; i < NETWORK_ASKS; i++) {
        struct ask *ask = &network->asks.list[i];

        if (ask->member && followup_tick(&ask->followup, now))
            note(network, ask);
    }
    network_send(network);
}
