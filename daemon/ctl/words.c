/* Words and their widths. See words.h. */
#include "daemon/ctl/words.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *english, *chinese;
} table[] = {
    {"Lot", "停车场"},
    {"Zone", "区域"},
    {"Bay", "车位"},
    {"Name", "名称"},
    {"Free", "空闲"},
    {"Occupied", "占用"},
    {"Unknown", "未知"},
    {"Out", "停用"},
    {"Capacity", "总数"},
    {"Quality", "数据质量"},
    {"State", "状态"},
    {"Since", "自"},
    {"Reason", "原因"},
    {"Class", "类别"},
    {"Suspect", "可疑"},
    {"Device", "设备"},
    {"Bus", "总线"},
    {"Bays", "车位"},
    {"Last answer", "最近应答"},
    {"Answers", "应答"},
    {"Timeouts", "超时"},
    {"Errors", "错误"},
    {"Trouble", "故障"},
    {"Asked", "指令"},
    {"Battery", "电池"},
    {"Radio", "信号"},
    {"silent", "长时间未收到；检查电池和网关"},
    {"device_fault", "传感器自报故障；现场查看，不恢复则更换"},
    {"battery_critical", "电池即将耗尽；立即更换传感器或电池"},
    {"battery_low", "电池电量低；安排更换"},
    {"server_refuses", "网络服务器拒收其报文；在服务器上检查密钥和帧计数"},
    {"frames_refused", "多数报文无法解析；检查驱动和版本配置"},
    {"tilted", "传感器倾斜；重新安装"},
    {"restarts", "今日多次重启；检查电池"},
    {"joins", "今日多次重新入网；检查电池和信号"},
    {"messages_missing", "报文丢失较多；增加网关或调整天线"},
    {"mirrors_neighbour", "总与相邻车位同时变化；确认它感应的是哪辆车"},
    {"weak_radio", "信号弱；增加网关或调整天线"},
    {"Camera", "相机"},
    {"Heard", "最近消息"},
    {"Reads", "识别"},
    {"Stored", "补传"},
    {"Late", "迟到"},
    {"Refused", "拒收"},
    {"Lag", "时差"},
    {"Kept", "存图"},
    {"Dropped", "弃图"},
    {"List", "名单"},
    {"camera_silent", "无消息；检查电源、网络和相机的服务器地址"},
    {"camera_refused", "报文无法解析；检查配置中的品牌和序列号"},
    {"camera_clock", "相机时钟偏差；设置校时服务器"},
    {"camera_photos", "图片未保存；检查磁盘空间和相机的图片设置"},
    {"camera_list", "名单下发失败；检查相机的用户名、密码和名单权限"},
    {"Uplink", "平台"},
    {"Order", "指令号"},
    {"Act", "指令"},
    {"Subject", "对象"},
    {"Actor", "操作人"},
    {"Why", "说明"},
    {"Verdict", "结果"},
    {"Connected", "连接"},
    {"Delivered", "已送达"},
    {"Pending", "待发送"},
    {"Set aside", "已搁置"},
    {"Check", "检查"},
    {"Result", "结果"},
    {"Record", "记录"},
    {"Attempts", "次数"},
    {"Rule", "规则"},
    {"What", "内容"},
    {"free", "空闲"},
    {"occupied", "占用"},
    {"unknown", "未知"},
    {"out_of_service", "停用"},
    {"good", "良好"},
    {"partial", "部分"},
    {"online", "正常"},
    {"offline", "无应答"},
    {"new", "尚未应答"},
    {"yes", "是"},
    {"no", "否"},
    {"ok", "正常"},
    {"NOT OK", "异常"},
    {"bus", "总线"},
    {"devices", "设备"},
    {"store", "存储"},
    {"uplink", "平台"},
    {"reading", "传感器"},
    {"silence", "无应答"},
    {"fault", "传感器故障"},
    {"operator", "人工"},
    {"suspicion", "可疑"},
    {"ordinary", "普通"},
    {"accessible", "无障碍"},
    {"charging", "充电"},
    {"reserved", "专用"},
    {"timeout", "应答超时"},
    {"retry", "重试"},
    {"dead", "已搁置"},
    {"flapping", "频繁跳变"},
    {"bay_flapping", "频繁跳变；查看停车位置，重新校准，仍不行则更换"},
    {"stuck_occupied", "长时间占用"},
    {"bay_stuck_occupied", "长时间占用；现场查看，若车位为空则重新校准"},
    {"stuck_free", "长时间空闲"},
    {"bay_stuck_free", "长时间空闲；用车试验，不变化则更换"},
    {"bay", "车位"},
    {"vacancy", "空位"},
    {"device", "设备"},
    {"Count", "笔数"},
    {"Open", "未结"},
    {"Amount", "金额"},
    {"At risk", "风险金额"},
    {"matched", "一致"},
    {"all differences", "差异合计"},
    {"channel_only", "长款"},
    {"gateway_only", "短款"},
    {"late_next_day", "跨日"},
    {"amount_mismatch", "金额不符"},
    {"status_mismatch", "状态不符"},
    {"duplicate_payment", "重复支付"},
    {"refund_unknown", "未知退款"},
    {"refund_missing", "退款缺失"},
    {"fee_difference", "手续费差异"},
    {"settlement_difference", "结算差异"},
    {"cash_over", "现金长款"},
    {"cash_short", "现金短款"},
    {"Channel", "渠道"},
    {"Order", "订单"},
    {"At channel", "渠道订单"},
    {"Here", "本方"},
    {"There", "渠道方"},
    {"Days", "天数"},
    {"What to do", "处理"},
    {"Receivable", "应结"},
    {"Refunds", "退款"},
    {"Fee", "手续费"},
    {"Expected settlement", "应到账"},
    {"Account", "实际到账"},
    {"Operator", "收费员"},
    {"Shift", "班次"},
    {"Orders", "订单"},
    {"System", "系统金额"},
    {"Counted", "清点"},
    {"wechat", "微信"},
    {"alipay", "支付宝"},
    {"cash", "现金"},
    {"orders of channels without a statement", "没有账单的渠道订单"},
    {"book it to a stay, or refund it", "补记到停车订单或退款"},
    {"refund it: the stay is paid", "该停车已支付,请退款"},
    {"refund it: the order is paid", "该订单已支付,请退款"},
    {"paid at the channel, not here: book it", "渠道已收款,请补记"},
    {"the channel has refunded it", "渠道已退款"},
    {"at the edge of the day: look at the neighbouring bill", "日切附近,请查次日账单"},
    {"no money came: reverse it to unpaid", "未到账,请冲回为未支付"},
    {"compare the order's amount with the trace of its price", "核对订单金额与计费过程"},
    {"in the bill of the neighbouring day", "在相邻日账单中"},
    {"given back without us: book the refund", "渠道已退款,请补记退款"},
    {"paid here, refunded at the channel: book the refund", "渠道已退款,请补记退款"},
    {"the refunds differ: compare both", "退款金额不符,请核对"},
    {"refunded in the bill of a neighbouring day", "在相邻日账单中退款"},
    {"the channel gave nothing back: refund it there", "渠道未退款,请在渠道退款"},
    {"the fee is not rate times amount: ask the channel", "手续费与费率不符,请询渠道"},
    {"the account did not move as the bill says: ask the channel", "账户变动与账单不符,请询渠道"},
    {"count again, then the supervisor signs", "复点后由主管签字"},
    {"the shift was not counted: count it", "该班次未清点"},
    {"Accepted by platforms", "平台已收"},
    {"Bay stops", "泊位停放"},
    {"Between", "核对项"},
    {"By a person", "人工开闸"},
    {"By other causes", "其他开闸"},
    {"Cashier", "收费员"},
    {"Cause", "原因"},
    {"Change", "更正项"},
    {"Closed", "交班"},
    {"Day", "日期"},
    {"Denominations", "面额"},
    {"Detail", "详情"},
    {"Difference", "差异编号"},
    {"Due to them", "应上传"},
    {"Entries", "驶入"},
    {"Exits", "驶出"},
    {"Expected", "应有"},
    {"Finding", "问题"},
    {"Float", "备用金"},
    {"Is", "更正后"},
    {"Lane", "车道"},
    {"Left", "离场"},
    {"Opened by decision", "系统放行"},
    {"Over or short", "长短款"},
    {"Owes", "欠费"},
    {"Payable", "应付"},
    {"Payments", "收款笔数"},
    {"Plate", "车牌"},
    {"Received", "实收"},
    {"Stay", "停车记录"},
    {"Stays begun", "新增停车"},
    {"Stays ended", "结束停车"},
    {"Tailgates", "跟车"},
    {"Time", "时间"},
    {"Transaction", "渠道单号"},
    {"Unasked", "原因不明"},
    {"Was", "更正前"},
    {"Who", "操作人"},
    {"Witness", "监交人"},
    {"recorded as new", "新记录差异"},
    {"as changed", "更新"},
    {"resolved", "已处理"},
    {"auto_resolved", "自动了结"},
    {"open", "未关闭"},
    {"exit without an entry", "有出无入"},
    {"found no more", "不再出现"},
    {"left without money", "离场未付"},
    {"made", "生成"},
    {"money for a stay that nobody opened", "无停车记录的款项"},
    {"more received than payable", "多收"},
    {"opened by a person", "人工开闸"},
    {"opened, and nobody passed", "开闸未通行"},
    {"opening that nobody asked for", "原因不明的开闸"},
    {"order paid twice", "重复支付"},
    {"orders-stays", "订单–停车"},
    {"passage without a stay", "通行无停车记录"},
    {"passages-openings", "通行–开闸"},
    {"payment without order", "支付无订单"},
    {"payments-orders", "支付–订单"},
    {"stay ended by hand", "人工结束"},
    {"stay that no sensor saw", "地磁未检测到的停车"},
    {"stays-bays", "停车–泊位"},
    {"stays-passages", "停车–通行"},
    {"stop on a bay without a stay", "泊位占用无停车记录"},
    {"tailgate", "跟车"},
    {"uploads", "平台上传"},
    {"it gives back what no order waited for", "退回无订单款项"},
    {"the amounts differ: compare both", "金额不符：核对双方"},
    {"platform", "平台指令"},
    {"held", "常开"},
    {"evacuation", "疏散"},
    {"camera_list", "相机名单"},
    {"button", "按钮"},
    {"unasked", "原因不明"},
    {"plate", "车牌"},
    {"class", "车型"},
    {"entry", "入场时间"},
    {"kind", "类型"},
    {"merged", "合并"},
    {"reverted", "撤销出场"},
    {"frozen", "停止计费"},
    {"parked", "泊位确认"},
    {"released", "人工放行"},
    {"void", "作废"},
    {"day", "停车日报"},
    {"month", "停车月报"},
    {"lot", "分场报表"},
    {"provisional", "暂估"},
    {"Site", "全场"},
    {"Rank", "名次"},
    {"Database", "数据库"},
    {"Mark", "得分"},
};

