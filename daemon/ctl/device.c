/* parkctl device: asks something of the radio sensor of a bay, and says what happens next. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/core/text.h"
#include "daemon/ctl/client.h"
#include "daemon/ctl/commands.h"

enum { PATH_SIZE = 1024, BODY_SIZE = 1024, ANSWER_SIZE = 16 };

/* A sensor that takes a car for its empty bay is wrong from then on: somebody has to have looked.
 */
static bool is_empty(const struct ctl *ctl)
{
    char answer[ANSWER_SIZE] = "";

    if (ctl->empty)
        return true;
    if (!isatty(STDIN_FILENO))
        return false;
    printf("Is bay \"%s\" empty, and will it be until its sensor has answered? [y/N] ",
           ctl->words[1]);
    fflush(stdout);
    return fgets(answer, sizeof answer, stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

static bool take_value(const char *text, int64_t *ret)
{
    char *end = NULL;

    *ret = strtoll(text, &end, 10);
    return end != text && !*end && *ret >= INT32_MIN && *ret <= INT32_MAX;
}

static enum ctl_exit ask(const struct ctl *ctl, const char *act, int64_t value)
{
    char path_bytes[PATH_SIZE], body_bytes[BODY_SIZE];
    struct text path, body;
    struct err err;

    text_init(&path, path_bytes, sizeof path_bytes);
    text_add(&path, "/api/v1/bays/");
    client_encode(&path, ctl->words[1]);
    text_add(&path, "/%s", act);
    text_init(&body, body_bytes, sizeof body_bytes);
    text_add(&body, "{");
    text_json_bool(&body, "empty", ctl->words_count == 2);
    if (ctl->words_count == 4) {
        text_json_pair(&body, "what", ctl->words[2]);
        text_json_int(&body, "value", value);
    }
    text_json_pair(&body, "reason", ctl->reason ? ctl->reason : "");
    text_add(&body, "}");
    if (body.overflow || path.overflow)
        return ctl_wrong_use(ctl, "that is too long; 127 bytes of a reason are kept");
    struct json *answer = client_send(ctl, path_bytes, body_bytes, &err);
    if (!answer)
        return ctl_refused(ctl, &err);
    int64_t minutes = json_int(json_member(answer, "wait_s"), 0) / 60;
    if (!ctl->json)
        printf("Recorded, and on its way. The sensor listens when it next speaks, within %lld h "
               "%lld min;\nparkctl devices shows how it goes.\n",
               (long long)(minutes / 60), (long long)(minutes % 60));
    json_release(answer);
    return CTL_DONE;
}

static enum ctl_exit recalibrate(const struct ctl *ctl)
{
    if (ctl->words_count != 2)
        return ctl_wrong_use(ctl, "give one bay after \"recalibrate\"");
    if (is_empty(ctl))
        return ask(ctl, "recalibrate", 0);
    return ctl_wrong_use(ctl, "a sensor is recalibrated over an empty bay; look, then say --empty");
}

static enum ctl_exit set(const struct ctl *ctl)
{
    int64_t value;

    if (ctl->words_count != 4)
        return ctl_wrong_use(ctl, "give a bay, a parameter and its value after \"set\"");
    if (!take_value(ctl->words[3], &value))
        return ctl_wrong_use(ctl, "\"%s\" is no whole number", ctl->words[3]);
    return ask(ctl, "set", value);
}

enum ctl_exit device_command(const struct ctl *ctl)
{
    const char *act = ctl->words_count > 0 ? ctl->words[0] : "";

    if (strcmp(act, "recalibrate") == 0)
        return recalibrate(ctl);
    if (strcmp(act, "set") == 0)
        return set(ctl);
    return ctl_wrong_use(ctl, "give \"recalibrate\" or \"set\", and a bay");
}
