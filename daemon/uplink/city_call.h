/*
 * Calls of cities' platforms, once their adapter has opened the envelope: for which lot, and what a
 * business object asks. How a payment's result is told stands in each adapter. For passes, locked
 * vehicles, barriers and tariffs no platform's text is public: they are taken in the platform's own
 * envelope, with its own words for lot, plate and lane, and otherwise in one form. `operation`
 * stands in what is signed, not in the path, so that nobody on the way makes another one of it.
 * Pure.
 */
#ifndef UPLINK_CITY_CALL_H
#define UPLINK_CITY_CALL_H

#include "daemon/base/json.h"
#include "daemon/uplink/city.h"

enum { CITY_CALL_FEE_MAX = 1000000000 };

/* What a platform calls the members, and how it writes moments. */
struct city_call_words {
    const char *lot, *plate, *lane;
    bool epoch; /* milliseconds; otherwise "2026-11-22 11:02:06", UTC+8 */
};

/* The result of a payment has no operation, or "paid". */
bool city_call_is_payment(const struct json *business);

/* Of any other operation. `sent` is when the platform says that it has signed it; such an order is
 * good for a while from then. Fills act, id, actor, not_after and what the act needs. */
bool city_call_read(const struct adapter_context *context, const struct city_call_words *words,
                    const struct json *business, utc_ms sent, struct city_order *ret,
                    struct err *err);

/* Whether a lot's key (or account and secret) has signed the call. */
struct city_signature {
    bool (*is_of)(const struct uplink_lot *lot, const void *arg);
    const void *arg;
};
/* A lot that has; NULL: none. */
const struct uplink_lot *city_call_signer(const struct adapter_context *context,
                                          const struct city_signature *signature);
/* The lot that a signed call is for: the one that `code` names, when it is signed for that one.
 * Without a code it is the only one that has signed; several may share a key, and the order has no
 * lot (NULL) then. */
bool city_call_lot(const struct adapter_context *context, const struct city_signature *signature,
                   const char *code, const struct uplink_lot **ret, struct err *err);

/* A number, or a text of digits. */
bool city_call_number(const struct json *value, int64_t *ret);
/* "2026-11-22 11:02:06", UTC+8. */
bool city_call_time(const char *text, utc_ms *ret);
/* The id of the call itself, by which it is known when it comes again. */
bool city_call_id(const struct json *business, struct city_order *ret, struct err *err);

#endif
