/* What people ask for over the control socket; each act is a record, and is answered once it is
 * durable. */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/core/civil.h"
#include "daemon/gateway_inside.h"

enum { HTTP_OK = 200, HTTP_NOT_FOUND = 404, HTTP_BUSY = 503 };

/* The tag of backups among the store's jobs; reads carry their uplink's index. */
enum { BACKUP_TAG = 1u << 31 };

void gateway_refuse(struct serve_reply *reply, int status, const char *format, ...)
{
    char words[ERR_TEXT_SIZE], bytes[2 * ERR_TEXT_SIZE];
    struct text json;
    va_list args;

    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    text_init(&json, bytes, sizeof bytes);
    text_add(&json, "{");
    text_json_pair(&json, "error", words);
    text_add(&json, "}");
    serve_answer(reply, status, bytes);
}

void gateway_answer_later(struct gateway *g, struct serve_reply *reply, const char *json)
{
    struct waiting_reply *waiting = &g->replies[g->replies_count++];

    waiting->reply = reply;
    waiting->after = g->added;
    text_copy(waiting->json, sizeof waiting->json, json);
    gateway_answer_durable(g); /* an act that made no record needs no waiting */
}

void gateway_note_act(struct gateway *g, const char *act, const struct serve_request *request)
{
    struct record record = gateway_record(g, RECORD_OPERATOR);

    text_copy(record.operator_act.act, RECORD_WORD, act);
    text_copy(record.operator_act.subject, RECORD_WORD, request->subject);
    text_copy(record.operator_act.actor, RECORD_WORD, request->actor.name);
    text_copy(record.operator_act.reason, RECORD_PHRASE, request->reason);
    gateway_sink(g).put(g, &record);
}

void gateway_refused(void *arg, const struct serve_request *refused)
{
    log_warning("\"%s\" was refused %s: %s", refused->actor.name, refused->subject,
                refused->reason);
    gateway_note_act(arg, "refused", refused);
}

static void bay_service(struct gateway *g, const struct serve_request *request,
                        struct serve_reply *reply)
{
    bool out = request->command == SERVE_BAY_OUT;
    uint32_t bay = plan_find_bay(&g->config->plan, request->subject);

    assert(bay != PLAN_NONE); /* serve/command.c has looked */
    if (!site_out_of_service(g->site, bay, out, request->actor.name, request->reason,
                             gateway_now(g), gateway_site_sink(g)))
        gateway_refuse(reply, GATEWAY_CONFLICT, "bay \"%s\" is %s service already",
                       request->subject, out ? "out of" : "in");
    else
        gateway_answer_later(g, reply, "{\"done\":true}");
}

static struct network *find_network(struct gateway *g, uint32_t bay)
{
    for (uint32_t n = 0; n < g->config->networks_count; n++)
        if (network_senses(g->networks[n], bay))
            return g->networks[n];
    return NULL;
}

/* What is asked of a sensor: answered when it is on record, and sent then. */
static void sensor_act(struct gateway *g, const struct serve_request *request,
                       struct serve_reply *reply)
{
    bool recalibrate = request->command == SERVE_BAY_RECALIBRATE;
    const struct downlink_wish wish = {.name = recalibrate ? DOWNLINK_RECALIBRATE : request->what,
                                       .value = request->value,
                                       .valued = !recalibrate};
    uint32_t bay = plan_find_bay(&g->config->plan, request->subject);
    struct network *network = find_network(g, bay);
    char act[RECORD_WORD], json[RECORD_PHRASE];
    int64_t wait_ms;
    struct err err;

    if (!network) {
        gateway_refuse(
            reply, GATEWAY_CONFLICT,
            "bay \"%s\" has no radio sensor; what its device can do stands in its manual",
            request->subject);
    } else if (!network_ask(network, bay, &wish, &wait_ms, &err)) {
        gateway_refuse(reply, GATEWAY_CONFLICT, "%s", err.text);
    } else {
        snprintf(act, sizeof act, recalibrate ? "recalibrate" : "set %.16s %d", request->what,
                 request->value);
        gateway_note_act(g, act, request);
        snprintf(json, sizeof json, "{\"wait_s\":%lld}", (long long)(wait_ms / 1000));
        gateway_answer_later(g, reply, json);
    }
}

static struct uplink *find_uplink(struct gateway *g, const char *name)
{
    for (uint32_t u = 0; u < g->uplinks_count; u++) {
        if (strcmp(g->config->uplinks[u].name, name) == 0)
            return g->uplinks[u];
    }
    return NULL;
}

void gateway_note_drop(struct gateway *g, const struct serve_request *request, uint64_t count,
                       utc_ms from)
{
    struct record record = gateway_record(g, RECORD_LOSS);

    snprintf(record.loss.what, sizeof record.loss.what, "uplink %.24s", request->subject);
    text_copy(record.loss.reason, sizeof record.loss.reason, request->reason);
    record.loss.count = count;
    record.loss.from = from;
    record.loss.to = record.at;
    gateway_sink(g).put(g, &record);
}

