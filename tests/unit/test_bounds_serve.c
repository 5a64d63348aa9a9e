/* Bounds of what is served, and of what it is served with: a long list, a large certificate. */
#include "daemon/serve/pem.h"
#include "tests/unit/serve_fixture.h"

enum { MARKS = 1000, MORE = 7 };

static void more_marks(void *arg, uint32_t uplink, uplink_mark_fn *fn, void *fn_arg)
{
    (void)arg;
    (void)uplink;
    for (uint64_t seq = 1; seq <= MARKS + MORE; seq++)
        fn(fn_arg, &(struct outbox_mark){.seq = seq, .state = OUTBOX_DEAD});
}

static void asks_for_the_outbox(struct fixture *f)
{
    ask(f, true, "GET /api/v1/outbox/city", "", NULL);
}

static void of_an_outbox_a_thousand_records_are_shown_and_the_rest_is_counted(void **state)
{
    struct fixture *f = fixture_create();
    const struct serve_settings settings = {.listen = "127.0.0.1:0", .control = f->control};
    struct serve_source source = fixture_source(f);
    struct err err;
    unsigned shown = 0;

    (void)state;
    source.marks = more_marks;
    f->serve = serve_create(&settings, f->loop, &source, &err);
    run(f, asks_for_the_outbox);
    assert_int_equal(status_of(f, 0), 200);
    for (const char *at = body_of(f, 0); (at = strstr(at, "\"seq\":")); at++)
        shown++;
    assert_int_equal(shown, MARKS);
    assert_non_null(strstr(body_of(f, 0), "\"count\":1007"));
    fixture_destroy(f);
}

static void a_certificate_beyond_its_bound_is_refused(void **state)
{
    static char text[PEM_SIZE_MAX] = "-----BEGIN CERTIFICATE-----\n";
    char path[] = "/tmp/parkd-pem-XXXXXX";
    int fd = mkstemp(path);
    struct err err;

    (void)state;
    memset(text + strlen(text), 'x', sizeof text - strlen(text));
    assert_int_equal(write(fd, text, sizeof text - 2), sizeof text - 2);
    char *pem = pem_read(path, &err);
    assert_non_null(pem);
    pem_forget(pem);
    assert_int_equal(write(fd, "x", 1), 1);
    assert_null(pem_read(path, &err));
    assert_non_null(strstr(err.text, "65536 bytes"));
    close(fd);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_an_outbox_a_thousand_records_are_shown_and_the_rest_is_counted),
        cmocka_unit_test(a_certificate_beyond_its_bound_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
