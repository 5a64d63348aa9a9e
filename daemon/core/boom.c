/* The words for a barrier. See barrier.h. */
#include "daemon/core/boom.h"

static const char *const states[BOOM_STATES] = {"unknown", "closed",  "opening", "open",
                                                "closing", "stopped", "fault"};
static const char *const qualities[BOOM_QUALITIES] = {"observed", "inferred", "unobservable",
                                                      "stale"};

const struct words boom_state_words = WORDS(states);
const struct words boom_quality_words = WORDS(qualities);
