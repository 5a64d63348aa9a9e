/*
 * What the broker does with a batch. NGSI-v2: all or nothing, as far as the sender can tell.
 * NGSI-LD: each entity on its own. See city_ngsi.h.
 */
#include "tests/parksim/city_ngsi.h"

#include <stdlib.h>
#include <string.h>

#include "tests/parksim/city.h"
#include "tests/parksim/city_entity.h"
#include "tests/parksim/sim.h"

enum { BATCH_MAX = 1000 };

static const char path_v2[] = "/v2/op/update";
static const char path_ld[] = "/ngsi-ld/v1/entityOperations/upsert";
static const char path_datex[] = "/datex", path_entities[] = "/entities";

struct city_ngsi {
    json_t *entities; /* by id, as last sent */
    char *publication;
    json_int_t batches;
};

struct city_ngsi *city_ngsi_create(void)
{
    struct city_ngsi *ngsi = sim_alloc(1, sizeof *ngsi);
    ngsi->entities = json_object();
    return ngsi;
}

void city_ngsi_destroy(struct city_ngsi *ngsi)
{
    json_decref(ngsi->entities);
    free(ngsi->publication);
    free(ngsi);
}

json_t *city_ngsi_entities(const struct city_ngsi *ngsi)
{
    return ngsi->entities;
}

const char *city_ngsi_publication(const struct city_ngsi *ngsi)
{
    return ngsi->publication;
}

static bool is(const struct city_request *request, const char *method, const char *path)
{
    return strcmp(request->method, method) == 0 && strcmp(request->path, path) == 0;
}

bool city_ngsi_is_push(const struct city_request *request)
{
    return is(request, "POST", path_v2) || is(request, "POST", path_ld) ||
           is(request, "POST", path_datex);
}

bool city_ngsi_is_look(const struct city_request *request)
{
    return is(request, "GET", path_entities) || is(request, "GET", path_datex);
}

static struct city_answer answer(int status, const char *type, char *text)
{
    return (struct city_answer){.status = status, .content_type = type, .text = text};
}

/* Takes `json`. */
static struct city_answer answer_json(int status, json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT);
    json_decref(json);
    if (!text)
        sim_fail("out of memory");
    return answer(status, "application/json", text);
}

static struct city_answer refuse(int status, const char *error, const char *what)
{
    return answer_json(status, json_pack("{ss,ss}", "error", error, "description", what));
}

static struct city_answer breach(const struct city_context *context, const char *what,
                                 const char *which)
{
    city_state_violation(context->state, what, which);
    return refuse(400, "BadRequest", what);
}

/* ---- one entity ---- */

static const char *id_of(const json_t *entity)
{
    const char *id = json_string_value(json_object_get(entity, "id"));
    return id ? id : "";
}

/* The id ends in the word that is to be refused. */
static bool told_to_refuse(const struct city_context *context, const char *id)
{
    const char *word = context->trouble->refuse;
    size_t size = strlen(word), whole = strlen(id);
    return size > 0 && whole >= size && strcmp(id + whole - size, word) == 0;
}

/* 0, or the status to refuse it with. A breach of the protocol is held against the sender. */
static int check(const struct city_context *context, const json_t *entity, bool is_ld,
                 char what[ENTITY_WHAT])
{
    const json_t *held = json_object_get(context->ngsi->entities, id_of(entity));
    if (!city_entity_check(entity, is_ld, what)) {
        city_state_violation(context->state, what, id_of(entity));
        return 400;
    }
    if (held &&
        strcmp(city_entity_observed(entity, is_ld), city_entity_observed(held, is_ld)) < 0) {
        strcpy(what, "older than what is held");
        city_state_violation(context->state, what, id_of(entity));
        return 400;
    }
    strcpy(what, "told to refuse it");
    if (told_to_refuse(context, id_of(entity)))
        return 400;
    strcpy(what, "told to ask for it again");
    return context->trouble->retry_items > 0 && context->trouble->retry_items-- ? 503 : 0;
}

/* True when it is new. */
static bool hold(struct city_ngsi *ngsi, json_t *entity)
{
    bool is_new = !json_object_get(ngsi->entities, id_of(entity));
    json_object_set(ngsi->entities, id_of(entity), entity);
    return is_new;
}

/* ---- a batch ---- */

/* Orion's list of what may not stand in a text. */
static bool is_forbidden(const json_t *value)
{
    const char *key;
    json_t *member;
    size_t i;
    if (json_is_string(value))
        return strpbrk(json_string_value(value), "<>\"'=;()");
    json_object_foreach((json_t *)value, key, member) if (is_forbidden(member)) return true;
    json_array_foreach(value, i, member) if (is_forbidden(member)) return true;
    return false;
}

