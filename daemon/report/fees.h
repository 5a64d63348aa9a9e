/* What channels keep of the money that comes by them, as people write it. Pure. */
#ifndef REPORT_FEES_H
#define REPORT_FEES_H

#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/core/stay_words.h"

/* "wechat=0.6,alipay=0.55": percent of what was paid, in millionths; what is not said is not known,
 * but that cash costs nothing. NULL is the empty list. */
bool fees_read(const char *list, int32_t ret_ppm[PAY_CHANNELS], struct err *err);

#endif
