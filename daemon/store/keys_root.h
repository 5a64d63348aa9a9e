/*
 * The root key: 64 hex digits in one line. It is given out once, when the keys of a database are
 * made, for an audit elsewhere, and the gateway goes on without it. Blocking. Inside of
 * daemon/store and its tests only.
 */
#ifndef STORE_KEYS_ROOT_H
#define STORE_KEYS_ROOT_H

#include "daemon/base/crypto_keyed.h"
#include "daemon/base/err.h"

/* The systemd credential "parkd-root-key" when the service has one; else what the file
 * "DATABASE-root" says; else a random one, which is written there to be taken away. */
bool keys_root_begin(const char *database, struct key *ret, struct err *err);

bool keys_root_read(const char *path, struct key *ret, struct err *err);

#endif
