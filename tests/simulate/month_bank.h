/*
 * The other side of the money in the simulated months: what the channels hold of each payment and
 * refund, and the faults that are planted between that and the gateway, each in a truth log with
 * the class, the amounts and the evening from which on it has closed itself. Nothing here is read
 * back from records.
 */
/* long: what is planted and what must come of it are read together */
#ifndef TESTS_MONTH_BANK_H
#define TESTS_MONTH_BANK_H

#include "daemon/reconcile/matching.h"
#include "tests/simulate/month_world.h"

enum {
    MONTH_FLOAT_FEN = 20000,
    BANK_NUMBER = 40,
    BANK_EDGE_S = 300,  /* before midnight: the channel may date it to the next day */
    BANK_CLEAR_S = 660, /* around midnight nothing else is planted: it would be told as late */
    BANK_NEVER = INT32_MAX
};

/* One row of a channel's statement. */
struct bank_line {
    int64_t at_ms;
    char order[BANK_NUMBER], transaction[BANK_NUMBER], refund[BANK_NUMBER];
    int64_t fen, coupon_fen;
    int64_t fee_more_fen; /* than its rate */
    int64_t flow_off_fen; /* that the account moved otherwise */
    bool back, failed;    /* a refund; one that failed */
};

struct bank_day {
    struct bank_line *lines;
    uint32_t count;
};

/* What must be found on `day`: as OPEN until the evening of day `closes`, with what the channel
 * showed until then, and AUTO_RESOLVED from there on. */
struct planted {
    const char *fault;
    int32_t day, closes;
    enum difference_class class;
    const char *channel;
    char order[BANK_NUMBER], other[BANK_NUMBER]; /* ours; the channel's */
    int64_t here_fen, there_before_fen, there_fen, at_risk_fen;
};

struct month_bank {
    struct bank_day days[PAY_CHANNELS][MONTH_DAYS];
    struct planted *planted;
    uint32_t planted_count;
    uint32_t lines, strangers;
    bool news[MONTH_DAYS];          /* something of the day was told after its figures were taken */
    int64_t agreed_fen[MONTH_DAYS]; /* payments that both sides hold alike, on the same day */
};

struct month_deal {
    int64_t at_ms, fen;
    enum pay_when when;
};

static inline int32_t month_day_of(const struct month *m, int64_t at_ms)
{
    return (int32_t)((at_ms - m->begin_ms) / DAY_MS);
}

static inline int32_t month_second_of(const struct month *m, int64_t at_ms)
{
    return (int32_t)((at_ms - m->begin_ms) % DAY_MS / 1000);
}

static inline void month_shift_name(const struct month *m, uint32_t lot, int64_t at_ms,
                                    char ret[IDENT_SIZE])
{
    month_name(ret, 'H', (uint32_t)month_day_of(m, at_ms) * 10 + lot);
}

static inline void month_transaction(uint32_t order, char *ret)
{
    sprintf(ret, "42%010u", order);
}

static inline struct bank_line *bank_line(struct month *m, enum pay_channel channel,
                                          const struct bank_line *line)
{
    int32_t day = month_day_of(m, line->at_ms);
    struct bank_day *to = &m->bank->days[channel][day < MONTH_DAYS ? day : MONTH_DAYS - 1];

    if ((to->count & (to->count - 1)) == 0) /* full at each power of two */
        to->lines = memory_grow(to->lines, to->count ? 2 * (size_t)to->count : 1, sizeof *line);
    to->lines[to->count] = *line;
    m->bank->lines++;
    return &to->lines[to->count++];
}

static inline struct planted *bank_plant(struct month *m, const struct planted *planted)
{
    struct month_bank *bank = m->bank;

    if ((bank->planted_count & (bank->planted_count - 1)) == 0)
        bank->planted =
            memory_grow(bank->planted, bank->planted_count ? 2 * (size_t)bank->planted_count : 1,
                        sizeof *planted);
    bank->planted[bank->planted_count] = *planted;
    return &bank->planted[bank->planted_count++];
}

/* A payment as the channel holds it when all is well. */
static inline struct bank_line bank_payment(const struct month_car *car,
                                            const struct month_deal *deal)
{
    struct bank_line line = {.at_ms = deal->at_ms, .fen = deal->fen};

    month_name(line.order, 'O', car->order);
    month_transaction(car->order, line.transaction);
    return line;
}

