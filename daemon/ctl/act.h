/* Acts on lanes, stays and money, as parkctl sends them: from the words of the command line to the
 * request that serve/acts.h describes. */
#ifndef CTL_ACT_H
#define CTL_ACT_H

#include "daemon/ctl/ctl.h"

/* Sends the act with the options that were given; `subject` stands for the path's '*', NULL where
 * there is none. Says what came of it. */
enum ctl_exit act_send(const struct ctl *ctl, enum serve_act act, const char *subject);

#endif
