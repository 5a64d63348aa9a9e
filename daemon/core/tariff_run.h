/*
 * Inside the evaluator: what its files ask of each other, in the order of evaluation. Only
 * tariff*.c include this. Everything lives on the stack of tariff_price().
 */
#ifndef CORE_TARIFF_RUN_H
#define CORE_TARIFF_RUN_H

#include "daemon/core/tariff_walk.h"

/* A stretch of a stay that is priced on its own; §5 to §13. */
struct tariff_piece {
    const struct tariff *version; /* the one that begins it */
    int64_t from_s, to_s;
};

struct tariff_job {
    const struct tariff_book *book;
    const struct tariff_stay *stay;
    int64_t entry_s, exit_s;  /* §1 */
    enum vehicle_class class; /* §2 */
    uint32_t classes;         /* its bit and those of `also` */
    struct tariff_trace *trace;
    struct tariff_fee *fee; /* its marks are set on the way */
};

/* Adds a note about [from, to) that is no charge of a window. */
void tariff_note(const struct tariff_job *job, const struct tariff_note *note);

/* §5. The part of `version` that prices a piece. */
const struct tariff_part *tariff_part_of(const struct tariff_job *job,
                                         const struct tariff_piece *piece,
                                         const struct tariff *version);

/* §6. When charging begins; at or after `to_s`: never. `free_time`: the piece has any. */
int64_t tariff_free_until(const struct tariff_job *job, const struct tariff_piece *piece,
                          const struct tariff_part *part, bool free_time);

/* §7 to §12. What charging a stretch comes to; `anchor_s`: from where rolling cycles count. */
int64_t tariff_run(const struct tariff_job *job, const struct tariff_part *part,
                   struct tariff_span stretch, int64_t anchor_s);

/* §3. The version by which the stay is finished. */
const struct tariff *tariff_version_of(const struct tariff_job *job);

/* §4 to §13. The whole stay. */
struct money tariff_stay_price(const struct tariff_job *job, const struct tariff *version);

/* §13. */
struct money tariff_multiplied(const struct tariff_job *job, const struct tariff *version,
                               int64_t fen);

/* §14 to §18. The fee of a sum. */
int64_t tariff_finish(const struct tariff_job *job, const struct tariff *version, struct money sum);

#endif
