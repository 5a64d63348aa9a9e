/* Base64 (the standard alphabet, padded, in one line) and MD5, which some platforms still ask for,
 * over libcrypto. Pure. */
#ifndef BASE_CRYPTO_TEXT_H
#define BASE_CRYPTO_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/core/text.h"

enum { MD5_SIZE = 16, MD5_HEX_SIZE = 33 };

/* Appends the Base64 of the bytes. */
void crypto_base64(struct text *out, const void *bytes, size_t size);
/* Decodes `size` characters into `ret`, which holds `room` bytes. False for anything that is not
 * plain Base64, or does not fit. */
bool crypto_base64_decode(const char *base64, size_t size, void *ret, size_t room,
                          size_t *ret_size);

/* The lower-case hex of the MD5. Returns `hex`. Never for anything that has to be safe. */
char *crypto_md5(const void *bytes, size_t size, char hex[MD5_HEX_SIZE]);

#endif
