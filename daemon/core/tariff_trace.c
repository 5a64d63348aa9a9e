/*
 * The trace: notes are kept, and put into words from a table of sentences with {places}. See
 * tariff_trace.h.
 */
#include "daemon/core/tariff_trace.h"

#include <string.h>

/* Whether `note` only goes on with what the last one said. */
static bool goes_on(const struct tariff_note *last, const struct tariff_note *note)
{
    if (last->kind != note->kind || last->to_s != note->from_s || last->window != note->window)
        return false;
    if (note->kind == TARIFF_NOTE_UNITS)
        return last->step == note->step;
    return note->kind == TARIFF_NOTE_GAP || note->kind == TARIFF_NOTE_FULL;
}

void tariff_trace_add(struct tariff_trace *trace, const struct tariff_note *note)
{
    struct tariff_note *last = trace->count ? &trace->notes[trace->count - 1] : NULL;

    if (last && goes_on(last, note)) {
        last->to_s = note->to_s;
        last->adds = money_plus(last->adds, note->adds);
        if (note->kind == TARIFF_NOTE_UNITS)
            last->a += note->a;
        return;
    }
    if (trace->count < TARIFF_TRACE_NOTES) {
        trace->notes[trace->count++] = *note;
        return;
    }
    if (last->kind != TARIFF_NOTE_MORE) {
        last->kind = TARIFF_NOTE_MORE;
        last->a = 1;
    }
    last->a++;
    last->to_s = note->to_s > last->to_s ? note->to_s : last->to_s;
    last->adds = money_plus(last->adds, note->adds);
}

static const struct {
    const char *text[2]; /* by enum tariff_language */
} sentences[TARIFF_NOTES] = {
    [TARIFF_NOTE_CLOCK] = {{"The clock was moved by {seconds} s during the stay; the reading that "
                            "costs least counts: {span}.",
                            "停车期间时钟被调整{seconds}秒，按费用最低的时间计算：{span}。"}},
    [TARIFF_NOTE_SECONDS] = {{"Seconds are cut: {span} counts.", "秒数舍去，按{span}计时。"}},
    [TARIFF_NOTE_MISSING] = {{"No entry is recorded; {missing}: {adds}.",
                              "无入场记录，{missing}：{adds}。"}},
    [TARIFF_NOTE_CLASS] = {{"Vehicle: {class_a}, priced as {class_b}.",
                            "车型：{class_a}，按{class_b}计费。"}},
    [TARIFF_NOTE_EXEMPT] = {{"Vehicles of class {class_a} are exempt.", "{class_a}车辆免费停放。"}},
    [TARIFF_NOTE_VERSION] = {{"{span} is priced by \"{tariff}\", version {version}.",
                              "{span}按“{tariff}”（版本{version}）计费。"}},
    [TARIFF_NOTE_PASS] = {{"{span} lies under a pass.", "{span}为包期有效时段，不收费。"}},
    [TARIFF_NOTE_SETTLED] = {{"Paid in full at {from} and left in time, at {to}.",
                              "{from}已缴清，在规定时间内于{to}离场。"}},
    [TARIFF_NOTE_NEW_STAY] = {{"Paid in full at {from}, but not left in time: from {to} on this "
                               "is another stay.",
                               "{from}已缴清但未按时离场，自{to}起重新计费。"}},
    [TARIFF_NOTE_ALTERNATIVE] = {{"Entry and exit meet the conditions of special price {number}.",
                                  "入场和离场时间符合第{number}项特殊价格条件。"}},
    [TARIFF_NOTE_MAX_STAY] = {{"The maximum stay of {length} is over at {from}; nothing more is "
                               "charged by time{penalty}.",
                               "最长停放时间为{length}，{from}起不再按时计费{penalty}。"}},
    [TARIFF_NOTE_FREE] = {{"{span} lies within the free time of {length}: nothing to pay.",
                           "{span}在{length}免费时间内，不收费。"}},
    [TARIFF_NOTE_FREE_SPENT] = {{"The stay is longer than the free time of {length}: it is "
                                 "charged from {from}.",
                                 "停放超过{length}免费时间，自{from}起计费。"}},
    [TARIFF_NOTE_FREE_CUT] = {{"The first {length} are free: charged from {to}.",
                               "前{length}免费，自{to}起计费。"}},
    [TARIFF_NOTE_COUPON_TIME] = {{"A coupon for {length} makes {span} free.",
                                  "使用{length}停车券，{span}免费。"}},
    [TARIFF_NOTE_CYCLE] = {{"At {from} charging period {number} begins, with the first step.",
                            "{from}起进入第{number}个计费周期，重新计费。"}},
    [TARIFF_NOTE_GAP] = {{"{span}: {gap}.", "{span}：{gap}。"}},
    [TARIFF_NOTE_FLAT] = {{"{span}: {adds} for this step{over}.", "{span}：本段{adds}{over}。"}},
    [TARIFF_NOTE_UNITS] = {{"{span}: {number} × {unit} at {price} = {adds}{over}.",
                            "{span}：{number}个{unit}，每个{price}，共{adds}{over}。"}},
    [TARIFF_NOTE_FULL] = {{"{span}: the most that is charged of time or units is reached.",
                           "{span}：已达计费时长或单位上限，不再计费。"}},
    [TARIFF_NOTE_REPEAT] = {{"{span}: the same again {number} times: {adds}.",
                             "{span}：同样计费{number}次，共{adds}。"}},
    [TARIFF_NOTE_CAP_WINDOW] = {{"No more than {cash} in this window: {adds}.",
                                 "本时段最高{cash}：{adds}。"}},
    [TARIFF_NOTE_CAP_CYCLE] = {{"No more than {cash} in this charging period: {adds}.",
                                "本计费周期最高{cash}：{adds}。"}},
    [TARIFF_NOTE_WHOLE_CYCLE] = {{"{span} is a whole charging period and costs {cash}: {adds}.",
                                  "{span}为完整计费周期，收费{cash}：{adds}。"}},
    [TARIFF_NOTE_CAP_STAY] = {{"No more than {cash} for a stay: {adds}.",
                               "单次停放最高{cash}：{adds}。"}},
    [TARIFF_NOTE_FACTOR] = {{"This class of vehicle pays {number}/{b} of the price: {adds}.",
                             "该车型按{number}/{b}倍计费：{adds}。"}},
    [TARIFF_NOTE_RELIEF] = {{"Relief for this vehicle: {adds}.", "优惠减免：{adds}。"}},
    [TARIFF_NOTE_COUPON] = {{"Coupon for {coupon}: {adds}.", "优惠券（{coupon}）：{adds}。"}},
    [TARIFF_NOTE_PLATE] = {{"No more than {cash} a day for one plate: {adds}.",
                            "同一车牌每日最高{cash}：{adds}。"}},
    [TARIFF_NOTE_ROUND] = {{"Rounded to a multiple of {cash}: {adds}.",
                            "金额按{cash}取整：{adds}。"}},
    [TARIFF_NOTE_PAID] = {{"{cash} has been paid.", "已付{cash}。"}},
    [TARIFF_NOTE_YEAR] = {{"There is no calendar of public holidays for {number}: its days are "
                           "taken as weekdays.",
                           "没有{number}年的节假日日历，按星期计费。"}},
    [TARIFF_NOTE_MORE] = {{"{number} further steps up to {to}: {adds}.",
                           "至{to}另有{number}步，共{adds}。"}},
};

