/* Acts on lanes, stays and money. See act.h. */
#include "daemon/ctl/act.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/client.h"
#include "daemon/ctl/commands.h"

enum { PATH_SIZE = 256, BODY_SIZE = 4096, MOST = 1000000000 };

/* "90s", "30m", "8h", "90": seconds. */
static bool read_span(const char *text, int64_t *ret)
{
    static const struct {
        const char *unit;
        int64_t seconds;
    } units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
    char *end;
    long long number = strtoll(text, &end, 10);

    if (end == text || number <= 0 || number > MOST)
        return false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (!strcmp(end, units[i].unit)) {
            *ret = number * units[i].seconds;
            return true;
        }
    return false;
}

/* "12", "12.5", "12.50": fen, without a detour over floating point. */
static bool read_money(const char *text, int64_t *ret)
{
    size_t whole = strspn(text, "0123456789");
    size_t part = text[whole] == '.' ? strspn(text + whole + 1, "0123456789") : 0;
    int64_t fen = strtoll(text, NULL, 10) * 100;

    if (!whole || whole > 8 || part > 2 || text[whole] != (part ? '.' : '\0') ||
        (part && text[whole + 1 + part]))
        return false;
    if (part)
        fen += strtoll(text + whole + 1, NULL, 10) * (part == 1 ? 10 : 1);
    *ret = fen;
    return true;
}

static bool read_number(const char *text, int64_t *ret)
{
    char *end;
    long long number = strtoll(text, &end, 10);

    *ret = number;
    return end != text && !*end && number >= 0 && number <= MOST;
}

/* How the forms are written that are numbers in the body. */
static bool (*const numbers[])(const char *text, int64_t *ret) = {[WORD_AS_NUMBER] = read_number,
                                                                  [WORD_AS_SPAN] = read_span,
                                                                  [WORD_AS_MONEY] = read_money,
                                                                  [WORD_AS_SUM] = NULL,
                                                                  [WORD_AS_FLAG] = NULL};

static bool add_word(const struct ctl *ctl, const struct serve_word_row *row, const char *said,
                     struct text *body)
{
    bool (*number)(const char *text, int64_t *ret) = numbers[row->form];
    int64_t value;

    if (row->form == WORD_AS_FLAG) {
        text_json_bool(body, row->key, true);
    } else if (!number) {
        text_json_pair(body, row->key, said);
    } else if (number(said, &value)) {
        text_json_int(body, row->key, value);
    } else {
        ctl_wrong_use(ctl, "--%s \"%s\" is not %s", row->option, said, row->help);
        return false;
    }
    return true;
}

/* What was said of a word: reason and lot are options of other commands, too. */
static const char *said_of(const struct ctl *ctl, int word, const char *place)
{
    switch (word) {
    case WORD_REASON:
        return ctl->reason;
    case WORD_LOT:
        return ctl->lot;
    case WORD_PLACE:
        return place;
    default:
        return ctl->said[word];
    }
}

static bool write_body(const struct ctl *ctl, const struct serve_act_row *act, const char *place,
                       struct text *body)
{
    bool has_either = false;

    text_add(body, "{");
    for (int i = 0; i < SERVE_WORDS; i++) {
        const char *said = said_of(ctl, i, place);
        uint64_t bit = SERVE_GIVEN(i);

        if (said && !((act->needs | act->either | act->may) & bit)) {
            ctl_wrong_use(ctl, "--%s is not for this", serve_words[i].option);
            return false;
        }
        if (!said && (act->needs & bit)) {
            ctl_wrong_use(ctl, "say --%s: %s", serve_words[i].option, serve_words[i].help);
            return false;
        }
        if (said && !add_word(ctl, &serve_words[i], said, body))
            return false;
        has_either = has_either || (said && (act->either & bit));
    }
    text_add(body, "}");
    if (act->either && !has_either)
        ctl_wrong_use(ctl, "say what");
    return !act->either || has_either;
}

/* Sends the act with the options that were given; `subject` stands for the path's '*', NULL where
 * there is none. Says what came of it. */
static enum ctl_exit send_act(const struct ctl *ctl, enum serve_act act, const char *subject)
{
    const struct serve_act_row *row = &serve_acts[act];
    char path_bytes[PATH_SIZE], body_bytes[BODY_SIZE];
    const char *star = strchr(row->path, '*');
    struct text path, body;
    struct err err;

    if (star && !subject)
        return ctl_wrong_use(ctl, "say of which one");
    text_init(&path, path_bytes, sizeof path_bytes);
    text_append(&path, row->path, star ? (size_t)(star - row->path) : strlen(row->path));
    if (star) {
        client_encode(&path, subject);
        text_add(&path, "%s", row->end);
    }
    text_init(&body, body_bytes, sizeof body_bytes);
    if (!write_body(ctl, row, star ? NULL : subject, &body))
        return CTL_WRONG_USE;
    if (path.overflow || body.overflow)
        return ctl_wrong_use(ctl, "these words are too long");
    if (!client_post(ctl, path_bytes, body_bytes, &err))
        return ctl_refused(ctl, &err);
    if (!ctl->json)
        puts("done, and recorded");
    return CTL_DONE;
}

/* A command whose acts are its own; `verb` is its first word, "" none. */
static const struct verb {
    const char *command, *verb;
    enum serve_act act;
    bool subject; /* one more word is needed, or (evacuate) may be there */
} verbs[] = {
    {"open", "", ACT_LANE_OPEN, true},
    {"hold", "", ACT_LANE_HOLD, true},
    {"release", "", ACT_LANE_RELEASE, true},
    {"approve", "", ACT_LANE_APPROVE, true},
    {"evacuate", "end", ACT_EVACUATION_ENDS, true},
    {"evacuate", "", ACT_EVACUATE, true},
    {"lanes", "close", ACT_LANE_CLOSE, true},
    {"lanes", "reset", ACT_LANE_RESET, true},
    {"lanes", "out", ACT_LANE_OUT, true},
    {"lanes", "in", ACT_LANE_IN, true},
    {"lanes", "ticket", ACT_LANE_TICKET, true},
    {"stay", "open", ACT_STAY_OPEN, false},
    {"stay", "amend", ACT_STAY_AMEND, true},
    {"stay", "close", ACT_STAY_CLOSE, true},
    {"stay", "merge", ACT_STAY_MERGE, true},
    {"pay", "", ACT_PAY, true},
    {"refund", "", ACT_REFUND, true},
    {"coupon", "", ACT_STAY_COUPON, true},
    {"list", "add", ACT_LIST_ADD, true},
    {"list", "remove", ACT_LIST_REMOVE, true},
    {"shift", "open", ACT_SHIFT_OPEN, false},
    {"shift", "close", ACT_SHIFT_CLOSE, true},
    {"inside", "", ACT_OCCUPANCY, true},
    {"reconcile", "close", ACT_DIFFERENCE_CLOSE, true},
};

enum ctl_exit act_command(const struct ctl *ctl)
{
    const char *first = ctl->words_count ? ctl->words[0] : "";

    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        const struct verb *verb = &verbs[i];
        uint32_t used = *verb->verb ? 1 : 0;

        if (strcmp(verb->command, ctl->command->name) || (used && strcmp(verb->verb, first)))
            continue;
        if (ctl->words_count > used + verb->subject)
            return ctl_wrong_use(ctl, "\"%s\" is too much", ctl->words[ctl->words_count - 1]);
        return send_act(ctl, verb->act, ctl->words_count > used ? ctl->words[used] : NULL);
    }
    return ctl_wrong_use(ctl, "\"%s\" is not known here", first);
}
