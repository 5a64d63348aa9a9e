/*
 * A record's canonical JSON, read key by key without a parser: keys and their order are fixed
 * (core/record_fields.h), nothing is nested, and a quote inside a text is escaped, so that `"key":`
 * stands nowhere but before its value. For many records that need few of their fields. Pure.
 */
#ifndef REPORT_BODY_H
#define REPORT_BODY_H

#include "daemon/core/units.h"
#include "daemon/core/words.h"

/* Copies the text under `key`, cut to `size`, escapes left as they are; "" when there is none. */
void body_text(const char *body, const char *key, char *ret, size_t size);
int64_t body_int(const char *body, const char *key, int64_t otherwise);
bool body_flag(const char *body, const char *key); /* true only if it says so */
utc_ms body_time(const char *body, const char *key, utc_ms otherwise);
/* The word's index; -1 when there is none or it is not known. */
int body_word(const char *body, const char *key, const struct words *words);
bool body_has(const char *body, const char *key);

#endif
