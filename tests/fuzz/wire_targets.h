/*
 * What the fuzz targets of small messages do with any bytes: answers of platforms, records read
 * back from the database, acts, plates, downlinks, orders. Each asserts what must hold of every
 * outcome.
 */
/* long: one target a kind of message, each beside its rules */
#ifndef FUZZ_WIRE_TARGETS_H
#define FUZZ_WIRE_TARGETS_H

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/charset.h"
#include "daemon/core/match.h"
#include "daemon/serve/acts.h"
#include "daemon/store/record_read.h"
#include "daemon/uplink/order_json.h"
#include "sensors/drivers.h"
#include "tests/unit/small_site.h"

enum { WIRE_ROWS = 4, WIRE_FACTS = 3 };

/* ---- answers of platforms: "ADAPTER STATUS RECORDS\n", then the body ---- */

static inline void check_answer(const struct adapter_answer *answer, int status, bool item)
{
    assert(answer->verdict <= ADAPTER_EACH && (!item || answer->verdict <= ADAPTER_REFUSED));
    assert(answer->verdict != ADAPTER_DELIVERED || (status >= 200 && status < 300));
    assert(memchr(answer->reason, '\0', sizeof answer->reason));
    assert(answer->verdict == ADAPTER_DELIVERED || answer->verdict == ADAPTER_DUPLICATE ||
           answer->verdict == ADAPTER_EACH || answer->reason[0]);
    (void)answer;
    (void)status;
    (void)item;
}

static inline void classify_records(const struct adapter *adapter,
                                    const struct adapter_reply *reply, size_t count)
{
    struct store_row rows[WIRE_ROWS];
    struct adapter_answer whole, items[WIRE_ROWS];

    for (unsigned i = 0; i < WIRE_ROWS; i++) {
        rows[i] = (struct store_row){.seq = 42 + i, .body = "{}", .body_size = 2};
        snprintf(rows[i].id, sizeof rows[i].id, "%032x", 0xabc0 + i);
    }
    adapter->classify(reply, rows, count, &whole, items);
    check_answer(&whole, reply->status, false);
    assert(whole.verdict != ADAPTER_EACH || count > 0);
    for (size_t i = 0; whole.verdict == ADAPTER_EACH && i < count; i++)
        check_answer(&items[i], reply->status, true);
}

static inline void classify_state(const struct adapter *adapter, const struct adapter_reply *reply)
{
    static const struct adapter_fact facts[WIRE_FACTS] = {{false, 0}, {true, A_001}, {true, A_002}};
    const struct uplink_settings settings = {.entity_prefix = "", .context = "", .bays = true};
    struct adapter_answer whole, items[WIRE_FACTS];
    struct small_site site;

    small_site_init(&site);
    const struct adapter_context context = {.plan = &site.plan, .settings = &settings};
    const struct adapter_state state = {facts, WIRE_FACTS, items};
    adapter->classify_state(&context, reply, &state, &whole);
    check_answer(&whole, reply->status, false);
    for (size_t i = 0; whole.verdict == ADAPTER_EACH && i < WIRE_FACTS; i++)
        check_answer(&items[i], reply->status, true);
}

static inline void fuzz_answers(const uint8_t *bytes, size_t size)
{
    const uint8_t *end = memchr(bytes, '\n', size);
    size_t head = end ? (size_t)(end - bytes) : size;
    char first[64] = "", name[16];
    unsigned status, count;

    memcpy(first, bytes, head < sizeof first ? head : sizeof first - 1);
    if (!end || sscanf(first, "%15s %3u %1u", name, &status, &count) != 3)
        return;
    const struct adapter *adapter = adapter_by_name(name);
    const struct adapter_reply reply = {.status = (int)status,
                                        .retry_after_ms = -1,
                                        .body = (const char *)end + 1,
                                        .size = size - head - 1};
    if (adapter && adapter->classify)
        classify_records(adapter, &reply, count % (WIRE_ROWS + 1));
    if (adapter && adapter->classify_state)
        classify_state(adapter, &reply);
}

/* ---- a record's canonical JSON: what is believed is written and read again the same ---- */

static inline void fuzz_record_read(const uint8_t *bytes, size_t size)
{
    char body[RECORD_BODY_MAX + 1];
    struct record record, again;
    struct small_site site;
    struct text text;
    struct err err = {.text = ""};

    small_site_init(&site);
    struct record_reader *reader = record_read_create(&site.plan);
    if (record_read(reader, (const char *)bytes, size, &record, &err) == RECORD_READ_DONE) {
        text_init(&text, body, sizeof body);
        record_encode(&record, &site.plan, &text);
        assert(!text.overflow);
        assert(record_read(reader, body, text.used, &again, &err) == RECORD_READ_DONE);
        assert(!memcmp(&again, &record, sizeof record));
        (void)again;
    } else {
        assert(err.text[0]);
    }
    record_read_destroy(reader);
}

/* ---- | act | JSON body | ---- */

