/* Keys, signatures and sealed texts of platforms: what is taken, and what is refused in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/crypto_keyed.h"
#include "daemon/base/crypto_rsa.h"
#include "daemon/base/crypto_text.h"

enum { BITS = 1024, BLOCK = BITS / 8, PEM_SIZE = 4096, CIPHER_SIZE = 4096 };

static const char refused[] = "no RSA key of 1024 to 8192 bits, as PEM or as its Base64";

/* Made with openssl(1) for this test: ecparam -name prime256v1; pkcs8 -topk8 with a password. */
static const char of_curve[] = "-----BEGIN PUBLIC KEY-----\n"
                               "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEeDDuVn0F6OlJIOCZmxhyHcUlyIug\n"
                               "+avzbykXZ9cMmdqaMCmudpZ9FFzvR+BO94qoubT/GMNMjRu+erOmI8dc3w==\n"
                               "-----END PUBLIC KEY-----\n";

static const char of_curve_private[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgryAfiHMf0A8sWtv9\n"
    "b5kcUjl4l6ONTeX1RS8cy+2/1smhRANCAAR4MO5WfQXo6Ukg4JmbGHIdxSXIi6D5\n"
    "q/NvKRdn1wyZ2powKa52ln0UXO9H4E73iqi5tP8Yw0yNG756s6Yjx1zf\n"
    "-----END PRIVATE KEY-----\n";

static const char with_password[] =
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
    "MIIC3TBXBgkqhkiG9w0BBQ0wSjApBgkqhkiG9w0BBQwwHAQIajx/gN7BkK8CAggA\n"
    "MAwGCCqGSIb3DQIJBQAwHQYJYIZIAWUDBAEqBBBy/kPVSd3LbSN716mSzMxgBIIC\n"
    "gO1/vGEmaLzxPb6rVxXDFNRxgR5EOTvf3DXCgiNdGMFsJxJtMEiDKjX4foN9eIws\n"
    "ao4gbsQZnHlAEJLx5xxqlam/6bPuMotj3uaZmKt3QDuJk00HhtU8e2Do6BhiR5RD\n"
    "4eVNwTLgncEfqY7G0Q1gizUq7BZ2+y1Ga4UnJqMJFU/uhk0CQYbHhA/fxWuCX6/J\n"
    "SJX1WZSD1DJ/yunTaIHg1h2gIAdtz8Ntaubuhr7adMshkTb9ygDPijtQh+wOg5yX\n"
    "ynWoUEishmPZeZpBz0M5Wl/6dMKlTmaw/4PtH6DVGxXHc68bSqbHCWpKzaZN5nD3\n"
    "SlHxXnNQXgzOZOMLyggjOR+4E2nwy6IREW/JVvyKci7qcuzUacn3FvG+jOLtB4W6\n"
    "VqhEMAQqhAg1ZCM5u4pkAsFeevcTDhMEuF9Bj0aXT2yXARE1MKBO8oiuoN6VJ4a2\n"
    "UzaG1ZTVCKS5c0WCatVfpRs/yPNRcBv0pFJXMO2yIBVuo0dKqivfqhQR6x016VJT\n"
    "XavmmSMfL1aOTPDhbg02Q++5lUYOwvNBT8hGE9C5K2IFvr8qS6dAeR/hzubbIEnV\n"
    "hzKa+KSWGLpTmWzGYvmASgl1oEMcxG5oAHiUT1jXxwn7KphoQk7rmYn5ciMUuMkT\n"
    "BP1v/2F0jVzoEwWwlgX6b7oFrrfkppEaZW6KyPYHqN7y6kUophuPnAby42CiSoE4\n"
    "TueXthAop95ryTZInQPJLvSpLXoS8xzoCeRkINUz2RvL5hzfjEXR4gD+6wdbovvr\n"
    "bpe7S36ya46pUa0syrCL3luQOopJT2RdesfLijxBCBhDx5weE4ss9f6X5xaiTdqg\n"
    "kqQ30TGBif9eLOyhG2PgpVQ=\n"
    "-----END ENCRYPTED PRIVATE KEY-----\n";

struct pair {
    char private[PEM_SIZE], public[PEM_SIZE];
    struct crypto_key *own, *open;
};

static void make(unsigned bits, struct pair *ret)
{
    struct text private, public;
    struct err err;

    text_init(&private, ret->private, sizeof ret->private);
    text_init(&public, ret->public, sizeof ret->public);
    assert_true(crypto_key_make(bits, &private, &public, &err));
}

static int start(void **state)
{
    struct pair *pair = calloc(1, sizeof *pair);
    struct err err;

    make(BITS, pair);
    pair->own = crypto_key_private(pair->private, strlen(pair->private), &err);
    pair->open = crypto_key_public(pair->public, strlen(pair->public), &err);
    assert_non_null(pair->own);
    assert_non_null(pair->open);
    assert_int_equal(crypto_key_bits(pair->own), BITS);
    *state = pair;
    return 0;
}

static int end(void **state)
{
    struct pair *pair = *state;

    crypto_key_free(pair->open);
    crypto_key_free(pair->own);
    crypto_key_free(NULL);
    free(pair);
    return 0;
}

/* What stands between the lines of the armour. */
static const char *bare_of(const char *pem, char bare[PEM_SIZE])
{
    const char *from = strchr(pem, '\n') + 1, *to = strstr(pem, "-----END");

    snprintf(bare, PEM_SIZE, "\t %.*s\r\n", (int)(to - from), from);
    return bare;
}

static void a_key_is_taken_with_and_without_its_armour(void **state)
{
    const struct pair *pair = *state;
    char bare[PEM_SIZE], line[PEM_SIZE], again[PEM_SIZE];
    struct text text, other;
    struct err err;

    bare_of(pair->private, bare);
    struct crypto_key *own = crypto_key_private(bare, strlen(bare), &err);
    assert_non_null(own);
    bare_of(pair->public, bare);
    struct crypto_key *open = crypto_key_public(bare, strlen(bare), &err);
    assert_non_null(open);
    text_init(&text, line, sizeof line);
    text_init(&other, again, sizeof again);
    assert_true(crypto_key_public_text(own, &text, &err));
    assert_true(crypto_key_public_text(open, &other, &err));
    assert_string_equal(text.bytes, other.bytes);
    crypto_key_free(open);
    crypto_key_free(own);
}

/* A public key (RFC 5280 section 4.1) of so many bits, whose number is all ones. */
static void all_ones(int bits, struct text *out)
{
    static const uint8_t head[] = {0x30, 0x82, 0,    0,    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48,
                                   0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00, 0x03, 0x82, 0,
                                   0,    0,    0x30, 0x82, 0,    0,    0x02, 0x82, 0,    0,    0};
    static const uint8_t exponent[] = {0x02, 0x03, 0x01, 0x00, 0x01};
    uint8_t der[2048];
    int number = bits / 8, size = (int)sizeof head + number + (int)sizeof exponent;
    const struct {
        int at, size;
    } lengths[] = {{2, size - 4}, {21, size - 23}, {26, size - 28}, {30, number + 1}};

    memcpy(der, head, sizeof head);
    memset(der + sizeof head, 0xff, (size_t)number);
    memcpy(der + sizeof head + number, exponent, sizeof exponent);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        der[lengths[i].at] = (uint8_t)(lengths[i].size >> 8);
        der[lengths[i].at + 1] = (uint8_t)lengths[i].size;
    }
    crypto_base64(out, der, (size_t)size);
}

