/*
 * All that there is about one stay, for a dispute: each record as it was written, with the hashes
 * that bind it into the chain, and what each uplink has done with it. Anyone can check a record:
 * hash = SHA-256(before ‖ seq ‖ at ‖ kind ‖ 0 ‖ body), integers 64-bit big-endian (store/store.h).
 * That body has tokens for plates.
 */
#ifndef REPORT_EVIDENCE_H
#define REPORT_EVIDENCE_H

#include "daemon/report/report.h"

struct evidence_record {
    uint64_t seq;
    utc_ms at;
    const char *kind, *body;
    const char *shown; /* the body with its plates; NULL: it has none, or they are erased */
    char before[HASH_HEX_SIZE], hash[HASH_HEX_SIZE]; /* `before` empty: the record before is gone */
};
typedef bool evidence_record_fn(void *arg, const struct evidence_record *record);

/* In order; texts are borrowed for the call, false stops. */
bool evidence_records(struct report_source *source, const char *stay, evidence_record_fn *fn,
                      void *arg, struct err *err);

/* The pictures of the reads that it came and left by: same lane, its plate as it is or was, within
 * an hour before; `digest`: the first 12 bytes of the JPEG's SHA-256. */
struct evidence_picture {
    uint64_t seq; /* of the read's record, which is in the chain */
    utc_ms at;
    const char *lane, *event, *digest;
};
typedef void evidence_picture_fn(void *arg, const struct evidence_picture *picture);
bool evidence_pictures(struct report_source *source, const char *stay, evidence_picture_fn *fn,
                       void *arg, struct err *err);

/* "delivered", "pending", or what it was set aside for; nothing of uplinks that do not take it. */
typedef void evidence_upload_fn(void *arg, uint64_t seq, const char *uplink, const char *state,
                                const char *reason);
bool evidence_uploads(struct report_source *source, const char *stay, evidence_upload_fn *fn,
                      void *arg, struct err *err);

/* Whether the record is as it was written, by its own hash and that of the one before it. */
bool evidence_holds(struct report_source *source, uint64_t seq, bool *ret, struct err *err);

#endif