/* A fault of this payment, open for ever unless more is said. */
static inline struct planted bank_fault(const struct month *m, const struct month_car *car,
                                        const struct month_deal *deal, const char *fault)
{
    struct planted planted = {.fault = fault,
                              .day = month_day_of(m, deal->at_ms),
                              .closes = BANK_NEVER,
                              .channel = words_name(&pay_channel_words, (int)car->channel),
                              .here_fen = deal->fen,
                              .there_before_fen = deal->fen,
                              .there_fen = deal->fen,
                              .at_risk_fen = deal->fen};

    month_name(planted.order, 'O', car->order);
    month_name(planted.other, 'O', car->order);
    return planted;
}

/* The channel's word does not come. It comes the next day, or a person books what the statement
 * shows, or nobody does. */
static inline bool bank_lose(struct month *m, struct month_car *car, struct month_deal *deal)
{
    int64_t tomorrow_ms =
        m->begin_ms + (int64_t)(month_day_of(m, deal->at_ms) + 1) * DAY_MS + 9 * HOUR_MS;
    uint64_t dice = seeded_below(&m->random, 3);
    int64_t known_ms = tomorrow_ms + seeded_between(&m->random, 0, 3 * HOUR_MS);

    deal->at_ms += MINUTE_MS; /* once the vehicle is through */
    car->billed_ms = deal->at_ms;
    struct bank_line line = bank_payment(car, deal);
    bank_line(m, car->channel, &line);
    struct planted planted = bank_fault(m, car, deal, "callback lost");
    planted.class = DIFFERENCE_CHANNEL_ONLY;
    planted.order[0] = '\0';
    planted.here_fen = MATCHING_NO_AMOUNT;
    if (dice) {
        planted.closes = planted.day + 1;
        month_later(m, known_ms, dice == 1 ? MONTH_BOOK : MONTH_TOLD, car->stay);
    }
    bank_plant(m, &planted);
    if (dice == 2)
        m->bank->agreed_fen[planted.day] += deal->fen;
    if (dice == 1) { /* booked on the next day, found in the bill of the day before */
        planted = bank_fault(m, car, deal, "callback lost, booked");
        planted.day++;
        planted.class = DIFFERENCE_LATE;
        planted.closes = planted.day;
        bank_plant(m, &planted);
    }
    return true;
}

static inline void bank_forge(struct month *m, struct month_car *car, struct month_deal *deal)
{
    struct planted planted = bank_fault(m, car, deal, "callback without money");

    planted.class = DIFFERENCE_GATEWAY_ONLY;
    planted.other[0] = '\0';
    planted.there_fen = planted.there_before_fen = MATCHING_NO_AMOUNT;
    bank_plant(m, &planted);
}

static inline void bank_misprice(struct month *m, struct month_car *car, struct month_deal *deal)
{
    struct bank_line line = bank_payment(car, deal);
    struct planted planted = bank_fault(m, car, deal, "another amount");
    int64_t more = seeded_below(&m->random, 2) ? 50 : -1;

    line.fen += more;
    bank_line(m, car->channel, &line);
    planted.class = DIFFERENCE_AMOUNT_MISMATCH;
    planted.there_fen = planted.there_before_fen = line.fen;
    planted.at_risk_fen = llabs(more);
    bank_plant(m, &planted);
}

static inline void bank_double(struct month *m, struct month_car *car, struct month_deal *deal)
{
    struct bank_line line = bank_payment(car, deal);
    struct planted planted = bank_fault(m, car, deal, "paid twice");

    bank_line(m, car->channel, &line);
    line.at_ms += 14000;
    line.transaction[0] = '7';
    if (seeded_below(&m->random, 2)) /* another try has a number of its own */
        strcat(line.order, "R");
    bank_line(m, car->channel, &line);
    planted.class = DIFFERENCE_DUPLICATE;
    planted.here_fen = MATCHING_NO_AMOUNT;
    strcpy(planted.other, line.order);
    if (seeded_below(&m->random, 3) == 0) {
        line.at_ms += 300000;
        line.back = true;
        snprintf(line.refund, sizeof line.refund, "RD%.30s", line.transaction);
        bank_line(m, car->channel, &line);
        planted.closes = planted.day;
    }
    bank_plant(m, &planted);
}

static inline void bank_date_later(struct month *m, struct month_car *car, struct month_deal *deal)
{
    struct bank_line line = bank_payment(car, deal);
    struct planted planted = bank_fault(m, car, deal, "settled the next day");

    line.at_ms = m->begin_ms + (int64_t)(planted.day + 1) * DAY_MS + 3000;
    bank_line(m, car->channel, &line);
    planted.class = DIFFERENCE_LATE;
    planted.closes = planted.day + 1;
    planted.there_before_fen = MATCHING_NO_AMOUNT;
    bank_plant(m, &planted);
}

/* WeChat states a rate, and what its account did. */
static inline int64_t bank_fee(int64_t fen)
{
    return (fen * 6 + 500) / 1000;
}

