/* What the families of /metrics share: metrics.c, metrics_cameras.c. Seen by these only. */
#ifndef SERVE_METRICS_H
#define SERVE_METRICS_H

#include "daemon/serve/api.h"

struct metrics_family {
    const char *name, *type, *help;
    void (*samples)(const struct metrics_family *family, struct api_call *call);
    size_t counter; /* offset of the uint64_t that it shows, where the function needs one */
};

extern const struct metrics_family metrics_cameras[]; /* the last has name NULL */

/* A sample: label(), more() of them, then its value. Escaping is JSON's, which agrees with the
 * format's on everything that an id may hold. */
void metrics_label(struct text *out, const struct metrics_family *family, const char *key,
                   const char *value);
void metrics_more(struct text *out, const char *key, const char *value);
void metrics_whole(struct text *out, uint64_t value);

#endif
