/* Labels and values of figures. See report_text.h. */
#include "daemon/ctl/report_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/core/decimal.h"

static const struct {
    const char *key, *english, *chinese;
} labels[] = {
    {"volumes", "Volumes", "流量"},
    {"money", "Money of the stays that ended", "离场停车费用"},
    {"channels", "Money by channel", "分渠道资金"},
    {"balances", "Balances", "余额"},
    {"checks", "Check lines (each is 0)", "核对行（均应为 0）"},
    {"indicators", "Indicators", "指标"},
    {"volumes.entries", "Entries", "驶入"},
    {"volumes.exits", "Exits", "驶出"},
    {"volumes.present_start", "Present at the start", "期初在场"},
    {"volumes.stays_opened", "Stays begun", "新增停车"},
    {"volumes.stays_reopened", "Stays re-opened", "恢复停车"},
    {"volumes.stays_closed", "Stays ended", "结束停车"},
    {"volumes.present_end", "Present at the end", "期末在场"},
    {"volumes.outcomes", "Stays by outcome", "停车结果"},
    {"volumes.passages", "Passages", "通行"},
    {"volumes.openings", "Openings by cause", "开闸原因"},
    {"volumes.command_results", "Commands by result", "指令结果"},
    {"volumes.corrections", "Corrections", "更正"},
    {"volumes.entry_missing", "Entry missing", "缺入场记录"},
    {"volumes.exit_missing", "Exit missing", "缺出场记录"},
    {"volumes.overstayed", "Overstayed", "超时停放"},
    {"volumes.plate_reads", "Plates read", "车牌识别"},
    {"money.receivable", "Receivable", "应收"},
    {"money.relief_pass", "− Relief: passes", "− 减免：月租"},
    {"money.relief_class", "− Relief: vehicle class", "− 减免：车型"},
    {"money.relief_coupon", "− Relief: coupons", "− 减免：优惠券"},
    {"money.relief_other", "− Relief: other", "− 减免：其他"},
    {"money.payable", "= Payable", "= 应付"},
    {"money.settled", "Received until exit", "离场前已收"},
    {"money.overpaid", "Of that, overpaid", "其中多收"},
    {"channels.received_inside", "Received inside", "场内收款"},
    {"channels.received_exit", "Received at the exit", "出口收款"},
    {"channels.received_arrears", "Received for arrears", "欠费补缴"},
    {"channels.received", "Received", "实收"},
    {"channels.refunds", "− Refunds", "− 退款"},
    {"channels.net", "= Net", "= 净收"},
    {"channels.channel_fee", "− Channel fee", "− 渠道手续费"},
    {"channels.expected_settlement", "= Expected settlement", "= 应结算"},
    {"channels.payments", "Payments", "收款笔数"},
    {"channels.refunds_count", "Refunds, number", "退款笔数"},
    {"balances.prepaid_start", "Prepaid at the start", "期初预收"},
    {"balances.prepaid_end", "Prepaid at the end", "期末预收"},
    {"balances.refunds_after_exit", "Refunds after the exit", "离场后退款"},
    {"balances.arrears_start", "Arrears at the start", "期初欠费"},
    {"balances.arrears_opened", "+ Arrears opened", "+ 新增欠费"},
    {"balances.arrears_collected", "− Arrears collected", "− 已补缴"},
    {"balances.arrears_withdrawn", "− Arrears withdrawn", "− 撤销欠费"},
    {"balances.arrears_end", "= Arrears at the end", "= 期末欠费"},
    {"balances.arrears_stays", "Stays that left owing", "欠费离场"},
    {"checks.present", "start + begun + re-opened − ended − end",
     "期初 + 新增 + 恢复 − 结束 − 期末"},
    {"checks.outcomes", "ended − re-opened − outcomes", "结束 − 恢复 − 结果"},
    {"checks.payable", "receivable − relief − payable", "应收 − 减免 − 应付"},
    {"checks.settled", "received + arrears − overpaid − payable", "已收 + 欠费 − 多收 − 应付"},
    {"checks.received", "inside + exit + arrears − received", "场内 + 出口 + 补缴 − 实收"},
    {"checks.prepaid", "prepaid + received − refunds − settled − prepaid",
     "期初预收 + 收款 − 退款 − 离场已收 − 期末预收"},
    {"checks.arrears", "start + opened − collected − withdrawn − end",
     "期初 + 新增 − 补缴 − 撤销 − 期末"},
    {"indicators.turnover", "Turnover, stops a bay and day", "周转率（次/泊位·日）"},
    {"indicators.utilisation", "Utilisation of bays", "泊位利用率"},
    {"indicators.average_stay", "Average stay", "平均停放时长"},
    {"indicators.peak_present", "Most present, of bays", "最高在场/泊位"},
    {"indicators.peak_bays", "Most bays occupied", "最高占用泊位"},
    {"indicators.devices_online", "Devices online", "设备在线率"},
    {"indicators.upload_timely", "Uploaded in time", "上传及时率"},
    {"indicators.upload_complete", "Uploaded", "上传完整率"},
    {"indicators.entry_known", "Stays with an entry", "有入场记录"},
    {"indicators.paid", "Payment rate", "收缴率"},
    {"indicators.arrears", "Arrears rate", "欠费率"},
    {"indicators.shared_bays_open", "Shared bays opened", "错时开放率（泊位）"},
    {"indicators.shared_hours_kept", "Shared hours kept", "错时开放率（时长）"},
    {".total", "total", "合计"},
    {".small", "small", "小型车"},
    {".medium", "medium", "中型车"},
    {".large", "large", "大型车"},
    {".nev", "new energy", "新能源"},
    {".nev_large", "new energy, large", "大型新能源"},
    {".disabled", "disabled driver", "残疾人车辆"},
    {".diesel", "diesel", "柴油车"},
    {".motorcycle", "motorcycle", "摩托车"},
    {".police", "police", "警车"},
    {".military", "military", "军车"},
    {".fire", "fire engine", "消防车"},
    {".ambulance", "ambulance", "救护车"},
    {".rescue", "rescue", "抢险车"},
    {".paid", "paid", "已付"},
    {".free", "free", "免费"},
    {".pass", "pass", "月租"},
    {".exempt", "exempt", "免缴"},
    {".released", "released", "人工放行"},
    {".unpaid", "unpaid", "未付"},
    {".void", "void", "作废"},
    {".ordinary", "ordinary", "正常"},
    {".tailgate", "tailgate", "跟车"},
    {".wrong_way", "wrong way", "逆行"},
    {".offline", "offline", "离线补报"},
    {".counted", "counted", "计数"},
    {".declared", "declared", "人工补录"},
    {".none", "none", "无"},
    {".decision", "decision", "系统放行"},
    {".payment", "payment", "付费放行"},
    {".operator", "operator", "人工开闸"},
    {".platform", "platform", "平台指令"},
    {".held", "held open", "常开"},
    {".evacuation", "evacuation", "疏散"},
    {".camera_list", "camera's own list", "相机名单"},
    {".button", "button", "按钮"},
    {".unasked", "nobody asked", "原因不明"},
    {".safety", "safety", "防砸"},
    {".reopen", "re-opened", "重复开闸"},
    {".test", "test", "测试"},
    {".done", "done", "完成"},
    {".refused", "refused", "拒绝"},
    {".unknown", "unknown", "未知"},
    {".failed", "failed", "失败"},
    {".cancelled", "cancelled", "取消"},
    {".plate", "plate", "车牌"},
    {".class", "class", "车型"},
    {".entry", "entry time", "入场时间"},
    {".kind", "kind", "类型"},
    {".merged", "merged", "合并"},
    {".reverted", "exit reverted", "撤销出场"},
    {".frozen", "frozen", "停止计费"},
    {".parked", "bay known", "泊位确认"},
    {".cash", "cash", "现金"},
    {".wechat", "WeChat Pay", "微信支付"},
    {".alipay", "Alipay", "支付宝"},
    {".unionpay", "UnionPay", "银联"},
    {".etc", "ETC", "ETC"},
    {".card", "bank card", "银行卡"},
    {".wallet", "wallet", "平台钱包"},
    {".other", "other", "其他"},
};

