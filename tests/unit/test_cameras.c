/*
 * Cameras: every captured message gives what its line in tests/captures/lpr says; messages made in
 * the same shapes, what theirs does; and what no message may ever do.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/base/json.h"
#include "sensors/lane/cameras.h"

enum { FILE_MAX = 1 << 20, ANSWER_MAX = 65536 };

static const struct {
    const char *prefix, *family;
} families[] = {
    {"vz-", "vzenith"},        {"sz-", "vzenith"},      {"qy-", "vzenith"},
    {"hik-", "hikvision"},     {"dahua-", "dahua"},     {"platerec-", "platerecognizer"},
    {"openalpr-", "openalpr"}, {"frigate-", "frigate"}, {"lane-", "verify"},
};

static const struct camera_family *family_of(const char *file)
{
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        if (!strncmp(file, families[i].prefix, strlen(families[i].prefix)))
            return cameras_find(families[i].family);
    fail_msg("%s is of no family", file);
    return NULL;
}

static char *read_file(const char *name, size_t *ret_size)
{
    char path[256];
    char *bytes = calloc(1, FILE_MAX);

    snprintf(path, sizeof path, "tests/captures/lpr/%s", name);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    *ret_size = fread(bytes, 1, FILE_MAX - 1, file);
    assert_true(*ret_size > 0);
    fclose(file);
    return bytes;
}

static bool same(const struct json *a, const struct json *b)
{
    if (json_kind(a) == JSON_KIND_ARRAY) {
        bool equal = json_size(a) == json_size(b);
        for (size_t i = 0; equal && i < json_size(a); i++)
            equal = same(json_item(a, i), json_item(b, i));
        return equal;
    }
    if (json_kind(a) == JSON_KIND_INT || json_kind(a) == JSON_KIND_DECIMAL)
        return json_decimal(a, -1e9) == json_decimal(b, 1e9);
    return json_kind(a) == json_kind(b) && json_bool(a, false) == json_bool(b, false) &&
           !strcmp(json_text(a, ""), json_text(b, ""));
}

struct comparison {
    const struct json *actual;
    const char *about, *text;
    int differences;
};

static bool compare(void *arg, const char *key, const struct json *expected)
{
    struct comparison *comparison = arg;

    const struct json *actual = json_member(comparison->actual, key);
    bool absent = !strcmp(json_text(expected, ""), "(absent)");
    if (strcmp(key, "file") != 0 && !(absent ? !actual : same(expected, actual))) {
        print_error("%s: \"%s\" differs in %s\n", comparison->about, key, comparison->text);
        comparison->differences++;
    }
    return true;
}

/* The message lies in memory of exactly its size, so that a step past its end is noticed. */
static int check(const struct camera_family *family, const char *about, const char *bytes,
                 size_t size, const struct json *expected)
{
    static char answer[ANSWER_MAX];
    struct camera_message *message = calloc(1, sizeof *message);
    char *exact = malloc(size ? size : 1);
    struct text out;

    memcpy(exact, bytes, size);
    cameras_decode_capture(family, exact, size, message);
    free(exact);
    text_init(&out, answer, sizeof answer);
    camera_json(message, &out);
    free(message);
    assert_false(out.overflow);
    struct json *actual = json_read(answer, out.used, sizeof answer, NULL);
    assert_non_null(actual);
    struct comparison comparison = {.actual = actual, .about = about, .text = answer};
    json_each(expected, compare, &comparison);
    json_release(actual);
    return comparison.differences;
}

static int check_captured(const struct json *line)
{
    const char *name = json_text(json_member(line, "file"), "");
    size_t size = 0;
    char *bytes = read_file(name, &size);
    int differences = check(family_of(name), name, bytes, size, line);

    free(bytes);
    return differences;
}

static int check_derived(const struct json *line)
{
    const char *text = json_text(json_member(line, "text"), NULL);
    const char *hex = json_text(json_member(line, "hex"), "");
    const char *about = json_text(json_member(line, "about"), "");
    const struct camera_family *family = cameras_find(json_text(json_member(line, "family"), ""));
    size_t size = text ? strlen(text) : strlen(hex) / 2;
    char *bytes = calloc(1, size + 1);

    assert_non_null(family);
    if (text)
        memcpy(bytes, text, size);
    for (size_t i = 0; !text && i < size; i++) {
        unsigned byte = 0;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
        bytes[i] = (char)byte;
    }
    int differences = check(family, about, bytes, size, json_member(line, "expect"));
    free(bytes);
    return differences;
}

static int check_lines(const char *name, int (*check_line)(const struct json *line))
{
    size_t size = 0;
    char *file = read_file(name, &size), *rest = file;
    int differences = 0, lines = 0;

    for (char *line; (line = strsep(&rest, "\n"));) {
        if (!*line)
            continue;
        struct json *json = json_read(line, strlen(line), FILE_MAX, NULL);
        assert_non_null(json);
        differences += check_line(json);
        json_release(json);
        lines++;
    }
    print_message("%s: %d messages\n", name, lines);
    free(file);
    return differences;
}

