/*
 * What each city's platform is sent, whole, with fixed keys and times: as it stands in
 * tests/unit/city/requests.golden, byte for byte. `test_city_golden DIR [MS]` writes the same with
 * the keys of DIR, sent at MS and with what is random; tests/system/test_city_crypto.py does so
 * with fresh keys and works out every signature and cipher with openssl and node. The keys in
 * tests/unit/city are of these tests alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/city_bench.h"

enum { DUMP = 512 * 1024, PLAIN = 64 * 1024 };

/* A form's value, without its percent-encoding. */
static void form_value(const char *form, const char *name, char *ret, size_t size)
{
    const char *at = strstr(form, name);
    size_t used = 0;

    for (at += strlen(name); *at && *at != '&' && used < size - 1; at++) {
        unsigned code;
        if (*at == '%' && sscanf(at + 1, "%2x", &code) == 1) {
            ret[used++] = (char)code;
            at += 2;
        } else {
            ret[used++] = *at;
        }
    }
    ret[used] = '\0';
}

/* What stands under Base64 and cipher. */
static void add_plain(const struct city_bench *b, struct text *out)
{
    char *cipher = memory_new(PLAIN, 1), *plain = memory_new(PLAIN, 1);
    struct text text, key;
    char bytes[2048];
    size_t size = 0;
    struct err err;

    text_init(&text, plain, PLAIN);
    text_init(&key, bytes, sizeof bytes);
    if (b->settings.adapter == &adapter_hefei) {
        const char *data = b->request.body.bytes + strlen("{\"data\":\"");
        crypto_base64_decode(data, strcspn(data, "\""), plain, PLAIN - 1, &size);
    } else {
        form_value(b->request.body.bytes, "cipher=", cipher, PLAIN);
        crypto_key_public_text(b->own_1024, &key, &err);
        struct crypto_key *public = crypto_key_public(bytes, key.used, &err);
        assert_non_null(public);
        assert_true(b->settings.adapter == &adapter_qingdao
                        ? crypto_open_private(b->platform_private, cipher, &text, &err)
                        : crypto_open_public(public, cipher, &text, &err));
        crypto_key_free(public);
    }
    text_add(out, "plain %s\n", plain);
    free(cipher);
    free(plain);
}

/* The cipher of Qingdao is another each time: it is no part of what is compared. */
static void add_request(const struct city_bench *b, const char *name, bool done, struct text *out)
{
    const struct adapter *adapter = b->settings.adapter;

    text_add(out, "== %s: %s\n", adapter->name, name);
    if (!done) {
        text_add(out, "refused: %s\n", b->err.text);
        return;
    }
    text_add(out, "%s %s\n%s", b->request.method, b->request.target.bytes,
             b->request.headers.bytes);
    if (adapter != &adapter_xuzhou)
        add_plain(b, out);
    if (adapter != &adapter_qingdao || b->whole)
        text_add(out, "body %s\n", b->request.body.bytes);
}

static void add_records(struct city_bench *b, struct text *out)
{
    char name[80];

    for (size_t i = 0; i < BENCH_RECORDS; i++) {
        const struct bench_record *of = &bench_records[i];
        uint32_t steps = bench_steps(b, &of->record, of->lot);
        if ((1u << of->record.kind & b->settings.adapter->city->kinds) == 0)
            steps = 0;
        for (uint32_t step = 0; step < steps; step++) {
            snprintf(name, sizeof name, "%s, %u of %u", of->name, step + 1, steps);
            add_request(b, name, bench_record(b, &of->record, of->lot, step), out);
        }
    }
}

static void add_picture(struct city_bench *b, bool exit, struct text *out)
{
    struct city_photo photo = {.lot = &b->lots[LOT_A],
                               .id = exit ? "0R7S1JYC1V00050ABCDE" : "0R7S1JYC1V00040ABCDE",
                               .stay = STAY_1,
                               .plate = PLATE_1,
                               .colour = PLATE_BLUE,
                               .exit = exit,
                               .at = CITY_AT,
                               .jpeg = b->picture,
                               .size = CITY_PICTURE};

    bench_clear(b);
    bool done = b->settings.adapter->city->photo(&b->context, &photo, &b->request, &b->err);
    add_request(b, exit ? "picture of an exit" : "picture of an entry", done, out);
}

static void add_checks(struct city_bench *b, struct text *out)
{
    static const char *const names[CITY_CHECKS] = {"counts", "entries held", "exits held"};
    struct city_day day = {
        .lot = &b->lots[LOT_A], .date = "2026-11-21", .entries = 30, .exits = 29};

    for (int what = 0; b->settings.adapter->city->check && what < CITY_CHECKS; what++) {
        bench_clear(b);
        bool done = b->settings.adapter->city->check(&b->context, &day, (enum city_check)what,
                                                     &b->request, &b->err);
        add_request(b, names[what], done, out);
    }
}

static void add_platform(struct city_bench *b, const struct adapter *adapter, struct text *out)
{
    const struct city *city = adapter->city;

    bench_use(b, adapter);
    bench_clear(b);
    if (city->heartbeat)
        add_request(b, "heartbeat",
                    city->heartbeat(&b->context, &b->lots[LOT_A], &b->request, &b->err), out);
    bench_clear(b);
    add_request(b, "vacancy", city->vacancy(&b->context, &b->lots[LOT_A], &b->request, &b->err),
                out);
    add_records(b, out);
    add_picture(b, false, out);
    add_picture(b, true, out);
    add_checks(b, out);
}

static void write_all(const char *folder, int64_t now_ms, struct text *out)
{
    static const struct adapter *const adapters[] = {&adapter_hefei, &adapter_hangzhou,
                                                     &adapter_qingdao, &adapter_xuzhou};
    struct city_bench b;

    bench_text(out, DUMP);
    bench_init(&b, folder);
    b.whole = now_ms != 0;
    if (b.whole)
        b.context.platform_now.ms = now_ms;
    for (size_t i = 0; i < sizeof adapters / sizeof *adapters; i++)
        add_platform(&b, adapters[i], out);
    bench_fini(&b);
    assert_false(out->overflow);
}

static void every_request_is_the_golden_one(void **state)
{
    char *golden = memory_new(DUMP, 1);
    FILE *file = fopen("tests/unit/city/requests.golden", "r");
    struct text text;

    (void)state;
    assert_non_null(file);
    golden[fread(golden, 1, DUMP - 1, file)] = '\0';
    fclose(file);
    write_all("tests/unit/city", 0, &text);
    const char *ours = text.bytes, *theirs = golden;
    while (*ours || *theirs) {
        char a[4096], b[4096];
        size_t ours_size = strcspn(ours, "\n"), theirs_size = strcspn(theirs, "\n");
        snprintf(a, sizeof a, "%.*s", (int)ours_size, ours);
        snprintf(b, sizeof b, "%.*s", (int)theirs_size, theirs);
        assert_string_equal(a, b);
        ours += ours_size + (ours[ours_size] != 0);
        theirs += theirs_size + (theirs[theirs_size] != 0);
    }
    free(text.bytes);
    free(golden);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_request_is_the_golden_one)};
    struct text text;

    if (argc < 2)
        return cmocka_run_group_tests(tests, NULL, NULL);
    write_all(argv[1], argc > 2 ? strtoll(argv[2], NULL, 10) : 0, &text);
    fputs(text.bytes, stdout);
    free(text.bytes);
    return 0;
}
