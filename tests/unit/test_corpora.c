/*
 * The fuzz targets' corpora, replayed: every seed in tests/fuzz/corpus goes through its target
 * once, under whatever sanitizers this build has.
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/fuzz/call_target.h"
#include "tests/fuzz/camera_target.h"
#include "tests/fuzz/city_target.h"
#include "tests/fuzz/file_targets.h"
#include "tests/fuzz/http_target.h"
#include "tests/fuzz/statement_target.h"
#include "tests/fuzz/targets.h"
#include "tests/fuzz/wire_targets.h"

enum { SEED_MAX = 65536, SEEDS_LEAST = 80 };

static void chirpstack(const uint8_t *bytes, size_t size)
{
    fuzz_envelope(&chirpstack_format, bytes, size);
    fuzz_envelope(&chirpstack_v3_format, bytes, size);
}

static void tts(const uint8_t *bytes, size_t size)
{
    fuzz_envelope(&tts_format, bytes, size);
}

static const char *camera; /* the family whose corpus is replayed */

static void camera_message(const uint8_t *bytes, size_t size)
{
    fuzz_camera(camera, bytes, size);
}

static void replay(const char *pattern, void (*target)(const uint8_t *bytes, size_t size))
{
    static uint8_t seed[SEED_MAX];
    glob_t found;

    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    assert_true(found.gl_pathc >= SEEDS_LEAST);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        FILE *file = fopen(found.gl_pathv[i], "re");
        assert_non_null(file);
        size_t size = fread(seed, 1, sizeof seed, file);
        fclose(file);
        uint8_t *exact = malloc(size ? size : 1);
        memcpy(exact, seed, size);
        target(exact, size);
        free(exact);
    }
    globfree(&found);
}

static void no_seed_breaks_a_decoder(void **state)
{
    (void)state;
    replay("tests/fuzz/corpus/frames/*", fuzz_frames);
    replay("tests/fuzz/corpus/json_path/*", fuzz_json_path);
}

static void no_seed_breaks_an_envelope(void **state)
{
    (void)state;
    replay("tests/fuzz/corpus/tts/*", tts);
    replay("tests/fuzz/corpus/chirpstack/*", chirpstack);
}

/* A corpus of each family, named after it. */
static void no_seed_breaks_a_camera(void **state)
{
    (void)state;
    for (size_t i = 0; cameras_at(i); i++) {
        char pattern[128];
        camera = cameras_name(cameras_at(i));
        snprintf(pattern, sizeof pattern, "tests/fuzz/corpus/camera_%s/*", camera);
        replay(pattern, camera_message);
    }
}

static void statement(const uint8_t *bytes, size_t size)
{
    fuzz_statement(statement_extra(), bytes, size);
}

static void no_seed_breaks_a_statement(void **state)
{
    (void)state;
    replay("tests/fuzz/corpus/statement_wechat/*", statement);
    replay("tests/fuzz/corpus/statement_flow/*", statement);
    replay("tests/fuzz/corpus/statement_alipay/*", statement);
    replay("tests/fuzz/corpus/statement_alipay_summary/*", statement);
    replay("tests/fuzz/corpus/statement_columns/*", statement);
}

static void no_seed_breaks_the_reading_of_a_file(void **state)
{
    (void)state;
    replay("tests/fuzz/corpus/config/*", fuzz_config);
    replay("tests/fuzz/corpus/tariff/*", fuzz_tariff);
    replay("tests/fuzz/corpus/calendar/*", fuzz_calendar);
    replay("tests/fuzz/corpus/column_map/*", fuzz_column_map);
    replay("tests/fuzz/corpus/device_map/*", fuzz_device_map);
}

static void no_seed_breaks_the_reading_of_a_message(void **state)
{
    (void)state;
    replay("tests/fuzz/corpus/answers/*", fuzz_answers);
    replay("tests/fuzz/corpus/record_read/*", fuzz_record_read);
    replay("tests/fuzz/corpus/acts/*", fuzz_acts);
    replay("tests/fuzz/corpus/plate/*", fuzz_plate);
    replay("tests/fuzz/corpus/downlinks/*", fuzz_downlinks);
    replay("tests/fuzz/corpus/order/*", fuzz_order);
}

static void no_seed_breaks_the_server(void **state)
{
    (void)state;
    replay("tests/fuzz/corpus/http/*", fuzz_http);
}

static void call_hefei(const uint8_t *bytes, size_t size)
{
    fuzz_call(&adapter_hefei, bytes, size);
}
static void call_hangzhou(const uint8_t *bytes, size_t size)
{
    fuzz_call(&adapter_hangzhou, bytes, size);
}
static void call_qingdao(const uint8_t *bytes, size_t size)
{
    fuzz_call(&adapter_qingdao, bytes, size);
}
static void call_xuzhou(const uint8_t *bytes, size_t size)
{
    fuzz_call(&adapter_xuzhou, bytes, size);
}

static void no_seed_breaks_what_platforms_say(void **state)
{
    (void)state;
    replay("tests/fuzz/corpus/city/*", fuzz_city);
    replay("tests/fuzz/corpus/call_hefei/*", call_hefei);
    replay("tests/fuzz/corpus/call_hangzhou/*", call_hangzhou);
    replay("tests/fuzz/corpus/call_qingdao/*", call_qingdao);
    replay("tests/fuzz/corpus/call_xuzhou/*", call_xuzhou);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_seed_breaks_a_decoder),
        cmocka_unit_test(no_seed_breaks_an_envelope),
        cmocka_unit_test(no_seed_breaks_a_camera),
        cmocka_unit_test(no_seed_breaks_a_statement),
        cmocka_unit_test(no_seed_breaks_the_reading_of_a_file),
        cmocka_unit_test(no_seed_breaks_the_reading_of_a_message),
        cmocka_unit_test(no_seed_breaks_the_server),
        cmocka_unit_test(no_seed_breaks_what_platforms_say),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
