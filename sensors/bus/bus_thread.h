/*
 * The thread of a bus and the messages that it sends, by value; it is sent orders (orders.h). It
 * reads the settings, which nobody writes, and shares nothing else.
 */
#ifndef SENSORS_BUS_BUS_THREAD_H
#define SENSORS_BUS_BUS_THREAD_H

#include "daemon/base/worker.h"
#include "sensors/bus/link.h"
#include "sensors/bus/orders.h"

enum bus_message_kind {
    BUS_ALIVE,     /* nothing happened; the thread lives */
    BUS_LINK_UP,   /* open */
    BUS_LINK_DOWN, /* could not be opened: `trouble` */
    BUS_ANSWER,    /* a request has been made: all that follows */
    BUS_RESULT,    /* an order has been carried out, or could not be: `done` */
    BUS_STUCK      /* the release of a relay was given up: `done` */
};

struct bus_message {
    enum bus_message_kind kind;
    mono_ms at;
    uint64_t requests, cycles;
    int64_t cycle_us;
    union {
        char trouble[RECORD_PHRASE];
        struct {
            uint32_t device; /* in bus_settings.devices */
            enum device_state state;
            struct frame_request request;
            bool trusted;
            struct link_answer answer;
        };
        struct {
            enum order_kind kind;
            bool proof;
            struct bus_result result;
        } done;
    };
};

/* The thread's life; `arg` is a const struct bus_settings. */
void bus_thread_run(struct port *port, void *arg);

#endif
