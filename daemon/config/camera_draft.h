/* What the table of a camera fills, before section_cameras.c works it out. */
#ifndef CONFIG_CAMERA_DRAFT_H
#define CONFIG_CAMERA_DRAFT_H

#include "daemon/config/section_tables.h"
#include "daemon/config/sections.h"

struct camera_draft {
    struct camera_config camera;
    const char *lane, *family, *secret;
    bool any_path;
    struct tls_draft tls;
    const struct reader_node *from, *inputs;
};

struct input_draft {
    int32_t input, is;
};

extern const struct option_table camera_input_table;

#endif
