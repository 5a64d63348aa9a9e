/* parkctl watch: prints what changes, one line a change, until it is stopped or the daemon goes. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "daemon/core/record.h"
#include "daemon/core/text.h"
#include "daemon/ctl/client.h"
#include "daemon/ctl/commands.h"

enum { LINE_SIZE = 1024, SAID_MAX = 128 };

/* An uplink or bus tells its numbers again and again; its line is said when the words change. At
 * the bound the oldest is forgotten, and may be said twice. */
struct said {
    char name[RECORD_WORD];
    char line[RECORD_PHRASE];
};

struct watching {
    const struct ctl *ctl;
    struct said said[SAID_MAX];
    size_t said_count;
};

static const char *text_of(const struct json *data, const char *key)
{
    return json_text(json_member(data, key), "-");
}

static void say_bay(const struct ctl *ctl, const struct json *data, struct text *line)
{
    text_add(line, "%s %s: %s (%s)", words_in(ctl->language, "bay"), text_of(data, "bay"),
             words_in(ctl->language, text_of(data, "state")),
             words_in(ctl->language, text_of(data, "reason")));
}

static void say_vacancy(const struct ctl *ctl, const struct json *data, struct text *line)
{
    text_add(line, "%s %s: %" PRId64 " / %" PRId64 " %s", words_in(ctl->language, "vacancy"),
             text_of(data, "lot"), json_int(json_member(data, "free"), 0),
             json_int(json_member(data, "capacity"), 0), words_in(ctl->language, "free"));
}

static void say_device(const struct ctl *ctl, const struct json *data, struct text *line)
{
    text_add(line, "%s %s: %s (%s)", words_in(ctl->language, "device"), text_of(data, "device"),
             words_in(ctl->language, text_of(data, "state")),
             words_in(ctl->language, text_of(data, "reason")));
}

static void say_uplink(const struct ctl *ctl, const struct json *data, struct text *line)
{
    const char *trouble = json_text(json_member(data, "trouble"), NULL);

    text_add(
        line, "%s %s: %s %s%s%s", words_in(ctl->language, "uplink"), text_of(data, "name"),
        words_in(ctl->language, "Connected"),
        words_in(ctl->language, json_bool(json_member(data, "connected"), false) ? "yes" : "no"),
        trouble ? ": " : "", trouble ? trouble : "");
}

static void say_bus(const struct ctl *ctl, const struct json *data, struct text *line)
{
    text_add(line, "%s %s: %s", words_in(ctl->language, "bus"), text_of(data, "bus"),
             json_bool(json_member(data, "open"), false) ? words_in(ctl->language, "ok")
                                                         : text_of(data, "trouble"));
}

/* `name`: the member that names a thing whose line is said only when it changes. */
static const struct {
    const char *event;
    void (*say)(const struct ctl *ctl, const struct json *data, struct text *line);
    const char *name;
} sayings[] = {{"bay", say_bay, NULL},
               {"vacancy", say_vacancy, NULL},
               {"device", say_device, NULL},
               {"uplink", say_uplink, "name"},
               {"bus", say_bus, "bus"}};

static bool is_news(struct watching *watching, const char *name, const char *line)
{
    struct said *said = watching->said;
    size_t at = 0;

    while (at < watching->said_count && strcmp(said[at].name, name) != 0)
        at++;
    if (at == SAID_MAX)
        memmove(said, said + 1, --at * sizeof *said);
    if (at == watching->said_count)
        watching->said_count++;
    else if (strcmp(said[at].line, line) == 0)
        return false;
    text_copy(said[at].name, sizeof said[at].name, name);
    text_copy(said[at].line, sizeof said[at].line, line);
    return true;
}

static void say(struct watching *watching, const char *event, const struct json *data)
{
    char at[16], bytes[LINE_SIZE];
    time_t now = time(NULL);
    struct tm parts;
    struct text line;

    for (size_t i = 0; i < sizeof sayings / sizeof sayings[0]; i++) {
        if (strcmp(sayings[i].event, event) != 0)
            continue;
        strftime(at, sizeof at, "%T", localtime_r(&now, &parts));
        text_init(&line, bytes, sizeof bytes);
        sayings[i].say(watching->ctl, data, &line);
        if (!sayings[i].name || is_news(watching, text_of(data, sayings[i].name), bytes))
            printf("%s  %s\n", at, words_clean(bytes));
    }
}

/* The status comes every two seconds and is no change. */
static bool on_event(void *arg, const char *event, const char *json, const struct json *data)
{
    struct watching *watching = arg;
    const struct ctl *ctl = watching->ctl;
    const char *lot = json_text(json_member(data, "lot"), NULL);

    if (strcmp(event, "status") == 0 || (ctl->lot && lot && strcmp(lot, ctl->lot) != 0))
        return true;
    if (ctl->json)
        printf("{\"event\":\"%s\",\"data\":%s}\n", event, json);
    else
        say(watching, event, data);
    return fflush(stdout) == 0;
}

enum ctl_exit watch_command(const struct ctl *ctl)
{
    struct watching watching = {.ctl = ctl};
    struct err err;

    if (ctl->words_count > 0)
        return ctl_wrong_use(ctl, "\"%s\" is too much", ctl->words[0]);
    if (!client_watch(ctl, "/api/v1/events", on_event, &watching, &err))
        return ctl_refused(ctl, &err);
    return CTL_DONE;
}