bool words_language(const char *name, enum words_language *ret)
{
    bool chinese = strncmp(name, "zh", 2) == 0;

    if (!chinese && strncmp(name, "en", 2) != 0)
        return false;
    *ret = chinese ? WORDS_CHINESE : WORDS_ENGLISH;
    return true;
}

enum words_language words_of_environment(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    enum words_language language = WORDS_ENGLISH;

    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        const char *value = getenv(variables[i]);

        if (!value || !*value)
            continue;
        words_language(value, &language);
        break;
    }
    return language;
}

const char *words_in(enum words_language language, const char *english)
{
    if (language == WORDS_ENGLISH)
        return english;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (strcmp(table[i].english, english) == 0)
            return table[i].chinese;
    }
    return english;
}

/* Unicode 15, EastAsianWidth.txt: the blocks whose characters are W or F. */
static bool is_wide(uint32_t character)
{
    static const struct {
        uint32_t from, to;
    } wide[] = {{0x1100, 0x115F}, {0x2E80, 0x303E},   {0x3041, 0xA4CF},  {0xA960, 0xA97F},
                {0xAC00, 0xD7A3}, {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},  {0xFF00, 0xFF60},
                {0xFFE0, 0xFFE6}, {0x1F300, 0x1FAFF}, {0x20000, 0x3FFFD}};

    for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++) {
        if (character >= wide[i].from && character <= wide[i].to)
            return true;
    }
    return false;
}

size_t words_width(const char *text)
{
    size_t width = 0;

    for (const unsigned char *at = (const unsigned char *)text; *at;) {
        uint32_t character = *at < 0x80   ? *at
                             : *at < 0xE0 ? *at & 0x1F
                             : *at < 0xF0 ? *at & 0x0F
                                          : *at & 0x07;
        for (at++; (*at & 0xC0) == 0x80; at++)
            character = character << 6 | (*at & 0x3F);
        width += is_wide(character) ? 2 : 1;
    }
    return width;
}

char *words_clean(char *text)
{
    for (char *at = text; *at; at++) {
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            *at = '?';
    }
    return text;
}
