/*
 * Plates in records (rule 20). The body that is hashed and kept has a token in the place of each
 * plate (keys `plate` and `plate_was`), and the plate lies sealed in a table beside; a reader with
 * the key file gets the bodies as they were made. Without the epoch's key the token says nothing.
 *
 * A plate has one token in an epoch, so that tokens can be joined. A plate on a list keeps its
 * token across epochs: that it comes off the list has to name it as when it came onto it. One that
 * came onto a list before there were tokens has none.
 *
 * An erased epoch takes its plates along, but for those that are still wanted: of lists, of stays
 * that are open or owe, and in records that an uplink has yet to deliver. These are sealed anew.
 * Inside of daemon/store and its tests only.
 */
#ifndef STORE_PLATES_H
#define STORE_PLATES_H

#include "daemon/store/keys.h"
#include "daemon/store/row.h"
#include "daemon/store/sql.h"

/* '~' and 24 hex digits: no plate in its normal form begins so. */
enum { PLATE_TOKEN_SIZE = 26, PLATE_BODY_SIZE = RECORD_BODY_MAX + 2 * PLATE_TOKEN_SIZE };

struct plates;

/* Borrows both. */
struct plates *plates_create(struct sql *sql, struct keys *keys, bool writes, struct err *err);
void plates_destroy(struct plates *plates); /* takes NULL; before the keys and the sql */

/* Puts tokens into the place of the plates of row->body; in the caller's transaction. `ret` is the
 * row as it is to be written, its body row's own or borrowed until the next call. */
bool plates_hide(struct plates *plates, const struct store_row *row, struct store_row *ret,
                 struct err *err);

/* The other way. What cannot be opened stays a token. row->body becomes one that is borrowed until
 * the next call. */
bool plates_show(struct plates *plates, struct store_row *row, struct err *err);

/* The same for one text: the plate of a token, any other text as it is. Borrowed likewise. */
bool plates_resolve(struct plates *plates, const char *text, const char **ret, struct err *err);

/* Removes the plates of an epoch from the table; `newest` takes those over that are wanted. */
bool plates_erase(struct plates *plates, uint64_t epoch, const struct key_epoch *newest,
                  struct err *err);

#endif
