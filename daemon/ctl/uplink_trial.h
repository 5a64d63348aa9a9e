/* What parkctl sends to a city's platform itself: a trial of an uplink's account and keys, and what
 * the platform asks for before the daemon tells it anything. */
#ifndef CTL_UPLINK_TRIAL_H
#define CTL_UPLINK_TRIAL_H

#include "daemon/ctl/ctl.h"

enum ctl_exit uplink_trial_test(const struct ctl *ctl);
enum ctl_exit uplink_trial_register(const struct ctl *ctl);   /* each lot, for the first time */
enum ctl_exit uplink_trial_reregister(const struct ctl *ctl); /* what was told has changed */

#endif
