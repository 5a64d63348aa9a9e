/*
 * What a server answers to Vzenith's family: {"Response_AlarmInfoPlate":{"info":"ok",
 * "content":"retransfer_stop","channelNum":0}}. "ok" makes the camera pulse its output for 500 ms;
 * without retransfer_stop some models send the same read for ever. A read that was stored while the
 * camera had no server is answered by ContinuePushOffline instead, or its queue stops. Anything but
 * "ok" opens nothing. Pure.
 */
#include <stdlib.h>
#include <strings.h>

#include "sensors/lane/vzenith.h"

static void decode_continue(struct tree offline, struct camera_message *ret)
{
    int64_t id = tree_int(tree_at(offline, "plateid"), -1);

    if (id < 0 || id > INT32_MAX)
        camera_refuse(ret, "ContinuePushOffline has no plateid");
    else
        camera_mean(ret, CAMERA_REPLY, "ack offline record %d and %s", (int)id,
                    tree_is(tree_at(offline, "continue")) ? "ask for the next" : "stop");
}

void vzenith_decode_reply(struct tree reply, struct camera_message *ret)
{
    struct tree offline = tree_at(reply, "ContinuePushOffline");
    bool open = strcasecmp(tree_word(tree_at(reply, "info")), "ok") == 0;
    bool stop = strcasecmp(tree_word(tree_at(reply, "content")), "retransfer_stop") == 0;
    int64_t output = tree_int(tree_at(reply, "channelNum"), 0);

    if (tree_has(offline)) {
        decode_continue(offline, ret);
    } else if (open && output >= 0 && output <= 3) {
        text_copy(ret->gate, sizeof ret->gate, "open");
        camera_mean(ret, CAMERA_REPLY, "open (500 ms pulse on IO %d)%s", (int)output,
                    stop ? ", stop resending" : "");
    } else {
        camera_mean(ret, CAMERA_REPLY, "do not open%s", stop ? ", but stop resending" : "");
    }
}

/* A plateid that is no number would not be understood; such a read is answered as a fresh one. */
static bool answer_offline(const struct camera_answer *answer, struct text *out)
{
    char *end = NULL;
    long id = strtol(answer->event_id, &end, 10);

    if (!answer->offline || end == answer->event_id || *end || id < 0 || id > INT32_MAX)
        return false;
    text_add(out,
             "{\"Response_AlarmInfoPlate\":{\"ContinuePushOffline\":{\"plateid\":%ld,"
             "\"continue\":1}}}",
             id);
    return true;
}

const char *vzenith_answer(const struct camera_answer *answer, struct text *out)
{
    if (answer->kind == CAMERA_READ && answer_offline(answer, out))
        return "application/json";
    text_add(out, "{\"Response_AlarmInfoPlate\":{\"info\":\"%s\",\"content\":\"retransfer_stop\"",
             answer->open ? "ok" : "no");
    text_json_pair(out, "is_pay", answer->open ? "true" : "false");
    if (answer->open && answer->output)
        text_json_int(out, "channelNum", answer->output);
    if (answer->read_now)
        text_json_pair(out, "manualTrigger", "ok");
    if (answer->list)
        text_add(out, "%s", answer->list);
    text_add(out, "}}");
    return "application/json";
}
