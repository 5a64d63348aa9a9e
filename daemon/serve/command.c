/*
 * The routes that ask the gateway to do something. They check the words of the request; whether it
 * can be done is the gateway's to say, once its record is durable.
 */
#include <string.h>

#include "daemon/base/json.h"
#include "daemon/serve/routes.h"

/* The last part of the path says which command it is. */
static const struct {
    const char *path_end;
    enum serve_command command;
    bool needs_reason;
} commands[] = {
    {"/out", SERVE_BAY_OUT, true},          {"/in", SERVE_BAY_IN, false},
    {"/retry", SERVE_OUTBOX_RETRY, false},  {"/drop", SERVE_OUTBOX_DROP, true},
    {"/check", SERVE_UPLINK_CHECK, false},  {"/backup", SERVE_BACKUP, false},
    {"/forget", SERVE_OUTBOX_FORGET, true}, {"/recalibrate", SERVE_BAY_RECALIBRATE, false},
    {"/set", SERVE_BAY_SET, false},
};

static bool fits(const char *text, size_t size)
{
    return strlen(text) < size;
}

static bool take_words(struct api_call *call, const struct json *body, bool needs_reason)
{
    const char *reason = json_text(json_member(body, "reason"), "");
    const char *path = json_text(json_member(body, "path"), "");
    int64_t seq = json_int(json_member(body, "seq"), 0);
    struct serve_request *command = &call->command;

    if (needs_reason && !*reason)
        api_refuse(call, 400, "a reason is needed", "say why, as {\"reason\":\"sensor replaced\"}");
    else if (!fits(reason, sizeof command->reason) || !fits(path, sizeof command->path))
        api_refuse(call, 400, "the reason or path is too long",
                   "a reason has at most 127 bytes, a path 255");
    else if (seq < 0)
        api_refuse(call, 400, "seq is negative", "give a record's number, or 0 for all");
    else {
        text_copy(command->reason, sizeof command->reason, reason);
        text_copy(command->path, sizeof command->path, path);
        command->seq = (uint64_t)seq;
        return true;
    }
    return false;
}

/* What is sent to a sensor. */
static bool take_downlink(struct api_call *call, const struct json *body)
{
    const char *what = json_text(json_member(body, "what"), "");
    int64_t value = json_int(json_member(body, "value"), INT64_MIN);
    struct serve_request *command = &call->command;

    command->empty = json_bool(json_member(body, "empty"), false);
    if (command->command == SERVE_BAY_RECALIBRATE && !command->empty)
        api_refuse(call, 400, "a sensor is recalibrated over an empty bay",
                   "see that no car stands there, then say so: {\"empty\":true}");
    else if (command->command == SERVE_BAY_SET && (!*what || !fits(what, sizeof command->what)))
        api_refuse(call, 400, "which parameter is not said",
                   "say what and value, as {\"what\":\"upload_h\",\"value\":24}");
    else if (command->command == SERVE_BAY_SET && (value < INT32_MIN || value > INT32_MAX))
        api_refuse(call, 400, "value is no whole number", "give it as a number: {\"value\":24}");
    else {
        text_copy(command->what, sizeof command->what, what);
        command->value = (int32_t)value;
        return true;
    }
    return false;
}

/* Whose day is compared. */
static bool take_day(struct api_call *call, const struct json *body)
{
    const char *lot = json_text(json_member(body, "lot"), "");
    const char *day = json_text(json_member(body, "day"), "");
    struct serve_request *command = &call->command;

    if (command->command != SERVE_UPLINK_CHECK)
        return true;
    if (!*lot || !fits(lot, sizeof command->what) || !fits(day, sizeof command->day)) {
        api_refuse(call, 400, "lot and day are needed",
                   "say which, as {\"lot\":\"A\",\"day\":\"2026-11-21\"}");
        return false;
    }
    text_copy(command->what, sizeof command->what, lot);
    text_copy(command->day, sizeof command->day, day);
    return true;
}

/* The body as an object; NULL when it is none, and that has been said. */
static struct json *read_object(struct api_call *call)
{
    const char *type = http_exchange_header(call->exchange, "Content-Type");
    struct err err = {.text = ""};

    if (!type || strncmp(type, "application/json", strlen("application/json")) != 0) {
        api_refuse(call, 415, "a command is JSON", "send Content-Type: application/json");
        return NULL;
    }
    struct json *body =
        json_read(call->request->body, call->request->body_size, HTTP_REQUEST_BODY_MAX, &err);
    if (body && json_kind(body) == JSON_KIND_OBJECT)
        return body;
    api_refuse(call, 400, "the body is not a JSON object", err.text);
    json_release(body);
    return NULL;
}

/* Sets call->outcome when the request is in order. */
static void take(struct api_call *call)
{
    const char *end = strrchr(call->request->path, '/');
    struct json *body = read_object(call);
    size_t which = 0;

    if (!body)
        return;
    while (strcmp(commands[which].path_end, end) != 0)
        which++;
    call->command.command = commands[which].command;
    if (take_words(call, body, commands[which].needs_reason) && take_downlink(call, body) &&
        take_day(call, body)) {
        text_copy(call->command.subject, sizeof call->command.subject, call->subject);
        call->outcome = API_COMMAND;
    }
    json_release(body);
}

void command_act(struct api_call *call)
{
    struct json *body = read_object(call);
    struct err err;

    if (!body)
        return;
    if (acts_read(call->command.act, body, &call->command.words, &err)) {
        call->command.command = SERVE_ACT;
        text_copy(call->command.subject, sizeof call->command.subject, call->subject);
        text_copy(call->command.reason, sizeof call->command.reason, call->command.words.reason);
        call->outcome = API_COMMAND;
    } else {
        api_refuse(call, 400, err.text, "parkctl(1) says what each act takes");
    }
    json_release(body);
}

void command_bay(struct api_call *call)
{
    if (plan_find_bay(call->live->source.plan, call->subject) == PLAN_NONE)
        api_refuse(call, 404, "there is no such bay",
                   "GET /api/v1/bays and parkctl bays list them");
    else
        take(call);
}

void command_outbox(struct api_call *call)
{
    if (live_find_uplink(call->live, call->subject) == PLAN_NONE)
        api_refuse(call, 404, "there is no such uplink",
                   "GET /api/v1/uplinks and parkctl status list them");
    else
        take(call);
}

/* Of an uplink that is not there any more; only the gateway knows whether the store does. */
void command_forget(struct api_call *call)
{
    take(call);
}

void command_backup(struct api_call *call)
{
    take(call);
    if (call->outcome == API_COMMAND && call->command.path[0] != '/') {
        call->outcome = API_TEXT;
        api_refuse(call, 400, "the path of a backup begins with /",
                   "the daemon writes the file, in its own directory");
    }
}