static void every_captured_message_means_what_its_line_says(void **state)
{
    (void)state;
    assert_int_equal(check_lines("expected.jsonl", check_captured), 0);
}

static void variants_of_every_family_mean_what_their_lines_say(void **state)
{
    (void)state;
    assert_int_equal(check_lines("derived.jsonl", check_derived), 0);
}

/* Each capture, cut at every place, read by every family. */
static void a_message_that_is_cut_off_is_never_read_beyond_its_end(void **state)
{
    static const char *const names[] = {"vz-http-06-heartbeat.http", "hik-09-multipart.http",
                                        "vz-http-02-offline-whitelist.json", "hik-03-oldfw-v54.xml",
                                        "vz-mqtt-02-ivs_result-full.json"};
    struct camera_message *message = calloc(1, sizeof *message);

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t size = 0;
        char *bytes = read_file(names[i], &size);
        for (size_t cut = 0; cut < size; cut++) {
            char *exact = malloc(cut ? cut : 1);
            memcpy(exact, bytes, cut);
            for (size_t f = 0; cameras_at(f); f++) {
                cameras_decode_capture(cameras_at(f), exact, cut, message);
                assert_true(message->kind < CAMERA_KINDS);
            }
            cameras_decode_capture(family_of(names[i]), exact, cut, message);
            /* All but white space may be missing at the end of an XML or JSON text. */
            if (cut + 2 < size)
                assert_int_equal(message->kind, CAMERA_MALFORMED);
            free(exact);
        }
        free(bytes);
    }
    free(message);
}

static void a_password_in_a_heartbeat_is_nowhere_in_the_message(void **state)
{
    struct camera_message *message = calloc(1, sizeof *message);
    size_t size = 0;
    char *bytes = read_file("vz-http-06-heartbeat.http", &size);

    (void)state;
    cameras_decode_capture(cameras_find("vzenith"), bytes, size, message);
    assert_int_equal(message->kind, CAMERA_HEARTBEAT);
    assert_null(memmem(message, sizeof *message, "REDACTED", 8));
    assert_null(memmem(message, sizeof *message, "admin", 5));
    free(bytes);
    free(message);
}

static void an_image_stands_where_the_message_says(void **state)
{
    struct camera_message *message = calloc(1, sizeof *message);
    size_t size = 0;
    char *bytes = read_file("hik-09-multipart.http", &size);
    const char *body = strstr(bytes, "\r\n\r\n") + 4;

    (void)state;
    cameras_decode_capture(cameras_find("hikvision"), bytes, size, message);
    assert_int_equal(message->read.images_count, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct plate_image *image = &message->read.images[i];
        assert_memory_equal(body + image->offset, "\xff\xd8\xff", 3);
        assert_memory_equal(body + image->offset + image->size - 2, "\xff\xd9", 2);
    }
    free(bytes);
    free(message);
}

static void a_message_beyond_the_bound_is_refused_unread(void **state)
{
    size_t size = CAMERA_BODY_MAX + 1;
    char *bytes = malloc(size);
    struct camera_message *message = calloc(1, sizeof *message);

    (void)state;
    memset(bytes, ' ', size);
    bytes[0] = '{';
    cameras_decode_capture(cameras_find("vzenith"), bytes, size, message);
    assert_int_equal(message->kind, CAMERA_MALFORMED);
    free(bytes);
    free(message);
}

static void a_resent_read_has_the_key_of_the_first(void **state)
{
    struct plate_read read = plate_read_empty();
    char first[PLATE_KEY], second[PLATE_KEY];

    (void)state;
    assert_false(plate_read_key(&read, first));
    strcpy(read.device, "cam");
    strcpy(read.plate, "AB1");
    read.time = (struct plate_time){.source = CLOCK_READ, .at = {1000}, .extra_us = 7};
    assert_true(plate_read_key(&read, first));
    assert_true(plate_read_key(&read, second));
    assert_string_equal(first, second);
    read.time.extra_us = 8;
    assert_true(plate_read_key(&read, second));
    assert_string_not_equal(first, second);
    strcpy(read.event_id, "7");
    assert_true(plate_read_key(&read, second));
    assert_string_equal(second, "cam/7");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_captured_message_means_what_its_line_says),
        cmocka_unit_test(variants_of_every_family_mean_what_their_lines_say),
        cmocka_unit_test(a_message_that_is_cut_off_is_never_read_beyond_its_end),
        cmocka_unit_test(a_password_in_a_heartbeat_is_nowhere_in_the_message),
        cmocka_unit_test(an_image_stands_where_the_message_says),
        cmocka_unit_test(a_message_beyond_the_bound_is_refused_unread),
        cmocka_unit_test(a_resent_read_has_the_key_of_the_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
