/* parkctl decode --camera: what one message of a camera means, without a daemon. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/ctl/commands.h"
#include "sensors/lane/cameras.h"

enum { CAPTURE_MAX = CAMERA_BODY_MAX + 65536, ANSWER_SIZE = 65536 };

static enum ctl_exit no_family(const struct ctl *ctl)
{
    char names[256];
    struct text list;

    text_init(&list, names, sizeof names);
    for (size_t i = 0; cameras_at(i); i++)
        text_add(&list, "%s%s", i ? ", " : "", cameras_name(cameras_at(i)));
    return ctl_wrong_use(ctl, "there is no family of cameras \"%s\"; there are %s", ctl->camera,
                         names);
}

static void print(const struct camera_message *message)
{
    char *bytes = memory_new(ANSWER_SIZE, 1);
    struct text out;

    text_init(&out, bytes, ANSWER_SIZE);
    camera_json(message, &out);
    puts(bytes);
    free(bytes);
}

enum ctl_exit decode_camera(const struct ctl *ctl)
{
    const struct camera_family *family = cameras_find(ctl->camera);
    const char *name = ctl->words_count ? ctl->words[0] : "-";
    struct camera_message message;
    struct err err;

    if (!family)
        return no_family(ctl);
    FILE *file = strcmp(name, "-") ? fopen(name, "re") : stdin;
    if (!file) {
        err_errno(&err, "%s", name);
        return ctl_refused(ctl, &err);
    }
    char *bytes = memory_new(CAPTURE_MAX + 1, 1);
    size_t size = fread(bytes, 1, CAPTURE_MAX + 1, file);
    bool broken = ferror(file);
    if (file != stdin)
        fclose(file);
    if (!broken) {
        cameras_decode_capture(family, bytes, size, &message);
        print(&message);
    }
    free(bytes);
    if (broken) {
        err_set(&err, "%s: cannot be read to its end", name);
        return ctl_refused(ctl, &err);
    }
    return message.kind == CAMERA_MALFORMED ? CTL_REFUSED : CTL_DONE;
}
