/* parkctl cameras: cameras, what came of their reads and pictures, and what to do about them. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/ctl/client.h"
#include "daemon/ctl/commands.h"
#include "daemon/ctl/table.h"

enum { CELL = 64 };

static const struct table_column columns[] = {
    {"Camera", TABLE_LEFT},  {"Lane", TABLE_LEFT},     {"State", TABLE_LEFT},
    {"Heard", TABLE_LEFT},   {"Reads", TABLE_RIGHT},   {"Stored", TABLE_RIGHT},
    {"Late", TABLE_RIGHT},   {"Refused", TABLE_RIGHT}, {"Lag", TABLE_RIGHT},
    {"Kept", TABLE_RIGHT},   {"Dropped", TABLE_RIGHT}, {"List", TABLE_LEFT},
    {"Trouble", TABLE_LEFT},
};

/* "1.3 s" */
static void add_lag(struct table *table, const struct json *camera)
{
    const struct json *lag = json_member(camera, "lag_ms");
    char cell[CELL];

    snprintf(cell, sizeof cell, "%.1f s", (double)json_int(lag, 0) / 1000);
    table_text(table, lag ? cell : NULL);
}

/* "120", or "118, 2 due" */
static void add_list(struct table *table, const struct json *camera)
{
    const struct json *list = json_member(camera, "list");
    int64_t due = json_int(json_member(camera, "list_due"), 0);
    char cell[CELL];
    int used =
        snprintf(cell, sizeof cell, "%" PRId64, json_int(json_member(camera, "list_held"), 0));

    if (due)
        snprintf(cell + used, sizeof cell - (size_t)used, ", %" PRId64 " due", due);
    table_text(table, list ? cell : NULL);
}

static void add_camera(const struct ctl *ctl, struct table *table, const struct json *camera)
{
    static const char *const counts[] = {"reads", "stored", "late", "refused"};
    static const char *const photos[] = {"photos_kept", "photos_dropped"};
    const char *trouble = json_text(json_member(camera, "trouble"), NULL);
    const char *words = trouble ? words_in(ctl->language, trouble) : NULL;

    table_text(table, json_text(json_member(camera, "camera"), NULL));
    table_text(table, json_text(json_member(camera, "lane"), NULL));
    table_word(table, json_text(json_member(camera, "state"), ""));
    table_time(table, json_text(json_member(camera, "heard"), NULL));
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        table_number(table, json_int(json_member(camera, counts[i]), 0));
    add_lag(table, camera);
    for (size_t i = 0; i < sizeof photos / sizeof *photos; i++)
        table_number(table, json_int(json_member(camera, photos[i]), 0));
    add_list(table, camera);
    table_text(table, words && strcmp(words, trouble) != 0
                          ? words
                          : json_text(json_member(camera, "advice"), NULL));
}

static void print_photos(const struct json *photos)
{
    const char *trouble = json_text(json_member(photos, "trouble"), NULL);

    if (!photos)
        return;
    printf("\n%" PRId64 " pictures, %.1f MB; erased: %" PRId64 " by age, %" PRId64 " at a bound\n",
           json_int(json_member(photos, "count"), 0),
           (double)json_int(json_member(photos, "bytes"), 0) / (1024 * 1024),
           json_int(json_member(photos, "aged"), 0), json_int(json_member(photos, "crowded"), 0));
    if (trouble)
        printf("%s\n", trouble);
}

static void print(const struct ctl *ctl, const struct json *answer)
{
    const struct json *cameras = json_member(answer, "cameras");
    struct table *table = table_create(ctl->language, columns, sizeof columns / sizeof columns[0]);

    for (size_t i = 0; i < json_size(cameras); i++)
        add_camera(ctl, table, json_item(cameras, i));
    table_print(table);
    print_photos(json_member(answer, "photos"));
}

enum ctl_exit cameras_command(const struct ctl *ctl)
{
    struct err err;

    if (ctl->words_count > 0)
        return ctl_wrong_use(ctl, "\"%s\" is too much", ctl->words[0]);
    struct json *answer = client_get(ctl, "/api/v1/cameras", &err);
    if (!answer)
        return ctl_refused(ctl, &err);
    if (!ctl->json)
        print(ctl, answer);
    json_release(answer);
    return CTL_DONE;
}