static void a_key_of_another_kind_or_size_is_refused(void **state)
{
    static struct pair small;
    static char long_text[4 * 8192], most[PEM_SIZE], more[PEM_SIZE];
    struct text most_text, more_text;
    struct err err;

    (void)state;
    make(512, &small);
    memset(long_text, 'A', sizeof long_text - 1);
    text_init(&most_text, most, sizeof most);
    text_init(&more_text, more, sizeof more);
    all_ones(8192, &most_text);
    all_ones(8200, &more_text);
    const struct {
        const char *text;
        bool private, taken;
    } rows[] = {{"", true, false},
                {"", false, false},
                {"what is this", true, false},
                {"what is this", false, false},
                {"QUJD", true, false}, /* Base64, but of no key */
                {"QUJD", false, false},
                {of_curve_private, true, false},
                {of_curve, false, false},
                {with_password, true, false}, /* and nobody is asked for it */
                {small.private, true, false},
                {small.public, false, false},
                {small.public, true, false},
                {most, false, true},
                {more, false, false},
                {long_text, true, false},
                {long_text, false, false}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t size = strlen(rows[i].text);
        struct crypto_key *key = rows[i].private ? crypto_key_private(rows[i].text, size, &err)
                                                 : crypto_key_public(rows[i].text, size, &err);

        assert_int_equal(key != NULL, rows[i].taken);
        if (!rows[i].taken)
            assert_string_equal(err.text, refused);
        crypto_key_free(key);
    }
}

