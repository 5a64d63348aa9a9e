/*
 * A file that is there to be removed: on a full disk SQLite cannot even delete (reliability S4), so
 * a stretch of the disk is kept beside the database and given up when it is needed. Made again when
 * there is room for it several times over. Used by the store's thread.
 */
#ifndef STORE_BALLAST_H
#define STORE_BALLAST_H

#include <stdbool.h>
#include <stdint.h>

struct ballast;

/* `size` bytes beside `database`, nothing with 0. */
struct ballast *ballast_create(const char *database, int64_t size);
void ballast_destroy(struct ballast *ballast); /* the file stays; takes NULL */

/* Makes it when it is not there and the disk has the room. Cheap otherwise. */
void ballast_keep(struct ballast *ballast);
/* True when the disk was full and now is not: what failed may be tried again. */
bool ballast_release(struct ballast *ballast);

#endif
