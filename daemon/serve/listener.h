/*
 * Listening sockets, and who is at the other end of a local one. The caller owns the descriptors.
 */
#ifndef SERVE_LISTENER_H
#define SERVE_LISTENER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/err.h"

/* "127.0.0.1:8080" or "[::1]:8080", literal addresses only. A listening descriptor, or -1. */
int listener_tcp(const char *address, struct err *err);
bool listener_is_loopback(int fd);
uint16_t listener_port(int fd);

/* A local socket at `path`, mode 0660, of `group` (NULL: the daemon's own). One left by a process
 * that has died is replaced; one that answers is not. A listening descriptor, or -1. */
int listener_local(const char *path, const char *group, struct err *err);

/* The user at the other end of a local connection: the name, or "uid N". */
bool listener_peer(int fd, char *name, size_t size);

#endif
