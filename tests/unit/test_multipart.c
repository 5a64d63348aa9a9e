/* Parts of multipart bodies and captured HTTP requests: lengths before content. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sensors/lane/http_request.h"
#include "sensors/lane/multipart.h"

static struct multipart_part parts[MULTIPART_PARTS];

static size_t split(const char *type, const char *body)
{
    size_t count = 0, size = strlen(body);
    char *exact = malloc(size ? size : 1);

    memcpy(exact, body, size);
    if (!multipart_read(type, exact, size, parts, &count))
        count = 0;
    free(exact);
    return count;
}

static void assert_content(const char *body, size_t part, const char *content)
{
    assert_int_equal(parts[part].size, strlen(content));
    assert_memory_equal(body + parts[part].offset, content, strlen(content));
}

static void parts_stand_where_their_delimiters_say(void **state)
{
    const char *body = "preamble\r\n--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n"
                       "--B  \r\ncontent-type: image/jpeg\r\n"
                       "Content-Disposition: form-data; name=\"b\"; filename=\"x y.jpg\"\r\n\r\n"
                       "a\r\n--b\r\n\r\n--B\r\n\r\n\r\n--B--\r\nepilogue";

    (void)state;
    assert_int_equal(split("multipart/form-data; boundary=B", body), 3);
    assert_string_equal(parts[0].name, "a");
    assert_content(body, 0, "1");
    assert_string_equal(parts[1].filename, "x y.jpg");
    assert_string_equal(parts[1].content_type, "image/jpeg");
    assert_content(body, 1, "a\r\n--b\r\n");
    assert_content(body, 2, "");
}

static void a_boundary_may_be_quoted_or_only_in_the_body(void **state)
{
    const char *body = "--a b\n\n1\n--a b--";

    (void)state;
    assert_int_equal(split("multipart/mixed; charset=x; boundary=\"a b\"", body), 1);
    assert_content(body, 0, "1");
    assert_int_equal(split("", "--xyz\r\n\r\n1\r\n--xyz--"), 1);
}

static void a_last_part_without_an_end_goes_as_far_as_the_body(void **state)
{
    const char *body = "--B\r\n\r\nabc";

    (void)state;
    assert_int_equal(split("m; boundary=B", body), 1);
    assert_content(body, 0, "abc");
}

static void a_length_is_believed_only_when_a_delimiter_follows(void **state)
{
    const char *body = "--B\r\nContent-Length: 9\r\n\r\n1\r\n--B\r\n2\r\n--B--";
    const char *lies = "--B\r\nContent-Length: 4\r\n\r\n1\r\n--B\r\n\r\n2\r\n--B--";

    (void)state;
    assert_int_equal(split("m; boundary=B", body), 1);
    assert_content(body, 0, "1\r\n--B\r\n2");
    assert_int_equal(split("m; boundary=B", lies), 2);
    assert_content(lies, 0, "1");
}

static void what_is_no_multipart_body_has_no_parts(void **state)
{
    static const char *const bodies[] = {
        "", "--", "--B", "--B--", "--B\r\nName: x", "abc", "--B\r\nno end of headers\r\n--B--"};

    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        assert_int_equal(split("m; boundary=B", bodies[i]), 0);
    assert_int_equal(split("m", "abc\r\n"), 0);
}

static void parts_beyond_the_bound_are_left_out(void **state)
{
    char body[4096] = "", *to = body;

    (void)state;
    for (int i = 0; i < 2 * MULTIPART_PARTS; i++)
        to += sprintf(to, "--B\r\n\r\n%d\r\n", i);
    assert_int_equal(split("m; boundary=B", body), MULTIPART_PARTS);
}

static bool request(const char *text, struct http_request *ret)
{
    size_t size = strlen(text);
    char *exact = malloc(size ? size : 1);
    struct err err;

    memcpy(exact, text, size);
    bool good = http_request_looks(exact, size) && http_request_read(exact, size, ret, &err);
    free(exact);
    return good;
}

static void a_request_gives_its_body(void **state)
{
    struct http_request http;

    (void)state;
    assert_true(request("POST /a?b HTTP/1.1\r\ncontent-type:  text/xml \r\nContent-Length: 3\r\n"
                        "\r\nabcdef",
                        &http));
    assert_string_equal(http.path, "/a?b");
    assert_string_equal(http.content_type, "text/xml");
    assert_int_equal(http.body_size, 3);
    assert_true(request("POST / HTTP/1.0\n\nabc", &http));
    assert_int_equal(http.body_size, 3);
    assert_true(request("POST / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\n"
                        "de\r\n0\r\nTrailer: x\r\n\r\n",
                        &http));
    assert_int_equal(http.body_size, 5);
    assert_memory_equal(http.joined, "abcde", 5);
    free(http.joined);
}

static void a_request_whose_lengths_lie_is_refused(void **state)
{
    static const char *const texts[] = {
        "POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nabc",
        "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\nabc",
        "POST / HTTP/1.1\r\nContent-Length: 9999999999999999999\r\n\r\nabc",
        "POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 2\r\n\r\nabc",
        ("POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: "
         "chunked\r\n\r\n3\r\nabc\r\n0\r\n"),
        "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\nabc",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabc\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nabc\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nabc\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        "POST / HTTP/1.1\r\nno colon\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x",
        "POST /\r\n\r\n",
        "",
    };
    struct http_request http;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (request(texts[i], &http))
            fail_msg("%s", texts[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_stand_where_their_delimiters_say),
        cmocka_unit_test(a_boundary_may_be_quoted_or_only_in_the_body),
        cmocka_unit_test(a_last_part_without_an_end_goes_as_far_as_the_body),
        cmocka_unit_test(a_length_is_believed_only_when_a_delimiter_follows),
        cmocka_unit_test(what_is_no_multipart_body_has_no_parts),
        cmocka_unit_test(parts_beyond_the_bound_are_left_out),
        cmocka_unit_test(a_request_gives_its_body),
        cmocka_unit_test(a_request_whose_lengths_lie_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
