/* Pictures after their records: rule 7 of dispatch.h. */
#include <string.h>

#include "daemon/core/text.h"
#include "daemon/uplink/dispatch_inside.h"

/* Of one picture, while the platform took something else in between; then it is given up, so that
 * the others go on. */
enum { FAILURES_MAX = 8 };

static bool sends(const struct dispatch *dispatch)
{
    return dispatch->city->photo && dispatch->setup.hooks.taken;
}

void dispatch_photo_taken(struct dispatch *dispatch, const struct record *record)
{
    const struct dispatch_hooks *hooks = &dispatch->setup.hooks;

    if (!sends(dispatch) ||
        (record->kind != RECORD_STAY_OPENED && record->kind != RECORD_STAY_CLOSED))
        return;
    hooks->taken(hooks->arg, record);
    dispatch->photo.none = false;
}

bool dispatch_photo_may(struct dispatch *dispatch, struct now now)
{
    const struct photo_flight *photo = &dispatch->photo;

    return sends(dispatch) && !photo->none && !*photo->id && !dispatch->clock_wanted &&
           dispatch_may(dispatch, LANE_OF_PHOTOS, now.mono) &&
           dispatch_may(dispatch, LANE_OF_RECORDS, now.mono) &&
           !outbox_ready_at(dispatch->setup.outbox).ms && pace_peek(&dispatch->pace, now.mono);
}

struct adapter_context dispatch_photo_context(struct dispatch *dispatch, struct now now)
{
    return dispatch_context(dispatch, NULL, now);
}

void dispatch_photo_none(struct dispatch *dispatch)
{
    dispatch->photo.none = true;
}

void dispatch_photo_sent(struct dispatch *dispatch, const char *photo, struct now now)
{
    text_copy(dispatch->photo.id, sizeof dispatch->photo.id, photo);
    pace_take(&dispatch->pace, now.mono);
    dispatch->sent[DISPATCH_PHOTO] = now;
}

static void settle(struct dispatch *dispatch, const char *photo)
{
    const struct dispatch_hooks *hooks = &dispatch->setup.hooks;

    hooks->settled(hooks->arg, photo);
}

static void say(struct dispatch *dispatch, const char *reason)
{
    dispatch->setup.hooks.say(dispatch->setup.hooks.arg, LANE_OF_PHOTOS, reason);
}

void dispatch_photo_refused(struct dispatch *dispatch, const char *photo, const char *why)
{
    dispatch->status.photos_refused++;
    say(dispatch, why);
    settle(dispatch, photo);
}

/* It is not held here meanwhile: it goes again, made anew, or has become too old. */
static void again(struct dispatch *dispatch, const char *reason, int64_t retry_after_ms,
                  struct now now)
{
    struct photo_flight *photo = &dispatch->photo;

    const struct dispatch_status *status = &dispatch->status;
    bool well = status->last_beat.ms >= photo->failed_at.ms ||
                status->last_delivery.ms >= photo->failed_at.ms;

    if (strcmp(photo->failed, photo->id) != 0)
        photo->failures = 0;
    memcpy(photo->failed, photo->id, sizeof photo->failed);
    photo->failures += well && !dispatch->silent && retry_after_ms < 0;
    photo->failed_at = now.utc;
    if (photo->failures >= FAILURES_MAX)
        dispatch_photo_refused(dispatch, photo->id, reason);
    else
        say(dispatch, reason);
    dispatch_wait(dispatch, LANE_OF_PHOTOS, retry_after_ms, now.mono);
}

void dispatch_photo_answer(struct dispatch *dispatch, enum adapter_verdict verdict,
                           const char *reason, int64_t retry_after_ms, struct now now)
{
    struct photo_flight *photo = &dispatch->photo;

    switch (verdict) {
    case ADAPTER_DELIVERED:
    case ADAPTER_DUPLICATE:
        dispatch->status.photos_sent++;
        dispatch_well(dispatch, LANE_OF_PHOTOS);
        settle(dispatch, photo->id);
        break;
    case ADAPTER_REFUSED:
    case ADAPTER_SPLIT:
        dispatch_photo_refused(dispatch, photo->id, reason);
        break;
    case ADAPTER_STOP:
        say(dispatch, reason);
        dispatch_stop(dispatch, LANE_OF_PHOTOS, now.mono);
        break;
    case ADAPTER_CLOCK:
        dispatch->clock_wanted = dispatch->city->heartbeat != NULL;
        again(dispatch, reason, retry_after_ms, now);
        break;
    case ADAPTER_FAILED:
    case ADAPTER_EACH:
    case ADAPTER_RETRY:
        again(dispatch, reason, retry_after_ms, now);
    }
    photo->id[0] = '\0';
}
