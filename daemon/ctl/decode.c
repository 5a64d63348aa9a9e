/*
 * parkctl decode: what frames and messages of sensors mean, without a daemon. --batch reads one
 * frame a line and writes one answer a line; --envelope reads one message of a network server.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memory.h"
#include "daemon/ctl/commands.h"
#include "sensors/decoded.h"

enum { ANSWER_SIZE = 4096 };

static FILE *open_file(const char *name, struct err *err)
{
    FILE *file = strcmp(name, "-") ? fopen(name, "re") : stdin;

    if (!file)
        err_errno(err, "%s", name);
    return file;
}

static void close_file(FILE *file)
{
    if (file && file != stdin)
        fclose(file);
}

/* One answer a line, whatever the line holds, so that the two files stay side by side. */
static bool answer(const char *line, size_t size)
{
    char bytes[ANSWER_SIZE];
    struct text out;
    struct err err;

    text_init(&out, bytes, sizeof bytes);
    bool ok = decoded_line(line, size, &out, &err);
    if (!ok) {
        text_init(&out, bytes, sizeof bytes);
        text_add(&out, "{");
        text_json_pair(&out, "error", err.text);
        text_add(&out, "}");
    }
    puts(bytes);
    return ok;
}

static enum ctl_exit decode_batch(const struct ctl *ctl)
{
    struct err err;
    FILE *file = open_file(ctl->batch, &err);
    char *line = NULL;
    size_t room = 0, wrong = 0;
    ssize_t size;

    if (!file)
        return ctl_refused(ctl, &err);
    while ((size = getline(&line, &room, file)) >= 0)
        if (strspn(line, " \t\r\n") < (size_t)size && !answer(line, (size_t)size))
            wrong++;
    free(line);
    close_file(file);
    return wrong ? CTL_REFUSED : CTL_DONE;
}

static enum ctl_exit decode_message(const struct ctl *ctl)
{
    char bytes[ANSWER_SIZE];
    struct text out;
    struct err err;
    enum refusal refused = REFUSED_NOT;
    FILE *file = open_file(ctl->words_count ? ctl->words[0] : "-", &err);

    if (!file)
        return ctl_refused(ctl, &err);
    char *message = memory_new(ENVELOPE_JSON_MAX + 1, 1);
    size_t size = fread(message, 1, ENVELOPE_JSON_MAX + 1, file);
    text_init(&out, bytes, sizeof bytes);
    bool ok = decoded_envelope(ctl->envelope, ctl->topic, message, size, &out, &refused, &err);
    free(message);
    close_file(file);
    if (!ok)
        return ctl_refused(ctl, &err);
    puts(bytes);
    return refused ? CTL_REFUSED : CTL_DONE;
}

enum ctl_exit decode_command(const struct ctl *ctl)
{
    if (ctl->batch && !ctl->envelope && !ctl->camera && !ctl->words_count)
        return decode_batch(ctl);
    if (ctl->envelope && !ctl->batch && !ctl->camera && ctl->words_count <= 1)
        return decode_message(ctl);
    if (ctl->camera && !ctl->batch && !ctl->envelope && ctl->words_count <= 1)
        return decode_camera(ctl);
    return ctl_wrong_use(ctl,
                         "give --batch FILE, or --envelope NAME or --camera FAMILY and a FILE");
}
