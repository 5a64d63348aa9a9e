/*
 * What the platform does with a request. Refusals carry their reason; a breach of the protocol is
 * also held as a violation.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/parksim/city.h"
#include "tests/parksim/city_check.h"
#include "tests/parksim/sim.h"

static const char content_json[] = "application/json";

static struct city_answer answer_json(int status, json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    if (!text)
        sim_fail("out of memory");
    return (struct city_answer){.status = status, .content_type = content_json, .text = text};
}

static struct city_answer refuse(int status, const char *reason)
{
    return answer_json(status, json_pack("{ss}", "error", reason));
}

/* Refused, and held against the sender. */
static struct city_answer breach(const struct city_context *context, int status, const char *reason,
                                 const char *path)
{
    city_state_violation(context->state, reason, path);
    return refuse(status, reason);
}

static bool may_push(const struct city_context *context, const struct city_request *request)
{
    static const char scheme[] = "Bearer ";
    const char *token = context->settings->token;
    const char *sent = request->authorization;
    return !token || (sent && strncmp(sent, scheme, sizeof scheme - 1) == 0 &&
                      strcmp(sent + sizeof scheme - 1, token) == 0);
}

/* What stands between "/v1/lots/" and "/vacancy"; false when the path is another. */
static bool lot_of(const char *path, char lot[PLAN_ID])
{
    static const char head[] = "/v1/lots/", tail[] = "/vacancy";
    if (strncmp(path, head, sizeof head - 1) != 0)
        return false;
    path += sizeof head - 1;
    size_t size = strcspn(path, "/");
    if (size == 0 || size >= PLAN_ID || strcmp(path + size, tail) != 0)
        return false;
    memcpy(lot, path, size);
    lot[size] = '\0';
    return true;
}

static struct city_answer put_vacancy(const struct city_context *context, const char *path,
                                      const json_t *body)
{
    char lot[PLAN_ID];
    if (!lot_of(path, lot))
        return refuse(404, "no such address");
    const char *wrong = city_check_vacancy(body, lot);
    if (wrong)
        return breach(context, 422, wrong, path);
    city_state_vacancy(context->state, body);
    return answer_json(200, json_pack("{ss}", "status", "accepted"));
}

/* One record's result: {"id","status","reason"}. */
static json_t *take_record(const struct city_context *context, const char *site,
                           const json_t *record)
{
    const char *id = json_string_value(json_object_get(record, "id"));
    const char *reason = city_check_record(record);
    const char *status = "refused";
    if (reason) {
        city_state_violation(context->state, reason, id ? id : "record");
    } else if (context->trouble->retry_items > 0) {
        context->trouble->retry_items--;
        status = "retry";
        reason = "told to ask for it again";
    } else if (city_trouble_refuses(context->trouble, record)) {
        reason = "told to refuse it";
        city_state_passed_over(context->state, site, record);
    } else {
        status = city_state_record(context->state, site, record, &reason);
    }
    return json_pack("{ss?,ss,ss*}", "id", id, "status", status, "reason", reason);
}

static struct city_answer post_records(const struct city_context *context,
                                       const struct city_request *request, const json_t *body)
{
    const char *wrong = city_check_envelope(body);
    if (wrong)
        return breach(context, 422, wrong, request->path);
    if (!request->idempotency_key)
        return breach(context, 400, "no Idempotency-Key", request->path);
    if (!city_state_key(context->state, request->idempotency_key, request->body,
                        request->body_size))
        return breach(context, 422, "this Idempotency-Key was used for another body",
                      request->idempotency_key);
    const char *site = json_string_value(json_object_get(body, "site"));
    json_t *results = json_array();
    size_t i;
    const json_t *record;
    json_array_foreach(json_object_get(body, "records"), i, record)
        json_array_append_new(results, take_record(context, site, record));
    return answer_json(200, json_pack("{so}", "results", results));
}

static struct city_answer push(const struct city_context *context,
                               const struct city_request *request)
{
    if (!may_push(context, request))
        return refuse(401, "a bearer token is needed");
    const char *type = request->content_type;
    if (!type || strncmp(type, content_json, sizeof content_json - 1) != 0)
        return breach(context, 415, "application/json is allowed", request->path);
    json_t *body = json_loadb(request->body, request->body_size, JSON_REJECT_DUPLICATES, NULL);
    if (!body)
        return breach(context, 400, "the body is no JSON", request->path);
    struct city_answer answer = strcmp(request->method, "POST") == 0
                                    ? post_records(context, request, body)
                                    : put_vacancy(context, request->path, body);
    json_decref(body);
    city_state_flush(context->state);
    return answer;
}

/* What the page shows: the vacancies with the lots' names, the boards of other protocols, and the
 * time here. */
static struct city_answer get_lots(const struct city_context *context)
{
    char now[SIM_TIME_SIZE];
    json_t *names = json_object();
    for (uint32_t i = 0; context->plan && i < context->plan->lots_count; i++)
        json_object_set_new(names, context->plan->lots[i].id,
                            json_string(context->plan->lots[i].name));
    json_t *page =
        json_pack("{ss,so,so,so}", "now", sim_utc_text(sim_utc_ms(), now), "names", names, "lots",
                  city_state_lots(context->state), "boards", city_boards(context));
    if (context->book) {
        json_t *status = city_book_status(context->book);
        json_object_set(page, "breaches", json_object_get(status, "breaches_count"));
        json_decref(status);
    }
    return answer_json(200, page);
}

bool city_api_is_push(const struct city_request *request)
{
    char lot[PLAN_ID];
    if (strcmp(request->method, "PUT") == 0)
        return lot_of(request->path, lot);
    if (city_ngsi_is_push(request) || city_receiver_of(request->path))
        return true;
    return strcmp(request->method, "POST") == 0 && strcmp(request->path, "/v1/records") == 0;
}

struct city_answer city_api(const struct city_context *context, const struct city_request *request)
{
    const struct city_receiver *receiver = city_receiver_of(request->path);

    if (receiver && context->book)
        return receiver->receive(context->book, request);
    if (city_ngsi_is_push(request) || city_ngsi_is_look(request))
        return city_ngsi(context, request);
    if (city_api_is_push(request))
        return push(context, request);
    if (strcmp(request->method, "GET") == 0 && strcmp(request->path, "/") == 0)
        return (struct city_answer){
            .status = 200, .content_type = "text/html; charset=utf-8", .text = sim_copy(city_page)};
    if (strcmp(request->method, "GET") == 0 && strcmp(request->path, "/v1/lots") == 0)
        return get_lots(context);
    if (strcmp(request->method, "GET") == 0 && strcmp(request->path, "/platforms") == 0 &&
        context->book)
        return answer_json(200, city_book_status(context->book));
    return refuse(404, "no such address");
}