static const char *const class_zh[VEHICLE_CLASSES] = {
    "小型车", "中型车", "大型车", "新能源车", "大型新能源车", "残疾人车辆", "柴油车",
    "摩托车", "警车",   "军车",   "消防车",   "救护车",       "抢险救援车",
};

static const char *const missing_words[][2] = {
    [TARIFF_MISSING_MANUAL] = {"the staff decides", "由管理人员确定"},
    [TARIFF_MISSING_FIRST_STEP] = {"the price of the first step", "按首段价格"},
    [TARIFF_MISSING_FIXED] = {"a fixed price", "按固定价格"},
    [TARIFF_MISSING_CAP] = {"the highest price of a period", "按周期最高价"},
    [TARIFF_MISSING_FROM_OPEN] = {"charged from the last opening", "自最近开放时间计费"},
};

void tariff_trace_money(struct money amount, int32_t exponent, struct text *out)
{
    int64_t rest, scale = 1, fen = money_whole(amount, &rest);
    bool negative = wide_sign(amount.number) < 0;

    for (int32_t i = 0; i < exponent; i++)
        scale *= 10;
    fen = negative ? -fen : fen;
    text_add(out, "%s%lld", negative ? "-" : "", (long long)(fen / scale));
    if (exponent > 0)
        text_add(out, ".%0*lld", exponent, (long long)(fen % scale));
    if (rest)
        text_add(out, " %lld/%lld", (long long)(negative ? -rest : rest), (long long)amount.part);
}

/* All that a place may need. */
struct rendering {
    const struct tariff_note *note;
    const struct tariff *tariff;
    const struct civil_zone *zone;
    enum tariff_language language;
    struct text *out;
};

static void put_moment(const struct rendering *r, int64_t at_s)
{
    char text[CIVIL_TEXT];

    civil_text(r->zone, at_s, text);
    text_append(r->out, text, strlen("2024-02-29"));
    text_append(r->out, " ", 1);
    text_append(r->out, text + strlen("2024-02-29T"), strlen("10:00:00"));
}

static void put_length(const struct rendering *r, int64_t seconds)
{
    static const char *const words[][2] = {{" h", "小时"}, {" min", "分钟"}, {" s", "秒"}};
    const int64_t parts[] = {seconds / 3600, seconds / 60 % 60, seconds % 60};
    bool any = false;

    for (size_t i = 0; i < 3; i++) {
        if (parts[i] == 0 && (any || i < 2))
            continue;
        if (any && r->language == TARIFF_ENGLISH)
            text_append(r->out, " ", 1);
        text_add(r->out, "%lld%s", (long long)parts[i], words[i][r->language]);
        any = true;
    }
}