static inline void bank_overcharge(struct month *m, struct month_car *car, struct month_deal *deal)
{
    struct bank_line line = bank_payment(car, deal);
    struct planted planted = bank_fault(m, car, deal, "another fee");

    line.fee_more_fen = 1 + (int64_t)seeded_below(&m->random, 30);
    bank_line(m, car->channel, &line);
    planted.class = DIFFERENCE_FEE;
    planted.order[0] = '\0';
    planted.here_fen = bank_fee(deal->fen);
    planted.there_fen = planted.there_before_fen = planted.here_fen + line.fee_more_fen;
    planted.at_risk_fen = line.fee_more_fen;
    bank_plant(m, &planted);
}

static inline void bank_misroute(struct month *m, struct month_car *car, struct month_deal *deal)
{
    struct bank_line line = bank_payment(car, deal);
    struct planted planted = bank_fault(m, car, deal, "the account moved otherwise");

    line.flow_off_fen = seeded_below(&m->random, 2) ? 1 : -50;
    bank_line(m, car->channel, &line);
    planted.class = DIFFERENCE_SETTLEMENT;
    planted.order[0] = '\0';
    planted.here_fen = deal->fen - bank_fee(deal->fen);
    planted.there_fen = planted.there_before_fen = planted.here_fen + line.flow_off_fen;
    planted.at_risk_fen = llabs(line.flow_off_fen);
    bank_plant(m, &planted);
}

/* On these days WeChat's bill has its older layout, which tells of no coupons. */
static inline bool bank_is_old(int32_t day)
{
    return day % 5 == 4;
}

/* A coupon of the channel's: it pays a part, and nothing differs. */
static inline void bank_coupon(struct month *m, struct month_car *car, struct month_deal *deal)
{
    struct bank_line line = bank_payment(car, deal);

    bool told = car->channel == CHANNEL_ALIPAY ||
                (car->channel == CHANNEL_WECHAT && !bank_is_old(month_day_of(m, deal->at_ms)));

    line.coupon_fen = told && deal->fen > 200 ? 100 : 0;
    bank_line(m, car->channel, &line);
}

static inline bool bank_is_clear(const struct month *m, int64_t at_ms)
{
    int32_t second = month_second_of(m, at_ms);

    return second >= BANK_CLEAR_S && second < CIVIL_DAY_S - BANK_CLEAR_S;
}

/* What becomes of a payment at its channel. True: the gateway does not hear of it. */
static inline bool month_bank_pay(struct month *m, struct month_car *car, struct month_deal deal)
{
    static const struct {
        uint32_t below; /* of 1,000 */
        bool wechat, agrees;
        void (*plant)(struct month *m, struct month_car *car, struct month_deal *deal);
    } faults[] = {
        {5, false, false, bank_forge},   {10, false, false, bank_misprice},
        {17, false, true, bank_double},  {22, true, true, bank_overcharge},
        {27, true, true, bank_misroute}, {37, false, true, bank_coupon},
    };
    uint32_t dice = month_below(m, 1000);
    bool edge = month_second_of(m, deal.at_ms) >= CIVIL_DAY_S - BANK_EDGE_S;
    size_t which = 0, count = sizeof faults / sizeof *faults;
    struct bank_line line = bank_payment(car, &deal);
    int32_t day = month_day_of(m, deal.at_ms);

    while (which < count && dice >= faults[which].below)
        which++;
    car->planted = true;
    if (edge && dice < 500) {
        bank_date_later(m, car, &deal);
    } else if (bank_is_clear(m, deal.at_ms) && dice >= 990 && deal.when == PAID_AT_EXIT) {
        return bank_lose(m, car, &deal);
    } else if (bank_is_clear(m, deal.at_ms) && which < count &&
               (!faults[which].wechat || car->channel == CHANNEL_WECHAT)) {
        faults[which].plant(m, car, &deal);
        m->bank->agreed_fen[day] += faults[which].agrees ? deal.fen : 0;
    } else {
        car->planted = false;
        bank_line(m, car->channel, &line);
        m->bank->agreed_fen[day] += deal.fen;
    }
    return false;
}

/* What becomes of a refund. True: it was made in the merchant's back office, without the gateway.
 */
