/*
 * The pictures of plate reads: one sealed file each in a folder of their own (photo_file.h), an
 * index of them in memory, and which uplink is owed which. Blocking: used by the photo worker's
 * thread alone (photos_worker.h).
 *
 *   1. Without a key nothing is kept.
 *   2. Bounds: count, bytes, age, and what must stay free on the disk. At a bound the oldest goes;
 *      by age all go that are too old, whoever is owed them.
 *   3. A picture belongs to a stay by its lane, its time and its plate, or the nearest to it where
 * a person has put the plate right; it is owed to an uplink when that has taken the stay's record,
 * which an empty file beside it says: ID.STAY.in|out.UPLINK. So a restart forgets nothing.
 *   4. A file that is not whole, or sealed by another key, is removed when the folder is opened;
 * one that the disk does not give then is left alone until the next opening.
 */
/* long: the rules stand with the calls */
#ifndef STORE_PHOTOS_H
#define STORE_PHOTOS_H

#include "daemon/store/photo_file.h"

enum { PHOTO_UPLINKS = 16, PHOTO_UPLINK = 32, PHOTO_COUNT_MAX = 100000 };

struct photos_settings {
    const char *folder; /* absolute; NULL: pictures are not kept */
    const char *key_file;
    int64_t keep_ms;
    int64_t bytes_max, free_bytes; /* of all of them; left to others on the disk */
    int64_t photo_max;             /* bytes of one; a larger one is not kept */
    uint32_t count_max;
    int64_t again_ms; /* a folder in trouble is looked at again; 0: after a minute */
};

/* A stay's record that an uplink has taken, and so may have its picture. */
struct photo_claim {
    uint32_t uplink;
    char stay[IDENT_SIZE];
    bool exit;
    char lane[PHOTO_WORD];
    char plate[PLATE_SIZE];
    utc_ms at; /* of the entry or the exit */
};

struct photo {
    struct photo_about about;
    char stay[IDENT_SIZE];
    bool exit;
    const void *jpeg;
    size_t size;
};

struct photos_figures {
    uint64_t count, bytes;
    uint64_t kept, refused;          /* refused: no room on the disk, or a fault of it */
    uint64_t aged, crowded, spoilt;  /* went by age; at a bound; were not whole */
    uint64_t lost;                   /* owed to an uplink when they went */
    uint64_t owed[PHOTO_UPLINKS];    /* still to be sent there */
    uint64_t missing[PHOTO_UPLINKS]; /* stays that have no picture here */
};

struct photos;

/* `uplinks`: their names, in the order of their numbers; all borrowed. Makes folder and key. */
struct photos *photos_open(const struct photos_settings *settings, const char *const uplinks[],
                           uint32_t uplinks_count, utc_ms now, struct err *err);
void photos_close(struct photos *photos); /* takes NULL */

bool photos_keep(struct photos *photos, const struct photo_about *about,
                 const struct crypto_part *jpeg, utc_ms now, struct err *err);
/* Rule 3; false: no picture of that stay is here. */
bool photos_claim(struct photos *photos, const struct photo_claim *claim);
/* The oldest that is owed to the uplink; false: none. The caller frees ret->jpeg. */
bool photos_next(struct photos *photos, uint32_t uplink, struct photo *ret);
/* It is owed no longer: sent, or refused there. */
void photos_settle(struct photos *photos, uint32_t uplink, const char *id);
/* Rule 2 as time goes by. */
void photos_tick(struct photos *photos, utc_ms now);

void photos_figures(const struct photos *photos, struct photos_figures *ret);

#endif