static void put_money(const struct rendering *r, struct money amount)
{
    bool yuan = r->language == TARIFF_CHINESE && strcmp(r->tariff->currency, "CNY") == 0;

    tariff_trace_money(amount, r->tariff->exponent, r->out);
    text_add(r->out, "%s%s", yuan ? "" : " ", yuan ? "元" : r->tariff->currency);
}

static void put_word(const struct rendering *r, const char *const words[2])
{
    text_add(r->out, "%s", words[r->language]);
}

static void put_class(const struct rendering *r, int64_t class)
{
    put_word(r, (const char *const[]){vehicle_name((enum vehicle_class) class), class_zh[class]});
}

static void place_from(const struct rendering *r)
{
    put_moment(r, r->note->from_s);
}

static void place_to(const struct rendering *r)
{
    put_moment(r, r->note->to_s);
}

static void place_span(const struct rendering *r)
{
    place_from(r);
    text_add(r->out, "%s", r->language == TARIFF_CHINESE ? "至" : " – ");
    place_to(r);
}

static void place_number(const struct rendering *r)
{
    text_add(r->out, "%lld", (long long)r->note->a);
}

static void place_b(const struct rendering *r)
{
    text_add(r->out, "%lld", (long long)r->note->b);
}

static void place_length(const struct rendering *r)
{
    put_length(r, r->note->a);
}

static void place_cash(const struct rendering *r)
{
    put_money(r, money_of(r->note->a));
}

static void place_adds(const struct rendering *r)
{
    put_money(r, r->note->adds);
}

static void place_price(const struct rendering *r)
{
    put_money(r, money_of(r->note->step->price_fen));
}

static void place_unit(const struct rendering *r)
{
    put_length(r, r->note->step->unit_s);
}

static void place_class_a(const struct rendering *r)
{
    put_class(r, r->note->a);
}

static void place_class_b(const struct rendering *r)
{
    put_class(r, r->note->b);
}

static void place_tariff(const struct rendering *r)
{
    put_word(r, (const char *const[]){r->note->tariff->name, r->note->tariff->name_zh});
}

static void place_version(const struct rendering *r)
{
    text_add(r->out, "%s", r->note->tariff->version);
}

static void place_missing(const struct rendering *r)
{
    put_word(r, missing_words[r->note->a]);
}

static void place_gap(const struct rendering *r)
{
    put_word(r, r->note->a ? (const char *const[]){"closed", "关闭时段"}
                           : (const char *const[]){"outside the charged hours", "非收费时段"});
}

static void place_over(const struct rendering *r)
{
    if (r->note->window->kind == TARIFF_OVERSTAY)
        put_word(r, (const char *const[]){" (overstay)", "（超时）"});
}

static void place_penalty(const struct rendering *r)
{
    if (wide_sign(r->note->adds.number) == 0)
        return;
    put_word(r, (const char *const[]){", but the overstay costs ", "，另收超时费"});
    place_adds(r);
}

static void place_coupon(const struct rendering *r)
{
    if (r->note->b == 1) /* TARIFF_COUPON_PERCENT; this header stands below tariff.h */
        text_add(r->out, "%lld %%", (long long)r->note->a);
    else
        place_cash(r);
}

static const struct {
    const char *name;
    void (*put)(const struct rendering *r);
} places[] = {
    {"from", place_from},       {"to", place_to},          {"span", place_span},
    {"number", place_number},   {"seconds", place_number}, {"b", place_b},
    {"length", place_length},   {"cash", place_cash},      {"adds", place_adds},
    {"price", place_price},     {"unit", place_unit},      {"class_a", place_class_a},
    {"class_b", place_class_b}, {"tariff", place_tariff},  {"version", place_version},
    {"missing", place_missing}, {"gap", place_gap},        {"over", place_over},
    {"penalty", place_penalty}, {"coupon", place_coupon},
};

static void put_place(const struct rendering *r, const char *name, size_t size)
{
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (strlen(places[i].name) == size && strncmp(places[i].name, name, size) == 0)
            places[i].put(r);
}

void tariff_trace_sentence(const struct tariff_note *note, enum tariff_language language,
                           const struct tariff *tariff, const struct civil_zone *zone,
                           struct text *out)
{
    struct rendering r = {note, tariff, zone, language, out};
    const char *rest = sentences[note->kind].text[language];

    for (const char *open = strchr(rest, '{'); open; open = strchr(rest, '{')) {
        const char *close = strchr(open, '}');

        text_append(out, rest, (size_t)(open - rest));
        put_place(&r, open + 1, (size_t)(close - open - 1));
        rest = close + 1;
    }
    text_append(out, rest, strlen(rest));
}
