/*
 * A link: one serial line or TCP connection, over which one request at a time is asked and its
 * answer believed only when it can be no other's. Blocking, one thread. After anything doubtful the
 * link is made clean before the next request: a TCP connection is closed, a serial line is listened
 * to until even the slowest answer must have come (B1-B7 of the notes on libmodbus 3.1.6; link.c).
 */
#ifndef SENSORS_BUS_LINK_H
#define SENSORS_BUS_LINK_H

#include "sensors/bus/bus.h"
#include "sensors/bus/frame.h"
#include "sensors/bus/wait.h"

enum link_outcome {
    LINK_GOOD,
    LINK_REFUSED, /* an exception: the device is there and says no */
    LINK_SILENT,  /* no answer within the time */
    LINK_WRONG,   /* bytes came that are not the answer */
    LINK_LOST,    /* the link itself is gone: closed, open it again */
    LINK_STOPPED  /* the owner wants to end */
};

struct link_answer {
    enum link_outcome outcome;
    bool sent;                /* false: the link was lost before the request had left it */
    int64_t sent_us;          /* when it had */
    uint8_t exception;        /* LINK_REFUSED */
    char reason[RECORD_WORD]; /* "answers", "exception 2", "timeout", "bad checksum", … */
    int64_t turnaround_us;    /* from the request's last bit to the answer's first, estimated */
    uint8_t data[FRAME_DATA_MAX];
    uint16_t size;
};

struct link;

/* `slowest_ms` is the longest that any device on the link may take to answer. Borrows `settings`.
 * Not open yet. */
struct link *link_create(const struct bus_settings *settings, int64_t slowest_ms, struct wait wait);
void link_destroy(struct link *link); /* closes; takes NULL */

bool link_open(struct link *link, struct err *err);
bool link_is_open(const struct link *link);
void link_close(struct link *link);

/* While the link is being made clean for a request, nothing of which has left yet: to stop now
 * costs nothing. The outcome is LINK_STOPPED, not sent, and the link as it was. */
bool link_is_cleaning(const struct link *link);

/* Asks and waits. The whole answer must be there `response_ms` after the request, plus the time
 * that both take on the wire. Only on an open link; may close it. */
void link_ask(struct link *link, struct frame_request *request, int64_t response_ms,
              struct link_answer *ret);

#endif
