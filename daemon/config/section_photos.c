/* Pictures of plate reads: where and how long they are kept. */
#include "daemon/config/sections.h"

enum { MB = 1024 * 1024 };

const struct option_table photos_table = {
    "photos",
    (const struct option[]){
        {.key = "folder",
         .type = OPTION_TEXT,
         OPTION_AT(struct photos_settings, folder),
         .min = 2,
         .text = "/var/lib/parkd/photos",
         .meaning = "One sealed file a picture; of its own, on a local disk."},
        {.key = "key_file",
         .type = OPTION_TEXT,
         OPTION_AT(struct photos_settings, key_file),
         .min = 2,
         .text = "/var/lib/parkd/photos.key",
         .meaning = "Seals them; made when it is not there. Without it nothing is kept."},
        {.key = "keep_h",
         .type = OPTION_WHOLE,
         OPTION_AT(struct photos_settings, keep_ms),
         .min = 1,
         .max = 8784,
         .otherwise = 168,
         .scale = 3600 * 1000,
         .meaning = "A picture is erased after so many hours, whether it was sent or not."},
        {.key = "max_mb",
         .type = OPTION_WHOLE,
         OPTION_AT(struct photos_settings, bytes_max),
         .min = 1,
         .max = 1024 * 1024,
         .otherwise = 512,
         .scale = MB,
         .meaning = "All of them, at most; the oldest go first."},
        {.key = "max_count",
         .type = OPTION_WHOLE,
         OPTION_AT(struct photos_settings, count_max),
         .min = 1,
         .max = PHOTO_COUNT_MAX,
         .otherwise = 5000,
         .meaning = "So many, at most; the oldest go first."},
        {.key = "free_mb",
         .type = OPTION_WHOLE,
         OPTION_AT(struct photos_settings, free_bytes),
         .max = 1024 * 1024,
         .otherwise = 256,
         .scale = MB,
         .meaning = "When less is free on their disk, pictures go before anything else does."},
        {.key = "photo_kb",
         .type = OPTION_WHOLE,
         OPTION_AT(struct photos_settings, photo_max),
         .min = 16,
         .max = 8192,
         .otherwise = 2048,
         .scale = 1024,
         .meaning = "A larger one is not kept."},
        {.key = NULL},
    },
};

static void check(struct draft *draft, const struct reader_node *group, const char *key,
                  const char *path)
{
    if (path && path[0] != '/')
        mistake_add(draft->context.mistakes, section_place(group, key),
                    "photos: %s \"%s\" is relative; allowed: an absolute path", key, path);
}

void section_photos(struct draft *draft)
{
    struct photos_settings *photos = &draft->config.photos;
    const struct reader_node *group = reader_member(draft->root, "photos");

    if (!group) {
        photos->folder = NULL;
        return;
    }
    check(draft, group, "folder", photos->folder);
    check(draft, group, "key_file", photos->key_file);
}
