/*
 * The statements of WeChat Pay and Alipay. See layout.h. Sources: pay.weixin.qq.com,
 * docs/merchant/products/bill-download/format-trade.html and format-fundflow; for Alipay the header
 * lines of downloaded statements. WeChat's older layout of 24 columns names the order's amount
 * 总金额; it knew no settled amount of its own.
 */
#include "daemon/reconcile/layout.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const char china_time[] = "YYYY-MM-DD hh:mm:ss";

static const struct layout_column wechat_columns[] = {
    {FIELD_TIME, true, {"交易时间"}},
    {FIELD_ORDER, true, {"商户订单号"}},
    {FIELD_TRANSACTION, true, {"微信订单号"}},
    {FIELD_KIND, true, {"交易状态"}},
    {FIELD_CURRENCY, true, {"货币种类"}},
    {FIELD_SETTLED, true, {"应结订单金额", "总金额"}},
    {FIELD_AMOUNT, false, {"订单金额"}},
    {FIELD_COUPON, false, {"代金券金额", "代金券或立减优惠金额"}},
    {FIELD_REFUND, false, {"商户退款单号"}},
    {FIELD_REFUND_SETTLED, false, {"退款金额"}},
    {FIELD_REFUND_AMOUNT, false, {"申请退款金额"}},
    {FIELD_REFUND_COUPON, false, {"充值券退款金额", "代金券或立减优惠退款金额"}},
    {FIELD_REFUND_STATE, false, {"退款状态"}},
    {FIELD_FEE, true, {"手续费"}},
    {FIELD_RATE, false, {"费率"}},
};
static const struct layout_word wechat_words[] = {
    {FIELD_KIND, "SUCCESS", LINE_PAYMENT},
    {FIELD_KIND, "REFUND", LINE_REFUND},
    {FIELD_KIND, "REVOKED", LINE_REFUND},
    {FIELD_REFUND_STATE, "", LINE_REFUND},
    {FIELD_REFUND_STATE, "SUCCESS", LINE_REFUND},
    {FIELD_REFUND_STATE, "PROCESSING", LINE_REFUND},
    {FIELD_REFUND_STATE, "FAIL", LINE_REFUND_FAILED},
    {FIELD_REFUND_STATE, "CHANGE", LINE_REFUND_FAILED},
    {FIELD_REFUND_STATE, "CLOSED", LINE_REFUND_FAILED},
    {FIELD_REFUND_STATE, "REFUNDCLOSE", LINE_REFUND_FAILED},
    {FIELD_REFUND_STATE, "ABNORMAL", LINE_REFUND_FAILED},
};
static const struct layout_total wechat_totals[] = {
    {"总交易单数", LINE_ANY, FIELD_COUNT, true},
    {"应结订单总金额", LINE_ANY, FIELD_SETTLED, false},
    {"总交易额", LINE_ANY, FIELD_SETTLED, false},
    {"退款总金额", LINE_ANY, FIELD_REFUND_SETTLED, false},
    {"总退款金额", LINE_ANY, FIELD_REFUND_SETTLED, false},
    {"充值券退款总金额", LINE_ANY, FIELD_REFUND_COUPON, false},
    {"总代金券或立减优惠退款金额", LINE_ANY, FIELD_REFUND_COUPON, false},
    {"手续费总金额", LINE_ANY, FIELD_FEE, true},
    {"订单总金额", LINE_ANY, FIELD_AMOUNT, false},
    {"申请退款总金额", LINE_ANY, FIELD_REFUND_AMOUNT, false},
};

static const struct layout_column flow_columns[] = {
    {FIELD_TIME, true, {"记账时间"}},       {FIELD_TRANSACTION, true, {"微信支付业务单号"}},
    {FIELD_REFUND, true, {"资金流水单号"}}, {FIELD_BUSINESS, true, {"业务类型"}},
    {FIELD_KIND, true, {"收支类型"}},       {FIELD_AMOUNT, true, {"收支金额(元)"}},
    {FIELD_NET, true, {"账户结余(元)"}},    {FIELD_ORDER, false, {"业务凭证号"}},
};
static const struct layout_word flow_words[] = {
    {FIELD_KIND, "收入", LINE_IN},
    {FIELD_KIND, "支出", LINE_OUT},
};
static const char *const flow_business[] = {"交易", "退款", "扣除交易手续费", "返还交易手续费",
                                            NULL};
static const struct layout_total flow_totals[] = {
    {"资金流水总笔数", LINE_ANY, FIELD_COUNT, true},
    {"收入笔数", LINE_BIT(LINE_IN), FIELD_COUNT, false},
    {"收入金额", LINE_BIT(LINE_IN), FIELD_AMOUNT, true},
    {"支出笔数", LINE_BIT(LINE_OUT), FIELD_COUNT, false},
    {"支出金额", LINE_BIT(LINE_OUT), FIELD_AMOUNT, true},
};

