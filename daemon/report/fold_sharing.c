/* Off-peak sharing into figures: bays and bay-hours promised and kept. See fold.h. */
#include <string.h>

#include "daemon/report/body.h"
#include "daemon/report/fold.h"

static struct fold_window *window_of(struct fold *fold, const char *body)
{
    char lot[FOLD_ID_SIZE], zone[FOLD_ID_SIZE];

    body_text(body, "lot", lot, sizeof lot);
    body_text(body, "zone", zone, sizeof zone);
    for (uint32_t i = 0; i < fold->windows_count; i++)
        if (!strcmp(fold->windows[i].lot, lot) && !strcmp(fold->windows[i].zone, zone))
            return &fold->windows[i];
    if (fold->windows_count == FOLD_WINDOWS_MAX)
        return NULL;
    struct fold_window *window = &fold->windows[fold->windows_count++];
    text_copy(window->lot, sizeof window->lot, lot);
    text_copy(window->zone, sizeof window->zone, zone);
    return window;
}

/* Books the time since the last word about it. */
static void book(struct fold *fold, struct fold_window *window, utc_ms at)
{
    struct fold_lot *lot = fold_lot(fold, window->lot);
    int64_t seconds = (at.ms - window->since.ms) / 1000;

    if (!window->since.ms || seconds <= 0)
        return;
    fold_add(fold, lot, FIGURE_SHARED_HOURS, 0, window->open * seconds);
    fold_add(fold, lot, FIGURE_SHARED_HOURS, 1, window->promised * seconds);
    window->since = at;
}

void fold_sharing(struct fold *fold, const struct fold_record *record)
{
    struct fold_window *window = window_of(fold, record->body);
    int event = body_word(record->body, "event", &sharing_event_words);

    if (!window || event == SHARING_OVERSTAY || event == SHARING_CLOSING)
        return;
    book(fold, window, record->at);
    if (event == SHARING_CLOSED) {
        window->since = (utc_ms){0};
        return;
    }
    window->open = body_int(record->body, "open", 0);
    window->promised = body_int(record->body, "promised", 0);
    if (event == SHARING_OPENED) {
        struct fold_lot *lot = fold_lot(fold, window->lot);
        fold_add(fold, lot, FIGURE_SHARED_BAYS, 0, window->open);
        fold_add(fold, lot, FIGURE_SHARED_BAYS, 1, window->promised);
        window->since = record->at;
    }
}

void fold_sharing_ends(struct fold *fold)
{
    for (uint32_t i = 0; i < fold->windows_count; i++)
        book(fold, &fold->windows[i], fold->ask->until);
}
