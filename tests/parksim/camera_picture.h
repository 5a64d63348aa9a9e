/* A small picture as a camera sends it: a grey JPEG of 8 by 8 that says in a comment what it shows,
 * so that each is another and anyone can see whose it is. Pure. */
#ifndef PARKSIM_CAMERA_PICTURE_H
#define PARKSIM_CAMERA_PICTURE_H

#include <stddef.h>
#include <stdint.h>

enum { CAMERA_PICTURE = 512, CAMERA_PICTURE_TEXT = 100 };

/* The first CAMERA_PICTURE_TEXT bytes of `shows` at most. Returns the size. */
size_t camera_picture(const char *shows, uint8_t ret[CAMERA_PICTURE]);

/* The same as Base64 with a NUL. */
void camera_picture_base64(const char *shows, char ret[CAMERA_PICTURE * 2]);

#endif
