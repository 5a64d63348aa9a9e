/*
 * The platform's side of signatures and ciphers, over OpenSSL: it verifies what a lot signed and
 * opens what it ciphered. Keys are PEM texts. Shares no code with the gateway's.
 */
#ifndef PARKSIM_CITY_SEAL_H
#define PARKSIM_CITY_SEAL_H

#include <stdbool.h>
#include <stddef.h>

/* Strict Base64: the standard alphabet, whole groups. NULL when it is none; free() it. */
unsigned char *city_seal_base64(const char *text, size_t length, size_t *ret_size);

/* `digest`: "SHA256", "SHA1", "MD5"; `signature` in Base64. */
bool city_seal_verify(const char *public_key, const char *digest, const char *bytes, size_t size,
                      const char *signature);

/* The text under Base64 blocks: type 1 by the lot's public key, type 2 by the platform's private
 * one. NULL when it does not open; free() it. */
char *city_seal_open(const char *key, bool private_key, const char *cipher);

/* Lower-case hex, with a NUL. */
void city_seal_md5(const char *bytes, size_t size, char ret[33]);

#endif
