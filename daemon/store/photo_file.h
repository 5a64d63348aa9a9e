/*
 * One picture in one file, sealed with AES-256-GCM: what is known of it (head) and its bytes (body)
 * apart, so that a folder is looked through without opening every picture. The file's name and the
 * part are bound into each seal: parts cannot be exchanged, and a half-written file opens as
 * nothing. Blocking; the photo worker's thread.
 *
 *   "parkd photo 1\n" | sealed head (JSON, padded to PHOTO_HEAD bytes) | sealed body
 */
#ifndef STORE_PHOTO_FILE_H
#define STORE_PHOTO_FILE_H

#include "daemon/base/crypto_keyed.h"
#include "daemon/base/err.h"
#include "daemon/core/ident.h"
#include "daemon/core/plate.h"
#include "daemon/core/units.h"

enum { PHOTO_ID = 36, PHOTO_WORD = 32, PHOTO_NAME = 48, PHOTO_HEAD = 512 };

/* What is known of a picture. */
struct photo_about {
    utc_ms at;               /* when the plate was read */
    char id[PHOTO_ID];       /* of the read: 32 hex digits, made once */
    char digest[PHOTO_WORD]; /* as it stands in the read's record */
    char lane[PHOTO_WORD];
    char plate[PLATE_SIZE];
    enum plate_colour colour;
};

/* UNREAD: the disk does not give it, so that nobody knows. */
enum photo_state { PHOTO_WHOLE, PHOTO_NOT_WHOLE, PHOTO_UNREAD };

/* Reads the key, or makes one (mode 0600) where there is none. */
bool photo_key(const char *path, struct key *ret, struct err *err);

/* `folder` is a descriptor; the file has its name when it is whole. */
bool photo_file_write(int folder, const struct key *key, const struct photo_about *about,
                      const struct crypto_part *bytes, struct err *err);
/* NOT_WHOLE also one of another key. `ret_size`: of the file. */
enum photo_state photo_file_head(int folder, const struct key *key, const char *name,
                                 struct photo_about *ret, uint64_t *ret_size);
/* The picture; the caller frees it. NULL: it is not whole, or the disk does not give it. */
void *photo_file_body(int folder, const struct key *key, const char *id, size_t *ret_size);

char *photo_file_name(const char *id, char ret[PHOTO_NAME]);

#endif
