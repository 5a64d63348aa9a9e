/*
 * Xuzhou's platform (市交控), the parts that stand apart from its tables: the token over a request,
 * what is answered, and its calls to us. Documented in parkd-xuzhou(7). Pure.
 */
#ifndef UPLINK_XUZHOU_H
#define UPLINK_XUZHOU_H

#include "daemon/base/crypto_text.h"
#include "daemon/uplink/city_fact.h"

/* MD5(URI + `body` + secret) in lower-case hex. The body needs room for the other two while they
 * are put around it; it is as before afterwards. */
bool xuzhou_token(const char *uri, const char *secret, struct text *body, char ret[MD5_HEX_SIZE],
                  struct err *err);

/* A request by its fields, xuzhou_told.c. */
struct xuzhou_operation {
    const char *uri;
    const struct city_field *fields;
};
/* The operations that a record is told by, in order; none: the platform is not told of it. */
struct xuzhou_told {
    const struct xuzhou_operation *steps[2];
    uint32_t count;
};
struct xuzhou_told xuzhou_told(const struct adapter_context *context, const struct city_item *item);
extern const struct xuzhou_operation xuzhou_berths;
city_write_fn xuzhou_image_id;

/* Puts the token behind the target of a request whose body is whole. */
bool xuzhou_finish(const struct adapter_context *context, const struct uplink_lot *lot,
                   const char *uri, struct adapter_request *ret, struct err *err);

/* xuzhou_setup.c */
uint32_t xuzhou_setup_steps(const struct adapter_context *context, const struct uplink_lot *lot);
bool xuzhou_setup(const struct adapter_context *context, const struct city_setup *setup,
                  struct adapter_request *ret, struct err *err);
bool xuzhou_daily(const struct adapter_context *context, const struct uplink_lot *lot,
                  struct adapter_request *ret, struct err *err);

extern const struct city_code xuzhou_codes[];
void xuzhou_read(const struct adapter_reply *reply, struct city_said *ret);
bool xuzhou_receive(const struct adapter_context *context, const struct city_call *call,
                    struct city_order *ret, bool *ret_signed, struct err *err);
void xuzhou_answer(const char *why, struct text *out);

#endif
