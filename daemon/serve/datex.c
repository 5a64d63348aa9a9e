/* The newest state as a DATEX II publication, for platforms that fetch it: what the adapter of the
 * same name would push. See routes.h and parkd-datex(7). */
#include "daemon/serve/routes.h"
#include "daemon/uplink/adapter.h"

enum { STATE_SIZE = 64 * 1024, HEADERS_SIZE = 256 };

struct publication {
    struct api_call *call;
    const struct adapter *adapter;
    struct adapter_context context;
    struct adapter_request request; /* its body is the answer */
    struct text state;
};

static void add_lot(struct publication *publication, uint32_t lot)
{
    const struct live *live = publication->call->live;
    struct text *state = &publication->state;
    struct err err;

    text_init(state, state->bytes, state->size);
    live_vacancy(live, publication->call->now, lot, state);
    publication->adapter->lot(&publication->context, lot, state, &publication->request, &err);
}

static void add_bay(struct publication *publication, uint32_t bay)
{
    const struct live *live = publication->call->live;
    struct text *state = &publication->state;
    struct err err;

    text_init(state, state->bytes, state->size);
    view_bay_json(live->source.view, bay, state);
    publication->adapter->bay(&publication->context, bay, state, &publication->request, &err);
}

void datex_status(struct api_call *call)
{
    static const struct uplink_settings nobody = {.entity_prefix = ""};
    const struct site_plan *plan = call->live->source.plan;
    const char *bays = http_exchange_query(call->exchange, "bays");
    char target[1], headers[HEADERS_SIZE], state[STATE_SIZE];
    struct publication publication = {
        .call = call,
        .adapter = adapter_by_name("datex"),
        .context = {.plan = plan, .settings = &nobody, .now = call->now.utc},
        .request = {.body = call->out},
    };

    text_init(&publication.request.target, target, sizeof target);
    text_init(&publication.request.headers, headers, sizeof headers);
    text_init(&publication.state, state, sizeof state);
    call->type = "application/xml";
    publication.adapter->open(&publication.context, &publication.request);
    for (uint32_t i = 0; i < plan->lots_count; i++)
        add_lot(&publication, i);
    for (uint32_t i = 0; bays && i < plan->bays_count; i++)
        add_bay(&publication, i);
    publication.adapter->close(&publication.context, &publication.request);
    call->out = publication.request.body;
}