static inline void fuzz_acts(const uint8_t *bytes, size_t size)
{
    struct serve_words words = {.given = 0};
    struct err err = {.text = ""};

    if (size < 1)
        return;
    enum serve_act act = (enum serve_act)(bytes[0] % SERVE_ACTS);
    const struct serve_act_row *row = &serve_acts[act];
    struct json *body = json_read((const char *)bytes + 1, size - 1, 4096, NULL);
    if (body && acts_read(act, body, &words, &err)) {
        assert((words.given & row->needs) == row->needs);
        assert(!(words.given & ~(row->needs | row->either | row->may)));
        assert(!row->either || (words.given & row->either));
        assert(words.amount_fen >= 0 && words.value >= 0 && words.for_s >= 0);
        assert(memchr(words.reason, '\0', sizeof words.reason));
    } else {
        assert(words.given == 0 && (!body || err.text[0]));
    }
    (void)row;
    json_release(body);
}

/* ---- two plates, a line feed between them ---- */

static inline void fuzz_plate(const uint8_t *bytes, size_t size)
{
    const uint8_t *end = memchr(bytes, '\n', size);
    size_t length = end ? (size_t)(end - bytes) : size;
    char *raw = strndup((const char *)bytes, length);
    char *other = end ? strndup((const char *)end + 1, size - length - 1) : strdup("");
    char a[PLATE_SIZE], b[PLATE_SIZE], again[PLATE_SIZE];
    bool good = plate_normal(raw, a) && plate_normal(other, b);

    if (good) {
        assert(charset_is_utf8(a, strlen(a)) || !charset_is_utf8(raw, strlen(raw)));
        assert(plate_normal(a, again) && !strcmp(a, again));
        assert(memchr(plate_masked(a, again), '\0', PLATE_SIZE));
        plate_plausible(a, PLATE_GREEN);
        assert(match_distance(a, a, 60) == MATCH_SAME || strchr(a, '?'));
        assert(match_distance(a, b, 60) == match_distance(b, a, 60));
        assert(match_distance(a, b, 60) <= 60);
    }
    free(raw);
    free(other);
}

/* ---- | port | row | value, 4 bytes | a frame as text | ---- */

static inline void check_encode(const struct sensor_driver *driver,
                                const struct downlink_wish *wish)
{
    struct downlink_frame frame = {.size = 0};
    enum report_event answer;
    bool must;
    struct err err = {.text = ""};

    if (downlinks_encode(driver, wish, &frame, &answer, &must, &err))
        assert(frame.size > 0 && frame.size <= DOWNLINK_MAX && frame.port > 0);
    else
        assert(err.text[0]);
}

static inline void fuzz_downlinks(const uint8_t *bytes, size_t size)
{
    struct downlink_frame frame = {.size = 0};
    struct downlink_wish wish = {.valued = true};

    if (size < 6)
        return;
    memcpy(&wish.value, bytes + 2, sizeof wish.value);
    char *text = strndup((const char *)bytes + 6, size - 6);
    bool parsed = downlinks_parse(text, bytes[0], &frame);
    assert(!parsed || (frame.size <= DOWNLINK_MAX && frame.port > 0));
    for (size_t i = 0; i < drivers_count(); i++) {
        const struct sensor_driver *driver = drivers_at(i);
        const struct sensor_downlink *rows = driver->downlinks;

        wish.name = DOWNLINK_RECALIBRATE;
        wish.recalibrate = parsed && bytes[1] & 1 ? &frame : NULL;
        wish.settings = parsed && bytes[1] & 2 ? &frame : NULL;
        check_encode(driver, &wish);
        for (; rows && rows->name; rows++) {
            wish.name = rows->name;
            check_encode(driver, &wish);
        }
        wish.name = text;
        check_encode(driver, &wish);
    }
    free(text);
}

/* ---- orders of a platform: the topic's last level "\n", then the body ---- */

static inline void check_order(const struct city_order *order)
{
    assert(order->act < PLATFORM_ACTS && order->list < LIST_KINDS && !order->lot);
    assert(order->channel < PAY_CHANNELS && order->id[0] && order->actor[0] && order->note[0]);
    assert(order->not_after.ms > 0 && order->amount_fen >= 0 && order->amount_fen <= 1000000000);
    assert((order->act == PLATFORM_PAID) == (order->amount_fen > 0));
    assert(memchr(order->transaction, '\0', sizeof order->transaction));
    assert(memchr(order->lane, '\0', sizeof order->lane));
    assert(memchr(order->ticket, '\0', sizeof order->ticket));
    (void)order;
}

static inline void fuzz_order(const uint8_t *bytes, size_t size)
{
    const uint8_t *end = memchr(bytes, '\n', size);
    struct city_order order;
    struct err err = {.text = ""};

    if (!end)
        return;
    char *id = strndup((const char *)bytes, (size_t)(end - bytes)), reply[1024];
    const struct city_call call = {
        .path = id, .body = (const char *)end + 1, .size = size - (size_t)(end + 1 - bytes)};
    struct platform_said said = {.verdict = PLATFORM_DONE, .seq = size};
    struct text out;

    if (order_json_read(&call, &order, &err)) {
        check_order(&order);
        text_init(&out, reply, sizeof reply);
        order_json_reply(order.id, &said, order.not_after, &out);
        assert(!out.overflow);
        struct json *read = json_read(out.bytes, out.used, sizeof reply, &err);
        assert(json_int(json_member(read, "seq"), 0) == (int64_t)size);
        json_release(read);
    } else {
        assert(err.text[0]);
    }
    free(id);
}

#endif
