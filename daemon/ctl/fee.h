/* What the commands about tariffs share: where the rules are, and how money and traces are shown.
 */
#ifndef CTL_FEE_H
#define CTL_FEE_H

#include "daemon/config/tariff_library.h"
#include "daemon/ctl/ctl.h"

/* The folder that holds tariffs/ and calendars/: --rules, beside the program, or /etc/parkd. The
 * caller frees it. NULL with err. */
char *fee_rules_folder(const struct ctl *ctl, struct err *err);

/* The library over that folder; NULL with err. */
struct tariff_library *fee_library(const struct ctl *ctl, struct err *err);

/* parkctl fee --batch: prices each line of ctl->batch. */
enum ctl_exit fee_batch(const struct ctl *ctl, struct tariff_library *library);

/* parkctl tariff table --svg. */
void fee_curve(const struct tariff_book *book, enum vehicle_class class, int64_t entry_s);

#endif
