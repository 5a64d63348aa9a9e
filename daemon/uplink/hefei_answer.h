/* What the platform of Hefei answers. Pure. */
#ifndef UPLINK_HEFEI_ANSWER_H
#define UPLINK_HEFEI_ANSWER_H

#include "daemon/uplink/city.h"

extern const struct city_code hefei_codes[];

void hefei_answer_read(const struct adapter_reply *reply, struct city_said *ret);
bool hefei_answer_checked(const struct adapter_reply *reply, enum city_check what,
                          struct city_held *held, struct err *err);

#endif
