/*
 * parkctl fee: what one stay costs and why, or with --at what it would cost now and until when;
 * with
 * --batch many stays.
 */
#include <stdio.h>
#include <string.h>

#include "daemon/core/text.h"
#include "daemon/ctl/commands.h"
#include "daemon/ctl/fee.h"
#include "daemon/ctl/fee_stay.h"

enum { SENTENCE_SIZE = 1024, ANSWER_SIZE = 65536 };

/* What has been found out about one stay. */
struct answer {
    const struct tariff_book *book;
    struct tariff_stay stay;
    struct tariff_fee fee;
    struct tariff_trace trace;
    bool quoted;
    int64_t until_s; /* of a quote */
};

static const char *sentence(const struct answer *answer, uint32_t note,
                            enum tariff_language language, char bytes[SENTENCE_SIZE])
{
    struct text out;

    text_init(&out, bytes, SENTENCE_SIZE);
    tariff_trace_sentence(&answer->trace.notes[note], language, answer->fee.version,
                          answer->book->zone, &out);
    return bytes;
}

static void print_total(const struct answer *answer, bool chinese)
{
    const struct tariff *tariff = answer->fee.version;
    char money[64], until[CIVIL_TEXT];
    struct text out;

    text_init(&out, money, sizeof money);
    tariff_trace_money(money_of(answer->fee.fen), tariff->exponent, &out);
    printf("%s%s %s\n", chinese ? "应收：" : "Fee: ", money, tariff->currency);
    if (!answer->quoted)
        return;
    if (answer->until_s == INT64_MAX)
        puts(chinese ? "一周内价格不变" : "The same for a week.");
    else
        printf("%s%s\n", chinese ? "有效期至：" : "Valid until: ",
               civil_text(answer->book->zone, answer->until_s, until));
}

static void print_json(const struct answer *answer)
{
    static char bytes[ANSWER_SIZE];
    char words[SENTENCE_SIZE], until[CIVIL_TEXT];
    struct text out;

    text_init(&out, bytes, sizeof bytes);
    text_add(&out, "{");
    text_json_int(&out, "fee", answer->fee.fen);
    text_json_int(&out, "due", answer->fee.due_fen);
    text_json_pair(&out, "currency", answer->fee.version->currency);
    text_json_pair(&out, "tariff", answer->fee.version->id);
    text_json_pair(&out, "version", answer->fee.version->version);
    text_json_pair(&out, "hash", answer->fee.version->hash);
    if (answer->quoted && answer->until_s != INT64_MAX)
        text_json_pair(&out, "valid_until", civil_text(answer->book->zone, answer->until_s, until));
    if (answer->fee.unknown_year)
        text_json_int(&out, "unknown_year", answer->fee.unknown_year);
    text_add(&out, ",\"trace\":[");
    for (uint32_t i = 0; i < answer->trace.count; i++) {
        text_add(&out, "%s{", i ? "," : "");
        text_json_pair(&out, "en", sentence(answer, i, TARIFF_ENGLISH, words));
        text_json_pair(&out, "zh", sentence(answer, i, TARIFF_CHINESE, words));
        text_add(&out, "}");
    }
    text_add(&out, "]}");
    puts(bytes);
}

static enum ctl_exit read_stay(const struct ctl *ctl, struct answer *answer)
{
    const char *end = ctl->at ? ctl->at : ctl->exit;

    if (ctl->words_count != 1)
        return ctl_wrong_use(ctl, "give one tariff, or --batch");
    if (!end || (ctl->at && ctl->exit))
        return ctl_wrong_use(ctl, "give --exit, or --at for a quote");
    if (!fee_stay_time(end, &answer->stay.exit_s) ||
        (ctl->entry && !fee_stay_time(ctl->entry, &answer->stay.entry_s)))
        return ctl_wrong_use(ctl, "a time is such as 2024-03-13T10:00:00+08:00");
    if (ctl->vehicle && !vehicle_parse(ctl->vehicle, &answer->stay.class))
        return ctl_wrong_use(ctl, "vehicle \"%s\" is not known", ctl->vehicle);
    answer->stay.entry_missing = !ctl->entry;
    answer->quoted = ctl->at != NULL;
    return CTL_DONE;
}

static enum ctl_exit price_one(const struct ctl *ctl, struct tariff_library *library)
{
    static struct answer answer;
    char words[SENTENCE_SIZE];
    struct err err;
    enum ctl_exit exit = read_stay(ctl, &answer);
    bool chinese = ctl->language == WORDS_CHINESE;

    if (exit != CTL_DONE)
        return exit;
    answer.book = tariff_library_book(library, ctl->words[0], &err);
    if (!answer.book)
        return ctl_refused(ctl, &err);
    enum tariff_verdict verdict =
        tariff_price(answer.book, &answer.stay, &answer.trace, &answer.fee);
    if (verdict == TARIFF_PRICED && answer.quoted)
        verdict = tariff_quote(answer.book, &answer.stay, &answer.fee, &answer.until_s);
    if (verdict != TARIFF_PRICED) {
        err_set(&err, "%s", tariff_verdict_text(verdict));
        return ctl_refused(ctl, &err);
    }
    if (ctl->json) {
        print_json(&answer);
        return CTL_DONE;
    }
    for (uint32_t i = 0; i < answer.trace.count; i++)
        puts(sentence(&answer, i, chinese ? TARIFF_CHINESE : TARIFF_ENGLISH, words));
    print_total(&answer, chinese);
    return CTL_DONE;
}

enum ctl_exit fee_command(const struct ctl *ctl)
{
    struct err err;
    struct tariff_library *library = fee_library(ctl, &err);

    if (!library)
        return ctl_refused(ctl, &err);
    enum ctl_exit exit = ctl->batch ? fee_batch(ctl, library) : price_one(ctl, library);
    tariff_library_destroy(library);
    return exit;
}
