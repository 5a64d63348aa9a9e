/*
 * parkctl fee --batch: one stay a line in (fee_stay.h), one answer a line out, in the same order:
 * {"id":…,"fee":N,"currency":"CNY"} or {"id":…,"error":"…"}. A line that cannot be priced ends
 * nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/core/text.h"
#include "daemon/ctl/fee.h"
#include "daemon/ctl/fee_stay.h"

enum { LINE_MAX_SIZE = 1 << 20, ANSWER_SIZE = 4096 };

/* Room that the lines use one after another. */
struct batch {
    struct tariff_library *library;
    struct fee_stay stay;
    struct fee_days days;
    uint64_t lines, refused;
};

/* The line's own id as it was written: a text, a number, or null. */
static void put_id(const struct json *line, struct text *out)
{
    const struct json *id = json_member(line, "id");

    text_add(out, "{\"id\":");
    if (json_kind(id) == JSON_KIND_INT)
        text_add(out, "%lld", (long long)json_int(id, 0));
    else
        text_json_string(out, json_text(id, NULL));
}

static bool price(struct batch *batch, const struct json *line, struct tariff_fee *ret,
                  struct err *err)
{
    const char *id = json_text(json_member(line, "tariff"), NULL);

    if (!id)
        return err_set(err, "tariff is not said");
    const struct tariff_book *book = tariff_library_book(batch->library, id, err);
    if (!book || !fee_stay_read(line, &batch->stay, err))
        return false;
    struct tariff_book own = *book;
    if (batch->stay.own_dates) {
        fee_stay_calendar(&batch->stay, book->calendar, &batch->days);
        own.calendar = &batch->days.calendar;
    }
    enum tariff_verdict verdict = tariff_price(&own, &batch->stay.stay, NULL, ret);
    if (verdict != TARIFF_PRICED)
        return err_set(err, "%s", tariff_verdict_text(verdict));
    return true;
}

static void answer(struct batch *batch, const char *bytes, size_t size)
{
    char text[ANSWER_SIZE];
    struct text out;
    struct tariff_fee fee;
    struct err err;
    struct json *line = json_read(bytes, size, LINE_MAX_SIZE, &err);

    text_init(&out, text, sizeof text);
    put_id(line, &out);
    batch->lines++;
    if (line && price(batch, line, &fee, &err)) {
        text_json_int(&out, "fee", fee.fen);
        text_json_pair(&out, "currency", fee.version->currency);
    } else {
        text_json_pair(&out, "error", err.text);
        batch->refused++;
    }
    text_add(&out, "}");
    puts(text);
    json_release(line);
}

static bool blank(const char *bytes)
{
    return bytes[strspn(bytes, " \t\r\n")] == '\0';
}

enum ctl_exit fee_batch(const struct ctl *ctl, struct tariff_library *library)
{
    FILE *in = strcmp(ctl->batch, "-") == 0 ? stdin : fopen(ctl->batch, "re");
    struct batch *batch = memory_new(1, sizeof *batch);
    char *line = NULL;
    size_t room = 0;
    struct err err;

    batch->library = library;
    for (ssize_t size; in && (size = getline(&line, &room, in)) >= 0;)
        if (!blank(line))
            answer(batch, line, (size_t)size);
    bool read = in && !ferror(in);
    if (!read)
        err_errno(&err, "cannot read %s", ctl->batch);
    if (in && in != stdin)
        fclose(in);
    enum ctl_exit exit = !read ? ctl_refused(ctl, &err) : batch->refused ? CTL_REFUSED : CTL_DONE;
    free(line);
    free(batch);
    return exit;
}
