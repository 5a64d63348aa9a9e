/*
 * A barrier board behind a TCP port, on a thread of its own: answers reads from its tables, keeps
 * each write, and misbehaves as told. Frames are made here by hand, not with the code under test.
 */
#ifndef TESTS_UNIT_BOARD_PEER_H
#define TESTS_UNIT_BOARD_PEER_H

#include "sensors/bus/bus.h"

enum { BOARD_WORDS = 16 };

enum board_fault {
    BOARD_WELL,
    BOARD_LOSES,   /* does what the next write says; the answer is lost */
    BOARD_REFUSES, /* the next write, with exception 4 */
    BOARD_GARBLES  /* does what the next write says; the answer is for another unit */
};

/* A write that came, in order. */
struct board_asked {
    uint8_t function;
    uint16_t address, value;
    int64_t at_us;
};

struct board_peer;

/* Fills in host and port of `settings`. Every read of words is answered from `words` (address A
 * with the word A modulo 16), every read of bits with the bits of `bits`, from address 0. */
struct board_peer *board_start(struct bus_settings *settings, int64_t answer_us);
void board_stop(struct board_peer *peer);

void board_bits(struct board_peer *peer, uint16_t bits);
void board_word(struct board_peer *peer, uint16_t address, uint16_t value);
void board_fault(struct board_peer *peer, enum board_fault fault);
/* The first coil; writes below are refused with exception 2. */
void board_first_coil(struct board_peer *peer, uint16_t address);

/* The next write; false when there is none yet. */
bool board_next(struct board_peer *peer, struct board_asked *ret);

#endif
