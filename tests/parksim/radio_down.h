/*
 * Downlinks at the simulated network server. A sensor of class A listens after it has spoken: what
 * is for it goes on the air with its next message, and it acknowledges with the one after that, if
 * it does.
 */
#ifndef PARKSIM_RADIO_DOWN_H
#define PARKSIM_RADIO_DOWN_H

#include <mosquitto.h>

#include "tests/parksim/radio_message.h"

enum radio_answer {
    RADIO_ACK,   /* acknowledged; and the sensor's own answer frame where it has one */
    RADIO_NACK,  /* the server says that it was not */
    RADIO_NEVER, /* nobody says anything */
    RADIO_FAILS  /* acknowledged; the sensor's own frame says that it did not work */
};

struct radio_down;

struct radio_down *radio_down_create(bool tts, enum radio_answer answer, uint32_t sensors);
void radio_down_destroy(struct radio_down *down); /* after the library's thread has ended */

void radio_down_listen(const struct radio_down *down, struct mosquitto *mosquitto);
/* On the library's thread. */
void radio_down_take(struct radio_down *down, struct mosquitto *mosquitto,
                     const struct mosquitto_message *message);

/* Sensor `n` has spoken: publishes what the server tells of its downlink. True when it has just
 * acknowledged one, and would send its own answer next. */
bool radio_down_spoken(struct radio_down *down, struct mosquitto *mosquitto, uint32_t n);

#endif
