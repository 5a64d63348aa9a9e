/* Closed reports proved. See prove.h. */
#include "daemon/report/prove.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/zone.h"
#include "daemon/report/closed.h"
#include "daemon/report/evidence.h"
#include "daemon/report/fees.h"

/* DESIGN section 6: sums that add up, per day and channel. */
enum { RULE_SUMS = 12 };

struct proof {
    struct report_source *source;
    struct report_closed *all;
    uint32_t count, proved, summed, pruned;
    audit_finding_fn *fn;
    void *arg;
    size_t *breaches;
};

static void tell(struct proof *proof, bool good, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void tell(struct proof *proof, bool good, const char *format, ...)
{
    struct audit_finding finding = {.rule = RULE_SUMS, .name = "reports", .good = good};
    va_list args;

    va_start(args, format);
    vsnprintf(finding.text, sizeof finding.text, format, args);
    va_end(args);
    *proof->breaches += !good;
    proof->fn(proof->arg, &finding);
}

/* What binds the report to the ones before it; NULL when all is well. */
static const char *loose_end(const struct proof *proof, uint32_t at)
{
    const struct record_report *report = &proof->all[at].report;
    const struct record_report *before = at ? &proof->all[at - 1].report : NULL;
    const struct report_closed *first = NULL;

    for (uint32_t i = 0; i < at && !first; i++)
        if (!strcmp(proof->all[i].report.day, report->day))
            first = &proof->all[i];
    if (report->number != (before ? before->number : 0) + 1)
        return "its number does not follow the one before";
    if (strcmp(report->previous, before ? before->digest : "") != 0)
        return "it does not name the digest of the one before";
    if ((uint64_t)report->through >= proof->all[at].seq)
        return "it tells of records that came after it";
    if (report->event == CLOSING_DAY && first)
        return "its day had been closed";
    if (report->event == CLOSING_SUPPLEMENT && !first)
        return "its day had not been closed";
    if (first && (first->report.from.ms != report->from.ms || first->report.to.ms != report->to.ms))
        return "it is of other hours than the day's report";
    return NULL;
}

/* The figures made again, beside those that were recorded. */
struct again {
    bool whole, founded; /* report.h */
    bool same;           /* the digest */
    char digest[HASH_HEX_SIZE];
    const char *first; /* of the main sums that differ; NULL none */
};

static bool make_again(struct proof *proof, const struct record_report *report, struct again *ret,
                       struct err *err)
{
    struct zone *zone = zone_open(ZONE_FOLDER, report->zone, err);
    int32_t fee_ppm[PAY_CHANNELS];
    struct report *again = NULL;
    char sums[RECORD_PHRASE];

    if (zone && fees_read(report->fees, fee_ppm, err)) {
        struct report_ask ask = {
            .period = {.days = 1, .from = report->from, .to = report->to},
            .zone = zone_civil(zone),
            .through = (uint64_t)report->through,
            .until = report->to,
            .fee_ppm = fee_ppm,
        };
        again = report_make(proof->source, &ask, err);
    }
    if (again) {
        *ret = (struct again){.whole = again->whole, .founded = again->founded};
        report_digest(again, ret->digest);
        ret->same = !strcmp(ret->digest, report->digest);
        report_sums(&again->all, sums);
        ret->first = report_sums_differ(report->sums, sums);
    }
    report_destroy(again);
    zone_close(zone);
    return again;
}

/* 1. What it says is as it was written, and what binds it to the others holds, whatever is gone.
 * 2. With all records of its period its sums come again.
 * 3. With what they stand on, too, its digest does. */
static void prove_one(struct proof *proof, uint32_t at)
{
    const struct record_report *report = &proof->all[at].report;
    const char *loose = loose_end(proof, at);
    bool written = false;
    struct again again;
    struct err err;

    if (!evidence_holds(proof->source, proof->all[at].seq, &written, &err))
        loose = err.text;
    else if (!written)
        loose = "it is not as it was written";
    if (loose)
        tell(proof, false, "report %" PRId64 " of %s, record %" PRIu64 ": %s", report->number,
             report->day, proof->all[at].seq, loose);
    else if (!make_again(proof, report, &again, &err))
        tell(proof, false, "report %" PRId64 " of %s: %s", report->number, report->day, err.text);
    else if (again.same)
        proof->proved++;
    else if (again.whole && (again.founded || again.first))
        tell(proof, false,
             "report %" PRId64
             " of %s: its figures are %.16s…, closed as %.16s…; first difference: %s",
             report->number, report->day, again.digest, report->digest,
             again.first ? again.first : "none of the sums, a single lot's figure or a curve");
    else if (again.whole)
        proof->summed++;
    else
        proof->pruned++;
}

bool report_prove(const char *path, audit_finding_fn *fn, void *arg, size_t *breaches,
                  struct err *err)
{
    struct proof proof = {.fn = fn, .arg = arg, .breaches = breaches};
    size_t before = *breaches;

    proof.source = report_open(path, err);
    if (!proof.source)
        return false;
    bool good = report_closed_all(proof.source, &proof.all, &proof.count, err);
    for (uint32_t i = 0; good && i < proof.count; i++)
        prove_one(&proof, i);
    if (good && *breaches == before)
        tell(&proof, true,
             "%u closed: %u give their digest again, %u their sums, %u lie before what was pruned",
             proof.count, proof.proved, proof.summed, proof.pruned);
    free(proof.all);
    report_close(proof.source);
    return good;
}