static inline bool month_bank_refund(struct month *m, struct month_car *car, int64_t at_ms,
                                     uint32_t number)
{
    struct month_deal deal = {.at_ms = at_ms, .fen = car->paid_fen};
    uint32_t dice = month_below(m, 100);
    bool edge = month_second_of(m, at_ms) >= CIVIL_DAY_S - BANK_EDGE_S;
    bool known = month_day_of(m, car->paid_ms) + MATCHING_DAYS_BEFORE >= month_day_of(m, at_ms);
    struct bank_line line = {.at_ms = at_ms, .fen = car->paid_fen, .back = true};
    struct planted planted = bank_fault(m, car, &deal, "");

    month_name(line.order, 'O', car->payment);
    month_transaction(car->payment, line.transaction);
    month_name(line.refund, 'R', number);
    strcpy(planted.order, line.order);
    strcpy(planted.other, line.order);
    if (edge && dice < 50) {
        planted.fault = "refunded the next day";
        planted.class = DIFFERENCE_LATE;
        planted.there_before_fen = MATCHING_NO_AMOUNT;
        planted.closes = planted.day + 1;
        line.at_ms = m->begin_ms + (int64_t)(planted.day + 1) * DAY_MS + 3000;
    } else if (!bank_is_clear(m, at_ms) || dice >= 60) {
        bank_line(m, car->channel, &line);
        return false;
    } else if (dice < 20) {
        planted.fault = "never refunded";
        planted.class = DIFFERENCE_REFUND_MISSING;
        planted.there_fen = planted.there_before_fen = MATCHING_NO_AMOUNT;
        planted.other[0] = '\0';
        line.failed = true;
    } else if (dice < 35) {
        planted.fault = "another amount refunded";
        planted.class = DIFFERENCE_AMOUNT_MISMATCH;
        planted.there_fen = planted.there_before_fen = --line.fen;
        planted.at_risk_fen = 1;
    } else {
        planted.fault = "refunded without us";
        planted.class = known ? DIFFERENCE_STATUS_MISMATCH : DIFFERENCE_REFUND_UNKNOWN;
        planted.here_fen = known ? 0 : MATCHING_NO_AMOUNT;
        if (!known)
            planted.order[0] = '\0';
    }
    if (month_day_of(m, car->paid_ms) == planted.day && planted.closes == BANK_NEVER)
        m->bank->agreed_fen[planted.day] -= car->paid_fen;
    if (!line.failed || car->channel == CHANNEL_WECHAT) /* Alipay does not tell of what failed */
        bank_line(m, car->channel, &line);
    bank_plant(m, &planted);
    return dice >= 35 && !(edge && dice < 50);
}

/* Money of others in our account, and what was given back for orders that nobody knows. */
static inline void month_bank_strangers(struct month *m, int32_t day)
{
    for (uint32_t count = month_below(m, 4); count; count--) {
        enum pay_channel channel = (enum pay_channel)(CHANNEL_WECHAT + month_below(m, 3));
        bool back = month_below(m, 2);
        struct bank_line line = {.at_ms = m->begin_ms + (int64_t)day * DAY_MS +
                                          seeded_between(&m->random, HOUR_MS, 23 * HOUR_MS),
                                 .fen = 100 + month_below(m, 3000),
                                 .back = back};
        struct planted planted = {
            .fault = back ? "refund of an unknown order" : "money of an unknown order",
            .day = day,
            .closes = BANK_NEVER,
            .class = back ? DIFFERENCE_REFUND_UNKNOWN : DIFFERENCE_CHANNEL_ONLY,
            .channel = words_name(&pay_channel_words, (int)channel),
            .here_fen = MATCHING_NO_AMOUNT,
            .there_before_fen = line.fen,
            .there_fen = line.fen,
            .at_risk_fen = line.fen};

        sprintf(line.order, "X%09u", ++m->bank->strangers);
        sprintf(line.transaction, "9%011u", m->bank->strangers);
        if (back)
            sprintf(line.refund, "XR%08u", m->bank->strangers);
        strcpy(planted.other, line.order);
        bank_line(m, channel, &line);
        bank_plant(m, &planted);
    }
}

/* How far the cash that is counted is from what it should be. */
static inline int64_t month_bank_count(struct month *m, const struct record_shift *shift,
                                       int64_t at_ms)
{
    uint32_t dice = month_below(m, 100);
    int64_t apart = dice < 10 ? 100 : dice < 22 ? -50 : 0;
    int64_t system_fen = shift->expected_fen - shift->float_fen;
    struct planted planted = {.fault = "drawer miscounted",
                              .day = month_day_of(m, at_ms),
                              .closes = BANK_NEVER,
                              .class = apart > 0 ? DIFFERENCE_CASH_OVER : DIFFERENCE_CASH_SHORT,
                              .channel = "cash",
                              .here_fen = system_fen,
                              .there_before_fen = system_fen + apart,
                              .there_fen = system_fen + apart,
                              .at_risk_fen = llabs(apart)};

    strcpy(planted.order, shift->cashier);
    strcpy(planted.other, shift->shift);
    if (apart)
        bank_plant(m, &planted);
    return apart;
}

#endif
