/* The rules of followup.h. Pure; runs where its caller runs. */
#include "daemon/core/followup.h"

#include <assert.h>
#include <string.h>

static const struct {
    const char *name;
    const char *words; /* what is awaited */
    const char *late;  /* F5 */
} states[FOLLOWUP_STATES] = {
    [FOLLOWUP_NONE] = {"none", "", NULL},
    [FOLLOWUP_ASKED] = {"asked", "goes to the network server next",
                        "the network's broker takes nothing; see parkctl status, then ask again"},
    [FOLLOWUP_QUEUED] = {"queued", "the sensor hears it when it has next spoken",
                         "the sensor was not heard, the server may still hold it; see to the "
                         "sensor, empty the server's queue, then ask again"},
    [FOLLOWUP_SENT] = {"sent", "the sensor should acknowledge it",
                       "sent, and the sensor was not heard since; see to its radio, then ask "
                       "again"},
    [FOLLOWUP_ACKNOWLEDGED] = {"acknowledged", "its next message has to say free",
                               "acknowledged, and the sensor was not heard since; see to its "
                               "radio"},
    [FOLLOWUP_DONE] = {"done", "", NULL},
    [FOLLOWUP_FAILED] = {"failed", "", NULL},
    [FOLLOWUP_UNKNOWN] = {"unknown",
                          "parkd was restarted meanwhile; look whether the sensor is "
                          "right, ask again if not",
                          NULL},
};

static bool enter(struct followup *f, enum followup_state state, struct now now)
{
    f->state = state;
    f->since = now;
    f->uplinks = 0;
    return true;
}

static bool fail(struct followup *f, const char *words, struct now now)
{
    f->words = words;
    return enter(f, FOLLOWUP_FAILED, now);
}

bool followup_ended(const struct followup *f)
{
    return f->state == FOLLOWUP_NONE || f->state >= FOLLOWUP_DONE;
}

bool followup_ask(struct followup *f, bool recalibrates, bool must_answer, int64_t uplink_ms,
                  struct now now)
{
    if (!followup_ended(f))
        return false;
    *f = (struct followup){.recalibrates = recalibrates,
                           .must_answer = must_answer,
                           .attempts = 1,
                           .uplink_ms = uplink_ms};
    return enter(f, FOLLOWUP_ASKED, now);
}

bool followup_wants_sending(const struct followup *f)
{
    return f->state == FOLLOWUP_ASKED && !f->handed;
}

void followup_handed(struct followup *f)
{
    assert(followup_wants_sending(f));
    f->handed = true;
}

/* F4 */
static bool again(struct followup *f, const char *words, struct now now)
{
    if (f->attempts == FOLLOWUP_ATTEMPTS)
        return fail(f, words, now);
    f->attempts++;
    f->handed = false;
    return enter(f, FOLLOWUP_ASKED, now);
}

static bool acknowledged(struct followup *f, struct now now)
{
    return enter(f, f->recalibrates ? FOLLOWUP_ACKNOWLEDGED : FOLLOWUP_DONE, now);
}

bool followup_news(struct followup *f, enum followup_news news, struct now now)
{
    bool under_way = !followup_ended(f) && f->handed && f->state != FOLLOWUP_ACKNOWLEDGED;

    if (!under_way)
        return false;
    switch (news) {
    case FOLLOWUP_IS_QUEUED:
        return f->state == FOLLOWUP_ASKED && enter(f, FOLLOWUP_QUEUED, now);
    case FOLLOWUP_IS_SENT:
        return f->state != FOLLOWUP_SENT && enter(f, FOLLOWUP_SENT, now);
    case FOLLOWUP_IS_ACKED:
        if (f->must_answer) /* F3 */
            return f->state != FOLLOWUP_SENT && enter(f, FOLLOWUP_SENT, now);
        return acknowledged(f, now);
    case FOLLOWUP_IS_REFUSED:
        return again(f,
                     "the network server could not bring it to the sensor; see its console, and "
                     "the sensor's radio",
                     now);
    case FOLLOWUP_IS_GIVEN_UP:
        break;
    }
    return fail(f, "the network server refuses it or let it expire; see its console", now);
}

/* F6 */
static bool verify(struct followup *f, const struct followup_uplink *uplink, struct now now)
{
    if (!uplink->tells || now.mono.ms - f->since.mono.ms < FOLLOWUP_SETTLE_MS)
        return false;
    if (uplink->occupied)
        return fail(f,
                    "it still says occupied over the empty bay; ask again, and if that does not "
                    "help replace the sensor",
                    now);
    return enter(f, FOLLOWUP_DONE, now);
}

bool followup_heard(struct followup *f, const struct followup_uplink *uplink, struct now now)
{
    if (followup_ended(f) || !f->handed)
        return false;
    if (f->state == FOLLOWUP_ACKNOWLEDGED)
        return verify(f, uplink, now);
    /* A frame that comes in due course too proves something only once the downlink was sent. */
    if (uplink->answers && (f->must_answer || f->state == FOLLOWUP_SENT))
        return uplink->failed ? fail(f,
                                     "the sensor says that it did not work; make sure that the "
                                     "bay is empty, then ask again",
                                     now)
                              : acknowledged(f, now);
    if (++f->uplinks < FOLLOWUP_UPLINKS)
        return false;
    if (f->state == FOLLOWUP_SENT)
        return again(f, "the sensor does not acknowledge it; move its gateway or add one", now);
    return fail(f,
                "the sensor spoke and the server told of nothing; does the network's topics let "
                "its down events through?",
                now);
}

bool followup_tick(struct followup *f, struct now now)
{
    int64_t limit_ms = f->state == FOLLOWUP_ASKED ? FOLLOWUP_BROKER_MS : f->uplink_ms;

    if (followup_ended(f) || now.mono.ms - f->since.mono.ms <= limit_ms)
        return false;
    return fail(f, states[f->state].late, now);
}

const char *followup_state_name(enum followup_state state)
{
    assert(state < FOLLOWUP_STATES);
    return states[state].name;
}

bool followup_state_parse(const char *name, enum followup_state *ret)
{
    for (int i = 0; i < FOLLOWUP_STATES; i++)
        if (!strcmp(states[i].name, name)) {
            *ret = (enum followup_state)i;
            return true;
        }
    return false;
}

const char *followup_words(const struct followup *f)
{
    return f->state == FOLLOWUP_FAILED ? f->words : states[f->state].words;
}
