/* Zip archives, as channels give statements out; the only part that knows libzip. */
#ifndef RECONCILE_ZIP_H
#define RECONCILE_ZIP_H

#include "daemon/reconcile/source.h"

enum {
    ZIP_MEMBERS_MAX = 16,
    ZIP_BYTES_MAX = 1 << 28 /* unpacked, all members together */
};

/* As source_each(). Folders are left out. An archive that holds too much, or that is encrypted or
 * damaged, is refused; nothing is unpacked to a disk. */
bool zip_each(const char *path, source_fn *fn, void *arg, struct err *err);

#endif