static const char *find(enum words_language language, const char *key)
{
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        if (!strcmp(labels[i].key, key))
            return language == WORDS_CHINESE ? labels[i].chinese : labels[i].english;
    return NULL;
}

const char *report_label(enum words_language language, const char *section, const char *key)
{
    char path[REPORT_VALUE_SIZE];

    snprintf(path, sizeof path, "%s%s%s", section, *key ? "." : "", key);
    const char *label = find(language, path);
    return label ? label : *key ? key : section;
}

const char *report_word(enum words_language language, const char *word)
{
    char path[REPORT_VALUE_SIZE];

    snprintf(path, sizeof path, ".%s", word);
    const char *label = find(language, path);
    return label ? label : word;
}

/* A ratio rounds to a tenth of a percent; the parts stand beside it. */
static void put_ratio(enum figure_unit unit, int64_t of, int64_t in, char ret[REPORT_VALUE_SIZE])
{
    double ratio = in ? (double)of / (double)in : 0;

    if (unit == UNIT_RATIO)
        snprintf(ret, REPORT_VALUE_SIZE, "%.1f %% (%" PRId64 " / %" PRId64 ")", ratio * 100, of,
                 in);
    else if (unit == UNIT_PER_BAY_DAY)
        snprintf(ret, REPORT_VALUE_SIZE, "%.2f (%" PRId64 " / %" PRId64 ")", ratio, of, in);
    else
        snprintf(ret, REPORT_VALUE_SIZE, "%d:%02d h (%" PRId64 " s / %" PRId64 ")",
                 (int)(ratio / 3600), (int)(ratio / 60) % 60, of, in);
}

char *report_value(const struct report_figures *figures, enum figure figure, int word,
                   char ret[REPORT_VALUE_SIZE])
{
    const struct figure_row *row = figure_row(figure);
    const int64_t *values = figures->values[figure];
    int64_t value = word < 0 ? figure_sum(figures, figure) : values[word];

    if (row->unit > UNIT_FEN) {
        if (values[0] == REPORT_UNKNOWN || values[1] == REPORT_UNKNOWN || !values[1])
            strcpy(ret, "-");
        else
            put_ratio(row->unit, values[0], values[1], ret);
    } else if (value == REPORT_UNKNOWN) {
        strcpy(ret, "-");
    } else if (row->unit == UNIT_FEN) {
        decimal_text(value, 2, ret);
    } else {
        snprintf(ret, REPORT_VALUE_SIZE, "%" PRId64, value);
    }
    return ret;
}

bool report_tells(const struct report_figures *const *figures, uint32_t count, enum figure figure,
                  int word)
{
    for (uint32_t i = 0; i < count; i++)
        if (figures[i]->values[figure][word])
            return true;
    return false;
}
