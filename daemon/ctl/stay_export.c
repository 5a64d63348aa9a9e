/* parkctl stay export: everything about one stay as one JSON document, for a dispute. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/core/text.h"
#include "daemon/ctl/commands.h"
#include "daemon/report/evidence.h"

enum { PIECE_SIZE = 1024 };

static bool put_record(void *arg, const struct evidence_record *record)
{
    uint32_t *count = arg;
    char at[UTC_TEXT_SIZE];

    printf("%s\n{\"seq\":%" PRIu64
           ",\"at\":\"%s\",\"kind\":\"%s\",\"before\":\"%s\",\"hash\":\"%s\","
           "\"body\":%s",
           (*count)++ ? "," : "", record->seq, utc_text(record->at, at), record->kind,
           record->before, record->hash, record->body);
    if (record->shown)
        printf(",\"shown\":%s", record->shown);
    putchar('}');
    return true;
}

static void put_upload(void *arg, uint64_t seq, const char *uplink, const char *state,
                       const char *reason)
{
    uint32_t *count = arg;
    char bytes[PIECE_SIZE];
    struct text out;

    text_init(&out, bytes, sizeof bytes);
    text_add(&out, "%s\n{", (*count)++ ? "," : "");
    text_json_int(&out, "seq", (int64_t)seq);
    text_json_pair(&out, "uplink", uplink);
    text_json_pair(&out, "state", state);
    if (*reason)
        text_json_pair(&out, "reason", reason);
    text_add(&out, "}");
    fputs(bytes, stdout);
}

static void put_picture(void *arg, const struct evidence_picture *picture)
{
    uint32_t *count = arg;
    char bytes[PIECE_SIZE], at[UTC_TEXT_SIZE];
    struct text out;

    text_init(&out, bytes, sizeof bytes);
    text_add(&out, "%s\n{", (*count)++ ? "," : "");
    text_json_int(&out, "seq", (int64_t)picture->seq);
    text_json_pair(&out, "at", utc_text(picture->at, at));
    text_json_pair(&out, "lane", picture->lane);
    text_json_pair(&out, "read", picture->event);
    text_json_pair(&out, "sha256_begins", picture->digest);
    text_add(&out, "}");
    fputs(bytes, stdout);
}

static bool print_bundle(struct report_source *source, const char *stay, uint32_t *ret_records,
                         struct err *err)
{
    struct report_head head = report_head(source);
    char bytes[PIECE_SIZE], at[UTC_TEXT_SIZE];
    uint32_t uploads = 0, pictures = 0;
    struct text out;

    text_init(&out, bytes, sizeof bytes);
    text_json_string(&out, stay);
    printf("{\"stay\":%s,\"made\":\"%s\",\"head\":{\"seq\":%" PRIu64 ",\"hash\":\"%s\"},"
           "\"proof\":\"hash = SHA-256(before || seq || at || kind || 0 || body), integers 64-bit "
           "big-endian; a body has tokens for plates, shown has the plates\",\"records\":[",
           bytes, utc_text(clock_utc(), at), head.seq, head.hash);
    bool good = evidence_records(source, stay, put_record, ret_records, err);
    fputs("],\"pictures\":[", stdout);
    good = good && evidence_pictures(source, stay, put_picture, &pictures, err);
    fputs("],\"acknowledgements\":[", stdout);
    good = good && evidence_uploads(source, stay, put_upload, &uploads, err);
    puts("]}");
    return good;
}

enum ctl_exit stay_export(const struct ctl *ctl)
{
    uint32_t records = 0;
    struct err err;

    if (ctl->words_count != 2)
        return ctl_wrong_use(ctl, "say which stay to export");
    struct report_source *source = report_open(ctl->db, &err);
    bool good = source && print_bundle(source, ctl->words[1], &records, &err);
    report_close(source);
    if (good && !records)
        good = err_set(&err, "there is no stay \"%s\"; list them with: parkctl stay list",
                       ctl->words[1]);
    return good ? CTL_DONE : ctl_refused(ctl, &err);
}