static struct city_answer take_v2(const struct city_context *context, json_t *body)
{
    const char *action = json_string_value(json_object_get(body, "actionType"));
    json_t *entities = json_object_get(body, "entities"), *entity;
    char what[ENTITY_WHAT];
    size_t i;
    if (!action || strcmp(action, "append") != 0 || json_object_size(body) != 2 ||
        !json_array_size(entities) || json_array_size(entities) > BATCH_MAX)
        return breach(context, "actionType append and 1 to 1000 entities are allowed", path_v2);
    if (is_forbidden(entities))
        return breach(context, "Invalid characters in attribute value", path_v2);
    json_array_foreach(entities, i, entity)
    {
        int status = check(context, entity, false, what);
        if (status)
            return refuse(status, "BadRequest", what);
    }
    json_array_foreach(entities, i, entity) hold(context->ngsi, entity);
    return answer(204, "application/json", sim_copy(""));
}

static json_t *ld_error(const char *id, int status, const char *what)
{
    const char *type = status == 503 ? "https://uri.etsi.org/ngsi-ld/errors/InternalError"
                                     : "https://uri.etsi.org/ngsi-ld/errors/BadRequestData";
    return json_pack("{ss,s{ss,ss,si}}", "entityId", id, "error", "type", type, "title", what,
                     "status", status);
}

static struct city_answer take_ld(const struct city_context *context, json_t *body)
{
    json_t *success = json_array(), *created = json_array(), *errors = json_array(), *entity;
    struct city_answer result;
    char what[ENTITY_WHAT];
    size_t i;
    json_array_foreach(body, i, entity)
    {
        int status = check(context, entity, true, what);
        if (status) {
            json_array_append_new(errors, ld_error(id_of(entity), status, what));
            continue;
        }
        json_array_append_new(success, json_string(id_of(entity)));
        if (hold(context->ngsi, entity))
            json_array_append_new(created, json_string(id_of(entity)));
    }
    if (json_array_size(errors))
        result = answer_json(207, json_pack("{sO,sO}", "success", success, "errors", errors));
    else if (json_array_size(created))
        result = answer_json(201, json_incref(created));
    else
        result = answer(204, "application/json", sim_copy(""));
    json_decref(errors);
    json_decref(created);
    json_decref(success);
    return result;
}

static bool begins(const char *text, const char *head)
{
    return text && strncmp(text, head, strlen(head)) == 0;
}

/* What is wrong around the body; NULL: nothing. */
static const char *wrong_around(const struct city_request *request)
{
    bool is_ld = is(request, "POST", path_ld), is_datex = is(request, "POST", path_datex);
    if (!begins(request->content_type, is_datex ? "application/xml" : "application/json"))
        return "another Content-Type is allowed";
    if (is_ld && (!request->options || strcmp(request->options, "update") != 0))
        return "without options=update an upsert would replace";
    if (is_ld && (!begins(request->link, "<http") ||
                  !strstr(request->link, "rel=\"http://www.w3.org/ns/json-ld#context\"")))
        return "application/json needs a Link to the @context";
    return NULL;
}

static bool may_push(const struct city_context *context, const struct city_request *request)
{
    static const char scheme[] = "Bearer ";
    const char *token = context->settings->token, *sent = request->authorization;
    if (!token)
        return true;
    if (is(request, "POST", path_v2))
        return request->auth_token && strcmp(request->auth_token, token) == 0;
    return begins(sent, scheme) && strcmp(sent + sizeof scheme - 1, token) == 0;
}

static struct city_answer take_publication(struct city_ngsi *ngsi,
                                           const struct city_request *request)
{
    free(ngsi->publication);
    ngsi->publication = sim_copy(request->body);
    ngsi->batches++;
    return answer(200, "text/plain", sim_copy(""));
}

static struct city_answer look(const struct city_ngsi *ngsi, const struct city_request *request)
{
    if (is(request, "GET", path_entities))
        return answer_json(
            200, json_pack("{sO,sI}", "entities", ngsi->entities, "batches", ngsi->batches));
    if (!ngsi->publication)
        return refuse(404, "NotFound", "no publication has come yet");
    return answer(200, "application/xml", sim_copy(ngsi->publication));
}

struct city_answer city_ngsi(const struct city_context *context, const struct city_request *request)
{
    if (city_ngsi_is_look(request))
        return look(context->ngsi, request);
    if (!may_push(context, request))
        return refuse(401, "Unauthorized", "a token is needed");
    const char *wrong = wrong_around(request);
    if (wrong)
        return breach(context, wrong, request->path);
    if (is(request, "POST", path_datex))
        return take_publication(context->ngsi, request);
    bool is_ld = is(request, "POST", path_ld);
    json_t *body = json_loadb(request->body, request->body_size, JSON_REJECT_DUPLICATES, NULL);
    if (!body || json_is_array(body) != is_ld || (is_ld && !json_array_size(body))) {
        json_decref(body);
        return breach(context, "the body is no batch", request->path);
    }
    struct city_answer result = is_ld ? take_ld(context, body) : take_v2(context, body);
    context->ngsi->batches++;
    json_decref(body);
    return result;
}