static const struct layout_column alipay_columns[] = {
    {FIELD_TRANSACTION, true, {"支付宝交易号"}},
    {FIELD_ORDER, true, {"商户订单号"}},
    {FIELD_KIND, true, {"业务类型"}},
    {FIELD_TIME, true, {"完成时间"}},
    {FIELD_AMOUNT, true, {"订单金额(元)"}},
    {FIELD_SETTLED, true, {"商家实收(元)"}},
    {FIELD_COUPON, false, {"支付宝优惠(元)"}},
    {FIELD_DISCOUNT, true, {"商家优惠(元)"}},
    {FIELD_REFUND, true, {"退款批次号/请求号"}},
    {FIELD_FEE, true, {"服务费(元)"}},
};
static const struct layout_word alipay_words[] = {
    {FIELD_KIND, "交易", LINE_PAYMENT},
    {FIELD_KIND, "退款", LINE_REFUND},
};
static const struct layout_total alipay_totals[] = {
    {"#交易合计/", LINE_BIT(LINE_PAYMENT), FIELD_COUNT, true},
    {"#交易合计/商家实收", LINE_BIT(LINE_PAYMENT), FIELD_SETTLED, true},
    {"#交易合计/商家优惠", LINE_BIT(LINE_PAYMENT), FIELD_DISCOUNT, true},
    {"#退款合计/", LINE_BIT(LINE_REFUND), FIELD_COUNT, true},
    {"#退款合计/商家实收退款", LINE_BIT(LINE_REFUND), FIELD_SETTLED, true},
    {"#退款合计/商家优惠退款", LINE_BIT(LINE_REFUND), FIELD_DISCOUNT, true},
};

static const struct layout_column summary_columns[] = {
    {FIELD_STORE, true, {"门店编号"}},
    {FIELD_PAID_COUNT, true, {"交易订单总笔数"}},
    {FIELD_REFUND_COUNT, true, {"退款订单总笔数"}},
    {FIELD_AMOUNT, true, {"订单金额(元)"}},
    {FIELD_SETTLED, true, {"商家实收(元)"}},
    {FIELD_COUPON, false, {"支付宝优惠(元)"}},
    {FIELD_DISCOUNT, true, {"商家优惠(元)"}},
    {FIELD_FEE, true, {"服务费(元)"}},
    {FIELD_NET, true, {"实收净额(元)"}},
};

static const struct layout layouts[] = {
    {
        .id = "wechat-trade",
        .channel = "wechat",
        .sort = LAYOUT_TRADES,
        .time = china_time,
        .currency = "CNY",
        .places = 2,
        .columns = wechat_columns,
        .columns_count = COUNT(wechat_columns),
        .words = wechat_words,
        .words_count = COUNT(wechat_words),
        .totals_form = LAYOUT_TOTALS_HEADED,
        .totals = wechat_totals,
        .totals_count = COUNT(wechat_totals),
        .rate_on_refunds = true,
    },
    {
        .id = "wechat-flow",
        .channel = "wechat",
        .sort = LAYOUT_FLOWS,
        .time = china_time,
        .places = 2,
        .columns = flow_columns,
        .columns_count = COUNT(flow_columns),
        .words = flow_words,
        .words_count = COUNT(flow_words),
        .business = flow_business,
        .totals_form = LAYOUT_TOTALS_HEADED,
        .totals = flow_totals,
        .totals_count = COUNT(flow_totals),
    },
    {
        .id = "alipay-detail",
        .channel = "alipay",
        .sort = LAYOUT_TRADES,
        .time = china_time,
        .places = 2,
        .columns = alipay_columns,
        .columns_count = COUNT(alipay_columns),
        .words = alipay_words,
        .words_count = COUNT(alipay_words),
        .totals_form = LAYOUT_TOTALS_HASH,
        .totals = alipay_totals,
        .totals_count = COUNT(alipay_totals),
        .last = "业务明细列表结束",
    },
    {
        .id = "alipay-summary",
        .channel = "alipay",
        .sort = LAYOUT_SUMMARY,
        .places = 2,
        .columns = summary_columns,
        .columns_count = COUNT(summary_columns),
        .totals_form = LAYOUT_TOTALS_ROW,
        .totals_word = "合计",
        .last = "业务汇总列表结束",
    },
};

const struct layout *layout_at(size_t index)
{
    return index < COUNT(layouts) ? &layouts[index] : NULL;
}

const char *layout_no_bill(const char *text)
{
    static const struct {
        const char *word, *channel;
    } answers[] = {
        {"NO_STATEMENT_EXIST", "wechat"}, {"No Bill Exist", "wechat"},  {"NO_BILL_DATA", "wechat"},
        {"BILL_NOT_EXIST", "alipay"},     {"bill_not_exist", "alipay"},
    };

    for (size_t i = 0; i < COUNT(answers); i++)
        if (strstr(text, answers[i].word))
            return answers[i].channel;
    return NULL;
}
