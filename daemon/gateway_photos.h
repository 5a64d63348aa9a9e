/*
 * Pictures of plate reads in the gateway: held until the read's record is durable, then handed to
 * their own thread; sent after the records of their stays. Only the gateway's files include this.
 * Loop's thread.
 */
#ifndef GATEWAY_PHOTOS_H
#define GATEWAY_PHOTOS_H

#include "daemon/gateway_inside.h"

/* Nothing happens where pictures are not kept. Before the uplinks; a folder or key in trouble is
 * told and looked at again, it stops nothing. */
bool gateway_photos_start(struct gateway *g, struct err *err);
/* Before the uplinks are destroyed: its thread writes into their requests. */
void gateway_photos_stop(struct gateway *g);

/* A new read of the camera came with this picture; copies. */
void gateway_photos_offer(struct gateway *g, uint32_t camera, const char *event, const void *bytes,
                          size_t size);
/* The read's record is durable. */
void gateway_photos_durable(struct gateway *g, const struct record *record);
/* The store is in trouble: pictures go first if it is the disk. */
void gateway_photos_disk(struct gateway *g);

/* uplink_source's. */
void gateway_photos_taken(void *arg, uint32_t uplink, const struct record *record);
bool gateway_photos_next(void *arg, uint32_t uplink, photo_prepare_fn *prepare, void *prepare_arg);
void gateway_photos_settled(void *arg, uint32_t uplink, const char *photo);

bool gateway_photos_show(const struct gateway *g, struct photos_worker_figures *ret);

#endif
