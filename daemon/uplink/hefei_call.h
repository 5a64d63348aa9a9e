/*
 * Calls of Hefei's platform. Its pages describe none: they are taken in the envelope of our own
 * requests, signed with the platform's key. Documented in parkd-hefei(7). Pure.
 */
#ifndef UPLINK_HEFEI_CALL_H
#define UPLINK_HEFEI_CALL_H

#include "daemon/uplink/city.h"

bool hefei_receive(const struct adapter_context *context, const struct city_call *call,
                   struct city_order *ret, bool *ret_signed, struct err *err);
void hefei_answer(const char *why, struct text *out);

#endif
