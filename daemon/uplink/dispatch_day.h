/* A day compared with a platform. Part of a dispatch; seen by its files and its carrier only. */
#ifndef UPLINK_DISPATCH_DAY_H
#define UPLINK_DISPATCH_DAY_H

#include "daemon/uplink/dispatch_inside.h"

enum { DISPATCH_DAY_PAGE = 256 };

struct dispatch_day *dispatch_day_create(const struct uplink_settings *settings);
void dispatch_day_destroy(struct dispatch_day *day); /* takes NULL */

/* Begins with a day of a lot, whatever the hour. */
void dispatch_day_begin(struct dispatch *dispatch, uint32_t lot, int32_t day);
bool dispatch_day_fill(struct dispatch *dispatch, struct now now, struct adapter_request *ret);
void dispatch_day_answer(struct dispatch *dispatch, const struct adapter_reply *reply,
                         enum adapter_verdict verdict, const char *reason, struct now now);

#endif
