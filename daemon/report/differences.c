/* Records of differences. See differences.h. */
#include "daemon/report/differences.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/report/body.h"
#include "daemon/store/sql.h"

/* The text under `key` as it was before it became JSON: only quotes and backslashes are escaped, as
 * control characters became spaces. */
static void plain(const char *body, const char *key, char *ret, size_t size)
{
    char escaped[2 * RECORD_PHRASE];
    const char *from = escaped;
    size_t used = 0;

    body_text(body, key, escaped, sizeof escaped);
    for (; *from && used + 1 < size; from++) {
        from += *from == '\\' && from[1];
        ret[used++] = *from;
    }
    ret[used] = '\0';
}

void report_difference_read(const char *body, struct record_difference *ret)
{
    static const utc_ms none = {0};
    int class = body_word(body, "class", &difference_class_words);
    int state = body_word(body, "state", &difference_state_words);

    *ret = (struct record_difference){
        .class = class < 0 ? DIFFERENCE_SETTLEMENT : (enum difference_class) class,
        .state = state < 0 ? DIFFERENCE_OPEN : (enum difference_state)state,
        .of_refund = body_flag(body, "of_refund"),
        .gateway_fen = body_int(body, "gateway_fen", RECORD_NO_AMOUNT),
        .channel_fen = body_int(body, "channel_fen", RECORD_NO_AMOUNT),
        .at_risk_fen = body_int(body, "at_risk_fen", 0),
        .since = body_time(body, "since", none),
    };
    plain(body, "difference", ret->difference, sizeof ret->difference);
    plain(body, "day", ret->day, sizeof ret->day);
    plain(body, "channel", ret->channel, sizeof ret->channel);
    plain(body, "order", ret->order, sizeof ret->order);
    plain(body, "channel_order", ret->channel_order, sizeof ret->channel_order);
    plain(body, "transaction", ret->transaction, sizeof ret->transaction);
    plain(body, "refund", ret->refund, sizeof ret->refund);
    plain(body, "statement", ret->statement, sizeof ret->statement);
    plain(body, "actor", ret->actor, sizeof ret->actor);
    plain(body, "reason", ret->reason, sizeof ret->reason);
}

bool report_differences(struct report_source *source, struct record_difference **ret,
                        uint32_t *ret_count, struct err *err)
{
    struct statement *query =
        sql_prepare(report_sql(source),
                    "SELECT max(seq), body FROM facts WHERE kind = 'difference' AND kind <> "
                    "'bay_changed' GROUP BY body->>'difference' ORDER BY 1",
                    err);
    struct record_difference *all = NULL;
    uint32_t count = 0;
    enum sql_step step;

    if (!query)
        return false;
    while ((step = sql_step(query, err)) == SQL_ROW) {
        if ((count & (count - 1)) == 0) /* grown at each power of two */
            all = memory_grow(all, count ? 2 * (size_t)count : 1, sizeof *all);
        report_difference_read(sql_text(query, 1, NULL), &all[count++]);
    }
    sql_finalize(query);
    if (step == SQL_FAILED) {
        free(all);
        return false;
    }
    *ret = all;
    *ret_count = count;
    return true;
}
