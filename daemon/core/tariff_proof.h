/* Inside the proof of a tariff; only tariff_proof.c and tariff_cover.c include this. */
#ifndef CORE_TARIFF_PROOF_H
#define CORE_TARIFF_PROOF_H

#include "daemon/core/tariff_rules.h"

enum { TARIFF_PROOF_TEXT = 300 };

struct tariff_proof {
    tariff_mistake_fn *mistake;
    void *arg;
    bool sound; /* nothing told yet */
};

void tariff_proof_tell(struct tariff_proof *proof, uint32_t line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The windows of a part: each second of each kind of day for each class lies in one, or in a gap
 * that is said. */
void tariff_cover_prove(struct tariff_proof *proof, const struct tariff_part *part);

#endif
