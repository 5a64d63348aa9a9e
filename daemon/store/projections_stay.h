/*
 * The statements that compute the projections of lanes, stays and money, and the question for all
 * that the live state stands on. Inside of daemon/store only; projections.c runs them.
 */
#ifndef STORE_PROJECTIONS_STAY_H
#define STORE_PROJECTIONS_STAY_H

/* Over a stretch, ?1 to ?2, in this order. */
extern const char projection_latest[];
extern const char projection_stay_fact[]; /* before what is finished leaves `latest` */
extern const char projection_finished[];
extern const char projection_stay[]; /* each stay that the stretch touched, from all its records */

/* The rows of store_standing(); ?1 since when a stay that left still stands. */
extern const char projection_standing[];

#endif