static void a_key_that_cannot_be_made_is_told(void **state)
{
    char bytes[2][64];
    struct text private, public;
    struct err err;

    (void)state;
    text_init(&private, bytes[0], sizeof bytes[0]);
    text_init(&public, bytes[1], sizeof bytes[1]);
    assert_false(crypto_key_make(64, &private, &public, &err));
    assert_string_equal(err.text, "libcrypto made no RSA key of 64 bits");
    assert_int_equal(private.used + public.used, 0);
}

static void a_signature_is_of_these_bytes_and_this_digest(void **state)
{
    const struct pair *pair = *state;
    static const char bytes[] = "parkingCode=A&time=1";
    char sign[CIPHER_SIZE];
    struct text text;
    struct err err;

    text_init(&text, sign, sizeof sign);
    assert_true(crypto_sign(pair->own, CRYPTO_SHA1, bytes, sizeof bytes, &text, &err));
    assert_true(crypto_verify(pair->open, CRYPTO_SHA1, bytes, sizeof bytes, sign));
    assert_false(crypto_verify(pair->open, CRYPTO_MD5, bytes, sizeof bytes, sign));
    assert_false(crypto_verify(pair->open, CRYPTO_SHA1, bytes, sizeof bytes - 1, sign));
    assert_false(crypto_verify(pair->open, CRYPTO_SHA1, bytes, sizeof bytes, "QUJD"));
    assert_false(crypto_verify(pair->open, CRYPTO_SHA1, bytes, sizeof bytes, "no Base64"));
    text_init(&text, sign, sizeof sign);
    assert_false(crypto_sign(pair->open, CRYPTO_SHA1, bytes, sizeof bytes, &text, &err));
    assert_string_equal(err.text, "the key does not sign; is it the private one?");
    assert_int_equal(text.used, 0);
}

static void a_sealed_text_of_any_length_is_opened_again(void **state)
{
    static const size_t sizes[] = {1, BLOCK - 11, BLOCK - 10, 3 * BLOCK};
    const struct pair *pair = *state;
    char bytes[3 * BLOCK], sealed[CIPHER_SIZE], opened[CIPHER_SIZE];
    struct text text, plain;
    struct err err;

    memset(bytes, 'p', sizeof bytes);
    for (size_t i = 0; i < 2 * sizeof sizes / sizeof *sizes; i++) {
        size_t size = sizes[i / 2];

        text_init(&text, sealed, sizeof sealed);
        text_init(&plain, opened, sizeof opened);
        assert_true(i % 2 ? crypto_seal_private(pair->own, bytes, size, &text, &err)
                          : crypto_seal_public(pair->open, bytes, size, &text, &err));
        assert_true(i % 2 ? crypto_open_public(pair->open, sealed, &plain, &err)
                          : crypto_open_private(pair->own, sealed, &plain, &err));
        assert_int_equal(plain.used, size);
        assert_memory_equal(opened, bytes, size);
    }
}

static void what_is_not_sealed_for_a_key_is_refused_with_the_reason(void **state)
{
    static const char block[] = "no Base64 of whole blocks of 128 bytes";
    const struct pair *pair = *state;
    uint8_t zeros[2 * BLOCK] = {0};
    char foreign[CIPHER_SIZE], sealed[CIPHER_SIZE], opened[CIPHER_SIZE];
    struct text foreign_text, text, plain;
    struct err err;

    text_init(&foreign_text, foreign, sizeof foreign);
    crypto_base64(&foreign_text, zeros, sizeof zeros);
    const struct {
        const char *sealed;
        bool by_private;
        const char *why;
    } rows[] = {{"", true, block},
                {"not Base64", false, block},
                {"QUJD", true, block},
                {foreign, true, "not sealed for this key"},
                {foreign, false, "not sealed by this key"}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        text_init(&plain, opened, sizeof opened);
        assert_false(rows[i].by_private
                         ? crypto_open_private(pair->own, rows[i].sealed, &plain, &err)
                         : crypto_open_public(pair->open, rows[i].sealed, &plain, &err));
        assert_string_equal(err.text, rows[i].why);
        assert_int_equal(plain.used, 0);
    }
    text_init(&text, sealed, sizeof sealed);
    assert_false(crypto_seal_private(pair->open, "x", 1, &text, &err));
    assert_string_equal(err.text, "the key does not seal; is it private?");
    assert_int_equal(text.used, 0);
}

