/* A lane's usual times. See lane_plan.h. */
#include "daemon/core/lane_plan.h"

const struct lane_times lane_times_usual = {
    .ident = 8000,
    .pair = 5000,
    .ask = 1500,
    .decision = 20000,
    .travel = 3000,
    .back = 3000,
    .no_pass = 30000,
    .stuck = 60000,
    .settle = 10000,
    .chatter = 150,
    .loop_stuck = 600000,
};
