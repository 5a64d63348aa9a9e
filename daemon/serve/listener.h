/*
 * Listening sockets, and who is at the other end of a local one. The caller owns the descriptors.
 */
#ifndef SERVE_LISTENER_H
#define SERVE_LISTENER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"
#include "daemon/serve/budget.h"

/* "127.0.0.1:8080" or "[::1]:8080", literal addresses only. A listening descriptor, or -1. */
int listener_tcp(const char *address, struct err *err);
bool listener_is_loopback(int fd);
uint16_t listener_port(int fd);

/* A local socket at `path`. One left by a process that has died is replaced; one that answers is
 * not. A listening descriptor, or -1. */
int listener_local(const char *path, struct err *err);

/* The address at the other end of a TCP connection, and in words. */
void listener_peer(int fd, struct budget_address *ret, char *name, size_t size);

/* The address at the other end of a TCP connection, as people write it ("192.168.1.64", "fe80::1");
 * one of IPv4 that came over IPv6 is one of IPv4. Empty when there is none. */
enum { LISTENER_ADDRESS = 46 };
void listener_peer_address(int fd, char ret[LISTENER_ADDRESS]);
/* The address is one of those; true where there is none, which means any. */
bool listener_is_from(const char *const *from, uint32_t count, const char *address);

#endif
