/* Acts on lanes, stays and money, as parkctl sends them: from the words of the command line to the
 * request that serve/acts.h describes. */
#ifndef CTL_ACT_H
#define CTL_ACT_H

#include "daemon/ctl/ctl.h"

#endif
