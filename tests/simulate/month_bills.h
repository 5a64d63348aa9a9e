/*
 * The statements of the simulated channels, day by day, in the forms that they are downloaded in:
 * WeChat's trade bill (each fifth day in its older layout) and fund flow, Alipay's detail (every
 * other day in GBK), and a table of UnionPay's that a column map describes. Made from what the bank
 * holds (month_bank.h); formats from the published pages named in daemon/reconcile/layouts.c.
 */
/* long: four forms of one thing are read side by side */
#ifndef TESTS_MONTH_BILLS_H
#define TESTS_MONTH_BILLS_H

#include <inttypes.h>
#include <stdarg.h>

#include "daemon/base/charset.h"
#include "tests/simulate/month_bank.h"

/* A text that grows. */
struct sheet {
    char *bytes;
    size_t used, room;
};

static inline void sheet_add(struct sheet *sheet, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static inline void sheet_add(struct sheet *sheet, const char *format, ...)
{
    va_list args;

    if (sheet->room < sheet->used + 2048) {
        sheet->room = 2 * sheet->room + 65536;
        sheet->bytes = memory_grow(sheet->bytes, sheet->room, 1);
    }
    va_start(args, format);
    sheet->used += (size_t)vsnprintf(sheet->bytes + sheet->used, 2048, format, args);
    va_end(args);
}

/* "12.05" of fen. Several at once in one call. */
static inline const char *yuan(char ret[24], int64_t fen)
{
    snprintf(ret, 24, "%s%" PRId64 ".%02d", fen < 0 ? "-" : "", (int64_t)llabs(fen) / 100,
             (int)(llabs(fen) % 100));
    return ret;
}
#define YUAN(fen) yuan((char[24]){0}, fen)

static inline const char *bill_time(const struct month *m, char ret[32], int64_t at_ms)
{
    char day[CIVIL_DATE_TEXT];
    int32_t second = month_second_of(m, at_ms);
    int32_t first = (int32_t)((m->begin_ms + ZONE_MS) / DAY_MS);

    snprintf(ret, 32, "%s %02d:%02d:%02d", civil_date_text(first + month_day_of(m, at_ms), day),
             second / 3600, second / 60 % 60, second % 60);
    return ret;
}
#define TIME(at_ms) bill_time(m, (char[32]){0}, at_ms)

static inline int64_t bill_settled(const struct bank_line *line)
{
    return line->fen - line->coupon_fen;
}

/* What the channel keeps; of a refund it gives that back. */
static inline int64_t bill_fee(const struct bank_line *line)
{
    int64_t fee = bank_fee(bill_settled(line)) + line->fee_more_fen;

    return line->back ? -fee : fee;
}

static inline struct sheet bill_wechat(const struct month *m, int32_t day)
{
    const struct bank_day *of = &m->bank->days[CHANNEL_WECHAT][day];
    struct sheet out = {NULL};
    int64_t settled = 0, back = 0, fee = 0, paid = 0;

    sheet_add(&out, "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,"
                    "交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,"
                    "商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,"
                    "手续费,费率,订单金额,申请退款金额,费率备注\r\n");
    for (uint32_t i = 0; i < of->count; i++) {
        const struct bank_line *l = &of->lines[i];

        settled += l->back ? 0 : bill_settled(l);
        paid += l->back ? 0 : l->fen;
        back += l->back ? l->fen : 0;
        fee += bill_fee(l);
        sheet_add(&out,
                  "`%s,`wx01,`19,`0,`L1,`%s,`%s,`oU,`NATIVE,`%s,`OTHERS,`CNY,`%s,`%s,`%s%s,`%s,"
                  "`%s,`0.00,`%s,`%s,`停车费,`,`%s000,`0.60%%,`%s,`%s,`\r\n",
                  TIME(l->at_ms), l->transaction, l->order, l->back ? "REFUND" : "SUCCESS",
                  YUAN(l->back ? 0 : bill_settled(l)), YUAN(l->coupon_fen), l->back ? "50" : "0",
                  l->refund, l->back ? l->refund : "0", YUAN(l->back ? l->fen : 0),
                  l->back ? "ORIGINAL" : "",
                  !l->back    ? ""
                  : l->failed ? "FAIL"
                              : "SUCCESS",
                  YUAN(bill_fee(l)), YUAN(l->back ? 0 : l->fen), YUAN(l->back ? l->fen : 0));
    }
    sheet_add(&out, "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,"
                    "申请退款总金额\r\n");
    sheet_add(&out, "`%u,`%s,`%s,`0.00,`%s000,`%s,`%s\r\n", of->count, YUAN(settled), YUAN(back),
              YUAN(fee), YUAN(paid), YUAN(back));
    return out;
}

/* The layout of before: no amounts but the order's own. */
static inline struct sheet bill_wechat_old(const struct month *m, int32_t day)
{
    const struct bank_day *of = &m->bank->days[CHANNEL_WECHAT][day];
    struct sheet out = {NULL};
    int64_t paid = 0, back = 0, fee = 0;

    sheet_add(&out, "交易时间,公众账号ID,商户号,子商户号,设备号,微信订单号,商户订单号,用户标识,"
                    "交易类型,交易状态,付款银行,货币种类,总金额,代金券或立减优惠金额,微信退款单号,"
                    "商户退款单号,退款金额,代金券或立减优惠退款金额,退款类型,退款状态,商品名称,"
                    "商户数据包,手续费,费率\r\n");
    for (uint32_t i = 0; i < of->count; i++) {
        const struct bank_line *l = &of->lines[i];

        paid += l->back ? 0 : l->fen;
        back += l->back ? l->fen : 0;
        fee += bill_fee(l);
        sheet_add(&out,
                  "`%s,`wx01,`19,`0,`L1,`%s,`%s,`oU,`NATIVE,`%s,`OTHERS,`CNY,`%s,`0.0,`%s%s,`%s,"
                  "`%s,`0,`%s,`%s,`停车费,`,`%s000,`0.60%%\r\n",
                  TIME(l->at_ms), l->transaction, l->order, l->back ? "REFUND" : "SUCCESS",
                  YUAN(l->back ? 0 : l->fen), l->back ? "50" : "0", l->refund,
                  l->back ? l->refund : "0", YUAN(l->back ? l->fen : 0), l->back ? "ORIGINAL" : "",
                  !l->back    ? ""
                  : l->failed ? "FAIL"
                              : "SUCCESS",
                  YUAN(bill_fee(l)));
    }
    sheet_add(&out, "总交易单数,总交易额,总退款金额,总代金券或立减优惠退款金额,手续费总金额\r\n");
    sheet_add(&out, "`%u,`%s,`%s,`0.0,`%s000\r\n", of->count, YUAN(paid), YUAN(back), YUAN(fee));
    return out;
}

/* What the account did: each trade, its fee, and money that was drawn. */
static inline struct sheet bill_flow(const struct month *m, int32_t day)
{
    const struct bank_day *of = &m->bank->days[CHANNEL_WECHAT][day];
    int64_t in = 0, gone = 500000;
    uint32_t ins = 0, outs = 1;
    struct sheet out = {NULL};

    sheet_add(&out,
              "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),"
              "账户结余(元),资金变更提交申请人,备注,业务凭证号\r\n");
    for (uint32_t i = 0; i < of->count; i++) {
        const struct bank_line *l = &of->lines[i];
        int64_t moved = (l->back ? -l->fen : bill_settled(l)) - bill_fee(l) + l->flow_off_fen;
        const char *business = l->back ? "退款" : "交易";

        if (l->failed)
            continue;
        *(moved < 0 ? &gone : &in) += llabs(moved);
        (*(moved < 0 ? &outs : &ins))++;
        sheet_add(&out, "`%s,`%s,`F%d%06u,`%s,`%s,`%s,`%s,`0.00,`system,`,`%s\r\n", TIME(l->at_ms),
                  l->transaction, day, i, business, business, moved < 0 ? "支出" : "收入",
                  YUAN(llabs(moved)), l->order);
    }
    sheet_add(&out, "`%s,`w%d,`W%d,`提现,`提现,`支出,`5000.00,`0.00,`boss,`,`\r\n",
              TIME(m->begin_ms + (int64_t)day * DAY_MS + 20 * HOUR_MS), day, day);
    sheet_add(&out, "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\r\n");
    sheet_add(&out, "`%u,`%u,`%s,`%u,`%s\r\n", ins + outs, ins, YUAN(in), outs, YUAN(gone));
    return out;
}

static inline void bill_alipay_head(const struct month *m, int32_t day, struct sheet *out)
{
    int32_t first = (int32_t)((m->begin_ms + ZONE_MS) / DAY_MS) + day;
    struct civil_date from = civil_date(first), to = civil_date(first + 1);

    sheet_add(out,
              "#支付宝业务明细查询\r\n#账号：[20880000000000000156]\r\n#起始日期：[%04d年%02d月"
              "%02d日 00:00:00]   终止日期：[%04d年%02d月%02d日 00:00:00]\r\n"
              "#-----------业务明细列表----------\r\n",
              (int)from.year, (int)from.month, (int)from.day, (int)to.year, (int)to.month,
              (int)to.day);
    sheet_add(
        out, "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,"
             "终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,"
             "支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,"
             "卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注\r\n");
}

static inline struct sheet bill_alipay(const struct month *m, int32_t day)
{
    const struct bank_day *of = &m->bank->days[CHANNEL_ALIPAY][day];
    struct sheet out = {NULL};
    int64_t settled[2] = {0}, discount[2] = {0};
    uint32_t count[2] = {0};

    bill_alipay_head(m, day, &out);
    for (uint32_t i = 0; i < of->count; i++) {
        const struct bank_line *l = &of->lines[i];
        int64_t sign = l->back ? -1 : 1;

        count[l->back]++;
        settled[l->back] += sign * bill_settled(l);
        discount[l->back] += l->coupon_fen;
        sheet_add(&out,
                  "%s\t,\t%s\t,%s,停车费,%s,%s,L1,示例,,,*用户,%s,%s,0.00,0.00,0.00,%s,0.00,,0.00,"
                  "0.00,%s,%s,0.00,\r\n",
                  l->transaction, l->order, l->back ? "退款" : "交易", TIME(l->at_ms),
                  TIME(l->at_ms), YUAN(sign * l->fen), YUAN(sign * bill_settled(l)),
                  YUAN(l->coupon_fen), l->refund, YUAN(-bill_fee(l)));
    }
    sheet_add(&out,
              "#-----------业务明细列表结束---------\r\n#交易合计：%u笔，商家实收共%s元，商家优惠共"
              "%s元\r\n#退款合计：%u笔，商家实收退款共%s元，商家优惠退款共%s元\r\n",
              count[0], YUAN(settled[0]), YUAN(discount[0]), count[1], YUAN(settled[1]),
              YUAN(discount[1]));
    return out;
}

/* As config/statements/unionpay-qr.conf describes it. */
static inline struct sheet bill_unionpay(const struct month *m, int32_t day)
{
    const struct bank_day *of = &m->bank->days[CHANNEL_UNIONPAY][day];
    struct sheet out = {NULL};
    int64_t sum = 0, fee = 0;

    sheet_add(&out, "流水号,商户订单号,交易类型,交易时间,交易金额,清算金额,手续费\r\n");
    for (uint32_t i = 0; i < of->count; i++) {
        const struct bank_line *l = &of->lines[i];
        int64_t fen = l->back ? -l->fen : l->fen;

        sum += fen;
        fee += bill_fee(l);
        sheet_add(&out, "%s,%s,%s,%s,%s,%s,%s\r\n", l->transaction, l->order,
                  !l->back    ? "消费"
                  : l->failed ? "退货失败"
                              : "退货",
                  TIME(l->at_ms), YUAN(fen), YUAN(fen), YUAN(bill_fee(l)));
    }
    sheet_add(&out, "合计,,,,%s,%s,%s\r\n", YUAN(sum), YUAN(sum), YUAN(fee));
    return out;
}

/* As it is downloaded on every other day. */
static inline struct sheet bill_in_gbk(struct sheet sheet)
{
    struct sheet out = {NULL};

    out.bytes = charset_to_gbk(sheet.bytes, sheet.used, &out.used);
    free(sheet.bytes);
    return out;
}

static inline void bill_take(struct bills *bills, const char *name, struct sheet sheet)
{
    struct source_bytes bytes = {.bytes = sheet.bytes, .size = sheet.used};
    struct source source = source_of_bytes(name, &bytes);
    struct err err;

    if (!bills_take_source(bills, &source, &err))
        month_die(err.text);
    free(sheet.bytes);
}

/* All statements of a day; those without a row have none. */
static inline void bills_of_day(const struct month *m, int32_t day, struct bills *bills)
{
    char date[CIVIL_DATE_TEXT], name[64];

    civil_date_text((int32_t)((m->begin_ms + ZONE_MS) / DAY_MS) + day, date);
    snprintf(name, sizeof name, "wechat-%s.csv", date);
    bill_take(bills, name, bank_is_old(day) ? bill_wechat_old(m, day) : bill_wechat(m, day));
    snprintf(name, sizeof name, "flow-%s.csv", date);
    bill_take(bills, name, bill_flow(m, day));
    snprintf(name, sizeof name, "alipay-%s.csv", date);
    bill_take(bills, name, day % 2 ? bill_in_gbk(bill_alipay(m, day)) : bill_alipay(m, day));
    snprintf(name, sizeof name, "unionpay-%s.csv", date);
    bill_take(bills, name, bill_unionpay(m, day));
}

#endif
