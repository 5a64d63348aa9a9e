/*
 * The Hangzhou family (城市大脑便捷泊车), the parts that stand apart from its tables: the ciphered
 * and signed form in which each request goes, what is answered, and the payment results that the
 * platform sends. Documented in parkd-hangzhou(7). Pure.
 */
#ifndef UPLINK_HANGZHOU_H
#define UPLINK_HANGZHOU_H

#include "daemon/uplink/city_fact.h"

extern const struct adapter adapter_hangzhou, adapter_qingdao;

/* What differs within the family. */
struct hangzhou_profile {
    bool quoted;     /* the business JSON is a text in the plaintext, not an object */
    bool for_all;    /* ciphered with the platform's public key, not with our private one */
    int digest;      /* enum crypto_digest of the signature */
    bool file_aside; /* a picture is a form field of its own, neither ciphered nor signed */
};

const struct hangzhou_profile *hangzhou_profile(const struct adapter_context *context);

/* `body` holds the plaintext, {"data":…}; it becomes accessID=…&cipher=…&sign=…, each
 * percent-encoded. */
bool hangzhou_seal(const struct hangzhou_profile *profile, const struct uplink_lot *lot,
                   struct text *body, struct err *err);
/* Appends &file= and the picture's Base64. */
void hangzhou_file(struct text *body, const void *jpeg, size_t size);

extern const struct city_code hangzhou_codes[];
void hangzhou_read(const struct adapter_reply *reply, struct city_said *ret);
bool hangzhou_receive(const struct adapter_context *context, const struct city_call *call,
                      struct city_order *ret, bool *ret_signed, struct err *err);
void hangzhou_answer(const char *why, struct text *out);

#endif
