/*
 * The parts of a multipart body (RFC 2046; form-data, mixed and what cameras make of them): where
 * each stands, nothing copied. Bounded. Pure; borrows the bytes.
 */
#ifndef SENSORS_LANE_MULTIPART_H
#define SENSORS_LANE_MULTIPART_H

#include <stdbool.h>
#include <stddef.h>

enum { MULTIPART_PARTS = 32, MULTIPART_NAME = 128, MULTIPART_HEAD = 4096 };

struct multipart_part {
    char name[MULTIPART_NAME]; /* of the form's field; too long a name is left empty */
    char filename[MULTIPART_NAME];
    char content_type[MULTIPART_NAME];
    size_t offset, size; /* of the content, in the body */
};

/* Finds the parts. `content_type` gives the boundary; where it does not, the body's first line
 * does. The last part may lack its end: it goes as far as the body. False: no boundary, no part, or
 * a part without an end to its headers. Parts beyond MULTIPART_PARTS are left out. */
bool multipart_read(const char *content_type, const char *body, size_t size,
                    struct multipart_part ret[MULTIPART_PARTS], size_t *ret_count);

#endif