static void base64_is_read_strictly(void **state)
{
    static const struct {
        const char *base64;
        size_t size, room;
        int decoded; /* -1: refused */
    } rows[] = {{"", 0, 0, 0},      {"QUJD", 4, 3, 3},      {"QUI=", 4, 2, 2},
                {"QQ==", 4, 1, 1},  {"QUJDQQ==", 8, 9, 4},  {"QUJD", 4, 2, -1},
                {"QQ==", 4, 0, -1}, {"QUJDQQ==", 8, 3, -1}, {"QUJ", 3, 9, -1},
                {"Q===", 4, 9, -1}, {"====", 4, 9, -1},     {"QQ=A", 4, 9, -1},
                {"=QQQ", 4, 9, -1}, {"QQ==QUJD", 8, 9, -1}, {"QUI=QUJD", 8, 9, -1},
                {"Q JD", 4, 9, -1}, {"QU\0D", 4, 9, -1},    {"QU_D", 4, 9, -1}};
    char bytes[9];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t size = 99;
        bool read = crypto_base64_decode(rows[i].base64, rows[i].size, bytes, rows[i].room, &size);

        assert_int_equal(read, rows[i].decoded >= 0);
        assert_int_equal(size, rows[i].decoded >= 0 ? (size_t)rows[i].decoded : 99);
        assert_memory_equal(bytes, "ABCA", read ? size : 0);
    }
}

static void hex_is_read_strictly(void **state)
{
    static const struct {
        const char *hex;
        bool read;
    } rows[] = {{"0aff", true},  {"0af", false},  {"0aff0", false}, {"0aFF", false},
                {"g0ff", false}, {"0gff", false}, {"", false},      {"0a f", false}};
    uint8_t bytes[2];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(crypto_unhex(rows[i].hex, bytes, sizeof bytes), rows[i].read);
    assert_true(crypto_unhex("0aff", bytes, sizeof bytes));
    assert_memory_equal(bytes, "\x0a\xff", 2);
}

static void a_sealed_text_with_one_byte_changed_is_not_opened(void **state)
{
    const struct key key = {.bytes = {1}}, other = {.bytes = {2}};
    const struct crypto_part text = {"plate", 5}, bound = {"17", 2}, not_bound = {"18", 2};
    uint8_t sealed[5 + CRYPTO_SEAL_OVERHEAD];
    char opened[sizeof sealed];
    struct crypto_part whole = {sealed, sizeof sealed}, short_of_a_tag = {sealed, 27};
    struct crypto_part too_long = {sealed, (size_t)INT32_MAX + 1};
    size_t size = 0;

    (void)state;
    assert_int_equal(crypto_seal(&key, &text, &bound, sealed), sizeof sealed);
    assert_true(crypto_open(&key, &whole, &bound, opened, &size));
    assert_int_equal(size, 5);
    assert_memory_equal(opened, "plate", 5);
    assert_false(crypto_open(&other, &whole, &bound, opened, &size));
    assert_false(crypto_open(&key, &whole, &not_bound, opened, &size));
    assert_false(crypto_open(&key, &short_of_a_tag, &bound, opened, &size));
    assert_false(crypto_open(&key, &too_long, &bound, opened, &size));
    for (size_t i = 0; i < sizeof sealed; i++) {
        sealed[i] ^= 1;
        assert_false(crypto_open(&key, &whole, &bound, opened, &size));
        assert_memory_equal(opened, "\0\0\0\0\0", 5); /* nothing is left of it */
        sealed[i] ^= 1;
    }
}

#define WITH_KEYS(name) cmocka_unit_test_setup_teardown(name, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_KEYS(a_key_is_taken_with_and_without_its_armour),
        cmocka_unit_test(a_key_of_another_kind_or_size_is_refused),
        cmocka_unit_test(a_key_that_cannot_be_made_is_told),
        WITH_KEYS(a_signature_is_of_these_bytes_and_this_digest),
        WITH_KEYS(a_sealed_text_of_any_length_is_opened_again),
        WITH_KEYS(what_is_not_sealed_for_a_key_is_refused_with_the_reason),
        cmocka_unit_test(base64_is_read_strictly),
        cmocka_unit_test(hex_is_read_strictly),
        cmocka_unit_test(a_sealed_text_with_one_byte_changed_is_not_opened),
    };

    return cmocka_run_group_tests_name("crypto", tests, NULL, NULL);
}
