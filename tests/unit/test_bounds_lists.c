/* Bounds of lists and texts that stand alone: what is remembered lately, one request, one message.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/json.h"
#include "daemon/base/log.h"
#include "daemon/core/recent.h"
#include "daemon/uplink/adapter.h"
#include "daemon/uplink/batch.h"
#include "sensors/network/envelope.h"
#include "tests/unit/small_site.h"

enum { READS = 16384, PLATES = 512, BATCH = 500, REQUEST = 512 * 1024, ROWS = 8192 };

static void reads(struct recent *recent, unsigned n, const char *plate)
{
    struct record record = {.kind = RECORD_PLATE_READ, .at = {1000 + n}};

    snprintf(record.plate_read.event, sizeof record.plate_read.event, "%016x", 2 * n + 2);
    text_copy(record.plate_read.plate, sizeof record.plate_read.plate, plate);
    recent_apply(recent, &record);
}

static bool knows(const struct recent *recent, unsigned n)
{
    char event[20];

    snprintf(event, sizeof event, "%016x", 2 * n + 2);
    return recent_event(recent, event);
}

static void of_the_reads_that_are_known_when_they_come_again_the_oldest_is_forgotten(void **state)
{
    struct recent *recent = recent_create();

    (void)state;
    for (unsigned n = 0; n < READS; n++)
        reads(recent, n, "");
    assert_true(knows(recent, 0) && knows(recent, READS - 1));
    reads(recent, READS, "");
    assert_false(knows(recent, 0));
    assert_true(knows(recent, 1) && knows(recent, READS));
    recent_destroy(recent);
}

static void of_the_plates_seen_lately_the_oldest_is_forgotten(void **state)
{
    struct recent *recent = recent_create();

    (void)state;
    reads(recent, 0, "FIRST");
    for (unsigned n = 1; n < PLATES; n++)
        reads(recent, n, "OTHER");
    assert_true(recent_read(recent, 0, "FIRST", (utc_ms){0}));
    reads(recent, PLATES, "OTHER");
    assert_false(recent_read(recent, 0, "FIRST", (utc_ms){0}));
    recent_destroy(recent);
}

/* The outbox holds more records, each of so many bytes. */
static struct outbox *many_records(size_t size)
{
    const struct outbox_rules rules = {.kinds = 1 << RECORD_GATEWAY,
                                       .rows = ROWS,
                                       .marks = ROWS,
                                       .retry_ms = 1000,
                                       .retry_max_ms = 1000,
                                       .seed = 1};
    const struct outbox_progress fresh = {.since = 1, .kinds = rules.kinds};
    struct outbox *outbox = outbox_create(&rules, &fresh);
    char body[RECORD_BODY_MAX];

    outbox_page(outbox, NULL, 0, true, (mono_ms){0});
    memset(body, ' ', size);
    memcpy(body, "{\"type\":\"gateway\"", 17);
    body[size - 1] = '}';
    for (uint64_t seq = 1; seq <= BATCH + 10; seq++) {
        struct store_row row = {
            .seq = seq, .kind = RECORD_GATEWAY, .body = body, .body_size = size};

        snprintf(row.id, sizeof row.id, "%032llx", (unsigned long long)seq);
        outbox_fresh(outbox, &row, 1);
    }
    return outbox;
}

static void one_request_carries_so_many_records_and_the_rest_goes_with_the_next(void **state)
{
    const struct adapter *json = adapter_by_name("json");
    struct outbox *outbox = many_records(20);
    struct batch batch;
    struct adapter_answer taken = {.verdict = ADAPTER_DELIVERED};

    (void)state;
    batch_init(&batch, outbox, json->batch_max);
    assert_true(batch_take(&batch));
    assert_int_equal(batch.count, BATCH);
    assert_int_equal(batch_settle(&batch, &taken, (mono_ms){0}), BATCH_WENT);
    assert_true(batch_take(&batch));
    assert_int_equal(batch.count, 10);
    batch_fini(&batch);
    outbox_destroy(outbox);
}

/* Halves of a batch that is too long, until one fits: its bytes. */
static void what_is_longer_than_a_request_is_sent_in_parts(void **state)
{
    const struct adapter *json = adapter_by_name("json");
    struct outbox *outbox = many_records(RECORD_BODY_MAX - 1);
    struct small_site site;
    struct batch batch;
    char *bytes = malloc(REQUEST), small[1024];
    struct adapter_request request;
    size_t tries = 0;
    struct err err;

    (void)state;
    small_site_init(&site);
    const struct adapter_context context = {.plan = &site.plan};
    assert_int_equal(json->body_max, REQUEST);
    batch_init(&batch, outbox, json->batch_max);
    for (;;) {
        text_init(&request.target, small, sizeof small / 2);
        text_init(&request.headers, small + sizeof small / 2, sizeof small / 2);
        text_init(&request.body, bytes, REQUEST);
        assert_true(batch_take(&batch));
        assert_true(json->records(&context, batch.rows, batch.count, &request, &err));
        if (!request.body.overflow)
            break;
        batch_split(&batch, "longer than a request may be");
        assert_in_range(++tries, 1, 9);
    }
    assert_true(tries > 0 && batch.count > 1);
    batch_fini(&batch);
    outbox_destroy(outbox);
    free(bytes);
}

/* By json_read(), as network_received() does. */
static void a_message_of_a_radio_network_beyond_the_bound_is_refused(void **state)
{
    char *text = malloc(ENVELOPE_JSON_MAX + 2);
    struct err err;

    (void)state;
    memset(text, ' ', ENVELOPE_JSON_MAX + 1);
    memcpy(text, "{}", 2);
    struct json *good = json_read(text, ENVELOPE_JSON_MAX, ENVELOPE_JSON_MAX, &err);
    assert_non_null(good);
    json_release(good);
    assert_null(json_read(text, ENVELOPE_JSON_MAX + 1, ENVELOPE_JSON_MAX, &err));
    free(text);
}

static void a_line_of_the_log_is_cut(void **state)
{
    char path[] = "/tmp/parkd-log-XXXXXX", text[4000], read_back[sizeof text];
    int file = mkstemp(path), error = dup(STDERR_FILENO);

    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    dup2(file, STDERR_FILENO);
    log_error("bus \"%s\": gone", text);
    dup2(error, STDERR_FILENO);
    close(error);
    ssize_t size = pread(file, read_back, sizeof read_back, 0);
    close(file);
    unlink(path);
    assert_in_range(size, 1000, 1024);
    assert_int_equal(read_back[size - 1], '\n');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_the_reads_that_are_known_when_they_come_again_the_oldest_is_forgotten),
        cmocka_unit_test(of_the_plates_seen_lately_the_oldest_is_forgotten),
        cmocka_unit_test(one_request_carries_so_many_records_and_the_rest_goes_with_the_next),
        cmocka_unit_test(what_is_longer_than_a_request_is_sent_in_parts),
        cmocka_unit_test(a_message_of_a_radio_network_beyond_the_bound_is_refused),
        cmocka_unit_test(a_line_of_the_log_is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
