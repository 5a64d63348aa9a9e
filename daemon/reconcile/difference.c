/* The names of differences, and their sums. See matching.h. */
#include "daemon/reconcile/matching.h"

const char *difference_class_text(enum difference_class class)
{
    return words_name(&difference_class_words, (int)class);
}

const char *difference_state_text(enum difference_state state)
{
    static const char *const names[DIFFERENCE_STATES] = {
        [DIFFERENCE_OPEN] = "OPEN",
        [DIFFERENCE_RESOLVED] = "RESOLVED",
        [DIFFERENCE_AUTO_RESOLVED] = "AUTO_RESOLVED",
    };

    return names[state];
}

/* The amount that a difference is about. */
static int64_t amount(const struct difference *difference)
{
    bool gateway = difference->gateway_fen != MATCHING_NO_AMOUNT;
    bool channel = difference->channel_fen != MATCHING_NO_AMOUNT;

    if (difference->class == DIFFERENCE_LATE || !channel)
        return gateway ? difference->gateway_fen : 0;
    if (!gateway)
        return difference->channel_fen;
    int64_t apart = difference->gateway_fen - difference->channel_fen;
    return apart < 0 ? -apart : apart;
}

struct matching_sum matching_sum(const struct matching *match, enum difference_class class)
{
    struct matching_sum sum = {0};
    uint32_t count;
    const struct difference *differences = matching_differences(match, &count);

    for (uint32_t i = 0; i < count; i++) {
        if (differences[i].class != class)
            continue;
        sum.count++;
        sum.open += differences[i].state == DIFFERENCE_OPEN;
        sum.fen += amount(&differences[i]);
        sum.at_risk_fen += differences[i].at_risk_fen;
    }
    return sum;
}
