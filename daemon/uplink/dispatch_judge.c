/* What an answer of a city's platform means: rule 4 of dispatch.h. */
#include <inttypes.h>

#include "daemon/uplink/dispatch_inside.h"

/* Of an answer that is none of the protocol: a proxy's or a web server's. */
static const struct status {
    int from, to;
    enum adapter_verdict verdict;
    const char *advice;
} statuses[] = {
    {401, 401, ADAPTER_STOP, "; check the account and the keys"},
    {403, 403, ADAPTER_STOP, "; check the account, and that our address is registered there"},
    {404, 405, ADAPTER_STOP, "; check the url"},
    {429, 429, ADAPTER_RETRY, ""},
    {503, 503, ADAPTER_RETRY, ""},
    {0, 999, ADAPTER_FAILED, ""},
};

static enum adapter_verdict by_status(const struct adapter_reply *reply, struct text *reason)
{
    const struct status *row = statuses;

    while (reply->status < row->from || reply->status > row->to)
        row++;
    text_add(reason, "the platform answers HTTP %d, in no form of its own%s", reply->status,
             row->advice);
    return row->verdict;
}

static const struct city_code *known_code(const struct city *city, int64_t code)
{
    for (const struct city_code *row = city->codes; row->word; row++)
        if (row->code == code)
            return row;
    return NULL;
}

static enum adapter_verdict by_code(const struct dispatch *dispatch, const struct city_said *said,
                                    struct text *reason)
{
    const struct uplink_settings *settings = dispatch->setup.settings;
    const struct city_code *known = known_code(dispatch->city, said->code);

    text_add(reason, "the platform answers %" PRId64 " (%s)", said->code,
             known ? known->word : "not in its documents");
    if (said->message[0])
        text_add(reason, ": %s", said->message);
    for (uint32_t i = 0; i < settings->codes_count; i++)
        if (settings->codes[i].code == said->code)
            return (enum adapter_verdict)settings->codes[i].means;
    return known ? known->means : ADAPTER_FAILED;
}

enum adapter_verdict dispatch_judge(const struct dispatch *dispatch,
                                    const struct adapter_reply *reply, const char *trouble,
                                    struct city_said *ret, struct text *ret_reason)
{
    *ret = (struct city_said){.parsed = false};
    if (!reply->status) {
        text_add(ret_reason, "%s", trouble);
        return ADAPTER_RETRY;
    }
    dispatch->city->read(reply, ret);
    if (!ret->parsed)
        return by_status(reply, ret_reason);
    enum adapter_verdict verdict = by_code(dispatch, ret, ret_reason);
    bool good = verdict == ADAPTER_DELIVERED || verdict == ADAPTER_DUPLICATE;
    return good && reply->status >= 500 ? ADAPTER_FAILED : verdict;
}