static void outbox_act(struct gateway *g, const struct serve_request *request,
                       struct serve_reply *reply)
{
    struct uplink *uplink = find_uplink(g, request->subject);
    bool drop = request->command == SERVE_OUTBOX_DROP;
    char json[RECORD_PHRASE];

    if (!uplink) {
        gateway_refuse(reply, HTTP_NOT_FOUND,
                       "there is no uplink \"%s\"; parkctl status lists them", request->subject);
        return;
    }
    size_t count = drop ? uplink_drop(uplink, request->seq) : uplink_retry(uplink, request->seq);
    if (!count) {
        gateway_refuse(reply, GATEWAY_CONFLICT,
                       "no such record is set aside; see: parkctl outbox list %s",
                       request->subject);
        return;
    }
    gateway_note_act(g, drop ? "outbox_drop" : "outbox_retry", request);
    if (drop)
        gateway_note_drop(g, request, count, clock_utc());
    snprintf(json, sizeof json, "{\"records\":%zu}", count);
    gateway_answer_later(g, reply, json);
}

static void forget(struct gateway *g, const struct serve_request *request,
                   struct serve_reply *reply)
{
    char json[RECORD_PHRASE];
    uint64_t records = 0;

    if (find_uplink(g, request->subject)) {
        gateway_refuse(reply, GATEWAY_CONFLICT,
                       "uplink \"%s\" is in use; take it out of the configuration and reload first",
                       request->subject);
    } else if (!gateway_forget(g, request, &records)) {
        gateway_refuse(reply, HTTP_NOT_FOUND, "no records wait for an uplink \"%s\"",
                       request->subject);
    } else {
        snprintf(json, sizeof json, "{\"records\":%llu}", (unsigned long long)records);
        gateway_answer_later(g, reply, json);
    }
}

/* The verdict becomes a record when the platform has answered. */
static void check_day(struct gateway *g, const struct serve_request *request,
                      struct serve_reply *reply)
{
    struct uplink *uplink = find_uplink(g, request->subject);
    int32_t day;

    if (!civil_date_parse(request->day, &day))
        gateway_refuse(reply, GATEWAY_CONFLICT, "\"%s\" is no day; give one as 2026-11-21",
                       request->day);
    else if (!uplink || !uplink_check(uplink, request->what, day))
        gateway_refuse(reply, GATEWAY_CONFLICT,
                       "lot \"%s\" is not told there, or the platform compares no days",
                       request->what);
    else
        serve_answer(reply, HTTP_OK, "{\"begun\":true}");
}

static void backup(struct gateway *g, const struct serve_request *request,
                   struct serve_reply *reply)
{
    if (g->backup) {
        gateway_refuse(reply, GATEWAY_CONFLICT, "a backup is under way; \"%s\" was not begun",
                       request->path);
        return;
    }
    gateway_note_act(g, "backup", request);
    g->backup = reply;
    store_worker_backup(g->store, BACKUP_TAG, request->path);
}

void gateway_request(void *arg, const struct serve_request *request, struct serve_reply *reply)
{
    typedef void act_fn(struct gateway *, const struct serve_request *, struct serve_reply *);
    static act_fn *const acts[] = {
        [SERVE_BAY_OUT] = bay_service,     [SERVE_BAY_IN] = bay_service,
        [SERVE_OUTBOX_RETRY] = outbox_act, [SERVE_OUTBOX_DROP] = outbox_act,
        [SERVE_BACKUP] = backup,           [SERVE_OUTBOX_FORGET] = forget,
        [SERVE_ACT] = gateway_act,         [SERVE_BAY_RECALIBRATE] = sensor_act,
        [SERVE_BAY_SET] = sensor_act,      [SERVE_UPLINK_CHECK] = check_day,
    };
    struct gateway *g = arg;

    if (g->replies_count == GATEWAY_REPLIES_MAX)
        gateway_refuse(
            reply, HTTP_BUSY,
            "%d commands wait for the disk; try again when parkctl status shows the store well",
            GATEWAY_REPLIES_MAX);
    else
        acts[request->command](g, request, reply);
}

void gateway_answer_durable(struct gateway *g)
{
    uint32_t done = 0;

    while (done < g->replies_count && g->replies[done].after <= g->durable) {
        serve_answer(g->replies[done].reply, HTTP_OK, g->replies[done].json);
        done++;
    }
    g->replies_count -= done;
    memmove(g->replies, g->replies + done, g->replies_count * sizeof g->replies[0]);
}

void gateway_backup_done(struct gateway *g, const struct err *err)
{
    struct serve_reply *reply = g->backup;

    g->backup = NULL;
    if (!reply)
        return;
    if (err->text[0])
        gateway_refuse(reply, GATEWAY_CONFLICT, "%s", err->text);
    else
        serve_answer(reply, HTTP_OK, "{\"done\":true}");
}

void gateway_answer_all(struct gateway *g, const char *why)
{
    for (uint32_t i = 0; i < g->replies_count; i++)
        gateway_refuse(g->replies[i].reply, HTTP_BUSY, "%s", why);
    g->replies_count = 0;
    if (g->backup)
        gateway_refuse(g->backup, HTTP_BUSY, "%s", why);
    g->backup = NULL;
}
