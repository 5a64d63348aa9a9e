/*
 * Frames of bay sensors as the messages of a network server: The Things Stack, which leaves out
 * what is zero, or ChirpStack. A second gateway believes that it is 1971.
 */
#ifndef PARKSIM_RADIO_MESSAGE_H
#define PARKSIM_RADIO_MESSAGE_H

#include <stdint.h>

enum { RADIO_TOPIC = 128, RADIO_MESSAGE = 1024, RADIO_FRAME = 8 };

struct radio_uplink {
    uint32_t sensor; /* from 0; its EUI follows */
    uint32_t session;
    uint32_t counter;
    int64_t utc_ms; /* when the server had it */
    uint8_t port;
    uint8_t frame[RADIO_FRAME];
    uint8_t size;
};

/* "70b3d57ed0000001": of `sensor`. */
char *radio_eui(uint32_t sensor, char text[17]);

typedef void radio_write_fn(const struct radio_uplink *uplink, char topic[RADIO_TOPIC],
                            char message[RADIO_MESSAGE]);
radio_write_fn radio_write_tts, radio_write_chirpstack;

#endif
